/* SPDX-License-Identifier: BSD-3-Clause */
/* Dropping docs from a batch, and looking them up in lists; batch.h. */
#include "query/batch.h"

void rf_batch_keep(struct rf_batch *batch, const uint32_t *places, size_t count)
{
    if (count == batch->count)
        return;
    for (size_t i = 0; i < count; i++) {
        uint32_t from = places[i];
        batch->docs[i] = batch->docs[from];
        batch->seats[i] = batch->seats[from];
        batch->scores[i] = batch->scores[from];
    }
    batch->count = (uint32_t)count;
}

void rf_batch_drop(struct rf_batch *batch, const uint32_t *places, size_t count)
{
    uint32_t kept[RF_BATCH + RF_PADDING];
    size_t n = 0, next = 0;
    for (uint32_t i = 0; count && i < batch->count; i++) {
        bool dropped = next < count && places[next] == i;
        next += dropped;
        kept[n] = i;
        n += !dropped;
    }
    if (count)
        rf_batch_keep(batch, kept, n);
}

void rf_batch_cut(struct rf_batch *batch, const uint32_t *rest, unsigned shift, uint32_t first, uint32_t threshold)
{
    batch->count = (uint32_t)rf_kernels->cut(batch->docs, batch->seats, batch->scores, batch->count, rest, shift, first, threshold);
}

void rf_batch_allow(struct rf_batch *batch, const struct rf_ranked *run)
{
    uint32_t kept[RF_BATCH + RF_PADDING];
    size_t n = 0;
    for (uint32_t i = 0; i < batch->count; i++) {
        kept[n] = i;
        n += run->allowed[batch->docs[i] / 64] >> batch->docs[i] % 64 & 1;
    }
    rf_batch_keep(batch, kept, n);
}

/* The block of a posting by its number. */
static riffle_status find_block(const struct rf_list *list, uint32_t ordinal, struct rf_block *block, riffle_error *error)
{
    riffle_status status = RIFFLE_OK;
    if (ordinal / RF_BLOCK >= list->blocks)
        return rf_fail(error, RIFFLE_CORRUPT, "a rank leads behind its list");
    if (block->number != ordinal / RF_BLOCK)
        status = rf_list_block(list, ordinal / RF_BLOCK, block, error);
    if (!status && ordinal % RF_BLOCK >= block->count)
        return rf_fail(error, RIFFLE_CORRUPT, "a rank leads behind its list");
    return status;
}

/* ---- Looking docs up ---- */

enum {
    FEW = 3,         /* up to so many postings of a block, reading their term frequencies one by one is faster than decoding all */
    GROUPS = 16,     /* blocks that are sought, and asked of the memory, before the first of them is decoded */
    AHEAD_OF_TFS = 6 /* so many postings ahead their block is asked of the memory, where term frequencies alone are read */
};

/* Docs that are in one block of a list, if they are in the list: those before `end` that are in no group before. */
struct group {
    uint32_t block, end;
};

/* Up to GROUPS of them for the docs from `at` on. Those behind the list's last one are in none. */
static size_t find_groups(const struct rf_list *list, uint32_t from, const uint32_t *docs, size_t at, size_t n,
                          struct group *groups)
{
    size_t count = 0;
    while (at < n && count < GROUPS) {
        uint32_t block = rf_list_find_block(list, from, docs[at]);
        if (block >= list->blocks)
            break;
        at += list->entries ? rf_kernels->count_below(docs + at, n - at, rf_list_last(list, block) + 1) : n - at;
        groups[count++] = (struct group){block, (uint32_t)at};
        rf_list_prefetch_docs(list, block);
        from = block + 1;
    }
    return count;
}

/* Of postings of the block at hand by their places in it, or their numbers in the list. */
static riffle_status read_tfs(struct rf_postings *postings, const uint32_t *where, size_t count, uint32_t *tfs, riffle_error *error)
{
    if (count <= FEW && !postings->has_tfs)
        return rf_list_some_tfs(&postings->list, &postings->block, where, count, tfs, error);
    riffle_status status = rf_postings_tfs(postings, error);
    for (size_t i = 0; !status && i < count; i++)
        tfs[i] = postings->tfs[where[i] % RF_BLOCK];
    return status;
}

