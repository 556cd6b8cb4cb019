/* SPDX-License-Identifier: BSD-3-Clause */
/* Opening an index for reading, and looking into it without searching: statistics, articles, their fields and text. */
#include "query/index.h"

#include <stddef.h>

#include "text/text.h"

const struct rf_index_field *rf_index_find_field(const riffle_index *index, const char *folded, size_t n)
{
    for (size_t i = 0; i < index->field_count; i++) {
        const struct rf_bytes *name = &index->fields[i].name;
        if (name->length == n && memcmp(name->data, folded, n) == 0)
            return &index->fields[i];
    }
    return NULL;
}

static riffle_status add_column(riffle_index *index, uint32_t segment, uint32_t column, riffle_error *error)
{
    struct rf_bytes name;
    riffle_status status = rf_segment_column_name(index->generation.segments[segment], column, &name, error);
    if (status)
        return status;
    struct rf_buffer folded;
    rf_buffer_init(&folded, &index->allocator);
    rf_fold(&folded, name.data, name.length);
    bool done = false;
    if (folded.failed)
        goto release;
    struct rf_index_field *field = (struct rf_index_field *)rf_index_find_field(index, (const char *)folded.data, folded.size);
    if (!field) {
        char *copy = rf_arena_copy(&index->arena, (const char *)folded.data, folded.size);
        if (!copy || !rf_grow(&index->allocator, (void **)&index->fields, &index->field_capacity, index->field_count + 1,
                              sizeof *index->fields))
            goto release;
        field = &index->fields[index->field_count++];
        *field = (struct rf_index_field){.name = {copy, folded.size}};
    }
    if (!rf_grow(&index->allocator, (void **)&field->columns, &field->column_capacity, field->column_count + 1,
                 sizeof *field->columns))
        goto release;
    field->columns[field->column_count++] = (struct rf_index_column){segment, column};
    done = true;
release:
    rf_buffer_release(&folded);
    return done ? RIFFLE_OK : rf_fail_memory(error);
}

riffle_status riffle_index_open(riffle_index **out, const char *path, const riffle_index_options *options, riffle_error *error)
{
    rf_ok(error);
    if (!out)
        return rf_fail(error, RIFFLE_INVALID, "riffle_index_open: no place for the index");
    *out = NULL;
    if (!path)
        return rf_fail(error, RIFFLE_INVALID, "riffle_index_open: no path");
    const riffle_allocator *allocator = &rf_malloc_allocator;
    size_t has_allocator = offsetof(riffle_index_options, allocator) + sizeof options->allocator;
    if (options && options->size >= has_allocator && options->allocator)
        allocator = options->allocator;
    if (!allocator->allocate || !allocator->resize || !allocator->release)
        return rf_fail(error, RIFFLE_INVALID, "riffle_index_open: an allocator needs all its functions");
    riffle_index *index = rf_alloc_zero(allocator, sizeof *index);
    if (!index)
        return rf_fail_memory(error);
    index->allocator = *allocator;
    rf_arena_init(&index->arena, &index->allocator);
    riffle_status status = rf_generation_open(&index->generation, path, &index->allocator, error);
    if (status) {
        rf_free(allocator, index);
        return status;
    }
    const struct rf_generation *generation = &index->generation;
    index->article_base = rf_arena_array(&index->arena, generation->segment_count + 1, sizeof *index->article_base);
    if (!index->article_base)
        status = rf_fail_memory(error);
    if (!status && generation->settings.analysis_version != RF_ANALYSIS_VERSION)
        status = rf_fail(error, RIFFLE_TOO_NEW, "%s: made with word rules %u, this program has %d; build it again", path,
                         generation->settings.analysis_version, RF_ANALYSIS_VERSION);
    if (!status)
        status = rf_language_open(&index->language, generation->settings.language, &index->allocator, error);
    for (uint32_t s = 0; !status && s < generation->segment_count; s++) {
        const struct rf_segment *segment = generation->segments[s];
        index->article_base[s] = index->articles;
        index->docs += rf_segment_docs(segment);
        index->articles += rf_segment_articles(segment);
        index->length_sum += rf_segment_length_sum(segment);
        for (uint32_t c = 0; !status && c < rf_segment_columns(segment); c++)
            status = add_column(index, s, c, error);
    }
    index->average_length = index->docs ? (double)index->length_sum / (double)index->docs : 0;
    rf_scorer_init(&index->usual_scorer, RF_USUAL_K1, RF_USUAL_B, index->average_length);
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
    for (size_t i = 0; i < index->field_count; i++)
        rf_free(&index->allocator, index->fields[i].columns);
    rf_free(&index->allocator, index->fields);
    rf_language_close(index->language);
    rf_generation_close(&index->generation);
    rf_arena_release(&index->arena);
    riffle_allocator allocator = index->allocator;
    rf_free(&allocator, index);
}

