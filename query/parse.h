/* SPDX-License-Identifier: BSD-3-Clause */
/* The query language: from bytes to a syntax tree. Total: every byte string has a tree, or none where it says nothing. */
#ifndef RF_PARSE_H
#define RF_PARSE_H

#include "base/arena.h"

enum {
    RF_QUERY_BYTES = 1 << 20, /* what follows is not read */
    RF_QUERY_WORDS = 1024,    /* words, phrases and filters of a query, and words of all its phrases */
    RF_QUERY_DEPTH = 64       /* nested parentheses; deeper ones are ignored */
};

enum rf_syntax_kind {
    RF_SYNTAX_WORD,   /* text without white space and syntax, as typed: may still be several words, or none */
    RF_SYNTAX_PHRASE, /* what stood in quotes */
    RF_SYNTAX_GROUP   /* children by their roles */
};

/* What a node is to the group that it stands in. */
enum rf_role { RF_SHOULD, RF_MUST, RF_MUST_NOT };

struct rf_syntax {
    enum rf_syntax_kind kind;
    enum rf_role role;
    bool plus;        /* a + stood right before it: the way to insist on a stop word */
    bool prefix;      /* WORD: a star stood behind it */
    bool stop;        /* WORD: a stop word without +; set by the plan */
    bool explicit_or; /* GROUP: its members were joined by OR, and not by standing side by side */
    const char *text; /* into the query */
    size_t length;
    size_t stars;      /* WORD with `prefix`: that stand behind it, and are not in `length` */
    const char *field; /* into the query; NULL: none */
    size_t field_length;
    size_t at; /* byte of the query where it starts */
    struct rf_syntax *children, *last, *next;

    /* Notes of the parser while it works, without meaning for others. */
    bool must, minus, negated, all_negated;
};

struct rf_parse_options {
    bool strict;
    /* Is this, in any case, the name of a field? */
    bool (*is_field)(void *context, const char *name, size_t n);
    void *context;
};

/*
 * *root is NULL where the query says nothing. *cut: there are more words, and they are not in the tree. RIFFLE_BAD_QUERY comes in
 * strict mode only. Nodes point into `query`.
 */
riffle_status rf_parse(const char *query, size_t n, const struct rf_parse_options *options, struct rf_arena *arena,
                       struct rf_syntax **root, bool *cut, riffle_error *error);

#endif
