/* SPDX-License-Identifier: BSD-3-Clause */
/* The leaves of a conjunction, and the lists that decide about them. */
#ifndef RF_CLAUSES_H
#define RF_CLAUSES_H

#include "query/phrase_check.h"

struct rf_clause;

/* A list that all docs of a clause are in. */
struct rf_source {
    struct rf_postings postings;
    struct rf_clause *clause;
    uint32_t *ordinals;    /* of a phrase's word: by seat, where its positions are to be found */
    struct rf_bound bound; /* of the clause's score, by this list; once it is asked for */
};

/* A term, or a phrase. */
struct rf_clause {
    const struct rf_leaf *leaf;
    struct rf_scoring scoring;  /* equal terms are taken together */
    struct rf_source **sources; /* by rising df, the dense ones last. None: the clause matches nowhere in the segment */
    uint32_t source_count;
    struct rf_source **late; /* of a phrase: words whose postings are looked up when all else is known */
    uint32_t late_count;
    struct rf_phrase *phrase; /* to be checked; NULL: the only source has the docs and term frequencies of the clause */
    uint32_t df;              /* of a phrase: how many docs match, deleted ones too, where the index tells, else 0 */
    uint32_t *tfs;            /* of a phrase: by seat, it occurs no more often */
    bool seen;                /* while a batch is looked at: scores hold what it can score at most */
};

/* Opens the lists of some leaves of one role; equal terms among them become one clause. */
riffle_status rf_clauses_open(struct rf_ranked *run, struct rf_leaf *const *leaves, uint32_t leaf_count, struct rf_clause **clauses,
                              uint32_t *clause_count);

/* What the clause can score at most by each of its lists. */
void rf_clause_bound(const struct rf_ranked *run, struct rf_clause *clause);

/* A better lead, or filter, comes first: not dense, then lower df. */
bool rf_source_before(const struct rf_source *a, const struct rf_source *b);

#endif
