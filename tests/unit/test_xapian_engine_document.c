/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the documents of an article hold: terms, positions, lengths, values, records; and which articles are refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/xapian_index.h"
#include "xapian/engine_document.h"

static uint64_t state = 11;

/* A term that a document should have. */
struct expected {
    char term[RF_TERM_BYTES];
    size_t n;
    uint32_t wdf;
    uint32_t *positions;
    size_t count;
};

struct expectation {
    struct expected *list;
    size_t count;
};

static void expect(struct expectation *all, const char *prefix, const char *term, size_t n, uint32_t position, uint32_t wdf)
{
    struct expected *found = NULL;
    char key[RF_TERM_BYTES];
    size_t length = (size_t)snprintf(key, sizeof key, "%s", prefix);
    memcpy(key + length, term, n);
    length += n;
    for (size_t i = 0; !found && i < all->count; i++)
        if (rf_compare(all->list[i].term, all->list[i].n, key, length) == 0)
            found = &all->list[i];
    if (!found) {
        all->list = realloc(all->list, (all->count + 1) * sizeof *all->list);
        assert_non_null(all->list);
        found = &all->list[all->count++];
        *found = (struct expected){.n = length};
        memcpy(found->term, key, length);
    }
    found->wdf += wdf;
    if (position == RX_NO_POSITION || (found->count && found->positions[found->count - 1] == position))
        return;
    found->positions = realloc(found->positions, (found->count + 1) * sizeof *found->positions);
    assert_non_null(found->positions);
    found->positions[found->count++] = position;
}

/* Words and stems of a list of tokens, from the position on; returns the one behind. */
static uint32_t expect_tokens(struct expectation *all, struct rf_language *language, const struct rf_tokens *tokens, size_t first,
                              size_t end, const char *prefix, uint32_t position)
{
    for (size_t i = first; i < end; i++) {
        const struct rf_token *token = &tokens->list[i];
        const char *stem, *term = rf_token_term(tokens, token);
        size_t n;
        char stem_prefix[8];
        expect(all, prefix, term, token->term_length, position, 1);
        assert_true(rf_stem(language, term, token->term_length, &stem, &n));
        snprintf(stem_prefix, sizeof stem_prefix, "Z%s", prefix);
        if (!(token->flags & RF_TOKEN_CJK))
            expect(all, stem_prefix, stem, n, RX_NO_POSITION, 1);
        if (!(token->flags & RF_TOKEN_JOINED))
            position++;
    }
    return position;
}

static void check_terms(const rx_database *database, const rx_document *document, rx_docid docid, struct expectation *all,
                        uint32_t length)
{
    rx_terms *terms;
    uint32_t sum = 0, whole;
    for (size_t i = 0; i < all->count; i++)
        sum += all->list[i].wdf;
    /* The rest is there to fill, and always enough: the arithmetic in engine_format.h. */
    assert_true(length == 0 ? sum == 0 : sum < length * RF_LENGTH_UNIT);
    if (length)
        expect(all, "", "XLENGTH", 7, RX_NO_POSITION, length * RF_LENGTH_UNIT - sum);
    RX_CHECK(rx_document_terms(document, &terms, &failure));
    assert_int_equal(terms->count, all->count);
    for (size_t i = 0; i < terms->count; i++) {
        const rx_term *term = &terms->items[i];
        const struct expected *expected = NULL;
        for (size_t j = 0; !expected && j < all->count; j++)
            if (rf_compare(all->list[j].term, all->list[j].n, term->term.bytes, term->term.length) == 0)
                expected = &all->list[j];
        if (!expected)
            fail_msg("unexpected term %s", term->term.bytes);
        assert_int_equal(term->wdf, expected->wdf);
        uint32_t positions[4096];
        size_t count;
        RX_CHECK(rx_positions(database, docid, term->term.bytes, term->term.length, positions, 4096, &count, &failure));
        assert_int_equal(count, expected->count);
        if (count)
            assert_memory_equal(positions, expected->positions, count * sizeof *positions);
    }
    rx_terms_free(terms);
    RX_CHECK(rx_database_document_length(database, docid, &whole, &failure));
    assert_int_equal(whole, length * RF_LENGTH_UNIT);
}

