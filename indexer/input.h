/* SPDX-License-Identifier: BSD-3-Clause */
/* Input as a stream of bytes: a descriptor, gzipped or not, seen through a window that grows as far as its reader needs. */
#ifndef RF_INPUT_H
#define RF_INPUT_H

#include <zlib.h>

#include "base/base.h"

struct rf_input {
    /* Set by the caller, before anything else; the rest starts as zeros. */
    const riffle_allocator *allocator;
    int descriptor;
    riffle_import_counts *counts;  /* bytes and raw_bytes grow here */
    int (*on_read)(void *context); /* called after each read, and when a signal interrupts one; nonzero: RIFFLE_STOPPED */
    void *context;
    /* The window: bytes [at, end) were read and not used yet. They may be changed in place. */
    char *window;
    size_t at, end, capacity;
    bool ended; /* nothing comes behind the window */
    /* private */
    uint8_t *raw; /* as on disk */
    size_t raw_at, raw_end;
    uint64_t raw_offset; /* of raw_end in the input */
    bool raw_ended, sniffed, gzip, inflating, in_member;
    z_stream stream;
};

/* Frees what the input holds; the descriptor stays open. */
void rf_input_release(struct rf_input *input);

/*
 * Makes the window hold `need` bytes, or all that is left. RIFFLE_NO_MEMORY and RIFFLE_STOPPED end everything; other failures are
 * the input's (RIFFLE_IO, RIFFLE_BAD_INPUT), and what was read before is in the window.
 */
riffle_status rf_input_fill(struct rf_input *input, size_t need, riffle_error *error);

enum rf_line_kind { RF_LINE, RF_LINE_TOO_LONG, RF_LINE_NONE };

/*
 * Takes the next line, without its end ("\n" or "\r\n"), out of the window, where it stays until the next call. A line over `limit`
 * is passed over and told as RF_LINE_TOO_LONG; RF_LINE_NONE is the end. After a failure a piece of a line is lost, no whole line.
 */
riffle_status rf_input_line(struct rf_input *input, size_t limit, char **line, size_t *length, enum rf_line_kind *kind,
                            riffle_error *error);

#endif
