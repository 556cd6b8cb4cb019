/* SPDX-License-Identifier: BSD-3-Clause */
/* Writing the articles file of a segment; docs/FORMAT.md has the bytes. */
#include <stdlib.h>

#include "store/articles.h"
#include "store/codec.h"

static void fail_memory(struct rf_articles_writer *writer)
{
    if (!writer->error.status)
        rf_fail_memory(&writer->error);
}

riffle_status rf_articles_create(struct rf_articles_writer *writer, const char *folder, uint32_t number, bool store_text,
                                 const riffle_allocator *allocator, riffle_error *error)
{
    memset(writer, 0, sizeof *writer);
    writer->allocator = allocator;
    writer->store_text = store_text;
    struct rf_buffer *buffers[] = {&writer->lengths,      &writer->starts,     &writer->firsts,     &writer->offsets,
                                   &writer->ids,          &writer->record,     &writer->id_offsets, &writer->text_articles,
                                   &writer->pending_text, &writer->text_index, &writer->deflated};
    for (size_t i = 0; i < sizeof buffers / sizeof *buffers; i++)
        rf_buffer_init(buffers[i], allocator);
    char *path = rf_segment_path(allocator, folder, number, rf_file_suffix[RF_FILE_ARTICLES]);
    riffle_status status =
        path ? rf_container_create(&writer->file, path, RF_KIND_ARTICLES, allocator, error) : rf_fail_memory(error);
    rf_free(allocator, path);
    if (!status) {
        rf_container_section(&writer->file, RF_SECTION_ARTICLES);
        if (store_text) {
            path = rf_segment_path(allocator, folder, number, rf_file_suffix[RF_FILE_TEXT]);
            status = path ? rf_text_create(writer, path, error) : rf_fail_memory(error);
            rf_free(allocator, path);
        }
    }
    if (status)
        rf_articles_release(writer, true);
    return status;
}

/* ---- Ids ---- */

static struct rf_bytes id_of(const struct rf_articles_writer *writer, uint32_t article)
{
    uint64_t start = rf_load64(writer->id_offsets.data + 8 * (size_t)article), end = writer->ids.size;
    if (article + 1 < writer->articles)
        end = rf_load64(writer->id_offsets.data + 8 * (size_t)(article + 1));
    return (struct rf_bytes){(const char *)writer->ids.data + start, (size_t)(end - start)};
}

/* Where the id is in the table, or the empty place where it belongs. */
static uint32_t *id_slot(const struct rf_articles_writer *writer, const char *id, size_t n)
{
    uint32_t mask = writer->table_size - 1;
    for (uint32_t at = (uint32_t)rf_hash(id, n) & mask;; at = (at + 1) & mask) {
        uint32_t *slot = &writer->table[at];
        if (!*slot)
            return slot;
        struct rf_bytes other = id_of(writer, *slot - 1);
        if (rf_compare(other.data, other.length, id, n) == 0)
            return slot;
    }
}

bool rf_articles_has(const struct rf_articles_writer *writer, const char *id, size_t n)
{
    return writer->articles && *id_slot(writer, id, n);
}

/* Doubles a table of 1 + number entries before it is half full; `rehash` puts the old entries in again. */
static bool grow_table(const riffle_allocator *allocator, uint32_t **table, uint32_t *size, uint32_t used)
{
    if (*size && used < *size / 2)
        return true;
    uint32_t grown = *size ? *size * 2 : 64;
    if (grown < *size)
        return false;
    uint32_t *fresh = rf_alloc_zero(allocator, (size_t)grown * sizeof *fresh);
    if (!fresh)
        return false;
    rf_free(allocator, *table);
    *table = fresh;
    *size = grown;
    return true;
}

static bool enter_id(struct rf_articles_writer *writer, const struct rf_bytes *id)
{
    uint32_t size = writer->table_size;
    if (!grow_table(writer->allocator, &writer->table, &writer->table_size, writer->articles))
        return false;
    if (writer->table_size != size)
        for (uint32_t i = 0; i < writer->articles; i++) {
            struct rf_bytes old = id_of(writer, i);
            *id_slot(writer, old.data, old.length) = i + 1;
        }
    uint32_t *slot = id_slot(writer, id->data, id->length);
    rf_buffer_append_u64(&writer->id_offsets, writer->ids.size);
    rf_buffer_append(&writer->ids, id->data, id->length);
    if (writer->ids.failed || writer->id_offsets.failed)
        return false;
    *slot = ++writer->articles;
    return true;
}

/* ---- Columns ---- */

