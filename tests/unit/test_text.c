/* SPDX-License-Identifier: BSD-3-Clause */
/* UTF-8, folding, tokens, languages: each rule of text.h by itself, then properties on random text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <utf8proc.h>

#include "text/fold.h"
#include "text/stopwords.h"
#include "text/text.h"

static struct rf_tokens tokens;

static int set_up(void **state)
{
    (void)state;
    rf_tokens_init(&tokens, &rf_malloc_allocator);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    rf_tokens_release(&tokens);
    return 0;
}

/* The tokens of a text in one line: terms with blanks between, "+" before a joined one. */
static const char *terms_of(const char *text)
{
    static char line[4096];
    size_t length = 0;
    assert_true(rf_tokenize(&tokens, text, strlen(text)));
    for (size_t i = 0; i < tokens.count; i++) {
        const struct rf_token *token = &tokens.list[i];
        assert_true(length + token->term_length + 3 < sizeof line);
        if (i)
            line[length++] = ' ';
        if (token->flags & RF_TOKEN_JOINED)
            line[length++] = '+';
        memcpy(line + length, rf_token_term(&tokens, token), token->term_length);
        length += token->term_length;
    }
    line[length] = 0;
    return line;
}

#define EXPECT(text, terms) assert_string_equal(terms_of(text), terms)

/* ---- UTF-8 ---- */

static void test_utf8_valid_prefix(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t n, valid;
    } cases[] = {
        {"", 0, 0},
        {"0123456789abcdef\0x", 18, 18},
        {"\xC2\x80", 2, 2},
        {"\xC1\xBF", 2, 0},     /* overlong */
        {"\xE0\x9F\xBF", 3, 0}, /* overlong */
        {"\xE0\xA0\x80", 3, 3},
        {"\xED\x9F\xBF", 3, 3},
        {"\xED\xA0\x80", 3, 0}, /* surrogate */
        {"\xEE\x80\x80", 3, 3},
        {"\xF0\x8F\xBF\xBF", 4, 0}, /* overlong */
        {"\xF0\x90\x80\x80", 4, 4},
        {"\xF4\x8F\xBF\xBF", 4, 4},
        {"\xF4\x90\x80\x80", 4, 0}, /* past U+10FFFF */
        {"\xF5\x80\x80\x80", 4, 0},
        {"abcdefghijk\xE2\x82", 13, 11}, /* cut off */
        {"abcdefgh\x80", 9, 8},
        {"\xEF\xBF\xBF", 3, 3},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_int_equal(rf_utf8_valid_prefix(cases[i].text, cases[i].n), cases[i].valid);
}

static void expect_repaired(const char *text, const char *repaired)
{
    struct rf_buffer out;
    rf_buffer_init(&out, &rf_malloc_allocator);
    rf_utf8_repair(&out, text, strlen(text));
    assert_int_equal(out.size, strlen(repaired));
    assert_memory_equal(out.data, repaired, out.size);
    rf_buffer_release(&out);
}

#define BAD "\xEF\xBF\xBD"

static void test_utf8_repair(void **state)
{
    (void)state;
    expect_repaired("plain", "plain");
    /* The examples of tables 3-8 to 3-11 in the Unicode standard. */
    expect_repaired("\xC0\xAF\xE0\x80\xBF\xF0\x81\x82\x41", BAD BAD BAD BAD BAD BAD BAD BAD "A");
    expect_repaired("\xED\xA0\x80\xED\xBF\xBF\xED\xAF\x41", BAD BAD BAD BAD BAD BAD BAD BAD "A");
    expect_repaired("\xF4\x91\x92\x93\xFF\x41\x80\xBF\x42", BAD BAD BAD BAD BAD "A" BAD BAD "B");
    expect_repaired("\xE1\x80\xE2\xF0\x91\x92\xF1\xBF\x41", BAD BAD BAD BAD "A");
    expect_repaired("caf\xC3", "caf" BAD);
}

