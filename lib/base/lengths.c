/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The length of a passage in one byte: exact below 128, then a float of 3 bits mantissa: 8 steps an octave, rounded down, so that a
 * passage never counts as longer than it is. 255 stands for 15 << 19 and more.
 */
#include "base/settings.h"

uint8_t rf_length_encode(uint64_t length)
{
    if (length < 128)
        return (uint8_t)length;
    unsigned exponent = 63u - (unsigned)__builtin_clzll(length); /* 7 and up */
    if (exponent > 22)
        return 255;
    return (uint8_t)(128 + (exponent - 7) * 8 + ((length >> (exponent - 3)) & 7));
}

uint32_t rf_length_decode(uint8_t code)
{
    if (code < 128)
        return code;
    unsigned exponent = 7 + (code - 128u) / 8;
    return (8u + (code & 7u)) << (exponent - 3);
}
