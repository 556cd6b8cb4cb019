/* SPDX-License-Identifier: BSD-3-Clause */
/* Integer blocks in portable C; see codec.h. */
#include "store/codec.h"

unsigned rf_choose_width(const uint32_t *values, size_t n, bool *exceptions)
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
        size_t bytes = rf_packed_bytes(n, width) + 2 + rf_packed_bytes(above, 7) + rf_packed_bytes(above, most - width);
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

void rf_unpack(const uint8_t *in, size_t n, unsigned width, uint32_t *values)
{
    uint64_t mask = width < 32 ? (1ull << width) - 1 : UINT32_MAX;
    for (size_t i = 0, bit = 0; i < n; i++, bit += width)
        values[i] = (uint32_t)(rf_load64(in + (bit >> 3)) >> (bit & 7) & mask);
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

void rf_unpack_planes(const uint8_t *in, size_t n, unsigned planes, uint32_t *values)
{
    size_t bytes = (n + 7) / 8;
    memset(values, 0, n * sizeof *values);
    for (unsigned plane = 0; plane < planes; plane++, in += bytes)
        for (size_t i = 0; i < n; i++)
            values[i] |= (uint32_t)(in[i >> 3] >> (i & 7) & 1) << plane;
}

uint8_t *rf_put_exceptions(uint8_t *out, const uint32_t *values, size_t n, unsigned width)
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
    *out++ = (uint8_t)count;
    *out++ = (uint8_t)rf_bits(all);
    out = rf_pack(out, indexes, count, 7);
    return rf_pack(out, highs, count, rf_bits(all));
}

const uint8_t *rf_skip_exceptions(const uint8_t *in, const uint8_t *end)
{
    if (end - in < 2 || in[0] > RF_CODEC_BLOCK || in[1] > 32)
        return NULL;
    size_t bytes = 2 + rf_packed_bytes(in[0], 7) + rf_packed_bytes(in[0], in[1]);
    return (size_t)(end - in) < bytes ? NULL : in + bytes;
}

const uint8_t *rf_get_exceptions(const uint8_t *in, const uint8_t *end, uint32_t *values, size_t n, unsigned width)
{
    uint32_t indexes[RF_CODEC_BLOCK], highs[RF_CODEC_BLOCK];
    const uint8_t *behind = rf_skip_exceptions(in, end);
    if (!behind || width > 31 || width + in[1] > 32)
        return NULL;
    size_t count = in[0];
    rf_unpack(in + 2, count, 7, indexes);
    rf_unpack(in + 2 + rf_packed_bytes(count, 7), count, in[1], highs);
    for (size_t i = 0; i < count; i++) {
        if (indexes[i] >= n)
            return NULL;
        values[indexes[i]] |= highs[i] << width;
    }
    return behind;
}
