/* SPDX-License-Identifier: BSD-3-Clause */
/* Judgements and runs in the forms of trec_eval, and the figure that is computed from them. */
#ifndef TESTS_QUALITY_FIGURES_H
#define TESTS_QUALITY_FIGURES_H

#include <stddef.h>

/* A line of judgements (`value` is the grade) or of a run (`value` is the score, of the width that trec_eval gives it). */
struct rated {
    const char *query, *id;
    float value;
};

struct rated_list {
    char *bytes; /* what the items point into */
    struct rated *items;
    size_t count;
};

/* `query 0 id grade` a line. Fails the running test where the file cannot be read or a line has fewer columns. */
struct rated_list judgements_load(const char *path);
/* `query Q0 id rank score tag` a line. */
struct rated_list run_load(const char *path);
void rated_free(struct rated_list *list);

/*
 * Mean average precision as `trec_eval -c -m map` gives it: over all queries that have judgements, with or without results;
 * grades above 0 are relevant, what was not judged is not; hits are ordered by score, then by id, both descending, whatever
 * their rank. Sorts both lists.
 */
double mean_average_precision(struct rated_list *judgements, struct rated_list *run);

#endif
