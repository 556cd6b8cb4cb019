/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The one interface between what all indexes have in common (public calls, readers of articles, analysis, the query language,
 * snippets, output) and the engines, which keep postings and search them. Two tables of functions: an engine reads, and it writes.
 *
 * Statuses and errors are as everywhere. All names, texts and ids that come in are valid UTF-8. RF_CHANGED, from a function of a
 * search, says that the index was replaced under its feet, or a connection lost: the search starts again, from `begin`. `error` says why,
 * or nothing (RIFFLE_OK); that is told where it still comes after RF_MOST_STARTS.
 */
#ifndef RF_ENGINE_H
#define RF_ENGINE_H

#include "base/arena.h"
#include "base/clock.h"
#include "engine/tree.h"

enum { RF_ENGINE_VERSION = 3 }; /* of this page: both sides must have been compiled with the same */

#define RF_CHANGED ((riffle_status)1000) /* never leaves the library */
enum { RF_MOST_STARTS = 20 };            /* nobody changes an index more often than this in a row */

/* For the last of them: fails with what `error`, which is not NULL, says; else because `name` changes too fast. */
static inline riffle_status rf_fail_changed(riffle_error *error, const char *name)
{
    return error->status ? error->status : rf_fail(error, RIFFLE_IO, "%s changes faster than it can be read", name);
}

/* ---- Reading ---- */

/* The state of an index that a search works on: the same from `begin` to `end`. */
struct rf_facts {
    uint64_t docs;         /* passages */
    double average_length; /* of passages; 0 where nothing has a length */
    const struct rf_field *fields;
    size_t field_count;
};

struct rf_request {
    uint64_t wanted; /* hits, from the best; may be larger than there are passages */
    uint64_t offset; /* of them the first ones will not be asked about: their place is enough */
    bool by_article; /* only the best passage of each article */
    bool plainly;    /* by the slow method that tests compare with, where there is one */
    bool
        count; /* the total has to be exact; else it may be any number from that of the hits to it. Always set where none is wanted */
    double k1, b;
    uint64_t deadline; /* of rf_clock: the engine then stops, soon if not at once, with what it has; 0: none */
};

struct rf_hit {
    double score;
    uint64_t doc;       /* the engine's number of the passage */
    const void *record; /* the engine's own, in the search's arena */
};

/* The best hits, best first (of equal ones the lower doc), and how many there are in all. */
struct rf_hits {
    struct rf_hit *list; /* in the search's arena */
    size_t count;
    uint64_t total;
    bool total_is_exact; /* else there may be more */
    bool incomplete;     /* the deadline came first: there may be better hits, and the total is not exact */
    const char *missing; /* shards that could not be asked, by their names; NULL: none */
};

/* What is known of a hit's passage. Lives as long as the search's arena and the index do. */
struct rf_passage_facts {
    uint64_t article;           /* the engine's number of it */
    uint32_t ordinal, passages; /* in its article */
    uint32_t start;             /* byte of the article's text where the passage starts */
    uint32_t length;            /* as scores count it */
    struct rf_bytes id, title;
};

/* How a leaf counts in a passage. */
struct rf_weighing {
    uint32_t tf; /* 0: the leaf does not match */
    double score;
};

/* Sees a term that starts with a prefix; nonzero stops the walk. */
typedef int rf_key_visitor(void *context, const char *key, size_t n, uint64_t df);

struct rf_reading {
    /* Opens what `path` names. `options` are complete. `settings` are those of the index. */
    riffle_status (*open)(void **store, const char *path, const riffle_index_options *options, const riffle_allocator *allocator,
                          struct rf_settings *settings, riffle_error *error);
    void (*close)(void *store);
    /* Fills in what the engine knows: counts, bytes, generation. */
    riffle_status (*statistics)(void *store, riffle_statistics *statistics, riffle_error *error);

