/* SPDX-License-Identifier: BSD-3-Clause */
/* Searching a small index through riffle.h: what queries find, how they are read, and what hits can tell. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "riffle.h"

static riffle_index *shared;

static const struct {
    const char *id, *title, *date, *source, *text;
} articles[] = {
    {"staff", "Staff withdraw from joint liaison office", "2019-03-25", "Korea Times",
     "North Korea's staff withdrew from the Joint Liaison Office last week. The higher-ups gave no reason.\n"
     "About 60-70 South Korean officials still work there; write to edt@koreapost.com for more."},
    {"wifi", "Free Wi-Fi in the city", "2019-04-30", "Post", "The city offers wi-fi to all. O'Brien says U.S. visitors use it."},
    {"wire", "Wifi networks", "2020-01-01", "Korea Times", "A wifi network, says Obrien, is what the US needs. The city agrees."},
    {"hangul", "\xec\xbd\x94\xeb\xa6\xac\xec\x95\x84\xed\x8f\xac\xec\x8a\xa4\xed\x8a\xb8", "", "Post",
     "<\xec\xa0\x80\xec\x9e\x91\xea\xb6\x8c\xec\x9e\x90 \xc2\xa9 "
     "\xec\xbd\x94\xeb\xa6\xac\xec\x95\x84\xed\x8f\xac\xec\x8a\xa4\xed\x8a\xb8, "
     "\xeb\xac\xb4\xeb\x8b\xa8 \xec\xa0\x84\xec\x9e\xac \xea\xb8\x88\xec\xa7\x80> 2019\xeb\x85\x84\xec\x97\x90"},
    {"cafe", "", "2018", "", "Caf\xc3\xa9 society, cafe culture and the round-the-clock bakery. To be or not to be."},
};

enum { ARTICLES = sizeof articles / sizeof *articles };

static int make_index(void **state)
{
    static char folder[4096];
    const char *temporary = getenv("TMPDIR");
    riffle_writer *writer;
    snprintf(folder, sizeof folder, "%s/riffle-query-XXXXXX", temporary && *temporary ? temporary : P_tmpdir);
    *state = folder;
    if (!mkdtemp(folder) || riffle_writer_open(&writer, folder, NULL, NULL))
        return -1;
    for (size_t i = 0; i < ARTICLES; i++) {
        riffle_field fields[2] = {{"date", 4, articles[i].date, strlen(articles[i].date)},
                                  {"source", 6, articles[i].source, strlen(articles[i].source)}};
        riffle_article article = {.id = articles[i].id,
                                  .id_length = strlen(articles[i].id),
                                  .title = articles[i].title,
                                  .title_length = strlen(articles[i].title),
                                  .text = articles[i].text,
                                  .text_length = strlen(articles[i].text),
                                  .fields = fields,
                                  .field_count = 2};
        if (riffle_writer_add(writer, &article, NULL))
            return -1;
    }
    if (riffle_writer_commit(writer, NULL))
        return -1;
    riffle_writer_close(writer);
    return riffle_index_open(&shared, folder, NULL, NULL) ? -1 : 0;
}

static int drop_index(void **state)
{
    char command[4200];
    riffle_index_close(shared);
    snprintf(command, sizeof command, "rm -rf '%s'", (const char *)*state);
    return system(command) == 0 ? 0 : -1;
}

static riffle_results *search_with(const char *query, const riffle_search_options *options)
{
    riffle_results *results;
    riffle_error error;
    if (riffle_search(shared, query, strlen(query), options, &results, &error))
        fail_msg("%s: %s", query, error.message);
    assert_int_equal(error.status, RIFFLE_OK);
    return results;
}

/* The ids of the hits, best first, with blanks between. */
static void assert_finds(const char *query, const char *wanted)
{
    char found[400] = "";
    riffle_results *results = search_with(query, NULL);
    for (size_t i = 0; i < riffle_results_count(results); i++) {
        riffle_hit hit = {.size = sizeof hit};
        assert_int_equal(riffle_results_hit(results, i, &hit, NULL), RIFFLE_OK);
        strcat(found, i ? " " : "");
        strncat(found, hit.id, hit.id_length);
    }
    if (strcmp(found, wanted) != 0)
        fail_msg("%s (read as %s): found '%s', not '%s'", query, riffle_results_reading(results), found, wanted);
    riffle_results_free(results);
}

