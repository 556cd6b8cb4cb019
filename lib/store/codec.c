/* SPDX-License-Identifier: BSD-3-Clause */
/* Integer blocks in portable C; see codec.h. */
#include "store/codec.h"

unsigned rf_choose_width(const uint32_t *values, size_t n, bool *exceptions)
{
    /*
     * above[w]: values of more than w bits. A width costs its packed bytes and, for each value above it, an index byte and the varint
     * of the high bits: one byte, and one more for each seven bits that pass the first seven.
     */
    unsigned above[33 + 28] = {0}, most = 0;
    for (size_t i = 0; i < n; i++)
        above[rf_bits(values[i])]++;
    unsigned sum = 0;
    for (unsigned b = 33; b-- > 0;) {
        unsigned with = above[b];
        if (with && !most)
            most = b;
        above[b] = sum;
        sum += with;
    }
    unsigned best = most;
    size_t best_bytes = rf_packed_bytes(n, most);
    for (unsigned width = most; width-- > 0;) {
        size_t list = 2 * above[width] + above[width + 7] + above[width + 14] + above[width + 21] + above[width + 28];
        if (list > 255)
            break;
        if (rf_packed_bytes(n, width) + 2 + list < best_bytes) {
            best_bytes = rf_packed_bytes(n, width) + 2 + list;
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
    uint8_t *start = out;
    out += 2;
    unsigned count = 0;
    for (size_t i = 0; i < n; i++)
        if (rf_bits(values[i]) > width) {
            *out++ = (uint8_t)i;
            out = rf_put_varint(out, values[i] >> width);
            count++;
        }
    start[0] = (uint8_t)count;
    start[1] = (uint8_t)(out - start - 2);
    return out;
}

const uint8_t *rf_get_exceptions(const uint8_t *in, const uint8_t *end, uint32_t *values, size_t n, unsigned width)
{
    if (end - in < 2 || end - in - 2 < in[1] || width > 31)
        return NULL;
    unsigned count = in[0];
    end = in + 2 + in[1];
    in += 2;
    for (unsigned i = 0; i < count; i++) {
        uint32_t high;
        if (in == end || *in >= n)
            return NULL;
        uint32_t *value = &values[*in];
        in = rf_get_varint32(in + 1, end, &high);
        if (!in || high > UINT32_MAX >> width)
            return NULL;
        *value |= high << width;
    }
    return in == end ? in : NULL;
}
