/* SPDX-License-Identifier: BSD-3-Clause */
/* Ends of sentences, and passages: the rule's sizes by hand, a plain version of the rule as the control, properties on any text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "text/text.h"

static struct rf_tokens tokens;
static struct rf_passages passages;
static struct rf_buffer text;

static int set_up(void **state)
{
    (void)state;
    rf_tokens_init(&tokens, &rf_malloc_allocator);
    rf_passages_init(&passages, &rf_malloc_allocator);
    rf_buffer_init(&text, &rf_malloc_allocator);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    rf_tokens_release(&tokens);
    rf_passages_release(&passages);
    rf_buffer_release(&text);
    return 0;
}

/* ---- Sentences ---- */

/* Asks about the gap between the two words that stand around "|": "Korean| |officials". */
static bool ends(const char *marked)
{
    char plain[200];
    const char *first = strchr(marked, '|'), *second = strchr(first + 1, '|');
    size_t a = (size_t)(first - marked), b = (size_t)(second - first - 1) + a, previous = a;
    memcpy(plain, marked, a);
    memcpy(plain + a, first + 1, b - a);
    strcpy(plain + b, second + 1);
    while (previous && plain[previous - 1] != ' ')
        previous--;
    return rf_sentence_ends(plain, strlen(plain), previous, a, b);
}

static void test_sentence_ends(void **state)
{
    (void)state;
    static const char *const yes[] = {
        "the office|. |The", "the office|! |The", "the office|? |The",  "the office|… |The", "office|.\" |The", "office|.” “|The",
        "office|\". |The",   "office|.) (|The",   "office|.\n|The",     "week|. |60",        "Korea|'s. |The",  "office|...  |The",
        "금지|. |기사",      "である|。|名前",    "である|。」「|名前", "何|？|名前",        "何|！ |名前",     "said no|. |The",
        "Geld|.“ |Der",      "Ende|.« »|Der",     "office|.",           "дома|. |Жена",
    };
    static const char *const no[] = {
        "the office| |The", "the office|, |The", "the office|. |the", "the office|.|The", "S|. |Korean",     "U.S|. |President",
        "Mr|. |Trump",      "Gen|. |Kim",        "No|. |5",           "Dr|. |No",         "said|: “|The",    "3|.|5",
        "office|.\" |said", "wait|… |what",      "дома|. |жена",      "É|. |Zola",        "E\u0301|. |Zola", "office|; |The",
        "half|-|Way",       "何|、|名前",
    };
    for (size_t i = 0; i < sizeof yes / sizeof yes[0]; i++) {
        char marked[200];
        strcpy(marked, yes[i]);
        if (!strchr(strchr(marked, '|') + 1, '|'))
            strcat(marked, "|"); /* the text's end */
        if (!ends(marked))
            fail_msg("no end seen in %s", yes[i]);
    }
    for (size_t i = 0; i < sizeof no / sizeof no[0]; i++)
        if (ends(no[i]))
            fail_msg("an end seen in %s", no[i]);
}

/* ---- Passages ---- */

static void add(const char *s) { rf_buffer_append(&text, s, strlen(s)); }

/* A sentence of n words. */
static void add_sentence(unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        add(i ? "word" : "Word"), add(i + 1 < n ? " " : ". ");
}

static void add_paragraph(unsigned sentences, unsigned words_of_each)
{
    while (sentences--)
        add_sentence(words_of_each);
    add("\n");
}

static void cut(bool whole)
{
    assert_false(text.failed);
    assert_true(rf_tokenize(&tokens, (const char *)text.data, text.size));
    assert_true(rf_passages_cut(&passages, (const char *)text.data, text.size, &tokens, whole));
}

static size_t half_words(size_t first, size_t end)
{
    size_t size = 0;
    for (size_t i = first; i < end; i++)
        size += tokens.list[i].flags & RF_TOKEN_JOINED ? 0 : tokens.list[i].flags & RF_TOKEN_CJK ? 1 : 2;
    return size;
}

