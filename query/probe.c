/* SPDX-License-Identifier: BSD-3-Clause */
/* A list and its block at hand: seeking, decoding, and asking for some docs; ranked.h. */
#include "query/ranked.h"

riffle_status rf_postings_open(struct rf_postings *postings, const struct rf_segment *segment, const struct rf_term *term,
                               riffle_error *error)
{
    postings->block.number = UINT32_MAX;
    postings->has_docs = postings->has_tfs = false;
    return rf_list_open(&postings->list, segment, term, error);
}

riffle_status rf_postings_seek(struct rf_postings *postings, uint32_t doc, bool *found, riffle_error *error)
{
    uint32_t at = postings->block.number;
    *found = true;
    if (at != UINT32_MAX && postings->block.last >= doc && postings->block.base <= doc)
        return RIFFLE_OK;
    uint32_t from = at != UINT32_MAX && postings->block.last < doc ? at + 1 : 0;
    uint32_t next = rf_list_find_block(&postings->list, from, doc);
    *found = next < postings->list.blocks;
    if (!*found)
        return RIFFLE_OK;
    postings->has_docs = postings->has_tfs = false;
    return rf_list_block(&postings->list, next, &postings->block, error);
}

riffle_status rf_postings_docs(struct rf_postings *postings, riffle_error *error)
{
    if (postings->has_docs)
        return RIFFLE_OK;
    postings->has_docs = true;
    return rf_list_docs(&postings->list, &postings->block, postings->docs, error);
}

riffle_status rf_postings_tfs(struct rf_postings *postings, riffle_error *error)
{
    if (postings->has_tfs)
        return RIFFLE_OK;
    postings->has_tfs = true;
    return rf_list_tfs(&postings->list, &postings->block, postings->tfs, error);
}

enum { AHEAD = 6 }; /* so many frequencies from now, one will be read: some 100 ns */

uint32_t rf_postings_rank(const struct rf_list *list, uint32_t doc)
{
    size_t range = doc >> RF_RANGE_BITS;
    return rf_load32(list->ranks + range * 4) +
           (uint32_t)rf_kernels->count_first(list->bitmap + range * (RF_RANGE / 8), doc % RF_RANGE);
}

static riffle_status probe_dense(struct rf_postings *postings, const uint32_t *docs, size_t n, uint32_t *places, uint32_t *tfs,
                                 size_t *found, riffle_error *error)
{
    const struct rf_list *list = &postings->list;
    size_t count = *found = rf_kernels->filter_bits(list->bitmap, docs, n, places);
    riffle_status status = RIFFLE_OK;
    for (size_t i = 0; tfs && i < count; i++) {
        tfs[i] = rf_postings_rank(list, docs[places[i]]); /* so far */
        rf_list_prefetch_record(list, tfs[i] / RF_BLOCK);
    }
    for (size_t i = 0; tfs && !status && i < count; i++) {
        uint32_t at = tfs[i], number = at / RF_BLOCK;
        if (i + AHEAD < count)
            rf_list_prefetch_docs(list, tfs[i + AHEAD] / RF_BLOCK);
        if (number >= list->blocks)
            return rf_fail(error, RIFFLE_CORRUPT, "a rank leads behind its list");
        if (number != postings->block.number) {
            postings->has_docs = postings->has_tfs = false;
            status = rf_list_block(list, number, &postings->block, error);
        }
        if (!status && at % RF_BLOCK >= postings->block.count)
            return rf_fail(error, RIFFLE_CORRUPT, "a rank leads behind its list");
        if (postings->has_tfs)
            tfs[i] = postings->tfs[at % RF_BLOCK];
        else if (!status)
            status = rf_list_tf(list, &postings->block, at % RF_BLOCK, &tfs[i], error);
    }
    return status;
}

/* The same for docs [at, end), all of them in the block at hand if they are in the list. */
static riffle_status probe_block(struct rf_postings *postings, const uint32_t *docs, size_t at, size_t end, uint32_t *places,
                                 uint32_t *tfs, size_t *found, riffle_error *error)
{
    enum { FEW = 2 }; /* up to so many frequencies are sooner read one by one */
    uint32_t where[RF_BLOCK + RF_PADDING];
    riffle_status status = rf_postings_docs(postings, error);
    if (status)
        return status;
    size_t count = *found = rf_kernels->match(docs + at, end - at, postings->docs, postings->block.count, places, where);
    for (size_t i = 0; i < count; i++)
        places[i] += (uint32_t)at;
    if (tfs && count > FEW)
        status = rf_postings_tfs(postings, error);
    for (size_t i = 0; tfs && !status && i < count; i++) {
        if (postings->has_tfs)
            tfs[i] = postings->tfs[where[i]];
        else
            status = rf_list_tf(&postings->list, &postings->block, where[i], &tfs[i], error);
    }
    return status;
}

riffle_status rf_postings_probe(struct rf_postings *postings, const uint32_t *docs, size_t n, uint32_t *places, uint32_t *tfs,
                                size_t *found, riffle_error *error)
{
    *found = 0;
    if (postings->list.bitmap)
        return probe_dense(postings, docs, n, places, tfs, found, error);
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
            size_t count;
            status = probe_block(postings, docs, at, end, places + *found, tfs ? tfs + *found : NULL, &count, error);
            *found += status ? 0 : count;
        }
        if (more && !status) {
            postings->has_docs = postings->has_tfs = false;
            status = rf_list_block(&postings->list, next, &postings->block, error);
        }
    }
    return status;
}
