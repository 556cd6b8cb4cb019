/* SPDX-License-Identifier: BSD-3-Clause */
/* What is asked of both engines, and compared; engine_cases.h. */
#include "engine_cases.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "documents.h"

struct engine_case_counts engine_case_counts;

enum { LOOKED_AT = 3 }; /* hits of a query that are looked at closely */

/* Fields that articles of the tests have, and one that none has. */
static const char *const fields[] = {"id",   "title",   "source",      "date",        "page",
                                     "Page", "section", "odd=name\\n", "line\nbreak", "none"};
enum { FIELDS = sizeof fields / sizeof *fields };

/* Adds a line to the report. false. */
__attribute__((format(printf, 2, 3))) static bool wrong(struct engine_case *test, const char *format, ...)
{
    char line[2000];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    rf_buffer_printf(&test->report, "%s\n", line);
    return false;
}

static bool same_bytes(const char *a, size_t a_length, const char *b, size_t b_length)
{
    return a_length == b_length && (!a_length || memcmp(a, b, a_length) == 0);
}

static bool same_ranges(const riffle_range *a, size_t a_count, const riffle_range *b, size_t b_count)
{
    return a_count == b_count && (!a_count || memcmp(a, b, a_count * sizeof *a) == 0);
}

static void print_bytes(struct engine_case *test, const char *name, const char *bytes, size_t n)
{
    rf_buffer_printf(&test->report, "%s: ", name);
    append_escaped(&test->report, bytes, n);
    rf_buffer_append_byte(&test->report, '\n');
}

/* ---- A hit ---- */

/* The same hit in the answers of both. */
struct pair {
    struct engine_case *test;
    riffle_results *results[2];
    size_t ranks[2];
    riffle_error error;
};

static bool same_facts(struct pair *pair)
{
    riffle_hit hits[2];
    for (int i = 0; i < 2; i++) {
        hits[i].size = sizeof hits[i];
        if (riffle_results_hit(pair->results[i], pair->ranks[i], &hits[i], &pair->error))
            return wrong(pair->test, "a hit: %s", pair->error.message);
    }
    if (!same_bytes(hits[0].id, hits[0].id_length, hits[1].id, hits[1].id_length) ||
        !same_bytes(hits[0].title, hits[0].title_length, hits[1].title, hits[1].title_length) ||
        hits[0].passage != hits[1].passage || hits[0].passages != hits[1].passages)
        return wrong(pair->test, "native hit %zu: another id, title or number of passages", pair->ranks[0]);
    return true;
}

static bool same_field(struct pair *pair, const char *name)
{
    const char *values[2];
    size_t lengths[2];
    for (int i = 0; i < 2; i++)
        if (riffle_results_field(pair->results[i], pair->ranks[i], name, &values[i], &lengths[i], &pair->error))
            return wrong(pair->test, "field %s: %s", name, pair->error.message);
    if (same_bytes(values[0], lengths[0], values[1], lengths[1]))
        return true;
    print_bytes(pair->test, "native", values[0], lengths[0]);
    print_bytes(pair->test, "other", values[1], lengths[1]);
    return wrong(pair->test, "native hit %zu: another value of %s", pair->ranks[0], name);
}

static bool same_text(struct pair *pair)
{
    const char *texts[2];
    size_t lengths[2];
    uint64_t starts[2];
    for (int i = 0; i < 2; i++)
        if (riffle_results_text(pair->results[i], pair->ranks[i], &texts[i], &lengths[i], &starts[i], &pair->error))
            return wrong(pair->test, "text: %s", pair->error.message);
    if (same_bytes(texts[0], lengths[0], texts[1], lengths[1]) && starts[0] == starts[1])
        return true;
    print_bytes(pair->test, "native", texts[0], lengths[0]);
    print_bytes(pair->test, "other", texts[1], lengths[1]);
    return wrong(pair->test, "native hit %zu: another text", pair->ranks[0]);
}

static bool same_matches(struct pair *pair)
{
    const riffle_range *ranges[2], *in_title[2];
    size_t counts[2], title_counts[2];
    for (int i = 0; i < 2; i++)
        if (riffle_results_matches(pair->results[i], pair->ranks[i], &ranges[i], &counts[i], &pair->error) ||
            riffle_results_title_matches(pair->results[i], pair->ranks[i], &in_title[i], &title_counts[i], &pair->error))
            return wrong(pair->test, "matches: %s", pair->error.message);
    if (!same_ranges(ranges[0], counts[0], ranges[1], counts[1]) ||
        !same_ranges(in_title[0], title_counts[0], in_title[1], title_counts[1]))
        return wrong(pair->test, "native hit %zu: other matches (%zu, %zu in the title; %zu, %zu)", pair->ranks[0], counts[0],
                     title_counts[0], counts[1], title_counts[1]);
    return true;
}

