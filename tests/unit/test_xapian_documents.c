/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Documents and lists of the Xapian wrapper: terms, values, data, postings, positions, visits, stems, spelling. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/xapian_shelf.h"

static rx_error error;
static rx_database *database; /* in memory, made anew for each test */

static int set_up(void **context)
{
    (void)context;
    return rx_database_open_memory(&database, NULL);
}

static int tear_down(void **context)
{
    (void)context;
    rx_database_free(database);
    return 0;
}

static void check_string(rx_string *string, const char *expected, size_t length)
{
    assert_int_equal(string->length, length);
    assert_memory_equal(string->bytes, expected, length);
    assert_int_equal(string->bytes[length], 0);
    rx_string_free(string);
}

/* Terms of a list with spaces between, each as "term/wdf". */
static const char *listed(rx_terms *terms)
{
    static char line[2000];
    size_t length = 0;
    line[0] = 0;
    for (size_t i = 0; i < terms->count; i++)
        length += (size_t)snprintf(line + length, sizeof line - length, "%s%s/%u", i ? " " : "", terms->items[i].term.bytes,
                                   terms->items[i].wdf);
    rx_terms_free(terms);
    return line;
}

static const char *terms_of(const rx_document *document)
{
    rx_terms *terms = NULL;
    OK(rx_document_terms(document, &terms, &error));
    return listed(terms);
}

/* ---- Documents ---- */

static void test_tokens(void **context)
{
    (void)context;
    rx_document *document = NULL;
    OK(rx_document_new(&document, &error));
    const rx_token tokens[] = {
        {"red", 3, 1, 1},  {"apple", 5, 2, 1}, {"red", 3, 7, 2}, {"title", 5, RX_NO_POSITION, 3}, {"Qid", 3, RX_NO_POSITION, 0},
        {"apple", 5, 2, 0}};
    OK(rx_document_add_tokens(document, tokens, 6, &error));
    OK(rx_document_add_tokens(document, NULL, 0, &error));
    assert_string_equal(terms_of(document), "Qid/0 apple/1 red/3 title/3");
    OK(rx_document_add_term(document, TEXT("red"), 4, &error));
    OK(rx_document_add_boolean(document, TEXT("K"), &error));
    OK(rx_document_remove_term(document, TEXT("title"), &error));
    FAILS(RX_INVALID_ARGUMENT, rx_document_remove_term(document, TEXT("title"), &error));
    assert_string_equal(terms_of(document), "K/0 Qid/0 apple/1 red/7");

    /* A bad one in the middle: nothing of the batch is added. */
    rx_token bad[] = {{"one", 3, 1, 1}, {"", 0, 2, 1}, {"two", 3, 3, 1}};
    FAILS(RX_INVALID_ARGUMENT, rx_document_add_tokens(document, bad, 3, &error));
    assert_non_null(strstr(error.message, "token 1"));
    FAILS(RX_INVALID_ARGUMENT, rx_document_add_tokens(document, NULL, 3, &error));
    FAILS(RX_INVALID_ARGUMENT, rx_document_add_posting(document, TEXT("x"), RX_NO_POSITION, 1, &error));
    assert_string_equal(terms_of(document), "K/0 Qid/0 apple/1 red/7");

    rx_docid docid = 0;
    OK(rx_add(database, document, &docid, &error));
    uint32_t positions[4] = {0};
    size_t count = 0;
    OK(rx_positions(database, docid, TEXT("red"), positions, 4, &count, &error));
    assert_int_equal(count, 2);
    assert_true(positions[0] == 1 && positions[1] == 7);
    OK(rx_positions(database, docid, TEXT("red"), positions, 1, &count, &error));
    assert_int_equal(count, 2);
    OK(rx_positions(database, docid, TEXT("red"), NULL, 0, &count, &error));
    assert_int_equal(count, 2);
    OK(rx_positions(database, docid, TEXT("Qid"), positions, 4, &count, &error));
    assert_int_equal(count, 0);

    OK(rx_document_clear(document, &error));
    assert_string_equal(terms_of(document), "");
    rx_document_free(document);
}

