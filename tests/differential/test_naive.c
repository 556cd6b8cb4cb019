/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Random documents and random queries: what the library answers, by both of its methods and from indexes made in different ways,
 * against a naive scan of the texts.
 *
 * RIFFLE_SEED and RIFFLE_ROUNDS (sets of documents) in the environment make other and longer runs. A case that fails is made as small
 * as leaving out articles makes it, and printed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "indexes.h"
#include "naive.h"

enum { ROUNDS = 200, QUERIES = 105, QUERIES_OF_MANY = 40 };

static char folder[300]; /* for all indexes */
static size_t pairs;     /* of document sets and queries that were compared with the naive scan */
static size_t hits_seen;

/* ---- What the library answers ---- */

struct found {
    uint64_t article;
    uint64_t passage;
    double score;
};

struct answer {
    size_t count;
    uint64_t total;
    struct found *hits;
};

static riffle_status ask(const riffle_index *index, const struct rf_buffer *query, const riffle_search_options *options,
                         struct answer *answer, riffle_results **out, riffle_error *error)
{
    riffle_results *results;
    memset(answer, 0, sizeof *answer);
    riffle_status status = riffle_search(index, (const char *)query->data, query->size, options, &results, error);
    if (status)
        return status;
    answer->count = riffle_results_count(results);
    answer->total = riffle_results_total(results);
    answer->hits = calloc(answer->count + 1, sizeof *answer->hits);
    for (size_t i = 0; !status && i < answer->count; i++) {
        riffle_hit hit = {.size = sizeof hit};
        status = riffle_results_hit(results, i, &hit, error);
        answer->hits[i].article = hit.article;
        answer->hits[i].passage = hit.passage;
        answer->hits[i].score = hit.score;
    }
    if (out)
        *out = results;
    else
        riffle_results_free(results);
    return status;
}

static void release(struct answer *answer)
{
    free(answer->hits);
    answer->hits = NULL;
}

static bool same_hits(const struct answer *a, size_t from, const struct answer *b)
{
    for (size_t i = 0; i < b->count; i++)
        if (a->hits[from + i].article != b->hits[i].article || a->hits[from + i].passage != b->hits[i].passage ||
            a->hits[from + i].score != b->hits[i].score)
            return false;
    return true;
}

/* ---- A case, and what is wrong with it ---- */

struct test {
    const struct documents *documents;
    struct naive *naive;
    struct query *tree; /* NULL: bytes that nobody meant as a query */
    struct rf_buffer query;
    enum way way; /* of the second index */
    uint64_t way_seed;
    riffle_index *indexes[2]; /* the first by one commit */
    riffle_search_options options;
    bool look_closely; /* at texts, matches and snippets */
    struct rf_buffer report;
};

static bool wrong(struct test *test, const char *format, ...) __attribute__((format(printf, 2, 3)));
static bool wrong(struct test *test, const char *format, ...)
{
    char line[1000];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    rf_buffer_printf(&test->report, "%s\n", line);
    return false;
}

static void print_answer(struct test *test, const char *name, const struct answer *answer)
{
    rf_buffer_printf(&test->report, "%s: total %llu\n", name, (unsigned long long)answer->total);
    for (size_t i = 0; i < answer->count && i < 30; i++)
        rf_buffer_printf(&test->report, "    article %llu passage %u score %.12g\n", (unsigned long long)answer->hits[i].article,
                         (unsigned)answer->hits[i].passage, answer->hits[i].score);
}

/* One that never matches where there is no such passage. */
static size_t passage_number(const struct naive *naive, uint64_t article, uint64_t ordinal)
{
    size_t number = article < naive->documents->count ? naive->first_passages[article] + ordinal : naive->passage_count;
    bool there = number < naive->passage_count && naive->passages[number].article == article;
    return there ? number : naive->passage_count;
}

