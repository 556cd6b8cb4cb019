/* SPDX-License-Identifier: BSD-3-Clause */
/* Building by the public writer, and by the session behind it where the writer's budget is never so small. */
#include "indexes.h"

#include <stdio.h>
#include <sys/stat.h>

#include "indexer/session.h"
#include "tests/support/folders.h"

const char *const way_names[WAYS] = {"one commit", "several commits", "runs", "rebuild"};

static size_t fields_of(const struct article *article, riffle_field *fields)
{
    for (size_t i = 0; i < article->field_count; i++)
        fields[i] = (riffle_field){article->names[i], strlen(article->names[i]), article->values[i], strlen(article->values[i])};
    return article->field_count;
}

void index_article(struct index_article *out, const struct article *article)
{
    out->article = (riffle_article){.id = article->id,
                                    .id_length = strlen(article->id),
                                    .title = article->title,
                                    .title_length = strlen(article->title),
                                    .text = article->text,
                                    .text_length = strlen(article->text),
                                    .fields = out->fields,
                                    .field_count = fields_of(article, out->fields)};
}

riffle_status index_writer(riffle_writer **writer, const char *folder, const struct documents *documents, const char *engine,
                           bool rebuild, riffle_error *error)
{
    riffle_writer_options options = RIFFLE_WRITER_OPTIONS_INIT;
    options.language = documents->language;
    options.title_weight = documents->title_weight;
    options.passages = documents->split ? RIFFLE_PASSAGES_SPLIT : RIFFLE_PASSAGES_NONE;
    options.store = documents->store ? RIFFLE_STORE_TEXT : RIFFLE_STORE_NONE;
    options.rebuild = rebuild;
    options.engine = engine;
    return riffle_writer_open(writer, folder, &options, error);
}

/* Articles [first, end). */
static riffle_status add(riffle_writer *writer, const struct documents *documents, size_t first, size_t end, riffle_error *error)
{
    riffle_status status = RIFFLE_OK;
    for (size_t i = first; !status && i < end; i++) {
        struct index_article in;
        index_article(&in, &documents->articles[i]);
        status = riffle_writer_add(writer, &in.article, error);
    }
    return status;
}

static riffle_status make_by_writer(const char *folder, const struct documents *documents, const char *engine, enum way way,
                                    struct random *random, riffle_error *error)
{
    size_t commits = way == WAY_COMMITS ? 2 + random_below(random, 6) : 1, done = 0;
    riffle_writer *writer = NULL;
    riffle_status status = RIFFLE_OK;
    if (way == WAY_REBUILD) {
        status = index_writer(&writer, folder, documents, engine, false, error);
        if (!status)
            status = add(writer, documents, 0, 1 + random_below(random, documents->count), error);
        if (!status)
            status = riffle_writer_commit(writer, error);
        riffle_writer_close(writer);
        writer = NULL;
    }
    for (size_t commit = 0; !status && commit < commits; commit++) {
        size_t end = commit + 1 == commits ? documents->count : done + random_below(random, documents->count - done + 1);
        if (!writer)
            status = index_writer(&writer, folder, documents, engine, way == WAY_REBUILD, error);
        if (!status)
            status = add(writer, documents, done, end, error);
        if (!status)
            status = riffle_writer_commit(writer, error);
        done = end;
        if (chance(random, 30)) {
            riffle_writer_close(writer);
            writer = NULL;
        }
    }
    riffle_writer_close(writer);
    return status;
}

