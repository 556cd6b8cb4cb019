/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * From the syntax tree to a plan: fields, stop words, groups and weights; the leaves have a file of their own. The rules:
 *
 * - Stop words neither choose nor score where the query holds any other word that could.
 * - Filters side by side with words restrict them; filters of one field side by side are alternatives.
 */
#include <stdio.h>

#include "query/builder.h"

enum field_kind { FIELD_NONE, FIELD_TITLE, FIELD_ID, FIELD_COLUMN };

static bool equals(const struct rf_buffer *text, const char *name)
{
    return text->size == strlen(name) && memcmp(text->data, name, text->size) == 0;
}

static enum field_kind field_kind(struct rf_builder *b, const char *name, size_t n, const struct rf_field **field)
{
    *field = NULL;
    if (!name)
        return FIELD_NONE;
    b->words->text.size = 0;
    rf_fold(&b->words->text, name, n);
    if (b->words->text.failed) {
        rf_builder_fail_memory(b);
        return FIELD_NONE;
    }
    if (equals(&b->words->text, "title"))
        return FIELD_TITLE;
    if (equals(&b->words->text, "id"))
        return FIELD_ID;
    for (size_t i = 0; i < b->view->facts.field_count && !*field; i++) {
        const struct rf_bytes *known = &b->view->facts.fields[i].name;
        if (rf_compare(known->data, known->length, b->words->text.data, b->words->text.size) == 0)
            *field = &b->view->facts.fields[i];
    }
    return *field ? FIELD_COLUMN : FIELD_NONE;
}

static bool is_field(void *context, const char *name, size_t n)
{
    const struct rf_field *field;
    return field_kind(context, name, n, &field) != FIELD_NONE;
}

static bool is_filter(struct rf_builder *b, const struct rf_syntax *leaf)
{
    const struct rf_field *field;
    enum field_kind kind = field_kind(b, leaf->field, leaf->field_length, &field);
    return kind == FIELD_ID || kind == FIELD_COLUMN;
}

/* Finds the stop words, and whether there is any other word. */
static void mark_stop_words(struct rf_builder *b, struct rf_syntax *node, bool positive)
{
    if (node->kind == RF_SYNTAX_GROUP) {
        for (struct rf_syntax *child = node->children; child && !b->status; child = child->next)
            mark_stop_words(b, child, positive && child->role != RF_MUST_NOT);
        return;
    }
    if (is_filter(b, node) || !rf_builder_tokenize(b, node))
        return;
    const struct rf_tokens *tokens = &b->words->tokens;
    if (node->kind == RF_SYNTAX_WORD && !node->prefix && !node->plus && tokens->count == 1) {
        const struct rf_token *token = &tokens->list[0];
        node->stop = rf_is_stop_word(b->words->language, rf_token_term(tokens, token), token->term_length);
    }
    if (positive && tokens->count && !node->stop)
        b->other_words = true;
}

/* ---- Groups ---- */

static struct rf_node *build(struct rf_builder *b, struct rf_syntax *syntax, bool positive);

struct members {
    struct rf_node **list;
    uint32_t count;
};

static void raise_height(struct rf_node *node, const struct rf_node *child)
{
    if (node->height <= child->height)
        node->height = child->height + 1;
}

/* Filters of one field that stand side by side become alternatives. */
static bool merge_filter(struct rf_builder *b, struct members *musts, struct rf_node *filter)
{
    for (uint32_t i = 0; i < musts->count; i++) {
        struct rf_node *other = musts->list[i];
        bool merged = other->kind == RF_NODE_BOOL;
        if (!other->loose)
            continue;
        const struct rf_node *bare = merged ? other->children[0] : other;
        if (bare->kind != RF_NODE_FILTER || bare->filter->field != filter->filter->field)
            continue;
        uint32_t count = merged ? other->should_count : 1;
        struct rf_node **children = rf_builder_array(b, (size_t)count + 1, sizeof(struct rf_node *));
        struct rf_node *node = rf_builder_node(b, RF_NODE_BOOL);
        if (!children || !node)
            return true;
        memcpy(children, merged ? other->children : &other, count * sizeof *children);
        children[count] = filter;
        *node = (struct rf_node){.kind = RF_NODE_BOOL,
                                 .children = children,
                                 .should_count = count + 1,
                                 .any = true,
                                 .filters_only = true,
                                 .loose = true,
                                 .height = 1};
        musts->list[i] = node;
        return true;
    }
    return false;
}

