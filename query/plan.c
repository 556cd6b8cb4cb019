/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * From the syntax tree to a plan. The rules:
 *
 * - A word searches its stem. What is several words to the index (60-70, wi-fi, U.S.) is the phrase of them, or the joined form where
 *   the index has one (wifi, us), whichever is better. A quoted phrase is its surface forms, without joined ones.
 * - A run of Han, Kana or Hangul is the phrase of its bigrams. The index holds the last character of each run alone too: the phrase
 *   drops it at its own end, where the text may go on, and keeps it elsewhere, where the run has to end. A single character stands
 *   for every term that starts with it.
 * - Stop words neither choose nor score where the query holds any other word that could.
 * - Filters side by side with words restrict them; filters of one field side by side are alternatives.
 */
#include "query/plan.h"

#include <stdio.h>

struct builder {
    struct rf_plan *plan;
    const riffle_index *index;
    struct rf_language *language;
    struct rf_arena *arena;
    struct rf_tokens tokens;
    struct rf_buffer text; /* scratch */
    struct rf_buffer left_out;
    bool strict;
    bool other_words; /* words that could choose and are no stop words */
    bool cut;
    uint32_t slots, expanded;
    struct rf_leaf **last_leaf;
    struct rf_filter **last_filter;
    riffle_status status; /* sticks: after a failure the rest of the tree is passed over */
    riffle_error *error;
};

enum field_kind { FIELD_NONE, FIELD_TITLE, FIELD_ID, FIELD_COLUMN };

static void *fail_memory(struct builder *b)
{
    if (!b->status)
        b->status = rf_fail_memory(b->error);
    return NULL;
}

static void *alloc_array(struct builder *b, size_t count, size_t size)
{
    void *memory = rf_arena_array(b->arena, count, size);
    return memory ? memory : fail_memory(b);
}

static struct rf_bytes keep(struct builder *b, const void *data, size_t n)
{
    char *copy = rf_arena_copy(b->arena, data, n);
    if (!copy)
        fail_memory(b);
    return (struct rf_bytes){copy ? copy : "", copy ? n : 0};
}

static struct rf_bytes keep_text(struct builder *b)
{
    if (b->text.failed)
        fail_memory(b);
    return keep(b, b->text.data, b->text.failed ? 0 : b->text.size);
}

/* Adds to what the reading says was left out; what is there already is not said again. */
static void leave_out(struct builder *b, const char *what, size_t n)
{
    const struct rf_buffer *list = &b->left_out;
    for (size_t at = 0, length; at < list->size; at += length + strlen(", ")) {
        const uint8_t *comma = memchr(list->data + at, ',', list->size - at);
        length = (comma ? (size_t)(comma - list->data) : list->size) - at;
        if (length == n && memcmp(list->data + at, what, n) == 0)
            return;
    }
    if (list->size)
        rf_buffer_printf(&b->left_out, ", ");
    rf_buffer_append(&b->left_out, what, n);
}

static bool equals(const struct rf_buffer *text, const char *name)
{
    return text->size == strlen(name) && memcmp(text->data, name, text->size) == 0;
}

static enum field_kind field_kind(struct builder *b, const char *name, size_t n, const struct rf_index_field **field)
{
    *field = NULL;
    if (!name)
        return FIELD_NONE;
    b->text.size = 0;
    rf_fold(&b->text, name, n);
    if (b->text.failed) {
        fail_memory(b);
        return FIELD_NONE;
    }
    if (equals(&b->text, "title"))
        return FIELD_TITLE;
    if (equals(&b->text, "id"))
        return FIELD_ID;
    *field = rf_index_find_field(b->index, (const char *)b->text.data, b->text.size);
    return *field ? FIELD_COLUMN : FIELD_NONE;
}

static bool is_field(void *context, const char *name, size_t n)
{
    const struct rf_index_field *field;
    return field_kind(context, name, n, &field) != FIELD_NONE;
}

