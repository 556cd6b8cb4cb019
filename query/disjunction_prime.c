/* SPDX-License-Identifier: BSD-3-Clause */
/* The threshold that a disjunction starts from, where that of single lists is not enough: as many docs as are wanted score that much; disjunction.c. */
#include "query/disjunction.h"

enum {
    LEAST_LISTS = 3,       /* of two it would be all of the work */
    MUCH_FOR_A_HIT = 1000, /* postings, for each hit that is wanted: below, a threshold comes soon anyway */
    MOST_RARE = 1024,      /* postings: of longer lists, joining takes as long as it saves */
    SPARE = 64             /* more docs than are wanted: their rest is not known when they are chosen */
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
 * The docs that hold the two rarest lists of those that have as many as are wanted: among the ones that score most by these there are nearly always
 * the best of all.
 */
riffle_status rf_disjunction_prime(struct rf_disjunction *d)
{
    struct rf_ranked *run = d->run;
    uint64_t postings = 0;
    for (uint32_t l = 0; l < d->count; l++)
        postings += d->list[l].postings ? d->list[l].df : 0;
    uint32_t lists = d->count; /* that have enough docs */
    while (lists && d->list[lists - 1].df < run->request->wanted)
        lists--;
    if (d->count < LEAST_LISTS || lists < 2 || d->list[lists - 1].df > MOST_RARE ||
        postings < run->request->wanted * MUCH_FOR_A_HIT || run->allowed || run->not_count)
        return RIFFLE_OK;
    size_t wanted = (size_t)run->request->wanted, n;
    uint32_t rare = lists - 1;
    riffle_status status = join(d, &d->list[rare], &d->list[rare - 1], &n);
    if (status || n < wanted)
        return status;
    uint32_t least;
    if (n > wanted + SPARE) {
        least = rf_kth_of(d->most, n, wanted + SPARE, wanted + SPARE + SPARE / 4, 0, INT32_MAX);
        n = rf_kernels->choose_columns(d->most, RF_PENDING, d->most, RF_PENDING, 2, n, least, UINT32_MAX);
    }
    for (uint32_t other = d->count; !status && other-- > 0;)
        if (other != rare && other != rare - 1)
            status = add_scores(d, &d->list[other], n);
    if (status)
        return status;
    least = rf_kth_of(d->most, n, wanted, 0, 0, INT32_MAX);
    run->primed = least > run->primed ? least : run->primed;
    return RIFFLE_OK;
}