static void test_values_and_data(void **context)
{
    (void)context;
    rx_document *document = NULL;
    rx_string text = {NULL, 0};
    double number = 0;
    OK(rx_document_new(&document, &error));
    OK(rx_document_set_value(document, 3, "a\0b", 3, &error));
    OK(rx_document_value(document, 3, &text, &error));
    check_string(&text, "a\0b", 3);
    OK(rx_document_value(document, 4, &text, &error));
    check_string(&text, "", 0);
    OK(rx_document_set_value(document, 3, NULL, 0, &error));
    OK(rx_document_value(document, 3, &text, &error));
    check_string(&text, "", 0);
    FAILS(RX_INVALID_ARGUMENT, rx_document_set_value(document, RX_NO_SLOT, TEXT("x"), &error));
    FAILS(RX_INVALID_ARGUMENT, rx_document_number(document, 5, &number, &error));
    OK(rx_document_set_number(document, 5, -2.5, &error));
    OK(rx_document_number(document, 5, &number, &error));
    assert_true(number == -2.5);
    FAILS(RX_INVALID_ARGUMENT, rx_document_set_number(document, 5, (double)NAN, &error));
    OK(rx_document_set_data(document, "d\0\xff", 3, &error));
    rx_docid docid = 0;
    OK(rx_add(database, document, &docid, &error));
    rx_document_free(document);

    OK(rx_document_get(database, docid, &document, &error));
    OK(rx_document_data(document, &text, &error));
    check_string(&text, "d\0\xff", 3);
    OK(rx_document_number(document, 5, &number, &error));
    assert_true(number == -2.5);
    rx_document_free(document);
    document = NULL;
    FAILS(RX_DOC_NOT_FOUND, rx_document_get(database, 77, &document, &error));
    FAILS(RX_INVALID_ARGUMENT, rx_document_get(database, 0, &document, &error));
    assert_null(document);
    rx_document_free(NULL);
}

static void test_numbers(void **context)
{
    (void)context;
    const double ascending[] = {-1e300, -2, -1, -0.5, 0, 1e-300, 0.25, 1, 2, 19991231, 20000101, 1e300, HUGE_VAL};
    char bytes[RX_NUMBER_BYTES], before[RX_NUMBER_BYTES];
    size_t length, length_before = 0;
    for (size_t i = 0; i < sizeof ascending / sizeof *ascending; i++) {
        OK(rx_number_encode(ascending[i], bytes, &length, &error));
        assert_true(length >= 1 && length <= RX_NUMBER_BYTES);
        if (i > 0) {
            size_t shorter = length < length_before ? length : length_before;
            int order = memcmp(before, bytes, shorter);
            assert_true(order < 0 || (order == 0 && length_before < length));
        }
        double back = 0;
        OK(rx_number_decode(bytes, length, &back, &error));
        assert_true(back == ascending[i]);
        memcpy(before, bytes, length_before = length);
    }
    double number;
    FAILS(RX_INVALID_ARGUMENT, rx_number_decode(NULL, 0, &number, &error));
    FAILS(RX_INVALID_ARGUMENT, rx_number_decode(TEXT("no number at all"), &number, &error));
    FAILS(RX_INVALID_ARGUMENT, rx_number_encode((double)NAN, bytes, &length, &error));
    FAILS(RX_INVALID_ARGUMENT, rx_number_encode(-HUGE_VAL, bytes, &length, &error));
}

static void test_documents_that_were_read_can_be_changed(void **context)
{
    (void)context;
    shelf_add(database, 1, "red apple", NULL);
    shelf_add(database, 2, "red pear", NULL);
    rx_document *document = NULL;
    rx_terms *terms = NULL;
    OK(rx_document_get(database, 2, &document, &error));
    OK(rx_document_terms(document, &terms, &error));
    assert_string_equal(terms->items[2].term.bytes, "red");
    assert_int_equal(terms->items[2].documents, 2);
    rx_terms_free(terms);
    OK(rx_document_add_term(document, TEXT("apple"), 1, &error));
    OK(rx_document_terms(document, &terms, &error));
    assert_int_equal(terms->items[1].documents, 1);
    assert_string_equal(listed(terms), "Q2/0 apple/1 pear/1 red/1");
    OK(rx_replace(database, 2, document, &error));
    rx_document_free(document);
    rx_term_statistics statistics;
    OK(rx_database_term(database, TEXT("apple"), &statistics, &error));
    assert_int_equal(statistics.documents, 2);
}

/* ---- Lists ---- */

