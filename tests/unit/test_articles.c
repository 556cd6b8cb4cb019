/* SPDX-License-Identifier: BSD-3-Clause */
/* The articles of a segment: ids, titles, passages, metadata columns, deletions, and any range of stored text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "store/articles.h"
#include "store/postings.h"
#include "tests/support/scratch.h"

enum { ARTICLES = 300, FIELDS = 5, PASSAGES = 6 };

/* An article as the test knows it. */
struct article {
    char id[40];
    size_t id_length;
    char title[40];
    char *text;
    uint32_t text_length;
    char values[FIELDS][16]; /* "": none */
    uint32_t first, docs;
    uint32_t starts[PASSAGES];
    uint64_t lengths[PASSAGES];
};

static const char *const fields[FIELDS] = {"source", "date", "a", "\xec\xb6\x9c\xec\xb2\x98", "rare"};

static char folder[SCRATCH_PATH];
static uint64_t state = 23;
static struct article articles[ARTICLES];
static struct rf_segment_entry entry;
static struct rf_segment *segment;
static const riffle_allocator *const allocator = &rf_malloc_allocator;
static riffle_error error;

/* ---- Writing ---- */

static void make_text(struct article *article, uint32_t number)
{
    static const uint32_t special[] = {0, 1, RF_TEXT_BLOCK - 1, RF_TEXT_BLOCK, RF_TEXT_BLOCK + 1, 5 * RF_TEXT_BLOCK, 0, 3000000, 0};
    uint32_t n = number < 9 ? special[number] : (uint32_t)random_below(&state, random_below(&state, 4) ? 3000 : 50000);
    article->text = malloc(n + 1);
    article->text_length = n;
    for (uint32_t i = 0; i < n; i++) /* some that deflate cannot make smaller */
        article->text[i] = (char)(number % 4 == 3 ? random_next(&state) : 'a' + random_below(&state, 3));
}

static void make_article(struct article *article, uint32_t number)
{
    article->id_length = (size_t)snprintf(article->id, sizeof article->id, "%c%u/%u", "zab\xff"[number % 4],
                                          (unsigned)number * 7919 % 1000, (unsigned)number);
    if (number % 10 == 1)
        article->id[0] = 0; /* any byte can be in an id */
    snprintf(article->title, sizeof article->title, "%.*s", (int)(number % 30), "Staff withdraw from the office of Kaesong");
    make_text(article, number);
    snprintf(article->values[0], sizeof article->values[0], "source %u", (unsigned)(number % 7));
    snprintf(article->values[1], sizeof article->values[1], "2019-%02u-%02u", (unsigned)(number % 12 + 1),
             (unsigned)(number % 28 + 1));
    if (number % 3 == 0)
        snprintf(article->values[2], sizeof article->values[2], "%c", (int)('a' + number % 26));
    if (number % 2)
        snprintf(article->values[3], sizeof article->values[3], "\xff%u", (unsigned)number); /* all different */
    if (number == 200)
        strcpy(article->values[4], "once");
    article->docs = 1 + (uint32_t)random_below(&state, PASSAGES);
    for (uint32_t i = 0; i < article->docs; i++) {
        article->starts[i] = (uint32_t)((uint64_t)article->text_length * i / article->docs);
        article->lengths[i] = random_below(&state, 2) ? random_below(&state, 300) : random_next(&state) >> random_below(&state, 64);
    }
}

static void add_article(struct rf_articles_writer *writer, const struct article *article, bool with_text)
{
    struct rf_bytes id = {article->id, article->id_length}, title = {article->title, strlen(article->title)};
    riffle_field given[2 * FIELDS + 2];
    size_t count = 0;
    for (size_t i = 0; i < FIELDS; i++)
        given[count++] = (riffle_field){fields[i], strlen(fields[i]), article->values[i], strlen(article->values[i])};
    for (size_t i = 0; i < FIELDS; i++) /* again, with another value: the first counts */
        if (article->values[i][0])
            given[count++] = (riffle_field){fields[i], strlen(fields[i]), "second", 6};
    given[count++] = (riffle_field){"", 0, "nameless", 8};
    assert_false(rf_articles_has(writer, article->id, article->id_length));
    rf_articles_add(writer, &id, &title, with_text ? article->text : NULL, article->text_length, given, count);
    assert_true(rf_articles_has(writer, article->id, article->id_length));
    for (uint32_t i = 0; i < article->docs; i++)
        rf_articles_add_doc(writer, article->starts[i], article->lengths[i]);
}