    /* A search: begin, any number of look-ups, execute, end. A view belongs to one thread. */
    riffle_status (*begin)(void *store, void **view, struct rf_facts *facts, riffle_error *error);
    void (*end)(void *store, void *view);
    /* Counts the dfs of all slots of a list of leaves, and finds whatever the engine wants to know of their keys. */
    riffle_status (*find)(void *view, struct rf_leaf *leaves, struct rf_arena *arena, riffle_error *error);
    /* Walks all keys with this prefix in order of bytes, in part number `part` of the index; *done: there is no such part. */
    riffle_status (*walk)(void *view, uint32_t part, const char *prefix, size_t n, rf_key_visitor *visit, void *context, bool *done,
                          riffle_error *error);
    riffle_status (*execute)(void *view, struct rf_plan *plan, const struct rf_request *request, struct rf_arena *arena,
                             struct rf_hits *hits, riffle_error *error);

    /* A hit, after its search has ended. */
    riffle_status (*describe)(void *store, const struct rf_hit *hit, struct rf_passage_facts *facts, riffle_error *error);
    riffle_status (*passage_text)(void *store, const struct rf_hit *hit, struct rf_buffer *text, riffle_error *error);
    riffle_status (*hit_field)(void *store, const struct rf_hit *hit, const char *name, struct rf_bytes *value,
                               riffle_error *error);
    riffle_status (*weigh)(void *store, const struct rf_plan *plan, const struct rf_hit *hit, const struct rf_leaf *leaf,
                           struct rf_weighing *weighing, riffle_error *error);
    riffle_status (*accepts)(void *store, const struct rf_hit *hit, const struct rf_filter *filter, bool *accepts,
                             riffle_error *error);

    /* Articles, by the engine's number. */
    riffle_status (*find_article)(void *store, const struct rf_bytes *id, bool *found, uint64_t *article, riffle_error *error);
    riffle_status (*article_field)(void *store, uint64_t article, const char *name, struct rf_bytes *value, riffle_error *error);
    riffle_status (*article_text)(void *store, uint64_t article, struct rf_buffer *text, riffle_error *error);
};

/* ---- Writing ---- */

struct rf_article {
    struct rf_bytes id, title, text;
    const riffle_field *fields;
    size_t field_count;
    bool replaces; /* takes the place of the one with its id, which is there; never set for engines that cannot remove */
};

/* After a failure other than RIFFLE_EXISTS, RIFFLE_INVALID and RIFFLE_TOO_LARGE a writer is only closed. */
struct rf_writing {
    /* Takes the lock of the index at `path`, makes its folder if need be, and tells what is there: *found and its settings.
     * *writer is to be closed even where this fails, if it is not NULL. */
    riffle_status (*open)(void **writer, const char *path, bool rebuild, const riffle_allocator *allocator, bool *found,
                          struct rf_settings *settings, riffle_error *error);
    /* Called once, before all that follow: the settings that hold from now on, and the budget of memory. */
    riffle_status (*start)(void *writer, const struct rf_settings *settings, uint64_t memory, riffle_error *error);
    /* Is there an article with this id, committed or added? */
    riffle_status (*has)(void *writer, const struct rf_bytes *id, bool *found, riffle_error *error);
    /* The id is new, or the article replaces the one that has it: in one step, so that where the new one is refused (RIFFLE_INVALID,
     * RIFFLE_TOO_LARGE) the old one stays. */
    riffle_status (*add)(void *writer, const struct rf_article *article, riffle_error *error);
    /* Takes away an article that is there. NULL: the engine cannot. */
    riffle_status (*remove)(void *writer, const struct rf_bytes *id, riffle_error *error);
    riffle_status (*commit)(void *writer, riffle_error *error);
    /* What was not committed is dropped. */
    void (*close)(void *writer);
};

/* ---- Which there are ---- */

struct riffle_engine {
    unsigned version; /* RF_ENGINE_VERSION */
    const char *name;
    bool (*recognises)(const char *path); /* is there an index of this engine, or the name of shards? */
    const struct rf_reading *reading;
    const struct rf_writing *writing;
};

/* Registered ones; the native engine is none of them. NULL: there is none. They are numbered from 0, without gaps. */
const riffle_engine *rf_engine_at(size_t number);
const riffle_engine *rf_engine_named(const char *name);
const riffle_engine *rf_engine_for(const char *path);

#endif
