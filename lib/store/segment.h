/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A segment as readers see it: immutable, mapped, safe for any number of threads. Document numbers ("docs") are passages, from 0
 * within the segment. Nothing read through here trusts the bytes: every decoder works within bounds and reports damage.
 *
 * The terms of one dictionary have the keys of base/settings.h. Stems are made from the finished lists of their surface forms, so they
 * sort behind all; a stem is left out where its only surface form is the stem itself.
 */
#ifndef RF_SEGMENT_H
#define RF_SEGMENT_H

#include "base/arena.h"
#include "base/settings.h"

enum { RF_BLOCK = 128, RF_POSITIONS = 1024 };
enum { RF_NO_DOC = UINT32_MAX };

struct rf_segment;

/* ---- Facts ---- */

uint32_t rf_segment_docs(const struct rf_segment *segment);
uint32_t rf_segment_articles(const struct rf_segment *segment);
uint64_t rf_segment_terms(const struct rf_segment *segment);         /* without pairs */
uint64_t rf_segment_length_sum(const struct rf_segment *segment);    /* of decoded lengths: avgdl's numerator */
const uint8_t *rf_segment_lengths(const struct rf_segment *segment); /* length codes, one a doc */
bool rf_segment_deleted(const struct rf_segment *segment, uint32_t doc);
uint32_t rf_segment_live_docs(const struct rf_segment *segment);

/* ---- Dictionary ---- */

/* What the dictionary knows of a term. Opaque but for the counts. */
struct rf_term {
    uint32_t df; /* docs that hold it */
    uint64_t cf; /* occurrences; 0 for stems */
    bool has_positions;
    uint32_t single_doc, single_tf; /* df == 1: its only posting */
    uint32_t single_position;       /* and cf == 1: its only position */
    uint64_t docs_at, docs_bytes;   /* in the postings file */
    uint64_t positions_at, positions_bytes;
};
/* Of some pairs it is known how many docs hold them, but not which. */
static inline bool rf_term_has_postings(const struct rf_term *term) { return term->df == 1 || term->docs_bytes; }

/* Looks up a term with its prefix byte, if any. *found tells whether it is there. */
riffle_status rf_segment_find(const struct rf_segment *segment, const char *term, size_t n, bool *found, struct rf_term *out,
                              riffle_error *error);

/* Looks up some terms, RF_TOGETHER at most: what they have to wait for in memory comes at the same time. */
enum { RF_TOGETHER = 16 };
struct rf_lookup {
    const char *term; /* with RF_ZEROS_BEHIND zeros behind it: copies of short texts cost more than what is done with them */
    size_t n;
    /* `term` is RF_PREFIX_STEM, perhaps RF_PREFIX_TITLE, then a stem whose stem is itself: then its own surface form counts where the dictionary
     * has no entry for the stem. */
    bool stem_is_fixed;
    struct rf_term *out; /* as it was, where nothing is found */
    bool found;
};
riffle_status rf_segment_find_some(const struct rf_segment *segment, struct rf_lookup *lookups, size_t count, riffle_error *error);

/*
 * Looks up the pair of two words side by side, as a list without positions: in how many places of a doc the one stands and the other right
 * behind it. `a_df` and `b_df` are what this segment's dictionary says of the words. *covered is false where the segment does not tell (the
 * words are not frequent enough, or too long); where it is true and *found is not, they stand so nowhere. What is found may be without postings.
 */
riffle_status rf_segment_find_pair(const struct rf_segment *segment, const char *a, size_t a_length, const char *b, size_t b_length,
                                   uint32_t a_df, uint32_t b_df, bool *covered, bool *found, struct rf_term *out,
                                   riffle_error *error);

/* Walks the terms, but for pairs, from the first that is not less than `from`, in order of bytes. `visit` returns nonzero to stop. */
typedef int rf_term_visitor(void *context, const char *term, size_t n, const struct rf_term *info);
riffle_status rf_segment_walk_terms(const struct rf_segment *segment, const char *from, size_t n, rf_term_visitor *visit,
                                    void *context, riffle_error *error);

/* ---- Articles ---- */

/* Articles are numbered from 0 within the segment; each has docs [first, first + count). */
uint32_t rf_segment_article_of(const struct rf_segment *segment, uint32_t doc);
riffle_status rf_segment_article_docs(const struct rf_segment *segment, uint32_t article, uint32_t *first, uint32_t *count,
                                      riffle_error *error);
riffle_status rf_segment_article_id(const struct rf_segment *segment, uint32_t article, struct rf_bytes *id, riffle_error *error);
riffle_status rf_segment_article_title(const struct rf_segment *segment, uint32_t article, struct rf_bytes *title,
                                       riffle_error *error);
riffle_status rf_segment_find_id(const struct rf_segment *segment, const char *id, size_t n, bool *found, uint32_t *article,
                                 riffle_error *error);

/* ---- Columns: metadata. Each has a name and its distinct values in order of bytes; an article has one value or none. ---- */

uint32_t rf_segment_columns(const struct rf_segment *segment);
riffle_status rf_segment_column_name(const struct rf_segment *segment, uint32_t column, struct rf_bytes *name, riffle_error *error);
uint32_t rf_segment_column_values(const struct rf_segment *segment, uint32_t column); /* how many distinct ones */
riffle_status rf_segment_column_value(const struct rf_segment *segment, uint32_t column, uint32_t value, struct rf_bytes *out,
                                      riffle_error *error);
/* Which value the article has: 1 + its number, or 0 for none. */
uint32_t rf_segment_article_value(const struct rf_segment *segment, uint32_t column, uint32_t article);

/* ---- Stored text ---- */

bool rf_segment_has_text(const struct rf_segment *segment);
/* Where the doc's text lies in its article's text; without stored text too. */
riffle_status rf_segment_doc_range(const struct rf_segment *segment, uint32_t doc, uint32_t *start, uint32_t *end,
                                   riffle_error *error);
/* Bytes of the article's text, whether or not it is stored. */
riffle_status rf_segment_text_length(const struct rf_segment *segment, uint32_t article, uint32_t *length, riffle_error *error);
/* Appends bytes [start, end) of the article's text to `out`. */
riffle_status rf_segment_read_text(const struct rf_segment *segment, uint32_t article, uint32_t start, uint32_t end,
                                   struct rf_buffer *out, riffle_error *error);

#endif
