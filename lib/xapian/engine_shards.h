/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An opened index: its shards, and handles that search them all as one.
 *
 * A handle keeps a database open for each shard. rf_xapian_refresh, before each use, moves them to the newest state, connects again
 * where a connection was lost, and, where the index allows partial answers, goes without shards that cannot be reached.
 *
 * Document numbers: of all n shards together, document d of shard i (from 0) has number (d - 1) * n + i + 1, whether or not some are
 * missing. Inside a handle that lacks some, n and i count those that are there.
 */
#ifndef RF_XAPIAN_SHARDS_H
#define RF_XAPIAN_SHARDS_H

#include <pthread.h>
#include <sys/types.h>

#include "xapian/engine_folder.h"
#include "xapian/engine_format.h"
#include "xapian/engine_handle.h"

/* Where a shard is. */
struct rf_xapian_source {
    const char *name; /* as given */
    const char *host; /* NULL: local */
    unsigned port;
    char *path;              /* local: from the root */
    uint64_t left_out_until; /* in milliseconds; 0: it did not fail when it was last asked. Guarded by the index's mutex */
};

struct rf_xapian_index {
    riffle_allocator allocator;
    char *name;                     /* as given */
    struct rf_xapian_shards shards; /* as parsed; what searches use is in `sources` */
    struct rf_xapian_source *sources;
    size_t shard_count;
    unsigned timeout; /* milliseconds */
    bool partial;
    bool has_settings; /* set by the first shard that is opened, before there are threads */
    struct rf_settings settings;

    pthread_mutex_t mutex;         /* guards what follows */
    struct rf_xapian_handle *idle; /* handles that nobody uses, the latest first */
    size_t idle_count;
    struct rf_arena kept; /* values that were given out for the life of the index */
};

/* Which files a name stands for at the moment: another number where they were replaced as a whole. Zeros: a server. */
struct rf_xapian_place {
    dev_t device;
    ino_t file;
    int64_t seconds, nanoseconds;
};

/* Of a metadata field, in a part's arena. */
struct rf_xapian_name {
    struct rf_bytes name;
    struct rf_xapian_name *next;
};

/* What a handle has of a shard. */
struct rf_xapian_part {
    rx_database *database; /* NULL: missing */
    struct rf_xapian_place place;
    bool is_unread; /* moved to a newer state, of which nothing was read yet */
    uint64_t generation;
    struct rf_xapian_name *fields;
    struct rf_arena arena;
};

/* ---- engine_part.c ---- */

/*
 * Opens the shard, or moves what is open of it to its newest state. *changed is set where it is another state than before. Where it
 * fails, nothing stays open; RIFFLE_SHARD: the shard cannot be reached.
 */
riffle_status rf_xapian_part_update(struct rf_xapian_index *index, struct rf_xapian_part *part,
                                    const struct rf_xapian_source *source, bool *changed, riffle_error *error);
void rf_xapian_part_close(struct rf_xapian_part *part);
/* Is there a newer state than the one that was read, or nothing any more? */
bool rf_xapian_part_is_outdated(struct rf_xapian_part *part);

/* ---- engine_shards.c ---- */

/* Of a clock that nobody sets. */
uint64_t rf_xapian_now_ms(void);
/* Did what began then take a time-out? */
bool rf_xapian_was_slow(const struct rf_xapian_index *index, uint64_t start);

/* A handle without databases yet. NULL: no memory. */
struct rf_xapian_handle *rf_xapian_handle_new(struct rf_xapian_index *index);
void rf_xapian_handle_free(struct rf_xapian_handle *handle);

/*
 * Makes the handle ready for a search, in the newest state. RIFFLE_SHARD names a shard that cannot be reached; RF_CHANGED: once more,
 * with a new handle. After any failure the handle is to be freed.
 */
riffle_status rf_xapian_refresh(struct rf_xapian_handle *handle, riffle_error *error);

/* To be called when a handle has been used, which may be for the last time in a while. */
void rf_xapian_handle_rests(struct rf_xapian_handle *handle);

/*
 * To be called when everything was read that an answer is made of, or `status` says why not: RF_CHANGED where it is not to be trusted.
 *
 * Writers overwrite, from the second commit on, what a reader has of the state before. libxapian tells by the age of each block, but
 * not where a block was overwritten in the middle of being read, nor where it takes something else for the root of a tree while it
 * opens that: then words are not found, or something seems to be damaged. Where there is no newer state, nothing was overwritten.
 * With commits so fast that there is always one, the third answer is trusted. Servers are not asked, which would cost each search
 * a round trip.
 */
riffle_status rf_xapian_settle(struct rf_xapian_handle *handle, riffle_status status);

/* Frees the idle handles: their connections may be dead. */
void rf_xapian_drop_idle(struct rf_xapian_index *index);

/* From a document's number in the index to its number inside the handle: RIFFLE_SHARD where its shard is missing. */
riffle_status rf_xapian_number_inside(const struct rf_xapian_handle *handle, uint64_t number, uint64_t *inside,
                                      riffle_error *error);

/* ---- engine_reader.c ---- */

/* Asks something of a handle in the newest state, again where that changed meanwhile. */
typedef riffle_status rf_xapian_question(struct rf_xapian_handle *handle, void *context, riffle_error *error);
riffle_status rf_xapian_ask(struct rf_xapian_index *index, rf_xapian_question *question, void *context, riffle_error *error);

/* ---- engine_articles.c: the functions of struct rf_reading on hits and articles ---- */

riffle_status rf_xapian_describe(void *store, const struct rf_hit *hit, struct rf_passage_facts *facts, riffle_error *error);
riffle_status rf_xapian_passage_text(void *store, const struct rf_hit *hit, struct rf_buffer *text, riffle_error *error);
riffle_status rf_xapian_hit_field(void *store, const struct rf_hit *hit, const char *name, struct rf_bytes *value,
                                  riffle_error *error);
riffle_status rf_xapian_accepts(void *store, const struct rf_hit *hit, const struct rf_filter *filter, bool *accepts,
                                riffle_error *error);
riffle_status rf_xapian_find_article(void *store, const struct rf_bytes *id, bool *found, uint64_t *article, riffle_error *error);
riffle_status rf_xapian_article_field(void *store, uint64_t article, const char *name, struct rf_bytes *value, riffle_error *error);
riffle_status rf_xapian_article_text(void *store, uint64_t article, struct rf_buffer *text, riffle_error *error);

#endif
