/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * From text to terms: the one analysis that index and query share. Knows no disk.
 *
 * Rules (they are part of the format: a change of any of them raises RF_ANALYSIS_VERSION):
 *
 * - A maximal run of letters and digits is a token at a position of its own; marks and ignorable characters (soft hyphen, joiners)
 *   within it belong to it. Folded: NFKC, full case folding, marks stripped from Latin and Greek letters only, and Latin letters
 *   that have no decomposition by a small table (đ d, ø o, ł l, ı i, æ ae, œ oe, ...). Cut at RF_TERM_MAX bytes, at a character.
 * - A possessive 's, or the bare apostrophe of s', is dropped: Korea's is korea. Apostrophes are ' ’ ʼ ＇.
 * - A letters-only compound of two or three parts, by single hyphens (- ‐ ‑ －) or apostrophes (wi-fi, O'Brien, round-the-clock),
 *   gives its parts and, besides, one joined token (wifi) at the position of the first part. So do acronyms of two or more single
 *   letters with dots (U.S., U.S.A: parts u s, joined us).
 * - Han, Kana and Hangul (one class): a run of them gives its overlapping bigrams at consecutive positions, then its last character
 *   alone at the next position (a run of one: that character). A run of letters and digits is cut where this class begins or ends.
 */
#ifndef RF_TEXT_H
#define RF_TEXT_H

#include "base/base.h"

enum { RF_ANALYSIS_VERSION = 1, RF_TERM_MAX = 200 };

/* ---- UTF-8 ---- */

/* Length of the valid start of the text: n where all is valid UTF-8 (no surrogates, nothing overlong, at most U+10FFFF). */
size_t rf_utf8_valid_prefix(const char *text, size_t n);

/* Length of the maximal ill-formed part that the text starts with, as table 3-7 of the Unicode standard has it: 1 to 3, at most n. */
size_t rf_utf8_bad_part(const char *text, size_t n);

/* Appends the text with each maximal ill-formed part replaced by U+FFFD, as the Unicode standard recommends. */
void rf_utf8_repair(struct rf_buffer *out, const char *text, size_t n);

/* Decodes the character at p (p < end, valid UTF-8 or not); returns behind it. An ill-formed byte gives U+FFFD and one byte. */
const char *rf_utf8_next(const char *p, const char *end, uint32_t *codepoint);

/* Characters: what the readers and snippets ask about them. */
bool rf_is_word_character(uint32_t codepoint); /* letter, digit, mark */
bool rf_is_cjk(uint32_t codepoint);            /* Han, Kana, Hangul */
int rf_character_width(uint32_t codepoint);    /* columns on a terminal: 0, 1 or 2 */

/* ---- Tokens ---- */

enum {
    RF_TOKEN_JOINED = 1,   /* a joined form: has the position of the token after it, which is its first part */
    RF_TOKEN_CJK = 2,      /* a bigram, or a character alone, of a Han, Kana or Hangul run */
    RF_TOKEN_RUN_LAST = 4, /* with RF_TOKEN_CJK: the last character of its run, alone */
    RF_TOKEN_RUN_FIRST = 8 /* with RF_TOKEN_CJK: starts its run; a run of one character has both */
};

/* Every token but the joined ones advances the position by one. */
struct rf_token {
    uint32_t start, end;  /* its bytes in the text; of a joined one, first part's start to last part's end */
    uint32_t term;        /* where its folded bytes start in rf_tokens.terms */
    uint16_t term_length; /* 1 to RF_TERM_MAX */
    uint16_t flags;
};

/* A list of tokens, reused from text to text. */
struct rf_tokens {
    struct rf_token *list;
    size_t count, capacity;
    struct rf_buffer terms; /* padded: 16 bytes behind the last term can be read */
    size_t positions;       /* tokens that are not joined */
};

void rf_tokens_init(struct rf_tokens *tokens, const riffle_allocator *allocator);
void rf_tokens_release(struct rf_tokens *tokens);

/*
 * Replaces the list by the tokens of the text (under 4 GiB, valid UTF-8; invalid bytes separate words), in order of start; a joined
 * token stands right before its first part. false: no memory.
 */
bool rf_tokenize(struct rf_tokens *tokens, const char *text, size_t n);

static inline const char *rf_token_term(const struct rf_tokens *tokens, const struct rf_token *token)
{
    return (const char *)tokens->terms.data + token->term;
}

/*
 * Folds the way tokens are folded, without cutting into words: for names of fields and values of metadata. White space is folded
 * to single blanks and trimmed. Appends to `out`.
 */
void rf_fold(struct rf_buffer *out, const char *text, size_t n);

/* ---- Languages ---- */

struct rf_language;

/* Snowball's languages by their names ("english", "german", ...; case does not matter), or "none". *language is NULL where the
 * name is not known (RIFFLE_INVALID, the message lists the names). Not for two threads at once. */
riffle_status rf_language_open(struct rf_language **language, const char *name, const riffle_allocator *allocator,
                               riffle_error *error);
/* The same language once more, for another thread or search, and cheaply: it shares the stop words of `from`, which has to live longer. */
riffle_status rf_language_copy(struct rf_language **language, const struct rf_language *from, const riffle_allocator *allocator,
                               riffle_error *error);
void rf_language_close(struct rf_language *language);
const char *rf_language_name(const struct rf_language *language); /* canonical, lower case */

/* The stem of a folded term; itself where the language has none for it, and for a stop word. A stem that is a stop word gets a '-'
 * behind, so that it never stands for that word. Lives until the next call. false: no memory. */
bool rf_stem(struct rf_language *language, const char *term, size_t n, const char **stem, size_t *stem_length);

bool rf_has_stop_words(const struct rf_language *language);
/* Is this folded term one that weighs nothing beside other words? "us" never is. */
bool rf_is_stop_word(const struct rf_language *language, const char *term, size_t n);

/* ---- Passages ---- */

/* A passage: tokens [first_token, end_token) and the text from its start to the next passage's start (or the text's end). */
struct rf_passage {
    uint32_t start;
    uint32_t first_token, end_token;
};

struct rf_passages {
    struct rf_passage *list;
    size_t count, capacity;
    const riffle_allocator *allocator;
};

void rf_passages_init(struct rf_passages *passages, const riffle_allocator *allocator);
void rf_passages_release(struct rf_passages *passages);

/*
 * Cuts a text, with its tokens, into passages. Words are counted as positions, CJK tokens as half a word. Whole paragraphs (ended by
 * '\n') are added until there are 100 words; a paragraph that would make it pass 180 is cut at its last sentence end before 180, else
 * at a word; what remains at the text's end under 40 words joins the passage before. There is always at least one passage, and
 * the first starts at 0. With `whole` there is just one. false: no memory.
 */
bool rf_passages_cut(struct rf_passages *passages, const char *text, size_t n, const struct rf_tokens *tokens, bool whole);

/*
 * Is there a sentence end between byte `a` (end of a token) and byte `b` (start of the next)? Marks . ! ? … 。！？ with closing quotes
 * or brackets behind, white space (none needed after 。！？), and then no lower-case letter; not after a single letter (S. Korean),
 * an acronym, or a short list of abbreviated titles (Mr., Gen., No.).
 */
bool rf_sentence_ends(const char *text, size_t n, size_t previous_start, size_t a, size_t b);

#endif
