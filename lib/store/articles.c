/* SPDX-License-Identifier: BSD-3-Clause */
/* Reading the articles file of a segment: articles, ids, passages, metadata columns; docs/FORMAT.md has the bytes. */
#include "store/articles.h"

static riffle_status corrupt(const struct rf_segment *segment, const char *what, uint64_t article, riffle_error *error)
{
    return rf_fail(error, RIFFLE_CORRUPT, "%s.articles: bad %s %llu", segment->name, what, (unsigned long long)article);
}

/* ---- Opening ---- */

static uint64_t padded(uint64_t bytes) { return (bytes + 7) & ~(uint64_t)7; }

/* Reads one column from [p, end); returns behind it or NULL. */
static const uint8_t *open_column(const struct rf_segment *segment, struct rf_column *column, const uint8_t *p, const uint8_t *end)
{
    if (end - p < 16)
        return NULL;
    uint64_t name = rf_load32(p), values = rf_load32(p + 4), bytes = rf_load64(p + 8), left = (uint64_t)(end - p) - 16;
    uint64_t codes = (uint64_t)segment->article_count * 4, offsets = (values + 1) * 4;
    if (bytes > left || padded(name) + padded(offsets) + padded(bytes) + padded(codes) > left)
        return NULL;
    p += 16;
    column->name = (struct rf_bytes){(const char *)p, (size_t)name};
    column->values = (uint32_t)values;
    p += padded(name);
    column->offsets = p;
    p += padded(offsets);
    column->bytes = (const char *)p;
    column->byte_count = bytes;
    p += padded(bytes);
    column->codes = p;
    return p + padded(codes);
}

static riffle_status open_columns(struct rf_segment *segment, const char *path, uint32_t count, riffle_error *error)
{
    struct rf_span columns;
    riffle_status status = rf_container_find(&segment->articles, path, RF_SECTION_COLUMNS, &columns, error);
    if (status)
        return status;
    if (count > columns.size / 16)
        return rf_fail(error, RIFFLE_CORRUPT, "%s: %u columns do not fit", path, (unsigned)count);
    segment->columns = rf_alloc_zero(&segment->allocator, (count + 1ull) * sizeof *segment->columns);
    if (!segment->columns)
        return rf_fail_memory(error);
    const uint8_t *p = columns.data, *end = columns.data + columns.size;
    for (uint32_t i = 0; i < count; i++)
        if (!(p = open_column(segment, &segment->columns[i], p, end)))
            return rf_fail(error, RIFFLE_CORRUPT, "%s: column %u is damaged", path, (unsigned)i);
    segment->column_count = count;
    return RIFFLE_OK;
}

riffle_status rf_segment_open_articles(struct rf_segment *segment, const char *path, riffle_error *error)
{
    const struct rf_container *file = &segment->articles;
    struct rf_span facts;
    riffle_status status = rf_container_find_verified(file, path, RF_SECTION_FACTS, &facts, error);
    const struct {
        uint32_t tag;
        struct rf_span *span;
    } sections[] = {{RF_SECTION_ARTICLES, &segment->records}, {RF_SECTION_OFFSETS, &segment->offsets},
                    {RF_SECTION_FIRSTS, &segment->firsts},    {RF_SECTION_STARTS, &segment->starts},
                    {RF_SECTION_LENGTHS, &segment->lengths},  {RF_SECTION_IDS, &segment->ids}};
    for (size_t i = 0; !status && i < sizeof sections / sizeof *sections; i++)
        status = rf_container_find(file, path, sections[i].tag, sections[i].span, error);
    if (status)
        return status;
    if (facts.size != 24)
        return rf_fail(error, RIFFLE_CORRUPT, "%s: bad facts", path);
    segment->doc_count = rf_load32(facts.data);
    segment->article_count = rf_load32(facts.data + 4);
    segment->length_sum = rf_load64(facts.data + 8);
    segment->length_codes = segment->lengths.data;
    uint64_t docs = segment->doc_count, articles = segment->article_count;
    if (docs == RF_NO_DOC || segment->offsets.size != (articles + 1) * 8 || segment->firsts.size != (articles + 1) * 4 ||
        segment->starts.size != docs * 4 || segment->lengths.size != docs || segment->ids.size != articles * 4)
        return rf_fail(error, RIFFLE_CORRUPT, "%s: sections and facts disagree", path);
    return open_columns(segment, path, rf_load32(facts.data + 16), error);
}

