/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A query made ready for an index, as an engine gets it: a tree over words that were analysed as the index's were and looked up in
 * it. Executing a query, the matches of a hit, and the explanation of a score work from this one tree.
 */
#ifndef RF_TREE_H
#define RF_TREE_H

#include "base/settings.h"

/* A place of a phrase, or a word of its own: any of some terms of the dictionary. */
struct rf_slot {
    struct rf_bytes *keys; /* with their prefixes, in order of bytes */
    uint32_t key_count;
    bool stem_is_fixed;        /* of a stem: the stem of the stem is itself */
    void *found;               /* the engine's own: what it has found out of the keys */
    uint64_t df;               /* in the whole index; of several terms the sum, but never more than there are docs */
    bool first_character_only; /* stands for terms that start with one character of Han, Kana or Hangul */
};

enum rf_leaf_kind {
    RF_LEAF_STEM,  /* one slot, a stem */
    RF_LEAF_WORD,  /* one slot, surface forms */
    RF_LEAF_PHRASE /* several slots at consecutive positions */
};

struct rf_leaf {
    enum rf_leaf_kind kind;
    bool title;    /* of the title alone */
    bool positive; /* not under NOT: scores and shows */
    bool insisted; /* a stop word that has to be shown with a + to count */
    struct rf_slot *slots;
    uint32_t slot_count;
    double weight;          /* sum of the slots' idfs */
    uint32_t scaled_weight; /* the native engine's own: the weight in its fixed point */
    uint32_t number;        /* in the plan, from 0 */
    struct rf_bytes shown;  /* in the query language */
    struct rf_leaf *next;
};

/* A metadata field by its folded name, and what the engine calls the columns whose names fold to that. */
struct rf_field {
    struct rf_bytes name;
    uint64_t *columns;
    size_t column_count, column_capacity;
};

enum rf_filter_kind {
    RF_FILTER_VALUE,  /* equal to `low`, folded */
    RF_FILTER_PREFIX, /* starts with `low` */
    RF_FILTER_RANGE,  /* from `low` to `high` or anything that starts with it; either may be empty: open */
    RF_FILTER_ID      /* the article's id is `low`, byte for byte */
};

/* A condition on an article's metadata, which chooses passages and scores nothing. */
struct rf_filter {
    enum rf_filter_kind kind;
    struct rf_bytes name;         /* folded */
    const struct rf_field *field; /* NULL: id. Lives until the search ends; with the native engine until the index closes */
    struct rf_bytes low, high;    /* folded */
    struct rf_bytes shown;        /* in the query language */
    uint32_t number;              /* in the plan, from 0 */
    struct rf_filter *next;
};

/* Does a folded value fit the filter? */
bool rf_filter_fits(const struct rf_filter *filter, const struct rf_bytes *value);

enum rf_node_kind {
    RF_NODE_LEAF,
    RF_NODE_FILTER,
    RF_NODE_MAX, /* a compound: the phrase of its parts, then its joined form. Matches where one does, and scores as the better one, or,
                    where an engine says so, as the first that matches */
    RF_NODE_BOOL /* all musts, no nots and, where `any` is set, one should; scores the sum of musts and shoulds */
};

struct rf_node {
    enum rf_node_kind kind;
    struct rf_leaf *leaf;
    struct rf_filter *filter;
    struct rf_node **children; /* musts, then shoulds, then nots; cheap musts and nots first */
    uint32_t must_count, should_count, not_count;
    bool any;
    bool filters_only; /* nothing in it scores or is meant to */
    bool loose;        /* a filter without a sign, or some of one field side by side: more of them join it, as alternatives */
    uint32_t height;   /* 0 for leaves and filters */
    uint64_t cost;     /* for the order of evaluation: about the postings to read; phrases last */
};

/* Inverse document frequency as Lucene has it: never negative. */
double rf_idf(uint64_t docs, uint64_t df);

struct rf_plan {
    struct rf_node *root; /* NULL: the query says nothing */
    struct rf_leaf *leaves;
    uint32_t leaf_count;
    struct rf_filter *filters;
    uint32_t filter_count;
    const char *reading; /* the query as it was understood; NUL-terminated */
    void *search;        /* the engine's own, in the search's arena */
};

#endif
