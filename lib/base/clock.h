/* SPDX-License-Identifier: BSD-3-Clause */
/* The clock that only goes forward, and deadlines by it. */
#ifndef RF_CLOCK_H
#define RF_CLOCK_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

/* In nanoseconds, from anywhere. */
static inline uint64_t rf_clock(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* Has this time of rf_clock come? 0 never does. Asking costs about as much as scoring ten postings. */
static inline bool rf_is_past(uint64_t deadline) { return deadline && rf_clock() >= deadline; }

#endif
