/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The leaves of a plan: words, phrases and filters. The rules:
 *
 * - A word searches its stem. What is several words to the index (60-70, wi-fi, U.S.) is the phrase of them, or the joined form where
 *   the index has one (wifi, us), whichever is better. A quoted phrase is its surface forms, without joined ones.
 * - A run of Han, Kana or Hangul is the phrase of its bigrams. The index holds the last character of each run alone too: the phrase
 *   drops it at its own end, where the text may go on, and keeps it elsewhere, where the run has to end. A single character stands
 *   for every term that starts with it.
 */
#include <stdio.h>

#include "query/builder.h"

/* Appends the leaf to the plan's. */
static struct rf_node *finish_leaf(struct rf_builder *b, struct rf_node *node, bool title, bool positive)
{
    struct rf_leaf *leaf = node->leaf;
    if (b->status)
        return NULL;
    leaf->title = title;
    leaf->positive = positive;
    *b->last_leaf = leaf;
    b->last_leaf = &leaf->next;
    leaf->number = b->plan->leaf_count++;
    return node;
}

/* A node with a leaf and slots of one key each, in one piece of memory; `count` slots at most are left: a phrase that passes the limit of
 * words is cut. */
static struct rf_node *new_leaf(struct rf_builder *b, enum rf_leaf_kind kind, size_t count)
{
    struct memory {
        struct rf_node node;
        struct rf_leaf leaf;
        struct rf_slot slots[];
    };
    if (count > RF_QUERY_WORDS - b->slots) {
        b->cut = true;
        count = RF_QUERY_WORDS - b->slots;
    }
    size_t bytes = sizeof(struct memory) + count * (sizeof(struct rf_slot) + sizeof(struct rf_bytes));
    struct memory *memory = count ? rf_builder_array(b, 1, bytes) : NULL;
    if (!memory)
        return NULL;
    struct rf_bytes *keys = (struct rf_bytes *)(void *)(memory->slots + count);
    memory->node.kind = RF_NODE_LEAF;
    memory->node.leaf = &memory->leaf;
    memory->leaf.kind = kind;
    memory->leaf.slot_count = (uint32_t)count;
    memory->leaf.slots = memory->slots;
    for (size_t i = 0; i < count; i++)
        memory->slots[i].keys = &keys[i];
    b->slots += (uint32_t)count;
    return &memory->node;
}

static void choose_word(struct rf_builder *b, struct rf_slot *slot, bool title, const char *term, size_t n)
{
    char key[RF_KEY_MAX];
    size_t at = 0;
    if (title)
        key[at++] = RF_PREFIX_TITLE;
    memcpy(key + at, term, n);
    slot->key_count = 1;
    slot->keys[0] = rf_builder_keep(b, key, at + n);
}

/* *fixed: the stem is the term. */
static void choose_stem(struct rf_builder *b, struct rf_slot *slot, bool title, const char *term, size_t n, bool *fixed)
{
    const char *stem, *again;
    size_t length, again_length, at = 0;
    char key[RF_KEY_MAX];
    if (!rf_stem(b->words->language, term, n, &stem, &length)) {
        rf_builder_fail_memory(b);
        return;
    }
    key[at++] = RF_PREFIX_STEM;
    if (title)
        key[at++] = RF_PREFIX_TITLE;
    if (length > sizeof key - at)
        length = sizeof key - at;
    memcpy(key + at, stem, length);
    /* Most words that stand for themselves are seen to do so: only a stem that is another word is stemmed again. */
    *fixed = length == n && (stem == term || memcmp(stem, term, n) == 0);
    if (!*fixed && !rf_stem(b->words->language, key + at, length, &again, &again_length)) {
        rf_builder_fail_memory(b);
        return;
    }
    slot->stem_is_fixed = *fixed || (again_length == length && memcmp(again, key + at, length) == 0);
    slot->key_count = 1;
    slot->keys[0] = rf_builder_keep(b, key, at + length);
}

static void choose_prefix(struct rf_builder *b, struct rf_slot *slot, bool title, const char *term, size_t n)
{
    char key[RF_KEY_MAX];
    size_t at = 0;
    if (title)
        key[at++] = RF_PREFIX_TITLE;
    memcpy(key + at, term, n);
    uint32_t most = RF_EXPANSIONS - b->expanded;
    bool cut = false;
    if (b->status)
        return;
    b->status = rf_slot_expand(slot, b->view, key, at + n, most < RF_EXPANSION ? most : RF_EXPANSION, &cut, b->arena, b->error);
    b->expanded += slot->key_count;
    if (cut) {
        char rare[RF_KEY_MAX + 20];
        int length = snprintf(rare, sizeof rare, "rare words with %.*s*", (int)n, term);
        rf_builder_leave_out(b, rare, (size_t)length);
    }
}

