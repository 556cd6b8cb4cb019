/* SPDX-License-Identifier: BSD-3-Clause */
/* The native engine's articles: by number, by id, and as the passages of hits. */
#include "query/native.h"

/* An article's segment, and its number there. */
struct place {
    const struct rf_segment *segment;
    uint32_t article;
};

static struct place place_of_hit(const struct rf_native *native, const struct rf_hit *hit)
{
    const struct rf_segment *segment = native->generation.segments[hit->doc >> 32];
    return (struct place){segment, rf_segment_article_of(segment, (uint32_t)hit->doc)};
}

static riffle_status place_of_article(const struct rf_native *native, uint64_t article, struct place *place, riffle_error *error)
{
    if (article >= native->articles)
        return rf_fail(error, RIFFLE_INVALID, "there is no article %llu", (unsigned long long)article);
    size_t s = native->generation.segment_count - 1;
    while (native->article_base[s] > article)
        s--;
    *place = (struct place){native->generation.segments[s], (uint32_t)(article - native->article_base[s])};
    return RIFFLE_OK;
}

static riffle_status field_at(const struct place *place, const char *name, struct rf_bytes *value, riffle_error *error)
{
    size_t n = strlen(name);
    *value = (struct rf_bytes){"", 0};
    if (strcmp(name, "id") == 0)
        return rf_segment_article_id(place->segment, place->article, value, error);
    if (strcmp(name, "title") == 0)
        return rf_segment_article_title(place->segment, place->article, value, error);
    for (uint32_t c = 0; c < rf_segment_columns(place->segment); c++) {
        struct rf_bytes column;
        riffle_status status = rf_segment_column_name(place->segment, c, &column, error);
        if (status)
            return status;
        if (column.length != n || memcmp(column.data, name, n) != 0)
            continue;
        uint32_t which = rf_segment_article_value(place->segment, c, place->article);
        return which ? rf_segment_column_value(place->segment, c, which - 1, value, error) : RIFFLE_OK;
    }
    return RIFFLE_OK;
}

/* ---- Hits ---- */

riffle_status rf_native_describe(void *store, const struct rf_hit *hit, struct rf_passage_facts *facts, riffle_error *error)
{
    const struct rf_native *native = store;
    struct place place = place_of_hit(native, hit);
    uint32_t first = 0, end;
    *facts = (struct rf_passage_facts){.article = native->article_base[hit->doc >> 32] + place.article, .id = {"", 0}};
    riffle_status status = rf_segment_article_docs(place.segment, place.article, &first, &facts->passages, error);
    if (!status)
        status = rf_segment_doc_range(place.segment, (uint32_t)hit->doc, &facts->start, &end, error);
    if (!status)
        status = rf_segment_article_id(place.segment, place.article, &facts->id, error);
    if (!status)
        status = rf_segment_article_title(place.segment, place.article, &facts->title, error);
    facts->length = rf_length_decode(rf_segment_lengths(place.segment)[(uint32_t)hit->doc]);
    facts->ordinal = (uint32_t)hit->doc - first;
    return status;
}

riffle_status rf_native_passage_text(void *store, const struct rf_hit *hit, struct rf_buffer *text, riffle_error *error)
{
    struct place place = place_of_hit(store, hit);
    uint32_t start, end;
    riffle_status status = rf_segment_doc_range(place.segment, (uint32_t)hit->doc, &start, &end, error);
    if (status || !rf_segment_has_text(place.segment))
        return status;
    return rf_segment_read_text(place.segment, place.article, start, end, text, error);
}

riffle_status rf_native_hit_field(void *store, const struct rf_hit *hit, const char *name, struct rf_bytes *value,
                                  riffle_error *error)
{
    struct place place = place_of_hit(store, hit);
    return field_at(&place, name, value, error);
}

/* ---- Articles ---- */

riffle_status rf_native_find_article(void *store, const struct rf_bytes *id, bool *found, uint64_t *article, riffle_error *error)
{
    const struct rf_native *native = store;
    riffle_status status = RIFFLE_OK;
    *found = false;
    for (size_t s = 0; !status && !*found && s < native->generation.segment_count; s++) {
        const struct rf_segment *segment = native->generation.segments[s];
        uint32_t number, first, count;
        status = rf_segment_find_id(segment, id->data, id->length, found, &number, error);
        if (status || !*found)
            continue;
        status = rf_segment_article_docs(segment, number, &first, &count, error);
        *found = !status && !rf_segment_deleted(segment, first);
        *article = native->article_base[s] + number;
    }
    return status;
}

riffle_status rf_native_article_field(void *store, uint64_t article, const char *name, struct rf_bytes *value, riffle_error *error)
{
    struct place place = {NULL, 0};
    riffle_status status = place_of_article(store, article, &place, error);
    return status ? status : field_at(&place, name, value, error);
}

riffle_status rf_native_article_text(void *store, uint64_t article, struct rf_buffer *text, riffle_error *error)
{
    struct place place = {NULL, 0};
    uint32_t first, count, start, end = 0;
    riffle_status status = place_of_article(store, article, &place, error);
    if (status || !rf_segment_has_text(place.segment))
        return status;
    status = rf_segment_article_docs(place.segment, place.article, &first, &count, error);
    if (!status && count)
        status = rf_segment_doc_range(place.segment, first + count - 1, &start, &end, error);
    return status ? status : rf_segment_read_text(place.segment, place.article, 0, end, text, error);
}
