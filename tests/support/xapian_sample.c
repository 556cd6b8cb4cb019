/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xapian_sample.h */
#include "tests/support/xapian_sample.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/sample.h"
#include "tests/support/scratch.h"

static riffle_error error;

riffle_writer *sample_writer(const char *path, bool rebuild, const char *language)
{
    riffle_writer *writer;
    riffle_writer_options options = RIFFLE_WRITER_OPTIONS_INIT;
    options.engine = "xapian";
    options.rebuild = rebuild;
    options.language = language;
    OK(riffle_writer_open(&writer, path, &options, &error));
    return writer;
}

void sample_commit(riffle_writer *writer)
{
    OK(riffle_writer_commit(writer, &error));
    riffle_writer_close(writer);
}

/* Of sample articles [first, end) those that belong to shard number `shard` of `shards`, in one commit. */
void sample_shard(const char *path, unsigned first, unsigned end, unsigned shard, unsigned shards)
{
    riffle_writer *writer = sample_writer(path, false, NULL);
    for (unsigned number = first; number < end; number++) {
        char id[32];
        snprintf(id, sizeof id, "article-%u", number);
        if (riffle_shard_of(id, strlen(id), shards) == shard)
            OK(sample_add(writer, number, &error));
    }
    sample_commit(writer);
}

riffle_index *sample_open(const char *path, bool partial)
{
    riffle_index *index;
    riffle_index_options options = RIFFLE_INDEX_OPTIONS_INIT;
    options.partial = partial;
    OK(riffle_index_open(&index, path, &options, &error));
    return index;
}

void sample_cannot_open(const char *path, bool partial, riffle_status status, const char *words)
{
    riffle_index *index;
    riffle_index_options options = RIFFLE_INDEX_OPTIONS_INIT;
    options.partial = partial;
    assert_int_equal(riffle_index_open(&index, path, &options, &error), status);
    assert_int_equal(error.status, status);
    assert_null(index);
    if (!strstr(error.message, words))
        fail_msg("'%s' does not say '%s'", error.message, words);
}

riffle_results *sample_search(const riffle_index *index, const char *query, bool by_article)
{
    riffle_results *results;
    riffle_search_options options = RIFFLE_SEARCH_OPTIONS_INIT;
    options.limit = 1000;
    options.count_all = 1;
    options.by_article = by_article;
    if (riffle_search(index, query, strlen(query), &options, &results, &error))
        fail_msg("%s: %s", query, error.message);
    return results;
}

void sample_cannot_search(const riffle_index *index, riffle_status status, const char *words)
{
    riffle_results *results;
    assert_int_equal(riffle_search(index, "harbour", 7, NULL, &results, &error), status);
    if (!strstr(error.message, words))
        fail_msg("'%s' does not say '%s'", error.message, words);
}

uint64_t sample_total(const riffle_index *index, const char *query)
{
    riffle_results *results = sample_search(index, query, true);
    uint64_t found = riffle_results_total(results);
    riffle_results_free(results);
    return found;
}

riffle_hit sample_hit(riffle_results *results, size_t rank)
{
    riffle_hit hit = {.size = sizeof hit};
    OK(riffle_results_hit(results, rank, &hit, &error));
    return hit;
}
