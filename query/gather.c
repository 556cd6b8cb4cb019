/* SPDX-License-Identifier: BSD-3-Clause */
/* Several searches of a segment, of which no one finds all: each doc counts with the highest score that any of them finds it with; ranked.h. */
#include <stdlib.h>

#include "query/ranked.h"

void rf_gather_begin(struct rf_ranked *run, struct rf_gathering *gathering)
{
    *gathering = (struct rf_gathering){.top = run->top, .found = {.allocator = run->top.hits->allocator}};
    run->primed = rf_ranked_threshold(run); /* what was found before goes on counting */
}

riffle_status rf_gather(struct rf_ranked *run, struct rf_gathering *gathering, riffle_status (*search)(struct rf_ranked *run))
{
    struct rf_best best = {.allocator = gathering->found.allocator}, *found = &gathering->found;
    rf_top_init(&run->top, &best, run->request->wanted);
    riffle_status status = search(run);
    if (!status && (!rf_top_finish(&run->top) || !rf_grow(found->allocator, (void **)&found->list, &found->capacity,
                                                          found->count + best.count + 1, sizeof *found->list)))
        status = rf_fail_memory(run->error);
    for (size_t i = 0; !status && i < best.count; i++)
        found->list[found->count++] = best.list[i];
    if (!status && run->top.full && run->top.threshold > run->primed)
        run->primed = run->top.threshold;
    rf_top_release(&run->top);
    rf_free(best.allocator, best.list);
    return status;
}

static int by_doc(const void *a, const void *b)
{
    const struct rf_found *x = a, *y = b;
    if (x->doc != y->doc)
        return x->doc < y->doc ? -1 : 1;
    return (x->score < y->score) - (x->score > y->score);
}

/* Adds the docs, each with its highest score, to the best so far. */
static bool add(struct rf_ranked *run, struct rf_best *found)
{
    uint32_t *docs = rf_arena_room(&run->arena, found->count + 1, sizeof *docs);
    uint32_t *scores = rf_arena_room(&run->arena, found->count + 1, sizeof *scores);
    size_t n = 0;
    if (!docs || !scores)
        return false;
    if (found->count)
        qsort(found->list, found->count, sizeof *found->list, by_doc);
    for (size_t i = 0; i < found->count; i++) {
        if (n && docs[n - 1] == found->list[i].doc)
            continue;
        docs[n] = found->list[i].doc;
        scores[n++] = found->list[i].score;
    }
    if (!rf_top_add_all(&run->top, run->segment, docs, scores, n))
        return false;
    rf_top_settle(&run->top);
    return true;
}

riffle_status rf_gather_end(struct rf_ranked *run, struct rf_gathering *gathering, riffle_status status)
{
    run->top = gathering->top;
    if (!status && !add(run, &gathering->found))
        status = rf_fail_memory(run->error);
    rf_free(gathering->found.allocator, gathering->found.list);
    return status;
}
