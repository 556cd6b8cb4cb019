/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Real articles as the public search-benchmark-game folds its corpus: nothing but a to z, in passages of 100 to 150 words; and its
 * queries. Neither is part of the project.
 */
#ifndef DIFFERENTIAL_FOLDED_H
#define DIFFERENTIAL_FOLDED_H

#include "documents.h"

/* Is all there that it takes? */
bool folded_there(void);

/* Adds the passages of articles [first, end) of each collection to the writer. Fails the test where it cannot. */
void folded_add(riffle_writer *writer, size_t first, size_t end);

struct folded_queries {
    char **list;
    size_t count, capacity;
};
void folded_queries_read(struct folded_queries *queries);
void folded_queries_release(struct folded_queries *queries);

#endif
