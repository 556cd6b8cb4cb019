/* SPDX-License-Identifier: BSD-3-Clause */
/* Lists read in any order, and what long ones tell of themselves, against plain arrays; then the same lists damaged. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "store/positions.h"
#include "store/postings.h"
#include "store/segment_files.h"
#include "tests/support/scratch.h"

/* The last range is not whole, nor is the last byte of bitmaps. Bounds from 196 postings on, closer ones from 1563 on, bitmaps from 3126 on. */
enum { DOCS = 50003, RANGES = DOCS / RF_RANGE + 1 };

static const uint32_t sizes[] = {1,    2,    3,    7,    100,  127,   128,   129,   150,   195,   196,   197,
                                 255,  256,  257,  500,  1000, 3000,  3125,  3126,  9999,  10000, 10001, 12800,
                                 1562, 1563, 2500, 6400, 900,  13000, 25000, 50000, 50003, 40000, 1300,  6300};
enum { LISTS = sizeof sizes / sizeof *sizes };

/* A list as the test knows it. Positions of posting i are at starts[i]. */
struct expected {
    char term[8];
    bool has_positions;
    uint32_t df;
    uint32_t *docs, *tfs, *positions;
    size_t *starts;
};

static char folder[SCRATCH_PATH];
static uint64_t state = 11;
static uint8_t lengths[DOCS];
static struct expected lists[LISTS];
static struct rf_segment *segment;
static struct rf_scorer scorer;
static const riffle_allocator *const allocator = &rf_malloc_allocator;
static riffle_error error;

/* ---- Making them ---- */

static uint32_t random_tf(unsigned style)
{
    switch (style) {
    case 0:
        return 1;
    case 1:
        return 1 + (uint32_t)random_below(&state, 3);
    case 2: /* a few high ones, which are exceptions */
        return random_below(&state, 40) ? 1 + (uint32_t)random_below(&state, 2) : 1 + (uint32_t)random_below(&state, 300);
    default:
        return 1 + (uint32_t)random_below(&state, 25);
    }
}

/* df of all docs: anywhere, or (every other list) mostly crowded in few places. */
static void choose_docs(struct expected *list, bool crowded)
{
    uint32_t left = list->df, doc = 0;
    while (left) {
        uint32_t room = DOCS - doc - left;
        if (crowded && random_below(&state, 30) == 0)
            doc += (uint32_t)random_below(&state, room / 4 + 1);
        else if (!crowded)
            while (room && random_below(&state, room + left) >= left)
                doc++, room--;
        list->docs[list->df - left--] = doc++;
    }
}

static void make_list(struct expected *list, uint32_t number)
{
    snprintf(list->term, sizeof list->term, "t%03u", (unsigned)number);
    list->df = sizes[number];
    list->has_positions = number % 3 != 2;
    if (!list->has_positions)
        list->term[0] = (char)('u' + number % 2);
    list->docs = malloc(list->df * sizeof *list->docs);
    list->tfs = malloc(list->df * sizeof *list->tfs);
    list->starts = malloc((list->df + 1) * sizeof *list->starts);
    choose_docs(list, number % 2);
    size_t positions = 0;
    for (uint32_t i = 0; i < list->df; i++) {
        list->tfs[i] = random_tf(number / 2 % 4);
        list->starts[i] = positions;
        positions += list->tfs[i];
    }
    list->starts[list->df] = positions;
    list->positions = malloc((positions + 1) * sizeof *list->positions);
    for (uint32_t i = 0; i < list->df; i++) {
        uint32_t position = 0, most = number % 4 == 1 || random_below(&state, 50) ? 60 : 100000;
        for (size_t j = list->starts[i]; j < list->starts[i + 1]; j++) {
            position += (uint32_t)random_below(&state, most);
            list->positions[j] = position++;
        }
    }
}

static int compare_terms(const void *a, const void *b)
{
    return strcmp(((const struct expected *)a)->term, ((const struct expected *)b)->term);
}

