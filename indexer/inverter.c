/* SPDX-License-Identifier: BSD-3-Clause */
/* In-memory inversion; inverter.h. */
#include "indexer/inverter.h"

#include <stdlib.h>

enum { KEY_INLINE = 24, FIRST_CHUNK = 16, LAST_CHUNK = 16384, LINK = sizeof(uint8_t *), BATCH = 64 };
enum { PAGE = 1 << 23 };

/*
 * One cache line: finding a term and appending to it touches the slot, this line and the end of the chain. Words of up to 24 bytes
 * (99.9 % of a text's) lie in it; longer ones lie in the arena, and their first 16 bytes here.
 */
struct rf_inverter_term {
    union {
        char bytes[KEY_INLINE]; /* zeros behind the end */
        struct {
            char start[16];
            const char *pointer; /* where the length passes KEY_INLINE */
        };
    } key;
    uint8_t *head, *at, *end; /* first chunk; where the next byte goes; where the chunk at hand ends, and its link begins */
    uint32_t doc;             /* of the last occurrence */
    uint32_t position;        /* behind the last occurrence in that doc */
    uint32_t length;
    uint32_t chunk; /* bytes of the chunk at hand */
};
_Static_assert(sizeof(struct rf_inverter_term) == 64, "a term is one cache line");

void rf_inverter_init(struct rf_inverter *inverter, const riffle_allocator *allocator)
{
    *inverter = (struct rf_inverter){.allocator = allocator};
}

void rf_inverter_release(struct rf_inverter *inverter)
{
    for (size_t i = 0; i < inverter->page_count; i++)
        rf_free(inverter->allocator, inverter->pages[i]);
    rf_free(inverter->allocator, inverter->pages);
    rf_free(inverter->allocator, inverter->slots);
    rf_free(inverter->allocator, inverter->terms_memory);
    rf_inverter_init(inverter, inverter->allocator);
}

void rf_inverter_clear(struct rf_inverter *inverter)
{
    if (inverter->slots)
        memset(inverter->slots, 0, inverter->slot_count * sizeof *inverter->slots);
    inverter->term_count = 0;
    inverter->pages_used = 0;
    inverter->page_at = inverter->page_end = NULL;
}

size_t rf_inverter_memory(const struct rf_inverter *inverter)
{
    /* What is used, not what is kept: after a flush the tables stay as large as they were, and may not cause the next one. */
    size_t arena = inverter->pages_used * (size_t)PAGE - (size_t)(inverter->page_end - inverter->page_at);
    return arena + inverter->term_count * (sizeof *inverter->terms + 4 * sizeof *inverter->slots);
}

/* Bytes of the arena, aligned to 8; NULL: no memory. */
static uint8_t *arena(struct rf_inverter *inverter, size_t bytes)
{
    bytes = (bytes + 7) & ~(size_t)7;
    if ((size_t)(inverter->page_end - inverter->page_at) < bytes) {
        if (inverter->pages_used == inverter->page_count) {
            void *pages = inverter->pages;
            if (!rf_grow(inverter->allocator, &pages, &inverter->page_capacity, inverter->page_count + 1, sizeof *inverter->pages))
                return NULL;
            inverter->pages = pages;
            uint8_t *page = rf_alloc(inverter->allocator, PAGE);
            if (!page)
                return NULL;
            rf_prefer_huge_pages(page, PAGE);
            inverter->pages[inverter->page_count++] = page;
        }
        inverter->page_at = inverter->pages[inverter->pages_used++];
        inverter->page_end = inverter->page_at + PAGE;
    }
    uint8_t *p = inverter->page_at;
    inverter->page_at += bytes;
    return p;
}

static const char *key_of(const struct rf_inverter_term *term)
{
    return term->length <= KEY_INLINE ? term->key.bytes : term->key.pointer;
}

struct rf_inverter_key rf_inverter_term(const struct rf_inverter *inverter, uint32_t term)
{
    const struct rf_inverter_term *entry = &inverter->terms[term];
    return (struct rf_inverter_key){key_of(entry), entry->length};
}

/* ---- Finding ---- */

static bool grow_slots(struct rf_inverter *inverter)
{
    uint32_t count = inverter->slot_count ? inverter->slot_count * 2 : 1 << 12;
    uint64_t *slots = count ? rf_alloc(inverter->allocator, (size_t)count * sizeof *slots) : NULL;
    if (!slots)
        return false;
    rf_prefer_huge_pages(slots, (size_t)count * sizeof *slots);
    memset(slots, 0, (size_t)count * sizeof *slots);
    for (uint32_t i = 0; i < inverter->slot_count; i++) {
        uint64_t slot = inverter->slots[i];
        if (!slot)
            continue;
        uint32_t at = (uint32_t)(slot >> 32) & (count - 1);
        while (slots[at])
            at = (at + 1) & (count - 1);
        slots[at] = slot;
    }
    rf_free(inverter->allocator, inverter->slots);
    inverter->slots = slots;
    inverter->slot_count = count;
    return true;
}

