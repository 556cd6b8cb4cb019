/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A query against all passages: the query's tree becomes one of leaves, filters and groups, and is then asked passage by passage. The
 * rules are those of docs/QUERY.md.
 */
#include <math.h>
#include <stdlib.h>

#include "naive_tree.h"

static void release_node(struct node *node)
{
    if (!node)
        return;
    for (size_t i = 0; i < node->must_count; i++)
        release_node(node->must[i]);
    for (size_t i = 0; i < node->should_count; i++)
        release_node(node->should[i]);
    for (size_t i = 0; i < node->not_count; i++)
        release_node(node->not [i]);
    free(node->must);
    free(node->should);
    free(node->not );
    free(node->articles);
    free(node);
}

/* ---- Groups ---- */

static bool excluded(const struct query *query) { return query->negated != (query->sign == '-'); }

static void find_insisted(struct query *query, bool outer)
{
    query->insisted = outer || (query->sign == '+' && !query->negated);
    for (size_t i = 0; i < query->count; i++)
        find_insisted(query->children[i],
                      query->insisted && query->kind == QUERY_LIST && query->count == 1 && !excluded(query->children[i]));
}

/* Stop words that weigh nothing, if anything else is there. */
static bool is_stop_word(struct naive_search *search, const struct query *query)
{
    if (query->kind != QUERY_WORD || query->prefix || query->insisted)
        return false;
    rf_tokenize(&search->tokens, query->text, strlen(query->text));
    return search->tokens.count == 1 &&
           rf_is_stop_word(search->naive->language, rf_token_term(&search->tokens, search->tokens.list),
                           search->tokens.list[0].term_length);
}

static void find_other_words(struct naive_search *search, const struct query *query, const char *field, bool positive)
{
    field = query->field ? query->field : field;
    positive = positive && !excluded(query);
    for (size_t i = 0; i < query->count; i++)
        find_other_words(search, query->children[i], field, positive);
    if (query->text && positive && !naive_column(field) && !is_stop_word(search, query)) {
        rf_tokenize(&search->tokens, query->text, strlen(query->text));
        search->other_words |= search->tokens.count > 0;
    }
}

/* One child alone is that child; none is nothing. */
static struct node *finish_group(struct node *group)
{
    size_t count = group->must_count + group->should_count + group->not_count;
    if (count - group->not_count == 1 && !group->not_count) {
        struct node *only = group->must_count ? group->must[0] : group->should[0];
        group->must_count = group->should_count = 0;
        release_node(group);
        return only;
    }
    if (!count) {
        release_node(group);
        return NULL;
    }
    group->filters_only = true;
    for (size_t i = 0; i < group->must_count; i++)
        group->filters_only &= group->must[i]->filters_only;
    for (size_t i = 0; i < group->should_count; i++)
        group->filters_only &= group->should[i]->filters_only;
    for (size_t i = 0; i < group->not_count; i++)
        group->filters_only &= group->not [i] -> filters_only;
    return group;
}

static struct node *lower(struct naive_search *search, const struct query *query, const char *field, bool positive);

static void lower_chain(struct naive_search *search, const struct query *chain, const char *field, bool positive,
                        struct node *group)
{
    for (size_t i = 0; i < chain->count; i++) {
        bool out = excluded(chain->children[i]);
        struct node *node = lower(search, chain->children[i], field, positive && !out);
        if (node && out)
            naive_add_node(&group->not, &group->not_count, node);
        else if (node)
            naive_add_node(&group->must, &group->must_count, node);
    }
}

static struct node *lower_either(struct naive_search *search, const struct query *either, const char *field, bool positive)
{
    struct node *group = naive_node(NODE_GROUP);
    for (size_t i = 0; i < either->count; i++) {
        if (either->children[i]->sign) /* which is the list's */
            continue;
        bool out = excluded(either->children[i]);
        struct node *node = lower(search, either->children[i], field, positive && !out);
        if (node && out) { /* everything else */
            struct node *others = naive_node(NODE_GROUP);
            naive_add_node(&others->not, &others->not_count, node);
            node = finish_group(others);
        }
        if (node)
            naive_add_node(&group->should, &group->should_count, node);
    }
    return finish_group(group);
}

/* A filter without a sign joins those of its field in the list: any of them. */
static bool join_filter(struct node **joined, size_t joined_count, struct node *filter)
{
    for (size_t i = 0; i < joined_count; i++) {
        if (joined[i]->should[0]->column != filter->column)
            continue;
        naive_add_node(&joined[i]->should, &joined[i]->should_count, filter);
        return true;
    }
    return false;
}

/* A list in the making: unsigned filters of one field are in one group of `joined`, which is among the musts. */
struct list {
    struct node *group, **joined;
    size_t joined_count;
};

static void add_clause(struct naive_search *search, struct list *list, const struct query *clause, const char *field, bool positive)
{
    bool out = excluded(clause);
    struct node *group = list->group, *node = lower(search, clause, field, positive && !out);
    if (!node)
        return;
    if (out) {
        naive_add_node(&group->not, &group->not_count, node);
    } else if (clause->sign == '+' && !clause->negated) {
        naive_add_node(&group->must, &group->must_count, node);
    } else if (node->kind == NODE_FILTER) {
        if (!join_filter(list->joined, list->joined_count, node)) {
            struct node *any = naive_node(NODE_GROUP);
            any->filters_only = true;
            naive_add_node(&any->should, &any->should_count, node);
            naive_add_node(&list->joined, &list->joined_count, any);
            naive_add_node(&group->must, &group->must_count, any);
        }
    } else if (node->filters_only) {
        naive_add_node(&group->must, &group->must_count, node);
    } else {
        naive_add_node(&group->should, &group->should_count, node);
    }
}