static int set_up(void **context)
{
    (void)context;
    scratch_make(folder);
    uint64_t sum = 0;
    for (size_t i = 0; i < DOCS; i++) {
        lengths[i] = random_below(&state, 500) ? (uint8_t)(20 + random_below(&state, 120)) : (uint8_t)random_next(&state);
        sum += rf_length_decode(lengths[i]);
    }
    rf_scorer_init(&scorer, RF_USUAL_K1, RF_USUAL_B, (double)sum / DOCS);
    for (uint32_t i = 0; i < LISTS; i++)
        make_list(&lists[i], i);
    qsort(lists, LISTS, sizeof *lists, compare_terms);
    struct rf_postings_writer *writer = malloc(sizeof *writer);
    struct rf_segment_entry entry = {0};
    OK(rf_postings_create(writer, folder, 1, lengths, DOCS, allocator, &error));
    for (uint32_t i = 0; i < LISTS; i++) {
        const struct expected *list = &lists[i];
        rf_postings_begin(writer, list->term, 4, list->has_positions);
        for (uint32_t j = 0; j < list->df; j++)
            rf_postings_add(writer, list->docs[j], list->tfs[j], list->has_positions ? list->positions + list->starts[j] : NULL);
        rf_postings_end(writer);
    }
    OK(rf_postings_finish(writer, &entry, &error));
    rf_postings_release(writer, false);
    free(writer);
    OK(rf_segment_open_run(&segment, folder, 1, DOCS, lengths, allocator, &error));
    segment->is_run = false; /* its lists are a segment's */
    return 0;
}

static int tear_down(void **context)
{
    (void)context;
    rf_segment_close(segment);
    for (uint32_t i = 0; i < LISTS; i++) {
        free(lists[i].docs);
        free(lists[i].tfs);
        free(lists[i].positions);
        free(lists[i].starts);
    }
    scratch_remove(folder);
    return 0;
}

static void open_list(struct rf_list *list, const struct expected *expected)
{
    struct rf_term info;
    bool found;
    OK(rf_segment_find(segment, expected->term, 4, &found, &info, &error));
    assert_true(found);
    OK(rf_list_open(list, segment, &info, &error));
    assert_int_equal(list->df, expected->df);
    assert_int_equal(list->blocks, (expected->df + RF_BLOCK - 1) / RF_BLOCK);
    assert_int_equal(list->has_positions, expected->has_positions);
}

/* ---- Blocks ---- */

/* All positions of a posting of a block. */
static riffle_status read_positions(const struct rf_list *list, const struct rf_block *block, uint32_t at, uint32_t tf,
                                    uint32_t *out)
{
    struct rf_place place;
    uint32_t ordinal = block->number * RF_BLOCK + at, same, *found;
    riffle_status status = rf_list_places(list, &ordinal, 1, &same, &place, &error);
    if (!status)
        status = rf_positions_read(list, &place, tf, out, &found, &error);
    if (!status)
        memmove(out, found, tf * sizeof *out);
    return status;
}

static void check_one(const struct rf_list *list, struct rf_block *block, const struct expected *expected, uint32_t at)
{
    uint32_t tf, i = block->number * RF_BLOCK + at, *positions;
    OK(rf_list_some_tfs(list, block, &at, 1, &tf, &error));
    assert_int_equal(tf, expected->tfs[i]);
    if (!list->has_positions)
        return;
    positions = malloc((tf + RF_PADDING) * sizeof *positions);
    OK(read_positions(list, block, at, tf, positions));
    assert_memory_equal(positions, expected->positions + expected->starts[i], tf * sizeof *positions);
    free(positions);
}

