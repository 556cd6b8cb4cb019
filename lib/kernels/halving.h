/* SPDX-License-Identifier: BSD-3-Clause */
/* Finding docs among 128 that are all in registers, with AVX-512: a part of avx512.c, which includes it. */
#ifndef RF_HALVING_H
#define RF_HALVING_H

#include "kernels/kernels.h"

#ifdef LANES /* else it is no variant that includes this */

/* Numbers of two vectors that lie behind one another. */
static inline wide pick_of_two(wide a, wide b, wide indexes) { return _mm512_permutex2var_epi32(a, indexes, b); }

/* Of vectors that lie behind one another, the numbers at even places, or those at odd ones. */
static inline wide evens_of(wide a, wide b) { return pick_of_two(a, b, shift_left(steps(), 1)); }
static inline wide odds_of(wide a, wide b) { return pick_of_two(a, b, add(shift_left(steps(), 1), all(1))); }

static inline wide add_where(uint32_t mask, wide a, uint32_t value)
{
    return _mm512_mask_add_epi32(a, (__mmask16)mask, a, all(value));
}

/* ---- Docs in memory ---- */

/*
 * Sixteen at a time look for their place among 128 docs by halving: all docs are in registers, and those that each step may ask for in one or two
 * of them. Looking up a few one by one is faster.
 */
static size_t match_halving(const uint32_t *wanted, size_t n, const uint32_t *docs, size_t count, uint32_t *which, uint32_t *where)
{
    enum { FEW = 3 };
    if (n < FEW)
        return match_each(wanted, n, docs, which, where);
    (void)count; /* behind them stands what nobody wants */
    wide evens[4], odds[4];
    for (size_t i = 0; i < 4; i++) {
        wide a = load(docs + 32 * i), b = load(docs + 32 * i + 16);
        evens[i] = evens_of(a, b);
        odds[i] = odds_of(a, b);
    }
    wide first1 = evens_of(odds[0], odds[1]), second1 = evens_of(odds[2], odds[3]); /* docs[1], docs[5], docs[9] ... */
    wide first3 = odds_of(odds[0], odds[1]), second3 = odds_of(odds[2], odds[3]);   /* docs[3], docs[7] ... */
    wide by8_3 = evens_of(first3, second3), by8_7 = odds_of(first3, second3); /* docs[3], docs[11] ...; docs[7], docs[15] ... */
    size_t found = 0;
    for (size_t i = 0; i < n; i += LANES) {
        wide doc = load(wanted + i), at = add_where(below(all(docs[63]), doc), all(0), 8); /* which eight docs? */
        at = add_where(below(_mm512_permutexvar_epi32(add(at, all(3)), by8_7), doc), at, 4);
        at = add_where(below(_mm512_permutexvar_epi32(add(at, all(1)), by8_7), doc), at, 2);
        at = add_where(below(_mm512_permutexvar_epi32(at, by8_7), doc), at, 1);
        at = add_where(below(_mm512_permutexvar_epi32(at, by8_3), doc), add(at, at), 1); /* which four? */
        at = add_where(below(pick_of_two(first1, second1, at), doc), add(at, at), 1);    /* which two? */
        __mmask16 upper = _mm512_test_epi32_mask(at, all(32));
        wide even = _mm512_mask_mov_epi32(pick_of_two(evens[0], evens[1], at), upper, pick_of_two(evens[2], evens[3], at));
        wide odd = _mm512_mask_mov_epi32(pick_of_two(odds[0], odds[1], at), upper, pick_of_two(odds[2], odds[3], at));
        uint32_t first = _mm512_cmpeq_epu32_mask(even, doc), second = _mm512_cmpeq_epu32_mask(odd, doc);
        uint32_t mask = (first | second) & lanes(i, n);
        keep(which + found, mask, numbers_from(i));
        found += keep(where + found, mask, add_where(second, add(at, at), 1));
    }
    return found;
}

/* ---- Docs as gaps ---- */

enum { ROWS = 8, PACKED_MOST = 15 }; /* bits of a number, so that four are in 64 wherever they begin */

/* Of four times four groups of eight numbers, which are `width` bytes, each fourth: what lies from its first number on, and from its fifth. */
static inline __m512i each_fourth(const uint8_t *in, unsigned width, __m512i pattern)
{
    const uint8_t *b = in + 4 * (size_t)width, *c = b + 4 * (size_t)width, *d = c + 4 * (size_t)width;
    return _mm512_shuffle_epi8(join(_mm_loadu_si128((const __m128i *)in), _mm_loadu_si128((const __m128i *)b),
                                    _mm_loadu_si128((const __m128i *)c), _mm_loadu_si128((const __m128i *)d)),
                               pattern);
}

/*
 * Gaps to docs that stand in 8 rows of 16, each below the one before. A column is a group; so the sums of all columns are made at once, and need
 * nothing of each other but the last one. A group lies in two lanes of 64 bits, which are turned until the number of the next row is lowest, or, of
 * odd groups, lowest in the upper half. `rows` has what is added to each gap.
 */
