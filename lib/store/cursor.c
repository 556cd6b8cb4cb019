/* SPDX-License-Identifier: BSD-3-Clause */
/* Walking postings; cursor.h. */
#include "store/cursor.h"

#include "store/segment_files.h"

static riffle_status fail(struct rf_cursor *cursor, riffle_status status)
{
    cursor->failed = status;
    cursor->count = 0;
    cursor->last_doc = RF_NO_DOC;
    return status;
}

static riffle_status fail_again(const struct rf_cursor *cursor, riffle_error *error)
{
    return rf_fail(error, cursor->failed, "%s: damaged", cursor->list.segment->name);
}

riffle_status rf_cursor_open(struct rf_cursor *cursor, const struct rf_segment *segment, const struct rf_term *term,
                             riffle_error *error)
{
    /* The arrays stay as they are: clearing 1 KB a cursor would cost more than opening it. */
    cursor->count = 0;
    cursor->last_doc = RF_NO_DOC;
    cursor->df = term->df;
    cursor->has_positions = term->has_positions;
    cursor->block = (struct rf_block){.number = UINT32_MAX};
    cursor->failed = RIFFLE_OK;
    cursor->docs_ready = cursor->tfs_ready = false;
    riffle_status status = rf_list_open(&cursor->list, segment, term, error);
    return status ? fail(cursor, status) : RIFFLE_OK;
}

/* Stands on a block without decoding it, as far as there are records. */
static riffle_status enter_block(struct rf_cursor *cursor, uint32_t number, riffle_error *error)
{
    const struct rf_list *list = &cursor->list;
    struct rf_block *block = &cursor->block;
    uint32_t base = block->number == UINT32_MAX ? 0 : block->base;
    cursor->docs_ready = cursor->tfs_ready = false;
    cursor->place_of = UINT32_MAX;
    if (number >= list->blocks) {
        block->number = list->blocks;
        cursor->count = 0;
        cursor->last_doc = RF_NO_DOC;
        return RIFFLE_OK;
    }
    riffle_status status = rf_list_block(list, number, block, error);
    if (!status && block->base < base) /* a damaged record must not step back */
        status = rf_fail(error, RIFFLE_CORRUPT, "%s.docs: block records out of order", list->segment->name);
    if (status)
        return fail(cursor, status);
    cursor->count = block->count;
    cursor->last_doc = block->last;
    struct rf_most most = rf_list_most(list, number);
    cursor->bound_tf = most.tf;
    cursor->bound_length = most.length;
    if (list->blocks == 1) { /* no record tells the last doc */
        status = rf_cursor_docs(cursor, error);
        if (!status)
            cursor->last_doc = cursor->docs[cursor->count - 1];
    }
    return status;
}

riffle_status rf_cursor_next_block(struct rf_cursor *cursor, riffle_error *error)
{
    if (cursor->failed)
        return fail_again(cursor, error);
    return enter_block(cursor, cursor->block.number == UINT32_MAX ? 0 : cursor->block.number + 1, error);
}

riffle_status rf_cursor_seek_block(struct rf_cursor *cursor, uint32_t doc, riffle_error *error)
{
    if (cursor->failed)
        return fail_again(cursor, error);
    bool started = cursor->block.number != UINT32_MAX;
    if (started && (cursor->block.number >= cursor->list.blocks || cursor->last_doc >= doc))
        return RIFFLE_OK;
    riffle_status status =
        enter_block(cursor, rf_list_find_block(&cursor->list, started ? cursor->block.number + 1 : 0, doc), error);
    if (!status && cursor->last_doc < doc) /* its only block */
        status = rf_cursor_next_block(cursor, error);
    return status;
}

riffle_status rf_cursor_docs(struct rf_cursor *cursor, riffle_error *error)
{
    if (cursor->failed)
        return fail_again(cursor, error);
    if (cursor->docs_ready || !cursor->count)
        return RIFFLE_OK;
    riffle_status status = rf_list_docs(&cursor->list, &cursor->block, cursor->docs, error);
    if (status)
        return fail(cursor, status);
    cursor->docs_ready = true;
    return RIFFLE_OK;
}

riffle_status rf_cursor_tfs(struct rf_cursor *cursor, riffle_error *error)
{
    riffle_status status = rf_cursor_docs(cursor, error);
    if (status || cursor->tfs_ready || !cursor->count)
        return status;
    status = rf_list_tfs(&cursor->list, &cursor->block, cursor->tfs, error);
    if (status)
        return fail(cursor, status);
    cursor->tfs_ready = true;
    return RIFFLE_OK;
}

riffle_status rf_cursor_positions(struct rf_cursor *cursor, uint32_t i, uint32_t *out, riffle_error *error)
{
    riffle_status status = rf_cursor_tfs(cursor, error);
    for (; !status && cursor->place_of < i; cursor->place_of++)
        cursor->place.skip += cursor->tfs[cursor->place_of];
    if (!status && cursor->place_of > i) {
        uint32_t ordinal = cursor->block.number * RF_BLOCK + i, tf;
        status = rf_list_places(&cursor->list, &ordinal, 1, &tf, &cursor->place, error);
    }
    uint32_t tf = status ? 0 : cursor->tfs[i], *positions;
    if (!status)
        status = rf_positions_read(&cursor->list, &cursor->place, tf, out, &positions, error);
    for (uint32_t j = 0; !status && j < tf; j++) {
        if (j && positions[j] <= out[j - 1])
            status = rf_fail(error, RIFFLE_CORRUPT, "%s.positions: positions out of order", cursor->list.segment->name);
        out[j] = positions[j];
    }
    cursor->place_of = i + 1;
    return status ? fail(cursor, status) : RIFFLE_OK;
}
