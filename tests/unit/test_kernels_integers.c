/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The kernels about packed integers in every variant that this machine can run, against loops that are too simple to be wrong. Arrays end where the memory
 * does: a read or write behind what kernels.h allows is a fault.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kernels/kernels.h"
#include "store/codec.h"
#include "tests/support/guarded.h"
#include "tests/support/scratch.h"

static uint64_t state = 1;

static uint32_t any(uint64_t limit) { return (uint32_t)random_below(&state, limit); }

static const struct rf_kernels *kernels;

/* ---- Blocks of integers ---- */

static void test_unpack(void **context)
{
    (void)context;
    static uint32_t expected[1000];
    for (unsigned width = 0; width <= 32; width++)
        FOR_EACH_COUNT(n)
        {
            size_t bytes = (n * width + 7) / 8;
            uint8_t *in = guarded_last(0, bytes + GUARDED_OVERREAD);
            for (size_t i = 0; i < bytes; i++)
                in[i] = (uint8_t)random_next(&state);
            for (size_t i = 0; i < n; i++) {
                expected[i] = 0;
                for (size_t b = 0; b < width; b++)
                    expected[i] |= (uint32_t)(in[(i * width + b) / 8] >> (i * width + b) % 8 & 1) << b;
            }
            uint32_t *values = guarded_padded(1, n);
            kernels->unpack(in, n, width, values);
            SAME(values, expected, n);
        }
}

static void test_unpack_planes(void **context)
{
    (void)context;
    static uint32_t expected[1000];
    for (unsigned planes = 0; planes <= 32; planes++)
        FOR_EACH_COUNT(n)
        {
            size_t bytes = (n + 7) / 8;
            uint8_t *in = guarded_last(0, bytes * planes + GUARDED_OVERREAD);
            for (size_t i = 0; i < bytes * planes; i++)
                in[i] = (uint8_t)random_next(&state);
            for (size_t i = 0; i < n; i++) {
                expected[i] = 0;
                for (size_t p = 0; p < planes; p++)
                    expected[i] |= (uint32_t)(in[p * bytes + i / 8] >> i % 8 & 1) << p;
            }
            uint32_t *values = guarded_padded(1, n);
            kernels->unpack_planes(in, n, planes, 0, values);
            SAME(values, expected, n);
            for (size_t i = 0; i < n; i++)
                expected[i]++;
            kernels->unpack_planes(in, n, planes, 1, values);
            SAME(values, expected, n);
        }
}

/* Exceptions of so many bits of the first n values: some, and none of them twice. */
static struct rf_exceptions some_exceptions(size_t n, unsigned bits, uint32_t *highs)
{
    uint32_t indexes[128], packed[128];
    size_t count = 0, most = any(n + 1);
    for (size_t i = 0; i < n; i++) {
        highs[i] = count < most && any(4) == 0 ? (uint32_t)random_next(&state) & (uint32_t)((1ull << bits) - 1) : 0;
        indexes[count] = (uint32_t)i;
        packed[count] = highs[i];
        count += highs[i] > 0;
    }
    size_t bytes = rf_exceptions_bytes((unsigned)count, bits);
    uint8_t *list = guarded_last(2, bytes + GUARDED_OVERREAD);
    rf_pack(list, indexes, count, 7);
    rf_pack(list + rf_packed_bytes(count, 7), packed, count, bits);
    return rf_open_exceptions(list, (unsigned)count, bits);
}

