/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Searches of the Xapian wrapper: weights against sums by hand, sorting, collapsing, limits, what comes with hits, expansion. */
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
static rx_database *database;
static rx_enquire *enquire;

static const char *const texts[] = {
    /* 1 */ "red apple",
    /* 2 */ "red red pear tree",
    /* 3 */ "green apple tree with many leaves",
    /* 4 */ "stone",
    /* 5 */ "red apple apple apple pie",
};
static const char *const kinds[] = {"fruit", "fruit", "tree", NULL, "pie"};
enum { TEXTS = sizeof texts / sizeof *texts };

static int set_up(void **context)
{
    (void)context;
    OK(rx_database_open_memory(&database, &error));
    for (unsigned i = 0; i < TEXTS; i++)
        shelf_add(database, 10 - i, texts[i], kinds[i]);
    OK(rx_enquire_new(database, &enquire, &error));
    return 0;
}

static int tear_down(void **context)
{
    (void)context;
    rx_enquire_free(enquire);
    rx_database_free(database);
    return 0;
}

static rx_hits *search(rx_query *query, const rx_search_options *options)
{
    rx_hits *hits = NULL;
    OK(rx_enquire_query(enquire, query, 0, &error));
    rx_query_free(query);
    OK(rx_search(enquire, options, &hits, &error));
    return hits;
}

/* ---- Weights ---- */

static uint32_t length_of(const rx_database *of, rx_docid docid)
{
    uint32_t length = 0;
    OK(rx_database_document_length(of, docid, &length, &error));
    return length;
}

static uint32_t frequency(const rx_database *of, const char *term, rx_docid docid)
{
    rx_posting posting = {0, 0};
    size_t count = 0;
    OK(rx_postings(of, TEXT(term), docid, &posting, 1, &count, &error));
    return count && posting.docid == docid ? posting.wdf : 0;
}

struct collection {
    double documents, average, with_term;
};

static struct collection collection_of(const rx_database *of, const char *term)
{
    rx_statistics statistics;
    rx_term_statistics term_statistics;
    OK(rx_database_statistics(of, &statistics, &error));
    OK(rx_database_term(of, TEXT(term), &term_statistics, &error));
    return (struct collection){statistics.documents, statistics.average_length, term_statistics.documents};
}

static double lucene_idf(struct collection in) { return log(1 + (in.documents - in.with_term + 0.5) / (in.with_term + 0.5)); }

static double saturation(double f, double length, double average, double k1, double b)
{
    return f > 0 ? f / (f + k1 * (1 - b + b * length / average)) : 0;
}

static double stock_bm25(const char *term, rx_docid docid, double k1, double b, double floor)
{
    struct collection in = collection_of(database, term);
    double odds = (in.documents - in.with_term + 0.5) / (in.with_term + 0.5), f = frequency(database, term, docid);
    double normal = length_of(database, docid) / in.average;
    if (normal < floor)
        normal = floor;
    return log(odds < 2 ? odds / 2 + 1 : odds) * (k1 + 1) * f / (f + k1 * (1 - b + b * normal));
}

static void test_stock_bm25(void **context)
{
    (void)context;
    rx_hits *hits = search(shelf_terms(RX_OP_OR, "red apple", 0), NULL);
    assert_int_equal(hits->count, 4);
    for (size_t i = 0; i < hits->count; i++) {
        rx_docid docid = hits->items[i].docid;
        double expected = stock_bm25("red", docid, 1, 0.5, 0.5) + stock_bm25("apple", docid, 1, 0.5, 0.5);
        assert_true(fabs(hits->items[i].weight - expected) < 1e-12);
        assert_int_equal(hits->items[i].rank, i);
    }
    assert_true(hits->max_attained == hits->items[0].weight && hits->max_possible >= hits->max_attained);
    assert_int_equal(hits->items[0].percent, 100);
    rx_hits_free(hits);
    OK(rx_enquire_bm25(enquire, 1.2, 0, 0, 0.75, 0, &error));
    hits = search(shelf_term("red"), NULL);
    assert_int_equal(hits->count, 3);
    for (size_t i = 0; i < hits->count; i++)
        assert_true(fabs(hits->items[i].weight - stock_bm25("red", hits->items[i].docid, 1.2, 0.75, 0)) < 1e-12);
    rx_hits_free(hits);
    FAILS(RX_INVALID_ARGUMENT, rx_enquire_bm25(enquire, -1, 0, 0, 0.75, 0, &error));
    FAILS(RX_INVALID_ARGUMENT, rx_enquire_bm25(enquire, 1, 0, 0, 1.1, 0, &error));
}

