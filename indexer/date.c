/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Dates as news pages write them:
 *   2019-03-25  2019.9.21  2019/3/25  2019. 3. 25.  20190325  2019年3月25日  2019년 3월 25일
 *   March 25, 2019  Mar. 25 2019  25 March 2019  25. März 2019  1er mars 2019  25 de marzo de 2019  25 tháng 3 năm 2019
 *   25/03/2019  03/25/2019 (where one number can only be the day)  5.3.2019 (day first: only such countries write dots, as do those
 *   whose languages stand in the same line)
 */
#include <stdio.h>
#include <utf8proc.h>

#include "indexer/reader.h"
#include "text/text.h"

const char *rf_match_phrase(const char *p, const char *end, const char *phrase)
{
    const char *phrase_end = phrase + strlen(phrase);
    uint32_t wanted = 0;
    while (phrase < phrase_end) {
        phrase = rf_utf8_next(phrase, phrase_end, &wanted);
        if (wanted == ' ') {
            const char *blanks = p;
            while (p < end && (*p == ' ' || *p == '\t'))
                p++;
            if (p == blanks)
                return NULL;
            continue;
        }
        uint32_t found = 0;
        if (p == end)
            return NULL;
        p = rf_utf8_next(p, end, &found);
        if (found != wanted && (uint32_t)utf8proc_tolower((utf8proc_int32_t)found) != wanted)
            return NULL;
    }
    uint32_t next = 0;
    if (p < end && rf_is_word_character(wanted) && !rf_is_cjk(wanted)) {
        rf_utf8_next(p, end, &next);
        if (rf_is_word_character(next) && !rf_is_cjk(next))
            return NULL;
    }
    return p;
}

/* Names of months: English, German, French, Spanish, Italian, Portuguese; those that languages share stand once. */
static const struct {
    const char *name;
    int month;
} months[] = {
    {"january", 1},   {"jan", 1},        {"januar", 1},     {"jänner", 1},    {"janvier", 1},   {"janv", 1},      {"enero", 1},
    {"gennaio", 1},   {"janeiro", 1},    {"february", 2},   {"feb", 2},       {"februar", 2},   {"février", 2},   {"févr", 2},
    {"febrero", 2},   {"febbraio", 2},   {"fevereiro", 2},  {"march", 3},     {"mar", 3},       {"märz", 3},      {"mars", 3},
    {"marzo", 3},     {"março", 3},      {"april", 4},      {"apr", 4},       {"avril", 4},     {"avr", 4},       {"abril", 4},
    {"aprile", 4},    {"may", 5},        {"mai", 5},        {"mayo", 5},      {"maggio", 5},    {"maio", 5},      {"june", 6},
    {"jun", 6},       {"juni", 6},       {"juin", 6},       {"junio", 6},     {"giugno", 6},    {"junho", 6},     {"july", 7},
    {"jul", 7},       {"juli", 7},       {"juillet", 7},    {"juil", 7},      {"julio", 7},     {"luglio", 7},    {"julho", 7},
    {"august", 8},    {"aug", 8},        {"août", 8},       {"agosto", 8},    {"september", 9}, {"sep", 9},       {"sept", 9},
    {"septembre", 9}, {"septiembre", 9}, {"settembre", 9},  {"setembro", 9},  {"october", 10},  {"oct", 10},      {"oktober", 10},
    {"okt", 10},      {"octobre", 10},   {"octubre", 10},   {"ottobre", 10},  {"outubro", 10},  {"november", 11}, {"nov", 11},
    {"novembre", 11}, {"noviembre", 11}, {"novembro", 11},  {"december", 12}, {"dec", 12},      {"dezember", 12}, {"dez", 12},
    {"décembre", 12}, {"déc", 12},       {"diciembre", 12}, {"dicembre", 12}, {"dezembro", 12},
};

static bool is_digit(const char *p, const char *end) { return p < end && *p >= '0' && *p <= '9'; }

static const char *skip_blanks(const char *p, const char *end)
{
    while (p < end && (*p == ' ' || *p == '\t'))
        p++;
    return p;
}

/* A number of `least` to `most` digits, and no digit behind. NULL where p is NULL or there is none. */
static const char *number(const char *p, const char *end, int least, int most, int *value)
{
    int digits = 0;
    *value = 0;
    while (p && digits < most && is_digit(p, end))
        *value = *value * 10 + (*p++ - '0'), digits++;
    return p && digits >= least && !is_digit(p, end) ? p : NULL;
}

static const char *literal(const char *p, const char *end, const char *text)
{
    size_t n = strlen(text);
    return p && (size_t)(end - p) >= n && memcmp(p, text, n) == 0 ? p + n : NULL;
}

/* Passes over the words if they are there. */
static const char *optional(const char *p, const char *end, const char *phrase)
{
    const char *behind = rf_match_phrase(p, end, phrase);
    return behind ? behind : p;
}

static const char *month_name(const char *p, const char *end, int *month)
{
    for (size_t i = 0; i < sizeof(months) / sizeof(*months); i++) {
        const char *behind = rf_match_phrase(p, end, months[i].name);
        if (behind) {
            *month = months[i].month;
            return behind < end && *behind == '.' ? behind + 1 : behind;
        }
    }
    const char *behind = rf_match_phrase(p, end, "tháng");
    return behind ? number(skip_blanks(behind, end), end, 1, 2, month) : NULL;
}

