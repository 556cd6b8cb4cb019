/* SPDX-License-Identifier: BSD-3-Clause */
/* Memory that is freed all at once: what belongs to one search. */
#ifndef RF_ARENA_H
#define RF_ARENA_H

#include "base/base.h"

struct rf_arena_block;

struct rf_arena {
    const riffle_allocator *allocator;
    struct rf_arena_block *blocks;
};

void rf_arena_init(struct rf_arena *arena, const riffle_allocator *allocator);
void rf_arena_release(struct rf_arena *arena);
/* Gives back what was allocated, for the arena to be filled again, but keeps memory enough for a beginning. */
void rf_arena_reset(struct rf_arena *arena);

enum { RF_ARENA_LARGE = 512 }; /* bytes: what takes so many begins where a line of memory does */

/* Zeroed, aligned for anything; NULL: no memory. */
void *rf_arena_alloc(struct rf_arena *arena, size_t bytes);
/* The same for an array: `count * size` that passes SIZE_MAX is no memory. */
void *rf_arena_array(struct rf_arena *arena, size_t count, size_t size);
/* The same with anything in it, for what is written before it is read. */
void *rf_arena_room(struct rf_arena *arena, size_t count, size_t size);
/* A copy with RF_ZEROS_BEHIND zeros behind it, for those who read eight bytes at a time. */
enum { RF_ZEROS_BEHIND = 8 };
char *rf_arena_copy(struct rf_arena *arena, const char *bytes, size_t n);

#endif
