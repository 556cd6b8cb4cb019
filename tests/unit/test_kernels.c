/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Every variant of the kernels that this machine can run, against loops that are too simple to be wrong. Arrays end where the memory
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

/* ---- Scoring ---- */

enum { DOCS = 3 * RF_CHUNK };

static struct rf_scorer scorer;

/* A list with docs near the end of what docs there are, and a chunk that it lies in, or is not in at all, or crosses. */
struct scored {
    struct rf_scoring scoring;
    struct rf_chunk chunk;
    uint32_t *docs, *tfs, *scores;
    size_t n;
};

static int64_t chunk_size(const struct scored *made) { return (int64_t)RF_CHUNK_RANGES << made->chunk.bits; }

static void make_scored(struct scored *made, size_t n)
{
    uint32_t first = any(3) == 0 ? UINT32_MAX - DOCS : any(2) ? 0 : any(UINT32_MAX - DOCS);
    uint8_t *lengths = guarded_last(0, DOCS);
    static uint8_t codes[DOCS];
    if (!codes[0])
        for (size_t i = 0; i < DOCS; i++)
            codes[i] = (uint8_t)(1 + any(255));
    memcpy(lengths, codes, DOCS);
    static const uint32_t weights[] = {0, 1, 1000, (1u << RF_WEIGHT_BITS) - 1};
    made->scoring = (struct rf_scoring){
        .scorer = &scorer,
        /* as if there were lengths for all docs before the first */
        .lengths = (const uint8_t *)((uintptr_t)lengths - first),
        .weight = any(2) ? weights[any(4)] : any(1u << RF_WEIGHT_BITS),
        .again = any(4) ? 0 : any(4),
    };
    made->n = n;
    made->docs = guarded_padded(1, n);
    made->tfs = guarded_padded(2, n);
    made->scores = guarded_padded(3, n);
    /* The last one is the last doc now and then. */
    static const uint32_t spans[] = {1, 3, 50, 900};
    uint32_t span = spans[any(4)], doc = DOCS - (any(2) ? 0 : any(DOCS / 2));
    for (size_t i = n; i-- > 0;) {
        doc -= 1 + any(doc > span + n ? span : 1);
        made->docs[i] = first + doc;
        made->tfs[i] = 1 + any(any(4) ? 3 : any(2) ? RF_TABLE_TFS + 2 : 300);
        made->scores[i] = rf_score(&made->scoring, made->docs[i], made->tfs[i]);
    }
    for (size_t i = n; i % RF_PADDING; i++)
        made->docs[i] = any(2) ? UINT32_MAX : any(1ull << 32);
    made->chunk.bits = any(2) ? RF_RANGE_BITS : RF_FINE_BITS;
    int64_t base = n ? made->docs[any(n)] : 0, size = chunk_size(made);
    base -= any(2) ? 0 : any(2) ? size - 1 : any((uint64_t)size);
    base += any(8) ? 0 : 2 * size;
    const int64_t last = UINT32_MAX - size + 1ll;
    made->chunk.base = (uint32_t)(base < 0 ? 0 : base > last ? last : base);
    uint32_t *need = guarded_last(4, RF_CHUNK_RANGES * 4), usual = made->scoring.weight, dead = any(4);
    for (size_t r = 0; r < RF_CHUNK_RANGES; r++)
        need[r] = any(4) < dead ? UINT32_MAX : any(2) ? 1 : 1 + any(usual + 1);
    made->chunk.need = need;
}

/* What the doc needs; UINT32_MAX outside of the chunk. */
static uint32_t need_of(const struct scored *made, size_t i)
{
    uint64_t doc = made->docs[i], base = made->chunk.base;
    return doc < base || doc >= base + (uint64_t)chunk_size(made) ? UINT32_MAX : made->chunk.need[(doc - base) >> made->chunk.bits];
}

static void test_score(void **context)
{
    (void)context;
    for (size_t round = 0; round < 20; round++)
        FOR_EACH_COUNT(n)
        {
            struct scored made;
            make_scored(&made, n);
            uint32_t *scores = guarded_padded(5, n);
            kernels->score(&made.scoring, made.docs, made.tfs, n, scores);
            SAME(scores, made.scores, n);
        }
}

