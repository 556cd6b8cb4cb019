/* SPDX-License-Identifier: BSD-3-Clause */
/* Where the leaves of a naive search occur in a text, by reading it again for each. */
#include <stdlib.h>

#include "naive_tree.h"

static int by_start(const void *a, const void *b)
{
    const riffle_range *x = a, *y = b;
    if (x->start != y->start)
        return x->start < y->start ? -1 : 1;
    return (x->end > y->end) - (x->end < y->end);
}

static bool token_fits(struct naive_search *search, const struct slot *slot, const struct rf_tokens *tokens, size_t at)
{
    const struct rf_token *token = &tokens->list[at];
    struct term term = {.bytes = (char *)rf_token_term(tokens, token), .length = token->term_length};
    const char *stem;
    if (slot->kind == SLOT_STEM) {
        rf_stem(search->naive->language, term.bytes, term.length, &stem, &term.stem_length);
        term.stem = (char *)stem;
    }
    return naive_slot_fits(slot, &term);
}

void naive_matches(struct naive_search *search, const char *text, size_t n, bool in_title, riffle_range **ranges, size_t *count)
{
    struct rf_tokens *tokens = &search->tokens;
    riffle_range *list = NULL;
    size_t found = 0, capacity = 0;
    rf_tokenize(tokens, text, n);
    for (size_t i = 0; i < search->leaf_count; i++) {
        const struct leaf *leaf = search->leaves[i];
        for (size_t first = 0; leaf->positive && (in_title || !leaf->title) && first < tokens->count; first++) {
            if (!token_fits(search, &leaf->slots[0], tokens, first))
                continue;
            /* The next position starts behind the next token that is not joined. */
            size_t at = first, slot = 1;
            for (; slot < leaf->count; slot++) {
                while (tokens->list[at].flags & RF_TOKEN_JOINED)
                    at++;
                at++;
                if (at < tokens->count && !token_fits(search, &leaf->slots[slot], tokens, at) &&
                    tokens->list[at].flags & RF_TOKEN_JOINED)
                    at++;
                if (at >= tokens->count || !token_fits(search, &leaf->slots[slot], tokens, at))
                    break;
            }
            if (slot < leaf->count)
                continue;
            rf_grow(&rf_malloc_allocator, (void **)&list, &capacity, found + 1, sizeof *list);
            uint32_t c, end = tokens->list[at].end;
            if (leaf->first_character)
                end = (uint32_t)(rf_utf8_next(text + tokens->list[at].start, text + n, &c) - text);
            list[found++] = (riffle_range){tokens->list[first].start, end};
        }
    }
    if (found)
        qsort(list, found, sizeof *list, by_start);
    *count = 0;
    for (size_t i = 0; i < found; i++) {
        riffle_range *last = *count ? &list[*count - 1] : NULL;
        if (last && list[i].start < last->end)
            last->end = list[i].end > last->end ? list[i].end : last->end;
        else
            list[(*count)++] = list[i];
    }
    *ranges = list;
}
