/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An index of the engine xapian that a test writes by the engine's inner functions, in a folder of its own. */
#ifndef XAPIAN_INDEX_H
#define XAPIAN_INDEX_H

#include <stdbool.h>

#include "engine/engine.h"
#include "riffle-xapian.h"
#include "tests/support/folders.h"
#include "tests/support/scratch.h"

/* What a call of the test at hand works on, and how it failed. */
extern char folder[SCRATCH_PATH];
extern riffle_error error;
extern rx_error failure;

extern const struct rf_writing *const writing;
extern const struct rf_settings usual;

/* Fails the test where a call of the wrapper does not succeed. */
#define RX_CHECK(call)                                                                                                             \
    do {                                                                                                                           \
        if (call)                                                                                                                  \
            fail_msg("%s: %s", #call, failure.message);                                                                            \
    } while (0)

/* For each test: an empty folder, and its end. */
int index_set_up(void **context);
int index_tear_down(void **context);
void index_join(char path[FOLDER_PATH], const char *name);

struct rf_bytes bytes_of(const char *text);

/* Opens and starts a writer, which takes the settings that are there; *writer is NULL where it fails. */
riffle_status try_open(void **writer, const char *path, bool rebuild, const struct rf_settings *settings);
void *open_writer(bool rebuild);
riffle_status add(void *writer, const char *id, const char *text);
riffle_status add_number(void *writer, unsigned number); /* article "id-7" with the word "word7" */
void put(void *writer, const char *id, const char *text);
void put_number(void *writer, unsigned number);
void commit(void *writer);
bool has(void *writer, const char *id);
void take_away(void *writer, const char *id);

rx_database *open_database(const char *path);
unsigned documents_with(const rx_database *database, const char *term);
unsigned articles_in(const rx_database *database);
unsigned articles_at(const char *path);
/* Of an index with the usual settings. */
uint64_t generation_at(const char *path);

/* The folder holds an index and nothing else, or only the lock, and its database is sound. */
void check_folder(bool index);

#endif
