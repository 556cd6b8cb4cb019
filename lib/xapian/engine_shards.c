/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Handles on all shards of an index; engine_shards.h. */
#include "xapian/engine_shards.h"

#include <stdio.h>
#include <time.h>

/* A server hangs up after 60 s without work, unless told otherwise. */
enum { LONGEST_IDLE_MS = 50000 };

/* Answers that are not trusted, in a row. */
enum { MOST_DISTRUSTED = 2 };

/* A server that fails in the middle of a search is left out of the next attempt, and for so long. */
enum { AFTER_FAILURE_MS = 1000 };

const riffle_allocator *rf_xapian_allocator(const struct rf_xapian_index *index) { return &index->allocator; }

uint64_t rf_xapian_now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

bool rf_xapian_was_slow(const struct rf_xapian_index *index, uint64_t start)
{
    return rf_xapian_now_ms() - start >= index->timeout - index->timeout / 10;
}

/* ---- Shards that cannot be reached ---- */

/* Is the shard to be asked now? Where its time out is over, one thread tries it, and the others go without it meanwhile. */
static bool is_worth_trying(struct rf_xapian_index *index, size_t s)
{
    uint64_t now = rf_xapian_now_ms();
    pthread_mutex_lock(&index->mutex);
    uint64_t *until = &index->sources[s].left_out_until;
    bool worth = now >= *until;
    if (*until && worth)
        *until = now + index->timeout;
    pthread_mutex_unlock(&index->mutex);
    return worth;
}

/* Leaves the shard out for so long; 0: not at all. */
static void leave_out(struct rf_xapian_index *index, size_t s, uint64_t ms)
{
    uint64_t until = ms ? rf_xapian_now_ms() + ms : 0;
    pthread_mutex_lock(&index->mutex);
    index->sources[s].left_out_until = until;
    pthread_mutex_unlock(&index->mutex);
}

/* Opens or moves on the handle's part of the shard. RIFFLE_SHARD: it cannot be reached. */
static riffle_status get_part(struct rf_xapian_handle *handle, size_t s, bool *changed, riffle_error *error)
{
    struct rf_xapian_index *index = handle->index;
    struct rf_xapian_part *part = &handle->parts[s];
    if (index->partial && !is_worth_trying(index, s)) {
        rf_xapian_part_close(part);
        return rf_fail(error, RIFFLE_SHARD, "%s did not answer in time", index->sources[s].name);
    }
    bool was_there = part->database;
    uint64_t start = rf_xapian_now_ms();
    riffle_status status = rf_xapian_part_update(index, part, &index->sources[s], changed, error);
    /* One that is too slow may cost the searches half of their time; one that is refused at once is tried by each. Others may be as slow:
     * until all of them have been tried, the first is not tried again. */
    bool slow = status == RIFFLE_SHARD && index->sources[s].host && rf_xapian_was_slow(index, start);
    leave_out(index, s, slow ? (rf_xapian_now_ms() - start) * index->shard_count : 0);
    if (status == RIFFLE_SHARD && was_there)
        rf_xapian_drop_idle(index);
    return status;
}

static riffle_status name_missing(struct rf_xapian_handle *handle, riffle_error *error)
{
    struct rf_xapian_index *index = handle->index;
    struct rf_buffer names;
    rf_buffer_init(&names, &index->allocator);
    for (size_t s = 0; s < index->shard_count; s++)
        if (!handle->parts[s].database)
            rf_buffer_printf(&names, "%s%s", names.size ? "," : "", index->sources[s].name);
    rf_free(&index->allocator, handle->missing);
    handle->missing = (char *)names.data;
    return names.failed ? rf_fail_memory(error) : RIFFLE_OK;
}

/* ---- All together ---- */

/* A shard that is given twice, by whatever names, or beside its own replica, would be counted twice: both have the same UUID. */
static riffle_status check_distinct(struct rf_xapian_handle *handle, riffle_error *error)
{
    const struct rf_xapian_index *index = handle->index;
    const struct rf_xapian_part *parts = handle->parts;
    riffle_status status = RIFFLE_OK;
    for (size_t s = 0; !status && s < index->shard_count; s++) {
        rx_string uuid = {0}, other = {0};
        rx_error failure = {0};
        if (parts[s].database && rx_database_uuid(parts[s].database, &uuid, &failure))
            status = rf_xapian_handle_fail(handle, &failure, error);
        for (size_t k = 0; !status && parts[s].database && k < s; k++) {
            if (parts[k].database && rx_database_uuid(parts[k].database, &other, &failure))
                status = rf_xapian_handle_fail(handle, &failure, error);
            else if (parts[k].database && uuid.length && rf_compare(uuid.bytes, uuid.length, other.bytes, other.length) == 0)
                status =
                    rf_fail(error, RIFFLE_INVALID, "%s and %s are the same shard", index->sources[k].name, index->sources[s].name);
            rx_string_free(&other);
        }
        rx_string_free(&uuid);
    }
    return status;
}