static void test_utf8_next(void **state)
{
    (void)state;
    const char *text = "a\xC3\xA9\xEA\xB0\x80\xF0\x9F\x98\x80\xE2\x82"
                       "b";
    const char *p = text, *end = text + strlen(text);
    static const uint32_t expected[] = {'a', 0xE9, 0xAC00, 0x1F600, 0xFFFD, 0xFFFD, 'b'};
    for (size_t i = 0; i < 7; i++) {
        uint32_t c;
        p = rf_utf8_next(p, end, &c);
        assert_int_equal(c, expected[i]);
    }
    assert_ptr_equal(p, end);
}

static void test_characters(void **state)
{
    (void)state;
    assert_true(rf_is_word_character('a') && rf_is_word_character('7') && rf_is_word_character(0x301) &&
                rf_is_word_character(0xAC00));
    assert_false(rf_is_word_character('_') || rf_is_word_character(0x2019) || rf_is_word_character(0xBD) ||
                 rf_is_word_character(0xAD));
    assert_true(rf_is_cjk(0x4E00) && rf_is_cjk(0x3042) && rf_is_cjk(0xD55C) && rf_is_cjk(0x1112) && rf_is_cjk(0xFF76));
    assert_false(rf_is_cjk('a') || rf_is_cjk(0x30FB) || rf_is_cjk(0x3002) || rf_is_cjk(0xFF21));
    assert_int_equal(rf_character_width('a'), 1);
    assert_int_equal(rf_character_width(0xAC00), 2);
    assert_int_equal(rf_character_width(0x301), 0);
    assert_int_equal(rf_character_width(0xE9), 1);
}

/* ---- Spellings that meet ---- */

static void test_folds_accents(void **state)
{
    (void)state;
    EXPECT("café CAFÉ cafe cafe\u0301 ＣＡＦＥ ｃａｆｅ\u0301", "cafe cafe cafe cafe cafe cafe");
    EXPECT("đường Đường straße STRASSE ﬁnal İstanbul ıssız", "duong duong strasse strasse final istanbul issiz");
    EXPECT("Łódź Ørsted Æsir œuvre Þór Kraków ǽ ﬀ", "lodz orsted aesir oeuvre thor krakow ae ff");
    EXPECT("Ελλάδα ΕΛΛΆΔΑ Ελλα\u0301δα ΌΣΟΣ όσος", "ελλαδα ελλαδα ελλαδα οσοσ οσοσ");
    EXPECT("ᾳ α\u0345 ᾴ α\u0301\u0345", "αι αι αι αι");
    EXPECT("Việt Vi\u1EC7t Vie\u0302\u0323t Vie\u0323\u0302t", "viet viet viet viet");
    EXPECT("co\u00ADoperate zero\u200Dwidth a\u200Bb", "cooperate zerowidth a b");
    EXPECT("x² CO₂ Ⅷ ①", "x2 co2 viii 1");
    EXPECT("1½ 5⁄8 ŉa coŀlecció", "1 5 8 na colleccio");
}

static void test_keeps_other_marks(void **state)
{
    (void)state;
    EXPECT("й и\u0306 и ё", "й й и ё");
    EXPECT("क़ क\u093C हिन्दी", "क\u093C क\u093C हिन्दी");
    EXPECT("ภาษาไทย กำ ก\u0E4Dา", "ภาษาไทย ก\u0E4Dา ก\u0E4Dา");
    EXPECT("\u05E9\u05C1\u05BC \u05E9\u05BC\u05C1 \uFB2C", "\u05E9\u05BC\u05C1 \u05E9\u05BC\u05C1 \u05E9\u05BC\u05C1");
}

static void test_folds_cjk(void **state)
{
    (void)state;
    EXPECT("한국", "한국 국");
    EXPECT("\u1112\u1161\u11AB\u1100\u116E\u11A8", "한국 국");
    EXPECT("하\u11AB국", "한국 국");
    EXPECT("ガギ カ\u3099キ\u3099 ｶﾞｷﾞ", "ガギ ギ ガギ ギ ガギ ギ");
    EXPECT("は ば ぱ は\u309A", "は ば ぱ ぱ");
    EXPECT("ﾃﾞｰﾀ", "デー ータ タ");
    EXPECT("か\u309Aき", "か\u309Aき き");
    EXPECT("金 \uF90A", "金 金");
    EXPECT("葛\uFE00飾", "葛飾 飾");
    EXPECT("ㅎㅏ ﾡ", "하 \u1100");
}

