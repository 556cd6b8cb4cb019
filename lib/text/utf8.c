/* SPDX-License-Identifier: BSD-3-Clause */
/* UTF-8: checking, repairing, decoding. Widths on a terminal. */
#include <utf8proc.h>

#include "text/text.h"

/*
 * Reads one sequence at p < end. Returns its length where it is well formed; else 0, and *bad is the length of the maximal
 * ill-formed part by table 3-7 of the Unicode standard: the bytes that still could have started a well-formed sequence, at
 * least one.
 */
static unsigned sequence(const uint8_t *p, const uint8_t *end, uint32_t *codepoint, unsigned *bad)
{
    uint32_t lead = p[0], value;
    unsigned length, low = 0x80, high = 0xBF; /* the second byte's range, narrower behind four of the lead bytes */
    *bad = 1;
    if (lead < 0x80) {
        *codepoint = lead;
        return 1;
    }
    if (lead < 0xC2)
        return 0;
    if (lead < 0xE0) {
        length = 2, value = lead & 0x1F;
    } else if (lead < 0xF0) {
        length = 3, value = lead & 0x0F;
        low = lead == 0xE0 ? 0xA0 : low;   /* overlong below */
        high = lead == 0xED ? 0x9F : high; /* surrogates above */
    } else if (lead < 0xF5) {
        length = 4, value = lead & 0x07;
        low = lead == 0xF0 ? 0x90 : low;   /* overlong below */
        high = lead == 0xF4 ? 0x8F : high; /* past U+10FFFF above */
    } else {
        return 0;
    }
    for (unsigned i = 1; i < length; i++) {
        if (p + i == end || p[i] < low || p[i] > high)
            return 0;
        value = value << 6 | (p[i] & 0x3F);
        low = 0x80, high = 0xBF;
        *bad = i + 1;
    }
    *codepoint = value;
    return length;
}

/* How many bytes of ASCII the text starts with, in steps of eight while they last. */
static size_t ascii_prefix(const uint8_t *p, size_t n)
{
    size_t i = 0;
    for (; i + 8 <= n; i += 8) {
        uint64_t eight;
        memcpy(&eight, p + i, 8);
        if (eight & 0x8080808080808080u)
            break;
    }
    while (i < n && p[i] < 0x80)
        i++;
    return i;
}

size_t rf_utf8_valid_prefix(const char *text, size_t n)
{
    const uint8_t *start = (const uint8_t *)text, *end = start + n, *p = start;
    while (p < end) {
        if (*p < 0x80) {
            p += ascii_prefix(p, (size_t)(end - p));
            continue;
        }
        uint32_t codepoint;
        unsigned bad, length = sequence(p, end, &codepoint, &bad);
        if (!length)
            break;
        p += length;
    }
    return (size_t)(p - start);
}

size_t rf_utf8_bad_part(const char *text, size_t n)
{
    uint32_t codepoint;
    unsigned bad;
    sequence((const uint8_t *)text, (const uint8_t *)text + n, &codepoint, &bad);
    return bad;
}

void rf_utf8_repair(struct rf_buffer *out, const char *text, size_t n)
{
    while (n) {
        size_t valid = rf_utf8_valid_prefix(text, n);
        if (valid)
            rf_buffer_append(out, text, valid);
        text += valid, n -= valid;
        if (n) {
            size_t bad = rf_utf8_bad_part(text, n);
            rf_buffer_append(out, "\xEF\xBF\xBD", 3);
            text += bad, n -= bad;
        }
    }
}

const char *rf_utf8_next(const char *p, const char *end, uint32_t *codepoint)
{
    unsigned bad, length = sequence((const uint8_t *)p, (const uint8_t *)end, codepoint, &bad);
    if (length)
        return p + length;
    *codepoint = 0xFFFD;
    return p + 1;
}

int rf_character_width(uint32_t codepoint)
{
    if (codepoint >= 0x20 && codepoint < 0x7F)
        return 1;
    return codepoint > 0x10FFFF ? 1 : utf8proc_charwidth((utf8proc_int32_t)codepoint);
}