static void test_lucene_by_hand(void **context)
{
    (void)context;
    OK(rx_enquire_lucene(enquire, 1.2, 0.75, 1, &error));
    rx_hits *hits = search(shelf_term("apple"), NULL);
    /* 5 documents of 18 words, 3 with apple: idf = ln(1 + 2.5 / 3.5). */
    double idf = log(1 + 2.5 / 3.5);
    assert_string_equal(shelf_hits(hits), "5 1 3");
    assert_true(fabs(hits->items[0].weight - idf * 3 / (3 + 1.2 * (0.25 + 0.75 * 5 / 3.6))) < 1e-15);
    assert_true(fabs(hits->items[1].weight - idf * 1 / (1 + 1.2 * (0.25 + 0.75 * 2 / 3.6))) < 1e-15);
    assert_true(fabs(hits->items[2].weight - idf * 1 / (1 + 1.2 * (0.25 + 0.75 * 6 / 3.6))) < 1e-15);
    rx_hits_free(hits);
    rx_query *query = NULL;
    OK(rx_query_term(TEXT("apple"), 3, 0, &query, &error));
    hits = search(query, NULL);
    assert_true(fabs(hits->items[2].weight - 3 * idf / (1 + 1.2 * (0.25 + 0.75 * 6 / 3.6))) < 1e-15);
    rx_hits_free(hits);
    /* Without saturation, and without lengths. */
    OK(rx_enquire_lucene(enquire, 0, 0.75, 1, &error));
    hits = search(shelf_term("apple"), NULL);
    for (size_t i = 0; i < 3; i++)
        assert_true(fabs(hits->items[i].weight - idf) < 1e-15);
    rx_hits_free(hits);
    OK(rx_enquire_lucene(enquire, 1, 0, 0, &error));
    hits = search(shelf_term("apple"), NULL);
    assert_true(hits->items[0].weight == 0.75 && hits->items[1].weight == 0.5);
    rx_hits_free(hits);
    /* A term with wdf 0 weighs nothing, whatever the parameters. */
    OK(rx_enquire_lucene(enquire, 0, 1, 1, &error));
    hits = search(shelf_term("Q10"), NULL);
    assert_true(hits->count == 1 && hits->items[0].weight == 0);
    rx_hits_free(hits);
    FAILS(RX_INVALID_ARGUMENT, rx_enquire_lucene(enquire, -1, 0, 1, &error));
    FAILS(RX_INVALID_ARGUMENT, rx_enquire_lucene(enquire, 1, 1.5, 1, &error));
    FAILS(RX_INVALID_ARGUMENT, rx_enquire_lucene(enquire, (double)NAN, 0.5, 1, &error));
}

/* A synonym is one term, with the sum of frequencies; without idf there is nothing in it that libxapian has to estimate. */
static void test_lucene_synonym_without_idf(void **context)
{
    (void)context;
    rx_query *group = shelf_terms(RX_OP_SYNONYM, "red apple", 0), *query = NULL;
    double idf = 1.2345;
    OK(rx_query_scale(group, idf, &query, &error));
    rx_query_free(group);
    OK(rx_enquire_lucene(enquire, 1.2, 0.75, 0, &error));
    rx_hits *hits = search(query, NULL);
    assert_int_equal(hits->count, 4);
    for (size_t i = 0; i < hits->count; i++) {
        rx_docid docid = hits->items[i].docid;
        double f = frequency(database, "red", docid) + frequency(database, "apple", docid);
        assert_true(fabs(hits->items[i].weight - idf * saturation(f, length_of(database, docid), 18 / 5.0, 1.2, 0.75)) < 1e-14);
    }
    rx_hits_free(hits);
}

/* ---- Lucene's weight against a plain sum, over random documents in one database and in two ---- */

enum { RANDOM_DOCUMENTS = 1500, VOCABULARY = 60, QUERIES = 100 };

static void word_of(char word[8], uint64_t number) { snprintf(word, 8, "w%u", (unsigned)number); }

static void fill(rx_database *into, uint64_t *state, unsigned documents)
{
    for (unsigned i = 0; i < documents; i++) {
        char text[1000] = "", word[8];
        for (uint64_t words = 1 + random_below(state, 80); words > 0; words--) {
            /* Low numbers are many times more frequent. */
            word_of(word, random_below(state, 1 + random_below(state, VOCABULARY)));
            strcat(strcat(text, word), " ");
        }
        shelf_add(into, i, text, NULL);
    }
}

