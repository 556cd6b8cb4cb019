/* SPDX-License-Identifier: BSD-3-Clause */
/* Leaves of the naive search, of which all occurrences are counted in all passages, and filters, with a flag for each article. */
#include <math.h>
#include <stdlib.h>
#include <strings.h>

#include "naive_tree.h"

void naive_add_node(struct node ***list, size_t *count, struct node *node)
{
    *list = realloc(*list, (*count + 1) * sizeof **list);
    (*list)[(*count)++] = node;
}

struct node *naive_node(enum node_kind kind)
{
    struct node *node = calloc(1, sizeof *node);
    node->kind = kind;
    return node;
}

/* ---- Leaves ---- */

bool naive_slot_fits(const struct slot *slot, const struct term *term)
{
    if (slot->kind == SLOT_STEM)
        return term->stem_length == slot->length && memcmp(term->stem, slot->bytes, slot->length) == 0;
    return (slot->kind == SLOT_PREFIX ? term->length >= slot->length : term->length == slot->length) &&
           memcmp(term->bytes, slot->bytes, slot->length) == 0;
}

/* For each term of the collection: does it fit? */
static bool *fitting_terms(const struct naive *naive, const struct slot *slot)
{
    bool *fits = calloc(naive->term_count + 1, sizeof *fits);
    for (size_t t = 0; t < naive->term_count; t++)
        fits[t] = naive_slot_fits(slot, &naive->terms[t]);
    return fits;
}

static const struct occurrences *occurrences_of(const struct passage *passage, bool title)
{
    return title ? &passage->title : &passage->stream;
}

/* Passages with the slot's word; of a start, the sum over its words. */
static double slot_df(const struct naive *naive, const struct slot *slot, const bool *fits, bool title)
{
    uint64_t df = 0;
    if (slot->kind != SLOT_STEM) {
        for (size_t t = 0; t < naive->term_count; t++)
            df += fits[t] ? naive->terms[t].df[title] : 0;
        return (double)(df < naive->passage_count ? df : naive->passage_count);
    }
    for (size_t p = 0; p < naive->passage_count; p++) {
        const struct occurrences *in = occurrences_of(&naive->passages[p], title);
        size_t i = 0;
        while (i < in->count && !fits[in->list[i].term])
            i++;
        df += i < in->count;
    }
    return (double)df;
}

/* Do the slots from the second on fit at the positions behind occurrence `at`? */
static bool phrase_goes_on(const struct occurrences *in, size_t at, bool *const *fits, size_t slots)
{
    uint32_t position = in->list[at].position;
    for (size_t s = 1; s < slots; s++) {
        position++;
        while (at < in->count &&
               (in->list[at].position < position || (in->list[at].position == position && !fits[s][in->list[at].term])))
            at++;
        if (at == in->count || in->list[at].position != position)
            return false;
    }
    return true;
}

static uint32_t count_occurrences(const struct occurrences *in, bool *const *fits, size_t slots)
{
    uint32_t tf = 0;
    for (size_t i = 0; i < in->count; i++)
        tf += fits[0][in->list[i].term] && phrase_goes_on(in, i, fits, slots);
    return tf;
}

/* Counts the leaf in all passages, and weighs it. */
static struct node *finish_leaf(struct naive_search *search, struct leaf *leaf, bool title, bool positive)
{
    const struct naive *naive = search->naive;
    bool **fits = calloc(leaf->count, sizeof *fits);
    leaf->title = title;
    leaf->positive = positive;
    leaf->tf = calloc(naive->passage_count + 1, sizeof *leaf->tf);
    for (size_t s = 0; s < leaf->count; s++) {
        fits[s] = fitting_terms(naive, &leaf->slots[s]);
        double n = slot_df(naive, &leaf->slots[s], fits[s], title);
        leaf->idf += log(1 + ((double)naive->passage_count - n + 0.5) / (n + 0.5));
    }
    for (size_t p = 0; p < naive->passage_count; p++)
        leaf->tf[p] = count_occurrences(occurrences_of(&naive->passages[p], title), fits, leaf->count);
    for (size_t s = 0; s < leaf->count; s++)
        free(fits[s]);
    free(fits);
    search->leaves = realloc(search->leaves, (search->leaf_count + 1) * sizeof(struct leaf *));
    search->leaves[search->leaf_count++] = leaf;
    struct node *node = naive_node(NODE_LEAF);
    node->leaf = leaf;
    return node;
}

static void add_slot(struct leaf *leaf, enum slot_kind kind, const char *bytes, size_t n)
{
    leaf->slots = realloc(leaf->slots, (leaf->count + 1) * sizeof *leaf->slots);
    leaf->slots[leaf->count++] = (struct slot){kind, strndup(bytes, n), n};
}