/* Flushes a run after some of the articles, or after each. */
static riffle_status add_in_runs(struct rf_session *session, const struct documents *documents, struct random *random,
                                 riffle_error *error)
{
    unsigned percent = chance(random, 30) && documents->count < 100 ? 100 : 1 + (unsigned)random_below(random, 20);
    struct rf_buffer title, text, scratch;
    riffle_status status = RIFFLE_OK;
    rf_buffer_init(&title, &rf_malloc_allocator);
    rf_buffer_init(&text, &rf_malloc_allocator);
    rf_buffer_init(&scratch, &rf_malloc_allocator);
    for (size_t i = 0; !status && i < documents->count; i++) {
        const struct article *article = &documents->articles[i];
        riffle_field fields[FIELDS_MAX];
        size_t field_count = fields_of(article, fields), starts[FIELDS_MAX];
        title.size = text.size = scratch.size = 0;
        rf_utf8_repair(&title, article->title, strlen(article->title));
        rf_utf8_repair(&text, article->text, strlen(article->text));
        for (size_t f = 0; f < field_count; f++) {
            starts[f] = scratch.size;
            rf_utf8_repair(&scratch, fields[f].value, fields[f].value_length);
            fields[f].value_length = scratch.size - starts[f];
        }
        for (size_t f = 0; f < field_count; f++)
            fields[f].value = (const char *)scratch.data + starts[f];
        session->memory = chance(random, percent) ? 1 : UINT64_MAX;
        const struct rf_bytes id = {article->kept_id, strlen(article->kept_id)},
                              title_bytes = {(const char *)title.data, title.size};
        status =
            rf_session_add(session, &id, &title_bytes, (const char *)text.data, (uint32_t)text.size, fields, field_count, error);
    }
    rf_buffer_release(&scratch);
    rf_buffer_release(&text);
    rf_buffer_release(&title);
    return status;
}

static riffle_status make_by_runs(const char *folder, const struct documents *documents, struct random *random, riffle_error *error)
{
    struct rf_language *language;
    struct rf_session session;
    struct rf_segment_entry entry;
    struct rf_manifest manifest = {.generation = 1,
                                   .settings = {.analysis_version = RF_ANALYSIS_VERSION,
                                                .title_weight = (uint32_t)documents->title_weight,
                                                .store_text = documents->store,
                                                .split_passages = documents->split},
                                   .segments = &entry,
                                   .segment_count = 1};
    uint32_t next_number = 1;
    if (mkdir(folder, 0777) != 0)
        return rf_fail_errno(error, "cannot make folder", folder);
    riffle_status status = rf_language_open(&language, documents->language, &rf_malloc_allocator, error);
    if (status)
        return status;
    snprintf(manifest.settings.language, sizeof manifest.settings.language, "%s", documents->language);
    rf_session_init(&session, &rf_malloc_allocator, folder, &manifest.settings, UINT64_MAX, &next_number);
    status = add_in_runs(&session, documents, random, error);
    if (!status)
        status = rf_session_finish(&session, language, &entry, error);
    rf_session_release(&session);
    manifest.next_segment = next_number;
    if (!status)
        status = rf_manifest_write(&manifest, folder, &rf_malloc_allocator, error);
    rf_language_close(language);
    return status;
}

riffle_status index_make(const char *folder, const struct documents *documents, const char *engine, enum way way, uint64_t seed,
                         riffle_error *error)
{
    struct random random = {seed};
    folder_remove(folder);
    return way == WAY_RUNS ? make_by_runs(folder, documents, &random, error)
                           : make_by_writer(folder, documents, engine, way, &random, error);
}

bool index_same_bytes(const char *folder, const char *other)
{
    struct rf_manifest a, b;
    bool found;
    bool same = rf_manifest_read(&a, folder, &found, &rf_malloc_allocator, NULL) == RIFFLE_OK;
    same = rf_manifest_read(&b, other, &found, &rf_malloc_allocator, NULL) == RIFFLE_OK && same;
    same = same && a.segment_count == 1 && b.segment_count == 1;
    for (int i = 0; same && i < RF_FILES; i++)
        same = a.segments[0].size[i] == b.segments[0].size[i] && a.segments[0].checksum[i] == b.segments[0].checksum[i];
    rf_manifest_release(&a, &rf_malloc_allocator);
    rf_manifest_release(&b, &rf_malloc_allocator);
    return same;
}