static riffle_status combine(struct rf_xapian_handle *handle, riffle_error *error)
{
    struct rf_xapian_index *index = handle->index;
    rx_error failure;
    rx_database_free(handle->database);
    handle->database = NULL;
    rx_status status = rx_database_new(&handle->database, &failure);
    for (size_t s = 0; !status && s < index->shard_count; s++)
        if (handle->parts[s].database)
            status = rx_database_add(handle->database, handle->parts[s].database, &failure);
    rx_statistics statistics;
    if (!status)
        status = rx_database_statistics(handle->database, &statistics, &failure);
    /* Of n shards together, document d of the last one has the number d * n, in 32 bits; libxapian would begin again from 0. */
    for (size_t s = 0; !status && s < index->shard_count; s++) {
        rx_statistics part = {0};
        if (handle->parts[s].database)
            status = rx_database_statistics(handle->parts[s].database, &part, &failure);
        if (!status && part.last_docid > UINT32_MAX / statistics.parts)
            return rf_fail(error, RIFFLE_TOO_LARGE, "%s has used up its document numbers: rebuild it", index->sources[s].name);
    }
    if (status)
        return rf_xapian_handle_fail(handle, &failure, error);
    riffle_status distinct = check_distinct(handle, error);
    if (distinct)
        return distinct;
    handle->shards = statistics.parts;
    handle->remote = statistics.remote;
    handle->docs = statistics.documents;
    handle->average_length = handle->docs ? (double)(statistics.total_length / RF_LENGTH_UNIT) / (double)handle->docs : 0;
    return RIFFLE_OK;
}

static riffle_status collect_fields(struct rf_xapian_handle *handle, riffle_error *error)
{
    riffle_status status = RIFFLE_OK;
    rf_fields_release(&handle->fields);
    for (size_t s = 0; s < handle->index->shard_count; s++)
        for (const struct rf_xapian_name *name = handle->parts[s].fields; !status && name; name = name->next)
            status = rf_fields_add(&handle->fields, &name->name, rf_xapian_slot(name->name.data, name->name.length), error);
    return status;
}

riffle_status rf_xapian_refresh(struct rf_xapian_handle *handle, riffle_error *error)
{
    struct rf_xapian_index *index = handle->index;
    bool changed = !handle->database, idle = rf_xapian_now_ms() - handle->last_used > LONGEST_IDLE_MS;
    size_t there = 0;
    riffle_status status = RIFFLE_OK;
    for (size_t s = 0; s < index->shard_count; s++) {
        struct rf_xapian_part *part = &handle->parts[s];
        bool was_there = part->database;
        if (idle && index->sources[s].host)
            rf_xapian_part_close(part);
        status = get_part(handle, s, &changed, error);
        if (status && (status != RIFFLE_SHARD || !index->partial))
            return status;
        there += !status;
        changed = changed || (was_there && status);
    }
    if (!there)
        return status;
    status = RIFFLE_OK;
    if (changed)
        status = combine(handle, error);
    if (!status && changed)
        status = collect_fields(handle, error);
    if (!status && changed)
        status = name_missing(handle, error);
    return status ? status : rf_ok(error);
}

struct rf_xapian_handle *rf_xapian_handle_new(struct rf_xapian_index *index)
{
    struct rf_xapian_handle *handle = rf_alloc_zero(&index->allocator, sizeof *handle);
    if (!handle)
        return NULL;
    handle->index = index;
    handle->fields.allocator = &index->allocator;
    handle->parts = rf_alloc_zero(&index->allocator, index->shard_count * sizeof *handle->parts);
    if (!handle->parts) {
        rf_free(&index->allocator, handle);
        return NULL;
    }
    for (size_t s = 0; s < index->shard_count; s++)
        rf_arena_init(&handle->parts[s].arena, &index->allocator);
    return handle;
}

void rf_xapian_handle_free(struct rf_xapian_handle *handle)
{
    if (!handle)
        return;
    struct rf_xapian_index *index = handle->index;
    rx_database_free(handle->database);
    for (size_t s = 0; s < index->shard_count; s++)
        rf_xapian_part_close(&handle->parts[s]);
    rf_free(&index->allocator, handle->parts);
    rf_fields_release(&handle->fields);
    rf_free(&index->allocator, handle->missing);
    rf_free(&index->allocator, handle);
}

void rf_xapian_handle_rests(struct rf_xapian_handle *handle)
{
    handle->used = true;
    handle->last_used = rf_xapian_now_ms();
}

