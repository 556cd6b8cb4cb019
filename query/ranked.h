/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Executing plans with bounds: documents that cannot be among the best, for what is known of their range or block, are never scored, and
 * most blocks never decoded. For plans of one level whose leaves are terms and phrases, which nearly all queries are; the others go by
 * windows (windowed.c). Hits, scores and order are those of the exhaustive way.
 */
#ifndef RF_RANKED_H
#define RF_RANKED_H

#include "base/clock.h"
#include "query/execute.h"
#include "query/top.h"
#include "store/list.h"

/* A list with the block that was decoded last; arrays first, where lines of memory begin. */
struct rf_postings {
    uint32_t docs[RF_BLOCK + RF_PADDING], tfs[RF_BLOCK + RF_PADDING];
    struct rf_list list;
    struct rf_block block; /* number UINT32_MAX: none yet */
    bool has_docs, has_tfs;
};

riffle_status rf_postings_open(struct rf_postings *postings, const struct rf_segment *segment, const struct rf_term *term,
                               riffle_error *error);
/* Makes the first block whose last doc is at or behind `doc` the one at hand; *found: there is one. Decodes nothing; a step forward is cheap. */
riffle_status rf_postings_seek(struct rf_postings *postings, uint32_t doc, bool *found, riffle_error *error);
/* Makes block `number`, which there is, the one at hand. */
riffle_status rf_postings_enter(struct rf_postings *postings, uint32_t number, riffle_error *error);
/* Decode the block at hand, once. */
riffle_status rf_postings_docs(struct rf_postings *postings, riffle_error *error);
riffle_status rf_postings_tfs(struct rf_postings *postings, riffle_error *error);

/*
 * Candidates of disjunctions. RF_ENOUGH are asked about at once: many fall into one block of a list then, and the threshold rises while there are
 * chunks left; more than that may wait, for a chunk adds all of its own. They are asked about RF_COLUMNS at a time: so their rows stay in the
 * first-level cache, where they do not lie upon each other. Asking more than RF_MANY_LISTS for each costs more than reading them.
 */
enum { RF_ENOUGH = 512, RF_PENDING = RF_CHUNK + RF_ENOUGH + RF_PADDING, RF_COLUMNS = 1040, RF_MANY_LISTS = 64 };

/* What searches by bounds write into: large, so it is used again. Its arrays are whole lines of memory. */
struct rf_workspace {
    uint32_t sums[RF_CHUNK];             /* by doc of the chunk; zero between uses, */
    uint8_t marks[RF_CHUNK / RF_MARKED]; /* as is which of them are not */
    uint32_t columns[(2 + RF_MANY_LISTS) * RF_COLUMNS];
    uint32_t candidates[2 * RF_PENDING]; /* or all matches of a conjunction, and their scores */
    uint32_t docs[RF_CHUNK + RF_PADDING], places[RF_CHUNK + RF_PADDING], tfs[RF_CHUNK + RF_PADDING], asked[RF_CHUNK + RF_PADDING];
    void *memory;                  /* that it was allocated in: it begins where a line of memory does */
    struct rf_arena leaves, arena; /* of the search, and of the segment at hand: with memory enough for most */
};
bool rf_workspaces_init(struct rf_native *index); /* false: no memory */
void rf_workspaces_release(struct rf_native *index);
struct rf_workspace *rf_workspace_take(const struct rf_native *index); /* NULL: no memory */
void rf_workspace_give(const struct rf_native *index, struct rf_workspace *workspace);

/* A search in the segment at hand. */
struct rf_ranked {
    const struct rf_native *index;
    const struct rf_scorer *scorer;
    const struct rf_request *request;
    const struct rf_node *root;
    uint32_t variants;
    /* The plan's leaves by their roles, in the variant at hand; all have one term a slot, and phrases two slots or more. */
    struct rf_leaf **musts, **shoulds, **nots;
    uint32_t must_count, should_count, not_count;
    uint32_t segment;
    const struct rf_segment *data;
    const uint8_t *lengths;
    uint32_t docs;
    const uint64_t *allowed; /* docs that are not deleted and pass the filters, by bits; NULL: all */
    /* What stored saturations are multiplied by, to be bounds for this search's parameters, and to be reached with them for certain. */
    double stretch, shrink;
    double average_length; /* the segment's own */
    struct rf_top top;     /* of all segments so far */
    uint32_t primed;       /* at least as many docs as are wanted score this much; 0: nobody knows */
    struct rf_arena arena; /* of the segment at hand */
    struct rf_workspace *work;
    bool late; /* the deadline has passed */
    riffle_error *error;
};

/* roles.c: room for the leaves, of which none has a role then; their roles in a variant, or, for counting, all as they are where there are no musts. */
enum { RF_EVERY_VARIANT = UINT32_MAX };
bool rf_roles_open(struct rf_ranked *run, const struct rf_plan *plan, struct rf_arena *arena);
void rf_roles_take(struct rf_ranked *run, uint32_t variant);

