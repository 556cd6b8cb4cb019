/* SPDX-License-Identifier: BSD-3-Clause */
/* The codecs of the format at their edges: varints, bit packing, planes, exceptions, the choice of a width, lengths. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "store/codec.h"
#include "store/segment.h"
#include "tests/support/scratch.h"

static uint64_t state = 1;

static uint32_t low_bits(unsigned width) { return width < 32 ? (1u << width) - 1 : UINT32_MAX; }

/* ---- Bytes ---- */

static void test_varints(void **context)
{
    (void)context;
    uint8_t bytes[RF_VARINT_MAX + 1];
    for (unsigned bits = 0; bits <= 64; bits++) {
        uint64_t top = bits == 64 ? 0 : 1ull << bits;
        for (int delta = -1; delta <= 1; delta++) {
            uint64_t value = top + (uint64_t)delta, back = 0;
            size_t n = (size_t)(rf_put_varint(bytes, value) - bytes);
            assert_true(n >= 1 && n <= RF_VARINT_MAX);
            assert_ptr_equal(rf_get_varint(bytes, bytes + n, &back), bytes + n);
            assert_true(back == value);
            for (size_t cut = 0; cut < n; cut++)
                assert_null(rf_get_varint(bytes, bytes + cut, &back));
            uint32_t narrow = 0;
            const uint8_t *behind = rf_get_varint32(bytes, bytes + n, &narrow);
            if (value <= UINT32_MAX) {
                assert_ptr_equal(behind, bytes + n);
                assert_int_equal(narrow, value);
            } else {
                assert_null(behind);
            }
        }
    }
}

static void test_varints_that_pass_64_bits(void **context)
{
    (void)context;
    uint8_t bytes[12];
    uint64_t value = 0;
    uint32_t narrow = 0;
    memset(bytes, 0xff, sizeof bytes);
    assert_null(rf_get_varint(bytes, bytes + sizeof bytes, &value));
    bytes[9] = 1;
    assert_ptr_equal(rf_get_varint(bytes, bytes + sizeof bytes, &value), bytes + 10);
    assert_true(value == UINT64_MAX);
    bytes[9] = 2;
    assert_null(rf_get_varint(bytes, bytes + sizeof bytes, &value));
    memset(bytes, 0x80, sizeof bytes); /* zeros without end */
    assert_null(rf_get_varint(bytes, bytes + sizeof bytes, &value));
    assert_null(rf_get_varint(NULL, bytes, &value));
    assert_null(rf_get_varint32(NULL, bytes, &narrow));
    bytes[0] = 0x85, bytes[1] = 0; /* longer than need be, and still 5 */
    assert_ptr_equal(rf_get_varint32(bytes, bytes + 2, &narrow), bytes + 2);
    assert_int_equal(narrow, 5);
}

static void test_order_of_bytes(void **context)
{
    (void)context;
    static const char *const ascending[] = {"", "a", "aa", "ab", "b", "\x7f", "\x80", "\xff", "\xff\x01", "\xff\xff"};
    for (size_t i = 0; i < sizeof ascending / sizeof *ascending; i++)
        for (size_t j = 0; j < sizeof ascending / sizeof *ascending; j++) {
            int order = rf_compare(ascending[i], strlen(ascending[i]), ascending[j], strlen(ascending[j]));
            assert_int_equal((order > 0) - (order < 0), (i > j) - (i < j));
        }
    uint8_t bytes[8];
    rf_store64(bytes, 0x8877665544332211u);
    for (unsigned i = 0; i < 8; i++)
        assert_int_equal(bytes[i], 0x11 * (i + 1)); /* little-endian on every machine */
    assert_true(rf_load64(bytes) == 0x8877665544332211u);
    assert_int_equal(rf_load16(bytes), 0x2211);
}

/* ---- Packing ---- */

static uint32_t bit_of(const uint8_t *bytes, size_t bit) { return bytes[bit >> 3] >> (bit & 7) & 1; }