/* A word as it can be typed. */
static struct rf_bytes show_word(struct rf_builder *b, const char *term, size_t n, bool title, bool quoted, bool prefix)
{
    b->words->text.size = 0;
    rf_builder_say(b, title ? "title:" : "");
    rf_builder_say(b, quoted ? "\"" : "");
    rf_buffer_append(&b->words->text, term, n);
    rf_builder_say(b, quoted ? "\"" : prefix ? "*" : "");
    return rf_builder_keep_text(b);
}

/* A leaf of one word: a token's folded bytes. */
static struct rf_node *word_leaf(struct rf_builder *b, const struct rf_syntax *syntax, const struct rf_token *token, bool title,
                                 bool positive)
{
    const char *term = rf_token_term(&b->words->tokens, token);
    size_t n = token->term_length;
    bool character = token->flags & RF_TOKEN_RUN_LAST, quoted = syntax->kind == RF_SYNTAX_PHRASE;
    bool prefix = syntax->prefix && !(token->flags & RF_TOKEN_CJK);
    bool stem = !character && !quoted && !prefix && !(token->flags & RF_TOKEN_CJK);
    struct rf_node *node = new_leaf(b, stem ? RF_LEAF_STEM : RF_LEAF_WORD, 1);
    if (!node)
        return NULL;
    struct rf_leaf *leaf = node->leaf;
    struct rf_slot *slot = &leaf->slots[0];
    slot->first_character_only = character;
    leaf->insisted = stem && rf_is_stop_word(b->words->language, term, n);
    bool fixed = false;
    if (stem)
        choose_stem(b, slot, title, term, n, &fixed);
    else if (character || prefix)
        choose_prefix(b, slot, title, term, n);
    else
        choose_word(b, slot, title, term, n);
    if (title || quoted || prefix)
        leaf->shown = show_word(b, term, n, title, quoted && !character, prefix);
    else if (fixed && !b->status) /* then it ends the key */
        leaf->shown = (struct rf_bytes){slot->keys[0].data + slot->keys[0].length - n, n};
    else
        leaf->shown = rf_builder_keep(b, term, n);
    return finish_leaf(b, node, title, positive);
}

/* The phrase as it can be typed: words between blanks, CJK runs as they stood. */
static struct rf_bytes show_phrase(struct rf_builder *b, const struct rf_syntax *syntax, const struct rf_token *const *parts,
                                   size_t count, bool title)
{
    bool prefix = syntax->prefix && !(parts[count - 1]->flags & RF_TOKEN_CJK);
    b->words->text.size = 0;
    rf_builder_say(b, title ? "title:" : "");
    rf_builder_say(b, prefix ? "" : "\"");
    for (size_t i = 0; i < count; i++) {
        if (i)
            rf_buffer_append_byte(&b->words->text, prefix ? '/' : ' '); /* a slash holds words together and joins none */
        if (!(parts[i]->flags & RF_TOKEN_CJK)) {
            rf_buffer_append(&b->words->text, rf_token_term(&b->words->tokens, parts[i]), parts[i]->term_length);
            continue;
        }
        uint32_t start = parts[i]->start;
        while (i + 1 < count && parts[i + 1]->flags & RF_TOKEN_CJK && !(parts[i + 1]->flags & RF_TOKEN_RUN_FIRST))
            i++;
        rf_buffer_append(&b->words->text, syntax->text + start, parts[i]->end - start);
    }
    rf_buffer_append_byte(&b->words->text, prefix ? '*' : '"');
    return rf_builder_keep_text(b);
}

static struct rf_node *phrase_leaf(struct rf_builder *b, const struct rf_syntax *syntax, const struct rf_token *const *parts,
                                   size_t count, bool title, bool positive)
{
    struct rf_node *node = new_leaf(b, RF_LEAF_PHRASE, count);
    if (!node)
        return NULL;
    struct rf_leaf *leaf = node->leaf;
    leaf->shown = show_phrase(b, syntax, parts, leaf->slot_count, title);
    for (uint32_t i = 0; i < leaf->slot_count && !b->status; i++) {
        const char *term = rf_token_term(&b->words->tokens, parts[i]);
        size_t n = parts[i]->term_length;
        bool last = i + 1 == count, cjk = parts[i]->flags & RF_TOKEN_CJK;
        leaf->slots[i].first_character_only = last && parts[i]->flags & RF_TOKEN_RUN_LAST;
        if (leaf->slots[i].first_character_only || (last && syntax->prefix && !cjk))
            choose_prefix(b, &leaf->slots[i], title, term, n);
        else
            choose_word(b, &leaf->slots[i], title, term, n);
    }
    if (leaf->slot_count == 1)
        leaf->kind = RF_LEAF_WORD;
    return finish_leaf(b, node, title, positive);
}

static struct rf_node *best_of(struct rf_builder *b, struct rf_node *first, struct rf_node *second)
{
    struct rf_node *node = rf_builder_node(b, RF_NODE_MAX);
    if (!node || !first || !second)
        return first;
    node->children = rf_builder_array(b, 2, sizeof(struct rf_node *));
    if (!node->children)
        return NULL;
    node->children[0] = first;
    node->children[1] = second;
    node->should_count = 2;
    node->height = 1;
    return node;
}