static bool tokenize(struct builder *b, const struct rf_syntax *leaf)
{
    if (!rf_tokenize(&b->tokens, leaf->text, leaf->length))
        fail_memory(b);
    return !b->status;
}

static bool is_filter(struct builder *b, const struct rf_syntax *leaf)
{
    const struct rf_index_field *field;
    enum field_kind kind = field_kind(b, leaf->field, leaf->field_length, &field);
    return kind == FIELD_ID || kind == FIELD_COLUMN;
}

/* Finds the stop words, and whether there is any other word. */
static void mark_stop_words(struct builder *b, struct rf_syntax *node, bool positive)
{
    if (node->kind == RF_SYNTAX_GROUP) {
        for (struct rf_syntax *child = node->children; child && !b->status; child = child->next)
            mark_stop_words(b, child, positive && child->role != RF_MUST_NOT);
        return;
    }
    if (is_filter(b, node) || !tokenize(b, node))
        return;
    const struct rf_tokens *tokens = &b->tokens;
    if (node->kind == RF_SYNTAX_WORD && !node->prefix && !node->plus && tokens->count == 1) {
        const struct rf_token *token = &tokens->list[0];
        node->stop = rf_is_stop_word(b->language, rf_token_term(tokens, token), token->term_length);
    }
    if (positive && tokens->count && !node->stop)
        b->other_words = true;
}

/* ---- Leaves ---- */

static struct rf_node *new_node(struct builder *b, enum rf_node_kind kind)
{
    struct rf_node *node = alloc_array(b, 1, sizeof *node);
    if (node)
        node->kind = kind;
    return node;
}

/* Weighs the leaf, and appends it to the plan's. */
static struct rf_node *finish_leaf(struct builder *b, struct rf_leaf *leaf, bool title, bool positive)
{
    struct rf_node *node = new_node(b, RF_NODE_LEAF);
    if (!node || b->status)
        return NULL;
    leaf->title = title;
    leaf->positive = positive;
    for (uint32_t i = 0; i < leaf->slot_count; i++)
        leaf->weight += rf_idf(b->index->docs, leaf->slots[i].df);
    *b->last_leaf = leaf;
    b->last_leaf = &leaf->next;
    leaf->number = b->plan->leaf_count++;
    node->leaf = leaf;
    return node;
}

/* At most `count` slots are left: a phrase that passes the limit of words is cut. */
static struct rf_leaf *new_leaf(struct builder *b, enum rf_leaf_kind kind, size_t count)
{
    if (count > RF_QUERY_WORDS - b->slots) {
        b->cut = true;
        count = RF_QUERY_WORDS - b->slots;
    }
    struct rf_leaf *leaf = count ? alloc_array(b, 1, sizeof *leaf) : NULL;
    if (!leaf)
        return NULL;
    leaf->kind = kind;
    leaf->slot_count = (uint32_t)count;
    leaf->slots = alloc_array(b, count, sizeof *leaf->slots);
    b->slots += (uint32_t)count;
    return leaf->slots ? leaf : NULL;
}

static void find_word(struct builder *b, struct rf_slot *slot, bool title, const char *term, size_t n)
{
    char key[RF_KEY_MAX];
    size_t at = 0;
    if (title)
        key[at++] = RF_PREFIX_TITLE;
    memcpy(key + at, term, n);
    slot->keys = alloc_array(b, 1, sizeof *slot->keys);
    if (!slot->keys)
        return;
    slot->key_count = 1;
    slot->keys[0] = keep(b, key, at + n);
    if (!b->status)
        b->status = rf_slot_find(slot, b->index, false, false, b->arena, b->error);
}