/* ---- Words ---- */

static void test_possessives(void **state)
{
    (void)state;
    EXPECT("Korea's Korea’s Koreas' Korea Koreaʼs Korea＇s KOREA'S", "korea korea koreas korea korea korea korea");
    EXPECT("wi-fi's O'Brien’s 1990's", "+wifi wi fi +obrien o brien 1990");
    EXPECT("Inc.'s U.S.'s U.S.’s Company’s", "inc +us u s +us u s company");
    EXPECT("KBS's 뉴스's 뉴스’s", "kbs 뉴스 스 뉴스 스");
    EXPECT("it's 's sister's-in-law", "it s sister +inlaw in law");
    EXPECT("Korea's뉴스", "+koreas korea s 뉴스 스");
    EXPECT("'tis ’s end'", "tis s end");
    assert_true(rf_tokenize(&tokens, "Korea's", 7));
    assert_int_equal(tokens.list[0].end, 5);
}

static void test_compounds(void **state)
{
    (void)state;
    EXPECT("higher-ups", "+higherups higher ups");
    EXPECT("round-the-clock", "+roundtheclock round the clock");
    EXPECT("wi-fi wi‐fi wi‑fi wi－fi Wi-Fi", "+wifi wi fi +wifi wi fi +wifi wi fi +wifi wi fi +wifi wi fi");
    EXPECT("O'Brien O’Brien don't l’été", "+obrien o brien +obrien o brien +dont don t +lete l ete");
    EXPECT("Kim Chang-su", "kim +changsu chang su");
    EXPECT("60-70 covid-19 mid-1990s", "60 70 covid 19 mid 1990s");
    EXPECT("a-b-c-d jack-in-the-box", "a b c d jack in the box");
    EXPECT("wi--fi wi- fi wi -fi wi—fi -wi-", "wi fi wi fi wi fi wi fi wi");
    EXPECT("o'neill-smith x-ray", "+oneillsmith o neill smith +xray x ray");
    EXPECT("re-élire Saint-Étienne", "+reelire re elire +saintetienne saint etienne");
    EXPECT("K-팝 팝-K", "k 팝 팝 k");
    EXPECT("wi-fi뉴스", "+wifi wi fi 뉴스 스");
    EXPECT("edt@koreapost.com", "edt koreapost com");
    EXPECT("2019.9.21 3.5 1,000", "2019 9 21 3 5 1 000");
    EXPECT("snake_case a/b", "snake case a b");
}

static void test_acronyms(void **state)
{
    (void)state;
    EXPECT("U.S. U.S.A U.S.A. US", "+us u s +usa u s a +usa u s a us");
    EXPECT("S. Korean N. Korea", "s korean n korea");
    EXPECT("anti-U.S. U.S.-led U.S-led", "anti +us u s +us u s led +us u s led");
    EXPECT("Ph.D. e.g. p.m.", "ph d +eg e g +pm p m");
    EXPECT("J.K.Rowling N.Korea 1.a.b", "+jk j k rowling n korea 1 +ab a b");
    EXPECT("x-U.foo", "+xu x u foo");
    EXPECT("У.Е. É.U.", "+уе у е +eu e u");
}

static void test_cjk_runs(void **state)
{
    (void)state;
    EXPECT("저작권자", "저작 작권 권자 자");
    EXPECT("무단 전재", "무단 단 전재 재");
    EXPECT("KBS뉴스 2019년", "kbs 뉴스 스 2019 년");
    EXPECT("東京タワーへ行く", "東京 京タ タワ ワー ーへ へ行 行く く");
    EXPECT("ニュース・データ", "ニュ ュー ース ス デー ータ タ");
    EXPECT("ゟ", "より り");
    assert_true(rf_tokenize(&tokens, "코리아 북", strlen("코리아 북")));
    assert_int_equal(tokens.count, 4);
    assert_int_equal(tokens.positions, 4);
    static const struct {
        unsigned start, end, flags;
    } expected[] = {
        {0, 6, RF_TOKEN_CJK | RF_TOKEN_RUN_FIRST},
        {3, 9, RF_TOKEN_CJK},
        {6, 9, RF_TOKEN_CJK | RF_TOKEN_RUN_LAST},
        {10, 13, RF_TOKEN_CJK | RF_TOKEN_RUN_FIRST | RF_TOKEN_RUN_LAST},
    };
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(tokens.list[i].start, expected[i].start);
        assert_int_equal(tokens.list[i].end, expected[i].end);
        assert_int_equal(tokens.list[i].flags, expected[i].flags);
    }
}

