/* SPDX-License-Identifier: BSD-3-Clause */
/* The kernels in C that runs anywhere: what the other variants have to agree with. */
#include "kernels/variants.h"

#define LANES 4

static inline uint32_t needed(const uint32_t *needs)
{
    uint32_t bits = 0;
    for (uint32_t i = 0; i < LANES; i++)
        bits |= (uint32_t)(needs[i] != UINT32_MAX) << i;
    return bits;
}

#include "kernels/loops.h"

/* ---- Blocks of integers ---- */

static void unpack(const uint8_t *in, size_t n, unsigned width, uint32_t *values)
{
    uint64_t mask = width < 32 ? (1ull << width) - 1 : UINT32_MAX;
    for (size_t i = 0, bit = 0; i < n; i++, bit += width)
        values[i] = (uint32_t)(rf_load64(in + (bit >> 3)) >> (bit & 7) & mask);
}

static void sum_gaps(uint32_t base, uint32_t *values, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        base += values[i];
        values[i] = base++;
    }
}

static void unpack_gaps(const uint8_t *in, size_t n, unsigned width, const struct rf_exceptions *exceptions, uint32_t base,
                        uint32_t *docs)
{
    unpack(in, n, width, docs);
    loop_add_exceptions(exceptions, width, docs);
    sum_gaps(base, docs, n);
}

static void unpack_planes(const uint8_t *in, size_t n, unsigned planes, uint32_t least, uint32_t *values)
{
    size_t bytes = (n + 7) / 8;
    memset(values, 0, n * sizeof *values);
    for (unsigned plane = 0; plane < planes; plane++, in += bytes)
        for (size_t i = 0; i < n; i++)
            values[i] |= (uint32_t)(in[i >> 3] >> (i & 7) & 1) << plane;
    for (size_t i = 0; i < n; i++)
        values[i] += least;
}

static size_t bits_to_ids(const uint8_t *bits, size_t from, size_t to, uint32_t base, uint32_t *ids, size_t most)
{
    size_t count = 0;
    for (size_t at = from / 64 * 64; at < to; at += 64) {
        uint64_t word = rf_load64(bits + at / 8);
        if (at < from)
            word &= ~0ull << (from - at);
        if (to - at < 64)
            word &= (1ull << (to - at)) - 1;
        for (; word; word &= word - 1, count++)
            if (count < most)
                ids[count] = base + (uint32_t)at + (uint32_t)__builtin_ctzll(word);
    }
    return count;
}

/* ---- Scoring ---- */

static inline void add_score(uint32_t at, uint32_t score, uint32_t *sums, uint8_t *marks)
{
    sums[at] += score;
    marks[at / RF_MARKED] = 1;
}

static void score(const struct rf_scoring *scoring, const uint32_t *docs, const uint32_t *tfs, size_t n, uint32_t *scores)
{
    for (size_t i = 0; i < n; i++)
        scores[i] = rf_score(scoring, docs[i], tfs[i]);
}

static size_t score_filter(const struct rf_scoring *scoring, const struct rf_chunk *chunk, const uint32_t *docs,
                           const uint32_t *tfs, size_t n, uint32_t *places, uint32_t *kept, uint32_t *scores)
{
    return loop_score_filter(scoring, chunk, docs, tfs, 0, n, places, kept, scores, 0);
}

static size_t filter(const struct rf_chunk *chunk, const uint32_t *docs, const uint32_t *scores, size_t n, uint32_t *places)
{
    size_t count = 0;
    for (size_t i = 0; i < n; i++) {
        places[count] = (uint32_t)i;
        count += scores[i] >= need_of(chunk, docs[i]);
    }
    return count;
}

static void accumulate(const struct rf_scoring *scoring, const struct rf_chunk *chunk, const uint32_t *docs, const uint32_t *tfs,
                       size_t n, uint32_t *sums, uint8_t *marks)
{
    for (size_t i = 0; i < n; i++) {
        uint32_t need = need_of(chunk, docs[i]), score;
        if (need != UINT32_MAX && (score = rf_score(scoring, docs[i], tfs[i])) >= need)
            add_score(docs[i] - chunk->base, score, sums, marks);
    }
}

static void accumulate_scores(const struct rf_chunk *chunk, const uint32_t *docs, const uint32_t *scores, size_t n, uint32_t *sums,
                              uint8_t *marks)
{
    for (size_t i = 0; i < n; i++)
        if (scores[i] >= need_of(chunk, docs[i]))
            add_score(docs[i] - chunk->base, scores[i], sums, marks);
}

