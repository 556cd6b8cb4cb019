/* SPDX-License-Identifier: BSD-3-Clause */
/* The engines that were registered in this process; riffle.h, engine.h. */
#include "engine/engine.h"

#include <stdatomic.h>

enum { MOST_ENGINES = 8 };

/* Filled from the front and never emptied: a reader needs no lock. */
static _Atomic(const riffle_engine *) engines[MOST_ENGINES];

riffle_status riffle_engine_register(const riffle_engine *engine, riffle_error *error)
{
    if (!engine)
        return rf_fail(error, RIFFLE_INVALID, "riffle_engine_register: no engine");
    if (engine->version != RF_ENGINE_VERSION)
        return rf_fail(error, RIFFLE_INVALID, "the engine was made for another version of libriffle");
    for (size_t i = 0; i < MOST_ENGINES; i++) {
        const riffle_engine *there = NULL;
        if (atomic_compare_exchange_strong(&engines[i], &there, engine) || there == engine)
            return rf_ok(error);
    }
    return rf_fail(error, RIFFLE_INVALID, "more than %d engines", (int)MOST_ENGINES);
}

const riffle_engine *rf_engine_at(size_t number) { return number < MOST_ENGINES ? atomic_load(&engines[number]) : NULL; }

const riffle_engine *rf_engine_named(const char *name)
{
    for (size_t i = 0; i < MOST_ENGINES; i++) {
        const riffle_engine *engine = atomic_load(&engines[i]);
        if (engine && strcmp(engine->name, name) == 0)
            return engine;
    }
    return NULL;
}

const riffle_engine *rf_engine_for(const char *path)
{
    for (size_t i = 0; i < MOST_ENGINES; i++) {
        const riffle_engine *engine = atomic_load(&engines[i]);
        if (engine && engine->recognises(path))
            return engine;
    }
    return NULL;
}