static struct rf_bytes column_value(const struct rf_column_builder *column, uint32_t value)
{
    uint32_t start = rf_load32(column->offsets.data + 4 * (size_t)value);
    uint32_t end =
        value + 1 < column->values ? rf_load32(column->offsets.data + 4 * (size_t)(value + 1)) : (uint32_t)column->bytes.size;
    return (struct rf_bytes){(const char *)column->bytes.data + start, end - start};
}

static uint32_t *value_slot(const struct rf_column_builder *column, const char *value, size_t n)
{
    uint32_t mask = column->table_size - 1;
    for (uint32_t at = (uint32_t)rf_hash(value, n) & mask;; at = (at + 1) & mask) {
        uint32_t *slot = &column->table[at];
        if (!*slot)
            return slot;
        struct rf_bytes other = column_value(column, *slot - 1);
        if (rf_compare(other.data, other.length, value, n) == 0)
            return slot;
    }
}

static struct rf_column_builder *known_column(const struct rf_articles_writer *writer, const char *name, size_t n)
{
    for (size_t i = 0; i < writer->column_count; i++)
        if (rf_compare(writer->columns[i].name.data, writer->columns[i].name.size, name, n) == 0)
            return &writer->columns[i];
    return NULL;
}

bool rf_articles_has_room(const struct rf_articles_writer *writer, const riffle_field *fields, size_t field_count)
{
    size_t fresh = 0;
    for (size_t i = 0; i < field_count && writer->column_count + field_count > RF_COLUMNS_MAX; i++)
        fresh += !known_column(writer, fields[i].name, fields[i].name_length);
    return writer->column_count + fresh <= RF_COLUMNS_MAX;
}

/* The column of that name, made if need be; NULL: it cannot be made. */
static struct rf_column_builder *find_column(struct rf_articles_writer *writer, const char *name, size_t n)
{
    struct rf_column_builder *known = known_column(writer, name, n);
    if (known)
        return known;
    void *columns = writer->columns;
    if (writer->column_count == RF_COLUMNS_MAX) {
        rf_fail(&writer->error, RIFFLE_TOO_LARGE, "more than %d different metadata fields", RF_COLUMNS_MAX);
        return NULL;
    }
    if (!rf_grow(writer->allocator, &columns, &writer->column_capacity, writer->column_count + 1, sizeof *writer->columns))
        return NULL;
    writer->columns = columns;
    struct rf_column_builder *column = &writer->columns[writer->column_count++];
    *column = (struct rf_column_builder){0};
    rf_buffer_init(&column->name, writer->allocator);
    rf_buffer_init(&column->bytes, writer->allocator);
    rf_buffer_init(&column->offsets, writer->allocator);
    rf_buffer_init(&column->codes, writer->allocator);
    rf_buffer_append(&column->name, name, n);
    return column->name.failed ? NULL : column;
}

/* Codes of a column are written up to the last article that has a value; the rest is filled in at the end. */
static bool fill_codes(struct rf_column_builder *column, uint32_t articles)
{
    size_t wanted = (size_t)articles * 4, missing = wanted - column->codes.size;
    uint8_t *p = rf_buffer_reserve(&column->codes, missing);
    if (!p)
        return false;
    memset(p, 0, missing);
    column->codes.size = wanted;
    return true;
}

static bool set_field(struct rf_articles_writer *writer, const riffle_field *field)
{
    if (!field->value_length || !field->name_length)
        return true;
    struct rf_column_builder *column = find_column(writer, field->name, field->name_length);
    uint32_t article = writer->articles - 1, size;
    if (!column || column->codes.size == (size_t)writer->articles * 4)
        return column != NULL; /* given twice: the first value stays */
    size = column->table_size;
    if (!grow_table(writer->allocator, &column->table, &column->table_size, column->values))
        return false;
    if (column->table_size != size)
        for (uint32_t i = 0; i < column->values; i++) {
            struct rf_bytes old = column_value(column, i);
            *value_slot(column, old.data, old.length) = i + 1;
        }
    uint32_t *slot = value_slot(column, field->value, field->value_length);
    if (!*slot) {
        if (column->bytes.size + field->value_length > UINT32_MAX) {
            rf_fail(&writer->error, RIFFLE_TOO_LARGE, "the values of field \"%.*s\" pass 4 GiB", (int)field->name_length,
                    field->name);
            return false;
        }
        rf_buffer_append_u32(&column->offsets, (uint32_t)column->bytes.size);
        rf_buffer_append(&column->bytes, field->value, field->value_length);
        if (column->offsets.failed || column->bytes.failed)
            return false;
        *slot = ++column->values;
    }
    if (!fill_codes(column, article))
        return false;
    rf_buffer_append_u32(&column->codes, *slot);
    return !column->codes.failed;
}

