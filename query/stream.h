/* SPDX-License-Identifier: BSD-3-Clause */
/* Postings one after the other: a cursor with a place in its block, and the streams of all terms of a slot together. */
#ifndef RF_STREAM_H
#define RF_STREAM_H

#include "query/native.h"
#include "store/cursor.h"

struct rf_stream {
    struct rf_cursor cursor;
    uint32_t doc; /* where it stands; RF_NO_DOC: at the end */
    uint32_t at;  /* its place in the block */
};

/* Stands on the first posting. */
riffle_status rf_stream_open(struct rf_stream *stream, const struct rf_segment *segment, const struct rf_term *term,
                             riffle_error *error);

/* Goes forward to the first posting at or behind `doc`, if it stands before. */
riffle_status rf_stream_seek_slowly(struct rf_stream *stream, uint32_t doc, riffle_error *error);
static inline riffle_status rf_stream_seek(struct rf_stream *stream, uint32_t doc, riffle_error *error)
{
    return stream->doc >= doc ? RIFFLE_OK : rf_stream_seek_slowly(stream, doc, error);
}

/* The terms of a slot that a segment holds. */
struct rf_streams {
    struct rf_stream *list;
    uint32_t count;
    uint32_t doc; /* the least of their docs */
    uint64_t df;  /* sum of theirs */
    const riffle_allocator *allocator;
};

/* To be released, whatever it returns. */
riffle_status rf_streams_open(struct rf_streams *streams, const struct rf_slot *slot, const struct rf_native *index,
                              uint32_t segment, riffle_error *error);
void rf_streams_release(struct rf_streams *streams);
riffle_status rf_streams_seek(struct rf_streams *streams, uint32_t doc, riffle_error *error);

/* How often the terms occur in the doc, all together; the streams stand at or behind it. */
riffle_status rf_streams_tf(struct rf_streams *streams, uint32_t doc, uint32_t *tf, riffle_error *error);

struct rf_positions {
    uint32_t *list;
    size_t count, capacity;
    const riffle_allocator *allocator;
};

/* Where they occur there, ascending, each place once (a joined form has the place of its first part). */
riffle_status rf_streams_positions(struct rf_streams *streams, uint32_t doc, struct rf_positions *positions, riffle_error *error);

/* Sorts list[from, count) and drops what is there twice. */
void rf_positions_settle(struct rf_positions *positions, size_t from);
/* Appends the positions of the posting where the stream stands. */
riffle_status rf_positions_append(struct rf_positions *positions, struct rf_stream *stream, riffle_error *error);

#endif