static void test_filters(void **context)
{
    (void)context;
    for (size_t round = 0; round < 20; round++)
        FOR_EACH_COUNT(n)
        {
            struct scored made;
            make_scored(&made, n);
            static uint32_t expected_places[1000], expected_kept[1000], expected_scores[1000];
            size_t count = 0;
            for (size_t i = 0; i < n; i++)
                if (need_of(&made, i) != UINT32_MAX && made.scores[i] >= need_of(&made, i)) {
                    expected_places[count] = (uint32_t)i;
                    expected_kept[count] = made.docs[i];
                    expected_scores[count++] = made.scores[i];
                }
            uint32_t *places = guarded_padded(5, n), *kept = guarded_padded(7, n), *scores = guarded_padded(6, n);
            assert_int_equal(kernels->score_filter(&made.scoring, &made.chunk, made.docs, made.tfs, n, places, kept, scores),
                             count);
            SAME(places, expected_places, count);
            SAME(kept, expected_kept, count);
            SAME(scores, expected_scores, count);
            places = guarded_padded(5, n);
            assert_int_equal(kernels->filter(&made.chunk, made.docs, made.scores, n, places), count);
            SAME(places, expected_places, count);
        }
}

static void test_accumulate(void **context)
{
    (void)context;
    enum { MARKS = RF_CHUNK / RF_MARKED };
    static uint32_t before[RF_CHUNK], expected[RF_CHUNK];
    static uint8_t marks_before[MARKS], expected_marks[MARKS];
    for (size_t round = 0; round < 6; round++)
        FOR_EACH_COUNT(n)
        {
            struct scored made;
            make_scored(&made, n);
            if (n % 16 == 0) {
                for (size_t i = 0; i < RF_CHUNK; i++)
                    before[i] = any(2) ? 0 : any(2 * made.scoring.weight + 1);
                for (size_t i = 0; i < MARKS; i++)
                    marks_before[i] = (uint8_t)any(2);
            }
            memcpy(expected, before, sizeof before);
            memcpy(expected_marks, marks_before, sizeof marks_before);
            for (size_t i = 0; i < n; i++)
                if (need_of(&made, i) != UINT32_MAX && made.scores[i] >= need_of(&made, i)) {
                    uint32_t at = made.docs[i] - made.chunk.base;
                    expected[at] += made.scores[i];
                    expected_marks[at / RF_MARKED] = 1;
                }
            uint32_t *sums = guarded_last(6, sizeof before);
            uint8_t *marks = guarded_last(7, sizeof marks_before);
            memcpy(sums, before, sizeof before);
            memcpy(marks, marks_before, sizeof marks_before);
            kernels->accumulate(&made.scoring, &made.chunk, made.docs, made.tfs, n, sums, marks);
            SAME(sums, expected, RF_CHUNK);
            assert_memory_equal(marks, expected_marks, MARKS);
            memcpy(sums, before, sizeof before);
            memcpy(marks, marks_before, sizeof marks_before);
            kernels->accumulate_scores(&made.chunk, made.docs, made.scores, n, sums, marks);
            SAME(sums, expected, RF_CHUNK);
            assert_memory_equal(marks, expected_marks, MARKS);
        }
}

static void test_take_sums(void **context)
{
    (void)context;
    static uint32_t left[RF_CHUNK], docs[RF_CHUNK], most[RF_CHUNK];
    for (size_t round = 0; round < 20; round++) {
        unsigned bits = any(2) ? RF_RANGE_BITS : RF_FINE_BITS;
        size_t n = (size_t)RF_CHUNK_RANGES << bits, count = 0;
        uint32_t usual = 1 + any(40), first = any(1000) * RF_CHUNK, threshold = 1 + any(1u << 30), rest[RF_CHUNK_RANGES];
        uint32_t *sums = guarded_last(0, n * sizeof *sums);
        uint8_t *marks = guarded_last(1, n / RF_MARKED);
        for (size_t r = 0; r < RF_CHUNK_RANGES; r++)
            rest[r] = any(3) ? any(threshold) : 0;
        for (size_t group = 0; group < n / RF_MARKED; group++) {
            marks[group] = !any(usual);
            for (size_t i = group * RF_MARKED; i < (group + 1) * RF_MARKED; i++) {
                uint32_t sum = sums[i] = any(3) ? 0 : any(1u << 30), score = sum + rest[i >> bits];
                left[i] = marks[group] ? 0 : sum;
                docs[count] = first + (uint32_t)i;
                most[count] = score;
                count += marks[group] && score >= threshold;
            }
        }
        uint32_t *taken = guarded_padded(2, n), *scores = guarded_padded(3, n);
        assert_int_equal(kernels->take_sums(sums, marks, n, rest, bits, threshold, first, taken, scores), count);
        SAME(taken, docs, count);
        SAME(scores, most, count);
        SAME(sums, left, n);
        for (size_t group = 0; group < n / RF_MARKED; group++)
            assert_int_equal(marks[group], 0);
    }
}

