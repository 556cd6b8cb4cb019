/* SPDX-License-Identifier: BSD-3-Clause */
/* Counting neighbours and writing their lists; pair_writer.h. */
#include "indexer/pair_writer.h"

#include <stdlib.h>

#include "indexer/pair_lists.h"
#include "store/cursor.h"

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

struct reader {
    struct rf_cursor cursor;
    uint32_t at; /* posting of the block at hand */
};

struct gatherer {
    const riffle_allocator *allocator;
    struct rf_segment segment; /* what was written so far, as readers see it */
    struct rf_pair_numbers numbers;
    struct rf_pair_lists lists;
    struct reader *readers;         /* one a word */
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
    if (rf_pair_has_number(&gatherer->numbers, a, b))
        rf_pair_lists_count(&gatherer->lists, rf_pair_number(&gatherer->numbers, a, b), doc);
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

/*
 * In how many docs a pair may be for its list to be worth its bytes. What a list saves of a phrase is looking for the pair in docs that hold both words.
 * Where those are only some times as many, as for "new york", that is little, above all where the phrase has other words: some 100 ns for each of
 * the docs. One pair in twelve has so long a list, and two thirds of all bytes would be theirs. But "of the" and others, whose words stand together
 * in so many docs that no phrase could wait for them, have theirs in any case.
 */
static uint32_t most_docs(uint32_t a_df, uint32_t b_df, uint32_t docs)
{
    uint32_t by_chance =
        (uint32_t)((uint64_t)a_df * b_df / docs); /* docs that hold both words, had these nothing to do with each other */
    if (by_chance > docs / RF_PAIR_DEAR)
        return docs;
    return by_chance / RF_PAIR_PART > RF_BLOCK ? by_chance / RF_PAIR_PART : RF_BLOCK;
}

static void start_round(struct gatherer *gatherer, uint32_t low)
{
    const struct rf_pair_numbers *numbers = &gatherer->numbers;
    rf_pair_lists_start(&gatherer->lists, low);
    for (uint32_t a = 0; a < gatherer->numbers.words; a++)
        for (uint32_t b = 0; b < gatherer->numbers.words; b++)
            if (rf_pair_has_number(numbers, a, b))
                rf_pair_lists_limit(&gatherer->lists, rf_pair_number(numbers, a, b),
                                    most_docs(numbers->first[a].df, numbers->first[b].df, numbers->docs));
}

/* Goes through all docs once, and counts for the lists that are held. */
static riffle_status gather(struct gatherer *gatherer, const struct rf_pair_word *words, uint32_t docs, riffle_error *error)
{
    riffle_status status = RIFFLE_OK;
    for (uint32_t word = 0; !status && word < gatherer->numbers.words; word++) {
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
        for (uint32_t word = 0; !status && word < gatherer->numbers.words; word++)
            status = gather_word(gatherer, word, error);
        if (!status && !count_line(gatherer))
            status = rf_fail_memory(error);
    }
    return status;
}

/* ---- Writing ---- */

static riffle_status write_list(struct rf_pairs *pairs, struct gatherer *gatherer, uint32_t first, uint32_t second,
                                struct rf_postings_writer *writer)
{
    const struct rf_pair_word *a = pairs->words + first, *b = pairs->words + second;
    const char *names = (const char *)pairs->names.data;
    uint32_t number = rf_pair_number(&gatherer->numbers, first, second), doc, tf;
    const struct rf_pair_list *list = rf_pair_list(&gatherer->lists, number);
    struct rf_pair_reader reader;
    char key[RF_KEY_MAX];
    size_t n = rf_pair_key(key, names + a->name, a->length, names + b->name, b->length);
    if (!n || !list->df)
        return RIFFLE_OK;
    writer->dictionary.pairs++;
    if (list->df > list->most) {
        rf_postings_leave_out(writer, key, n, list->df);
        return RIFFLE_OK;
    }
    if (!rf_pair_reader_init(&reader, &gatherer->lists, number, &gatherer->list))
        return RIFFLE_NO_MEMORY;
    rf_postings_begin(writer, key, n, false);
    while ((tf = rf_pair_reader_next(&reader, &doc)) > 0)
        rf_postings_add(writer, doc, tf, NULL);
    rf_postings_end(writer);
    return RIFFLE_OK;
}

/* Those that are held. */
static riffle_status write_lists(struct rf_pairs *pairs, struct gatherer *gatherer, struct rf_postings_writer *writer,
                                 riffle_error *error)
{
    const struct rf_pair_numbers *numbers = &gatherer->numbers;
    for (uint32_t a = 0; a < gatherer->numbers.words; a++) {
        uint32_t end = a + 1 < gatherer->numbers.words ? numbers->first[a + 1].start : numbers->count;
        if (end <= gatherer->lists.low || numbers->first[a].start >= gatherer->lists.high)
            continue;
        for (uint32_t b = 0; b < gatherer->numbers.words; b++) {
            if (!rf_pair_has_number(numbers, a, b) || !rf_pair_is_held(&gatherer->lists, rf_pair_number(numbers, a, b)))
                continue;
            if (write_list(pairs, gatherer, a, b, writer))
                return rf_fail_memory(error);
        }
    }
    return RIFFLE_OK;
}

static riffle_status write_all(struct rf_pairs *pairs, struct gatherer *gatherer, struct rf_postings_writer *writer,
                               uint64_t budget, riffle_error *error)
{
    gatherer->readers = rf_alloc(pairs->allocator, pairs->count * sizeof *gatherer->readers);
    if (!gatherer->readers || !rf_pair_numbers_init(&gatherer->numbers, pairs) ||
        !rf_pair_lists_init(&gatherer->lists, gatherer->numbers.count, pairs->docs, budget, pairs->allocator))
        return rf_fail_memory(error);
    uint32_t count = gatherer->numbers.count;
    riffle_status status = RIFFLE_OK;
    for (uint32_t low = 0; !status && low < count; low = gatherer->lists.high) {
        start_round(gatherer, low);
        status = gather(gatherer, pairs->words, pairs->docs, error);
        if (!status)
            status = write_lists(pairs, gatherer, writer, error);
    }
    return status;
}

riffle_status rf_pairs_write(struct rf_pairs *pairs, struct rf_postings_writer *writer, uint64_t budget, riffle_error *error)
{
    if (pairs->failed || !rf_pairs_choose(pairs))
        return rf_fail_memory(error);
    writer->dictionary.pair_threshold = pairs->threshold;
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
    rf_pair_numbers_release(&gatherer->numbers, pairs->allocator);
    rf_buffer_release(&gatherer->list);
    rf_free(pairs->allocator, gatherer->readers);
    rf_free(pairs->allocator, gatherer->bits);
    rf_free(pairs->allocator, gatherer->line);
    rf_free(pairs->allocator, gatherer->positions);
    rf_free(pairs->allocator, gatherer->asides);
    rf_free(pairs->allocator, gatherer);
    return status;
}
