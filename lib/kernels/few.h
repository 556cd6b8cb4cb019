/* SPDX-License-Identifier: BSD-3-Clause */
/* Kernels about single postings and their positions, with AVX2 and BMI2: AVX-512 has nothing better for so few numbers. */
#ifndef RF_FEW_H
#define RF_FEW_H

#include "kernels/loops.h"

#ifdef LANES /* else it is no variant that includes this */

/*
 * Eight exceptions of few bits at a time, a byte each: their indexes ascend, so those below `count` are the first ones, up to the lowest byte whose
 * highest bit survives the subtraction.
 */
static uint64_t few_sum_planes(const uint8_t *in, size_t n, unsigned planes, const struct rf_exceptions *exceptions, size_t count,
                               uint32_t *next)
{
    enum { AT_ONCE = 8, MOST_BITS = 4 }; /* sums of highs stay within a byte */
    const uint64_t ones = ~0ull / 255;
    if (exceptions->count > AT_ONCE || exceptions->bits > MOST_BITS)
        return loop_sum_planes(in, n, planes, exceptions, count, next);
    uint64_t sum = sum_low_planes(in, n, planes, count, next);
    if (!exceptions->count)
        return sum;
    uint64_t indexes = _pdep_u64(rf_load64(exceptions->indexes), ones * 127);
    uint64_t highs = _pdep_u64(rf_load64(exceptions->highs), ones * ((1ull << exceptions->bits) - 1));
    unsigned end = 8 * exceptions->count;
    uint64_t behind = _bzhi_u64(((indexes | ones * 128) - ones * count) & ones * 128, end);
    unsigned below = behind ? (unsigned)__builtin_ctzll(behind) & ~7u : end;
    sum += _bzhi_u64(highs, below) * ones >> 56 << planes;
    *next |= below < end && (indexes >> below & 255) == count ? (uint32_t)(highs >> below & 255) << planes : 0;
    return sum;
}

/* ---- Numbers packed four by four: a digit a lane of 64 bits ---- */

/* The quotient by the next power of the base, times the base, is what a quotient is above its digit. */
static inline __m256i digits(uint32_t quad, const struct rf_quads *quads)
{
    __m256i factors = _mm256_loadu_si256((const __m256i *)quads->factor),
            shifts = _mm256_loadu_si256((const __m256i *)quads->shift);
    __m256i quotients = _mm256_srlv_epi64(_mm256_mul_epu32(_mm256_set1_epi64x(quad), factors), shifts);
    __m256i next = _mm256_blend_epi32(_mm256_permute4x64_epi64(quotients, 0x39), _mm256_setzero_si256(), 0xc0);
    return _mm256_sub_epi64(quotients, _mm256_mul_epu32(next, _mm256_set1_epi64x(quads->base)));
}

static void few_unpack_quads(const uint8_t *in, const uint8_t *behind, unsigned bits, size_t from, size_t n, uint32_t *out)
{
    const __m256i low_halves = _mm256_setr_epi32(0, 2, 4, 6, 0, 2, 4, 6);
    for (size_t quad = from / 4, end = (from + n + 3) / 4; quad < end; quad++, out += 4) {
        __m256i four = digits(rf_load_quad(in, behind, bits, quad), &rf_quads[bits]);
        _mm_storeu_si128((__m128i *)out, _mm256_castsi256_si128(_mm256_permutevar8x32_epi32(four, low_halves)));
    }
}

static bool few_quads_hold(const uint8_t *in, const uint8_t *behind, unsigned bits, size_t from, size_t n, uint32_t value)
{
    const __m256i wanted = _mm256_set1_epi64x(value);
    uint64_t equal = 0;
    for (size_t i = from % 4, quad = from / 4, lane = 0; lane < i + n; lane += 4, quad++) {
        __m256i four = digits(rf_load_quad(in, behind, bits, quad), &rf_quads[bits]);
        equal |= (uint64_t)_mm256_movemask_pd(_mm256_castsi256_pd(_mm256_cmpeq_epi64(four, wanted))) << lane;
    }
    return equal >> from % 4 & ((1ull << n) - 1);
}

#endif
#endif
