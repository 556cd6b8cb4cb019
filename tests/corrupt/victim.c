/* SPDX-License-Identifier: BSD-3-Clause */
/* Making and probing an index; victim.h. */
#include "tests/corrupt/victim.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "query/index.h"
#include "query/native.h"
#include "store/codec.h"
#include "store/cursor.h"
#include "store/manifest.h"
#include "store/positions.h"
#include "store/segment_files.h"
#include "tests/support/scratch.h"

/* ---- Making ---- */

enum { FIRST_ARTICLES = 200, SECOND_ARTICLES = 8, WORDS = 12 };

static struct rf_native *native_of(const riffle_index *index) { return index->store; }

static const char *const bases[] = {"office", "withdraw", "liaison", "negotiat", "border", "summit",   "missile", "sanction",
                                    "report", "visit",    "korea",   "kaesong",  "staff",  "talk",     "train",   "harbor",
                                    "market", "farmer",   "river",   "bridge",   "winter", "election", "student", "library"};
enum { BASES = sizeof bases / sizeof *bases };
static const char *const endings[] = {"", "", "s", "ed", "ing"};

static void append_word(struct rf_buffer *text, uint64_t *state, unsigned article)
{
    uint64_t r = random_below(state, 1000), base = r * r / 1000 * BASES / 1000;
    switch (random_below(state, 30)) {
    case 0:
        rf_buffer_printf(text, "Wi-Fi ");
        break;
    case 1:
        rf_buffer_printf(text, "무단 전재 ");
        break;
    case 2: /* one of its kind: a posting within the dictionary */
        rf_buffer_printf(text, "rare%ux%u ", article, (unsigned)random_below(state, 100));
        break;
    case 3:
        rf_buffer_printf(text, "kaesong liaison office. ");
        break;
    default: /* the last third has one ending each: stems that are aliases */
        rf_buffer_printf(text, "%s%s ", bases[base],
                         base < BASES * 2 / 3 ? endings[random_below(state, 5)] : endings[2 + base % 3]);
    }
}

static riffle_status add_article(riffle_writer *writer, uint64_t *state, unsigned number, riffle_error *error)
{
    struct rf_buffer text;
    char id[40], title[80], date[20], source[20];
    rf_buffer_init(&text, &rf_malloc_allocator);
    unsigned words = WORDS + (number % 50 == 7 ? 260 : 0); /* now and then several passages */
    for (unsigned i = 0; i < words; i++)
        append_word(&text, state, number);
    for (unsigned i = 0; number % 110 == 11 && i < 200; i++) /* a high tf is an exception in its block */
        rf_buffer_printf(&text, "office ");
    snprintf(id, sizeof id, "n%u", (number * 7919) % 1000);
    snprintf(title, sizeof title, number % 3 ? "%s" : "%s of the %s", bases[number % BASES], bases[number * 5 % BASES]);
    snprintf(date, sizeof date, "2019-%02u-%02u", number % 12 + 1, number % 5 + 1);
    snprintf(source, sizeof source, "Source %c", 'A' + number % 4);
    const riffle_field fields[] = {{"date", 4, date, strlen(date)}, {"source", 6, source, strlen(source)}, {"page", 4, "front", 5}};
    const riffle_article article = {.id = id,
                                    .id_length = strlen(id),
                                    .title = title,
                                    .title_length = number % 10 ? strlen(title) : 0,
                                    .text = (const char *)text.data,
                                    .text_length = text.size,
                                    .fields = fields,
                                    .field_count = number % 20 ? 2 : 3};
    riffle_status status = riffle_writer_add(writer, &article, error);
    rf_buffer_release(&text);
    return status;
}