static bool compare_with_naive(struct test *test, struct naive_search *search, const struct answer *answer)
{
    const struct verdict *verdicts = naive_verdicts(search);
    const struct naive *naive = test->naive;
    uint64_t total = 0;
    bool *given = calloc(naive->passage_count + 1, sizeof *given), right = true;
    for (size_t i = 0; i < naive->passage_count; i++)
        total += verdicts[i].matches;
    if (total != answer->total || answer->count != total)
        right = wrong(test, "the scan finds %llu passages, the library %llu and gives %zu", (unsigned long long)total,
                      (unsigned long long)answer->total, answer->count);
    for (size_t i = 0; i < answer->count; i++) {
        size_t p = passage_number(naive, answer->hits[i].article, answer->hits[i].passage);
        if (!verdicts[p].matches || given[p]) {
            right = wrong(test, "hit %zu is none of the scan's, or there twice", i);
            continue;
        }
        given[p] = true;
        if (fabs(answer->hits[i].score - verdicts[p].score) > naive_tolerance(search, verdicts[p].score))
            right = wrong(test, "hit %zu has the score %.12g, and %.12g in the scan", i, answer->hits[i].score, verdicts[p].score);
        if (i && (answer->hits[i].score > answer->hits[i - 1].score ||
                  (answer->hits[i].score == answer->hits[i - 1].score &&
                   (answer->hits[i].article < answer->hits[i - 1].article ||
                    (answer->hits[i].article == answer->hits[i - 1].article && answer->hits[i].passage < answer->hits[i - 1].passage)))))
            right = wrong(test, "hits %zu and %zu are in the wrong order", i - 1, i);
    }
    if (!right) {
        print_answer(test, "the library", answer);
        rf_buffer_printf(&test->report, "the scan: total %llu\n", (unsigned long long)total);
        for (size_t p = 0; p < naive->passage_count && p < 30; p++)
            if (verdicts[p].matches)
                rf_buffer_printf(&test->report, "    article %zu passage %u score %.12g\n", naive->passages[p].article,
                                 (unsigned)naive->passages[p].ordinal, verdicts[p].score);
    }
    free(given);
    return right;
}

/* Leaves the best passage of each article: of equals the first, which comes first in `all` as well. */
static void keep_best_of_articles(struct answer *all, size_t articles)
{
    bool *seen = calloc(articles + 1, sizeof *seen);
    size_t kept = 0;
    for (size_t i = 0; i < all->count; i++) {
        if (seen[all->hits[i].article])
            continue;
        seen[all->hits[i].article] = true;
        all->hits[kept++] = all->hits[i];
    }
    all->count = kept;
    all->total = kept;
    free(seen);
}

/* A search with these options gives a part of `all`. */
static bool compare_with_part(struct test *test, int which, const riffle_search_options *options, const struct answer *all)
{
    struct answer answer;
    riffle_error error;
    if (ask(test->indexes[which], &test->query, options, &answer, NULL, &error))
        return wrong(test, "index %d, method %d: %s", which, options->method, error.message);
    size_t from = options->offset < all->count ? (size_t)options->offset : all->count;
    size_t count = options->limit < all->count - from ? (size_t)options->limit : all->count - from;
    uint64_t least = options->count_all ? all->total : from + count;
    bool right = answer.count == count && answer.total >= least && answer.total <= all->total && same_hits(all, from, &answer);
    if (!right) {
        wrong(test, "index %d, method %d, offset %llu, limit %llu, by article %d, count all %d: not the same list", which,
              options->method, (unsigned long long)options->offset, (unsigned long long)options->limit, options->by_article,
              options->count_all);
        print_answer(test, "expected", all);
        print_answer(test, "given", &answer);
    }
    release(&answer);
    return right;
}

/* ---- Texts, matches, snippets ---- */

static bool starts_character(const char *text, size_t n, size_t at) { return at >= n || ((uint8_t)text[at] & 0xc0) != 0x80; }

static bool same_ranges(const riffle_range *a, size_t a_count, uint64_t shift, const riffle_range *b, size_t b_count)
{
    for (size_t i = 0; i < a_count && i < b_count; i++)
        if (a[i].start + shift != b[i].start || a[i].end + shift != b[i].end)
            return false;
    return a_count == b_count;
}

static void print_ranges(struct test *test, const char *name, const riffle_range *ranges, size_t count)
{
    rf_buffer_printf(&test->report, "%s:", name);
    for (size_t i = 0; i < count; i++)
        rf_buffer_printf(&test->report, " [%llu, %llu)", (unsigned long long)ranges[i].start, (unsigned long long)ranges[i].end);
    rf_buffer_printf(&test->report, "\n");
}

/* Without white space. */
static void squeeze(struct rf_buffer *out, const char *text, size_t n)
{
    for (const char *p = text, *next; p < text + n; p = next) {
        uint32_t c;
        next = rf_utf8_next(p, text + n, &c);
        if (c > ' ' && c != 0x7f && c != 0x3000 && c != 0xa0)
            rf_buffer_append(out, p, (size_t)(next - p));
    }
}

