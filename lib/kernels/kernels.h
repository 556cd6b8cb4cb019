/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The inner loops, in portable C and for the SIMD instructions of the processor at hand. Every variant gives the same results bit for
 * bit; which one runs is chosen once, when the library is loaded.
 *
 * "Padded" arrays have room for RF_PADDING numbers more than the count at hand: a kernel may read and overwrite them up to the next multiple
 * of 16, and what it finds there never counts. Arrays do not overlap, and scores stay under 2^31.
 */
#ifndef RF_KERNELS_H
#define RF_KERNELS_H

#include "kernels/quads.h"
#include "kernels/score.h"

enum {
    RF_RANGE_BITS = 9,
    RF_RANGE = 1 << RF_RANGE_BITS, /* docs that share a stored bound */
    RF_FINE_BITS = 7,              /* and those that share a closer one, of frequent terms */
    RF_CHUNK_BITS = 16,
    RF_CHUNK = 1 << RF_CHUNK_BITS, /* docs whose sums (256 KiB) stay in the second-level cache */
    RF_CHUNK_RANGES = RF_CHUNK / RF_RANGE,
    RF_MARKED = 16, /* sums that share a mark */
    RF_PADDING = 16
};

/* How the postings of a list score. */
struct rf_scoring {
    const struct rf_scorer *scorer;
    const uint8_t *lengths; /* length codes by doc */
    uint32_t weight;
    uint32_t again; /* the term stands in the query so many times more: each time it scores the same */
};

static inline uint32_t rf_score(const struct rf_scoring *scoring, uint32_t doc, uint32_t tf)
{
    return rf_weigh(scoring->weight, rf_saturation(scoring->scorer, tf, scoring->lengths[doc])) * (1 + scoring->again);
}

/*
 * The chunk at hand: docs from `base` on in RF_CHUNK_RANGES ranges of 2^bits docs, RF_RANGE_BITS or RF_FINE_BITS; they end at or below 2^32.
 * Others are passed over.
 */
struct rf_chunk {
    uint32_t base;
    unsigned bits;
    const uint32_t *need; /* by range of the chunk: what scores less is passed over. At least 1; UINT32_MAX: nothing counts */
};

/*
 * What a list can still add to docs of some ranges, as far as that is known without reading it. RF_PADDING numbers behind the bounds, and 64 bytes
 * behind codes and bitmap, can be read.
 */
struct rf_rest {
    const uint32_t *bounds; /* by (doc >> bits) - first */
    unsigned bits;
    uint32_t first;
    const uint8_t *codes;   /* by doc >> RF_FINE_BITS; NULL: there are none */
    const uint32_t *closer; /* the closer bounds, by those codes */
    const uint8_t *bitmap;  /* bit doc % 8 of byte doc / 8: is the doc in the list? NULL: nobody knows */
};

/* How many bits are set before a range: for each chunk a number of 32 bits, and then, for each of its ranges, what that has more, in 16. */
enum { RF_RANKS_OF_CHUNK = 4 + 2 * RF_CHUNK_RANGES };
static inline uint32_t rf_bits_before(const uint8_t *before, size_t range)
{
    const uint8_t *chunk = before + range / RF_CHUNK_RANGES * RF_RANKS_OF_CHUNK;
    return rf_load32(chunk) + rf_load16(chunk + 4 + range % RF_CHUNK_RANGES * 2);
}

/* Numbers that pass a width: [their indexes, 7 bits each][their high parts], both packed. */
struct rf_exceptions {
    const uint8_t *indexes, *highs;
    unsigned count, bits; /* so many of so many bits, at most 32 */
};

/* Docs as packed gaps, for unpack_gaps. */
struct rf_gaps {
    const uint8_t *in;
    size_t n;
    unsigned width;
    uint32_t base;
    struct rf_exceptions exceptions;
};

struct rf_kernels {
    const char *name; /* "portable", "avx2", "avx512", "neon" */

    /* ---- Blocks of integers; store/codec.h has the bytes. Inputs may be read 64 bytes behind their end; outputs are padded. ---- */

    /* width and planes are at most 32. */
    void (*unpack)(const uint8_t *in, size_t n, unsigned width, uint32_t *values);
    /* Adds high << width to the values with these indexes, each of which is there once. There is room for 128 values. */
    void (*add_exceptions)(const struct rf_exceptions *exceptions, unsigned width, uint32_t *values);
    /* Gaps to docs, at most 128 with these exceptions: docs[i] = base + gaps[0] + ... + gaps[i] + i, in 32 bits. There is room for 128 docs. */
    void (*unpack_gaps)(const uint8_t *in, size_t n, unsigned width, const struct rf_exceptions *exceptions, uint32_t base,
                        uint32_t *docs);
    /* `least` is added to each. */
    void (*unpack_planes)(const uint8_t *in, size_t n, unsigned planes, uint32_t least, uint32_t *values);
    /*
     * Of values in planes, at most 128, with these exceptions (in order; at most 32 bits with the planes): the sum of the first `count`, which are less
     * than n. *next: the value behind them.
     */
    uint64_t (*sum_planes)(const uint8_t *in, size_t n, unsigned planes, const struct rf_exceptions *exceptions, size_t count,
                           uint32_t *next);
    /* The numbers of the set bits among [from, to), plus `base`: bit i is bit i % 8 of byte i / 8. At most `most`; returns how many there
     * are, which may be more than `most`. from <= to. */
    size_t (*bits_to_ids)(const uint8_t *bits, size_t from, size_t to, uint32_t base, uint32_t *ids, size_t most);