/* Deletions are read but not written yet: passages 3, 4 and 9 of the first segment. */
static void delete_some(const char *folder)
{
    struct rf_manifest manifest;
    struct rf_container_writer file;
    bool found;
    char path[2 * SCRATCH_PATH];
    assert_int_equal(rf_manifest_read(&manifest, folder, &found, &rf_malloc_allocator, NULL), RIFFLE_OK);
    assert_int_equal(manifest.segment_count, 2);
    snprintf(path, sizeof path, "%s/%06u.1.deleted", folder, (unsigned)manifest.segments[0].number);
    assert_int_equal(rf_container_create(&file, path, RF_KIND_DELETED, &rf_malloc_allocator, NULL), RIFFLE_OK);
    rf_container_section(&file, RF_SECTION_BITS);
    for (uint32_t doc = 0; doc < manifest.segments[0].docs; doc += 8)
        rf_output_append(&file.output, &(const uint8_t){doc ? doc == 8 ? 2 : 0 : 24}, 1);
    assert_int_equal(rf_container_finish(&file, NULL), RIFFLE_OK);
    rf_container_release(&file, false);
    manifest.segments[0].deleted = 1;
    assert_int_equal(rf_manifest_write(&manifest, folder, &rf_malloc_allocator, NULL), RIFFLE_OK);
    rf_manifest_release(&manifest, &rf_malloc_allocator);
}

static int count_kinds(void *context, const char *term, size_t n, const struct rf_term *info)
{
    const struct rf_segment *segment = ((void **)context)[0];
    unsigned *kinds = ((void **)context)[1];
    struct rf_list list;
    assert_int_equal(rf_list_open(&list, segment, info, NULL), RIFFLE_OK);
    kinds[0] += list.blocks > 1;
    kinds[1] += list.bitmap && list.maxima;
    for (uint32_t block = 0; list.blocks > 1 && block < list.blocks; block++)
        kinds[2] += (rf_load32(list.data + rf_load32(list.entries + (size_t)block * RF_ENTRY + 4)) >> 22 & 31) != 0;
    if (n && term[0] == RF_PREFIX_STEM)
        kinds[info->has_positions ? 3 : 4]++;
    return 0;
}

/* Is in it what is to be damaged? */
static void check_kinds(const char *folder)
{
    riffle_index *index;
    unsigned kinds[5] = {0}; /* lists of several blocks, bitmaps, exceptions of tfs, aliases, other stems */
    assert_int_equal(riffle_index_open(&index, folder, NULL, NULL), RIFFLE_OK);
    struct rf_segment *segment = native_of(index)->generation.segments[0];
    assert_int_equal(native_of(index)->generation.segment_count, 2);
    assert_int_equal(rf_segment_walk_terms(segment, "", 0, count_kinds, (void *[]){segment, kinds}, NULL), RIFFLE_OK);
    for (size_t i = 0; i < 5; i++)
        assert_true(kinds[i] > 0);
    assert_true(segment->text_index.size > 2 * 16); /* two blocks of text, and the end */
    assert_int_equal(segment->column_count, 3);
    assert_int_equal(segment->doc_count - segment->live_docs, 3);
    riffle_index_close(index);
}

void victim_make(const char *folder)
{
    riffle_writer *writer;
    riffle_error error;
    uint64_t state = 5;
    if (riffle_writer_open(&writer, folder, NULL, &error))
        fail_msg("%s", error.message);
    for (unsigned i = 0; i < FIRST_ARTICLES + SECOND_ARTICLES; i++) {
        if (i == FIRST_ARTICLES && riffle_writer_commit(writer, &error))
            fail_msg("%s", error.message);
        if (add_article(writer, &state, i, &error))
            fail_msg("%s", error.message);
    }
    if (riffle_writer_commit(writer, &error))
        fail_msg("%s", error.message);
    riffle_writer_close(writer);
    delete_some(folder);
    check_kinds(folder);
}

