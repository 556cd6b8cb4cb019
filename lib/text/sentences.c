/* SPDX-License-Identifier: BSD-3-Clause */
/* Ends of sentences. */
#include <utf8proc.h>

#include "text/fold.h"

/* What stands before a name or a number with a dot, as it is written there: "No. 5", while "no." can end a sentence. */
static const char *const abbreviations[] = {
    "Adm", "Brig", "Capt", "Cdr",    "Cmdr", "Col", "Cpl", "Dr",  "Fig", "Fr",   "Gen", "Gov",  "Hon",
    "Hr",  "Lt",   "Maj",  "Messrs", "Mr",   "Mrs", "Ms",  "Mt",  "No",  "Nos",  "Nr",  "Pres", "Prof",
    "Rep", "Reps", "Rev",  "Sen",    "Sens", "Sgt", "Sr",  "Sra", "St",  "Supt", "Vol", "vs",
};

/* Is the word [start, end), which a dot follows, one that no sentence ends with? */
static bool is_abbreviation(const char *text, size_t start, size_t end)
{
    const char *p = text + start, *word_end = text + end;
    size_t length = end - start;
    if (start >= end)
        return false;
    for (size_t i = 0; i < sizeof abbreviations / sizeof abbreviations[0]; i++)
        if (abbreviations[i][0] == *p && strlen(abbreviations[i]) == length && memcmp(abbreviations[i], p, length) == 0)
            return true;
    if (memchr(p, '.', length)) /* a whole acronym; where only its last letter is given, that is a single one */
        return true;
    uint32_t c;
    p = rf_decode(p, word_end, &c);
    if (rf_kind_of(c) != RF_LETTER)
        return false;
    while (p < word_end) {
        p = rf_decode(p, word_end, &c);
        if (rf_kind_of(c) != RF_MARK)
            return false;
    }
    return true;
}

/*
 * Quotation marks and brackets that close, in any of the languages that use them: German closes with the mark that English opens
 * with. Behind a wide mark, where no blank need follow, that one opens.
 */
static bool is_closing(uint32_t c, bool wide)
{
    if (c < 0x80)
        return c == '"' || c == '\'' || c == ')' || c == ']' || c == '}';
    utf8proc_category_t category = utf8proc_category((utf8proc_int32_t)c);
    return category == UTF8PROC_CATEGORY_PE || category == UTF8PROC_CATEGORY_PF || (category == UTF8PROC_CATEGORY_PI && !wide);
}

static bool is_wide_mark(uint32_t c) { return c == 0x3002 || c == 0xFF01 || c == 0xFF1F; }
bool rf_is_sentence_mark(uint32_t c) { return c == '.' || c == '!' || c == '?' || c == 0x2026 || is_wide_mark(c); }

static bool is_lower_case(uint32_t c)
{
    return c < 0x80 ? c - 'a' < 26 : utf8proc_category((utf8proc_int32_t)c) == UTF8PROC_CATEGORY_LL;
}

size_t rf_sentence_start(const char *text, size_t n, size_t previous_start, size_t a, size_t b)
{
    const char *p = text + a, *end = text + b, *behind;
    uint32_t c;
    while (p < end) {
        bool at_word = p == text + a;
        p = rf_decode(p, end, &c);
        if (!rf_is_sentence_mark(c) || (c == '.' && at_word && is_abbreviation(text, previous_start, a)))
            continue;
        bool wide = is_wide_mark(c);
        for (; p < end; p = behind) {
            behind = rf_decode(p, end, &c);
            if (!rf_is_sentence_mark(c) && !is_closing(c, wide))
                break;
            wide = wide || is_wide_mark(c);
        }
        const char *marks_end = p;
        for (; p < end; p = behind) {
            behind = rf_decode(p, end, &c);
            if (!rf_is_space(c))
                break;
        }
        if (!wide && p == marks_end && p < text + n)
            continue;
        if (b < n) {
            rf_decode(end, text + n, &c);
            if (is_lower_case(c))
                return 0;
        }
        return (size_t)(p - text);
    }
    return 0;
}

bool rf_sentence_ends(const char *text, size_t n, size_t previous_start, size_t a, size_t b)
{
    return rf_sentence_start(text, n, previous_start, a, b) != 0;
}
