/* SPDX-License-Identifier: BSD-3-Clause */
/* Cuts a text into passages, in one walk over its tokens. */
#include "text/fold.h"

/* The rule's 100, 180 and 40 words, in half words: a CJK token counts as half a word. */
enum { ENOUGH = 200, MOST = 360, LEAST = 80 };

/* A place between two tokens where a passage can end. */
struct place {
    size_t token;  /* the first one of the next passage; 0 where there is no such place */
    size_t start;  /* where the next passage's text starts */
    size_t before; /* half words from the open passage's start to here */
};

/* The open passage, and the last place of each kind in it. All but `paragraph` are within its last paragraph. */
struct cutter {
    struct rf_passages *passages;
    size_t first; /* its first token */
    size_t size;  /* its half words so far */
    struct place paragraph, sentence, word, inside;
};

void rf_passages_init(struct rf_passages *passages, const riffle_allocator *allocator)
{
    memset(passages, 0, sizeof *passages);
    passages->allocator = allocator;
}

void rf_passages_release(struct rf_passages *passages)
{
    rf_free(passages->allocator, passages->list);
    passages->list = NULL;
    passages->count = passages->capacity = 0;
}

static bool open_passage(struct rf_passages *passages, size_t start, size_t first_token)
{
    if (passages->count == passages->capacity &&
        !rf_grow(passages->allocator, (void **)&passages->list, &passages->capacity, passages->count + 1, sizeof *passages->list))
        return false;
    passages->list[passages->count++] = (struct rf_passage){.start = (uint32_t)start, .first_token = (uint32_t)first_token};
    return true;
}

/* Ends the open passage at `place` and opens the next one. Places behind it stay places. */
static bool cut(struct cutter *k, struct place place)
{
    struct place none = {0};
    k->passages->list[k->passages->count - 1].end_token = (uint32_t)place.token;
    k->first = place.token;
    k->size -= place.before;
    k->paragraph = k->sentence = none;
    k->word.before -= place.before, k->inside.before -= place.before;
    if (k->word.token <= place.token)
        k->word = none;
    if (k->inside.token <= place.token)
        k->inside = none;
    return open_passage(k->passages, place.start, place.token);
}

/* What stands between two tokens. */
struct gap {
    bool newline, space, mark,
        other;        /* `mark`: one that can end a sentence; `other`: more than the marks that link the parts of a compound */
    size_t paragraph; /* behind the last '\n' and the white space that follows it */
    size_t word;      /* behind the last white space, else the end */
};

static struct gap read_gap(const char *text, size_t from, size_t to)
{
    struct gap gap = {.paragraph = to, .word = to};
    bool indent = false;
    for (const char *p = text + from, *end = text + to; p < end;) {
        uint32_t c;
        p = rf_decode(p, end, &c);
        if (rf_is_space(c)) {
            gap.space = true;
            gap.word = (size_t)(p - text);
            gap.newline = gap.newline || c == '\n';
            indent = indent || c == '\n';
            if (indent)
                gap.paragraph = gap.word;
            continue;
        }
        indent = false;
        gap.mark = gap.mark || rf_is_sentence_mark(c);
        gap.other = gap.other || !(c == '.' || c == '-' || c == '\'' || c == 0x2010 || c == 0x2011 || c == 0x2019 || c == 0x02BC ||
                                   c == 0xFF07 || c == 0xFF0D);
    }
    return gap;
}

/* Notes what kind of place the gap before `token` is. A paragraph's end where the passage has enough words ends it. */
static bool note_place(struct cutter *k, const char *text, size_t n, const struct rf_tokens *tokens, size_t token, size_t from)
{
    size_t to = tokens->list[token].start;
    struct place place = {token, to, k->size}, none = {0};
    struct gap gap = read_gap(text, from, to);
    if (gap.newline) {
        place.start = gap.paragraph;
        if (k->size >= ENOUGH)
            return cut(k, place);
        k->paragraph = place;
        k->sentence = k->word = k->inside = none;
        return true;
    }
    size_t sentence = !gap.mark ? 0 : rf_sentence_start(text, n, tokens->list[token - 1].start, from, to);
    if (sentence)
        k->sentence = (struct place){token, sentence, k->size};
    place.start = gap.word;
    if (gap.space || gap.other)
        k->word = place;
    else
        k->inside = place;
    return true;
}

bool rf_passages_cut(struct rf_passages *passages, const char *text, size_t n, const struct rf_tokens *tokens, bool whole)
{
    struct cutter k = {.passages = passages};
    size_t reach = 0; /* the farthest end of a token so far: of a compound, or of a bigram, whose bytes the next token shares */
    passages->count = 0;
    if (!open_passage(passages, 0, 0))
        return false;
    for (size_t i = 0; i < tokens->count && !whole; i++) {
        const struct rf_token *token = &tokens->list[i];
        /* Most gaps are a blank, or a comma and a blank: places to cut at a word, and nothing else. */
        if (i && token->start > reach && token->start == reach + 1 + (text[reach] == ',') && text[token->start - 1] == ' ')
            k.word = (struct place){i, token->start, k.size};
        else if (i && token->start >= reach && !note_place(&k, text, n, tokens, i, reach))
            return false;
        if (token->end > reach)
            reach = token->end;
        k.size += token->flags & RF_TOKEN_JOINED ? 0 : token->flags & RF_TOKEN_CJK ? 1 : 2;
        if (k.size <= MOST)
            continue;
        struct place place = k.sentence.token ? k.sentence : k.word.token ? k.word : k.paragraph.token ? k.paragraph : k.inside;
        if (place.token && !cut(&k, place))
            return false;
    }
    if (passages->count > 1 && k.size < LEAST)
        passages->count--;
    passages->list[passages->count - 1].end_token = (uint32_t)tokens->count;
    return true;
}