riffle_status victim_merge(const char *folder)
{
    riffle_writer *writer;
    riffle_error error;
    uint64_t state = 6;
    riffle_status status = riffle_writer_open(&writer, folder, NULL, &error);
    /* A file that is not there; another version of the format or the analysis, or another language. */
    bool expected = status == RIFFLE_IO || status == RIFFLE_TOO_NEW || status == RIFFLE_INVALID;
    for (unsigned i = 0; !status && i < FIRST_ARTICLES / 2; i++) {
        status = add_article(writer, &state, i + FIRST_ARTICLES + SECOND_ARTICLES, &error);
        if (status == RIFFLE_EXISTS) /* as a damaged id has it */
            status = RIFFLE_OK;
    }
    if (!status)
        status = riffle_writer_commit(writer, &error);
    riffle_writer_close(writer);
    if (status && ((status != RIFFLE_CORRUPT && !expected) || !error.message[0]))
        fail_msg("status %d, message '%s'", (int)status, error.message);
    return status;
}

/* ---- Memory: counted, and limited ---- */

enum { MEMORY_LIMIT = 32 << 20, BEFORE = 16 };

struct memory {
    size_t used;
};

static void count(struct memory *memory, size_t bytes)
{
    memory->used += bytes;
    if (memory->used > MEMORY_LIMIT)
        fail_msg("%zu bytes of memory for a damaged index", memory->used);
}

static void *count_allocate(void *context, size_t bytes)
{
    count(context, bytes);
    char *block = malloc(BEFORE + bytes);
    assert_non_null(block);
    memcpy(block, &bytes, sizeof bytes);
    return block + BEFORE;
}

static void count_release(void *context, void *memory)
{
    size_t bytes;
    memcpy(&bytes, (char *)memory - BEFORE, sizeof bytes);
    ((struct memory *)context)->used -= bytes;
    free((char *)memory - BEFORE);
}

static void *count_resize(void *context, void *memory, size_t bytes)
{
    size_t before = 0;
    if (memory)
        memcpy(&before, (char *)memory - BEFORE, sizeof before);
    count(context, bytes - before);
    char *block = realloc(memory ? (char *)memory - BEFORE : NULL, BEFORE + bytes);
    assert_non_null(block);
    memcpy(block, &bytes, sizeof bytes);
    return block + BEFORE;
}

/* ---- Probing ---- */

struct probe {
    riffle_index *index;
    unsigned turn;
    bool failed; /* something was damaged */
    struct probe_counts *counts;
    riffle_error error;
};

/* A manifest can be sound and name a language that this library does not know. */
static bool is_unknown_language(const riffle_error *error)
{
    return error->status == RIFFLE_INVALID && strstr(error->message, "unknown language");
}

/* Behind opening, every failure says CORRUPT and where. */
static bool good(struct probe *probe, riffle_status status)
{
    if (status == RIFFLE_OK)
        return true;
    probe->failed = true;
    if (status != RIFFLE_CORRUPT || probe->error.status != status || !probe->error.message[0])
        fail_msg("status %d, message %d '%s'", (int)status, (int)probe->error.status, probe->error.message);
    return false;
}

/*
 * The sections moved to memory of their own, with no more than the promised bytes behind them: in a build with AddressSanitizer a
 * read beyond is seen, while in a map it would find the next section.
 */
static void move_span(struct rf_segment *segment, struct rf_span *span, bool is_columns, uint8_t **copies, size_t *count_of_copies)
{
    if (!span->data)
        return;
    uint8_t *copy = malloc(span->size + RF_OVERREAD);
    assert_non_null(copy);
    memcpy(copy, span->data, span->size + RF_OVERREAD);
    for (uint32_t i = 0; is_columns && i < segment->column_count; i++) {
        struct rf_column *column = &segment->columns[i];
        column->offsets = copy + (column->offsets - span->data);
        column->codes = copy + (column->codes - span->data);
        column->bytes = (const char *)copy + ((const uint8_t *)column->bytes - span->data);
        column->name.data = (const char *)copy + ((const uint8_t *)column->name.data - span->data);
    }
    if (segment->length_codes == span->data)
        segment->length_codes = copy;
    span->data = copy;
    copies[(*count_of_copies)++] = copy;
}

enum { SPANS = 16 };