static void test_postings(void **context)
{
    (void)context;
    for (unsigned number = 1; number <= 10; number++)
        shelf_add(database, number, number % 2 ? "odd odd" : "even", NULL);
    rx_posting postings[10];
    size_t count = 99;
    OK(rx_postings(database, TEXT("odd"), 0, postings, 10, &count, &error));
    assert_int_equal(count, 5);
    for (size_t i = 0; i < count; i++)
        assert_true(postings[i].docid == 2 * i + 1 && postings[i].wdf == 2);
    OK(rx_postings(database, TEXT("odd"), 4, postings, 2, &count, &error));
    assert_int_equal(count, 2);
    assert_true(postings[0].docid == 5 && postings[1].docid == 7);
    OK(rx_postings(database, TEXT("odd"), postings[1].docid + 1, postings, 2, &count, &error));
    assert_int_equal(count, 1);
    assert_int_equal(postings[0].docid, 9);
    OK(rx_postings(database, TEXT("odd"), 10, postings, 2, &count, &error));
    assert_int_equal(count, 0);
    OK(rx_postings(database, TEXT("nowhere"), 5, postings, 2, &count, &error));
    assert_int_equal(count, 0);
    OK(rx_postings(database, NULL, 0, 8, postings, 10, &count, &error));
    assert_int_equal(count, 3);
    assert_true(postings[0].docid == 8 && postings[0].wdf == 1);
    OK(rx_postings(database, TEXT("odd"), 0, NULL, 0, &count, &error));
    assert_int_equal(count, 0);
    FAILS(RX_INVALID_ARGUMENT, rx_postings(database, TEXT("odd"), 0, NULL, 5, &count, &error));
}

struct visited {
    unsigned count, stop_at;
    char line[1000];
};

static int visit(void *context, const rx_term *term)
{
    struct visited *visited = context;
    size_t length = strlen(visited->line);
    if (visited->count < 10)
        snprintf(visited->line + length, sizeof visited->line - length, "%s/%u ", term->term.bytes, term->documents);
    /* The database is free to be used. */
    rx_term_statistics statistics;
    if (term->documents && rx_database_term(database, term->term.bytes, term->term.length, &statistics, NULL) == RX_OK)
        assert_int_equal(statistics.documents, term->documents);
    return ++visited->count == visited->stop_at;
}

static int visit_word(void *context, const rx_term *term)
{
    struct visited *visited = context;
    size_t length = strlen(visited->line);
    snprintf(visited->line + length, sizeof visited->line - length, "%s/%u ", term->term.bytes, term->documents);
    return 0;
}

static void test_visiting_terms(void **context)
{
    (void)context;
    shelf_add(database, 1, "red apple", NULL);
    shelf_add(database, 2, "red rope", NULL);
    struct visited visited = {0};
    OK(rx_each_term(database, TEXT("r"), visit, &visited, &error));
    assert_string_equal(visited.line, "red/2 rope/1 ");
    visited = (struct visited){0};
    OK(rx_each_term(database, NULL, 0, visit, &visited, &error));
    assert_string_equal(visited.line, "Q1/1 Q2/1 apple/1 red/2 rope/1 ");
    visited = (struct visited){.stop_at = 3};
    OK(rx_each_term(database, NULL, 0, visit, &visited, &error));
    assert_int_equal(visited.count, 3);
    visited = (struct visited){0};
    OK(rx_each_term(database, TEXT("x"), visit, &visited, &error));
    assert_int_equal(visited.count, 0);
    FAILS(RX_INVALID_ARGUMENT, rx_each_term(database, NULL, 0, NULL, NULL, &error));

    /* As many as are read at once, one less and one more, and several times as many. */
    const unsigned sizes[] = {255, 256, 257, 1000};
    for (unsigned i = 0, made = 0; i < 4; i++) {
        for (; made < sizes[i]; made++) {
            char word[20];
            snprintf(word, sizeof word, "w%04u", made);
            shelf_add(database, 3 + made, word, NULL);
        }
        visited = (struct visited){0};
        OK(rx_each_term(database, TEXT("w"), visit, &visited, &error));
        assert_int_equal(visited.count, sizes[i]);
    }
}

static int visit_value(void *context, rx_docid docid, const char *value, size_t length)
{
    struct visited *visited = context;
    size_t at = strlen(visited->line);
    snprintf(visited->line + at, sizeof visited->line - at, "%u:%.*s ", docid, (int)length, value);
    return ++visited->count == visited->stop_at;
}

static void test_visiting_values(void **context)
{
    (void)context;
    shelf_add(database, 1, "x", "fruit");
    shelf_add(database, 2, "x", NULL);
    shelf_add(database, 3, "x", "tree");
    shelf_add(database, 4, "x", "fruit");
    struct visited visited = {0};
    OK(rx_each_value(database, SHELF_KIND, 0, visit_value, &visited, &error));
    assert_string_equal(visited.line, "1:fruit 3:tree 4:fruit ");
    visited = (struct visited){.stop_at = 1};
    OK(rx_each_value(database, SHELF_KIND, 2, visit_value, &visited, &error));
    assert_string_equal(visited.line, "3:tree ");
    visited = (struct visited){0};
    OK(rx_each_value(database, 77, 1, visit_value, &visited, &error));
    OK(rx_each_value(database, SHELF_KIND, 5, visit_value, &visited, &error));
    assert_int_equal(visited.count, 0);
}