static void find_stem(struct builder *b, struct rf_slot *slot, bool title, const char *term, size_t n)
{
    const char *stem, *again;
    size_t length, again_length, at = 0;
    char key[RF_KEY_MAX];
    if (!rf_stem(b->language, term, n, &stem, &length)) {
        fail_memory(b);
        return;
    }
    key[at++] = RF_PREFIX_STEM;
    if (title)
        key[at++] = RF_PREFIX_TITLE;
    if (length > sizeof key - at)
        length = sizeof key - at;
    memcpy(key + at, stem, length);
    if (!rf_stem(b->language, key + at, length, &again, &again_length)) {
        fail_memory(b);
        return;
    }
    bool fixed = again_length == length && memcmp(again, key + at, length) == 0;
    slot->keys = alloc_array(b, 1, sizeof *slot->keys);
    if (!slot->keys)
        return;
    slot->key_count = 1;
    slot->keys[0] = keep(b, key, at + length);
    if (!b->status)
        b->status = rf_slot_find(slot, b->index, true, fixed, b->arena, b->error);
}

static void find_prefix(struct builder *b, struct rf_slot *slot, bool title, const char *term, size_t n)
{
    char key[RF_KEY_MAX];
    size_t at = 0;
    if (title)
        key[at++] = RF_PREFIX_TITLE;
    memcpy(key + at, term, n);
    uint32_t most = RF_EXPANSIONS - b->expanded;
    bool cut = false;
    if (b->status)
        return;
    b->status = rf_slot_expand(slot, b->index, key, at + n, most < RF_EXPANSION ? most : RF_EXPANSION, &cut, b->arena, b->error);
    b->expanded += slot->key_count;
    if (cut) {
        char rare[RF_KEY_MAX + 20];
        int length = snprintf(rare, sizeof rare, "rare words with %.*s*", (int)n, term);
        leave_out(b, rare, (size_t)length);
    }
}

/* A leaf of one word: a token's folded bytes. */
static struct rf_node *word_leaf(struct builder *b, const struct rf_syntax *syntax, const struct rf_token *token, bool title,
                                 bool positive)
{
    const char *term = rf_token_term(&b->tokens, token);
    size_t n = token->term_length;
    bool character = token->flags & RF_TOKEN_RUN_LAST, quoted = syntax->kind == RF_SYNTAX_PHRASE;
    bool prefix = syntax->prefix && !(token->flags & RF_TOKEN_CJK);
    bool stem = !character && !quoted && !prefix && !(token->flags & RF_TOKEN_CJK);
    struct rf_leaf *leaf = new_leaf(b, stem ? RF_LEAF_STEM : RF_LEAF_WORD, 1);
    if (!leaf)
        return NULL;
    struct rf_slot *slot = &leaf->slots[0];
    slot->first_character_only = character;
    leaf->insisted = stem && rf_is_stop_word(b->language, term, n);
    b->text.size = 0;
    const char *quote = quoted && !character ? "\"" : "";
    rf_buffer_printf(&b->text, "%s%s%.*s%s%s", title ? "title:" : "", quote, (int)n, term, quote, prefix ? "*" : "");
    leaf->shown = keep_text(b);
    if (stem)
        find_stem(b, slot, title, term, n);
    else if (character || prefix)
        find_prefix(b, slot, title, term, n);
    else
        find_word(b, slot, title, term, n);
    return finish_leaf(b, leaf, title, positive);
}

/* The phrase as it can be typed: words between blanks, CJK runs as they stood. */
static struct rf_bytes show_phrase(struct builder *b, const struct rf_syntax *syntax, const struct rf_token *const *parts,
                                   size_t count, bool title)
{
    bool prefix = syntax->prefix && !(parts[count - 1]->flags & RF_TOKEN_CJK);
    b->text.size = 0;
    rf_buffer_printf(&b->text, "%s%s", title ? "title:" : "", prefix ? "" : "\"");
    for (size_t i = 0; i < count; i++) {
        if (i)
            rf_buffer_append_byte(&b->text, prefix ? '/' : ' '); /* a slash holds words together and joins none */
        if (!(parts[i]->flags & RF_TOKEN_CJK)) {
            rf_buffer_append(&b->text, rf_token_term(&b->tokens, parts[i]), parts[i]->term_length);
            continue;
        }
        uint32_t start = parts[i]->start;
        while (i + 1 < count && parts[i + 1]->flags & RF_TOKEN_CJK && !(parts[i + 1]->flags & RF_TOKEN_RUN_FIRST))
            i++;
        rf_buffer_append(&b->text, syntax->text + start, parts[i]->end - start);
    }
    rf_buffer_append_byte(&b->text, prefix ? '*' : '"');
    return keep_text(b);
}

