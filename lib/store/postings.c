/* SPDX-License-Identifier: BSD-3-Clause */
/* Writing postings; postings.h. The bytes are pictured in cursor.c and docs/FORMAT.md. */
#include "store/postings.h"

static bool failed(const struct rf_postings_writer *writer) { return writer->error.status != RIFFLE_OK; }

static riffle_status create(struct rf_container_writer *file, const char *folder, uint32_t number, unsigned which, const char *kind,
                            const riffle_allocator *allocator, riffle_error *error)
{
    char *path = rf_segment_path(allocator, folder, number, rf_file_suffix[which]);
    riffle_status status = path ? rf_container_create(file, path, kind, allocator, error) : rf_fail_memory(error);
    rf_free(allocator, path);
    return status;
}

riffle_status rf_postings_create(struct rf_postings_writer *writer, const char *folder, uint32_t number, const uint8_t *lengths,
                                 const riffle_allocator *allocator, riffle_error *error)
{
    memset(writer, 0, sizeof *writer);
    writer->allocator = allocator;
    writer->lengths = lengths;
    rf_buffer_init(&writer->records, allocator);
    rf_buffer_init(&writer->blocks, allocator);
    char *path = rf_segment_path(allocator, folder, number, rf_file_suffix[RF_FILE_TERMS]);
    riffle_status status = path ? rf_dictionary_create(&writer->dictionary, path, allocator, error) : rf_fail_memory(error);
    rf_free(allocator, path);
    if (!status)
        status = create(&writer->docs, folder, number, RF_FILE_DOCS, RF_KIND_DOCS, allocator, error);
    if (!status)
        status = create(&writer->positions, folder, number, RF_FILE_POSITIONS, RF_KIND_POSITIONS, allocator, error);
    if (status) {
        rf_postings_release(writer, true);
        return status;
    }
    rf_container_section(&writer->docs, RF_SECTION_DOCS);
    rf_container_section(&writer->positions, RF_SECTION_POSITIONS);
    return RIFFLE_OK;
}

void rf_postings_set_temporary(struct rf_postings_writer *writer, bool temporary)
{
    writer->dictionary.file.output.temporary = writer->docs.output.temporary = writer->positions.output.temporary = temporary;
}

void rf_postings_begin(struct rf_postings_writer *writer, const char *term, size_t n, bool has_positions)
{
    memcpy(writer->term, term, n);
    writer->term_length = n;
    writer->info = (struct rf_term){.has_positions = has_positions};
    writer->info.docs_at = rf_container_section_size(&writer->docs);
    writer->info.positions_at = rf_container_section_size(&writer->positions);
    writer->base = writer->block_base = 0;
    writer->records.size = writer->blocks.size = 0;
    writer->count = writer->position_count = 0;
    writer->record_position = 0;
    writer->record_skip = 0;
}

/* ---- Positions ---- */

void rf_postings_flush_positions(struct rf_postings_writer *writer)
{
    uint8_t bytes[RF_PACKED_MAX + 2], *out = bytes;
    uint32_t n = writer->position_count;
    bool exceptions;
    unsigned width = rf_choose_width(writer->position_values, n, &exceptions);
    *out++ = (uint8_t)(width | (exceptions ? 64 : 0) | (n < RF_BLOCK ? 128 : 0));
    if (n < RF_BLOCK)
        *out++ = (uint8_t)n;
    out = rf_pack(out, writer->position_values, n, width);
    if (exceptions)
        out = rf_put_exceptions(out, writer->position_values, n, width);
    rf_output_append(&writer->positions.output, bytes, (size_t)(out - bytes));
    writer->position_count = 0;
}

/* ---- Docs ---- */

static uint8_t *put_bitset(uint8_t *out, const uint32_t *docs, size_t n, uint32_t base)
{
    size_t bytes = (docs[n - 1] - base) / 8 + 1;
    memset(out, 0, bytes);
    for (size_t i = 0; i < n; i++)
        out[(docs[i] - base) >> 3] |= (uint8_t)(1 << ((docs[i] - base) & 7));
    return out + bytes;
}

static void put_record(struct rf_postings_writer *writer)
{
    uint32_t highest_tf = 0;
    uint8_t least_length = 255;
    for (uint32_t i = 0; i < writer->count; i++) {
        uint8_t length = writer->lengths[writer->block_docs[i]];
        highest_tf = writer->block_tfs[i] > highest_tf ? writer->block_tfs[i] : highest_tf;
        least_length = length < least_length ? length : least_length;
    }
    uint8_t record[RF_RECORD];
    rf_store32(record, writer->block_docs[writer->count - 1]);
    rf_store32(record + 4, (uint32_t)writer->blocks.size);
    rf_store32(record + 8, (uint32_t)writer->record_position);
    record[12] = (uint8_t)writer->record_skip;
    record[13] = (uint8_t)(highest_tf < 255 ? highest_tf : 255);
    record[14] = least_length;
    record[15] = 0;
    rf_buffer_append(&writer->records, record, sizeof record);
}