static void test_token_bytes(void **state)
{
    (void)state;
    const char *text = "The “round-the-clock” U.S.A., café.";
    assert_true(rf_tokenize(&tokens, text, strlen(text)));
    static const char *const bytes[] = {"The", "round-the-clock", "round", "the", "clock", "U.S.A", "U", "S", "A", "café"};
    assert_int_equal(tokens.count, 10);
    assert_int_equal(tokens.positions, 8);
    for (size_t i = 0; i < 10; i++) {
        assert_int_equal(tokens.list[i].end - tokens.list[i].start, strlen(bytes[i]));
        assert_memory_equal(text + tokens.list[i].start, bytes[i], strlen(bytes[i]));
    }
}

/* Long words of every width of character, around the limit and around the 16 bytes that are looked at together. */
static void test_term_limit(void **state)
{
    (void)state;
    static const struct {
        const char *character;
        size_t term; /* bytes at most: 200, cut at a character */
    } widths[] = {{"a", 200}, {"д", 200}, {"ა", 198}, {"𐐨", 200}};
    for (size_t w = 0; w < 4; w++) {
        size_t width = strlen(widths[w].character);
        for (size_t n = 1; n < 260; n++) {
            char text[260 * 4 + 1];
            for (size_t i = 0; i < n; i++)
                memcpy(text + i * width, widths[w].character, width);
            text[n * width] = '!';
            for (size_t extra = 0; extra < 2; extra++) {
                assert_true(rf_tokenize(&tokens, text, n * width + extra));
                assert_int_equal(tokens.count, 1);
                assert_int_equal(tokens.list[0].end, n * width);
                assert_int_equal(tokens.list[0].term_length, n * width < widths[w].term ? n * width : widths[w].term);
                assert_memory_equal(rf_token_term(&tokens, tokens.list), text, tokens.list[0].term_length);
            }
        }
    }
}

/* ---- Folding of every character ---- */

/* The quick way of the tokeniser (by table) and the folder give the same; every letter gives something; all ends as word characters. */
static void test_every_character(void **state)
{
    (void)state;
    struct rf_buffer folded;
    rf_buffer_init(&folded, &rf_malloc_allocator);
    for (uint32_t c = 1; c < 0x110000; c++) {
        if ((c & 0x1FF800) == 0xD800)
            continue;
        char text[8] = {'x'};
        size_t n = 1 + (size_t)utf8proc_encode_char((int32_t)c, (utf8proc_uint8_t *)text + 1);
        assert_int_equal(rf_utf8_valid_prefix(text, n), n);
        enum rf_kind kind = rf_kind_of(c);
        assert_true(rf_tokenize(&tokens, text + 1, n - 1));
        if (kind != RF_LETTER && kind != RF_DIGIT && kind != RF_CJK) {
            assert_int_equal(tokens.count, 0);
            continue;
        }
        assert_true(tokens.count > 0);
        const struct rf_token *token = &tokens.list[0];
        folded.size = 0;
        rf_fold(&folded, text + 1, n - 1);
        if (kind != RF_CJK) {
            assert_int_equal(folded.size, token->term_length);
            assert_memory_equal(folded.data, rf_token_term(&tokens, token), folded.size);
        }
        const char *p = rf_token_term(&tokens, token), *end = p + token->term_length;
        assert_true(p < end);
        while (p < end) {
            uint32_t part;
            p = rf_utf8_next(p, end, &part);
            assert_true(rf_is_word_character(part));
        }
    }
    rf_buffer_release(&folded);
}

static uint64_t random_state = 1;

