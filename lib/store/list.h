/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The postings of one term in a segment, read in any order by the numbers of their blocks: the one decoder of them. A cursor (cursor.h)
 * walks them; what ranks and counts uses them as they are.
 *
 * A list opened from a damaged file gives errors, or postings that were never there; but docs always ascend and are docs of the segment.
 */
#ifndef RF_LIST_H
#define RF_LIST_H

#include "kernels/kernels.h"
#include "store/codec.h"
#include "store/segment.h"

/* Bytes that a list of several blocks has for each; list.c pictures them. */
enum { RF_ENTRY = 8, RF_RECORD = 2, RF_POSITIONS_START = 4 };
/* As the width of gaps: the docs are a bitset. */
enum { RF_DOCS_BITSET = 63 };

/* Ranks of the scores that the dictionary of a long list names: the 10th, 100th, 1000th and 10,000th best. */
enum { RF_BESTS = 4 };

struct rf_list {
    const struct rf_segment *segment;
    uint32_t df, blocks, segment_docs;
    bool has_positions;
    /*
     * Bounds, of lists long enough to have them. They hold for BM25 with RF_USUAL_K1, RF_USUAL_B and the segment's own average length: a posting's
     * saturation, from 0 to 1, in range r of docs is at most maxima_low + maxima_step * maxima[r] (in any rounding), and the list has none there where
     * maxima[r] is 0. Where there are no fine ones, two of them share a byte; rf_list_codes has them.
     */
    const uint8_t *maxima;      /* by range of RF_RANGE docs; NULL: none are stored */
    const uint8_t *fine_maxima; /* the same by doc >> RF_FINE_BITS, of frequent terms; NULL: none are stored */
    float maxima_low, maxima_step;
    /* At least 10, 100, ... postings have at least the saturation of this tf and length code; tf 0: there are not so many, or nobody knows. */
    struct {
        uint8_t tf, length;
    } bests[RF_BESTS];
    /* Dense lists: a bit for each doc of the segment, bit doc % 8 of byte doc / 8, and how many are set before each range of RF_RANGE docs,
     * as rf_bits_before has it. NULL: not dense. */
    const uint8_t *bitmap, *ranks;
    /* private */
    const uint8_t *entries, *records; /* NULL: one block without them */
    const uint8_t *position_starts;   /* of its blocks; NULL: as above, or there are no positions */
    const uint8_t *data, *data_end;
    size_t well_inside; /* blocks that start before this end before the file does, whatever they say */
    const uint8_t *positions, *positions_end;
    uint32_t most_tf; /* more than this the file cannot hold: whoever asks for positions makes room for tf of them */
    uint32_t single_doc, single_tf, single_position;
};

/* The bounds of less frequent terms take four bits each: a code of 17 times that. Those of n ranges from an even one on, padded: eight at a time. */
static inline void rf_list_codes(const struct rf_list *list, size_t first, size_t n, uint8_t *codes)
{
    const uint64_t lows = 0x000f000f000f000fu;
    const uint8_t *pairs = list->maxima + first / 2;
    for (size_t i = 0; i < n; i += 8, pairs += 4) {
        uint64_t spread = rf_load32(pairs);
        spread = (spread | spread << 16) & 0x0000ffff0000ffffu;
        spread |= spread << 8;
        uint64_t low = spread & lows, high = spread >> 4 & lows;
        rf_store64(codes + i, (low | high << 8) * 17);
    }
}

/* Asks the memory for what opening a term's list, and then its first block, will read. */
void rf_list_expect(const struct rf_segment *segment, const struct rf_term *term);

/* Nothing is decoded; only sizes are checked. */
riffle_status rf_list_open(struct rf_list *list, const struct rf_segment *segment, const struct rf_term *term, riffle_error *error);

/* A block as its entry tells it; nothing is decoded. */
struct rf_block {
    uint32_t number;
    uint32_t base, last; /* its docs lie in [base, last], and the last one is `last` */
    uint32_t count;
    /* private */
    uint32_t header;
    const uint8_t *parts; /* what is behind the header; NULL: not found yet */
};
/* `number` < list->blocks. A list of one block has no entry: its block has base 0 and `last` the segment's last doc. */
static inline riffle_status rf_list_block(const struct rf_list *list, uint32_t number, struct rf_block *block, riffle_error *error);

