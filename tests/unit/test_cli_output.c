/* SPDX-License-Identifier: BSD-3-Clause */
/* What the program riffle makes of text: harmless, wrapped, escaped; and what it makes of its command line and query files. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* wcwidth, to check the widths of lines */
#endif
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>

#include <cmocka.h>
#include <json-c/json.h>

#include "query/cli_options.h"
#include "query/cli_out.h"
#include "query/cli_queries.h"
#include "query/cli_text.h"

/* ---- Reading back what was written ---- */

struct capture {
    struct rf_cli_out out;
    FILE *file;
    char *text;
    size_t length;
};

static struct rf_cli_out *capture_start(struct capture *capture)
{
    capture->file = tmpfile();
    assert_non_null(capture->file);
    capture->text = NULL;
    rf_cli_out_init(&capture->out, fileno(capture->file));
    return &capture->out;
}

/* The text, NUL behind it. */
static const char *capture_end(struct capture *capture)
{
    rf_cli_out_flush(&capture->out);
    assert_int_equal(capture->out.error, 0);
    capture->length = (size_t)lseek(capture->out.fd, 0, SEEK_END);
    capture->text = calloc(1, capture->length + 1);
    assert_non_null(capture->text);
    assert_int_equal(pread(capture->out.fd, capture->text, capture->length, 0), (ssize_t)capture->length);
    return capture->text;
}

static void capture_free(struct capture *capture)
{
    fclose(capture->file);
    free(capture->text);
}

static struct capture shared; /* static for its size */

#define TEXT(s) (s), sizeof(s) - 1

static void expect_visible(const char *text, size_t length, const char *expected)
{
    rf_cli_visible(capture_start(&shared), text, length);
    assert_string_equal(capture_end(&shared), expected);
    capture_free(&shared);
}

static void test_visible(void **state)
{
    (void)state;
    expect_visible(TEXT(""), "");
    expect_visible(TEXT("plain, caf\xC3\xA9 \xEA\xB0\x9C\xEC\x84\xB1"), "plain, caf\xC3\xA9 \xEA\xB0\x9C\xEC\x84\xB1");
    expect_visible(TEXT("\033]0;title\007"), "^[]0;title^G");
    expect_visible(TEXT("a\0b\n\x7F"), "a^@b^J^?");
    expect_visible(TEXT("\xC2\x9B"
                        "31m"),
                   "<U+009B>31m"); /* CSI in one character */
    expect_visible(TEXT("\x9B"
                        "31m"),
                   "\xEF\xBF\xBD"
                   "31m");
    expect_visible(TEXT("\xE2\x80\xAE"
                        "gpj.exe"),
                   "<U+202E>gpj.exe");
    expect_visible(TEXT("\xE2\x81\xA6\xE2\x81\xA9"), "<U+2066><U+2069>");
    expect_visible(TEXT("\xE2\x80\x8F"), "\xE2\x80\x8F"); /* the right-to-left mark is innocent */
}

/* Unicode 15, table 3-8: each longest part that could have begun a character is one U+FFFD. */
static void test_bad_utf8(void **state)
{
    (void)state;
#define R "\xEF\xBF\xBD"
    expect_visible(TEXT("a\xF1\x80\x80\xE1\x80\xC2"
                        "b\x80"
                        "c\x80\xBF"
                        "d"),
                   "a" R R R "b" R "c" R R "d");
    expect_visible(TEXT("\xC0\xAF"), R R);             /* overlong */
    expect_visible(TEXT("\xE0\x80\xAF"), R R R);       /* overlong */
    expect_visible(TEXT("\xED\xA0\x80"), R R R);       /* surrogate */
    expect_visible(TEXT("\xF4\x90\x80\x80"), R R R R); /* past the last character */
    expect_visible(TEXT("\xF4\x8F\xBF\xBF"), "\xF4\x8F\xBF\xBF");
    expect_visible(TEXT("\xE2\x82"), R); /* cut short */
#undef R
}

static void expect_json(const char *text, size_t length, const char *expected)
{
    rf_cli_json_string(capture_start(&shared), text, length);
    assert_string_equal(capture_end(&shared), expected);
    capture_free(&shared);
}

