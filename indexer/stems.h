/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The stems of a segment. While the lists of the surface forms are written, each form's stem is noted here; when all are there, the forms
 * are grouped by stem. A stem with several forms gets the union of their lists, one with a single form an alias to it, or nothing
 * where form and stem are the same.
 */
#ifndef RF_STEMS_H
#define RF_STEMS_H

#include "store/postings.h"
#include "text/text.h"

struct rf_stems {
    const riffle_allocator *allocator;
    struct rf_language *language;
    struct rf_buffer notes; /* per form: stem key, form, where its list is */
    void *order;            /* of struct note: sorted by stem at the end */
    size_t count, capacity;
    bool failed;
};

void rf_stems_init(struct rf_stems *stems, struct rf_language *language, const riffle_allocator *allocator);
void rf_stems_release(struct rf_stems *stems);
/* Notes a surface form, with its prefix if any, when its list has been written. */
void rf_stems_note(struct rf_stems *stems, const char *form, size_t n, const struct rf_term *info);
/* Writes all stems. No surface form may follow. `docs`: passages of the segment. */
riffle_status rf_stems_write(struct rf_stems *stems, struct rf_postings_writer *writer, uint32_t docs, riffle_error *error);

#endif