/* Encodes the docs block at hand. `with_record`: the list has more than one block. */
static void flush_block(struct rf_postings_writer *writer, bool with_record)
{
    uint32_t n = writer->count, gaps[RF_BLOCK], tfs[RF_BLOCK];
    for (uint32_t i = 0, least = writer->block_base; i < n; i++) {
        gaps[i] = writer->block_docs[i] - least;
        least = writer->block_docs[i] + 1;
        tfs[i] = writer->block_tfs[i] - 1;
    }
    bool gap_exceptions, tf_exceptions;
    unsigned width = rf_choose_width(gaps, n, &gap_exceptions), planes = rf_choose_width(tfs, n, &tf_exceptions);
    if (with_record)
        put_record(writer);
    uint8_t *start = rf_buffer_reserve(&writer->blocks, 2 + 2 * RF_PACKED_MAX), *out = start;
    if (!start) { /* the failure is told at the term's end */
        writer->count = 0;
        writer->block_base = writer->base;
        return;
    }
    uint8_t *packed = out + 2;
    out = rf_pack(packed, gaps, n, width);
    if (gap_exceptions)
        out = rf_put_exceptions(out, gaps, n, width);
    /* A dense block is smaller as a bitset. A list of one block has no record to tell where the bitset ends. */
    if (with_record && (writer->block_docs[n - 1] - writer->block_base) / 8 + 1 <= (size_t)(out - packed)) {
        out = put_bitset(packed, writer->block_docs, n, writer->block_base);
        width = RF_DOCS_BITSET;
        gap_exceptions = false;
    }
    unsigned header = width | (gap_exceptions ? 64u : 0) | planes << 7 | (tf_exceptions ? 1u << 13 : 0);
    start[0] = (uint8_t)header;
    start[1] = (uint8_t)(header >> 8);
    out = rf_pack_planes(out, tfs, n, planes);
    if (tf_exceptions)
        out = rf_put_exceptions(out, tfs, n, planes);
    writer->blocks.size += (size_t)(out - start);
    writer->block_base = writer->base;
    writer->count = 0;
}

void rf_postings_start_block(struct rf_postings_writer *writer)
{
    if (writer->count == RF_BLOCK)
        flush_block(writer, true);
    writer->record_position = rf_container_section_size(&writer->positions) - writer->info.positions_at;
    writer->record_skip = writer->position_count;
    if (!failed(writer) && (writer->record_position > UINT32_MAX || writer->blocks.size > UINT32_MAX))
        rf_fail(&writer->error, RIFFLE_TOO_LARGE, "the postings of \"%.*s\" pass 4 GiB", (int)writer->term_length, writer->term);
}

struct rf_term rf_postings_end(struct rf_postings_writer *writer)
{
    struct rf_term *info = &writer->info;
    if (info->df > 1) {
        flush_block(writer, info->df > RF_BLOCK);
        if (writer->blocks.failed || writer->records.failed)
            rf_fail_memory(&writer->error);
        rf_output_append(&writer->docs.output, writer->records.data, writer->records.size);
        rf_output_append(&writer->docs.output, writer->blocks.data, writer->blocks.size);
        info->docs_bytes = writer->records.size + writer->blocks.size;
    }
    if (writer->position_count)
        rf_postings_flush_positions(writer);
    info->positions_bytes = rf_container_section_size(&writer->positions) - info->positions_at;
    rf_dictionary_add(&writer->dictionary, writer->term, writer->term_length, info);
    return *info;
}

void rf_postings_alias(struct rf_postings_writer *writer, const char *stem, size_t n, const char *surface, size_t surface_n)
{
    struct rf_term next = {.docs_at = rf_container_section_size(&writer->docs),
                           .positions_at = rf_container_section_size(&writer->positions)};
    rf_dictionary_add_alias(&writer->dictionary, stem, n, surface, surface_n, &next);
}

riffle_status rf_postings_map_docs(struct rf_postings_writer *writer, struct rf_map *map, struct rf_span *docs, riffle_error *error)
{
    uint64_t offset = writer->docs.sections[0].offset, size = rf_container_section_size(&writer->docs);
    *docs = (struct rf_span){0};
    *map = (struct rf_map){0};
    if (failed(writer)) {
        if (error)
            *error = writer->error;
        return writer->error.status;
    }
    riffle_status status = rf_map_output(map, &writer->docs.output, RF_OVERREAD, error);
    if (!status)
        *docs = (struct rf_span){map->data + offset, size};
    return status;
}

riffle_status rf_postings_finish(struct rf_postings_writer *writer, struct rf_segment_entry *entry, riffle_error *error)
{
    if (failed(writer)) {
        if (error)
            *error = writer->error;
        return writer->error.status;
    }
    struct rf_container_writer *files[] = {&writer->dictionary.file, &writer->docs, &writer->positions};
    static const unsigned which[] = {RF_FILE_TERMS, RF_FILE_DOCS, RF_FILE_POSITIONS};
    riffle_status status = rf_dictionary_finish(&writer->dictionary, error);
    for (int i = 1; !status && i < 3; i++)
        status = rf_container_finish(files[i], error);
    for (int i = 0; !status && i < 3; i++) {
        entry->size[which[i]] = files[i]->size;
        entry->checksum[which[i]] = files[i]->checksum;
    }
    return status;
}

void rf_postings_release(struct rf_postings_writer *writer, bool remove)
{
    if (!writer->allocator)
        return;
    rf_dictionary_release(&writer->dictionary, remove);
    rf_container_release(&writer->docs, remove);
    rf_container_release(&writer->positions, remove);
    rf_buffer_release(&writer->records);
    rf_buffer_release(&writer->blocks);
    writer->allocator = NULL;
}