static void write_segment(uint32_t number, uint32_t count, bool with_text)
{
    struct rf_articles_writer articles_writer;
    struct rf_postings_writer *postings = malloc(sizeof *postings);
    entry = (struct rf_segment_entry){.number = number};
    OK(rf_articles_create(&articles_writer, folder, number, with_text, allocator, &error));
    for (uint32_t i = 0; i < count; i++) {
        articles[i].first = articles_writer.docs;
        add_article(&articles_writer, &articles[i], with_text);
        assert_int_equal(articles_writer.error.status, RIFFLE_OK);
    }
    OK(rf_postings_create(postings, folder, number, rf_articles_lengths(&articles_writer), articles_writer.docs, allocator,
                          &error));
    OK(rf_postings_finish(postings, &entry, &error));
    OK(rf_articles_finish(&articles_writer, &entry, &error));
    rf_postings_release(postings, false);
    rf_articles_release(&articles_writer, false);
    free(postings);
}

static int set_up(void **context)
{
    (void)context;
    scratch_make(folder);
    for (uint32_t i = 0; i < ARTICLES; i++)
        make_article(&articles[i], i);
    write_segment(1, ARTICLES, true);
    OK(rf_segment_open(&segment, folder, &entry, allocator, &error));
    return 0;
}

static int tear_down(void **context)
{
    (void)context;
    rf_segment_close(segment);
    for (uint32_t i = 0; i < ARTICLES; i++)
        free(articles[i].text);
    scratch_remove(folder);
    return 0;
}

/* ---- Reading ---- */

static void check_bytes(const struct rf_bytes *bytes, const char *expected, size_t n)
{
    assert_int_equal(rf_compare(bytes->data, bytes->length, expected, n), 0);
}

static void test_articles(void **context)
{
    (void)context;
    assert_int_equal(rf_segment_articles(segment), ARTICLES);
    for (uint32_t i = 0; i < ARTICLES; i++) {
        struct rf_bytes bytes;
        uint32_t number, length, first, count;
        bool found;
        OK(rf_segment_article_id(segment, i, &bytes, &error));
        check_bytes(&bytes, articles[i].id, articles[i].id_length);
        OK(rf_segment_article_title(segment, i, &bytes, &error));
        check_bytes(&bytes, articles[i].title, strlen(articles[i].title));
        OK(rf_segment_text_length(segment, i, &length, &error));
        assert_int_equal(length, articles[i].text_length);
        OK(rf_segment_article_docs(segment, i, &first, &count, &error));
        assert_int_equal(first, articles[i].first);
        assert_int_equal(count, articles[i].docs);
        OK(rf_segment_find_id(segment, articles[i].id, articles[i].id_length, &found, &number, &error));
        assert_true(found);
        assert_int_equal(number, i);
        OK(rf_segment_find_id(segment, articles[i].id, articles[i].id_length - 1, &found, &number, &error));
        assert_false(found);
    }
    bool found;
    uint32_t number;
    struct rf_bytes bytes;
    static const char *const unknown[] = {"", "a", "\xff\xff", "zzz", "b500"};
    for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++) {
        OK(rf_segment_find_id(segment, unknown[i], strlen(unknown[i]), &found, &number, &error));
        assert_false(found);
    }
    assert_int_equal(rf_segment_article_id(segment, ARTICLES, &bytes, &error), RIFFLE_INVALID);
    assert_int_equal(rf_segment_article_id(segment, UINT32_MAX, &bytes, &error), RIFFLE_INVALID);
    assert_int_equal(rf_segment_article_docs(segment, ARTICLES, &number, &number, &error), RIFFLE_INVALID);
}