void rf_xapian_drop_idle(struct rf_xapian_index *index)
{
    pthread_mutex_lock(&index->mutex);
    struct rf_xapian_handle *handle = index->idle;
    index->idle = NULL;
    index->idle_count = 0;
    pthread_mutex_unlock(&index->mutex);
    while (handle) {
        struct rf_xapian_handle *next = handle->next;
        rf_xapian_handle_free(handle);
        handle = next;
    }
}

/* ---- Failures ---- */

/* Has the failure's text the shard's name as libxapian writes it? */
static bool is_named(const struct rf_xapian_source *source, const rx_error *failure)
{
    char name[sizeof failure->shard];
    if (!source->host)
        return false;
    snprintf(name, sizeof name, "remote:tcp(%s:%u)", source->host, source->port);
    return strcmp(name, failure->shard) == 0;
}

/* The shard that failed; the number of shards: not known, for of a connection that was closed libxapian does not tell whose. */
static size_t find_culprit(const struct rf_xapian_handle *handle, const rx_error *failure)
{
    const struct rf_xapian_index *index = handle->index;
    if (index->shard_count == 1)
        return 0;
    size_t s = 0;
    while (s < index->shard_count && !is_named(&index->sources[s], failure))
        s++;
    return s;
}

riffle_status rf_xapian_handle_fail(struct rf_xapian_handle *handle, const rx_error *failure, riffle_error *error)
{
    struct rf_xapian_index *index = handle->index;
    bool lost = failure->status == RX_NETWORK, slow = failure->status == RX_NETWORK_TIMEOUT;
    handle->broken = handle->remote || failure->status != RX_DATABASE_MODIFIED;
    if (rf_xapian_changed(failure->status) || failure->status == RX_DOC_NOT_FOUND)
        return RF_CHANGED;
    if (lost || slow)
        rf_xapian_drop_idle(index);
    /* A slow one is not asked again: the search has waited long enough. */
    if (lost && handle->used)
        return RF_CHANGED;
    size_t culprit = find_culprit(handle, failure);
    riffle_status status =
        rf_xapian_fail(error, culprit < index->shard_count ? index->sources[culprit].name : index->name, failure);
    if (lost && culprit == index->shard_count) /* one that is dead fails to connect, by name, when the search starts again */
        return RF_CHANGED;
    if ((lost || slow) && index->partial && culprit < index->shard_count) {
        leave_out(index, culprit, slow && index->timeout > AFTER_FAILURE_MS ? index->timeout : AFTER_FAILURE_MS);
        return RF_CHANGED;
    }
    return status;
}

static bool is_outdated(const struct rf_xapian_handle *handle)
{
    const struct rf_xapian_index *index = handle->index;
    for (size_t s = 0; s < index->shard_count; s++)
        if (!index->sources[s].host && handle->parts[s].database && rf_xapian_part_is_outdated(&handle->parts[s]))
            return true;
    return false;
}

riffle_status rf_xapian_settle(struct rf_xapian_handle *handle, riffle_status status)
{
    bool looks_damaged = status == RIFFLE_CORRUPT || status == RIFFLE_IO;
    if (status && status != RIFFLE_INVALID && !looks_damaged)
        return status;
    bool trusted = !is_outdated(handle);
    if (looks_damaged) {
        trusted = trusted && !(handle->remote && handle->used);
        handle->broken = true;
        return trusted ? status : RF_CHANGED;
    }
    trusted = trusted || handle->distrusted == MOST_DISTRUSTED;
    handle->distrusted = trusted ? 0 : handle->distrusted + 1;
    return trusted ? status : RF_CHANGED;
}

/* ---- Numbers of documents ---- */

uint64_t rf_xapian_number_outside(const struct rf_xapian_handle *handle, uint64_t number)
{
    uint64_t all = handle->index->shard_count, at = (number - 1) % handle->shards;
    for (size_t s = 0; s < all; s++)
        if (handle->parts[s].database && !at--)
            return (number - 1) / handle->shards * all + s + 1;
    return number;
}

const char *rf_xapian_place_of(const struct rf_xapian_handle *handle, rx_docid number, rx_docid *local)
{
    uint64_t outside = rf_xapian_number_outside(handle, number);
    *local = (rx_docid)((outside - 1) / handle->index->shard_count + 1);
    return handle->index->sources[(outside - 1) % handle->index->shard_count].name;
}

riffle_status rf_xapian_number_inside(const struct rf_xapian_handle *handle, uint64_t number, uint64_t *inside, riffle_error *error)
{
    const struct rf_xapian_index *index = handle->index;
    size_t shard = (size_t)((number - 1) % index->shard_count), before = 0;
    if (!handle->parts[shard].database)
        return rf_fail(error, RIFFLE_SHARD, "%s cannot be reached", index->sources[shard].name);
    for (size_t s = 0; s < shard; s++)
        before += handle->parts[s].database != NULL;
    *inside = (number - 1) / index->shard_count * handle->shards + before + 1;
    return RIFFLE_OK;
}