/* ---- Bounds ---- */

static void test_bounds(void **context)
{
    (void)context;
    static uint32_t expected[1000];
    for (size_t round = 0; round < 40; round++)
        FOR_EACH_COUNT(n)
        {
            uint8_t *codes = guarded_last(0, n + RF_PADDING);
            float low = (float)any(1u << 30) / (float)(1 + any(1000)), step = (float)any(1u << 30) / (float)(256 + any(100000));
            for (size_t i = 0; i < n; i++) {
                codes[i] = (uint8_t)(any(4) ? any(256) : 0);
                volatile float product = step * (float)codes[i], sum = low + product;
                expected[i] = codes[i] ? (uint32_t)sum : 0;
            }
            uint32_t *bounds = guarded_padded(1, n);
            kernels->bounds(codes, n, low, step, bounds);
            SAME(bounds, expected, n);
        }
}

static void test_plan_chunk(void **context)
{
    (void)context;
    enum { LISTS = 40 };
    static uint32_t expected[LISTS][RF_CHUNK_RANGES], expected_rest[LISTS + 1][RF_CHUNK_RANGES];
    uint64_t expected_live[LISTS][2];
    for (size_t round = 0; round < 300; round++) {
        size_t lists = round % 7 ? any(6) : any(LISTS + 1);
        size_t stride = RF_CHUNK_RANGES * (1 + any(3));
        uint32_t *rows = guarded_last(0, (lists ? (lists - 1) * stride + RF_CHUNK_RANGES : 0) * sizeof *rows);
        size_t rest_stride = RF_CHUNK_RANGES * (1 + any(3));
        uint32_t(*needs)[RF_CHUNK_RANGES] = guarded_last(1, lists * sizeof *needs);
        uint32_t *rest = guarded_last(2, (lists * rest_stride + RF_CHUNK_RANGES) * sizeof *rest);
        uint64_t(*live)[2] = guarded_last(3, lists * sizeof *live);
        uint32_t limit = any(3) ? 5 : INT32_MAX / LISTS;
        uint32_t threshold = !any(20) ? UINT32_MAX : 1 + any(limit * (lists + 1));
        memset(expected_live, 0, sizeof expected_live);
        for (size_t l = 0; l < lists; l++)
            for (size_t r = 0; r < RF_CHUNK_RANGES; r++)
                rows[l * stride + r] = any(3) ? any(limit) : 0;
        for (size_t r = 0; r < RF_CHUNK_RANGES; r++) {
            int64_t all = 0, so_far = 0;
            expected_rest[lists][r] = 0;
            for (size_t l = 0; l < lists; l++)
                all += rows[l * stride + r];
            for (size_t l = 0; l < lists; l++) {
                so_far += rows[l * stride + r];
                if (rows[l * stride + r] > 0 && all >= threshold && so_far >= threshold) {
                    int64_t need = threshold - (all - rows[l * stride + r]);
                    expected[l][r] = need > 1 ? (uint32_t)need : 1;
                    expected_live[l][r / 64] |= 1ull << r % 64;
                    expected_rest[l][r] = 0;
                } else {
                    expected[l][r] = UINT32_MAX;
                    expected_rest[l][r] = rows[l * stride + r];
                    expected_rest[lists][r] += rows[l * stride + r];
                }
            }
        }
        kernels->plan_chunk(rows, stride, lists, threshold, needs[0], rest, rest_stride, live);
        SAME(needs, expected, lists);
        for (size_t l = 0; l <= lists; l++)
            SAME(rest + l * rest_stride, expected_rest[l], RF_CHUNK_RANGES);
        SAME(live, expected_live, lists);
    }
}

