/* SPDX-License-Identifier: BSD-3-Clause */
/* Opening and closing segments, and their facts. */
#include <stdio.h>

#include "store/codec.h"
#include "store/segment_files.h"

const char *const rf_file_suffix[RF_FILES] = {"terms", "docs", "positions", "articles", "text"};

char *rf_segment_path(const riffle_allocator *allocator, const char *folder, uint32_t number, const char *suffix)
{
    char name[40];
    snprintf(name, sizeof name, "%06u.%s", (unsigned)number, suffix);
    return rf_join_path(allocator, folder, name);
}

/* Opens one file; where `entry` is not NULL, it must be the one that the manifest means. */
static riffle_status open_file(struct rf_segment *segment, struct rf_container *container, const char *folder, uint32_t number,
                               unsigned which, const char *kind, const struct rf_segment_entry *entry, riffle_error *error)
{
    char *path = rf_segment_path(&segment->allocator, folder, number, rf_file_suffix[which]);
    if (!path)
        return rf_fail_memory(error);
    riffle_status status = rf_container_open(container, path, kind, error);
    if (!status && entry && (container->map.size != entry->size[which] || container->checksum != entry->checksum[which]))
        status = rf_fail(error, RIFFLE_CORRUPT, "%s is not the file that the manifest means", path);
    rf_free(&segment->allocator, path);
    return status;
}

/* Nothing here grows with the dictionary: its index is not read through, but looked at with care wherever it is used. */
static riffle_status open_dictionary(struct rf_segment *segment, riffle_error *error)
{
    struct rf_span facts;
    char path[32];
    snprintf(path, sizeof path, "%s.terms", segment->name);
    riffle_status status = rf_container_find(&segment->terms, path, RF_SECTION_BLOCKS, &segment->term_blocks, error);
    if (!status)
        status = rf_container_find(&segment->terms, path, RF_SECTION_INDEX, &segment->term_index, error);
    if (!status)
        status = rf_container_find(&segment->terms, path, RF_SECTION_KEYS, &segment->term_keys, error);
    if (!status)
        status = rf_container_find(&segment->terms, path, RF_SECTION_TOPS, &segment->term_tops, error);
    if (!status)
        status = rf_container_find_verified(&segment->terms, path, RF_SECTION_FACTS, &facts, error);
    if (status)
        return status;
    if (facts.size != 16 || segment->term_index.size < 8 || segment->term_index.size % 8)
        return rf_fail(error, RIFFLE_CORRUPT, "%s: bad facts", path);
    segment->term_count = rf_load64(facts.data);
    segment->pair_count = rf_load32(facts.data + 8);
    segment->pair_threshold = rf_load32(facts.data + 12);
    uint64_t blocks = segment->term_index.size / 8 - 1, groups = (blocks + RF_DICTIONARY_GROUP - 1) / RF_DICTIONARY_GROUP;
    if (segment->pair_count > segment->term_count || segment->term_keys.size != blocks * 8 ||
        segment->term_tops.size != groups * 8 ||
        segment->term_count / RF_DICTIONARY_BLOCK + (segment->term_count % RF_DICTIONARY_BLOCK != 0) != blocks)
        return rf_fail(error, RIFFLE_CORRUPT, "%s: index and facts disagree", path);
    return RIFFLE_OK;
}

static riffle_status open_postings(struct rf_segment *segment, const char *folder, uint32_t number,
                                   const struct rf_segment_entry *entry, riffle_error *error)
{
    riffle_status status = open_file(segment, &segment->terms, folder, number, RF_FILE_TERMS, RF_KIND_TERMS, entry, error);
    if (!status)
        status = open_file(segment, &segment->docs, folder, number, RF_FILE_DOCS, RF_KIND_DOCS, entry, error);
    if (!status)
        status = open_file(segment, &segment->positions, folder, number, RF_FILE_POSITIONS, RF_KIND_POSITIONS, entry, error);
    if (!status)
        status = open_dictionary(segment, error);
    if (!status)
        status = rf_container_find(&segment->docs, segment->name, RF_SECTION_DOCS, &segment->doc_data, error);
    if (!status)
        status = rf_container_find(&segment->positions, segment->name, RF_SECTION_POSITIONS, &segment->position_data, error);
    return status;
}

static riffle_status open_text(struct rf_segment *segment, const char *folder, const struct rf_segment_entry *entry,
                               riffle_error *error)
{
    riffle_status status = open_file(segment, &segment->text, folder, entry->number, RF_FILE_TEXT, RF_KIND_TEXT, entry, error);
    if (!status)
        status = rf_container_find(&segment->text, segment->name, RF_SECTION_BLOCKS, &segment->text_blocks, error);
    if (!status)
        status = rf_container_find(&segment->text, segment->name, RF_SECTION_INDEX, &segment->text_index, error);
    if (!status)
        status = rf_container_find(&segment->text, segment->name, RF_SECTION_OFFSETS, &segment->text_articles, error);
    if (!status && (segment->text_index.size < 16 || segment->text_index.size % 16 ||
                    segment->text_articles.size != 8 * ((uint64_t)segment->article_count + 1)))
        status = rf_fail(error, RIFFLE_CORRUPT, "%s.text: sections disagree", segment->name);
    segment->has_text = !status;
    return status;
}