static bool same_snippet(struct pair *pair, size_t width)
{
    riffle_snippet snippets[2];
    for (int i = 0; i < 2; i++)
        if (riffle_results_snippet(pair->results[i], pair->ranks[i], width, &snippets[i], &pair->error))
            return wrong(pair->test, "snippet: %s", pair->error.message);
    const riffle_snippet *a = &snippets[0], *b = &snippets[1];
    if (same_bytes(a->text, a->length, b->text, b->length) && same_ranges(a->marks, a->mark_count, b->marks, b->mark_count) &&
        a->cut_before == b->cut_before && a->cut_after == b->cut_after)
        return true;
    print_bytes(pair->test, "native", a->text, a->length);
    print_bytes(pair->test, "other", b->text, b->length);
    return wrong(pair->test, "native hit %zu: another snippet of %zu", pair->ranks[0], width);
}

/* Word by word the same, but for numbers that are near. */
static bool same_words(const char *a, const char *b)
{
    static const char between[] = " ,\n";
    for (;;) {
        a += strspn(a, between);
        b += strspn(b, between);
        size_t n = strcspn(a, between), m = strcspn(b, between);
        char *a_end, *b_end;
        if (!n || !m)
            return n == m;
        if (!same_bytes(a, n, b, m)) {
            double x = strtod(a, &a_end), y = strtod(b, &b_end);
            if (a_end != a + n || b_end != b + m || fabs(x - y) > 2e-5 * (1 + fabs(x)))
                return false;
        }
        a += n;
        b += m;
    }
}

static bool same_explanation(struct pair *pair)
{
    const char *texts[2];
    for (int i = 0; i < 2; i++)
        if (riffle_results_explain(pair->results[i], pair->ranks[i], &texts[i], &pair->error))
            return wrong(pair->test, "explanation: %s", pair->error.message);
    if (same_words(texts[0], texts[1]))
        return true;
    return wrong(pair->test, "native hit %zu: another explanation:\n%sand\n%s", pair->ranks[0], texts[0], texts[1]);
}

static bool same_hit(struct pair *pair, bool scored)
{
    bool right = same_facts(pair) && same_text(pair) && same_matches(pair);
    for (size_t i = 0; right && i < FIELDS; i++)
        right = same_field(pair, fields[i]);
    right = right && same_snippet(pair, 0) && same_snippet(pair, 40) && (!scored || same_explanation(pair));
    engine_case_counts.looked_at++;
    return right;
}

/* ---- A query ---- */

static const riffle_search_options *whole_list(const struct engine_case *test, riffle_search_options *options)
{
    *options = test->options;
    options->offset = 0;
    options->limit = UINT64_MAX;
    options->by_article = 0;
    options->count_all = 1;
    return options;
}

static bool same_strict(struct engine_case *test)
{
    struct answer answers[2];
    riffle_error errors[2];
    riffle_status statuses[2];
    riffle_search_options strict = test->options;
    strict.strict = 1;
    for (int i = 0; i < 2; i++)
        statuses[i] = answer_ask(&answers[i], i ? test->other : test->native, &test->query, &strict, NULL, &errors[i]);
    bool right = statuses[0] == statuses[1] && strcmp(errors[0].message, errors[1].message) == 0;
    if (!right)
        wrong(test, "strict mode: \"%s\" and \"%s\"", errors[0].message, errors[1].message);
    for (int i = 0; i < 2; i++)
        if (!statuses[i])
            answer_release(&answers[i]);
    return right;
}

/* A part of the list, against the whole one by the same engine. */
static bool part_agrees(struct engine_case *test, const struct answer *all)
{
    struct answer part;
    riffle_error error;
    const struct agreement agreement = {.scores = true, .ties = test->same_order};
    if (answer_ask(&part, test->other, &test->query, &test->options, NULL, &error))
        return wrong(test, "a part of the list: %s", error.message);
    bool right = answer_agrees(all, &test->options, &part, &agreement, &test->report);
    if (!right) {
        wrong(test, "offset %llu, limit %llu, by article %d, count all %d", (unsigned long long)test->options.offset,
              (unsigned long long)test->options.limit, test->options.by_article, test->options.count_all);
        answer_print(&test->report, "the whole list", all);
        answer_print(&test->report, "the part", &part);
    }
    answer_release(&part);
    return right;
}

static bool whole_lists_agree(struct engine_case *test, const struct answer *native, const struct answer *other, bool scored)
{
    riffle_search_options options;
    const struct agreement agreement = {.scores = scored, .ties = test->same_order};
    bool right = answer_agrees(native, whole_list(test, &options), other, &agreement, &test->report);
    if (strcmp(native->reading, other->reading) != 0)
        right = wrong(test, "read as %s\nand as %s", native->reading, other->reading);
    if (!right) {
        answer_print(&test->report, "native", native);
        answer_print(&test->report, "other", other);
    }
    return right;
}

