/* SPDX-License-Identifier: BSD-3-Clause */
/* Writing postings; postings.h. The bytes are pictured in list.c and docs/FORMAT.md. */
#include "store/postings.h"

#include "store/list.h"

/*
 * An exception of docs or term frequencies takes time in each query that decodes its block: it counts for so many bits more than it has. Against 4
 * bits, 8 make .docs 1 % larger and queries 1 % faster, and 14 make it 3 % larger and queries 3 % faster.
 */
enum { DEARER = 14 };

static bool failed(const struct rf_postings_writer *writer) { return writer->error.status != RIFFLE_OK; }

static riffle_status create(struct rf_container_writer *file, const char *folder, uint32_t number, unsigned which, const char *kind,
                            const riffle_allocator *allocator, riffle_error *error)
{
    char *path = rf_segment_path(allocator, folder, number, rf_file_suffix[which]);
    riffle_status status = path ? rf_container_create(file, path, kind, allocator, error) : rf_fail_memory(error);
    rf_free(allocator, path);
    return status;
}

static size_t bitmap_bytes(const struct rf_postings_writer *writer) { return ((size_t)writer->segment_docs + 7) / 8; }

static riffle_status create_bounds(struct rf_postings_writer *writer, riffle_error *error)
{
    writer->bitmap = rf_alloc(writer->allocator, bitmap_bytes(writer));
    writer->bounds = rf_alloc_zero(writer->allocator, sizeof *writer->bounds);
    if (!writer->bitmap || !writer->bounds)
        return rf_fail_memory(error);
    return rf_bounds_init(writer->bounds, writer->lengths, writer->segment_docs, writer->allocator, error);
}

riffle_status rf_postings_create(struct rf_postings_writer *writer, const char *folder, uint32_t number, const uint8_t *lengths,
                                 uint32_t docs, const riffle_allocator *allocator, riffle_error *error)
{
    memset(writer, 0, sizeof *writer);
    writer->allocator = allocator;
    writer->lengths = lengths;
    writer->segment_docs = docs;
    rf_buffer_init(&writer->entries, allocator);
    rf_buffer_init(&writer->records, allocator);
    rf_buffer_init(&writer->extras, allocator);
    rf_buffer_init(&writer->blocks, allocator);
    rf_buffer_init(&writer->position_starts, allocator);
    riffle_status status = docs ? create_bounds(writer, error) : RIFFLE_OK;
    char *path = status ? NULL : rf_segment_path(allocator, folder, number, rf_file_suffix[RF_FILE_TERMS]);
    if (!status)
        status = path ? rf_dictionary_create(&writer->dictionary, path, allocator, error) : rf_fail_memory(error);
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
    writer->entries.size = writer->records.size = writer->extras.size = writer->blocks.size = writer->position_starts.size = 0;
    writer->is_dense = false;
    writer->count = writer->position_count = 0;
    writer->block_positions = 0;
}

/* ---- Positions ---- */

