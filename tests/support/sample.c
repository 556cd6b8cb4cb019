/* SPDX-License-Identifier: BSD-3-Clause */
/* Sample articles and what must be found of them; sample.h. */
#include "tests/support/sample.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "store/manifest.h"
#include "tests/support/folders.h"

__attribute__((format(printf, 2, 3))) static void append(char *text, const char *format, ...)
{
    size_t used = strlen(text);
    va_list arguments;
    va_start(arguments, format);
    int n = vsnprintf(text + used, 6000 - used, format, arguments);
    va_end(arguments);
    assert_true(n >= 0 && used + (size_t)n < 6000);
}

static riffle_field field(const char *name, const char *value) { return (riffle_field){name, strlen(name), value, strlen(value)}; }

const char *const sample_queries[SAMPLE_QUERIES] = {
    "harbour offices",
    "\"the harbour office\" -complained",
    "+well-known +sampleword waits",
    "word* OR harb*",
    "(captains AND \"were waiting\") OR title:report",
    "source:\"Harbour Herald\" date:2001..2007 reported",
    "서류를 기다린다고 Tàu",
    "NOT harbour",
    "id:article-5",
    "nowheretobefound",
};

void sample_make(struct sample *sample, unsigned number)
{
    memset(sample, 0, sizeof *sample);
    snprintf(sample->id, sizeof sample->id, "article-%u", number);
    snprintf(sample->title, sizeof sample->title, "The office's report %u on harbours", number);
    snprintf(sample->date, sizeof sample->date, "20%02u-%02u-%02u", number % 100, number % 12 + 1, number % 28 + 1);
    char *text = sample->text;
    append(text, "A sampleword stands at the start of the text, and unique%ux follows; the Smiths' well-known café agreed.\n",
           number);
    switch (number % 4) {
    case 0:
        append(text, "Its second paragraph is short.\n");
        break;
    case 1:
        for (unsigned i = 0; i < 12; i++)
            append(text,
                   "The harbour office reported on day %u that ships were waiting for their papers, and that the waiting was long. "
                   "Nobody of the %u captains complained.\n",
                   i + 1, number % 7 + i);
        break;
    case 2:
        strcpy(sample->stored, text);
        append(text, "항구 사무소는 배들이 서류를 기다린다고 말했다. Tàu chờ giấy tờ ở cảng. \xff\xfe is no letter.\n");
        append(sample->stored, "항구 사무소는 배들이 서류를 기다린다고 말했다. Tàu chờ giấy tờ ở cảng. "
                               "\xef\xbf\xbd\xef\xbf\xbd is no letter.\n");
        break;
    default:
        sample->title[0] = '\0';
        for (unsigned i = 0; i < 60; i++)
            append(text, "word%un%u ", number, i);
        append(text, "end.\n");
    }
    if (!sample->stored[0])
        strcpy(sample->stored, text);
    sample->fields[0] = field("date", sample->date);
    sample->fields[1] = field("source", number % 2 ? "Harbour Herald" : "Port Post");
    sample->fields[2] = field("section", "news");
    sample->article = (riffle_article){.id = sample->id,
                                       .id_length = strlen(sample->id),
                                       .title = sample->title,
                                       .title_length = strlen(sample->title),
                                       .text = text,
                                       .text_length = strlen(text),
                                       .fields = sample->fields,
                                       .field_count = 3};
}

riffle_status sample_add(riffle_writer *writer, unsigned number, riffle_error *error)
{
    static struct sample sample;
    sample_make(&sample, number);
    return riffle_writer_add(writer, &sample.article, error);
}

static void expect_ok(riffle_status status, const riffle_error *error)
{
    if (status != RIFFLE_OK)
        fail_msg("status %d: %s", (int)status, error->message);
}

void sample_index(const char *path, unsigned first, unsigned end)
{
    riffle_writer *writer;
    riffle_error error;
    expect_ok(riffle_writer_open(&writer, path, NULL, &error), &error);
    for (unsigned number = first; number < end; number++)
        expect_ok(sample_add(writer, number, &error), &error);
    expect_ok(riffle_writer_commit(writer, &error), &error);
    riffle_writer_close(writer);
}

long sample_count(const char *path)
{
    riffle_index *index;
    riffle_error error;
    riffle_status status = riffle_index_open(&index, path, NULL, &error);
    if (status == RIFFLE_NO_INDEX)
        return -1;
    expect_ok(status, &error);
    riffle_statistics statistics = {.size = sizeof statistics};
    riffle_index_statistics(index, &statistics, NULL);
    riffle_index_close(index);
    return (long)statistics.articles;
}

static void check_field(const riffle_index *index, uint64_t article, const char *name, const char *expected)
{
    const char *value;
    size_t length;
    riffle_error error;
    expect_ok(riffle_index_field(index, article, name, &value, &length, &error), &error);
    if (length != strlen(expected) || memcmp(value, expected, length) != 0)
        fail_msg("article %llu: %s is \"%.*s\", not \"%s\"", (unsigned long long)article, name, (int)length, value, expected);
}

