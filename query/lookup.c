/* SPDX-License-Identifier: BSD-3-Clause */
/* All terms of an index that start alike: the most frequent ones where there are too many. */
#include "query/plan.h"

#include <stdlib.h>

struct candidate {
    uint64_t df;
    uint32_t length;
    char key[RF_KEY_MAX];
};

/* The most frequent terms seen so far; a heap with the least frequent, and of those the last by bytes, on top. */
struct candidates {
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

static int collect(void *context, const char *term, size_t n, uint64_t df)
{
    struct candidates *all = context;
    if (n > RF_KEY_MAX)
        return 0;
    struct candidate candidate = {.df = df, .length = (uint32_t)n};
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

/* Candidates of several parts of the index: equal keys become one, which has the sum of their dfs, and the `most` frequent stay. */
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

riffle_status rf_slot_expand(struct rf_slot *slot, const struct rf_view *view, const char *prefix, size_t n, uint32_t most,
                             bool *cut, struct rf_arena *arena, riffle_error *error)
{
    struct candidate *list = rf_alloc(view->allocator, ((size_t)most * 2 + 1) * sizeof *list);
    riffle_status status = RIFFLE_OK;
    uint32_t count = 0;
    bool done = false;
    if (!list)
        return rf_fail_memory(error);
    for (uint32_t part = 0; !status && !done; part++) {
        struct candidates all = {list + count, 0, most, false};
        status = view->engine->walk(view->view, part, prefix, n, collect, &all, &done, error);
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
    rf_free(view->allocator, list);
    return status;
}
