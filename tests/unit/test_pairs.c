/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Pairs of frequent words: what the index says of them against a plain scan of the positions that went in, of random documents with few
 * different words. With titles, joined words, words on top of each other and far out; after merges; in little memory, and in none.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "indexer/pair_writer.h"
#include "riffle.h"
#include "store/cursor.h"
#include "store/generation.h"
#include "store/pairs.h"
#include "tests/support/failing_memory.h"
#include "tests/support/folders.h"
#include "tests/support/scratch.h"
#include "text/text.h"

static char scratch[SCRATCH_PATH];
static uint64_t state = 11;
static riffle_error error;

/* ---- What there is to find ---- */

enum { MOST_WORDS = 750 };

struct occurrence {
    uint32_t word, doc, position;
};

struct collection {
    uint32_t docs, words;
    char names[MOST_WORDS][RF_TERM_MAX];
    size_t lengths[MOST_WORDS];
    uint32_t df[MOST_WORDS];
    struct occurrence *list;
    size_t count, capacity;
};

static struct collection all;
static size_t lists, long_lists, left_out; /* that were compared */

static void start_collection(uint32_t docs)
{
    all.docs = docs;
    all.words = 0;
    all.count = 0;
}

static uint32_t word_number(const char *name, size_t n)
{
    uint32_t word = 0;
    while (word < all.words && rf_compare(all.names[word], all.lengths[word], name, n) != 0)
        word++;
    if (word == all.words) {
        assert_true(word < MOST_WORDS && n <= RF_TERM_MAX);
        memcpy(all.names[word], name, n);
        all.lengths[word] = n;
        all.words++;
    }
    return word;
}

static void add_occurrence(uint32_t word, uint32_t doc, uint32_t position)
{
    assert_true(rf_grow(&rf_malloc_allocator, (void **)&all.list, &all.capacity, all.count + 1, sizeof *all.list));
    all.list[all.count++] = (struct occurrence){word, doc, position};
}

static int by_place(const void *a, const void *b)
{
    const struct occurrence *x = a, *y = b;
    if (x->doc != y->doc)
        return x->doc < y->doc ? -1 : 1;
    return x->position != y->position ? (x->position < y->position ? -1 : 1) : (x->word > y->word) - (x->word < y->word);
}

static int by_word(const void *a, const void *b)
{
    const struct occurrence *x = a, *y = b;
    return x->word != y->word ? (x->word < y->word ? -1 : 1) : by_place(a, b);
}

/* ---- Against the segment ---- */

