/* SPDX-License-Identifier: BSD-3-Clause */
/* Memory that ends with a page that cannot be touched, for tests of kernels: reading or writing behind an array is a fault. */
#ifndef TEST_GUARDED_H
#define TEST_GUARDED_H

#include <stddef.h>
#include <stdint.h>

#include "kernels/kernels.h"

enum { GUARDED_AREAS = 10, GUARDED_OVERREAD = 64 /* bytes behind packed ones that may be read */ };

/* Set-up and tear-down of groups of tests. */
int guarded_map(void **context);
int guarded_unmap(void **context);

/* The last `bytes` bytes of an area, with something in them. */
void *guarded_last(size_t area, size_t bytes);
/* n numbers, with the padding behind them that is used at most. */
uint32_t *guarded_padded(size_t area, size_t n);

/* ---- What tests of kernels go through ---- */

/* Counts of values: all up to a block and some more, now and then one that is longer. */
static inline size_t guarded_next_count(size_t n) { return n < 130 ? n + 1 : n == 130 ? 300 : n == 300 ? 1000 : SIZE_MAX; }
#define FOR_EACH_COUNT(n) for (size_t n = 0; n != SIZE_MAX; n = guarded_next_count(n))

#define SAME(found, expected, n) assert_memory_equal(found, expected, (n) * sizeof *(expected))

#endif
