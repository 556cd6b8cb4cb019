/* SPDX-License-Identifier: BSD-3-Clause */
/* The kernels with AVX2, 8 numbers at a time. */
#include "kernels/variants.h"

#ifdef __x86_64__
#include <immintrin.h>

#ifdef __clang__
#pragma clang attribute push(__attribute__((target("avx2,bmi,bmi2,popcnt"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx2,bmi,bmi2,popcnt")
#endif

typedef __m256i wide;
#define LANES 8

static inline wide all(uint32_t value) { return _mm256_set1_epi32((int32_t)value); }
static inline wide steps(void) { return _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7); }
static inline wide load(const void *from) { return _mm256_loadu_si256(from); }
static inline void store(void *to, wide values) { _mm256_storeu_si256(to, values); }
static inline wide add(wide a, wide b) { return _mm256_add_epi32(a, b); }
static inline wide subtract(wide a, wide b) { return _mm256_sub_epi32(a, b); }
static inline wide shift_left(wide a, unsigned bits) { return _mm256_slli_epi32(a, bits); }
static inline wide shift(wide a, int bits) { return _mm256_srli_epi32(a, bits); }
static inline wide shift_each(wide a, wide bits) { return _mm256_srlv_epi32(a, bits); }
static inline wide pick(const uint32_t *table, wide indexes) { return _mm256_permutevar8x32_epi32(load(table), indexes); }

/* A bit for each lane that has its highest bit. */
static inline uint32_t signs(wide values) { return (uint32_t)_mm256_movemask_ps(_mm256_castsi256_ps(values)); }
/* There is no comparison without signs, but a maximum. */
static inline uint32_t below(wide a, wide b) { return ~signs(_mm256_cmpeq_epi32(_mm256_max_epu32(a, b), a)) & 0xff; }