/* Some of these docs, and of those behind them, are found where they are. */
static void match_gaps(const struct rf_gaps *gaps, const uint32_t *docs)
{
    uint32_t wanted[300 + RF_PADDING], which[128 + RF_PADDING], where[128 + RF_PADDING], last;
    uint32_t expected_which[128], expected_where[128], first = any(1000), one_in = 1 + any(3);
    size_t from = any(3), to = from, found = 0;
    for (size_t i = 0; i < gaps->n; i++) {
        if (!any(one_in)) {
            expected_which[found] = (uint32_t)to;
            expected_where[found++] = first + (uint32_t)i;
            wanted[to++] = docs[i];
        }
        if (!any(one_in) && docs[i] + 1 < UINT32_MAX && (i + 1 == gaps->n || docs[i + 1] > docs[i] + 1))
            wanted[to++] = docs[i] + 1;
    }
    assert_int_equal(kernels->match_gaps(gaps, wanted, from, to, first, which, where, &last), found);
    SAME(which, expected_which, found);
    SAME(where, expected_where, found);
    assert_int_equal(last, docs[gaps->n - 1]);
}

static void test_exceptions(void **context)
{
    (void)context;
    uint32_t docs[128], values[128 + RF_PADDING], back[128 + RF_PADDING], highs[128];
    for (unsigned width = 0; width < 32; width++)
        for (unsigned bits = 1; width + bits <= 32; bits++) {
            size_t n = any(2) ? 128 : 1 + any(128), bytes = (n * width + 7) / 8;
            struct rf_exceptions exceptions = some_exceptions(n, bits, highs);
            uint8_t *in = guarded_last(0, bytes + GUARDED_OVERREAD);
            for (size_t i = 0; i < bytes; i++)
                in[i] = (uint8_t)random_next(&state);
            uint32_t base = any(1ull << (any(2) ? 32 : 20)), doc = base;
            uint64_t sum = base;
            for (size_t i = 0; i < n; i++) {
                values[i] = 0;
                for (unsigned b = 0; b < width; b++)
                    values[i] |= (uint32_t)(in[(i * width + b) / 8] >> (i * width + b) % 8 & 1) << b;
                back[i] = values[i];
                values[i] |= highs[i] << width;
                docs[i] = doc += values[i];
                doc++;
                sum += (uint64_t)values[i] + 1;
            }
            kernels->add_exceptions(&exceptions, width, back);
            SAME(back, values, n);
            kernels->unpack_gaps(in, n, width, &exceptions, base, back);
            SAME(back, docs, n);
            if (sum < UINT32_MAX)
                match_gaps(&(struct rf_gaps){in, n, width, base, exceptions}, docs);
        }
}

static void test_bits_to_ids(void **context)
{
    (void)context;
    static uint32_t expected[2000];
    for (size_t round = 0; round < 4000; round++) {
        size_t bits = any(1 + any(2000)), from = any(bits + 1), to = from + any(bits - from + 1), count = 0;
        uint32_t one_in = 1 + any(1 + any(40)), base = any(1ull << 32);
        uint8_t *in = guarded_last(0, (to + 7) / 8 + GUARDED_OVERREAD);
        memset(in, 0, (to + 7) / 8);
        for (size_t i = 0; i < (to + 7) / 8 * 8; i++)
            if (!any(one_in))
                in[i / 8] |= (uint8_t)(1 << i % 8);
        for (size_t i = from; i < to; i++)
            if (in[i / 8] >> i % 8 & 1)
                expected[count++] = base + (uint32_t)i;
        size_t most = any(3) ? count : any((uint32_t)count + 1);
        uint32_t *ids = guarded_last(1, (most + RF_PADDING) * 4);
        assert_int_equal(kernels->bits_to_ids(in, from, to, base, ids, most), count);
        SAME(ids, expected, most);
    }
}

/* ---- Single values ---- */

