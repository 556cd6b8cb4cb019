/* SPDX-License-Identifier: BSD-3-Clause */
/* Random sets of articles, and the random numbers that they are made of. */
#ifndef DIFFERENTIAL_DOCUMENTS_H
#define DIFFERENTIAL_DOCUMENTS_H

#include "base/base.h"

/* Splitmix64: the same numbers on every machine. */
struct random {
    uint64_t state;
};

static inline uint64_t random_next(struct random *random)
{
    uint64_t z = random->state += 0x9e3779b97f4a7c15ull;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ z >> 27) * 0x94d049bb133111ebull;
    return z ^ z >> 31;
}

static inline size_t random_below(struct random *random, size_t bound) { return bound ? (size_t)(random_next(random) % bound) : 0; }
static inline bool chance(struct random *random, unsigned percent) { return random_next(random) % 100 < percent; }
static inline double random_unit(struct random *random) { return (double)(random_next(random) >> 11) * 0x1p-53; }
/* From 1 to `most`, small ones as likely as large ones by their logarithms. */
size_t random_size(struct random *random, size_t most);

enum { FIELDS_MAX = 6 };

struct article {
    char *id, *title, *text; /* NUL-terminated, as given to the writer */
    char *kept_id;           /* as the index keeps it: valid UTF-8 */
    const char *names[FIELDS_MAX];
    char *values[FIELDS_MAX];
    size_t field_count;
};
void article_release(struct article *article);

struct documents {
    const char *language;
    int title_weight;
    bool split, store;
    char **words; /* the vocabulary; the first ones are the most frequent */
    size_t word_count;
    size_t drift; /* not 0: the frequent words change this often from the first article to the last */
    struct article *articles;
    size_t count, made; /* `made` so far */
};

/* FEW and SOME: up to 60 and up to 400 articles of all lengths; MANY: thousands of short ones. */
enum documents_size { DOCUMENTS_FEW, DOCUMENTS_SOME, DOCUMENTS_MANY };
void documents_make(struct documents *documents, struct random *random, enum documents_size size);
void documents_release(struct documents *documents);

/* A word of the vocabulary, by its frequency. */
const char *documents_word(const struct documents *documents, struct random *random);

/* Which metadata fields there are: a bit for each that some article has. */
unsigned documents_fields(const struct documents *documents);

/* Appends the bytes as they can be written in a C string. */
void append_escaped(struct rf_buffer *out, const char *bytes, size_t n);
void documents_print(struct rf_buffer *out, const struct documents *documents);

#endif
