/* SPDX-License-Identifier: BSD-3-Clause */
/* What the files that execute plans with a must share; conjunction.c. */
#ifndef RF_CONJUNCTION_H
#define RF_CONJUNCTION_H

#include "query/clauses.h"

enum rf_purpose { RF_RANKING, RF_COUNTING, RF_LISTING, RF_MATCHING };

enum {
    RF_UNRANGED = 31,      /* the shift of docs to ranges that makes them one */
    RF_HOPELESS = 1u << 31 /* in a row: some must is not there. Sums of bounds stay below, so that sums with it are negative */
};

struct rf_conjunction {
    struct rf_ranked *run;
    enum rf_purpose purpose;
    bool ranks; /* the best docs are wanted: where all are counted, the purpose is to rank for those of a batch that match */
    struct rf_source *lead;
    struct rf_source **filters; /* the other lists of the musts: in order, dense ones last */
    uint32_t filter_count, packed_count;
    struct rf_clause **clauses; /* that score: the musts in the order in which the lists above come upon them, then the shoulds */
    uint32_t must_count, clause_count, nots_count;
    struct rf_clause *nots;
    bool bare;    /* of a batch nothing is needed but its docs */
    bool phrases; /* there are some to be checked */
    uint32_t phrase_musts;
    /* The batch is of whole blocks of the lead, from this posting on, and nothing has been looked at but docs: as long as there is no threshold,
     * all else can wait until it is known which docs match. */
    bool blind;
    uint32_t first_ordinal;
    /* What the ranges [first, first + ranges) can score at most. */
    unsigned shift;
    uint32_t first, ranges_most;
    uint32_t bounded; /* of the ranges, where they are filled as docs come that match */
    uint32_t *rows;
    uint32_t *own;        /* of the lead's clause; 0: nothing there matches */
    struct rf_rare *rare; /* shoulds that are rarer than the lead; NULL: none, or it does not matter */
    uint64_t *matches;    /* all docs that match, as bits, where that is known before any is ranked; NULL: it is not */
    /* What was found. */
    uint64_t count;
    uint32_t *docs;         /* for a list, or of all that match ... */
    uint32_t *tfs, *scores; /* ... the tfs for the one, what they score by the lead for the other */
    /* The chunk at hand, as the threshold stood when it was last looked at. */
    uint64_t live[RF_CHUNK_RANGES / 64];
    uint32_t needs[RF_CHUNK_RANGES + RF_PADDING];
    bool split; /* docs with a rare should and others need different scores */
    struct rf_batch batch;
};

static inline uint32_t *rf_row(const struct rf_conjunction *c, uint32_t i) { return c->rows + (size_t)i * c->ranges_most; }

/* conjunction_bounds.c: bounds by range, where the lead has any, else for all docs at once. */
riffle_status rf_conjunction_open_bounds(struct rf_conjunction *c);
/* All of them at once, by parts of ranges. The lead has bounds. */
riffle_status rf_conjunction_bound_parts(struct rf_conjunction *c);
/* Fills the rows of the chunk whose ranges begin at place `at`. */
void rf_conjunction_bound_chunk(struct rf_conjunction *c, uint32_t at);
void rf_conjunction_bound_all(struct rf_conjunction *c);
/* Fills the rows for docs from one to another, neither of them before those of earlier calls. False: these are too far apart. */
bool rf_conjunction_bound_docs(struct rf_conjunction *c, uint32_t from, uint32_t last);
/* Drops docs that what is behind a clause cannot save. */
void rf_conjunction_cut(struct rf_conjunction *c, uint32_t clause);

/* conjunction_rare.c: closer bounds by rare shoulds, for a lead with bounds; there are shoulds. */
riffle_status rf_conjunction_open_rare(struct rf_conjunction *c);
/* To be called when the needs of the chunk from `base` on are known. Does it pay there to tell docs with them from others? */
bool rf_conjunction_plan_rare(struct rf_conjunction *c, uint32_t base);
/* Then: the postings of the lead's block at hand that score what they need, by their places in it, docs and scores. */
riffle_status rf_conjunction_take_rare(struct rf_conjunction *c, const struct rf_chunk *chunk, uint32_t *places, uint32_t *docs,
                                       uint32_t *scores, size_t *count);

/* conjunction_batch.c: takes the batch through all other lists, and adds what is left of it to what was found. */
riffle_status rf_conjunction_finish_batch(struct rf_conjunction *c);
/* Scores the docs of the batch, all of which match, as far as they can be among the best, and keeps these. */
riffle_status rf_conjunction_keep_best(struct rf_conjunction *c);

/* conjunction_docs.c: checks the phrases of the docs of the batch, and adds what matches to what was found; it stays in the batch. */
riffle_status rf_conjunction_finish_docs(struct rf_conjunction *c);
/* The same of docs with their scores that match, but for phrases that could add to them: those may be among the best. */
riffle_status rf_conjunction_offer(struct rf_conjunction *c);

/*
 * conjunction_matches.c: whole blocks of the lead, from its first one on; where the best are wanted, as long as there is no threshold. Then its block
 * at hand is the next one; *more: there is one.
 */
riffle_status rf_conjunction_lead_blindly(struct rf_conjunction *c, bool *more);
/* Are so many wanted that the threshold would rise late? Then the best of them, all matches having been found first. */
bool rf_conjunction_wants_many(const struct rf_conjunction *c);
riffle_status rf_conjunction_rank_matches(struct rf_conjunction *c);

/* conjunction_dense.c: is all that decides about docs there as bits? Then how many match, and the best of them, where few of the lead's do. */
bool rf_conjunction_is_dense(const struct rf_conjunction *c);
riffle_status rf_conjunction_match_dense(struct rf_conjunction *c, uint64_t *count);
riffle_status rf_conjunction_rank_dense(struct rf_conjunction *c);

#endif