static void check_value(const rx_document *document, rx_slot slot, const char *expected)
{
    rx_string value;
    RX_CHECK(rx_document_value(document, slot, &value, &failure));
    assert_int_equal(value.length, strlen(expected));
    assert_memory_equal(value.bytes, expected, value.length);
    rx_string_free(&value);
}

/* Checks all documents of an article, which has the fields "date" (given twice), "Empty" and "Source", against the design. */
static void check_article(const rx_database *database, rx_docid first, const struct rf_article *article,
                          const struct rf_settings *settings)
{
    struct rf_tokens title, text;
    struct rf_passages passages;
    struct rf_language *language;
    OK(rf_language_open(&language, settings->language, &rf_malloc_allocator, &error));
    rf_tokens_init(&title, &rf_malloc_allocator);
    rf_tokens_init(&text, &rf_malloc_allocator);
    rf_passages_init(&passages, &rf_malloc_allocator);
    assert_true(rf_tokenize(&title, article->title.data, article->title.length));
    assert_true(rf_tokenize(&text, article->text.data, article->text.length));
    assert_true(rf_passages_cut(&passages, article->text.data, article->text.length, &text, !settings->split_passages));
    for (uint32_t i = 0; i < passages.count; i++) {
        const struct rf_passage *passage = &passages.list[i];
        struct expectation all = {0};
        struct rf_arena arena;
        struct rf_record record;
        rx_document *document;
        rx_string data;
        uint32_t position = 1, length = 0;
        for (uint32_t copy = 0; title.count && copy < settings->title_weight; copy++, length += (uint32_t)title.positions)
            position = 1 + expect_tokens(&all, language, &title, 0, title.count, "", position);
        expect_tokens(&all, language, &title, 0, title.count, "S", 1);
        uint32_t end = expect_tokens(&all, language, &text, passage->first_token, passage->end_token, "", position);
        length = rf_length_decode(rf_length_encode(length + end - position));
        expect(&all, "Q", article->id.data, article->id.length, RX_NO_POSITION, 0);
        if (i == 0)
            expect(&all, "", "XFIRST", 6, RX_NO_POSITION, 0);
        RX_CHECK(rx_document_get(database, first + i, &document, &failure));
        check_terms(database, document, first + i, &all, length);
        check_value(document, RF_SLOT_ID, article->id.data);
        check_value(document, rf_xapian_slot("date", 4), "=2031-04-14");
        check_value(document, rf_xapian_slot("Source", 6), "=northern wire");
        check_value(document, rf_xapian_slot("Empty", 5), "");
        check_value(document, rf_xapian_slot("source", 6), "");

        RX_CHECK(rx_document_data(document, &data, &failure));
        rf_arena_init(&arena, &rf_malloc_allocator);
        OK(rf_record_read(&record, data.bytes, data.length, first + i, &arena, &error));
        assert_int_equal(record.passage, i);
        assert_int_equal(record.passages, passages.count);
        assert_int_equal(record.start, passage->start);
        assert_int_equal(record.length, length);
        assert_int_equal(record.field_count, 2);
        assert_int_equal(rf_compare(record.fields[1].value, record.fields[1].value_length, "Northern  Wire", 14), 0);
        assert_int_equal(rf_compare(record.id.data, record.id.length, article->id.data, article->id.length), 0);
        assert_int_equal(rf_compare(record.title.data, record.title.length, article->title.data, article->title.length), 0);
        assert_int_equal(record.has_text, settings->store_text);
        size_t stop = i + 1 < passages.count ? passages.list[i + 1].start : article->text.length;
        if (settings->store_text)
            assert_int_equal(
                rf_compare(record.text.data, record.text.length, article->text.data + passage->start, stop - passage->start), 0);
        rf_arena_release(&arena);
        rx_string_free(&data);
        rx_document_free(document);
        for (size_t j = 0; j < all.count; j++)
            free(all.list[j].positions);
        free(all.list);
    }
    rf_tokens_release(&title);
    rf_tokens_release(&text);
    rf_passages_release(&passages);
    rf_language_close(language);
}

