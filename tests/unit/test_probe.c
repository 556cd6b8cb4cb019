/* SPDX-License-Identifier: BSD-3-Clause */
/* A list and its block at hand: docs looked up, and blocks sought, in any order, against plain arrays; with all kernels. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "query/batch.h"
#include "store/postings.h"
#include "store/segment_files.h"
#include "tests/support/scratch.h"

/* The last range is not whole, nor is the last byte of bitmaps. */
enum { DOCS = 20011, MOST_ASKED = 3000 };

/* A posting alone, a block, blocks without bounds, with them, with bitmaps (from 2502 on), nearly and truly all docs. */
static const uint32_t sizes[] = {1, 1, 2, 100, 128, 129, 200, 257, 640, 1500, 2501, 2502, 6000, 15000, 20000, DOCS};
enum { LISTS = sizeof sizes / sizeof *sizes };

static char folder[SCRATCH_PATH];
static uint64_t state = 5;
static uint8_t lengths[DOCS];
static uint32_t tfs_of[LISTS][DOCS]; /* by doc; 0: the list has it not */
static struct rf_segment *segment;
static const riffle_allocator *const allocator = &rf_malloc_allocator;
static riffle_error error;

/* Anywhere; or, every other list, mostly in one part of the segment. */
static void choose(uint32_t *tfs, uint32_t df, bool crowded)
{
    uint32_t part = df + (DOCS - df) / 8, from = (uint32_t)random_below(&state, DOCS - part + 1);
    while (df) {
        uint32_t doc = crowded && random_below(&state, 50) ? from + (uint32_t)random_below(&state, part)
                                                           : (uint32_t)random_below(&state, DOCS);
        if (tfs[doc])
            continue;
        tfs[doc] = 1 + (uint32_t)random_below(&state, random_below(&state, 30) ? 3 : 200);
        df--;
    }
}

static void set_term(char term[4], uint32_t list)
{
    memcpy(term, "l00", 4);
    term[1] = (char)('0' + list / 10);
    term[2] = (char)('0' + list % 10);
}