static void add_token(struct naive_search *search, struct leaf *leaf, const struct rf_token *token, bool last, bool quoted,
                      bool prefix, bool alone)
{
    const char *bytes = rf_token_term(&search->tokens, token), *stem;
    size_t n = token->term_length, stem_length;
    if (last && token->flags & RF_TOKEN_RUN_LAST) {
        leaf->first_character = true;
        add_slot(leaf, SLOT_PREFIX, bytes, n);
    } else if (last && prefix && !(token->flags & RF_TOKEN_CJK)) {
        add_slot(leaf, SLOT_PREFIX, bytes, n);
    } else if (alone && !quoted && !(token->flags & RF_TOKEN_CJK)) {
        rf_stem(search->naive->language, bytes, n, &stem, &stem_length);
        add_slot(leaf, SLOT_STEM, stem, stem_length);
    } else {
        add_slot(leaf, SLOT_EXACT, bytes, n);
    }
}

struct node *naive_text_node(struct naive_search *search, const struct query *query, bool title, bool positive)
{
    const struct rf_token *parts[2000], *joined = NULL;
    size_t count = 0, joined_count = 0;
    bool quoted = query->kind == QUERY_PHRASE;
    rf_tokenize(&search->tokens, query->text, strlen(query->text));
    for (size_t i = 0; i < search->tokens.count && count < 2000; i++) {
        const struct rf_token *token = &search->tokens.list[i];
        if (token->flags & RF_TOKEN_JOINED)
            joined = token, joined_count++;
        else
            parts[count++] = token;
    }
    if (!count)
        return NULL;
    /* At the phrase's end the text may go on: the last character is in the bigram before. */
    unsigned run = parts[count - 1]->flags;
    if (run & RF_TOKEN_RUN_LAST && !(run & RF_TOKEN_RUN_FIRST))
        count--;
    struct leaf *leaf = calloc(1, sizeof *leaf);
    for (size_t i = 0; i < count; i++)
        add_token(search, leaf, parts[i], i + 1 == count, quoted, query->prefix, count == 1);
    struct node *phrase = finish_leaf(search, leaf, title, positive);
    bool whole = joined_count == 1 && joined->start == parts[0]->start && joined->end == parts[count - 1]->end;
    if (quoted || !whole || count == 1)
        return phrase;
    leaf = calloc(1, sizeof *leaf);
    add_token(search, leaf, joined, true, false, query->prefix, true);
    struct node *best = naive_node(NODE_BEST);
    naive_add_node(&best->should, &best->should_count, phrase);
    naive_add_node(&best->should, &best->should_count, finish_leaf(search, leaf, title, positive));
    return best;
}

/* ---- Filters ---- */

static char *folded(const char *text, size_t n)
{
    struct rf_buffer repaired, out;
    rf_buffer_init(&repaired, &rf_malloc_allocator);
    rf_buffer_init(&out, &rf_malloc_allocator);
    rf_utf8_repair(&repaired, text, n);
    rf_fold(&out, (const char *)repaired.data, repaired.size);
    char *copy = strndup(out.size ? (const char *)out.data : "", out.size);
    rf_buffer_release(&repaired);
    rf_buffer_release(&out);
    return copy;
}

static bool starts_with(const char *text, const char *start) { return strncmp(text, start, strlen(start)) == 0; }

/* `value` is folded. */
static bool value_fits(const struct query *query, bool date, const char *value)
{
    const char *dots = query->kind == QUERY_WORD ? strstr(query->text, "..") : NULL;
    bool fits;
    if (dots) {
        char *low = folded(query->text, (size_t)(dots - query->text)), *high = folded(dots + 2, strlen(dots + 2));
        fits = strcmp(value, low) >= 0 && (!*high || strcmp(value, high) < 0 || starts_with(value, high));
        free(low);
        free(high);
        return fits;
    }
    char *wanted = folded(query->text, strlen(query->text));
    fits = date || query->prefix ? starts_with(value, wanted) : strcmp(value, wanted) == 0;
    free(wanted);
    return fits;
}

const char *naive_column(const char *field)
{
    static const char *const columns[] = {"id", "source", "date", "page", "section"};
    for (size_t i = 0; field && i < sizeof columns / sizeof *columns; i++)
        if (strcasecmp(columns[i], field) == 0)
            return columns[i];
    return NULL;
}

struct node *naive_filter_node(struct naive_search *search, const struct query *query, const char *column)
{
    const struct documents *documents = search->naive->documents;
    struct node *node = naive_node(NODE_FILTER);
    node->column = column;
    node->filters_only = true;
    node->articles = calloc(documents->count, sizeof *node->articles);
    for (size_t a = 0; a < documents->count; a++) {
        const struct article *article = &documents->articles[a];
        if (strcmp(column, "id") == 0)
            node->articles[a] = strcmp(article->id, query->text) == 0;
        for (size_t f = 0; f < article->field_count; f++) {
            if (strcasecmp(article->names[f], column) != 0 || !*article->values[f])
                continue;
            char *value = folded(article->values[f], strlen(article->values[f]));
            node->articles[a] |= value_fits(query, strcmp(column, "date") == 0, value);
            free(value);
        }
    }
    return node;
}
