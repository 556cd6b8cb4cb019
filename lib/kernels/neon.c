/* SPDX-License-Identifier: BSD-3-Clause */
/* The kernels with NEON, which every 64-bit ARM processor has: 4 numbers at a time. */
#include "kernels/variants.h"

#if defined __aarch64__ && defined __ARM_NEON && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#include <arm_neon.h>

typedef uint32x4_t wide;
#define LANES 4

static inline wide all(uint32_t value) { return vdupq_n_u32(value); }
static inline wide steps(void)
{
    static const uint32_t numbers[4] = {0, 1, 2, 3};
    return vld1q_u32(numbers);
}
static inline wide load(const uint32_t *from) { return vld1q_u32(from); }
static inline void store(uint32_t *to, wide values) { vst1q_u32(to, values); }
static inline wide add(wide a, wide b) { return vaddq_u32(a, b); }
static inline wide subtract(wide a, wide b) { return vsubq_u32(a, b); }
static inline wide shift_left(wide a, int bits) { return vshlq_u32(a, vdupq_n_s32(bits)); }
static inline wide shift(wide a, int bits) { return vshlq_u32(a, vdupq_n_s32(-bits)); }
static inline wide shift_each(wide a, wide bits) { return vshlq_u32(a, vnegq_s32(vreinterpretq_s32_u32(bits))); }

/* A bit for each lane of ones. */
static inline uint32_t mask_of(uint32x4_t ones)
{
    static const uint32_t bits[4] = {1, 2, 4, 8};
    return vaddvq_u32(vandq_u32(ones, vld1q_u32(bits)));
}

static inline uint32_t below(wide a, wide b) { return mask_of(vcltq_u32(a, b)); }

/* Takes bytes 4 * index and the three behind it for each lane. */
static inline wide permute(wide values, wide indexes)
{
    uint32x4_t bytes = vmlaq_n_u32(all(0x03020100), indexes, 0x04040404);
    return vreinterpretq_u32_u8(vqtbl1q_u8(vreinterpretq_u8_u32(values), vreinterpretq_u8_u32(bytes)));
}

static inline wide pick(const uint32_t *table, wide indexes) { return permute(load(table), indexes); }

/* By mask, the lanes that it has, a byte each. */
static const uint8_t KEPT[16][4] = {
    {0, 0, 0, 0}, {0, 0, 0, 0}, {1, 0, 0, 0}, {0, 1, 0, 0}, {2, 0, 0, 0}, {0, 2, 0, 0}, {1, 2, 0, 0}, {0, 1, 2, 0},
    {3, 0, 0, 0}, {0, 3, 0, 0}, {1, 3, 0, 0}, {0, 1, 3, 0}, {2, 3, 0, 0}, {0, 2, 3, 0}, {1, 2, 3, 0}, {0, 1, 2, 3},
};

static inline size_t keep(uint32_t *out, uint32_t mask, wide values)
{
    uint16x8_t indexes = vmovl_u8(vcreate_u8(rf_load32(KEPT[mask])));
    store(out, permute(values, vmovl_u16(vget_low_u16(indexes))));
    return (size_t)__builtin_popcount(mask);
}

/* The narrowing shift rounds as rf_weigh does. */
static inline wide weigh(uint32_t weight, wide saturations)
{
    uint64x2_t low = vmull_n_u32(vget_low_u32(saturations), weight), high = vmull_n_u32(vget_high_u32(saturations), weight);
    return vmaxq_u32(vcombine_u32(vrshrn_n_u64(low, 31), vrshrn_n_u64(high, 31)), all(1));
}

static inline uint32_t bits_at(wide words, wide docs)
{
    return mask_of(vtstq_u32(words, vshlq_u32(all(1), vreinterpretq_s32_u32(vandq_u32(docs, all(7))))));
}

/* One product brings eight marks together. */
static inline uint64_t marked(const uint8_t *marks)
{
    uint64_t set = 0;
    for (size_t i = 0; i < 64; i += 8)
        set |= (rf_load64(marks + i) * 0x0102040810204080u >> 56) << i;
    return set;
}

static inline wide smaller(wide a, wide b) { return vminq_u32(a, b); }
static inline wide held(wide words, wide docs, wide values)
{
    return vandq_u32(values, vtstq_u32(words, vshlq_u32(all(1), vreinterpretq_s32_u32(vandq_u32(docs, all(7))))));
}

static inline uint32_t equal16(const uint32_t *row, wide value)
{
    static const uint8_t bits[16] = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
    uint16x8_t low = vcombine_u16(vmovn_u32(vceqq_u32(load(row), value)), vmovn_u32(vceqq_u32(load(row + 4), value)));
    uint16x8_t high = vcombine_u16(vmovn_u32(vceqq_u32(load(row + 8), value)), vmovn_u32(vceqq_u32(load(row + 12), value)));
    uint8x16_t equal = vandq_u8(vcombine_u8(vmovn_u16(low), vmovn_u16(high)), vld1q_u8(bits));
    return vaddv_u8(vget_low_u8(equal)) | (uint32_t)vaddv_u8(vget_high_u8(equal)) << 8;
}

static inline wide take_equal(wide old, wide a, wide b, wide new) { return vbslq_u32(vceqq_u32(a, b), new, old); }