static void test_plan_lead(void **context)
{
    (void)context;
    uint32_t expected[RF_CHUNK_RANGES];
    uint64_t expected_live[2];
    for (size_t round = 0; round < 3000; round++) {
        uint32_t *own = guarded_last(0, sizeof expected), *rest = guarded_last(1, sizeof expected),
                 *needs = guarded_last(2, sizeof expected);
        uint64_t *live = guarded_last(3, sizeof expected_live);
        uint32_t limit = any(3) ? 5 : 1u << 30, threshold = !any(20) ? UINT32_MAX : 1 + any(2 * limit);
        memset(expected_live, 0, sizeof expected_live);
        for (size_t r = 0; r < RF_CHUNK_RANGES; r++) {
            own[r] = any(3) ? any(limit) : 0;
            rest[r] = own[r] ? any(limit) : (uint32_t)random_next(&state);
            expected[r] = UINT32_MAX;
            if (own[r] && own[r] + rest[r] >= threshold) {
                expected[r] = threshold > rest[r] ? threshold - rest[r] : 1;
                expected_live[r / 64] |= 1ull << r % 64;
            }
        }
        kernels->plan_lead(own, rest, threshold, needs, live);
        SAME(needs, expected, RF_CHUNK_RANGES);
        SAME(live, expected_live, 2);
    }
}

/* ---- Choosing ---- */

static void test_could_add(void **context)
{
    (void)context;
    enum { FIRST = 700, SPAN = 5000 };
    static uint32_t expected_most[1000], expected[1000];
    for (size_t round = 0; round < 40; round++)
        FOR_EACH_COUNT(n)
        {
            struct rf_rest rest = {.bits = any(2) ? RF_RANGE_BITS : RF_FINE_BITS};
            uint32_t from = any(2) ? 0 : FIRST + any(1000), *docs = guarded_padded(0, n), *most = guarded_padded(1, n),
                     *more = guarded_padded(2, n);
            rest.first = from >> rest.bits;
            size_t ranges = ((from + SPAN - 1) >> rest.bits) - rest.first + 1, fine = ((from + SPAN - 1) >> RF_FINE_BITS) + 1;
            uint32_t *bounds = guarded_last(3, (ranges + RF_PADDING) * sizeof *bounds),
                     *closer = guarded_last(4, 256 * sizeof *closer);
            uint8_t *codes = guarded_last(5, fine + 64), *bitmap = guarded_last(6, (from + SPAN + 7) / 8 + 64);
            for (size_t r = 0; r < ranges; r++)
                bounds[r] = round % 5 == 0 || !any(3) ? 0 : any(1u << 30);
            for (size_t c = 0; c < 256; c++)
                closer[c] = c ? any(1u << 30) : 0;
            for (size_t f = 0; f < fine; f++)
                codes[f] = (uint8_t)(any(3) ? any(256) : 0);
            for (size_t b = 0; b < (from + SPAN + 7) / 8; b++)
                bitmap[b] = (uint8_t)any(256);
            rest.bounds = bounds;
            rest.codes = any(2) ? codes : NULL;
            rest.closer = rest.codes ? closer : NULL;
            rest.bitmap = any(2) ? bitmap : NULL;
            bool some = false;
            uint32_t last = 0, gap = (uint32_t)(SPAN / (any(4) ? n + 1 : 10 * n + 1));
            for (size_t i = 0; i < n; i++) {
                last += any(gap + 1);
                docs[i] = from + last;
                uint32_t bound = bounds[(docs[i] >> rest.bits) - rest.first],
                         least = rest.codes ? closer[codes[docs[i] >> 7]] : bound;
                expected[i] = rest.bitmap && !(bitmap[docs[i] / 8] >> docs[i] % 8 & 1) ? 0 : least < bound ? least : bound;
                most[i] = bound + any(1u << 30);
                expected_most[i] = most[i] - (bound - expected[i]);
                some |= expected[i] > 0;
            }
            assert_int_equal(kernels->could_add(&rest, docs, n, most, more), some);
            SAME(most, expected_most, n);
            SAME(more, expected, n);
        }
}