static bool check_snippet(struct test *test, riffle_results *results, size_t rank, const char *text, size_t n, size_t matches)
{
    riffle_snippet snippet;
    riffle_error error;
    size_t width = rank == 0 ? 0 : rank == 1 ? 40 : 1 + pairs % 300, wanted = width ? width < 20 ? 20 : width : 240;
    if (riffle_results_snippet(results, rank, width, &snippet, &error))
        return wrong(test, "snippet: %s", error.message);
    struct rf_buffer whole, part;
    rf_buffer_init(&whole, &rf_malloc_allocator);
    rf_buffer_init(&part, &rf_malloc_allocator);
    squeeze(&whole, text, n);
    squeeze(&part, snippet.text, snippet.length);
    bool right = part.size == 0 || (whole.size >= part.size && memmem(whole.data, whole.size, part.data, part.size));
    if (!right)
        wrong(test, "hit %zu: the snippet is no part of the passage", rank);
    if (!snippet.cut_before && !snippet.cut_after && part.size != whole.size)
        right = wrong(test, "hit %zu: the snippet is not the whole passage, and says so", rank);
    if (snippet.length > wanted + 100)
        right = wrong(test, "hit %zu: a snippet of %zu bytes where %zu were asked for", rank, snippet.length, wanted);
    if (rf_utf8_valid_prefix(snippet.text, snippet.length) != snippet.length)
        right = wrong(test, "hit %zu: the snippet is no UTF-8", rank);
    if (matches && !snippet.mark_count)
        right = wrong(test, "hit %zu: the snippet shows no match", rank);
    if (!matches && snippet.mark_count)
        right = wrong(test, "hit %zu: the snippet marks what does not match", rank);
    for (size_t i = 0; i < snippet.mark_count; i++) {
        const riffle_range *mark = &snippet.marks[i];
        if (mark->start >= mark->end || mark->end > snippet.length || (i && mark->start < mark[-1].end) ||
            !starts_character(snippet.text, snippet.length, mark->start) || !starts_character(snippet.text, snippet.length, mark->end))
            right = wrong(test, "hit %zu: mark %zu is [%llu, %llu) of %zu bytes", rank, i, (unsigned long long)mark->start,
                          (unsigned long long)mark->end, snippet.length);
    }
    if (!right) {
        rf_buffer_printf(&test->report, "width %zu, snippet ", wanted);
        append_escaped(&test->report, snippet.text, snippet.length);
        rf_buffer_append_byte(&test->report, '\n');
        print_ranges(test, "marks", snippet.marks, snippet.mark_count);
    }
    rf_buffer_release(&part);
    rf_buffer_release(&whole);
    return right;
}

static bool check_hit(struct test *test, struct naive_search *search, riffle_results *results, size_t rank)
{
    riffle_hit hit = {.size = sizeof hit};
    riffle_error error;
    const char *text, *explanation;
    size_t length, count, title_count;
    uint64_t start;
    const riffle_range *ranges, *title_ranges;
    if (riffle_results_hit(results, rank, &hit, &error) ||
        riffle_results_title_matches(results, rank, &title_ranges, &title_count, &error) ||
        riffle_results_text(results, rank, &text, &length, &start, &error) ||
        riffle_results_matches(results, rank, &ranges, &count, &error) ||
        riffle_results_explain(results, rank, &explanation, &error))
        return wrong(test, "hit %zu: %s", rank, error.message);
    const struct passage *passage = &test->naive->passages[passage_number(test->naive, hit.article, hit.passage)];
    const struct article *article = &test->documents->articles[passage->article];
    const char *own_text = test->naive->texts[passage->article] + passage->start, *title = test->naive->titles[passage->article];
    size_t own_length = passage->end - passage->start;
    if (hit.id_length != strlen(article->id) || memcmp(hit.id, article->id, hit.id_length) != 0 || hit.title_length != strlen(title) ||
        memcmp(hit.title, title, hit.title_length) != 0)
        return wrong(test, "hit %zu: another id or title", rank);
    riffle_range *own_ranges, *own_title_ranges;
    size_t own_count, own_title_count;
    naive_matches(search, title, strlen(title), true, &own_title_ranges, &own_title_count);
    naive_matches(search, own_text, own_length, false, &own_ranges, &own_count);
    bool right = true;
    if (!same_ranges(own_title_ranges, own_title_count, 0, title_ranges, title_count)) {
        right = wrong(test, "hit %zu: other matches in the title", rank);
        print_ranges(test, "expected", own_title_ranges, own_title_count);
        print_ranges(test, "given", title_ranges, title_count);
    }
    if (!test->documents->store) {
        if (length || count)
            right = wrong(test, "hit %zu: a text that was not stored", rank);
    } else if (length != own_length || memcmp(text, own_text, length) != 0 || start != passage->start) {
        right = wrong(test, "hit %zu: another text", rank);
    } else if (!same_ranges(own_ranges, own_count, start, ranges, count)) {
        right = wrong(test, "hit %zu: other matches in the text, from %llu", rank, (unsigned long long)start);
        print_ranges(test, "expected", own_ranges, own_count);
        print_ranges(test, "given", ranges, count);
    } else {
        if (hit.score > 0 && !own_count && !own_title_count)
            right = wrong(test, "hit %zu has a score and no match", rank);
        right = check_snippet(test, results, rank, text, length, count) && right;
    }
    free(own_ranges);
    free(own_title_ranges);
    return right;
}