static void test_packing(void **context)
{
    (void)context;
    enum { CANARY = 0xa5 };
    uint8_t bytes[RF_CODEC_BLOCK * 4 + RF_OVERREAD];
    uint32_t values[RF_CODEC_BLOCK], back[RF_CODEC_BLOCK + 1];
    for (size_t n = 1; n <= RF_CODEC_BLOCK; n++)
        for (unsigned width = 0; width <= 32; width++) {
            for (size_t i = 0; i < n; i++) /* with bits above the width, which are not to be stored */
                values[i] = (uint32_t)random_next(&state) | (i % 3 ? 0 : low_bits(width));
            memset(bytes, CANARY, sizeof bytes);
            uint8_t *end = rf_pack(bytes, values, n, width);
            assert_int_equal(end - bytes, (n * width + 7) / 8);
            assert_int_equal(rf_packed_bytes(n, width), (n * width + 7) / 8);
            assert_int_equal(*end, CANARY);
            uint32_t *behind = &back[(n + 15) / 16 * 16]; /* where unpacking stops to write */
            *behind = CANARY;
            rf_kernels->unpack(bytes, n, width, back);
            assert_int_equal(*behind, CANARY);
            for (size_t i = 0; i < n; i++) {
                assert_int_equal(back[i], values[i] & low_bits(width));
                for (unsigned b = 0; b < width; b++) /* the picture of the bytes: one stream of bits, least first */
                    assert_int_equal(bit_of(bytes, i * width + b), values[i] >> b & 1);
            }
        }
}

static void test_planes(void **context)
{
    (void)context;
    enum { CANARY = 0xa5 };
    uint8_t bytes[RF_CODEC_BLOCK * 4 + RF_OVERREAD];
    uint32_t values[RF_CODEC_BLOCK], back[RF_CODEC_BLOCK + 1];
    for (size_t n = 1; n <= RF_CODEC_BLOCK; n++)
        for (unsigned planes = 0; planes <= 32; planes++) {
            for (size_t i = 0; i < n; i++)
                values[i] = (uint32_t)random_next(&state) | (i % 3 ? 0 : low_bits(planes));
            memset(bytes, CANARY, sizeof bytes);
            uint8_t *end = rf_pack_planes(bytes, values, n, planes);
            assert_int_equal(end - bytes, (n + 7) / 8 * planes);
            assert_int_equal(*end, CANARY);
            uint32_t *behind = &back[(n + 15) / 16 * 16]; /* where unpacking stops to write */
            *behind = CANARY;
            rf_kernels->unpack_planes(bytes, n, planes, 0, back);
            assert_int_equal(*behind, CANARY);
            for (size_t i = 0; i < n; i++) {
                assert_int_equal(back[i], values[i] & low_bits(planes));
                for (unsigned p = 0; p < planes; p++)
                    assert_int_equal(bit_of(bytes + p * ((n + 7) / 8), i), values[i] >> p & 1);
            }
        }
}

/* ---- Exceptions ---- */

/* Bytes of the list for a width, or 0 where no value passes it: count and bits, indexes of 7 bits, high parts as wide as the widest. */
static size_t list_bytes(const uint32_t *values, size_t n, unsigned width)
{
    size_t count = 0;
    unsigned bits = 0;
    for (size_t i = 0; i < n; i++)
        if (rf_bits(values[i]) > width) {
            count++;
            bits = rf_bits(values[i]) - width > bits ? rf_bits(values[i]) - width : bits;
        }
    return count ? 2 + (count * 7 + 7) / 8 + (count * bits + 7) / 8 : 0;
}

/* Packs with exceptions at a width, reads back, and returns how many bytes that took. */
static size_t round_trip(const uint32_t *values, size_t n, unsigned width)
{
    uint8_t bytes[RF_PACKED_MAX + RF_OVERREAD];
    uint32_t back[RF_CODEC_BLOCK];
    uint8_t *list = rf_pack(bytes, values, n, width), *end = list;
    rf_kernels->unpack(bytes, n, width, back);
    if (list_bytes(values, n, width)) {
        struct rf_exceptions put, found;
        end = rf_put_exceptions(list, values, n, width, &put) + 2; /* and a head */
        assert_int_equal(end - list, list_bytes(values, n, width));
        assert_int_equal(2 + rf_exceptions_bytes(put.count, put.bits), end - list);
        assert_true(rf_fit_exceptions(width, put.count, put.bits));
        found = rf_open_exceptions(list, put.count, put.bits);
        for (unsigned i = 0; i < found.count; i++)
            assert_int_equal(rf_exception_high(&found, i), (uint64_t)values[rf_unpack_one(found.indexes, i, 7)] >> width);
        rf_kernels->add_exceptions(&found, width, back);
    }
    assert_memory_equal(back, values, n * sizeof *values);
    assert_true((size_t)(end - bytes) <= RF_PACKED_MAX);
    return (size_t)(end - bytes);
}

