/* SPDX-License-Identifier: BSD-3-Clause */
/* Answers as plain lists, and their comparison; answers.h. */
#include "answers.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* Scores that differ by no more are one: relative, and, as the native engine's are whole numbers of a scale, absolute. */
static const double relative = 1e-5, absolute = 1e-7;

bool scores_near(double a, double b) { return fabs(a - b) <= absolute + relative * fmax(fabs(a), fabs(b)); }

/* ---- An answer ---- */

static int by_key(const void *a, const void *b)
{
    const struct answer_hit *x = *(struct answer_hit *const *)a, *y = *(struct answer_hit *const *)b;
    return (x->key > y->key) - (x->key < y->key);
}

static int by_article(const void *a, const void *b)
{
    const struct answer_hit *x = *(struct answer_hit *const *)a, *y = *(struct answer_hit *const *)b;
    if (x->id_key != y->id_key)
        return x->id_key < y->id_key ? -1 : 1;
    return (x > y) - (x < y);
}

static void sort(struct answer *answer)
{
    free(answer->by_key);
    answer->by_key = calloc(answer->count + 1, sizeof *answer->by_key);
    for (size_t i = 0; i < answer->count; i++)
        answer->by_key[i] = &answer->hits[i];
    qsort(answer->by_key, answer->count, sizeof *answer->by_key, by_key);
}

/* FNV-1a: stands for the bytes, so no two may meet. */
static uint64_t key_of(const char *bytes, size_t n)
{
    uint64_t key = 0xcbf29ce484222325ull;
    for (size_t i = 0; i < n; i++)
        key = (key ^ (uint8_t)bytes[i]) * 0x100000001b3ull;
    return key;
}

static riffle_status fill(struct answer *answer, riffle_results *results, riffle_error *error)
{
    riffle_status status = RIFFLE_OK;
    answer->count = riffle_results_count(results);
    answer->total = riffle_results_total(results);
    answer->exact = riffle_results_total_is_exact(results);
    answer->reading = strdup(riffle_results_reading(results));
    answer->hits = calloc(answer->count + 1, sizeof *answer->hits);
    for (size_t i = 0; !status && i < answer->count; i++) {
        riffle_hit hit = {.size = sizeof hit};
        struct answer_hit *to = &answer->hits[i];
        status = riffle_results_hit(results, i, &hit, error);
        if (status)
            break;
        to->id_key = key_of(hit.id, hit.id_length);
        to->key = (to->id_key ^ hit.passage) * 0x100000001b3ull;
        to->article = hit.article;
        to->passage = hit.passage;
        to->score = hit.score;
    }
    sort(answer);
    return status;
}

riffle_status answer_ask(struct answer *answer, const riffle_index *index, const struct rf_buffer *query,
                         const riffle_search_options *options, riffle_results **out, riffle_error *error)
{
    riffle_results *results;
    memset(answer, 0, sizeof *answer);
    riffle_status status = riffle_search(index, (const char *)query->data, query->size, options, &results, error);
    if (status)
        return status;
    status = fill(answer, results, error);
    if (out && !status) {
        *out = results;
        return status;
    }
    riffle_results_free(results);
    if (status)
        answer_release(answer);
    return status;
}

void answer_release(struct answer *answer)
{
    free(answer->hits);
    free(answer->by_key);
    free(answer->reading);
    memset(answer, 0, sizeof *answer);
}

const struct answer_hit *answer_find(const struct answer *answer, uint64_t key)
{
    struct answer_hit wanted = {.key = key}, *pointer = &wanted, **found;
    if (!answer->count)
        return NULL;
    found = bsearch(&pointer, answer->by_key, answer->count, sizeof *answer->by_key, by_key);
    return found ? *found : NULL;
}

void answer_keep_articles(struct answer *answer)
{
    struct answer_hit **sorted = answer->by_key;
    bool *first = calloc(answer->count + 1, sizeof *first);
    qsort(sorted, answer->count, sizeof *sorted, by_article);
    for (size_t i = 0; i < answer->count; i++)
        first[sorted[i] - answer->hits] = !i || sorted[i]->id_key != sorted[i - 1]->id_key;
    size_t kept = 0;
    for (size_t i = 0; i < answer->count; i++)
        if (first[i])
            answer->hits[kept++] = answer->hits[i];
    free(first);
    answer->count = answer->total = kept;
    sort(answer);
}

riffle_status answer_kinds(riffle_results *results, bool *phrase, bool *several, riffle_error *error)
{
    const char *explanation = "";
    riffle_status status = RIFFLE_OK;
    if (riffle_results_count(results))
        status = riffle_results_explain(results, 0, &explanation, error);
    *phrase = !status && strstr(explanation, ": phrase of ") != NULL;
    *several = !status && strstr(explanation, " words together)") != NULL;
    return status;
}

void answer_print(struct rf_buffer *out, const char *name, const struct answer *answer)
{
    rf_buffer_printf(out, "%s: %zu hits of %llu\n", name, answer->count, (unsigned long long)answer->total);
    for (size_t i = 0; i < answer->count && i < 30; i++)
        rf_buffer_printf(out, "    article %llu (%04x) passage %u score %.12g\n", (unsigned long long)answer->hits[i].article,
                         (unsigned)answer->hits[i].id_key & 0xffff, (unsigned)answer->hits[i].passage, answer->hits[i].score);
}

/* ---- Two answers ---- */

