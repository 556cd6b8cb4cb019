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

/* How far the gaps of the open passage's last paragraph have been looked at, and the last place of each kind so far. */
struct scan {
    size_t next;  /* the token that is next; 0: not begun */
    size_t reach; /* the farthest end of a token before it, see rf_passages_cut */
    size_t size;  /* half words of the passage before it */
    struct place sentence, word, inside;
};

/* The open passage. */
struct cutter {
    struct rf_passages *passages;
    size_t first;           /* its first token */
    size_t size;            /* its half words so far */
    struct place paragraph; /* where its last paragraph starts, if not with the passage */
    struct scan scan;
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

/* Ends the open passage at `place` and opens the next one. */
static bool cut(struct cutter *k, struct place place)
{
    k->passages->list[k->passages->count - 1].end_token = (uint32_t)place.token;
    k->first = place.token;
    k->size -= place.before;
    k->paragraph = (struct place){0};
    k->scan.next = 0;
    return open_passage(k->passages, place.start, place.token);
}

static size_t half_words(const struct rf_token *token)
{
    return token->flags & RF_TOKEN_JOINED ? 0 : token->flags & RF_TOKEN_CJK ? 1 : 2;
}

/* What stands between two tokens. */
struct gap {
    bool space, mark,
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

/*
 * Where to cut a passage that has become too large with token `last`: at the last sentence end in its last paragraph, else at a word, else
 * before that paragraph, else within a word. Only now the gaps are looked at, each once: most passages end with a paragraph and never
 * need it.
 */
static struct place find_place(struct cutter *k, const char *text, size_t n, const struct rf_tokens *tokens, size_t last)
{
    struct scan *scan = &k->scan;
    if (!scan->next) {
        size_t start = k->paragraph.token ? k->paragraph.token : k->first;
        *scan = (struct scan){.next = start + 1, .reach = tokens->list[start].end};
        scan->size = (k->paragraph.token ? k->paragraph.before : 0) + half_words(&tokens->list[start]);
    }
    for (; scan->next <= last; scan->next++) {
        const struct rf_token *token = &tokens->list[scan->next];
        size_t reach = scan->reach;
        struct place place = {scan->next, token->start, scan->size};
        if (token->start > reach && token->start == reach + 1 + (text[reach] == ',') && text[token->start - 1] == ' ') {
            scan->word = place; /* a blank, or a comma and a blank: most gaps are so */
        } else if (token->start >= reach) {
            struct gap gap = read_gap(text, reach, token->start);
            size_t behind = gap.mark ? rf_sentence_start(text, n, token[-1].start, reach, token->start) : 0;
            if (behind)
                scan->sentence = (struct place){scan->next, behind, scan->size};
            place.start = gap.word;
            if (gap.space || gap.other)
                scan->word = place;
            else
                scan->inside = place;
        }
        if (token->end > reach)
            scan->reach = token->end;
        scan->size += half_words(token);
    }
    return scan->sentence.token ? scan->sentence : scan->word.token ? scan->word : k->paragraph.token ? k->paragraph : scan->inside;
}

static size_t find_newline(const char *text, size_t n, size_t from)
{
    const char *newline = from < n ? memchr(text + from, '\n', n - from) : NULL;
    return newline ? (size_t)(newline - text) : n;
}

bool rf_passages_cut(struct rf_passages *passages, const char *text, size_t n, const struct rf_tokens *tokens, bool whole)
{
    struct cutter k = {.passages = passages};
    size_t reach = 0; /* the farthest end of a token so far: of a compound, or of a bigram, whose bytes the next token shares */
    passages->count = 0;
    if (!open_passage(passages, 0, 0))
        return false;
    size_t newline = find_newline(text, n, 0);
    for (size_t i = 0; i < tokens->count && !whole; i++) {
        const struct rf_token *token = &tokens->list[i];
        if (token->start > newline) {
            struct place place = {i, read_gap(text, reach, token->start).paragraph, k.size};
            newline = find_newline(text, n, token->start);
            /* A paragraph's end where the passage has enough words ends it. */
            if (i && k.size < ENOUGH) {
                k.paragraph = place;
                k.scan.next = 0;
            } else if (i && !cut(&k, place)) {
                return false;
            }
        }
        if (token->end > reach)
            reach = token->end;
        k.size += half_words(token);
        if (k.size <= MOST)
            continue;
        struct place place = find_place(&k, text, n, tokens, i);
        if (place.token && !cut(&k, place))
            return false;
    }
    if (passages->count > 1 && k.size < LEAST)
        passages->count--;
    passages->list[passages->count - 1].end_token = (uint32_t)tokens->count;
    return true;
}
