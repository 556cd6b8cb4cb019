/* SPDX-License-Identifier: BSD-3-Clause */
/* Judgements and runs in the forms of trec_eval, and the figure that is computed from them. */
#include "tests/quality/figures.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/quality/files.h"

enum { ID_COLUMN = 2, GRADE_COLUMN = 3, SCORE_COLUMN = 4, COLUMNS = 6 };

static struct rated_list load(const char *path, int value_column)
{
    struct rated_list list = {.bytes = file_read(path)};
    size_t lines = 1;
    for (const char *p = list.bytes; *p; p++)
        lines += *p == '\n';
    list.items = calloc(lines, sizeof *list.items);
    assert_non_null(list.items);

    char *rest = list.bytes, *line;
    while ((line = strsep(&rest, "\n")) != NULL) {
        char *columns[COLUMNS], *save, *column = strtok_r(line, " \t\r", &save);
        int count = 0;
        for (; column != NULL && count < COLUMNS; column = strtok_r(NULL, " \t\r", &save))
            columns[count++] = column;
        if (count == 0)
            continue;
        assert_true(count > value_column);
        list.items[list.count++] = (struct rated){columns[0], columns[ID_COLUMN], strtof(columns[value_column], NULL)};
    }
    return list;
}

struct rated_list judgements_load(const char *path) { return load(path, GRADE_COLUMN); }

struct rated_list run_load(const char *path) { return load(path, SCORE_COLUMN); }

void rated_free(struct rated_list *list)
{
    free(list->items);
    free(list->bytes);
}

static int by_query_and_id(const void *a, const void *b)
{
    const struct rated *x = a, *y = b;
    int order = strcmp(x->query, y->query);
    return order != 0 ? order : strcmp(x->id, y->id);
}

static int by_query_and_rank(const void *a, const void *b)
{
    const struct rated *x = a, *y = b;
    int order = strcmp(x->query, y->query);
    if (order == 0)
        order = (x->value < y->value) - (x->value > y->value);
    return order != 0 ? order : strcmp(y->id, x->id);
}

/* How many items from the first on are of the first one's query. */
static size_t same_query(const struct rated *items, size_t count)
{
    size_t n = 0;
    while (n < count && strcmp(items[n].query, items[0].query) == 0)
        n++;
    return n;
}

static double average_precision(const struct rated *judged, size_t judged_count, const struct rated *hits, size_t hit_count)
{
    size_t relevant = 0, found = 0;
    for (size_t i = 0; i < judged_count; i++)
        relevant += judged[i].value > 0;
    double sum = 0;
    for (size_t i = 0; i < hit_count; i++) {
        const struct rated *judgement = bsearch(&hits[i], judged, judged_count, sizeof *judged, by_query_and_id);
        if (judgement != NULL && judgement->value > 0)
            sum += (double)++found / (double)(i + 1);
    }
    return relevant > 0 ? sum / (double)relevant : 0;
}

double mean_average_precision(struct rated_list *judgements, struct rated_list *run)
{
    qsort(judgements->items, judgements->count, sizeof *judgements->items, by_query_and_id);
    qsort(run->items, run->count, sizeof *run->items, by_query_and_rank);
    double sum = 0;
    size_t queries = 0, hit = 0, hits;
    for (size_t i = 0, n; i < judgements->count; i += n, queries++) {
        const struct rated *judged = &judgements->items[i];
        n = same_query(judged, judgements->count - i);
        while (hit < run->count && strcmp(run->items[hit].query, judged->query) < 0)
            hit++;
        hits = hit < run->count && strcmp(run->items[hit].query, judged->query) == 0
                   ? same_query(&run->items[hit], run->count - hit)
                   : 0;
        sum += average_precision(judged, n, &run->items[hit], hits);
    }
    return queries > 0 ? sum / (double)queries : 0;
}
