/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Random collections for what ranks by bounds: words of every frequency from nearly all documents down to one, even and in clusters, often and
 * rarely many times in a document; documents of very different lengths, and many of equal score.
 */
#ifndef DIFFERENTIAL_SKEWED_H
#define DIFFERENTIAL_SKEWED_H

#include "documents.h"

enum { SKEWED_WORDS_MAX = 64, SKEWED_SPANS = 3, SKEWED_TEMPLATES = 6, SKEWED_SEGMENTS_MAX = 6 };

/* Where a word stands. */
enum skewed_shape {
    SHAPE_EVEN,    /* in this share of all articles */
    SHAPE_CLUSTER, /* in this share of some spans of articles, nowhere else */
    SHAPE_SINGLE   /* in one article */
};

struct skewed_word {
    char text[16];
    enum skewed_shape shape;
    double share;
    struct {
        uint32_t from, end;
    } spans[SKEWED_SPANS];
    unsigned most; /* times in an article */
};

struct skewed {
    uint64_t seed;
    uint32_t articles;
    const char *language; /* "none", or "english": words have endings that stemming takes away */
    bool split;           /* long articles of several passages */
    unsigned ties;        /* percent of articles that are copies of a few templates */
    uint32_t longest;     /* words of no meaning in an article */
    uint32_t segments;
    bool merged; /* the index is one segment that was merged of so many */
    struct skewed_word words[SKEWED_WORDS_MAX];
    uint32_t word_count, frequent; /* the first ones are the most frequent */
};

/* Draws a collection; `large`: of more than a chunk of 65,536 documents. */
void skewed_draw(struct skewed *all, uint64_t seed, bool large);
/* Makes the index of it in a new folder. Fails the test where it cannot. */
void skewed_index(const struct skewed *all, const char *folder);
void skewed_print(struct rf_buffer *out, const struct skewed *all);

/* Appends a query about its words. */
void skewed_query(struct rf_buffer *out, const struct skewed *all, struct random *random);

#endif
