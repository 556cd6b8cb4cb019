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

riffle_status rf_batch_block(const struct rf_list *list, uint32_t ordinal, struct rf_block *block, riffle_error *error)
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

enum { FEW = 3 }; /* up to so many postings of a block, reading their term frequencies one by one is faster than decoding all */

static riffle_status read_tfs(struct rf_postings *postings, const uint32_t *where, size_t count, uint32_t *tfs, riffle_error *error)
{
    riffle_status status = RIFFLE_OK;
    if (count <= FEW && !postings->has_tfs) {
        for (size_t i = 0; !status && i < count; i++)
            status = rf_list_tf(&postings->list, &postings->block, where[i], &tfs[i], error);
        return status;
    }
    status = rf_postings_tfs(postings, error);
    for (size_t i = 0; !status && i < count; i++)
        tfs[i] = postings->tfs[where[i]];
    return status;
}

riffle_status rf_batch_tfs(const struct rf_postings *postings, const uint32_t *ordinals, size_t n, uint32_t *tfs,
                           riffle_error *error)
{
    const struct rf_list *list = &postings->list;
    struct rf_block block = {.number = UINT32_MAX};
    uint32_t all[RF_BLOCK + RF_PADDING];
    riffle_status status = RIFFLE_OK;
    for (size_t at = 0, end; !status && at < n; at = end) {
        for (end = at + 1; end < n && ordinals[end] / RF_BLOCK == ordinals[at] / RF_BLOCK;)
            end++;
        status = rf_batch_block(list, ordinals[at], &block, error);
        if (!status && end - at > FEW)
            status = rf_list_tfs(list, &block, all, error);
        for (size_t i = at; !status && i < end; i++) {
            if (ordinals[i] % RF_BLOCK >= block.count)
                return rf_fail(error, RIFFLE_CORRUPT, "a rank leads behind its list");
            if (end - at > FEW)
                tfs[i] = all[ordinals[i] % RF_BLOCK];
            else
                status = rf_list_tf(list, &block, ordinals[i] % RF_BLOCK, &tfs[i], error);
        }
    }
    return status;
}

static riffle_status join_dense(struct rf_postings *postings, const uint32_t *docs, size_t n, uint32_t *places, uint32_t *ordinals,
                                uint32_t *tfs, size_t *found, riffle_error *error)
{
    uint32_t own[RF_BATCH + RF_PADDING];
    size_t count = *found = rf_kernels->filter_bits(postings->list.bitmap, docs, n, places);
    ordinals = ordinals ? ordinals : own;
    for (size_t i = 0; (tfs || ordinals != own) && i < count; i++)
        ordinals[i] = rf_postings_rank(&postings->list, docs[places[i]]);
    return tfs ? rf_batch_tfs(postings, ordinals, count, tfs, error) : RIFFLE_OK;
}

riffle_status rf_batch_join(struct rf_postings *postings, const uint32_t *docs, size_t n, uint32_t *places, uint32_t *ordinals,
                            uint32_t *tfs, size_t *found, riffle_error *error)
{
    uint32_t where[RF_BLOCK + RF_PADDING];
    size_t all = 0;
    *found = 0;
    if (postings->list.bitmap)
        return join_dense(postings, docs, n, places, ordinals, tfs, found, error);
    bool more = false;
    riffle_status status = n ? rf_postings_seek(postings, docs[0], &more, error) : RIFFLE_OK;
    for (size_t at = 0, end; !status && more; at = end) {
        for (end = at + 1; end < n && docs[end] <= postings->block.last;)
            end++;
        /* While this block is decoded, the next one comes. */
        uint32_t next = postings->list.blocks;
        if (end < n)
            next = rf_list_find_block(&postings->list, postings->block.number + 1, docs[end]);
        more = next < postings->list.blocks;
        if (more)
            rf_list_prefetch_docs(&postings->list, next);
        if (docs[end - 1] >= postings->block.base) {
            if ((status = rf_postings_docs(postings, error)))
                return status;
            size_t count = rf_kernels->match(docs + at, end - at, postings->docs, postings->block.count, places + all, where);
            for (size_t i = 0; at && i < count; i++)
                places[all + i] += (uint32_t)at;
            for (size_t i = 0; ordinals && i < count; i++)
                ordinals[all + i] = postings->block.number * RF_BLOCK + where[i];
            if (tfs && (status = read_tfs(postings, where, count, tfs + all, error)))
                return status;
            *found = all += count;
        }
        if (more) {
            postings->has_docs = postings->has_tfs = false;
            status = rf_list_block(&postings->list, next, &postings->block, error);
        }
    }
    return status;
}
