/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The kernels with AVX-512, 16 numbers at a time: with the parts of it (F, BW, DQ, VL) that all processors for servers with AVX-512 have.
 */
#include "kernels/variants.h"

#ifdef __x86_64__
#include <immintrin.h>

#ifdef __clang__
#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,bmi,bmi2,popcnt"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx512f,avx512bw,avx512dq,avx512vl,bmi,bmi2,popcnt")
#endif

typedef __m512i wide;
#define LANES 16

static inline wide all(uint32_t value) { return _mm512_set1_epi32((int32_t)value); }
static inline wide steps(void) { return _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15); }
static inline wide load(const void *from) { return _mm512_loadu_si512(from); }
static inline void store(void *to, wide values) { _mm512_storeu_si512(to, values); }
static inline wide add(wide a, wide b) { return _mm512_add_epi32(a, b); }
static inline wide subtract(wide a, wide b) { return _mm512_sub_epi32(a, b); }
static inline wide shift_left(wide a, unsigned bits) { return _mm512_slli_epi32(a, bits); }
static inline wide shift(wide a, unsigned bits) { return _mm512_srli_epi32(a, bits); }
static inline wide shift_each(wide a, wide bits) { return _mm512_srlv_epi32(a, bits); }
static inline uint32_t below(wide a, wide b) { return _mm512_cmplt_epu32_mask(a, b); }
static inline wide pick(const uint32_t *table, wide indexes) { return _mm512_permutexvar_epi32(indexes, load(table)); }
static inline uint32_t equal16(const uint32_t *row, wide value) { return _mm512_cmpeq_epu32_mask(load(row), value); }

/* Compressed in a register and stored whole: storing compressed takes several times as long. */
static inline size_t keep(uint32_t *out, uint32_t mask, wide values)
{
    store(out, _mm512_maskz_compress_epi32((__mmask16)mask, values));
    return (size_t)__builtin_popcount(mask);
}

/* Products of 64 bits: of the even lanes, and of the odd ones, whose upper half is in place after a shift by one. */
static inline wide weigh(uint32_t weight, wide saturations)
{
    wide weights = all(weight), half = _mm512_set1_epi64(1ll << 30);
    wide even = _mm512_add_epi64(_mm512_mul_epu32(saturations, weights), half);
    wide odd = _mm512_add_epi64(_mm512_mul_epu32(_mm512_srli_epi64(saturations, 32), weights), half);
    wide scores = _mm512_mask_blend_epi32(0xaaaa, _mm512_srli_epi64(even, 31), _mm512_slli_epi64(odd, 1));
    return _mm512_max_epu32(scores, all(1));
}

static inline uint32_t bits_at(wide words, wide docs)
{
    return _mm512_test_epi32_mask(words, _mm512_sllv_epi32(all(1), _mm512_and_si512(docs, all(7))));
}

static inline uint64_t marked(const uint8_t *marks) { return _mm512_test_epi8_mask(load(marks), load(marks)); }

static inline wide smaller(wide a, wide b) { return _mm512_min_epu32(a, b); }
static inline wide held(wide words, wide docs, wide values)
{
    return _mm512_maskz_mov_epi32((__mmask16)bits_at(words, docs), values);
}

static inline wide take_equal(wide old, wide a, wide b, wide new)
{
    return _mm512_mask_mov_epi32(old, _mm512_cmpeq_epu32_mask(a, b), new);
}

static inline wide tally_below(wide counts, uint32_t number, wide row)
{
    return _mm512_mask_add_epi32(counts, below(all(number), row), counts, all(1));
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
    return (size_t)__builtin_popcount(_mm256_cmple_epu32_mask(firsts, _mm512_castsi512_si256(doc)));
}

static inline wide join(__m128i a, __m128i b, __m128i c, __m128i d)
{
    __m256i low = _mm256_inserti128_si256(_mm256_castsi128_si256(a), b, 1),
            high = _mm256_inserti128_si256(_mm256_castsi128_si256(c), d, 1);
    return _mm512_inserti64x4(_mm512_castsi256_si512(low), high, 1);
}

