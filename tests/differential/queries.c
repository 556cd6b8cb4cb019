/* SPDX-License-Identifier: BSD-3-Clause */
/* Random queries of every kind that the grammar has. */
#include "queries.h"

#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "text/text.h"

static struct query *new_query(enum query_kind kind)
{
    struct query *query = calloc(1, sizeof *query);
    query->kind = kind;
    return query;
}

static void add(struct query *parent, struct query *child)
{
    parent->children = realloc(parent->children, (parent->count + 1) * sizeof *parent->children);
    parent->children[parent->count++] = child;
}

void query_release(struct query *query)
{
    for (size_t i = 0; i < query->count; i++)
        query_release(query->children[i]);
    free(query->children);
    free(query->text);
    free(query);
}

/* ---- Words ---- */

static bool is_blank(uint32_t c) { return c <= ' ' || c == 0x7f || c == 0x3000; }

/* Quotes, parentheses, blanks, and bytes that are no UTF-8. */
static bool cuts_words(uint32_t c)
{
    return is_blank(c) || c == '"' || c == '(' || c == ')' || (c >= 0x201c && c <= 0x201f) || c == 0xab || c == 0xbb ||
           c == 0xff02 || c == 0xfffd;
}

/* Is it one word to the query language, and no operator, sign or star? */
static bool is_plain_word(const char *word, size_t n)
{
    static const char *const operators[] = {"AND", "OR", "NOT"};
    if (!n || word[0] == '+' || word[0] == '-' || word[n - 1] == '*' || word[n - 1] == ':')
        return false;
    for (size_t i = 0; i < 3; i++)
        if (strlen(operators[i]) == n && memcmp(operators[i], word, n) == 0)
            return false;
    for (const char *p = word; p < word + n;) {
        uint32_t c;
        p = rf_utf8_next(p, word + n, &c);
        if (cuts_words(c))
            return false;
    }
    return true;
}

/* [start, end): some words of the text of an article or its title, cut at white space. */
static const char *pick_stretch(const struct documents *documents, struct random *random, size_t words, size_t *length)
{
    const struct article *article = &documents->articles[random_below(random, documents->count)];
    const char *text = chance(random, 25) ? article->title : article->text, *end = text + strlen(text);
    const char *start = text + random_below(random, strlen(text) + 1);
    while (start > text && start[-1] != ' ')
        start--;
    const char *at = start;
    for (; words; words--) {
        while (at < end && *at == ' ')
            at++;
        while (at < end && *at != ' ')
            at++;
    }
    *length = (size_t)(at - start);
    return start;
}

/* A copy, but for what goes on for longer than a query may. */
static char *copy_word(const char *word, size_t n)
{
    for (size_t most = 300; n > most; n = most)
        while (((uint8_t)word[most] & 0xc0) == 0x80)
            most--;
    return strndup(word, n);
}

static char *pick_word(const struct documents *documents, struct random *random)
{
    size_t n;
    const char *word = documents_word(documents, random);
    if (chance(random, 25)) {
        word = pick_stretch(documents, random, 1, &n);
        if (is_plain_word(word, n))
            return copy_word(word, n);
        word = documents_word(documents, random);
    }
    if (chance(random, 4))
        word = chance(random, 50) ? "absent" : chance(random, 50) ? "!!" : "\xEB\xAC\xB4\xEB\x8B\xA8\xEC\xA0\x84";
    n = strlen(word);
    if (chance(random, 5)) { /* its first character: often of Han, Kana or Hangul */
        uint32_t c;
        n = (size_t)(rf_utf8_next(word, word + n, &c) - word);
    }
    return is_plain_word(word, n) ? strndup(word, n) : strdup("of");
}

static char *pick_phrase(const struct documents *documents, struct random *random)
{
    struct rf_buffer out;
    size_t n, words = 1 + random_size(random, 4);
    rf_buffer_init(&out, &rf_malloc_allocator);
    if (chance(random, 70)) {
        const char *stretch = pick_stretch(documents, random, words, &n);
        for (size_t i = 0; i < n; i++)
            rf_buffer_append_byte(&out, stretch[i] == '"' ? ' ' : (uint8_t)stretch[i]);
    } else {
        for (size_t i = 0; i < words; i++)
            rf_buffer_printf(&out, "%s%s", i ? chance(random, 90) ? " " : "-" : "", documents_word(documents, random));
    }
    char *text = copy_word(out.size ? (const char *)out.data : "", out.size);
    rf_buffer_release(&out);
    return text;
}