void rf_articles_add(struct rf_articles_writer *writer, const struct rf_bytes *id, const struct rf_bytes *title, const char *text,
                     uint32_t text_length, const riffle_field *fields, size_t field_count)
{
    /* A full disk is told now, and not after all that is still to come. */
    if (!writer->error.status)
        writer->error = writer->file.output.error;
    if (!writer->error.status && writer->store_text)
        writer->error = writer->text.output.error;
    if (writer->error.status)
        return;
    rf_buffer_append_u64(&writer->offsets, rf_container_section_size(&writer->file));
    rf_buffer_append_u32(&writer->firsts, writer->docs);
    struct rf_buffer *record = &writer->record;
    record->size = 0;
    rf_buffer_append_varint(record, id->length);
    rf_buffer_append(record, id->data, id->length);
    rf_buffer_append_varint(record, title->length);
    rf_buffer_append(record, title->data, title->length);
    rf_buffer_append_varint(record, text_length);
    if (record->failed || writer->offsets.failed || writer->firsts.failed || !enter_id(writer, id)) {
        fail_memory(writer);
        return;
    }
    rf_output_append(&writer->file.output, record->data, record->size);
    for (size_t i = 0; i < field_count; i++)
        if (!set_field(writer, &fields[i]))
            fail_memory(writer);
    if (writer->store_text)
        rf_text_add(writer, text, text_length);
}

void rf_articles_add_doc(struct rf_articles_writer *writer, uint32_t start, uint64_t length)
{
    uint8_t code = rf_length_encode(length);
    rf_buffer_append_byte(&writer->lengths, code);
    rf_buffer_append_u32(&writer->starts, start);
    writer->length_sum += rf_length_decode(code);
    writer->docs++;
    if (writer->lengths.failed || writer->starts.failed)
        fail_memory(writer);
}

size_t rf_articles_memory(const struct rf_articles_writer *writer)
{
    size_t bytes = writer->lengths.capacity + writer->starts.capacity + writer->firsts.capacity + writer->offsets.capacity +
                   writer->ids.capacity + writer->id_offsets.capacity + writer->text_articles.capacity +
                   writer->text_index.capacity + writer->table_size * sizeof *writer->table;
    for (size_t i = 0; i < writer->column_count; i++) {
        const struct rf_column_builder *column = &writer->columns[i];
        bytes +=
            column->bytes.capacity + column->offsets.capacity + column->codes.capacity + column->table_size * sizeof *column->table;
    }
    return bytes;
}

/* ---- The end ---- */

static int compare_ids(const void *a, const void *b, void *context)
{
    struct rf_bytes x = id_of(context, *(const uint32_t *)a), y = id_of(context, *(const uint32_t *)b);
    return rf_compare(x.data, x.length, y.data, y.length);
}

static int compare_values(const void *a, const void *b, void *context)
{
    struct rf_bytes x = column_value(context, *(const uint32_t *)a), y = column_value(context, *(const uint32_t *)b);
    return rf_compare(x.data, x.length, y.data, y.length);
}

static int compare_columns(const void *a, const void *b)
{
    const struct rf_column_builder *x = a, *y = b;
    return rf_compare(x->name.data, x->name.size, y->name.data, y->name.size);
}

/* 0, 1, ... in the order that `compare` gives. NULL: no memory. */
static uint32_t *sorted_order(const riffle_allocator *allocator, uint32_t count, int (*compare)(const void *, const void *, void *),
                              void *context)
{
    uint32_t *order = rf_alloc(allocator, (size_t)count * sizeof *order);
    for (uint32_t i = 0; order && i < count; i++)
        order[i] = i;
    if (order && count)
        qsort_r(order, count, sizeof *order, compare, context);
    return order;
}

static void put_column(struct rf_articles_writer *writer, struct rf_column_builder *column)
{
    struct rf_output *output = &writer->file.output;
    uint32_t *order = sorted_order(writer->allocator, column->values, compare_values, column);
    uint32_t *rank = rf_alloc(writer->allocator, ((size_t)column->values + 1) * sizeof *rank);
    if (!order || !rank || !fill_codes(column, writer->articles)) {
        fail_memory(writer);
    } else {
        rf_output_append_u32(output, (uint32_t)column->name.size);
        rf_output_append_u32(output, column->values);
        rf_output_append_u64(output, column->bytes.size);
        rf_output_append(output, column->name.data, column->name.size);
        rf_output_align(output, 8);
        uint32_t offset = 0;
        rank[0] = 0;
        for (uint32_t i = 0; i < column->values; i++) {
            rank[1 + order[i]] = 1 + i;
            rf_output_append_u32(output, offset);
            offset += (uint32_t)column_value(column, order[i]).length;
        }
        rf_output_append_u32(output, offset);
        rf_output_align(output, 8);
        for (uint32_t i = 0; i < column->values; i++) {
            struct rf_bytes value = column_value(column, order[i]);
            rf_output_append(output, value.data, value.length);
        }
        rf_output_align(output, 8);
        for (uint32_t i = 0; i < writer->articles; i++)
            rf_output_append_u32(output, rank[rf_load32(column->codes.data + 4 * (size_t)i)]);
        rf_output_align(output, 8);
    }
    rf_free(writer->allocator, order);
    rf_free(writer->allocator, rank);
}

