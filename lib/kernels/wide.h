/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The kernels that are alike for all SIMD instructions: every variant but the portable one includes this file. Before, it defines
 *   LANES, a power of two up to 16, and `wide`, a vector of that many uint32_t
 *   all(value), steps() (0, 1, 2, ...), load(from), store(to, wide), add(a, b), subtract(a, b), shift(a, bits) to the right, shift_left(a, bits)
 *   below(a, b)           a bit for each lane where a < b
 *   pick(table, indexes)  table[index] for each lane; of an index that is not below LANES, any number of the table, or 0
 *   keep(out, mask, wide) stores the lanes of the mask one behind the other, LANES numbers in all; returns how many they are
 *   weigh(weight, wide)   rf_weigh for each lane
 *   COLLECT(OF)           a vector of the int32_t that the macro OF makes of 0, 1, ... LANES - 1
 *   shift_each(a, b)      each lane of a to the right by that of b
 *   bits_at(words, docs)  bit doc % 8 of each lane's word
 *   smaller(a, b)         the lesser of both, lane by lane
 *   marked(marks)         a bit for each of 64 bytes that is 1, where the others are 0
 *   held(words, docs, wide) the lanes where bit doc % 8 of the word is set, else 0
 *   equal16(row, wide)    a bit for each of the 16 numbers that is equal to what is in all lanes
 *   take_equal(old, a, b, new)     the lane of `new` where a's is equal to b's, else that of `old`
 *   tally_below(wide, number, row) one more in the lanes where the number is below the row's
 *   row_starts            a vector of 8 numbers: firsts_of(docs) has docs[16], docs[32], ... docs[112], UINT32_MAX; row_of(row_starts, wide) tells how
 *                         many are at most what is in all lanes
 * Collecting by loads of single numbers takes less time than the gathering instructions, which do the same and more.
 */
#ifndef RF_WIDE_H
#define RF_WIDE_H

#include "kernels/kernels.h"

#ifdef LANES /* else it is no variant that includes this */

static inline uint32_t needed(const uint32_t *numbers) { return below(load(numbers), all(UINT32_MAX)); }

#include "kernels/loops.h"

enum {
    FULL = (1 << LANES) - 1,
    BATCH = 128,
    /* Measured: so many docs take no less time row by row than one by one, and so many positions than by merging. */
    MANY_DOCS = 64,
    MANY_POSITIONS = 16
};

/* The lanes from i on that are below n. */
static inline uint32_t lanes(size_t i, size_t n) { return n - i < LANES ? (1u << (n - i)) - 1 : FULL; }

static inline wide numbers_from(size_t i) { return add(all((uint32_t)i), steps()); }

/* ---- Blocks of integers ---- */

static size_t bits_to_ids(const uint8_t *bits, size_t from, size_t to, uint32_t base, uint32_t *ids, size_t most)
{
    size_t count = 0;
    for (size_t at = from / 64 * 64; at < to; at += 64) {
        uint64_t word = rf_load64(bits + at / 8);
        if (at < from)
            word &= ~0ull << (from - at);
        if (to - at < 64)
            word &= (1ull << (to - at)) - 1;
        wide id = add(all(base + (uint32_t)at), steps());
        for (unsigned bit = 0; word && bit < 64; bit += LANES) {
            uint32_t these = word >> bit & FULL;
            count += count < most ? keep(ids + count, these, id) : (size_t)__builtin_popcount(these);
            id = add(id, all(LANES));
        }
    }
    return count;
}

/* ---- Scoring ---- */

/* Where the table does not have all the term frequencies, which is rare. */
__attribute__((noinline, cold)) static wide saturate_slowly(const struct rf_scorer *scorer, const uint8_t *lengths,
                                                            const uint32_t *docs, const uint32_t *tfs)
{
    uint32_t saturation[LANES];
    for (size_t i = 0; i < LANES; i++)
        saturation[i] = rf_saturation(scorer, tfs[i], lengths[docs[i]]);
    return load(saturation);
}

/* A term that stands in the query again scores once more. */
static inline wide repeat(const struct rf_scoring *scoring, wide once)
{
    wide score = once;
    for (uint32_t i = 0; i < scoring->again; i++)
        score = add(score, once);
    return score;
}

static inline wide score_lanes(const struct rf_scoring *scoring, const uint8_t *lengths, const uint32_t *docs, const uint32_t *tfs)
{
    const struct rf_scorer *scorer = scoring->scorer;
    if (__builtin_expect(below(load(tfs), all(RF_TABLE_TFS)) != FULL, 0))
        return repeat(scoring, weigh(scoring->weight, saturate_slowly(scorer, lengths, docs, tfs)));
    uint32_t row[LANES]; /* of the table, where it begins */
    const uint32_t *table = scorer->table[0];
    store(row, shift_left(load(tfs), 8));
#define SATURATION(lane) (int32_t) table[row[lane] + lengths[docs[lane]]]
    return repeat(scoring, weigh(scoring->weight, COLLECT(SATURATION)));
}

