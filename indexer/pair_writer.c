/* SPDX-License-Identifier: BSD-3-Clause */
/* Counting neighbours and writing their lists; pair_writer.h. */
#include "indexer/pair_writer.h"

#include <stdlib.h>

#include "indexer/pair_lists.h"
#include "store/cursor.h"
#include "store/pairs.h"

struct word {
    size_t name, length; /* in names */
    struct rf_term info;
};

void rf_pairs_init(struct rf_pairs *pairs, uint32_t docs, const riffle_allocator *allocator)
{
    *pairs = (struct rf_pairs){.allocator = allocator, .docs = docs};
    uint32_t most = docs / RF_PAIR_MOST_SHARE, few = most < RF_PAIR_DOCS ? most : RF_PAIR_DOCS;
    if (docs >= RF_PAIR_LEAST_DOCS)
        pairs->df = docs / RF_PAIR_SHARE > few ? docs / RF_PAIR_SHARE : few;
    rf_buffer_init(&pairs->names, allocator);
}

void rf_pairs_release(struct rf_pairs *pairs)
{
    rf_buffer_release(&pairs->names);
    rf_free(pairs->allocator, pairs->words);
    pairs->words = NULL;
}

void rf_pairs_note(struct rf_pairs *pairs, const char *term, size_t n, const struct rf_term *info)
{
    if (!pairs->df || info->df <= pairs->df || !rf_pair_word(term, n))
        return;
    struct word word = {pairs->names.size, n, *info};
    rf_buffer_append(&pairs->names, term, n);
    if (pairs->names.failed || !rf_grow(pairs->allocator, &pairs->words, &pairs->capacity, pairs->count + 1, sizeof word))
        pairs->failed = true;
    else
        ((struct word *)pairs->words)[pairs->count++] = word;
}

static int descending(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? 1 : -(x > y);
}

/* Where too many words have been noted, raises the threshold and forgets those that are not above it. */
static bool raise_threshold(struct rf_pairs *pairs)
{
    struct word *words = pairs->words;
    size_t kept = 0;
    if (pairs->count <= RF_PAIR_WORDS)
        return true;
    uint32_t *dfs = rf_alloc(pairs->allocator, pairs->count * sizeof *dfs);
    if (!dfs)
        return false;
    for (size_t i = 0; i < pairs->count; i++)
        dfs[i] = words[i].info.df;
    qsort(dfs, pairs->count, sizeof *dfs, descending);
    pairs->df = dfs[RF_PAIR_WORDS];
    rf_free(pairs->allocator, dfs);
    for (size_t i = 0; i < pairs->count; i++)
        if (words[i].info.df > pairs->df)
            words[kept++] = words[i];
    pairs->count = kept;
    return true;
}

/* ---- The positions of a few docs at a time ---- */

/*
 * The docs at hand lie side by side on one line, with a bit for each position, set where a frequent word stands, and the number of that word.
 * Each doc begins with a word of bits, and behind it there is at least one position where nothing stands. Where a doc ends is known from its
 * length, about; what finds no place on the line, for it is too far out, or joined and so where another word stands already, is kept aside,
 * and the doc is counted by itself.
 */
enum { LINE_DOCS = 4096, LINE_POSITIONS = 1 << 18, LINE_BITS = 64 };

struct aside {
    uint32_t doc, position;
    uint16_t word;
};
_Static_assert(RF_PAIR_WORDS <= UINT16_MAX, "words have numbers of 16 bits");

struct reader {
    struct rf_cursor cursor;
    uint32_t at; /* posting of the block at hand */
};

struct gatherer {
    const riffle_allocator *allocator;
    struct rf_segment segment; /* what was written so far, as readers see it */
    struct rf_pair_lists lists;
    struct reader *readers; /* one a word */
    uint32_t words;
    uint32_t first_doc, end_doc;    /* of the line */
    uint32_t starts[LINE_DOCS + 1]; /* where each doc's part starts, and the end */
    uint64_t *bits;                 /* one word more than the line has */
    uint16_t *line;                 /* where a bit is set */
    size_t bit_capacity, line_capacity;
    uint32_t *positions; /* of a posting */
    size_t position_capacity;
    struct aside *asides;
    size_t aside_count, aside_capacity, counted_asides;
    struct rf_buffer list; /* the one being written */
};

