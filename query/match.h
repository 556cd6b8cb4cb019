/* SPDX-License-Identifier: BSD-3-Clause */
/* Where a text matches a plan: found by reading the text again, with the same words as the index holds. */
#ifndef RF_MATCH_H
#define RF_MATCH_H

#include "query/plan.h"

/* An occurrence of a leaf: bytes of the text that was read. */
struct rf_match {
    uint32_t start, end;
    const struct rf_leaf *leaf;
};

struct rf_matches {
    struct rf_match *list; /* by start, longer ones first */
    size_t count, capacity;
    const riffle_allocator *allocator;
};

struct rf_matcher;

/* A matcher for the words of the plan's positive leaves. It uses the language, and lives in the arena. NULL: no memory. */
struct rf_matcher *rf_matcher_new(const struct rf_plan *plan, struct rf_language *language, struct rf_arena *arena);

/* Replaces the list by all occurrences in a text of these tokens; leaves of the title alone count where `in_title`. false: no memory. */
bool rf_matcher_run(struct rf_matcher *matcher, const char *text, const struct rf_tokens *tokens, bool in_title,
                    struct rf_matches *matches);

/* The matches as ranges that do not overlap, `shift` added to all. NULL: no memory. */
riffle_range *rf_matches_merge(const struct rf_matches *matches, uint64_t shift, struct rf_arena *arena, size_t *count);

#endif