static void test_json_string(void **state)
{
    (void)state;
    expect_json(TEXT(""), "\"\"");
    expect_json(TEXT("say \"no\" \\ /"), "\"say \\\"no\\\" \\\\ /\"");
    expect_json(TEXT("a\n\t\r\b\0z"), "\"a\\n\\t\\u000d\\u0008\\u0000z\"");
    expect_json(TEXT("\x7F\xC2\x9B\xE2\x80\xA8\xE2\x80\xAE"), "\"\\u007f\\u009b\\u2028\\u202e\"");
    expect_json(TEXT("caf\xC3\xA9\xFF!"), "\"caf\xC3\xA9\xEF\xBF\xBD!\"");
    expect_json(TEXT("\xF0\x9F\x98\x80"), "\"\xF0\x9F\x98\x80\"");
}

/* Any bytes give JSON that a strict parser takes, and a text without bad bytes comes back the same. */
static void test_json_round_trip(void **state)
{
    (void)state;
    uint64_t seed = 1;
    for (int round = 0; round < 3000; round++) {
        char text[64];
        size_t length = (size_t)round % sizeof text;
        for (size_t i = 0; i < length; i++) {
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            text[i] = (char)(seed >> 56);
            if (round % 2 == 0)
                text[i] &= 0x7F;
        }
        rf_cli_json_string(capture_start(&shared), text, length);
        const char *json = capture_end(&shared);
        struct json_tokener *tokener = json_tokener_new();
        json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
        struct json_object *value = json_tokener_parse_ex(tokener, json, (int)shared.length + 1);
        assert_non_null(value);
        assert_true(json_object_is_type(value, json_type_string));
        if (round % 2 == 0) {
            assert_int_equal(json_object_get_string_len(value), length);
            assert_memory_equal(json_object_get_string(value), text, length);
        }
        json_object_put(value);
        json_tokener_free(tokener);
        capture_free(&shared);
    }
}

static void test_blank_free(void **state)
{
    (void)state;
    rf_cli_blank_free(capture_start(&shared), TEXT("my file\t1%\n"));
    rf_cli_blank_free(&shared.out, "", 0);
    assert_string_equal(capture_end(&shared), "my%20file%091%%0A-");
    capture_free(&shared);
}

/* ---- Wrapping ---- */

struct wrap_case {
    size_t width, indent;
    bool break_words, colors;
};

static const char *wrap(struct wrap_case how, const char *text, size_t length, const riffle_range *marks, size_t mark_count)
{
    struct rf_cli_layout layout = {.out = capture_start(&shared),
                                   .width = how.width,
                                   .indent = how.indent,
                                   .column = how.indent,
                                   .plain = how.colors ? "{" : "",
                                   .marked = how.colors ? "[" : "",
                                   .reset = how.colors ? "}" : "",
                                   .break_words = how.break_words};
    rf_cli_wrap(&layout, text, length, marks, mark_count);
    return capture_end(&shared);
}

static void expect_wrap(struct wrap_case how, const char *text, const char *expected)
{
    assert_string_equal(wrap(how, text, strlen(text), NULL, 0), expected);
    capture_free(&shared);
}

static void test_wrap(void **state)
{
    (void)state;
    expect_wrap((struct wrap_case){10, 0, true, false}, "", "");
    expect_wrap((struct wrap_case){10, 0, true, false}, "  one \t\n two  ", "one two");
    expect_wrap((struct wrap_case){7, 0, true, false}, "one two three", "one two\nthree");
    expect_wrap((struct wrap_case){6, 0, true, false}, "one two three", "one\ntwo\nthree");
    expect_wrap((struct wrap_case){6, 2, true, false}, "one two three", "one\n  two\n  thre\n  e");
    expect_wrap((struct wrap_case){6, 2, false, false}, "a three b", "a\n  three\n  b");
    expect_wrap((struct wrap_case){0, 0, true, false}, "abc", "ab\nc"); /* two columns are the least */
    expect_wrap((struct wrap_case){80, 0, true, false},
                "a\033[31mb\xE2\x80\xA8"
                "c",
                "a^[[31mb c");
}

