/* SPDX-License-Identifier: BSD-3-Clause */
/* How a score came about: the tree is held against one passage, and each leaf tells what it gave. */
#include "query/explain.h"

struct verdict {
    struct rf_weighing weighing;
    bool counted;
};

struct explanation {
    const struct rf_explained *of;
    struct verdict *leaves;
    riffle_status status;
    riffle_error *error;
};

static bool judge(struct explanation *e, const struct rf_node *node, double *score);

static bool judge_filter(struct explanation *e, const struct rf_filter *filter)
{
    bool accepts = false;
    if (!e->status)
        e->status = e->of->index->engine->accepts(e->of->index->store, e->of->hit, filter, &accepts, e->error);
    return accepts;
}

/* Which of the node's leaves count, once it is known that the node does. */
static void count(struct explanation *e, const struct rf_node *node)
{
    double score, best = 0;
    uint32_t of = 0;
    if (node->kind == RF_NODE_LEAF)
        e->leaves[node->leaf->number].counted = true;
    if (node->kind == RF_NODE_LEAF || node->kind == RF_NODE_FILTER)
        return;
    for (uint32_t i = 0; i < node->must_count + node->should_count; i++) {
        if (!judge(e, node->children[i], &score))
            continue;
        if (node->kind != RF_NODE_MAX)
            count(e, node->children[i]);
        else if (score > best) {
            best = score;
            of = i;
        }
    }
    if (node->kind == RF_NODE_MAX && best > 0)
        count(e, node->children[of]);
}

static bool judge(struct explanation *e, const struct rf_node *node, double *score)
{
    *score = 0;
    if (node->kind == RF_NODE_FILTER)
        return judge_filter(e, node->filter);
    if (node->kind == RF_NODE_LEAF) {
        const struct rf_weighing *leaf = &e->leaves[node->leaf->number].weighing;
        *score = leaf->score;
        return leaf->tf > 0;
    }
    uint32_t children = node->must_count + node->should_count + node->not_count, found = 0;
    double part;
    for (uint32_t i = 0; i < children; i++) {
        bool hit = judge(e, node->children[i], &part);
        if (i >= node->must_count + node->should_count ? hit : i < node->must_count && !hit)
            return false;
        found += i >= node->must_count && hit;
        if (hit && node->kind == RF_NODE_MAX)
            *score = part > *score ? part : *score;
        else if (hit)
            *score += part;
    }
    return found || (node->kind == RF_NODE_BOOL && !node->any);
}

static void tell(struct explanation *e, const struct rf_leaf *leaf, struct rf_buffer *out)
{
    const struct verdict *verdict = &e->leaves[leaf->number];
    rf_buffer_printf(out, "%10.6f  %.*s: ", verdict->counted ? verdict->weighing.score : 0.0, (int)leaf->shown.length,
                     leaf->shown.data);
    if (leaf->slot_count > 1)
        rf_buffer_printf(out, "phrase of %u, ", leaf->slot_count);
    rf_buffer_printf(out, "tf %u", verdict->weighing.tf);
    if (leaf->slot_count == 1)
        rf_buffer_printf(out, ", df %llu", (unsigned long long)leaf->slots[0].df);
    if (leaf->slots[0].key_count > 1 && leaf->slot_count == 1)
        rf_buffer_printf(out, " (%u words together)", leaf->slots[0].key_count);
    rf_buffer_printf(out, ", idf %.6f%s\n", leaf->weight, verdict->weighing.tf && !verdict->counted ? ", not counted" : "");
}

riffle_status rf_explain(const struct rf_explained *of, struct rf_buffer *out, riffle_error *error)
{
    const riffle_allocator *allocator = &of->index->allocator;
    const struct rf_plan *plan = of->plan;
    struct explanation e = {.of = of, .error = error};
    e.leaves = rf_alloc_zero(allocator, ((size_t)plan->leaf_count + 1) * sizeof *e.leaves);
    if (!e.leaves)
        return rf_fail_memory(error);
    for (const struct rf_leaf *leaf = plan->leaves; leaf && !e.status; leaf = leaf->next) {
        struct rf_weighing *weighing = &e.leaves[leaf->number].weighing;
        e.status = of->index->engine->weigh(of->index->store, plan, of->hit, leaf, weighing, error);
    }
    if (!e.status && plan->root)
        count(&e, plan->root);
    rf_buffer_printf(out, "%10.6f  in all; length %u, average %.2f, k1 %g, b %g, passages %llu\n", of->hit->score, of->length,
                     of->average_length, of->k1, of->b, (unsigned long long)of->docs);
    for (const struct rf_leaf *leaf = plan->leaves; leaf; leaf = leaf->next)
        if (leaf->positive)
            tell(&e, leaf, out);
    rf_free(allocator, e.leaves);
    if (!e.status && out->failed)
        return rf_fail_memory(error);
    return e.status;
}
