/* SPDX-License-Identifier: BSD-3-Clause */
/* Indexes that became what they are by changes: articles deleted, replaced, deleted and added again, over several commits. */
#ifndef DIFFERENTIAL_EDITS_H
#define DIFFERENTIAL_EDITS_H

#include "indexes.h"

/*
 * Makes the index in `folder`, in place of what is there, by an engine that can change articles. *left, whose articles are those of
 * `documents` in an array to be freed, is what it holds in the end, in its order. What happens to an article depends on its id and
 * `seed` alone, so that it stays the same where others are left out.
 */
riffle_status index_edit(const char *folder, const struct documents *documents, const char *engine, uint64_t seed,
                         struct documents *left, riffle_error *error);

#endif