/* More than the positions that a passage of this length code can have, in whole words of bits; the last code has no end. */
static uint32_t room_of(uint8_t code)
{
    uint32_t positions = rf_length_decode(code < 255 ? (uint8_t)(code + 1) : code) + RF_TITLE_WEIGHT_MAX + 2;
    return (positions / LINE_BITS + 1) * LINE_BITS;
}

/* The next docs, as many as make a line; one at least. */
static bool start_line(struct gatherer *gatherer, uint32_t docs)
{
    uint32_t doc = gatherer->first_doc = gatherer->end_doc, end = 0, *start = gatherer->starts;
    do {
        *start++ = end;
        end += room_of(gatherer->segment.length_codes[doc++]);
    } while (doc < docs && doc - gatherer->first_doc < LINE_DOCS && end < LINE_POSITIONS);
    *start = end;
    gatherer->end_doc = doc;
    gatherer->aside_count = gatherer->counted_asides = 0;
    size_t words = end / LINE_BITS + 1;
    void *line = gatherer->line, *bits = gatherer->bits;
    bool grown = rf_grow(gatherer->allocator, &line, &gatherer->line_capacity, end, sizeof *gatherer->line);
    grown = rf_grow(gatherer->allocator, &bits, &gatherer->bit_capacity, words, sizeof *gatherer->bits) && grown;
    gatherer->line = line;
    gatherer->bits = bits;
    if (grown)
        memset(bits, 0, words * sizeof *gatherer->bits);
    return grown;
}

static bool put_aside(struct gatherer *gatherer, uint32_t doc, uint32_t position, uint16_t word)
{
    void *asides = gatherer->asides;
    size_t count = gatherer->aside_count + 1;
    bool grown = rf_grow(gatherer->allocator, &asides, &gatherer->aside_capacity, count, sizeof *gatherer->asides);
    gatherer->asides = asides;
    if (grown)
        gatherer->asides[gatherer->aside_count++] = (struct aside){doc, position, word};
    return grown;
}

static riffle_status gather_posting(struct gatherer *gatherer, uint32_t word, riffle_error *error)
{
    struct reader *reader = &gatherer->readers[word];
    uint32_t i = reader->at++, doc = reader->cursor.docs[i], tf = reader->cursor.tfs[i];
    if ((size_t)tf + RF_PADDING > gatherer->position_capacity) {
        void *positions = gatherer->positions;
        if (!rf_grow(gatherer->allocator, &positions, &gatherer->position_capacity, (size_t)tf + RF_PADDING,
                     sizeof *gatherer->positions))
            return rf_fail_memory(error);
        gatherer->positions = positions;
    }
    riffle_status status = rf_cursor_positions(&reader->cursor, i, gatherer->positions, error);
    if (status)
        return status;
    const uint32_t *start = &gatherer->starts[doc - gatherer->first_doc];
    uint32_t room = start[1] - start[0] - 1;
    uint64_t *bits = gatherer->bits + start[0] / LINE_BITS;
    for (uint32_t j = 0; j < tf; j++) {
        uint32_t position = gatherer->positions[j];
        uint64_t bit = 1ull << position % LINE_BITS;
        if (position < room && !(bits[position / LINE_BITS] & bit)) {
            bits[position / LINE_BITS] |= bit;
            gatherer->line[start[0] + position] = (uint16_t)word;
        } else if (!put_aside(gatherer, doc, position, (uint16_t)word)) {
            return rf_fail_memory(error);
        }
    }
    return RIFFLE_OK;
}

/* The word's postings up to end_doc. */
static riffle_status gather_word(struct gatherer *gatherer, uint32_t word, riffle_error *error)
{
    struct reader *reader = &gatherer->readers[word];
    riffle_status status = RIFFLE_OK;
    while (!status && reader->cursor.count) {
        while (!status && reader->at < reader->cursor.count && reader->cursor.docs[reader->at] < gatherer->end_doc)
            status = gather_posting(gatherer, word, error);
        if (status || reader->at < reader->cursor.count)
            break;
        status = rf_cursor_next_block(&reader->cursor, error);
        if (!status)
            status = rf_cursor_tfs(&reader->cursor, error);
        reader->at = 0;
    }
    return status;
}

/* ---- Neighbours ---- */

static void count_pair(struct gatherer *gatherer, uint32_t a, uint32_t b, uint32_t doc)
{
    rf_pair_lists_count(&gatherer->lists, a * gatherer->words + b, doc);
}

