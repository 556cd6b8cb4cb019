/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Finding the matches of a text in one pass over its tokens. A hash table leads from a term (or a stem) to all slots of phrases that
 * it fits; a phrase goes on where its slot before the one at hand fitted at the position before. Time is linear in the text, times
 * the slots that one term fits.
 */
#include "query/match.h"

#include <stdlib.h>

struct place {
    const struct rf_leaf *leaf;
    uint32_t next; /* another place of the same term, lower; 0: none */
    uint32_t slot; /* numbered through all leaves, from 1 */
    bool first, last;
};

struct entry {
    struct rf_bytes key;
    bool stem;
    uint32_t place; /* 0: the entry is free */
};

struct rf_matcher {
    struct rf_language *language;
    struct entry *table;
    size_t mask;
    struct place *places;
    uint32_t place_count, slot_count;
    bool has_stems;
    /* Per slot, for even and odd positions: where it last fitted, and where that phrase starts. */
    uint32_t *fitted[2];
    uint32_t *starts[2];
};

static uint64_t hash(const char *key, size_t n, bool stem)
{
    uint64_t h = 14695981039346656037ull + stem; /* FNV-1a */
    for (size_t i = 0; i < n; i++)
        h = (h ^ (uint8_t)key[i]) * 1099511628211ull;
    return h ^ h >> 32;
}

static struct entry *find(const struct rf_matcher *matcher, const char *key, size_t n, bool stem)
{
    size_t at = hash(key, n, stem) & matcher->mask;
    for (;; at = (at + 1) & matcher->mask) {
        struct entry *entry = &matcher->table[at];
        if (!entry->place || (entry->stem == stem && entry->key.length == n && memcmp(entry->key.data, key, n) == 0))
            return entry;
    }
}

static void add(struct rf_matcher *matcher, const struct rf_leaf *leaf, uint32_t slot_of_leaf, uint32_t slot)
{
    const struct rf_slot *from = &leaf->slots[slot_of_leaf];
    bool stem = leaf->kind == RF_LEAF_STEM;
    size_t prefix = (size_t)stem + leaf->title;
    matcher->has_stems |= stem;
    for (uint32_t k = 0; k < from->key_count; k++) {
        struct entry *entry = find(matcher, from->keys[k].data + prefix, from->keys[k].length - prefix, stem);
        struct place *place = &matcher->places[++matcher->place_count];
        *place = (struct place){leaf, entry->place, slot, slot_of_leaf == 0, slot_of_leaf + 1 == leaf->slot_count};
        entry->key = (struct rf_bytes){from->keys[k].data + prefix, from->keys[k].length - prefix};
        entry->stem = stem;
        entry->place = matcher->place_count;
    }
}

struct rf_matcher *rf_matcher_new(const struct rf_plan *plan, struct rf_language *language, struct rf_arena *arena)
{
    size_t keys = 0, slots = 0, size = 16;
    for (const struct rf_leaf *leaf = plan->leaves; leaf; leaf = leaf->next) {
        for (uint32_t i = 0; leaf->positive && i < leaf->slot_count; i++) {
            keys += leaf->slots[i].key_count;
            slots++;
        }
    }
    while (size < 2 * keys)
        size *= 2;
    struct rf_matcher *matcher = rf_arena_alloc(arena, sizeof *matcher);
    if (!matcher)
        return NULL;
    matcher->language = language;
    matcher->mask = size - 1;
    matcher->table = rf_arena_array(arena, size, sizeof *matcher->table);
    matcher->places = rf_arena_array(arena, keys + 1, sizeof *matcher->places);
    for (unsigned i = 0; i < 2; i++) {
        matcher->fitted[i] = rf_arena_array(arena, slots + 1, sizeof(uint32_t));
        matcher->starts[i] = rf_arena_array(arena, slots + 1, sizeof(uint32_t));
        if (!matcher->fitted[i] || !matcher->starts[i])
            return NULL;
    }
    if (!matcher->table || !matcher->places)
        return NULL;
    for (const struct rf_leaf *leaf = plan->leaves; leaf; leaf = leaf->next)
        for (uint32_t i = 0; leaf->positive && i < leaf->slot_count; i++)
            add(matcher, leaf, i, ++matcher->slot_count);
    return matcher;
}