static double naive(const rx_database *of, char (*words)[8], const uint32_t *wqf, size_t count, rx_docid docid)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++) {
        struct collection in = collection_of(of, words[i]);
        sum += wqf[i] * lucene_idf(in) * saturation(frequency(of, words[i], docid), length_of(of, docid), in.average, 0.9, 0.4);
    }
    return sum;
}

/* All weights by the naive sum, the best ten in order, and nothing better left out: so the bound that prunes is one. */
static void check_ranking(const rx_database *of, rx_enquire *over, uint64_t *state, unsigned documents)
{
    char words[4][8];
    uint32_t wqf[4];
    rx_query *parts[4], *query = NULL;
    size_t count = 1 + random_below(state, 4);
    for (size_t i = 0; i < count; i++) {
        word_of(words[i], random_below(state, VOCABULARY));
        wqf[i] = 1 + (uint32_t)random_below(state, 2);
        OK(rx_query_term(TEXT(words[i]), wqf[i], 0, &parts[i], &error));
    }
    OK(rx_query_combine(RX_OP_OR, (const rx_query *const *)parts, count, 0, &query, &error));
    for (size_t i = 0; i < count; i++)
        rx_query_free(parts[i]);
    rx_hits *hits = NULL;
    OK(rx_enquire_query(over, query, 0, &error));
    rx_query_free(query);
    OK(rx_search(over, NULL, &hits, &error));
    bool listed[2 * RANDOM_DOCUMENTS + 1] = {false};
    for (size_t i = 0; i < hits->count; i++) {
        double expected = naive(of, words, wqf, count, hits->items[i].docid);
        assert_true(fabs(hits->items[i].weight - expected) < 1e-12);
        assert_true(i == 0 || hits->items[i - 1].weight >= hits->items[i].weight);
        listed[hits->items[i].docid] = true;
    }
    if (random_below(state, 10) == 0)
        for (rx_docid docid = 1; docid <= documents; docid++) {
            double weight = naive(of, words, wqf, count, docid);
            double worst = hits->count == 10 ? hits->items[9].weight : 0;
            assert_true(listed[docid] || weight <= worst + 1e-12);
        }
    rx_hits_free(hits);
}

static void test_lucene_against_a_naive_sum(void **context)
{
    (void)context;
    uint64_t state = 4;
    char folder[SCRATCH_PATH], paths[2][SCRATCH_PATH + 20];
    scratch_make(folder);
    rx_database *both = NULL, *parts[2] = {NULL, NULL};
    OK(rx_database_new(&both, &error));
    for (unsigned i = 0; i < 2; i++) {
        snprintf(paths[i], sizeof paths[i], "%s/%u", folder, i);
        OK(rx_database_open_writable(paths[i], RX_CREATE, RX_NO_SYNC, 0, &parts[i], &error));
        fill(parts[i], &state, RANDOM_DOCUMENTS);
        OK(rx_commit(parts[i], &error));
        rx_database_free(parts[i]);
        OK(rx_database_open(paths[i], &parts[i], &error));
        OK(rx_database_add(both, parts[i], &error));
    }
    rx_database *const tried[] = {parts[0], both};
    for (unsigned i = 0; i < 2; i++) {
        rx_enquire *over = NULL;
        OK(rx_enquire_new(tried[i], &over, &error));
        OK(rx_enquire_lucene(over, 0.9, 0.4, 1, &error));
        for (unsigned query = 0; query < QUERIES; query++)
            check_ranking(tried[i], over, &state, (i + 1) * RANDOM_DOCUMENTS);
        rx_enquire_free(over);
    }
    rx_database_free(both);
    rx_database_free(parts[0]);
    rx_database_free(parts[1]);
    scratch_remove(folder);
}

/* ---- Order, groups, limits ---- */

static rx_query *all(void)
{
    rx_query *query = NULL;
    OK(rx_query_all(&query, &error));
    return query;
}

