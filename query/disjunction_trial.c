/* SPDX-License-Identifier: BSD-3-Clause */
/* Searches of some docs before a disjunction, only for a threshold: as many docs as are wanted were found that score at least so much; disjunction.c. */
#include "query/disjunction.h"

enum {
    MUCH_FOR_A_HIT = 1000,   /* postings, for each hit that is wanted: below, a threshold comes soon anyway */
    MUCH_TO_STREAM = 100000, /* postings, and so many more for each hit */
    MUCH_TO_JOIN = 50000,    /* postings, and some more for each hit */
    JOINED_FOR_A_HIT = 300,
    SPARE = 64 /* more docs than are wanted: their rest is not known when they are chosen */
};

/* Adds to what n docs score what they score by a list. */
static riffle_status add_scores(struct rf_disjunction *d, struct rf_member *member, size_t n)
{
    struct rf_workspace *work = d->work;
    size_t found = 0;
    memcpy(work->docs, d->docs, n * sizeof *d->docs);
    riffle_status status = rf_member_probe(d, member, n, &found);
    for (size_t i = 0; !status && i < found; i++)
        d->most[work->places[i]] += work->tfs[i];
    return status;
}

/* The docs that hold two lists, and what they score by these: to d->docs and d->most. */
static riffle_status join(struct rf_disjunction *d, struct rf_member *rare, struct rf_member *other, size_t *n)
{
    struct rf_workspace *work = d->work;
    riffle_status status = RIFFLE_OK;
    size_t count = 0;
    *n = 0;
    if (rare->postings) {
        status = rf_member_scores(d, rare, d->docs, d->most, &count);
    } else {
        count = rare->count;
        memcpy(d->docs, rare->docs, count * sizeof *d->docs);
        memcpy(d->most, rare->scores, count * sizeof *d->most);
    }
    memcpy(work->docs, d->docs, count * sizeof *d->docs);
    if (!status)
        status = rf_member_probe(d, other, count, n);
    for (size_t i = 0; !status && i < *n; i++) {
        uint32_t place = work->places[i];
        d->docs[i] = d->docs[place];
        d->most[i] = d->most[place] + work->tfs[i];
    }
    return status;
}

/*
 * The docs that hold the two rarest lists, or else the next two: among those that score most by these there are nearly always the best of all. Where
 * nothing else is asked of docs. *done: the threshold is raised.
 */
static riffle_status search_joined(struct rf_disjunction *d, bool *done)
{
    enum { LEAST_LISTS = 3, MOST_WANTED = 300 }; /* of two lists it would be all of the work, and so for many hits */
    struct rf_ranked *run = d->run;
    size_t wanted = (size_t)run->request->wanted, n = 0;
    uint64_t postings = 0;
    riffle_status status = RIFFLE_OK;
    uint32_t l = d->count;
    *done = false;
    if (d->count < LEAST_LISTS || run->allowed || run->not_count || run->request->wanted > MOST_WANTED)
        return RIFFLE_OK;
    while (!status && n < wanted) {
        if (--l == 0)
            return RIFFLE_OK;
        struct rf_member *rare = &d->list[l], *other = &d->list[l - 1];
        if (rare->df < wanted)
            continue;
        postings += rare->df + (uint64_t)other->df;
        if (postings > MUCH_TO_JOIN + JOINED_FOR_A_HIT * wanted || rare->df > RF_CHUNK)
            return RIFFLE_OK;
        status = join(d, rare, other, &n);
    }
    uint32_t least;
    if (n > wanted + SPARE) {
        least = rf_kth_of(d->most, n, wanted + SPARE, wanted + SPARE + SPARE / 4, 0, INT32_MAX);
        n = rf_kernels->choose_columns(d->most, RF_PENDING, d->most, RF_PENDING, 2, n, least, UINT32_MAX);
    }
    for (uint32_t other = d->count; !status && other-- > 0;)
        if (other != l && other != l - 1)
            status = add_scores(d, &d->list[other], n);
    if (status)
        return status;
    least = rf_kth_of(d->most, n, wanted, 0, 0, INT32_MAX);
    run->primed = least > run->primed ? least : run->primed;
    *done = true;
    return RIFFLE_OK;
}

/* The ranges that promise most. It saves more than it costs where there is much to stream. */
static riffle_status search_best_ranges(struct rf_disjunction *d)
{
    struct rf_ranked *run = d->run;
    uint64_t *chosen = rf_arena_array(&run->arena, d->stride / 64, sizeof *chosen);
    if (!chosen)
        return rf_fail_memory(run->error);
    if (!rf_ranked_choose(run, d->totals, d->stride, chosen))
        return RIFFLE_OK;
    struct rf_trial trial;
    rf_trial_begin(run, &trial);
    riffle_status status = RIFFLE_OK;
    for (uint32_t c = 0; !status && c < d->chunks && !rf_ranked_is_late(run); c++)
        if (chosen[2 * c] || chosen[2 * c + 1])
            status = rf_disjunction_chunk(d, (uint64_t)c * rf_chunk_docs(d), &chosen[(size_t)2 * c]);
    if (!status)
        status = rf_disjunction_finish(d);
    rf_trial_end(run, &trial);
    for (uint32_t l = 0; l < d->count; l++)
        d->list[l].next = 0;
    return status;
}

riffle_status rf_disjunction_try(struct rf_disjunction *d)
{
    uint64_t postings = 0, enough = d->run->request->wanted * MUCH_FOR_A_HIT;
    bool done = false;
    for (uint32_t l = 0; l < d->count; l++)
        postings += d->list[l].postings ? d->list[l].df : 0;
    riffle_status status = postings < enough ? RIFFLE_OK : search_joined(d, &done);
    return status || done || postings < MUCH_TO_STREAM + enough ? status : search_best_ranges(d);
}
