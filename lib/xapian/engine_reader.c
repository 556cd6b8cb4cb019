/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The Xapian engine reads: opening an index, and a pool of handles, of which each search has one to itself. */
#include "xapian/engine_shards.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { USUAL_TIMEOUT = 10000, MOST_IDLE = 16 };

/* ---- The pool ---- */

static riffle_status take(struct rf_xapian_index *index, struct rf_xapian_handle **out, riffle_error *error)
{
    pthread_mutex_lock(&index->mutex);
    struct rf_xapian_handle *handle = index->idle;
    if (handle) {
        index->idle = handle->next;
        index->idle_count--;
    }
    pthread_mutex_unlock(&index->mutex);
    if (!handle && !(handle = rf_xapian_handle_new(index)))
        return rf_fail_memory(error);
    riffle_status status = rf_xapian_refresh(handle, error);
    if (status)
        rf_xapian_handle_free(handle);
    else
        *out = handle;
    return status;
}

static void give_back(struct rf_xapian_handle *handle)
{
    struct rf_xapian_index *index = handle->index;
    rf_xapian_handle_rests(handle);
    pthread_mutex_lock(&index->mutex);
    bool keep = !handle->broken && index->idle_count < MOST_IDLE;
    if (keep) {
        handle->next = index->idle;
        index->idle = handle;
        index->idle_count++;
    }
    pthread_mutex_unlock(&index->mutex);
    if (!keep)
        rf_xapian_handle_free(handle);
}

static riffle_status ask_once(struct rf_xapian_index *index, rf_xapian_question *question, void *context, riffle_error *error)
{
    struct rf_xapian_handle *handle = NULL;
    riffle_status status = take(index, &handle, error);
    if (status)
        return status;
    status = rf_xapian_settle(handle, question(handle, context, error));
    give_back(handle);
    return status;
}

riffle_status rf_xapian_ask(struct rf_xapian_index *index, rf_xapian_question *question, void *context, riffle_error *error)
{
    riffle_error own;
    if (!error)
        error = &own;
    for (int starts = 0; starts < RF_MOST_STARTS; starts++) {
        rf_ok(error);
        riffle_status status = ask_once(index, question, context, error);
        if (status != RF_CHANGED)
            return status;
    }
    return rf_fail_changed(error, index->name);
}

/* ---- Opening ---- */

static void close_store(void *store)
{
    struct rf_xapian_index *index = store;
    if (!index)
        return;
    riffle_allocator allocator = index->allocator;
    rf_xapian_drop_idle(index);
    rf_arena_release(&index->kept);
    for (size_t i = 0; index->sources && i < index->shard_count; i++)
        rf_free(&allocator, index->sources[i].path);
    rf_free(&allocator, index->sources);
    rf_xapian_shards_release(&index->shards);
    rf_free(&allocator, index->name);
    pthread_mutex_destroy(&index->mutex);
    rf_free(&allocator, index);
}

static riffle_status nothing(struct rf_xapian_handle *handle, void *context, riffle_error *error)
{
    (void)handle;
    (void)context;
    return rf_ok(error);
}

/* The path from the root, so that it stays what it is when the program changes its directory. NULL: no memory. */
static char *whole_path(const char *path, const riffle_allocator *allocator)
{
    char folder[PATH_MAX];
    const char *base = path[0] != '/' && getcwd(folder, sizeof folder) ? folder : "";
    size_t base_length = strlen(base), n = strlen(path);
    char *whole = rf_alloc(allocator, base_length + n + 2);
    if (whole)
        sprintf(whole, "%s%s%s", base, base_length ? "/" : "", path);
    return whole;
}

