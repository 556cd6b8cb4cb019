/* SPDX-License-Identifier: BSD-3-Clause */
/* A list and its block at hand: seeking and decoding; ranked.h. */
#include "query/ranked.h"

riffle_status rf_postings_open(struct rf_postings *postings, const struct rf_segment *segment, const struct rf_term *term,
                               riffle_error *error)
{
    postings->block.number = UINT32_MAX;
    postings->has_docs = postings->has_tfs = false;
    return rf_list_open(&postings->list, segment, term, error);
}

riffle_status rf_postings_enter(struct rf_postings *postings, uint32_t number, riffle_error *error)
{
    postings->has_docs = postings->has_tfs = false;
    return rf_list_block(&postings->list, number, &postings->block, error);
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
    return *found ? rf_postings_enter(postings, next, error) : RIFFLE_OK;
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
