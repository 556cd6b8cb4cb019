/* SPDX-License-Identifier: BSD-3-Clause */
/* The articles of files of JSON lines, for the programs that Riffle is measured against, and for the choice of questions. */
#ifndef TESTS_BENCH_ARTICLES_H
#define TESTS_BENCH_ARTICLES_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What a key does not give is empty. All end in a NUL. */
struct article {
    const char *id, *title, *text;
    size_t id_length, title_length, text_length;
};

/* Calls `take` for each article of each file; lines that are no JSON object are passed over. Exits with 2 in trouble. */
void articles_read(char **paths, int count, void (*take)(void *context, const struct article *article), void *context);

#ifdef __cplusplus
}
#endif

#endif