static void assert_reads(const char *query, const char *wanted)
{
    riffle_results *results = search_with(query, NULL);
    assert_string_equal(riffle_results_reading(results), wanted);
    riffle_results_free(results);
}

/* What the ranges mark, with bars between. */
static void collect(char *out, const char *text, size_t n, const riffle_range *ranges, size_t count, uint64_t shift)
{
    *out = 0;
    for (size_t i = 0; i < count; i++) {
        assert_true(ranges[i].start >= shift && ranges[i].start < ranges[i].end && ranges[i].end - shift <= n);
        assert_true(!i || ranges[i].start >= ranges[i - 1].end);
        strcat(out, i ? "|" : "");
        strncat(out, text + (ranges[i].start - shift), (size_t)(ranges[i].end - ranges[i].start));
    }
}

static void assert_marks(const char *query, const char *in_title, const char *in_text)
{
    riffle_results *results = search_with(query, NULL);
    riffle_hit hit = {.size = sizeof hit};
    const riffle_range *ranges;
    size_t count, length;
    const char *text;
    uint64_t start;
    char marked[1000];
    assert_int_equal(riffle_results_hit(results, 0, &hit, NULL), RIFFLE_OK);
    assert_int_equal(riffle_results_title_matches(results, 0, &ranges, &count, NULL), RIFFLE_OK);
    collect(marked, hit.title, hit.title_length, ranges, count, 0);
    assert_string_equal(marked, in_title);
    assert_int_equal(riffle_results_text(results, 0, &text, &length, &start, NULL), RIFFLE_OK);
    assert_int_equal(riffle_results_matches(results, 0, &ranges, &count, NULL), RIFFLE_OK);
    collect(marked, text, length, ranges, count, start);
    assert_string_equal(marked, in_text);
    riffle_results_free(results);
}

static void test_spellings(void **state)
{
    (void)state;
    static const char *const korea[] = {"Korea",
                                        "Korea's",
                                        "korea\xe2\x80\x99s",
                                        "Koreas'",
                                        "KOREA",
                                        "\"korea\"",
                                        "\"Korea's\"",
                                        ("\xef\xbc\xab"
                                         "orea")};
    for (size_t i = 0; i < sizeof korea / sizeof *korea; i++)
        assert_finds(korea[i], "staff");
    static const char *const higher[] = {"higher-ups", "\"higher ups\"", "\"Higher-Ups\"", "higher\xe2\x80\x90ups", "higherups"};
    for (size_t i = 0; i < sizeof higher / sizeof *higher; i++)
        assert_finds(higher[i], "staff");
    assert_finds("60-70", "staff");
    assert_finds("70-60", "");
    assert_finds("edt@koreapost.com", "staff");
    assert_finds("koreapost", "staff");
    assert_finds("\"liaison office\"", "staff");
    assert_finds("\"office liaison\"", "");
    assert_finds("wi-fi", "wifi wire");
    assert_finds("wifi", "wire wifi");
    assert_finds("\"wi fi\"", "wifi");
    assert_finds("\"wifi\"", "wire wifi");
    assert_finds("U.S.", "wifi wire");
    assert_finds("US", "wire wifi");
    assert_finds("O'Brien", "wifi wire");
    assert_finds("O\xe2\x80\x99"
                 "Brien",
                 "wifi wire");
    assert_finds("caf\xc3\xa9", "cafe");
    assert_finds("cafe\xcc\x81", "cafe");
    assert_finds("\"cafe society\"", "cafe");
    assert_finds("round-the-clock", "cafe");
    assert_finds("\"round the clock\"", "cafe");
    assert_finds("roundtheclock", "cafe");
    assert_finds("officials work", "staff");
    assert_finds("official worked", "staff");
    assert_finds("\"official\"", "");
}