static void test_sorting(void **context)
{
    (void)context;
    assert_string_equal(shelf_search(enquire, all()), "1 2 3 4 5");
    OK(rx_enquire_docid_order(enquire, RX_DESCENDING, &error));
    assert_string_equal(shelf_search(enquire, all()), "5 4 3 2 1");
    OK(rx_enquire_docid_order(enquire, RX_ASCENDING, &error));
    OK(rx_enquire_sort(enquire, RX_SORT_VALUE, SHELF_NUMBER, 0, &error));
    assert_string_equal(shelf_search(enquire, all()), "5 4 3 2 1");
    OK(rx_enquire_sort(enquire, RX_SORT_VALUE, SHELF_NUMBER, 1, &error));
    assert_string_equal(shelf_search(enquire, all()), "1 2 3 4 5");
    OK(rx_enquire_sort(enquire, RX_SORT_VALUE_RELEVANCE, SHELF_KIND, 0, &error));
    assert_string_equal(shelf_search(enquire, shelf_term("red")), "2 1 5");
    OK(rx_enquire_sort(enquire, RX_SORT_VALUE_RELEVANCE, SHELF_KIND, 1, &error));
    assert_string_equal(shelf_search(enquire, shelf_term("red")), "5 2 1");
    OK(rx_enquire_boolean(enquire, &error));
    OK(rx_enquire_sort(enquire, RX_SORT_RELEVANCE_VALUE, SHELF_KIND, 1, &error));
    assert_string_equal(shelf_search(enquire, all()), "3 5 1 2 4");
    OK(rx_enquire_sort(enquire, RX_SORT_RELEVANCE, RX_NO_SLOT, 0, &error));
    assert_string_equal(shelf_search(enquire, all()), "1 2 3 4 5");
    FAILS(RX_INVALID_ARGUMENT, rx_enquire_sort(enquire, RX_SORT_VALUE, RX_NO_SLOT, 0, &error));
    FAILS(RX_INVALID_ARGUMENT, rx_enquire_sort(enquire, 9, 0, 0, &error));
    FAILS(RX_INVALID_ARGUMENT, rx_enquire_docid_order(enquire, 9, &error));
}

static void test_collapsing(void **context)
{
    (void)context;
    OK(rx_enquire_lucene(enquire, 1.2, 0.75, 1, &error));
    OK(rx_enquire_collapse(enquire, SHELF_KIND, 1, &error));
    rx_search_options options = RX_SEARCH_OPTIONS_INIT;
    options.check_at_least = TEXTS;
    rx_hits *hits = search(shelf_term("red"), &options);
    assert_string_equal(shelf_hits(hits), "2 5");
    assert_string_equal(hits->items[0].collapse_key.bytes, "fruit");
    assert_int_equal(hits->items[0].collapse_count, 1);
    assert_int_equal(hits->items[1].collapse_count, 0);
    assert_int_equal(hits->estimate, 2);
    assert_int_equal(hits->uncollapsed_estimate, 3);
    rx_hits_free(hits);
    OK(rx_enquire_collapse(enquire, SHELF_KIND, 2, &error));
    assert_string_equal(shelf_search(enquire, all()), "1 2 3 4 5");
    OK(rx_enquire_collapse(enquire, RX_NO_SLOT, 0, &error));
    hits = search(shelf_term("red"), NULL);
    assert_int_equal(hits->count, 3);
    assert_int_equal(hits->items[0].collapse_key.length, 0);
    rx_hits_free(hits);
    FAILS(RX_INVALID_ARGUMENT, rx_enquire_collapse(enquire, 1, 0, &error));
}

static void test_limits(void **context)
{
    (void)context;
    rx_search_options options = RX_SEARCH_OPTIONS_INIT;
    options.first = 1;
    options.limit = 2;
    options.check_at_least = TEXTS;
    rx_hits *hits = search(all(), &options);
    assert_string_equal(shelf_hits(hits), "2 3");
    assert_int_equal(hits->items[0].rank, 1);
    assert_true(hits->lower == 5 && hits->estimate == 5 && hits->upper == 5);
    rx_hits_free(hits);
    options.limit = 0;
    hits = search(shelf_term("red"), &options);
    assert_int_equal(hits->count, 0);
    assert_int_equal(hits->estimate, 3);
    rx_hits_free(hits);
    options.first = options.limit = UINT32_MAX;
    hits = search(all(), &options);
    assert_int_equal(hits->count, 0);
    rx_hits_free(hits);

    OK(rx_enquire_lucene(enquire, 1.2, 0.75, 1, &error));
    OK(rx_enquire_cutoff(enquire, 0, 0.3, &error));
    hits = search(shelf_term("red"), NULL);
    assert_true(hits->count > 0 && hits->count < 3);
    for (size_t i = 0; i < hits->count; i++)
        assert_true(hits->items[i].weight >= 0.3);
    rx_hits_free(hits);
    OK(rx_enquire_cutoff(enquire, 100, 0, &error));
    hits = search(shelf_term("red"), NULL);
    assert_int_equal(hits->count, 1);
    rx_hits_free(hits);
    OK(rx_enquire_cutoff(enquire, 0, 0, &error));
    FAILS(RX_INVALID_ARGUMENT, rx_enquire_cutoff(enquire, 101, 0, &error));
    FAILS(RX_INVALID_ARGUMENT, rx_enquire_cutoff(enquire, 0, (double)NAN, &error));
    OK(rx_enquire_time_limit(enquire, 10, &error));
    assert_string_equal(shelf_search(enquire, shelf_term("stone")), "4");
    FAILS(RX_INVALID_ARGUMENT, rx_enquire_time_limit(enquire, -1, &error));
}

