/* SPDX-License-Identifier: BSD-3-Clause */
/* The texts as the rules see them: passages, and in each a stream of terms at positions. */
#include "naive.h"

#include <stdlib.h>

static char *repaired(const char *text)
{
    struct rf_buffer out;
    rf_buffer_init(&out, &rf_malloc_allocator);
    rf_utf8_repair(&out, text, strlen(text));
    char *copy = strndup(out.size ? (const char *)out.data : "", out.size);
    rf_buffer_release(&out);
    return copy;
}

/* Lengths are kept in one byte: exact below 128, above that to four binary digits, rounded down. */
static uint32_t kept_length(uint32_t length)
{
    uint32_t unit = 1;
    while (length >= 128 && length / unit >= 16)
        unit *= 2;
    return length / unit * unit;
}

static uint32_t intern(struct naive *naive, const char *bytes, size_t n)
{
    size_t at = rf_hash(bytes, n) % naive->slot_count;
    for (; naive->slots[at]; at = (at + 1) % naive->slot_count) {
        const struct term *term = &naive->terms[naive->slots[at] - 1];
        if (term->length == n && memcmp(term->bytes, bytes, n) == 0)
            return naive->slots[at] - 1;
    }
    rf_grow(&rf_malloc_allocator, (void **)&naive->terms, &naive->term_capacity, naive->term_count + 1, sizeof *naive->terms);
    struct term *term = &naive->terms[naive->term_count++];
    const char *stem;
    rf_stem(naive->language, bytes, n, &stem, &term->stem_length);
    *term = (struct term){
        .bytes = strndup(bytes, n), .length = n, .stem = strndup(stem, term->stem_length), .stem_length = term->stem_length};
    naive->slots[at] = (uint32_t)naive->term_count;
    return (uint32_t)naive->term_count - 1;
}

static void note(struct occurrences *occurrences, uint32_t position, uint32_t term)
{
    rf_grow(&rf_malloc_allocator, (void **)&occurrences->list, &occurrences->capacity, occurrences->count + 1,
            sizeof *occurrences->list);
    occurrences->list[occurrences->count++] = (struct occurrence){position, term};
}

/* Notes tokens [first, end) from `position` on; returns the position behind. A joined one has the position of the next. */
static uint32_t note_tokens(struct naive *naive, struct occurrences *occurrences, const struct rf_tokens *tokens, size_t first,
                            size_t end, uint32_t position)
{
    for (size_t i = first; i < end; i++) {
        const struct rf_token *token = &tokens->list[i];
        note(occurrences, position, intern(naive, rf_token_term(tokens, token), token->term_length));
        position += !(token->flags & RF_TOKEN_JOINED);
    }
    return position;
}

static void add_passage(struct naive *naive, const struct passage *like, const struct rf_tokens *title,
                        const struct rf_tokens *text, const struct rf_passage *cut)
{
    rf_grow(&rf_malloc_allocator, (void **)&naive->passages, &naive->passage_capacity, naive->passage_count + 1,
            sizeof *naive->passages);
    struct passage *passage = &naive->passages[naive->passage_count++];
    *passage = *like;
    uint32_t position = 0, length = 0;
    for (int copy = 0; title->count && copy < naive->documents->title_weight; copy++) {
        uint32_t behind = note_tokens(naive, &passage->stream, title, 0, title->count, position);
        length += behind - position;
        position = behind + 1;
    }
    length += note_tokens(naive, &passage->stream, text, cut->first_token, cut->end_token, position) - position;
    note_tokens(naive, &passage->title, title, 0, title->count, 0);
    passage->length = kept_length(length);
    naive->average_length += passage->length;
}

static void count_passages(struct naive *naive)
{
    uint32_t *last = calloc(naive->term_count + 1, sizeof *last);
    for (int title = 0; title < 2; title++) {
        memset(last, 0, naive->term_count * sizeof *last);
        for (uint32_t p = 0; p < naive->passage_count; p++) {
            const struct occurrences *occurrences = title ? &naive->passages[p].title : &naive->passages[p].stream;
            for (size_t i = 0; i < occurrences->count; i++) {
                uint32_t term = occurrences->list[i].term;
                naive->terms[term].df[title] += last[term] != p + 1;
                last[term] = p + 1;
            }
        }
    }
    free(last);
}

void naive_make(struct naive *naive, const struct documents *documents)
{
    struct rf_tokens title, text;
    struct rf_passages cuts;
    memset(naive, 0, sizeof *naive);
    naive->documents = documents;
    rf_language_open(&naive->language, documents->language, &rf_malloc_allocator, NULL);
    rf_tokens_init(&title, &rf_malloc_allocator);
    rf_tokens_init(&text, &rf_malloc_allocator);
    rf_passages_init(&cuts, &rf_malloc_allocator);
    naive->slot_count = 1 << 16;
    naive->slots = calloc(naive->slot_count, sizeof *naive->slots);
    naive->titles = calloc(documents->count, sizeof(char *));
    naive->texts = calloc(documents->count, sizeof(char *));
    naive->first_passages = calloc(documents->count, sizeof *naive->first_passages);
    for (size_t a = 0; a < documents->count; a++) {
        naive->first_passages[a] = naive->passage_count;
        naive->titles[a] = repaired(documents->articles[a].title);
        naive->texts[a] = repaired(documents->articles[a].text);
        size_t length = strlen(naive->texts[a]);
        rf_tokenize(&title, naive->titles[a], strlen(naive->titles[a]));
        rf_tokenize(&text, naive->texts[a], length);
        rf_passages_cut(&cuts, naive->texts[a], length, &text, !documents->split);
        for (size_t i = 0; i < cuts.count; i++) {
            uint32_t end = i + 1 < cuts.count ? cuts.list[i + 1].start : (uint32_t)length;
            struct passage passage = {.article = a, .ordinal = (uint32_t)i, .start = cuts.list[i].start, .end = end};
            add_passage(naive, &passage, &title, &text, &cuts.list[i]);
        }
    }
    naive->average_length /= (double)naive->passage_count;
    count_passages(naive);
    rf_passages_release(&cuts);
    rf_tokens_release(&text);
    rf_tokens_release(&title);
}

void naive_release(struct naive *naive)
{
    for (size_t a = 0; a < naive->documents->count; a++) {
        free(naive->titles[a]);
        free(naive->texts[a]);
    }
    for (size_t p = 0; p < naive->passage_count; p++) {
        free(naive->passages[p].stream.list);
        free(naive->passages[p].title.list);
    }
    for (size_t t = 0; t < naive->term_count; t++) {
        free(naive->terms[t].bytes);
        free(naive->terms[t].stem);
    }
    free(naive->titles);
    free(naive->texts);
    free(naive->passages);
    free(naive->first_passages);
    free(naive->terms);
    free(naive->slots);
    rf_language_close(naive->language);
}