/* Cuts and compares the passages' words, ended by 0. */
static void expect_sizes(const unsigned *words)
{
    cut(false);
    for (size_t i = 0; i < passages.count; i++) {
        assert_int_equal(half_words(passages.list[i].first_token, passages.list[i].end_token), 2 * words[i]);
        assert_true(words[i]);
    }
    assert_int_equal(words[passages.count], 0);
    text.size = 0;
}

#define EXPECT_SIZES(...) expect_sizes((const unsigned[]){__VA_ARGS__, 0})

static void test_sizes(void **state)
{
    (void)state;
    text.size = 0;
    add_paragraph(1, 99), add_paragraph(1, 50);
    EXPECT_SIZES(149); /* 99 are not enough */
    add_paragraph(1, 100), add_paragraph(1, 50);
    EXPECT_SIZES(100, 50);
    add_paragraph(1, 100), add_paragraph(1, 39);
    EXPECT_SIZES(139); /* a remainder under 40 */
    add_paragraph(1, 100), add_paragraph(1, 40);
    EXPECT_SIZES(100, 40);
    add_paragraph(1, 90), add_paragraph(9, 10);
    EXPECT_SIZES(180);
    add_paragraph(1, 90), add_paragraph(14, 10);
    EXPECT_SIZES(180, 50);
    add_paragraph(1, 90), add_paragraph(13, 11);
    EXPECT_SIZES(90 + 8 * 11, 5 * 11); /* the last end of a sentence before 180 */
    add_paragraph(1, 300);
    EXPECT_SIZES(180, 120); /* no sentence ends: at a word */
    add_paragraph(1, 219);
    EXPECT_SIZES(219);
    add_paragraph(1, 220);
    EXPECT_SIZES(180, 40);
    add_sentence(30), add_sentence(200), add("\n");
    EXPECT_SIZES(30, 200); /* 180 and a remainder of 20 */
    add_paragraph(1, 60), add_paragraph(1, 200);
    EXPECT_SIZES(180, 80); /* a sentence that starts with its paragraph gives no place within it */
    for (int i = 0; i < 30; i++)
        add_paragraph(1, 30);
    EXPECT_SIZES(120, 120, 120, 120, 120, 120, 120, 60);
    add_paragraph(1, 20);
    EXPECT_SIZES(20);
}

static void test_starts(void **state)
{
    (void)state;
    text.size = 0;
    add("  \n");
    add_sentence(120);
    add("\n\n  \xE2\x80\x9CQuoted ");
    add_sentence(100);
    add("\xE2\x80\x9CThe end ");
    add_sentence(120);
    cut(false);
    assert_int_equal(passages.count, 3);
    assert_int_equal(passages.list[0].start, 0);
    assert_memory_equal(text.data + passages.list[1].start, "\xE2\x80\x9CQuoted", 9);
    assert_memory_equal(text.data + passages.list[2].start, "\xE2\x80\x9CThe end", 10);
    cut(true);
    assert_int_equal(passages.count, 1);
    assert_int_equal(passages.list[0].first_token, 0);
    assert_int_equal(passages.list[0].end_token, tokens.count);
}

static void test_no_words(void **state)
{
    (void)state;
    static const char *const texts[] = {"", "\n\n", " ... \n *** \n"};
    for (size_t i = 0; i < 3; i++) {
        text.size = 0;
        add(texts[i]);
        cut(false);
        assert_int_equal(passages.count, 1);
        assert_int_equal(passages.list[0].start, 0);
        assert_int_equal(passages.list[0].end_token, 0);
    }
}

