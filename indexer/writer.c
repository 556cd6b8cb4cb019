/* SPDX-License-Identifier: BSD-3-Clause */
/* The public writer: what is the same for all engines, before one of them does the work; riffle.h is its manual. */
#include "indexer/writer.h"

#include <stdio.h>

#include <fcntl.h>
#include <unistd.h>

#include "engine/engine.h"
#include "indexer/folder.h"
#include "indexer/native_writer.h"
#include "text/text.h"

enum { ID_LIMIT = 1 << 16, NAME_LIMIT = 1 << 10, TITLE_LIMIT = 1 << 14, TEXT_LIMIT = 1 << 30, DEFAULT_TITLE_WEIGHT = 3 };
static const uint64_t least_memory = 16u << 20;
static const char native_name[] = "native";

struct riffle_writer {
    riffle_allocator allocator;
    const struct rf_writing *engine;
    const char *engine_name;
    void *store; /* the engine's */
    char *path;
    bool poisoned;
    struct rf_buffer id, title, text; /* repaired copies */
    struct rf_buffer field_bytes;
    riffle_field *fields;
    size_t field_capacity;
};

const riffle_allocator *rf_writer_allocator(const riffle_writer *writer) { return &writer->allocator; }

static uint64_t quarter_of_memory(void)
{
    long pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGESIZE);
    return pages > 0 && size > 0 ? (uint64_t)pages * (uint64_t)size / 4 : (uint64_t)512 << 20;
}

/* ---- Which engine ---- */

static riffle_status fail_unknown(const char *name, riffle_error *error)
{
    char names[300];
    size_t used = sizeof native_name - 1;
    memcpy(names, native_name, sizeof native_name);
    const riffle_engine *engine;
    for (size_t i = 0; used < sizeof names && (engine = rf_engine_at(i)) != NULL; i++)
        used += (size_t)snprintf(names + used, sizeof names - used, ", %s", engine->name);
    return rf_fail(error, RIFFLE_INVALID, "unknown engine '%.40s'; known are %s", name, names);
}

static bool holds_native(const char *path)
{
    int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool holds = folder >= 0 && rf_folder_is_index(folder);
    if (folder >= 0)
        close(folder);
    return holds;
}

/* The engine that was asked for by name, else that of what is there, else the native one. */
static riffle_status choose_engine(riffle_writer *writer, const char *path, const char *name, riffle_error *error)
{
    const riffle_engine *there = rf_engine_for(path), *engine = there;
    if (name) {
        engine = rf_engine_named(name);
        if (!engine && strcmp(name, native_name) != 0)
            return fail_unknown(name, error);
        const char *holds = there ? there->name : holds_native(path) ? native_name : NULL;
        if (holds && strcmp(holds, name) != 0)
            return rf_fail(error, RIFFLE_INVALID, "the index at %s is of the engine %s: choose another folder for one of %s", path,
                           holds, name);
    }
    writer->engine = engine ? engine->writing : &rf_native_writing;
    writer->engine_name = engine ? engine->name : native_name;
    return RIFFLE_OK;
}

/* ---- Settings ---- */

/* What a new index gets. */
static riffle_status choose_settings(struct rf_settings *settings, const riffle_writer_options *options, riffle_error *error)
{
    int weight = options->title_weight ? options->title_weight : DEFAULT_TITLE_WEIGHT;
    if (weight < 1 || weight > RF_TITLE_WEIGHT_MAX)
        return rf_fail(error, RIFFLE_INVALID, "title weight %d is not within 1 to %d", weight, RF_TITLE_WEIGHT_MAX);
    *settings = (struct rf_settings){.analysis_version = RF_ANALYSIS_VERSION,
                                     .title_weight = (uint32_t)weight,
                                     .store_text = options->store != RIFFLE_STORE_NONE,
                                     .split_passages = options->passages != RIFFLE_PASSAGES_NONE};
    return RIFFLE_OK;
}