static void test_wrap_wide(void **state)
{
    (void)state;
    /* Han: two columns each, a line may end anywhere, but a full stop does not begin one. */
    expect_wrap((struct wrap_case){5, 0, true, false}, "\xE5\x8C\x97\xE6\x9C\x9D\xE9\xAE\xAE",
                "\xE5\x8C\x97\xE6\x9C\x9D\n\xE9\xAE\xAE");
    expect_wrap((struct wrap_case){4, 0, true, false}, "\xE5\x8C\x97\xE6\x9C\x9D\xE3\x80\x82",
                "\xE5\x8C\x97\n\xE6\x9C\x9D\xE3\x80\x82");
    /* An opening bracket does not end one. */
    expect_wrap((struct wrap_case){4, 0, true, false}, "\xE5\x8C\x97\xE3\x80\x8C\xE6\x9C\x9D",
                "\xE5\x8C\x97\n\xE3\x80\x8C\xE6\x9C\x9D");
    /* Hangul stays together between blanks. */
    expect_wrap((struct wrap_case){9, 0, true, false}, "\xEB\xAC\xB4\xEB\x8B\xA8 \xEC\xA0\x84\xEC\x9E\xAC \xEA\xB8\x88",
                "\xEB\xAC\xB4\xEB\x8B\xA8 \xEC\xA0\x84\xEC\x9E\xAC\n\xEA\xB8\x88");
    /* A combining accent takes no column. */
    expect_wrap((struct wrap_case){4, 0, true, false}, "cafe\xCC\x81 au", "cafe\xCC\x81\nau");
}

static void expect_marked(size_t width, const char *text, size_t start, size_t end, const char *expected)
{
    riffle_range mark = {start, end};
    assert_string_equal(wrap((struct wrap_case){width, 0, true, true}, text, strlen(text), &mark, 1), expected);
    capture_free(&shared);
}

static void test_wrap_marks(void **state)
{
    (void)state;
    expect_marked(80, "the liaison office here", 4, 18, "{the }[liaison office}{ here}"); /* a phrase is one mark */
    expect_marked(11, "the liaison office here", 4, 18, "{the }[liaison}\n[office}{ here}");
    expect_marked(80, "here", 0, 4, "[here}");
    expect_marked(80, "here", 4, 9, "{here}");
    expect_marked(80, "a  b", 0, 1, "[a}{ b}");

    const riffle_range two[] = {{0, 1}, {2, 3}};
    assert_string_equal(wrap((struct wrap_case){80, 0, true, true}, "a b c", 5, two, 2), "[a}{ }[b}{ c}");
    capture_free(&shared);
}

/* Whatever the bytes and the width, no line is wider than it should be, and no control character gets through. */
static void test_wrap_any_bytes(void **state)
{
    (void)state;
    static const char *const parts[] = {
        "word ", "\xE5\x8C\x97", "\xEA\xB0\x9C", "e\xCC\x81",        "\033",         "\xFF",         " ",
        "\n",    "\xE2\x80\xAE", "longer-word",  "\xF0\x9F\x98\x80", "\xE3\x80\x82", "\xE3\x80\x8C", "\xC2\xA0"};
    uint64_t seed = 7;
    for (int round = 0; round < 2000; round++) {
        char text[256] = "";
        for (int i = 0; i < 18; i++) {
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            strcat(text, parts[(seed >> 40) % (sizeof parts / sizeof *parts)]);
        }
        size_t width = 12 + (size_t)round % 60, indent = (size_t)round % 4, column = indent;
        riffle_range mark = {(size_t)round % 20, (size_t)round % 50};
        const char *wrapped =
            wrap((struct wrap_case){width, indent, true, false}, text, strlen(text), &mark, mark.end > mark.start);
        for (const char *p = wrapped, *end = wrapped + shared.length; p < end;) {
            uint32_t code;
            p += rf_cli_decode(p, end, &code);
            if (code == '\n') {
                column = 0;
                continue;
            }
            assert_true(code >= 0x20 && code != 0x7F && code != 0x202E);
            int columns = wcwidth((wchar_t)code);
            column += columns < 0 ? 1 : (size_t)columns;
            /* `<U+202E>` counts as one piece of 8 columns, but it too must end within the line. */
            assert_true(column <= width);
        }
        capture_free(&shared);
    }
}

/* ---- Output that fails ---- */