riffle_status rf_batch_tfs(const struct rf_postings *postings, const uint32_t *ordinals, size_t n, uint32_t *tfs,
                           riffle_error *error)
{
    const struct rf_list *list = &postings->list;
    struct rf_block block = {.number = UINT32_MAX};
    uint32_t all[RF_BLOCK + RF_PADDING];
    for (size_t i = 0; i < n; i++)
        rf_list_prefetch_entry(list, ordinals[i] / RF_BLOCK);
    for (size_t i = 0; i < AHEAD_OF_TFS && i < n; i++)
        rf_list_prefetch_docs(list, ordinals[i] / RF_BLOCK);
    for (size_t at = 0, end; at < n; at = end) {
        uint32_t behind = (ordinals[at] / RF_BLOCK + 1) * RF_BLOCK;
        end = at + 1 + rf_kernels->count_below(ordinals + at + 1, n - at - 1, behind);
        size_t from = end - at > FEW ? end - 1 : at; /* where blocks have many, one of them will do */
        for (size_t i = from + AHEAD_OF_TFS; i < end + AHEAD_OF_TFS && i < n; i++)
            rf_list_prefetch_docs(list, ordinals[i] / RF_BLOCK);
        riffle_status status = find_block(list, ordinals[at], &block, error);
        if (!status && end - at <= FEW)
            status = rf_list_some_tfs(list, &block, ordinals + at, end - at, tfs + at, error);
        else if (!status && !(status = rf_list_tfs(list, &block, all, error)))
            for (size_t i = at; i < end; i++)
                tfs[i] = all[ordinals[i] % RF_BLOCK];
        if (status)
            return status;
    }
    return RIFFLE_OK;
}

static riffle_status join_dense(struct rf_postings *postings, const uint32_t *docs, size_t n, uint32_t *places, uint32_t *ordinals,
                                uint32_t *tfs, size_t *found, riffle_error *error)
{
    size_t count = *found = rf_kernels->filter_bits(postings->list.bitmap, docs, n, places);
    ordinals = ordinals ? ordinals : tfs; /* which take their place one by one */
    for (size_t i = 0; ordinals && i < count; i++)
        ordinals[i] = docs[places[i]];
    if (ordinals)
        rf_kernels->ranks(postings->list.bitmap, postings->list.ranks, ordinals, count, ordinals);
    return tfs ? rf_batch_tfs(postings, ordinals, count, tfs, error) : RIFFLE_OK;
}

/* Goes to a block, which stays as it is if it is at hand already. */
static riffle_status go_to(struct rf_postings *postings, uint32_t number, riffle_error *error)
{
    if (postings->block.number == number)
        return RIFFLE_OK;
    postings->has_docs = postings->has_tfs = false;
    return rf_list_block(&postings->list, number, &postings->block, error);
}

riffle_status rf_batch_join(struct rf_postings *postings, const uint32_t *docs, size_t n, uint32_t *places, uint32_t *ordinals,
                            uint32_t *tfs, size_t *found, riffle_error *error)
{
    const struct rf_list *list = &postings->list;
    struct group groups[GROUPS];
    size_t all = 0, at = 0, count;
    *found = 0;
    if (list->bitmap)
        return join_dense(postings, docs, n, places, ordinals, tfs, found, error);
    bool behind = n && postings->block.number != UINT32_MAX && postings->block.base <= docs[0];
    uint32_t from = behind ? postings->block.number : 0;
    while ((count = find_groups(list, from, docs, at, n, groups))) {
        for (size_t i = 0; i < count; i++) {
            uint32_t others[RF_BLOCK + RF_PADDING], *where = ordinals ? ordinals + all : others;
            size_t some;
            riffle_status status = go_to(postings, groups[i].block, error);
            if (!status)
                status = rf_list_match(list, &postings->block, docs, at, groups[i].end, places + all, where, &some, error);
            if (status)
                return status;
            if (tfs && (status = read_tfs(postings, where, some, tfs + all, error)))
                return status;
            all += some;
            at = groups[i].end;
        }
        *found = all;
        from = groups[count - 1].block + 1;
    }
    return RIFFLE_OK;
}
