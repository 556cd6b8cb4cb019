/* SPDX-License-Identifier: BSD-3-Clause */
/* Shards; and imports into an index of the native engine: one shard alone, updates, options of an older program. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "riffle.h"
#include "tests/support/scratch.h"

enum { TEXTS = 40, LINES = 50, BAD_LINES = 2, ALL = TEXTS + LINES, SHARDS = 3 };

static char scratch[SCRATCH_PATH];
static unsigned problems;
static int progress_calls, stop_after;

static int enter(void **state)
{
    (void)state;
    problems = 0;
    progress_calls = stop_after = 0;
    scratch_make(scratch);
    return chdir(scratch);
}

static int leave(void **state)
{
    (void)state;
    scratch_remove(scratch);
    return chdir("/");
}

/* Some articles are files, some lines with an id of their own, some lines without; one file name and one id are no UTF-8. */
static void article_id(char id[40], int number)
{
    if (number == 7)
        strcpy(id, "in/\xe2\x82.txt");
    else if (number < TEXTS)
        snprintf(id, 40, "in/%02d.txt", number);
    else if (number == 43)
        strcpy(id, "\xff"
                   "43");
    else if (number % 2)
        snprintf(id, 40, "own-%d", number);
    else
        snprintf(id, 40, "in/lines.jsonl:%d", number - TEXTS + 1);
}

static void make_articles(void)
{
    char id[40];
    assert_int_equal(mkdir("in", 0700), 0);
    for (int i = 0; i < TEXTS; i++) {
        article_id(id, i);
        scratch_write(scratch, id, "A text", 6);
    }
    FILE *file = fopen("in/lines.jsonl", "w");
    assert_non_null(file);
    for (int i = TEXTS; i < ALL; i++) {
        article_id(id, i);
        if (strncmp(id, "in/", 3) != 0)
            fprintf(file, "{\"id\":\"%s\",\"text\":\"line\"}\n", id);
        else
            fputs("{\"text\":\"line\"}\n", file);
    }
    fputs("no JSON\n{\"id\":\"own-bad\",\"text\":{}}\n", file);
    fclose(file);
}

static void on_problem(void *context, const char *path, uint64_t line, riffle_status status, const char *message)
{
    (void)context, (void)path, (void)line, (void)message;
    assert_true(status != RIFFLE_OK);
    problems++;
}

static int on_progress(void *context, const riffle_import_counts *counts)
{
    (void)context, (void)counts;
    return ++progress_calls == stop_after;
}

static riffle_status import(const char *path, const char *what, const riffle_import_options *given, riffle_import_counts *counts)
{
    riffle_import_options options = *given;
    riffle_writer *writer;
    riffle_error error;
    *counts = (riffle_import_counts){0};
    options.on_problem = on_problem;
    options.on_progress = on_progress;
    OK(riffle_writer_open(&writer, path, NULL, &error));
    riffle_status status = riffle_writer_import(writer, what, &options, counts, &error);
    assert_int_equal(error.status, status);
    if (!status)
        OK(riffle_writer_commit(writer, &error));
    riffle_writer_close(writer);
    return status;
}

/* Is there an article with this id, or with what its bytes are repaired to? */
static bool has(const riffle_index *index, const char *id)
{
    uint64_t article;
    const char *kept = strcmp(id, "in/\xe2\x82.txt") == 0 ? "in/\xef\xbf\xbd.txt"
                       : id[0] == '\xff'                  ? "\xef\xbf\xbd"
                                                            "43"
                                                          : id;
    riffle_status status = riffle_index_find(index, kept, strlen(kept), &article, NULL);
    assert_true(status == RIFFLE_OK || status == RIFFLE_INVALID);
    return status == RIFFLE_OK;
}

static void shards_by_the_crc_of_the_id(void **state)
{
    (void)state;
    static const struct {
        const char *id, *stored;
        uint32_t crc; /* computed bit by bit, by another program */
    } known[] = {
        {"", "", 0},
        {"a", "a", 0xe8b7be43},
        {"123456789", "123456789", 0xcbf43926},
        {"news/2031/a.txt", "news/2031/a.txt", 0x47853217},
        {"항구", "항구", 0x5f58200f},
        {"\xe2\x82\xf0x", "\xef\xbf\xbd\xef\xbf\xbdx", 0x24e4a53d}, /* two sequences that break off */
        {"a\xff", "a\xef\xbf\xbd", 0xd6eda5a1},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        static const unsigned shards[] = {2, 3, 7, 16, 1000, UINT32_MAX};
        for (size_t j = 0; j < sizeof shards / sizeof *shards; j++) {
            unsigned expected = 1 + known[i].crc % shards[j];
            assert_int_equal(riffle_shard_of(known[i].id, strlen(known[i].id), shards[j]), expected);
            assert_int_equal(riffle_shard_of(known[i].stored, strlen(known[i].stored), shards[j]), expected);
        }
        assert_int_equal(riffle_shard_of(known[i].id, strlen(known[i].id), 0), 1);
        assert_int_equal(riffle_shard_of(known[i].id, strlen(known[i].id), 1), 1);
    }
    assert_int_equal(riffle_shard_of("123456789", 9, 1000), 263);
    assert_int_equal(riffle_shard_of(NULL, 0, 5), 1);
}