/* Cuts it behind one of its characters. */
static void cut(char *text, struct random *random)
{
    size_t n = strlen(text), end = n ? 1 + random_below(random, n) : 0;
    while (end < n && ((uint8_t)text[end] & 0xc0) == 0x80)
        end++;
    while (end && text[end - 1] == '*') /* which would make a start of it */
        end--;
    text[end] = 0;
}

static bool ends_in_word_character(const char *text)
{
    uint32_t last = ' ';
    for (const char *p = text, *end = p + strlen(p); p < end;)
        p = rf_utf8_next(p, end, &last);
    return rf_is_word_character(last);
}

/* ---- Filters ---- */

static char *pick_value(const struct documents *documents, struct random *random, const char **field)
{
    static const char *const spelled[][3] = {
        {"source", "SOURCE", "Source"}, {"date", "date", "Date"}, {"page", "Page", "page"}, {"section", "section", "Section"}};
    const struct article *article = &documents->articles[random_below(random, documents->count)];
    if (!article->field_count || chance(random, 15)) {
        *field = chance(random, 80) ? "id" : "Id";
        return strdup(article->id);
    }
    size_t which = random_below(random, article->field_count);
    if (!*article->values[which]) { /* as if there were none */
        *field = "id";
        return strdup("");
    }
    for (size_t i = 0; i < 4; i++)
        if (strcasecmp(spelled[i][0], article->names[which]) == 0)
            *field = spelled[i][random_below(random, 3)];
    return strdup(article->values[which]);
}

static struct query *make_filter(const struct documents *documents, struct random *random)
{
    const char *field = NULL;
    struct query *filter = new_query(QUERY_WORD);
    char *value = pick_value(documents, random, &field), range[300];
    bool id = strcasecmp(field, "id") == 0;
    filter->field = field;
    if (!id && chance(random, 40)) {
        cut(value, random);
        filter->prefix = chance(random, 70);
    } else if (!id && chance(random, 30)) {
        snprintf(range, sizeof range, "%s..%s", chance(random, 80) ? value : "", chance(random, 80) ? value : "2019");
        free(value);
        value = strdup(range);
    }
    filter->text = value;
    if (!is_plain_word(value, strlen(value)) || chance(random, 20)) {
        filter->kind = QUERY_PHRASE;
        filter->prefix = false;
    }
    return filter;
}

/* source:(a b): the field of the parentheses is that of the words in them. */
static struct query *make_filter_list(const struct documents *documents, struct random *random)
{
    struct query *list = new_query(QUERY_LIST), *filter = make_filter(documents, random);
    list->field = filter->field;
    filter->field = NULL;
    add(list, filter);
    for (size_t n = random_below(random, 3); n; n--) {
        filter = make_filter(documents, random);
        if (strcasecmp(filter->field, list->field) == 0)
            filter->field = NULL;
        add(list, filter);
    }
    return list;
}

/* ---- Trees ---- */

enum { DEPTH_MAX = 4 };

static struct query *make_list(const struct documents *documents, struct random *random, unsigned depth, size_t most);

static struct query *make_atom(const struct documents *documents, struct random *random, unsigned depth)
{
    unsigned what = (unsigned)random_below(random, 100);
    struct query *query;
    if (what < 12)
        return what < 2 ? make_filter_list(documents, random) : make_filter(documents, random);
    if (what < 24 && depth < DEPTH_MAX) {
        query = make_list(documents, random, depth + 1, 3);
    } else if (what < 45) {
        query = new_query(QUERY_PHRASE);
        query->text = pick_phrase(documents, random);
    } else {
        query = new_query(QUERY_WORD);
        query->text = pick_word(documents, random);
        if (chance(random, 10))
            cut(query->text, random);
        query->prefix = chance(random, 10) && ends_in_word_character(query->text);
    }
    if (chance(random, 10))
        query->field = chance(random, 80) ? "title" : "Title";
    return query;
}

static struct query *make_operand(const struct documents *documents, struct random *random, unsigned depth, unsigned excluded)
{
    struct query *query = make_atom(documents, random, depth);
    if (chance(random, excluded)) {
        if (chance(random, 50))
            query->negated = true;
        if (!query->negated || chance(random, 10))
            query->sign = '-';
    }
    return query;
}

static struct query *make_chain(const struct documents *documents, struct random *random, unsigned depth)
{
    struct query *chain = new_query(QUERY_AND);
    for (size_t n = 2 + random_below(random, 2); n; n--)
        add(chain, make_operand(documents, random, depth, 20));
    return chain;
}

/* One side of an OR. A + or - belongs to the list around it. */
static struct query *make_alternative(const struct documents *documents, struct random *random, unsigned depth, bool may_exclude)
{
    if (chance(random, 20))
        return make_chain(documents, random, depth);
    struct query *query = make_atom(documents, random, depth);
    query->negated = may_exclude && chance(random, 10);
    if (!query->negated && chance(random, 8))
        query->sign = chance(random, 50) ? '+' : '-';
    return query;
}

