/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A query against all passages. The query's tree becomes one of leaves (words and phrases, of which all occurrences are counted in
 * all passages first), filters (a flag for each article) and groups, and is then asked passage by passage.
 */
#include "naive.h"

#include <math.h>
#include <stdlib.h>
#include <strings.h>

enum slot_kind { SLOT_EXACT, SLOT_STEM, SLOT_PREFIX };

/* A place of a phrase, or a word. */
struct slot {
    enum slot_kind kind;
    char *bytes; /* the word, stem or start */
    size_t length;
};

struct leaf {
    struct slot *slots;
    size_t count;
    bool title, positive;
    bool first_character; /* the last slot is one character of Han, Kana or Hangul, found wherever it stands */
    double idf;
    uint32_t *tf; /* per passage */
};

enum node_kind { NODE_LEAF, NODE_FILTER, NODE_BEST, NODE_GROUP };

struct node {
    enum node_kind kind;
    struct leaf *leaf;
    const char *column; /* FILTER: canonical name, one of a few constants */
    bool *articles;     /* FILTER: the chosen ones */
    struct node **must, **should, **not;
    size_t must_count, should_count, not_count;
    bool filters_only;
};

struct naive_search {
    struct naive *naive;
    double k1, b;
    struct rf_tokens tokens;
    struct leaf **leaves;
    size_t leaf_count;
    struct node *root;
    bool other_words;
    struct verdict *verdicts;
};

static void add_node(struct node ***list, size_t *count, struct node *node)
{
    *list = realloc(*list, (*count + 1) * sizeof **list);
    (*list)[(*count)++] = node;
}

static struct node *new_node(enum node_kind kind)
{
    struct node *node = calloc(1, sizeof *node);
    node->kind = kind;
    return node;
}

static void release_node(struct node *node)
{
    if (!node)
        return;
    for (size_t i = 0; i < node->must_count; i++)
        release_node(node->must[i]);
    for (size_t i = 0; i < node->should_count; i++)
        release_node(node->should[i]);
    for (size_t i = 0; i < node->not_count; i++)
        release_node(node->not[i]);
    free(node->must);
    free(node->should);
    free(node->not);
    free(node->articles);
    free(node);
}

/* ---- Leaves ---- */

static bool slot_fits(const struct slot *slot, const struct term *term)
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
        fits[t] = slot_fits(slot, &naive->terms[t]);
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
        while (at < in->count && (in->list[at].position < position || (in->list[at].position == position && !fits[s][in->list[at].term])))
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
    struct node *node = new_node(NODE_LEAF);
    node->leaf = leaf;
    return node;
}

static void add_slot(struct leaf *leaf, enum slot_kind kind, const char *bytes, size_t n)
{
    leaf->slots = realloc(leaf->slots, (leaf->count + 1) * sizeof *leaf->slots);
    leaf->slots[leaf->count++] = (struct slot){kind, strndup(bytes, n), n};
}

static void add_token(struct naive_search *search, struct leaf *leaf, const struct rf_token *token, bool last, bool quoted, bool prefix,
                      bool alone)
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

/* The leaf, or both, of a word or a phrase; NULL where it holds no word. */
static struct node *lower_text(struct naive_search *search, const struct query *query, bool title, bool positive)
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
    struct node *best = new_node(NODE_BEST);
    add_node(&best->should, &best->should_count, phrase);
    add_node(&best->should, &best->should_count, finish_leaf(search, leaf, title, positive));
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

/* The metadata fields that documents.c knows, and id; NULL for all others. */
static const char *column_of(const char *field)
{
    static const char *const columns[] = {"id", "source", "date", "page", "section"};
    for (size_t i = 0; field && i < sizeof columns / sizeof *columns; i++)
        if (strcasecmp(columns[i], field) == 0)
            return columns[i];
    return NULL;
}

static struct node *lower_filter(struct naive_search *search, const struct query *query, const char *column)
{
    const struct documents *documents = search->naive->documents;
    struct node *node = new_node(NODE_FILTER);
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
    return search->tokens.count == 1 && rf_is_stop_word(search->naive->language, rf_token_term(&search->tokens, search->tokens.list),
                                                        search->tokens.list[0].term_length);
}

