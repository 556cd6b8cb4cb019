/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Numbers that are all below a base b are packed four by four, as digits: a + b * c + b^2 * d + b^3 * e in `bits` bits, where b is 2^(bits / 4) cut to a
 * whole number. So widths go by quarters of a bit: positions in passages of up to 152 words take seven and a quarter.
 */
#ifndef RF_QUADS_H
#define RF_QUADS_H

#include "base/base.h"

enum { RF_QUAD_BITS = 31 };

/*
 * x / base^i is x * factor[i] >> shift[i] for all x below 2^31, a product of 64 bits: factor[i] is more than 2^shift[i] / base^i by 1 at most, and shift[i]
 * is 31 + log2 base^i, rounded up; so the quotient comes out too high by less than 1 / base^i, and none is closer to the next whole number.
 */
struct rf_quads {
    uint64_t factor[4], shift[4];
    uint32_t base;
};
extern const struct rf_quads rf_quads[RF_QUAD_BITS + 1]; /* by bits */

/* The fewest bits of four numbers of which none is above `most`; RF_QUAD_BITS + 1: even so many are too few. */
unsigned rf_choose_quads(uint32_t most);
static inline size_t rf_quads_bytes(size_t n, unsigned bits) { return (n * bits + 31) / 32; }
/* Returns behind the last byte; up to 7 behind that are written, too. The kernels unpack them. */
uint8_t *rf_pack_quads(uint8_t *out, const uint32_t *values, size_t n, unsigned bits);

/*
 * The bits of four numbers from number 4 * quad on, `behind` the last byte: as the last few numbers take no more bytes than they need, other bits
 * may follow, and bytes before them.
 */
static inline uint32_t rf_load_quad(const uint8_t *in, const uint8_t *behind, unsigned bits, size_t quad)
{
    size_t bit = quad * bits;
    const uint8_t *at = in + (bit >> 3);
    uint64_t eight = rf_load64(at);
    if (__builtin_expect(behind - at < 8, 0))
        eight &= (1ull << 8 * (behind - at)) - 1;
    return (uint32_t)(eight >> (bit & 7)) & (uint32_t)((1ull << bits) - 1);
}

/* The number at a place. */
static inline uint32_t rf_unpack_quad(const uint8_t *in, const uint8_t *behind, unsigned bits, size_t at)
{
    const struct rf_quads *quads = &rf_quads[bits];
    uint64_t above = rf_load_quad(in, behind, bits, at / 4) * quads->factor[at % 4] >> quads->shift[at % 4];
    return (uint32_t)(above - (above * quads->factor[1] >> quads->shift[1]) * quads->base);
}

#endif