/* Four by four: the addresses of 16 at once are more than there are registers. */
#define COLLECT(OF)                                                                                                                \
    join(_mm_setr_epi32(OF(0), OF(1), OF(2), OF(3)), _mm_setr_epi32(OF(4), OF(5), OF(6), OF(7)),                                   \
         _mm_setr_epi32(OF(8), OF(9), OF(10), OF(11)), _mm_setr_epi32(OF(12), OF(13), OF(14), OF(15)))

#include "kernels/wide.h"

#include "kernels/few.h"

/* ---- Blocks of integers ---- */

/* A value lies in one word of 32 bits or in two: both are brought to its lane and shifted together. */
struct packing {
    __m512i word, next, right, left, mask;
};

static inline struct packing packing_of(unsigned width)
{
    __m512i bit = _mm512_mullo_epi32(steps(), all(width)), word = _mm512_srli_epi32(bit, 5), right = _mm512_and_si512(bit, all(31));
    return (struct packing){word, _mm512_add_epi32(word, all(1)), right, _mm512_sub_epi32(all(32), right),
                            all(width < 32 ? (1u << width) - 1 : UINT32_MAX)};
}

static inline __m512i unpack16(const struct packing *packing, const uint8_t *in)
{
    __m512i words = load(in);
    __m512i low = _mm512_srlv_epi32(_mm512_permutexvar_epi32(packing->word, words), packing->right);
    __m512i high = _mm512_sllv_epi32(_mm512_permutexvar_epi32(packing->next, words), packing->left);
    return _mm512_and_si512(_mm512_or_si512(low, high), packing->mask);
}

static void unpack(const uint8_t *in, size_t n, unsigned width, uint32_t *values)
{
    if (!width) {
        memset(values, 0, n * sizeof *values);
        return;
    }
    struct packing packing = packing_of(width);
    for (size_t i = 0; i < n; i += 16, in += 2 * width)
        store(values + i, unpack16(&packing, in));
}

/* What is in lane i comes from lane i - count; the first are 0. */
#define UP(v, count) _mm512_alignr_epi32(v, _mm512_setzero_si512(), 16 - (count))

/* The docs of 16 gaps, each with 1 added; `last` has the doc before them in all lanes, which then is their last. */
static inline __m512i sum16(__m512i sums, __m512i *last)
{
    sums = _mm512_add_epi32(sums, UP(sums, 1));
    sums = _mm512_add_epi32(sums, UP(sums, 2));
    sums = _mm512_add_epi32(sums, UP(sums, 4));
    sums = _mm512_add_epi32(sums, UP(sums, 8));
    sums = _mm512_add_epi32(sums, *last);
    *last = _mm512_permutexvar_epi32(all(15), sums);
    return sums;
}

/*
 * Eight at a time: each is shifted out of the same 64 bits, so that a high part has 8 bits at most. All values are 1 so far. `by_rows`: they
 * stand not in a row, but in 8 rows of 16, each value below the one before.
 */
static inline void scatter_exceptions(const struct rf_exceptions *exceptions, unsigned width, bool by_rows, uint32_t *values)
{
    const uint8_t *indexes = exceptions->indexes, *highs = exceptions->highs;
    unsigned bits = exceptions->bits;
    __m512i step = _mm512_setr_epi64(0, 1, 2, 3, 4, 5, 6, 7), low = _mm512_set1_epi64(127);
    __m512i sevens = _mm512_setr_epi64(0, 7, 14, 21, 28, 35, 42, 49), shifts = _mm512_mullo_epi64(step, _mm512_set1_epi64(bits));
    __m512i mask = _mm512_set1_epi64((1ll << bits) - 1), one = _mm512_set1_epi64(1);
    for (unsigned i = 0; i < exceptions->count; i += 8, indexes += 7, highs += bits) {
        __mmask8 these = _mm512_cmplt_epu64_mask(step, _mm512_set1_epi64(exceptions->count - i));
        __m512i index = _mm512_and_si512(_mm512_srlv_epi64(_mm512_set1_epi64((int64_t)rf_load64(indexes)), sevens), low);
        if (by_rows)
            index = _mm512_or_si512(_mm512_and_si512(_mm512_slli_epi64(index, 4), low), _mm512_srli_epi64(index, 3));
        __m512i high = _mm512_srlv_epi64(_mm512_set1_epi64((int64_t)rf_load64(highs)), shifts);
        high = _mm512_add_epi64(_mm512_sll_epi64(_mm512_and_si512(high, mask), _mm_cvtsi32_si128((int)width)), one);
        _mm512_mask_i64scatter_epi32(values, these, index, _mm512_cvtepi64_epi32(high), 4);
    }
}

