/* SPDX-License-Identifier: BSD-3-Clause */
/* Writing the articles of a segment: ids, titles, metadata columns, passages, and their stored text. */
#ifndef RF_ARTICLES_H
#define RF_ARTICLES_H

#include "store/container.h"
#include "store/segment_files.h"

enum { RF_COLUMNS_MAX = 1000 };

/* A column that is being filled: its distinct values in order of arrival, found by a hash table. */
struct rf_column_builder {
    struct rf_buffer name, bytes, offsets; /* offsets: u32, where each value starts */
    struct rf_buffer codes;                /* u32, one an article: 0 or 1 + value */
    uint32_t *table;                       /* 1 + value, open addressing */
    uint32_t table_size, values;
};

/* Texts and records are streamed; ids, distinct values, and some 4 to 20 bytes for each article and passage stay in memory. */
struct rf_articles_writer {
    const riffle_allocator *allocator;
    riffle_error error; /* sticks */
    struct rf_container_writer file;
    struct rf_buffer lengths;         /* one code a doc */
    struct rf_buffer starts, firsts;  /* u32 */
    struct rf_buffer offsets;         /* u64: where each article's record starts */
    struct rf_buffer ids, id_offsets; /* the ids again, for the id order and to find doubles */
    uint32_t *table;                  /* 1 + article by hash of id, open addressing */
    uint32_t table_size;
    struct rf_buffer record;
    struct rf_column_builder *columns;
    size_t column_count, column_capacity;
    uint32_t articles, docs;
    uint64_t length_sum;
    /* Stored text, where there is any. */
    bool store_text;
    struct rf_container_writer text;
    struct rf_buffer pending_text, text_index, text_articles;
    uint64_t text_size; /* bytes of text in the blocks so far, before compression */
    void *deflate;      /* a z_stream */
    struct rf_buffer deflated;
};

riffle_status rf_articles_create(struct rf_articles_writer *writer, const char *folder, uint32_t number, bool store_text,
                                 const riffle_allocator *allocator, riffle_error *error);
bool rf_articles_has(const struct rf_articles_writer *writer, const char *id, size_t n);
/* Is there room for the columns of these fields? An index has at most RF_COLUMNS_MAX in a segment. */
bool rf_articles_has_room(const struct rf_articles_writer *writer, const riffle_field *fields, size_t field_count);
/* The id must not be there yet. `text` may be NULL where none is stored; its length counts all the same. */
void rf_articles_add(struct rf_articles_writer *writer, const struct rf_bytes *id, const struct rf_bytes *title, const char *text,
                     uint32_t text_length, const riffle_field *fields, size_t field_count);
/* Adds the next passage of the article that was added last. */
void rf_articles_add_doc(struct rf_articles_writer *writer, uint32_t start, uint64_t length);
static inline const uint8_t *rf_articles_lengths(const struct rf_articles_writer *writer) { return writer->lengths.data; }
/* Bytes of memory that it holds. */
size_t rf_articles_memory(const struct rf_articles_writer *writer);
riffle_status rf_articles_finish(struct rf_articles_writer *writer, struct rf_segment_entry *entry, riffle_error *error);
void rf_articles_release(struct rf_articles_writer *writer, bool remove);

/* textstore.c */
riffle_status rf_text_create(struct rf_articles_writer *writer, const char *path, riffle_error *error);
void rf_text_add(struct rf_articles_writer *writer, const char *text, uint32_t n);
riffle_status rf_text_finish(struct rf_articles_writer *writer, riffle_error *error);
void rf_text_release(struct rf_articles_writer *writer, bool remove);
void *rf_zlib_allocate(void *allocator, unsigned items, unsigned size);
void rf_zlib_release(void *allocator, void *memory);

#endif
