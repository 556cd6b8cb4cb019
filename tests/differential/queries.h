/* SPDX-License-Identifier: BSD-3-Clause */
/* Random queries: made as syntax trees, and printed in the query language. */
#ifndef DIFFERENTIAL_QUERIES_H
#define DIFFERENTIAL_QUERIES_H

#include "documents.h"

enum query_kind {
    QUERY_WORD,   /* text as typed, without white space */
    QUERY_PHRASE, /* in quotes */
    QUERY_LIST,   /* clauses side by side; in parentheses but for the outermost */
    QUERY_AND,    /* only within lists and ORs */
    QUERY_OR      /* only within lists */
};

struct query {
    enum query_kind kind;
    char sign;         /* '+', '-' or 0 */
    bool negated;      /* NOT before it */
    bool prefix;       /* WORD: a star behind it */
    bool insisted;     /* a + before it, or before the parentheses around it alone; set by the naive search */
    const char *field; /* NULL: none of its own */
    char *text;        /* WORD, PHRASE */
    struct query **children;
    size_t count;
};

struct query *query_make(const struct documents *documents, struct random *random);
void query_release(struct query *query);
void query_print(struct rf_buffer *out, const struct query *query, struct random *random);

/* Bytes that nobody meant as a query: syntax, words and rubbish in any order, or a query with some bytes changed. */
void query_make_bytes(struct rf_buffer *out, const struct documents *documents, struct random *random);

#endif
