/* SPDX-License-Identifier: BSD-3-Clause */
/* An opened index: what its engine opened, and the language of its words. */
#ifndef RF_INDEX_H
#define RF_INDEX_H

#include "engine/engine.h"

struct rf_language;

struct riffle_index {
    riffle_allocator allocator;
    const char *engine_name;
    const struct rf_reading *engine;
    void *store; /* the engine's */
    struct rf_settings settings;
    struct rf_language *language; /* for searches to copy */
};

#endif