static void find_other_words(struct naive_search *search, const struct query *query, const char *field, bool positive)
{
    field = query->field ? query->field : field;
    positive = positive && !excluded(query);
    for (size_t i = 0; i < query->count; i++)
        find_other_words(search, query->children[i], field, positive);
    if (query->text && positive && !column_of(field) && !is_stop_word(search, query)) {
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
        group->filters_only &= group->not[i]->filters_only;
    return group;
}

static struct node *lower(struct naive_search *search, const struct query *query, const char *field, bool positive);

static void lower_chain(struct naive_search *search, const struct query *chain, const char *field, bool positive, struct node *group)
{
    for (size_t i = 0; i < chain->count; i++) {
        bool out = excluded(chain->children[i]);
        struct node *node = lower(search, chain->children[i], field, positive && !out);
        if (node && out)
            add_node(&group->not, &group->not_count, node);
        else if (node)
            add_node(&group->must, &group->must_count, node);
    }
}

static struct node *lower_either(struct naive_search *search, const struct query *either, const char *field, bool positive)
{
    struct node *group = new_node(NODE_GROUP);
    for (size_t i = 0; i < either->count; i++) {
        if (either->children[i]->sign) /* which is the list's */
            continue;
        bool out = excluded(either->children[i]);
        struct node *node = lower(search, either->children[i], field, positive && !out);
        if (node && out) { /* everything else */
            struct node *others = new_node(NODE_GROUP);
            add_node(&others->not, &others->not_count, node);
            node = finish_group(others);
        }
        if (node)
            add_node(&group->should, &group->should_count, node);
    }
    return finish_group(group);
}

/* A filter without a sign joins those of its field in the list: any of them. */
static bool join_filter(struct node **joined, size_t joined_count, struct node *filter)
{
    for (size_t i = 0; i < joined_count; i++) {
        if (joined[i]->should[0]->column != filter->column)
            continue;
        add_node(&joined[i]->should, &joined[i]->should_count, filter);
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
        add_node(&group->not, &group->not_count, node);
    } else if (clause->sign == '+' && !clause->negated) {
        add_node(&group->must, &group->must_count, node);
    } else if (node->kind == NODE_FILTER) {
        if (!join_filter(list->joined, list->joined_count, node)) {
            struct node *any = new_node(NODE_GROUP);
            any->filters_only = true;
            add_node(&any->should, &any->should_count, node);
            add_node(&list->joined, &list->joined_count, any);
            add_node(&group->must, &group->must_count, any);
        }
    } else if (node->filters_only) {
        add_node(&group->must, &group->must_count, node);
    } else {
        add_node(&group->should, &group->should_count, node);
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
    struct list list = {new_node(NODE_GROUP), NULL, 0};
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
        group = new_node(NODE_GROUP);
        lower_chain(search, query, field, positive, group);
        return finish_group(group);
    default:
        break;
    }
    if (column_of(field))
        return lower_filter(search, query, column_of(field));
    if (search->other_words && is_stop_word(search, query))
        return NULL;
    return lower_text(search, query, field != NULL, positive);
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
        if (judge(search, node->not[i], p).matches)
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

/* ---- Matches ---- */

static int by_start(const void *a, const void *b)
{
    const riffle_range *x = a, *y = b;
    if (x->start != y->start)
        return x->start < y->start ? -1 : 1;
    return (x->end > y->end) - (x->end < y->end);
}

static bool token_fits(struct naive_search *search, const struct slot *slot, const struct rf_tokens *tokens, size_t at)
{
    const struct rf_token *token = &tokens->list[at];
    struct term term = {.bytes = (char *)rf_token_term(tokens, token), .length = token->term_length};
    const char *stem;
    if (slot->kind == SLOT_STEM) {
        rf_stem(search->naive->language, term.bytes, term.length, &stem, &term.stem_length);
        term.stem = (char *)stem;
    }
    return slot_fits(slot, &term);
}

void naive_matches(struct naive_search *search, const char *text, size_t n, bool in_title, riffle_range **ranges, size_t *count)
{
    struct rf_tokens *tokens = &search->tokens;
    riffle_range *list = NULL;
    size_t found = 0, capacity = 0;
    rf_tokenize(tokens, text, n);
    for (size_t i = 0; i < search->leaf_count; i++) {
        const struct leaf *leaf = search->leaves[i];
        for (size_t first = 0; leaf->positive && (in_title || !leaf->title) && first < tokens->count; first++) {
            if (!token_fits(search, &leaf->slots[0], tokens, first))
                continue;
            /* The next position starts behind the next token that is not joined. */
            size_t at = first, slot = 1;
            for (; slot < leaf->count; slot++) {
                while (tokens->list[at].flags & RF_TOKEN_JOINED)
                    at++;
                at++;
                if (at < tokens->count && !token_fits(search, &leaf->slots[slot], tokens, at) &&
                    tokens->list[at].flags & RF_TOKEN_JOINED)
                    at++;
                if (at >= tokens->count || !token_fits(search, &leaf->slots[slot], tokens, at))
                    break;
            }
            if (slot < leaf->count)
                continue;
            rf_grow(&rf_malloc_allocator, (void **)&list, &capacity, found + 1, sizeof *list);
            uint32_t c, end = tokens->list[at].end;
            if (leaf->first_character)
                end = (uint32_t)(rf_utf8_next(text + tokens->list[at].start, text + n, &c) - text);
            list[found++] = (riffle_range){tokens->list[first].start, end};
        }
    }
    if (found)
        qsort(list, found, sizeof *list, by_start);
    *count = 0;
    for (size_t i = 0; i < found; i++) {
        riffle_range *last = *count ? &list[*count - 1] : NULL;
        if (last && list[i].start < last->end)
            last->end = list[i].end > last->end ? list[i].end : last->end;
        else
            list[(*count)++] = list[i];
    }
    *ranges = list;
}