static struct rf_node *phrase_leaf(struct builder *b, const struct rf_syntax *syntax, const struct rf_token *const *parts,
                                   size_t count, bool title, bool positive)
{
    struct rf_leaf *leaf = new_leaf(b, RF_LEAF_PHRASE, count);
    if (!leaf)
        return NULL;
    leaf->shown = show_phrase(b, syntax, parts, leaf->slot_count, title);
    for (uint32_t i = 0; i < leaf->slot_count && !b->status; i++) {
        const char *term = rf_token_term(&b->tokens, parts[i]);
        size_t n = parts[i]->term_length;
        bool last = i + 1 == count, cjk = parts[i]->flags & RF_TOKEN_CJK;
        leaf->slots[i].first_character_only = last && parts[i]->flags & RF_TOKEN_RUN_LAST;
        if (leaf->slots[i].first_character_only || (last && syntax->prefix && !cjk))
            find_prefix(b, &leaf->slots[i], title, term, n);
        else
            find_word(b, &leaf->slots[i], title, term, n);
    }
    if (leaf->slot_count == 1)
        leaf->kind = RF_LEAF_WORD;
    return finish_leaf(b, leaf, title, positive);
}

static struct rf_node *best_of(struct builder *b, struct rf_node *first, struct rf_node *second)
{
    struct rf_node *node = new_node(b, RF_NODE_MAX);
    if (!node || !first || !second)
        return first;
    node->children = alloc_array(b, 2, sizeof(struct rf_node *));
    if (!node->children)
        return NULL;
    node->children[0] = first;
    node->children[1] = second;
    node->should_count = 2;
    node->height = 1;
    return node;
}

static struct rf_node *text_leaf(struct builder *b, const struct rf_syntax *syntax, bool title, bool positive)
{
    if (!tokenize(b, syntax))
        return NULL;
    const struct rf_tokens *tokens = &b->tokens;
    const struct rf_token **parts = alloc_array(b, tokens->count, sizeof *parts);
    const struct rf_token *joined = NULL;
    size_t count = 0, joined_count = 0;
    if (!parts)
        return NULL;
    for (size_t i = 0; i < tokens->count; i++) {
        if (tokens->list[i].flags & RF_TOKEN_JOINED) {
            joined = &tokens->list[i];
            joined_count++;
        } else {
            parts[count++] = &tokens->list[i];
        }
    }
    if (!count) {
        if (b->strict && !b->status)
            b->status = rf_fail(b->error, RIFFLE_BAD_QUERY, "query, byte %zu: no word here", syntax->at);
        return NULL;
    }
    const struct rf_token *last = parts[count - 1];
    if (last->flags & RF_TOKEN_RUN_LAST && !(last->flags & RF_TOKEN_RUN_FIRST))
        count--;
    if (count == 1)
        return word_leaf(b, syntax, parts[0], title, positive);
    struct rf_node *phrase = phrase_leaf(b, syntax, parts, count, title, positive);
    bool whole = joined_count == 1 && joined->start == parts[0]->start && joined->end == parts[count - 1]->end;
    if (!phrase || !whole || syntax->kind == RF_SYNTAX_PHRASE)
        return phrase;
    return best_of(b, phrase, word_leaf(b, syntax, joined, title, positive));
}

/* ---- Filters ---- */