static inline void sum_rows(const struct rf_gaps *gaps, const uint32_t *added, wide *rows)
{
    unsigned width = gaps->width, odd = width % 2 * 4; /* bits of its last byte that belong to the number before the fifth */
    const uint8_t *in = gaps->in;
    __m128i low = _mm_setr_epi8(0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3, 4, 5, 6, 7);
    __m512i pattern = _mm512_broadcast_i32x4(_mm_add_epi8(low, _mm_set_epi64x(0x0101010101010101 * (long long)(width / 2), 0)));
    __m512i a = each_fourth(in, width, pattern), b = each_fourth(in + width, width, pattern);
    __m512i c = each_fourth(in + 2 * (size_t)width, width, pattern), d = each_fourth(in + 3 * (size_t)width, width, pattern);
    __m512i even[2] = {_mm512_unpacklo_epi64(a, c), _mm512_rorv_epi64(_mm512_unpackhi_epi64(a, c), _mm512_set1_epi64(odd))};
    __m512i odds[2] = {_mm512_ror_epi64(_mm512_unpacklo_epi64(b, d), 32),
                       _mm512_rorv_epi64(_mm512_unpackhi_epi64(b, d), _mm512_set1_epi64(32 + odd))};
    __m512i by = _mm512_set1_epi64(width), mask = all((1u << width) - 1), sum = all(0);
    for (size_t r = 0; r < ROWS; r++) {
        __m512i *e = &even[r / 4], *o = &odds[r / 4];
        sum = add(add(sum, load(added + 16 * r)), _mm512_and_si512(_mm512_mask_mov_epi32(*e, 0xaaaa, *o), mask));
        *e = _mm512_rorv_epi64(*e, by);
        *o = _mm512_rorv_epi64(*o, by);
        rows[r] = sum;
    }
    wide before = add(sum, UP(sum, 1));
    before = add(before, UP(before, 2));
    before = add(before, UP(before, 4));
    before = add(before, UP(before, 8));
    before = add(subtract(before, sum), all(gaps->base - 1));
    for (size_t r = 0; r < ROWS; r++)
        rows[r] = add(rows[r], before);
}

/* The lane of b where the mask is set, else that of a. */
static inline wide either(uint32_t mask, wide a, wide b) { return _mm512_mask_mov_epi32(a, (__mmask16)mask, b); }

static inline size_t match_in_rows(const wide *rows, const uint32_t *wanted, size_t from, size_t to, uint32_t first,
                                   uint32_t *which, uint32_t *where)
{
    size_t found = 0;
    wide middle = _mm512_permutexvar_epi32(all(7), rows[7]);
    for (size_t i = from; i < to; i += LANES) {
        wide doc = load(wanted + i), at = add_where(below(middle, doc), all(0), 8); /* which column? */
        at = add_where(below(_mm512_permutexvar_epi32(add(at, all(3)), rows[7]), doc), at, 4);
        at = add_where(below(_mm512_permutexvar_epi32(add(at, all(1)), rows[7]), doc), at, 2);
        at = add_where(below(_mm512_permutexvar_epi32(at, rows[7]), doc), at, 1);
        wide column[ROWS];
        for (size_t r = 0; r < ROWS; r++)
            column[r] = _mm512_permutexvar_epi32(at, rows[r]);
        uint32_t fours = below(column[3], doc);
        wide second = either(fours, column[1], column[5]), fourth = either(fours, column[3], column[7]);
        uint32_t twos = below(second, doc);
        wide even = either(twos, either(fours, column[0], column[4]), either(fours, column[2], column[6]));
        uint32_t is_even = _mm512_cmpeq_epu32_mask(even, doc), is_odd = _mm512_cmpeq_epu32_mask(either(twos, second, fourth), doc);
        uint32_t mask = (is_even | is_odd) & lanes(i, to);
        at = add_where(fours, add(shift_left(at, 3), all(first)), 4);
        at = add_where(is_odd, add_where(twos, at, 2), 1);
        keep(which + found, mask, numbers_from(i));
        found += keep(where + found, mask, at);
    }
    return found;
}

static size_t match_gaps_halving(const struct rf_gaps *gaps, const uint32_t *wanted, size_t from, size_t to, uint32_t first,
                                 uint32_t *which, uint32_t *where, uint32_t *last)
{
    if (gaps->n < 128 || gaps->width > PACKED_MOST || gaps->exceptions.bits > 8)
        return loop_match_gaps(gaps, wanted, from, to, first, which, where, last);
    uint32_t added[128];
    wide rows[ROWS];
    for (size_t r = 0; r < ROWS; r++)
        store(added + 16 * r, all(1));
    scatter_exceptions(&gaps->exceptions, gaps->width, true, added);
    sum_rows(gaps, added, rows);
    *last = (uint32_t)_mm_extract_epi32(_mm512_extracti32x4_epi32(rows[ROWS - 1], 3), 3);
    return match_in_rows(rows, wanted, from, to, first, which, where);
}

#endif
#endif
