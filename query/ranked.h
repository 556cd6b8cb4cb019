/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Executing plans with bounds: documents that cannot be among the best, for what is known of their range or block, are never scored, and
 * most blocks never decoded. For plans of one level whose leaves are terms and phrases, which nearly all queries are; the others go by
 * windows (windowed.c). Hits, scores and order are those of the exhaustive way.
 */
#ifndef RF_RANKED_H
#define RF_RANKED_H

#include "query/execute.h"
#include "query/top.h"
#include "store/list.h"

/* A list with the block that was decoded last. */
struct rf_postings {
    struct rf_list list;
    struct rf_block block; /* number UINT32_MAX: none yet */
    bool has_docs, has_tfs;
    uint32_t docs[RF_BLOCK + RF_PADDING], tfs[RF_BLOCK + RF_PADDING];
};

/* Makes the first block, from the one at hand on, whose last doc is at or behind `doc` the one at hand; *found: there is one. Decodes nothing. */
riffle_status rf_postings_seek(struct rf_postings *postings, uint32_t doc, bool *found, riffle_error *error);
riffle_status rf_postings_docs(struct rf_postings *postings, riffle_error *error);
riffle_status rf_postings_tfs(struct rf_postings *postings, riffle_error *error);

/* A search in the segment at hand. */
struct rf_ranked {
    const struct rf_plan *plan;
    const struct rf_native *index;
    const struct rf_scorer *scorer;
    const struct rf_request *request;
    /* The plan's children; all of them leaves of one term a slot. A phrase has one slot or more. */
    struct rf_leaf **musts, **shoulds, **nots;
    uint32_t must_count, should_count, not_count;
    uint32_t segment;
    const struct rf_segment *data;
    const uint8_t *lengths;
    uint32_t docs;
    const uint64_t *allowed; /* docs that are not deleted and pass the filters, by bits; NULL: all */
    /* What stored saturations have to be multiplied by to be bounds for this search's parameters, and to be reached by them (0: never). */
    float stretch, shrink;
    struct rf_top top;     /* of all segments so far */
    uint32_t primed;       /* at least as many docs as are wanted score this much; 0: nobody knows */
    struct rf_arena arena; /* of the segment at hand */
    riffle_error *error;
};

/* What a doc that comes behind all docs so far must score at least to be among the best. At least 1. */
static inline uint32_t rf_ranked_threshold(const struct rf_ranked *run)
{
    uint32_t beaten = run->top.full ? run->top.threshold + 1 : 1;
    return beaten > run->primed ? beaten : run->primed;
}

/* The upper bounds of a list's scores in the ranges of the chunk from `base` on (bounds has room for RF_CHUNK_RANGES + RF_PADDING). False:
 * the list has no stored bounds. */
bool rf_ranked_bounds(const struct rf_ranked *run, const struct rf_list *list, uint32_t weight, uint32_t base, uint32_t *bounds);

/* The term of the leaf's slot in the segment at hand; df 0 where it is not there. */
const struct rf_term *rf_ranked_term(const struct rf_ranked *run, const struct rf_slot *slot);

/*
 * disjunction.c: no must, or exactly one and it is a term: adds the best of the segment to run->top. Phrases among the shoulds are found first
 * and then taken as lists.
 */
riffle_status rf_disjunction(struct rf_ranked *run);

/*
 * conjunction.c: at least one must: adds the best of the segment to run->top. Rarest lists first, in batches; phrases are checked where docs
 * hold all their words and their bounds still suffice.
 */
riffle_status rf_conjunction(struct rf_ranked *run);
/* How many docs of the segment match: all musts, no nots, allowed. At least one must; shoulds do not matter. */
riffle_status rf_conjunction_count(struct rf_ranked *run, uint64_t *count);
/* All docs of the segment where a phrase occurs, and how often: arrays of the run's arena, padded. */
riffle_status rf_phrase_postings(struct rf_ranked *run, const struct rf_leaf *phrase, uint32_t **docs, uint32_t **tfs,
                                 size_t *count);

/* union.c: how many docs of the segment match any of the shoulds (there is no must), no nots, and are allowed. */
riffle_status rf_union_count(struct rf_ranked *run, uint64_t *count);

#endif
