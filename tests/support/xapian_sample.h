/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Xapian indexes of the articles of sample.h, and asking them; whatever goes wrong fails the test. */
#ifndef XAPIAN_SAMPLE_H
#define XAPIAN_SAMPLE_H

#include <stdbool.h>

#include "riffle.h"

/* A writer of the engine xapian; `language` may be NULL. */
riffle_writer *sample_writer(const char *path, bool rebuild, const char *language);
/* Commits, and closes the writer. */
void sample_commit(riffle_writer *writer);
/* Adds of sample articles [first, end) those of shard number `shard` of `shards`, in one commit; makes the index if need be. */
void sample_shard(const char *path, unsigned first, unsigned end, unsigned shard, unsigned shards);

riffle_index *sample_open(const char *path, bool partial);
/* Opening fails so, with these words in the message. */
void sample_cannot_open(const char *path, bool partial, riffle_status status, const char *words);
/* All hits. */
riffle_results *sample_search(const riffle_index *index, const char *query, bool by_article);
void sample_cannot_search(const riffle_index *index, riffle_status status, const char *words);
/* Articles that match. */
uint64_t sample_total(const riffle_index *index, const char *query);
riffle_hit sample_hit(riffle_results *results, size_t rank);

#endif