static void score(const struct rf_scoring *scoring, const uint32_t *docs, const uint32_t *tfs, size_t n, uint32_t *scores)
{
    size_t i = 0;
    for (; i + LANES <= n; i += LANES)
        store(scores + i, score_lanes(scoring, scoring->lengths, docs + i, tfs + i));
    for (; i < n; i++)
        scores[i] = rf_score(scoring, docs[i], tfs[i]);
}

/* What docs need, in the lanes of those that may count for something. */
struct needs {
    wide need;
    uint32_t live;
};

/* The same where docs are far from each other, or not all of the chunk. */
__attribute__((noinline)) static struct needs look_up_each(const struct rf_chunk *chunk, const uint32_t *docs, size_t i, size_t n)
{
    size_t behind = n - i < LANES ? n : i + LANES;
    if (docs[behind - 1] < chunk->base || docs[i] >= chunk->base + ((uint64_t)RF_CHUNK_RANGES << chunk->bits))
        return (struct needs){.live = 0};
    uint32_t range[LANES];
    wide its_range = shift(subtract(load(docs + i), all(chunk->base)), chunk->bits);
    store(range, its_range);
#define NEED(lane) (int32_t) chunk->need[range[lane] % RF_CHUNK_RANGES]
    wide need = COLLECT(NEED);
    return (struct needs){need, lanes(i, n) & below(its_range, all(RF_CHUNK_RANGES)) & below(need, all(UINT32_MAX))};
}

static inline struct needs look_up(const struct rf_chunk *chunk, const uint32_t *docs, size_t i, size_t n)
{
    uint32_t first = docs[i] - chunk->base, last = docs[n - i < LANES ? n - 1 : i + LANES - 1] - chunk->base;
    uint32_t range = first >> chunk->bits, last_range = last >> chunk->bits, most = RF_CHUNK_RANGES - LANES;
    if (range >= RF_CHUNK_RANGES || last_range >= RF_CHUNK_RANGES || last_range - range >= LANES)
        return look_up_each(chunk, docs, i, n);
    /* The usual case: one load has the needs of all. */
    range = range < most ? range : most;
    wide its_range = shift(subtract(load(docs + i), all(chunk->base)), chunk->bits);
    wide need = pick(chunk->need + range, subtract(its_range, all(range)));
    return (struct needs){need, lanes(i, n) & below(need, all(UINT32_MAX))};
}

/* Docs that count for nothing are scored along with their neighbours: putting those that count together first takes longer. */
static size_t score_filter(const struct rf_scoring *scoring, const struct rf_chunk *chunk, const uint32_t *docs,
                           const uint32_t *tfs, size_t n, uint32_t *places, uint32_t *kept, uint32_t *scores)
{
    size_t count = 0, i = 0;
    for (; i + LANES <= n; i += LANES) {
        struct needs these = look_up(chunk, docs, i, n);
        if (!these.live)
            continue;
        wide score = score_lanes(scoring, scoring->lengths, docs + i, tfs + i);
        uint32_t enough = these.live & ~below(score, these.need);
        keep(places + count, enough, numbers_from(i));
        keep(kept + count, enough, load(docs + i));
        count += keep(scores + count, enough, score);
    }
    return loop_score_filter(scoring, chunk, docs, tfs, i, n, places, kept, scores, count);
}

static size_t filter(const struct rf_chunk *chunk, const uint32_t *docs, const uint32_t *scores, size_t n, uint32_t *places)
{
    size_t count = 0;
    for (size_t i = 0; i < n; i += LANES) {
        struct needs these = look_up(chunk, docs, i, n);
        uint32_t enough = these.live & ~below(load(scores + i), these.need);
        count += keep(places + count, enough, numbers_from(i));
    }
    return count;
}

/* One doc after the other: vectors would have to be gathered and scattered. */
static inline void add_scores(const uint32_t *docs, uint32_t base, const uint32_t *scores, size_t n, uint32_t *sums, uint8_t *marks)
{
    for (size_t i = 0; i < n; i++) {
        uint32_t at = docs[i] - base;
        sums[at] += scores[i];
        marks[at / RF_MARKED] = 1;
    }
}

static void accumulate(const struct rf_scoring *scoring, const struct rf_chunk *chunk, const uint32_t *docs, const uint32_t *tfs,
                       size_t n, uint32_t *sums, uint8_t *marks)
{
    uint32_t places[BATCH + RF_PADDING], kept[BATCH + RF_PADDING], scores[BATCH + RF_PADDING];
    for (size_t from = 0; from < n; from += BATCH) {
        size_t these =
            score_filter(scoring, chunk, docs + from, tfs + from, n - from < BATCH ? n - from : BATCH, places, kept, scores);
        add_scores(kept, chunk->base, scores, these, sums, marks);
    }
}

