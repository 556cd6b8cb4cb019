/* SPDX-License-Identifier: GPL-2.0-or-later */
/* C++'s allocations, those of libxapian too, that fail at the tester's word. A program that uses these has its own operator new. */
#ifndef XAPIAN_MEMORY_H
#define XAPIAN_MEMORY_H

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Of the allocations from now on, the `number`-th fails, counted from 1, and all after it; 0: none. */
void memory_fail_from(long number);

/* Has one failed since then? No more fail from here on. */
bool memory_failed(void);

#ifdef __cplusplus
}
#endif

#endif
