/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One shard, as a handle has it open; engine_shards.h. */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "xapian/engine_shards.h"

/* A database that is replaced while it is opened is opened again, this many times in all. */
enum { MOST_TRIES = 5 };

/* One that is committed to while it is read is read again, this many times. */
enum { MOST_ROUNDS = 20 };

static struct rf_xapian_place look_at(const struct rf_xapian_source *source)
{
    struct rf_xapian_place place = {0};
    struct stat there, stub;
    char path[PATH_MAX];
    if (source->host || stat(source->path, &there) != 0)
        return place;
    int n = snprintf(path, sizeof path, "%s/XAPIANDB", source->path);
    bool folder = S_ISDIR(there.st_mode);
    bool has_stub = folder && n > 0 && (size_t)n < sizeof path && stat(path, &stub) == 0;
    if (has_stub)
        there = stub;
    place = (struct rf_xapian_place){.device = there.st_dev, .file = there.st_ino};
    if (has_stub || !folder) { /* a folder's time changes with every commit */
        place.seconds = there.st_mtim.tv_sec;
        place.nanoseconds = there.st_mtim.tv_nsec;
    }
    return place;
}

static bool is_same_place(const struct rf_xapian_place *a, const struct rf_xapian_place *b)
{
    return a->device == b->device && a->file == b->file && a->seconds == b->seconds && a->nanoseconds == b->nanoseconds;
}

void rf_xapian_part_close(struct rf_xapian_part *part)
{
    rx_database_free(part->database);
    part->database = NULL;
    part->is_unread = false;
    part->fields = NULL;
    rf_arena_release(&part->arena);
}

static riffle_status add_name(void *context, const struct rf_bytes *name, riffle_error *error)
{
    struct rf_xapian_part *part = context;
    struct rf_xapian_name *kept = rf_arena_alloc(&part->arena, sizeof *kept);
    char *copy = rf_arena_copy(&part->arena, name->data, name->length);
    if (!kept || !copy)
        return rf_fail_memory(error);
    *kept = (struct rf_xapian_name){{copy, name->length}, part->fields};
    part->fields = kept;
    return RIFFLE_OK;
}

static bool are_equal_settings(const struct rf_settings *a, const struct rf_settings *b)
{
    return strcmp(a->language, b->language) == 0 && a->analysis_version == b->analysis_version &&
           a->title_weight == b->title_weight && a->store_text == b->store_text && a->split_passages == b->split_passages;
}

/* Reads what riffle-index noted in the database, in the state that it was opened or reopened in. */
static riffle_status read_part(struct rf_xapian_index *index, struct rf_xapian_part *part, const char *name, riffle_error *error)
{
    rx_statistics statistics;
    rx_error failure;
    bool ours = false;
    struct rf_settings settings;
    if (rx_database_statistics(part->database, &statistics, &failure))
        return rf_xapian_fail(error, name, &failure);
    if (!statistics.parts) /* so says an empty stub: a replica's, before it has its first copy */
        return rf_fail(error, RIFFLE_NO_INDEX, "%s names no database", name);
    if (statistics.parts != 1)
        return rf_fail(error, RIFFLE_INVALID, "%s stands for %" PRIu32 " databases: give them as a list, with commas", name,
                       statistics.parts);
    riffle_status status = rf_xapian_read_settings(part->database, name, &ours, &settings, &part->generation, error);
    if (status)
        return status;
    if (!ours)
        return rf_fail(error, RIFFLE_NO_INDEX, "%s is a Xapian database that riffle-index did not make", name);
    if (index->has_settings && !are_equal_settings(&index->settings, &settings))
        return rf_fail(error, RIFFLE_INVALID,
                       index->shard_count > 1 ? "%s was made with other settings than the other shards"
                                              : "%s was made anew with other settings: open it again",
                       name);
    if (!index->has_settings)
        index->settings = settings, index->has_settings = true;
    part->fields = NULL;
    rf_arena_release(&part->arena);
    return rf_xapian_each_field(part->database, name, add_name, part, error);
}

static riffle_status fail_changing(const struct rf_xapian_source *source, riffle_error *error)
{
    return rf_fail(error, RIFFLE_IO, "%s changes faster than it can be opened", source->name);
}

