/* SPDX-License-Identifier: BSD-3-Clause */
/* Memory that is freed all at once: a list of blocks, filled from the front. */
#include "base/arena.h"

struct rf_arena_block {
    struct rf_arena_block *next;
    size_t used, size;
    size_t
        zeroed; /* up to here, what is behind `used` is zero: most that is asked for is small, and zeroing it piece by piece costs more */
    max_align_t data[];
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
        rf_free(arena->allocator, arena->blocks);
        arena->blocks = next;
    }
}

void rf_arena_reset(struct rf_arena *arena)
{
    struct rf_arena_block *kept = NULL;
    for (struct rf_arena_block *block = arena->blocks, *next; block; block = next) {
        next = block->next;
        if (kept || block->size != BLOCK)
            rf_free(arena->allocator, block);
        else
            kept = block;
    }
    arena->blocks = kept;
    if (kept)
        *kept = (struct rf_arena_block){.size = BLOCK};
}

static void *new_block(struct rf_arena *arena, size_t bytes)
{
    if (bytes > SIZE_MAX - sizeof(struct rf_arena_block))
        return NULL;
    struct rf_arena_block *block = rf_alloc(arena->allocator, sizeof *block + bytes);
    if (!block)
        return NULL;
    block->used = block->zeroed = 0;
    block->size = bytes;
    block->next = arena->blocks;
    arena->blocks = block;
    return block;
}

/* The block with so much memory behind what is used of it, which may hold anything; and its size is made a whole number of units. */
static struct rf_arena_block *find_block(struct rf_arena *arena, size_t *size)
{
    size_t bytes = *size;
    if (bytes > SIZE_MAX - ALIGN)
        return NULL;
    *size = bytes = (bytes + ALIGN - 1) / ALIGN * ALIGN;
    struct rf_arena_block *block = arena->blocks;
    if (!block || block->size - block->used < bytes) {
        /* What is large gets a block of its own, behind the one that is being filled. */
        struct rf_arena_block *filling = block;
        block = new_block(arena, bytes > BLOCK / 4 ? bytes : BLOCK);
        if (!block)
            return NULL;
        if (bytes > BLOCK / 4 && filling) {
            arena->blocks = filling;
            block->next = filling->next;
            filling->next = block;
        }
    }
    return block;
}

static void zero(struct rf_arena_block *block, size_t end)
{
    size_t from = block->zeroed > block->used ? block->zeroed : block->used, to = from + ZEROED;
    if (to > block->size)
        to = block->size;
    if (to < end)
        to = end;
    memset((uint8_t *)block->data + from, 0, to - from);
    block->zeroed = to;
}

void *rf_arena_alloc(struct rf_arena *arena, size_t bytes)
{
    struct rf_arena_block *block = find_block(arena, &bytes);
    if (!block)
        return NULL;
    if (block->used + bytes > block->zeroed)
        zero(block, block->used + bytes);
    void *memory = (uint8_t *)block->data + block->used;
    block->used += bytes;
    return memory;
}

void *rf_arena_array(struct rf_arena *arena, size_t count, size_t size)
{
    return size && count > SIZE_MAX / size ? NULL : rf_arena_alloc(arena, count * size);
}

void *rf_arena_room(struct rf_arena *arena, size_t count, size_t size)
{
    size_t bytes = count * size;
    struct rf_arena_block *block = size && count > SIZE_MAX / size ? NULL : find_block(arena, &bytes);
    if (!block)
        return NULL;
    void *memory = (uint8_t *)block->data + block->used;
    block->used += bytes;
    return memory;
}

char *rf_arena_copy(struct rf_arena *arena, const char *bytes, size_t n)
{
    char *copy = n == SIZE_MAX ? NULL : rf_arena_alloc(arena, n + 1);
    if (copy && n)
        memcpy(copy, bytes, n);
    return copy;
}
