/* SPDX-License-Identifier: BSD-3-Clause */
/* Sample articles, each known by its number alone, and a check that an index holds exactly such and such of them, whole. */
#ifndef SAMPLE_H
#define SAMPLE_H

#include <stdbool.h>
#include <stddef.h>

#include "riffle.h"

/*
 * Article `number`. By number modulo 4 it is a short one, one of several passages, one in Korean and Vietnamese with bytes that are no
 * UTF-8, or one without title and with many words that no other has. Each has the word "sampleword" once in each passage but the
 * longest kind's, and a word of its own, "unique<number>x", once.
 */
struct sample {
    riffle_article article;
    char id[32], title[64], date[16];
    riffle_field fields[3];
    char text[6000];   /* as given */
    char stored[6000]; /* as the index stores it */
};

void sample_make(struct sample *sample, unsigned number);
riffle_status sample_add(riffle_writer *writer, unsigned number, riffle_error *error);

/* Makes an index of articles [first, end) with one commit, or adds them to one that is there. */
void sample_index(const char *path, unsigned first, unsigned end);

/* Articles in the index at `path`; -1 where there is none. Fails the test on anything else. */
long sample_count(const char *path);

/* Fails the test unless the index holds articles [first, end) and no other: ids, titles, fields, texts, and all found by search. */
void sample_check(const char *path, unsigned first, unsigned end);
void sample_check_open(const riffle_index *index, unsigned first, unsigned end);

/* Fails the test unless the folder holds the lock, the manifest if any, and the files that it names; or is not there. */
void sample_check_files(const char *path);

/* Queries of all kinds; all but the last find something where articles 0 to 7 are. */
enum { SAMPLE_QUERIES = 10 };
extern const char *const sample_queries[SAMPLE_QUERIES];

/* The next writer gets the lock, and what an earlier one left behind is gone. */
void sample_check_next_writer(const char *path);

#endif