static uint32_t random_below(uint32_t limit)
{
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)((random_state >> 33) % limit);
}

/*
 * A random character that belongs in words, with many marks and other things that compose. Without those whose compatibility form
 * is folded otherwise on purpose (ŀ, ŉ), and the iota below, which normalising moves behind marks that no one writes there.
 */
static uint32_t random_word_character(void)
{
    static const struct {
        uint32_t first, count;
    } pools[] = {{'a', 26},       {'A', 26},      {0xC0, 0x190}, {0x300, 0x70},  {0x370, 0x90},  {0x400, 0x130},
                 {0x591, 0x60},   {0x620, 0xB0},  {0x900, 0x80}, {0x980, 0x480}, {0xE00, 0x100}, {0x1000, 0x90},
                 {0x1E00, 0x200}, {0x1DC0, 0x40}, {0xFF21, 26},  {0x11080, 0x40}};
    for (;;) {
        size_t pool = random_below(sizeof pools / sizeof pools[0]);
        uint32_t c = pools[pool].first + random_below(pools[pool].count);
        enum rf_kind kind = rf_kind_of(c);
        if ((kind == RF_LETTER || kind == RF_MARK) && c != 0x13F && c != 0x140 && c != 0x149 && c != 0x345)
            return c;
    }
}

/* NFC and NFD of a word give the same term, and so does the folder: three ways through the code. */
static void test_normal_forms_meet(void **state)
{
    (void)state;
    struct rf_buffer folded;
    rf_buffer_init(&folded, &rf_malloc_allocator);
    for (int round = 0; round < 20000; round++) {
        utf8proc_uint8_t text[64] = "x";
        size_t n = 0;
        n += (size_t)utf8proc_encode_char(round % 2 ? 0x430 : 'e', text);
        for (uint32_t i = random_below(7); i; i--)
            n += (size_t)utf8proc_encode_char((int32_t)random_word_character(), text + n);
        text[n] = 0;
        utf8proc_uint8_t *forms[4] = {utf8proc_NFC(text), utf8proc_NFD(text), utf8proc_NFKC(text), utf8proc_NFKD(text)};
        rf_fold(&folded, (const char *)text, n);
        char expected[256];
        size_t length = folded.size;
        assert_true(length && length <= sizeof expected);
        memcpy(expected, folded.data, length);
        folded.size = 0;
        assert_true(rf_tokenize(&tokens, (const char *)text, n));
        assert_int_equal(tokens.count, 1);
        assert_int_equal(tokens.list[0].term_length, length);
        assert_memory_equal(rf_token_term(&tokens, tokens.list), expected, length);
        for (int i = 0; i < 4; i++) {
            assert_true(rf_tokenize(&tokens, (const char *)forms[i], strlen((const char *)forms[i])));
            assert_int_equal(tokens.count, 1);
            assert_int_equal(tokens.list[0].term_length, length);
            assert_memory_equal(rf_token_term(&tokens, tokens.list), expected, length);
            free(forms[i]);
        }
    }
    rf_buffer_release(&folded);
}

static void expect_fold(const char *text, const char *expected)
{
    struct rf_buffer out;
    rf_buffer_init(&out, &rf_malloc_allocator);
    rf_fold(&out, text, strlen(text));
    rf_buffer_append_byte(&out, 0);
    assert_string_equal((char *)out.data, expected);
    rf_buffer_release(&out);
}

static void test_fold(void **state)
{
    (void)state;
    expect_fold("", "");
    expect_fold("  \t", "");
    expect_fold("  New  York\tTimes - News ", "new york times - news");
    expect_fold("AFP/Ｙｏｎｈａｐ\u00A0\u3000Café", "afp/yonhap cafe");
    expect_fold("e\u0301 ́", "e \u0301");
    expect_fold("2019-03-25", "2019-03-25");
    expect_fold("\u1112\u1161\u11AB ｶﾞ", "한 ガ");
    expect_fold("a¨b", "a¨b");
}

/* ---- Any bytes ---- */

