/* SPDX-License-Identifier: BSD-3-Clause */
/* What a case asks of the library, and how its answers are compared. */
#include "cases.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

size_t case_hits;

/* ---- What the library answers ---- */

struct found {
    uint64_t article;
    uint64_t passage;
    double score;
};

struct answer {
    size_t count;
    uint64_t total;
    bool exact; /* the total is said to be */
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
    answer->exact = riffle_results_total_is_exact(results) && !riffle_results_incomplete(results);
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

bool case_wrong(struct test *test, const char *format, ...)
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
        right = case_wrong(test, "the scan finds %llu passages, the library %llu and gives %zu", (unsigned long long)total,
                           (unsigned long long)answer->total, answer->count);
    for (size_t i = 0; i < answer->count; i++) {
        size_t p = passage_number(naive, answer->hits[i].article, answer->hits[i].passage);
        if (!verdicts[p].matches || given[p]) {
            right = case_wrong(test, "hit %zu is none of the scan's, or there twice", i);
            continue;
        }
        given[p] = true;
        if (fabs(answer->hits[i].score - verdicts[p].score) > naive_tolerance(search, verdicts[p].score))
            right =
                case_wrong(test, "hit %zu has the score %.12g, and %.12g in the scan", i, answer->hits[i].score, verdicts[p].score);
        if (i &&
            (answer->hits[i].score > answer->hits[i - 1].score ||
             (answer->hits[i].score == answer->hits[i - 1].score &&
              (answer->hits[i].article < answer->hits[i - 1].article ||
               (answer->hits[i].article == answer->hits[i - 1].article && answer->hits[i].passage < answer->hits[i - 1].passage)))))
            right = case_wrong(test, "hits %zu and %zu are in the wrong order", i - 1, i);
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
        return case_wrong(test, "index %d, method %d: %s", which, options->method, error.message);
    size_t from = options->offset < all->count ? (size_t)options->offset : all->count;
    size_t count = options->limit < all->count - from ? (size_t)options->limit : all->count - from;
    uint64_t least = answer.exact ? all->total : from + count;
    bool counted = answer.exact || !(options->count_all || !options->limit);
    bool right =
        counted && answer.count == count && answer.total >= least && answer.total <= all->total && same_hits(all, from, &answer);
    if (!right) {
        case_wrong(test, "index %d, method %d, offset %llu, limit %llu, by article %d, count all %d: not the same list", which,
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
    size_t width = rank == 0 ? 0 : rank == 1 ? 40 : 1 + test->query.size % 300, wanted = width ? width < 20 ? 20 : width : 240;
    if (riffle_results_snippet(results, rank, width, &snippet, &error))
        return case_wrong(test, "snippet: %s", error.message);
    struct rf_buffer whole, part;
    rf_buffer_init(&whole, &rf_malloc_allocator);
    rf_buffer_init(&part, &rf_malloc_allocator);
    squeeze(&whole, text, n);
    squeeze(&part, snippet.text, snippet.length);
    bool right = part.size == 0 || (whole.size >= part.size && memmem(whole.data, whole.size, part.data, part.size));
    if (!right)
        case_wrong(test, "hit %zu: the snippet is no part of the passage", rank);
    if (!snippet.cut_before && !snippet.cut_after && part.size != whole.size)
        right = case_wrong(test, "hit %zu: the snippet is not the whole passage, and says so", rank);
    if (snippet.length > wanted + 100)
        right = case_wrong(test, "hit %zu: a snippet of %zu bytes where %zu were asked for", rank, snippet.length, wanted);
    if (rf_utf8_valid_prefix(snippet.text, snippet.length) != snippet.length)
        right = case_wrong(test, "hit %zu: the snippet is no UTF-8", rank);
    if (matches && !snippet.mark_count)
        right = case_wrong(test, "hit %zu: the snippet shows no match", rank);
    if (!matches && snippet.mark_count)
        right = case_wrong(test, "hit %zu: the snippet marks what does not match", rank);
    for (size_t i = 0; i < snippet.mark_count; i++) {
        const riffle_range *mark = &snippet.marks[i];
        if (mark->start >= mark->end || mark->end > snippet.length || (i && mark->start < mark[-1].end) ||
            !starts_character(snippet.text, snippet.length, mark->start) ||
            !starts_character(snippet.text, snippet.length, mark->end))
            right = case_wrong(test, "hit %zu: mark %zu is [%llu, %llu) of %zu bytes", rank, i, (unsigned long long)mark->start,
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
        return case_wrong(test, "hit %zu: %s", rank, error.message);
    const struct passage *passage = &test->naive->passages[passage_number(test->naive, hit.article, hit.passage)];
    const struct article *article = &test->documents->articles[passage->article];
    const char *own_text = test->naive->texts[passage->article] + passage->start, *title = test->naive->titles[passage->article];
    size_t own_length = passage->end - passage->start;
    if (hit.id_length != strlen(article->kept_id) || memcmp(hit.id, article->kept_id, hit.id_length) != 0 ||
        hit.title_length != strlen(title) || memcmp(hit.title, title, hit.title_length) != 0)
        return case_wrong(test, "hit %zu: another id or title", rank);
    riffle_range *own_ranges, *own_title_ranges;
    size_t own_count, own_title_count;
    naive_matches(search, title, strlen(title), true, &own_title_ranges, &own_title_count);
    naive_matches(search, own_text, own_length, false, &own_ranges, &own_count);
    bool right = true;
    if (!same_ranges(own_title_ranges, own_title_count, 0, title_ranges, title_count)) {
        right = case_wrong(test, "hit %zu: other matches in the title", rank);
        print_ranges(test, "expected", own_title_ranges, own_title_count);
        print_ranges(test, "given", title_ranges, title_count);
    }
    if (!test->documents->store) {
        if (length || count)
            right = case_wrong(test, "hit %zu: a text that was not stored", rank);
    } else if (length != own_length || memcmp(text, own_text, length) != 0 || start != passage->start) {
        right = case_wrong(test, "hit %zu: another text", rank);
    } else if (!same_ranges(own_ranges, own_count, start, ranges, count)) {
        right = case_wrong(test, "hit %zu: other matches in the text, from %llu", rank, (unsigned long long)start);
        print_ranges(test, "expected", own_ranges, own_count);
        print_ranges(test, "given", ranges, count);
    } else {
        if (hit.score > 0 && !own_count && !own_title_count)
            right = case_wrong(test, "hit %zu has a score and no match", rank);
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
        case_wrong(test, "strict mode: another list, or %s", error.message);
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
        case_wrong(test, "the reading, searched for, finds something else: %s", reading);
        print_answer(test, "the query", all);
        print_answer(test, "its reading", &answer);
    }
    free(expected);
    release(&answer);
    rf_buffer_release(&query);
    return right;
}

bool case_run(struct test *test)
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
        return case_wrong(test, "%s", error.message);
    case_hits += all.count;
    if (test->tree) {
        struct naive_search *search =
            naive_search(test->naive, test->tree, options.k1 < 0 ? 1.2 : options.k1, options.b < 0 ? 0.5 : options.b);
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
