/* SPDX-License-Identifier: BSD-3-Clause */
/* The kernels of sets of docs and of positions that are alike for all SIMD instructions: a part of wide.h, which includes it. */
#ifndef RF_WIDE_SETS_H
#define RF_WIDE_SETS_H

#include "kernels/kernels.h"

#ifdef LANES /* else it is no variant that includes this */

/* ---- Sets of docs ---- */

/* Each for itself among 128 docs, in 8 rows of 16: one comparison finds the row where it must be, and one its place there. No branch is to be
 * foreseen, and none waits for another. */
static inline size_t match_each(const uint32_t *wanted, size_t n, const uint32_t *docs, uint32_t *which, uint32_t *where)
{
    size_t found = 0;
    row_starts firsts = firsts_of(docs);
    for (size_t i = 0; i < n; i++) {
        wide doc = all(wanted[i]);
        size_t row = 16 * row_of(firsts, doc);
        uint32_t equal = equal16(docs + row, doc);
        which[found] = (uint32_t)i;
        where[found] = (uint32_t)(row + (size_t)__builtin_ctz(equal | 1u << 16));
        found += equal > 0;
    }
    return found;
}

/* Puts the places of those of a row that are among LANES ascending docs, the first of which is at `from`: as many as are below it come before it. */
static inline wide find_row(wide places, wide row, const uint32_t *docs, size_t from)
{
    wide at = all(0);
    for (size_t i = 0; i < LANES; i++)
        at = tally_below(at, docs[i], row);
    return take_equal(places, row, pick(docs, at), add(at, all((uint32_t)from)));
}

/* A row of either side is compared with one of the other, and the row that ends first makes room for the next one: branches depend on rows alone. */
static inline size_t match_rows(const uint32_t *wanted, size_t n, const uint32_t *docs, size_t count, uint32_t *which,
                                uint32_t *where)
{
    size_t found = 0;
    for (size_t i = 0, j = 0; i < n && j < count; i += LANES) {
        wide row = load(wanted + i), places = all(UINT32_MAX);
        uint32_t end = wanted[i + LANES < n ? i + LANES - 1 : n - 1];
        for (; j < count; j += LANES) {
            places = find_row(places, row, docs + j, j);
            if (docs[j + LANES - 1] >= end)
                break;
        }
        uint32_t mask = lanes(i, n) & below(places, all(UINT32_MAX));
        keep(which + found, mask, numbers_from(i));
        found += keep(where + found, mask, places);
    }
    return found;
}

static inline size_t match(const uint32_t *wanted, size_t n, const uint32_t *docs, size_t count, uint32_t *which, uint32_t *where)
{
    return n < MANY_DOCS ? match_each(wanted, n, docs, which, where) : match_rows(wanted, n, docs, count, which, where);
}

/* Words are fetched one by one, for gathering is slow on many processors; through memory, for that is faster than into lanes. */
static size_t filter_bits(const uint8_t *bits, const uint32_t *docs, size_t n, uint32_t *places)
{
    uint32_t words[BATCH + RF_PADDING];
    size_t count = 0;
    for (size_t from = 0; from < n; from += BATCH) {
        size_t these = n - from < BATCH ? n - from : BATCH;
        const uint32_t *some = docs + from;
        for (size_t i = 0; i < these; i++)
            words[i] = rf_load32(bits + (some[i] >> 3));
        size_t i = 0;
        for (; i + LANES <= these; i += LANES)
            count += keep(places + count, bits_at(load(words + i), load(some + i)), numbers_from(from + i));
        for (; i < these; i++) {
            places[count] = (uint32_t)(from + i);
            count += words[i] >> (some[i] & 7) & 1;
        }
    }
    return count;
}

static size_t count_below(const uint32_t *numbers, size_t n, uint32_t value)
{
    for (size_t i = 0; i < n; i += 16) {
        uint32_t others = 0;
        for (unsigned j = 0; j < 16; j += LANES)
            others |= (~below(load(numbers + i + j), all(value)) & FULL) << j;
        if (others) {
            i += (size_t)__builtin_ctz(others);
            return i < n ? i : n;
        }
    }
    return n;
}

/* ---- Positions ---- */

/* All ones in the lanes that are equal to one of the first numbers, LANES at most; the others stay. */
static inline wide mark_row(wide marks, wide row, const uint32_t *numbers, size_t n)
{
    if (n >= LANES)
        for (size_t i = 0; i < LANES; i++)
            marks = take_equal(marks, row, all(numbers[i]), all(UINT32_MAX));
    else
        for (size_t i = 0; i < n; i++)
            marks = take_equal(marks, row, all(numbers[i]), all(UINT32_MAX));
    return marks;
}

static size_t follow(uint32_t *first, size_t n, const uint32_t *second, size_t m, uint32_t distance)
{
    if (n + m < MANY_POSITIONS)
        return loop_follow(first, n, second, m, distance);
    size_t count = 0;
    while (n && first[n - 1] > UINT32_MAX - distance)
        n--;
    for (size_t i = 0, j = 0; i < n && j < m; i += LANES) {
        wide row = load(first + i), wanted = add(row, all(distance)), marks = all(0);
        uint32_t end = first[i + LANES < n ? i + LANES - 1 : n - 1] + distance;
        for (; j < m; j += LANES) {
            marks = mark_row(marks, wanted, second + j, m - j);
            if (second[j + LANES < m ? j + LANES - 1 : m - 1] >= end)
                break;
        }
        count += keep(first + count, lanes(i, n) & below(all(0), marks), row);
    }
    return count;
}

#endif
#endif
