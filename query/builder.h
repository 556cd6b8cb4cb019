/* SPDX-License-Identifier: BSD-3-Clause */
/* What the files that make a plan of a query share. */
#ifndef RF_BUILDER_H
#define RF_BUILDER_H

#include "query/plan.h"

struct rf_builder {
    struct rf_plan *plan;
    const struct rf_view *view;
    struct rf_words *words; /* tokens: of the leaf at hand; left_out: what the reading says was */
    struct rf_arena *arena;
    bool strict;
    bool other_words;         /* there are words that could choose and are no stop words */
    bool too_long, cut;       /* RF_QUERY_BYTES or RF_QUERY_WORDS was passed */
    uint32_t slots, expanded; /* how much of RF_QUERY_WORDS and RF_EXPANSIONS is used */
    struct rf_leaf **last_leaf;
    struct rf_filter **last_filter;
    riffle_status status; /* sticks: after a failure the rest of the tree is passed over */
    riffle_error *error;
};

/* ---- Memory of the plan's arena. What fails sets the status ---- */

/* Always NULL. */
void *rf_builder_fail_memory(struct rf_builder *b);
void *rf_builder_array(struct rf_builder *b, size_t count, size_t size);
struct rf_node *rf_builder_node(struct rf_builder *b, enum rf_node_kind kind);
struct rf_bytes rf_builder_keep(struct rf_builder *b, const void *data, size_t n);
/* Appends to words->text. */
void rf_builder_say(struct rf_builder *b, const char *string);
/* Keeps what stands in words->text. */
struct rf_bytes rf_builder_keep_text(struct rf_builder *b);

/* Fills words->tokens. false: there is a failure, now or from before. */
bool rf_builder_tokenize(struct rf_builder *b, const struct rf_syntax *leaf);

/* Adds to what was left out; what is there already is not said again. */
void rf_builder_leave_out(struct rf_builder *b, const char *what, size_t n);

/* ---- What stands in a query, but for groups. NULL: nothing, or a failure ---- */

struct rf_node *rf_builder_text(struct rf_builder *b, const struct rf_syntax *syntax, bool title, bool positive);
/* `field` NULL: the id. */
struct rf_node *rf_builder_filter(struct rf_builder *b, const struct rf_syntax *syntax, const struct rf_field *field);

#endif
