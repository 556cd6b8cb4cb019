/* SPDX-License-Identifier: BSD-3-Clause */
/* The queries of the public search-benchmark-game: `a b` any, `+a +b` all, `"a b"` phrase, `+a -b` without, and mixtures of them. */
#ifndef TESTS_BENCH_QUERIES_H
#define TESTS_BENCH_QUERIES_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A word, or what stands in quotes. */
struct query_part {
    char sign; /* '+', '-', or 0 */
    bool phrase;
    const char *text; /* without sign and quotes; no NUL at its end */
    size_t length;
};

/* The part that begins at or behind *at, which moves behind it; false: there is none before `end`. */
bool query_next_part(const char **at, const char *end, struct query_part *part);

enum query_class { QUERY_TERM, QUERY_INTERSECTION, QUERY_UNION, QUERY_PHRASE, QUERY_MIXED, QUERY_CLASSES };

extern const char *const query_class_names[QUERY_CLASSES];

enum query_class query_class_of(const char *query);

struct query {
    const char *text; /* ends in a NUL */
    enum query_class class_;
    bool holds_phrase; /* it is one, or some part of it is */
};

/* Those of a file, one a line, as they are or as JSON with a key "query". Exits with 2 in trouble. */
struct query *queries_read(const char *path, size_t *count);

#ifdef __cplusplus
}
#endif

#endif