static riffle_status find_shards(struct rf_xapian_index *index, riffle_error *error)
{
    const riffle_allocator *allocator = &index->allocator;
    riffle_status status = rf_xapian_shards_parse(&index->shards, index->name, allocator, error);
    if (status)
        return status;
    index->sources = rf_alloc_zero(allocator, index->shards.count * sizeof *index->sources);
    if (!index->sources)
        return rf_fail_memory(error);
    index->shard_count = index->shards.count;
    for (size_t i = 0; i < index->shard_count; i++) {
        const struct rf_xapian_shard *shard = &index->shards.list[i];
        index->sources[i] = (struct rf_xapian_source){.name = shard->name, .host = shard->host, .port = shard->port};
        if (!shard->host && !(index->sources[i].path = whole_path(shard->name, allocator)))
            return rf_fail_memory(error);
    }
    return RIFFLE_OK;
}

static riffle_status start(struct rf_xapian_index *index, const char *path, riffle_error *error)
{
    size_t n = strlen(path) + 1;
    index->name = rf_alloc(&index->allocator, n);
    if (!index->name)
        return rf_fail_memory(error);
    memcpy(index->name, path, n);
    riffle_status status = find_shards(index, error);
    /* The first handle checks that all shards are there, and stays for the first search. */
    return status ? status : rf_xapian_ask(index, nothing, NULL, error);
}

static riffle_status open_store(void **store, const char *path, const riffle_index_options *options,
                                const riffle_allocator *allocator, struct rf_settings *settings, riffle_error *error)
{
    struct rf_xapian_index *index = rf_alloc_zero(allocator, sizeof *index);
    if (!index)
        return rf_fail_memory(error);
    if (pthread_mutex_init(&index->mutex, NULL) != 0) {
        rf_free(allocator, index);
        return rf_fail_memory(error);
    }
    index->allocator = *allocator;
    rf_arena_init(&index->kept, &index->allocator);
    index->shards.allocator = &index->allocator;
    index->timeout = options->timeout ? options->timeout : USUAL_TIMEOUT;
    index->partial = options->partial;
    riffle_status status = start(index, path, error);
    if (status) {
        close_store(index);
        return status;
    }
    *settings = index->settings;
    *store = index;
    return RIFFLE_OK;
}

/* ---- Statistics ---- */

