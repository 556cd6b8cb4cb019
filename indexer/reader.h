/* SPDX-License-Identifier: BSD-3-Clause */
/* What the readers of articles share: the import that they work for, dates, and the reading of a line of page furniture. */
#ifndef RF_READER_H
#define RF_READER_H

#include "base/base.h"
#include "indexer/input.h"

/* ---- An import: one call of riffle_writer_import ---- */

struct rf_import {
    riffle_writer *writer;
    const riffle_allocator *allocator;
    riffle_import_options options; /* every key set, the limit too */
    riffle_import_counts *counts;
};

/* Reports and counts an article or file that is left out. */
__attribute__((format(printf, 5, 6))) void rf_import_problem(struct rf_import *import, const char *path, uint64_t line,
                                                             riffle_status status, const char *format, ...);

/* Hands an article to the writer. What costs this article alone is reported; other failures are returned. Tells the progress. */
riffle_status rf_import_add(struct rf_import *import, const riffle_article *article, const char *path, uint64_t line,
                            riffle_error *error);

/* Is an article of this id one of another shard? Then it has been counted, and there is no more to do. */
bool rf_import_is_elsewhere(struct rf_import *import, const char *id, size_t id_length);

/* Tells the progress: RIFFLE_STOPPED where that is the end. */
riffle_status rf_import_go_on(struct rf_import *import, riffle_error *error);

/* Is this failure the end of the import, and not of one article or file? */
bool rf_import_is_over(riffle_status status);

/* The two readers. `id` is the article's, or starts it. What they return is the end of the import. */
riffle_status rf_import_text(struct rf_import *import, struct rf_input *input, const char *path, const char *id,
                             riffle_error *error);
riffle_status rf_import_json(struct rf_import *import, struct rf_input *input, const char *path, const char *id,
                             riffle_error *error);

/* A file found or named: opens, tells the format, reads. Where `found`, binary files are passed over in silence. */
riffle_status rf_import_file(struct rf_import *import, const char *path, bool found, riffle_error *error);
/* A folder with all below it. */
riffle_status rf_import_folder(struct rf_import *import, const char *path, riffle_error *error);

/* ---- Plain text ---- */

/* A text taken apart. All point into the reader's buffers. */
struct rf_text_article {
    const char *title, *author, *text;
    size_t title_length, author_length, text_length;
    char date[11]; /* YYYY-MM-DD, or "" */
};

struct rf_text_buffers {
    struct rf_buffer text, title; /* initialised by the caller, reused from article to article */
};

/* Takes the bytes of a text file apart; changes them in place. false: no memory. */
bool rf_text_article_read(struct rf_text_article *article, struct rf_text_buffers *buffers, char *data, size_t n);

/* ---- Dates ---- */

/*
 * Where a date of day, month and year starts at p: its length, and the date as YYYY-MM-DD. Else 0. `day_first` decides what 2/7/2031
 * is; without it that is no date.
 */
size_t rf_date_at(const char *p, const char *end, bool day_first, char date[11]);

/* The first date in a short text such as "Mon, 25 Mar 2019 10:57:00 +0900". */
bool rf_date_find(const char *text, size_t n, char date[11]);

/*
 * Matches a phrase in lower case at p, whatever the case there; a blank in it stands for one or more. A phrase of letters must end
 * where a word does. Returns behind it, or NULL.
 */
const char *rf_match_phrase(const char *p, const char *end, const char *phrase);

/* ---- Lines near the top of a page ---- */

/* Spans that are kept, and the longest line that is looked into: what is longer is neither title nor furniture. */
enum { RF_SPANS = 4, RF_LINE_COLUMNS = 200 };

/* A line as dates, times and phrases known from news pages, and spans of words that are none of these. */
struct rf_line {
    const char *start, *end; /* without white space around */
    char date[11];           /* "": none */
    bool updated;            /* the date is that of a change */
    bool starts_updated;     /* the line starts with "Updated" */
    bool known;              /* anything was recognised */
    bool by, mail;           /* "By" before the first span; an e-mail address */
    bool crumbs;             /* HOME > World > Asia */
    unsigned spans;          /* may be over RF_SPANS, which are kept */
    const char *span_start[RF_SPANS], *span_end[RF_SPANS];
    const char *role_start; /* "reporter" and the like, behind a span; or NULL */
    unsigned columns;       /* on a terminal */
    unsigned half_words;    /* a word counts 2, a character of Han, Kana, Hangul 1 */
};

void rf_line_read(struct rf_line *line, const char *start, const char *end);

/* The person or agency that a byline names: at the start of [start, end); returns behind the name, or NULL. */
const char *rf_name_end(const char *start, const char *end, unsigned *words, bool *all_capitals);

#endif
