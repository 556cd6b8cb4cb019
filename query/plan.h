/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A query made ready for an index: its words analysed as the index's were, looked up in it, and weighted: the tree of engine/tree.h.
 */
#ifndef RF_PLAN_H
#define RF_PLAN_H

#include "engine/engine.h"
#include "query/parse.h"
#include "text/text.h"

enum {
    RF_EXPANSION = 1024, /* terms that a word* stands for, the most frequent ones */
    RF_EXPANSIONS = 4096 /* of all of a query's */
};

/* An engine's view of an index: what a search works on from its beginning to its end. */
struct rf_view {
    const struct rf_reading *engine;
    void *view;
    struct rf_facts facts;
    const riffle_allocator *allocator;
};

/* What understands words, one text after the other, and the memory that it uses again each time. For one thread at a time. */
struct rf_words {
    struct rf_language *language; /* the index's own, copied */
    struct rf_tokens tokens;
    struct rf_buffer text, left_out; /* scratch */
};

/* `language` has to live longer. false: no memory, and nothing to release. */
bool rf_words_init(struct rf_words *words, const struct rf_language *language, const riffle_allocator *allocator);
void rf_words_release(struct rf_words *words);
/* Frees lists of more than `most` bytes, and those that failed to grow. */
void rf_words_trim(struct rf_words *words, size_t most);

/* What the plan holds belongs to the arena. */
riffle_status rf_plan_build(struct rf_plan *plan, const struct rf_view *view, struct rf_words *words, const char *query, size_t n,
                            bool strict, struct rf_arena *arena, riffle_error *error);

/* ---- Parts of it, in files of their own ---- */

/* Makes the slot's keys all terms that start with `prefix`, at most `most` of them. *cut: there were more. */
riffle_status rf_slot_expand(struct rf_slot *slot, const struct rf_view *view, const char *prefix, size_t n, uint32_t most,
                             bool *cut, struct rf_arena *arena, riffle_error *error);

/* The tree in the query language. */
void rf_reading_append(struct rf_buffer *out, const struct rf_node *root);

#endif
