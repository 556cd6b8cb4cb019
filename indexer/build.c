/* SPDX-License-Identifier: BSD-3-Clause */
/* Building the postings of a segment; build.h. */
#include "indexer/build.h"

#include "store/cursor.h"

/* The stems, too, need room beside what the writer holds, but only when the pairs' has been given back. */
enum { PAIRS_SHARE = 4 };

/* ---- An inverter as a source ---- */

static void next_of_inverter(struct rf_source *source)
{
    source->term = NULL;
    /* A text that was flushed half-way has left terms that its other half may not hold. */
    while (source->next < source->inverter->term_count && rf_inverter_unused(source->inverter, source->order[source->next]))
        source->next++;
    if (source->next < source->inverter->term_count) {
        rf_inverter_prefetch(source->inverter, source->order, source->next);
        struct rf_inverter_key key = rf_inverter_term(source->inverter, source->order[source->next++]);
        source->term = key.data;
        source->length = key.length;
    }
}

static bool reserve_positions(struct rf_source *source, size_t count, const riffle_allocator *allocator)
{
    void *positions = source->positions;
    bool grown = rf_grow(allocator, &positions, &source->position_capacity, count, sizeof *source->positions);
    source->positions = positions;
    return grown;
}

static riffle_status feed_from_inverter(struct rf_source *source, struct rf_postings_writer *writer, riffle_error *error)
{
    source->scratch.size = 0;
    rf_inverter_read(source->inverter, source->order[source->next - 1], &source->scratch);
    if (source->scratch.failed)
        return rf_fail_memory(error);
    const uint8_t *p = source->scratch.data, *end = p + source->scratch.size;
    uint32_t doc = 0, tf = 0, gap_doc = 0, position = 0;
    while (p < end) {
        uint64_t gap = 0;
        p = rf_get_varint(p, end, &gap);
        if (gap & 1) {
            if (tf)
                rf_postings_add(writer, doc, tf, source->positions);
            p = rf_get_varint32(p, end, &gap_doc);
            doc += gap_doc;
            tf = position = 0;
        }
        position += (uint32_t)(gap >> 1);
        if (tf == source->position_capacity && !reserve_positions(source, (size_t)tf + 1, writer->allocator))
            return rf_fail_memory(error);
        source->positions[tf++] = position++;
    }
    rf_postings_add(writer, doc, tf, source->positions);
    return RIFFLE_OK;
}

/* ---- A segment as a source ---- */

static riffle_status next_of_segment(struct rf_source *source, bool found, riffle_error *error)
{
    riffle_status status = RIFFLE_OK;
    if (!found)
        status = rf_dictionary_walk_next(&source->walk, &found, error);
    /* Pairs and stems lie behind all surface forms, and are made anew. */
    bool usable = !status && found &&
                  !(source->walk.length && (source->walk.term[0] == RF_PREFIX_PAIR || source->walk.term[0] == RF_PREFIX_STEM));
    if (usable && (source->walk.is_alias || source->walk.length == 0 || source->walk.length > RF_TERM_MAX + 1))
        status = rf_fail(error, RIFFLE_CORRUPT, "a term of a segment cannot be one");
    source->term = usable && !status ? source->walk.term : NULL;
    source->length = source->walk.length;
    return status;
}

static riffle_status feed_from_segment(struct rf_source *source, struct rf_postings_writer *writer, riffle_error *error)
{
    struct rf_cursor cursor;
    riffle_status status = rf_cursor_open(&cursor, source->segment, &source->walk.info, error);
    while (!status && !(status = rf_cursor_next_block(&cursor, error)) && cursor.count) {
        status = rf_cursor_tfs(&cursor, error);
        for (uint32_t i = 0; !status && i < cursor.count; i++) {
            if (!reserve_positions(source, (size_t)cursor.tfs[i] + RF_PADDING, writer->allocator))
                return rf_fail_memory(error);
            status = rf_cursor_positions(&cursor, i, source->positions, error);
            if (!status)
                rf_postings_add(writer, source->first_doc + cursor.docs[i], cursor.tfs[i], source->positions);
        }
    }
    return status;
}