/* ---- Articles ---- */

static bool begins_behind(const struct rf_segment *segment, uint32_t article, uint32_t doc)
{
    return rf_load32(segment->firsts.data + 4 * (uint64_t)article) > doc;
}

/* The last article whose first doc is not behind `doc`: from where it would be if all had as many docs, in growing steps, and then by halves. */
uint32_t rf_segment_article_of(const struct rf_segment *segment, uint32_t doc)
{
    uint32_t all = segment->article_count, step = 1;
    uint32_t low = (uint32_t)((uint64_t)doc * all / ((uint64_t)segment->doc_count + 1)), high = low + 1;
    for (; low && begins_behind(segment, low, doc); step *= 2) {
        high = low;
        low = low > step ? low - step : 0;
    }
    for (; high < all && !begins_behind(segment, high, doc); step *= 2) {
        low = high;
        high = all - high > step ? high + step : all;
    }
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (begins_behind(segment, middle, doc))
            high = middle;
        else
            low = middle;
    }
    return low;
}

riffle_status rf_segment_article_docs(const struct rf_segment *segment, uint32_t article, uint32_t *first, uint32_t *count,
                                      riffle_error *error)
{
    if (article >= segment->article_count)
        return rf_fail(error, RIFFLE_INVALID, "no article %u", (unsigned)article);
    const uint8_t *entry = segment->firsts.data + 4 * (uint64_t)article;
    uint32_t start = rf_load32(entry), end = rf_load32(entry + 4);
    if (start > end || end > segment->doc_count)
        return corrupt(segment, "passages of article", article, error);
    *first = start;
    *count = end - start;
    return RIFFLE_OK;
}

struct record {
    struct rf_bytes id, title;
    uint32_t text_length;
};

static const uint8_t *read_bytes(const uint8_t *p, const uint8_t *end, struct rf_bytes *bytes)
{
    uint64_t length = 0;
    p = rf_get_varint(p, end, &length);
    if (!p || length > (uint64_t)(end - p))
        return NULL;
    *bytes = (struct rf_bytes){(const char *)p, (size_t)length};
    return p + length;
}

static riffle_status read_record(const struct rf_segment *segment, uint32_t article, struct record *record, riffle_error *error)
{
    if (article >= segment->article_count)
        return rf_fail(error, RIFFLE_INVALID, "no article %u", (unsigned)article);
    const uint8_t *entry = segment->offsets.data + 8 * (uint64_t)article;
    uint64_t start = rf_load64(entry), stop = rf_load64(entry + 8);
    const uint8_t *p = NULL;
    if (start <= stop && stop <= segment->records.size) {
        const uint8_t *end = segment->records.data + stop;
        p = read_bytes(segment->records.data + start, end, &record->id);
        if (p)
            p = read_bytes(p, end, &record->title);
        p = rf_get_varint32(p, end, &record->text_length);
    }
    return p ? RIFFLE_OK : corrupt(segment, "record of article", article, error);
}

riffle_status rf_segment_article_id(const struct rf_segment *segment, uint32_t article, struct rf_bytes *id, riffle_error *error)
{
    struct record record = {0};
    riffle_status status = read_record(segment, article, &record, error);
    if (!status)
        *id = record.id;
    return status;
}

riffle_status rf_segment_article_title(const struct rf_segment *segment, uint32_t article, struct rf_bytes *title,
                                       riffle_error *error)
{
    struct record record = {0};
    riffle_status status = read_record(segment, article, &record, error);
    if (!status)
        *title = record.title;
    return status;
}

