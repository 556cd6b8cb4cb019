/* SPDX-License-Identifier: BSD-3-Clause */
/* Writing an index of the native engine: its lock, its folder, its generations; engine.h. */
#include "indexer/native_writer.h"

#include <unistd.h>

#include "indexer/folder.h"
#include "indexer/session.h"

struct native {
    riffle_allocator allocator;
    char *path, *lock_path;
    int lock;
    bool made_folder; /* the folder is new, and goes again if nothing is committed */
    bool has_manifest;
    bool rebuild;                /* the next commit replaces everything */
    bool failed;                 /* good for closing only */
    struct rf_manifest manifest; /* of the last commit; its settings are those of the session */
    struct rf_generation generation;
    struct rf_language *language;
    uint32_t next_number;
    struct rf_session session;
};

/* ---- Opening and closing ---- */

static riffle_status open_folder(struct native *native, bool *found, riffle_error *error)
{
    const char *path = native->path;
    riffle_status status = rf_folder_claim(path, &native->made_folder, error);
    if (!status)
        status = rf_lock(native->lock_path, &native->lock, error);
    if (!status)
        status = rf_manifest_read(&native->manifest, path, found, &native->allocator, error);
    /* A damaged index can be replaced, not added to. */
    if (status == RIFFLE_CORRUPT && native->rebuild) {
        rf_manifest_release(&native->manifest, &native->allocator);
        native->has_manifest = true;
        *found = false;
        status = RIFFLE_OK;
    } else if (!status) {
        native->has_manifest = *found;
        /* The writer before may have died between rename and fsync: what the older manifest names goes only when that one is gone
         * for good. */
        status = rf_fsync_folder(path, error);
        if (!status && !*found)
            status = rf_fsync_parent(path, error);
        if (!status)
            rf_folder_clean(path, &native->manifest);
    }
    if (!status)
        status = rf_folder_next_number(path, &native->next_number, error);
    if (!status && native->next_number < native->manifest.next_segment)
        native->next_number = native->manifest.next_segment;
    return status;
}

static riffle_status open_native(void **writer, const char *path, bool rebuild, const riffle_allocator *allocator, bool *found,
                                 struct rf_settings *settings, riffle_error *error)
{
    struct native *native = rf_alloc_zero(allocator, sizeof *native);
    size_t length = strlen(path);
    *writer = native;
    if (!native)
        return rf_fail_memory(error);
    native->allocator = native->generation.allocator = *allocator;
    native->lock = -1;
    native->rebuild = rebuild;
    native->path = rf_alloc(allocator, length + 1);
    native->lock_path = rf_join_path(allocator, path, "lock");
    if (!native->path || !native->lock_path)
        return rf_fail_memory(error);
    memcpy(native->path, path, length + 1);
    riffle_status status = open_folder(native, found, error);
    *settings = native->manifest.settings;
    return status;
}

static riffle_status start(void *writer, const struct rf_settings *settings, uint64_t memory, riffle_error *error)
{
    struct native *native = writer;
    native->manifest.settings = *settings;
    riffle_status status = rf_language_open(&native->language, settings->language, &native->allocator, error);
    if (!status && native->has_manifest && !native->rebuild)
        status = rf_generation_open(&native->generation, native->path, &native->allocator, error);
    if (!status)
        rf_session_init(&native->session, &native->allocator, native->path, &native->manifest.settings, memory,
                        &native->next_number);
    return status;
}

/*
 * After a failed commit only the folder knows whether the old or the new manifest stands. Where it is the old one, what it does not
 * name goes. Where it is the new one, its name may not be durable, so the files of the old one stay: the next writer removes them.
 * false: neither can be told.
 */
static bool clean_by_manifest_on_disk(struct native *native)
{
    bool found;
    uint64_t before = native->manifest.generation;
    rf_manifest_release(&native->manifest, &native->allocator);
    if (rf_manifest_read(&native->manifest, native->path, &found, &native->allocator, NULL))
        return false;
    native->has_manifest = found;
    if (native->manifest.generation == before)
        rf_folder_clean(native->path, &native->manifest);
    return true;
}

static void close_native(void *writer)
{
    struct native *native = writer;
    riffle_allocator allocator = native->allocator;
    if (native->session.allocator)
        rf_session_release(&native->session);
    bool locked = native->lock >= 0 && rf_lock_check(native->lock_path, native->lock, NULL) == RIFFLE_OK;
    bool told = !native->failed || (locked && clean_by_manifest_on_disk(native));
    rf_generation_close(&native->generation);
    rf_manifest_release(&native->manifest, &allocator);
    rf_language_close(native->language);
    if (native->made_folder && told && !native->has_manifest) {
        if (locked)
            rf_unlink(native->lock_path);
        rmdir(native->path); /* which fails where anything is left in it */
    }
    rf_unlock(native->lock);
    rf_free(&allocator, native->path);
    rf_free(&allocator, native->lock_path);
    rf_free(&allocator, native);
}

/* ---- Adding ---- */

static riffle_status check_failed(const struct native *native, riffle_error *error)
{
    if (native->failed)
        return rf_fail(error, RIFFLE_POISONED, "the writer of %s failed before and can only be closed", native->path);
    return RIFFLE_OK;
}

static riffle_status has(void *writer, const struct rf_bytes *id, bool *found, riffle_error *error)
{
    const struct native *native = writer;
    riffle_status status = check_failed(native, error);
    *found = !status && native->session.open && rf_articles_has(&native->session.articles, id->data, id->length);
    for (size_t i = 0; !status && !*found && i < native->generation.segment_count; i++) {
        uint32_t number;
        status = rf_segment_find_id(native->generation.segments[i], id->data, id->length, found, &number, error);
    }
    return status;
}