static void shards_are_disjoint_and_make_up_the_whole(void **state)
{
    (void)state;
    riffle_import_options options = RIFFLE_IMPORT_OPTIONS_INIT;
    riffle_import_counts counts;
    uint64_t total = 0;
    make_articles();
    options.shards = SHARDS;
    for (options.shard = 1; options.shard <= SHARDS; options.shard++) {
        char path[20], id[40];
        riffle_index *index;
        riffle_error error;
        snprintf(path, sizeof path, "index%u", options.shard);
        problems = 0;
        progress_calls = 0;
        assert_int_equal(import(path, "in", &options, &counts), RIFFLE_OK);
        assert_true(counts.articles > 15); /* of thirty, about */
        assert_true(progress_calls >= ALL);
        total += counts.articles;
        /* A line that has an id is reported by its own shard alone. */
        bool own = riffle_shard_of("own-bad", 7, SHARDS) == options.shard;
        assert_int_equal(problems, own ? 2 : 1);
        assert_int_equal(counts.left_out, problems);
        assert_int_equal(counts.articles + counts.left_out + counts.elsewhere, ALL + BAD_LINES);
        OK(riffle_index_open(&index, path, NULL, &error));
        for (int i = 0; i < ALL; i++) {
            article_id(id, i);
            assert_int_equal(has(index, id), riffle_shard_of(id, strlen(id), SHARDS) == options.shard);
        }
        riffle_index_close(index);
    }
    assert_int_equal(total, ALL);
}

static void passing_over_can_be_stopped(void **state)
{
    (void)state;
    riffle_import_options options = RIFFLE_IMPORT_OPTIONS_INIT;
    riffle_import_counts counts;
    scratch_write(scratch, "a", "A text", 6);
    options.shards = SHARDS;
    options.shard = riffle_shard_of("a", 1, SHARDS) % SHARDS + 1;
    assert_int_equal(import("index", "a", &options, &counts), RIFFLE_OK);
    assert_int_equal(counts.articles, 0);
    stop_after = progress_calls; /* the last call: for the article that is passed over */
    progress_calls = 0;
    assert_int_equal(import("index", "a", &options, &counts), RIFFLE_STOPPED);
    assert_int_equal(counts.elsewhere, 1);
}

static void shards_that_are_none(void **state)
{
    (void)state;
    static const unsigned bad[][2] = {{0, 1}, {0, 3}, {4, 3}};
    riffle_import_options options = RIFFLE_IMPORT_OPTIONS_INIT;
    riffle_import_counts counts;
    scratch_write(scratch, "a", "A text", 6);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        options.shard = bad[i][0];
        options.shards = bad[i][1];
        assert_int_equal(import("index", "a", &options, &counts), RIFFLE_INVALID);
    }
    options.shard = options.shards = 1;
    assert_int_equal(import("index", "a", &options, &counts), RIFFLE_OK);
    assert_int_equal(counts.articles, 1);
}

static void updates_add_what_is_new(void **state)
{
    (void)state;
    riffle_import_options options = RIFFLE_IMPORT_OPTIONS_INIT;
    riffle_import_counts counts;
    options.update = 1;
    scratch_write(scratch, "a", "A text", 6);
    assert_int_equal(import("index", "a", &options, &counts), RIFFLE_OK);
    assert_int_equal(counts.articles, 1);
    /* The native engine cannot replace yet: that costs this article, and not the ones behind it. */
    assert_int_equal(mkdir("in", 0700), 0);
    scratch_write(scratch, "in/a", "A text", 6);
    scratch_write(scratch, "in/b", "A text", 6);
    assert_int_equal(import("index", "in", &options, &counts), RIFFLE_OK);
    assert_int_equal(counts.articles, 2);
    assert_int_equal(import("index", "in", &options, &counts), RIFFLE_OK);
    assert_int_equal(counts.articles, 0);
    assert_int_equal(counts.left_out, 2);
    assert_int_equal(problems, 2);
}

static void options_of_an_older_program(void **state)
{
    (void)state;
    riffle_import_options options = RIFFLE_IMPORT_OPTIONS_INIT;
    riffle_import_counts counts;
    scratch_write(scratch, "a", "A text", 6);
    options.size = offsetof(riffle_import_options, update);
    options.update = 1; /* what lies behind the older struct */
    options.shards = 77;
    for (int i = 0; i < 2; i++) {
        assert_int_equal(import("index", "a", &options, &counts), RIFFLE_OK);
        assert_int_equal(counts.articles + counts.left_out, 1);
    }
    assert_int_equal(counts.left_out, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, enter, leave)
        TEST(shards_by_the_crc_of_the_id), TEST(shards_are_disjoint_and_make_up_the_whole),
        TEST(passing_over_can_be_stopped), TEST(shards_that_are_none),
        TEST(updates_add_what_is_new),     TEST(options_of_an_older_program),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
