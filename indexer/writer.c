/* SPDX-License-Identifier: BSD-3-Clause */
/* The public writer: opening, adding, committing; riffle.h is its manual. */
#include "indexer/writer.h"

#include <stdio.h>
#include <unistd.h>

#include "indexer/folder.h"
#include "indexer/session.h"

enum { ID_LIMIT = 1 << 16, NAME_LIMIT = 1 << 10, TITLE_LIMIT = 1 << 14, TEXT_LIMIT = 1 << 30, DEFAULT_TITLE_WEIGHT = 3 };
static const uint64_t least_memory = 16u << 20;

struct riffle_writer {
    riffle_allocator allocator;
    char *path, *lock_path;
    int lock;
    bool made_folder; /* the folder is new, and goes again if nothing is committed */
    bool has_manifest;
    bool rebuild; /* the next commit replaces everything */
    bool poisoned;
    struct rf_manifest manifest; /* of the last commit; its settings are those of the session */
    struct rf_generation generation;
    struct rf_language *language;
    uint32_t next_number;
    struct rf_session session;
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

/* ---- Opening ---- */

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

static riffle_status open_settings(riffle_writer *writer, const riffle_writer_options *options, riffle_error *error)
{
    struct rf_settings *settings = &writer->manifest.settings;
    const riffle_allocator *allocator = &writer->allocator;
    bool fresh = !writer->has_manifest || writer->rebuild;
    riffle_status status = fresh ? choose_settings(settings, options, error) : RIFFLE_OK;
    const char *name = options->language ? options->language : fresh ? "english" : NULL;
    if (!status && name)
        status = rf_language_open(&writer->language, name, allocator, error);
    if (!status && !fresh)
        status = check_settings(settings, writer->language, options, error);
    if (!status && !writer->language)
        status = rf_language_open(&writer->language, settings->language, allocator, error);
    if (!status && fresh)
        snprintf(settings->language, sizeof settings->language, "%s", rf_language_name(writer->language));
    return status;
}

static riffle_status open_writer(riffle_writer *writer, const char *path, const riffle_writer_options *options, riffle_error *error)
{
    const riffle_allocator *allocator = &writer->allocator;
    size_t length = strlen(path);
    writer->path = rf_alloc(allocator, length + 1);
    writer->lock_path = rf_join_path(allocator, path, "lock");
    if (!writer->path || !writer->lock_path)
        return rf_fail_memory(error);
    memcpy(writer->path, path, length + 1);
    writer->rebuild = options->rebuild != 0;
    riffle_status status = rf_folder_claim(path, &writer->made_folder, error);
    if (!status)
        status = rf_lock(writer->lock_path, &writer->lock, error);
    bool found = false;
    if (!status)
        status = rf_manifest_read(&writer->manifest, path, &found, allocator, error);
    /* A damaged index can be replaced, not added to. */
    if (status == RIFFLE_CORRUPT && writer->rebuild) {
        rf_manifest_release(&writer->manifest, allocator);
        writer->has_manifest = true;
        status = RIFFLE_OK;
    } else if (!status) {
        writer->has_manifest = found;
        /* The writer before may have died between rename and fsync: what the older manifest names goes only when that one is gone
         * for good. */
        status = rf_fsync_folder(path, error);
        if (!status && !found)
            status = rf_folder_fsync_parent(path, error);
        if (!status)
            rf_folder_clean(path, &writer->manifest);
    }
    if (!status)
        status = rf_folder_next_number(path, &writer->next_number, error);
    if (status)
        return status;
    if (writer->next_number < writer->manifest.next_segment)
        writer->next_number = writer->manifest.next_segment;
    status = open_settings(writer, options, error);
    if (!status && writer->has_manifest && !writer->rebuild)
        status = rf_generation_open(&writer->generation, path, allocator, error);
    uint64_t memory = options->memory ? options->memory : quarter_of_memory();
    rf_session_init(&writer->session, allocator, writer->path, &writer->manifest.settings,
                    memory > least_memory ? memory : least_memory, &writer->next_number);
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
    riffle_writer *writer = rf_alloc_zero(allocator, sizeof *writer);
    if (!writer)
        return rf_fail_memory(error);
    writer->allocator = *allocator;
    writer->lock = -1;
    allocator = &writer->allocator;
    writer->generation.allocator = *allocator;
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

/*
 * After a failed commit only the folder knows whether the old or the new manifest stands. Where it is the old one, what it does not
 * name goes. Where it is the new one, its name may not be durable, so the files of the old one stay: the next writer removes them.
 * false: neither can be told.
 */
static bool clean_by_manifest_on_disk(riffle_writer *writer)
{
    bool found;
    uint64_t before = writer->manifest.generation;
    rf_manifest_release(&writer->manifest, &writer->allocator);
    if (rf_manifest_read(&writer->manifest, writer->path, &found, &writer->allocator, NULL))
        return false;
    writer->has_manifest = found;
    if (writer->manifest.generation == before)
        rf_folder_clean(writer->path, &writer->manifest);
    return true;
}

void riffle_writer_close(riffle_writer *writer)
{
    if (!writer)
        return;
    riffle_allocator allocator = writer->allocator;
    if (writer->session.allocator)
        rf_session_release(&writer->session);
    bool locked = writer->lock >= 0 && rf_lock_check(writer->lock_path, writer->lock, NULL) == RIFFLE_OK;
    bool told = !writer->poisoned || (locked && clean_by_manifest_on_disk(writer));
    rf_generation_close(&writer->generation);
    rf_manifest_release(&writer->manifest, &allocator);
    rf_language_close(writer->language);
    rf_buffer_release(&writer->id);
    rf_buffer_release(&writer->title);
    rf_buffer_release(&writer->text);
    rf_buffer_release(&writer->field_bytes);
    rf_free(&allocator, writer->fields);
    if (writer->made_folder && told && !writer->has_manifest) {
        if (locked)
            rf_unlink(writer->lock_path);
        rmdir(writer->path); /* which fails where anything is left in it */
    }
    rf_unlock(writer->lock);
    rf_free(&allocator, writer->path);
    rf_free(&allocator, writer->lock_path);
    rf_free(&allocator, writer);
}

/* ---- Adding ---- */

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

static riffle_status check_new(riffle_writer *writer, const struct rf_bytes *id, riffle_error *error)
{
    bool found = writer->session.open && rf_articles_has(&writer->session.articles, id->data, id->length);
    for (size_t i = 0; !found && i < writer->generation.segment_count; i++) {
        uint32_t number;
        riffle_status status = rf_segment_find_id(writer->generation.segments[i], id->data, id->length, &found, &number, error);
        if (status)
            return status;
    }
    if (found)
        return rf_fail(error, RIFFLE_EXISTS, "article \"%.*s\" is there already", (int)id->length, id->data);
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

riffle_status riffle_writer_add(riffle_writer *writer, const riffle_article *article, riffle_error *error)
{
    if (!writer)
        return rf_fail(error, RIFFLE_INVALID, "no writer");
    if (writer->poisoned)
        return rf_fail(error, RIFFLE_POISONED, "the writer of %s failed before and can only be closed", writer->path);
    riffle_status status = check_article(article, error);
    if (status)
        return status;
    struct rf_bytes id = {0}, title = {0}, text = {0};
    writer->id.size = writer->title.size = writer->text.size = 0;
    if (!repair(article->id, article->id_length, &writer->id, &id) ||
        !repair(article->title, article->title_length, &writer->title, &title) ||
        !repair(article->text, article->text_length, &writer->text, &text) || !repair_fields(writer, article))
        status = rf_fail_memory(error);
    if (!status)
        status = check_new(writer, &id, error);
    if (!status && writer->session.open && !rf_articles_has_room(&writer->session.articles, writer->fields, article->field_count))
        status = rf_fail(error, RIFFLE_TOO_LARGE, "more than %d different metadata fields", (int)RF_COLUMNS_MAX);
    if (!status)
        status = rf_session_add(&writer->session, &id, &title, text.data, (uint32_t)text.length, writer->fields,
                                article->field_count, error);
    if (!status)
        return rf_ok(error);
    if (status != RIFFLE_EXISTS && status != RIFFLE_TOO_LARGE)
        writer->poisoned = true;
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

static riffle_status merge_tail(riffle_writer *writer, struct rf_manifest *next, size_t first, riffle_error *error)
{
    const riffle_allocator *allocator = &writer->allocator;
    size_t count = next->segment_count - first;
    struct rf_segment *added, **segments = rf_alloc(allocator, count * sizeof *segments);
    struct rf_segment_entry *entries = next->segments, merged;
    if (!segments)
        return rf_fail_memory(error);
    riffle_status status = rf_segment_open(&added, writer->path, &entries[next->segment_count - 1], allocator, error);
    if (!status) {
        for (size_t i = 0; i + 1 < count; i++)
            segments[i] = writer->generation.segments[first + i];
        segments[count - 1] = added;
        status = rf_merge_segments(segments, count, writer->path, writer->next_number++, writer->language,
                                   next->settings.store_text, allocator, &merged, error);
        rf_segment_close(added);
    }
    rf_free(allocator, segments);
    /* What passes a limit together stays apart. */
    if (status == RIFFLE_TOO_LARGE)
        return RIFFLE_OK;
    if (!status) {
        rf_remove_segment(allocator, writer->path, entries[next->segment_count - 1].number);
        entries[first] = merged;
        next->segment_count = first + 1;
    }
    return status;
}

/* The segments of the next generation: those that stay, and the session's. */
static riffle_status next_segments(riffle_writer *writer, struct rf_manifest *next, riffle_error *error)
{
    size_t kept = writer->rebuild ? 0 : writer->manifest.segment_count;
    next->segments = rf_alloc(&writer->allocator, (kept + 1) * sizeof *next->segments);
    if (!next->segments)
        return rf_fail_memory(error);
    if (kept)
        memcpy(next->segments, writer->manifest.segments, kept * sizeof *next->segments);
    next->segment_count = kept;
    if (!rf_session_articles(&writer->session))
        return RIFFLE_OK;
    riffle_status status = rf_session_finish(&writer->session, writer->language, &next->segments[next->segment_count++], error);
    if (status)
        return status;
    size_t first = first_to_merge(next->segments, next->segment_count);
    return first + 1 < next->segment_count ? merge_tail(writer, next, first, error) : RIFFLE_OK;
}

riffle_status riffle_writer_commit(riffle_writer *writer, riffle_error *error)
{
    if (!writer)
        return rf_fail(error, RIFFLE_INVALID, "no writer");
    if (writer->poisoned)
        return rf_fail(error, RIFFLE_POISONED, "the writer of %s failed before and can only be closed", writer->path);
    if (writer->has_manifest && !writer->rebuild && !rf_session_articles(&writer->session))
        return rf_ok(error);
    const riffle_allocator *allocator = &writer->allocator;
    struct rf_manifest next = writer->manifest;
    next.segments = NULL;
    next.generation++;
    riffle_status status = rf_lock_check(writer->lock_path, writer->lock, error);
    if (!status)
        status = next_segments(writer, &next, error);
    for (size_t i = 0; !status && i < next.segment_count; i++)
        if (next.segments[i].number >= next.next_segment) /* rf_folder_next_number leaves room for this */
            next.next_segment = next.segments[i].number + 1;
    if (!status)
        status = rf_lock_check(writer->lock_path, writer->lock, error);
    if (!status)
        status = rf_manifest_write(&next, writer->path, allocator, error);
    if (status) {
        /* The new manifest may be in place even so: files that nobody names are left to the next writer to remove. */
        writer->poisoned = true;
        rf_manifest_release(&next, allocator);
        return status;
    }
    /* From here on the commit stands. */
    rf_manifest_release(&writer->manifest, allocator);
    writer->manifest = next;
    writer->has_manifest = true;
    writer->rebuild = false;
    rf_generation_close(&writer->generation);
    rf_folder_clean(writer->path, &writer->manifest);
    riffle_error reopened;
    if (rf_generation_open(&writer->generation, writer->path, allocator, &reopened))
        writer->poisoned = true;
    return rf_ok(error);
}
