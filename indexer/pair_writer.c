/* SPDX-License-Identifier: BSD-3-Clause */
/* Counting neighbours and writing their lists; pair_writer.h. */
#include "indexer/pair_writer.h"

#include <math.h>
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
    if (docs >= RF_PAIR_LEAST_DOCS)
        pairs->threshold = (uint32_t)lround(cbrt((double)docs * docs)) / 2;
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
    if (!pairs->threshold || info->df <= pairs->threshold || !rf_pair_word(term, n))
        return;
    struct word word = {pairs->names.size, n, *info};
    rf_buffer_append(&pairs->names, term, n);
    if (pairs->names.failed || !rf_grow(pairs->allocator, &pairs->words, &pairs->capacity, pairs->count + 1, sizeof word))
        pairs->failed = true;
    else
        ((struct word *)pairs->words)[pairs->count++] = word;
}

static int ascending(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* Words in so many docs, ascending: each with each and with itself. Their numbers have 16 bits. */
static bool make_too_many(const uint32_t *dfs, size_t count, uint32_t threshold, uint32_t docs)
{
    uint64_t pairs = 0, words = 0;
    for (size_t low = 0, high = count; low < count; low++) { /* the more docs the one has, the fewer the other needs */
        while (high && rf_pair_is_covered(dfs[low], dfs[high - 1], threshold, docs))
            high--;
        pairs += count - high;
        words += count > high;
    }
    return pairs > RF_PAIR_MOST || words > UINT16_MAX;
}

/* Where there would be too many pairs, raises the threshold; and forgets words that are in none. */
static bool choose_words(struct rf_pairs *pairs)
{
    struct word *words = pairs->words;
    size_t kept = 0;
    uint32_t *dfs = rf_alloc(pairs->allocator, (pairs->count + 1) * sizeof *dfs), most = 0;
    if (!dfs)
        return false;
    for (size_t i = 0; i < pairs->count; i++) {
        dfs[i] = words[i].info.df;
        most = dfs[i] > most ? dfs[i] : most;
    }
    qsort(dfs, pairs->count, sizeof *dfs, ascending);
    for (uint32_t low = pairs->threshold, high = pairs->docs; low < high;) { /* no pair is above all docs */
        uint32_t middle = low + (high - low) / 2;
        bool too_many = make_too_many(dfs, pairs->count, middle, pairs->docs);
        low = too_many ? middle + 1 : low;
        high = too_many ? high : middle;
        pairs->threshold = low;
    }
    rf_free(pairs->allocator, dfs);
    for (size_t i = 0; i < pairs->count; i++)
        if (rf_pair_is_covered(words[i].info.df, most, pairs->threshold, pairs->docs))
            words[kept++] = words[i];
    pairs->count = kept;
    return true;
}

/* ---- Numbers of pairs ---- */

/*
 * The numbers of pairs go up with the first word, then with the second one. For a first word there are only numbers of second ones that may be
 * frequent enough: those in more docs than any word of the same octave needs beside it. The octave of a word says how often the docs can be halved until
 * they are fewer than twice its own.
 */
enum { OCTAVES = 32 };

struct numbers {
    uint32_t docs, threshold, count, words;
    uint32_t *columns[OCTAVES];  /* of each second word, for first ones of that octave; NULL: there are none */
    uint32_t second_df[OCTAVES]; /* second words have more */
    struct first {
        uint32_t df, start, octave;
    } * first;
};

static uint32_t octave_of(uint32_t df, uint32_t docs)
{
    uint32_t octave = 0;
    while (df <= docs >> (octave + 1))
        octave++;
    return octave;
}

/* Words in this many docs or fewer are paired with none of the octave. */
static uint32_t least_second_df(const struct rf_pairs *pairs, uint32_t octave)
{
    uint64_t most = pairs->docs >> octave, both = (uint64_t)pairs->threshold * RF_PAIR_BOTH;
    uint64_t by_chance = (uint64_t)pairs->threshold * pairs->docs / most;
    return (uint32_t)(most > both && both < by_chance ? both : by_chance);
}

static bool number_pairs(struct numbers *numbers, const struct rf_pairs *pairs)
{
    const struct word *words = pairs->words;
    uint32_t width[OCTAVES] = {0};
    numbers->docs = pairs->docs;
    numbers->threshold = pairs->threshold;
    numbers->words = (uint32_t)pairs->count;
    numbers->first = rf_alloc(pairs->allocator, pairs->count * sizeof *numbers->first);
    if (!numbers->first)
        return false;
    for (uint32_t a = 0; a < numbers->words; a++) {
        uint32_t df = words[a].info.df, octave = octave_of(df, pairs->docs);
        if (!numbers->columns[octave]) {
            uint32_t *columns = rf_alloc(pairs->allocator, pairs->count * sizeof *columns);
            if (!columns)
                return false;
            numbers->columns[octave] = columns;
            numbers->second_df[octave] = least_second_df(pairs, octave);
            for (uint32_t b = 0; b < numbers->words; b++) {
                columns[b] = width[octave];
                width[octave] += words[b].info.df > numbers->second_df[octave];
            }
        }
        numbers->first[a] = (struct first){df, numbers->count, octave};
        numbers->count += width[octave];
    }
    return true;
}

static bool are_paired(const struct numbers *numbers, uint32_t a, uint32_t b)
{
    return rf_pair_is_covered(numbers->first[a].df, numbers->first[b].df, numbers->threshold, numbers->docs);
}

/* Of two that are paired. */
static uint32_t number_of(const struct numbers *numbers, uint32_t a, uint32_t b)
{
    return numbers->first[a].start + numbers->columns[numbers->first[a].octave][b];
}

static void release_numbers(struct numbers *numbers, const riffle_allocator *allocator)
{
    for (uint32_t octave = 0; octave < OCTAVES; octave++)
        rf_free(allocator, numbers->columns[octave]);
    rf_free(allocator, numbers->first);
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

struct reader {
    struct rf_cursor cursor;
    uint32_t at; /* posting of the block at hand */
};

struct gatherer {
    const riffle_allocator *allocator;
    struct rf_segment segment; /* what was written so far, as readers see it */
    struct numbers numbers;
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
    if (are_paired(&gatherer->numbers, a, b))
        rf_pair_lists_count(&gatherer->lists, number_of(&gatherer->numbers, a, b), doc);
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
    const struct numbers *numbers = &gatherer->numbers;
    rf_pair_lists_start(&gatherer->lists, low);
    for (uint32_t a = 0; a < gatherer->words; a++)
        for (uint32_t b = 0; b < gatherer->words; b++)
            if (are_paired(numbers, a, b))
                rf_pair_lists_limit(&gatherer->lists, number_of(numbers, a, b),
                                    most_docs(numbers->first[a].df, numbers->first[b].df, numbers->docs));
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

static riffle_status write_list(struct rf_pairs *pairs, struct gatherer *gatherer, uint32_t first, uint32_t second,
                                struct rf_postings_writer *writer)
{
    const struct word *a = (struct word *)pairs->words + first, *b = (struct word *)pairs->words + second;
    const char *names = (const char *)pairs->names.data;
    uint32_t number = number_of(&gatherer->numbers, first, second), doc, tf;
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
    const struct numbers *numbers = &gatherer->numbers;
    for (uint32_t a = 0; a < gatherer->words; a++) {
        uint32_t end = a + 1 < gatherer->words ? numbers->first[a + 1].start : numbers->count;
        if (end <= gatherer->lists.low || numbers->first[a].start >= gatherer->lists.high)
            continue;
        for (uint32_t b = 0; b < gatherer->words; b++) {
            if (!are_paired(numbers, a, b) || !rf_pair_is_held(&gatherer->lists, number_of(numbers, a, b)))
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
    gatherer->words = (uint32_t)pairs->count;
    gatherer->readers = rf_alloc(pairs->allocator, pairs->count * sizeof *gatherer->readers);
    if (!gatherer->readers || !number_pairs(&gatherer->numbers, pairs) ||
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
    if (pairs->failed || !choose_words(pairs))
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
    release_numbers(&gatherer->numbers, pairs->allocator);
    rf_buffer_release(&gatherer->list);
    rf_free(pairs->allocator, gatherer->readers);
    rf_free(pairs->allocator, gatherer->bits);
    rf_free(pairs->allocator, gatherer->line);
    rf_free(pairs->allocator, gatherer->positions);
    rf_free(pairs->allocator, gatherer->asides);
    rf_free(pairs->allocator, gatherer);
    return status;
}
