/* SPDX-License-Identifier: BSD-3-Clause */
/* The index that test_corrupt.c damages, and everything that can be read of an index. */
#ifndef TEST_VICTIM_H
#define TEST_VICTIM_H

#include "riffle.h"

/*
 * Makes an index with all that the format knows, in few bytes: two segments, lists of several blocks as gaps and as bitsets,
 * exceptions, stems that are aliases and stems that are not, columns, several blocks of text, deleted passages.
 */
void victim_make(const char *folder);

/* Adds so many articles to the index that its segments are merged; RIFFLE_OK, or the failure that damage may give. */
riffle_status victim_merge(const char *folder);

/* What is read besides opening; each part goes through all that damage of some file can reach. */
enum { PROBE_POSTINGS = 1, PROBE_ARTICLES = 2, PROBE_TEXT = 4, PROBE_SEARCHES = 8, PROBE_ALL = 15 };

/* How often each thing came about. */
struct probe_counts {
    unsigned long refused; /* not even opened */
    unsigned long failed;  /* opened; something failed later */
    unsigned long answered;
    unsigned long hits;
};

/*
 * Opens the index and reads what `parts` says; of the texts and the more expensive searches, those that `turn` chooses. Fails the
 * test where an error is none of those that damage may give, or comes without a message, or where memory is lost, or more is asked
 * for than such a small index can need. Returns what opening returned.
 */
riffle_status victim_probe(const char *folder, unsigned parts, unsigned turn, struct probe_counts *counts);

#endif
