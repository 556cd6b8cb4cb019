/* SPDX-License-Identifier: BSD-3-Clause */
/* What the files that execute plans without a must share; disjunction.c. */
#ifndef RF_DISJUNCTION_H
#define RF_DISJUNCTION_H

#include "query/batch.h"

enum {
    RF_REST = 8 * RF_CHUNK_RANGES /* ranges that candidates may lie in at a time */
};

/* A leaf in the segment at hand. */
struct rf_member {
    const struct rf_leaf *leaf;
    uint32_t df;
    struct rf_scoring scoring;
    struct rf_postings *postings; /* NULL: all docs and scores are here already, */
    uint32_t *docs, *scores;      /* for there are few, or it is a phrase, */
    size_t count, next, end;      /* and those of the chunk are [next, end) */
    struct rf_bound bound;
    uint32_t *closer; /* bounds for parts of ranges, by their codes; NULL: there are none */
};

struct rf_disjunction {
    struct rf_ranked *run;
    struct rf_member *list; /* by falling df */
    uint32_t count;
    struct rf_postings **nots;
    uint32_t not_count;
    struct rf_member *phrases_out; /* phrases under NOT, by all their docs */
    uint32_t phrases_out_count;
    struct rf_workspace *work;
    /* Bounds by lists and ranges; and by ranges what all lists can add up to. */
    unsigned bits;   /* docs of a range: 2^bits */
    uint32_t chunks; /* of RF_CHUNK_RANGES ranges */
    uint32_t *bounds, *totals;
    size_t stride; /* from one list's bounds to the next one's */
    /* The chunk at hand, by lists and their ranges. */
    uint32_t base, threshold;
    uint32_t *needs;
    uint64_t (*live)[2];
    uint32_t streamed; /* so many lists are */
    bool summing;      /* there are sums that are not zero */
    /*
     * Docs that may be among the best, of this chunk and some before, ascending, and what they can score at most. And what each list can add to those,
     * as far as their ranges tell, where it was not streamed (else 0), by ranges from `first` on; the last row has the sums of all lists.
     */
    uint32_t *docs, *most;
    size_t candidate_count;
    uint32_t *rest;
    bool *asked; /* by lists: may there be anything but 0 where those docs are? */
    size_t first;
    /* Of those at hand there are rows in work->columns: what they can score at most, docs, and what each of some lists can still add. */
    uint32_t *row_lists, rows; /* the numbers of those lists */
};

static inline uint32_t rf_chunk_docs(const struct rf_disjunction *d) { return RF_CHUNK_RANGES << d->bits; }

/* All docs of a list with postings, and what they score by it: to arrays with room for a block more, and padding. */
riffle_status rf_member_scores(struct rf_disjunction *d, struct rf_member *member, uint32_t *docs, uint32_t *scores, size_t *count);

/* Of docs that are here already: the first from number `from` on that is at or behind `doc`. */
size_t rf_member_seek(const struct rf_member *member, size_t from, uint64_t doc);

/* Which of the first n of d->work->docs hold a list: their places there, and their scores, to d->work->places and d->work->tfs. */
riffle_status rf_member_probe(struct rf_disjunction *d, struct rf_member *member, size_t n, size_t *found);

/* disjunction_prime.c: raises run->primed, where that saves more than it costs. */
riffle_status rf_disjunction_prime(struct rf_disjunction *d);

/* disjunction_chunk.c: adds the candidates of the chunk from `base` on. */
riffle_status rf_disjunction_chunk(struct rf_disjunction *d, uint64_t base);

/* disjunction_candidates.c: adds the best of the candidates to those that were found, and leaves none. */
riffle_status rf_disjunction_finish(struct rf_disjunction *d);

#endif
