/* SPDX-License-Identifier: BSD-3-Clause */
/* An opened index: what its engine opened, and the language of its words. */
#ifndef RF_INDEX_H
#define RF_INDEX_H

#include "engine/engine.h"

struct rf_language;
struct rf_waiting;

struct riffle_index {
    riffle_allocator allocator;
    const char *engine_name;
    const struct rf_reading *engine;
    void *store; /* the engine's */
    struct rf_settings settings;
    struct rf_language *language; /* for searches to copy */
    struct rf_waiting *waiting;
};

/* search.c: results that were freed, for searches of any thread to use again. NULL: no memory. */
struct rf_waiting *rf_waiting_new(const riffle_allocator *allocator);
void rf_waiting_free(struct rf_waiting *waiting, const riffle_allocator *allocator);

#endif