/* Opens the shard, or moves what is open to the newest state. *absent: there is no database of that name. */
static riffle_status advance_part(struct rf_xapian_index *index, struct rf_xapian_part *part, const struct rf_xapian_source *source,
                                  bool *changed, bool *absent, riffle_error *error)
{
    riffle_status status = RIFFLE_OK;
    rx_error failure;
    rx_status opened = RX_OK;
    int is_new = !part->database || part->is_unread;
    if (!part->database && source->host)
        opened = rx_database_open_remote(source->host, source->port, index->timeout, index->timeout, &part->database, &failure);
    else if (!part->database)
        opened = rx_database_open_local(source->path, &part->database, &failure);
    *absent = opened == RX_DATABASE_NOT_FOUND || opened == RX_DATABASE_OPENING;
    /* What was read is trusted once there is no newer state: see rf_xapian_settle. */
    for (int rounds = 0; !opened && rounds < MOST_ROUNDS; rounds++) {
        if (is_new) {
            *changed = true;
            part->is_unread = false;
            status = read_part(index, part, source->name, error);
            if (status == RIFFLE_SHARD)
                return status;
        }
        opened = rx_database_reopen(part->database, &is_new, &failure);
        if (!opened && !is_new)
            return status;
    }
    if (opened)
        return rf_xapian_fail(error, source->name, &failure);
    return status ? status : fail_changing(source, error);
}

/* Can the local shard be read, or what is called `name` in it? */
static bool can_read(const struct rf_xapian_source *source, const char *name, char *path)
{
    int n = snprintf(path, PATH_MAX, "%s%s%s", source->path, *name ? "/" : "", name);
    return n > 0 && n < PATH_MAX && access(path, R_OK) == 0;
}

/*
 * Why there is no database where a local shard should be; what libxapian said of it is in `error`. Only one whose folder is not there at
 * all may come back, as a server may: RIFFLE_SHARD, where there are others.
 */
static riffle_status fail_absent(const struct rf_xapian_index *index, const struct rf_xapian_source *source, riffle_status status,
                                 riffle_error *error)
{
    char path[PATH_MAX], database[32];
    if (!can_read(source, "", path) && errno == ENOENT)
        return rf_fail(error, index->shard_count > 1 ? RIFFLE_SHARD : RIFFLE_NO_INDEX, "no index at %s", source->name);
    if (!can_read(source, "", path))
        return rf_fail_errno(error, "cannot open", path);
    if (can_read(source, "manifest", path))
        return rf_fail(error, RIFFLE_INVALID, "%s is an index of the native engine, and no shard of a list", source->name);
    snprintf(database, sizeof database, "db-%" PRIu64, rf_xapian_current(source->path));
    if (rf_xapian_current(source->path) && !can_read(source, database, path))
        return rf_fail_errno(error, "cannot open", path);
    return status;
}

/* The same until it works, for databases that are changed or replaced meanwhile and for connections that were lost. */
riffle_status rf_xapian_part_update(struct rf_xapian_index *index, struct rf_xapian_part *part,
                                    const struct rf_xapian_source *source, bool *changed, riffle_error *error)
{
    for (int tries = 1;; tries++) {
        struct rf_xapian_place before = look_at(source);
        if (part->database && !is_same_place(&before, &part->place))
            rf_xapian_part_close(part);
        bool fresh = !part->database, absent;
        uint64_t start = rf_xapian_now_ms();
        riffle_status status = advance_part(index, part, source, changed, &absent, error);
        struct rf_xapian_place after = look_at(source);
        part->place = before;
        if (!status && is_same_place(&before, &after))
            return RIFFLE_OK;
        rf_xapian_part_close(part);
        bool lost = status == RIFFLE_SHARD && !fresh && !rf_xapian_was_slow(index, start);
        bool replaced = !status || status == RIFFLE_IO || status == RIFFLE_CORRUPT || status == RIFFLE_NO_INDEX;
        if (tries < MOST_TRIES && (lost || replaced))
            continue;
        if (!status)
            return fail_changing(source, error);
        if (!absent)
            return status;
        if (!source->host)
            return fail_absent(index, source, status, error);
        if (error)
            error->status = RIFFLE_SHARD;
        return RIFFLE_SHARD;
    }
}

bool rf_xapian_part_is_outdated(struct rf_xapian_part *part)
{
    int moved = 0;
    bool failed = rx_database_reopen(part->database, &moved, NULL) != RX_OK;
    part->is_unread = part->is_unread || moved;
    return failed || moved;
}