/* By mask, the lanes that it has, a byte each. */
static const uint8_t KEPT[256][8] = {
    {0, 0, 0, 0, 0, 0, 0, 0}, {0, 0, 0, 0, 0, 0, 0, 0}, {1, 0, 0, 0, 0, 0, 0, 0}, {0, 1, 0, 0, 0, 0, 0, 0},
    {2, 0, 0, 0, 0, 0, 0, 0}, {0, 2, 0, 0, 0, 0, 0, 0}, {1, 2, 0, 0, 0, 0, 0, 0}, {0, 1, 2, 0, 0, 0, 0, 0},
    {3, 0, 0, 0, 0, 0, 0, 0}, {0, 3, 0, 0, 0, 0, 0, 0}, {1, 3, 0, 0, 0, 0, 0, 0}, {0, 1, 3, 0, 0, 0, 0, 0},
    {2, 3, 0, 0, 0, 0, 0, 0}, {0, 2, 3, 0, 0, 0, 0, 0}, {1, 2, 3, 0, 0, 0, 0, 0}, {0, 1, 2, 3, 0, 0, 0, 0},
    {4, 0, 0, 0, 0, 0, 0, 0}, {0, 4, 0, 0, 0, 0, 0, 0}, {1, 4, 0, 0, 0, 0, 0, 0}, {0, 1, 4, 0, 0, 0, 0, 0},
    {2, 4, 0, 0, 0, 0, 0, 0}, {0, 2, 4, 0, 0, 0, 0, 0}, {1, 2, 4, 0, 0, 0, 0, 0}, {0, 1, 2, 4, 0, 0, 0, 0},
    {3, 4, 0, 0, 0, 0, 0, 0}, {0, 3, 4, 0, 0, 0, 0, 0}, {1, 3, 4, 0, 0, 0, 0, 0}, {0, 1, 3, 4, 0, 0, 0, 0},
    {2, 3, 4, 0, 0, 0, 0, 0}, {0, 2, 3, 4, 0, 0, 0, 0}, {1, 2, 3, 4, 0, 0, 0, 0}, {0, 1, 2, 3, 4, 0, 0, 0},
    {5, 0, 0, 0, 0, 0, 0, 0}, {0, 5, 0, 0, 0, 0, 0, 0}, {1, 5, 0, 0, 0, 0, 0, 0}, {0, 1, 5, 0, 0, 0, 0, 0},
    {2, 5, 0, 0, 0, 0, 0, 0}, {0, 2, 5, 0, 0, 0, 0, 0}, {1, 2, 5, 0, 0, 0, 0, 0}, {0, 1, 2, 5, 0, 0, 0, 0},
    {3, 5, 0, 0, 0, 0, 0, 0}, {0, 3, 5, 0, 0, 0, 0, 0}, {1, 3, 5, 0, 0, 0, 0, 0}, {0, 1, 3, 5, 0, 0, 0, 0},
    {2, 3, 5, 0, 0, 0, 0, 0}, {0, 2, 3, 5, 0, 0, 0, 0}, {1, 2, 3, 5, 0, 0, 0, 0}, {0, 1, 2, 3, 5, 0, 0, 0},
    {4, 5, 0, 0, 0, 0, 0, 0}, {0, 4, 5, 0, 0, 0, 0, 0}, {1, 4, 5, 0, 0, 0, 0, 0}, {0, 1, 4, 5, 0, 0, 0, 0},
    {2, 4, 5, 0, 0, 0, 0, 0}, {0, 2, 4, 5, 0, 0, 0, 0}, {1, 2, 4, 5, 0, 0, 0, 0}, {0, 1, 2, 4, 5, 0, 0, 0},
    {3, 4, 5, 0, 0, 0, 0, 0}, {0, 3, 4, 5, 0, 0, 0, 0}, {1, 3, 4, 5, 0, 0, 0, 0}, {0, 1, 3, 4, 5, 0, 0, 0},
    {2, 3, 4, 5, 0, 0, 0, 0}, {0, 2, 3, 4, 5, 0, 0, 0}, {1, 2, 3, 4, 5, 0, 0, 0}, {0, 1, 2, 3, 4, 5, 0, 0},
    {6, 0, 0, 0, 0, 0, 0, 0}, {0, 6, 0, 0, 0, 0, 0, 0}, {1, 6, 0, 0, 0, 0, 0, 0}, {0, 1, 6, 0, 0, 0, 0, 0},
    {2, 6, 0, 0, 0, 0, 0, 0}, {0, 2, 6, 0, 0, 0, 0, 0}, {1, 2, 6, 0, 0, 0, 0, 0}, {0, 1, 2, 6, 0, 0, 0, 0},
    {3, 6, 0, 0, 0, 0, 0, 0}, {0, 3, 6, 0, 0, 0, 0, 0}, {1, 3, 6, 0, 0, 0, 0, 0}, {0, 1, 3, 6, 0, 0, 0, 0},
    {2, 3, 6, 0, 0, 0, 0, 0}, {0, 2, 3, 6, 0, 0, 0, 0}, {1, 2, 3, 6, 0, 0, 0, 0}, {0, 1, 2, 3, 6, 0, 0, 0},
    {4, 6, 0, 0, 0, 0, 0, 0}, {0, 4, 6, 0, 0, 0, 0, 0}, {1, 4, 6, 0, 0, 0, 0, 0}, {0, 1, 4, 6, 0, 0, 0, 0},
    {2, 4, 6, 0, 0, 0, 0, 0}, {0, 2, 4, 6, 0, 0, 0, 0}, {1, 2, 4, 6, 0, 0, 0, 0}, {0, 1, 2, 4, 6, 0, 0, 0},
    {3, 4, 6, 0, 0, 0, 0, 0}, {0, 3, 4, 6, 0, 0, 0, 0}, {1, 3, 4, 6, 0, 0, 0, 0}, {0, 1, 3, 4, 6, 0, 0, 0},
    {2, 3, 4, 6, 0, 0, 0, 0}, {0, 2, 3, 4, 6, 0, 0, 0}, {1, 2, 3, 4, 6, 0, 0, 0}, {0, 1, 2, 3, 4, 6, 0, 0},
    {5, 6, 0, 0, 0, 0, 0, 0}, {0, 5, 6, 0, 0, 0, 0, 0}, {1, 5, 6, 0, 0, 0, 0, 0}, {0, 1, 5, 6, 0, 0, 0, 0},
    {2, 5, 6, 0, 0, 0, 0, 0}, {0, 2, 5, 6, 0, 0, 0, 0}, {1, 2, 5, 6, 0, 0, 0, 0}, {0, 1, 2, 5, 6, 0, 0, 0},
    {3, 5, 6, 0, 0, 0, 0, 0}, {0, 3, 5, 6, 0, 0, 0, 0}, {1, 3, 5, 6, 0, 0, 0, 0}, {0, 1, 3, 5, 6, 0, 0, 0},
    {2, 3, 5, 6, 0, 0, 0, 0}, {0, 2, 3, 5, 6, 0, 0, 0}, {1, 2, 3, 5, 6, 0, 0, 0}, {0, 1, 2, 3, 5, 6, 0, 0},
    {4, 5, 6, 0, 0, 0, 0, 0}, {0, 4, 5, 6, 0, 0, 0, 0}, {1, 4, 5, 6, 0, 0, 0, 0}, {0, 1, 4, 5, 6, 0, 0, 0},
    {2, 4, 5, 6, 0, 0, 0, 0}, {0, 2, 4, 5, 6, 0, 0, 0}, {1, 2, 4, 5, 6, 0, 0, 0}, {0, 1, 2, 4, 5, 6, 0, 0},
    {3, 4, 5, 6, 0, 0, 0, 0}, {0, 3, 4, 5, 6, 0, 0, 0}, {1, 3, 4, 5, 6, 0, 0, 0}, {0, 1, 3, 4, 5, 6, 0, 0},
    {2, 3, 4, 5, 6, 0, 0, 0}, {0, 2, 3, 4, 5, 6, 0, 0}, {1, 2, 3, 4, 5, 6, 0, 0}, {0, 1, 2, 3, 4, 5, 6, 0},
    {7, 0, 0, 0, 0, 0, 0, 0}, {0, 7, 0, 0, 0, 0, 0, 0}, {1, 7, 0, 0, 0, 0, 0, 0}, {0, 1, 7, 0, 0, 0, 0, 0},
    {2, 7, 0, 0, 0, 0, 0, 0}, {0, 2, 7, 0, 0, 0, 0, 0}, {1, 2, 7, 0, 0, 0, 0, 0}, {0, 1, 2, 7, 0, 0, 0, 0},
    {3, 7, 0, 0, 0, 0, 0, 0}, {0, 3, 7, 0, 0, 0, 0, 0}, {1, 3, 7, 0, 0, 0, 0, 0}, {0, 1, 3, 7, 0, 0, 0, 0},
    {2, 3, 7, 0, 0, 0, 0, 0}, {0, 2, 3, 7, 0, 0, 0, 0}, {1, 2, 3, 7, 0, 0, 0, 0}, {0, 1, 2, 3, 7, 0, 0, 0},
    {4, 7, 0, 0, 0, 0, 0, 0}, {0, 4, 7, 0, 0, 0, 0, 0}, {1, 4, 7, 0, 0, 0, 0, 0}, {0, 1, 4, 7, 0, 0, 0, 0},
    {2, 4, 7, 0, 0, 0, 0, 0}, {0, 2, 4, 7, 0, 0, 0, 0}, {1, 2, 4, 7, 0, 0, 0, 0}, {0, 1, 2, 4, 7, 0, 0, 0},
    {3, 4, 7, 0, 0, 0, 0, 0}, {0, 3, 4, 7, 0, 0, 0, 0}, {1, 3, 4, 7, 0, 0, 0, 0}, {0, 1, 3, 4, 7, 0, 0, 0},
    {2, 3, 4, 7, 0, 0, 0, 0}, {0, 2, 3, 4, 7, 0, 0, 0}, {1, 2, 3, 4, 7, 0, 0, 0}, {0, 1, 2, 3, 4, 7, 0, 0},
    {5, 7, 0, 0, 0, 0, 0, 0}, {0, 5, 7, 0, 0, 0, 0, 0}, {1, 5, 7, 0, 0, 0, 0, 0}, {0, 1, 5, 7, 0, 0, 0, 0},
    {2, 5, 7, 0, 0, 0, 0, 0}, {0, 2, 5, 7, 0, 0, 0, 0}, {1, 2, 5, 7, 0, 0, 0, 0}, {0, 1, 2, 5, 7, 0, 0, 0},
    {3, 5, 7, 0, 0, 0, 0, 0}, {0, 3, 5, 7, 0, 0, 0, 0}, {1, 3, 5, 7, 0, 0, 0, 0}, {0, 1, 3, 5, 7, 0, 0, 0},
    {2, 3, 5, 7, 0, 0, 0, 0}, {0, 2, 3, 5, 7, 0, 0, 0}, {1, 2, 3, 5, 7, 0, 0, 0}, {0, 1, 2, 3, 5, 7, 0, 0},
    {4, 5, 7, 0, 0, 0, 0, 0}, {0, 4, 5, 7, 0, 0, 0, 0}, {1, 4, 5, 7, 0, 0, 0, 0}, {0, 1, 4, 5, 7, 0, 0, 0},
    {2, 4, 5, 7, 0, 0, 0, 0}, {0, 2, 4, 5, 7, 0, 0, 0}, {1, 2, 4, 5, 7, 0, 0, 0}, {0, 1, 2, 4, 5, 7, 0, 0},
    {3, 4, 5, 7, 0, 0, 0, 0}, {0, 3, 4, 5, 7, 0, 0, 0}, {1, 3, 4, 5, 7, 0, 0, 0}, {0, 1, 3, 4, 5, 7, 0, 0},
    {2, 3, 4, 5, 7, 0, 0, 0}, {0, 2, 3, 4, 5, 7, 0, 0}, {1, 2, 3, 4, 5, 7, 0, 0}, {0, 1, 2, 3, 4, 5, 7, 0},
    {6, 7, 0, 0, 0, 0, 0, 0}, {0, 6, 7, 0, 0, 0, 0, 0}, {1, 6, 7, 0, 0, 0, 0, 0}, {0, 1, 6, 7, 0, 0, 0, 0},
    {2, 6, 7, 0, 0, 0, 0, 0}, {0, 2, 6, 7, 0, 0, 0, 0}, {1, 2, 6, 7, 0, 0, 0, 0}, {0, 1, 2, 6, 7, 0, 0, 0},
    {3, 6, 7, 0, 0, 0, 0, 0}, {0, 3, 6, 7, 0, 0, 0, 0}, {1, 3, 6, 7, 0, 0, 0, 0}, {0, 1, 3, 6, 7, 0, 0, 0},
    {2, 3, 6, 7, 0, 0, 0, 0}, {0, 2, 3, 6, 7, 0, 0, 0}, {1, 2, 3, 6, 7, 0, 0, 0}, {0, 1, 2, 3, 6, 7, 0, 0},
    {4, 6, 7, 0, 0, 0, 0, 0}, {0, 4, 6, 7, 0, 0, 0, 0}, {1, 4, 6, 7, 0, 0, 0, 0}, {0, 1, 4, 6, 7, 0, 0, 0},
    {2, 4, 6, 7, 0, 0, 0, 0}, {0, 2, 4, 6, 7, 0, 0, 0}, {1, 2, 4, 6, 7, 0, 0, 0}, {0, 1, 2, 4, 6, 7, 0, 0},
    {3, 4, 6, 7, 0, 0, 0, 0}, {0, 3, 4, 6, 7, 0, 0, 0}, {1, 3, 4, 6, 7, 0, 0, 0}, {0, 1, 3, 4, 6, 7, 0, 0},
    {2, 3, 4, 6, 7, 0, 0, 0}, {0, 2, 3, 4, 6, 7, 0, 0}, {1, 2, 3, 4, 6, 7, 0, 0}, {0, 1, 2, 3, 4, 6, 7, 0},
    {5, 6, 7, 0, 0, 0, 0, 0}, {0, 5, 6, 7, 0, 0, 0, 0}, {1, 5, 6, 7, 0, 0, 0, 0}, {0, 1, 5, 6, 7, 0, 0, 0},
    {2, 5, 6, 7, 0, 0, 0, 0}, {0, 2, 5, 6, 7, 0, 0, 0}, {1, 2, 5, 6, 7, 0, 0, 0}, {0, 1, 2, 5, 6, 7, 0, 0},
    {3, 5, 6, 7, 0, 0, 0, 0}, {0, 3, 5, 6, 7, 0, 0, 0}, {1, 3, 5, 6, 7, 0, 0, 0}, {0, 1, 3, 5, 6, 7, 0, 0},
    {2, 3, 5, 6, 7, 0, 0, 0}, {0, 2, 3, 5, 6, 7, 0, 0}, {1, 2, 3, 5, 6, 7, 0, 0}, {0, 1, 2, 3, 5, 6, 7, 0},
    {4, 5, 6, 7, 0, 0, 0, 0}, {0, 4, 5, 6, 7, 0, 0, 0}, {1, 4, 5, 6, 7, 0, 0, 0}, {0, 1, 4, 5, 6, 7, 0, 0},
    {2, 4, 5, 6, 7, 0, 0, 0}, {0, 2, 4, 5, 6, 7, 0, 0}, {1, 2, 4, 5, 6, 7, 0, 0}, {0, 1, 2, 4, 5, 6, 7, 0},
    {3, 4, 5, 6, 7, 0, 0, 0}, {0, 3, 4, 5, 6, 7, 0, 0}, {1, 3, 4, 5, 6, 7, 0, 0}, {0, 1, 3, 4, 5, 6, 7, 0},
    {2, 3, 4, 5, 6, 7, 0, 0}, {0, 2, 3, 4, 5, 6, 7, 0}, {1, 2, 3, 4, 5, 6, 7, 0}, {0, 1, 2, 3, 4, 5, 6, 7},
};

