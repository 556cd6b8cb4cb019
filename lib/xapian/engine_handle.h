/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a search has of a Xapian index: an opened database (of all shards together), which belongs to one thread, and the facts of its
 * state. engine_reader.c keeps a pool of them; engine_query.c searches with one.
 */
#ifndef RF_XAPIAN_HANDLE_H
#define RF_XAPIAN_HANDLE_H

#include "engine/engine.h"
#include "engine/fields.h"
#include "riffle-xapian.h"

struct rf_xapian_index;
struct rf_xapian_part;

struct rf_xapian_handle {
    struct rf_xapian_index *index;
    struct rf_xapian_part *parts; /* by shard; engine_shards.h */
    rx_database *database;
    uint32_t shards; /* databases that it is made of */
    bool remote;     /* one of them is on a server */
    bool used;       /* was in the pool: a connection may have been lost since */
    bool broken;     /* not to be used again */
    uint64_t docs;
    double average_length; /* in words: Xapian's divided by RF_LENGTH_UNIT */
    struct rf_fields fields;
    char *missing;       /* shards that are not part of it; NULL: none. Owned by the handle */
    uint64_t last_used;  /* in milliseconds */
    unsigned distrusted; /* answers in a row; rf_xapian_settle */
    struct rf_xapian_handle *next;
};

extern const struct rf_reading rf_xapian_reading; /* engine_reader.c */

const riffle_allocator *rf_xapian_allocator(const struct rf_xapian_index *index);

/*
 * Turns a failed call on the handle into the status for the caller, and marks the handle broken where it is: RF_CHANGED where the search
 * is to start again (the database changed, a connection was lost that had been idle, or a shard is to be left out), else the
 * failure, which names the shard.
 */
riffle_status rf_xapian_handle_fail(struct rf_xapian_handle *handle, const rx_error *failure, riffle_error *error);

/* What of a search the explanations of its hits need later: what plan->search points to. */
struct rf_xapian_search {
    double average_length, k1, b;
    uint64_t docs;
};

/* From a document's number inside the handle to its number in the index. */
uint64_t rf_xapian_number_outside(const struct rf_xapian_handle *handle, uint64_t number);
/* The name of the shard that a document of the handle is in, and its number there: for messages. */
const char *rf_xapian_place_of(const struct rf_xapian_handle *handle, rx_docid number, rx_docid *local);

/* engine_query.c, engine_weigh.c: the struct rf_reading functions that need no more than a handle. */
riffle_status rf_xapian_find(struct rf_xapian_handle *handle, struct rf_slot *slot, struct rf_arena *arena, riffle_error *error);
riffle_status rf_xapian_walk(struct rf_xapian_handle *handle, const char *prefix, size_t n, rf_key_visitor *visit, void *context,
                             riffle_error *error);
/* Hits have a struct rf_record each, in the arena. Sets plan->search. */
riffle_status rf_xapian_execute(struct rf_xapian_handle *handle, struct rf_plan *plan, const struct rf_request *request,
                                struct rf_arena *arena, struct rf_hits *hits, riffle_error *error);
/* In any later state of the index: a document that is gone is RIFFLE_INVALID. */
riffle_status rf_xapian_weigh(struct rf_xapian_handle *handle, const struct rf_plan *plan, const struct rf_hit *hit,
                              const struct rf_leaf *leaf, struct rf_weighing *weighing, riffle_error *error);

#endif