static void check_block(const struct rf_list *list, const struct expected *expected, uint32_t number)
{
    struct rf_block block;
    uint32_t docs[RF_BLOCK + RF_PADDING], tfs[RF_BLOCK + RF_PADDING], first = number * RF_BLOCK;
    OK(rf_list_block(list, number, &block, &error));
    uint32_t count = number + 1 < list->blocks ? RF_BLOCK : expected->df - first;
    assert_int_equal(block.number, number);
    assert_int_equal(block.count, count);
    assert_int_equal(block.base, number ? expected->docs[first - 1] + 1 : 0);
    assert_int_equal(block.last, list->blocks > 1 ? expected->docs[first + count - 1] : DOCS - 1);
    struct rf_most most = rf_list_most(list, number);
    OK(rf_list_docs(list, &block, docs, &error));
    OK(rf_list_tfs(list, &block, tfs, &error));
    assert_memory_equal(docs, expected->docs + first, count * sizeof *docs);
    assert_memory_equal(tfs, expected->tfs + first, count * sizeof *tfs);
    for (uint32_t i = count; i < RF_BLOCK + RF_PADDING; i++)
        assert_true(docs[i] == RF_NO_DOC && tfs[i] == 1);
    for (uint32_t i = 0; i < count; i++)
        assert_true(tfs[i] <= most.tf && lengths[docs[i]] >= most.length);
    for (uint32_t i = 0; i < count; i += 1 + (uint32_t)random_below(&state, 20))
        check_one(list, &block, expected, i);
    check_one(list, &block, expected, count - 1);
}

/* ---- Positions ---- */

/* Some of a posting's positions and some others, ascending, less `distance`; which of them are kept. */
static size_t some_numbers(const uint32_t *positions, uint32_t tf, uint32_t distance, uint32_t *numbers, uint32_t *kept,
                           size_t *count)
{
    size_t n = 0;
    *count = 0;
    for (uint32_t i = 0, at = 0; i < tf; at = positions[i++] + 1) {
        if (positions[i] > at && at >= distance && random_below(&state, 2))
            numbers[n++] = at - distance;
        if (positions[i] >= distance && random_below(&state, 2))
            numbers[n++] = kept[(*count)++] = positions[i] - distance;
    }
    return n;
}

static void check_places(const struct rf_list *list, const struct expected *expected, const uint32_t *ordinals, size_t count,
                         size_t *told)
{
    uint32_t tfs[600];
    struct rf_place places[600];
    OK(rf_list_places(list, ordinals, count, tfs, places, &error));
    for (size_t i = 0; i < count; i++) {
        uint32_t tf = expected->tfs[ordinals[i]], distance = (uint32_t)random_below(&state, 3), first, *found;
        const uint32_t *positions = expected->positions + expected->starts[ordinals[i]];
        uint32_t *read = malloc((tf + RF_PADDING) * sizeof *read), *numbers = malloc(2 * tf * sizeof *numbers);
        uint32_t *kept = malloc(tf * sizeof *kept);
        assert_int_equal(tfs[i], tf);
        if (rf_positions_first(&places[i], &first))
            assert_int_equal(first, positions[0]);
        size_t left;
        uint32_t n = (uint32_t)some_numbers(positions, tf, distance, numbers, kept, &left);
        if (rf_positions_follow(&places[i], tf, distance, numbers, &n)) {
            assert_int_equal(n, left);
            assert_memory_equal(numbers, kept, left * sizeof *kept);
            ++*told;
        }
        struct rf_place place = places[i];
        OK(rf_positions_read(list, &place, tf, read, &found, &error));
        assert_true(found >= read && found + tf <= read + tf + RF_PADDING);
        assert_memory_equal(found, positions, tf * sizeof *found);
        if (i + 1 < count && ordinals[i + 1] == ordinals[i] + 1 && ordinals[i + 1] % RF_BLOCK) { /* the next one's place */
            uint32_t next = tfs[i + 1], *more = malloc((next + RF_PADDING) * sizeof *more);
            OK(rf_positions_read(list, &place, next, more, &found, &error));
            assert_memory_equal(found, positions + tf, next * sizeof *found);
            free(more);
        }
        free(read);
        free(numbers);
        free(kept);
    }
}

