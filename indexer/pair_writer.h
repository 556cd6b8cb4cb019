/* SPDX-License-Identifier: BSD-3-Clause */
/* The pairs of a segment: the positions of the words that are paired are read back, doc after doc, and whoever stands behind whom is counted. */
#ifndef RF_PAIR_WRITER_H
#define RF_PAIR_WRITER_H

#include "indexer/pair_words.h"

/* Writes all pairs: behind the last surface form, before the first stem. About `budget` bytes of lists are held at a time. */
riffle_status rf_pairs_write(struct rf_pairs *pairs, struct rf_postings_writer *writer, uint64_t budget, riffle_error *error);

#endif
