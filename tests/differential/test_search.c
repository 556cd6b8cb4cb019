/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Random articles and random queries: both ways of execution against each other, bit for bit, and against a scan of the articles
 * that knows nothing of indexes, plans or integers: equal hits, and scores to 1e-6.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/base.h"
#include "store/segment.h"

enum { VOCABULARY = 40, TITLE_MOST = 5, TEXT_MOST = 300, TITLE_WEIGHT = 3 };

static uint64_t seed;

static uint32_t draw(uint32_t below)
{
    seed = seed * 6364136223846793005ull + 1442695040888963407ull;
    return (uint32_t)((seed >> 33) % below);
}

/* ---- Articles ---- */

/* Words are numbers; frequent ones are small. Number 0 to 39 is spelled ba, bb, ..., so that many start alike. */
struct article {
    uint8_t title[TITLE_MOST], text[TEXT_MOST];
    uint32_t title_length, text_length;
    uint32_t kind; /* metadata: 0 or 1, 2: none */
};

struct collection {
    struct article *articles;
    uint32_t count;
    double average;
    riffle_index *index;
};

static void spell(char out[3], uint32_t word)
{
    out[0] = (char)('b' + word / 8);
    out[1] = (char)('a' + word % 8);
    out[2] = 0;
}

static uint8_t draw_word(void)
{
    uint32_t word = draw(VOCABULARY), other = draw(VOCABULARY);
    return (uint8_t)(word < other ? word : other);
}

static void draw_article(struct article *article, uint32_t longest)
{
    article->title_length = draw(TITLE_MOST + 1);
    article->text_length = draw(4) ? draw(20) : draw(longest);
    article->kind = draw(3);
    for (uint32_t i = 0; i < article->title_length; i++)
        article->title[i] = draw_word();
    for (uint32_t i = 0; i < article->text_length; i++)
        article->text[i] = draw_word();
}

static uint32_t write_words(char *out, const uint8_t *words, uint32_t count)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < count; i++) {
        char word[3];
        spell(word, words[i]);
        n += (uint32_t)sprintf(out + n, "%s%c", word, i % 7 == 6 ? '\n' : ' ');
    }
    return n;
}

static double length_of(const struct article *article)
{
    return rf_length_decode(rf_length_encode((uint64_t)TITLE_WEIGHT * article->title_length + article->text_length));
}

/* Draws the articles, and indexes them in `commits` steps. */
static void make_collection(struct collection *all, const char *folder, uint32_t count, uint32_t longest, uint32_t commits)
{
    riffle_writer_options options = RIFFLE_WRITER_OPTIONS_INIT;
    riffle_writer *writer;
    riffle_error error;
    options.language = "none";
    options.passages = RIFFLE_PASSAGES_NONE;
    options.title_weight = TITLE_WEIGHT;
    all->articles = calloc(count, sizeof *all->articles);
    all->count = count;
    all->average = 0;
    assert_non_null(all->articles);
    if (riffle_writer_open(&writer, folder, &options, &error))
        fail_msg("%s", error.message);
    for (uint32_t i = 0; i < count; i++) {
        struct article *article = &all->articles[i];
        char id[20], title[TITLE_MOST * 3 + 1], text[TEXT_MOST * 3 + 1];
        draw_article(article, longest);
        all->average += length_of(article) / count;
        const riffle_field kind = {"kind", 4, article->kind ? "One  Thing" : "other", article->kind ? 10 : 5};
        riffle_article in = {.id = id, .title = title, .text = text, .fields = &kind, .field_count = article->kind < 2};
        in.id_length = (size_t)sprintf(id, "%u", i);
        in.title_length = write_words(title, article->title, article->title_length);
        in.text_length = write_words(text, article->text, article->text_length);
        if (riffle_writer_add(writer, &in, &error) ||
            ((i + 1) % ((count + commits - 1) / commits) == 0 && riffle_writer_commit(writer, &error)))
            fail_msg("%s", error.message);
    }
    if (riffle_writer_commit(writer, &error))
        fail_msg("%s", error.message);
    riffle_writer_close(writer);
    if (riffle_index_open(&all->index, folder, NULL, &error))
        fail_msg("%s", error.message);
}

static void free_collection(struct collection *all)
{
    riffle_index_close(all->index);
    free(all->articles);
}

/* ---- Queries ---- */

