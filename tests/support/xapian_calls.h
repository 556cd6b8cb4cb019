/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every function of the Xapian wrapper as a row of a table, for tests that put all of them through the same. */
#ifndef XAPIAN_CALLS_H
#define XAPIAN_CALLS_H

#include "riffle-xapian.h"
#include "tests/support/scratch.h"

/* What calls work on. Any handle may be closed, empty, over damaged files, or NULL where it could not be made. */
struct scene {
    char folder[SCRATCH_PATH]; /* for files that calls make */
    char path[SCRATCH_PATH + 20];
    rx_database *database, *part; /* `part` is of `database`'s files, for calls that take two */
    rx_enquire *enquire;          /* of the database, as what follows; asks for "red apple" */
    rx_document *document;
    rx_hits *hits; /* kept ones */
    rx_query *query;
    rx_stemmer *stemmer;
};

enum call_kind {
    CALL_PLAIN,   /* has no status: frees, or tells a text */
    CALL_FREE_OF, /* works without any database */
    CALL_OF,      /* reads a database, or what came from one: closed, it is RX_CLOSED */
    CALL_CLOSING, /* rx_database_close */
    CALL_WRITING  /* as CALL_OF, and changes the database */
};

struct call {
    const char *name;
    enum call_kind kind;
    rx_status (*make)(struct scene *scene, rx_error *error); /* NULL for CALL_PLAIN */
};

extern const struct call calls[];
extern const size_t call_count;

/* Opens what is at scene->path, if it can be, and makes the rest. Returns the first failure; handles that were not made are NULL. */
rx_status scene_open(struct scene *scene, int writable, rx_error *error);
void scene_close(struct scene *scene);

#endif