static riffle_status open_deleted(struct rf_segment *segment, const char *folder, const struct rf_segment_entry *entry,
                                  riffle_error *error)
{
    char suffix[32];
    snprintf(suffix, sizeof suffix, "%u.deleted", (unsigned)entry->deleted);
    char *path = rf_segment_path(&segment->allocator, folder, entry->number, suffix);
    if (!path)
        return rf_fail_memory(error);
    riffle_status status = rf_container_open(&segment->deleted, path, RF_KIND_DELETED, error);
    if (!status)
        status = rf_container_find_verified(&segment->deleted, path, RF_SECTION_BITS, &segment->deleted_bits, error);
    if (!status && segment->deleted_bits.size != ((uint64_t)segment->doc_count + 7) / 8)
        status = rf_fail(error, RIFFLE_CORRUPT, "%s: %llu bytes for %u passages", path,
                         (unsigned long long)segment->deleted_bits.size, (unsigned)segment->doc_count);
    if (status)
        segment->deleted_bits = (struct rf_span){0};
    for (uint32_t doc = 0; !status && doc < segment->doc_count; doc++)
        segment->live_docs -= rf_segment_deleted(segment, doc);
    rf_free(&segment->allocator, path);
    return status;
}

static struct rf_segment *new_segment(uint32_t number, const riffle_allocator *allocator)
{
    struct rf_segment *segment = rf_alloc_zero(allocator, sizeof *segment);
    if (segment) {
        segment->allocator = *allocator;
        snprintf(segment->name, sizeof segment->name, "%06u", (unsigned)number);
    }
    return segment;
}

riffle_status rf_segment_open(struct rf_segment **out, const char *folder, const struct rf_segment_entry *entry,
                              const riffle_allocator *allocator, riffle_error *error)
{
    *out = NULL;
    struct rf_segment *segment = new_segment(entry->number, allocator);
    if (!segment)
        return rf_fail_memory(error);
    char *path = rf_segment_path(allocator, folder, entry->number, rf_file_suffix[RF_FILE_ARTICLES]);
    riffle_status status = path ? RIFFLE_OK : rf_fail_memory(error);
    if (!status)
        status = open_file(segment, &segment->articles, folder, entry->number, RF_FILE_ARTICLES, RF_KIND_ARTICLES, entry, error);
    if (!status)
        status = rf_segment_open_articles(segment, path, error);
    rf_free(allocator, path);
    if (!status && (segment->doc_count != entry->docs || segment->article_count != entry->articles))
        status = rf_fail(error, RIFFLE_CORRUPT, "%s.articles and the manifest disagree", segment->name);
    if (!status)
        status = open_postings(segment, folder, entry->number, entry, error);
    if (!status && entry->size[RF_FILE_TEXT])
        status = open_text(segment, folder, entry, error);
    segment->live_docs = segment->doc_count;
    if (!status && entry->deleted)
        status = open_deleted(segment, folder, entry, error);
    if (status)
        rf_segment_close(segment);
    else
        *out = segment;
    return status;
}

riffle_status rf_segment_open_run(struct rf_segment **out, const char *folder, uint32_t number, uint32_t docs,
                                  const uint8_t *lengths, const riffle_allocator *allocator, riffle_error *error)
{
    *out = NULL;
    struct rf_segment *segment = new_segment(number, allocator);
    if (!segment)
        return rf_fail_memory(error);
    segment->is_run = true;
    segment->doc_count = segment->live_docs = docs;
    segment->length_codes = lengths;
    riffle_status status = open_postings(segment, folder, number, NULL, error);
    if (status)
        rf_segment_close(segment);
    else
        *out = segment;
    return status;
}

riffle_status rf_segment_verify(const struct rf_segment *segment, riffle_error *error)
{
    const struct rf_container *files[RF_FILES] = {&segment->terms, &segment->docs, &segment->positions, &segment->articles,
                                                  &segment->text};
    riffle_status status = RIFFLE_OK;
    for (int i = 0; !status && i < RF_FILES; i++) {
        char name[32];
        snprintf(name, sizeof name, "%s.%s", segment->name, rf_file_suffix[i]);
        status = rf_container_verify(files[i], name, error); /* a file that is not there has no sections */
    }
    return status;
}

void rf_segment_close(struct rf_segment *segment)
{
    if (!segment)
        return;
    struct rf_container *files[] = {&segment->terms,    &segment->docs, &segment->positions,
                                    &segment->articles, &segment->text, &segment->deleted};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        rf_container_close(files[i]);
    riffle_allocator allocator = segment->allocator;
    rf_free(&allocator, segment->columns);
    rf_free(&allocator, segment);
}

/* ---- Facts ---- */

uint32_t rf_segment_docs(const struct rf_segment *segment) { return segment->doc_count; }
uint32_t rf_segment_articles(const struct rf_segment *segment) { return segment->article_count; }
uint64_t rf_segment_terms(const struct rf_segment *segment) { return segment->term_count - segment->pair_count; }
uint64_t rf_segment_length_sum(const struct rf_segment *segment) { return segment->length_sum; }
const uint8_t *rf_segment_lengths(const struct rf_segment *segment) { return segment->length_codes; }
uint32_t rf_segment_live_docs(const struct rf_segment *segment) { return segment->live_docs; }
bool rf_segment_has_text(const struct rf_segment *segment) { return segment->has_text; }

bool rf_segment_deleted(const struct rf_segment *segment, uint32_t doc)
{
    return segment->deleted_bits.data && (segment->deleted_bits.data[doc >> 3] >> (doc & 7) & 1);
}