static bool grow_terms(struct rf_inverter *inverter)
{
    uint32_t capacity = inverter->term_capacity ? inverter->term_capacity * 2 : 1 << 10;
    if (capacity < inverter->term_capacity)
        return false;
    void *memory = rf_alloc(inverter->allocator, (size_t)capacity * sizeof *inverter->terms + 64);
    if (!memory)
        return false;
    rf_prefer_huge_pages(memory, (size_t)capacity * sizeof *inverter->terms);
    struct rf_inverter_term *terms = (void *)(((uintptr_t)memory + 63) & ~(uintptr_t)63);
    if (inverter->term_count)
        memcpy(terms, inverter->terms, inverter->term_count * sizeof *terms);
    rf_free(inverter->allocator, inverter->terms_memory);
    inverter->terms_memory = memory;
    inverter->terms = terms;
    inverter->term_capacity = capacity;
    return true;
}

static bool add_term(struct rf_inverter *inverter, const struct rf_inverter_key *key)
{
    if (inverter->term_count == inverter->term_capacity && !grow_terms(inverter))
        return false;
    struct rf_inverter_term *term = &inverter->terms[inverter->term_count];
    memset(term, 0, sizeof *term);
    memcpy(term->key.bytes, key->data, key->length < KEY_INLINE ? key->length : KEY_INLINE);
    if (key->length > KEY_INLINE) {
        uint8_t *bytes = arena(inverter, key->length);
        if (!bytes)
            return false;
        memcpy(bytes, key->data, key->length);
        term->key.pointer = (const char *)bytes;
    }
    term->length = key->length;
    inverter->term_count++;
    return true;
}

/* What is compared first: the first 16 bytes, with zeros behind the end, and a hash of the whole. */
struct probe {
    uint64_t words[2];
    uint32_t hash;
};

/* Nearly all words have at most 16 bytes: for them there is no branch that depends on the length. */
static inline void make_probe(struct probe *probe, const struct rf_inverter_key *key)
{
    static const uint8_t ones[32] = {255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255};
    const uint8_t *p = (const uint8_t *)key->data;
    probe->words[0] = rf_load64(p);
    probe->words[1] = rf_load64(p + 8);
    if (key->length > 16) {
        probe->hash = (uint32_t)rf_hash(p, key->length);
        return;
    }
    const uint8_t *mask = ones + 16 - key->length; /* `length` bytes of 255, then zeros */
    probe->words[0] &= rf_load64(mask);
    probe->words[1] &= rf_load64(mask + 8);
    probe->hash =
        (uint32_t)rf_hash_fold(probe->words[0] ^ 0xa0761d6478bd642full, probe->words[1] ^ 0xe7037ed1a0b428dbull ^ key->length);
}

static inline bool is_term(const struct rf_inverter_term *term, const struct rf_inverter_key *key, const struct probe *probe)
{
    return term->length == key->length && rf_load64((const uint8_t *)term->key.bytes) == probe->words[0] &&
           rf_load64((const uint8_t *)term->key.bytes + 8) == probe->words[1] &&
           (key->length <= 16 || memcmp(key_of(term), key->data, key->length) == 0);
}

static inline bool find_one(struct rf_inverter *inverter, const struct rf_inverter_key *key, const struct probe *probe,
                            uint32_t *term)
{
    uint32_t mask = inverter->slot_count - 1;
    for (uint32_t at = probe->hash & mask;; at = (at + 1) & mask) {
        uint64_t slot = inverter->slots[at];
        if (!slot) {
            *term = inverter->term_count;
            if (!add_term(inverter, key))
                return false;
            inverter->slots[at] = (uint64_t)probe->hash << 32 | inverter->term_count;
            return true;
        }
        if (slot >> 32 == probe->hash && is_term(&inverter->terms[(uint32_t)slot - 1], key, probe)) {
            *term = (uint32_t)slot - 1;
            return true;
        }
    }
}

bool rf_inverter_find(struct rf_inverter *inverter, const struct rf_inverter_key *keys, size_t count, uint32_t *terms)
{
    struct probe probes[BATCH];
    for (size_t start = 0; start < count && !inverter->failed; start += BATCH) {
        size_t n = count - start < BATCH ? count - start : BATCH;
        if (inverter->term_count > UINT32_MAX / 2 - BATCH)
            inverter->failed = true;
        while (!inverter->failed && inverter->slot_count / 2 < inverter->term_count + n)
            inverter->failed = !grow_slots(inverter);
        if (inverter->failed)
            break;
        uint32_t mask = inverter->slot_count - 1;
        for (size_t i = 0; i < n; i++) {
            make_probe(&probes[i], &keys[start + i]);
            __builtin_prefetch(&inverter->slots[probes[i].hash & mask]);
        }
        for (size_t i = 0; i < n; i++) {
            uint32_t term = (uint32_t)inverter->slots[probes[i].hash & mask];
            if (term)
                __builtin_prefetch(&inverter->terms[term - 1]);
        }
        for (size_t i = 0; i < n && !inverter->failed; i++) {
            inverter->failed = !find_one(inverter, &keys[start + i], &probes[i], &terms[start + i]);
            if (!inverter->failed) /* where its next occurrence will be noted */
                __builtin_prefetch(inverter->terms[terms[start + i]].at, 1);
        }
    }
    return !inverter->failed;
}

