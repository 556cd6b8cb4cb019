/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names of indexes, and the folder of one:
 *
 *   XAPIANDB   a stub, "auto db-3\n": what any Xapian tool opens when it is given the folder
 *   db-3       the database
 *   lock       held by the writer
 *
 * A database that replaces another, or is the first, is made under a number above all that were there, and becomes the index when
 * XAPIANDB is renamed into place. Then the old one is removed, "postlist.glass" before all else: to libxapian the other tables are
 * optional, and one that is gone is as good as empty. That one is not, and is opened last. So who opens a database while it is being
 * removed gets an error, and never an index without its positions. Readers that have it open go on with it, and no error tells
 * them that there is a newer one, nor does rx_database_reopen take them there: engine_part.c looks at XAPIANDB itself.
 */
#ifndef RF_XAPIAN_FOLDER_H
#define RF_XAPIAN_FOLDER_H

#include "base/base.h"

/* ---- Names ---- */

/*
 * Is there a Xapian database or a stub of that name, or, where nothing is, does it name shards: one of the parts between its commas is
 * there, or is a server's? Looks at names and first bytes only, and connects to nobody.
 */
bool rf_xapian_recognises(const char *name);

struct rf_xapian_shard {
    const char *name; /* as given: "/srv/a", "10.0.0.2:7700", "[::1]:7700" */
    const char *host; /* without brackets; NULL: local, `name` is the path to open */
    unsigned port;
};

struct rf_xapian_shards {
    const riffle_allocator *allocator;
    struct rf_xapian_shard *list;
    size_t count;
    char *bytes; /* what the names point to */
};

/*
 * What a name of an index stands for: itself, where it is a path that exists; else the parts between its commas. A part is a server
 * where it is written as host:port and is no path that exists. RIFFLE_INVALID for an empty part.
 */
riffle_status rf_xapian_shards_parse(struct rf_xapian_shards *shards, const char *name, const riffle_allocator *allocator,
                                     riffle_error *error);
/* All zeros are fine, too. */
void rf_xapian_shards_release(struct rf_xapian_shards *shards);

/* ---- The folder ---- */

/* The number N of the db-N that XAPIANDB in the folder names; 0: there is no such file, or it is none that we wrote. */
uint64_t rf_xapian_current(const char *folder);

/* "folder/db-N" in memory of the allocator, or NULL. */
char *rf_xapian_database_path(const riffle_allocator *allocator, const char *folder, uint64_t number);

/* ---- For the writer ---- */

/* Makes the folder if need be (*made tells), and refuses one that holds anything but an index of this engine: RIFFLE_NOT_EMPTY. */
riffle_status rf_xapian_folder_claim(const char *folder, bool *made, riffle_error *error);

/* From here on with the lock held. As rf_xapian_current, but what cannot be read is a failure: *number is 0 only if there is no XAPIANDB. */
riffle_status rf_xapian_read_stub(const char *folder, uint64_t *number, riffle_error *error);

/* A number above those of all databases in the folder. */
riffle_status rf_xapian_next_number(const char *folder, uint64_t *number, riffle_error *error);

/* Makes the names of db-N's files lasting, and its own. */
riffle_status rf_xapian_database_fsync(const char *folder, uint64_t number, const riffle_allocator *allocator, riffle_error *error);

/* Puts db-N, whose files are lasting, in place. After a failure only rf_xapian_read_stub knows whether it is. */
riffle_status rf_xapian_publish(const char *folder, uint64_t number, const riffle_allocator *allocator, riffle_error *error);

/* Removes all databases but db-N, and a stub that was never put in place. Failures do not matter: the next writer tries again. */
void rf_xapian_folder_clean(const char *folder, uint64_t number);

#endif