    /* ---- Scoring. docs ascend; their tfs are at least 1. All are padded. ---- */

    /* scores[i] = rf_score(scoring, docs[i], tfs[i]) */
    void (*score)(const struct rf_scoring *scoring, const uint32_t *docs, const uint32_t *tfs, size_t n, uint32_t *scores);
    /* Keeps those of the chunk that score what they need: their places in `docs`, themselves, and their scores. Returns how many. */
    size_t (*score_filter)(const struct rf_scoring *scoring, const struct rf_chunk *chunk, const uint32_t *docs,
                           const uint32_t *tfs, size_t n, uint32_t *places, uint32_t *kept, uint32_t *scores);
    /* For scores that are there already: places alone. */
    size_t (*filter)(const struct rf_chunk *chunk, const uint32_t *docs, const uint32_t *scores, size_t n, uint32_t *places);
    /*
     * Adds the scores of those to sums[doc - base], and marks each RF_MARKED sums that one of them is among: marks[(doc - base) / RF_MARKED] is 1.
     * Sums stay under 2^31. No doc is there twice.
     */
    void (*accumulate)(const struct rf_scoring *scoring, const struct rf_chunk *chunk, const uint32_t *docs, const uint32_t *tfs,
                       size_t n, uint32_t *sums, uint8_t *marks);
    /* The same for scores that are there already. */
    void (*accumulate_scores)(const struct rf_chunk *chunk, const uint32_t *docs, const uint32_t *scores, size_t n, uint32_t *sums,
                              uint8_t *marks);
    /*
     * Of n sums, a multiple of 64 * RF_MARKED, those that are marked: where sum + rest[its number >> bits] is the threshold or more, appends that to
     * `most`, and first + its number to `docs`, both with room for n. Makes the sums and their marks zero. Returns how many were good enough.
     */
    size_t (*take_sums)(uint32_t *sums, uint8_t *marks, size_t n, const uint32_t *rest, unsigned bits, uint32_t threshold,
                        uint32_t first, uint32_t *docs, uint32_t *most);

    /* ---- Bounds ---- */

    /* bounds[i] = codes[i] ? (uint32_t)(low + step * codes[i]) : 0, in single precision, product and sum rounded each. Results stay under
     * 2^31. Both arrays are padded. */
    void (*bounds)(const uint8_t *codes, size_t n, float low, float step, uint32_t *bounds);
    /*
     * What each of some lists needs, range by range of a chunk (sums stay under 2^31). List l has
     * RF_CHUNK_RANGES bounds, from bounds + l * stride on, and what is left of them, from rest + l * rest_stride on; other arrays have as many a list,
     * one behind the other. For a range r:
     *   all = bounds[0][r] + ... ;  so_far(l) = bounds[0][r] + ... + bounds[l][r]
     *   list l is streamed there if bounds[l][r] > 0 and so_far(l) >= threshold (so that all >= threshold, too):
     *     then bit r % 64 of live[l][r / 64] is set, needs[l][r] = max(1, threshold - (all - bounds[l][r])), and rest[l][r] = 0;
     *     else needs[l][r] = UINT32_MAX, and rest[l][r] = bounds[l][r]
     *   rest[lists][r] is the sum of rest[l][r] of all lists
     * threshold is at least 1.
     */
    void (*plan_chunk)(const uint32_t *bounds, size_t stride, size_t lists, uint32_t threshold, uint32_t *needs, uint32_t *rest,
                       size_t rest_stride, uint64_t (*live)[2]);

    /*
     * The same for one list, by what it can score and what all else can. Their sum stays under 2^31 where its own is not 0. `live` has two words.
     */
    void (*plan_lead)(const uint32_t *own, const uint32_t *rest, uint32_t threshold, uint32_t *needs, uint64_t *live);
    /*
     * Docs that ascend, and two numbers of each: keeps in place those for which scores[i] + rest[(docs[i] >> bits) - first], as a signed number,
     * is at least the threshold, which is below 2^31. All arrays are padded, and `rest` behind the last number that is asked for. Returns how many.
     */
    size_t (*cut)(uint32_t *docs, uint32_t *seats, uint32_t *scores, size_t n, const uint32_t *rest, unsigned bits, uint32_t first,
                  uint32_t threshold);