/* What is as a rule asked of few blocks. */
struct rf_most {
    uint32_t tf;    /* no posting of the block has a higher tf (UINT32_MAX: nobody knows) ... */
    uint8_t length; /* ... or a smaller length code */
};
struct rf_most rf_list_most(const struct rf_list *list, uint32_t number);

/* gcc takes a function that asks the memory for something and does nothing else for one without effect, and leaves out its calls that it has not
 * put inline by then. */
#define RF_PREFETCHES inline __attribute__((always_inline))

/* Asks the memory for a block's entry, and, once that is there, for its docs and term frequencies. The block need not exist. */
static RF_PREFETCHES void rf_list_prefetch_entry(const struct rf_list *list, uint32_t number);
static RF_PREFETCHES void rf_list_prefetch_docs(const struct rf_list *list, uint32_t number);

/* The first block from number `from` on whose last doc is at or behind `doc`; list->blocks: there is none. */
static inline uint32_t rf_list_find_block(const struct rf_list *list, uint32_t from, uint32_t doc);

/* The block's docs, ascending; then RF_NO_DOC up to RF_BLOCK + RF_PADDING, the room that there has to be. */
riffle_status rf_list_docs(const struct rf_list *list, struct rf_block *block, uint32_t *docs, riffle_error *error);
/*
 * Which of some docs are in it: of docs[from] to docs[to - 1], which ascend, their own numbers, and the numbers in the list of their postings, to
 * arrays that are padded, as docs are.
 */
riffle_status rf_list_match(const struct rf_list *list, struct rf_block *block, const uint32_t *docs, size_t from, size_t to,
                            uint32_t *which, uint32_t *ordinals, size_t *found, riffle_error *error);
/* Its term frequencies, at least 1; then 1 up to RF_BLOCK + RF_PADDING. */
riffle_status rf_list_tfs(const struct rf_list *list, struct rf_block *block, uint32_t *tfs, riffle_error *error);

/* The tfs of n postings of the block, by their places in it (each less than its count) or numbers in the list; without decoding the others. */
riffle_status rf_list_some_tfs(const struct rf_list *list, struct rf_block *block, const uint32_t *at, size_t n, uint32_t *tfs,
                               riffle_error *error);
/* Finds where the parts of a block lie, once. */
static inline riffle_status rf_list_parts(const struct rf_list *list, struct rf_block *block, riffle_error *error);

/* ---- The parts of a block, once they are found ---- */

enum { RF_MOST_BITSET = RF_BLOCK * 32 / 8 }; /* bytes: in a sound file none is longer */

static inline unsigned rf_doc_width(const struct rf_block *block) { return block->header & 63; }
static inline unsigned rf_doc_exception_count(const struct rf_block *block) { return block->header >> 6 & 31; }
static inline unsigned rf_doc_exception_bits(const struct rf_block *block) { return block->header >> 11 & 31; }
static inline unsigned rf_tf_planes(const struct rf_block *block) { return block->header >> 16 & 63; }
static inline unsigned rf_tf_exception_count(const struct rf_block *block) { return block->header >> 22 & 31; }
static inline unsigned rf_tf_exception_bits(const struct rf_block *block) { return block->header >> 27; }

static inline const uint8_t *rf_planes_of(const struct rf_block *block)
{
    if (rf_doc_width(block) != RF_DOCS_BITSET)
        return block->parts + rf_packed_bytes(block->count, rf_doc_width(block));
    size_t bytes = (block->last - block->base) / 8 + 1;
    return block->parts + (bytes < RF_MOST_BITSET ? bytes : RF_MOST_BITSET);
}

static inline size_t rf_plane_bytes(const struct rf_block *block) { return (block->count + 7) / 8; }

static inline struct rf_exceptions rf_doc_exceptions_of(const struct rf_block *block)
{
    const uint8_t *behind = rf_planes_of(block) + rf_plane_bytes(block) * rf_tf_planes(block);
    return rf_open_exceptions(behind, rf_doc_exception_count(block), rf_doc_exception_bits(block));
}