static void accumulate_scores(const struct rf_chunk *chunk, const uint32_t *docs, const uint32_t *scores, size_t n, uint32_t *sums,
                              uint8_t *marks)
{
    uint32_t kept[BATCH + RF_PADDING], score[BATCH + RF_PADDING];
    for (size_t from = 0; from < n; from += BATCH) {
        size_t these_kept = 0;
        for (size_t i = from; i < n && i < from + BATCH; i += LANES) {
            struct needs these = look_up(chunk, docs, i, n);
            uint32_t enough = these.live & ~below(load(scores + i), these.need);
            keep(kept + these_kept, enough, load(docs + i));
            these_kept += keep(score + these_kept, enough, load(scores + i));
        }
        add_scores(kept, chunk->base, score, these_kept, sums, marks);
    }
}

/* No branch on whether any is good enough: where many docs are candidates that is not to be foreseen. */
static size_t take_sums(uint32_t *sums, uint8_t *marks, size_t n, const uint32_t *rest, unsigned bits, uint32_t threshold,
                        uint32_t first, uint32_t *docs, uint32_t *most)
{
    enum { VECTORS = RF_MARKED / LANES };
    size_t count = 0;
    for (size_t from = 0; from < n; from += 64 * RF_MARKED) {
        uint64_t set = marked(marks + from / RF_MARKED);
        memset(marks + from / RF_MARKED, 0, 64);
        for (; set; set &= set - 1) {
            size_t at = from + RF_MARKED * (size_t)__builtin_ctzll(set);
            wide more = all(rest[at >> bits]);
            for (size_t v = 0; v < VECTORS; v++, at += LANES) {
                wide score = add(load(sums + at), more);
                uint32_t enough = ~below(score, all(threshold)) & FULL;
                store(sums + at, all(0));
                keep(docs + count, enough, numbers_from(first + at));
                count += keep(most + count, enough, score);
            }
        }
    }
    return count;
}

/* ---- Bounds ---- */

/* The same for docs that are far from each other. */
__attribute__((noinline)) static wide rest_of_each(const uint32_t *rest, const uint32_t *docs, size_t n, unsigned bits,
                                                   uint32_t first)
{
    uint32_t found[LANES] = {0};
    for (size_t i = 0; i < n; i++)
        found[i] = rest[(docs[i] >> bits) - first];
    return load(found);
}

/* What stands in `rest` for the first docs, LANES at most. */
static inline wide rest_of(const uint32_t *rest, const uint32_t *docs, size_t n, unsigned bits, uint32_t first)
{
    uint32_t range = docs[0] >> bits, last = docs[n - 1] >> bits;
    if (last - range >= LANES)
        return rest_of_each(rest, docs, n, bits, first);
    return pick(rest + (range - first), subtract(shift(load(docs), bits), all(range)));
}

static size_t cut(uint32_t *docs, uint32_t *seats, uint32_t *scores, size_t n, const uint32_t *rest, unsigned bits, uint32_t first,
                  uint32_t threshold)
{
    size_t kept = 0;
    wide sign = all(1u << 31), least = all(threshold + (1u << 31)); /* compared without signs */
    for (size_t i = 0; i < n; i += LANES) {
        wide doc = load(docs + i), seat = load(seats + i), score = load(scores + i);
        wide most = add(score, rest_of(rest, docs + i, n - i < LANES ? n - i : LANES, bits, first));
        uint32_t enough = lanes(i, n) & ~below(add(most, sign), least);
        keep(docs + kept, enough, doc);
        keep(seats + kept, enough, seat);
        kept += keep(scores + kept, enough, score);
    }
    return kept;
}

/* ---- Choosing ---- */

/* Closer bounds of LANES docs; near: they lie in as many words of a bitmap. */
static inline wide closer_near(const struct rf_rest *rest, const uint8_t *codes, const uint8_t *bitmap, const uint32_t *docs,
                               wide bounds)
{
    enum { PARTS = LANES * 32 / (1 << RF_FINE_BITS) + 1 }; /* that so many words can lie in */
    wide doc = load(docs);
    if (codes) {
        const uint8_t *near = codes + (docs[0] >> RF_FINE_BITS);
        wide part = subtract(shift(doc, RF_FINE_BITS), all(docs[0] >> RF_FINE_BITS)), closer = all(rest->closer[near[0]]);
        for (uint32_t p = 1; p < PARTS; p++)
            closer = take_equal(closer, part, all(p), all(rest->closer[near[p]]));
        bounds = smaller(bounds, closer);
    }
    if (bitmap) {
        uint32_t first = docs[0] / 32;
        wide word = pick((const void *)(bitmap + (size_t)first * 4), subtract(shift(doc, 5), all(first)));
        wide skipped = subtract(shift_left(shift(doc, 3), 3), shift_left(shift(doc, 5), 5)); /* bits in bytes before the doc's */
        bounds = held(shift_each(word, skipped), doc, bounds);
    }
    return bounds;
}

