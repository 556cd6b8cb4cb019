/* SPDX-License-Identifier: BSD-3-Clause */
/* Integer blocks; see codec.h. The kernels unpack them. */
#include "store/codec.h"

/* Kernels write up to a multiple of 16: whole blocks have that room. */
_Static_assert(RF_CODEC_BLOCK % RF_PADDING == 0, "a block is padded");

unsigned rf_choose_width(const uint32_t *values, size_t n, unsigned dearer, unsigned most_exceptions, bool *exceptions)
{
    /* A width costs its packed bytes and, for each value that passes it, an index of 7 bits and the bits that the largest has more. */
    unsigned with_bits[33], most = 32, above = 0;
    /* Neighbours mostly have the same number of bits: two tables, so that an addition need not wait for the one before. */
    unsigned even[33] = {0}, odd[33] = {0};
    for (size_t i = 0; i + 1 < n; i += 2) {
        even[rf_bits(values[i])]++;
        odd[rf_bits(values[i + 1])]++;
    }
    if (n & 1)
        even[rf_bits(values[n - 1])]++;
    for (unsigned b = 0; b <= 32; b++)
        with_bits[b] = even[b] + odd[b];
    while (most && !with_bits[most])
        most--;
    unsigned best = most;
    size_t best_bytes = rf_packed_bytes(n, most);
    for (unsigned width = most; width-- > 0;) {
        above += with_bits[width + 1];
        if (above > most_exceptions)
            break;
        size_t bytes =
            rf_packed_bytes(n, width) + 2 + rf_packed_bytes(above, 7) + rf_packed_bytes(above, most - width) + above * dearer / 8;
        if (bytes < best_bytes) {
            best_bytes = bytes;
            best = width;
        }
    }
    *exceptions = best < most;
    return best;
}

uint8_t *rf_pack(uint8_t *out, const uint32_t *values, size_t n, unsigned width)
{
    uint64_t mask = width < 32 ? (1ull << width) - 1 : UINT32_MAX, bits = 0;
    unsigned held = 0;
    for (size_t i = 0; i < n; i++) {
        bits |= (values[i] & mask) << held;
        held += width;
        if (held >= 32) {
            rf_store32(out, (uint32_t)bits);
            out += 4;
            bits >>= 32;
            held -= 32;
        }
    }
    for (; held > 0; held = held > 8 ? held - 8 : 0, bits >>= 8)
        *out++ = (uint8_t)bits;
    return out;
}

uint8_t *rf_pack_planes(uint8_t *out, const uint32_t *values, size_t n, unsigned planes)
{
    size_t bytes = (n + 7) / 8;
    for (unsigned plane = 0; plane < planes; plane++, out += bytes) {
        memset(out, 0, bytes);
        for (size_t i = 0; i < n; i++)
            out[i >> 3] |= (uint8_t)((values[i] >> plane & 1) << (i & 7));
    }
    return out;
}

uint8_t *rf_put_exceptions(uint8_t *out, const uint32_t *values, size_t n, unsigned width, struct rf_exceptions *put)
{
    uint32_t indexes[RF_CODEC_BLOCK + 1], highs[RF_CODEC_BLOCK + 1], all = 0;
    size_t count = 0;
    for (size_t i = 0; i < n; i++) { /* without a branch: which values pass is not to be foreseen */
        uint32_t high = (uint32_t)((uint64_t)values[i] >> width);
        indexes[count] = (uint32_t)i;
        highs[count] = high;
        count += high != 0;
        all |= high;
    }
    put->count = (unsigned)count;
    put->bits = rf_bits(all);
    put->indexes = out;
    put->highs = rf_pack(out, indexes, count, 7);
    return rf_pack(out + rf_packed_bytes(count, 7), highs, count, put->bits);
}