static void count_doc(struct gatherer *gatherer, uint32_t doc)
{
    const uint32_t *start = &gatherer->starts[doc - gatherer->first_doc];
    for (uint32_t from = start[0]; from < start[1]; from += LINE_BITS) {
        const uint64_t *bits = gatherer->bits + from / LINE_BITS;
        uint64_t both = bits[0] & (bits[0] >> 1 | bits[1] << (LINE_BITS - 1)); /* the last bit of a doc is never set */
        for (; both; both &= both - 1) {
            const uint16_t *at = gatherer->line + from + __builtin_ctzll(both);
            count_pair(gatherer, at[0], at[1], doc);
        }
    }
}

static int by_place(const void *a, const void *b)
{
    const struct aside *x = a, *y = b;
    if (x->doc != y->doc)
        return x->doc < y->doc ? -1 : 1;
    return x->position != y->position ? (x->position < y->position ? -1 : 1) : (x->word > y->word) - (x->word < y->word);
}

/* A doc with words that were put aside: those on the line join them. */
static bool count_aside(struct gatherer *gatherer, uint32_t doc)
{
    size_t first = gatherer->counted_asides, end = first, others = gatherer->aside_count;
    const uint32_t *start = &gatherer->starts[doc - gatherer->first_doc];
    for (uint32_t at = start[0]; at < start[1]; at++)
        if (gatherer->bits[at / LINE_BITS] >> at % LINE_BITS & 1 && !put_aside(gatherer, doc, at - start[0], gatherer->line[at]))
            return false;
    while (end < others && gatherer->asides[end].doc == doc)
        if (!put_aside(gatherer, doc, gatherer->asides[end].position, gatherer->asides[end].word))
            return false;
        else
            end++;
    struct aside *list = gatherer->asides + others;
    size_t count = gatherer->aside_count - others;
    qsort(list, count, sizeof *list, by_place);
    for (size_t i = 0, next = 0; i < count; i++) {
        while (next < count && list[next].position <= list[i].position)
            next++;
        for (size_t j = next; j < count && list[j].position == list[i].position + 1; j++)
            count_pair(gatherer, list[i].word, list[j].word, doc);
    }
    gatherer->aside_count = others;
    gatherer->counted_asides = end;
    return true;
}

static bool count_line(struct gatherer *gatherer)
{
    if (gatherer->aside_count)
        qsort(gatherer->asides, gatherer->aside_count, sizeof *gatherer->asides, by_place);
    for (uint32_t doc = gatherer->first_doc; doc < gatherer->end_doc; doc++) {
        size_t next = gatherer->counted_asides;
        if (next == gatherer->aside_count || gatherer->asides[next].doc != doc)
            count_doc(gatherer, doc);
        else if (!count_aside(gatherer, doc))
            return false;
    }
    return rf_pair_lists_flush(&gatherer->lists);
}

/* Goes through all docs once, and counts for the lists that are held. */
static riffle_status gather(struct gatherer *gatherer, const struct word *words, uint32_t docs, riffle_error *error)
{
    riffle_status status = RIFFLE_OK;
    for (uint32_t word = 0; !status && word < gatherer->words; word++) {
        struct reader *reader = &gatherer->readers[word];
        reader->at = 0;
        status = rf_cursor_open(&reader->cursor, &gatherer->segment, &words[word].info, error);
        if (!status)
            status = rf_cursor_next_block(&reader->cursor, error);
        if (!status)
            status = rf_cursor_tfs(&reader->cursor, error);
    }
    gatherer->end_doc = 0;
    while (!status && gatherer->end_doc < docs) {
        if (!start_line(gatherer, docs))
            return rf_fail_memory(error);
        for (uint32_t word = 0; !status && word < gatherer->words; word++)
            status = gather_word(gatherer, word, error);
        if (!status && !count_line(gatherer))
            status = rf_fail_memory(error);
    }
    return status;
}

/* ---- Writing ---- */

/*
 * Is a long list not worth its bytes? What it saves of a phrase is looking for the pair in docs that hold both words. Where those are only some
 * times as many, as for "new york", that is little, above all where the phrase has other words: some 100 ns for each of the docs. One pair in fifty
 * has so long a list, with a third of all bytes. Of those, "of the" and others keep theirs, whose words stand together in so many docs that no
 * phrase could wait for them.
 */