static inline size_t keep(uint32_t *out, uint32_t mask, wide values)
{
    store(out, _mm256_permutevar8x32_epi32(values, _mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)KEPT[mask]))));
    return (size_t)__builtin_popcount(mask);
}

/* Products of 64 bits: of the even lanes, and of the odd ones, whose upper half is in place after a shift by one. */
static inline wide weigh(uint32_t weight, wide saturations)
{
    wide weights = all(weight), half = _mm256_set1_epi64x(1ll << 30);
    wide even = _mm256_add_epi64(_mm256_mul_epu32(saturations, weights), half);
    wide odd = _mm256_add_epi64(_mm256_mul_epu32(_mm256_srli_epi64(saturations, 32), weights), half);
    wide scores = _mm256_blend_epi32(_mm256_srli_epi64(even, 31), _mm256_slli_epi64(odd, 1), 0xaa);
    return _mm256_max_epu32(scores, all(1));
}

static inline uint32_t bits_at(wide words, wide docs)
{
    return signs(_mm256_sllv_epi32(words, _mm256_sub_epi32(all(31), _mm256_and_si256(docs, all(7)))));
}

static inline uint64_t marked(const uint8_t *marks)
{
    uint32_t low = (uint32_t)_mm256_movemask_epi8(_mm256_cmpgt_epi8(load(marks), all(0)));
    uint32_t high = (uint32_t)_mm256_movemask_epi8(_mm256_cmpgt_epi8(load(marks + 32), all(0)));
    return low | (uint64_t)high << 32;
}