static void test_passages(void **context)
{
    (void)context;
    uint32_t doc = 0, start, end;
    uint64_t sum = 0;
    for (uint32_t i = 0; i < ARTICLES; i++)
        for (uint32_t j = 0; j < articles[i].docs; j++, doc++) {
            const struct article *article = &articles[i];
            assert_int_equal(rf_segment_article_of(segment, doc), i);
            OK(rf_segment_doc_range(segment, doc, &start, &end, &error));
            assert_int_equal(start, article->starts[j]);
            assert_int_equal(end, j + 1 < article->docs ? article->starts[j + 1] : article->text_length);
            assert_int_equal(rf_segment_lengths(segment)[doc], rf_length_encode(article->lengths[j]));
            sum += rf_length_decode(rf_length_encode(article->lengths[j]));
        }
    assert_int_equal(rf_segment_docs(segment), doc);
    assert_int_equal(rf_segment_live_docs(segment), doc);
    assert_true(rf_segment_length_sum(segment) == sum);
    assert_int_equal(rf_segment_doc_range(segment, doc, &start, &end, &error), RIFFLE_INVALID);
}

static void test_columns(void **context)
{
    (void)context;
    static const size_t in_order[FIELDS] = {2, 1, 4, 0, 3}; /* a, date, rare, source, 출처 */
    assert_int_equal(rf_segment_columns(segment), FIELDS);
    for (uint32_t column = 0; column < FIELDS; column++) {
        struct rf_bytes name, value, before = {NULL, 0};
        size_t field = in_order[column];
        uint32_t used = 0, values = rf_segment_column_values(segment, column);
        bool seen[ARTICLES] = {false};
        OK(rf_segment_column_name(segment, column, &name, &error));
        check_bytes(&name, fields[field], strlen(fields[field]));
        for (uint32_t v = 0; v < values; v++, before = value) {
            OK(rf_segment_column_value(segment, column, v, &value, &error));
            if (v)
                assert_true(rf_compare(before.data, before.length, value.data, value.length) < 0);
        }
        for (uint32_t i = 0; i < ARTICLES; i++) {
            uint32_t which = rf_segment_article_value(segment, column, i);
            assert_int_equal(which != 0, articles[i].values[field][0] != 0);
            if (!which)
                continue;
            OK(rf_segment_column_value(segment, column, which - 1, &value, &error));
            check_bytes(&value, articles[i].values[field], strlen(articles[i].values[field]));
            used += !seen[which - 1];
            seen[which - 1] = true;
        }
        assert_int_equal(used, values);
        assert_int_equal(rf_segment_column_value(segment, column, values, &value, &error), RIFFLE_INVALID);
        assert_int_equal(rf_segment_article_value(segment, column, ARTICLES), 0);
    }
    struct rf_bytes name;
    assert_int_equal(rf_segment_column_name(segment, FIELDS, &name, &error), RIFFLE_INVALID);
    assert_int_equal(rf_segment_column_values(segment, FIELDS), 0);
    assert_int_equal(rf_segment_article_value(segment, FIELDS, 0), 0);
}

/* ---- Text ---- */

static void check_text(const struct rf_segment *from, uint32_t i, uint32_t start, uint32_t end, struct rf_buffer *out)
{
    out->size = 0;
    rf_buffer_append(out, "before", 6); /* what is there stays */
    OK(rf_segment_read_text(from, i, start, end, out, &error));
    assert_int_equal(out->size - 6, end - start);
    assert_int_equal(rf_compare(out->data, 6, "before", 6), 0);
    assert_int_equal(rf_compare(out->data + 6, out->size - 6, articles[i].text + start, end - start), 0);
}

static void test_text_in_any_range(void **context)
{
    (void)context;
    struct rf_buffer out;
    rf_buffer_init(&out, allocator);
    assert_true(rf_segment_has_text(segment));
    uint64_t before = 0; /* bytes of text of the articles before: where blocks end */
    for (uint32_t i = 0; i < ARTICLES; before += articles[i].text_length, i++) {
        uint32_t n = articles[i].text_length;
        check_text(segment, i, 0, n, &out);
        check_text(segment, i, 0, 0, &out);
        check_text(segment, i, n, n, &out);
        for (int round = 0; n && round < 30; round++) {
            uint32_t start = (uint32_t)random_below(&state, n + 1ull);
            check_text(segment, i, start,
                       start + (uint32_t)random_below(&state, (random_below(&state, 2) ? n - start : (n - start) / 50) + 1ull),
                       &out);
        }
        /* Around each end of a block within the article. */
        for (uint64_t border = before / RF_TEXT_BLOCK * RF_TEXT_BLOCK; border < before + n; border += RF_TEXT_BLOCK)
            for (uint64_t start = border - 2; start != border + 2; start++)
                for (uint64_t end = start; end < border + 3; end++)
                    if (start >= before && start < before + n && end <= before + n)
                        check_text(segment, i, (uint32_t)(start - before), (uint32_t)(end - before), &out);
        out.size = 0;
        assert_int_equal(rf_segment_read_text(segment, i, 0, n + 1, &out, &error), RIFFLE_CORRUPT); /* never its neighbour's */
    }
    assert_int_equal(rf_segment_read_text(segment, ARTICLES, 0, 1, &out, &error), RIFFLE_INVALID);
    rf_buffer_release(&out);
}