static struct rf_bytes fold_part(struct builder *b, const char *text, size_t n)
{
    b->text.size = 0;
    rf_fold(&b->text, text, n);
    return keep_text(b);
}

static const char *find_range(const struct rf_syntax *syntax)
{
    for (size_t i = 0; syntax->kind == RF_SYNTAX_WORD && i + 1 < syntax->length; i++)
        if (syntax->text[i] == '.' && syntax->text[i + 1] == '.')
            return syntax->text + i;
    return NULL;
}

static struct rf_node *filter_leaf(struct builder *b, const struct rf_syntax *syntax, enum field_kind kind,
                                   const struct rf_index_field *field)
{
    static const char id_name[] = "id";
    struct rf_filter *filter = alloc_array(b, 1, sizeof *filter);
    struct rf_node *node = new_node(b, RF_NODE_FILTER);
    if (!filter || !node)
        return NULL;
    filter->field = field;
    filter->name = field ? field->name : (struct rf_bytes){id_name, sizeof id_name - 1};
    const char *dots = find_range(syntax);
    bool is_date = filter->name.length == 4 && memcmp(filter->name.data, "date", 4) == 0;
    if (kind == FIELD_ID) {
        filter->kind = RF_FILTER_ID;
        filter->low = keep(b, syntax->text, syntax->length + syntax->stars);
    } else if (dots) {
        filter->kind = RF_FILTER_RANGE;
        filter->low = fold_part(b, syntax->text, (size_t)(dots - syntax->text));
        filter->high = fold_part(b, dots + 2, syntax->length - (size_t)(dots + 2 - syntax->text));
    } else {
        filter->kind = is_date || syntax->prefix ? RF_FILTER_PREFIX : RF_FILTER_VALUE;
        filter->low = fold_part(b, syntax->text, syntax->length);
    }
    b->text.size = 0;
    const char *quote = syntax->kind == RF_SYNTAX_PHRASE ? "\"" : "";
    rf_buffer_printf(&b->text, "%.*s:%s", (int)filter->name.length, filter->name.data, quote);
    rf_utf8_repair(&b->text, filter->low.data, filter->low.length); /* an id is kept as its bytes are */
    if (filter->kind == RF_FILTER_RANGE) {
        rf_buffer_printf(&b->text, "..");
        rf_utf8_repair(&b->text, filter->high.data, filter->high.length);
    }
    bool star = filter->kind == RF_FILTER_PREFIX && (!is_date || !filter->low.length); /* a date needs none to be a start */
    rf_buffer_printf(&b->text, "%s%s", quote, star ? "*" : "");
    filter->shown = keep_text(b);
    *b->last_filter = filter;
    b->last_filter = &filter->next;
    filter->number = b->plan->filter_count++;
    node->filter = filter;
    node->filters_only = true;
    return node;
}

/* ---- Groups ---- */

static struct rf_node *build(struct builder *b, struct rf_syntax *syntax, bool positive);

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
static bool merge_filter(struct builder *b, struct members *musts, struct rf_node *filter)
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
        struct rf_node **children = alloc_array(b, (size_t)count + 1, sizeof(struct rf_node *));
        struct rf_node *node = new_node(b, RF_NODE_BOOL);
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