static void test_cjk(void **state)
{
    (void)state;
    static const char *const found[] = {"\xec\xa0\x80\xec\x9e\x91\xea\xb6\x8c\xec\x9e\x90",      /* a whole run */
                                        "\xec\x9e\x91\xea\xb6\x8c",                              /* a part of one */
                                        "\xeb\xac\xb4\xeb\x8b\xa8 \xec\xa0\x84\xec\x9e\xac",     /* two runs */
                                        "\"\xeb\xac\xb4\xeb\x8b\xa8 \xec\xa0\x84\xec\x9e\xac\"", /* as a phrase */
                                        "\"\xeb\xac\xb4\xeb\x8b\xa8 \xec\xa0\x84\"",             /* whose end goes on */
                                        "\xea\xb6\x8c",                                          /* one character */
                                        "2019\xeb\x85\x84",                                      /* digits and one */
                                        "title:\xeb\xa6\xac\xec\x95\x84",
                                        "title:\xed\x8f\xac"};
    for (size_t i = 0; i < sizeof found / sizeof *found; i++)
        assert_finds(found[i], "hangul");
    assert_finds("\"\xeb\xac\xb4 \xec\xa0\x84\xec\x9e\xac\"", "");       /* the first run does not end there */
    assert_finds("\"\xeb\x8b\xa8 \xec\xa0\x84\xec\x9e\xac\"", "hangul"); /* but here it does */
    assert_finds("\xeb\x8b\xa8\xeb\xac\xb4", "");
    assert_marks("\xea\xb6\x8c", "", "\xea\xb6\x8c");
    assert_marks("\xec\x9e\x91\xea\xb6\x8c\xec\x9e\x90", "", "\xec\x9e\x91\xea\xb6\x8c\xec\x9e\x90");
    assert_marks("2019\xeb\x85\x84", "", "2019\xeb\x85\x84");
}

static void test_operators(void **state)
{
    (void)state;
    assert_finds("+city -wifi", "");
    assert_finds("city -liaison", "wifi wire");
    assert_finds("city AND networks", "wire");
    assert_finds("city OR liaison", "staff wifi wire");
    assert_finds("NOT city", "staff hangul cafe");
    assert_finds("-city -cafe", "staff hangul");
    assert_finds("city NOT networks", "wifi");
    assert_finds("networks OR NOT city", "wire staff hangul cafe");
    assert_finds("liais*", "staff");
    assert_finds("net* -city", "");
    assert_finds("", "");
    assert_finds("\xff\xfe (", "");
    assert_finds("city \xff", "wifi wire");
    assert_finds("title:city", "wifi");
    assert_finds("title:\"liaison office\"", "staff");
    assert_finds("title:reason", "");
}

static void test_filters(void **state)
{
    (void)state;
    assert_finds("date:2019", "staff wifi");
    assert_finds("date:2019-03", "staff");
    assert_finds("date:2019-03..2019-04", "staff wifi");
    assert_finds("date:2019-04..", "wifi wire");
    assert_finds("date:..2019-03", "staff cafe");
    assert_finds("source:post", "wifi hangul");
    assert_finds("source:\"KOREA  times\"", "staff wire");
    assert_finds("source:korea", "");
    assert_finds("source:kor*", "staff wire");
    assert_finds("Source:post date:2019", "wifi");
    assert_finds("source:post source:\"korea times\" city", "wifi wire");
    assert_finds("city date:2020", "wire");
    assert_finds("city -source:post", "wire");
    assert_finds("source:post OR networks", "wire wifi hangul");
    assert_finds("id:cafe", "cafe");
    assert_finds("id:Cafe", "");
    assert_finds("id:cafe*", "");
    assert_finds("source:*", "staff wifi wire hangul");
    assert_finds("date:* city", "wifi wire");
    assert_finds("nothing:wifi", "");
    riffle_results *results = search_with("date:2019", NULL);
    riffle_hit hit = {.size = sizeof hit};
    assert_int_equal(riffle_results_hit(results, 0, &hit, NULL), RIFFLE_OK);
    assert_true(hit.score == 0);
    riffle_results_free(results);
}

