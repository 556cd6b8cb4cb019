/* SPDX-License-Identifier: BSD-3-Clause */
/* Grouping surface forms by stem and writing the stems' lists; stems.h. */
#include "indexer/stems.h"

#include <stdlib.h>

#include "store/cursor.h"

struct note {
    uint64_t prefix; /* the first 8 bytes of the stem key, so that most comparisons touch nothing else */
    uint64_t at;     /* in notes */
};

void rf_stems_init(struct rf_stems *stems, struct rf_language *language, const riffle_allocator *allocator)
{
    *stems = (struct rf_stems){.allocator = allocator, .language = language};
    rf_buffer_init(&stems->notes, allocator);
}

void rf_stems_release(struct rf_stems *stems)
{
    rf_buffer_release(&stems->notes);
    rf_free(stems->allocator, stems->order);
    stems->order = NULL;
}

/* A note: [key length][key][form length][form][df][docs_at][docs_bytes, or doc and tf where df is 1]. */
struct noted {
    const char *key, *form;
    size_t key_length, form_length;
    struct rf_term info;
};

void rf_stems_note(struct rf_stems *stems, const char *form, size_t n, const struct rf_term *info)
{
    char key[RF_KEY_MAX];
    size_t prefix = n && form[0] == RF_PREFIX_TITLE ? 1 : 0, stem_length;
    const char *stem;
    if (!rf_stem(stems->language, form + prefix, n - prefix, &stem, &stem_length)) {
        stems->failed = true;
        return;
    }
    if (stem_length == 0 || stem_length > RF_TERM_MAX) {
        stem = form + prefix;
        stem_length = n - prefix;
    }
    memcpy(key, form, prefix);
    memcpy(key + prefix, stem, stem_length);
    stem_length += prefix;

    struct note note = {0, stems->notes.size};
    for (size_t i = 0; i < 8; i++)
        note.prefix = note.prefix << 8 | (i < stem_length ? (uint8_t)key[i] : 0);
    struct rf_buffer *notes = &stems->notes;
    rf_buffer_append_varint(notes, stem_length);
    rf_buffer_append(notes, key, stem_length);
    rf_buffer_append_varint(notes, n);
    rf_buffer_append(notes, form, n);
    rf_buffer_append_varint(notes, info->df);
    if (info->df == 1) {
        rf_buffer_append_varint(notes, info->single_doc);
        rf_buffer_append_varint(notes, info->single_tf);
    } else {
        rf_buffer_append_varint(notes, info->docs_at);
        rf_buffer_append_varint(notes, info->docs_bytes);
    }
    if (notes->failed || !rf_grow(stems->allocator, &stems->order, &stems->capacity, stems->count + 1, sizeof note)) {
        stems->failed = true;
        return;
    }
    ((struct note *)stems->order)[stems->count++] = note;
}

static struct noted read_note(const struct rf_stems *stems, const struct note *note)
{
    struct noted noted = {0};
    const uint8_t *p = stems->notes.data + note->at, *end = stems->notes.data + stems->notes.size;
    uint64_t value = 0;
    p = rf_get_varint(p, end, &value);
    noted.key = (const char *)p;
    noted.key_length = (size_t)value;
    p = rf_get_varint(p + value, end, &value);
    noted.form = (const char *)p;
    noted.form_length = (size_t)value;
    p = rf_get_varint32(p + value, end, &noted.info.df);
    if (noted.info.df == 1) {
        p = rf_get_varint32(p, end, &noted.info.single_doc);
        rf_get_varint32(p, end, &noted.info.single_tf);
    } else {
        p = rf_get_varint(p, end, &noted.info.docs_at);
        rf_get_varint(p, end, &noted.info.docs_bytes);
    }
    return noted;
}

static int compare_notes(const void *a, const void *b, void *context)
{
    const struct note *x = a, *y = b;
    if (x->prefix != y->prefix)
        return x->prefix < y->prefix ? -1 : 1;
    struct noted p = read_note(context, x), q = read_note(context, y);
    int order = rf_compare(p.key, p.key_length, q.key, q.key_length);
    return order ? order : (x->at > y->at) - (x->at < y->at);
}

/* ---- Unions ---- */

/* Postings as doc << 32 | tf, and room to merge them. */
struct postings {
    uint64_t *list, *spare;
    size_t count, capacity, spare_capacity;
    size_t *starts; /* where each form's postings start, and the end */
    size_t forms, starts_capacity;
};

static bool reserve(const riffle_allocator *allocator, struct postings *postings, size_t need)
{
    void *list = postings->list, *spare = postings->spare;
    bool grown = rf_grow(allocator, &list, &postings->capacity, need, sizeof *postings->list) &&
                 rf_grow(allocator, &spare, &postings->spare_capacity, need, sizeof *postings->spare);
    postings->list = list;
    postings->spare = spare;
    return grown;
}

static bool add_start(const riffle_allocator *allocator, struct postings *postings)
{
    void *starts = postings->starts;
    bool grown = rf_grow(allocator, &starts, &postings->starts_capacity, postings->forms + 2, sizeof *postings->starts);
    postings->starts = starts;
    if (grown)
        postings->starts[postings->forms] = postings->count;
    return grown;
}