/*
 * High parts go to where the docs will be before all else: were they added to values just stored, loading those again would have to wait. With
 * 1 for each doc the sums need nothing but the doc before.
 */
static void unpack_gaps(const uint8_t *in, size_t n, unsigned width, const struct rf_exceptions *exceptions, uint32_t base,
                        uint32_t *docs)
{
    struct packing packing = packing_of(width);
    __m512i last = all(base - 1), ones = all(1);
    if (!exceptions->count) {
        for (size_t i = 0; i < n; i += 16, in += 2 * width)
            store(docs + i, sum16(_mm512_add_epi32(unpack16(&packing, in), ones), &last));
        return;
    }
    for (size_t i = 0; i < 128; i += 16)
        store(docs + i, ones);
    if (exceptions->bits > 8)
        loop_add_exceptions(exceptions, width, docs);
    else
        scatter_exceptions(exceptions, width, false, docs);
    for (size_t i = 0; i < n; i += 16, in += 2 * width)
        store(docs + i, sum16(_mm512_add_epi32(unpack16(&packing, in), load(docs + i)), &last));
}

static void unpack_planes(const uint8_t *in, size_t n, unsigned planes, uint32_t least, uint32_t *values)
{
    size_t bytes = (n + 7) / 8;
    /* A block nearly always has two or less, and how many is not to be foreseen: one that is not there counts for nothing. */
    if (planes <= 2 && n <= 128) {
        __m512i ones = all(planes > 0), twos = all(planes > 1 ? 2 : 0);
        for (size_t i = 0; i < n; i += 16) {
            __m512i value = _mm512_mask_add_epi32(all(least), rf_load16(in + i / 8), all(least), ones);
            store(values + i, _mm512_mask_add_epi32(value, rf_load16(in + bytes + i / 8), value, twos));
        }
        return;
    }
    for (size_t i = 0; i < n; i += 16) {
        __m512i value = all(least), bit = all(1);
        for (unsigned plane = 0; plane < planes; plane++) {
            value = _mm512_mask_add_epi32(value, rf_load16(in + plane * bytes + i / 8), value, bit);
            bit = _mm512_add_epi32(bit, bit);
        }
        store(values + i, value);
    }
}

/* ---- Sets of docs ---- */

#include "kernels/halving.h"

/* Sums of bits of half bytes come from a table of 16 bytes; all bytes of a word are then added. */
static uint64_t count_bits(const uint64_t *bits, size_t words)
{
    const __m512i table = _mm512_broadcast_i32x4(_mm_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4));
    const __m512i low = _mm512_set1_epi8(15), zero = _mm512_setzero_si512();
    __m512i count = zero;
    for (size_t i = 0; i < words; i += 8) {
        __m512i these = _mm512_maskz_loadu_epi64(words - i < 8 ? (__mmask8)((1u << (words - i)) - 1) : 0xff, bits + i);
        __m512i lows = _mm512_shuffle_epi8(table, _mm512_and_si512(these, low));
        __m512i highs = _mm512_shuffle_epi8(table, _mm512_and_si512(_mm512_srli_epi16(these, 4), low));
        count = _mm512_add_epi64(count, _mm512_sad_epu8(_mm512_add_epi8(lows, highs), zero));
    }
    return (uint64_t)_mm512_reduce_add_epi64(count);
}

const struct rf_kernels rf_kernels_avx512 = RF_KERNEL_TABLE("avx512", match_halving, match_gaps_halving, follow, few_);

#ifdef __clang__
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif
#endif
