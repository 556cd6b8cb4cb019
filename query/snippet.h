/* SPDX-License-Identifier: BSD-3-Clause */
/* The part of a passage that shows best why it was found. */
#ifndef RF_SNIPPET_H
#define RF_SNIPPET_H

#include "query/match.h"

enum { RF_SNIPPET_WIDTH = 240, RF_SNIPPET_LEAST = 20 };

/* `matches` are those of the text, by start. What the snippet points to is in the arena. false: no memory. */
bool rf_snippet_make(const char *text, size_t n, const struct rf_tokens *tokens, const struct rf_matches *matches, size_t width,
                     const struct rf_plan *plan, struct rf_arena *arena, riffle_snippet *snippet);

#endif