static size_t move_sections(struct rf_segment *segment, uint8_t *copies[SPANS])
{
    struct rf_span columns, *spans[] = {&segment->term_blocks,   &segment->term_index,   &segment->doc_data,
                                        &segment->position_data, &segment->lengths,      &segment->starts,
                                        &segment->firsts,        &segment->records,      &segment->offsets,
                                        &segment->ids,           &segment->text_blocks,  &segment->text_index,
                                        &segment->text_articles, &segment->deleted_bits, &columns};
    size_t moved = 0;
    if (rf_container_find(&segment->articles, "articles", RF_SECTION_COLUMNS, &columns, NULL))
        columns.data = NULL;
    for (size_t i = 0; i < sizeof spans / sizeof *spans; i++)
        move_span(segment, spans[i], spans[i] == &columns, copies, &moved);
    return moved;
}

static void read_all_positions(struct probe *probe, struct rf_cursor *cursor)
{
    for (uint32_t i = 0; i < cursor->count; i++) {
        uint32_t at = probe->turn & 1 ? cursor->count - 1 - i : i,
                 *out = malloc((cursor->tfs[at] + (size_t)RF_PADDING) * sizeof *out);
        assert_non_null(out);
        bool read = good(probe, rf_cursor_positions(cursor, at, out, &probe->error));
        for (uint32_t j = 1; read && j < cursor->tfs[at]; j++)
            assert_true(out[j - 1] < out[j]);
        free(out);
        if (!read)
            return;
    }
}

/* One posting of each block, without the others. */
static void read_some(struct probe *probe, const struct rf_segment *segment, const struct rf_term *info)
{
    struct rf_list list;
    struct rf_block block;
    if (!good(probe, rf_list_open(&list, segment, info, &probe->error)))
        return;
    for (uint32_t i = 0; i < list.blocks && good(probe, rf_list_block(&list, i, &block, &probe->error)); i++) {
        uint32_t at = probe->turn % block.count, ordinal = i * RF_BLOCK + at, tf;
        struct rf_place place;
        if (!good(probe, rf_list_some_tfs(&list, &block, &at, 1, &tf, &probe->error)) || !info->has_positions ||
            !good(probe, rf_list_places(&list, &ordinal, 1, &tf, &place, &probe->error)))
            continue;
        uint32_t *out = malloc((tf + (size_t)RF_PADDING) * sizeof *out), *found, n = 1;
        assert_non_null(out);
        rf_positions_first(&place, out);
        rf_positions_follow(&place, tf, 1, out, &n);
        good(probe, rf_positions_read(&list, &place, tf, out, &found, &probe->error));
        free(out);
    }
}

static void read_list(struct probe *probe, const struct rf_segment *segment, const struct rf_term *info)
{
    struct rf_cursor cursor;
    if (!good(probe, rf_cursor_open(&cursor, segment, info, &probe->error)))
        return;
    uint32_t docs = rf_segment_docs(segment), next = 0;
    while (good(probe, rf_cursor_next_block(&cursor, &probe->error)) && cursor.count &&
           good(probe, rf_cursor_tfs(&cursor, &probe->error))) {
        assert_true(cursor.count <= RF_BLOCK);
        for (uint32_t i = 0; i < cursor.count; i++) {
            assert_true(cursor.docs[i] >= next && cursor.docs[i] < docs && cursor.tfs[i]);
            next = cursor.docs[i] + 1;
        }
        assert_int_equal(cursor.docs[cursor.count - 1], cursor.last_doc);
        if (info->has_positions)
            read_all_positions(probe, &cursor);
    }
    if (info->df <= RF_BLOCK || !good(probe, rf_cursor_open(&cursor, segment, info, &probe->error)))
        return;
    for (uint32_t doc = probe->turn % 7; doc < docs + 20; doc += 1 + doc / 3)
        if (!good(probe, rf_cursor_seek_block(&cursor, doc, &probe->error)) || !good(probe, rf_cursor_docs(&cursor, &probe->error)))
            return;
}