static void put_sections(struct rf_articles_writer *writer)
{
    struct rf_container_writer *file = &writer->file;
    struct rf_output *output = &file->output;
    rf_buffer_append_u64(&writer->offsets, rf_container_section_size(file));
    rf_buffer_append_u32(&writer->firsts, writer->docs);
    uint32_t *order = sorted_order(writer->allocator, writer->articles, compare_ids, writer);
    if (!order || writer->offsets.failed || writer->firsts.failed) {
        rf_free(writer->allocator, order);
        fail_memory(writer);
        return;
    }
    rf_container_section(file, RF_SECTION_OFFSETS);
    rf_output_append(output, writer->offsets.data, writer->offsets.size);
    rf_container_section(file, RF_SECTION_FIRSTS);
    rf_output_append(output, writer->firsts.data, writer->firsts.size);
    rf_container_section(file, RF_SECTION_STARTS);
    rf_output_append(output, writer->starts.data, writer->starts.size);
    rf_container_section(file, RF_SECTION_LENGTHS);
    rf_output_append(output, writer->lengths.data, writer->lengths.size);
    rf_container_section(file, RF_SECTION_IDS);
    for (uint32_t i = 0; i < writer->articles; i++)
        rf_output_append_u32(output, order[i]);
    rf_free(writer->allocator, order);
    rf_container_section(file, RF_SECTION_COLUMNS);
    if (writer->column_count)
        qsort(writer->columns, writer->column_count, sizeof *writer->columns, compare_columns);
    for (size_t i = 0; i < writer->column_count; i++)
        put_column(writer, &writer->columns[i]);
    rf_container_section(file, RF_SECTION_FACTS);
    rf_output_append_u32(output, writer->docs);
    rf_output_append_u32(output, writer->articles);
    rf_output_append_u64(output, writer->length_sum);
    rf_output_append_u32(output, (uint32_t)writer->column_count);
    rf_output_append_u32(output, writer->store_text);
}

riffle_status rf_articles_finish(struct rf_articles_writer *writer, struct rf_segment_entry *entry, riffle_error *error)
{
    if (!writer->error.status)
        put_sections(writer);
    if (writer->error.status) {
        if (error)
            *error = writer->error;
        return writer->error.status;
    }
    entry->docs = writer->docs;
    entry->articles = writer->articles;
    riffle_status status = rf_container_finish(&writer->file, error);
    entry->size[RF_FILE_ARTICLES] = writer->file.size;
    entry->checksum[RF_FILE_ARTICLES] = writer->file.checksum;
    if (!status && writer->store_text) {
        status = rf_text_finish(writer, error);
        entry->size[RF_FILE_TEXT] = writer->text.size;
        entry->checksum[RF_FILE_TEXT] = writer->text.checksum;
    }
    return status;
}

void rf_articles_release(struct rf_articles_writer *writer, bool remove)
{
    if (!writer->allocator)
        return;
    rf_container_release(&writer->file, remove);
    rf_text_release(writer, remove);
    struct rf_buffer *buffers[] = {&writer->lengths,      &writer->starts,     &writer->firsts,     &writer->offsets,
                                   &writer->ids,          &writer->record,     &writer->id_offsets, &writer->text_articles,
                                   &writer->pending_text, &writer->text_index, &writer->deflated};
    for (size_t i = 0; i < sizeof buffers / sizeof *buffers; i++)
        rf_buffer_release(buffers[i]);
    for (size_t i = 0; i < writer->column_count; i++) {
        struct rf_column_builder *column = &writer->columns[i];
        rf_buffer_release(&column->name);
        rf_buffer_release(&column->bytes);
        rf_buffer_release(&column->offsets);
        rf_buffer_release(&column->codes);
        rf_free(writer->allocator, column->table);
    }
    rf_free(writer->allocator, writer->columns);
    rf_free(writer->allocator, writer->table);
    writer->allocator = NULL;
}
