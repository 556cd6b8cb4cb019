/* SPDX-License-Identifier: BSD-3-Clause */
/* Kinds of characters and the folding of one word: what the tokeniser and rf_fold share. Private to this folder. */
#ifndef RF_TEXT_FOLD_H
#define RF_TEXT_FOLD_H

#include <stdatomic.h>

#include "text/text.h"

/* rf_utf8_next, without a call for what is well formed and in the basic plane. */
static inline const char *rf_decode(const char *text, const char *end, uint32_t *codepoint)
{
    const uint8_t *p = (const uint8_t *)text;
    if (p[0] < 0x80) {
        *codepoint = p[0];
        return text + 1;
    }
    if (p[0] >= 0xC2 && p[0] < 0xE0 && end - text >= 2 && (p[1] & 0xC0) == 0x80) {
        *codepoint = (uint32_t)(p[0] & 0x1F) << 6 | (p[1] & 0x3F);
        return text + 2;
    }
    if ((p[0] & 0xF0) == 0xE0 && end - text >= 3 && (p[1] & 0xC0) == 0x80 && (p[2] & 0xC0) == 0x80) {
        uint32_t c = (uint32_t)(p[0] & 0x0F) << 12 | (uint32_t)(p[1] & 0x3F) << 6 | (p[2] & 0x3F);
        if (c >= 0x800 && (c & 0xF800) != 0xD800) { /* neither overlong nor a surrogate */
            *codepoint = c;
            return text + 3;
        }
    }
    return rf_utf8_next(text, end, codepoint);
}

enum rf_kind { RF_OTHER, RF_LETTER, RF_DIGIT, RF_MARK, RF_IGNORABLE, RF_CJK };

enum {
    RF_KIND_MASK = 7,
    RF_FOLDS_TO_BASE = 8, /* its fold ends in a Latin or Greek letter: marks behind it are dropped */
    RF_FOLDS_WITH = 16,   /* its fold depends on its neighbours, or has no room here: take the folder */
    RF_REORDERS = 32,     /* a mark that moves among other marks */
    RF_STARTS_MARK = 64   /* a letter whose fold starts with a mark, as Thai's am */
};

/*
 * Characters below RF_CHARACTERS with their folds, for words that need no look at neighbours. That is all of Latin, Greek,
 * Cyrillic, Arabic, Indic scripts, and the punctuation of U+2000; 12,288 entries of 8 bytes. Six bytes: Thai's am is two
 * characters of three.
 */
enum { RF_CHARACTERS = 0x3000, RF_CHARACTER_BYTES = 6 };

struct rf_character {
    uint8_t kind, length;
    char bytes[RF_CHARACTER_BYTES];
};

/*
 * The table is built row by row, where a text first has a character of the row: all of it takes a millisecond, more than many a program
 * has that asks one question. Any thread may be the first.
 */
enum { RF_CHARACTER_ROW = 128, RF_CHARACTER_ROWS = RF_CHARACTERS / RF_CHARACTER_ROW };

struct rf_characters {
    struct rf_character list[RF_CHARACTERS];
    atomic_bool built[RF_CHARACTER_ROWS];
};
extern struct rf_characters rf_characters;
void rf_characters_build(uint32_t row);

/* For a codepoint below RF_CHARACTERS. */
static inline const struct rf_character *rf_character(uint32_t codepoint)
{
    uint32_t row = codepoint / RF_CHARACTER_ROW;
    if (!atomic_load_explicit(&rf_characters.built[row], memory_order_acquire))
        rf_characters_build(row);
    return &rf_characters.list[codepoint];
}

enum rf_kind rf_kind_of(uint32_t codepoint);
bool rf_is_space(uint32_t codepoint); /* white space in Unicode's sense */

bool rf_is_sentence_mark(uint32_t codepoint);

/* As rf_sentence_ends: where the next sentence starts, quotation marks and all, if one ends between a and b, else 0. */
size_t rf_sentence_start(const char *text, size_t n, size_t previous_start, size_t a, size_t b);

/*
 * Folds any row of characters, the general way. What belongs together (a base and its marks, the jamo of a syllable) waits in
 * `pending` and is then ordered, composed and given to `emit` as UTF-8.
 */
enum { RF_FOLDER_PENDING = 64 };

struct rf_folder {
    int32_t pending[RF_FOLDER_PENDING + 1]; /* one more, for the digraphs that end a row */
    unsigned count;
    unsigned marks; /* marks with an order at the end of `pending` */
    bool strip;     /* the base is Latin or Greek */
    void (*emit)(void *context, const char *bytes, size_t n);
    void *context;
};

void rf_folder_init(struct rf_folder *folder, void (*emit)(void *context, const char *bytes, size_t n), void *context);
void rf_folder_put(struct rf_folder *folder, uint32_t codepoint);
void rf_folder_flush(struct rf_folder *folder);

#endif