static void test_take_back(void **context)
{
    (void)context;
    static uint32_t left[1000], expected_docs[1000], expected_places[1000];
    for (size_t round = 0; round < 20; round++)
        FOR_EACH_COUNT(n)
        {
            uint32_t *most = guarded_padded(0, n), *more = guarded_padded(1, n), *docs = guarded_padded(2, n), usual = 1 + any(10);
            size_t count = 0;
            for (size_t i = 0; i < n; i++) {
                docs[i] = any(UINT32_MAX);
                more[i] = any(usual) ? 0 : any(1u << 30);
                most[i] = more[i] + any(1u << 30);
                left[i] = most[i] - more[i];
                if (more[i]) {
                    expected_docs[count] = docs[i];
                    expected_places[count++] = (uint32_t)i;
                }
            }
            uint32_t *asked = guarded_padded(3, n), *places = guarded_padded(4, n);
            assert_int_equal(kernels->take_back(most, more, docs, n, asked, places), count);
            SAME(most, left, n);
            SAME(asked, expected_docs, count);
            SAME(places, expected_places, count);
        }
}

static void test_choose_columns(void **context)
{
    (void)context;
    enum { ROWS = 5 };
    static uint32_t expected[ROWS][1000];
    for (size_t round = 0; round < 20; round++)
        FOR_EACH_COUNT(n)
        {
            size_t room = (n + RF_PADDING - 1) / RF_PADDING * RF_PADDING, rows = 1 + any(ROWS), count = 0;
            size_t stride = room + any(3) * RF_PADDING, out_stride = room + any(3) * RF_PADDING;
            uint32_t *in = guarded_last(0, ((rows - 1) * stride + room) * sizeof *in);
            uint32_t *out = guarded_last(1, ((rows - 1) * out_stride + room) * sizeof *out);
            uint32_t limit = any(2) ? 5 : UINT32_MAX, least = any(limit), most = any(2) ? UINT32_MAX : least + any(limit - least);
            for (size_t i = 0; i < n; i++) {
                for (size_t r = 0; r < rows; r++)
                    expected[r][count] = in[r * stride + i] = r ? (uint32_t)random_next(&state) : any(limit);
                count += in[i] >= least && in[i] <= most;
            }
            assert_int_equal(kernels->choose_columns(in, stride, out, out_stride, rows, n, least, most), count);
            for (size_t r = 0; r < rows; r++)
                SAME(out + r * out_stride, expected[r], count);
            assert_int_equal(kernels->choose_columns(in, stride, in, stride, rows, n, least, most), count);
            for (size_t r = 0; r < rows; r++)
                SAME(in + r * stride, expected[r], count);
        }
}

static void test_count_from(void **context)
{
    (void)context;
    for (size_t round = 0; round < 20; round++)
        FOR_EACH_COUNT(n)
        {
            uint32_t *numbers = guarded_padded(0, n), limit = any(2) ? 5 : UINT32_MAX, least = any(20) ? any(limit) : UINT32_MAX;
            size_t count = 0;
            for (size_t i = 0; i < n; i++) {
                numbers[i] = any(20) ? any(limit) : UINT32_MAX;
                count += numbers[i] >= least;
            }
            assert_int_equal(kernels->count_from(numbers, n, least), count);
        }
}

/* ---- Sets of docs ---- */

/* Ascending numbers, each at most `step` behind the one before, up to the largest there is. */
static void make_ascending(uint32_t *numbers, size_t n, uint32_t from, uint32_t step)
{
    uint64_t number = from;
    for (size_t i = 0; i < n; i++) {
        numbers[i] = (uint32_t)number;
        number += 1 + any(step);
    }
}