static int set_up(void **context)
{
    (void)context;
    scratch_make(folder);
    struct rf_postings_writer *writer = malloc(sizeof *writer);
    struct rf_segment_entry entry = {0};
    memset(lengths, 40, sizeof lengths);
    OK(rf_postings_create(writer, folder, 1, lengths, DOCS, allocator, &error));
    for (uint32_t l = 0; l < LISTS; l++) {
        char term[4];
        set_term(term, l);
        choose(tfs_of[l], sizes[l], l % 2);
        rf_postings_begin(writer, term, 3, false);
        for (uint32_t doc = 0; doc < DOCS; doc++)
            if (tfs_of[l][doc])
                rf_postings_add(writer, doc, tfs_of[l][doc], NULL);
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
    scratch_remove(folder);
    return 0;
}

static void open_postings(struct rf_postings *postings, uint32_t l)
{
    struct rf_term info;
    char term[4];
    bool found;
    set_term(term, l);
    OK(rf_segment_find(segment, term, 3, &found, &info, &error));
    assert_true(found);
    OK(rf_postings_open(postings, segment, &info, &error));
    assert_int_equal(postings->list.df, sizes[l]);
    assert_int_equal(postings->list.bitmap != NULL, sizes[l] * 16 >= DOCS);
}

/* Docs to ask for, ascending: a few from anywhere; all of a stretch; or those of the list, with neighbours between them. */
static size_t choose_docs(uint32_t l, uint32_t *docs)
{
    size_t n = 0, most = random_below(&state, 4) ? random_below(&state, 40) : random_below(&state, MOST_ASKED);
    uint32_t from = (uint32_t)random_below(&state, DOCS), how = (uint32_t)random_below(&state, 4);
    uint32_t step = 1 + (uint32_t)random_below(&state, how ? 300 : 2);
    for (uint32_t doc = random_below(&state, 3) ? from : 0; doc < DOCS && n < most; doc++)
        if (how < 2          ? random_below(&state, step) == 0
            : tfs_of[l][doc] ? random_below(&state, how) == 0
                             : random_below(&state, step) == 0)
            docs[n++] = doc;
    return n;
}

static void check_probe(struct rf_postings *postings, uint32_t l, bool with_tfs)
{
    /* Of the very size that is promised, so that AddressSanitizer sees what passes it. */
    uint32_t chosen[MOST_ASKED];
    size_t n = choose_docs(l, chosen), room = (n + RF_PADDING) * sizeof(uint32_t), found, expected = 0;
    uint32_t *docs = calloc(1, room), *places = malloc(room), *tfs = malloc(room);
    memcpy(docs, chosen, n * sizeof *docs);
    OK(rf_batch_join(postings, docs, n, places, NULL, with_tfs ? tfs : NULL, &found, &error));
    for (uint32_t i = 0; i < n; i++) {
        uint32_t tf = tfs_of[l][docs[i]];
        if (!tf)
            continue;
        assert_true(expected < found);
        assert_int_equal(places[expected], i);
        if (with_tfs)
            assert_int_equal(tfs[expected], tf);
        expected++;
    }
    assert_int_equal(found, expected);
    assert_memory_equal(docs, chosen, n * sizeof *docs);
    free(docs);
    free(places);
    free(tfs);
}

/* The block at hand is the first whose last doc is at or behind the one sought, and what is decoded is its own. */
static void check_seek(struct rf_postings *postings, uint32_t l)
{
    uint32_t doc = (uint32_t)random_below(&state, DOCS), left = 0, docs = 0;
    bool found;
    for (uint32_t d = doc; d < DOCS; d++)
        left += tfs_of[l][d] > 0;
    uint32_t before = sizes[l] - left;
    OK(rf_postings_seek(postings, doc, &found, &error));
    if (sizes[l] <= RF_BLOCK) /* without a record it may be anywhere */
        assert_true(found && postings->block.number == 0);
    else
        assert_int_equal(found, left > 0);
    if (!found)
        return;
    if (sizes[l] > RF_BLOCK)
        assert_int_equal(postings->block.number, before / RF_BLOCK);
    if (random_below(&state, 2))
        OK(rf_postings_docs(postings, &error));
    if (random_below(&state, 2))
        OK(rf_postings_tfs(postings, &error));
    for (uint32_t d = 0, at = 0, first = postings->block.number * RF_BLOCK; d < DOCS; d++) {
        if (!tfs_of[l][d])
            continue;
        if (at >= first && at < first + postings->block.count) {
            if (postings->has_docs)
                assert_int_equal(postings->docs[at - first], d);
            if (postings->has_tfs)
                assert_int_equal(postings->tfs[at - first], tfs_of[l][d]);
            docs++;
        }
        at++;
    }
    assert_int_equal(docs, postings->block.count);
}

static void test_docs_in_any_order(void **context)
{
    (void)context;
    const struct rf_kernels *usual = rf_kernels;
    struct rf_postings *postings = malloc(sizeof *postings);
    for (size_t k = 0; (rf_kernels = rf_kernels_at(k)); k++)
        for (uint32_t l = 0; l < LISTS; l++) {
            open_postings(postings, l);
            for (int i = 0; i < 300; i++) {
                check_probe(postings, l, random_below(&state, 3));
                if (random_below(&state, 4) == 0)
                    check_seek(postings, l);
            }
        }
    rf_kernels = usual;
    free(postings);
}

/* Each doc by itself, forwards and backwards. */
static void test_single_docs(void **context)
{
    (void)context;
    struct rf_postings *postings = malloc(sizeof *postings);
    for (uint32_t l = 0; l < LISTS; l++) {
        open_postings(postings, l);
        for (uint32_t i = 0; i < 2 * DOCS; i++) {
            uint32_t docs[1 + RF_PADDING] = {i < DOCS ? i : 2 * DOCS - 1 - i}, places[1 + RF_PADDING], tfs[1 + RF_PADDING];
            size_t found;
            OK(rf_batch_join(postings, docs, 1, places, NULL, tfs, &found, &error));
            assert_int_equal(found, tfs_of[l][docs[0]] > 0);
            if (found)
                assert_true(places[0] == 0 && tfs[0] == tfs_of[l][docs[0]]);
        }
    }
    free(postings);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_docs_in_any_order),
        cmocka_unit_test(test_single_docs),
    };
    return cmocka_run_group_tests_name("probing lists", tests, set_up, tear_down);
}