/* Han, Kana, Hangul: half words, cut at their own marks; a run without any mark stays whole. */
static void test_cjk(void **state)
{
    (void)state;
    text.size = 0;
    for (int i = 0; i < 60; i++)
        add("吾輩は猫である。"); /* 8 characters with the mark, 7 tokens: 51 of them are 357 */
    cut(false);
    assert_int_equal(passages.count, 1 + (60 - 51 >= 12));
    for (int i = 0; i < 60; i++)
        add("吾輩は猫である。");
    cut(false);
    assert_int_equal(passages.count, 3);
    assert_int_equal(half_words(0, passages.list[0].end_token), 357);
    assert_int_equal(passages.list[1].start, 51 * strlen("吾輩は猫である。"));
    text.size = 0;
    for (int i = 0; i < 1000; i++)
        add("猫");
    add(" ");
    add_sentence(50);
    cut(false);
    assert_int_equal(passages.count, 2);
    assert_int_equal(passages.list[0].end_token, 1000);
}

/* A compound at the limit goes to the next passage as a whole, its joined token first. */
static void test_compounds_stay_whole(void **state)
{
    (void)state;
    for (unsigned before = 174; before <= 182; before++) {
        text.size = 0;
        for (unsigned i = 0; i < before; i++)
            add("word ");
        add("round-the-clock ");
        for (unsigned i = 0; i < 60; i++)
            add("word ");
        cut(false);
        assert_int_equal(passages.count, 2);
        size_t end = passages.list[0].end_token;
        assert_int_equal(half_words(0, end), before > 180 ? 360 : before > 177 ? 2 * before : 360);
        if (before > 177 && before <= 180) {
            assert_int_equal(tokens.list[end].flags, RF_TOKEN_JOINED);
            assert_memory_equal(text.data + passages.list[1].start, "round", 5);
        }
    }
}

/* ---- The rule once more, plainly: a paragraph at a time, looking back as often as it likes ---- */

static bool has_newline(size_t token)
{
    return memchr(text.data + tokens.list[token - 1].end, '\n', tokens.list[token].start - tokens.list[token - 1].end) != NULL;
}

static bool has_sentence_end(size_t token)
{
    return rf_sentence_ends((const char *)text.data, text.size, tokens.list[token - 1].start, tokens.list[token - 1].end,
                            tokens.list[token].start);
}

/* For texts of plain words. Fills `firsts` with each passage's first token; returns their number. */
static size_t cut_plainly(size_t *firsts)
{
    size_t count = 0, first = 0, at = 0;
    firsts[count++] = 0;
    while (at < tokens.count) {
        size_t end = at + 1;
        while (end < tokens.count && !has_newline(end))
            end++;
        if (end - first <= 180) {
            at = end;
            if (end - first >= 100 && end < tokens.count)
                firsts[count++] = first = end;
            continue;
        }
        size_t place = first + 180;
        while (place > at && !has_sentence_end(place))
            place--;
        if (place == at)
            place = first + 180;
        firsts[count++] = first = at = place;
    }
    if (count > 1 && tokens.count - firsts[count - 1] < 40)
        count--;
    return count;
}

static uint64_t random_state = 1;

static uint32_t random_below(uint32_t limit)
{
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)((random_state >> 33) % limit);
}

static void test_against_plain_rule(void **state)
{
    (void)state;
    static size_t firsts[3000];
    for (int round = 0; round < 1500; round++) {
        static const char *const words[] = {"a", "House", "of", "Mr", "cards", "S", "Fell"};
        uint32_t sentence = 5 + random_below(120), paragraph = 10 + random_below(300);
        text.size = 0;
        for (uint32_t i = random_below(1500); i; i--) {
            add(words[random_below(7)]);
            add(!random_below(paragraph) ? ".\n" : !random_below(sentence) ? ". " : !random_below(20) ? ", " : " ");
        }
        cut(false);
        size_t count = cut_plainly(firsts);
        assert_int_equal(passages.count, count);
        for (size_t i = 0; i < count; i++)
            assert_int_equal(passages.list[i].first_token, firsts[i]);
    }
}