/* ---- Adding ---- */

/* Chunks double from FIRST_CHUNK to LAST_CHUNK bytes; their last 8 bytes link to the next. */
static bool next_chunk(struct rf_inverter *inverter, struct rf_inverter_term *term)
{
    uint32_t size = !term->head ? FIRST_CHUNK : term->chunk < LAST_CHUNK ? term->chunk * 2 : LAST_CHUNK;
    uint8_t *chunk = arena(inverter, size);
    if (!chunk) {
        inverter->failed = true;
        return false;
    }
    if (!term->head)
        term->head = chunk;
    else
        memcpy(term->end, &chunk, LINK);
    term->at = chunk;
    term->end = chunk + size - LINK;
    term->chunk = size;
    return true;
}

/* Byte by byte, where the chunk may end on the way. */
static void append_slowly(struct rf_inverter *inverter, struct rf_inverter_term *term, uint32_t value)
{
    for (;; value >>= 7) {
        if (term->at == term->end && !next_chunk(inverter, term))
            return;
        *term->at++ = (uint8_t)(value < 0x80 ? value : value | 0x80);
        if (value < 0x80)
            return;
    }
}

static inline void append_varint(struct rf_inverter *inverter, struct rf_inverter_term *term, uint32_t value)
{
    uint8_t *at = term->at;
    if (term->end - at < 5) {
        append_slowly(inverter, term, value);
    } else if (value < 0x80) {
        *at = (uint8_t)value;
        term->at = at + 1;
    } else if (value < 0x4000) {
        at[0] = (uint8_t)(value | 0x80);
        at[1] = (uint8_t)(value >> 7);
        term->at = at + 2;
    } else {
        term->at = rf_put_varint(at, value);
    }
}

void rf_inverter_add(struct rf_inverter *inverter, uint32_t number, uint32_t doc, uint32_t position)
{
    struct rf_inverter_term *term = &inverter->terms[number];
    if (term->head && term->doc == doc) {
        append_varint(inverter, term, (position - term->position) << 1);
    } else {
        append_varint(inverter, term, position << 1 | 1);
        append_varint(inverter, term, doc - term->doc);
        term->doc = doc;
    }
    term->position = position + 1;
}

/* ---- Reading it out ---- */

struct sort_key {
    uint64_t prefix; /* the first 8 bytes, so that most comparisons touch nothing else */
    uint32_t term;
};

static int compare_terms(const void *a, const void *b, void *context)
{
    const struct sort_key *x = a, *y = b;
    if (x->prefix != y->prefix)
        return x->prefix < y->prefix ? -1 : 1;
    struct rf_inverter_key p = rf_inverter_term(context, x->term), q = rf_inverter_term(context, y->term);
    return rf_compare(p.data, p.length, q.data, q.length);
}

uint32_t *rf_inverter_sorted(const struct rf_inverter *inverter)
{
    uint32_t count = inverter->term_count;
    struct sort_key *keys = rf_alloc(inverter->allocator, (size_t)count * sizeof *keys);
    uint32_t *order = rf_alloc(inverter->allocator, (size_t)count * sizeof *order);
    if (keys && order) {
        for (uint32_t i = 0; i < count; i++) {
            uint64_t prefix = 0;
            for (size_t j = 0; j < 8; j++)
                prefix = prefix << 8 | (uint8_t)inverter->terms[i].key.bytes[j];
            keys[i] = (struct sort_key){prefix, i};
        }
        qsort_r(keys, count, sizeof *keys, compare_terms, (void *)(uintptr_t)inverter);
        for (uint32_t i = 0; i < count; i++)
            order[i] = keys[i].term;
    } else {
        rf_free(inverter->allocator, order);
        order = NULL;
    }
    rf_free(inverter->allocator, keys);
    return order;
}

void rf_inverter_prefetch(const struct rf_inverter *inverter, const uint32_t *order, uint32_t at)
{
    enum { NEAR = 6, FAR = 12 };
    if (inverter->term_count - at <= FAR)
        return;
    __builtin_prefetch(&inverter->terms[order[at + FAR]]);
    const struct rf_inverter_term *near = &inverter->terms[order[at + NEAR]]; /* was far before */
    __builtin_prefetch(near->head);
    __builtin_prefetch(near->at);
}

bool rf_inverter_unused(const struct rf_inverter *inverter, uint32_t term) { return !inverter->terms[term].head; }

void rf_inverter_read(const struct rf_inverter *inverter, uint32_t number, struct rf_buffer *out)
{
    const struct rf_inverter_term *term = &inverter->terms[number];
    const uint8_t *chunk = term->head;
    for (uint32_t size = FIRST_CHUNK; chunk; size = size < LAST_CHUNK ? size * 2 : LAST_CHUNK) {
        const uint8_t *end = chunk + size - LINK;
        if (end == term->end) {
            rf_buffer_append(out, chunk, (size_t)(term->at - chunk));
            return;
        }
        rf_buffer_append(out, chunk, size - LINK);
        memcpy(&chunk, end, LINK);
    }
}
