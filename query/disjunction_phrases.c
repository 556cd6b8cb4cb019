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
#include "query/ranked.h"

enum {
    FREQUENT = 2048, /* docs that hold the phrase's rarest word: of less, finding all takes no longer than a search of its own */
    MOST = 6         /* phrases: each search asks about those that follow, too, so that of more lists take less */
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
    if (*phrases > MOST)
        *phrases = 0;
    for (uint32_t i = 0, rest = *phrases; leaves && *phrases && i < run->should_count; i++)
        leaves[is_frequent(run, run->shoulds[i]) ? next++ : rest++] = run->shoulds[i];
    return leaves;
}

static riffle_status search(struct rf_ranked *run) { return run->must_count ? rf_conjunction(run, NULL) : rf_disjunction(run); }

/* The searches, one after the other: each has what is from its own phrase on. */
static riffle_status search_each(struct rf_ranked *run, struct rf_leaf **leaves, uint32_t phrases, struct rf_gathering *gathering)
{
    uint32_t all = run->should_count;
    riffle_status status = RIFFLE_OK;
    for (uint32_t i = 0; !status && i <= phrases && i < all && !run->late; i++) {
        run->must_count = i < phrases;
        run->musts = leaves + i;
        run->shoulds = run->musts + run->must_count;
        run->should_count = all - i - run->must_count;
        status = rf_gather(run, gathering, search);
    }
    return status;
}

riffle_status rf_disjunction_by_phrases(struct rf_ranked *run)
{
    struct rf_gathering gathering;
    struct rf_leaf **musts = run->musts, **shoulds = run->shoulds, **leaves;
    uint32_t phrases, count = run->should_count;
    if (!(leaves = arrange(run, &phrases)))
        return rf_fail_memory(run->error);
    if (!phrases)
        return rf_disjunction(run);
    rf_gather_begin(run, &gathering);
    riffle_status status = search_each(run, leaves, phrases, &gathering);
    run->musts = musts;
    run->shoulds = shoulds;
    run->must_count = 0;
    run->should_count = count;
    return rf_gather_end(run, &gathering, status);
}