static bool is_valid(int year, int month, int day)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return year >= 1000 && year < 2200 && month >= 1 && month <= 12 && day >= 1 && day <= days[month - 1] + (leap && month == 2);
}

/* 2019-03-25 and the like. */
static const char *year_first(const char *p, const char *end, int *year, int *month, int *day)
{
    int whole;
    const char *q = number(p, end, 8, 8, &whole);
    if (q) {
        *year = whole / 10000, *month = whole / 100 % 100, *day = whole % 100;
        return *year >= 1900 && *year < 2100 ? q : NULL;
    }
    q = number(p, end, 4, 4, year);
    if (!q)
        return NULL;
    static const char *const marks[][3] = {{"年", "月", "日"}, {"년", "월", "일"}};
    for (size_t i = 0; i < 2; i++) {
        const char *r = literal(skip_blanks(q, end), end, marks[i][0]);
        if (!r)
            continue;
        r = literal(number(skip_blanks(r, end), end, 1, 2, month), end, marks[i][1]);
        return r ? literal(number(skip_blanks(r, end), end, 1, 2, day), end, marks[i][2]) : NULL;
    }
    if (q == end || !strchr("-./", *q))
        return NULL;
    char mark = *q++;
    q = number(mark == '.' ? skip_blanks(q, end) : q, end, 1, 2, month);
    if (!q || q == end || *q++ != mark)
        return NULL;
    return number(mark == '.' ? skip_blanks(q, end) : q, end, 1, 2, day);
}

/* 25/03/2019 and the like. */
static const char *year_last(const char *p, const char *end, bool day_first, int *year, int *month, int *day)
{
    int a = 0, b = 0;
    const char *q = number(p, end, 1, 2, &a);
    if (!q || q == end || !strchr("-./", *q))
        return NULL;
    char mark = *q++;
    q = number(mark == '.' ? skip_blanks(q, end) : q, end, 1, 2, &b);
    if (!q || q == end || *q++ != mark)
        return NULL;
    q = number(mark == '.' ? skip_blanks(q, end) : q, end, 4, 4, year);
    day_first = b <= 12 && (day_first || mark == '.' || a > 12 || a == b);
    if (!day_first && b <= 12)
        return NULL; /* 03/05/2019 is two days */
    *day = day_first ? a : b;
    *month = day_first ? b : a;
    return q;
}

/* 25 March 2019 and the like. */
static const char *day_then_name(const char *p, const char *end, int *year, int *month, int *day)
{
    static const char *const endings[] = {"st", "nd", "rd", "th", "er", ".", "º"};
    const char *q = number(p, end, 1, 2, day);
    if (!q)
        return NULL;
    for (size_t i = 0; i < sizeof(endings) / sizeof(*endings); i++) {
        const char *behind = rf_match_phrase(q, end, endings[i]);
        if (behind) {
            q = behind;
            break;
        }
    }
    q = skip_blanks(q, end);
    q = skip_blanks(optional(optional(q, end, "de"), end, "of"), end);
    q = month_name(q, end, month);
    if (!q)
        return NULL;
    q = skip_blanks(q < end && (*q == ',' || *q == '/') ? q + 1 : q, end);
    q = skip_blanks(optional(optional(q, end, "de"), end, "năm"), end);
    return number(q, end, 4, 4, year);
}

/* March 25, 2019 and the like. */
static const char *name_then_day(const char *p, const char *end, int *year, int *month, int *day)
{
    static const char *const endings[] = {"st", "nd", "rd", "th"};
    const char *q = month_name(p, end, month);
    q = q ? skip_blanks(q, end) : NULL;
    for (int digits = 0; q && digits < 2 && is_digit(q, end); digits++)
        *day = *day * 10 + (*q++ - '0');
    if (!q || is_digit(q, end))
        return NULL;
    for (size_t i = 0; i < sizeof(endings) / sizeof(*endings); i++)
        q = optional(q, end, endings[i]);
    q = q < end && *q == ',' ? q + 1 : q;
    return number(skip_blanks(q, end), end, 4, 4, year);
}

size_t rf_date_at(const char *p, const char *end, bool day_first, char date[11])
{
    int year = 0, month = 0, day = 0;
    const char *behind;
    if (is_digit(p, end)) {
        behind = year_first(p, end, &year, &month, &day);
        if (!behind)
            behind = year_last(p, end, day_first, &year, &month, &day);
        if (!behind)
            behind = day_then_name(p, end, &year, &month, &day);
    } else {
        behind = name_then_day(p, end, &year, &month, &day);
    }
    if (!behind || !is_valid(year, month, day))
        return 0;
    snprintf(date, 11, "%04d-%02d-%02d", year % 10000, month % 100, day % 100);
    return (size_t)(behind - p);
}

bool rf_date_find(const char *text, size_t n, char date[11])
{
    const char *end = text + n;
    bool in_word = false;
    for (const char *p = text; p < end;) {
        if (!in_word && rf_date_at(p, end, false, date) > 0)
            return true;
        uint32_t character = 0;
        p = rf_utf8_next(p, end, &character);
        in_word = rf_is_word_character(character) && !rf_is_cjk(character);
    }
    return false;
}
