/* SPDX-License-Identifier: BSD-3-Clause */
/* What a writer can be busy with when something fails under it: the same for failing memory and failing files. */
#ifndef STEPS_H
#define STEPS_H

#include "riffle.h"

/* From one failing call to the next: ThreadSanitizer has nothing to see in one thread, and makes everything twenty times slower. */
#if defined(__SANITIZE_THREAD__)
enum { STEPS_STRIDE = 9 };
#else
enum { STEPS_STRIDE = 1 };
#endif

enum steps_kind {
    STEPS_NEW,     /* make an index: open, add, commit, close */
    STEPS_ADD,     /* add to one of two segments, which are merged with the new one */
    STEPS_REBUILD, /* replace it */
    STEPS_TWICE,   /* two commits by one writer, the second of which merges */
    STEPS_RUNS, /* make an index with a budget so small that each article is flushed as a run of its own, by the inner functions */
    STEPS_KINDS
};
extern const char *const steps_name[STEPS_KINDS];

/* Sample articles [first, end): of the last commit that was reported as done, and of one that was begun behind it. */
struct steps {
    unsigned first, end;
    unsigned next_first, next_end;
};

/* Makes at `path`, where nothing is, what is there before. */
void steps_prepare(enum steps_kind kind, const char *path);

/*
 * Does the work, and closes the writer in any case. Returns the first failure that was told. Fails the test where a writer that has
 * failed takes anything more than closing.
 */
riffle_status steps_run(enum steps_kind kind, const char *path, const riffle_allocator *allocator, struct steps *steps,
                        riffle_error *error);

#endif
