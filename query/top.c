/* SPDX-License-Identifier: BSD-3-Clause */
/* The best hits; top.h. */
#include "query/top.h"

enum { RF_TOP_SPARE = 32 }; /* at least so many more than are wanted are kept before the worse ones go */

void rf_top_init(struct rf_top *top, struct rf_best *hits, uint64_t wanted)
{
    *top = (struct rf_top){.hits = hits, .wanted = wanted, .full = !wanted, .threshold = wanted ? 0 : UINT32_MAX};
    uint64_t spare = wanted > RF_TOP_SPARE ? wanted : RF_TOP_SPARE;
    top->room = wanted < SIZE_MAX / 2 ? (size_t)(wanted + spare) : SIZE_MAX;
}

void rf_top_release(struct rf_top *top)
{
    rf_free(top->hits->allocator, top->scratch);
    top->scratch = NULL;
}

/* Hoare's selection, pivots from the middle of three. */
uint32_t rf_top_kth(uint32_t *list, size_t n, size_t k)
{
    size_t low = 0, high = n - 1, at = k - 1;
    while (low < high) {
        uint32_t a = list[low], b = list[low + (high - low) / 2], c = list[high];
        uint32_t pivot = a > b ? (b > c ? b : a > c ? c : a) : (a > c ? a : b > c ? c : b);
        size_t i = low, j = high;
        for (;;) {
            while (list[i] > pivot)
                i++;
            while (list[j] < pivot)
                j--;
            if (i >= j)
                break;
            uint32_t moved = list[i];
            list[i++] = list[j];
            list[j--] = moved;
        }
        /* [low, j] holds none below the pivot, (j, high] none above. */
        if (at <= j)
            high = j;
        else
            low = j + 1;
    }
    return list[at];
}

bool rf_top_settle(struct rf_top *top)
{
    struct rf_best *hits = top->hits;
    size_t n = hits->count;
    if (!top->wanted || n < top->wanted)
        return true;
    void *scratch = top->scratch;
    if (!rf_grow(hits->allocator, &scratch, &top->scratch_room, n, sizeof *top->scratch))
        return false;
    top->scratch = scratch;
    size_t k = (size_t)top->wanted, above = 0, kept = 0;
    for (size_t i = 0; i < n; i++)
        top->scratch[i] = hits->list[i].score;
    uint32_t least = rf_top_kth(top->scratch, n, k);
    for (size_t i = 0; i < n; i++)
        above += hits->list[i].score > least;
    /* Of those with the least score the first to come are kept. */
    for (size_t i = 0, ties = k - above; i < n; i++) {
        struct rf_found found = hits->list[i];
        bool tie = found.score == least && ties;
        ties -= tie;
        hits->list[kept] = found;
        kept += tie || found.score > least;
    }
    hits->count = kept;
    top->full = true;
    top->threshold = least;
    return true;
}

bool rf_top_insert(struct rf_top *top, struct rf_found found)
{
    struct rf_best *hits = top->hits;
    if (!rf_grow(hits->allocator, (void **)&hits->list, &hits->capacity, hits->count + 1, sizeof *hits->list))
        return false;
    hits->list[hits->count++] = found;
    bool first = !top->full && hits->count == top->wanted; /* from here on there is a threshold */
    return (first || hits->count == top->room) ? rf_top_settle(top) : true;
}

/* Sorts by falling score, equal ones as they came: counting sort by ten bits at a time, from the lowest. */
static bool sort(struct rf_best *hits)
{
    enum { BITS = 10, BINS = 1 << BITS };
    size_t n = hits->count;
    struct rf_found *other = rf_alloc(hits->allocator, n * sizeof *other);
    if (!other)
        return false;
    for (unsigned shift = 0; shift < 32; shift += BITS) {
        size_t starts[BINS] = {0}, sum = 0;
        for (size_t i = 0; i < n; i++)
            starts[~hits->list[i].score >> shift & (BINS - 1)]++;
        for (unsigned b = 0; b < BINS; b++) {
            size_t count = starts[b];
            starts[b] = sum;
            sum += count;
        }
        for (size_t i = 0; i < n; i++)
            other[starts[~hits->list[i].score >> shift & (BINS - 1)]++] = hits->list[i];
        struct rf_found *sorted = other;
        other = hits->list;
        hits->list = sorted;
    }
    hits->capacity = n;
    rf_free(hits->allocator, other);
    return true;
}

bool rf_top_finish(struct rf_top *top)
{
    struct rf_best *hits = top->hits;
    if (!rf_top_settle(top))
        return false;
    if (hits->count > 200)
        return sort(hits);
    for (size_t i = 1; i < hits->count; i++) { /* few: insertion is faster */
        struct rf_found moving = hits->list[i];
        size_t at = i;
        for (; at && hits->list[at - 1].score < moving.score; at--)
            hits->list[at] = hits->list[at - 1];
        hits->list[at] = moving;
    }
    return true;
}
