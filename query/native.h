/* SPDX-License-Identifier: BSD-3-Clause */
/* The native engine as readers see it: an opened generation. Nothing in it changes once it is open. */
#ifndef RF_NATIVE_H
#define RF_NATIVE_H

#include "engine/engine.h"
#include "engine/fields.h"
#include "kernels/score.h"
#include "store/generation.h"

struct rf_workspaces;

struct rf_native {
    riffle_allocator allocator;
    struct rf_generation generation;
    uint64_t docs, articles;
    uint64_t length_sum;
    double average_length;
    bool has_stems; /* else each word is its stem, and stands in the dictionary as itself alone */
    struct rf_scorer usual_scorer;
    uint64_t *article_base;           /* per segment: articles of the segments before it */
    struct rf_workspaces *workspaces; /* of searches that are over, for the next ones */
    struct rf_fields fields;          /* a column is its segment and its number there */
};

static inline uint32_t rf_column_segment(uint64_t column) { return (uint32_t)(column >> 32); }
static inline uint32_t rf_column_number(uint64_t column) { return (uint32_t)column; }

/* Of a search: what its plan's `search` points to. */
struct rf_native_search {
    const struct rf_native *index;
    const struct rf_scorer *scorer;
    int scale; /* scores are integers times 2^-scale */
};

extern const struct rf_reading rf_native_reading;

/* native_articles.c: articles by number, and by their segment. */
riffle_status rf_native_describe(void *store, const struct rf_hit *hit, struct rf_passage_facts *facts, riffle_error *error);
riffle_status rf_native_passage_text(void *store, const struct rf_hit *hit, struct rf_buffer *text, riffle_error *error);
riffle_status rf_native_hit_field(void *store, const struct rf_hit *hit, const char *name, struct rf_bytes *value,
                                  riffle_error *error);
riffle_status rf_native_find_article(void *store, const struct rf_bytes *id, bool *found, uint64_t *article, riffle_error *error);
riffle_status rf_native_article_field(void *store, uint64_t article, const char *name, struct rf_bytes *value, riffle_error *error);
riffle_status rf_native_article_text(void *store, uint64_t article, struct rf_buffer *text, riffle_error *error);

/* A passage's number for the outside: its segment above its doc. */
static inline uint64_t rf_native_number(uint32_t segment, uint32_t doc) { return (uint64_t)segment << 32 | doc; }

#endif