static inline struct rf_exceptions rf_tf_exceptions_of(const struct rf_block *block)
{
    const uint8_t *behind = rf_planes_of(block) + rf_plane_bytes(block) * rf_tf_planes(block);
    return rf_open_exceptions(behind + rf_exceptions_bytes(rf_doc_exception_count(block), rf_doc_exception_bits(block)),
                              rf_tf_exception_count(block), rf_tf_exception_bits(block));
}

/* Can the term frequencies be what the header says? */
static inline bool rf_tfs_fit(const struct rf_block *block)
{
    return rf_fit_exceptions(rf_tf_planes(block), rf_tf_exception_count(block), rf_tf_exception_bits(block));
}

/* ---- Steps from block to block ---- */

/* Of a list with entries. */
static inline uint32_t rf_list_last(const struct rf_list *list, uint32_t number)
{
    return rf_load32(list->entries + (size_t)number * RF_ENTRY);
}
static inline uint32_t rf_list_start(const struct rf_list *list, uint32_t number)
{
    return rf_load32(list->entries + (size_t)number * RF_ENTRY + 4);
}

/* Of a list with positions: where those of the block start. */
static inline uint32_t rf_list_positions_start(const struct rf_list *list, uint32_t number)
{
    return rf_load32(list->position_starts + (size_t)number * RF_POSITIONS_START);
}

static RF_PREFETCHES void rf_list_prefetch_entry(const struct rf_list *list, uint32_t number)
{
    __builtin_prefetch((const void *)((uintptr_t)list->entries + (size_t)number * RF_ENTRY));
}

/* In a damaged file they may lie anywhere, which does no harm. */
static RF_PREFETCHES void rf_list_prefetch_docs(const struct rf_list *list, uint32_t number)
{
    if (!list->entries || number >= list->blocks)
        return;
    uintptr_t block = (uintptr_t)list->data + rf_list_start(list, number);
    for (unsigned line = 0; line < 4; line++)
        __builtin_prefetch((const void *)(block + 64 * line));
}

/* Of damaged files. */
riffle_status rf_list_bad_block(const struct rf_list *list, uint32_t number, riffle_error *error);

static inline riffle_status rf_list_block(const struct rf_list *list, uint32_t number, struct rf_block *block, riffle_error *error)
{
    uint32_t left = list->df - number * RF_BLOCK;
    block->number = number;
    block->parts = NULL;
    block->base = number ? rf_list_last(list, number - 1) + 1 : 0;
    block->last = list->entries ? rf_list_last(list, number) : list->segment_docs - 1;
    block->count = left < RF_BLOCK ? left : RF_BLOCK;
    /* The doc before may be any number in a damaged file; the largest makes base 0. */
    bool bad = block->last < block->base || block->last >= list->segment_docs || (number && !block->base);
    return bad ? rf_list_bad_block(list, number, error) : RIFFLE_OK;
}

/* At the end of the file it has to be seen whether they are all there. */
riffle_status rf_list_last_parts(const struct rf_list *list, struct rf_block *block, size_t start, riffle_error *error);

static inline riffle_status rf_list_parts(const struct rf_list *list, struct rf_block *block, riffle_error *error)
{
    if (block->parts)
        return RIFFLE_OK;
    size_t start = list->records ? rf_list_start(list, block->number) : 0;
    if (start >= list->well_inside)
        return rf_list_last_parts(list, block, start, error);
    block->header = rf_load32(list->data + start);
    block->parts = list->data + start + 4;
    return RIFFLE_OK;
}

/* Where it is not the first one asked. */
uint32_t rf_list_seek_block(const struct rf_list *list, uint32_t from, uint32_t doc);

static inline uint32_t rf_list_find_block(const struct rf_list *list, uint32_t from, uint32_t doc)
{
    if (!list->entries || (from < list->blocks && rf_list_last(list, from) >= doc))
        return from;
    return rf_list_seek_block(list, from, doc);
}

#endif
