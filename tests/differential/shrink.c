/* SPDX-License-Identifier: BSD-3-Clause */
/* Halves first, then ever smaller parts; shrink.h. */
#include "shrink.h"

#include <stdlib.h>

static bool fails_with(struct failing *failing, const struct documents *documents)
{
    if (!failing->tries)
        return false;
    failing->tries--;
    return failing->fails(failing->context, documents);
}

static void shrink_articles(struct failing *failing, struct documents *less)
{
    struct article *tried = calloc(less->count, sizeof *tried);
    for (size_t step = less->count / 2; step; step /= 2) {
        for (size_t at = 0; at + step <= less->count && less->count > step;) {
            struct documents candidate = *less;
            candidate.articles = tried;
            candidate.count = less->count - step;
            memcpy(tried, less->articles, at * sizeof *tried);
            memcpy(tried + at, less->articles + at + step, (less->count - at - step) * sizeof *tried);
            /* A query means something else where a field of its filters is not there. */
            if (documents_fields(&candidate) != documents_fields(less) || !fails_with(failing, &candidate)) {
                at += step;
                continue;
            }
            memcpy(less->articles, tried, candidate.count * sizeof *tried);
            less->count = candidate.count;
        }
    }
    free(tried);
}

static void print(struct failing *failing)
{
    struct random plain = {0};
    failing->query->size = 0;
    query_print(failing->query, failing->tree, &plain);
}

static void shrink_query(struct failing *failing, const struct documents *documents, struct query *query)
{
    for (size_t i = 0; i < query->count;) {
        struct query *child = query->children[i];
        memmove(&query->children[i], &query->children[i + 1], (--query->count - i) * sizeof child);
        print(failing);
        if (query->count && fails_with(failing, documents)) {
            query_release(child);
            continue;
        }
        memmove(&query->children[i + 1], &query->children[i], (query->count++ - i) * sizeof child);
        query->children[i] = child;
        shrink_query(failing, documents, query->children[i++]);
    }
    print(failing);
}

bool shrink(struct failing *failing, struct documents *less)
{
    *less = *failing->documents;
    less->articles = calloc(less->count + 1, sizeof *less->articles);
    memcpy(less->articles, failing->documents->articles, less->count * sizeof *less->articles);
    if (!failing->fails(failing->context, less))
        return false;
    shrink_articles(failing, less);
    if (failing->tree)
        shrink_query(failing, less, failing->tree);
    return true;
}
