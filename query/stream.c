/* SPDX-License-Identifier: BSD-3-Clause */
/* Postings one after the other. */
#include "query/stream.h"

#include <stdlib.h>

/* Stands on the first posting of the block at hand, or at the end. */
static riffle_status enter(struct rf_stream *stream, riffle_error *error)
{
    stream->at = 0;
    stream->doc = RF_NO_DOC;
    if (!stream->cursor.count)
        return RIFFLE_OK;
    riffle_status status = rf_cursor_docs(&stream->cursor, error);
    if (!status)
        stream->doc = stream->cursor.docs[0];
    return status;
}

riffle_status rf_stream_open(struct rf_stream *stream, const struct rf_segment *segment, const struct rf_term *term,
                             riffle_error *error)
{
    riffle_status status = rf_cursor_open(&stream->cursor, segment, term, error);
    if (!status)
        status = rf_cursor_next_block(&stream->cursor, error);
    return status ? status : enter(stream, error);
}

riffle_status rf_stream_seek_slowly(struct rf_stream *stream, uint32_t doc, riffle_error *error)
{
    if (stream->cursor.last_doc < doc) {
        riffle_status status = rf_cursor_seek_block(&stream->cursor, doc, error);
        if (!status)
            status = enter(stream, error);
        if (status)
            return status;
    }
    /* The block ends in last_doc, which is not before doc; at the end of the list `doc` is RF_NO_DOC already. */
    while (stream->doc < doc && stream->at + 1 < stream->cursor.count)
        stream->doc = stream->cursor.docs[++stream->at];
    return RIFFLE_OK;
}

riffle_status rf_streams_open(struct rf_streams *streams, const struct rf_slot *slot, const struct rf_native *index,
                              uint32_t segment, riffle_error *error)
{
    const struct rf_term *terms = (const struct rf_term *)slot->found + (size_t)segment * slot->key_count;
    *streams = (struct rf_streams){.doc = RF_NO_DOC, .allocator = &index->allocator};
    uint32_t count = 0;
    for (uint32_t k = 0; k < slot->key_count; k++)
        count += terms[k].df > 0;
    if (!count)
        return RIFFLE_OK;
    streams->list = rf_alloc(&index->allocator, count * sizeof *streams->list);
    if (!streams->list)
        return rf_fail_memory(error);
    for (uint32_t k = 0; k < slot->key_count; k++) {
        if (!terms[k].df)
            continue;
        struct rf_stream *stream = &streams->list[streams->count];
        riffle_status status = rf_stream_open(stream, index->generation.segments[segment], &terms[k], error);
        if (status)
            return status;
        streams->count++;
        streams->df += terms[k].df;
        if (stream->doc < streams->doc)
            streams->doc = stream->doc;
    }
    return RIFFLE_OK;
}

void rf_streams_release(struct rf_streams *streams)
{
    if (streams->list)
        rf_free(streams->allocator, streams->list);
    streams->list = NULL;
    streams->count = 0;
}

riffle_status rf_streams_seek(struct rf_streams *streams, uint32_t doc, riffle_error *error)
{
    if (streams->doc >= doc)
        return RIFFLE_OK;
    streams->doc = RF_NO_DOC;
    for (uint32_t i = 0; i < streams->count; i++) {
        riffle_status status = rf_stream_seek(&streams->list[i], doc, error);
        if (status)
            return status;
        if (streams->list[i].doc < streams->doc)
            streams->doc = streams->list[i].doc;
    }
    return RIFFLE_OK;
}

riffle_status rf_streams_tf(struct rf_streams *streams, uint32_t doc, uint32_t *tf, riffle_error *error)
{
    uint64_t sum = 0;
    for (uint32_t i = 0; i < streams->count; i++) {
        struct rf_stream *stream = &streams->list[i];
        if (stream->doc != doc)
            continue;
        riffle_status status = rf_cursor_tfs(&stream->cursor, error);
        if (status)
            return status;
        sum += stream->cursor.tfs[stream->at];
    }
    *tf = sum < UINT32_MAX ? (uint32_t)sum : UINT32_MAX;
    return RIFFLE_OK;
}

riffle_status rf_positions_append(struct rf_positions *positions, struct rf_stream *stream, riffle_error *error)
{
    riffle_status status = rf_cursor_tfs(&stream->cursor, error);
    if (status)
        return status;
    size_t tf = stream->cursor.tfs[stream->at];
    if (!rf_grow(positions->allocator, (void **)&positions->list, &positions->capacity, positions->count + tf + RF_PADDING,
                 sizeof *positions->list))
        return rf_fail_memory(error);
    status = rf_cursor_positions(&stream->cursor, stream->at, positions->list + positions->count, error);
    if (!status)
        positions->count += tf;
    return status;
}

static int by_value(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

void rf_positions_settle(struct rf_positions *positions, size_t from)
{
    uint32_t *list = positions->list + from;
    size_t count = positions->count - from, kept = 0;
    if (!count)
        return;
    qsort(list, count, sizeof *list, by_value);
    for (size_t i = 0; i < count; i++)
        if (!kept || list[kept - 1] != list[i])
            list[kept++] = list[i];
    positions->count = from + kept;
}

riffle_status rf_streams_positions(struct rf_streams *streams, uint32_t doc, struct rf_positions *positions, riffle_error *error)
{
    positions->count = 0;
    for (uint32_t i = 0; i < streams->count; i++) {
        if (streams->list[i].doc != doc)
            continue;
        riffle_status status = rf_positions_append(positions, &streams->list[i], error);
        if (status)
            return status;
    }
    if (streams->count > 1)
        rf_positions_settle(positions, 0);
    return RIFFLE_OK;
}