static bool is_left_out(uint32_t df, uint32_t a_df, uint32_t b_df, uint32_t docs)
{
    uint64_t by_chance = (uint64_t)a_df * b_df / docs; /* docs that hold both words, had these nothing to do with each other */
    uint64_t candidates = by_chance > df ? by_chance : df;
    return df > RF_BLOCK && (uint64_t)df * RF_PAIR_PART > by_chance && candidates * RF_PAIR_DEAR <= docs;
}

static uint32_t count_postings(struct rf_pair_reader reader)
{
    uint32_t count = 0, doc;
    while (rf_pair_reader_next(&reader, &doc))
        count++;
    return count;
}

static riffle_status write_lists(struct rf_pairs *pairs, struct gatherer *gatherer, struct rf_postings_writer *writer,
                                 riffle_error *error)
{
    const struct word *words = pairs->words;
    const char *names = (const char *)pairs->names.data;
    for (uint32_t number = gatherer->lists.low; number < gatherer->lists.high; number++) {
        const struct word *a = &words[number / pairs->count], *b = &words[number % pairs->count];
        struct rf_pair_reader reader;
        char key[RF_KEY_MAX];
        uint32_t df, doc, tf;
        if (!rf_pair_reader_init(&reader, &gatherer->lists, number, &gatherer->list))
            return rf_fail_memory(error);
        size_t n = rf_pair_key(key, names + a->name, a->length, names + b->name, b->length);
        if (!n || !(df = count_postings(reader)))
            continue;
        writer->dictionary.pairs++;
        if (is_left_out(df, a->info.df, b->info.df, pairs->docs)) {
            rf_postings_leave_out(writer, key, n, df);
            continue;
        }
        rf_postings_begin(writer, key, n, false);
        while ((tf = rf_pair_reader_next(&reader, &doc)) > 0)
            rf_postings_add(writer, doc, tf, NULL);
        rf_postings_end(writer);
    }
    return RIFFLE_OK;
}

static riffle_status write_all(struct rf_pairs *pairs, struct gatherer *gatherer, struct rf_postings_writer *writer,
                               uint64_t budget, riffle_error *error)
{
    uint32_t count = (uint32_t)(pairs->count * pairs->count);
    gatherer->words = (uint32_t)pairs->count;
    gatherer->readers = rf_alloc(pairs->allocator, pairs->count * sizeof *gatherer->readers);
    if (!gatherer->readers || !rf_pair_lists_init(&gatherer->lists, count, pairs->docs, budget, pairs->allocator))
        return rf_fail_memory(error);
    riffle_status status = RIFFLE_OK;
    for (uint32_t low = 0; !status && low < count; low = gatherer->lists.high) {
        rf_pair_lists_start(&gatherer->lists, low);
        status = gather(gatherer, pairs->words, pairs->docs, error);
        if (!status)
            status = write_lists(pairs, gatherer, writer, error);
    }
    return status;
}

riffle_status rf_pairs_write(struct rf_pairs *pairs, struct rf_postings_writer *writer, uint64_t budget, riffle_error *error)
{
    if (pairs->failed || !raise_threshold(pairs))
        return rf_fail_memory(error);
    writer->dictionary.pair_df = pairs->df;
    if (!pairs->count)
        return RIFFLE_OK;
    struct gatherer *gatherer = rf_alloc_zero(pairs->allocator, sizeof *gatherer);
    if (!gatherer)
        return rf_fail_memory(error);
    struct rf_map docs, positions;
    struct rf_segment *segment = &gatherer->segment;
    *segment = (struct rf_segment){.doc_count = pairs->docs, .length_codes = writer->lengths, .name = "new"};
    gatherer->allocator = pairs->allocator;
    rf_buffer_init(&gatherer->list, pairs->allocator);
    riffle_status status = rf_postings_map_docs(writer, &docs, &segment->doc_data, error);
    if (!status) {
        segment->docs.map = docs;
        status = rf_postings_map_positions(writer, &positions, &segment->position_data, error);
        if (!status) {
            segment->positions.map = positions;
            status = write_all(pairs, gatherer, writer, budget, error);
        }
        rf_map_close(&positions);
    }
    rf_map_close(&docs);
    rf_pair_lists_release(&gatherer->lists);
    rf_buffer_release(&gatherer->list);
    rf_free(pairs->allocator, gatherer->readers);
    rf_free(pairs->allocator, gatherer->bits);
    rf_free(pairs->allocator, gatherer->line);
    rf_free(pairs->allocator, gatherer->positions);
    rf_free(pairs->allocator, gatherer->asides);
    rf_free(pairs->allocator, gatherer);
    return status;
}