static void test_full_disk(void **state)
{
    (void)state;
    static struct rf_cli_out out;
    static char block[1 << 17];
    FILE *full = fopen("/dev/full", "w");
    if (full == NULL)
        skip();
    rf_cli_out_init(&out, fileno(full));
    rf_cli_out_string(&out, "x");
    assert_int_equal(out.error, 0);
    rf_cli_out_flush(&out);
    assert_int_equal(out.error, ENOSPC);
    rf_cli_out_bytes(&out, block, sizeof block); /* nothing more is tried */
    assert_int_equal(out.error, ENOSPC);
    fclose(full);
}

static void test_large_writes(void **state)
{
    (void)state;
    static char block[200000];
    memset(block, 'x', sizeof block);
    struct rf_cli_out *out = capture_start(&shared);
    rf_cli_out_string(out, "<");
    rf_cli_out_bytes(out, block, sizeof block);
    for (int i = 0; i < 30000; i++)
        rf_cli_out_printf(out, "%05d", i);
    const char *text = capture_end(&shared);
    assert_int_equal(shared.length, 1 + sizeof block + 150000);
    assert_memory_equal(text + 1, block, sizeof block);
    assert_memory_equal(text + shared.length - 10, "2999829999", 10);
    capture_free(&shared);
}

/* ---- The lines of --queries ---- */

/* Queries as if from a file that holds `text`. */
static void open_queries(struct rf_cli_queries *queries, const char *text, size_t length)
{
    FILE *file = tmpfile();
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, length, file), length);
    rewind(file);
    *queries = (struct rf_cli_queries){.fd = dup(fileno(file))};
    assert_true(queries->fd > 0);
    fclose(file);
}

static void count_idle(void *context) { ++*(int *)context; }

static void test_queries(void **state)
{
    (void)state;
    static const char lines[] = "\xEF\xBB\xBFq1\tnorth korea\r\n\n   \nbare line\n\tno id\nq6\ta\tb\nq7\t\nlast";
    static const char *const expected[][2] = {
        {"q1", "north korea"}, {"4", "bare line"}, {"5", "\tno id"}, {"q6", "a\tb"}, {"8", "last"}};
    struct rf_cli_queries queries;
    struct rf_cli_query query;
    int idle = 0;
    open_queries(&queries, lines, sizeof lines - 1);
    for (size_t i = 0; i < 5; i++) {
        if (i == 4) { /* q7 is there with an empty query: its id is wanted in the answers */
            assert_true(rf_cli_queries_next(&queries, &query, count_idle, &idle));
            assert_int_equal(query.text_length, 0);
            assert_memory_equal(query.id, "q7", 2);
        }
        assert_true(rf_cli_queries_next(&queries, &query, count_idle, &idle));
        const char *text = expected[i][1] + (i == 2); /* the tab is no part of the query */
        assert_int_equal(query.id_length, strlen(expected[i][0]));
        assert_memory_equal(query.id, expected[i][0], query.id_length);
        assert_int_equal(query.text_length, strlen(text));
        assert_memory_equal(query.text, text, query.text_length);
    }
    assert_false(rf_cli_queries_next(&queries, &query, count_idle, &idle));
    assert_int_equal(queries.error, 0);
    assert_true(idle > 0);
    rf_cli_queries_close(&queries);
    assert_false(rf_cli_queries_open(&queries, "no such file"));
}

/* A line of any length, with any bytes. */
static void test_long_query(void **state)
{
    (void)state;
    enum { LENGTH = 300000 };
    char *lines = malloc(LENGTH + 4);
    int idle = 0;
    assert_non_null(lines);
    memcpy(lines, "x\n", 2);
    memset(lines + 2, 'a', LENGTH);
    lines[7] = '\0';
    memcpy(lines + 2 + LENGTH, "\nz", 2);

    struct rf_cli_queries queries;
    struct rf_cli_query query;
    open_queries(&queries, lines, LENGTH + 4);
    assert_true(rf_cli_queries_next(&queries, &query, count_idle, &idle));
    assert_true(rf_cli_queries_next(&queries, &query, count_idle, &idle));
    assert_int_equal(query.text_length, LENGTH);
    assert_memory_equal(query.text, lines + 2, LENGTH);
    assert_true(rf_cli_queries_next(&queries, &query, count_idle, &idle));
    assert_int_equal(query.text_length, 1);
    assert_memory_equal(query.id, "3", 1);
    rf_cli_queries_close(&queries);
    free(lines);
}