static bool all_excluded(const struct query *chain)
{
    bool all = chain->kind == QUERY_AND;
    for (size_t i = 0; all && i < chain->count; i++)
        all = excluded(chain->children[i]);
    return all;
}

static struct node *lower_list(struct naive_search *search, const struct query *query, const char *field, bool positive)
{
    struct list list = {naive_node(NODE_GROUP), NULL, 0};
    for (size_t i = 0; i < query->count; i++) {
        const struct query *clause = query->children[i];
        for (size_t side = 0; clause->kind == QUERY_OR && side < clause->count; side++)
            if (clause->children[side]->sign)
                add_clause(search, &list, clause->children[side], field, positive);
        if (all_excluded(clause))
            lower_chain(search, clause, field, positive, list.group);
        else
            add_clause(search, &list, clause, field, positive);
    }
    free(list.joined);
    struct node *node = finish_group(list.group);
    /* One filter alone is a filter, for the list around. */
    if (node && node->kind == NODE_GROUP && !node->must_count && !node->not_count && node->should_count == 1)
        return finish_group(node);
    return node;
}

static struct node *lower(struct naive_search *search, const struct query *query, const char *field, bool positive)
{
    struct node *group;
    field = query->field ? query->field : field;
    switch (query->kind) {
    case QUERY_LIST:
        return lower_list(search, query, field, positive);
    case QUERY_OR:
        return lower_either(search, query, field, positive);
    case QUERY_AND:
        group = naive_node(NODE_GROUP);
        lower_chain(search, query, field, positive, group);
        return finish_group(group);
    default:
        break;
    }
    if (naive_column(field))
        return naive_filter_node(search, query, naive_column(field));
    if (search->other_words && is_stop_word(search, query))
        return NULL;
    return naive_text_node(search, query, field != NULL, positive);
}

/* ---- Scores ---- */

static struct verdict judge(const struct naive_search *search, const struct node *node, size_t p)
{
    const struct passage *passage = &search->naive->passages[p];
    struct verdict verdict = {false, 0}, part;
    if (node->kind == NODE_LEAF) {
        double tf = node->leaf->tf[p], average = search->naive->average_length;
        double norm = search->k1 * (1 - search->b + search->b * (average > 0 ? passage->length / average : 1));
        verdict.matches = tf > 0;
        verdict.score = tf > 0 ? node->leaf->idf * tf / (tf + norm) : 0;
        return verdict;
    }
    if (node->kind == NODE_FILTER)
        return (struct verdict){node->articles[passage->article], 0};
    bool words_wanted = false, any = false;
    for (size_t i = 0; i < node->must_count; i++) {
        part = judge(search, node->must[i], p);
        if (!part.matches)
            return (struct verdict){false, 0};
        verdict.score += part.score;
        words_wanted |= !node->must[i]->filters_only;
    }
    for (size_t i = 0; i < node->should_count; i++) {
        part = judge(search, node->should[i], p);
        any |= part.matches;
        if (node->kind == NODE_BEST)
            verdict.score = part.score > verdict.score ? part.score : verdict.score;
        else
            verdict.score += part.score;
    }
    for (size_t i = 0; i < node->not_count; i++)
        if (judge(search, node->not [i], p).matches)
            return (struct verdict){false, 0};
    verdict.matches = any || !node->should_count || words_wanted;
    if (!verdict.matches)
        verdict.score = 0;
    return verdict;
}

struct naive_search *naive_search(struct naive *naive, struct query *query, double k1, double b)
{
    struct naive_search *search = calloc(1, sizeof *search);
    search->naive = naive;
    search->k1 = k1;
    search->b = b;
    rf_tokens_init(&search->tokens, &rf_malloc_allocator);
    find_insisted(query, false);
    find_other_words(search, query, NULL, true);
    search->root = lower(search, query, NULL, true);
    search->verdicts = calloc(naive->passage_count + 1, sizeof *search->verdicts);
    for (size_t p = 0; search->root && p < naive->passage_count; p++)
        search->verdicts[p] = judge(search, search->root, p);
    return search;
}

void naive_search_release(struct naive_search *search)
{
    for (size_t i = 0; i < search->leaf_count; i++) {
        for (size_t s = 0; s < search->leaves[i]->count; s++)
            free(search->leaves[i]->slots[s].bytes);
        free(search->leaves[i]->slots);
        free(search->leaves[i]->tf);
        free(search->leaves[i]);
    }
    free(search->leaves);
    free(search->verdicts);
    release_node(search->root);
    rf_tokens_release(&search->tokens);
    free(search);
}

const struct verdict *naive_verdicts(const struct naive_search *search) { return search->verdicts; }

/* The library's weights are whole numbers whose sum is at least 2^29, and each word's score is one too: two roundings a word. */
double naive_tolerance(const struct naive_search *search, double score)
{
    double sum = 0;
    size_t words = 0;
    for (size_t i = 0; i < search->leaf_count; i++) {
        if (!search->leaves[i]->positive)
            continue;
        sum += search->leaves[i]->idf;
        words++;
    }
    double grain = ldexp(sum, -29);
    if (grain < ldexp(1, -40))
        grain = ldexp(1, -40);
    return 1e-6 * score + grain * (double)words;
}