static void test_without_stored_text(void **context)
{
    (void)context;
    struct rf_segment *bare;
    struct rf_buffer out;
    uint32_t start, end, length;
    write_segment(2, 20, false);
    OK(rf_segment_open(&bare, folder, &entry, allocator, &error));
    rf_buffer_init(&out, allocator);
    assert_false(rf_segment_has_text(bare));
    assert_int_equal(entry.size[RF_FILE_TEXT], 0);
    OK(rf_segment_read_text(bare, 7, 0, 100, &out, &error));
    assert_int_equal(out.size, 0);
    OK(rf_segment_text_length(bare, 7, &length, &error));
    assert_int_equal(length, articles[7].text_length);
    OK(rf_segment_doc_range(bare, articles[7].first + articles[7].docs - 1, &start, &end, &error));
    assert_int_equal(end, length);
    rf_buffer_release(&out);
    rf_segment_close(bare);
}

static void test_no_articles(void **context)
{
    (void)context;
    struct rf_segment *empty;
    bool found;
    uint32_t article;
    write_segment(3, 0, true);
    OK(rf_segment_open(&empty, folder, &entry, allocator, &error));
    assert_int_equal(rf_segment_docs(empty), 0);
    assert_int_equal(rf_segment_columns(empty), 0);
    OK(rf_segment_find_id(empty, "x", 1, &found, &article, &error));
    assert_false(found);
    rf_segment_close(empty);
}

/* ---- Deleted passages: nothing writes them yet, and readers honour them ---- */

static void write_deleted(const char *name, const uint8_t *bits, size_t bytes)
{
    struct rf_container_writer writer;
    char path[2 * SCRATCH_PATH];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    OK(rf_container_create(&writer, path, RF_KIND_DELETED, allocator, &error));
    rf_container_section(&writer, RF_SECTION_BITS);
    rf_output_append(&writer.output, bits, bytes);
    OK(rf_container_finish(&writer, &error));
    rf_container_release(&writer, false);
}

static void test_deleted(void **context)
{
    (void)context;
    struct rf_segment *some;
    write_segment(4, 30, true);
    uint32_t docs = entry.docs, deleted = 0;
    size_t bytes = (docs + 7) / 8;
    uint8_t *bits = calloc(bytes + 1, 1);
    for (uint32_t doc = 0; doc < docs; doc += 1 + doc % 3, deleted++)
        bits[doc / 8] |= (uint8_t)(1 << doc % 8);
    write_deleted("000004.12.deleted", bits, bytes);
    write_deleted("000004.13.deleted", bits, bytes + 1);
    entry.deleted = 12;
    OK(rf_segment_open(&some, folder, &entry, allocator, &error));
    assert_int_equal(rf_segment_live_docs(some), docs - deleted);
    assert_int_equal(rf_segment_docs(some), docs);
    for (uint32_t doc = 0; doc < docs; doc++)
        assert_int_equal(rf_segment_deleted(some, doc), bits[doc / 8] >> doc % 8 & 1);
    rf_segment_close(some);
    entry.deleted = 13; /* of another size */
    assert_int_equal(rf_segment_open(&some, folder, &entry, allocator, &error), RIFFLE_CORRUPT);
    entry.deleted = 14; /* not there */
    assert_int_equal(rf_segment_open(&some, folder, &entry, allocator, &error), RIFFLE_IO);
    assert_null(some);
    free(bits);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_articles),
        cmocka_unit_test(test_passages),
        cmocka_unit_test(test_columns),
        cmocka_unit_test(test_text_in_any_range),
        cmocka_unit_test(test_without_stored_text),
        cmocka_unit_test(test_no_articles),
        cmocka_unit_test(test_deleted),
    };
    return cmocka_run_group_tests_name("articles", tests, set_up, tear_down);
}