/* ---- Language ---- */

static void test_stems(void **context)
{
    (void)context;
    rx_stemmer *stemmer = NULL;
    rx_string text = {NULL, 0};
    OK(rx_stemmer_new("english", &stemmer, &error));
    OK(rx_stem(stemmer, TEXT("connections"), &text, &error));
    check_string(&text, "connect", 7);
    OK(rx_stem(stemmer, NULL, 0, &text, &error));
    check_string(&text, "", 0);
    rx_stemmer_free(stemmer);
    OK(rx_stemmer_new("none", &stemmer, &error));
    OK(rx_stem(stemmer, TEXT("connections"), &text, &error));
    check_string(&text, "connections", 11);
    rx_stemmer_free(stemmer);
    stemmer = NULL;
    FAILS(RX_INVALID_ARGUMENT, rx_stemmer_new("klingon", &stemmer, &error));
    assert_null(stemmer);
    OK(rx_stemmer_languages(&text, &error));
    assert_non_null(strstr(text.bytes, "english"));
    rx_string_free(&text);
}

static void test_spelling_synonyms_and_keys(void **context)
{
    (void)context;
    char folder[SCRATCH_PATH], path[SCRATCH_PATH + 50];
    scratch_make(folder);
    snprintf(path, sizeof path, "%s/database", folder);
    rx_database *stored = NULL;
    rx_string text = {NULL, 0};
    rx_terms *terms = NULL;
    OK(rx_database_open_writable(path, RX_CREATE, RX_NO_SYNC, 0, &stored, &error));
    OK(rx_spelling_add(stored, TEXT("apple"), 2, &error));
    OK(rx_spelling_add(stored, TEXT("pear"), 1, &error));
    OK(rx_spelling_suggest(stored, TEXT("aple"), 2, &text, &error));
    check_string(&text, "apple", 5);
    OK(rx_spelling_suggest(stored, TEXT("zzzzzz"), 2, &text, &error));
    check_string(&text, "", 0);
    struct visited visited = {0};
    OK(rx_commit(stored, &error));
    OK(rx_each_spelling(stored, visit_word, &visited, &error));
    assert_string_equal(visited.line, "apple/2 pear/1 ");
    OK(rx_spelling_remove(stored, TEXT("apple"), 2, &error));
    OK(rx_spelling_suggest(stored, TEXT("aple"), 2, &text, &error));
    check_string(&text, "", 0);
    OK(rx_synonym_add(stored, TEXT("car"), TEXT("vehicle"), &error));
    OK(rx_synonym_add(stored, TEXT("car"), TEXT("auto"), &error));
    OK(rx_synonyms(stored, TEXT("car"), &terms, &error));
    assert_string_equal(listed(terms), "auto/0 vehicle/0");
    OK(rx_synonym_remove(stored, TEXT("car"), TEXT("auto"), &error));
    OK(rx_synonyms(stored, TEXT("car"), &terms, &error));
    assert_string_equal(listed(terms), "vehicle/0");
    OK(rx_metadata_set(stored, TEXT("b"), TEXT("x"), &error));
    OK(rx_metadata_set(stored, TEXT("a1"), TEXT("x"), &error));
    OK(rx_metadata_set(stored, TEXT("a2"), TEXT("x"), &error));
    visited = (struct visited){0};
    OK(rx_each_metadata_key(stored, TEXT("a"), visit, &visited, &error));
    assert_string_equal(visited.line, "a1/0 a2/0 ");
    rx_database_free(stored);
    scratch_remove(folder);
    /* In memory there is neither. */
    FAILS(RX_UNIMPLEMENTED, rx_spelling_add(database, TEXT("apple"), 1, &error));
    shelf_add(database, 1, "still works", NULL);
}

int main(void)
{
#define IN_MEMORY(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        IN_MEMORY(test_tokens),
        IN_MEMORY(test_values_and_data),
        IN_MEMORY(test_numbers),
        IN_MEMORY(test_documents_that_were_read_can_be_changed),
        IN_MEMORY(test_postings),
        IN_MEMORY(test_visiting_terms),
        IN_MEMORY(test_visiting_values),
        IN_MEMORY(test_stems),
        IN_MEMORY(test_spelling_synonyms_and_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