/* What a doc that comes behind all docs so far must score at least to be among the best. At least 1. */
static inline uint32_t rf_ranked_threshold(const struct rf_ranked *run)
{
    uint32_t beaten = run->top.full ? run->top.threshold + 1 : 1;
    return beaten > run->primed ? beaten : run->primed;
}

/* Has the deadline passed? To be asked now and then; it takes some 20 ns. */
static inline bool rf_ranked_is_late(struct rf_ranked *run)
{
    run->late = run->late || rf_is_past(run->request->deadline);
    return run->late;
}

static inline bool rf_ranked_allows(const struct rf_ranked *run, uint32_t doc)
{
    return !run->allowed || (run->allowed[doc / 64] >> doc % 64 & 1);
}

/* Of the docs of range `range` of 2^bits, RF_RANGE_BITS or RF_FINE_BITS. */
static inline bool rf_ranked_allows_any(const struct rf_ranked *run, size_t range, unsigned bits)
{
    size_t words = ((size_t)1 << bits) / 64, first = range * words, end = (size_t)run->docs / 64 + 1;
    uint64_t any = 0;
    for (size_t i = first; run->allowed && i < first + words && i < end; i++)
        any |= run->allowed[i];
    return !run->allowed || any;
}

/* Raises the threshold to what as many docs as are wanted score by a list alone, as far as that is known; where nothing else is asked of docs. */
void rf_ranked_prime(struct rf_ranked *run, const struct rf_list *list, uint32_t weight);

/* The bound of a list's scores in a range with code c is low + step * c, cut to a whole number, or 0 for code 0. */
struct rf_bound {
    float low, step;
    uint32_t most; /* of all ranges */
};
/* Of a list with stored maxima, for this weight, `times` over. */
struct rf_bound rf_ranked_bound(const struct rf_ranked *run, const struct rf_list *list, uint32_t weight, uint32_t times);
/*
 * Bounds in RF_CHUNK_RANGES ranges of 2^bits docs (RF_RANGE_BITS, or RF_FINE_BITS) from `base` on, a multiple of what they span: `bounds` is padded
 * behind them; 0 behind the segment's end.
 */
void rf_ranked_bounds(const struct rf_ranked *run, const struct rf_list *list, const struct rf_bound *bound, unsigned bits,
                      uint32_t base, uint32_t *bounds);

/* The same for all such ranges of the segment, which are `ranges`. */
void rf_ranked_all_bounds(const struct rf_list *list, const struct rf_bound *bound, unsigned bits, size_t ranges, uint32_t *bounds);

/* The term of the leaf's slot in the segment at hand; df 0 where it is not there. */
static inline const struct rf_term *rf_ranked_term(const struct rf_ranked *run, const struct rf_slot *slot)
{
    return (const struct rf_term *)slot->found + run->segment;
}

/*
 * gather.c: several searches of the segment at hand, of which no one finds all: each doc counts with the highest score that any of them finds it with.
 * A doc may score less by a search than it does, but not by each of them. Between beginning and end run->top is theirs.
 */
struct rf_gathering {
    struct rf_top top; /* that is set aside */
    struct rf_best found;
};
void rf_gather_begin(struct rf_ranked *run, struct rf_gathering *gathering);
riffle_status rf_gather(struct rf_ranked *run, struct rf_gathering *gathering, riffle_status (*search)(struct rf_ranked *run));
/* Adds the best to those of run->top, if all went well so far; returns the first status that is not RIFFLE_OK. */
riffle_status rf_gather_end(struct rf_ranked *run, struct rf_gathering *gathering, riffle_status status);

/*
 * disjunction.c: no must: adds the best of the segment to run->top. Phrases are found first and then taken as lists.
 */
riffle_status rf_disjunction(struct rf_ranked *run);
/* disjunction_phrases.c: the same, where phrases are frequent by searches of their own. */
riffle_status rf_disjunction_by_phrases(struct rf_ranked *run);

/*
 * conjunction.c: at least one must: adds the best of the segment to run->top, if hits are wanted. Rarest lists first, in batches; phrases are
 * checked where docs hold all their words and their bounds still suffice, or where all are to be counted. *count: how many docs match, if that is
 * asked for; NULL: it is not, here.
 */
riffle_status rf_conjunction(struct rf_ranked *run, uint64_t *count);
/* All docs of the segment where a phrase occurs, and how often: arrays of the run's arena, padded. */
riffle_status rf_phrase_postings(struct rf_ranked *run, const struct rf_leaf *phrase, uint32_t **docs, uint32_t **tfs,
                                 size_t *count);

/* union.c: how many docs of the segment match any of the shoulds (there is no must), no nots, and are allowed. */
riffle_status rf_union_count(struct rf_ranked *run, uint64_t *count);

#endif