/* What must hold for the tokens of any bytes. `text` is a block of exactly n bytes, so that tools see reads past its end. */
static void check_tokens(const char *text, size_t n)
{
    assert_true(rf_tokenize(&tokens, text, n));
    uint32_t start = 0, end = 0;
    size_t positions = 0;
    for (size_t i = 0; i < tokens.count; i++) {
        const struct rf_token *token = &tokens.list[i];
        assert_true(token->start < token->end && token->end <= n);
        assert_true(token->start >= start);
        assert_in_range(token->term_length, 1, RF_TERM_MAX);
        assert_true(token->term + token->term_length <= tokens.terms.size);
        const char *term = rf_token_term(&tokens, token);
        assert_int_equal(rf_utf8_valid_prefix(term, token->term_length), token->term_length);
        start = token->start;
        if (token->flags & RF_TOKEN_JOINED) {
            assert_true(i + 2 < tokens.count);
            assert_int_equal(tokens.list[i + 1].start, token->start);
            assert_false(tokens.list[i + 1].flags & RF_TOKEN_JOINED);
            continue;
        }
        positions++;
        if (!(token->flags & RF_TOKEN_CJK))
            assert_true(token->start >= end);
        end = token->end;
    }
    assert_int_equal(positions, tokens.positions);
    assert_true(tokens.terms.capacity >= tokens.terms.size + 16);
}

static void test_any_bytes(void **state)
{
    (void)state;
    static const char *const pieces[] = {
        "a",      "s",  "S",        "'s",     "’",       "-",        ".",      "'",
        " ",      "\n", "1",        "é",      "e\u0301", "한",       "\u1112", "\u1161",
        "\u11AB", "が", "か\u3099", "\u00AD", "\u200D",  "Ａ",       "й",      "\u0301",
        "ß",      "ﬁ",  "\xFF",     "\xE2",   "\x80",    "\xF0\x9F", "word",   "longerwordthansixteen",
        "म",      "ि",  "\u0345",   "ゟ"};
    for (int round = 0; round < 30000; round++) {
        char text[400];
        size_t n = 0;
        uint32_t count = random_below(round % 10 ? 12 : 60);
        for (uint32_t i = 0; i < count && n < 300; i++) {
            const char *piece = pieces[random_below(sizeof pieces / sizeof pieces[0])];
            memcpy(text + n, piece, strlen(piece));
            n += strlen(piece);
        }
        for (uint32_t i = random_below(3); i && n; i--)
            text[random_below((uint32_t)n)] = (char)random_below(256);
        char *exact = malloc(n ? n : 1);
        assert_non_null(exact);
        memcpy(exact, text, n);
        check_tokens(exact, n);
        free(exact);
    }
}

/* Terms come out as they went in: a term's own text gives that term. So queries can be made from terms. */
static void test_terms_are_stable(void **state)
{
    (void)state;
    struct rf_tokens again;
    rf_tokens_init(&again, &rf_malloc_allocator);
    for (int round = 0; round < 5000; round++) {
        char text[128];
        size_t n = 0;
        for (uint32_t i = 1 + random_below(10); i; i--)
            n += (size_t)utf8proc_encode_char((int32_t)random_word_character(), (utf8proc_uint8_t *)text + n);
        assert_true(rf_tokenize(&tokens, text, n));
        for (size_t i = 0; i < tokens.count; i++) {
            const struct rf_token *token = &tokens.list[i];
            uint32_t first;
            rf_utf8_next(rf_token_term(&tokens, token), rf_token_term(&tokens, token) + token->term_length, &first);
            if (rf_kind_of(first) == RF_MARK) /* Lao's am behind nothing */
                continue;
            assert_true(rf_tokenize(&again, rf_token_term(&tokens, token), token->term_length));
            assert_int_equal(again.count, 1);
            assert_int_equal(again.list[0].term_length, token->term_length);
            assert_memory_equal(rf_token_term(&again, again.list), rf_token_term(&tokens, token), token->term_length);
        }
    }
    rf_tokens_release(&again);
}