/* A text of up to that many words, of a kind: mixed, or nothing but what gives the most terms for its length. */
static size_t random_text(char *text, size_t words, int kind)
{
    static const char *const mixed[] = {"Korea's",   "running",   "wi-fi ",    "U.S.A. ", "한국어 신문",    "北京大学", "the",
                                        "2019.9.21", "naïve",     "Ærø",       "don't",   "a-b-c",          "カタカナ", "-",
                                        "\n\n",      "end. Then", "x\xcc\x81", "ﬁsh",     "round-the-clock"},
                             *const joined[] = {"wi-fi", "O'Brien", "u.s.", "re-run", "x-ray"},
                             *const cjk[] = {"한국", "北", "東京都庁"};
    size_t n = 0;
    for (size_t count = random_below(&state, words + 1); count; count--) {
        const char *word = kind == 0   ? mixed[random_below(&state, sizeof mixed / sizeof *mixed)]
                           : kind == 1 ? joined[random_below(&state, sizeof joined / sizeof *joined)]
                                       : cjk[random_below(&state, sizeof cjk / sizeof *cjk)];
        size_t length = strlen(word);
        memcpy(text + n, word, length);
        n += length;
        text[n++] = kind == 1 || random_below(&state, 12) ? ' ' : '\n';
    }
    text[n] = '\0';
    return n;
}

static void check_documents(const struct rf_settings *settings)
{
    enum { ARTICLES = 60, WORDS = 800 };
    static char texts[ARTICLES][WORDS * 20], titles[ARTICLES][400], ids[ARTICLES][32];
    struct rf_article articles[ARTICLES];
    const riffle_field fields[] = {{"date", 4, "2031-04-14", 10},
                                   {"Source", 6, "Northern  Wire", 14},
                                   {"date", 4, "later", 5},
                                   {"Empty", 5, "", 0},
                                   {"", 0, "x", 1}};
    void *writer;
    OK(try_open(&writer, folder, true, settings));
    for (size_t i = 0; i < ARTICLES; i++) {
        size_t words = i < 8 ? i / 4 : i % 7 ? 40 : WORDS;
        random_text(texts[i], words, (int)(i / 2 % 3));
        random_text(titles[i], i % 4 ? 12 : 0, (int)(i % 3));
        snprintf(ids[i], sizeof ids[i], "id %zu", i);
        articles[i] = (struct rf_article){.id = bytes_of(ids[i]),
                                          .title = bytes_of(titles[i]),
                                          .text = bytes_of(texts[i]),
                                          .fields = fields,
                                          .field_count = sizeof fields / sizeof *fields};
        OK(writing->add(writer, &articles[i], &error));
    }
    commit(writer);
    writing->close(writer);
    check_folder(true);
    rx_database *database = open_database(folder);
    rx_docid next = 1;
    for (size_t i = 0; i < ARTICLES; i++) {
        rx_posting postings[200];
        size_t count;
        char term[RF_TERM_BYTES];
        size_t n = rf_xapian_id_term(&articles[i].id, term);
        RX_CHECK(rx_postings(database, term, n, 1, postings, 200, &count, &failure));
        assert_true(count >= 1);
        for (size_t j = 0; j < count; j++)
            assert_int_equal(postings[j].docid, next + j); /* an article's passages stand side by side */
        check_article(database, next, &articles[i], settings);
        next += (rx_docid)count;
    }
    assert_int_equal(articles_in(database), ARTICLES);
    rx_database_free(database);
}

static void test_documents(void **context)
{
    (void)context;
    check_documents(&usual);
    const struct rf_settings light = {"none", 1, 1, true, true}, heavy = {"german", 1, 15, false, true},
                             whole = {"english", 1, 15, true, false};
    check_documents(&light);
    check_documents(&heavy);
    check_documents(&whole);
}

