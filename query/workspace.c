/* SPDX-License-Identifier: BSD-3-Clause */
/* Workspaces of searches, kept for the next ones: making one anew would cost more than most searches, for its pages have to be made too. */
#include "query/ranked.h"

#include <stdatomic.h>

enum { RF_WORKSPACES = 8 }; /* that are kept: as many searches at a time as pay for the memory, 2.1 MB each at most */

struct rf_workspaces {
    _Atomic(struct rf_workspace *) spare[RF_WORKSPACES];
};

bool rf_workspaces_init(struct rf_native *index)
{
    index->workspaces = rf_alloc_zero(&index->allocator, sizeof *index->workspaces);
    return index->workspaces != NULL;
}

static void destroy(const struct rf_native *index, struct rf_workspace *workspace)
{
    if (workspace) {
        rf_arena_release(&workspace->leaves);
        rf_arena_release(&workspace->arena);
    }
    rf_free(&index->allocator, workspace ? workspace->memory : NULL);
}

void rf_workspaces_release(struct rf_native *index)
{
    for (unsigned i = 0; index->workspaces && i < RF_WORKSPACES; i++)
        destroy(index, atomic_load(&index->workspaces->spare[i]));
    rf_free(&index->allocator, index->workspaces);
}

struct rf_workspace *rf_workspace_take(const struct rf_native *index)
{
    for (unsigned i = 0; i < RF_WORKSPACES; i++) {
        struct rf_workspace *spare = atomic_exchange(&index->workspaces->spare[i], NULL);
        if (spare)
            return spare;
    }
    void *memory = rf_alloc(&index->allocator, sizeof(struct rf_workspace) + RF_CACHE_LINE);
    struct rf_workspace *fresh = NULL;
    if (memory) {
        fresh = rf_cache_line_from(memory);
        fresh->memory = memory;
        memset(fresh->sums, 0, sizeof fresh->sums);
        memset(fresh->marks, 0, sizeof fresh->marks);
        rf_arena_init(&fresh->leaves, &index->allocator);
        rf_arena_init(&fresh->arena, &index->allocator);
    }
    return fresh;
}

void rf_workspace_give(const struct rf_native *index, struct rf_workspace *workspace)
{
    for (unsigned i = 0; workspace && i < RF_WORKSPACES; i++)
        workspace = atomic_exchange(&index->workspaces->spare[i], workspace);
    destroy(index, workspace);
}