static size_t take_sums(uint32_t *sums, uint8_t *marks, size_t n, const uint32_t *rest, unsigned bits, uint32_t threshold,
                        uint32_t first, uint32_t *docs, uint32_t *most)
{
    size_t count = 0;
    for (size_t at = 0; at < n; at += RF_MARKED) {
        if (!marks[at / RF_MARKED])
            continue;
        marks[at / RF_MARKED] = 0;
        uint32_t more = rest[at >> bits], any = 0;
        for (size_t i = 0; i < RF_MARKED; i++)
            any |= sums[at + i] + more >= threshold;
        for (size_t i = 0; any && i < RF_MARKED; i++) {
            docs[count] = first + (uint32_t)(at + i);
            most[count] = sums[at + i] + more;
            count += most[count] >= threshold;
        }
        memset(sums + at, 0, RF_MARKED * sizeof *sums);
    }
    return count;
}

static size_t cut(uint32_t *docs, uint32_t *seats, uint32_t *scores, size_t n, const uint32_t *rest, unsigned bits, uint32_t first,
                  uint32_t threshold)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        uint32_t doc = docs[i], seat = seats[i], score = scores[i];
        docs[kept] = doc;
        seats[kept] = seat;
        scores[kept] = score;
        kept += (int32_t)(score + rest[(doc >> bits) - first]) >= (int32_t)threshold;
    }
    return kept;
}

/* ---- Choosing ---- */

static bool could_add(const struct rf_rest *rest, const uint32_t *docs, size_t n, uint32_t *most, uint32_t *more)
{
    uint32_t any = 0;
    for (size_t i = 0; i < n; i++) {
        uint32_t bound = rest->bounds[(docs[i] >> rest->bits) - rest->first], adds = bound;
        if (rest->codes && rest->closer[rest->codes[docs[i] >> RF_FINE_BITS]] < adds)
            adds = rest->closer[rest->codes[docs[i] >> RF_FINE_BITS]];
        if (rest->bitmap && !(rest->bitmap[docs[i] >> 3] >> (docs[i] & 7) & 1))
            adds = 0;
        most[i] -= bound - adds;
        more[i] = adds;
        any |= adds;
    }
    return any;
}

static size_t take_back(uint32_t *most, const uint32_t *more, const uint32_t *docs, size_t n, uint32_t *asked, uint32_t *places)
{
    size_t count = 0;
    for (size_t i = 0; i < n; i++) {
        asked[count] = docs[i];
        places[count] = (uint32_t)i;
        count += more[i] > 0;
        most[i] -= more[i];
    }
    return count;
}

static size_t choose_columns(const uint32_t *in, size_t in_stride, uint32_t *out, size_t out_stride, size_t rows, size_t n,
                             uint32_t least, uint32_t most)
{
    size_t count = 0;
    for (size_t i = 0; i < n; i++) {
        bool kept = in[i] >= least && in[i] <= most;
        for (size_t r = 0; r < rows; r++)
            out[r * out_stride + count] = in[r * in_stride + i];
        count += kept;
    }
    return count;
}

/* ---- Sets of docs ---- */

static size_t match(const uint32_t *wanted, size_t n, const uint32_t *docs, size_t count, uint32_t *which, uint32_t *where)
{
    size_t found = 0, i = 0, j = 0;
    while (i < n && j < count) { /* without a branch on what compares how, which is not to be foreseen */
        uint32_t a = wanted[i], b = docs[j];
        which[found] = (uint32_t)i;
        where[found] = (uint32_t)j;
        found += a == b;
        i += a <= b;
        j += a >= b;
    }
    return found;
}

static size_t filter_bits(const uint8_t *bits, const uint32_t *docs, size_t n, uint32_t *places)
{
    size_t count = 0;
    for (size_t i = 0; i < n; i++) {
        places[count] = (uint32_t)i;
        count += bits[docs[i] >> 3] >> (docs[i] & 7) & 1;
    }
    return count;
}

static size_t count_below(const uint32_t *numbers, size_t n, uint32_t value)
{
    size_t count = 0;
    while (count < n && numbers[count] < value)
        count++;
    return count;
}

/* Without an instruction that counts: sums of neighbouring 1, 2, 4 and 8 bits, and all bytes added by one product. */
static uint64_t count_bits(const uint64_t *bits, size_t words)
{
    const uint64_t ones = ~0ull / 255;
    uint64_t count = 0;
    for (size_t i = 0; i < words; i++) {
        uint64_t word = bits[i] - (bits[i] >> 1 & ones * 0x55);
        word = (word & ones * 0x33) + (word >> 2 & ones * 0x33);
        count += ((word + (word >> 4)) & ones * 0x0f) * ones >> 56;
    }
    return count;
}

const struct rf_kernels rf_kernels_portable = RF_KERNEL_TABLE("portable", match, loop_match_gaps, loop_follow, loop_);
