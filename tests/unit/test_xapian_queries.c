/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Queries of the Xapian wrapper: what each operator finds, the parser, words and bytes that stand for a query, nesting. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <pthread.h>

#include "tests/support/xapian_shelf.h"

static rx_error error;
static rx_database *database;
static rx_enquire *enquire;

static const char *const texts[] = {
    /* 1 */ "red apple tart",
    /* 2 */ "green apple",
    /* 3 */ "apple red apple",
    /* 4 */ "tart red green apple",
    /* 5 */ "apply varnish",
    /* 6 */ "red x x apple",
};

static int set_up(void **context)
{
    (void)context;
    OK(rx_database_open_memory(&database, &error));
    for (unsigned i = 0; i < sizeof texts / sizeof *texts; i++)
        shelf_add(database, i + 1, texts[i], i % 2 ? "odd" : NULL);
    OK(rx_enquire_new(database, &enquire, &error));
    OK(rx_enquire_boolean(enquire, &error));
    return 0;
}

static int tear_down(void **context)
{
    (void)context;
    rx_enquire_free(enquire);
    rx_database_free(database);
    return 0;
}

static void check_terms(rx_op op, const char *terms, uint32_t parameter, const char *expected)
{
    assert_string_equal(shelf_search(enquire, shelf_terms(op, terms, parameter)), expected);
}

static void check(rx_query *query, const char *expected) { assert_string_equal(shelf_search(enquire, query), expected); }

static rx_query *all(void)
{
    rx_query *query = NULL;
    OK(rx_query_all(&query, &error));
    return query;
}

static rx_query *two(rx_op op, rx_query *a, rx_query *b)
{
    rx_query *query = NULL;
    OK(rx_query_combine(op, (const rx_query *const[]){a, b}, 2, 0, &query, &error));
    rx_query_free(a);
    rx_query_free(b);
    return query;
}

/* ---- Operators ---- */

static void test_operators(void **context)
{
    (void)context;
    check_terms(RX_OP_AND, "red apple", 0, "1 3 4 6");
    check_terms(RX_OP_OR, "green varnish", 0, "2 4 5");
    check_terms(RX_OP_AND_NOT, "apple red green", 0, "");
    check_terms(RX_OP_AND_NOT, "apple red", 0, "2");
    check_terms(RX_OP_XOR, "red green", 0, "1 2 3 6");
    check_terms(RX_OP_AND_MAYBE, "tart red", 0, "1 4");
    check_terms(RX_OP_FILTER, "apple green", 0, "2 4");
    check_terms(RX_OP_SYNONYM, "green varnish", 0, "2 4 5");
    check_terms(RX_OP_MAX, "green varnish", 0, "2 4 5");
    check_terms(RX_OP_ELITE_SET, "varnish", 1, "5");
    check_terms(RX_OP_AND, "red", 0, "1 3 4 6");
    check_terms(RX_OP_AND, "", 0, "");
    check(all(), "1 2 3 4 5 6");
    rx_query *none = NULL;
    OK(rx_query_none(&none, &error));
    check(none, "");
    check(two(RX_OP_AND_NOT, all(), shelf_term("apple")), "5");
}

static void test_positions(void **context)
{
    (void)context;
    check_terms(RX_OP_PHRASE, "red apple", 0, "1 3");
    check_terms(RX_OP_PHRASE, "red apple", 2, "1 3");
    check_terms(RX_OP_PHRASE, "red apple", 3, "1 3 4");
    check_terms(RX_OP_PHRASE, "red apple", 4, "1 3 4 6");
    check_terms(RX_OP_PHRASE, "apple red", 0, "3");
    check_terms(RX_OP_NEAR, "apple red", 2, "1 3");
    check_terms(RX_OP_NEAR, "apple red", 4, "1 3 4 6");
    check_terms(RX_OP_PHRASE, "red apple tart", 0, "1");
    /* One of two words, then a third. */
    check(two(RX_OP_PHRASE, shelf_terms(RX_OP_OR, "red green", 0), shelf_term("apple")), "1 2 3 4");
    rx_query *query = NULL, *phrase = shelf_terms(RX_OP_PHRASE, "red apple", 0), *parts[] = {phrase, phrase};
    FAILS(RX_UNIMPLEMENTED, rx_query_combine(RX_OP_PHRASE, (const rx_query *const *)parts, 2, 0, &query, &error));
    FAILS(RX_INVALID_ARGUMENT, rx_query_combine(RX_OP_NEAR, (const rx_query *const *)parts, 2, 1, &query, &error));
    FAILS(RX_INVALID_ARGUMENT, rx_query_combine(RX_OP_AND, (const rx_query *const *)parts, 2, 1, &query, &error));
    FAILS(RX_INVALID_ARGUMENT, rx_query_combine((rx_op)77, (const rx_query *const *)parts, 2, 0, &query, &error));
    parts[1] = NULL;
    FAILS(RX_INVALID_ARGUMENT, rx_query_combine(RX_OP_AND, (const rx_query *const *)parts, 2, 0, &query, &error));
    FAILS(RX_INVALID_ARGUMENT, rx_query_combine(RX_OP_AND, NULL, 2, 0, &query, &error));
    assert_null(query);
    rx_query_free(phrase);
}