/* ---- The command line ---- */

static struct rf_cli_options options;

static enum rf_cli_request read_line(const char *line)
{
    static char copy[500];
    char *words[40];
    int count = 0;
    free(options.query);
    options.query = NULL;
    snprintf(copy, sizeof copy, "%s", line);
    for (char *word = strtok(copy, " "); word != NULL; word = strtok(NULL, " "))
        words[count++] = word;
    words[count] = NULL;
    optind = 0; /* glibc: begin anew */
    return rf_cli_options_read(&options, count, words);
}

static void test_options(void **state)
{
    (void)state;
    unsetenv("RIFFLE_INDEX");
    assert_int_equal(read_line("riffle north korea"), RF_CLI_SEARCH);
    assert_string_equal(options.query, "north korea");
    assert_string_equal(options.index, "riffle.index");
    assert_int_equal(options.search.limit, 10);

    assert_int_equal(read_line("riffle +staff -trump --json"), RF_CLI_SEARCH);
    assert_string_equal(options.query, "+staff -trump --json");
    assert_int_equal(options.form, RF_CLI_PEOPLE);
    assert_int_equal(read_line("riffle -n 3 korea -trump"), RF_CLI_SEARCH);
    assert_string_equal(options.query, "korea -trump");
    assert_int_equal(options.search.limit, 3);
    assert_int_equal(read_line("riffle -- -trump"), RF_CLI_SEARCH);
    assert_string_equal(options.query, "-trump");

    assert_int_equal(read_line("riffle --lim=99999999999999999999999 --offset 18446744073709551615 a"), RF_CLI_SEARCH);
    assert_true(options.search.limit == UINT64_MAX && options.search.offset == UINT64_MAX);
    assert_int_equal(read_line("riffle --k1 1.2 --b=0 a"), RF_CLI_SEARCH);
    assert_true(options.search.k1 == 1.2 && options.search.b == 0);

    assert_int_equal(read_line("riffle --trec a"), RF_CLI_SEARCH);
    assert_int_equal(options.search.limit, 1000);
    assert_true(options.search.by_article);
    assert_int_equal(read_line("riffle --trec -n 5 --queries q"), RF_CLI_SEARCH);
    assert_int_equal(options.search.limit, 5);
    assert_null(options.query);
    assert_int_equal(read_line("riffle --count -n 5 a"), RF_CLI_SEARCH);
    assert_true(options.search.limit == 0 && options.search.count_all);

    setenv("RIFFLE_INDEX", "/some/where", 1);
    assert_int_equal(read_line("riffle a"), RF_CLI_SEARCH);
    assert_string_equal(options.index, "/some/where");
    assert_int_equal(read_line("riffle -dhere a"), RF_CLI_SEARCH);
    assert_string_equal(options.index, "here");
    unsetenv("RIFFLE_INDEX");

    assert_int_equal(read_line("riffle -d a,b,localhost:7700 a"), RF_CLI_SEARCH);
    assert_string_equal(options.index, "a,b,localhost:7700");
    assert_int_equal(options.opening.size, sizeof options.opening);
    assert_int_equal(options.opening.timeout, 0); /* the library's own */
    assert_false(options.opening.partial);
    assert_int_equal(read_line("riffle --timeout 2.5 --partial a"), RF_CLI_SEARCH);
    assert_int_equal(options.opening.timeout, 2500);
    assert_true(options.opening.partial);
    assert_int_equal(read_line("riffle --timeout=0.00001 a"), RF_CLI_SEARCH);
    assert_int_equal(options.opening.timeout, 1); /* 0 would be the library's own */
    assert_int_equal(read_line("riffle --timeout=1e30 a"), RF_CLI_SEARCH);
    assert_true(options.opening.timeout == UINT_MAX);

    assert_int_equal(options.search.deadline_ms, 0);
    assert_int_equal(read_line("riffle --deadline 20 a"), RF_CLI_SEARCH);
    assert_int_equal(options.search.deadline_ms, 20);
    assert_int_equal(read_line("riffle --deadline=99999999999 a"), RF_CLI_SEARCH);
    assert_true(options.search.deadline_ms == UINT_MAX);

    assert_int_equal(read_line("riffle --help"), RF_CLI_HELP);
    assert_int_equal(read_line("riffle --version"), RF_CLI_VERSION);
}