enum kind { WORD, TITLE_WORD, PREFIX, PHRASE, LIST, AND, OR, KIND };
enum sign { PLAIN, PLUS, MINUS };

struct query {
    enum kind kind;
    uint32_t words[4], count; /* PHRASE; WORD and TITLE_WORD have one; PREFIX: the first letter; KIND: which */
    struct query *members[4];
    enum sign signs[4]; /* MINUS is NOT for AND and OR */
    double idf;
};

static struct query *draw_query(uint32_t depth)
{
    struct query *query = calloc(1, sizeof *query);
    assert_non_null(query);
    static const enum kind leaves[] = {WORD, WORD, WORD, PHRASE, PHRASE, TITLE_WORD, PREFIX};
    query->kind = depth && draw(3) ? (enum kind)(LIST + draw(3)) : leaves[draw(sizeof leaves / sizeof *leaves)];
    query->count = query->kind == PHRASE ? 2 + draw(3) : query->kind < LIST ? 1 : 2 + draw(3);
    for (uint32_t i = 0; i < query->count; i++) {
        query->words[i] = query->kind == PREFIX   ? draw(VOCABULARY / 8)
                          : query->kind == PHRASE ? draw(1 + draw_word())
                                                  : draw_word();
        if (query->kind < LIST)
            continue;
        query->members[i] = draw_query(depth - 1);
        query->signs[i] = query->kind == LIST ? (enum sign)(draw(6) < 3 ? draw(3) : PLAIN) : draw(4) ? PLAIN : MINUS;
    }
    if (query->kind == LIST && draw(4) == 0) {
        /* A filter of the list. */
        query->members[0]->kind = KIND;
        query->members[0]->words[0] = draw(2);
        query->signs[0] = draw(4) ? PLAIN : MINUS;
    }
    return query;
}

static void free_query(struct query *query)
{
    for (uint32_t i = 0; i < 4; i++)
        if (query->members[i])
            free_query(query->members[i]);
    free(query);
}

static void write_query(struct rf_buffer *out, const struct query *query)
{
    static const char *const between[] = {" ", " AND ", " OR "};
    char word[3];
    spell(word, query->words[0]);
    switch (query->kind) {
    case WORD:
        rf_buffer_printf(out, "%s", word);
        return;
    case TITLE_WORD:
        rf_buffer_printf(out, "title:%s", word);
        return;
    case PREFIX:
        rf_buffer_printf(out, "%c*", (char)('b' + query->words[0]));
        return;
    case KIND:
        rf_buffer_printf(out, "%s", query->words[0] ? "Kind:\"one thing\"" : "kind:OTHER");
        return;
    case PHRASE:
        for (uint32_t i = 0; i < query->count; i++) {
            spell(word, query->words[i]);
            rf_buffer_printf(out, "%c%s", i ? ' ' : '"', word);
        }
        rf_buffer_append_byte(out, '"');
        return;
    case LIST:
    case AND:
    case OR:
        break;
    }
    for (uint32_t i = 0; i < query->count; i++) {
        const struct query *member = query->members[i];
        bool group = member->kind >= LIST && member->kind <= OR;
        const char *sign = query->signs[i] == PLUS ? "+" : query->signs[i] == PLAIN ? "" : query->kind == LIST ? "-" : "NOT ";
        rf_buffer_printf(out, "%s%s%s", i ? between[query->kind - LIST] : "", sign, group ? "(" : "");
        write_query(out, member);
        rf_buffer_printf(out, group ? ")" : "");
    }
}

/* ---- The scan ---- */

static uint32_t count_in(const uint8_t *words, uint32_t length, const struct query *query)
{
    uint32_t found = 0;
    for (uint32_t start = 0; start + (query->kind == PHRASE ? query->count : 1) <= length; start++) {
        bool fits = true;
        for (uint32_t i = 0; query->kind == PHRASE && i < query->count; i++)
            fits &= words[start + i] == query->words[i];
        if (query->kind == PREFIX)
            fits = words[start] / 8u == query->words[0];
        else if (query->kind != PHRASE)
            fits = words[start] == query->words[0];
        found += fits;
    }
    return found;
}

static uint32_t tf_of(const struct article *article, const struct query *query)
{
    uint32_t in_title = count_in(article->title, article->title_length, query);
    if (query->kind == TITLE_WORD)
        return in_title;
    return TITLE_WEIGHT * in_title + count_in(article->text, article->text_length, query);
}