static void test_wildcards(void **context)
{
    (void)context;
    rx_query *query = NULL;
    OK(rx_query_wildcard(TEXT("app"), 0, RX_WILDCARD_FAIL, RX_OP_OR, &query, &error));
    check(query, "1 2 3 4 5 6");
    OK(rx_query_wildcard(TEXT("appl"), 1, RX_WILDCARD_FIRST, RX_OP_SYNONYM, &query, &error));
    check(query, "1 2 3 4 6");
    OK(rx_query_wildcard(TEXT("va"), 1, RX_WILDCARD_MOST_FREQUENT, RX_OP_MAX, &query, &error));
    check(query, "5");
    OK(rx_query_wildcard(TEXT("zz"), 1, RX_WILDCARD_FAIL, RX_OP_OR, &query, &error));
    check(query, "");
    rx_hits *hits = NULL;
    OK(rx_query_wildcard(TEXT("appl"), 1, RX_WILDCARD_FAIL, RX_OP_OR, &query, &error));
    OK(rx_enquire_query(enquire, query, 0, &error));
    FAILS(RX_WILDCARD, rx_search(enquire, NULL, &hits, &error));
    rx_query_free(query);
    query = NULL;
    FAILS(RX_INVALID_ARGUMENT, rx_query_wildcard(TEXT("a"), 1, 9, RX_OP_OR, &query, &error));
    FAILS(RX_INVALID_ARGUMENT, rx_query_wildcard(TEXT("a"), 1, RX_WILDCARD_FAIL, RX_OP_AND, &query, &error));
    assert_null(query);
}

static rx_query *range(const char *low, const char *high)
{
    rx_query *query = NULL;
    char bytes[2][RX_NUMBER_BYTES];
    size_t lengths[2] = {0, 0};
    if (low)
        OK(rx_number_encode(atof(low), bytes[0], &lengths[0], &error));
    if (high)
        OK(rx_number_encode(atof(high), bytes[1], &lengths[1], &error));
    OK(rx_query_value_range(SHELF_NUMBER, low ? bytes[0] : NULL, lengths[0], high ? bytes[1] : NULL, lengths[1], &query, &error));
    return query;
}

static void test_ranges(void **context)
{
    (void)context;
    check(range("2", "4"), "2 3 4");
    check(range("2.5", NULL), "3 4 5 6");
    check(range(NULL, "2"), "1 2");
    check(range("7", "9"), "");
    check(range("4", "2"), "");
    check(range(NULL, NULL), "1 2 3 4 5 6");
    rx_query *query = NULL;
    OK(rx_query_value_range(SHELF_KIND, TEXT("a"), TEXT("z"), &query, &error));
    check(query, "2 4 6");
    OK(rx_query_value_range(SHELF_KIND, NULL, 0, TEXT("z"), &query, &error));
    check(query, "2 4 6");
    FAILS(RX_INVALID_ARGUMENT, rx_query_value_range(RX_NO_SLOT, NULL, 0, NULL, 0, &query, &error));
}

static void test_parts_can_go_first(void **context)
{
    (void)context;
    rx_query *inner = shelf_terms(RX_OP_OR, "tart varnish", 0), *scaled = NULL, *outer = NULL;
    OK(rx_query_scale(inner, 2, &scaled, &error));
    rx_query_free(inner);
    OK(rx_query_combine(RX_OP_OR, (const rx_query *const[]){scaled, scaled}, 2, 0, &outer, &error));
    rx_query_free(scaled);
    check(outer, "1 4 5");
    FAILS(RX_INVALID_ARGUMENT, rx_query_scale(NULL, 1, &outer, &error));
    rx_query *term = shelf_term("red");
    FAILS(RX_INVALID_ARGUMENT, rx_query_scale(term, -1, &outer, &error));
    FAILS(RX_INVALID_ARGUMENT, rx_query_scale(term, HUGE_VAL, &outer, &error));
    FAILS(RX_INVALID_ARGUMENT, rx_query_term("", 0, 1, 0, &outer, &error));
    rx_query_free(term);
    rx_query_free(NULL);
}

/* ---- Words and bytes ---- */

