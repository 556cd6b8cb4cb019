/* SPDX-License-Identifier: BSD-3-Clause */
/* From words to the dictionaries of all segments: exact terms, stems, and all terms that start alike. */
#include "query/plan.h"

#include <stdlib.h>

riffle_status rf_slot_find(struct rf_slot *slot, const riffle_index *index, bool is_stem, bool stem_is_fixed,
                           struct rf_arena *arena, riffle_error *error)
{
    size_t segments = index->generation.segment_count;
    slot->terms = rf_arena_array(arena, segments * slot->key_count + 1, sizeof *slot->terms);
    if (!slot->terms)
        return rf_fail_memory(error);
    slot->df = 0;
    for (size_t s = 0; s < segments; s++) {
        for (uint32_t k = 0; k < slot->key_count; k++) {
            const struct rf_segment *segment = index->generation.segments[s];
            const struct rf_bytes *key = &slot->keys[k];
            struct rf_term *term = &slot->terms[s * slot->key_count + k];
            bool found = false;
            riffle_status status = is_stem
                                       ? rf_segment_find_stem(segment, key->data, key->length, stem_is_fixed, &found, term, error)
                                       : rf_segment_find(segment, key->data, key->length, &found, term, error);
            if (status)
                return status;
            if (!found)
                term->df = 0;
            slot->df += term->df;
        }
    }
    if (slot->df > index->docs)
        slot->df = index->docs;
    return RIFFLE_OK;
}

/* ---- All terms that start alike ---- */

struct candidate {
    uint32_t df;
    uint32_t length;
    char key[RF_KEY_MAX];
};

/* The most frequent terms seen so far; a heap with the least frequent, and of those the last by bytes, on top. */
struct candidates {
    const char *prefix;
    size_t prefix_length;
    struct candidate *heap;
    uint32_t count, most;
    bool cut;
};

static bool less_wanted(const struct candidate *a, const struct candidate *b)
{
    return a->df != b->df ? a->df < b->df : rf_compare(a->key, a->length, b->key, b->length) > 0;
}

static void swap(struct candidate *a, struct candidate *b)
{
    struct candidate c = *a;
    *a = *b;
    *b = c;
}

static void sift_down(struct candidate *heap, uint32_t count)
{
    for (uint32_t at = 0, child; (child = 2 * at + 1) < count; at = child) {
        if (child + 1 < count && less_wanted(&heap[child + 1], &heap[child]))
            child++;
        if (!less_wanted(&heap[child], &heap[at]))
            return;
        swap(&heap[child], &heap[at]);
    }
}

static int collect(void *context, const char *term, size_t n, const struct rf_term *info)
{
    struct candidates *all = context;
    if (n < all->prefix_length || memcmp(term, all->prefix, all->prefix_length) != 0)
        return 1;
    if (n > RF_KEY_MAX)
        return 0;
    struct candidate candidate = {.df = info->df, .length = (uint32_t)n};
    memcpy(candidate.key, term, n);
    if (all->count == all->most) {
        all->cut = true;
        if (!all->most)
            return 1;
        if (!less_wanted(&all->heap[0], &candidate))
            return 0;
        all->heap[0] = candidate;
        sift_down(all->heap, all->count);
        return 0;
    }
    uint32_t at = all->count++;
    all->heap[at] = candidate;
    for (uint32_t parent; at && less_wanted(&all->heap[at], &all->heap[parent = (at - 1) / 2]); at = parent)
        swap(&all->heap[at], &all->heap[parent]);
    return 0;
}

static int by_key(const void *a, const void *b)
{
    const struct candidate *x = a, *y = b;
    return rf_compare(x->key, x->length, y->key, y->length);
}

static int by_frequency(const void *a, const void *b)
{
    const struct candidate *x = a, *y = b;
    return x->df != y->df ? (x->df < y->df ? 1 : -1) : by_key(a, b);
}

/* Candidates of several segments: equal keys become one, which has the sum of their dfs, and the `most` frequent stay. */
static uint32_t keep_most(struct candidate *list, uint32_t count, uint32_t most, bool *cut)
{
    uint32_t kept = 0;
    qsort(list, count, sizeof *list, by_key);
    for (uint32_t i = 0; i < count; i++) {
        if (kept && by_key(&list[kept - 1], &list[i]) == 0)
            list[kept - 1].df += list[i].df;
        else
            list[kept++] = list[i];
    }
    if (kept <= most)
        return kept;
    *cut = true;
    qsort(list, kept, sizeof *list, by_frequency);
    qsort(list, most, sizeof *list, by_key);
    return most;
}

riffle_status rf_slot_expand(struct rf_slot *slot, const riffle_index *index, const char *prefix, size_t n, uint32_t most,
                             bool *cut, struct rf_arena *arena, riffle_error *error)
{
    struct candidate *list = rf_alloc(&index->allocator, ((size_t)most * 2 + 1) * sizeof *list);
    riffle_status status = RIFFLE_OK;
    uint32_t count = 0;
    if (!list)
        return rf_fail_memory(error);
    for (size_t s = 0; !status && s < index->generation.segment_count; s++) {
        struct candidates all = {prefix, n, list + count, 0, most, false};
        status = rf_segment_walk_terms(index->generation.segments[s], prefix, n, collect, &all, error);
        *cut |= all.cut;
        count = keep_most(list, count + all.count, most, cut);
    }
    slot->key_count = status ? 0 : count;
    slot->keys = rf_arena_array(arena, (size_t)slot->key_count + 1, sizeof *slot->keys);
    if (!status && !slot->keys)
        status = rf_fail_memory(error);
    for (uint32_t i = 0; !status && i < count; i++) {
        const char *copy = rf_arena_copy(arena, list[i].key, list[i].length);
        if (!copy)
            status = rf_fail_memory(error);
        slot->keys[i] = (struct rf_bytes){copy, list[i].length};
    }
    rf_free(&index->allocator, list);
    return status ? status : rf_slot_find(slot, index, false, false, arena, error);
}
