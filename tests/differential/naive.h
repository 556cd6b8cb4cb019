/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Riffle without an index: a search is a scan of all passages, scores are doubles, and nothing is clever. Only the analysis
 * (words, stems, passages) is the library's, which has tests of its own.
 */
#ifndef DIFFERENTIAL_NAIVE_H
#define DIFFERENTIAL_NAIVE_H

#include "queries.h"
#include "text/text.h"

/* A token in the stream of a passage. */
struct occurrence {
    uint32_t position, term;
};

struct occurrences {
    struct occurrence *list;
    size_t count, capacity;
};

struct passage {
    size_t article;
    uint32_t ordinal;    /* in its article */
    uint32_t start, end; /* in the article's text */
    struct occurrences stream, title;
    double length; /* as its code decodes */
};

struct term {
    char *bytes, *stem;
    size_t length, stem_length;
    uint32_t df[2]; /* passages that hold it in their stream, and in their title */
};

struct naive {
    const struct documents *documents;
    struct rf_language *language;
    char **titles, **texts; /* repaired */
    struct passage *passages;
    size_t passage_count, passage_capacity;
    size_t *first_passages; /* of the articles */
    struct term *terms;
    size_t term_count, term_capacity;
    uint32_t *slots; /* hash table: term + 1 */
    size_t slot_count;
    double average_length;
};

void naive_make(struct naive *naive, const struct documents *documents);
void naive_release(struct naive *naive);

/* What a passage got; `matches` where it is a hit. */
struct verdict {
    bool matches;
    double score;
};

struct naive_search; /* a query that was run */

struct naive_search *naive_search(struct naive *naive, struct query *query, double k1, double b);
void naive_search_release(struct naive_search *search);
/* One for each passage. */
const struct verdict *naive_verdicts(const struct naive_search *search);
/* How far the library's whole numbers may be from these doubles. */
double naive_tolerance(const struct naive_search *search, double score);
/* Where a text (or a title) matches, as ranges that do not overlap. */
void naive_matches(struct naive_search *search, const char *text, size_t n, bool in_title, riffle_range **ranges, size_t *count);

#endif