static inline wide tally_below(wide counts, uint32_t number, wide row) { return vsubq_u32(counts, vcltq_u32(all(number), row)); }

/* The docs that 8 rows of 16 begin with, but for the first row. */
typedef struct {
    wide low, high;
} row_starts;
static inline row_starts firsts_of(const uint32_t *docs)
{
    return (row_starts){{docs[16], docs[32], docs[48], docs[64]}, {docs[80], docs[96], docs[112], UINT32_MAX}};
}

static inline size_t row_of(row_starts firsts, wide doc)
{
    return 0u - vaddvq_u32(vaddq_u32(vcleq_u32(firsts.low, doc), vcleq_u32(firsts.high, doc)));
}

#define COLLECT(OF) vreinterpretq_u32_s32((int32x4_t){OF(0), OF(1), OF(2), OF(3)})

#include "kernels/wide.h"

/* ---- Blocks of integers ---- */

/*
 * Four values start at a bit of a byte, 0 or 4: each one's four bytes are brought to its lane and shifted. That does for widths up to 25; values
 * wider than that may lie in five bytes.
 */
static void unpack(const uint8_t *in, size_t n, unsigned width, uint32_t *values)
{
    if (width > 25 || !width) {
        rf_kernels_portable.unpack(in, n, width, values);
        return;
    }
    uint8_t bytes[2][16];
    int32_t shifts[2][4];
    for (unsigned i = 0; i < 8; i++) {
        unsigned bit = (i / 4 * 4 * width) % 8 + i % 4 * width;
        for (unsigned b = 0; b < 4; b++)
            bytes[i / 4][i % 4 * 4 + b] = (uint8_t)(bit / 8 + b);
        shifts[i / 4][i % 4] = -(int32_t)(bit % 8);
    }
    wide mask = all((1u << width) - 1);
    for (size_t i = 0; i < n; i += 8, in += width)
        for (size_t half = 0; half < 2; half++) {
            uint8x16_t words = vqtbl1q_u8(vld1q_u8(in + half * (width / 2)), vld1q_u8(bytes[half]));
            wide shifted = vshlq_u32(vreinterpretq_u32_u8(words), vld1q_s32(shifts[half]));
            store(values + i + half * 4, vandq_u32(shifted, mask));
        }
}

static void sum_gaps(uint32_t base, uint32_t *values, size_t n)
{
    const wide zero = all(0);
    wide before = add(all(base), steps());
    for (size_t i = 0; i < n; i += 4) {
        wide sums = load(values + i);
        sums = add(sums, vextq_u32(zero, sums, 3));
        sums = add(sums, vextq_u32(zero, sums, 2));
        store(values + i, add(sums, before));
        before = add(before, add(vdupq_laneq_u32(sums, 3), all(4)));
    }
}

static void unpack_gaps(const uint8_t *in, size_t n, unsigned width, const struct rf_exceptions *exceptions, uint32_t base,
                        uint32_t *docs)
{
    unpack(in, n, width, docs);
    loop_add_exceptions(exceptions, width, docs);
    sum_gaps(base, docs, n);
}

/* A bit of 8 values comes from one byte; up to 8 planes are put together in bytes. */
static void unpack_planes(const uint8_t *in, size_t n, unsigned planes, uint32_t least, uint32_t *values)
{
    static const uint8_t numbers[8] = {1, 2, 4, 8, 16, 32, 64, 128};
    uint8x8_t bits = vld1_u8(numbers);
    size_t bytes = (n + 7) / 8;
    for (size_t i = 0; i < n; i += 8) {
        wide low = all(0), high = all(0);
        for (unsigned from = 0; from < planes; from += 8) {
            uint8x8_t part = vdup_n_u8(0);
            for (unsigned plane = from; plane < planes && plane < from + 8; plane++) {
                uint8x8_t set = vtst_u8(vdup_n_u8(in[plane * bytes + i / 8]), bits);
                part = vorr_u8(part, vand_u8(set, vdup_n_u8((uint8_t)(1u << (plane - from)))));
            }
            uint16x8_t wider = vmovl_u8(part);
            int32x4_t left = vdupq_n_s32((int32_t)from);
            low = vorrq_u32(low, vshlq_u32(vmovl_u16(vget_low_u16(wider)), left));
            high = vorrq_u32(high, vshlq_u32(vmovl_u16(vget_high_u16(wider)), left));
        }
        store(values + i, add(low, all(least)));
        store(values + i + 4, add(high, all(least)));
    }
}

/* ---- Sets of docs ---- */

static uint64_t count_bits(const uint64_t *bits, size_t words)
{
    uint64x2_t sums = vdupq_n_u64(0);
    size_t i = 0;
    for (; i + 2 <= words; i += 2) {
        uint8x16_t counts = vcntq_u8(vreinterpretq_u8_u64(vld1q_u64(bits + i)));
        sums = vpadalq_u32(sums, vpaddlq_u16(vpaddlq_u8(counts)));
    }
    uint64_t count = vaddvq_u64(sums);
    return i < words ? count + (uint64_t)__builtin_popcountll(bits[i]) : count;
}

const struct rf_kernels rf_kernels_neon = RF_KERNEL_TABLE("neon", match, loop_match_gaps, follow, loop_);

#endif
