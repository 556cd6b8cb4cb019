/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The Xapian engine's articles: as the passages of hits, by number, and by id. */
#include "text/text.h"
#include "xapian/engine_shards.h"

/*
 * An article's number is that of its first passage, less one: its passages follow each other in their shard, so each is as many
 * documents of the whole index further on as there are shards.
 */
static riffle_status article_of(const struct rf_xapian_index *index, uint64_t number, const struct rf_record *record,
                                uint64_t *article, riffle_error *error)
{
    uint64_t before = record->passage * (uint64_t)index->shard_count;
    if (number <= before)
        return rf_fail(error, RIFFLE_CORRUPT, "%s: document %llu cannot be passage %lu of its article", index->name,
                       (unsigned long long)number, (unsigned long)record->passage);
    *article = number - before - 1;
    return RIFFLE_OK;
}

static bool is_equal(const struct rf_bytes *a, const char *b, size_t n)
{
    return a->length == n && (!n || memcmp(a->data, b, n) == 0);
}

static struct rf_bytes field_of(const struct rf_record *record, const char *name)
{
    size_t n = strlen(name);
    if (strcmp(name, "id") == 0)
        return record->id;
    if (strcmp(name, "title") == 0)
        return record->title;
    for (size_t i = 0; i < record->field_count; i++) {
        const riffle_field *field = &record->fields[i];
        if (is_equal(&(struct rf_bytes){field->name, field->name_length}, name, n))
            return (struct rf_bytes){field->value, field->value_length};
    }
    return (struct rf_bytes){"", 0};
}

/* ---- Hits: everything is in their records ---- */

riffle_status rf_xapian_describe(void *store, const struct rf_hit *hit, struct rf_passage_facts *facts, riffle_error *error)
{
    const struct rf_record *record = hit->record;
    *facts = (struct rf_passage_facts){.ordinal = record->passage,
                                       .passages = record->passages,
                                       .start = record->start,
                                       .length = record->length,
                                       .id = record->id,
                                       .title = record->title};
    return article_of(store, hit->doc, record, &facts->article, error);
}

riffle_status rf_xapian_passage_text(void *store, const struct rf_hit *hit, struct rf_buffer *text, riffle_error *error)
{
    const struct rf_record *record = hit->record;
    (void)store;
    rf_buffer_append(text, record->text.data, record->text.length);
    return rf_ok(error);
}

riffle_status rf_xapian_hit_field(void *store, const struct rf_hit *hit, const char *name, struct rf_bytes *value,
                                  riffle_error *error)
{
    (void)store;
    *value = field_of(hit->record, name);
    return rf_ok(error);
}

riffle_status rf_xapian_accepts(void *store, const struct rf_hit *hit, const struct rf_filter *filter, bool *accepts,
                                riffle_error *error)
{
    const struct rf_xapian_index *index = store;
    const struct rf_record *record = hit->record;
    if (filter->kind == RF_FILTER_ID) {
        *accepts = rf_filter_fits(filter, &record->id);
        return rf_ok(error);
    }
    struct rf_buffer folded;
    rf_buffer_init(&folded, &index->allocator);
    *accepts = false;
    for (size_t i = 0; !*accepts && i < record->field_count; i++) {
        const riffle_field *field = &record->fields[i];
        folded.size = 0;
        rf_fold(&folded, field->name, field->name_length);
        if (folded.failed || !is_equal(&filter->name, (const char *)folded.data, folded.size))
            continue;
        folded.size = 0;
        rf_fold(&folded, field->value, field->value_length);
        struct rf_bytes value = {(const char *)folded.data, folded.size};
        *accepts = !folded.failed && rf_filter_fits(filter, &value);
    }
    bool failed = folded.failed;
    rf_buffer_release(&folded);
    return failed ? rf_fail_memory(error) : rf_ok(error);
}

/* ---- Documents ---- */

/* The record of a document by its number inside the handle. *found is false where there is no such document. */
static riffle_status read_record(struct rf_xapian_handle *handle, uint64_t number, struct rf_record *record, bool *found,
                                 struct rf_arena *arena, riffle_error *error)
{
    rx_document *document = NULL;
    rx_string data = {0};
    rx_error failure;
    *found = false;
    if (!number || number > UINT32_MAX)
        return RIFFLE_OK;
    rx_status status = rx_document_get(handle->database, (rx_docid)number, &document, &failure);
    if (!status)
        status = rx_document_data(document, &data, &failure);
    rx_document_free(document);
    if (status)
        return status == RX_DOC_NOT_FOUND ? RIFFLE_OK : rf_xapian_handle_fail(handle, &failure, error);
    *found = true;
    riffle_status read = rf_record_read(record, data.bytes, data.length, (rx_docid)number, arena, error);
    rx_string_free(&data);
    return read;
}

/* The record of an article's first passage, and the number of that inside the handle. */
static riffle_status read_first(struct rf_xapian_handle *handle, uint64_t article, uint64_t *number, struct rf_record *record,
                                struct rf_arena *arena, riffle_error *error)
{
    bool found = false;
    riffle_status status = RIFFLE_OK;
    *number = 0;
    if (article < UINT32_MAX)
        status = rf_xapian_number_inside(handle, article + 1, number, error);
    if (!status)
        status = read_record(handle, *number, record, &found, arena, error);
    if (!status && (!found || record->passage))
        status = rf_fail(error, RIFFLE_INVALID, "there is no article %llu", (unsigned long long)article);
    return status;
}