/* ---- The comparison ---- */

/* Refused, or read the same. */
static bool check_strict(struct test *test, const riffle_search_options *options, const struct answer *all)
{
    struct answer answer;
    riffle_error error;
    riffle_search_options strict = *options;
    strict.strict = 1;
    riffle_status status = ask(test->indexes[0], &test->query, &strict, &answer, NULL, &error);
    if (status == RIFFLE_BAD_QUERY)
        return true;
    bool right = !status && answer.total == all->total && answer.count == all->count && same_hits(all, 0, &answer);
    if (!right)
        wrong(test, "strict mode: another list, or %s", error.message);
    release(&answer);
    return right;
}

static int by_place(const void *a, const void *b) { return memcmp(a, b, offsetof(struct found, score)); }

/*
 * The reading finds the same, where nothing was left out and no id is made of bytes that cannot be shown; scores differ where a
 * compound is shown as its two forms.
 */
static bool check_reading(struct test *test, const riffle_search_options *options, const char *reading, const struct answer *all)
{
    struct rf_buffer query;
    struct answer answer;
    riffle_error error;
    if (strstr(reading, "[left out") || strstr(reading, "\xEF\xBF\xBD"))
        return true;
    rf_buffer_init(&query, &rf_malloc_allocator);
    rf_buffer_append(&query, reading, strlen(reading));
    bool right = ask(test->indexes[0], &query, options, &answer, NULL, &error) == RIFFLE_OK && answer.count == all->count;
    struct found *expected = calloc(all->count + 1, sizeof *expected);
    memcpy(expected, all->hits, all->count * sizeof *expected);
    qsort(expected, all->count, sizeof *expected, by_place);
    qsort(answer.hits, answer.count, sizeof *expected, by_place);
    for (size_t i = 0; right && i < answer.count; i++)
        right = by_place(&expected[i], &answer.hits[i]) == 0;
    if (!right) {
        wrong(test, "the reading, searched for, finds something else: %s", reading);
        print_answer(test, "the query", all);
        print_answer(test, "its reading", &answer);
    }
    free(expected);
    release(&answer);
    rf_buffer_release(&query);
    return right;
}

static bool run_case(struct test *test)
{
    riffle_search_options options = test->options;
    riffle_results *results;
    riffle_error error;
    struct answer all;
    bool right = true;
    options.offset = 0;
    options.limit = UINT64_MAX;
    options.by_article = 0;
    options.count_all = 1;
    options.method = RIFFLE_METHOD_EXHAUSTIVE;
    if (ask(test->indexes[0], &test->query, &options, &all, &results, &error))
        return wrong(test, "%s", error.message);
    hits_seen += all.count;
    if (test->tree) {
        struct naive_search *search = naive_search(test->naive, test->tree, options.k1 < 0 ? 0.9 : options.k1, options.b < 0 ? 0.4 : options.b);
        right = compare_with_naive(test, search, &all);
        for (size_t i = 0; right && test->look_closely && i < all.count && i < 3; i++)
            right = check_hit(test, search, results, i);
        naive_search_release(search);
    }
    if (right && test->look_closely)
        right = check_reading(test, &options, riffle_results_reading(results), &all) && check_strict(test, &options, &all);
    riffle_results_free(results);
    options.method = RIFFLE_METHOD_FAST;
    right = right && compare_with_part(test, 0, &options, &all) && compare_with_part(test, 1, &options, &all);
    options = test->options;
    if (options.by_article)
        keep_best_of_articles(&all, test->documents->count);
    for (int method = 0; right && method < 2; method++) {
        options.method = method;
        right = compare_with_part(test, method, &options, &all);
    }
    release(&all);
    return right;
}

