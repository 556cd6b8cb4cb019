/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From an article to its documents, one a passage; engine_format.h says what is in them. Used for one article after the other. */
#ifndef RF_XAPIAN_DOCUMENT_H
#define RF_XAPIAN_DOCUMENT_H

#include "engine/engine.h"
#include "text/text.h"
#include "xapian/engine_format.h"
#include "xapian/engine_slots.h"

/* libxapian cannot keep records, values or lists of terms of some 130 MB or more; what an article brings to one document is held well
 * below that. */
enum { RF_DOCUMENT_MAX = 32 << 20 };

/* Each passage has a copy of its article's metadata: more than this, and all copies together may take no more than one document. */
enum { RF_SHARED_MAX = 4096 };

struct rf_document_batch;

struct rf_documents {
    const riffle_allocator *allocator;
    const char *name; /* of the index, for messages */
    const struct rf_settings *settings;
    struct rf_language *language;
    struct rf_slots slots; /* fields of the database, and of the articles that were begun */
    rx_document *document; /* the passage at hand */
    struct rf_tokens tokens, title_tokens;
    struct rf_passages passages;
    /* Of the article at hand, without those that are empty or given twice. */
    riffle_field *fields;
    rx_slot *field_slots;
    size_t field_count, field_capacity, slot_capacity;
    uint64_t articles;
    struct rf_buffer bytes;
    struct rf_document_batch *batch;
    uint64_t wdf; /* sum over the terms of the passage at hand */
};

/* `name`, `settings` and `language` have to live longer. To be released even where it fails. */
riffle_status rf_documents_init(struct rf_documents *documents, const char *name, const struct rf_settings *settings,
                                struct rf_language *language, const riffle_allocator *allocator, riffle_error *error);
void rf_documents_release(struct rf_documents *documents);

/* Analyses the article and cuts it into documents->passages. RIFFLE_TOO_LARGE and RIFFLE_INVALID change nothing. */
riffle_status rf_documents_begin(struct rf_documents *documents, const struct rf_article *article, riffle_error *error);
/* Makes documents->document that of passage number `passage`. */
riffle_status rf_documents_fill(struct rf_documents *documents, const struct rf_article *article, uint32_t passage,
                                riffle_error *error);

#endif