static struct query *make_clause(const struct documents *documents, struct random *random, unsigned depth, bool first)
{
    unsigned what = (unsigned)random_below(random, 100);
    if (what < 12)
        return make_chain(documents, random, depth);
    if (what < 24) {
        struct query *either = new_query(QUERY_OR);
        add(either, make_alternative(documents, random, depth, first));
        for (size_t n = 1 + random_below(random, 3); n; n--)
            add(either, make_alternative(documents, random, depth, true));
        return either;
    }
    struct query *query = make_operand(documents, random, depth, 12);
    if (!query->sign && !query->negated && chance(random, 15))
        query->sign = '+';
    return query;
}

static struct query *make_list(const struct documents *documents, struct random *random, unsigned depth, size_t most)
{
    struct query *list = new_query(QUERY_LIST);
    size_t count = random_size(random, most);
    for (size_t i = 0; i < count; i++)
        add(list, make_clause(documents, random, depth, i == 0));
    return list;
}

struct query *query_make(const struct documents *documents, struct random *random)
{
    return make_list(documents, random, 0, chance(random, 5) ? 20 : 5);
}

/* ---- Printing ---- */

static void print_blank(struct rf_buffer *out, struct random *random)
{
    static const char *const others[] = {"  ", "\t", "\n", "\xE3\x80\x80", "\xC2\xA0"};
    rf_buffer_printf(out, "%s", chance(random, 95) ? " " : others[random_below(random, 5)]);
}

static void print_node(struct rf_buffer *out, const struct query *query, struct random *random);

static void print_joined(struct rf_buffer *out, const struct query *query, const char *between, struct random *random)
{
    for (size_t i = 0; i < query->count; i++) {
        if (i) {
            print_blank(out, random);
            if (*between) {
                rf_buffer_printf(out, "%s", between);
                print_blank(out, random);
            }
        }
        print_node(out, query->children[i], random);
    }
}

static void print_node(struct rf_buffer *out, const struct query *query, struct random *random)
{
    if (query->kind == QUERY_AND || query->kind == QUERY_OR) {
        print_joined(out, query, query->kind == QUERY_AND ? "AND" : "OR", random);
        return;
    }
    if (query->negated) {
        rf_buffer_printf(out, "NOT");
        print_blank(out, random);
    }
    if (query->sign)
        rf_buffer_append_byte(out, (uint8_t)query->sign);
    if (query->field)
        rf_buffer_printf(out, "%s:", query->field);
    switch (query->kind) {
    case QUERY_LIST:
        rf_buffer_append_byte(out, '(');
        print_joined(out, query, "", random);
        rf_buffer_append_byte(out, ')');
        break;
    case QUERY_PHRASE:
        rf_buffer_printf(out, "\"%s\"", query->text);
        break;
    default:
        rf_buffer_printf(out, "%s%s", query->text, query->prefix ? "*" : "");
    }
}

void query_print(struct rf_buffer *out, const struct query *query, struct random *random) { print_joined(out, query, "", random); }

/* ---- Bytes ---- */

void query_make_bytes(struct rf_buffer *out, const struct documents *documents, struct random *random)
{
    static const char *const pieces[] = {"(",        ")",    "\"",     "+",       "-",   " AND ", " OR ", "NOT ", " ",
                                         "*",        ":",    "title:", "date:",   "..",  "~2",    "^3",   "\\",   "\xE2\x80\x9C",
                                         "\xC2\xBB", "\xFF", "\n",     "source:", "id:", "?"};
    if (chance(random, 50)) {
        struct query *query = query_make(documents, random);
        query_print(out, query, random);
        query_release(query);
        for (size_t n = 1 + random_below(random, 5); n && out->size; n--) {
            size_t at = random_below(random, out->size);
            if (chance(random, 60))
                out->data[at] =
                    chance(random, 50) ? (uint8_t)random_next(random) : (uint8_t) "()\"+-: *AND"[random_below(random, 11)];
            else
                memmove(out->data + at, out->data + at + 1, --out->size - at);
        }
        return;
    }
    for (size_t n = random_size(random, 30); n; n--) {
        if (chance(random, 50))
            rf_buffer_printf(out, "%s", pieces[random_below(random, sizeof pieces / sizeof *pieces)]);
        else if (chance(random, 90))
            rf_buffer_printf(out, "%s%s", documents_word(documents, random), chance(random, 80) ? " " : "");
        else
            rf_buffer_append_byte(out, (uint8_t)random_next(random));
    }
}