static void test_stop_words(void **state)
{
    (void)state;
    assert_finds("the liaison", "staff");
    assert_finds("+the liaison", "staff wifi cafe wire");
    assert_finds("the AND networks", "wire");
    assert_finds("not to be", "cafe wifi staff");
    assert_finds("\"to be or not to be\"", "cafe");
    assert_finds("\"be to\"", "");
    assert_finds("the -city", "cafe staff");
    assert_reads("the liaison of staff", "liaison OR staff [left out: the, of]");
    assert_reads("the liaison of the staff of", "liaison OR staff [left out: the, of]");
    assert_reads("the of", "the OR of");
}

static void test_readings(void **state)
{
    (void)state;
    assert_reads("North korea", "north OR korea");
    assert_reads("+staff -\"Joint  Office\"", "+staff -\"joint office\"");
    assert_reads("wi-fi", "\"wi fi\" OR wifi");
    assert_reads("60-70 lia*", "\"60 70\" OR lia*");
    assert_reads("x AND y OR NOT z", "(+x +y) OR (-z)");
    assert_reads("date:2019-03..2019-04 Source:\"Korea TIMES\" x", "+date:2019-03..2019-04 +source:\"korea times\" x");
    assert_reads("title:Office http://x", "title:office OR \"http x\"");
    assert_reads("\xeb\xac\xb4\xeb\x8b\xa8 2019\xeb\x85\x84", "\xeb\xac\xb4\xeb\x8b\xa8 OR \"2019 \xeb\x85\x84\"");
    assert_reads("!!! \xff", "");
    assert_reads("date:* source:*", "+date:* +source:*");
    assert_reads("id:a*", "id:a*");
    riffle_results *results;
    assert_int_equal(riffle_search(shared, "source:\"a\0b\" city", 17, NULL, &results, NULL), RIFFLE_OK);
    assert_string_equal(riffle_results_reading(results), "+source:\"a b\" city");
    riffle_results_free(results);
}

static void test_marks(void **state)
{
    (void)state;
    assert_marks("staff withdraws official", "Staff|withdraw", "staff|officials");
    assert_marks("\"liaison office\"", "liaison office", "Liaison Office");
    assert_marks("\"liaison office\" office", "liaison office", "Liaison Office");
    assert_marks("\"joint liaison\" \"liaison office\"", "joint liaison office", "Joint Liaison Office");
    assert_marks("title:office week", "office", "week");
    assert_marks("\"and north\" week", "", "week");
    assert_marks("officials -city", "", "officials");
    assert_marks("wi-fi visitors", "Wi-Fi", "wi-fi|visitors");
    assert_marks("wifi visitors", "Wi-Fi", "wi-fi|visitors");
    assert_marks("60-70 offi*", "office", "Office|60-70|officials");
    assert_marks("edt@koreapost.com", "", "edt@koreapost.com");
    assert_marks("date:2020", "", "");
    assert_marks("the liaison", "liaison", "Liaison");
}

static void test_snippets(void **state)
{
    (void)state;
    riffle_results *results = search_with("\"South Korean officials\" staff", NULL);
    riffle_snippet snippet;
    char marked[1000];
    assert_int_equal(riffle_results_snippet(results, 0, 1000, &snippet, NULL), RIFFLE_OK);
    assert_false(snippet.cut_before || snippet.cut_after);
    assert_int_equal(snippet.length, strlen(articles[0].text)); /* its line end is a blank */
    assert_null(memchr(snippet.text, '\n', snippet.length));
    collect(marked, snippet.text, snippet.length, snippet.marks, snippet.mark_count, 0);
    assert_string_equal(marked, "staff|South Korean officials");
    for (size_t width = 1; width < 150; width++) {
        assert_int_equal(riffle_results_snippet(results, 0, width, &snippet, NULL), RIFFLE_OK);
        collect(marked, snippet.text, snippet.length, snippet.marks, snippet.mark_count, 0);
        assert_true(snippet.length > 0 && snippet.length <= (width > 20 ? width : 20));
        if (width >= 22)
            assert_non_null(strstr(marked, "South Korean officials"));
        assert_true(snippet.cut_before || snippet.cut_after);
    }
    riffle_results_free(results);
    results = search_with("title:liaison", NULL); /* no match in the text: its start */
    assert_int_equal(riffle_results_snippet(results, 0, 30, &snippet, NULL), RIFFLE_OK);
    assert_int_equal(snippet.mark_count, 0);
    assert_memory_equal(snippet.text, "North Korea's staff withdrew", snippet.length);
    riffle_results_free(results);
}