    /* ---- Choosing ---- */

    /*
     * What the list can add to each of docs that ascend: the bound of its range, or the closer one where that is less, or 0 where it does not hold
     * the doc: to `more`. most[i] is less by what it cannot, though it can to others of the range. All are padded. Returns whether it can add to any
     * doc.
     */
    bool (*could_add)(const struct rf_rest *rest, const uint32_t *docs, size_t n, uint32_t *most, uint32_t *more);
    /*
     * Takes from most[i] what a list can add to docs[i]; where that is not 0, appends the doc to `asked` and i to `places`. All are padded. Returns how
     * many.
     */
    size_t (*take_back)(uint32_t *most, const uint32_t *more, const uint32_t *docs, size_t n, uint32_t *asked, uint32_t *places);
    /* How many of the numbers, fewer than 2^32, are `least` or more. They are padded. */
    size_t (*count_from)(const uint32_t *numbers, size_t n, uint32_t least);
    /*
     * Rows of n numbers (padded), each `stride` behind the one before: keeps the columns whose first number is in [least, most]. They go to the
     * same rows, or to others. Returns how many.
     */
    size_t (*choose_columns)(const uint32_t *in, size_t in_stride, uint32_t *out, size_t out_stride, size_t rows, size_t n,
                             uint32_t least, uint32_t most);

    /* ---- Sets of docs ---- */

    /*
     * Finds wanted[i] == docs[j], and appends i to `which` and j to `where`. Both ascend strictly and are below UINT32_MAX. `count` is at most
     * 128; behind the docs stands UINT32_MAX up to the 128th. All others are padded. Returns how many.
     */
    size_t (*match)(const uint32_t *wanted, size_t n, const uint32_t *docs, size_t count, uint32_t *which, uint32_t *where);
    /*
     * The same for docs as gaps, at most 128, and wanted[from] to wanted[to - 1]: their own numbers go to `which`, and first + j to `where`. *last: the
     * last doc; were the sums to pass 32 bits, anything may be found, but no j passes 127.
     */
    size_t (*match_gaps)(const struct rf_gaps *gaps, const uint32_t *wanted, size_t from, size_t to, uint32_t first,
                         uint32_t *which, uint32_t *where, uint32_t *last);
    /* The places of those docs whose bit is set: bit doc % 8 of byte doc / 8; three bytes more can be read. docs and
     * places are padded. Returns how many. */
    size_t (*filter_bits)(const uint8_t *bits, const uint32_t *docs, size_t n, uint32_t *places);
    /* Words of 64 bits: to |= from, to &= from, to &= ~from; and how many bits are set. */
    void (*or_bits)(uint64_t *to, const uint64_t *from, size_t words);
    void (*and_bits)(uint64_t *to, const uint64_t *from, size_t words);
    void (*and_not_bits)(uint64_t *to, const uint64_t *from, size_t words);
    uint64_t (*count_bits)(const uint64_t *bits, size_t words);
    /* How many of n numbers, padded, come before the first that is not below `value`: 16 at a time, from the first on. */
    size_t (*count_below)(const uint32_t *numbers, size_t n, uint32_t value);

    /*
     * How many bits are set before those of docs, which ascend: bit doc % 8 of byte doc / 8; 64 bytes more can be read. `before` tells it for the
     * first doc of each range, as rf_bits_before has it. `numbers` may be `docs`.
     */
    void (*ranks)(const uint8_t *bits, const uint8_t *before, const uint32_t *docs, size_t n, uint32_t *numbers);

    /* ---- Positions ---- */

    /* n numbers in quads (quads.h) from number `from` on, and all others of their quads: they are at out[from % 4]. `out` has room for 6 more. */
    void (*unpack_quads)(const uint8_t *in, const uint8_t *behind, unsigned bits, size_t from, size_t n, uint32_t *out);
    /* Is `value` one of them? n is at most 60. */
    bool (*quads_hold)(const uint8_t *in, const uint8_t *behind, unsigned bits, size_t from, size_t n, uint32_t value);

    /* Both strictly ascending, and padded. Keeps in place those first[i] for which some second[j] == first[i] + distance, sums that pass 32
     * bits being equal to nothing. Returns how many. */
    size_t (*follow)(uint32_t *first, size_t n, const uint32_t *second, size_t m, uint32_t distance);
};

/* The one in use: the fastest that this processor can run. Tests and benchmarks may set it while nothing else runs. */
extern const struct rf_kernels *rf_kernels;
/* NULL: there is none of this name, or this processor cannot run it. */
const struct rf_kernels *rf_kernels_named(const char *name);
/* By number, from 0 for "portable", those that this processor can run; NULL behind the last. */
const struct rf_kernels *rf_kernels_at(size_t number);

#endif