void riffle_index_statistics(const riffle_index *index, riffle_statistics *statistics)
{
    if (!index || !statistics)
        return;
    const struct rf_generation *generation = &index->generation;
    riffle_statistics s = {.size = statistics->size < sizeof s ? statistics->size : sizeof s};
    s.segments = generation->segment_count;
    s.generation = generation->number;
    s.bytes = generation->bytes;
    s.text_bytes = generation->text_bytes;
    s.title_weight = (int)generation->settings.title_weight;
    s.stores_text = generation->settings.store_text;
    s.splits_passages = generation->settings.split_passages;
    memcpy(s.language, generation->settings.language, sizeof s.language - 1);
    s.articles = index->articles;
    s.tokens = index->length_sum;
    for (size_t i = 0; i < generation->segment_count; i++) {
        s.passages += rf_segment_live_docs(generation->segments[i]);
        s.terms += rf_segment_terms(generation->segments[i]);
    }
    memcpy(statistics, &s, s.size);
}

static riffle_status find_id(const riffle_index *index, const char *id, size_t n, bool *found, uint64_t *article,
                             riffle_error *error)
{
    riffle_status status = RIFFLE_OK;
    *found = false;
    for (size_t s = 0; !status && !*found && s < index->generation.segment_count; s++) {
        const struct rf_segment *segment = index->generation.segments[s];
        uint32_t number, first, count;
        status = rf_segment_find_id(segment, id, n, found, &number, error);
        if (status || !*found)
            continue;
        status = rf_segment_article_docs(segment, number, &first, &count, error);
        *found = !status && !rf_segment_deleted(segment, first);
        *article = index->article_base[s] + number;
    }
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
    const char *kept = repaired.size ? (const char *)repaired.data : "";
    bool found = false;
    uint64_t number = 0;
    riffle_status status = repaired.failed ? rf_fail_memory(error) : find_id(index, kept, repaired.size, &found, &number, error);
    rf_buffer_release(&repaired);
    if (status)
        return status;
    if (!found)
        return rf_fail(error, RIFFLE_INVALID, "no article has the id '%.*s'", id_length < 200 ? (int)id_length : 200, id ? id : "");
    *article = number;
    return RIFFLE_OK;
}

/* The segment that holds an article, and its number there. NULL: there is none. */
static const struct rf_segment *segment_of(const riffle_index *index, uint64_t article, uint32_t *number)
{
    if (article >= index->articles)
        return NULL;
    size_t s = index->generation.segment_count - 1;
    while (index->article_base[s] > article)
        s--;
    *number = (uint32_t)(article - index->article_base[s]);
    return index->generation.segments[s];
}

riffle_status riffle_index_field(const riffle_index *index, uint64_t article, const char *name, const char **value, size_t *length,
                                 riffle_error *error)
{
    rf_ok(error);
    if (!index || !name || !value || !length)
        return rf_fail(error, RIFFLE_INVALID, "riffle_index_field: an argument is missing");
    *value = "";
    *length = 0;
    uint32_t number;
    const struct rf_segment *segment = segment_of(index, article, &number);
    if (!segment)
        return rf_fail(error, RIFFLE_INVALID, "there is no article %llu", (unsigned long long)article);
    struct rf_bytes out = {"", 0};
    riffle_status status = RIFFLE_OK;
    size_t n = strlen(name);
    if (strcmp(name, "id") == 0) {
        status = rf_segment_article_id(segment, number, &out, error);
    } else if (strcmp(name, "title") == 0) {
        status = rf_segment_article_title(segment, number, &out, error);
    } else {
        for (uint32_t c = 0; !status && c < rf_segment_columns(segment); c++) {
            struct rf_bytes column;
            status = rf_segment_column_name(segment, c, &column, error);
            if (status || column.length != n || memcmp(column.data, name, n) != 0)
                continue;
            uint32_t which = rf_segment_article_value(segment, c, number);
            if (which)
                status = rf_segment_column_value(segment, c, which - 1, &out, error);
            break;
        }
    }
    if (status)
        return status;
    *value = out.data;
    *length = out.length;
    return RIFFLE_OK;
}

riffle_status riffle_index_text(const riffle_index *index, uint64_t article, char **text, size_t *length, riffle_error *error)
{
    rf_ok(error);
    if (!index || !text || !length)
        return rf_fail(error, RIFFLE_INVALID, "riffle_index_text: an argument is missing");
    *text = NULL;
    *length = 0;
    uint32_t number, first, count, start, end = 0;
    const struct rf_segment *segment = segment_of(index, article, &number);
    if (!segment)
        return rf_fail(error, RIFFLE_INVALID, "there is no article %llu", (unsigned long long)article);
    if (!rf_segment_has_text(segment))
        return RIFFLE_OK;
    riffle_status status = rf_segment_article_docs(segment, number, &first, &count, error);
    if (!status && count)
        status = rf_segment_doc_range(segment, first + count - 1, &start, &end, error);
    if (status)
        return status;
    struct rf_buffer out;
    rf_buffer_init(&out, &index->allocator);
    status = rf_segment_read_text(segment, number, 0, end, &out, error);
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