static void test_cut(void **context)
{
    (void)context;
    static const uint32_t sign = 1u << 31;
    static uint32_t expected[3][1000];
    for (size_t round = 0; round < 40; round++)
        FOR_EACH_COUNT(n)
        {
            unsigned bits = any(3) ? any(12) : any(2) ? 31 : any(32);
            uint32_t *docs = guarded_padded(0, n), *seats = guarded_padded(1, n), *scores = guarded_padded(2, n);
            make_ascending(docs, n, any(5000), 1 + any(any(2) ? 3 : 8u << (bits < 10 ? bits : 10)));
            uint32_t up = n && any(2) ? UINT32_MAX - any(2) - docs[n - 1] : 0;
            for (size_t i = 0; i < n; i++)
                docs[i] += up;
            for (size_t i = n; i % RF_PADDING; i++)
                docs[i] = any(1ull << 32);
            uint32_t start = n ? docs[0] >> bits : 0, first = start - any(start < 100 ? start + 1 : 100);
            uint32_t ranges = n ? (docs[n - 1] >> bits) - first + 1 : 1;
            uint32_t *rest = guarded_last(3, (ranges + RF_PADDING - 1) * sizeof *rest);
            uint32_t limit = any(3) ? 4 : 1u << 29, threshold = any(8) ? 1 + any(2 * limit) : any(2) ? 0 : INT32_MAX;
            for (uint32_t r = 0; r < ranges; r++)
                rest[r] = any(limit) | (any(4) ? 0 : sign);
            size_t count = 0;
            for (size_t i = 0; i < n; i++) {
                seats[i] = any(1000);
                scores[i] = any(limit);
                expected[0][count] = docs[i];
                expected[1][count] = seats[i];
                expected[2][count] = scores[i];
                uint32_t most = rest[(docs[i] >> bits) - first];
                count += !(most & sign) && scores[i] + most >= threshold;
            }
            assert_int_equal(kernels->cut(docs, seats, scores, n, rest, bits, first, threshold), count);
            SAME(docs, expected[0], count);
            SAME(seats, expected[1], count);
            SAME(scores, expected[2], count);
        }
}

static void test_match(void **context)
{
    (void)context;
    static const size_t counts[] = {0, 1, 2, 15, 16, 17, 31, 64, 100, 112, 113, 127, 128};
    static uint32_t expected_which[1000], expected_where[1000];
    for (size_t c = 0; c < sizeof counts / sizeof *counts; c++)
        for (size_t round = 0; round < 12; round++)
            FOR_EACH_COUNT(n)
            {
                size_t count = counts[c], found = 0;
                uint32_t *wanted = guarded_padded(0, n), *docs = guarded_last(1, RF_CODEC_BLOCK * sizeof *docs);
                uint32_t step = 1 + any(any(4) ? 4 : 40), last = 0;
                make_ascending(docs, count, any(100), step);
                make_ascending(wanted, n, any(100), any(2) ? step : 1 + any(3));
                last = count ? docs[count - 1] : 0;
                last = n && wanted[n - 1] > last ? wanted[n - 1] : last;
                uint32_t from = any(2) ? 0 : UINT32_MAX - 1 - last; /* now and then up to the largest there may be */
                for (size_t i = 0; i < n; i++)
                    wanted[i] += from;
                for (size_t j = 0; j < RF_CODEC_BLOCK; j++)
                    docs[j] = j < count ? docs[j] + from : UINT32_MAX;
                /* What lies behind counts for nothing, and may be the same. */
                for (size_t i = n; i % RF_PADDING; i++)
                    wanted[i] = count && any(2) ? docs[any(count)] : UINT32_MAX;
                for (size_t i = 0; i < n; i++)
                    for (size_t j = 0; j < count; j++)
                        if (wanted[i] == docs[j]) {
                            expected_which[found] = (uint32_t)i;
                            expected_where[found++] = (uint32_t)j;
                        }
                uint32_t *which = guarded_padded(2, n), *where = guarded_padded(3, n);
                assert_int_equal(kernels->match(wanted, n, docs, count, which, where), found);
                SAME(which, expected_which, found);
                SAME(where, expected_where, found);
            }
}