static void test_exceptions_at_borders(void **context)
{
    (void)context;
    uint32_t values[RF_CODEC_BLOCK];
    for (unsigned width = 0; width < 32; width++)
        for (size_t n = 1; n <= RF_CODEC_BLOCK; n += n < 10 ? 1 : 17) {
            const uint32_t borders[] = {0, low_bits(width), low_bits(width) + 1, low_bits(width) * 2, UINT32_MAX, 1u << 31};
            for (size_t b = 0; b < sizeof borders / sizeof *borders; b++) {
                for (size_t i = 0; i < n; i++)
                    values[i] = i % 4 ? low_bits(width) : borders[b]; /* the first and, for n = 4k + 1, the last */
                round_trip(values, n, width);
            }
        }
}

static void test_damaged_exceptions(void **context)
{
    (void)context;
    uint32_t values[RF_CODEC_BLOCK] = {[0] = 200, [5] = 70000, [99] = UINT32_MAX}, back[RF_CODEC_BLOCK + 1];
    uint8_t list[32 + RF_OVERREAD] = {0};
    struct rf_exceptions put;
    size_t size = (size_t)(rf_put_exceptions(list, values, 100, 7, &put) - list);
    assert_int_equal(size, 3 + 10); /* three of 7 bits, three of 25 */
    assert_int_equal(put.count, 3);
    assert_int_equal(put.bits, 25);
    assert_true(rf_fit_exceptions(7, 3, 25));
    assert_false(rf_fit_exceptions(8, 3, 25)); /* high parts beyond 32 bits */
    assert_false(rf_fit_exceptions(7, 3, 26));
    assert_false(rf_fit_exceptions(32, 3, 0)); /* or without any */
    assert_true(rf_fit_exceptions(32, 0, 0));
    assert_false(rf_fit_exceptions(63, 0, 0));
    assert_false(rf_fit_exceptions(7, RF_CODEC_BLOCK + 1, 25));
    /* Whatever the bytes, values are added to within the block. */
    uint8_t random[RF_PACKED_MAX + RF_OVERREAD];
    for (unsigned count = 0; count <= RF_CODEC_BLOCK; count++)
        for (unsigned bits = 1; bits <= 32; bits++) {
            for (size_t i = 0; i < rf_exceptions_bytes(count, bits); i++)
                random[i] = (uint8_t)random_next(&state);
            memset(back, 0, sizeof back);
            put = rf_open_exceptions(random, count, bits);
            rf_kernels->add_exceptions(&put, 32 - bits, back);
            assert_int_equal(back[RF_CODEC_BLOCK], 0);
        }
}

/* ---- The choice of a width ---- */

static void check_choice(const uint32_t *values, size_t n)
{
    unsigned most = 0;
    for (size_t i = 0; i < n; i++)
        most = rf_bits(values[i]) > most ? rf_bits(values[i]) : most;
    size_t best = SIZE_MAX;
    for (unsigned width = 0; width <= most; width++) {
        size_t bytes = rf_packed_bytes(n, width) + list_bytes(values, n, width);
        best = bytes < best ? bytes : best;
    }
    bool exceptions = false;
    unsigned width = rf_choose_width(values, n, 0, RF_CODEC_BLOCK, &exceptions);
    assert_true(width <= most);
    assert_int_equal(exceptions, width < most);
    assert_int_equal(round_trip(values, n, width), best);
    /* Where exceptions are dearer there are not more of them, and in the end none. */
    for (unsigned dearer = 1; dearer < 10000; dearer *= 3) {
        unsigned wider = rf_choose_width(values, n, dearer, RF_CODEC_BLOCK, &exceptions);
        assert_true(wider >= width && wider <= most);
        width = wider;
    }
    assert_int_equal(width, most);
    for (unsigned limit = 0; limit <= n; limit += 1 + limit / 2) { /* nor more than are allowed */
        size_t count = 0;
        width = rf_choose_width(values, n, 0, limit, &exceptions);
        for (size_t i = 0; i < n; i++)
            count += rf_bits(values[i]) > width;
        assert_true(count <= limit);
    }
}

