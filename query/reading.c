/* SPDX-License-Identifier: BSD-3-Clause */
/* A plan in words: the query as it was understood, in the query language itself. */
#include "query/plan.h"

static bool is_choice(const struct rf_node *node)
{
    return node->kind == RF_NODE_MAX || (node->kind == RF_NODE_BOOL && !node->must_count && !node->not_count);
}

/* A stop word that has lost its + to the group around it gets it back in parentheses of its own. */
static void append_child(struct rf_buffer *out, const struct rf_node *child, bool must)
{
    bool insisted = child->kind == RF_NODE_LEAF && child->leaf->insisted && !must;
    bool group = child->kind == RF_NODE_MAX || child->kind == RF_NODE_BOOL || insisted;
    if (group)
        rf_buffer_append_string(out, insisted ? "(+" : "(");
    rf_reading_append(out, child);
    if (group)
        rf_buffer_append_byte(out, ')');
}

void rf_reading_append(struct rf_buffer *out, const struct rf_node *node)
{
    if (node->kind == RF_NODE_LEAF || node->kind == RF_NODE_FILTER) {
        const struct rf_bytes *shown = node->kind == RF_NODE_LEAF ? &node->leaf->shown : &node->filter->shown;
        rf_buffer_append(out, shown->data, shown->length);
        return;
    }
    uint32_t count = node->must_count + node->should_count + node->not_count;
    for (uint32_t i = 0; i < count; i++) {
        if (i)
            rf_buffer_append_string(out, is_choice(node) ? " OR " : " ");
        if (i < node->must_count)
            rf_buffer_append_byte(out, '+');
        else if (i >= node->must_count + node->should_count)
            rf_buffer_append_byte(out, '-');
        append_child(out, node->children[i], i < node->must_count);
    }
}