static struct rf_node *finish_group(struct builder *b, const struct members *musts, const struct members *shoulds,
                                    const struct members *nots)
{
    uint32_t count = musts->count + shoulds->count + nots->count;
    if (count == 1 && !nots->count)
        return musts->count ? musts->list[0] : shoulds->list[0];
    struct rf_node *node = count ? new_node(b, RF_NODE_BOOL) : NULL;
    if (!node)
        return NULL;
    node->children = alloc_array(b, count, sizeof(struct rf_node *));
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

static struct rf_node *build_group(struct builder *b, struct rf_syntax *syntax, bool positive)
{
    size_t count = 0;
    for (const struct rf_syntax *child = syntax->children; child; child = child->next)
        count++;
    struct members role[3] = {{NULL, 0}, {NULL, 0}, {NULL, 0}};
    for (unsigned i = 0; i < 3; i++)
        if (!(role[i].list = alloc_array(b, count, sizeof(struct rf_node *))))
            return NULL;
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

static struct rf_node *build(struct builder *b, struct rf_syntax *syntax, bool positive)
{
    if (b->status)
        return NULL;
    if (syntax->kind == RF_SYNTAX_GROUP)
        return build_group(b, syntax, positive);
    const struct rf_index_field *field;
    enum field_kind kind = field_kind(b, syntax->field, syntax->field_length, &field);
    if (kind == FIELD_ID || kind == FIELD_COLUMN)
        return filter_leaf(b, syntax, kind, field);
    if (syntax->stop && b->other_words) {
        if (tokenize(b, syntax))
            leave_out(b, rf_token_term(&b->tokens, &b->tokens.list[0]), b->tokens.list[0].term_length);
        return NULL;
    }
    return b->status ? NULL : text_leaf(b, syntax, kind == FIELD_TITLE, positive);
}

/* ---- The whole ---- */

static void weigh(struct rf_plan *plan)
{
    double sum = 0;
    for (const struct rf_leaf *leaf = plan->leaves; leaf; leaf = leaf->next)
        if (leaf->positive)
            sum += leaf->weight;
    plan->scale = rf_scale(sum);
    for (struct rf_leaf *leaf = plan->leaves; leaf; leaf = leaf->next)
        leaf->scaled_weight = leaf->positive ? rf_scaled_weight(leaf->weight, plan->scale) : 0;
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
        return;
    }
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

static void read_back(struct builder *b)
{
    /* Stop words alone count as they are; but once one is shown with a +, those without it would not. */
    bool bare = !b->other_words && !(b->plan->root && requires_stop_word(b->plan->root));
    for (struct rf_leaf *leaf = b->plan->leaves; bare && leaf; leaf = leaf->next)
        leaf->insisted = false;
    b->text.size = 0;
    if (b->plan->root)
        rf_reading_append(&b->text, b->plan->root);
    if (b->cut) {
        char rest[60];
        int length = snprintf(rest, sizeof rest, "what follows the first %d words", RF_QUERY_WORDS);
        leave_out(b, rest, (size_t)length);
    }
    if (b->left_out.failed)
        fail_memory(b);
    else if (b->left_out.size)
        rf_buffer_printf(&b->text, "%s[left out: %.*s]", b->text.size ? " " : "", (int)b->left_out.size,
                         (const char *)b->left_out.data);
    for (size_t i = 0; i < b->text.size; i++)
        if (!b->text.data[i])
            b->text.data[i] = ' '; /* a quoted value may hold a NUL, and the reading ends with one */
    b->plan->reading = keep_text(b).data;
}

riffle_status rf_plan_build(struct rf_plan *plan, const riffle_index *index, struct rf_language *language, const char *query,
                            size_t n, bool strict, struct rf_arena *arena, riffle_error *error)
{
    struct builder b = {.plan = plan, .index = index, .language = language, .arena = arena, .strict = strict, .error = error};
    rf_tokens_init(&b.tokens, &index->allocator);
    rf_buffer_init(&b.text, &index->allocator);
    rf_buffer_init(&b.left_out, &index->allocator);
    plan->index = index;
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
        mark_stop_words(&b, root, true);
        plan->root = build(&b, root, true);
        weigh(plan);
    }
    if (!b.status && strict && b.cut)
        b.status = rf_fail(error, RIFFLE_BAD_QUERY, "query: more than %d words", RF_QUERY_WORDS);
    if (!b.status)
        read_back(&b);
    if (!b.status && plan->root)
        find_costs(plan->root);
    rf_tokens_release(&b.tokens);
    rf_buffer_release(&b.text);
    rf_buffer_release(&b.left_out);
    return b.status;
}
