/* SPDX-License-Identifier: BSD-3-Clause */
/* Postings written and read back: random lists of every length against plain arrays, in all orders that a cursor allows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "store/cursor.h"
#include "store/postings.h"
#include "store/segment_files.h"
#include "tests/support/scratch.h"

enum { DOCS = 300000, TERMS = 1000 };

/* A list as the test knows it. Positions of posting i are at starts[i]. */
struct list {
    char term[8];
    bool has_positions;
    uint32_t df;
    uint32_t *docs, *tfs, *positions;
    uint64_t *starts;
};

static char folder[SCRATCH_PATH];
static uint64_t state = 7;
static uint8_t lengths[DOCS];
static struct list lists[TERMS];
static struct rf_segment *segment;
static const riffle_allocator *const allocator = &rf_malloc_allocator;
static riffle_error error;

/* ---- Making lists ---- */

static uint32_t random_gap(unsigned style, uint32_t room)
{
    uint32_t gap = 0;
    switch (style) {
    case 0: /* every doc */
        break;
    case 1: /* dense: a bitset is smaller */
        gap = (uint32_t)random_below(&state, 3);
        break;
    case 2:
        gap = (uint32_t)random_below(&state, 40);
        break;
    case 3: /* dense, with a few leaps, which are exceptions */
        gap = random_below(&state, 60) ? (uint32_t)random_below(&state, 2) : (uint32_t)random_below(&state, 3000);
        break;
    default:
        gap = (uint32_t)random_below(&state, 290);
        break;
    }
    return gap < room ? gap : room;
}

static uint32_t random_tf(unsigned style)
{
    switch (style) {
    case 0:
        return 1;
    case 1:
        return 1 + (uint32_t)random_below(&state, 3);
    case 2: /* a few high ones */
        return random_below(&state, 100) ? 1 : 1 + (uint32_t)random_below(&state, 700);
    default:
        return 1 + (uint32_t)random_below(&state, 20);
    }
}

static uint32_t random_stem_tf(void)
{
    return random_below(&state, 50) ? random_tf(1) : 1 + (uint32_t)random_below(&state, 4000000000u);
}

static void make_list(struct list *list, uint32_t number, uint32_t df, bool has_positions)
{
    snprintf(list->term, sizeof list->term, "t%05u", (unsigned)number);
    if (!has_positions)
        list->term[0] = RF_PREFIX_STEM;
    list->df = df;
    list->has_positions = has_positions;
    list->docs = malloc(df * sizeof *list->docs);
    list->tfs = malloc(df * sizeof *list->tfs);
    list->starts = malloc((df + 1) * sizeof *list->starts);
    unsigned gaps = number % 5, tfs = number / 5 % 4;
    uint64_t positions = 0;
    uint32_t next = number % 3 ? (uint32_t)random_below(&state, 1000) : 0;
    for (uint32_t i = 0; i < df; i++) {
        next += random_gap(gaps, DOCS - 1 - next - (df - 1 - i));
        list->docs[i] = next++;
        list->tfs[i] = has_positions ? random_tf(tfs) : random_stem_tf();
        list->starts[i] = positions;
        positions += has_positions ? list->tfs[i] : 0;
    }
    list->starts[df] = positions;
    list->positions = malloc((size_t)(positions + 1) * sizeof *list->positions);
    for (uint32_t i = 0; has_positions && i < df; i++) {
        uint32_t tf = list->tfs[i], *out = list->positions + list->starts[i], position = 0;
        bool wide = random_below(&state, 100) == 0;
        for (uint32_t j = 0; j < tf; j++) {
            position += (uint32_t)random_below(&state, wide ? 4000000 : 1u << random_below(&state, 8));
            out[j] = position++;
        }
        if (random_below(&state, 200) == 0)
            out[tf - 1] = UINT32_MAX - 1; /* the largest there is */
    }
}