/* An index that exists keeps its own; options may repeat them and not differ. */
static riffle_status check_settings(const struct rf_settings *settings, const struct rf_language *language,
                                    const riffle_writer_options *options, riffle_error *error)
{
    const char *other = NULL;
    if (settings->analysis_version != RF_ANALYSIS_VERSION)
        return rf_fail(error, RIFFLE_INVALID, "the index was made with version %u of the text analysis, this is %u: rebuild it",
                       (unsigned)settings->analysis_version, (unsigned)RF_ANALYSIS_VERSION);
    if (options->title_weight && (uint32_t)options->title_weight != settings->title_weight)
        other = "title weight";
    if (options->store && (options->store != RIFFLE_STORE_NONE) != settings->store_text)
        other = "choice of stored text";
    if (options->passages && (options->passages != RIFFLE_PASSAGES_NONE) != settings->split_passages)
        other = "choice of passages";
    if (language && strcmp(rf_language_name(language), settings->language) != 0)
        other = "language";
    if (other)
        return rf_fail(error, RIFFLE_INVALID, "the index has another %s: rebuild it to change that", other);
    return RIFFLE_OK;
}

/* `fresh`: the index gets new settings; else these are its own. */
static riffle_status settle(struct rf_settings *settings, bool fresh, const riffle_writer_options *options,
                            const riffle_allocator *allocator, riffle_error *error)
{
    struct rf_language *language = NULL; /* opened for its proper name: a code means it, too */
    riffle_status status = fresh ? choose_settings(settings, options, error) : RIFFLE_OK;
    const char *name = options->language ? options->language : fresh ? "english" : NULL;
    if (!status && name)
        status = rf_language_open(&language, name, allocator, error);
    if (!status && !fresh)
        status = check_settings(settings, language, options, error);
    if (!status && fresh)
        snprintf(settings->language, sizeof settings->language, "%s", rf_language_name(language));
    rf_language_close(language);
    return status;
}

/* ---- Opening and closing ---- */

static riffle_status open_writer(riffle_writer *writer, const char *path, const riffle_writer_options *options, riffle_error *error)
{
    bool found = false, rebuild = options->rebuild != 0;
    struct rf_settings settings = {0};
    size_t length = strlen(path);
    writer->path = rf_alloc(&writer->allocator, length + 1);
    if (!writer->path)
        return rf_fail_memory(error);
    memcpy(writer->path, path, length + 1);
    riffle_status status = choose_engine(writer, path, options->engine, error);
    if (!status)
        status = writer->engine->open(&writer->store, path, rebuild, &writer->allocator, &found, &settings, error);
    if (!status)
        status = settle(&settings, !found || rebuild, options, &writer->allocator, error);
    uint64_t memory = options->memory ? options->memory : quarter_of_memory();
    if (!status)
        status = writer->engine->start(writer->store, &settings, memory > least_memory ? memory : least_memory, error);
    return status;
}

riffle_status riffle_writer_open(riffle_writer **out, const char *path, const riffle_writer_options *given, riffle_error *error)
{
    riffle_writer_options options = RIFFLE_WRITER_OPTIONS_INIT;
    if (!out)
        return rf_fail(error, RIFFLE_INVALID, "no place for the writer");
    *out = NULL;
    if (given)
        memcpy(&options, given, given->size < sizeof options ? given->size : sizeof options);
    if (!path || !*path)
        return rf_fail(error, RIFFLE_INVALID, "no path of an index");
    if (options.passages < 0 || options.passages > RIFFLE_PASSAGES_NONE || options.store < 0 || options.store > RIFFLE_STORE_NONE)
        return rf_fail(error, RIFFLE_INVALID, "unknown choice of passages or stored text");
    const riffle_allocator *allocator = options.allocator ? options.allocator : &rf_malloc_allocator;
    if (!allocator->allocate || !allocator->resize || !allocator->release)
        return rf_fail(error, RIFFLE_INVALID, "riffle_writer_open: an allocator needs all its functions");
    riffle_writer *writer = rf_alloc_zero(allocator, sizeof *writer);
    if (!writer)
        return rf_fail_memory(error);
    writer->allocator = *allocator;
    allocator = &writer->allocator;
    rf_buffer_init(&writer->id, allocator);
    rf_buffer_init(&writer->title, allocator);
    rf_buffer_init(&writer->text, allocator);
    rf_buffer_init(&writer->field_bytes, allocator);
    riffle_status status = open_writer(writer, path, &options, error);
    if (status) {
        riffle_writer_close(writer);
        return status;
    }
    *out = writer;
    return rf_ok(error);
}