/* Hostile lengths: nothing may take the square of them. */
static void test_long_rows(void **state)
{
    (void)state;
    static const char *const units[] = {"a.",       "a-",     "'s", "\u0301", "ж\u0301", "\u00AD", "가",
                                        "か\u3099", "\u1112", "a",  "é",      "\xFF",    "x\u00AD"};
    enum { SIZE = 1 << 20 };
    char *text = malloc(SIZE);
    assert_non_null(text);
    for (size_t u = 0; u < sizeof units / sizeof units[0]; u++) {
        size_t width = strlen(units[u]), n = 0;
        for (; n + width <= SIZE; n += width)
            memcpy(text + n, units[u], width);
        check_tokens(text, n);
        text[0] = 'a';
        check_tokens(text, n);
    }
    /* One Cyrillic letter with half a million marks, in the order that sorts worst. */
    memcpy(text, "ж", 2);
    for (size_t n = 2; n + 4 <= SIZE; n += 4)
        memcpy(text + n, n < SIZE / 2 ? "\u0301\u0302" : "\u0316\u0317", 4);
    check_tokens(text, SIZE - 2);
    assert_int_equal(tokens.count, 1);
    free(text);
}

/* ---- Memory ---- */

struct failing {
    int left;
};

static void *failing_allocate(void *context, size_t bytes)
{
    return ((struct failing *)context)->left-- > 0 ? malloc(bytes) : NULL;
}
static void *failing_resize(void *context, void *memory, size_t bytes)
{
    return ((struct failing *)context)->left-- > 0 ? realloc(memory, bytes) : NULL;
}
static void failing_release(void *context, void *memory)
{
    (void)context;
    free(memory);
}

static void test_no_memory(void **state)
{
    (void)state;
    static char text[20000];
    for (size_t i = 0; i + 20 < sizeof text; i += 20)
        memcpy(text + i, "U.S. wi-fi caf\xC3\xA9 \xED\x95\x9C ", 20);
    bool done = false;
    for (int n = 0; !done; n++) {
        struct failing failing = {n};
        riffle_allocator allocator = {failing_allocate, failing_resize, failing_release, &failing};
        struct rf_tokens some;
        rf_tokens_init(&some, &allocator);
        done = rf_tokenize(&some, text, strlen(text));
        rf_tokens_release(&some);
        assert_true(n < 100);
    }
    done = false;
    for (int n = 0; !done; n++) {
        struct failing failing = {n};
        riffle_allocator allocator = {failing_allocate, failing_resize, failing_release, &failing};
        struct rf_language *language;
        riffle_error error;
        done = rf_language_open(&language, "english", &allocator, &error) == RIFFLE_OK;
        assert_true(done || (error.status == RIFFLE_NO_MEMORY && !language));
        rf_language_close(language);
        assert_true(n < 100);
    }
}

/* ---- Languages ---- */

static void expect_stem(const char *name, const char *term, const char *expected)
{
    struct rf_language *language;
    const char *stem;
    size_t length;
    assert_int_equal(rf_language_open(&language, name, &rf_malloc_allocator, NULL), RIFFLE_OK);
    assert_true(rf_stem(language, term, strlen(term), &stem, &length));
    assert_int_equal(length, strlen(expected));
    assert_memory_equal(stem, expected, length);
    rf_language_close(language);
}

static void test_stems(void **state)
{
    (void)state;
    expect_stem("english", "koreas", "korea");
    expect_stem("english", "withdrawing", "withdraw");
    expect_stem("English", "officials", "offici");
    expect_stem("english", "코리", "코리");
    expect_stem("none", "officials", "officials");
    expect_stem("german", "hausern", "haus");
    expect_stem("russian", "книгами", "книг");
}

static void test_language_names(void **state)
{
    (void)state;
    static const char *const names[][2] = {{"english", "english"}, {"GERMAN", "german"}, {"fr", "french"},    {"deu", "german"},
                                           {"None", "none"},       {"porter", "porter"}, {"nor", "norwegian"}};
    struct rf_language *language;
    riffle_error error;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        assert_int_equal(rf_language_open(&language, names[i][0], &rf_malloc_allocator, &error), RIFFLE_OK);
        assert_string_equal(rf_language_name(language), names[i][1]);
        rf_language_close(language);
    }
    static const char *const unknown[] = {"", "klingon", "englis", "english ",
                                          "a name that is much longer than that of any language there is"};
    for (size_t i = 0; i < sizeof unknown / sizeof unknown[0]; i++) {
        assert_int_equal(rf_language_open(&language, unknown[i], &rf_malloc_allocator, &error), RIFFLE_INVALID);
        assert_null(language);
        assert_non_null(strstr(error.message, "english"));
        assert_non_null(strstr(error.message, "yiddish, none"));
    }
    rf_language_close(NULL);
}