static void write_list(struct rf_postings_writer *writer, const struct list *list)
{
    rf_postings_begin(writer, list->term, 6, list->has_positions);
    for (uint32_t i = 0; i < list->df; i++)
        rf_postings_add(writer, list->docs[i], list->tfs[i], list->has_positions ? list->positions + list->starts[i] : NULL);
    struct rf_term info = rf_postings_end(writer);
    assert_int_equal(info.df, list->df);
}

/* Lists of 1, 2, ... 1000 postings: surface forms, then as many stems. */
static int set_up(void **context)
{
    (void)context;
    scratch_make(folder);
    for (size_t i = 0; i < DOCS; i++)
        lengths[i] = (uint8_t)random_next(&state);
    struct rf_postings_writer *writer = malloc(sizeof *writer);
    struct rf_segment_entry entry = {0};
    OK(rf_postings_create(writer, folder, 1, lengths, 0, allocator, &error));
    for (uint32_t i = 0; i < TERMS; i++) {
        bool stem = i >= TERMS / 2;
        make_list(&lists[i], i, stem ? (i - TERMS / 2) * 2 + 1 : i < 260 ? i + 1 : i * 2, !stem);
        write_list(writer, &lists[i]);
    }
    OK(rf_postings_finish(writer, &entry, &error));
    rf_postings_release(writer, false);
    free(writer);
    OK(rf_segment_open_run(&segment, folder, 1, DOCS, lengths, allocator, &error));
    return 0;
}

static int tear_down(void **context)
{
    (void)context;
    rf_segment_close(segment);
    for (uint32_t i = 0; i < TERMS; i++) {
        free(lists[i].docs);
        free(lists[i].tfs);
        free(lists[i].positions);
        free(lists[i].starts);
    }
    scratch_remove(folder);
    return 0;
}

/* ---- Reading them ---- */

static void open_list(struct rf_cursor *cursor, const struct list *list)
{
    struct rf_term info;
    bool found;
    OK(rf_segment_find(segment, list->term, 6, &found, &info, &error));
    assert_true(found);
    assert_int_equal(info.df, list->df);
    assert_int_equal(info.has_positions, list->has_positions);
    assert_true(info.cf == list->starts[list->df]);
    OK(rf_cursor_open(cursor, segment, &info, &error));
    assert_int_equal(cursor->df, list->df);
    assert_int_equal(cursor->has_positions, list->has_positions);
}

/* The block at hand is number `block` of the list; nothing is decoded by this. */
static void check_head(const struct rf_cursor *cursor, const struct list *list, uint32_t block)
{
    uint32_t first = block * RF_BLOCK, count = list->df - first < RF_BLOCK ? list->df - first : RF_BLOCK;
    assert_int_equal(cursor->count, count);
    assert_int_equal(cursor->last_doc, list->docs[first + count - 1]);
    for (uint32_t i = first; i < first + count; i++) {
        assert_true(cursor->bound_tf >= list->tfs[i]);
        assert_true(cursor->bound_length <= lengths[list->docs[i]]);
    }
}

static void check_docs(struct rf_cursor *cursor, const struct list *list, uint32_t block)
{
    uint32_t first = block * RF_BLOCK;
    OK(rf_cursor_docs(cursor, &error));
    assert_memory_equal(cursor->docs, list->docs + first, cursor->count * sizeof *cursor->docs);
    for (uint32_t i = cursor->count; i < RF_BLOCK; i++)
        assert_int_equal(cursor->docs[i], RF_NO_DOC);
}

static void check_tfs(struct rf_cursor *cursor, const struct list *list, uint32_t block)
{
    OK(rf_cursor_tfs(cursor, &error));
    assert_memory_equal(cursor->tfs, list->tfs + (size_t)block * RF_BLOCK, cursor->count * sizeof *cursor->tfs);
}