void riffle_writer_close(riffle_writer *writer)
{
    if (!writer)
        return;
    riffle_allocator allocator = writer->allocator;
    if (writer->store)
        writer->engine->close(writer->store);
    rf_buffer_release(&writer->id);
    rf_buffer_release(&writer->title);
    rf_buffer_release(&writer->text);
    rf_buffer_release(&writer->field_bytes);
    rf_free(&allocator, writer->fields);
    rf_free(&allocator, writer->path);
    rf_free(&allocator, writer);
}

/* ---- What holds for all that a writer does ---- */

static riffle_status check_writer(const riffle_writer *writer, riffle_error *error)
{
    if (!writer)
        return rf_fail(error, RIFFLE_INVALID, "no writer");
    if (writer->poisoned)
        return rf_fail(error, RIFFLE_POISONED, "the writer of %s failed before and can only be closed", writer->path);
    return RIFFLE_OK;
}

/* Ends a call: some failures cost the article at hand alone, the others poison. */
static riffle_status end_call(riffle_writer *writer, riffle_status status, riffle_error *error)
{
    switch (status) {
    case RIFFLE_OK:
        return rf_ok(error);
    case RIFFLE_INVALID:
    case RIFFLE_EXISTS:
    case RIFFLE_TOO_LARGE:
    case RIFFLE_UNSUPPORTED:
        return status;
    default:
        writer->poisoned = true;
        return status;
    }
}

/* ---- Articles ---- */

/* Valid text as it is, else its repaired copy in `buffer`. */
static bool repair(const char *text, size_t length, struct rf_buffer *buffer, struct rf_bytes *out)
{
    *out = (struct rf_bytes){length ? text : "", length};
    if (!length || rf_utf8_valid_prefix(text, length) == length)
        return true;
    size_t start = buffer->size;
    rf_utf8_repair(buffer, text, length);
    if (buffer->failed)
        return false;
    *out = (struct rf_bytes){(const char *)buffer->data + start, buffer->size - start};
    return true;
}

