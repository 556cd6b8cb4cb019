/* SPDX-License-Identifier: BSD-3-Clause */
/* How a score came about: the tree is held against one passage, and each leaf tells what it gave. */
#include "query/explain.h"

#include <math.h>

struct verdict {
    uint32_t tf, score;
    bool counted;
};

struct explanation {
    const struct rf_plan *plan;
    const struct rf_found *hit;
    struct verdict *leaves;
    riffle_status status;
    riffle_error *error;
};

static bool judge(struct explanation *e, const struct rf_node *node, uint32_t *score);

static bool judge_filter(struct explanation *e, const struct rf_filter *filter)
{
    const riffle_index *index = e->plan->index;
    bool accepts = false;
    if (!e->status)
        e->status =
            rf_filter_accepts(filter, index, e->hit->segment,
                              rf_segment_article_of(index->generation.segments[e->hit->segment], e->hit->doc), &accepts, e->error);
    return accepts;
}

/* Which of the node's leaves count, once it is known that the node does. */
static void count(struct explanation *e, const struct rf_node *node)
{
    uint32_t score, best = 0, of = 0;
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
    if (node->kind == RF_NODE_MAX && best)
        count(e, node->children[of]);
}

static bool judge(struct explanation *e, const struct rf_node *node, uint32_t *score)
{
    *score = 0;
    if (node->kind == RF_NODE_FILTER)
        return judge_filter(e, node->filter);
    if (node->kind == RF_NODE_LEAF) {
        const struct verdict *leaf = &e->leaves[node->leaf->number];
        *score = leaf->score;
        return leaf->tf > 0;
    }
    uint32_t children = node->must_count + node->should_count + node->not_count, found = 0, part;
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
    double unit = ldexp(1, -e->plan->scale);
    rf_buffer_printf(out, "%10.6f  %.*s: ", verdict->counted ? verdict->score * unit : 0.0, (int)leaf->shown.length,
                     leaf->shown.data);
    if (leaf->slot_count > 1)
        rf_buffer_printf(out, "phrase of %u, ", leaf->slot_count);
    rf_buffer_printf(out, "tf %u", verdict->tf);
    if (leaf->slot_count == 1)
        rf_buffer_printf(out, ", df %llu", (unsigned long long)leaf->slots[0].df);
    if (leaf->slots[0].key_count > 1 && leaf->slot_count == 1)
        rf_buffer_printf(out, " (%u words together)", leaf->slots[0].key_count);
    rf_buffer_printf(out, ", idf %.6f%s\n", leaf->weight, verdict->tf && !verdict->counted ? ", not counted" : "");
}

riffle_status rf_explain(const struct rf_plan *plan, const struct rf_found *hit, struct rf_buffer *out, riffle_error *error)
{
    const riffle_index *index = plan->index;
    struct explanation e = {.plan = plan, .hit = hit, .error = error};
    const struct rf_scorer *scorer = plan->scorer;
    uint8_t length = rf_segment_lengths(index->generation.segments[hit->segment])[hit->doc];
    e.leaves = rf_alloc_zero(&index->allocator, ((size_t)plan->leaf_count + 1) * sizeof *e.leaves);
    if (!e.leaves)
        return rf_fail_memory(error);
    for (const struct rf_leaf *leaf = plan->leaves; leaf && !e.status; leaf = leaf->next) {
        struct verdict *verdict = &e.leaves[leaf->number];
        e.status = rf_leaf_tf(leaf, index, hit->segment, hit->doc, &verdict->tf, error);
        verdict->score = rf_weigh(leaf->scaled_weight, rf_saturation(scorer, verdict->tf, length));
    }
    if (!e.status && plan->root)
        count(&e, plan->root);
    rf_buffer_printf(out, "%10.6f  in all; length %u, average %.2f, k1 %g, b %g, passages %llu\n",
                     hit->score * ldexp(1, -plan->scale), rf_length_decode(length), scorer->average_length, scorer->k1, scorer->b,
                     (unsigned long long)index->docs);
    for (const struct rf_leaf *leaf = plan->leaves; leaf; leaf = leaf->next)
        if (leaf->positive)
            tell(&e, leaf, out);
    rf_free(&index->allocator, e.leaves);
    if (!e.status && out->failed)
        return rf_fail_memory(error);
    return e.status;
}
