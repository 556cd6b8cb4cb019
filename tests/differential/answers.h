/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What two engines answer to one query, and how far that has to be equal: the same hits and totals for every query; scores to 1e-5, and
 * so the same order but for scores that near, where no phrase scores (docs/QUERY.md: each engine weighs phrases in its own way).
 */
#ifndef DIFFERENTIAL_ANSWERS_H
#define DIFFERENTIAL_ANSWERS_H

#include "base/base.h"

struct answer_hit {
    uint64_t id_key;  /* a hash of the article's id, which is the same in all indexes */
    uint64_t key;     /* the same with the passage's number */
    uint64_t article; /* as the index at hand numbers them */
    uint32_t passage;
    double score;
};

struct answer {
    uint64_t total;
    bool exact;              /* the total is said to be */
    struct answer_hit *hits; /* in their order */
    size_t count;
    struct answer_hit **by_key; /* in the order of their keys */
    char *reading;
};

/* Asks. *results, where `results` is not NULL, is for riffle_results_free; after a failure there is nothing to release. */
riffle_status answer_ask(struct answer *answer, const riffle_index *index, const struct rf_buffer *query,
                         const riffle_search_options *options, riffle_results **results, riffle_error *error);
void answer_release(struct answer *answer);

/* NULL: there is none. */
const struct answer_hit *answer_find(const struct answer *answer, uint64_t key);

/* Leaves the first, and so the best, passage of each article. */
void answer_keep_articles(struct answer *answer);

/* Is one of the query's words that score a phrase of several words, or one that stands for several? Without hits: no. */
riffle_status answer_kinds(riffle_results *results, bool *phrase, bool *several, riffle_error *error);

bool scores_near(double a, double b);

struct agreement {
    bool scores; /* have to be near, and the order with them */
    bool ties;   /* hits of equal scores have to stand in the order of `all`'s index */
};

/*
 * Does `part`, by a search with these options, hold what it has to, where the same search without limits, and not by article, gives
 * `all`? Adds a line to the report for each thing that is wrong.
 */
bool answer_agrees(const struct answer *all, const riffle_search_options *options, const struct answer *part,
                   const struct agreement *agreement, struct rf_buffer *report);

/* The first hits. */
void answer_print(struct rf_buffer *out, const char *name, const struct answer *answer);

#endif