static riffle_status append_form(const riffle_allocator *allocator, struct postings *postings, const struct rf_segment *segment,
                                 const struct rf_term *info, riffle_error *error)
{
    struct rf_cursor cursor;
    if (!add_start(allocator, postings) || !reserve(allocator, postings, postings->count + info->df))
        return rf_fail_memory(error);
    postings->forms++;
    riffle_status status = rf_cursor_open(&cursor, segment, info, error);
    while (!status && !(status = rf_cursor_next_block(&cursor, error)) && cursor.count) {
        status = rf_cursor_tfs(&cursor, error);
        for (uint32_t i = 0; !status && i < cursor.count; i++)
            postings->list[postings->count++] = (uint64_t)cursor.docs[i] << 32 | cursor.tfs[i];
    }
    postings->starts[postings->forms] = postings->count;
    return status;
}

/* Merges the forms' ascending runs pairwise until one is left: n log(forms) steps. */
static void merge_forms(struct postings *postings)
{
    while (postings->forms > 1) {
        size_t forms = 0, out = 0;
        for (size_t i = 0; i < postings->forms; i += 2) {
            size_t a = postings->starts[i], middle = postings->starts[i + 1];
            size_t end = i + 2 <= postings->forms ? postings->starts[i + 2] : middle, b = middle;
            postings->starts[forms++] = out;
            while (a < middle && b < end)
                postings->spare[out++] = postings->list[a] < postings->list[b] ? postings->list[a++] : postings->list[b++];
            memcpy(postings->spare + out, postings->list + a, (middle - a) * sizeof *postings->list);
            out += middle - a;
            memcpy(postings->spare + out, postings->list + b, (end - b) * sizeof *postings->list);
            out += end - b;
        }
        postings->starts[forms] = out;
        postings->forms = forms;
        uint64_t *list = postings->list;
        size_t capacity = postings->capacity;
        postings->list = postings->spare;
        postings->capacity = postings->spare_capacity;
        postings->spare = list;
        postings->spare_capacity = capacity;
    }
}

static void write_union(struct rf_postings_writer *writer, const struct postings *postings, const char *stem, size_t n)
{
    rf_postings_begin(writer, stem, n, false);
    for (size_t i = 0; i < postings->count;) {
        uint32_t doc = (uint32_t)(postings->list[i] >> 32);
        uint64_t tf = 0;
        for (; i < postings->count && postings->list[i] >> 32 == doc; i++)
            tf += (uint32_t)postings->list[i];
        rf_postings_add(writer, doc, tf < UINT32_MAX ? (uint32_t)tf : UINT32_MAX - 1, NULL);
    }
    rf_postings_end(writer);
}

/* Writes the stem of the group [first, end) of notes. */
static riffle_status write_group(struct rf_stems *stems, struct rf_postings_writer *writer, const struct rf_segment *segment,
                                 struct postings *postings, size_t first, size_t end, riffle_error *error)
{
    const struct note *notes = stems->order;
    char stem[RF_KEY_MAX];
    struct noted noted = read_note(stems, &notes[first]);
    size_t n = noted.key_length + 1;
    stem[0] = RF_PREFIX_STEM;
    memcpy(stem + 1, noted.key, noted.key_length);
    if (end - first == 1) {
        if (rf_compare(noted.key, noted.key_length, noted.form, noted.form_length) != 0)
            rf_postings_alias(writer, stem, n, noted.form, noted.form_length);
        return RIFFLE_OK;
    }
    postings->count = postings->forms = 0;
    for (size_t i = first; i < end; i++) {
        noted = read_note(stems, &notes[i]);
        riffle_status status = append_form(stems->allocator, postings, segment, &noted.info, error);
        if (status)
            return status;
    }
    merge_forms(postings);
    write_union(writer, postings, stem, n);
    return RIFFLE_OK;
}

riffle_status rf_stems_write(struct rf_stems *stems, struct rf_postings_writer *writer, uint32_t docs, riffle_error *error)
{
    if (stems->failed)
        return rf_fail_memory(error);
    if (!stems->count)
        return RIFFLE_OK;
    struct rf_segment segment = {.doc_count = docs, .length_codes = writer->lengths, .name = "new"};
    struct rf_map map;
    riffle_status status = rf_postings_map_docs(writer, &map, &segment.doc_data, error);
    segment.docs.map = map;
    struct note *notes = stems->order;
    if (!status)
        qsort_r(notes, stems->count, sizeof *notes, compare_notes, stems);
    struct postings postings = {0};
    for (size_t first = 0, end; !status && first < stems->count; first = end) {
        struct noted noted = read_note(stems, &notes[first]);
        for (end = first + 1; end < stems->count && notes[end].prefix == notes[first].prefix; end++) {
            struct noted other = read_note(stems, &notes[end]);
            if (rf_compare(noted.key, noted.key_length, other.key, other.key_length) != 0)
                break;
        }
        status = write_group(stems, writer, &segment, &postings, first, end, error);
    }
    rf_free(stems->allocator, postings.list);
    rf_free(stems->allocator, postings.spare);
    rf_free(stems->allocator, postings.starts);
    rf_map_close(&map);
    return status;
}