static void test_explain(void **state)
{
    (void)state;
    static const char *const queries[] = {"staff \"liaison office\" city", "wi-fi city", "+the city", "(networks AND city) wifi*"};
    for (size_t q = 0; q < sizeof queries / sizeof *queries; q++) {
        riffle_results *results = search_with(queries[q], NULL);
        assert_true(riffle_results_count(results) > 0);
        for (size_t i = 0; i < riffle_results_count(results); i++) {
            riffle_hit hit = {.size = sizeof hit};
            const char *text;
            assert_int_equal(riffle_results_hit(results, i, &hit, NULL), RIFFLE_OK);
            assert_int_equal(riffle_results_explain(results, i, &text, NULL), RIFFLE_OK);
            assert_true(fabs(strtod(text, NULL) - hit.score) < 1e-6);
            double sum = 0;
            for (const char *line = strchr(text, '\n') + 1; *line; line = strchr(line, '\n') + 1)
                sum += strtod(line, NULL);
            assert_true(fabs(sum - hit.score) < 1e-5);
        }
        riffle_results_free(results);
    }
}

/* What is forgotten is made again when it is asked for. */
static void test_forget(void **state)
{
    (void)state;
    riffle_results *results = search_with("city", NULL);
    riffle_snippet snippet;
    const riffle_range *ranges;
    const char *text;
    size_t count;
    char first[2][400];
    assert_int_equal(riffle_results_count(results), 2);
    for (unsigned round = 0; round < 3; round++) {
        for (size_t rank = 0; rank < 2; rank++) {
            char now[400];
            assert_int_equal(riffle_results_matches(results, rank, &ranges, &count, NULL), RIFFLE_OK);
            assert_int_equal(count, 1);
            assert_int_equal(riffle_results_title_matches(results, rank, &ranges, &count, NULL), RIFFLE_OK);
            assert_int_equal(riffle_results_explain(results, rank, &text, NULL), RIFFLE_OK);
            assert_int_equal(riffle_results_snippet(results, rank, 0, &snippet, NULL), RIFFLE_OK);
            assert_int_equal(snippet.mark_count, 1);
            snprintf(now, sizeof now, "%.*s%s", (int)snippet.length, snippet.text, text);
            if (round)
                assert_string_equal(now, first[rank]);
            else
                strcpy(first[rank], now);
            if (round == 1)
                riffle_results_forget(results);
        }
        riffle_results_forget(results);
    }
    riffle_results_free(results);
    riffle_results_forget(NULL);
}

/* All that a hit shows, in a line. */
static void look_at(riffle_results *results, size_t rank, char line[800])
{
    riffle_hit hit = {.size = sizeof hit};
    riffle_snippet snippet;
    assert_int_equal(riffle_results_hit(results, rank, &hit, NULL), RIFFLE_OK);
    assert_int_equal(riffle_results_snippet(results, rank, 0, &snippet, NULL), RIFFLE_OK);
    int length = snprintf(line, 800, "%.*s %.9f %.*s", (int)hit.id_length, hit.id, hit.score, (int)snippet.length, snippet.text);
    for (size_t i = 0; i < snippet.mark_count && length < 700; i++)
        length += snprintf(line + length, 50, " %u-%u", (unsigned)snippet.marks[i].start, (unsigned)snippet.marks[i].end);
}