/* ---- Articles ---- */

struct wanted_id {
    const struct rf_bytes *id;
    bool *found;
    uint64_t *article;
};

/* The term of an id may be that of another long one, too: the record decides. */
static riffle_status find_id(struct rf_xapian_handle *handle, void *context, riffle_error *error)
{
    const struct wanted_id *wanted = context;
    char term[RF_TERM_BYTES];
    size_t n = rf_xapian_id_term(wanted->id, term), count = 1;
    rx_posting posting = {0};
    riffle_status status = RIFFLE_OK;
    *wanted->found = false;
    while (!status && !*wanted->found && posting.docid < UINT32_MAX) {
        rx_error failure;
        if (rx_postings(handle->database, term, n, posting.docid + 1, &posting, 1, &count, &failure))
            return rf_xapian_handle_fail(handle, &failure, error);
        if (!count)
            break;
        struct rf_arena arena;
        struct rf_record record;
        bool found;
        rf_arena_init(&arena, rf_xapian_allocator(handle->index));
        status = read_record(handle, posting.docid, &record, &found, &arena, error);
        if (!status && found && is_equal(&record.id, wanted->id->data, wanted->id->length)) {
            *wanted->found = true;
            status = article_of(handle->index, rf_xapian_number_outside(handle, posting.docid), &record, wanted->article, error);
        }
        rf_arena_release(&arena);
    }
    return status ? status : rf_ok(error);
}

riffle_status rf_xapian_find_article(void *store, const struct rf_bytes *id, bool *found, uint64_t *article, riffle_error *error)
{
    struct wanted_id wanted = {id, found, article};
    return rf_xapian_ask(store, find_id, &wanted, error);
}

struct wanted_field {
    uint64_t article;
    const char *name;
    struct rf_bytes *value;
};

static riffle_status keep(struct rf_xapian_index *index, const struct rf_bytes *value, struct rf_bytes *out, riffle_error *error)
{
    *out = (struct rf_bytes){"", 0};
    if (!value->length)
        return rf_ok(error);
    pthread_mutex_lock(&index->mutex);
    const char *copy = rf_arena_copy(&index->kept, value->data, value->length);
    pthread_mutex_unlock(&index->mutex);
    if (!copy)
        return rf_fail_memory(error);
    *out = (struct rf_bytes){copy, value->length};
    return rf_ok(error);
}

static riffle_status read_field(struct rf_xapian_handle *handle, void *context, riffle_error *error)
{
    const struct wanted_field *wanted = context;
    struct rf_arena arena;
    struct rf_record record;
    uint64_t number;
    rf_arena_init(&arena, rf_xapian_allocator(handle->index));
    riffle_status status = read_first(handle, wanted->article, &number, &record, &arena, error);
    if (!status) {
        struct rf_bytes value = field_of(&record, wanted->name);
        status = keep(handle->index, &value, wanted->value, error);
    }
    rf_arena_release(&arena);
    return status;
}

riffle_status rf_xapian_article_field(void *store, uint64_t article, const char *name, struct rf_bytes *value, riffle_error *error)
{
    struct wanted_field wanted = {article, name, value};
    return rf_xapian_ask(store, read_field, &wanted, error);
}

struct wanted_text {
    uint64_t article;
    struct rf_buffer *text;
};

/* Appends the text of a further passage of the article, which has to be where the one before it ends. */
static riffle_status read_passage(struct rf_xapian_handle *handle, const struct rf_record *first, uint64_t number, uint32_t passage,
                                  struct rf_buffer *text, riffle_error *error)
{
    struct rf_arena arena;
    struct rf_record record;
    bool found;
    rf_arena_init(&arena, rf_xapian_allocator(handle->index));
    riffle_status status = read_record(handle, number, &record, &found, &arena, error);
    if (!status && (!found || record.passage != passage || record.start != text->size ||
                    !is_equal(&record.id, first->id.data, first->id.length)))
        status = rf_fail(error, RIFFLE_CORRUPT, "%s: document %llu is not passage %lu of the article '%.*s'", handle->index->name,
                         (unsigned long long)number, (unsigned long)passage, first->id.length < 200 ? (int)first->id.length : 200,
                         first->id.data);
    if (!status)
        rf_buffer_append(text, record.text.data, record.text.length);
    rf_arena_release(&arena);
    return !status && text->failed ? rf_fail_memory(error) : status;
}

static riffle_status read_text(struct rf_xapian_handle *handle, void *context, riffle_error *error)
{
    const struct wanted_text *wanted = context;
    struct rf_arena arena;
    struct rf_record first;
    uint64_t number;
    wanted->text->size = 0;
    rf_arena_init(&arena, rf_xapian_allocator(handle->index));
    riffle_status status = read_first(handle, wanted->article, &number, &first, &arena, error);
    if (!status && first.has_text)
        rf_buffer_append(wanted->text, first.text.data, first.text.length);
    if (!status && wanted->text->failed)
        status = rf_fail_memory(error);
    for (uint32_t i = 1; !status && first.has_text && i < first.passages; i++)
        status = read_passage(handle, &first, number + (uint64_t)i * handle->shards, i, wanted->text, error);
    rf_arena_release(&arena);
    return status ? status : rf_ok(error);
}

/* `text` is empty before. */
riffle_status rf_xapian_article_text(void *store, uint64_t article, struct rf_buffer *text, riffle_error *error)
{
    struct wanted_text wanted = {article, text};
    return rf_xapian_ask(store, read_text, &wanted, error);
}
