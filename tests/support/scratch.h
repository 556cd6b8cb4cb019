/* SPDX-License-Identifier: BSD-3-Clause */
/* Folders for tests that write files, and numbers that look random and are the same in every run. */
#ifndef TEST_SCRATCH_H
#define TEST_SCRATCH_H

#include <stddef.h>
#include <stdint.h>

enum { SCRATCH_PATH = 200 };

/* Makes an empty folder, in memory where the machine has a place for that. Fails the test where it cannot. */
void scratch_make(char path[SCRATCH_PATH]);
/* Removes it with all in it. */
void scratch_remove(const char *path);

/* A file's bytes in memory of malloc, with `spare` more behind them. */
uint8_t *scratch_read(const char *folder, const char *name, size_t *size, size_t spare);
void scratch_write(const char *folder, const char *name, const void *bytes, size_t size);

/* The next number of a row that starts with any state (splitmix64). */
uint64_t random_next(uint64_t *state);
/* The same below `limit`, which is not 0. */
static inline uint64_t random_below(uint64_t *state, uint64_t limit) { return random_next(state) % limit; }

/* Fails the test where the call, which tells why in `error` of the place at hand, does not succeed. */
#define OK(call)                                                                                                                   \
    do {                                                                                                                           \
        if (call)                                                                                                                  \
            fail_msg("%s: %s", #call, error.message);                                                                              \
    } while (0)

#endif
