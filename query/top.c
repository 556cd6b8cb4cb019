/* SPDX-License-Identifier: BSD-3-Clause */
/* The best hits: a list until there are as many as are wanted, then a heap with the worst on top. */
#include "query/top.h"

#include <stdlib.h>

void rf_top_init(struct rf_top *top, struct rf_best *hits, uint64_t wanted)
{
    *top = (struct rf_top){.hits = hits, .wanted = wanted, .full = !wanted, .threshold = wanted ? 0 : UINT32_MAX};
}

static void sift_down(struct rf_found *heap, size_t count, size_t at)
{
    struct rf_found moving = heap[at];
    for (size_t child; (child = 2 * at + 1) < count; at = child) {
        if (child + 1 < count && rf_compare_found(&heap[child + 1], &heap[child]) > 0)
            child++;
        if (rf_compare_found(&heap[child], &moving) <= 0)
            break;
        heap[at] = heap[child];
    }
    heap[at] = moving;
}

bool rf_top_insert(struct rf_top *top, struct rf_found found)
{
    struct rf_best *hits = top->hits;
    if (top->full) {
        hits->list[0] = found;
        sift_down(hits->list, hits->count, 0);
        top->threshold = hits->list[0].score;
        return true;
    }
    if (!rf_grow(hits->allocator, (void **)&hits->list, &hits->capacity, hits->count + 1, sizeof *hits->list))
        return false;
    hits->list[hits->count++] = found;
    if (hits->count == top->wanted) {
        for (size_t i = hits->count / 2; i-- > 0;)
            sift_down(hits->list, hits->count, i);
        top->full = true;
        top->threshold = hits->list[0].score;
    }
    return true;
}

void rf_top_finish(struct rf_top *top)
{
    if (top->hits->count)
        qsort(top->hits->list, top->hits->count, sizeof *top->hits->list, rf_compare_found);
}