static void check_positions(struct rf_cursor *cursor, const struct list *list, uint32_t block, uint32_t i)
{
    uint32_t at = block * RF_BLOCK + i, *out = malloc((list->tfs[at] + RF_PADDING) * sizeof *out);
    OK(rf_cursor_positions(cursor, i, out, &error));
    assert_memory_equal(out, list->positions + list->starts[at], list->tfs[at] * sizeof *out);
    free(out);
}

static void check_end(struct rf_cursor *cursor)
{
    for (int again = 0; again < 2; again++) {
        assert_int_equal(cursor->count, 0);
        assert_int_equal(cursor->last_doc, RF_NO_DOC);
        OK(rf_cursor_docs(cursor, &error));
        OK(rf_cursor_tfs(cursor, &error));
        if (again)
            OK(rf_cursor_next_block(cursor, &error));
        else
            OK(rf_cursor_seek_block(cursor, 0, &error));
    }
}

static void test_block_after_block(void **context)
{
    (void)context;
    struct rf_cursor cursor;
    for (uint32_t t = 0; t < TERMS; t++) {
        const struct list *list = &lists[t];
        open_list(&cursor, list);
        uint32_t blocks = (list->df + RF_BLOCK - 1) / RF_BLOCK;
        for (uint32_t block = 0; block < blocks; block++) {
            OK(rf_cursor_next_block(&cursor, &error));
            check_head(&cursor, list, block);
            check_docs(&cursor, list, block);
            check_tfs(&cursor, list, block);
            for (uint32_t i = 0; list->has_positions && i < cursor.count; i++)
                check_positions(&cursor, list, block, i);
        }
        OK(rf_cursor_next_block(&cursor, &error));
        check_end(&cursor);
    }
}

static void test_positions_in_any_order(void **context)
{
    (void)context;
    struct rf_cursor cursor;
    for (uint32_t t = 0; t < TERMS / 2; t++) {
        const struct list *list = &lists[t];
        open_list(&cursor, list);
        for (uint32_t block = 0; block * RF_BLOCK < list->df; block++) {
            OK(rf_cursor_next_block(&cursor, &error));
            if (random_below(&state, 3) == 0)
                continue; /* a block that nobody looks into */
            uint32_t asked = 1 + (uint32_t)random_below(&state, 40);
            for (uint32_t i = 0; i < asked; i++) /* straight for positions: docs and tfs come by themselves */
                check_positions(&cursor, list, block, (uint32_t)random_below(&state, cursor.count));
            check_docs(&cursor, list, block);
            check_tfs(&cursor, list, block);
        }
    }
}

/* The block that a seek from block `at` (UINT32_MAX: from the start) is to end in. */
static uint32_t naive_seek(const struct list *list, uint32_t at, uint32_t doc)
{
    uint32_t block = at == UINT32_MAX ? 0 : at;
    for (; block * RF_BLOCK < list->df; block++) {
        uint32_t last = block * RF_BLOCK + RF_BLOCK - 1;
        if (list->docs[last < list->df ? last : list->df - 1] >= doc)
            break;
    }
    return block;
}

static void test_seeks(void **context)
{
    (void)context;
    struct rf_cursor cursor;
    for (uint32_t round = 0; round < 30 * TERMS; round++) {
        const struct list *list = &lists[round % TERMS];
        open_list(&cursor, list);
        uint32_t block = UINT32_MAX, target = 0, step = 1u << random_below(&state, 19);
        do {
            uint32_t near = (uint32_t)random_below(&state, list->df);
            switch (random_below(&state, 5)) {
            case 0: /* onto a doc of the list, or beside it */
                target = list->docs[near] + (uint32_t)random_below(&state, 3);
                target -= target > 0;
                break;
            case 1: /* back: stays */
                target = target / 2;
                break;
            default:
                target += (uint32_t)random_below(&state, step);
            }
            if (random_below(&state, 4)) {
                OK(rf_cursor_seek_block(&cursor, target, &error));
                block = naive_seek(list, block, target);
            } else {
                OK(rf_cursor_next_block(&cursor, &error));
                block++;
            }
            if (block * RF_BLOCK >= list->df)
                break;
            check_head(&cursor, list, block);
            if (random_below(&state, 2))
                check_docs(&cursor, list, block);
            if (random_below(&state, 2))
                check_tfs(&cursor, list, block);
            if (list->has_positions && random_below(&state, 2))
                check_positions(&cursor, list, block, (uint32_t)random_below(&state, cursor.count));
        } while (random_below(&state, 40));
        if (block != UINT32_MAX && block * RF_BLOCK >= list->df)
            check_end(&cursor);
    }
}