/* Searches take over what those before them have left, and many are open at once: each shows its own. */
static void test_reuse(void **state)
{
    (void)state;
    static const char *const queries[] = {"staff office", "\"wi-fi\" city", "the -city", "date:2019 city*", "no such words", ""};
    enum { KINDS = sizeof queries / sizeof *queries, OPEN = 50 };
    static char wanted[KINDS][4000];
    riffle_results *open[OPEN];
    for (size_t i = 0; i < KINDS; i++) {
        open[i] = search_with(queries[i], NULL);
        snprintf(wanted[i], sizeof wanted[i], "%s", riffle_results_reading(open[i]));
    }
    for (size_t i = 0; i < KINDS; i++)
        riffle_results_free(open[i]);
    for (int round = 0; round < 3; round++) {
        for (size_t i = 0; i < OPEN; i++) {
            riffle_snippet snippet;
            open[i] = search_with(queries[(i + (size_t)round) % KINDS], NULL);
            if (i % 2 && riffle_results_count(open[i]))
                assert_int_equal(riffle_results_snippet(open[i], 0, 0, &snippet, NULL), RIFFLE_OK);
        }
        for (size_t i = 0; i < OPEN; i++) {
            riffle_results *alone = search_with(queries[(i + (size_t)round) % KINDS], NULL);
            char now[800], then[800];
            assert_string_equal(riffle_results_reading(open[i]), wanted[(i + (size_t)round) % KINDS]);
            assert_int_equal(riffle_results_count(open[i]), riffle_results_count(alone));
            assert_int_equal(riffle_results_total(open[i]), riffle_results_total(alone));
            for (size_t rank = 0; rank < riffle_results_count(alone); rank++) {
                look_at(open[i], rank, now);
                look_at(alone, rank, then);
                assert_string_equal(now, then);
            }
            riffle_results_free(alone);
        }
        for (size_t i = 0; i < OPEN; i++) /* in another order than they came */
            riffle_results_free(open[i * 7 % OPEN]);
    }
}

static void test_options(void **state)
{
    (void)state;
    riffle_search_options options = RIFFLE_SEARCH_OPTIONS_INIT;
    riffle_results *results;
    riffle_error error;
    riffle_hit hit = {.size = sizeof hit};
    options.limit = 0;
    results = search_with("city", &options);
    assert_int_equal(riffle_results_count(results), 0);
    assert_int_equal(riffle_results_total(results), 2);
    assert_int_equal(riffle_results_hit(results, 0, &hit, &error), RIFFLE_INVALID);
    riffle_results_free(results);
    options.limit = UINT64_MAX;
    options.offset = 1;
    results = search_with("city", &options);
    assert_int_equal(riffle_results_count(results), 1);
    assert_int_equal(riffle_results_total(results), 2);
    riffle_results_free(results);
    options.offset = UINT64_MAX;
    results = search_with("city", &options);
    assert_int_equal(riffle_results_count(results), 0);
    riffle_results_free(results);
    static const double bad_k1[] = {NAN, INFINITY}, bad_b[] = {NAN, 1.5};
    for (size_t i = 0; i < 2; i++) {
        options = (riffle_search_options)RIFFLE_SEARCH_OPTIONS_INIT;
        options.k1 = bad_k1[i];
        assert_int_equal(riffle_search(shared, "city", 4, &options, &results, &error), RIFFLE_INVALID);
        assert_null(results);
        options.k1 = 1.2;
        options.b = bad_b[i];
        assert_int_equal(riffle_search(shared, "city", 4, &options, &results, &error), RIFFLE_INVALID);
    }
    options = (riffle_search_options)RIFFLE_SEARCH_OPTIONS_INIT;
    options.strict = 1;
    assert_int_equal(riffle_search(shared, "city \"open", 10, &options, &results, &error), RIFFLE_BAD_QUERY);
    assert_string_equal(error.message, "query, byte 5: a quote that is never closed");
    assert_int_equal(riffle_search(shared, "city & b", 8, &options, &results, &error), RIFFLE_BAD_QUERY);
    assert_int_equal(riffle_search(shared, "city", 4, &options, &results, &error), RIFFLE_OK);
    riffle_results_free(results);
    /* k1 = 0: only whether a word is there counts. */
    options = (riffle_search_options)RIFFLE_SEARCH_OPTIONS_INIT;
    options.k1 = 0;
    results = search_with("city", &options);
    double scores[2];
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(riffle_results_hit(results, i, &hit, NULL), RIFFLE_OK);
        scores[i] = hit.score;
    }
    assert_true(scores[0] == scores[1] && fabs(scores[0] - log(1 + 3.5 / 2.5)) < 1e-6);
    riffle_results_free(results);
    /* A caller that knows less of the options gets defaults for the rest. */
    options.size = offsetof(riffle_search_options, k1);
    options.limit = 1;
    results = search_with("city", &options);
    assert_int_equal(riffle_results_count(results), 1);
    assert_int_equal(riffle_results_hit(results, 0, &hit, NULL), RIFFLE_OK);
    assert_true(hit.score < scores[0]);
    riffle_results_free(results);
}

