/* SPDX-License-Identifier: BSD-3-Clause */
/* Merging committed segments into one. */
#include "indexer/session.h"

struct merge {
    const riffle_allocator *allocator;
    struct rf_articles_writer articles;
    struct rf_buffer text;
    riffle_field *fields;
    uint32_t first_doc; /* of the segment at hand, in the new one */
};

static riffle_status copy_fields(struct merge *merge, const struct rf_segment *segment, uint32_t article, size_t *count,
                                 riffle_error *error)
{
    *count = 0;
    for (uint32_t column = 0; column < rf_segment_columns(segment); column++) {
        uint32_t value = rf_segment_article_value(segment, column, article);
        struct rf_bytes name, bytes;
        riffle_status status = RIFFLE_OK;
        if (!value)
            continue;
        if ((status = rf_segment_column_name(segment, column, &name, error)) ||
            (status = rf_segment_column_value(segment, column, value - 1, &bytes, error)))
            return status;
        merge->fields[(*count)++] = (riffle_field){name.data, name.length, bytes.data, bytes.length};
    }
    return RIFFLE_OK;
}

static riffle_status copy_article(struct merge *merge, const struct rf_segment *segment, uint32_t article, riffle_error *error)
{
    struct rf_bytes id, title;
    uint32_t length, first, docs;
    size_t fields;
    riffle_status status = rf_segment_article_id(segment, article, &id, error);
    if (!status)
        status = rf_segment_article_title(segment, article, &title, error);
    if (!status)
        status = rf_segment_text_length(segment, article, &length, error);
    if (!status)
        status = rf_segment_article_docs(segment, article, &first, &docs, error);
    if (!status)
        status = copy_fields(merge, segment, article, &fields, error);
    if (!status && first != merge->articles.docs - merge->first_doc)
        status = rf_fail(error, RIFFLE_CORRUPT, "passages of article %u are out of order", (unsigned)article);
    merge->text.size = 0;
    if (!status)
        status = rf_segment_read_text(segment, article, 0, length, &merge->text, error);
    if (status)
        return status;
    rf_articles_add(&merge->articles, &id, &title, (const char *)merge->text.data, length, merge->fields, fields);
    for (uint32_t doc = first; !status && doc < first + docs; doc++) {
        uint32_t start, end;
        status = rf_segment_doc_range(segment, doc, &start, &end, error);
        if (!status)
            rf_articles_add_doc(&merge->articles, start, rf_length_decode(rf_segment_lengths(segment)[doc]));
    }
    return status;
}

static riffle_status merge_all(struct merge *merge, struct rf_segment **segments, size_t count, const char *folder, uint32_t number,
                               struct rf_language *language, uint64_t memory, struct rf_segment_entry *entry, riffle_error *error)
{
    riffle_status status = RIFFLE_OK;
    struct rf_source *sources = rf_alloc_zero(merge->allocator, count * sizeof *sources);
    if (!sources)
        return rf_fail_memory(error);
    for (size_t i = 0; !status && i < count; i++) {
        /* What is damaged must not get a fresh checksum. */
        status = rf_segment_verify(segments[i], error);
        sources[i].segment = segments[i];
        sources[i].first_doc = merge->first_doc = merge->articles.docs;
        for (uint32_t article = 0; !status && article < rf_segment_articles(segments[i]); article++)
            status = copy_article(merge, segments[i], article, error);
        if (!status && merge->articles.docs - merge->first_doc != rf_segment_docs(segments[i]))
            status = rf_fail(error, RIFFLE_CORRUPT, "articles and postings of a segment disagree");
    }
    if (!status && merge->articles.error.status) {
        status = merge->articles.error.status;
        if (error)
            *error = merge->articles.error;
    }
    if (!status)
        status = rf_build_postings(sources, count, folder, number, merge->articles.docs, rf_articles_lengths(&merge->articles),
                                   language, memory, merge->allocator, entry, error);
    if (!status)
        status = rf_articles_finish(&merge->articles, entry, error);
    rf_free(merge->allocator, sources);
    return status;
}

riffle_status rf_merge_segments(struct rf_segment **segments, size_t count, const char *folder, uint32_t number,
                                struct rf_language *language, bool store_text, uint64_t memory, const riffle_allocator *allocator,
                                struct rf_segment_entry *entry, riffle_error *error)
{
    struct merge *merge = rf_alloc_zero(allocator, sizeof *merge);
    if (!merge)
        return rf_fail_memory(error);
    *entry = (struct rf_segment_entry){.number = number};
    merge->allocator = allocator;
    rf_buffer_init(&merge->text, allocator);
    uint32_t columns = 0;
    for (size_t i = 0; i < count; i++)
        columns = rf_segment_columns(segments[i]) > columns ? rf_segment_columns(segments[i]) : columns;
    merge->fields = rf_alloc(allocator, (columns + 1) * sizeof *merge->fields);
    riffle_status status =
        merge->fields ? rf_articles_create(&merge->articles, folder, number, store_text, allocator, error) : rf_fail_memory(error);
    if (!status)
        status = merge_all(merge, segments, count, folder, number, language, memory, entry, error);
    rf_articles_release(&merge->articles, status != RIFFLE_OK);
    rf_buffer_release(&merge->text);
    rf_free(allocator, merge->fields);
    rf_free(allocator, merge);
    if (status)
        rf_remove_segment(allocator, folder, number);
    return status;
}
