/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The best of a disjunction with frequent phrases. To take such a phrase as a list, all docs that hold its words would have to be looked at. So the
 * best docs that hold the phrase are searched as those of a conjunction, of which all else may be there or not: by bounds, and with positions
 * last. Then the best by all else.
 *
 * The first of these searches that a doc can be found by, that of its first phrase, knows its whole score; those that follow know less of it. Is a doc
 * not among the best of the first, then as many as are wanted are before it, there and with their whole scores. So the best are among all that are
 * found, each with the highest score that it is found with.
 */
#include <stdlib.h>

#include "query/ranked.h"

enum {
    FREQUENT = 1024 /* docs that hold the phrase's rarest word: of less, finding all takes no longer than a search of its own */
};

static bool is_frequent(const struct rf_ranked *run, const struct rf_leaf *leaf)
{
    for (uint32_t i = 0; i < leaf->slot_count; i++)
        if (rf_ranked_term(run, &leaf->slots[i])->df < FREQUENT)
            return false;
    return leaf->kind == RF_LEAF_PHRASE;
}

/* The leaves again, frequent phrases first. */
static struct rf_leaf **arrange(struct rf_ranked *run, uint32_t *phrases)
{
    struct rf_leaf **leaves = rf_arena_room(&run->arena, run->should_count, sizeof(struct rf_leaf *));
    uint32_t next = *phrases = 0;
    for (uint32_t i = 0; leaves && i < run->should_count; i++)
        *phrases += is_frequent(run, run->shoulds[i]);
    for (uint32_t i = 0, rest = *phrases; leaves && i < run->should_count; i++)
        leaves[is_frequent(run, run->shoulds[i]) ? next++ : rest++] = run->shoulds[i];
    return leaves;
}

/* The best by the leaves at hand, to those that were found before. */
static riffle_status search(struct rf_ranked *run, struct rf_best *found)
{
    struct rf_best best = {.allocator = found->allocator};
    rf_top_init(&run->top, &best, run->request->wanted);
    riffle_status status = run->must_count ? rf_conjunction(run, NULL) : rf_disjunction(run);
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

/* The searches, one after the other: each has what is from its own phrase on. */
static riffle_status search_each(struct rf_ranked *run, struct rf_leaf **leaves, uint32_t phrases, struct rf_best *found)
{
    uint32_t all = run->should_count;
    riffle_status status = RIFFLE_OK;
    for (uint32_t i = 0; !status && i <= phrases && i < all && !run->late; i++) {
        run->must_count = i < phrases;
        run->musts = leaves + i;
        run->shoulds = run->musts + run->must_count;
        run->should_count = all - i - run->must_count;
        status = search(run, found);
    }
    return status;
}

riffle_status rf_disjunction_by_phrases(struct rf_ranked *run)
{
    struct rf_best found = {.allocator = run->top.hits->allocator};
    uint32_t phrases;
    struct rf_leaf **leaves = arrange(run, &phrases);
    if (!leaves)
        return rf_fail_memory(run->error);
    if (!phrases)
        return rf_disjunction(run);
    struct rf_ranked before = *run;
    run->primed = rf_ranked_threshold(run); /* what was found before goes on counting */
    riffle_status status = search_each(run, leaves, phrases, &found);
    run->musts = before.musts;
    run->shoulds = before.shoulds;
    run->must_count = before.must_count;
    run->should_count = before.should_count;
    run->top = before.top;
    if (!status && !add(run, &found))
        status = rf_fail_memory(run->error);
    rf_free(found.allocator, found.list);
    return status;
}