static void test_filter_bits(void **context)
{
    (void)context;
    static uint32_t expected[1000];
    for (size_t round = 0; round < 20; round++)
        FOR_EACH_COUNT(n)
        {
            uint32_t *docs = guarded_padded(1, n), first = any(2) ? 0 : UINT32_MAX / 8 * 8 - 100000;
            make_ascending(docs, n, first + any(10), 1 + any(50));
            size_t last = n ? docs[n - 1] - first : 0, count = 0;
            uint8_t *bits = guarded_last(0, last / 8 + 1 + 3);
            for (size_t i = 0; i <= last / 8; i++)
                bits[i] = (uint8_t)random_next(&state);
            for (size_t i = n; i % RF_PADDING; i++)
                docs[i] = UINT32_MAX;
            for (size_t i = 0; i < n; i++)
                if (bits[(docs[i] - first) / 8] >> docs[i] % 8 & 1)
                    expected[count++] = (uint32_t)i;
            uint32_t *places = guarded_padded(2, n);
            const uint8_t *all_bits = (const uint8_t *)((uintptr_t)bits - first / 8);
            assert_int_equal(kernels->filter_bits(all_bits, docs, n, places), count);
            SAME(places, expected, count);
        }
}

static void test_count_below(void **context)
{
    (void)context;
    for (size_t round = 0; round < 20; round++)
        FOR_EACH_COUNT(n)
        {
            uint32_t *numbers = guarded_padded(0, n), from = any(2) ? 0 : UINT32_MAX - 3000;
            make_ascending(numbers, n, from + any(100), 1 + any(10));
            if (n && !any(4)) /* they may be damaged */
                numbers[any(n)] = any(2) ? any(1u << 31) : UINT32_MAX;
            for (size_t i = n; i % RF_PADDING; i++)
                numbers[i] = any(2) ? 0 : UINT32_MAX;
            for (size_t i = 0; i < 5; i++) {
                uint32_t value = n && any(3) ? numbers[any(n)] + any(2) : from + any(3000);
                size_t expected = 0;
                while (expected < n && numbers[expected] < value)
                    expected++;
                assert_int_equal(kernels->count_below(numbers, n, value), expected);
            }
        }
}

static void test_ranks(void **context)
{
    (void)context;
    static uint32_t expected[1000];
    for (size_t round = 0; round < 20; round++)
        FOR_EACH_COUNT(n)
        {
            uint32_t *docs = guarded_padded(1, n), *numbers = guarded_padded(2, n), doc = 0, count = 0, before_chunk = 0;
            make_ascending(docs, n, any(2000), 1 + any(round % 2 ? 5 : 1000));
            size_t docs_end = n ? docs[n - 1] + 1 : 0, bytes = (docs_end + 7) / 8;
            uint8_t *bits = guarded_last(0, bytes + GUARDED_OVERREAD),
                    *before = guarded_last(3, docs_end / RF_RANGE * 2 + docs_end / RF_CHUNK * 4 + 6);
            for (size_t i = 0; i < bytes; i++)
                bits[i] = (uint8_t)random_next(&state);
            for (size_t i = 0; i < n; i++) {
                for (; doc <= docs[i]; doc++) {
                    if (doc % RF_CHUNK == 0) { /* what it says is believed */
                        before_chunk = any(1000000);
                        memcpy(before + doc / RF_CHUNK * RF_RANKS_OF_CHUNK, &before_chunk, 4);
                    }
                    if (doc % RF_RANGE == 0) {
                        uint16_t more = (uint16_t)any(1u << 16);
                        memcpy(before + doc / RF_RANGE * 2 + (doc / RF_CHUNK + 1) * 4, &more, 2);
                        count = before_chunk + more;
                    }
                    expected[i] = count;
                    count += bits[doc / 8] >> doc % 8 & 1;
                }
            }
            kernels->ranks(bits, before, docs, n, numbers);
            SAME(numbers, expected, n);
            kernels->ranks(bits, before, docs, n, docs);
            SAME(docs, expected, n);
        }
}