struct rf_node *rf_builder_text(struct rf_builder *b, const struct rf_syntax *syntax, bool title, bool positive)
{
    if (!rf_builder_tokenize(b, syntax))
        return NULL;
    const struct rf_tokens *tokens = &b->words->tokens;
    const struct rf_token **parts = rf_builder_array(b, tokens->count, sizeof *parts);
    const struct rf_token *joined = NULL;
    size_t count = 0, joined_count = 0;
    if (!parts)
        return NULL;
    for (size_t i = 0; i < tokens->count; i++) {
        if (tokens->list[i].flags & RF_TOKEN_JOINED) {
            joined = &tokens->list[i];
            joined_count++;
        } else {
            parts[count++] = &tokens->list[i];
        }
    }
    if (!count) {
        if (b->strict && !b->status)
            b->status = rf_fail(b->error, RIFFLE_BAD_QUERY, "query, byte %zu: no word here", syntax->at);
        return NULL;
    }
    const struct rf_token *last = parts[count - 1];
    if (last->flags & RF_TOKEN_RUN_LAST && !(last->flags & RF_TOKEN_RUN_FIRST))
        count--;
    if (count == 1)
        return word_leaf(b, syntax, parts[0], title, positive);
    struct rf_node *phrase = phrase_leaf(b, syntax, parts, count, title, positive);
    bool whole = joined_count == 1 && joined->start == parts[0]->start && joined->end == parts[count - 1]->end;
    if (!phrase || !whole || syntax->kind == RF_SYNTAX_PHRASE)
        return phrase;
    return best_of(b, phrase, word_leaf(b, syntax, joined, title, positive));
}

/* ---- Filters ---- */

static struct rf_bytes fold_part(struct rf_builder *b, const char *text, size_t n)
{
    b->words->text.size = 0;
    rf_fold(&b->words->text, text, n);
    return rf_builder_keep_text(b);
}

static const char *find_range(const struct rf_syntax *syntax)
{
    for (size_t i = 0; syntax->kind == RF_SYNTAX_WORD && i + 1 < syntax->length; i++)
        if (syntax->text[i] == '.' && syntax->text[i + 1] == '.')
            return syntax->text + i;
    return NULL;
}

struct rf_node *rf_builder_filter(struct rf_builder *b, const struct rf_syntax *syntax, const struct rf_field *field)
{
    static const char id_name[] = "id";
    struct rf_filter *filter = rf_builder_array(b, 1, sizeof *filter);
    struct rf_node *node = rf_builder_node(b, RF_NODE_FILTER);
    if (!filter || !node)
        return NULL;
    filter->field = field;
    filter->name = (struct rf_bytes){id_name, sizeof id_name - 1};
    if (field) /* the field goes with the search, and explanations come later */
        filter->name = rf_builder_keep(b, field->name.data, field->name.length);
    const char *dots = find_range(syntax);
    bool is_date = filter->name.length == 4 && memcmp(filter->name.data, "date", 4) == 0;
    if (!field) {
        filter->kind = RF_FILTER_ID;
        b->words->text.size = 0;
        rf_utf8_repair(&b->words->text, syntax->text, syntax->length + syntax->stars); /* as the index keeps ids */
        filter->low = rf_builder_keep_text(b);
    } else if (dots) {
        filter->kind = RF_FILTER_RANGE;
        filter->low = fold_part(b, syntax->text, (size_t)(dots - syntax->text));
        filter->high = fold_part(b, dots + 2, syntax->length - (size_t)(dots + 2 - syntax->text));
    } else {
        filter->kind = is_date || syntax->prefix ? RF_FILTER_PREFIX : RF_FILTER_VALUE;
        filter->low = fold_part(b, syntax->text, syntax->length);
    }
    b->words->text.size = 0;
    const char *quote = syntax->kind == RF_SYNTAX_PHRASE ? "\"" : "";
    rf_buffer_append(&b->words->text, filter->name.data, filter->name.length);
    rf_builder_say(b, ":");
    rf_builder_say(b, quote);
    rf_buffer_append(&b->words->text, filter->low.data, filter->low.length);
    if (filter->kind == RF_FILTER_RANGE) {
        rf_builder_say(b, "..");
        rf_buffer_append(&b->words->text, filter->high.data, filter->high.length);
    }
    bool star = filter->kind == RF_FILTER_PREFIX && (!is_date || !filter->low.length); /* a date needs none to be a start */
    rf_builder_say(b, quote);
    rf_builder_say(b, star ? "*" : "");
    filter->shown = rf_builder_keep_text(b);
    *b->last_filter = filter;
    b->last_filter = &filter->next;
    filter->number = b->plan->filter_count++;
    node->filter = filter;
    node->filters_only = true;
    return node;
}
