/* SPDX-License-Identifier: BSD-3-Clause */
/* Writing the dictionary; dictionary.h has the bytes. */
#include "store/dictionary.h"

riffle_status rf_dictionary_create(struct rf_dictionary_writer *writer, const char *path, const riffle_allocator *allocator,
                                   riffle_error *error)
{
    *writer = (struct rf_dictionary_writer){0};
    rf_buffer_init(&writer->index, allocator);
    rf_buffer_init(&writer->keys, allocator);
    rf_buffer_init(&writer->entry, allocator);
    riffle_status status = rf_container_create(&writer->file, path, RF_KIND_TERMS, allocator, error);
    if (!status)
        rf_container_section(&writer->file, RF_SECTION_BLOCKS);
    return status;
}

/* Puts the term itself, and before the first of a block where the lists of the block start. */
static void put_term(struct rf_dictionary_writer *writer, const char *term, size_t n, uint64_t docs_at, uint64_t positions_at)
{
    struct rf_buffer *entry = &writer->entry;
    size_t shared = 0;
    if (writer->terms % RF_DICTIONARY_BLOCK == 0) {
        rf_buffer_append_u64(&writer->index, rf_container_section_size(&writer->file));
        rf_buffer_append_u64(&writer->keys, rf_dictionary_key(term, n));
        rf_buffer_append_varint(entry, docs_at);
        rf_buffer_append_varint(entry, positions_at);
    } else {
        size_t least = n < writer->previous_length ? n : writer->previous_length;
        while (shared < least && term[shared] == writer->previous[shared])
            shared++;
    }
    rf_buffer_append_varint(entry, shared);
    rf_buffer_append_varint(entry, n - shared);
    rf_buffer_append(entry, term + shared, n - shared);
    memcpy(writer->previous, term, n);
    writer->previous_length = n;
    writer->terms++;
}

static void flush_entry(struct rf_dictionary_writer *writer)
{
    rf_output_append(&writer->file.output, writer->entry.data, writer->entry.size);
    writer->entry.size = 0;
}

void rf_dictionary_add(struct rf_dictionary_writer *writer, const char *term, size_t n, const struct rf_term *info)
{
    struct rf_buffer *entry = &writer->entry;
    put_term(writer, term, n, info->docs_at, info->positions_at);
    rf_buffer_append_varint(entry, (uint64_t)info->df << 2 | (info->has_positions ? RF_ENTRY_POSITIONS : RF_ENTRY_STEM));
    if (info->has_positions)
        rf_buffer_append_varint(entry, info->cf - info->df);
    if (info->df > 1)
        rf_buffer_append_varint(entry, info->docs_bytes);
    else
        rf_buffer_append_varint(entry, info->single_doc);
    if (!info->has_positions) {
        if (info->df == 1)
            rf_buffer_append_varint(entry, info->single_tf);
    } else if (info->cf == 1) {
        rf_buffer_append_varint(entry, info->single_position);
    } else {
        rf_buffer_append_varint(entry, info->positions_bytes);
    }
    flush_entry(writer);
}

void rf_dictionary_add_alias(struct rf_dictionary_writer *writer, const char *stem, size_t n, const char *surface, size_t surface_n,
                             const struct rf_term *next)
{
    size_t shared = 0; /* of the stem without its prefix, and the surface form */
    while (shared < n - 1 && shared < surface_n && stem[shared + 1] == surface[shared])
        shared++;
    put_term(writer, stem, n, next->docs_at, next->positions_at);
    rf_buffer_append_varint(&writer->entry, (uint64_t)(n - 1 - shared) << 2 | RF_ENTRY_ALIAS);
    rf_buffer_append_varint(&writer->entry, surface_n - shared);
    rf_buffer_append(&writer->entry, surface + shared, surface_n - shared);
    flush_entry(writer);
}

riffle_status rf_dictionary_finish(struct rf_dictionary_writer *writer, riffle_error *error)
{
    struct rf_container_writer *file = &writer->file;
    rf_buffer_append_u64(&writer->index, rf_container_section_size(file));
    if (writer->index.failed || writer->keys.failed || writer->entry.failed)
        return rf_fail_memory(error);
    rf_container_section(file, RF_SECTION_INDEX);
    rf_output_append(&file->output, writer->index.data, writer->index.size);
    rf_container_section(file, RF_SECTION_KEYS);
    rf_output_append(&file->output, writer->keys.data, writer->keys.size);
    rf_container_section(file, RF_SECTION_TOPS);
    for (size_t at = 0; at < writer->keys.size; at += RF_DICTIONARY_GROUP * 8)
        rf_output_append(&file->output, writer->keys.data + at, 8);
    rf_container_section(file, RF_SECTION_FACTS);
    rf_output_append_u64(&file->output, writer->terms);
    rf_output_append_u32(&file->output, writer->pairs);
    rf_output_append_u32(&file->output, writer->pair_threshold);
    return rf_container_finish(file, error);
}

void rf_dictionary_release(struct rf_dictionary_writer *writer, bool remove)
{
    rf_container_release(&writer->file, remove);
    if (writer->index.allocator) {
        rf_buffer_release(&writer->index);
        rf_buffer_release(&writer->keys);
        rf_buffer_release(&writer->entry);
    }
}
