/* SPDX-License-Identifier: BSD-3-Clause */
/* Numbers packed four by four; quads.h. */
#include "kernels/quads.h"

#define SHIFT(power)  (94u - (unsigned)__builtin_clzll(2ull * (power)-1))
#define FACTOR(power) ((1ull << SHIFT(power)) / (power) + 1)
#define QUADS(b)                                                                                                                   \
    {                                                                                                                              \
        .factor = {FACTOR(1), FACTOR(b), FACTOR((b) * (b)), FACTOR((b) * (b) * (b))},                                              \
        .shift = {SHIFT(1), SHIFT(b), SHIFT((b) * (b)), SHIFT((b) * (b) * (b))}, .base = (b)                                       \
    }
const struct rf_quads rf_quads[RF_QUAD_BITS + 1] = {
    QUADS(1),  QUADS(1),  QUADS(1),  QUADS(1),  QUADS(2),  QUADS(2),   QUADS(2),   QUADS(3),   QUADS(4),   QUADS(4),   QUADS(5),
    QUADS(6),  QUADS(8),  QUADS(9),  QUADS(11), QUADS(13), QUADS(16),  QUADS(19),  QUADS(22),  QUADS(26),  QUADS(32),  QUADS(38),
    QUADS(45), QUADS(53), QUADS(64), QUADS(76), QUADS(90), QUADS(107), QUADS(128), QUADS(152), QUADS(181), QUADS(215),
};

unsigned rf_choose_quads(uint32_t most)
{
    unsigned bits = 0;
    while (bits <= RF_QUAD_BITS && rf_quads[bits].base <= most)
        bits++;
    return bits;
}

uint8_t *rf_pack_quads(uint8_t *out, const uint32_t *values, size_t n, unsigned bits)
{
    uint64_t base = rf_quads[bits].base, waiting = 0;
    uint8_t *end = out + rf_quads_bytes(n, bits);
    unsigned held = 0;
    for (size_t i = 0; i < n; i += 4) {
        uint64_t four = 0;
        for (size_t j = n - i < 4 ? n - i : 4; j-- > 0;)
            four = four * base + values[i + j];
        waiting |= four << held;
        rf_store64(out, waiting);
        held += bits;
        out += held / 8;
        waiting >>= held / 8 * 8;
        held %= 8;
    }
    return end;
}
