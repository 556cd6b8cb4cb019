/* SPDX-License-Identifier: BSD-3-Clause */
/* Making a case that fails small, for people to look at. */
#ifndef DIFFERENTIAL_SHRINK_H
#define DIFFERENTIAL_SHRINK_H

#include "queries.h"

struct failing {
    const struct documents *documents;
    struct query *tree;      /* NULL: bytes that nobody meant as a query */
    struct rf_buffer *query; /* as it is asked: printed again from the tree whenever that shrinks */
    bool (*fails)(void *context, const struct documents *documents); /* from the beginning, with these documents only */
    void *context;
    unsigned tries; /* calls of `fails` that are left */
};

/*
 * Leaves out articles, as many as can be, and then parts of the query, so that it still fails. false: it did not even fail again as
 * it was. *less is what is left; its articles are those of failing->documents, in an array to be freed.
 */
bool shrink(struct failing *failing, struct documents *less);

#endif
