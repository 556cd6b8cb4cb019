/* SPDX-License-Identifier: BSD-3-Clause */
/* Answers; shard_answers.h. */
#include "tests/scaling/shard_answers.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void answer_free(struct answer *answer)
{
    free(answer->hits);
    answer->hits = NULL;
}

struct answer answer_of(const riffle_index *index, const char *query, uint64_t limit, int by_article)
{
    struct answer answer = {.status = RIFFLE_OK};
    riffle_error error;
    riffle_results *results = NULL;
    riffle_search_options options = RIFFLE_SEARCH_OPTIONS_INIT;
    options.limit = limit;
    options.count_all = 1;
    options.by_article = by_article;
    answer.status = riffle_search(index, query, strlen(query), &options, &results, &error);
    if (!answer.status) {
        answer.total = riffle_results_total(results);
        answer.count = riffle_results_count(results);
        answer.hits = calloc(answer.count + 1, sizeof *answer.hits);
        snprintf(answer.missing, sizeof answer.missing, "%s", riffle_results_missing(results));
    }
    for (size_t i = 0; !answer.status && i < answer.count; i++) {
        riffle_hit hit = {.size = sizeof hit};
        answer.status = riffle_results_hit(results, i, &hit, &error);
        if (answer.status)
            break;
        answer.hits[i].score = hit.score;
        answer.hits[i].passage = hit.passage;
        snprintf(answer.hits[i].id, sizeof answer.hits[i].id, "%.*s", (int)hit.id_length, hit.id);
    }
    if (answer.status) {
        snprintf(answer.message, sizeof answer.message, "%s", error.message);
        answer_free(&answer);
    }
    riffle_results_free(results);
    return answer;
}

static int by_place(const void *a, const void *b)
{
    const struct answer_hit *x = a, *y = b;
    int order = strcmp(x->id, y->id);
    return order ? order : (x->passage > y->passage) - (x->passage < y->passage);
}

static bool are_near(double a, double b, double how) { return fabs(a - b) <= how * fmax(1, fabs(a)); }

bool answers_are_same(const struct answer *a, const struct answer *b, bool all, double how, char why[300])
{
    if (a->status || b->status) {
        snprintf(why, 300, "failed: %.100s%.100s", a->message, b->message);
        return false;
    }
    if (a->total != b->total || a->count != b->count) {
        snprintf(why, 300, "%zu of %llu hits, and %zu of %llu", a->count, (unsigned long long)a->total, b->count,
                 (unsigned long long)b->total);
        return false;
    }
    for (size_t i = 0; i < a->count; i++)
        if (!are_near(a->hits[i].score, b->hits[i].score, how)) {
            snprintf(why, 300, "at rank %zu %.17g and %.17g", i, a->hits[i].score, b->hits[i].score);
            return false;
        }
    if (!all)
        return true;
    qsort(a->hits, a->count, sizeof *a->hits, by_place);
    qsort(b->hits, b->count, sizeof *b->hits, by_place);
    for (size_t i = 0; i < a->count; i++)
        if (by_place(&a->hits[i], &b->hits[i]) || !are_near(a->hits[i].score, b->hits[i].score, how)) {
            snprintf(why, 300, "%s %u with %.17g, and %s %u with %.17g", a->hits[i].id, a->hits[i].passage, a->hits[i].score,
                     b->hits[i].id, b->hits[i].passage, b->hits[i].score);
            return false;
        }
    return true;
}