static double idf_of(const struct collection *all, enum kind kind, uint32_t word)
{
    const struct query query = {.kind = kind, .words = {word}, .count = 1};
    double df = 0;
    for (uint32_t i = 0; i < all->count; i++)
        df += tf_of(&all->articles[i], &query) > 0;
    return log(1 + (all->count - df + 0.5) / (df + 0.5));
}

/* A prefix weighs as a word of the sum of the dfs of all words that start so. */
static double idf_of_prefix(const struct collection *all, uint32_t letter)
{
    double df = 0;
    for (uint32_t word = letter * 8; word < letter * 8 + 8; word++) {
        const struct query query = {.kind = WORD, .words = {word}, .count = 1};
        for (uint32_t i = 0; i < all->count; i++)
            df += tf_of(&all->articles[i], &query) > 0;
    }
    df = df < all->count ? df : all->count;
    return log(1 + (all->count - df + 0.5) / (df + 0.5));
}

static void find_idfs(const struct collection *all, struct query *query)
{
    query->idf = 0;
    if (query->kind == PREFIX)
        query->idf = idf_of_prefix(all, query->words[0]);
    for (uint32_t i = 0; i < query->count; i++) {
        if (query->members[i])
            find_idfs(all, query->members[i]);
        else if (query->kind <= PHRASE && query->kind != PREFIX)
            query->idf += idf_of(all, query->kind == PHRASE ? WORD : query->kind, query->words[i]);
    }
}

static bool scan(const struct collection *all, const struct article *article, const struct query *query, double *score)
{
    *score = 0;
    if (query->kind == KIND)
        return article->kind == query->words[0];
    if (query->kind < LIST) {
        double tf = tf_of(article, query), c = 1.2 * (1 - 0.5 + 0.5 * length_of(article) / all->average);
        *score = tf > 0 ? query->idf * tf / (tf + c) : 0;
        return tf > 0;
    }
    uint32_t musts = 0, shoulds = 0, nots = 0, found = 0;
    bool all_there = true, filters_there = true, any_not = false, not_absent = false;
    for (uint32_t i = 0; i < query->count; i++) {
        double part;
        bool hit = scan(all, article, query->members[i], &part), minus = query->signs[i] == MINUS;
        *score += hit && !minus ? part : 0;
        if (minus) {
            nots++;
            any_not |= hit;
            not_absent |= !hit;
        } else if (query->members[i]->kind == KIND) {
            filters_there &= hit;
        } else if (query->signs[i] == PLUS || query->kind == AND) {
            musts++;
            all_there &= hit;
        } else {
            shoulds++;
            found += hit;
        }
    }
    if (query->kind == OR)
        return found || not_absent;
    return all_there && filters_there && !any_not && (musts || !shoulds || found);
}

/* ---- Comparing ---- */

static riffle_results *search(const struct collection *all, const struct rf_buffer *query, riffle_search_options *options,
                              int method)
{
    riffle_results *results;
    riffle_error error;
    options->method = method;
    if (riffle_search(all->index, (const char *)query->data, query->size, options, &results, &error))
        fail_msg("%s: %s", (const char *)query->data, error.message);
    return results;
}

static riffle_hit hit_of(riffle_results *results, size_t rank)
{
    riffle_hit hit = {.size = sizeof hit};
    riffle_error error;
    if (riffle_results_hit(results, rank, &hit, &error))
        fail_msg("%s", error.message);
    return hit;
}

/* The fast list is the exhaustive one. */
static void compare_methods(const struct collection *all, const struct rf_buffer *query, riffle_search_options options)
{
    riffle_results *fast = search(all, query, &options, RIFFLE_METHOD_FAST);
    riffle_results *plain = search(all, query, &options, RIFFLE_METHOD_EXHAUSTIVE);
    bool counted = riffle_results_total_is_exact(fast);
    if (riffle_results_count(fast) != riffle_results_count(plain) || riffle_results_total(fast) > riffle_results_total(plain) ||
        (counted && riffle_results_total(fast) != riffle_results_total(plain)) || (options.count_all && !counted))
        fail_msg("%s: %zu of %llu, not %zu of %llu", (const char *)query->data, riffle_results_count(fast),
                 (unsigned long long)riffle_results_total(fast), riffle_results_count(plain),
                 (unsigned long long)riffle_results_total(plain));
    for (size_t i = 0; i < riffle_results_count(fast); i++) {
        riffle_hit a = hit_of(fast, i), b = hit_of(plain, i);
        if (a.article != b.article || a.passage != b.passage || a.score != b.score)
            fail_msg("%s: rank %zu differs: %.*s %.17g, not %.*s %.17g", (const char *)query->data, i, (int)a.id_length, a.id,
                     a.score, (int)b.id_length, b.id, b.score);
    }
    riffle_results_free(fast);
    riffle_results_free(plain);
}

