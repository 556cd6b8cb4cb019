/* SPDX-License-Identifier: BSD-3-Clause */
/* Opening an index for reading, and looking into it without searching: statistics, articles, their fields and text. */
#include "query/index.h"

#include <stddef.h>
#include <stdio.h>

#include "query/native.h"
#include "text/text.h"

static riffle_status open_index(riffle_index *index, const char *path, const riffle_index_options *options, riffle_error *error)
{
    const riffle_engine *other = rf_engine_for(path);
    index->engine_name = other ? other->name : "native";
    index->engine = other ? other->reading : &rf_native_reading;
    riffle_status status = index->engine->open(&index->store, path, options, &index->allocator, &index->settings, error);
    if (!status && index->settings.analysis_version != RF_ANALYSIS_VERSION)
        status = rf_fail(error, RIFFLE_TOO_NEW, "%s: made with word rules %u, this program has %d; build it again", path,
                         index->settings.analysis_version, RF_ANALYSIS_VERSION);
    return status ? status : rf_language_open(&index->language, index->settings.language, &index->allocator, error);
}

riffle_status riffle_index_open(riffle_index **out, const char *path, const riffle_index_options *given, riffle_error *error)
{
    rf_ok(error);
    if (!out)
        return rf_fail(error, RIFFLE_INVALID, "riffle_index_open: no place for the index");
    *out = NULL;
    if (!path)
        return rf_fail(error, RIFFLE_INVALID, "riffle_index_open: no path");
    riffle_index_options options = RIFFLE_INDEX_OPTIONS_INIT;
    if (given)
        memcpy(&options, given, given->size < sizeof options ? given->size : sizeof options);
    const riffle_allocator *allocator = options.allocator ? options.allocator : &rf_malloc_allocator;
    if (!allocator->allocate || !allocator->resize || !allocator->release)
        return rf_fail(error, RIFFLE_INVALID, "riffle_index_open: an allocator needs all its functions");
    riffle_index *index = rf_alloc_zero(allocator, sizeof *index);
    if (!index)
        return rf_fail_memory(error);
    index->allocator = *allocator;
    index->waiting = rf_waiting_new(&index->allocator);
    riffle_status status = index->waiting ? RIFFLE_OK : rf_fail_memory(error);
    if (!status)
        status = open_index(index, path, &options, error);
    if (status) {
        riffle_index_close(index);
        return status;
    }
    *out = index;
    return RIFFLE_OK;
}

void riffle_index_close(riffle_index *index)
{
    if (!index)
        return;
    riffle_allocator allocator = index->allocator;
    rf_waiting_free(index->waiting, &allocator);
    rf_language_close(index->language);
    if (index->engine)
        index->engine->close(index->store);
    rf_free(&allocator, index);
}

riffle_status riffle_index_statistics(const riffle_index *index, riffle_statistics *statistics, riffle_error *error)
{
    rf_ok(error);
    if (!index || !statistics)
        return rf_fail(error, RIFFLE_INVALID, "riffle_index_statistics: an argument is missing");
    riffle_statistics s = {.size = statistics->size < sizeof s ? statistics->size : sizeof s};
    s.title_weight = (int)index->settings.title_weight;
    s.stores_text = index->settings.store_text;
    s.splits_passages = index->settings.split_passages;
    memcpy(s.language, index->settings.language, sizeof s.language - 1);
    snprintf(s.engine, sizeof s.engine, "%s", index->engine_name);
    riffle_status status = index->engine->statistics(index->store, &s, error);
    if (!status)
        memcpy(statistics, &s, s.size);
    return status;
}

riffle_status riffle_index_find(const riffle_index *index, const char *id, size_t id_length, uint64_t *article, riffle_error *error)
{
    rf_ok(error);
    if (!index || (!id && id_length) || !article)
        return rf_fail(error, RIFFLE_INVALID, "riffle_index_find: an argument is missing");
    struct rf_buffer repaired; /* as the index keeps ids */
    rf_buffer_init(&repaired, &index->allocator);
    rf_utf8_repair(&repaired, id ? id : "", id_length);
    struct rf_bytes kept = {repaired.size ? (const char *)repaired.data : "", repaired.size};
    bool found = false;
    uint64_t number = 0;
    riffle_status status =
        repaired.failed ? rf_fail_memory(error) : index->engine->find_article(index->store, &kept, &found, &number, error);
    rf_buffer_release(&repaired);
    if (status)
        return status;
    if (!found)
        return rf_fail(error, RIFFLE_INVALID, "no article has the id '%.*s'", id_length < 200 ? (int)id_length : 200, id ? id : "");
    *article = number;
    return RIFFLE_OK;
}

riffle_status riffle_index_field(const riffle_index *index, uint64_t article, const char *name, const char **value, size_t *length,
                                 riffle_error *error)
{
    rf_ok(error);
    if (!index || !name || !value || !length)
        return rf_fail(error, RIFFLE_INVALID, "riffle_index_field: an argument is missing");
    struct rf_bytes out = {"", 0};
    riffle_status status = index->engine->article_field(index->store, article, name, &out, error);
    *value = status ? "" : out.data;
    *length = status ? 0 : out.length;
    return status;
}

riffle_status riffle_index_text(const riffle_index *index, uint64_t article, char **text, size_t *length, riffle_error *error)
{
    rf_ok(error);
    if (!index || !text || !length)
        return rf_fail(error, RIFFLE_INVALID, "riffle_index_text: an argument is missing");
    *text = NULL;
    *length = 0;
    struct rf_buffer out;
    rf_buffer_init(&out, &index->allocator);
    riffle_status status = index->engine->article_text(index->store, article, &out, error);
    if (!index->settings.store_text) {
        rf_buffer_release(&out);
        return status;
    }
    rf_buffer_append_byte(&out, 0); /* never NULL, and printable in a debugger */
    if (!status && out.failed)
        status = rf_fail_memory(error);
    if (status) {
        rf_buffer_release(&out);
        return status;
    }
    *text = (char *)out.data;
    *length = out.size - 1;
    return RIFFLE_OK;
}

void riffle_text_free(const riffle_index *index, char *text)
{
    if (index)
        rf_free(&index->allocator, text);
}