static void test_places(void **context)
{
    (void)context;
    struct rf_list list;
    uint32_t ordinals[600];
    size_t told = 0;
    for (uint32_t l = 0; l < LISTS; l++) {
        open_list(&list, &lists[l]);
        uint32_t tf, behind = list.df - !list.has_positions; /* where there are none, any posting is one too many */
        struct rf_place place;
        assert_int_equal(rf_list_places(&list, &behind, 1, &tf, &place, &error), RIFFLE_CORRUPT);
        if (!list.has_positions)
            continue;
        for (uint32_t step = 1; step < 300; step = step * 3 + 1) {
            size_t count = 0;
            for (uint32_t i = (uint32_t)random_below(&state, step); i < list.df && count < 600;
                 i += 1 + (uint32_t)random_below(&state, step))
                ordinals[count++] = i;
            check_places(&list, &lists[l], ordinals, count, &told);
        }
    }
    assert_true(told > 100);
}

static void test_blocks_in_any_order(void **context)
{
    (void)context;
    struct rf_list list;
    for (uint32_t l = 0; l < LISTS; l++) {
        open_list(&list, &lists[l]);
        for (uint32_t i = 0; i < list.blocks; i++)
            check_block(&list, &lists[l], i);
        for (uint32_t i = 0; i < 20; i++)
            check_block(&list, &lists[l], (uint32_t)random_below(&state, list.blocks));
    }
}

static void test_every_posting_alone(void **context)
{
    (void)context;
    struct rf_list list;
    struct rf_block block;
    for (uint32_t l = 0; l < LISTS; l++) {
        open_list(&list, &lists[l]);
        for (uint32_t i = 0; i < list.df && i < 3000; i++) {
            OK(rf_list_block(&list, i / RF_BLOCK, &block, &error));
            check_one(&list, &block, &lists[l], i % RF_BLOCK);
        }
    }
}

static void test_finding_blocks(void **context)
{
    (void)context;
    struct rf_list list;
    for (uint32_t l = 0; l < LISTS; l++) {
        const struct expected *expected = &lists[l];
        open_list(&list, expected);
        for (unsigned i = 0; list.blocks > 1 && i < 300; i++) {
            uint32_t from = (uint32_t)random_below(&state, list.blocks + 1);
            uint32_t doc = i % 2 ? expected->docs[random_below(&state, list.df)] + (uint32_t)random_below(&state, 2)
                                 : (uint32_t)random_below(&state, DOCS + 10);
            uint32_t block = from;
            while (block < list.blocks && expected->docs[block + 1 < list.blocks ? block * RF_BLOCK + 127 : list.df - 1] < doc)
                block++;
            assert_int_equal(rf_list_find_block(&list, from, doc), block);
        }
    }
}

/* ---- What long lists tell ---- */

static uint32_t saturation_of(const struct expected *expected, uint32_t i)
{
    return rf_saturation(&scorer, expected->tfs[i], lengths[expected->docs[i]]);
}

/* Bounds of 2^bits docs each, in `codes`. */
static void check_maxima(const struct rf_list *list, const struct expected *expected, const uint8_t *codes, unsigned bits)
{
    static uint32_t maxima[(DOCS >> RF_FINE_BITS) + 1];
    uint32_t highest = 0, parts = ((DOCS - 1) >> bits) + 1, steps = list->fine_maxima ? 1 : 17;
    uint8_t joined[RANGES + RF_PADDING];
    if (!list->fine_maxima) {
        rf_list_codes(list, 0, RANGES, joined);
        codes = joined;
    }
    memset(maxima, 0, sizeof maxima);
    for (uint32_t i = 0; i < expected->df; i++) {
        uint32_t saturation = saturation_of(expected, i), *maximum = &maxima[expected->docs[i] >> bits];
        *maximum = saturation > *maximum ? saturation : *maximum;
        highest = saturation > highest ? saturation : highest;
    }
    for (uint32_t r = 0; r < parts; r++) {
        assert_int_equal(codes[r] == 0, maxima[r] == 0);
        if (!maxima[r])
            continue;
        double bound = list->maxima_low + (double)list->maxima_step * codes[r], maximum = maxima[r] * 0x1p-31;
        assert_true(bound * (1 - 0x1p-22) >= maximum);                               /* however product and sum are rounded */
        assert_true(bound <= (maximum + steps * list->maxima_step) * (1 + 0x1p-19)); /* and no higher than it must be */
        if (maxima[r] == highest)
            assert_true(bound <= maximum * (1 + 0x1p-19) + 0x1p-24);
    }
}