/* An exact total can cost a lot; it is asked for where nothing else is. */
static void test_total_wanted(void **state)
{
    (void)state;
    static const char *const without[] = {"riffle a", "riffle --json a", "riffle --trec a", "riffle --article --queries q"};
    for (size_t i = 0; i < sizeof without / sizeof *without; i++) {
        assert_int_equal(read_line(without[i]), RF_CLI_SEARCH);
        assert_false(options.search.count_all);
    }
    assert_int_equal(read_line("riffle --count --queries q"), RF_CLI_SEARCH);
    assert_true(options.search.count_all);
}

static void test_version(void **state)
{
    (void)state;
    rf_cli_print_version(capture_start(&shared));
    const char *text = capture_end(&shared), *line = strchr(text, '\n');
    assert_non_null(line);
    assert_int_equal(strncmp(text, "riffle ", 7), 0);
    assert_int_equal(strncmp(text + 7, riffle_version(), strlen(riffle_version())), 0);
    assert_ptr_equal(line, text + 7 + strlen(riffle_version()));
    assert_string_equal(line + 1, "Built with Xapian: this program as a whole is under the GNU GPL, version 2 or later.\n");
    capture_free(&shared);
}

static void test_bad_usage(void **state)
{
    (void)state;
    static const char *const lines[] = {"riffle",
                                        "riffle -trump",
                                        "riffle -n -1 a",
                                        "riffle -n 3x a",
                                        "riffle --k1 nan a",
                                        "riffle --k1 -1 a",
                                        "riffle --b 1.5 a",
                                        "riffle --color=red a",
                                        "riffle --nope a",
                                        "riffle --timeout 0 a",
                                        "riffle --timeout -1 a",
                                        "riffle --timeout nan a",
                                        "riffle --timeout inf a",
                                        "riffle --timeout 5s a",
                                        "riffle --timeout= a",
                                        "riffle --deadline 0 a",
                                        "riffle --deadline -5 a",
                                        "riffle --deadline 2.5 a",
                                        "riffle --deadline 5ms a",
                                        "riffle --partial=yes a",
                                        "riffle --partial",
                                        "riffle --json --trec a",
                                        "riffle --count --explain a",
                                        "riffle --queries f a"};
    int kept = dup(STDERR_FILENO), nowhere = open("/dev/null", O_WRONLY);
    assert_true(kept >= 0 && nowhere >= 0);
    dup2(nowhere, STDERR_FILENO);
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        if (read_line(lines[i]) != RF_CLI_BAD_USAGE)
            fail_msg("taken: %s", lines[i]);
    dup2(kept, STDERR_FILENO);
    close(kept);
    close(nowhere);
}

static void test_help_fits(void **state)
{
    (void)state;
    size_t lines = 0, column = 0;
    for (const char *p = rf_cli_help; *p != '\0'; p++) {
        column = *p == '\n' ? 0 : column + 1;
        lines += *p == '\n';
        assert_true(column < 80);
    }
    assert_true(lines < 24);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_visible),         cmocka_unit_test(test_bad_utf8),     cmocka_unit_test(test_json_string),
        cmocka_unit_test(test_json_round_trip), cmocka_unit_test(test_blank_free),   cmocka_unit_test(test_wrap),
        cmocka_unit_test(test_wrap_wide),       cmocka_unit_test(test_wrap_marks),   cmocka_unit_test(test_wrap_any_bytes),
        cmocka_unit_test(test_full_disk),       cmocka_unit_test(test_large_writes), cmocka_unit_test(test_queries),
        cmocka_unit_test(test_long_query),      cmocka_unit_test(test_options),      cmocka_unit_test(test_bad_usage),
        cmocka_unit_test(test_total_wanted),    cmocka_unit_test(test_version),      cmocka_unit_test(test_help_fits),
    };
    rf_cli_text_locale();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    free(options.query);
    return failed;
}