static void test_all_kinds_of_blocks_are_there(void **context)
{
    (void)context;
    unsigned bitsets = 0, gap_exceptions = 0, tf_exceptions = 0, plain = 0;
    struct rf_cursor cursor;
    for (uint32_t t = 0; t < TERMS; t++) {
        if (lists[t].df <= RF_BLOCK)
            continue;
        open_list(&cursor, &lists[t]);
        for (uint32_t block = 0; block * RF_BLOCK < lists[t].df; block++) {
            uint32_t start = rf_load32(cursor.list.entries + (size_t)block * RF_ENTRY + 4);
            uint32_t header = rf_load32(cursor.list.data + start);
            bitsets += (header & 63) == RF_DOCS_BITSET;
            gap_exceptions += (header >> 6 & 31) != 0;
            tf_exceptions += (header >> 22 & 31) != 0;
            plain += (header & 63) < 33 && !(header >> 6 & 31);
        }
    }
    assert_true(bitsets > 100 && gap_exceptions > 100 && tf_exceptions > 100 && plain > 100);
}

static void check_checksums(const char *name, const char *kind)
{
    struct rf_container container;
    char path[2 * SCRATCH_PATH];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    OK(rf_container_open(&container, path, kind, &error));
    for (uint32_t i = 0; i < container.count; i++) {
        struct rf_span span;
        OK(rf_container_find_verified(&container, path, container.sections[i].tag, &span, &error));
    }
    rf_container_close(&container);
}

/* Of all sections, those too that nobody verifies when an index is opened. */
static void test_checksums_of_sections(void **context)
{
    (void)context;
    check_checksums("000001.terms", RF_KIND_TERMS);
    check_checksums("000001.docs", RF_KIND_DOCS);
    check_checksums("000001.positions", RF_KIND_POSITIONS);
}

/* ---- One list each ---- */

static void test_a_term_a_million_times_in_one_doc(void **context)
{
    (void)context;
    enum { TIMES = 1000000 };
    struct rf_postings_writer *writer = malloc(sizeof *writer);
    struct rf_segment_entry entry;
    struct rf_segment *run;
    uint32_t *positions = malloc(TIMES * sizeof *positions), *back = malloc((TIMES + RF_PADDING) * sizeof *back);
    for (uint32_t i = 0; i < TIMES; i++)
        positions[i] = i * 3 + i % 2;
    OK(rf_postings_create(writer, folder, 2, lengths, 0, allocator, &error));
    for (int term = 0; term < 3; term++) { /* alone; behind one that had been held back for the dictionary; before it */
        rf_postings_begin(writer, (const char *[]){"a", "b", "c"}[term], 1, true);
        if (term == 1)
            rf_postings_add(writer, 3, 1, &positions[7]);
        rf_postings_add(writer, 5, TIMES, positions);
        if (term == 2)
            rf_postings_add(writer, 6, 1, &positions[7]);
        struct rf_term info = rf_postings_end(writer);
        assert_int_equal(info.cf, TIMES + (term > 0));
    }
    OK(rf_postings_finish(writer, &entry, &error));
    rf_postings_release(writer, false);
    free(writer);
    OK(rf_segment_open_run(&run, folder, 2, DOCS, lengths, allocator, &error));
    for (int term = 0; term < 3; term++) {
        struct rf_cursor cursor;
        struct rf_term info;
        bool found;
        OK(rf_segment_find(run, (const char *[]){"a", "b", "c"}[term], 1, &found, &info, &error));
        OK(rf_cursor_open(&cursor, run, &info, &error));
        OK(rf_cursor_next_block(&cursor, &error));
        OK(rf_cursor_tfs(&cursor, &error));
        uint32_t large = term == 1 ? 1 : 0;
        assert_int_equal(cursor.docs[large], 5);
        assert_int_equal(cursor.tfs[large], TIMES);
        OK(rf_cursor_positions(&cursor, large, back, &error));
        assert_memory_equal(back, positions, TIMES * sizeof *back);
        if (term) {
            OK(rf_cursor_positions(&cursor, 1 - large, back, &error));
            assert_int_equal(back[0], positions[7]);
        }
    }
    rf_segment_close(run);
    free(positions);
    free(back);
}