/* All hits are those of the scan. */
static void compare_with_scan(const struct collection *all, struct query *query, const struct rf_buffer *written)
{
    riffle_search_options options = RIFFLE_SEARCH_OPTIONS_INIT;
    options.limit = UINT64_MAX;
    options.count_all = 1;
    riffle_results *results = search(all, written, &options, RIFFLE_METHOD_FAST);
    double *scores = calloc(all->count, sizeof *scores), before = INFINITY;
    assert_non_null(scores);
    for (uint32_t i = 0; i < all->count; i++)
        scores[i] = -1;
    for (size_t i = 0; i < riffle_results_count(results); i++) {
        riffle_hit hit = hit_of(results, i);
        char id[20] = "";
        memcpy(id, hit.id, hit.id_length);
        assert_true(hit.score <= before);
        before = hit.score;
        scores[atoi(id)] = hit.score;
    }
    find_idfs(all, query);
    uint64_t total = 0;
    for (uint32_t i = 0; i < all->count; i++) {
        double score;
        bool found = scan(all, &all->articles[i], query, &score);
        total += found;
        if (found != (scores[i] >= 0) || (found && fabs(score - scores[i]) > 1e-6))
            fail_msg("%s (read as %s): article %u has %.9f, not %.9f", (const char *)written->data, riffle_results_reading(results),
                     i, scores[i], found ? score : -1.0);
    }
    assert_int_equal(riffle_results_total(results), total);
    assert_int_equal(riffle_results_count(results), total);
    free(scores);
    riffle_results_free(results);
}

static void compare(const struct collection *all, uint32_t queries)
{
    for (uint32_t i = 0; i < queries; i++) {
        struct query *query = draw_query(i % 4);
        struct rf_buffer written;
        rf_buffer_init(&written, &rf_malloc_allocator);
        write_query(&written, query);
        assert_false(written.failed);
        compare_with_scan(all, query, &written);
        riffle_search_options options = RIFFLE_SEARCH_OPTIONS_INIT;
        options.limit = draw(4) ? draw(30) : UINT64_MAX;
        options.offset = draw(2) ? draw(20) : 0;
        options.by_article = (int)draw(2);
        options.count_all = options.limit == 0 || draw(2);
        compare_methods(all, &written, options);
        rf_buffer_release(&written);
        free_query(query);
    }
}

static void test_small(void **state)
{
    (void)state;
    seed = 1;
    for (uint32_t round = 0; round < 30; round++) {
        struct collection all;
        char folder[32];
        sprintf(folder, "small%u", round);
        make_collection(&all, folder, 1 + draw(80), TEXT_MOST, 1 + round % 3);
        compare(&all, 150);
        free_collection(&all);
    }
}

/* Several windows, and lists of many blocks. */
static void test_large(void **state)
{
    (void)state;
    seed = 2;
    struct collection all;
    make_collection(&all, "large", 10000, 60, 1);
    compare(&all, 120);
    free_collection(&all);
}

static void test_segments(void **state)
{
    (void)state;
    seed = 3;
    struct collection all;
    make_collection(&all, "segments", 5000, TEXT_MOST, 4);
    compare(&all, 60);
    free_collection(&all);
}

static int enter_folder(void **state)
{
    static char folder[4096];
    const char *temporary = getenv("TMPDIR");
    snprintf(folder, sizeof folder, "%s/riffle-search-XXXXXX", temporary && *temporary ? temporary : P_tmpdir);
    *state = folder;
    return mkdtemp(folder) && chdir(folder) == 0 ? 0 : -1;
}

static int leave_folder(void **state)
{
    char command[4200];
    snprintf(command, sizeof command, "rm -rf '%s'", (const char *)*state);
    return chdir("/") == 0 && system(command) == 0 ? 0 : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_small),
        cmocka_unit_test(test_large),
        cmocka_unit_test(test_segments),
    };
    return cmocka_run_group_tests(tests, enter_folder, leave_folder);
}
