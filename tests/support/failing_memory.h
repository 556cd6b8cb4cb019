/* SPDX-License-Identifier: BSD-3-Clause */
/* An allocator that fails when it is told to, and counts. For one thread. */
#ifndef FAILING_MEMORY_H
#define FAILING_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

#include "riffle.h"

extern const riffle_allocator failing_memory;

/* From now on calls are counted, and number `fail_at`, from 1, fails; with `for_ever` all behind it, too. */
void failing_arm(size_t fail_at, bool for_ever);
/* Stops failing. Did any call fail? */
bool failing_disarm(void);

/* Calls since it was armed. */
size_t failing_calls(void);
/* Blocks that were not given back. */
long failing_live(void);

#endif