static inline wide smaller(wide a, wide b) { return _mm256_min_epu32(a, b); }
static inline wide held(wide words, wide docs, wide values)
{
    wide bit = _mm256_sllv_epi32(words, _mm256_sub_epi32(all(31), _mm256_and_si256(docs, all(7))));
    return _mm256_and_si256(values, _mm256_srai_epi32(bit, 31));
}

static inline uint32_t equal16(const uint32_t *row, wide value)
{
    uint32_t low = signs(_mm256_cmpeq_epi32(load(row), value)), high = signs(_mm256_cmpeq_epi32(load(row + 8), value));
    return low | high << 8;
}

static inline wide take_equal(wide old, wide a, wide b, wide new) { return _mm256_blendv_epi8(old, new, _mm256_cmpeq_epi32(a, b)); }

static inline wide tally_below(wide counts, uint32_t number, wide row)
{
    wide sign = all(1u << 31);
    return subtract(counts, _mm256_cmpgt_epi32(_mm256_xor_si256(row, sign), _mm256_xor_si256(all(number), sign)));
}

/* The docs that 8 rows of 16 begin with, but for the first row. */
typedef __m256i row_starts;
static inline row_starts firsts_of(const uint32_t *docs)
{
    return _mm256_setr_epi32((int32_t)docs[16], (int32_t)docs[32], (int32_t)docs[48], (int32_t)docs[64], (int32_t)docs[80],
                             (int32_t)docs[96], (int32_t)docs[112], -1);
}