static void test_sum_planes(void **context)
{
    (void)context;
    for (unsigned planes = 0; planes <= 32; planes++)
        for (size_t n = 1; n <= 128; n += 1 + any(9)) {
            size_t bytes = (n + 7) / 8, count = any((uint32_t)n);
            uint8_t *in = guarded_last(0, bytes * planes + GUARDED_OVERREAD);
            uint64_t sum = 0;
            uint32_t *values = guarded_padded(1, n), highs[128], next = 1;
            size_t few = any(2) ? n : n / 8 + (n < 8);
            unsigned most = 32 - planes, bits = any(any(3) && most > 6 ? 6 : most + 1);
            struct rf_exceptions exceptions = some_exceptions(few, bits, highs);
            for (size_t i = 0; i < bytes * planes; i++)
                in[i] = (uint8_t)random_next(&state);
            kernels->unpack_planes(in, n, planes, 0, values);
            for (size_t i = 0; i < few; i++)
                values[i] += highs[i] ? highs[i] << planes : 0;
            for (size_t i = 0; i < count; i++)
                sum += values[i];
            assert_true(kernels->sum_planes(in, n, planes, &exceptions, count, &next) == sum);
            assert_int_equal(next, values[count]);
        }
}

/* The bases are the largest whose four digits fit, and quotients are exact up to the last number that fits. */
static void test_quads_are_exact(void **context)
{
    (void)context;
    for (unsigned bits = 0; bits <= RF_QUAD_BITS; bits++) {
        const struct rf_quads *quads = &rf_quads[bits];
        uint64_t base = quads->base, all = 1ull << bits, power = 1;
        assert_true(base * base * base * base <= all && (base + 1) * (base + 1) * (base + 1) * (base + 1) > all);
        for (unsigned i = 0; i < 4; i++, power *= base)
            for (uint64_t round = 0; round < 20000; round++) {
                uint64_t x = any(2) ? random_below(&state, all) : random_below(&state, all / power + 1) * power - any(2);
                x = x < all ? x : all - 1;
                assert_true(quads->factor[i] <= UINT32_MAX && x * quads->factor[i] >> quads->shift[i] == x / power);
            }
        assert_true(rf_choose_quads((uint32_t)base - 1) <= bits && rf_choose_quads((uint32_t)base) > bits);
    }
    assert_int_equal(rf_choose_quads(UINT32_MAX), RF_QUAD_BITS + 1);
}

static void test_quads(void **context)
{
    (void)context;
    for (unsigned bits = 0; bits <= RF_QUAD_BITS; bits++)
        for (size_t n = 1; n <= 70; n++) {
            uint32_t values[70], out[80], base = rf_quads[bits].base;
            uint8_t packed[70 * 4 + 8], *at;
            size_t bytes = rf_quads_bytes(n, bits), from = any(n), count = 1 + any(n - from < 60 ? n - from : 60);
            for (size_t i = 0; i < n; i++)
                values[i] = any(4) ? any(base) : base - 1;
            assert_int_equal(rf_pack_quads(packed, values, n, bits) - packed, bytes);
            at = guarded_last(0, bytes + GUARDED_OVERREAD); /* with something behind it */
            memcpy(at, packed, bytes);
            uint32_t *end = out + 79;
            *end = 7;
            kernels->unpack_quads(at, at + bytes, bits, from, count, out);
            SAME(out + from % 4, values + from, count);
            assert_int_equal(*end, 7);
            assert_int_equal(rf_unpack_quad(at, at + bytes, bits, from), values[from]);
            for (uint32_t round = 0; round < 8; round++) {
                uint32_t value = round ? any((uint64_t)base + 2) : values[from + count - 1];
                bool holds = false;
                for (size_t i = from; i < from + count; i++)
                    holds |= values[i] == value;
                assert_int_equal(kernels->quads_hold(at, at + bytes, bits, from, count, value), holds);
            }
        }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_unpack),          cmocka_unit_test(test_unpack_planes), cmocka_unit_test(test_exceptions),
        cmocka_unit_test(test_bits_to_ids),     cmocka_unit_test(test_sum_planes),    cmocka_unit_test(test_quads),
        cmocka_unit_test(test_quads_are_exact),
    };
    int failed = 0;
    for (size_t number = 0; (kernels = rf_kernels_at(number)); number++)
        failed += cmocka_run_group_tests_name(kernels->name, tests, guarded_map, guarded_unmap);
    return failed;
}