static void test_chosen_width_is_the_best(void **context)
{
    (void)context;
    uint32_t values[RF_CODEC_BLOCK];
    for (size_t n = 1; n <= RF_CODEC_BLOCK; n++)
        for (unsigned usual = 0; usual <= 32; usual += 1 + usual / 8)
            for (unsigned rarely = 1; rarely <= 64; rarely *= 2) {
                for (size_t i = 0; i < n; i++) {
                    unsigned bits = random_below(&state, rarely) ? usual : (unsigned)random_below(&state, 33);
                    values[i] = (uint32_t)random_next(&state) & low_bits(bits);
                }
                check_choice(values, n);
            }
}

static void test_width_of_special_blocks(void **context)
{
    (void)context;
    uint32_t values[RF_CODEC_BLOCK] = {0};
    bool exceptions = true;
    assert_int_equal(rf_choose_width(values, RF_CODEC_BLOCK, 0, RF_CODEC_BLOCK, &exceptions), 0);
    assert_false(exceptions);
    values[127] = UINT32_MAX; /* the list's head, an index, four bytes: 7 instead of 512 */
    assert_int_equal(rf_choose_width(values, RF_CODEC_BLOCK, 0, RF_CODEC_BLOCK, &exceptions), 0);
    assert_true(exceptions);
    assert_int_equal(round_trip(values, RF_CODEC_BLOCK, 0), 7);
    for (size_t i = 0; i < RF_CODEC_BLOCK; i++)
        values[i] = UINT32_MAX;
    assert_int_equal(rf_choose_width(values, RF_CODEC_BLOCK, 0, RF_CODEC_BLOCK, &exceptions), 32);
    assert_false(exceptions);
    assert_int_equal(round_trip(values, RF_CODEC_BLOCK, 32), 512);
    for (size_t i = 0; i < RF_CODEC_BLOCK; i++)
        values[i] = 1;
    check_choice(values, RF_CODEC_BLOCK);
    round_trip(values, RF_CODEC_BLOCK, 0); /* all 128 can be exceptions, though none would choose that */
}

/* ---- Lengths ---- */

static void test_lengths(void **context)
{
    (void)context;
    for (uint32_t n = 0; n < 128; n++) {
        assert_int_equal(rf_length_encode(n), n);
        assert_int_equal(rf_length_decode((uint8_t)n), n);
    }
    for (unsigned code = 0; code < 256; code++) {
        uint32_t length = rf_length_decode((uint8_t)code);
        assert_int_equal(rf_length_encode(length), code);
        if (code) {
            assert_true(length > rf_length_decode((uint8_t)(code - 1)));
            assert_int_equal(rf_length_encode(length - 1), code - 1); /* rounded down, to the very last before it */
        }
    }
    assert_int_equal(rf_length_decode(255), 15u << 19);
    uint8_t before = 0;
    for (uint64_t n = 0; n < 20u << 19; n += 1 + n / 500) {
        uint8_t code = rf_length_encode(n);
        assert_true(code >= before);
        assert_true(rf_length_decode(code) <= n);
        if (code < 255)
            assert_true(n - rf_length_decode(code) <= n / 8);
        before = code;
    }
    assert_int_equal(rf_length_encode(16u << 19), 255);
    assert_int_equal(rf_length_encode(UINT32_MAX), 255);
    assert_int_equal(rf_length_encode(UINT64_MAX), 255);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_varints),
        cmocka_unit_test(test_varints_that_pass_64_bits),
        cmocka_unit_test(test_order_of_bytes),
        cmocka_unit_test(test_packing),
        cmocka_unit_test(test_planes),
        cmocka_unit_test(test_exceptions_at_borders),
        cmocka_unit_test(test_damaged_exceptions),
        cmocka_unit_test(test_chosen_width_is_the_best),
        cmocka_unit_test(test_width_of_special_blocks),
        cmocka_unit_test(test_lengths),
    };
    return cmocka_run_group_tests_name("codec", tests, NULL, NULL);
}