/* ---- Making cases small ---- */

static void path_of(char *path, size_t size, int which) { snprintf(path, size, "%s/index-%d", folder, which); }

static bool open_indexes(struct test *test)
{
    char path[400], other[400];
    riffle_error error;
    for (int i = 0; i < 2; i++) {
        path_of(path, sizeof path, i);
        if (index_make(path, test->documents, i ? test->way : WAY_ONE_COMMIT, test->way_seed, &error) ||
            riffle_index_open(&test->indexes[i], path, NULL, &error))
            return wrong(test, "index by %s: %s", way_names[i ? test->way : WAY_ONE_COMMIT], error.message);
    }
    path_of(path, sizeof path, 0);
    path_of(other, sizeof other, 1);
    if (test->way != WAY_COMMITS && !index_same_bytes(path, other))
        return wrong(test, "the index by %s has other bytes", way_names[test->way]);
    return true;
}

static void close_indexes(struct test *test)
{
    for (int i = 0; i < 2; i++) {
        riffle_index_close(test->indexes[i]);
        test->indexes[i] = NULL;
    }
}

/* The same case with these documents only, from the beginning. */
static bool run_with(struct test *test, const struct documents *documents)
{
    struct naive naive;
    naive_make(&naive, documents);
    test->documents = documents;
    test->naive = &naive;
    test->report.size = 0;
    bool right = open_indexes(test) && run_case(test);
    close_indexes(test);
    naive_release(&naive);
    return right;
}

/* Leaves out what can be left out of the query so that it still fails with these documents. */
static void shrink_query(struct test *test, const struct documents *documents, struct query *root, struct query *query)
{
    for (size_t i = 0; i < query->count;) {
        struct query *child = query->children[i];
        memmove(&query->children[i], &query->children[i + 1], (--query->count - i) * sizeof child);
        struct random plain = {0};
        test->query.size = 0;
        query_print(&test->query, root, &plain);
        if (query->count && !run_with(test, documents)) {
            query_release(child);
            continue;
        }
        memmove(&query->children[i + 1], &query->children[i], (query->count++ - i) * sizeof child);
        query->children[i] = child;
        shrink_query(test, documents, root, query->children[i++]);
    }
    struct random plain = {0};
    test->query.size = 0;
    query_print(&test->query, root, &plain);
}

/* Leaves out articles, as many as can be, so that it still fails; then says all about it. */
static void report_failure(struct test *test)
{
    struct documents less = *test->documents;
    rf_buffer_append_byte(&test->report, 0);
    char *first_report = strdup((const char *)test->report.data);
    less.articles = calloc(less.count, sizeof *less.articles);
    memcpy(less.articles, test->documents->articles, less.count * sizeof *less.articles);
    struct article *tried = calloc(less.count, sizeof *tried);
    close_indexes(test);
    bool again = !run_with(test, &less);
    for (size_t step = less.count / 2; again && step; step /= 2) {
        for (size_t at = 0; at + step <= less.count && less.count > step;) {
            struct documents candidate = less;
            candidate.articles = tried;
            candidate.count = less.count - step;
            memcpy(tried, less.articles, at * sizeof *tried);
            memcpy(tried + at, less.articles + at + step, (less.count - at - step) * sizeof *tried);
            /* A query means something else where a field of its filters is not there. */
            if (documents_fields(&candidate) != documents_fields(&less) || run_with(test, &candidate)) {
                at += step;
                continue;
            }
            memcpy(less.articles, tried, candidate.count * sizeof *tried);
            less.count = candidate.count;
        }
    }
    if (again && test->tree)
        shrink_query(test, &less, test->tree, test->tree);
    if (again)
        again = !run_with(test, &less);
    struct rf_buffer out;
    rf_buffer_init(&out, &rf_malloc_allocator);
    documents_print(&out, &less);
    rf_buffer_printf(&out, "query ");
    append_escaped(&out, (const char *)test->query.data, test->query.size);
    rf_buffer_printf(&out, "\nk1 %g, b %g; index 0 by one commit, index 1 by %s, seed %llu\n%.*s", test->options.k1, test->options.b,
                     way_names[test->way], (unsigned long long)test->way_seed, again ? (int)test->report.size : 0,
                     again ? (const char *)test->report.data : "");
    if (!again)
        rf_buffer_printf(&out, "did not fail again; it was:\n%s", first_report);
    fprintf(stderr, "%.*s", (int)out.size, (const char *)out.data);
    rf_buffer_release(&out);
    free(first_report);
    free(less.articles);
    free(tried);
}