static bool hits_agree(struct engine_case *test, const struct answer *native, const struct answer *other,
                       riffle_results *const *results, bool scored)
{
    bool right = true;
    for (size_t i = 0; right && i < native->count && i < LOOKED_AT; i++) {
        struct pair pair = {.test = test, .results = {results[0], results[1]}, .ranks[0] = i};
        pair.ranks[1] = (size_t)(answer_find(other, native->hits[i].key) - other->hits);
        right = same_hit(&pair, scored);
    }
    return right;
}

bool engine_case_run(struct engine_case *test)
{
    riffle_search_options options;
    riffle_results *results[2] = {NULL, NULL};
    struct answer answers[2];
    riffle_error error;
    bool phrase = false, several = false;
    whole_list(test, &options);
    if (answer_ask(&answers[0], test->native, &test->query, &options, &results[0], &error))
        return wrong(test, "native: %s", error.message);
    if (answer_ask(&answers[1], test->other, &test->query, &options, &results[1], &error)) {
        answer_release(&answers[0]);
        riffle_results_free(results[0]);
        return wrong(test, "other: %s", error.message);
    }
    bool right = answer_kinds(results[0], &phrase, &several, &error) == RIFFLE_OK || wrong(test, "%s", error.message);
    bool scored = !phrase && !(several && test->estimates);
    right = right && whole_lists_agree(test, &answers[0], &answers[1], scored);
    if (right && test->closely)
        right = hits_agree(test, &answers[0], &answers[1], results, scored) && same_strict(test);
    if (right && *riffle_results_missing(results[1]))
        right = wrong(test, "missing: %s", riffle_results_missing(results[1]));
    right = right && part_agrees(test, &answers[1]);
    engine_case_counts.hits += answers[0].count;
    engine_case_counts.unscored += !scored;
    for (int i = 0; i < 2; i++) {
        answer_release(&answers[i]);
        riffle_results_free(results[i]);
    }
    return right;
}

/* ---- Articles and statistics ---- */

bool engine_case_article(struct engine_case *test, const char *id, size_t n)
{
    riffle_index *const indexes[2] = {test->native, test->other};
    uint64_t articles[2];
    riffle_status statuses[2];
    riffle_error error;
    char *texts[2];
    size_t lengths[2];
    for (int i = 0; i < 2; i++) {
        statuses[i] = riffle_index_find(indexes[i], id, n, &articles[i], &error);
        if (statuses[i] && statuses[i] != RIFFLE_INVALID)
            return wrong(test, "article %.*s: %s", (int)n, id, error.message);
    }
    if (statuses[0] || statuses[1])
        return statuses[0] == statuses[1] || wrong(test, "one engine alone has the article %.*s", (int)n, id);
    for (size_t f = 0; f < FIELDS; f++) {
        const char *values[2];
        for (int i = 0; i < 2; i++)
            if (riffle_index_field(indexes[i], articles[i], fields[f], &values[i], &lengths[i], &error))
                return wrong(test, "article %.*s: %s", (int)n, id, error.message);
        if (!same_bytes(values[0], lengths[0], values[1], lengths[1]))
            return wrong(test, "article %.*s: another %s", (int)n, id, fields[f]);
    }
    for (int i = 0; i < 2; i++)
        if (riffle_index_text(indexes[i], articles[i], &texts[i], &lengths[i], &error))
            return wrong(test, "article %.*s: %s", (int)n, id, error.message);
    bool right = !texts[0] == !texts[1] && (!texts[0] || same_bytes(texts[0], lengths[0], texts[1], lengths[1]));
    for (int i = 0; i < 2; i++)
        riffle_text_free(indexes[i], texts[i]);
    return right || wrong(test, "article %.*s: another text", (int)n, id);
}

bool engine_case_statistics(struct engine_case *test)
{
    riffle_statistics of[2];
    riffle_error error;
    for (int i = 0; i < 2; i++) {
        of[i].size = sizeof of[i];
        if (riffle_index_statistics(i ? test->other : test->native, &of[i], &error))
            return wrong(test, "statistics: %s", error.message);
    }
    if (of[0].articles != of[1].articles || of[0].passages != of[1].passages || of[0].tokens != of[1].tokens ||
        of[0].title_weight != of[1].title_weight || of[0].stores_text != of[1].stores_text ||
        of[0].splits_passages != of[1].splits_passages || strcmp(of[0].language, of[1].language) != 0)
        return wrong(test, "other statistics: %llu articles, %llu passages, %llu tokens; and %llu, %llu, %llu",
                     (unsigned long long)of[0].articles, (unsigned long long)of[0].passages, (unsigned long long)of[0].tokens,
                     (unsigned long long)of[1].articles, (unsigned long long)of[1].passages, (unsigned long long)of[1].tokens);
    return true;
}