/* ---- What comes with hits ---- */

static void test_data_and_values(void **context)
{
    (void)context;
    const rx_slot slots[] = {SHELF_KIND, 55, SHELF_NUMBER};
    rx_search_options options = RX_SEARCH_OPTIONS_INIT;
    options.flags = RX_WITH_DATA;
    options.slots = slots;
    options.slot_count = 3;
    rx_hits *hits = search(all(), &options);
    assert_int_equal(hits->count, TEXTS);
    for (unsigned i = 0; i < TEXTS; i++) {
        const rx_hit *hit = &hits->items[i];
        double number;
        assert_string_equal(hit->data.bytes, texts[i]);
        assert_int_equal(hit->data.length, strlen(texts[i]));
        assert_string_equal(hit->values[0].bytes, kinds[i] ? kinds[i] : "");
        assert_int_equal(hit->values[1].length, 0);
        OK(rx_number_decode(hit->values[2].bytes, hit->values[2].length, &number, &error));
        assert_true(number == 10 - i);
    }
    rx_hits_free(hits);
    options.first = 2; /* data of hits behind others */
    hits = search(all(), &options);
    assert_int_equal(hits->count, TEXTS - 2);
    for (unsigned i = 2; i < TEXTS; i++)
        assert_string_equal(hits->items[i - 2].data.bytes, texts[i]);
    rx_hits_free(hits);
    options.first = 0;
    options.flags = 0;
    options.slot_count = 0;
    hits = search(all(), &options);
    assert_true(hits->items[0].data.bytes == NULL && hits->items[0].values == NULL);
    rx_hits_free(hits);
    options.flags = 64;
    hits = NULL;
    FAILS(RX_INVALID_ARGUMENT, rx_search(enquire, &options, &hits, &error));
    options.flags = 0;
    options.slots = NULL;
    options.slot_count = 1;
    FAILS(RX_INVALID_ARGUMENT, rx_search(enquire, &options, &hits, &error));
    options.slots = (const rx_slot[]){RX_NO_SLOT};
    FAILS(RX_INVALID_ARGUMENT, rx_search(enquire, &options, &hits, &error));
    options.size--;
    FAILS(RX_INVALID_ARGUMENT, rx_search(enquire, &options, &hits, &error));
    assert_null(hits);
    rx_hits_free(NULL);
}

static void test_snippets_and_terms_of_hits(void **context)
{
    (void)context;
    rx_search_options options = RX_SEARCH_OPTIONS_INIT;
    options.flags = RX_KEEP;
    OK(rx_enquire_lucene(enquire, 1.2, 0.75, 1, &error));
    rx_hits *hits = search(shelf_terms(RX_OP_OR, "red apple", 0), &options);
    rx_string snippet = {NULL, 0};
    OK(rx_hits_snippet(hits, TEXT("One red & sweet apple"), 100, NULL, NULL, NULL, NULL, &snippet, &error));
    assert_string_equal(snippet.bytes, "One <b>red</b> &amp; sweet <b>apple</b>");
    rx_string_free(&snippet);
    OK(rx_hits_snippet(hits, TEXT("One red & sweet apple"), 100, NULL, "[", "]", "~", &snippet, &error));
    assert_string_equal(snippet.bytes, "One [red] &amp; sweet [apple]");
    rx_string_free(&snippet);
    uint32_t documents = 0;
    double weight = 0;
    OK(rx_hits_term(hits, TEXT("apple"), &documents, &weight, &error));
    assert_int_equal(documents, 3);
    assert_true(weight > 0 && weight <= hits->max_possible);
    FAILS(RX_INVALID_ARGUMENT, rx_hits_term(hits, TEXT("stone"), &documents, &weight, &error));
    rx_hits_free(hits);
    hits = search(shelf_term("red"), NULL);
    FAILS(RX_INVALID_OPERATION, rx_hits_snippet(hits, TEXT("red"), 9, NULL, NULL, NULL, NULL, &snippet, &error));
    FAILS(RX_INVALID_OPERATION, rx_hits_term(hits, TEXT("red"), &documents, &weight, &error));
    rx_hits_free(hits);
    FAILS(RX_INVALID_ARGUMENT, rx_hits_term(NULL, TEXT("red"), &documents, &weight, &error));
}