static struct rf_node *finish_group(struct rf_builder *b, const struct members *musts, const struct members *shoulds,
                                    const struct members *nots)
{
    uint32_t count = musts->count + shoulds->count + nots->count;
    if (count == 1 && !nots->count)
        return musts->count ? musts->list[0] : shoulds->list[0];
    struct rf_node *node = count ? rf_builder_node(b, RF_NODE_BOOL) : NULL;
    if (!node)
        return NULL;
    node->children = rf_builder_array(b, count, sizeof(struct rf_node *));
    if (!node->children)
        return NULL;
    node->must_count = musts->count;
    node->should_count = shoulds->count;
    node->not_count = nots->count;
    if (musts->count)
        memcpy(node->children, musts->list, musts->count * sizeof *musts->list);
    if (shoulds->count)
        memcpy(node->children + musts->count, shoulds->list, shoulds->count * sizeof *shoulds->list);
    if (nots->count)
        memcpy(node->children + musts->count + shoulds->count, nots->list, nots->count * sizeof *nots->list);
    node->filters_only = true;
    node->any = shoulds->count > 0;
    for (uint32_t i = 0; i < count; i++) {
        node->filters_only &= node->children[i]->filters_only;
        if (i < musts->count && !node->children[i]->filters_only)
            node->any = false;
        raise_height(node, node->children[i]);
    }
    return node;
}

static struct rf_node *build_group(struct rf_builder *b, struct rf_syntax *syntax, bool positive)
{
    size_t count = 0;
    for (const struct rf_syntax *child = syntax->children; child; child = child->next)
        count++;
    struct rf_node **lists = rf_builder_array(b, 3 * count, sizeof(struct rf_node *));
    if (!lists)
        return NULL;
    struct members role[3] = {{lists, 0}, {lists + count, 0}, {lists + 2 * count, 0}};
    for (struct rf_syntax *child = syntax->children; child && !b->status; child = child->next) {
        struct rf_node *node = build(b, child, positive && child->role != RF_MUST_NOT);
        if (!node)
            continue;
        enum rf_role to = child->role;
        node->loose = to == RF_SHOULD && node->kind == RF_NODE_FILTER;
        if (to == RF_SHOULD && node->filters_only && !syntax->explicit_or) {
            if (node->loose && merge_filter(b, &role[RF_MUST], node))
                continue;
            to = RF_MUST;
        }
        role[to].list[role[to].count++] = node;
    }
    return b->status ? NULL : finish_group(b, &role[RF_MUST], &role[RF_SHOULD], &role[RF_MUST_NOT]);
}

static struct rf_node *build(struct rf_builder *b, struct rf_syntax *syntax, bool positive)
{
    if (b->status)
        return NULL;
    if (syntax->kind == RF_SYNTAX_GROUP)
        return build_group(b, syntax, positive);
    const struct rf_field *field;
    enum field_kind kind = field_kind(b, syntax->field, syntax->field_length, &field);
    if (kind == FIELD_ID || kind == FIELD_COLUMN)
        return rf_builder_filter(b, syntax, field);
    if (syntax->stop && b->other_words) {
        if (rf_builder_tokenize(b, syntax))
            rf_builder_leave_out(b, rf_token_term(&b->words->tokens, &b->words->tokens.list[0]),
                                 b->words->tokens.list[0].term_length);
        return NULL;
    }
    return b->status ? NULL : rf_builder_text(b, syntax, kind == FIELD_TITLE, positive);
}

/* ---- The whole ---- */

/* Looks all words up, and weighs the leaves. */
static void find_words(struct rf_builder *b)
{
    b->status = b->view->engine->find(b->view->view, b->plan->leaves, b->arena, b->error);
    for (struct rf_leaf *leaf = b->plan->leaves; !b->status && leaf; leaf = leaf->next)
        for (uint32_t i = 0; i < leaf->slot_count; i++)
            leaf->weight += rf_idf(b->view->facts.docs, leaf->slots[i].df);
}

/* Children in the order of their costs, within their roles. Sums of scores are whole numbers, so that order changes none. */
static void order_by_cost(struct rf_node **list, uint32_t count)
{
    for (uint32_t i = 1; i < count; i++) {
        struct rf_node *node = list[i];
        uint32_t at = i;
        for (; at && list[at - 1]->cost > node->cost; at--)
            list[at] = list[at - 1];
        list[at] = node;
    }
}

static void find_costs(struct rf_node *node)
{
    const uint64_t phrase = 1ull << 40;
    if (node->kind == RF_NODE_LEAF) {
        node->cost = node->leaf->kind == RF_LEAF_PHRASE ? phrase : 0;
        for (uint32_t i = 0; i < node->leaf->slot_count; i++)
            node->cost += node->leaf->slots[i].df;
    }
    if (node->kind == RF_NODE_LEAF || node->kind == RF_NODE_FILTER)
        return;
    uint32_t count = node->must_count + node->should_count + node->not_count;
    for (uint32_t i = 0; i < count; i++) {
        find_costs(node->children[i]);
        node->cost += node->children[i]->cost;
    }
    order_by_cost(node->children, node->must_count);
    order_by_cost(node->children + node->must_count + node->should_count, node->not_count);
}