static void check_description(const rx_query *query, const char *expected)
{
    rx_string text = {NULL, 0};
    OK(rx_query_describe(query, &text, &error));
    assert_string_equal(text.bytes, expected);
    rx_string_free(&text);
}

static void test_bytes_for_queries(void **context)
{
    (void)context;
    rx_query *query = two(RX_OP_AND_NOT, shelf_terms(RX_OP_PHRASE, "red apple", 3), range("3", "9")), *back = NULL;
    rx_string bytes = {NULL, 0};
    OK(rx_query_serialise(query, &bytes, &error));
    OK(rx_query_unserialise(bytes.bytes, bytes.length, &back, &error));
    rx_string before = {NULL, 0}, after = {NULL, 0};
    OK(rx_query_describe(query, &before, &error));
    OK(rx_query_describe(back, &after, &error));
    assert_string_equal(before.bytes, after.bytes);
    rx_string_free(&before);
    rx_string_free(&after);
    check(back, "1");
    back = NULL;
    for (size_t i = 0; i < bytes.length; i++) {
        FAILS(RX_SERIALISATION, rx_query_unserialise(bytes.bytes, i, &back, &error));
        bytes.bytes[i] ^= 1;
        FAILS(RX_SERIALISATION, rx_query_unserialise(bytes.bytes, bytes.length, &back, &error));
        bytes.bytes[i] ^= 1;
    }
    FAILS(RX_SERIALISATION, rx_query_unserialise(NULL, 0, &back, &error));
    assert_null(back);
    rx_string_free(&bytes);
    rx_terms *terms = NULL;
    OK(rx_query_terms(query, &terms, &error));
    assert_int_equal(terms->count, 2);
    assert_string_equal(terms->items[0].term.bytes, "apple");
    rx_terms_free(terms);
    rx_query_free(query);
    OK(rx_query_none(&query, &error));
    OK(rx_query_serialise(query, &bytes, &error));
    rx_query_free(query);
    OK(rx_query_unserialise(bytes.bytes, bytes.length, &query, &error));
    check_description(query, "Query()");
    rx_string_free(&bytes);
    rx_query_free(query);
}

static void test_parser(void **context)
{
    (void)context;
    rx_query *query = NULL;
    OK(rx_query_parse(TEXT("red AND apple -tart"), NULL, &query, NULL, &error));
    check(query, "3 6");
    OK(rx_query_parse(TEXT("\"red apple\""), NULL, &query, NULL, &error));
    check(query, "1 3");
    OK(rx_query_parse(NULL, 0, NULL, &query, NULL, &error));
    check(query, "");
    query = NULL;
    FAILS(RX_QUERY_PARSER, rx_query_parse(TEXT("AND OR"), NULL, &query, NULL, &error));

    rx_stemmer *stemmer = NULL;
    OK(rx_stemmer_new("english", &stemmer, &error));
    const rx_prefix prefixes[] = {{"title", "S", 0}, {"id", "Q", 1}};
    const char *const stop_words[] = {"the", "of"};
    rx_parse_options options = RX_PARSE_OPTIONS_INIT;
    options.stemmer = stemmer;
    options.prefixes = prefixes;
    options.prefix_count = 2;
    options.stop_words = stop_words;
    options.stop_word_count = 2;
    options.default_op = RX_OP_AND;
    OK(rx_query_parse(TEXT("the apples title:pears id:4"), &options, &query, NULL, &error));
    check_description(query, "Query(((Zappl@2 AND ZSpear@3) FILTER Q4))");
    rx_query_free(query);
    options.stemming = RX_STEM_NONE;
    OK(rx_query_parse(TEXT("apple id:4"), &options, &query, NULL, &error));
    check(query, "4");
    options.database = database;
    options.flags |= RX_PARSE_WILDCARD;
    OK(rx_query_parse(TEXT("varn*"), &options, &query, NULL, &error));
    check(query, "5");
    rx_stemmer_free(stemmer);
    options.stemmer = NULL;

    query = NULL;
    options.database = NULL;
    FAILS(RX_INVALID_ARGUMENT, rx_query_parse(TEXT("varn*"), &options, &query, NULL, &error));
    options.flags = RX_PARSE_DEFAULT;
    options.stemming = 17;
    FAILS(RX_INVALID_ARGUMENT, rx_query_parse(TEXT("x"), &options, &query, NULL, &error));
    options.stemming = RX_STEM_NONE;
    options.default_op = RX_OP_AND_NOT;
    FAILS(RX_INVALID_ARGUMENT, rx_query_parse(TEXT("x"), &options, &query, NULL, &error));
    options.size = 4;
    FAILS(RX_INVALID_ARGUMENT, rx_query_parse(TEXT("x"), &options, &query, NULL, &error));
    assert_null(query);
}

