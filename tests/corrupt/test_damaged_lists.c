/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Searches over long lists that are damaged: records, bests, bounds, ranks, bitmaps, blocks, positions, pairs. The index is larger than those of
 * test_corrupt.c, so damage is drawn and not tried everywhere. RIFFLE_SEED and RIFFLE_ROUNDS draw other and more of it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "riffle.h"
#include "tests/support/scratch.h"

enum { ARTICLES = 40000, ROUNDS = 400 };

static char folder[SCRATCH_PATH];
static riffle_error error;
static uint64_t state = 1;

/*
 * Words, each in one of so many articles: with bitmaps, with bounds of two kinds and of one, without, in one block, alone. Of the first three
 * there are pairs: with "and" between most words, lists of some, and how many docs have others.
 */
static const struct {
    const char *text;
    uint32_t every;
} words[] = {{"most", 2}, {"many", 4}, {"some", 25}, {"few", 90}, {"fewer", 270}, {"rare", 800}, {"single", ARTICLES}};

static const char *const queries[] = {
    "most",
    "some few",
    "most many some",
    "most some few fewer rare single",
    "rare fewer most",
    "most -many",
    "+most +many",
    "+some +many",
    "+rare +most",
    "+fewer +some most",
    "+most many few",
    "+many -some",
    "\"most many\"",
    "\"many many most\"",
    "\"many some\"",
    "\"most and many\"",
    "\"some few\" most",
    "+\"most many some\" few",
    "fewer -\"most many\"",
    "(most some) (many few)",
    "mo* few",
};
enum { QUERIES = sizeof queries / sizeof *queries };

static int make(void **unused)
{
    (void)unused;
    riffle_writer_options options = RIFFLE_WRITER_OPTIONS_INIT;
    riffle_writer *writer;
    options.language = "none";
    options.passages = RIFFLE_PASSAGES_NONE;
    options.store = RIFFLE_STORE_NONE;
    scratch_make(folder);
    OK(riffle_writer_open(&writer, folder, &options, &error));
    for (unsigned i = 0; i < ARTICLES; i++) {
        char id[20], text[600];
        size_t n = 0;
        for (size_t w = 0; w < sizeof words / sizeof *words; w++)
            if (random_below(&state, words[w].every) == 0)
                for (uint64_t times = random_below(&state, 20) ? 1 + random_below(&state, 2) : 6; times; times--)
                    n += (size_t)sprintf(text + n, "%s %s", words[w].text, random_below(&state, 8) ? "and " : "");
        riffle_article article = {.id = id, .id_length = (size_t)sprintf(id, "%u", i), .text = text, .text_length = n};
        OK(riffle_writer_add(writer, &article, &error));
    }
    OK(riffle_writer_commit(writer, &error));
    riffle_writer_close(writer);
    return 0;
}

static int drop(void **unused)
{
    (void)unused;
    scratch_remove(folder);
    return 0;
}

/* An answer with hits of the index, in order; or the word that it is damaged. */
static riffle_status ask(const riffle_index *index, const char *query, uint64_t limit, bool count)
{
    riffle_search_options options = RIFFLE_SEARCH_OPTIONS_INIT;
    riffle_results *results;
    options.limit = limit;
    options.count_all = count;
    riffle_status status = riffle_search(index, query, strlen(query), &options, &results, &error);
    if (status) {
        if (status != RIFFLE_CORRUPT || !error.message[0])
            fail_msg("%s: status %d, '%s'", query, (int)status, error.message);
        return status;
    }
    double last = 1e300;
    assert_true(riffle_results_count(results) <= limit);
    for (size_t i = 0; i < riffle_results_count(results); i++) {
        riffle_hit hit = {.size = sizeof hit};
        OK(riffle_results_hit(results, i, &hit, &error));
        assert_true(hit.score <= last && hit.article < ARTICLES);
        last = hit.score;
    }
    riffle_results_free(results);
    return status;
}

/* Bytes between the header and the table of contents, some in a row. */
static void damage(uint8_t *bytes, size_t size)
{
    size_t at = 16 + (size_t)random_below(&state, size - 16 - 200),
           n = random_below(&state, 3) ? 1 : 1 + (size_t)random_below(&state, 40);
    uint64_t how = random_below(&state, 4);
    for (size_t i = at; i < at + n; i++)
        bytes[i] = how == 0   ? (uint8_t)random_next(&state)
                   : how == 1 ? 0xff
                   : how == 2 ? 0
                              : bytes[i] ^ (uint8_t)(1u << random_below(&state, 8));
}

static unsigned setting(const char *name, unsigned usual)
{
    const char *given = getenv(name);
    return given ? (unsigned)strtoul(given, NULL, 10) : usual;
}

static void search_damaged(const char *name)
{
    size_t size;
    unsigned corrupt = 0, answered = 0, rounds = setting("RIFFLE_ROUNDS", ROUNDS);
    uint8_t *sound = scratch_read(folder, name, &size, 0), *bytes = malloc(size);
    for (unsigned round = 0; round < rounds; round++) {
        riffle_index *index;
        memcpy(bytes, sound, size);
        for (uint64_t places = 1 + random_below(&state, 8); places; places--)
            damage(bytes, size);
        scratch_write(folder, name, bytes, size);
        riffle_status status = riffle_index_open(&index, folder, NULL, &error);
        if (status) { /* a part that is verified when it is opened */
            assert_int_equal(status, RIFFLE_CORRUPT);
            continue;
        }
        for (size_t q = 0; q < QUERIES; q++) {
            static const uint64_t limits[] = {10, 10, 1000, 0};
            uint64_t limit = limits[random_below(&state, 4)];
            if (ask(index, queries[q], limit, random_below(&state, 2)))
                corrupt++;
            else
                answered++;
        }
        riffle_index_close(index);
    }
    scratch_write(folder, name, sound, size);
    print_message("%s: %u told, %u answered\n", name, corrupt, answered);
    assert_true(corrupt && answered);
    free(sound);
    free(bytes);
}

static void test_sound(void **unused)
{
    (void)unused;
    riffle_index *index;
    OK(riffle_index_open(&index, folder, NULL, &error));
    for (size_t q = 0; q < QUERIES; q++)
        assert_int_equal(ask(index, queries[q], 10, true), RIFFLE_OK);
    riffle_index_close(index);
}

static void test_docs(void **unused)
{
    (void)unused;
    state = setting("RIFFLE_SEED", 1);
    search_damaged("000001.docs");
}

static void test_positions(void **unused)
{
    (void)unused;
    search_damaged("000001.positions");
}

static void test_terms(void **unused)
{
    (void)unused;
    search_damaged("000001.terms");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sound),
        cmocka_unit_test(test_docs),
        cmocka_unit_test(test_positions),
        cmocka_unit_test(test_terms),
    };
    return cmocka_run_group_tests_name("damaged lists", tests, make, drop);
}