static int falling(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x < y) - (x > y);
}

static void check_bests(const struct rf_list *list, const struct expected *expected)
{
    uint32_t *saturations = malloc(expected->df * sizeof *saturations);
    for (uint32_t i = 0; i < expected->df; i++) {
        uint32_t tf = expected->tfs[i] < RF_TABLE_TFS - 1 ? expected->tfs[i] : RF_TABLE_TFS - 1;
        saturations[i] = rf_saturation(&scorer, tf, lengths[expected->docs[i]]);
    }
    qsort(saturations, expected->df, sizeof *saturations, falling);
    for (uint32_t i = 0, rank = 10; i < RF_BESTS; i++, rank *= 10) {
        assert_int_equal(list->bests[i].tf == 0, expected->df < rank);
        if (expected->df >= rank)
            assert_int_equal(rf_saturation(&scorer, list->bests[i].tf, list->bests[i].length), saturations[rank - 1]);
    }
    free(saturations);
}

static void check_bitmap(const struct rf_list *list, const struct expected *expected)
{
    uint8_t bits[(DOCS + 7) / 8] = {0};
    uint32_t before = 0;
    for (uint32_t i = 0; i < expected->df; i++)
        bits[expected->docs[i] / 8] |= (uint8_t)(1 << expected->docs[i] % 8);
    assert_memory_equal(list->bitmap, bits, sizeof bits);
    for (uint32_t r = 0; r < RANGES; r++) {
        while (before < expected->df && expected->docs[before] < r * RF_RANGE)
            before++;
        assert_int_equal(rf_bits_before(list->ranks, r), before);
    }
}

static void test_what_long_lists_tell(void **context)
{
    (void)context;
    struct rf_list list;
    unsigned told[3] = {0};
    for (uint32_t l = 0; l < LISTS; l++) {
        open_list(&list, &lists[l]);
        bool is_long = list.df > RF_BLOCK;
        assert_int_equal(list.maxima != NULL, is_long && list.df * 256 >= DOCS);
        assert_int_equal(list.bitmap != NULL, is_long && list.df * 16 >= DOCS);
        assert_int_equal(list.fine_maxima != NULL, is_long && list.df * 32 >= DOCS);
        if (list.maxima)
            check_maxima(&list, &lists[l], list.maxima, RF_RANGE_BITS);
        if (list.fine_maxima)
            check_maxima(&list, &lists[l], list.fine_maxima, RF_FINE_BITS);
        if (list.bitmap)
            check_bitmap(&list, &lists[l]);
        if (is_long)
            check_bests(&list, &lists[l]);
        for (int i = 0; !is_long && i < RF_BESTS; i++)
            assert_int_equal(list.bests[i].tf, 0);
        told[0] += is_long, told[1] += list.maxima != NULL, told[2] += list.bitmap != NULL;
    }
    assert_true(told[0] > told[1] && told[1] > told[2] && told[2] > 5);
}

/* ---- Damage ---- */

