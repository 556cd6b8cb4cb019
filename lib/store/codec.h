/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Integer blocks: bit packing with exceptions, bit planes and bitsets. docs/FORMAT.md has the pictures of the bytes.
 *
 * Values are packed one behind the other, least bit first, as one stream of bits over little-endian bytes: any value can be read
 * alone by one unaligned load, and any number of values takes ceil(n * width / 8) bytes. A width that fits most values is chosen;
 * the few that pass it, the exceptions, keep their low bits in place and have their high bits in a short list behind.
 *
 * Decoders read up to RF_OVERREAD bytes behind what they decode: the container pads every section by that.
 */
#ifndef RF_CODEC_H
#define RF_CODEC_H

#include "kernels/kernels.h"

enum { RF_CODEC_BLOCK = 128, RF_OVERREAD = 64 };

/* Most bytes that n <= RF_CODEC_BLOCK values can take, exceptions included, with either of the two encoders. */
enum { RF_PACKED_MAX = RF_CODEC_BLOCK * 4 + 2 + RF_CODEC_BLOCK * 5 };

/* Bits of a value, 0 for 0: without a branch, for it is asked of values that are 0 half of the time. */
static inline unsigned rf_bits(uint32_t value) { return 63u - (unsigned)__builtin_clzll((uint64_t)value << 1 | 1); }

/*
 * The width with the fewest bytes in all for these values; *exceptions tells whether any value passes it. Each exception counts for `dearer`
 * bits more than it takes: what is decoded by the block in every query is better a little larger and faster. There are at most `most` of them.
 */
unsigned rf_choose_width(const uint32_t *values, size_t n, unsigned dearer, unsigned most, bool *exceptions);

/* Packs the low `width` bits of each value. Returns behind the last byte. The kernels unpack them, and planes. */
uint8_t *rf_pack(uint8_t *out, const uint32_t *values, size_t n, unsigned width);
static inline size_t rf_packed_bytes(size_t n, unsigned width) { return (n * width + 7) / 8; }
/* Value i alone. */
static inline uint32_t rf_unpack_one(const uint8_t *in, size_t i, unsigned width)
{
    size_t bit = i * width;
    return (uint32_t)(rf_load64(in + (bit >> 3)) >> (bit & 7) & ((1ull << width) - 1));
}

/* The same as bit planes: plane j holds bit j of every value, ceil(n / 8) bytes a plane. A count of values whose term
 * frequency passes a bound is then a popcount, and nothing needs decoding. */
uint8_t *rf_pack_planes(uint8_t *out, const uint32_t *values, size_t n, unsigned planes);

/*
 * Exceptions: [their indexes, 7 bits each][their high parts], both packed as above. How many there are, and the bits of a high part,
 * stand elsewhere, in the header of the block.
 */
uint8_t *rf_put_exceptions(uint8_t *out, const uint32_t *values, size_t n, unsigned width, struct rf_exceptions *put);
static inline size_t rf_exceptions_bytes(unsigned count, unsigned bits)
{
    return rf_packed_bytes(count, 7) + rf_packed_bytes(count, bits);
}
static inline struct rf_exceptions rf_open_exceptions(const uint8_t *in, unsigned count, unsigned bits)
{
    return (struct rf_exceptions){in, in + rf_packed_bytes(count, 7), count, bits};
}
/* Could values of `width` bits have such exceptions? */
static inline bool rf_fit_exceptions(unsigned width, unsigned count, unsigned bits)
{
    return width + bits <= 32 && (!count || bits) && count <= RF_CODEC_BLOCK;
}

static inline uint32_t rf_exception_high(const struct rf_exceptions *list, unsigned i)
{
    return rf_unpack_one(list->highs, i, list->bits);
}

#endif