static bool is_stop(const struct rf_language *language, const char *term) { return rf_is_stop_word(language, term, strlen(term)); }

static void test_stop_words(void **state)
{
    (void)state;
    static const char *const stop[] = {"the", "what", "various", "concerning", "such", "any", "dont", "of", "whereby"};
    static const char *const content[] = {"us",   "korea",  "",    "th",       "thee",   "the ",
                                          "time", "system", "new", "computer", "office", "state"};
    struct rf_language *language;
    assert_int_equal(rf_language_open(&language, "english", &rf_malloc_allocator, NULL), RIFFLE_OK);
    for (size_t i = 0; i < sizeof stop / sizeof stop[0]; i++)
        assert_true(is_stop(language, stop[i]));
    for (size_t i = 0; i < sizeof content / sizeof content[0]; i++)
        assert_false(is_stop(language, content[i]));
    char longest[RF_TERM_MAX];
    memset(longest, 'a', sizeof longest);
    assert_false(rf_is_stop_word(language, longest, sizeof longest));
    rf_language_close(language);
    assert_int_equal(rf_language_open(&language, "none", &rf_malloc_allocator, NULL), RIFFLE_OK);
    assert_false(is_stop(language, "the"));
    rf_language_close(language);
    assert_int_equal(rf_language_open(&language, "german", &rf_malloc_allocator, NULL), RIFFLE_OK);
    assert_true(is_stop(language, "fur") && is_stop(language, "dass")); /* as folded: für, daß */
    rf_language_close(language);
}

/* Each word of each list is one token, found by its folded form, and none of them is "us". */
static void test_stop_word_lists(void **state)
{
    (void)state;
    static const char *const names[] = {"danish",    "dutch",  "english",    "finnish", "french",  "german", "italian",
                                        "norwegian", "porter", "portuguese", "russian", "spanish", "swedish"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct rf_language *language;
        const char *list = rf_stop_words(names[i]);
        assert_non_null(list);
        assert_int_equal(rf_language_open(&language, names[i], &rf_malloc_allocator, NULL), RIFFLE_OK);
        assert_true(rf_tokenize(&tokens, list, strlen(list)));
        assert_true(tokens.count > 150);
        for (size_t t = 0; t < tokens.count; t++) {
            const struct rf_token *token = &tokens.list[t];
            assert_int_equal(token->flags, 0);
            assert_true(rf_is_stop_word(language, rf_token_term(&tokens, token), token->term_length));
        }
        assert_false(is_stop(language, "us"));
        rf_language_close(language);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_utf8_valid_prefix),
        cmocka_unit_test(test_utf8_repair),
        cmocka_unit_test(test_utf8_next),
        cmocka_unit_test(test_characters),
        cmocka_unit_test(test_folds_accents),
        cmocka_unit_test(test_keeps_other_marks),
        cmocka_unit_test(test_folds_cjk),
        cmocka_unit_test(test_possessives),
        cmocka_unit_test(test_compounds),
        cmocka_unit_test(test_acronyms),
        cmocka_unit_test(test_cjk_runs),
        cmocka_unit_test(test_token_bytes),
        cmocka_unit_test(test_term_limit),
        cmocka_unit_test(test_every_character),
        cmocka_unit_test(test_normal_forms_meet),
        cmocka_unit_test(test_fold),
        cmocka_unit_test(test_any_bytes),
        cmocka_unit_test(test_terms_are_stable),
        cmocka_unit_test(test_long_rows),
        cmocka_unit_test(test_no_memory),
        cmocka_unit_test(test_stems),
        cmocka_unit_test(test_language_names),
        cmocka_unit_test(test_stop_words),
        cmocka_unit_test(test_stop_word_lists),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