struct walk {
    struct probe *probe;
    const struct rf_segment *segment;
};

static int visit(void *context, const char *term, size_t n, const struct rf_term *info)
{
    struct walk *walk = context;
    bool found;
    struct rf_term again;
    assert_true(n <= RF_KEY_MAX && info->df);
    good(walk->probe, rf_segment_find(walk->segment, term, n, &found, &again, &walk->probe->error));
    read_list(walk->probe, walk->segment, info);
    read_some(walk->probe, walk->segment, info);
    return 0;
}

static void probe_postings(struct probe *probe)
{
    for (size_t s = 0; s < native_of(probe->index)->generation.segment_count; s++) {
        struct walk walk = {probe, native_of(probe->index)->generation.segments[s]};
        good(probe, rf_segment_walk_terms(walk.segment, "", 0, visit, &walk, &probe->error));
    }
}

static void probe_articles(struct probe *probe, uint64_t articles)
{
    const char *value;
    size_t length;
    volatile unsigned char sum = 0; /* reads every byte */
    (void)sum;
    for (uint64_t article = 0; article < articles; article++) {
        static const char *const names[] = {"date", "page", "no such", "title", "id"};
        for (size_t i = 0; i < sizeof names / sizeof *names; i++)
            if (good(probe, riffle_index_field(probe->index, article, names[i], &value, &length, &probe->error)))
                for (size_t j = 0; j < length; j++)
                    sum ^= (unsigned char)value[j];
        uint64_t number;
        riffle_status status = riffle_index_find(probe->index, value, length, &number, &probe->error);
        if (status != RIFFLE_INVALID) /* not found, which is its answer where the order of ids is damaged */
            good(probe, status);
    }
    for (size_t s = 0; s < native_of(probe->index)->generation.segment_count; s++) {
        const struct rf_segment *segment = native_of(probe->index)->generation.segments[s];
        uint32_t start, end;
        for (uint32_t doc = 0; doc < rf_segment_docs(segment); doc++)
            if (good(probe, rf_segment_doc_range(segment, doc, &start, &end, &probe->error)))
                assert_true(start <= end);
    }
}

/* The first segment's texts lie in few blocks: reading some reads all blocks. `turn` 0 reads every one. */
static void probe_text(struct probe *probe, uint64_t articles)
{
    for (uint64_t article = probe->turn % 90; article < articles; article += probe->turn ? 90 : 1) {
        char *text;
        size_t length;
        if (good(probe, riffle_index_text(probe->index, article, &text, &length, &probe->error)))
            riffle_text_free(probe->index, text);
    }
}

static void read_hits(struct probe *probe, riffle_results *results)
{
    for (size_t rank = 0; rank < riffle_results_count(results); rank++) {
        riffle_hit hit = {.size = sizeof hit};
        riffle_snippet snippet;
        const riffle_range *ranges;
        const char *text;
        size_t count_of_ranges, length;
        uint64_t start;
        probe->counts->hits++;
        good(probe, riffle_results_hit(results, rank, &hit, &probe->error));
        good(probe, riffle_results_explain(results, rank, &text, &probe->error));
        good(probe, riffle_results_title_matches(results, rank, &ranges, &count_of_ranges, &probe->error));
        if (rank > 0 && probe->turn)
            continue; /* what follows inflates a block for each hit */
        if (good(probe, riffle_results_snippet(results, rank, 0, &snippet, &probe->error)))
            for (size_t i = 0; i < snippet.mark_count; i++)
                assert_true(snippet.marks[i].start < snippet.marks[i].end && snippet.marks[i].end <= snippet.length);
        if (!good(probe, riffle_results_matches(results, rank, &ranges, &count_of_ranges, &probe->error)) ||
            !good(probe, riffle_results_text(results, rank, &text, &length, &start, &probe->error)))
            continue;
        for (size_t i = 0; i < count_of_ranges; i++)
            assert_true(ranges[i].start >= start && ranges[i].start < ranges[i].end && ranges[i].end <= start + length);
    }
}

