/* SPDX-License-Identifier: BSD-3-Clause */
/* Making a plan: memory, and notes of what was left out. */
#include "query/builder.h"

void *rf_builder_fail_memory(struct rf_builder *b)
{
    if (!b->status)
        b->status = rf_fail_memory(b->error);
    return NULL;
}

void *rf_builder_array(struct rf_builder *b, size_t count, size_t size)
{
    void *memory = rf_arena_array(b->arena, count, size);
    return memory ? memory : rf_builder_fail_memory(b);
}

struct rf_bytes rf_builder_keep(struct rf_builder *b, const void *data, size_t n)
{
    char *copy = rf_arena_copy(b->arena, data, n);
    if (!copy)
        rf_builder_fail_memory(b);
    return (struct rf_bytes){copy ? copy : "", copy ? n : 0};
}

void rf_builder_say(struct rf_builder *b, const char *string) { rf_buffer_append_string(&b->words->text, string); }

struct rf_bytes rf_builder_keep_text(struct rf_builder *b)
{
    if (b->words->text.failed)
        rf_builder_fail_memory(b);
    return rf_builder_keep(b, b->words->text.data, b->words->text.failed ? 0 : b->words->text.size);
}

void rf_builder_leave_out(struct rf_builder *b, const char *what, size_t n)
{
    const struct rf_buffer *list = &b->words->left_out;
    for (size_t at = 0, length; at < list->size; at += length + strlen(", ")) {
        const uint8_t *comma = memchr(list->data + at, ',', list->size - at);
        length = (comma ? (size_t)(comma - list->data) : list->size) - at;
        if (length == n && memcmp(list->data + at, what, n) == 0)
            return;
    }
    if (list->size)
        rf_buffer_append_string(&b->words->left_out, ", ");
    rf_buffer_append(&b->words->left_out, what, n);
}

bool rf_builder_tokenize(struct rf_builder *b, const struct rf_syntax *leaf)
{
    if (!rf_tokenize(&b->words->tokens, leaf->text, leaf->length))
        rf_builder_fail_memory(b);
    return !b->status;
}

struct rf_node *rf_builder_node(struct rf_builder *b, enum rf_node_kind kind)
{
    struct rf_node *node = rf_builder_array(b, 1, sizeof *node);
    if (node)
        node->kind = kind;
    return node;
}