static int by_number(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* Every place where one word stands right before another: first word, second word, doc. Sorted. */
static uint64_t *scan(size_t *count)
{
    size_t capacity = 0;
    uint64_t *found = NULL;
    *count = 0;
    qsort(all.list, all.count, sizeof *all.list, by_place);
    for (size_t i = 0; i < all.count; i++)
        for (size_t j = i + 1; j < all.count && all.list[j].doc == all.list[i].doc; j++) {
            uint64_t distance = all.list[j].position - all.list[i].position;
            if (distance > 1)
                break;
            if (distance == 0)
                continue;
            assert_true(rf_grow(&rf_malloc_allocator, (void **)&found, &capacity, *count + 1, sizeof *found));
            found[(*count)++] = ((uint64_t)all.list[i].word * MOST_WORDS + all.list[j].word) << 32 | all.list[i].doc;
        }
    if (found)
        qsort(found, *count, sizeof *found, by_number);
    return found;
}

static void count_dfs(void)
{
    qsort(all.list, all.count, sizeof *all.list, by_word);
    memset(all.df, 0, sizeof all.df);
    for (size_t i = 0; i < all.count; i++)
        all.df[all.list[i].word] += !i || all.list[i].word != all.list[i - 1].word || all.list[i].doc != all.list[i - 1].doc;
}

/* The rule, said once more. */
static bool is_paired(uint32_t a, uint32_t b, uint64_t above)
{
    uint64_t x = all.df[a], y = all.df[b];
    return x * y > above * all.docs || (x > 4 * above && y > 4 * above);
}

static uint32_t threshold(void)
{
    uint64_t root = 0;
    if (all.docs < RF_PAIR_LEAST_DOCS)
        return 0;
    while ((2 * root + 1) * (2 * root + 1) * (2 * root + 1) < 8 * (uint64_t)all.docs * all.docs)
        root++;
    for (uint32_t above = (uint32_t)root / 2;; above++) {
        uint32_t pairs = 0;
        for (uint32_t a = 0; a < all.words; a++)
            for (uint32_t b = 0; b < all.words; b++)
                pairs += is_paired(a, b, above);
        if (pairs <= RF_PAIR_MOST)
            return above;
    }
}

static void check_left_out(const struct rf_term *info, uint64_t a_df, uint64_t b_df, const uint64_t *found, size_t count)
{
    uint32_t df = 0;
    for (size_t i = 0; i < count; i++)
        df += !i || found[i] != found[i - 1];
    assert_int_equal(df, info->df);
    uint64_t chance = a_df * b_df / all.docs;
    bool dear = df > 128 && df > chance / 30 && chance <= all.docs / 8;
    assert_int_equal(!rf_term_has_postings(info), dear);
    left_out += dear;
}

static void check_list(const struct rf_segment *segment, const struct rf_term *info, const uint64_t *found, size_t count)
{
    struct rf_cursor cursor;
    size_t at = 0;
    assert_false(info->has_positions);
    OK(rf_cursor_open(&cursor, segment, info, &error));
    uint32_t df = 0;
    for (;;) {
        OK(rf_cursor_next_block(&cursor, &error));
        if (!cursor.count)
            break;
        OK(rf_cursor_tfs(&cursor, &error));
        for (uint32_t i = 0; i < cursor.count; i++) {
            uint32_t tf = 0, doc = (uint32_t)found[at < count ? at : count - 1];
            for (; at < count && (uint32_t)found[at] == doc; at++)
                tf++;
            assert_int_equal(cursor.docs[i], doc);
            assert_int_equal(cursor.tfs[i], tf);
            df++;
        }
    }
    assert_true(at == count);
    assert_int_equal(df, info->df);
}

struct walked {
    uint64_t terms;
    char last[RF_KEY_MAX];
    size_t length;
};

static int visit(void *context, const char *term, size_t n, const struct rf_term *info)
{
    struct walked *walked = context;
    (void)info;
    assert_true(n && term[0] != RF_PREFIX_PAIR);
    assert_true(rf_compare(term, n, walked->last, walked->length) > 0);
    memcpy(walked->last, term, n);
    walked->length = n;
    walked->terms++;
    return 0;
}

/* Those who walk terms see none of the pairs. */
static void check_walks(const struct rf_segment *segment, uint32_t pairs)
{
    struct walked walked = {0};
    struct rf_dictionary_walk walk;
    bool found;
    uint32_t seen = 0;
    OK(rf_segment_walk_terms(segment, "", 0, visit, &walked, &error));
    assert_int_equal(walked.terms, rf_segment_terms(segment));
    OK(rf_segment_walk_terms(segment, (char[]){RF_PREFIX_PAIR}, 1, visit, &(struct walked){0}, &error));
    OK(rf_dictionary_walk_from(&walk, segment, (char[]){RF_PREFIX_PAIR}, 1, &found, &error));
    for (; found && walk.term[0] == RF_PREFIX_PAIR; seen++)
        OK(rf_dictionary_walk_next(&walk, &found, &error));
    assert_int_equal(seen, pairs);
}

/* All words with all words. Returns how many pairs there are. */
static uint32_t check_segment(const struct rf_segment *segment)
{
    size_t count, at = 0;
    uint32_t pairs = 0;
    count_dfs();
    uint32_t above = threshold();
    uint64_t *places = scan(&count);
    assert_int_equal(rf_segment_docs(segment), all.docs);
    for (uint32_t a = 0; a < all.words; a++)
        for (uint32_t b = 0; b < all.words; b++) {
            struct rf_term info;
            bool covered, found;
            size_t first = at, length = all.lengths[a] + all.lengths[b] + 2;
            while (at < count && places[at] >> 32 == a * MOST_WORDS + b)
                at++;
            OK(rf_segment_find_pair(segment, all.names[a], all.lengths[a], all.names[b], all.lengths[b], all.df[a], all.df[b],
                                    &covered, &found, &info, &error));
            assert_int_equal(covered, above && is_paired(a, b, above) && length <= RF_KEY_MAX);
            assert_int_equal(found, covered && at > first);
            pairs += found;
            if (!found)
                continue;
            check_left_out(&info, all.df[a], all.df[b], places + first, at - first);
            lists += rf_term_has_postings(&info);
            long_lists += rf_term_has_postings(&info) && info.df > 128;
            if (rf_term_has_postings(&info))
                check_list(segment, &info, places + first, at - first);
        }
    assert_true(at == count);
    free(places);
    check_walks(segment, pairs);
    return pairs;
}

/* ---- Texts ---- */

static void put_word(char *text, size_t *n, const char *word) { *n += (size_t)sprintf(text + *n, "%s%s", *n ? " " : "", word); }

/* Words from very frequent ones to some around the threshold and below; one is joined of two that are frequent by themselves. */
static void make_text(char *text, unsigned most)
{
    static const char *const frequent[] = {"the", "of", "xx", "to", "wi-fi", "wi", "fi", "wifi", "anti-wi-fi", "in"};
    unsigned words = (unsigned)random_below(&state, most + 1);
    size_t n = 0;
    char rare[16];
    *text = '\0';
    for (unsigned i = 0; i < words; i++) {
        unsigned kind = (unsigned)random_below(&state, 10);
        if (kind < 5) {
            put_word(text, &n, frequent[random_below(&state, sizeof frequent / sizeof *frequent)]);
        } else if (kind < 6) {
            put_word(text, &n, "xx xx xx");
        } else {
            uint64_t number = random_below(&state, 12 + 48 * (kind < 8));
            snprintf(rare, sizeof rare, "w%c%c", (char)('a' + number / 26), (char)('a' + number % 26));
            put_word(text, &n, rare);
        }
    }
}

static uint32_t scan_tokens(const struct rf_tokens *tokens, uint32_t doc, uint32_t position)
{
    for (size_t i = 0; i < tokens->count; i++) {
        const struct rf_token *token = &tokens->list[i];
        add_occurrence(word_number(rf_token_term(tokens, token), token->term_length), doc, position);
        position += !(token->flags & RF_TOKEN_JOINED);
    }
    return position;
}

static void scan_text(struct rf_tokens *tokens, const char *title, const char *text, unsigned weight, uint32_t doc)
{
    uint32_t position = 0;
    for (unsigned i = 0; i < weight; i++) {
        assert_true(rf_tokenize(tokens, title, strlen(title)));
        if (tokens->count)
            position = scan_tokens(tokens, doc, position) + 1;
    }
    assert_true(rf_tokenize(tokens, text, strlen(text)));
    scan_tokens(tokens, doc, position);
}

/* An index of so many documents in as many commits as ends[] has numbers; the same ones each time. */
static void write_index(const char *path, const uint32_t *ends, size_t commits, const char *language)
{
    riffle_writer_options options = RIFFLE_WRITER_OPTIONS_INIT;
    riffle_writer *writer;
    struct rf_tokens tokens;
    options.language = language;
    options.passages = RIFFLE_PASSAGES_NONE;
    options.title_weight = 3;
    rf_tokens_init(&tokens, &rf_malloc_allocator);
    OK(riffle_writer_open(&writer, path, &options, &error));
    start_collection(ends[commits - 1]);
    state = 99;
    uint32_t doc = 0;
    for (size_t i = 0; i < commits; i++) {
        for (; doc < ends[i]; doc++) {
            char id[16], title[200], text[2000];
            int n = snprintf(id, sizeof id, "%u", (unsigned)doc);
            make_text(title, 4);
            make_text(text, 25);
            riffle_article article = {.id = id,
                                      .id_length = (size_t)n,
                                      .title = title,
                                      .title_length = strlen(title),
                                      .text = text,
                                      .text_length = strlen(text)};
            OK(riffle_writer_add(writer, &article, &error));
            scan_text(&tokens, title, text, 3, doc);
        }
        OK(riffle_writer_commit(writer, &error));
    }
    riffle_writer_close(writer);
    rf_tokens_release(&tokens);
}

static uint32_t check_index(const char *path, uint64_t *terms)
{
    struct rf_generation generation = {.allocator = rf_malloc_allocator};
    OK(rf_generation_open(&generation, path, &rf_malloc_allocator, &error));
    assert_int_equal(generation.segment_count, 1);
    uint32_t pairs = check_segment(generation.segments[0]);
    *terms = rf_segment_terms(generation.segments[0]);
    rf_generation_close(&generation);
    return pairs;
}

static void test_texts(void **context)
{
    (void)context;
    char path[FOLDER_PATH];
    uint64_t terms;
    folder_join(path, scratch, "index");
    write_index(path, (uint32_t[]){RF_PAIR_LEAST_DOCS + 500}, 1, "english");
    uint32_t pairs = check_index(path, &terms);
    assert_in_range(pairs, 300, 6000);
    /* The public count has no pairs in it either. */
    riffle_index *index;
    riffle_statistics statistics = {.size = sizeof statistics};
    OK(riffle_index_open(&index, path, NULL, &error));
    riffle_index_statistics(index, &statistics, NULL);
    assert_true(statistics.terms == terms);
    riffle_index_close(index);
}

static void test_no_pairs_where_docs_are_few(void **context)
{
    (void)context;
    static const uint32_t docs[] = {1, 2, 20, 21, 130, RF_PAIR_LEAST_DOCS - 1, RF_PAIR_LEAST_DOCS};
    for (size_t i = 0; i < sizeof docs / sizeof *docs; i++) {
        char path[FOLDER_PATH], name[32];
        uint64_t terms;
        snprintf(name, sizeof name, "few%zu", i);
        folder_join(path, scratch, name);
        write_index(path, &docs[i], 1, "none");
        assert_int_equal(check_index(path, &terms) > 0, docs[i] >= RF_PAIR_LEAST_DOCS);
    }
}

static void compare_files(const char *a, const char *name_a, const char *b, const char *name_b)
{
    size_t sizes[2];
    uint8_t *bytes[] = {scratch_read(a, name_a, &sizes[0], 0), scratch_read(b, name_b, &sizes[1], 0)};
    if (sizes[0] != sizes[1] || memcmp(bytes[0], bytes[1], sizes[0]) != 0)
        fail_msg("%s and %s differ", name_a, name_b);
    free(bytes[0]);
    free(bytes[1]);
}

/* The name of the only file that ends so. */
static void find_file(const char *path, const char *suffix, char name[FOLDER_PATH])
{
    struct folder_names names;
    folder_list(path, &names);
    *name = '\0';
    for (size_t i = 0; i < names.count; i++) {
        size_t n = strlen(names.list[i]);
        if (n > strlen(suffix) && strcmp(names.list[i] + n - strlen(suffix), suffix) == 0) {
            assert_int_equal(*name, '\0');
            snprintf(name, FOLDER_PATH, "%s", names.list[i]);
        }
    }
    assert_true(*name);
}

/* Merged of segments with pairs and without, the pairs are those of an index that was made at once. */
static void test_merges(void **context)
{
    (void)context;
    enum { N = RF_PAIR_LEAST_DOCS };
    static const char *const suffixes[] = {".terms", ".docs", ".positions"};
    char once[FOLDER_PATH], merged[FOLDER_PATH], names[2][FOLDER_PATH];
    uint64_t terms;
    folder_join(once, scratch, "once");
    folder_join(merged, scratch, "merged");
    write_index(merged, (uint32_t[]){N + 5, N + N / 2, 3 * N}, 3, "english");
    check_index(merged, &terms);
    write_index(once, (uint32_t[]){3 * N}, 1, "english");
    check_index(once, &terms);
    for (size_t i = 0; i < 3; i++) {
        find_file(once, suffixes[i], names[0]);
        find_file(merged, suffixes[i], names[1]);
        compare_files(once, names[0], merged, names[1]);
    }
}

/* ---- Positions of any kind, written without texts ---- */

static uint8_t lengths[8000];

/* Where words stand has nothing to do with what lengths say: some stand behind the end, some on top of each other. */
static void make_positions(uint32_t docs, uint32_t words)
{
    assert_true(docs <= sizeof lengths);
    start_collection(docs);
    for (uint32_t word = 0; word < words; word++) {
        char name[RF_TERM_MAX];
        int n = snprintf(name, sizeof name, "w%03u", (unsigned)word);
        for (; word % 7 == 3 && n < 120; n++) /* two of these are too long for a key */
            name[n] = 'x';
        word_number(name, (size_t)n);
    }
    for (uint32_t doc = 0; doc < docs; doc++) {
        lengths[doc] = (uint8_t)random_below(&state, random_below(&state, 300) ? 40 : 256);
        bool odd = random_below(&state, 10) == 0;
        uint32_t position = 0, count = (uint32_t)random_below(&state, words > 100 ? 210 : 40);
        for (uint32_t i = 0; i < count; i++) {
            position += (uint32_t)random_below(&state, 3) > 0;
            if (odd && random_below(&state, 20) == 0)
                position += (uint32_t)random_below(&state, 400000000);
            if (odd && random_below(&state, 3) == 0) /* here already: nothing of it */
                position -= position > 0;
            uint32_t skewed = (uint32_t)(random_below(&state, words) * random_below(&state, words) / words);
            add_occurrence(words > 100 ? (uint32_t)random_below(&state, words) : skewed, doc, position);
        }
    }
    /* A word stands in a place once. */
    qsort(all.list, all.count, sizeof *all.list, by_word);
    size_t kept = 0;
    for (size_t i = 0; i < all.count; i++)
        if (!kept || by_word(&all.list[i], &all.list[kept - 1]) != 0)
            all.list[kept++] = all.list[i];
    all.count = kept;
}

/* The segment's postings; the words' numbers are in order of bytes. */
static riffle_status write_segment(uint32_t number, uint64_t budget, const riffle_allocator *allocator)
{
    struct rf_segment_entry entry;
    struct rf_pairs pairs;
    struct rf_postings_writer *writer = rf_alloc(allocator, sizeof *writer);
    if (!writer)
        return rf_fail_memory(&error);
    rf_pairs_init(&pairs, all.docs, allocator);
    riffle_status status = rf_postings_create(writer, scratch, number, lengths, all.docs, allocator, &error);
    if (!status) {
        rf_postings_set_temporary(writer, true);
        qsort(all.list, all.count, sizeof *all.list, by_word);
        for (size_t i = 0; i < all.count;) {
            uint32_t word = all.list[i].word, positions[100];
            rf_postings_begin(writer, all.names[word], all.lengths[word], true);
            while (i < all.count && all.list[i].word == word) {
                uint32_t doc = all.list[i].doc, tf = 0;
                for (; i < all.count && all.list[i].word == word && all.list[i].doc == doc; i++)
                    positions[tf++] = all.list[i].position;
                rf_postings_add(writer, doc, tf, positions);
            }
            struct rf_term info = rf_postings_end(writer);
            rf_pairs_note(&pairs, writer->term, writer->term_length, &info);
        }
        status = rf_pairs_write(&pairs, writer, budget, &error);
        if (!status)
            status = rf_postings_finish(writer, &entry, &error);
        rf_postings_release(writer, status != RIFFLE_OK);
    }
    rf_pairs_release(&pairs);
    rf_free(allocator, writer);
    return status;
}

static uint32_t check_written(uint32_t number)
{
    struct rf_segment *segment;
    OK(rf_segment_open_run(&segment, scratch, number, all.docs, lengths, &rf_malloc_allocator, &error));
    segment->is_run = false; /* its lists are a segment's */
    uint32_t pairs = check_segment(segment);
    rf_segment_close(segment);
    return pairs;
}

static void test_positions_of_any_kind(void **context)
{
    (void)context;
    for (int round = 0; round < 6; round++) {
        make_positions(RF_PAIR_LEAST_DOCS + (uint32_t)random_below(&state, 3000), 10 + 6 * (uint32_t)round);
        OK(write_segment(1, UINT64_MAX, &rf_malloc_allocator));
        assert_true(check_written(1) > 20);
    }
}

static void test_no_more_pairs_than_so_many(void **context)
{
    (void)context;
    make_positions(5000, MOST_WORDS - 30);
    OK(write_segment(1, UINT64_MAX, &rf_malloc_allocator));
    count_dfs();
    assert_true(threshold() > 292 / 2); /* 5000 to the power of 2/3 */
    assert_true(check_written(1) > 1000);
}

/* ---- Numbers of pairs ---- */

enum { DFS_DOCS = 4000 };

/* One word in all docs, and `count` others, each in one of so many docs that are given. */
static void note_words(struct rf_pairs *pairs, uint32_t count, const uint32_t *dfs, uint32_t df_count)
{
    rf_pairs_init(pairs, DFS_DOCS, &rf_malloc_allocator);
    for (uint32_t i = 0; i <= count; i++) {
        struct rf_term info = {.df = i == count ? DFS_DOCS : dfs[random_below(&state, df_count)]};
        char name[16];
        int n = snprintf(name, sizeof name, i == count ? "z" : "w%05u", i);
        rf_pairs_note(pairs, name, (size_t)n, &info);
    }
    assert_false(pairs->failed);
    assert_true(rf_pairs_choose(pairs));
    assert_true(pairs->count > 0 && pairs->count <= RF_PAIR_MOST_WORDS);
}

/* Numbers go up, and hardly any stay without a pair: a list is kept for each. */
static void check_numbers(const struct rf_pairs *pairs)
{
    struct rf_pair_numbers numbers = {0};
    uint32_t covered = 0, next = 0;
    assert_true(rf_pair_numbers_init(&numbers, pairs));
    for (uint32_t a = 0; a < pairs->count; a++) {
        for (uint32_t b = 0; b < pairs->count; b++) {
            if (!rf_pair_has_number(&numbers, a, b))
                continue;
            assert_true(rf_pair_number(&numbers, a, b) >= next);
            next = rf_pair_number(&numbers, a, b) + 1;
            covered++;
        }
    }
    assert_true(next <= numbers.count && numbers.count < 2 * covered);
    rf_pair_numbers_release(&numbers, &rf_malloc_allocator);
}

static void test_numbers(void **context)
{
    (void)context;
    static const struct {
        uint32_t words, df_count, dfs[8];
    } cases[] = {
        {0, 1, {1}},
        {3000, 1, {1200}}, /* in pairs with the one word in all docs, and nearly with each other */
        {3000, 2, {1200, 1201}},
        {2500, 8, {127, 200, 300, 504, 505, 900, 1000, 2000}},
        {600, 8, {1000, 1001, 1500, 1999, 2000, 2001, 3000, 4000}},
        {RF_PAIR_MOST_WORDS - 1, 1, {1300}},
        {RF_PAIR_MOST_WORDS + 2000, 2, {1300, 1400}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct rf_pairs pairs;
        note_words(&pairs, cases[i].words, cases[i].dfs, cases[i].df_count);
        check_numbers(&pairs);
        rf_pairs_release(&pairs);
    }
}

static void test_the_budget_does_not_show(void **context)
{
    (void)context;
    static const uint64_t budgets[] = {0, 60000, 100000, 150000, 400000};
    make_positions(8000, 40);
    OK(write_segment(1, UINT64_MAX, &rf_malloc_allocator));
    check_written(1);
    for (size_t i = 0; i < sizeof budgets / sizeof *budgets; i++) {
        OK(write_segment(2, budgets[i], &rf_malloc_allocator));
        compare_files(scratch, "000001.terms", scratch, "000002.terms");
        compare_files(scratch, "000001.docs", scratch, "000002.docs");
    }
}

static void test_without_memory(void **context)
{
    (void)context;
    make_positions(RF_PAIR_LEAST_DOCS, 30);
    for (int for_ever = 0; for_ever < 2; for_ever++) {
        bool failed = true;
        size_t n = 1;
        for (; failed; n++) {
            failing_arm(n, for_ever);
            riffle_status status = write_segment(1, 100000, &failing_memory);
            failed = failing_disarm();
            if (failed)
                assert_int_equal(status, RIFFLE_NO_MEMORY);
            else
                assert_int_equal(status, RIFFLE_OK);
            assert_int_equal(failing_live(), 0);
        }
        assert_true(n > 30);
    }
    check_written(1);
}

static int set_up(void **context)
{
    (void)context;
    scratch_make(scratch);
    return 0;
}

static int tear_down(void **context)
{
    (void)context;
    scratch_remove(scratch);
    free(all.list);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_texts),
        cmocka_unit_test(test_no_pairs_where_docs_are_few),
        cmocka_unit_test(test_merges),
        cmocka_unit_test(test_positions_of_any_kind),
        cmocka_unit_test(test_no_more_pairs_than_so_many),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_the_budget_does_not_show),
        cmocka_unit_test(test_without_memory),
    };
    int failed = cmocka_run_group_tests_name("pairs", tests, set_up, tear_down);
    print_message("%zu lists of pairs, %zu of them long, and %zu left out\n", lists, long_lists, left_out);
    return failed;
}