struct comparison {
    const struct answer *all;    /* the whole list */
    const struct answer *wanted; /* the same, or the best passages of its articles */
    const riffle_search_options *options;
    const struct answer *part;
    struct rf_buffer *report;
    size_t from; /* of `wanted`, where the part starts */
    bool right;
};

__attribute__((format(printf, 2, 3))) static void wrong(struct comparison *comparison, const char *format, ...)
{
    char line[300];
    va_list arguments;
    comparison->right = false;
    if (comparison->report->size > 4000) /* the rest would be the same over and over */
        return;
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    rf_buffer_printf(comparison->report, "%s\n", line);
}

static void compare_counts(struct comparison *c)
{
    const riffle_search_options *options = c->options;
    c->from = options->offset < c->wanted->count ? (size_t)options->offset : c->wanted->count;
    size_t most = c->wanted->count - c->from, count = options->limit < most ? (size_t)options->limit : most;
    bool counted = options->count_all || !options->limit;
    uint64_t least = c->part->exact ? c->wanted->total : c->from + count;
    if (c->part->count != count)
        wrong(c, "%zu hits where there should be %zu", c->part->count, count);
    if (counted && !c->part->exact)
        wrong(c, "the total is not exact");
    if (c->part->total < least || c->part->total > c->wanted->total)
        wrong(c, "the total is %llu of %llu", (unsigned long long)c->part->total, (unsigned long long)c->wanted->total);
}

/* Each hit has to be one of `all`, once. */
static void compare_hits(struct comparison *c, bool scores)
{
    for (size_t i = 0; i < c->part->count; i++) {
        const struct answer_hit *hit = &c->part->hits[i], *same = answer_find(c->all, hit->key);
        if (i && c->part->by_key[i]->key == c->part->by_key[i - 1]->key)
            wrong(c, "a hit is there twice");
        if (!same)
            wrong(c, "hit %zu should be none", i);
        else if (scores && !scores_near(hit->score, same->score))
            wrong(c, "hit %zu has the score %.12g where it should be %.12g", i, hit->score, same->score);
    }
}

/* A list of articles by their keys. */
static struct answer articles_of(const struct answer *answer)
{
    struct answer articles = {.hits = calloc(answer->count + 1, sizeof *articles.hits), .count = answer->count};
    memcpy(articles.hits, answer->hits, answer->count * sizeof *articles.hits);
    for (size_t i = 0; i < articles.count; i++)
        articles.hits[i].key = answer->hits[i].id_key;
    sort(&articles);
    return articles;
}

/* Each article once, and by its best passage: the first of equal ones, or one with nearly the same score. */
static void compare_articles(struct comparison *c, const struct agreement *agreement)
{
    struct answer given = articles_of(c->part), best = articles_of(c->wanted);
    for (size_t i = 0; i < given.count; i++) {
        if (i && given.by_key[i]->key == given.by_key[i - 1]->key)
            wrong(c, "an article is there twice");
        const struct answer_hit *hit = &given.hits[i], *wanted = answer_find(&best, hit->key);
        if (!wanted || !agreement->scores)
            continue;
        if (!scores_near(wanted->score, hit->score))
            wrong(c, "hit %zu has the score %.12g where its article's best has %.12g", i, hit->score, wanted->score);
        else if (agreement->ties && hit->score == wanted->score && hit->passage > wanted->passage)
            wrong(c, "hit %zu is passage %u where passage %u is as good", i, hit->passage, wanted->passage);
    }
    answer_release(&given);
    answer_release(&best);
}

/* The best come first; place by place the scores are those that they should be, whichever of equal hits stands there. */
static void compare_order(struct comparison *c, const struct agreement *agreement)
{
    for (size_t i = 0; i < c->part->count; i++) {
        const struct answer_hit *hit = &c->part->hits[i], *before = hit - 1;
        if (agreement->scores && c->from + i < c->wanted->count && !scores_near(hit->score, c->wanted->hits[c->from + i].score))
            wrong(c, "place %zu has the score %.12g where it should be %.12g", i, hit->score, c->wanted->hits[c->from + i].score);
        if (i && hit->score > before->score)
            wrong(c, "hits %zu and %zu are in the wrong order", i - 1, i);
        if (!i || !agreement->ties || hit->score != before->score)
            continue;
        const struct answer_hit *same = answer_find(c->all, hit->key), *same_before = answer_find(c->all, before->key);
        if (same && same_before &&
            (same->article < same_before->article ||
             (same->article == same_before->article && same->passage < same_before->passage)))
            wrong(c, "hits %zu and %zu, which are equal, are not in the order of the index", i - 1, i);
    }
}

bool answer_agrees(const struct answer *all, const riffle_search_options *options, const struct answer *part,
                   const struct agreement *agreement, struct rf_buffer *report)
{
    struct answer articles = {.count = all->count, .hits = calloc(all->count + 1, sizeof *articles.hits)};
    struct comparison c = {all, all, options, part, report, 0, true};
    if (options->by_article) {
        memcpy(articles.hits, all->hits, all->count * sizeof *articles.hits);
        sort(&articles);
        answer_keep_articles(&articles);
        c.wanted = &articles;
    }
    compare_counts(&c);
    compare_hits(&c, agreement->scores);
    if (options->by_article)
        compare_articles(&c, agreement);
    compare_order(&c, agreement);
    answer_release(&articles);
    return c.right;
}