/* Lengths that are rounded down the most, with as many terms for each word as there can be. */
static void test_filler_is_enough(void **context)
{
    (void)context;
    static const uint32_t words[] = {1, 2, 126, 127, 128, 142, 143, 159, 255, 287, 1023, 2303};
    for (uint32_t weight = 1; weight <= 15; weight += 14) {
        struct rf_settings settings = usual;
        settings.title_weight = weight;
        settings.split_passages = false;
        void *writer;
        OK(try_open(&writer, folder, true, &settings));
        for (size_t i = 0; i < 2 * sizeof words / sizeof *words; i++) {
            static char text[2304 * 2];
            char id[16];
            size_t n = 0;
            for (uint32_t j = 0; j + 1 < words[i / 2]; j += 2, n += 4)
                memcpy(text + n, "b-a ", 4); /* two words and a joined form */
            /* All of it is the title, or all of it the text. */
            struct rf_bytes all = {text, n}, nothing = {"", 0};
            snprintf(id, sizeof id, "%zu", i);
            struct rf_article article = {.id = bytes_of(id), .title = i % 2 ? all : nothing, .text = i % 2 ? nothing : all};
            OK(writing->add(writer, &article, &error));
        }
        commit(writer);
        writing->close(writer);
        rx_database *database = open_database(folder);
        for (size_t i = 0; i < 2 * sizeof words / sizeof *words; i++) {
            uint32_t length, count = words[i / 2] - words[i / 2] % 2;
            RX_CHECK(rx_database_document_length(database, (rx_docid)i + 1, &length, &failure));
            assert_int_equal(length, RF_LENGTH_UNIT * rf_length_decode(rf_length_encode(i % 2 ? (uint64_t)count * weight : count)));
        }
        rx_database_free(database);
    }
}

static void test_long_ids(void **context)
{
    (void)context;
    static char ids[6][70000];
    static const size_t lengths[] = {200, 201, 202, 300, 65536, 65536};
    struct rf_bytes list[6];
    void *writer = open_writer(false);
    bool found;
    for (size_t i = 0; i < 6; i++) {
        memset(ids[i], i == 2 ? 0 : 'x', lengths[i]);
        ids[i][lengths[i] - 1] = (char)('a' + i);
        list[i] = (struct rf_bytes){ids[i], lengths[i]};
        OK(writing->has(writer, &list[i], &found, &error));
        assert_false(found);
        struct rf_article article = {.id = list[i], .text = bytes_of("text")};
        OK(writing->add(writer, &article, &error));
        OK(writing->has(writer, &list[i], &found, &error));
        assert_true(found);
    }
    commit(writer);
    writing->close(writer);
    writer = open_writer(false);
    for (size_t i = 0; i < 6; i++) {
        OK(writing->has(writer, &list[i], &found, &error));
        assert_true(found);
        OK(writing->remove(writer, &list[i], &error));
        OK(writing->has(writer, &list[i], &found, &error));
        assert_false(found);
    }
    commit(writer);
    writing->close(writer);
    assert_int_equal(articles_at(folder), 0);
    check_folder(true);
}

/* Two long ids with one term: a document under the name of another shows what happens. */
static void test_ids_that_share_a_term(void **context)
{
    (void)context;
    char id[300], term[RF_TERM_BYTES];
    memset(id, 'x', sizeof id);
    struct rf_article article = {.id = {id, sizeof id}, .text = bytes_of("text")};
    void *writer = open_writer(false);
    put(writer, "first", "text");
    commit(writer);
    writing->close(writer);
    rx_database *database;
    rx_document *document;
    RX_CHECK(rx_database_open_writable(folder, RX_OPEN, 0, 0, &database, &failure));
    RX_CHECK(rx_document_get(database, 1, &document, &failure));
    RX_CHECK(rx_document_add_boolean(document, term, rf_xapian_id_term(&article.id, term), &failure));
    RX_CHECK(rx_replace(database, 1, document, &failure));
    RX_CHECK(rx_commit(database, &failure));
    rx_document_free(document);
    rx_database_free(database);

    writer = open_writer(false);
    bool found;
    OK(writing->has(writer, &article.id, &found, &error));
    assert_false(found);
    assert_int_equal(writing->add(writer, &article, &error), RIFFLE_INVALID);
    put(writer, "second", "text"); /* the writer goes on */
    commit(writer);
    writing->close(writer);
    assert_int_equal(articles_at(folder), 2);
}