/* One doc after the other, in their memory, which takes less time than to spread them from a register. */
static inline wide closer_apart(const struct rf_rest *rest, const uint8_t *codes, const uint8_t *bitmap, const uint32_t *docs,
                                wide bounds)
{
    const uint32_t *closer = rest->closer;
#define CLOSER(lane) (int32_t) closer[codes[docs[lane] >> RF_FINE_BITS]]
    if (codes)
        bounds = smaller(bounds, COLLECT(CLOSER));
#define WORD(lane) (int32_t) rf_load32(bitmap + (docs[lane] >> 3))
    if (bitmap)
        bounds = held(COLLECT(WORD), load(docs), bounds);
    return bounds;
}

/* Of LANES docs. Bits of those that the list can add to. */
__attribute__((always_inline)) static inline uint32_t could_add_each(const struct rf_rest *rest, const uint8_t *codes,
                                                                     const uint8_t *bitmap, const uint32_t *docs, uint32_t *most,
                                                                     uint32_t *more)
{
    const uint32_t *bounds = (const uint32_t *)((uintptr_t)rest->bounds - rest->first * sizeof *bounds);
    unsigned bits = rest->bits;
    uint32_t range = docs[0] >> bits, last = docs[LANES - 1];
    wide bound;
#define BOUND(lane) (int32_t) bounds[docs[lane] >> bits]
    if ((last >> bits) - range < LANES)
        bound = pick(rest->bounds + (range - rest->first), subtract(shift(load(docs), bits), all(range)));
    else
        bound = COLLECT(BOUND);
    wide adds = last / 32 - docs[0] / 32 < LANES ? closer_near(rest, codes, bitmap, docs, bound)
                                                 : closer_apart(rest, codes, bitmap, docs, bound);
    store(most, subtract(load(most), subtract(bound, adds)));
    store(more, adds);
    return below(all(0), adds);
}

/* What is not known of the list is not asked of each doc, but known here: a loop of its own takes some per cent less. */
__attribute__((always_inline)) static inline bool could_add_all(const struct rf_rest *rest, const uint8_t *codes,
                                                                const uint8_t *bitmap, const uint32_t *docs, size_t n,
                                                                uint32_t *most, uint32_t *more)
{
    uint32_t any = 0, last[LANES];
    size_t i = 0;
    for (; i + LANES <= n; i += LANES)
        any |= could_add_each(rest, codes, bitmap, docs + i, most + i, more + i);
    if (i == n)
        return any;
    for (size_t lane = 0; lane < LANES; lane++) /* what lies behind is no doc */
        last[lane] = docs[i + lane < n ? i + lane : n - 1];
    return any | (could_add_each(rest, codes, bitmap, last, most + i, more + i) & lanes(i, n));
}

static bool could_add(const struct rf_rest *rest, const uint32_t *docs, size_t n, uint32_t *most, uint32_t *more)
{
    if (rest->codes && rest->bitmap)
        return could_add_all(rest, rest->codes, rest->bitmap, docs, n, most, more);
    if (rest->codes)
        return could_add_all(rest, rest->codes, NULL, docs, n, most, more);
    if (rest->bitmap)
        return could_add_all(rest, NULL, rest->bitmap, docs, n, most, more);
    return could_add_all(rest, NULL, NULL, docs, n, most, more);
}

static size_t take_back(uint32_t *most, const uint32_t *more, const uint32_t *docs, size_t n, uint32_t *asked, uint32_t *places)
{
    size_t count = 0;
    for (size_t i = 0; i < n; i += LANES) {
        wide adds = load(more + i);
        uint32_t mask = lanes(i, n) & below(all(0), adds);
        store(most + i, subtract(load(most + i), adds));
        keep(asked + count, mask, load(docs + i));
        count += keep(places + count, mask, numbers_from(i));
    }
    return count;
}

static size_t choose_columns(const uint32_t *in, size_t in_stride, uint32_t *out, size_t out_stride, size_t rows, size_t n,
                             uint32_t least, uint32_t most)
{
    size_t count = 0, kept = 0;
    for (size_t i = 0; i < n; i += LANES, count += kept) {
        wide first = load(in + i);
        uint32_t mask = lanes(i, n) & ~below(first, all(least)) & ~below(all(most), first);
        kept = keep(out + count, mask, first);
        for (size_t r = 1; r < rows; r++)
            keep(out + r * out_stride + count, mask, load(in + r * in_stride + i));
    }
    return count;
}

#include "kernels/wide_sets.h"

#endif
#endif