riffle_status rf_segment_text_length(const struct rf_segment *segment, uint32_t article, uint32_t *length, riffle_error *error)
{
    struct record record = {0};
    riffle_status status = read_record(segment, article, &record, error);
    if (!status)
        *length = record.text_length;
    return status;
}

riffle_status rf_segment_find_id(const struct rf_segment *segment, const char *id, size_t n, bool *found, uint32_t *article,
                                 riffle_error *error)
{
    *found = false;
    for (uint32_t low = 0, high = segment->article_count; low < high;) {
        uint32_t middle = low + (high - low) / 2, candidate = rf_load32(segment->ids.data + 4 * (uint64_t)middle);
        struct rf_bytes other;
        if (candidate >= segment->article_count)
            return corrupt(segment, "entry of the id order", middle, error);
        riffle_status status = rf_segment_article_id(segment, candidate, &other, error);
        if (status)
            return status;
        int order = rf_compare(id, n, other.data, other.length);
        if (order == 0) {
            *found = true;
            *article = candidate;
            return RIFFLE_OK;
        }
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return RIFFLE_OK;
}

riffle_status rf_segment_doc_range(const struct rf_segment *segment, uint32_t doc, uint32_t *start, uint32_t *end,
                                   riffle_error *error)
{
    if (doc >= segment->doc_count)
        return rf_fail(error, RIFFLE_INVALID, "no passage %u", (unsigned)doc);
    uint32_t article = rf_segment_article_of(segment, doc), first = 0, count = 0, length = 0;
    riffle_status status = rf_segment_article_docs(segment, article, &first, &count, error);
    if (!status)
        status = rf_segment_text_length(segment, article, &length, error);
    if (status)
        return status;
    if (doc < first || doc - first >= count)
        return corrupt(segment, "article of passage", doc, error);
    *start = rf_load32(segment->starts.data + 4 * (uint64_t)doc);
    *end = doc + 1 < first + count ? rf_load32(segment->starts.data + 4 * (uint64_t)(doc + 1)) : length;
    if (*start > *end || *end > length)
        return corrupt(segment, "range of passage", doc, error);
    return RIFFLE_OK;
}

/* ---- Columns ---- */

uint32_t rf_segment_columns(const struct rf_segment *segment) { return segment->column_count; }

riffle_status rf_segment_column_name(const struct rf_segment *segment, uint32_t column, struct rf_bytes *name, riffle_error *error)
{
    if (column >= segment->column_count)
        return rf_fail(error, RIFFLE_INVALID, "no column %u", (unsigned)column);
    *name = segment->columns[column].name;
    return RIFFLE_OK;
}

uint32_t rf_segment_column_values(const struct rf_segment *segment, uint32_t column)
{
    return column < segment->column_count ? segment->columns[column].values : 0;
}

riffle_status rf_segment_column_value(const struct rf_segment *segment, uint32_t column, uint32_t value, struct rf_bytes *out,
                                      riffle_error *error)
{
    if (value >= rf_segment_column_values(segment, column))
        return rf_fail(error, RIFFLE_INVALID, "no value %u in column %u", (unsigned)value, (unsigned)column);
    const struct rf_column *all = &segment->columns[column];
    uint32_t start = rf_load32(all->offsets + 4 * (uint64_t)value), end = rf_load32(all->offsets + 4 * (uint64_t)value + 4);
    if (start > end || end > all->byte_count)
        return corrupt(segment, "value", value, error);
    *out = (struct rf_bytes){all->bytes + start, end - start};
    return RIFFLE_OK;
}

uint32_t rf_segment_article_value(const struct rf_segment *segment, uint32_t column, uint32_t article)
{
    if (column >= segment->column_count || article >= segment->article_count)
        return 0;
    uint32_t code = rf_load32(segment->columns[column].codes + 4 * (uint64_t)article);
    return code <= segment->columns[column].values ? code : 0;
}