static riffle_status add(void *writer, const struct rf_article *article, riffle_error *error)
{
    struct native *native = writer;
    struct rf_session *session = &native->session;
    if (session->open && !rf_articles_has_room(&session->articles, article->fields, article->field_count))
        return rf_fail(error, RIFFLE_TOO_LARGE, "more than %d different metadata fields", (int)RF_COLUMNS_MAX);
    riffle_status status = rf_session_add(session, &article->id, &article->title, article->text.data,
                                          (uint32_t)article->text.length, article->fields, article->field_count, error);
    if (status && status != RIFFLE_TOO_LARGE)
        native->failed = true;
    return status;
}

/* ---- Committing ---- */

/*
 * Which segments the next one is merged with: those at the end that are not more than four times as large as all behind them. So
 * sizes fall by a factor of at least four from one to the next, and n articles lie in O(log n) segments, each article having been
 * merged O(log n) times. A segment with deleted passages stays as it is, and all before it.
 */
static size_t first_to_merge(const struct rf_segment_entry *entries, size_t count)
{
    size_t first = count - 1;
    uint64_t docs = entries[first].docs;
    while (first > 0 && entries[first - 1].docs <= 4 * docs && !entries[first - 1].deleted &&
           docs + entries[first - 1].docs < RF_NO_DOC)
        docs += entries[--first].docs;
    return first;
}

static riffle_status merge_tail(struct native *native, struct rf_manifest *next, size_t first, riffle_error *error)
{
    const riffle_allocator *allocator = &native->allocator;
    size_t count = next->segment_count - first;
    struct rf_segment *added, **segments = rf_alloc(allocator, count * sizeof *segments);
    struct rf_segment_entry *entries = next->segments, merged;
    if (!segments)
        return rf_fail_memory(error);
    riffle_status status = rf_segment_open(&added, native->path, &entries[next->segment_count - 1], allocator, error);
    if (!status) {
        for (size_t i = 0; i + 1 < count; i++)
            segments[i] = native->generation.segments[first + i];
        segments[count - 1] = added;
        status = rf_merge_segments(segments, count, native->path, native->next_number++, native->language,
                                   next->settings.store_text, native->session.memory, allocator, &merged, error);
        rf_segment_close(added);
    }
    rf_free(allocator, segments);
    /* What passes a limit together stays apart. */
    if (status == RIFFLE_TOO_LARGE)
        return RIFFLE_OK;
    if (!status) {
        rf_remove_segment(allocator, native->path, entries[next->segment_count - 1].number);
        entries[first] = merged;
        next->segment_count = first + 1;
    }
    return status;
}

/* The segments of the next generation: those that stay, and the session's. */
static riffle_status next_segments(struct native *native, struct rf_manifest *next, riffle_error *error)
{
    size_t kept = native->rebuild ? 0 : native->manifest.segment_count;
    next->segments = rf_alloc(&native->allocator, (kept + 1) * sizeof *next->segments);
    if (!next->segments)
        return rf_fail_memory(error);
    if (kept)
        memcpy(next->segments, native->manifest.segments, kept * sizeof *next->segments);
    next->segment_count = kept;
    if (!rf_session_articles(&native->session))
        return RIFFLE_OK;
    riffle_status status = rf_session_finish(&native->session, native->language, &next->segments[next->segment_count++], error);
    if (status)
        return status;
    size_t first = first_to_merge(next->segments, next->segment_count);
    return first + 1 < next->segment_count ? merge_tail(native, next, first, error) : RIFFLE_OK;
}

static riffle_status write_generation(struct native *native, struct rf_manifest *next, riffle_error *error)
{
    riffle_status status = rf_lock_check(native->lock_path, native->lock, error);
    if (!status)
        status = next_segments(native, next, error);
    for (size_t i = 0; !status && i < next->segment_count; i++)
        if (next->segments[i].number >= next->next_segment) /* rf_folder_next_number leaves room for this */
            next->next_segment = next->segments[i].number + 1;
    if (!status)
        status = rf_lock_check(native->lock_path, native->lock, error);
    if (!status)
        status = rf_manifest_write(next, native->path, &native->allocator, error);
    return status;
}

static riffle_status commit(void *writer, riffle_error *error)
{
    struct native *native = writer;
    const riffle_allocator *allocator = &native->allocator;
    riffle_status status = check_failed(native, error);
    if (status || (native->has_manifest && !native->rebuild && !rf_session_articles(&native->session)))
        return status;
    struct rf_manifest next = native->manifest;
    next.segments = NULL;
    next.generation++;
    status = write_generation(native, &next, error);
    if (status) {
        /* The new manifest may be in place even so: files that nobody names are left to the next writer to remove. */
        native->failed = true;
        rf_manifest_release(&next, allocator);
        return status;
    }
    /* From here on the commit stands; what still goes wrong, only the next call tells. */
    rf_manifest_release(&native->manifest, allocator);
    native->manifest = next;
    native->has_manifest = true;
    native->rebuild = false;
    rf_generation_close(&native->generation);
    rf_folder_clean(native->path, &native->manifest);
    native->failed = rf_generation_open(&native->generation, native->path, allocator, NULL) != RIFFLE_OK;
    return RIFFLE_OK;
}

/* remove: the format's deletion bitmaps are read, and not written yet. */
const struct rf_writing rf_native_writing = {
    .open = open_native, .start = start, .has = has, .add = add, .remove = NULL, .commit = commit, .close = close_native};