static inline size_t row_of(row_starts firsts, wide doc)
{
    return (size_t)__builtin_popcount(signs(_mm256_cmpeq_epi32(_mm256_max_epu32(firsts, doc), doc)));
}

/* Four by four, which needs fewer registers for addresses. */
#define COLLECT(OF)                                                                                                                \
    _mm256_inserti128_si256(_mm256_castsi128_si256(_mm_setr_epi32(OF(0), OF(1), OF(2), OF(3))),                                    \
                            _mm_setr_epi32(OF(4), OF(5), OF(6), OF(7)), 1)

#include "kernels/wide.h"

#include "kernels/few.h"

/* ---- Blocks of integers ---- */

/* 8 values are `width` bytes. A value lies in one word of 32 bits or in two: both are brought to its lane and shifted together. */
struct packing {
    wide word, next, right, left, mask;
};

static inline struct packing packing_of(unsigned width)
{
    wide bit = _mm256_mullo_epi32(steps(), all(width)), word = shift(bit, 5), right = _mm256_and_si256(bit, all(31));
    return (struct packing){word, add(word, all(1)), right, subtract(all(32), right),
                            all(width < 32 ? (1u << width) - 1 : UINT32_MAX)};
}

static inline wide unpack8(const struct packing *packing, const uint8_t *in)
{
    wide words = load(in);
    wide low = _mm256_srlv_epi32(_mm256_permutevar8x32_epi32(words, packing->word), packing->right);
    wide high = _mm256_sllv_epi32(_mm256_permutevar8x32_epi32(words, packing->next), packing->left);
    return _mm256_and_si256(_mm256_or_si256(low, high), packing->mask);
}

