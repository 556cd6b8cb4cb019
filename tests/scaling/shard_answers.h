/* SPDX-License-Identifier: BSD-3-Clause */
/* The answer to a question as a whole, and whether two are the same. Nothing here calls cmocka, so that any thread may. */
#ifndef SHARD_ANSWERS_H
#define SHARD_ANSWERS_H

#include <stdbool.h>
#include <stddef.h>

#include "riffle.h"

/* More hits than there are. */
enum { ANSWER_ALL = 1000000 };

/* How far scores may be apart, for each point of them: as far as sums of doubles are, or as estimates are. */
#define ANSWER_EXACTLY 1e-9
#define ANSWER_ROUGHLY 0.1

struct answer_hit {
    double score;
    unsigned passage;
    char id[100];
};

struct answer {
    riffle_status status;
    char message[500]; /* of a failure */
    char missing[100]; /* shards that the answer is without */
    uint64_t total;
    size_t count;
    struct answer_hit *hits; /* NULL after a failure */
};

struct answer answer_of(const riffle_index *index, const char *query, uint64_t limit, int by_article);
void answer_free(struct answer *answer);

/*
 * Are these the same answers, but for the order of ties? Writes why not. `all`: they hold all that matches, so that even at the end
 * ties cannot make a difference. Changes the order of their hits.
 */
bool answers_are_same(const struct answer *a, const struct answer *b, bool all, double how, char why[300]);

#endif
