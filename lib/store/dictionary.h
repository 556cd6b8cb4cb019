/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The dictionary: terms in order of bytes, front-coded in blocks of RF_DICTIONARY_BLOCK.
 *
 * A block: [docs_at varint][positions_at varint], where its first lists start, then its entries:
 *   [bytes shared with the term before varint, 0 in the first][bytes that follow varint][the bytes]
 * and behind the term, by the low two bits of the first varint:
 *   0 with positions  [df << 2 varint][cf - df varint], then one of
 *                     df 1, cf 1: [doc][position];  df 1: [doc][bytes of positions];  else [bytes of docs][bytes of positions]
 *   1 without them    [df << 2 | 1], then  df 1: [doc][tf];  else [bytes of docs]
 *   2 alias           [drop << 2 | 2][length][bytes]: the stem's only surface form is the stem less `drop` bytes and these behind
 * Lists lie one behind the other in the order of their terms, so lengths are enough to find them.
 */
#ifndef RF_DICTIONARY_H
#define RF_DICTIONARY_H

#include "store/container.h"
#include "store/segment_files.h"

/* A term's first 8 bytes, or zeros behind its end, as a number: where two differ, they are ordered as their terms are. */
static inline uint64_t rf_dictionary_key(const char *term, size_t n)
{
    uint8_t bytes[8] = {0};
    memcpy(bytes, term, n < 8 ? n : 8);
    return __builtin_bswap64(rf_load64(bytes));
}

struct rf_dictionary_writer {
    struct rf_container_writer file;
    struct rf_buffer index; /* where each block starts */
    struct rf_buffer keys;  /* what its first term starts with */
    struct rf_buffer entry;
    char previous[RF_KEY_MAX];
    size_t previous_length;
    uint64_t terms;
    uint32_t pairs, pair_threshold; /* how many of the terms are pairs, and which words are (pairs.h); set by whoever adds them */
};

riffle_status rf_dictionary_create(struct rf_dictionary_writer *writer, const char *path, const riffle_allocator *allocator,
                                   riffle_error *error);
/* Terms must come in strictly ascending order. */
void rf_dictionary_add(struct rf_dictionary_writer *writer, const char *term, size_t n, const struct rf_term *info);
/* `stem` with its prefix RF_PREFIX_STEM, `surface` without. */
void rf_dictionary_add_alias(struct rf_dictionary_writer *writer, const char *stem, size_t n, const char *surface, size_t surface_n,
                             const struct rf_term *next);
riffle_status rf_dictionary_finish(struct rf_dictionary_writer *writer, riffle_error *error);
void rf_dictionary_release(struct rf_dictionary_writer *writer, bool remove);

/* Walks a segment's terms in order, from the first that is not less than `from`. */
struct rf_dictionary_walk {
    const struct rf_segment *segment;
    uint64_t block, blocks;
    const uint8_t *at, *end;
    unsigned left; /* entries of the block still to come */
    uint64_t docs_at, positions_at;
    /* The term at hand. */
    char term[RF_KEY_MAX];
    size_t length;
    struct rf_term info;
    bool is_alias; /* then only the surface form is known */
    char surface[RF_KEY_MAX];
    size_t surface_length;
};

riffle_status rf_dictionary_walk_from(struct rf_dictionary_walk *walk, const struct rf_segment *segment, const char *from, size_t n,
                                      bool *found, riffle_error *error);
/* The next term; *found is false behind the last. */
riffle_status rf_dictionary_walk_next(struct rf_dictionary_walk *walk, bool *found, riffle_error *error);

#endif