static void test_docs_are_mapped_while_writing_goes_on(void **context)
{
    (void)context;
    struct rf_postings_writer *writer = malloc(sizeof *writer);
    struct rf_segment_entry entry;
    struct rf_segment *run;
    struct rf_term first, second;
    struct rf_map map;
    struct rf_segment half = {.doc_count = DOCS, .length_codes = lengths, .name = "half", .is_run = true};
    struct rf_cursor cursor;
    uint32_t position = 4;
    OK(rf_postings_create(writer, folder, 3, lengths, 0, allocator, &error));
    rf_postings_begin(writer, "first", 5, true);
    for (uint32_t doc = 0; doc < 1000; doc++)
        rf_postings_add(writer, doc * 7, 1, &position);
    first = rf_postings_end(writer);
    first.has_positions = false; /* only docs are mapped */
    first.positions_at = first.positions_bytes = 0;
    OK(rf_postings_map_docs(writer, &map, &half.doc_data, &error));
    rf_postings_begin(writer, "\377second", 7, false);
    uint32_t docs = 0;
    OK(rf_cursor_open(&cursor, &half, &first, &error));
    for (unsigned block = 0; block < 8; block++) {
        OK(rf_cursor_next_block(&cursor, &error));
        OK(rf_cursor_tfs(&cursor, &error));
        for (uint32_t i = 0; i < cursor.count; i++) {
            assert_int_equal(cursor.docs[i], 7 * docs++);
            rf_postings_add(writer, cursor.docs[i], cursor.tfs[i] + 1, NULL);
        }
    }
    assert_int_equal(docs, 1000);
    rf_postings_end(writer);
    rf_map_close(&map);
    OK(rf_postings_finish(writer, &entry, &error));
    rf_postings_release(writer, false);
    free(writer);
    OK(rf_segment_open_run(&run, folder, 3, DOCS, lengths, allocator, &error));
    bool found;
    OK(rf_segment_find(run, "\377second", 7, &found, &second, &error));
    assert_true(found);
    OK(rf_cursor_open(&cursor, run, &second, &error));
    OK(rf_cursor_seek_block(&cursor, 6993, &error));
    OK(rf_cursor_tfs(&cursor, &error));
    assert_int_equal(cursor.docs[cursor.count - 1], 6993);
    assert_int_equal(cursor.tfs[cursor.count - 1], 2);
    rf_segment_close(run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_block_after_block),
        cmocka_unit_test(test_positions_in_any_order),
        cmocka_unit_test(test_seeks),
        cmocka_unit_test(test_all_kinds_of_blocks_are_there),
        cmocka_unit_test(test_checksums_of_sections),
        cmocka_unit_test(test_a_term_a_million_times_in_one_doc),
        cmocka_unit_test(test_docs_are_mapped_while_writing_goes_on),
    };
    return cmocka_run_group_tests_name("postings", tests, set_up, tear_down);
}
