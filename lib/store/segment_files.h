/* SPDX-License-Identifier: BSD-3-Clause */
/* What a segment is made of: the mapped files and where their sections lie. For lib/store alone, and the merge. */
#ifndef RF_SEGMENT_FILES_H
#define RF_SEGMENT_FILES_H

#include "kernels/kernels.h"
#include "store/container.h"
#include "store/segment.h"

/* The files of segment 7 are 000007.terms and so on. Kinds are the two letters of their magic. */
#define RF_KIND_TERMS     "DI"
#define RF_KIND_DOCS      "PO"
#define RF_KIND_POSITIONS "PS"
#define RF_KIND_ARTICLES  "AR"
#define RF_KIND_TEXT      "TX"
#define RF_KIND_DELETED   "DE"

enum {
    RF_SECTION_BLOCKS = RF_TAG('B', 'L', 'K', 'S'),
    RF_SECTION_INDEX = RF_TAG('I', 'N', 'D', 'X'),
    RF_SECTION_KEYS = RF_TAG('K', 'E', 'Y', 'S'),
    RF_SECTION_TOPS = RF_TAG('T', 'O', 'P', 'S'),
    RF_SECTION_FACTS = RF_TAG('F', 'A', 'C', 'T'),
    RF_SECTION_DOCS = RF_TAG('D', 'O', 'C', 'S'),
    RF_SECTION_POSITIONS = RF_TAG('P', 'O', 'S', 'N'),
    RF_SECTION_LENGTHS = RF_TAG('L', 'E', 'N', 'S'),
    RF_SECTION_STARTS = RF_TAG('S', 'T', 'R', 'T'),
    RF_SECTION_FIRSTS = RF_TAG('F', 'R', 'S', 'T'),
    RF_SECTION_ARTICLES = RF_TAG('A', 'R', 'T', 'I'),
    RF_SECTION_OFFSETS = RF_TAG('A', 'O', 'F', 'F'),
    RF_SECTION_IDS = RF_TAG('I', 'D', 'I', 'X'),
    RF_SECTION_COLUMNS = RF_TAG('C', 'O', 'L', 'S'),
    RF_SECTION_BITS = RF_TAG('B', 'I', 'T', 'S'),
};

enum { RF_DICTIONARY_BLOCK = 16, RF_DICTIONARY_GROUP = 32 /* blocks */, RF_MOST_EXCEPTIONS = 31 };
enum { RF_TEXT_BLOCK = 32768 };

/* Kinds of dictionary entries, the low two bits of what follows a term. */
enum { RF_ENTRY_POSITIONS = 0, RF_ENTRY_STEM = 1, RF_ENTRY_ALIAS = 2 };

struct rf_column {
    struct rf_bytes name;
    uint32_t values;
    const uint8_t *offsets; /* u32, values + 1 of them */
    const char *bytes;
    uint64_t byte_count;
    const uint8_t *codes; /* u32, one an article: 0 or 1 + value */
};

struct rf_segment {
    riffle_allocator allocator;
    char name[16]; /* "000007" for messages */
    bool is_run;   /* its lists have neither bests nor bounds nor bitmaps */
    struct rf_container terms, docs, positions, articles, text, deleted;
    struct rf_span term_blocks, term_index, term_keys, term_tops, doc_data, position_data;
    struct rf_span lengths, starts, firsts, records, offsets, ids;
    struct rf_span text_blocks, text_index, text_articles, deleted_bits;
    const uint8_t *length_codes;
    uint32_t doc_count, article_count, live_docs;
    uint64_t term_count, length_sum;
    uint32_t pair_count, pair_threshold; /* how many of the terms are pairs, and which words are paired (pairs.h); 0: none */
    struct rf_column *columns;
    uint32_t column_count;
    bool has_text;
};

static inline uint32_t rf_range_count(uint32_t docs) { return docs / RF_RANGE + (docs % RF_RANGE != 0); }
static inline size_t rf_ranks_bytes(uint32_t docs)
{
    return 4 * (((size_t)docs + RF_CHUNK - 1) >> RF_CHUNK_BITS) + 2 * (size_t)rf_range_count(docs);
}
static inline uint32_t rf_fine_count(uint32_t docs) { return (docs >> RF_FINE_BITS) + (docs % (1u << RF_FINE_BITS) != 0); }
/* Whether a list of more than RF_BLOCK postings has bounds for ranges of docs, closer ones for parts of them too, and a bitmap. */
static inline bool rf_has_maxima(uint32_t df, uint32_t docs) { return (uint64_t)df * 256 >= docs; }
static inline bool rf_has_fine_maxima(uint32_t df, uint32_t docs) { return (uint64_t)df * 32 >= docs; }
static inline bool rf_has_bitmap(uint32_t df, uint32_t docs) { return (uint64_t)df * 16 >= docs; }

/* Path of a file of the segment: "folder/000007.terms". NULL: no memory. */
char *rf_segment_path(const riffle_allocator *allocator, const char *folder, uint32_t number, const char *suffix);

/* What the manifest knows of a segment, so that files of another one are never taken for its own. */
enum { RF_FILE_TERMS, RF_FILE_DOCS, RF_FILE_POSITIONS, RF_FILE_ARTICLES, RF_FILE_TEXT, RF_FILES };
extern const char *const rf_file_suffix[RF_FILES];

struct rf_segment_entry {
    uint32_t number;
    uint32_t deleted; /* number of its deletion bitmap, 0: none */
    uint32_t docs, articles;
    uint64_t size[RF_FILES]; /* 0: there is no such file */
    uint32_t checksum[RF_FILES];
};

riffle_status rf_segment_open(struct rf_segment **segment, const char *folder, const struct rf_segment_entry *entry,
                              const riffle_allocator *allocator, riffle_error *error);
/* Postings and dictionary alone, of docs below `docs` with these length codes: a run that waits for its merge. */
riffle_status rf_segment_open_run(struct rf_segment **segment, const char *folder, uint32_t number, uint32_t docs,
                                  const uint8_t *lengths, const riffle_allocator *allocator, riffle_error *error);
/* Verifies the checksums of everything in it. */
riffle_status rf_segment_verify(const struct rf_segment *segment, riffle_error *error);
void rf_segment_close(struct rf_segment *segment);

/* articles.c: checks the sections of the articles file and fills in what is read from them. */
riffle_status rf_segment_open_articles(struct rf_segment *segment, const char *path, riffle_error *error);

#endif