/* ---- Rounds ---- */

static void choose_options(struct test *test, struct random *random)
{
    static const riffle_search_options defaults = RIFFLE_SEARCH_OPTIONS_INIT;
    test->options = defaults;
    if (chance(random, 40)) {
        test->options.k1 = chance(random, 10) ? 0 : 3 * random_unit(random);
        test->options.b = chance(random, 10) ? 0 : chance(random, 10) ? 1 : random_unit(random);
    }
    test->options.offset = chance(random, 70) ? 0 : random_size(random, 100) - 1;
    test->options.limit = chance(random, 50) ? 10 : random_size(random, 200) - 1;
    test->options.by_article = chance(random, 30);
    test->options.count_all = chance(random, 30);
}

static size_t run_round(uint64_t seed, bool many)
{
    struct random random = {seed};
    struct documents documents;
    struct naive naive;
    size_t failures = 0;
    documents_make(&documents, &random, many);
    struct test test = {.documents = &documents, .way = (enum way)random_below(&random, WAYS), .way_seed = random_next(&random)};
    rf_buffer_init(&test.query, &rf_malloc_allocator);
    rf_buffer_init(&test.report, &rf_malloc_allocator);
    naive_make(&naive, &documents);
    bool opened = open_indexes(&test);
    if (!opened) {
        report_failure(&test);
        failures++;
    }
    int queries = many ? QUERIES_OF_MANY : QUERIES;
    for (int i = 0; opened && !failures && i < queries + queries / 4; i++) {
        struct query *query = i < queries ? query_make(&documents, &random) : NULL;
        test.naive = &naive;
        test.documents = &documents;
        test.tree = query;
        test.query.size = test.report.size = 0;
        test.look_closely = chance(&random, 35);
        if (query)
            query_print(&test.query, query, &random);
        else
            query_make_bytes(&test.query, &documents, &random);
        choose_options(&test, &random);
        if (!run_case(&test)) {
            fprintf(stderr, "seed %llu, query %d\n", (unsigned long long)seed, i);
            report_failure(&test);
            failures++;
        }
        pairs += query != NULL;
        if (query)
            query_release(query);
    }
    close_indexes(&test);
    naive_release(&naive);
    documents_release(&documents);
    rf_buffer_release(&test.query);
    rf_buffer_release(&test.report);
    return failures;
}

static uint64_t from_environment(const char *name, uint64_t otherwise)
{
    const char *value = getenv(name);
    return value && *value ? strtoull(value, NULL, 0) : otherwise;
}

static void test_library_against_scan(void **state)
{
    (void)state;
    uint64_t seed = from_environment("RIFFLE_SEED", 1), rounds = from_environment("RIFFLE_ROUNDS", ROUNDS);
    size_t failures = 0;
    for (uint64_t round = 0; round < rounds && failures < 3; round++)
        failures += run_round(seed + round, round % 20 == 19);
    print_message("%zu pairs of documents and queries, %zu hits\n", pairs, hits_seen);
    assert_int_equal(failures, 0);
}

static int set_up(void **state)
{
    (void)state;
    /* In memory where that can be: more than a thousand commits would wait for the disk. */
    const char *memory = "/dev/shm", *temporary = getenv("TMPDIR");
    if (!temporary || !*temporary)
        temporary = access(memory, W_OK) == 0 ? memory : P_tmpdir;
    snprintf(folder, sizeof folder, "%s/riffle-naive-XXXXXX", temporary);
    return mkdtemp(folder) ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    char path[400];
    for (int i = 0; i < 2; i++) {
        path_of(path, sizeof path, i);
        index_remove(path);
    }
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_library_against_scan)};
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