/* The query finds this one article alone. */
static void check_search(const riffle_index *index, const char *query, const char *id)
{
    riffle_results *results;
    riffle_error error;
    riffle_search_options options = RIFFLE_SEARCH_OPTIONS_INIT;
    options.count_all = 1;
    expect_ok(riffle_search(index, query, strlen(query), &options, &results, &error), &error);
    riffle_hit hit = {.size = sizeof hit};
    if (riffle_results_total(results) != 1 || riffle_results_count(results) != 1)
        fail_msg("%s: found %llu times, not once", query, (unsigned long long)riffle_results_total(results));
    expect_ok(riffle_results_hit(results, 0, &hit, &error), &error);
    assert_int_equal(hit.id_length, strlen(id));
    assert_memory_equal(hit.id, id, hit.id_length);
    riffle_results_free(results);
}

static uint64_t total(const riffle_index *index, const char *query)
{
    riffle_results *results;
    riffle_error error;
    riffle_search_options options = RIFFLE_SEARCH_OPTIONS_INIT;
    options.count_all = 1;
    options.by_article = 1;
    expect_ok(riffle_search(index, query, strlen(query), &options, &results, &error), &error);
    uint64_t count = riffle_results_total(results);
    riffle_results_free(results);
    return count;
}

void sample_check_open(const riffle_index *index, unsigned first, unsigned end)
{
    static struct sample sample;
    riffle_error error;
    riffle_statistics statistics = {.size = sizeof statistics};
    riffle_index_statistics(index, &statistics, NULL);
    if (statistics.articles != end - first)
        fail_msg("%llu articles where %u to %u should be", (unsigned long long)statistics.articles, first, end);
    for (unsigned number = first; number < end; number++) {
        uint64_t article;
        char *text, query[64];
        size_t length;
        sample_make(&sample, number);
        expect_ok(riffle_index_find(index, sample.id, strlen(sample.id), &article, &error), &error);
        check_field(index, article, "id", sample.id);
        check_field(index, article, "title", sample.title);
        check_field(index, article, "date", sample.date);
        check_field(index, article, "source", sample.fields[1].value);
        expect_ok(riffle_index_text(index, article, &text, &length, &error), &error);
        assert_int_equal(length, strlen(sample.stored));
        assert_memory_equal(text, sample.stored, length);
        riffle_text_free(index, text);
        snprintf(query, sizeof query, "\"and unique%ux follows\"", number);
        check_search(index, query, sample.id);
    }
    unsigned long_ones = 0, titled = 0;
    for (unsigned number = first; number < end; number++) {
        long_ones += number % 4 == 1;
        titled += number % 4 != 3;
    }
    assert_int_equal(total(index, "sampleword"), end - first);
    assert_int_equal(total(index, "waits"), long_ones); /* by their stems, of the text and of the title */
    assert_int_equal(total(index, "title:harbour"), titled);
}

void sample_check(const char *path, unsigned first, unsigned end)
{
    riffle_index *index;
    riffle_error error;
    riffle_status status = riffle_index_open(&index, path, NULL, &error);
    if (status == RIFFLE_NO_INDEX && first == end)
        return;
    expect_ok(status, &error);
    sample_check_open(index, first, end);
    riffle_index_close(index);
}

void sample_check_files(const char *path)
{
    struct folder_names names;
    struct rf_manifest manifest;
    riffle_error error;
    bool found;
    if (!folder_has(path))
        return;
    expect_ok(rf_manifest_read(&manifest, path, &found, &rf_malloc_allocator, &error), &error);
    size_t expected = found ? 2 : 1; /* the lock and the manifest */
    for (size_t i = 0; i < manifest.segment_count; i++)
        for (int j = 0; j < RF_FILES; j++) {
            if (!manifest.segments[i].size[j])
                continue;
            char *name = rf_segment_path(&rf_malloc_allocator, path, manifest.segments[i].number, rf_file_suffix[j]);
            assert_non_null(name);
            if (!folder_has(name))
                fail_msg("%s is missing", name);
            rf_free(&rf_malloc_allocator, name);
            expected++;
        }
    rf_manifest_release(&manifest, &rf_malloc_allocator);
    folder_list(path, &names);
    if (names.count == expected)
        return;
    for (size_t i = 0; i < names.count; i++)
        print_message("%s has %s\n", path, names.list[i]);
    fail_msg("%zu files where %zu should be", names.count, expected);
}

void sample_check_next_writer(const char *path)
{
    riffle_writer *writer;
    riffle_error error;
    expect_ok(riffle_writer_open(&writer, path, NULL, &error), &error);
    sample_check_files(path);
    riffle_writer_close(writer);
    sample_check_files(path);
}