/* What must hold for the passages of any bytes. */
static void check_passages(void)
{
    size_t token = 0, reach = 0;
    assert_true(passages.count > 0);
    assert_int_equal(passages.list[0].start, 0);
    for (size_t i = 0; i < passages.count; i++) {
        const struct rf_passage *passage = &passages.list[i];
        size_t end = i + 1 < passages.count ? passages.list[i + 1].start : text.size;
        assert_int_equal(passage->first_token, token);
        assert_true(passage->start <= end && passage->start >= reach);
        assert_true(passage->end_token > token || !tokens.count);
        for (; token < passage->end_token; token++) {
            assert_true(tokens.list[token].start >= passage->start && tokens.list[token].end <= end);
            reach = tokens.list[token].end > reach ? tokens.list[token].end : reach;
        }
    }
    assert_int_equal(token, tokens.count);
}

static void test_any_text(void **state)
{
    (void)state;
    static const char *const pieces[] = {"word", "Word", "wi-fi", "U.S.",    "-", "'s",   "’",  "한국",
                                         "猫",   "。",   "「",    "뉴스KBS", "é", "\xFF", "ゟ", "7"};
    static const char *const gaps[] = {" ", "", ". ", "\n", ", ", "-", "\n\n", "\u3000", ".", "\u00AD"};
    for (int round = 0; round < 2000; round++) {
        text.size = 0;
        uint32_t kinds = 1 + random_below(16), spaces = 1 + random_below(10);
        for (uint32_t i = random_below(1200); i; i--) {
            add(pieces[random_below(kinds)]);
            add(gaps[random_below(spaces)]);
        }
        cut(false);
        check_passages();
        /* Each passage by itself has the tokens that it has in the text, unless nothing but the marks of compounds stands around. */
        if (spaces != 2 && kinds <= 3) {
            struct rf_tokens own;
            rf_tokens_init(&own, &rf_malloc_allocator);
            for (size_t i = 0; i < passages.count; i++) {
                const struct rf_passage *passage = &passages.list[i];
                size_t end = i + 1 < passages.count ? passages.list[i + 1].start : text.size;
                assert_true(rf_tokenize(&own, (const char *)text.data + passage->start, end - passage->start));
                assert_int_equal(own.count, passage->end_token - passage->first_token);
            }
            rf_tokens_release(&own);
        }
    }
}

/* A text of over a megabyte without any place to cut must not take the square of its length, nor must one full of them. */
static void test_long_texts(void **state)
{
    (void)state;
    static const char *const units[] = {"a-", "가", "a. ", "A. ", "a\n", ".", "a ", "'s", "a.\xE3\x80\x82"};
    for (size_t u = 0; u < sizeof units / sizeof units[0]; u++) {
        text.size = 0;
        while (text.size < 1 << 20)
            add(units[u]);
        cut(false);
        check_passages();
    }
}

/* ---- Memory ---- */

static void *failing_allocate(void *context, size_t bytes) { return (*(int *)context)-- > 0 ? malloc(bytes) : NULL; }
static void *failing_resize(void *context, void *memory, size_t bytes)
{
    return (*(int *)context)-- > 0 ? realloc(memory, bytes) : NULL;
}
static void failing_release(void *context, void *memory)
{
    (void)context;
    free(memory);
}

static void test_no_memory(void **state)
{
    (void)state;
    text.size = 0;
    for (int i = 0; i < 100; i++)
        add_paragraph(1, 100);
    assert_true(rf_tokenize(&tokens, (const char *)text.data, text.size));
    bool done = false;
    for (int n = 0; !done; n++) {
        int left = n;
        riffle_allocator allocator = {failing_allocate, failing_resize, failing_release, &left};
        struct rf_passages some;
        rf_passages_init(&some, &allocator);
        done = rf_passages_cut(&some, (const char *)text.data, text.size, &tokens, false);
        assert_true(!done || some.count == 100);
        rf_passages_release(&some);
        assert_true(n < 50);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sentence_ends),      cmocka_unit_test(test_sizes),    cmocka_unit_test(test_starts),
        cmocka_unit_test(test_no_words),           cmocka_unit_test(test_cjk),      cmocka_unit_test(test_compounds_stay_whole),
        cmocka_unit_test(test_against_plain_rule), cmocka_unit_test(test_any_text), cmocka_unit_test(test_long_texts),
        cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