static bool is_reserved(const riffle_field *field)
{
    static const char *const names[] = {"id", "title", "text"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (rf_compare(names[i], strlen(names[i]), field->name, field->name_length) == 0)
            return true;
    return false;
}

static riffle_status check_article(const riffle_article *article, riffle_error *error)
{
    if (!article || !article->id_length)
        return rf_fail(error, RIFFLE_INVALID, "the article has no id");
    if (article->id_length > ID_LIMIT)
        return rf_fail(error, RIFFLE_TOO_LARGE, "an id of %zu bytes; the limit is %d", article->id_length, (int)ID_LIMIT);
    if (article->title_length > TITLE_LIMIT)
        return rf_fail(error, RIFFLE_TOO_LARGE, "a title of %zu bytes; the limit is %d", article->title_length, (int)TITLE_LIMIT);
    if (article->text_length > TEXT_LIMIT)
        return rf_fail(error, RIFFLE_TOO_LARGE, "a text of %zu bytes; the limit is %d", article->text_length, (int)TEXT_LIMIT);
    for (size_t i = 0; i < article->field_count; i++) {
        const riffle_field *field = &article->fields[i];
        if (field->name_length > NAME_LIMIT || field->value_length > TEXT_LIMIT)
            return rf_fail(error, RIFFLE_TOO_LARGE, "a metadata field of %zu bytes under a name of %zu", field->value_length,
                           field->name_length);
        if (is_reserved(field))
            return rf_fail(error, RIFFLE_INVALID, "\"%.*s\" cannot be a metadata field", (int)field->name_length, field->name);
    }
    return RIFFLE_OK;
}

/* Repaired copies of the fields, as far as they need it. */
static bool repair_fields(riffle_writer *writer, const riffle_article *article)
{
    void *fields = writer->fields;
    if (!rf_grow(&writer->allocator, &fields, &writer->field_capacity, article->field_count + 1, sizeof *writer->fields))
        return false;
    writer->fields = fields;
    size_t need = 0;
    for (size_t i = 0; i < article->field_count; i++)
        need += article->fields[i].name_length + article->fields[i].value_length;
    writer->field_bytes.size = 0;
    if (!rf_buffer_reserve(&writer->field_bytes, need * 3)) /* U+FFFD takes three bytes: now it never moves */
        return false;
    for (size_t i = 0; i < article->field_count; i++) {
        const riffle_field *field = &article->fields[i];
        struct rf_bytes name, value;
        if (!repair(field->name, field->name_length, &writer->field_bytes, &name) ||
            !repair(field->value, field->value_length, &writer->field_bytes, &value))
            return false;
        writer->fields[i] = (riffle_field){name.data, name.length, value.data, value.length};
    }
    return true;
}

/* The article as the engine gets it, until the next one. */
static bool repair_article(riffle_writer *writer, const riffle_article *article, struct rf_article *out)
{
    writer->id.size = writer->title.size = writer->text.size = 0;
    if (!repair(article->id, article->id_length, &writer->id, &out->id) ||
        !repair(article->title, article->title_length, &writer->title, &out->title) ||
        !repair(article->text, article->text_length, &writer->text, &out->text) || !repair_fields(writer, article))
        return false;
    out->fields = writer->fields;
    out->field_count = article->field_count;
    return true;
}

/* Is there one with its id, and may the article take its place? */
static riffle_status check_place(riffle_writer *writer, struct rf_article *article, bool replace, riffle_error *error)
{
    const struct rf_bytes *id = &article->id;
    bool found = false;
    riffle_status status = writer->engine->has(writer->store, id, &found, error);
    if (status || !found)
        return status;
    if (!replace)
        return rf_fail(error, RIFFLE_EXISTS, "article \"%.*s\" is there already", (int)id->length, id->data);
    if (!writer->engine->remove)
        return rf_fail(error, RIFFLE_UNSUPPORTED, "article \"%.*s\" is there already, and the engine %s cannot replace one",
                       (int)id->length, id->data, writer->engine_name);
    article->replaces = true;
    return RIFFLE_OK;
}

static riffle_status put(riffle_writer *writer, const riffle_article *article, bool replace, riffle_error *error)
{
    struct rf_article repaired = {0};
    riffle_status status = check_writer(writer, error);
    if (!status)
        status = check_article(article, error);
    if (status)
        return status;
    if (!repair_article(writer, article, &repaired))
        status = rf_fail_memory(error);
    if (!status)
        status = check_place(writer, &repaired, replace, error);
    if (!status)
        status = writer->engine->add(writer->store, &repaired, error);
    return end_call(writer, status, error);
}

riffle_status riffle_writer_add(riffle_writer *writer, const riffle_article *article, riffle_error *error)
{
    return put(writer, article, false, error);
}

riffle_status riffle_writer_replace(riffle_writer *writer, const riffle_article *article, riffle_error *error)
{
    return put(writer, article, true, error);
}

riffle_status riffle_writer_delete(riffle_writer *writer, const char *id, size_t id_length, riffle_error *error)
{
    struct rf_bytes repaired;
    bool found = false;
    riffle_status status = check_writer(writer, error);
    if (status)
        return status;
    if (!id && id_length)
        return rf_fail(error, RIFFLE_INVALID, "riffle_writer_delete: no id");
    if (!writer->engine->remove)
        return rf_fail(error, RIFFLE_UNSUPPORTED, "the engine %s cannot delete articles", writer->engine_name);
    writer->id.size = 0;
    if (!repair(id, id_length, &writer->id, &repaired))
        status = rf_fail_memory(error);
    if (!status && id_length && id_length <= ID_LIMIT)
        status = writer->engine->has(writer->store, &repaired, &found, error);
    if (!status)
        status = found ? writer->engine->remove(writer->store, &repaired, error)
                       : rf_fail(error, RIFFLE_INVALID, "no article has the id '%.*s'", (int)repaired.length, repaired.data);
    return end_call(writer, status, error);
}

/* ---- Committing ---- */

riffle_status riffle_writer_commit(riffle_writer *writer, riffle_error *error)
{
    riffle_status status = check_writer(writer, error);
    if (!status)
        status = writer->engine->commit(writer->store, error);
    if (!status)
        return rf_ok(error);
    if (writer)
        writer->poisoned = true;
    return status;
}
