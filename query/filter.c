/* SPDX-License-Identifier: BSD-3-Clause */
/* Filters: which articles of a segment a condition on their metadata chooses. */
#include "query/filter.h"

#include "text/text.h"

static bool is_plain(const struct rf_bytes *value)
{
    for (size_t i = 0; i < value->length; i++) {
        uint8_t byte = (uint8_t)value->data[i];
        if (byte < '!' || byte > '~' || (byte >= 'A' && byte <= 'Z'))
            return false;
    }
    return true;
}

/* A value without capitals and white space is folded already, which spares dates and addresses the work. */
static bool fold_value(struct rf_buffer *scratch, struct rf_bytes *value)
{
    if (is_plain(value))
        return true;
    scratch->size = 0;
    rf_fold(scratch, value->data, value->length);
    *value = (struct rf_bytes){(const char *)scratch->data, scratch->size};
    return !scratch->failed;
}

/* accepted[value] for all values of a column. */
static riffle_status accept_values(const struct rf_filter *filter, const struct rf_segment *segment, uint32_t column,
                                   struct rf_buffer *accepted, struct rf_buffer *scratch, riffle_error *error)
{
    uint32_t count = rf_segment_column_values(segment, column);
    accepted->size = 0;
    uint8_t *flags = rf_buffer_reserve(accepted, (size_t)count + 1);
    if (!flags)
        return rf_fail_memory(error);
    flags[0] = 0; /* no value */
    for (uint32_t v = 0; v < count; v++) {
        struct rf_bytes value;
        riffle_status status = rf_segment_column_value(segment, column, v, &value, error);
        if (status)
            return status;
        if (!fold_value(scratch, &value))
            return rf_fail_memory(error);
        flags[1 + v] = rf_filter_fits(filter, &value);
    }
    accepted->size = (size_t)count + 1;
    return RIFFLE_OK;
}

static riffle_status choose_article(const struct rf_segment *segment, uint32_t article, uint64_t *bits, riffle_error *error)
{
    uint32_t first, count;
    riffle_status status = rf_segment_article_docs(segment, article, &first, &count, error);
    uint32_t docs = rf_segment_docs(segment);
    for (uint32_t doc = first; !status && doc < docs && doc - first < count; doc++)
        bits[doc / 64] |= 1ull << doc % 64;
    return status;
}

riffle_status rf_filter_choose(const struct rf_filter *filter, const struct rf_native *index, uint32_t segment, uint64_t *bits,
                               riffle_error *error)
{
    const struct rf_segment *store = index->generation.segments[segment];
    uint32_t articles = rf_segment_articles(store);
    riffle_status status = RIFFLE_OK;
    if (filter->kind == RF_FILTER_ID) {
        bool found;
        uint32_t article;
        status = rf_segment_find_id(store, filter->low.data, filter->low.length, &found, &article, error);
        return status || !found ? status : choose_article(store, article, bits, error);
    }
    struct rf_buffer accepted, scratch;
    rf_buffer_init(&accepted, &index->allocator);
    rf_buffer_init(&scratch, &index->allocator);
    for (size_t i = 0; !status && i < filter->field->column_count; i++) {
        if (rf_column_segment(filter->field->columns[i]) != segment)
            continue;
        uint32_t column = rf_column_number(filter->field->columns[i]);
        status = accept_values(filter, store, column, &accepted, &scratch, error);
        for (uint32_t article = 0; !status && article < articles; article++) {
            uint32_t value = rf_segment_article_value(store, column, article);
            if (value < accepted.size && accepted.data[value])
                status = choose_article(store, article, bits, error);
        }
    }
    rf_buffer_release(&accepted);
    rf_buffer_release(&scratch);
    return status;
}

riffle_status rf_filter_accepts(const struct rf_filter *filter, const struct rf_native *index, uint32_t segment, uint32_t article,
                                bool *accepts, riffle_error *error)
{
    const struct rf_segment *store = index->generation.segments[segment];
    struct rf_bytes value;
    *accepts = false;
    if (filter->kind == RF_FILTER_ID) {
        riffle_status status = rf_segment_article_id(store, article, &value, error);
        *accepts = !status && rf_filter_fits(filter, &value);
        return status;
    }
    riffle_status status = RIFFLE_OK;
    struct rf_buffer scratch;
    rf_buffer_init(&scratch, &index->allocator);
    for (size_t i = 0; !status && !*accepts && i < filter->field->column_count; i++) {
        if (rf_column_segment(filter->field->columns[i]) != segment)
            continue;
        uint32_t column = rf_column_number(filter->field->columns[i]), which = rf_segment_article_value(store, column, article);
        if (!which)
            continue;
        status = rf_segment_column_value(store, column, which - 1, &value, error);
        if (!status && !fold_value(&scratch, &value))
            status = rf_fail_memory(error);
        *accepts = !status && rf_filter_fits(filter, &value);
    }
    rf_buffer_release(&scratch);
    return status;
}
