/* SPDX-License-Identifier: BSD-3-Clause */
/* An allocator that fails; failing_memory.h. */
#include "tests/support/failing_memory.h"

#include <stdlib.h>

static struct {
    bool armed, for_ever;
    size_t calls, fail_at; /* counted while armed */
    long live;             /* blocks */
} memory;

static bool refuses(void)
{
    if (!memory.armed)
        return false;
    memory.calls++;
    return memory.for_ever ? memory.calls >= memory.fail_at : memory.calls == memory.fail_at;
}

static void *allocate(void *context, size_t bytes)
{
    (void)context;
    void *block = refuses() ? NULL : malloc(bytes);
    memory.live += block != NULL;
    return block;
}

static void *resize(void *context, void *block, size_t bytes)
{
    (void)context;
    void *grown = refuses() ? NULL : realloc(block, bytes);
    memory.live += grown && !block;
    return grown;
}

static void release(void *context, void *block)
{
    (void)context;
    memory.live -= block != NULL;
    free(block);
}

const riffle_allocator failing_memory = {allocate, resize, release, NULL};

void failing_arm(size_t fail_at, bool for_ever)
{
    memory.armed = true;
    memory.for_ever = for_ever;
    memory.calls = 0;
    memory.fail_at = fail_at;
}

bool failing_disarm(void)
{
    memory.armed = false;
    return memory.calls >= memory.fail_at;
}

size_t failing_calls(void) { return memory.calls; }
long failing_live(void) { return memory.live; }