/* Errors, or postings that ascend within the segment; what is read out of bounds is seen under AddressSanitizer. */
static void read_all(const struct rf_term *info)
{
    struct rf_list list;
    struct rf_block block;
    uint32_t docs[RF_BLOCK + RF_PADDING], tfs[RF_BLOCK + RF_PADDING], tf;
    if (rf_list_open(&list, segment, info, &error)) {
        assert_int_equal(error.status, RIFFLE_CORRUPT);
        return;
    }
    if (list.maxima)
        assert_true(list.maxima_low + 255 * list.maxima_step < 2);
    for (uint32_t b = 0; b < list.blocks; b++) {
        if (rf_list_block(&list, b, &block, &error) || rf_list_docs(&list, &block, docs, &error))
            continue;
        for (uint32_t i = 0; i < block.count; i++)
            assert_true(docs[i] >= block.base && docs[i] <= block.last && (!i || docs[i] > docs[i - 1]) && docs[i] < DOCS);
        if (rf_list_tfs(&list, &block, tfs, &error) == RIFFLE_OK)
            for (uint32_t i = 0; i < block.count; i++)
                assert_true(tfs[i]);
        for (uint32_t i = 0; i < block.count; i += 1 + i / 4) {
            if (rf_list_some_tfs(&list, &block, &i, 1, &tf, &error))
                continue;
            assert_true(tf); /* not always the same: an exception may be there twice */
            if (!list.has_positions || tf > 100000)
                continue;
            uint32_t *positions = malloc((tf + RF_PADDING) * sizeof *positions);
            read_positions(&list, &block, i, tf, positions);
            free(positions);
        }
    }
    for (uint32_t i = 0; i < 20; i++)
        rf_list_find_block(&list, (uint32_t)random_below(&state, list.blocks + 1), (uint32_t)random_next(&state));
}

/* Some values for each byte of a file's part; for one of many bytes not for each. */
static void damage(uint8_t *bytes, size_t n, const struct rf_term *info)
{
    static const uint8_t flips[] = {1, 0x40, 0x80, 0xff};
    size_t step = n / 300 + 1;
    for (size_t at = 0; at < n; at += at < 100 ? 1 : 1 + random_below(&state, 2 * step)) {
        uint8_t before = bytes[at];
        for (size_t i = 0; i < sizeof flips; i++) {
            bytes[at] = before ^ flips[i];
            read_all(info);
        }
        bytes[at] = before;
    }
}

static void test_damage(void **context)
{
    (void)context;
    struct rf_span docs = segment->doc_data, positions = segment->position_data;
    for (uint32_t l = 0; l < LISTS; l++) {
        struct rf_term info;
        bool found;
        OK(rf_segment_find(segment, lists[l].term, 4, &found, &info, &error));
        if (info.df > 7000)
            continue;
        /* In memory of their own, with no more behind them than is promised. */
        uint8_t *doc_bytes = malloc(info.docs_bytes + RF_OVERREAD), *position_bytes = malloc(info.positions_bytes + RF_OVERREAD);
        memcpy(doc_bytes, docs.data + info.docs_at, info.docs_bytes);
        memcpy(position_bytes, positions.data + info.positions_at, info.positions_bytes);
        memset(doc_bytes + info.docs_bytes, 0, RF_OVERREAD);
        memset(position_bytes + info.positions_bytes, 0, RF_OVERREAD);
        info.docs_at = info.positions_at = 0;
        segment->doc_data = (struct rf_span){doc_bytes, info.docs_bytes};
        segment->position_data = (struct rf_span){position_bytes, info.positions_bytes};
        read_all(&info);
        damage(doc_bytes, info.docs_bytes, &info);
        damage(position_bytes, info.positions_bytes, &info);
        free(doc_bytes);
        free(position_bytes);
        segment->doc_data = docs;
        segment->position_data = positions;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_blocks_in_any_order),  cmocka_unit_test(test_places),
        cmocka_unit_test(test_every_posting_alone),  cmocka_unit_test(test_finding_blocks),
        cmocka_unit_test(test_what_long_lists_tell), cmocka_unit_test(test_damage),
    };
    return cmocka_run_group_tests_name("lists", tests, set_up, tear_down);
}