static void test_bits(void **context)
{
    (void)context;
    static uint64_t start[1000];
    FOR_EACH_COUNT(n)
    {
        uint64_t *to = guarded_last(0, n * 8), *from = guarded_last(1, n * 8), count = 0;
        for (size_t i = 0; i < n; i++) {
            start[i] = to[i] = random_next(&state);
            from[i] = any(4) ? random_next(&state) : any(2) ? ~0ull : 0;
            for (size_t b = 0; b < 64; b++)
                count += from[i] >> b & 1;
        }
        assert_true(kernels->count_bits(from, n) == count);
        kernels->or_bits(to, from, n);
        for (size_t i = 0; i < n; i++)
            assert_true(to[i] == (start[i] | from[i]));
        memcpy(to, start, n * 8);
        kernels->and_bits(to, from, n);
        for (size_t i = 0; i < n; i++)
            assert_true(to[i] == (start[i] & from[i]));
        memcpy(to, start, n * 8);
        kernels->and_not_bits(to, from, n);
        for (size_t i = 0; i < n; i++)
            assert_true(to[i] == (start[i] & ~from[i]));
    }
}

/* ---- Positions ---- */

static void test_follow(void **context)
{
    (void)context;
    static const size_t counts[] = {0, 1, 2, 3, 7, 15, 16, 17, 32, 33, 100, 400};
    static uint32_t expected[1000];
    for (size_t c = 0; c < sizeof counts / sizeof *counts; c++)
        for (size_t round = 0; round < 8; round++)
            FOR_EACH_COUNT(n)
            {
                size_t m = counts[c], count = 0;
                uint32_t *first = guarded_padded(0, n), *second = guarded_padded(1, m), from = any(2) ? 0 : UINT32_MAX - 3000;
                uint32_t distance = any(3) ? any(4) : any(4000);
                make_ascending(first, n, from + any(20), 1 + any(3));
                make_ascending(second, m, any(4) ? from + any(40) : any(40), 1 + any(3));
                for (size_t i = n; i % RF_PADDING && m; i++)
                    first[i] = second[any(m)] - distance;
                for (size_t j = m; j % RF_PADDING && n; j++)
                    second[j] = first[any(n)] + distance;
                for (size_t i = 0; i < n; i++)
                    for (size_t j = 0; j < m; j++)
                        if ((uint64_t)first[i] + distance == second[j])
                            expected[count++] = first[i];
                assert_int_equal(kernels->follow(first, n, second, m, distance), count);
                SAME(first, expected, count);
            }
}

/* ---- The choice ---- */

static void test_choice(void **context)
{
    (void)context;
    size_t number = 0;
    for (; rf_kernels_at(number); number++) {
        assert_ptr_equal(rf_kernels_named(rf_kernels_at(number)->name), rf_kernels_at(number));
        for (size_t other = 0; other < number; other++)
            assert_string_not_equal(rf_kernels_at(other)->name, rf_kernels_at(number)->name);
    }
    assert_true(number > 0);
    assert_string_equal(rf_kernels_at(0)->name, "portable");
    assert_ptr_equal(rf_kernels, rf_kernels_at(number - 1));
    assert_null(rf_kernels_at(number + 1));
    assert_null(rf_kernels_at(SIZE_MAX));
    assert_null(rf_kernels_named("abacus"));
}

int main(void)
{
    static const struct CMUnitTest choice[] = {cmocka_unit_test(test_choice)};
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_score),          cmocka_unit_test(test_filters),     cmocka_unit_test(test_accumulate),
        cmocka_unit_test(test_take_sums),      cmocka_unit_test(test_bounds),      cmocka_unit_test(test_plan_chunk),
        cmocka_unit_test(test_plan_lead),      cmocka_unit_test(test_match),       cmocka_unit_test(test_cut),
        cmocka_unit_test(test_count_from),     cmocka_unit_test(test_could_add),   cmocka_unit_test(test_take_back),
        cmocka_unit_test(test_choose_columns), cmocka_unit_test(test_filter_bits), cmocka_unit_test(test_bits),
        cmocka_unit_test(test_ranks),          cmocka_unit_test(test_follow),      cmocka_unit_test(test_count_below),
    };
    rf_scorer_init(&scorer, RF_USUAL_K1, RF_USUAL_B, 130);
    int failed = cmocka_run_group_tests(choice, NULL, NULL);
    for (size_t number = 0; (kernels = rf_kernels_at(number)); number++)
        failed += cmocka_run_group_tests_name(kernels->name, tests, guarded_map, guarded_unmap);
    return failed;
}
