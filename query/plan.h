/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A query made ready for an index: its words analysed as the index's were, looked up in all segments, and weighted. Both ways of
 * executing a query, the matches of a hit, and the explanation of a score work from this one tree.
 */
#ifndef RF_PLAN_H
#define RF_PLAN_H

#include "query/filter.h"
#include "query/index.h"
#include "query/parse.h"
#include "query/score.h"
#include "text/text.h"

enum {
    RF_EXPANSION = 1024, /* terms that a word* stands for, the most frequent ones */
    RF_EXPANSIONS = 4096 /* of all of a query's */
};

/* A place of a phrase, or a word of its own: any of some terms of the dictionary. */
struct rf_slot {
    struct rf_bytes *keys; /* with their prefixes, in order of bytes */
    uint32_t key_count;
    struct rf_term *terms;     /* [segment * key_count + key]; df 0: not in that segment */
    uint64_t df;               /* over all segments; of several terms the sum, but never more than there are docs */
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
    double weight; /* sum of the slots' idfs */
    uint32_t scaled_weight;
    uint32_t number;       /* in the plan, from 0 */
    struct rf_bytes shown; /* in the query language */
    struct rf_leaf *next;
};

enum rf_node_kind {
    RF_NODE_LEAF,
    RF_NODE_FILTER,
    RF_NODE_MAX, /* should_count children: matches where one does, and scores as the best of them */
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

struct rf_plan {
    const riffle_index *index;
    struct rf_node *root; /* NULL: the query says nothing */
    struct rf_leaf *leaves;
    uint32_t leaf_count;
    struct rf_filter *filters;
    uint32_t filter_count;
    const struct rf_scorer *scorer;
    int scale;           /* scores are integers times 2^-scale */
    const char *reading; /* NUL-terminated */
};

/* `language` is the index's, opened for this search. What the plan holds belongs to the arena. */
riffle_status rf_plan_build(struct rf_plan *plan, const riffle_index *index, struct rf_language *language, const char *query,
                            size_t n, bool strict, struct rf_arena *arena, riffle_error *error);

/* ---- Parts of it, in files of their own ---- */

/* Finds a slot's keys in all segments and counts df. `stem_is_fixed` is for stems, see rf_segment_find_stem. */
riffle_status rf_slot_find(struct rf_slot *slot, const riffle_index *index, bool is_stem, bool stem_is_fixed,
                           struct rf_arena *arena, riffle_error *error);

/* Makes the slot's keys all terms that start with `prefix`, at most `most` of them, and finds them. *cut: there were more. */
riffle_status rf_slot_expand(struct rf_slot *slot, const riffle_index *index, const char *prefix, size_t n, uint32_t most,
                             bool *cut, struct rf_arena *arena, riffle_error *error);

/* The tree in the query language. */
void rf_reading_append(struct rf_buffer *out, const struct rf_node *root);

#endif
