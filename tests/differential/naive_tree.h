/* SPDX-License-Identifier: BSD-3-Clause */
/* The tree of a query in the naive search, and what its files share. */
#ifndef DIFFERENTIAL_NAIVE_TREE_H
#define DIFFERENTIAL_NAIVE_TREE_H

#include "naive.h"

enum slot_kind { SLOT_EXACT, SLOT_STEM, SLOT_PREFIX };

/* A place of a phrase, or a word. */
struct slot {
    enum slot_kind kind;
    char *bytes; /* the word, stem or start */
    size_t length;
};

struct leaf {
    struct slot *slots;
    size_t count;
    bool title, positive;
    bool first_character; /* the last slot is one character of Han, Kana or Hangul, found wherever it stands */
    double idf;
    uint32_t *tf; /* per passage */
};

enum node_kind { NODE_LEAF, NODE_FILTER, NODE_BEST, NODE_GROUP };

struct node {
    enum node_kind kind;
    struct leaf *leaf;
    const char *column; /* FILTER: canonical name, one of a few constants */
    bool *articles;     /* FILTER: the chosen ones */
    struct node **must, **should, **not ;
    size_t must_count, should_count, not_count;
    bool filters_only;
};

struct naive_search {
    struct naive *naive;
    double k1, b;
    struct rf_tokens tokens;
    struct leaf **leaves;
    size_t leaf_count;
    struct node *root;
    bool other_words;
    struct verdict *verdicts;
};

struct node *naive_node(enum node_kind kind);

/* The leaf, or both, of a word or a phrase; NULL where it holds no word. */
struct node *naive_text_node(struct naive_search *search, const struct query *query, bool title, bool positive);

/* The metadata fields that documents.c knows, and id, by their one name; NULL for all others. */
const char *naive_column(const char *field);
struct node *naive_filter_node(struct naive_search *search, const struct query *query, const char *column);

bool naive_slot_fits(const struct slot *slot, const struct term *term);
void naive_add_node(struct node ***list, size_t *count, struct node *node);

#endif