/* Bytes of the files in a folder that is open, and in the folders in it where it may go `deeper`. Closes it. */
static uint64_t bytes_in(int descriptor, bool deeper)
{
    uint64_t bytes = 0;
    DIR *folder = fdopendir(descriptor);
    if (!folder) {
        close(descriptor);
        return 0;
    }
    for (const struct dirent *entry; (entry = readdir(folder));) {
        struct stat status;
        if (entry->d_name[0] == '.' || fstatat(dirfd(folder), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) != 0)
            continue;
        if (S_ISREG(status.st_mode))
            bytes += (uint64_t)status.st_size;
        int inner =
            S_ISDIR(status.st_mode) && deeper ? openat(dirfd(folder), entry->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
        if (inner >= 0)
            bytes += bytes_in(inner, false);
    }
    closedir(folder);
    return bytes;
}

/* Bytes of a local shard's files; where it is a folder of ours, of the database that is in place. */
static uint64_t bytes_of(const struct rf_xapian_index *index, const char *name)
{
    uint64_t current = rf_xapian_current(name), bytes = 0;
    char *path = current ? rf_xapian_database_path(&index->allocator, name, current) : NULL;
    int descriptor = open(path ? path : name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct stat status;
    if (descriptor >= 0)
        bytes = bytes_in(descriptor, !path);
    else if (stat(name, &status) == 0 && S_ISREG(status.st_mode))
        bytes = (uint64_t)status.st_size;
    rf_free(&index->allocator, path);
    return bytes;
}

static riffle_status count(struct rf_xapian_handle *handle, void *context, riffle_error *error)
{
    const struct rf_xapian_index *index = handle->index;
    riffle_statistics *s = context;
    rx_statistics all;
    rx_term_statistics first;
    rx_error failure;
    if (rx_database_statistics(handle->database, &all, &failure) ||
        rx_database_term(handle->database, RF_TERM_FIRST, strlen(RF_TERM_FIRST), &first, &failure))
        return rf_xapian_handle_fail(handle, &failure, error);
    s->segments = handle->shards;
    s->articles = first.documents;
    s->passages = all.documents;
    s->tokens = all.total_length / RF_LENGTH_UNIT;
    s->generation = s->bytes = 0;
    for (size_t i = 0; i < index->shard_count; i++) {
        if (!handle->parts[i].database)
            continue;
        s->generation += handle->parts[i].generation;
        s->bytes += index->sources[i].host ? 0 : bytes_of(index, index->sources[i].path);
    }
    return rf_ok(error);
}

static riffle_status statistics(void *store, riffle_statistics *out, riffle_error *error)
{
    return rf_xapian_ask(store, count, out, error);
}

/* ---- Searching ---- */

static riffle_status begin(void *store, void **view, struct rf_facts *facts, riffle_error *error)
{
    struct rf_xapian_handle *handle = NULL;
    riffle_status status = take(store, &handle, error);
    if (status)
        return status;
    *view = handle;
    *facts = (struct rf_facts){handle->docs, handle->average_length, handle->fields.list, handle->fields.count};
    return RIFFLE_OK;
}

static void end(void *store, void *view)
{
    (void)store;
    give_back(view);
}

/* Of what succeeds the end of the search decides. */
static riffle_status settle_failure(struct rf_xapian_handle *handle, riffle_status status)
{
    return status ? rf_xapian_settle(handle, status) : status;
}

static riffle_status find(void *view, struct rf_leaf *leaves, struct rf_arena *arena, riffle_error *error)
{
    riffle_status status = RIFFLE_OK;
    for (struct rf_leaf *leaf = leaves; leaf && !status; leaf = leaf->next)
        for (uint32_t i = 0; i < leaf->slot_count && !status; i++)
            status = rf_xapian_find(view, &leaf->slots[i], arena, error);
    return settle_failure(view, status);
}

static riffle_status walk(void *view, uint32_t part, const char *prefix, size_t n, rf_key_visitor *visit, void *context, bool *done,
                          riffle_error *error)
{
    *done = part > 0;
    return *done ? RIFFLE_OK : settle_failure(view, rf_xapian_walk(view, prefix, n, visit, context, error));
}

static riffle_status execute(void *view, struct rf_plan *plan, const struct rf_request *request, struct rf_arena *arena,
                             struct rf_hits *hits, riffle_error *error)
{
    return rf_xapian_settle(view, rf_xapian_execute(view, plan, request, arena, hits, error));
}

struct weighed {
    const struct rf_plan *plan;
    const struct rf_hit *hit;
    const struct rf_leaf *leaf;
    struct rf_weighing *weighing;
};

static riffle_status weigh_inside(struct rf_xapian_handle *handle, void *context, riffle_error *error)
{
    const struct weighed *w = context;
    struct rf_hit hit = *w->hit;
    riffle_status status = rf_xapian_number_inside(handle, w->hit->doc, &hit.doc, error);
    return status ? status : rf_xapian_weigh(handle, w->plan, &hit, w->leaf, w->weighing, error);
}

static riffle_status weigh(void *store, const struct rf_plan *plan, const struct rf_hit *hit, const struct rf_leaf *leaf,
                           struct rf_weighing *weighing, riffle_error *error)
{
    struct weighed weighed = {plan, hit, leaf, weighing};
    return rf_xapian_ask(store, weigh_inside, &weighed, error);
}

const struct rf_reading rf_xapian_reading = {
    .open = open_store,
    .close = close_store,
    .statistics = statistics,
    .begin = begin,
    .end = end,
    .find = find,
    .walk = walk,
    .execute = execute,
    .describe = rf_xapian_describe,
    .passage_text = rf_xapian_passage_text,
    .hit_field = rf_xapian_hit_field,
    .weigh = weigh,
    .accepts = rf_xapian_accepts,
    .find_article = rf_xapian_find_article,
    .article_field = rf_xapian_article_field,
    .article_text = rf_xapian_article_text,
};
