/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Which plans are ranked, and the roles of their leaves; ranked.h.
 *
 * Where it matters which word of a node a doc holds, the plan is searched in variants, and each doc counts by the best of them: of a word with two
 * readings, each takes one; of a group that must be there, each takes one word for the must, and the others may be there.
 */
#include "query/ranked.h"

enum { RF_MOST_VARIANTS = 6 /* of more, windows take no longer */ };

static bool fits_leaf(const struct rf_leaf *leaf)
{
    for (uint32_t i = 0; i < leaf->slot_count; i++)
        if (leaf->slots[i].key_count != 1)
            return false;
    return true;
}

/* A group of words of which any will do. */
static bool is_any(const struct rf_node *node)
{
    return node->kind == RF_NODE_BOOL && node->any && !node->must_count && !node->not_count && !node->filters_only;
}

static bool has_members(const struct rf_node *node) { return node->kind == RF_NODE_MAX || is_any(node); }

/* Words and groups: where scores are added to others, or nothing of it may be there, members of a group might as well stand alone. */
static bool fits(const struct rf_node *node)
{
    bool fit = node->kind == RF_NODE_LEAF ? fits_leaf(node->leaf) : has_members(node);
    for (uint32_t i = 0; fit && i < node->should_count; i++)
        fit = fits(node->children[i]);
    return fit;
}

static bool fits_must(const struct rf_node *node)
{
    bool fit = fits(node);
    for (uint32_t i = 0; fit && i < node->should_count; i++)
        fit = node->children[i]->kind == RF_NODE_LEAF;
    return fit || node->filters_only;
}

/* More than RF_MOST_VARIANTS: too many. */
static uint32_t count_variants(const struct rf_node *node, bool must)
{
    uint32_t count = node->kind == RF_NODE_MAX || (must && is_any(node)) ? node->should_count : 1;
    for (uint32_t i = 0; !must && is_any(node) && i < node->should_count && count <= RF_MOST_VARIANTS; i++)
        count *= count_variants(node->children[i], false);
    return count;
}

static uint32_t count_all_variants(const struct rf_node *root)
{
    uint32_t count = root->kind == RF_NODE_BOOL ? 1 : count_variants(root, false);
    for (uint32_t i = 0; root->kind == RF_NODE_BOOL && i < root->must_count + root->should_count && count <= RF_MOST_VARIANTS; i++)
        count *= count_variants(root->children[i], i < root->must_count);
    return count;
}

bool rf_ranked_fits(const struct rf_plan *plan, bool count)
{
    const struct rf_node *root = plan->root;
    if (!root)
        return false;
    uint32_t variants = count_all_variants(root), musts = 0;
    if (variants > RF_MOST_VARIANTS)
        return false;
    if (root->kind != RF_NODE_BOOL)
        return fits(root);
    bool fit = true;
    for (uint32_t i = 0; fit && i < root->must_count; i++) {
        fit = fits_must(root->children[i]);
        musts += !root->children[i]->filters_only;
    }
    for (uint32_t i = root->must_count; fit && i < root->must_count + root->should_count + root->not_count; i++)
        fit = fits(root->children[i]) || (i >= root->must_count + root->should_count && root->children[i]->filters_only);
    return fit && (musts ? !root->any : root->any) && !(musts && count && variants > 1);
}

bool rf_roles_open(struct rf_ranked *run, const struct rf_plan *plan, struct rf_arena *arena)
{
    run->root = plan->root;
    run->variants = count_all_variants(plan->root);
    run->musts = rf_arena_room(arena, (size_t)3 * plan->leaf_count, sizeof(struct rf_leaf *));
    run->shoulds = run->musts + plan->leaf_count;
    run->nots = run->shoulds + plan->leaf_count;
    return run->musts;
}

enum role { MUST, SHOULD, NOT };

static void give_role(struct rf_ranked *run, const struct rf_node *node, enum role role, uint32_t *variant)
{
    if (node->kind == RF_NODE_LEAF) {
        if (role == MUST)
            run->musts[run->must_count++] = node->leaf;
        else if (role == SHOULD)
            run->shoulds[run->should_count++] = node->leaf;
        else
            run->nots[run->not_count++] = node->leaf;
        return;
    }
    if (!has_members(node))
        return; /* a filter */
    bool chooses = role != NOT && *variant != RF_EVERY_VARIANT && (role == MUST || node->kind == RF_NODE_MAX);
    uint32_t chosen = chooses ? *variant % node->should_count : 0;
    if (chooses)
        *variant /= node->should_count;
    for (uint32_t i = 0; i < node->should_count; i++) {
        if (!chooses || i == chosen)
            give_role(run, node->children[i], role, variant);
        else if (node->kind != RF_NODE_MAX)
            give_role(run, node->children[i], SHOULD, variant);
    }
}

void rf_roles_take(struct rf_ranked *run, uint32_t variant)
{
    const struct rf_node *root = run->root;
    run->must_count = run->should_count = run->not_count = 0;
    if (root->kind != RF_NODE_BOOL) {
        give_role(run, root, root->kind == RF_NODE_LEAF && root->leaf->kind == RF_LEAF_PHRASE ? MUST : SHOULD, &variant);
        return;
    }
    uint32_t decide = root->must_count + root->should_count;
    for (uint32_t i = 0; i < decide + root->not_count; i++)
        give_role(run, root->children[i], i < root->must_count ? MUST : i < decide ? SHOULD : NOT, &variant);
}