static void test_long_queries(void **state)
{
    (void)state;
    enum { MOST = 3000 };
    char *query = malloc(MOST * 8 + 2);
    assert_non_null(query);
    size_t n = 0;
    for (unsigned i = 0; i < MOST; i++)
        n += (size_t)sprintf(query + n, "city ");
    for (unsigned quoted = 0; quoted < 2; quoted++) {
        riffle_results *results = search_with(query, NULL);
        assert_int_equal(riffle_results_count(results), quoted ? 0 : 2);
        assert_non_null(strstr(riffle_results_reading(results), "[left out: what follows the first 1024 words]"));
        riffle_results_free(results);
        memmove(query + 1, query, n + 1);
        query[0] = '"';
    }
    free(query);
}

static void test_articles(void **state)
{
    (void)state;
    riffle_error error;
    riffle_statistics statistics = {.size = sizeof statistics};
    riffle_index_statistics(shared, &statistics, NULL);
    assert_int_equal(statistics.size, sizeof statistics);
    assert_int_equal(statistics.articles, ARTICLES);
    assert_int_equal(statistics.passages, ARTICLES);
    assert_string_equal(statistics.language, "english");
    for (size_t i = 0; i < ARTICLES; i++) {
        uint64_t article;
        const char *value;
        char *text;
        size_t length;
        assert_int_equal(riffle_index_find(shared, articles[i].id, strlen(articles[i].id), &article, &error), RIFFLE_OK);
        const char *const fields[][2] = {{"id", articles[i].id},
                                         {"title", articles[i].title},
                                         {"date", articles[i].date},
                                         {"source", articles[i].source},
                                         {"color", ""}};
        for (size_t f = 0; f < sizeof fields / sizeof *fields; f++) {
            assert_int_equal(riffle_index_field(shared, article, fields[f][0], &value, &length, &error), RIFFLE_OK);
            assert_int_equal(length, strlen(fields[f][1]));
            assert_memory_equal(value, fields[f][1], length);
        }
        assert_int_equal(riffle_index_text(shared, article, &text, &length, &error), RIFFLE_OK);
        assert_int_equal(length, strlen(articles[i].text));
        assert_memory_equal(text, articles[i].text, length);
        riffle_text_free(shared, text);
    }
    uint64_t none;
    const char *value;
    size_t length;
    assert_int_equal(riffle_index_find(shared, "nobody", 6, &none, &error), RIFFLE_INVALID);
    assert_int_equal(riffle_index_field(shared, ARTICLES, "id", &value, &length, &error), RIFFLE_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_spellings), cmocka_unit_test(test_cjk),          cmocka_unit_test(test_operators),
        cmocka_unit_test(test_filters),   cmocka_unit_test(test_stop_words),   cmocka_unit_test(test_readings),
        cmocka_unit_test(test_marks),     cmocka_unit_test(test_snippets),     cmocka_unit_test(test_explain),
        cmocka_unit_test(test_options),   cmocka_unit_test(test_long_queries), cmocka_unit_test(test_forget),
        cmocka_unit_test(test_articles),  cmocka_unit_test(test_reuse),
    };
    return cmocka_run_group_tests(tests, make_index, drop_index);
}