static void test_corrected_spelling(void **context)
{
    (void)context;
    char folder[SCRATCH_PATH], path[SCRATCH_PATH + 50];
    scratch_make(folder);
    snprintf(path, sizeof path, "%s/database", folder);
    rx_database *stored = NULL;
    rx_query *query = NULL;
    rx_string corrected = {NULL, 0};
    OK(rx_database_open_writable(path, RX_CREATE, RX_NO_SYNC, 0, &stored, &error));
    OK(rx_spelling_add(stored, TEXT("apple"), 5, &error));
    rx_parse_options options = RX_PARSE_OPTIONS_INIT;
    options.flags |= RX_PARSE_SPELLING;
    options.database = stored;
    OK(rx_query_parse(TEXT("red aple"), &options, &query, &corrected, &error));
    assert_string_equal(corrected.bytes, "red apple");
    rx_string_free(&corrected);
    rx_query_free(query);
    OK(rx_query_parse(TEXT("red apple"), &options, &query, &corrected, &error));
    assert_int_equal(corrected.length, 0);
    rx_string_free(&corrected);
    rx_query_free(query);
    OK(rx_database_close(stored, &error));
    FAILS(RX_CLOSED, rx_query_parse(TEXT("red apple"), &options, &query, &corrected, &error));
    rx_database_free(stored);
    scratch_remove(folder);
}

/* ---- Depth ---- */

/* What a query is nested deep, at the depth that is allowed still, takes of the stack: in a thread that has little of it. */
static void *search_deep(void *context)
{
    (void)context;
    rx_query *query = shelf_term("tart");
    for (int depth = 2; depth <= 1000; depth++)
        query = two(depth % 3 ? RX_OP_OR : RX_OP_AND_MAYBE, query, shelf_term("varnish"));
    rx_query *deeper = NULL;
    FAILS(RX_INVALID_ARGUMENT, rx_query_scale(query, 2, &deeper, &error));
    FAILS(RX_INVALID_ARGUMENT, rx_query_combine(RX_OP_AND, (const rx_query *const[]){query}, 1, 0, &deeper, &error));
    rx_string text = {NULL, 0};
    OK(rx_query_describe(query, &text, &error));
    rx_string_free(&text);
    OK(rx_query_serialise(query, &text, &error));
    OK(rx_query_unserialise(text.bytes, text.length, &deeper, &error));
    rx_string_free(&text);
    FAILS(RX_INVALID_ARGUMENT, rx_query_scale(deeper, 2, &deeper, &error));
    rx_query_free(deeper);
    check(query, "1 4 5");
    return NULL;
}

/* The longest text, nested as deep as it can. */
static void *parse_deep(void *context)
{
    static char text[10001];
    const char *piece = context;
    size_t length = 0;
    while (length + strlen(piece) + 4 <= 10000)
        length += (size_t)sprintf(text + length, "%s", piece);
    length += (size_t)sprintf(text + length, "x");
    rx_query *query = NULL;
    rx_status status = rx_query_parse(text, length, NULL, &query, NULL, &error);
    assert_true(status == RX_OK || status == RX_QUERY_PARSER || status == RX_INVALID_ARGUMENT);
    rx_query_free(query);
    query = NULL;
    text[length] = ' ';
    FAILS(RX_INVALID_ARGUMENT, rx_query_parse(text, 10001, NULL, &query, NULL, &error));
    return NULL;
}

static void on_little_stack(void *(*work)(void *), void *context)
{
    pthread_attr_t attributes;
    pthread_t thread;
    assert_int_equal(pthread_attr_init(&attributes), 0);
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    size_t size = 8 << 20;
#else
    size_t size = 1 << 20;
#endif
    assert_int_equal(pthread_attr_setstacksize(&attributes, size), 0);
    assert_int_equal(pthread_create(&thread, &attributes, work, context), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
    pthread_attr_destroy(&attributes);
}

static void test_depth(void **context)
{
    (void)context;
    on_little_stack(search_deep, NULL);
    on_little_stack(parse_deep, "(");
    on_little_stack(parse_deep, "a NOT (");
    on_little_stack(parse_deep, "a (b OR ");
    on_little_stack(parse_deep, "a XOR (");
    on_little_stack(parse_deep, "\"a b\" NEAR (");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_operators), cmocka_unit_test(test_positions),          cmocka_unit_test(test_wildcards),
        cmocka_unit_test(test_ranges),    cmocka_unit_test(test_parts_can_go_first), cmocka_unit_test(test_bytes_for_queries),
        cmocka_unit_test(test_parser),    cmocka_unit_test(test_corrected_spelling), cmocka_unit_test(test_depth),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