void rf_postings_flush_positions(struct rf_postings_writer *writer)
{
    uint8_t bytes[RF_POSITIONS_MAX];
    uint8_t *end = rf_put_positions(bytes, writer->position_values, writer->position_gaps, writer->position_count);
    rf_output_append(&writer->positions.output, bytes, (size_t)(end - bytes));
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

/* Encodes a block of postings. `with_record`: the list has more than one. */
static void put_block(struct rf_postings_writer *writer, const uint32_t *docs, const uint32_t *tfs, uint32_t n, uint32_t base,
                      bool with_record)
{
    uint32_t gaps[RF_BLOCK], counts[RF_BLOCK];
    uint8_t list[RF_PACKED_MAX];
    uint8_t *start = rf_buffer_reserve(&writer->blocks, 4 + 2 * RF_PACKED_MAX), *out = start + 4;
    if (!start) /* the failure is told at the term's end */
        return;
    unsigned width = 0;
    bool exceptions = false;
    struct rf_exceptions of_docs = {.count = 0}, of_tfs = {.count = 0};
    if (writer->is_dense) {
        for (uint32_t i = 0; i < n; i++)
            writer->bitmap[docs[i] >> 3] |= (uint8_t)(1 << (docs[i] & 7));
    } else {
        for (uint32_t i = 0, least = base; i < n; i++) {
            gaps[i] = docs[i] - least;
            least = docs[i] + 1;
        }
        width = rf_choose_width(gaps, n, DEARER, RF_MOST_EXCEPTIONS, &exceptions);
        if (exceptions)
            rf_put_exceptions(list, gaps, n, width, &of_docs);
        size_t bytes = rf_packed_bytes(n, width) + rf_exceptions_bytes(of_docs.count, of_docs.bits);
        /* A dense block is smaller as a bitset. A list of one block has no record to tell where the bitset ends. */
        if (with_record && (docs[n - 1] - base) / 8 + 1 <= bytes) {
            out = put_bitset(out, docs, n, base);
            width = RF_DOCS_BITSET;
            of_docs = (struct rf_exceptions){.count = 0};
        } else {
            out = rf_pack(out, gaps, n, width);
        }
    }
    for (uint32_t i = 0; i < n; i++)
        counts[i] = tfs[i] - 1;
    unsigned planes = rf_choose_width(counts, n, DEARER, RF_MOST_EXCEPTIONS, &exceptions);
    out = rf_pack_planes(out, counts, n, planes);
    if (of_docs.count)
        out = rf_put_exceptions(out, gaps, n, width, &of_docs);
    if (exceptions)
        out = rf_put_exceptions(out, counts, n, planes, &of_tfs);
    rf_store32(start, width | of_docs.count << 6 | of_docs.bits << 11 | planes << 16 | of_tfs.count << 22 | of_tfs.bits << 27);
    writer->blocks.size += (size_t)(out - start);
}

/* The list has turned out to be dense: its docs so far go from its blocks to the bitmap. */
static void make_dense(struct rf_postings_writer *writer)
{
    struct rf_buffer before = writer->blocks;
    uint8_t *behind = rf_buffer_reserve(&before, RF_OVERREAD); /* decoders read behind what they decode */
    if (behind)
        memset(behind, 0, RF_OVERREAD);
    rf_buffer_init(&writer->blocks, writer->allocator);
    writer->blocks.failed = before.failed || writer->entries.failed || writer->records.failed;
    writer->is_dense = true;
    memset(writer->bitmap, 0, bitmap_bytes(writer));
    struct rf_segment segment = {.doc_count = writer->segment_docs, .name = "new"};
    uint32_t blocks = (uint32_t)(writer->entries.size / RF_ENTRY);
    struct rf_list list = {.segment = &segment,
                           .segment_docs = writer->segment_docs,
                           .df = blocks * RF_BLOCK,
                           .blocks = blocks,
                           .entries = writer->entries.data,
                           .records = writer->records.data,
                           .data = before.data,
                           .data_end = before.data + before.size,
                           .most_tf = UINT32_MAX};
    for (uint32_t i = 0; !writer->blocks.failed && !failed(writer) && i < blocks; i++) {
        struct rf_block block;
        uint32_t docs[RF_BLOCK + RF_PADDING], tfs[RF_BLOCK + RF_PADDING];
        if (rf_list_block(&list, i, &block, &writer->error) || rf_list_docs(&list, &block, docs, &writer->error) ||
            rf_list_tfs(&list, &block, tfs, &writer->error))
            break;
        rf_store32(writer->entries.data + (size_t)i * RF_ENTRY + 4, (uint32_t)writer->blocks.size);
        put_block(writer, docs, tfs, block.count, block.base, true);
    }
    rf_buffer_release(&before);
}

/* The record of the docs block at hand, and what the list tells of its scores. */
static void put_record(struct rf_postings_writer *writer)
{
    uint32_t highest_tf = 0;
    uint8_t codes[RF_BLOCK], least_length = 255;
    for (uint32_t i = 0; i < writer->count; i++) {
        codes[i] = writer->lengths[writer->block_docs[i]];
        highest_tf = writer->block_tfs[i] > highest_tf ? writer->block_tfs[i] : highest_tf;
        least_length = codes[i] < least_length ? codes[i] : least_length;
    }
    uint8_t record[RF_RECORD] = {(uint8_t)(highest_tf < 255 ? highest_tf : 255), least_length};
    if (writer->bounds) {
        if (!writer->records.size)
            rf_bounds_begin(writer->bounds);
        rf_bounds_add(writer->bounds, writer->block_docs, writer->block_tfs, codes, writer->count);
    }
    rf_buffer_append_u32(&writer->entries, writer->block_docs[writer->count - 1]);
    rf_buffer_append_u32(&writer->entries, (uint32_t)writer->blocks.size);
    rf_buffer_append(&writer->records, record, sizeof record);
    if (writer->info.has_positions)
        rf_buffer_append_u32(&writer->position_starts, (uint32_t)writer->block_positions);
}

/* Encodes the docs block at hand. `with_record`: the list has more than one block. */
static void flush_block(struct rf_postings_writer *writer, bool with_record)
{
    if (with_record && writer->bounds && !writer->is_dense && rf_has_bitmap(writer->info.df, writer->segment_docs))
        make_dense(writer);
    if (with_record)
        put_record(writer);
    put_block(writer, writer->block_docs, writer->block_tfs, writer->count, writer->block_base, with_record);
    writer->block_base = writer->base;
    writer->count = 0;
}

/* What the list has between its records and its blocks. */
static void put_extras(struct rf_postings_writer *writer)
{
    uint32_t docs = writer->segment_docs, before = 0, before_chunk = 0;
    struct rf_buffer *extras = &writer->extras;
    rf_bounds_put_bests(writer->bounds, writer->info.df, extras);
    if (rf_has_maxima(writer->info.df, docs))
        rf_bounds_put_maxima(writer->bounds, docs, rf_has_fine_maxima(writer->info.df, docs), extras);
    if (!writer->is_dense)
        return;
    size_t bytes = bitmap_bytes(writer);
    for (size_t at = 0; at < bytes; at += RF_RANGE / 8) {
        if (at % (RF_CHUNK / 8) == 0)
            rf_buffer_append_u32(extras, before_chunk = before);
        rf_buffer_append(extras, (uint8_t[]){(uint8_t)(before - before_chunk), (uint8_t)((before - before_chunk) >> 8)}, 2);
        for (size_t i = at; i < at + RF_RANGE / 8 && i < bytes; i++)
            before += (uint32_t)__builtin_popcount(writer->bitmap[i]);
    }
    rf_buffer_append(extras, writer->bitmap, bytes);
}

void rf_postings_start_block(struct rf_postings_writer *writer)
{
    if (writer->count == RF_BLOCK)
        flush_block(writer, true);
    if (writer->position_count)
        rf_postings_flush_positions(writer);
    writer->block_positions = rf_container_section_size(&writer->positions) - writer->info.positions_at;
    if (!failed(writer) && (writer->block_positions > UINT32_MAX || writer->blocks.size > UINT32_MAX))
        rf_fail(&writer->error, RIFFLE_TOO_LARGE, "the postings of \"%.*s\" pass 4 GiB", (int)writer->term_length, writer->term);
}

struct rf_term rf_postings_end(struct rf_postings_writer *writer)
{
    struct rf_term *info = &writer->info;
    if (info->df > 1) {
        flush_block(writer, info->df > RF_BLOCK);
        if (writer->bounds && info->df > RF_BLOCK)
            put_extras(writer);
        struct rf_buffer *parts[] = {&writer->entries, &writer->records, &writer->extras, &writer->blocks,
                                     &writer->position_starts};
        for (int i = 0; i < 5; i++) {
            if (parts[i]->failed)
                rf_fail_memory(&writer->error);
            rf_output_append(&writer->docs.output, parts[i]->data, parts[i]->size);
            info->docs_bytes += parts[i]->size;
        }
    }
    if (writer->position_count)
        rf_postings_flush_positions(writer);
    info->positions_bytes = rf_container_section_size(&writer->positions) - info->positions_at;
    rf_dictionary_add(&writer->dictionary, writer->term, writer->term_length, info);
    return *info;
}

void rf_postings_leave_out(struct rf_postings_writer *writer, const char *term, size_t n, uint32_t df)
{
    struct rf_term info = {.df = df,
                           .docs_at = rf_container_section_size(&writer->docs),
                           .positions_at = rf_container_section_size(&writer->positions)};
    rf_dictionary_add(&writer->dictionary, term, n, &info);
}

void rf_postings_alias(struct rf_postings_writer *writer, const char *stem, size_t n, const char *surface, size_t surface_n)
{
    struct rf_term next = {.docs_at = rf_container_section_size(&writer->docs),
                           .positions_at = rf_container_section_size(&writer->positions)};
    rf_dictionary_add_alias(&writer->dictionary, stem, n, surface, surface_n, &next);
}

static riffle_status map_section(struct rf_postings_writer *writer, struct rf_container_writer *file, struct rf_map *map,
                                 struct rf_span *span, riffle_error *error)
{
    uint64_t offset = file->sections[0].offset, size = rf_container_section_size(file);
    *span = (struct rf_span){0};
    *map = (struct rf_map){0};
    if (failed(writer)) {
        if (error)
            *error = writer->error;
        return writer->error.status;
    }
    riffle_status status = rf_map_output(map, &file->output, RF_OVERREAD, error);
    if (!status)
        *span = (struct rf_span){map->data + offset, size};
    return status;
}

riffle_status rf_postings_map_docs(struct rf_postings_writer *writer, struct rf_map *map, struct rf_span *docs, riffle_error *error)
{
    return map_section(writer, &writer->docs, map, docs, error);
}

riffle_status rf_postings_map_positions(struct rf_postings_writer *writer, struct rf_map *map, struct rf_span *positions,
                                        riffle_error *error)
{
    return map_section(writer, &writer->positions, map, positions, error);
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
    rf_buffer_release(&writer->entries);
    rf_buffer_release(&writer->records);
    rf_buffer_release(&writer->extras);
    rf_buffer_release(&writer->blocks);
    rf_buffer_release(&writer->position_starts);
    if (writer->bounds)
        rf_bounds_release(writer->bounds, writer->allocator);
    rf_free(writer->allocator, writer->bounds);
    rf_free(writer->allocator, writer->bitmap);
    writer->allocator = NULL;
}
