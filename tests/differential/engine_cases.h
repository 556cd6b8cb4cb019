/* SPDX-License-Identifier: BSD-3-Clause */
/* A query, two indexes of the same articles by two engines, and all that has to be equal between their answers. */
#ifndef DIFFERENTIAL_ENGINE_CASES_H
#define DIFFERENTIAL_ENGINE_CASES_H

#include "answers.h"

struct engine_case {
    riffle_index *native, *other;
    struct rf_buffer query;
    riffle_search_options options; /* the whole list is compared besides */
    bool same_order;               /* both indexes hold the articles in one order: ties stand in that */
    bool estimates; /* `other` can only estimate in how many passages one of several words is: scores are not compared */
    bool closely;   /* look at texts, matches, snippets, explanations too */
    struct rf_buffer report;
};

/* What was compared so far. */
struct engine_case_counts {
    size_t hits, looked_at, unscored;
};
extern struct engine_case_counts engine_case_counts;

/* false: something differs, and the report says what. */
bool engine_case_run(struct engine_case *test);

/* The same for what needs no query: statistics, and a look-up of this article. */
bool engine_case_article(struct engine_case *test, const char *id, size_t id_length);
bool engine_case_statistics(struct engine_case *test);

#endif
