/* SPDX-License-Identifier: BSD-3-Clause */
/* Memory that is freed all at once: a list of blocks, filled from the front. */
#include "base/arena.h"

struct rf_arena_block {
    struct rf_arena_block *next;
    void *memory; /* that it was allocated in */
    size_t used, size;
    size_t zeroed; /* up to here, what is behind `used` is zero: zeroing it for each of many small pieces would cost more */
    _Alignas(RF_CACHE_LINE) uint8_t data[];
};

enum { BLOCK = 1 << 16, ALIGN = sizeof(max_align_t), ZEROED = 1024 /* at a time */ };

void rf_arena_init(struct rf_arena *arena, const riffle_allocator *allocator)
{
    arena->allocator = allocator;
    arena->blocks = NULL;
}

void rf_arena_release(struct rf_arena *arena)
{
    while (arena->blocks) {
        struct rf_arena_block *next = arena->blocks->next;
        rf_free(arena->allocator, arena->blocks->memory);
        arena->blocks = next;
    }
}

void rf_arena_reset(struct rf_arena *arena)
{
    struct rf_arena_block *kept = NULL;
    for (struct rf_arena_block *block = arena->blocks, *next; block; block = next) {
        next = block->next;
        if (kept || block->size != BLOCK)
            rf_free(arena->allocator, block->memory);
        else
            kept = block;
    }
    arena->blocks = kept;
    if (kept)
        *kept = (struct rf_arena_block){.memory = kept->memory, .size = BLOCK};
}

static void *new_block(struct rf_arena *arena, size_t bytes)
{
    if (bytes > SIZE_MAX - sizeof(struct rf_arena_block) - RF_CACHE_LINE)
        return NULL;
    void *memory = rf_alloc(arena->allocator, sizeof(struct rf_arena_block) + RF_CACHE_LINE + bytes);
    if (!memory)
        return NULL;
    struct rf_arena_block *block = rf_cache_line_from(memory);
    block->memory = memory;
    block->used = block->zeroed = 0;
    block->size = bytes;
    block->next = arena->blocks;
    arena->blocks = block;
    return block;
}

/* Makes a block with so much memory the one that is being filled; what is large gets a block of its own, behind that. */
static __attribute__((noinline)) void *take_new(struct rf_arena *arena, size_t bytes, bool zero)
{
    struct rf_arena_block *filling = arena->blocks, *block = new_block(arena, bytes > BLOCK / 4 ? bytes : BLOCK);
    if (!block)
        return NULL;
    if (bytes > BLOCK / 4 && filling) {
        arena->blocks = filling;
        block->next = filling->next;
        filling->next = block;
    }
    block->used = bytes;
    return zero ? memset(block->data, 0, bytes) : block->data;
}

static void zero_to(struct rf_arena_block *block, size_t end)
{
    size_t from = block->zeroed > block->used ? block->zeroed : block->used, most = block->size - from;
    size_t least = end - from, bytes = most < ZEROED ? most : ZEROED;
    bytes = bytes < least ? least : bytes;
    memset(block->data + from, 0, bytes);
    block->zeroed = from + bytes;
}

static inline void *take(struct rf_arena *arena, size_t bytes, bool zero)
{
    if (bytes > SIZE_MAX - RF_CACHE_LINE)
        return NULL;
    bytes = (bytes + ALIGN - 1) / ALIGN * ALIGN;
    struct rf_arena_block *block = arena->blocks;
    size_t skipped = block && bytes >= RF_ARENA_LARGE ? (0 - block->used) % RF_CACHE_LINE : 0;
    if (!block || block->size - block->used < bytes + skipped)
        return take_new(arena, bytes, zero);
    block->used += skipped;
    uint8_t *memory = block->data + block->used;
    if (zero && block->used + bytes > block->zeroed)
        zero_to(block, block->used + bytes);
    block->used += bytes;
    return memory;
}

void *rf_arena_alloc(struct rf_arena *arena, size_t bytes) { return take(arena, bytes, true); }

void *rf_arena_array(struct rf_arena *arena, size_t count, size_t size)
{
    size_t bytes;
    return __builtin_mul_overflow(count, size, &bytes) ? NULL : take(arena, bytes, true);
}

void *rf_arena_room(struct rf_arena *arena, size_t count, size_t size)
{
    size_t bytes;
    return __builtin_mul_overflow(count, size, &bytes) ? NULL : take(arena, bytes, false);
}

char *rf_arena_copy(struct rf_arena *arena, const char *bytes, size_t n)
{
    char *copy = n > SIZE_MAX - RF_ZEROS_BEHIND ? NULL : take(arena, n + RF_ZEROS_BEHIND, false);
    if (!copy)
        return NULL;
    if (n)
        memcpy(copy, bytes, n);
    memset(copy + n, 0, RF_ZEROS_BEHIND);
    return copy;
}