static void test_matching_terms(void **context)
{
    (void)context;
    rx_terms *terms = NULL;
    rx_hits_free(search(shelf_terms(RX_OP_OR, "tree red stone apple", 0), NULL));
    OK(rx_matching_terms(enquire, 2, &terms, &error));
    assert_int_equal(terms->count, 2);
    rx_terms_free(terms);
    OK(rx_matching_terms(enquire, 4, &terms, &error));
    assert_int_equal(terms->count, 1);
    assert_string_equal(terms->items[0].term.bytes, "stone");
    rx_terms_free(terms);
    FAILS(RX_INVALID_ARGUMENT, rx_matching_terms(enquire, 0, &terms, &error));
}

static void test_expansion(void **context)
{
    (void)context;
    rx_terms *terms = NULL;
    const rx_docid relevant[] = {3};
    rx_hits_free(search(shelf_term("green"), NULL));
    OK(rx_expand(enquire, relevant, 1, 10, 0, NULL, &terms, &error));
    bool has_leaves = false;
    for (size_t i = 0; i < terms->count; i++) {
        assert_true(terms->items[i].term.bytes[0] != 'Q' && terms->items[i].weight > 0);
        assert_string_not_equal(terms->items[i].term.bytes, "green");
        assert_true(i == 0 || terms->items[i - 1].weight >= terms->items[i].weight);
        has_leaves = has_leaves || strcmp(terms->items[i].term.bytes, "leaves") == 0;
    }
    assert_true(has_leaves);
    rx_terms_free(terms);
    OK(rx_expand(enquire, relevant, 1, 10, RX_EXPAND_EXACT, "Q", &terms, &error));
    assert_int_equal(terms->count, 1);
    assert_string_equal(terms->items[0].term.bytes, "Q8");
    rx_terms_free(terms);
    OK(rx_expand(enquire, relevant, 1, 100, RX_EXPAND_ALL | RX_EXPAND_QUERY_TERMS, NULL, &terms, &error));
    assert_int_equal(terms->count, 7);
    rx_terms_free(terms);
    OK(rx_expand(enquire, NULL, 0, 10, 0, NULL, &terms, &error));
    assert_int_equal(terms->count, 0);
    rx_terms_free(terms);
    FAILS(RX_INVALID_ARGUMENT, rx_expand(enquire, relevant, 1, 10, RX_EXPAND_ALL, "Q", &terms, &error));
    FAILS(RX_INVALID_ARGUMENT, rx_expand(enquire, relevant, 1, 10, 64, NULL, &terms, &error));

    /* Documents known to be relevant, for weights that use them: the query's term that they have gains. */
    rx_search_options options = RX_SEARCH_OPTIONS_INIT;
    rx_hits *plain = search(shelf_terms(RX_OP_OR, "red tree", 0), &options);
    options.relevant = relevant;
    options.relevant_count = 1;
    rx_hits *informed = search(shelf_terms(RX_OP_OR, "red tree", 0), &options);
    assert_string_equal(shelf_hits(informed), "2 3 1 5");
    assert_true(informed->items[1].weight > plain->items[1].weight);
    rx_hits_free(plain);
    rx_hits_free(informed);
}

int main(void)
{
#define ON_A_SHELF(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        ON_A_SHELF(test_stock_bm25),
        ON_A_SHELF(test_lucene_by_hand),
        ON_A_SHELF(test_lucene_synonym_without_idf),
        ON_A_SHELF(test_lucene_against_a_naive_sum),
        ON_A_SHELF(test_sorting),
        ON_A_SHELF(test_collapsing),
        ON_A_SHELF(test_limits),
        ON_A_SHELF(test_data_and_values),
        ON_A_SHELF(test_snippets_and_terms_of_hits),
        ON_A_SHELF(test_matching_terms),
        ON_A_SHELF(test_expansion),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