static void test_fields(void **context)
{
    (void)context;
    /* Two names that CRC-32 with a bit fixed cannot tell apart. */
    char names[2][16] = {"plumless", "buckeroo"};
    assert_int_equal(rf_xapian_slot(names[0], 8), rf_xapian_slot(names[1], 8));
    riffle_field fields[] = {{names[0], 8, "value", 5}, {names[1], 8, "value", 5}, {"fresh", 5, "value", 5}};
    struct rf_article article = {.id = bytes_of("a"), .text = bytes_of("text"), .fields = fields, .field_count = 1};
    void *writer = open_writer(false);
    OK(writing->add(writer, &article, &error));
    article.id = bytes_of("b");
    article.fields = fields + 1;
    assert_int_equal(writing->add(writer, &article, &error), RIFFLE_INVALID);
    assert_non_null(strstr(error.message, "plumless"));
    commit(writer);
    writing->close(writer);
    /* The next writer knows the names of the one before. */
    writer = open_writer(false);
    article.field_count = 2;
    article.fields = (riffle_field[]){{"never there", 11, "value", 5}, fields[1]};
    assert_int_equal(writing->add(writer, &article, &error), RIFFLE_INVALID);
    article.fields = fields + 2;
    article.field_count = 1;
    OK(writing->add(writer, &article, &error));
    commit(writer);
    /* A thousand names, and no more. */
    for (unsigned i = 2; i <= RF_FIELDS_MAX; i++) {
        char id[16], name[16];
        snprintf(id, sizeof id, "more %u", i);
        riffle_field field = {name, (size_t)snprintf(name, sizeof name, "n%u", i), "v", 1};
        article = (struct rf_article){.id = bytes_of(id), .text = bytes_of("text"), .fields = &field, .field_count = 1};
        riffle_status status = writing->add(writer, &article, &error);
        assert_int_equal(status, i == RF_FIELDS_MAX ? RIFFLE_TOO_LARGE : RIFFLE_OK);
    }
    commit(writer);
    writing->close(writer);
    rx_database *database = open_database(folder);
    rx_string lines;
    RX_CHECK(rx_metadata_get(database, "riffle.fields", 13, &lines, &failure));
    assert_memory_equal(lines.bytes, "plumless\nfresh\nn2\nn3\n", 21);
    rx_string_free(&lines);
    rx_database_free(database);
}

static void test_too_large(void **context)
{
    (void)context;
    size_t n = RF_DOCUMENT_MAX;
    char *text = malloc(n + 1);
    assert_non_null(text);
    memset(text, ' ', n);
    struct rf_settings settings = usual;
    settings.split_passages = false;
    void *writer;
    OK(try_open(&writer, folder, false, &settings));
    struct rf_article article = {.id = bytes_of("a"), .text = {text, n}};
    assert_int_equal(writing->add(writer, &article, &error), RIFFLE_TOO_LARGE);
    article.text.length--;
    OK(writing->add(writer, &article, &error));
    commit(writer);
    writing->close(writer);
    assert_int_equal(articles_at(folder), 1);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, index_set_up, index_tear_down)
        TEST(test_documents), TEST(test_filler_is_enough), TEST(test_long_ids), TEST(test_ids_that_share_a_term),
        TEST(test_fields),    TEST(test_too_large),
    };
    return cmocka_run_group_tests_name("xapian_engine_document", tests, NULL, NULL);
}
