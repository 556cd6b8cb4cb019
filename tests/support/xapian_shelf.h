/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Small Xapian databases for the tests of the wrapper. Whatever goes wrong here fails the test. */
#ifndef XAPIAN_SHELF_H
#define XAPIAN_SHELF_H

#include <stdbool.h>

#include "riffle-xapian.h"
#include "tests/support/scratch.h"

/* A string of C as the two arguments that the wrapper takes it by. */
#define TEXT(text) (text), strlen(text)

/* The call must end so, and say why with that status. `error` is of the place at hand. */
#define FAILS(expected, call)                                                                                                      \
    do {                                                                                                                           \
        rx_status shelf_status_ = (call);                                                                                          \
        if (shelf_status_ != (expected))                                                                                           \
            fail_msg("%s: %s, and not %s: %s", #call, rx_status_text(shelf_status_), rx_status_text(expected), error.message);     \
        assert_int_equal(error.status, (expected));                                                                                \
        assert_true(error.message[0] != 0);                                                                                        \
    } while (0)

enum { SHELF_NUMBER = 0, SHELF_KIND = 1 };

/*
 * A document of the words of `text`, which are between spaces, at positions 1, 2, ... with wdf 1; with the number in SHELF_NUMBER and,
 * unless NULL, `kind` in SHELF_KIND; the boolean term "Q<number>"; and the text itself as its data.
 */
rx_document *shelf_document(unsigned number, const char *text, const char *kind);

/* Adds one, and commits nothing. */
rx_docid shelf_add(rx_database *database, unsigned number, const char *text, const char *kind);

/* Makes a database at `path`, with documents numbered from 1, and closes it. */
void shelf_make(const char *path, const char *const *texts, size_t count);

/* Documents in the database at `path`, as one sees that opens it now. */
unsigned shelf_count(const char *path);

rx_query *shelf_term(const char *term);
/* Combines terms, which are between spaces. */
rx_query *shelf_terms(rx_op op, const char *terms, uint32_t parameter);

/* The document numbers of the best hits, in order, with spaces between, as "3 1"; `query` is freed. */
const char *shelf_search(rx_enquire *enquire, rx_query *query);
const char *shelf_hits(const rx_hits *hits);

#endif