static void unpack(const uint8_t *in, size_t n, unsigned width, uint32_t *values)
{
    if (!width) {
        memset(values, 0, n * sizeof *values);
        return;
    }
    struct packing packing = packing_of(width);
    for (size_t i = 0; i < n; i += 8, in += width)
        store(values + i, unpack8(&packing, in));
}

/* The docs of 8 gaps, each with 1 added; `last` has the doc before them in all lanes, which then is their last. */
static inline wide sum8(wide sums, wide *last)
{
    sums = add(sums, _mm256_slli_si256(sums, 4));
    sums = add(sums, _mm256_slli_si256(sums, 8));
    /* Those were two halves: the upper one gets the last sum of the lower one. */
    wide lower = _mm256_permute2x128_si256(sums, sums, 0x08);
    sums = add(add(sums, *last), _mm256_shuffle_epi32(lower, 0xff));
    *last = _mm256_permutevar8x32_epi32(sums, all(7));
    return sums;
}

/* High parts go to where the docs will be before all else: were they added to values just stored, loading those again would have to wait. */
static void unpack_gaps(const uint8_t *in, size_t n, unsigned width, const struct rf_exceptions *exceptions, uint32_t base,
                        uint32_t *docs)
{
    struct packing packing = packing_of(width);
    wide last = all(base - 1);
    for (size_t i = 0; i < 128; i += 8)
        store(docs + i, all(1));
    loop_add_exceptions(exceptions, width, docs);
    for (size_t i = 0; i < n; i += 8, in += width)
        store(docs + i, sum8(add(unpack8(&packing, in), load(docs + i)), &last));
}

static void unpack_planes(const uint8_t *in, size_t n, unsigned planes, uint32_t least, uint32_t *values)
{
    size_t bytes = (n + 7) / 8;
    const wide bits = _mm256_setr_epi32(1, 2, 4, 8, 16, 32, 64, 128);
    for (size_t i = 0; i < n; i += 8) {
        wide value = _mm256_setzero_si256(), bit = all(1);
        for (unsigned plane = 0; plane < planes; plane++) {
            wide set = _mm256_cmpeq_epi32(_mm256_and_si256(all(in[plane * bytes + i / 8]), bits), bits);
            value = _mm256_or_si256(value, _mm256_and_si256(set, bit));
            bit = add(bit, bit);
        }
        store(values + i, add(value, all(least)));
    }
}

/* ---- Sets of docs ---- */

/* Sums of bits of half bytes come from a table of 16 bytes; all bytes of a word are then added. */
static uint64_t count_bits(const uint64_t *bits, size_t words)
{
    const wide table = _mm256_broadcastsi128_si256(_mm_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4));
    const wide low = _mm256_set1_epi8(15), zero = _mm256_setzero_si256();
    wide sums = zero;
    size_t i = 0;
    for (; i + 4 <= words; i += 4) {
        wide these = load(bits + i);
        wide lows = _mm256_shuffle_epi8(table, _mm256_and_si256(these, low));
        wide highs = _mm256_shuffle_epi8(table, _mm256_and_si256(_mm256_srli_epi16(these, 4), low));
        sums = _mm256_add_epi64(sums, _mm256_sad_epu8(_mm256_add_epi8(lows, highs), zero));
    }
    uint64_t sum[4], count;
    store(sum, sums);
    count = sum[0] + sum[1] + sum[2] + sum[3];
    for (; i < words; i++)
        count += (uint64_t)__builtin_popcountll(bits[i]);
    return count;
}

const struct rf_kernels rf_kernels_avx2 = RF_KERNEL_TABLE("avx2", match, loop_match_gaps, follow, few_);

#ifdef __clang__
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif
#endif