static const struct {
    const char *query;
    int by_article, method;
} searches[] = {
    {"offices", 0, RIFFLE_METHOD_FAST},
    {"kaesong liaison withdrawing rivers wi-fi", 0, RIFFLE_METHOD_FAST},
    {"\"kaesong liaison office\"", 0, RIFFLE_METHOD_FAST},
    {"rare1* kae*", 0, RIFFLE_METHOD_FAST},
    {"+title:office report source:\"source a\" date:2019-01..2019-09", 1, RIFFLE_METHOD_FAST},
    {"무단 전재 -korea", 1, RIFFLE_METHOD_FAST},
    {"(border AND missile) OR \"wi-fi office\"", 0, RIFFLE_METHOD_EXHAUSTIVE},
    {"id:n919 OR page:front", 0, RIFFLE_METHOD_FAST},
    {"bridges NOT date:2019-03", 0, RIFFLE_METHOD_EXHAUSTIVE},
};
enum { SEARCHES = sizeof searches / sizeof *searches };

static void probe_searches(struct probe *probe, size_t searches_a_turn)
{
    for (size_t i = 0; i < (probe->turn ? searches_a_turn : SEARCHES); i++) {
        size_t which = (i + probe->turn) % SEARCHES;
        riffle_search_options options = RIFFLE_SEARCH_OPTIONS_INIT;
        riffle_results *results;
        options.limit = 2;
        options.by_article = searches[which].by_article;
        options.method = searches[which].method;
        const char *query = searches[which].query;
        if (!good(probe, riffle_search(probe->index, query, strlen(query), &options, &results, &probe->error)))
            continue;
        read_hits(probe, results);
        riffle_results_free(results);
    }
}

riffle_status victim_probe(const char *folder, unsigned parts, unsigned turn, struct probe_counts *counts)
{
    struct memory memory = {0};
    const riffle_allocator allocator = {count_allocate, count_resize, count_release, &memory};
    riffle_index_options options = RIFFLE_INDEX_OPTIONS_INIT;
    struct probe probe = {.turn = turn, .counts = counts};
    options.allocator = &allocator;
    riffle_status opened = riffle_index_open(&probe.index, folder, &options, &probe.error);
    if (opened) {
        bool expected =
            opened == RIFFLE_CORRUPT || opened == RIFFLE_TOO_NEW || opened == RIFFLE_IO || is_unknown_language(&probe.error);
        if (!expected || !probe.error.message[0])
            fail_msg("status %d, message '%s'", (int)opened, probe.error.message);
        assert_null(probe.index);
        assert_int_equal(memory.used, 0);
        counts->refused++;
        return opened;
    }
    struct rf_generation *generation = &native_of(probe.index)->generation;
    uint8_t *copies[8][SPANS];
    size_t moved[8];
    assert_true(generation->segment_count <= 8);
    for (size_t s = 0; s < generation->segment_count; s++)
        moved[s] = move_sections(generation->segments[s], copies[s]);
    riffle_statistics statistics = {.size = sizeof statistics};
    riffle_index_statistics(probe.index, &statistics, NULL);
    if (parts & PROBE_POSTINGS)
        probe_postings(&probe);
    if (parts & PROBE_ARTICLES)
        probe_articles(&probe, statistics.articles);
    if (parts & PROBE_TEXT)
        probe_text(&probe, statistics.articles);
    if (parts & PROBE_SEARCHES)
        probe_searches(&probe, parts & PROBE_POSTINGS ? 2 : 1);
    if (probe.failed)
        counts->failed++;
    else
        counts->answered++;
    for (size_t s = 0; s < generation->segment_count; s++)
        while (moved[s])
            free(copies[s][--moved[s]]);
    riffle_index_close(probe.index);
    assert_int_equal(memory.used, 0);
    return RIFFLE_OK;
}