/* ---- All sources ---- */

static riffle_status start(struct rf_source *source, const riffle_allocator *allocator, riffle_error *error)
{
    rf_buffer_init(&source->scratch, allocator);
    source->positions = NULL;
    source->position_capacity = 0;
    source->order = NULL;
    source->next = 0;
    if (source->inverter) {
        source->order = rf_inverter_sorted(source->inverter);
        if (!source->order)
            return rf_fail_memory(error);
        next_of_inverter(source);
        return RIFFLE_OK;
    }
    bool found;
    riffle_status status = rf_dictionary_walk_from(&source->walk, source->segment, "", 0, &found, error);
    source->term = NULL;
    return status || !found ? status : next_of_segment(source, true, error);
}

static void stop(struct rf_source *source, const riffle_allocator *allocator)
{
    rf_buffer_release(&source->scratch);
    rf_free(allocator, source->positions);
    rf_free(allocator, source->order);
    source->positions = source->order = NULL;
}

/* The source whose term comes first, the earliest of those that have the same; NULL at the end. */
static struct rf_source *least(struct rf_source *sources, size_t count)
{
    struct rf_source *best = NULL;
    for (size_t i = 0; i < count; i++)
        if (sources[i].term && (!best || rf_compare(sources[i].term, sources[i].length, best->term, best->length) < 0))
            best = &sources[i];
    return best;
}

static riffle_status write_term(struct rf_source *sources, size_t count, struct rf_source *first, struct rf_postings_writer *writer,
                                riffle_error *error)
{
    char term[RF_KEY_MAX];
    size_t length = first->length;
    memcpy(term, first->term, length);
    rf_postings_begin(writer, term, length, true);
    riffle_status status = RIFFLE_OK;
    for (struct rf_source *source = first; !status && source < sources + count; source++) {
        if (!source->term || rf_compare(source->term, source->length, term, length) != 0)
            continue;
        if (source->inverter) {
            status = feed_from_inverter(source, writer, error);
            next_of_inverter(source);
        } else {
            status = feed_from_segment(source, writer, error);
            if (!status)
                status = next_of_segment(source, false, error);
        }
    }
    return status;
}

riffle_status rf_build_postings(struct rf_source *sources, size_t count, const char *folder, uint32_t number, uint32_t docs,
                                const uint8_t *lengths, struct rf_language *language, uint64_t memory,
                                const riffle_allocator *allocator, struct rf_segment_entry *entry, riffle_error *error)
{
    struct rf_postings_writer *writer = rf_alloc(allocator, sizeof *writer);
    if (!writer)
        return rf_fail_memory(error);
    struct rf_stems stems;
    struct rf_pairs pairs;
    rf_stems_init(&stems, language, allocator);
    rf_pairs_init(&pairs, docs, allocator);
    riffle_status status = rf_postings_create(writer, folder, number, lengths, language ? docs : 0, allocator, error);
    if (status) {
        rf_free(allocator, writer);
        return status;
    }
    rf_postings_set_temporary(writer, language == NULL);
    for (size_t i = 0; i < count; i++) {
        riffle_status started = start(&sources[i], allocator, status ? NULL : error);
        status = status ? status : started;
    }
    for (struct rf_source *first; !status && (first = least(sources, count)) != NULL;) {
        status = write_term(sources, count, first, writer, error);
        if (status)
            break;
        struct rf_term info = rf_postings_end(writer);
        if (!language)
            continue;
        rf_pairs_note(&pairs, writer->term, writer->term_length, &info);
        rf_stems_note(&stems, writer->term, writer->term_length, &info);
    }
    for (size_t i = 0; i < count; i++)
        stop(&sources[i], allocator);
    if (!status && language)
        status = rf_pairs_write(&pairs, writer, memory / PAIRS_SHARE, error);
    if (!status && language)
        status = rf_stems_write(&stems, writer, docs, error);
    if (!status)
        status = rf_postings_finish(writer, entry, error);
    rf_stems_release(&stems);
    rf_pairs_release(&pairs);
    rf_postings_release(writer, status != RIFFLE_OK);
    rf_free(allocator, writer);
    return status;
}
