/* SPDX-License-Identifier: BSD-3-Clause */
/* Any bytes as a text: repaired, tokenised and cut into passages, whose promises are checked. */
#include <stdlib.h>

#include "text/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(bool holds)
{
    if (!holds)
        abort();
}

static void check_tokens(const struct rf_tokens *tokens, size_t size)
{
    uint32_t start = 0;
    for (size_t i = 0; i < tokens->count; i++) {
        const struct rf_token *token = &tokens->list[i];
        expect(token->start >= start && token->start < token->end && token->end <= size);
        expect(token->term_length > 0 && token->term_length <= RF_TERM_MAX);
        expect(rf_utf8_valid_prefix(rf_token_term(tokens, token), token->term_length) == token->term_length);
        start = token->start;
    }
}

static void check_passages(const struct rf_passages *passages, const struct rf_tokens *tokens, size_t size)
{
    expect(passages->count > 0 && passages->list[0].start == 0);
    uint32_t token = 0, start = 0;
    for (size_t i = 0; i < passages->count; i++) {
        const struct rf_passage *passage = &passages->list[i];
        expect(passage->first_token == token && passage->end_token >= token && passage->start >= start && passage->start <= size);
        token = passage->end_token;
        start = passage->start;
    }
    expect(token == tokens->count);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rf_buffer repaired, folded;
    struct rf_tokens tokens;
    struct rf_passages passages;
    rf_buffer_init(&repaired, &rf_malloc_allocator);
    rf_buffer_init(&folded, &rf_malloc_allocator);
    rf_tokens_init(&tokens, &rf_malloc_allocator);
    rf_passages_init(&passages, &rf_malloc_allocator);
    rf_utf8_repair(&repaired, (const char *)data, size);
    const char *text = repaired.size ? (const char *)repaired.data : "";
    expect(rf_utf8_valid_prefix(text, repaired.size) == repaired.size);
    if (rf_tokenize(&tokens, text, repaired.size) &&
        rf_passages_cut(&passages, text, repaired.size, &tokens, size > 0 && data[0] == 'w')) {
        check_tokens(&tokens, repaired.size);
        check_passages(&passages, &tokens, repaired.size);
    }
    rf_fold(&folded, text, repaired.size);
    rf_passages_release(&passages);
    rf_tokens_release(&tokens);
    rf_buffer_release(&folded);
    rf_buffer_release(&repaired);
    return 0;
}