static bool requires_stop_word(const struct rf_node *node)
{
    uint32_t count = node->must_count + node->should_count + node->not_count;
    bool found = false;
    for (uint32_t i = 0; i < count && !found; i++) {
        const struct rf_node *child = node->children[i];
        found = child->kind == RF_NODE_LEAF ? i < node->must_count && child->leaf->insisted : requires_stop_word(child);
    }
    return found;
}

static void say_left_out(struct rf_builder *b)
{
    const struct rf_buffer *left_out = &b->words->left_out;
    rf_builder_say(b, b->words->text.size ? " [left out: " : "[left out: ");
    rf_buffer_append(&b->words->text, left_out->data, left_out->size);
    rf_builder_say(b, "]");
}

static void read_back(struct rf_builder *b)
{
    /* Stop words alone count as they are; but once one is shown with a +, those without it would not. */
    bool bare = !b->other_words && !(b->plan->root && requires_stop_word(b->plan->root));
    for (struct rf_leaf *leaf = b->plan->leaves; bare && leaf; leaf = leaf->next)
        leaf->insisted = false;
    b->words->text.size = 0;
    if (b->plan->root)
        rf_reading_append(&b->words->text, b->plan->root);
    char rest[60];
    if (b->cut)
        rf_builder_leave_out(b, rest, (size_t)snprintf(rest, sizeof rest, "what follows the first %d words", RF_QUERY_WORDS));
    else if (b->too_long)
        rf_builder_leave_out(b, rest, (size_t)snprintf(rest, sizeof rest, "what follows byte %d", RF_QUERY_BYTES));
    if (b->words->left_out.failed)
        rf_builder_fail_memory(b);
    else if (b->words->left_out.size)
        say_left_out(b);
    struct rf_buffer *text = &b->words->text;
    for (uint8_t *nul; text->size && (nul = memchr(text->data, 0, text->size));)
        *nul = ' '; /* a quoted value may hold a NUL, and the reading ends with one */
    b->plan->reading = rf_builder_keep_text(b).data;
}

bool rf_words_init(struct rf_words *words, const struct rf_language *language, const riffle_allocator *allocator)
{
    rf_tokens_init(&words->tokens, allocator);
    rf_buffer_init(&words->text, allocator);
    rf_buffer_init(&words->left_out, allocator);
    return !rf_language_copy(&words->language, language, allocator, NULL);
}

void rf_words_release(struct rf_words *words)
{
    rf_language_close(words->language);
    rf_tokens_release(&words->tokens);
    rf_buffer_release(&words->text);
    rf_buffer_release(&words->left_out);
}

static void trim(struct rf_buffer *buffer, size_t most)
{
    if (buffer->failed || buffer->capacity > most)
        rf_buffer_release(buffer);
}

void rf_words_trim(struct rf_words *words, size_t most)
{
    if (words->tokens.terms.failed || words->tokens.terms.capacity > most ||
        words->tokens.capacity * sizeof *words->tokens.list > most)
        rf_tokens_release(&words->tokens);
    trim(&words->text, most);
    trim(&words->left_out, most);
}

riffle_status rf_plan_build(struct rf_plan *plan, const struct rf_view *view, struct rf_words *words, const char *query, size_t n,
                            bool strict, struct rf_arena *arena, riffle_error *error)
{
    struct rf_builder b = {.plan = plan, .view = view, .words = words, .arena = arena, .strict = strict, .error = error};
    words->left_out.size = 0;
    b.too_long = n > RF_QUERY_BYTES;
    plan->root = NULL;
    plan->leaves = NULL;
    plan->filters = NULL;
    plan->leaf_count = plan->filter_count = 0;
    b.last_leaf = &plan->leaves;
    b.last_filter = &plan->filters;
    const struct rf_parse_options options = {strict, is_field, &b};
    struct rf_syntax *root;
    riffle_status status = rf_parse(query, n, &options, arena, &root, &b.cut, error);
    if (!b.status)
        b.status = status;
    if (!b.status && root) {
        if (rf_has_stop_words(words->language))
            mark_stop_words(&b, root, true);
        plan->root = build(&b, root, true);
        if (!b.status)
            find_words(&b);
    }
    if (!b.status && strict && b.cut)
        b.status = rf_fail(error, RIFFLE_BAD_QUERY, "query: more than %d words", RF_QUERY_WORDS);
    if (!b.status)
        read_back(&b);
    if (!b.status && plan->root)
        find_costs(plan->root);
    return b.status;
}