static bool append(struct rf_matches *matches, const char *text, const struct place *place, const struct rf_token *token,
                   uint32_t start)
{
    if (!rf_grow(matches->allocator, (void **)&matches->list, &matches->capacity, matches->count + 1, sizeof *matches->list))
        return false;
    uint32_t end = token->end;
    if (place->leaf->slots[place->leaf->slot_count - 1].first_character_only) {
        uint32_t c;
        end = (uint32_t)(rf_utf8_next(text + token->start, text + token->end, &c) - text);
    }
    matches->list[matches->count++] = (struct rf_match){start, end, place->leaf};
    return true;
}

/* Goes on with all phrases that the term fits. Positions count from 2, so that 0 is no position, and none before the first. */
static bool fit(struct rf_matcher *matcher, const char *text, const struct rf_token *token, const struct entry *entry,
                uint32_t position, bool in_title, struct rf_matches *matches)
{
    for (uint32_t p = entry->place; p; p = matcher->places[p].next) {
        const struct place *place = &matcher->places[p];
        uint32_t now = position & 1, slot = place->slot, start = token->start;
        if (place->leaf->title && !in_title)
            continue;
        if (!place->first) {
            if (matcher->fitted[!now][slot - 1] != position - 1)
                continue;
            start = matcher->starts[!now][slot - 1];
        }
        if (place->last) {
            if (!append(matches, text, place, token, start))
                return false;
        } else {
            matcher->fitted[now][slot] = position;
            matcher->starts[now][slot] = start;
        }
    }
    return true;
}

static int by_start(const void *a, const void *b)
{
    const struct rf_match *x = a, *y = b;
    if (x->start != y->start)
        return x->start < y->start ? -1 : 1;
    if (x->end != y->end)
        return x->end < y->end ? 1 : -1;
    return (x->leaf->number > y->leaf->number) - (x->leaf->number < y->leaf->number);
}

bool rf_matcher_run(struct rf_matcher *matcher, const char *text, const struct rf_tokens *tokens, bool in_title,
                    struct rf_matches *matches)
{
    uint32_t position = 2;
    matches->count = 0;
    for (unsigned i = 0; i < 2; i++)
        memset(matcher->fitted[i], 0, ((size_t)matcher->slot_count + 1) * sizeof(uint32_t));
    for (size_t i = 0; i < tokens->count; i++) {
        const struct rf_token *token = &tokens->list[i];
        const char *term = rf_token_term(tokens, token), *stem;
        size_t length;
        if (!fit(matcher, text, token, find(matcher, term, token->term_length, false), position, in_title, matches))
            return false;
        if (matcher->has_stems && !(token->flags & RF_TOKEN_CJK)) {
            if (!rf_stem(matcher->language, term, token->term_length, &stem, &length) ||
                !fit(matcher, text, token, find(matcher, stem, length, true), position, in_title, matches))
                return false;
        }
        position += !(token->flags & RF_TOKEN_JOINED);
    }
    if (matches->count)
        qsort(matches->list, matches->count, sizeof *matches->list, by_start);
    return true;
}

riffle_range *rf_matches_merge(const struct rf_matches *matches, uint64_t shift, struct rf_arena *arena, size_t *count)
{
    riffle_range *ranges = rf_arena_array(arena, matches->count + 1, sizeof *ranges);
    size_t kept = 0;
    for (size_t i = 0; ranges && i < matches->count; i++) {
        const struct rf_match *match = &matches->list[i];
        riffle_range *last = kept ? &ranges[kept - 1] : NULL;
        if (last && match->start + shift < last->end)
            last->end = match->end + shift > last->end ? match->end + shift : last->end;
        else
            ranges[kept++] = (riffle_range){match->start + shift, match->end + shift};
    }
    *count = kept;
    return ranges;
}
