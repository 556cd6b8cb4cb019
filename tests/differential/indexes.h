/* SPDX-License-Identifier: BSD-3-Clause */
/* Indexes of the same articles, made in different ways. */
#ifndef DIFFERENTIAL_INDEXES_H
#define DIFFERENTIAL_INDEXES_H

#include "documents.h"

enum way {
    WAY_ONE_COMMIT,
    WAY_COMMITS, /* several, some by writers of their own: segments, and merges of them */
    WAY_RUNS,    /* one commit out of many runs */
    WAY_REBUILD, /* in place of an index of other articles */
    WAYS
};

extern const char *const way_names[WAYS];

/*
 * Makes the index in `folder`, in place of what is there, by the engine of that name. WAY_RUNS is of the native one. `seed` decides
 * what the way leaves open.
 */
riffle_status index_make(const char *folder, const struct documents *documents, const char *engine, enum way way, uint64_t seed,
                         riffle_error *error);

/* An article as the writer takes it. */
struct index_article {
    riffle_article article;
    riffle_field fields[FIELDS_MAX];
};
void index_article(struct index_article *out, const struct article *article);

/* A writer of the documents' settings. */
riffle_status index_writer(riffle_writer **writer, const char *folder, const struct documents *documents, const char *engine,
                           bool rebuild, riffle_error *error);

/* Do both consist of one segment of the same bytes? */
bool index_same_bytes(const char *folder, const char *other);

#endif
