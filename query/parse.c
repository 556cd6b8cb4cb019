/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The grammar, read by descent (at most RF_QUERY_DEPTH deep):
 *
 *     list         = { alternatives }                     side by side: any of them, more is better; + and - as written
 *     alternatives = chain { "OR" chain }
 *     chain        = operand { "AND" operand }
 *     operand      = { "NOT" } [ "+" | "-" ] [ name ":" ] ( word | quoted | "(" list ")" )
 *
 * Whatever does not fit is left out or read as words, and is doubt: an error in strict mode. What cannot be told apart is decided
 * for the reading that finds what the words say: an operator without its operand is dropped, an open quote or parenthesis ends
 * with the query, + and - keep their meaning for the whole list even beside OR.
 */
#include "query/parse.h"

#include "text/text.h"

enum piece { PIECE_END, PIECE_SPACE, PIECE_OPEN, PIECE_CLOSE, PIECE_QUOTE, PIECE_TEXT };
enum token { TOKEN_END, TOKEN_OPEN, TOKEN_CLOSE, TOKEN_QUOTE, TOKEN_AND, TOKEN_OR, TOKEN_NOT, TOKEN_SIGN, TOKEN_WORD };

struct parser {
    const char *text;
    size_t n, at;
    size_t token_end; /* of the token that `peek` saw at `at` */
    bool seen;        /* nothing has changed since, and the token was this */
    enum token token;
    bool fresh;      /* the start, white space or an opening parenthesis lies right before `at`: + and - count here */
    bool words_only; /* AND, OR and NOT are words */
    bool operators;  /* one of them was seen */
    bool cut;
    unsigned depth, ignored_open;
    size_t leaves;
    const char *field; /* of the parentheses around */
    size_t field_length;
    const struct rf_parse_options *options;
    struct rf_arena *arena;
    riffle_status status;
    riffle_error *error;
};

/* Only the first doubt is reported; the parser then goes on to the end, which is as good as stopping. */
static void doubt(struct parser *p, size_t at, const char *what)
{
    if (p->options->strict && p->status == RIFFLE_OK)
        p->status = rf_fail(p->error, RIFFLE_BAD_QUERY, "query, byte %zu: %s", at, what);
}

/* ASCII that is text, as nearly all of a query is. */
static bool is_plain_text(char c) { return c > ' ' && c < 0x7f && c != '(' && c != ')' && c != '"'; }

/* White space, parentheses and quotes cut the query; everything else is text. */
static enum piece piece_at(const struct parser *p, size_t at, size_t *end)
{
    if (at >= p->n)
        return PIECE_END;
    uint8_t byte = (uint8_t)p->text[at];
    *end = at + 1;
    if (is_plain_text(p->text[at]))
        return PIECE_TEXT;
    if (byte <= ' ' || byte == 0x7f)
        return PIECE_SPACE;
    if (byte == '(')
        return PIECE_OPEN;
    if (byte == ')')
        return PIECE_CLOSE;
    if (byte == '"')
        return PIECE_QUOTE;
    uint32_t c;
    *end = (size_t)(rf_utf8_next(p->text + at, p->text + p->n, &c) - p->text);
    if (c == 0x85 || c == 0xa0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 || c == 0x202f ||
        c == 0x205f || c == 0x3000)
        return PIECE_SPACE;
    if (c == 0xab || c == 0xbb || (c >= 0x201c && c <= 0x201f) || c == 0xff02)
        return PIECE_QUOTE;
    return PIECE_TEXT;
}

static bool is_sign(char c) { return c == '+' || c == '-'; }

static enum token keyword(const struct parser *p, size_t at, size_t end)
{
    size_t n = end - at;
    if (p->words_only)
        return TOKEN_WORD;
    if (n == 3 && memcmp(p->text + at, "AND", 3) == 0)
        return TOKEN_AND;
    if (n == 2 && memcmp(p->text + at, "OR", 2) == 0)
        return TOKEN_OR;
    if (n == 3 && memcmp(p->text + at, "NOT", 3) == 0)
        return TOKEN_NOT;
    return TOKEN_WORD;
}

static size_t end_of_text(const struct parser *p, size_t at)
{
    size_t end = at;
    do {
        at = end;
        while (end < p->n && is_plain_text(p->text[end]))
            at = ++end;
    } while (piece_at(p, at, &end) == PIECE_TEXT);
    return at;
}

static enum token look(struct parser *p)
{
    for (;;) {
        size_t end = p->at;
        enum piece piece = piece_at(p, p->at, &end);
        p->token_end = end;
        switch (piece) {
        case PIECE_END:
            return TOKEN_END;
        case PIECE_SPACE:
            p->at = end;
            p->fresh = true;
            continue;
        case PIECE_OPEN:
            if (p->depth < RF_QUERY_DEPTH)
                return TOKEN_OPEN;
            doubt(p, p->at, "parentheses are nested too deeply");
            p->ignored_open++;
            p->at = end;
            p->fresh = true;
            continue;
        case PIECE_CLOSE:
            if (!p->ignored_open && p->depth)
                return TOKEN_CLOSE;
            if (p->ignored_open)
                p->ignored_open--;
            else
                doubt(p, p->at, "a ) without its (");
            p->at = end;
            p->fresh = false;
            continue;
        case PIECE_QUOTE:
            return TOKEN_QUOTE;
        case PIECE_TEXT:
            break;
        }
        if (!p->fresh || !is_sign(p->text[p->at])) {
            p->token_end = end_of_text(p, p->at);
            return keyword(p, p->at, p->token_end);
        }
        size_t signs = 1;
        while (p->at + signs < p->n && is_sign(p->text[p->at + signs]))
            signs++;
        enum piece behind = piece_at(p, p->at + signs, &end);
        bool before_operand = behind == PIECE_TEXT || behind == PIECE_QUOTE || behind == PIECE_OPEN;
        if (signs == 1 && before_operand) {
            p->token_end = p->at + 1;
            return TOKEN_SIGN;
        }
        doubt(p, p->at, before_operand ? "more than one + or - before a word" : "a + or - that stands before no word");
        p->at += signs;
        p->fresh = false;
    }
}

/* The token at `at`, after passing over white space and what means nothing. */
static enum token peek(struct parser *p)
{
    if (!p->seen)
        p->token = look(p);
    p->seen = true;
    return p->token;
}

static void consume(struct parser *p)
{
    p->seen = false;
    p->at = p->token_end;
    p->fresh = false;
}

static struct rf_syntax *new_node(struct parser *p, enum rf_syntax_kind kind)
{
    struct rf_syntax *node = rf_arena_alloc(p->arena, sizeof *node);
    if (!node) {
        if (p->status == RIFFLE_OK)
            p->status = rf_fail_memory(p->error);
        p->n = p->at; /* ends the parse */
        p->seen = false;
        return NULL;
    }
    node->kind = kind;
    node->at = p->at;
    return node;
}

/* NULL where there are too many: the query ends here. */
static struct rf_syntax *new_leaf(struct parser *p, enum rf_syntax_kind kind, const char *field, size_t field_length)
{
    if (p->leaves == RF_QUERY_WORDS) {
        doubt(p, p->at, "too many words");
        p->cut = true;
        p->n = p->at;
        p->seen = false;
        return NULL;
    }
    p->leaves++;
    struct rf_syntax *leaf = new_node(p, kind);
    if (leaf) {
        leaf->field = field;
        leaf->field_length = field_length;
    }
    return leaf;
}

/* A typographic quote is closed by any quote, a plain one only by a plain one, so that it may hold typographic ones. */
static struct rf_syntax *parse_quoted(struct parser *p, const char *field, size_t field_length)
{
    struct rf_syntax *leaf = new_leaf(p, RF_SYNTAX_PHRASE, field, field_length);
    if (!leaf)
        return NULL;
    bool plain = p->text[p->at] == '"';
    size_t at = p->token_end, end = at;
    leaf->text = p->text + at;
    for (;;) {
        while (at < p->n && (is_plain_text(p->text[at]) || p->text[at] == ' '))
            at++;
        enum piece piece = piece_at(p, at, &end);
        if (piece == PIECE_END) {
            doubt(p, leaf->at, "a quote that is never closed");
            p->token_end = at;
            break;
        }
        if (piece == PIECE_QUOTE && (!plain || p->text[at] == '"')) {
            p->token_end = end;
            break;
        }
        at = end;
    }
    leaf->length = (size_t)(p->text + at - leaf->text);
    if (!field && memchr(leaf->text, '*', leaf->length))
        doubt(p, leaf->at, "a * means nothing in quotes");
    consume(p);
    if (p->at < p->n && (p->text[p->at] == '~' || p->text[p->at] == '^'))
        doubt(p, p->at, "~ and ^ mean nothing after a phrase");
    return leaf;
}

static struct rf_syntax *parse_list(struct parser *p);

static struct rf_syntax *parse_parentheses(struct parser *p, const char *field, size_t field_length)
{
    size_t opened = p->at;
    const char *outer_field = p->field;
    size_t outer_length = p->field_length;
    consume(p);
    p->fresh = true;
    p->field = field;
    p->field_length = field_length;
    p->depth++;
    struct rf_syntax *node = parse_list(p);
    if (peek(p) == TOKEN_CLOSE)
        consume(p);
    else
        doubt(p, opened, "a ( without its )");
    p->depth--;
    p->field = outer_field;
    p->field_length = outer_length;
    if (!node)
        doubt(p, opened, "nothing in parentheses");
    return node;
}

static bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
static bool is_digit(char c) { return c >= '0' && c <= '9'; }

/* Does a character of a word end at `end`? */
static bool ends_word(const char *text, size_t end)
{
    size_t start = end;
    while (start && end - start < 4) {
        start--;
        if (((uint8_t)text[start] & 0xc0) != 0x80)
            break;
    }
    uint32_t c = 0;
    return start < end && rf_utf8_next(text + start, text + end, &c) == text + end && rf_is_word_character(c);
}

/* What a word holds that looks like a wish for more than this language has. */
static void doubt_word(struct parser *p, const struct rf_syntax *leaf)
{
    const char *text = leaf->text;
    size_t n = leaf->length;
    if (memchr(text, '*', n))
        doubt(p, leaf->at, "a * counts at the end of a word only");
    for (size_t i = 1; i < n; i++) {
        if (text[i] == '?' && i + 1 < n && is_letter(text[i - 1]) && is_letter(text[i + 1]))
            doubt(p, leaf->at, "a ? stands for no letter");
        bool tail = text[i] == '~' || text[i] == '^';
        for (size_t j = i + 1; tail && j < n; j++)
            tail = is_digit(text[j]) || text[j] == '.';
        if (tail)
            doubt(p, leaf->at, "~ and ^ mean nothing after a word");
    }
}

static struct rf_syntax *parse_word(struct parser *p)
{
    enum { NAME_MAX = 200 };
    size_t start = p->at, end = p->token_end;
    const char *name = p->text + start;
    size_t longest = end - start < NAME_MAX ? end - start : NAME_MAX;
    const char *colon = memchr(name, ':', longest);
    const char *field = p->field;
    size_t field_length = p->field_length;
    if (colon && colon > name) {
        size_t name_length = (size_t)(colon - name), after = start + name_length + 1, piece_end;
        enum piece behind = piece_at(p, after, &piece_end);
        bool named = behind == PIECE_TEXT || behind == PIECE_QUOTE || behind == PIECE_OPEN;
        if (named && p->options->is_field(p->options->context, name, name_length)) {
            p->at = after;
            p->seen = false;
            p->token_end = behind == PIECE_TEXT ? end : piece_end;
            if (behind == PIECE_QUOTE)
                return parse_quoted(p, name, name_length);
            if (behind == PIECE_OPEN && p->depth < RF_QUERY_DEPTH)
                return parse_parentheses(p, name, name_length);
            field = name;
            field_length = name_length;
            start = after;
        } else if (is_letter(*name)) {
            doubt(p, start, named ? "there is no field of this name" : "a : without anything behind it");
        }
    }
    struct rf_syntax *leaf = new_leaf(p, RF_SYNTAX_WORD, field, field_length);
    if (!leaf)
        return NULL;
    leaf->text = p->text + start;
    leaf->length = end - start;
    p->token_end = end;
    consume(p);
    size_t n = leaf->length;
    while (n && leaf->text[n - 1] == '*')
        n--;
    /* A value of metadata may end in anything before the star, or be nothing; a word only ends in a letter or digit. */
    if (n < leaf->length && (field || ends_word(leaf->text, n))) {
        leaf->prefix = true;
        leaf->stars = leaf->length - n;
        leaf->length = n;
    }
    if (!field && p->options->strict) /* values of metadata may hold anything */
        doubt_word(p, leaf);
    return leaf;
}

/* NULL: no operand here. It may have been passed over; what then stands at `at` is the caller's to see. */
static struct rf_syntax *parse_operand(struct parser *p)
{
    bool negated = false, plus = false, minus = false;
    size_t at = p->at;
    enum token token = peek(p);
    for (; token == TOKEN_NOT; token = peek(p)) {
        p->operators = true;
        negated = !negated;
        at = p->at;
        consume(p);
    }
    if (token == TOKEN_SIGN) {
        plus = p->text[p->at] == '+';
        minus = !plus;
        if (negated)
            doubt(p, p->at, "a + or - after NOT");
        consume(p);
        token = peek(p);
        if (token == TOKEN_AND || token == TOKEN_OR || token == TOKEN_NOT)
            token = TOKEN_WORD; /* a sign makes a word of it */
    }
    struct rf_syntax *node = NULL;
    if (token == TOKEN_OPEN)
        node = parse_parentheses(p, p->field, p->field_length);
    else if (token == TOKEN_QUOTE)
        node = parse_quoted(p, p->field, p->field_length);
    else if (token == TOKEN_WORD)
        node = parse_word(p);
    else if (negated)
        doubt(p, at, "NOT without a word behind it");
    if (node) {
        node->must = plus && !negated;
        node->plus |= node->must;
        node->minus = minus;
        node->negated = negated;
    }
    return node;
}

/* Passes over AND or OR, and over any more of them. */
static void consume_operators(struct parser *p)
{
    p->operators = true;
    consume(p);
    for (enum token token = peek(p); token == TOKEN_AND || token == TOKEN_OR; token = peek(p)) {
        doubt(p, p->at, "AND or OR after AND or OR");
        consume(p);
    }
}

static void append(struct rf_syntax *group, struct rf_syntax *child, enum rf_role role)
{
    child->role = role;
    child->next = NULL;
    if (group->last)
        group->last->next = child;
    else
        group->children = child;
    group->last = child;
}

static bool excluded(const struct rf_syntax *node) { return node->minus != node->negated; }

static struct rf_syntax *parse_chain(struct parser *p)
{
    struct rf_syntax *first = parse_operand(p), *group = NULL;
    while (first && peek(p) == TOKEN_AND) {
        size_t at = p->at;
        consume_operators(p);
        struct rf_syntax *next = parse_operand(p);
        if (!next) {
            doubt(p, at, "AND without a word on both sides");
            continue;
        }
        if (!group) {
            group = new_node(p, RF_SYNTAX_GROUP);
            if (!group)
                return NULL;
            group->at = first->at;
            group->all_negated = excluded(first);
            group->must = first->must;
            append(group, first, excluded(first) ? RF_MUST_NOT : RF_MUST);
        }
        group->all_negated &= excluded(next);
        group->must |= next->must;
        append(group, next, excluded(next) ? RF_MUST_NOT : RF_MUST);
    }
    return group ? group : first;
}

static void add_clause(struct rf_syntax *list, struct rf_syntax *clause)
{
    if (!clause->all_negated) {
        append(list, clause, excluded(clause) ? RF_MUST_NOT : clause->must ? RF_MUST : RF_SHOULD);
        return;
    }
    /* NOT a AND NOT b beside other words takes both away from them. */
    for (struct rf_syntax *child = clause->children, *next; child; child = next) {
        next = child->next;
        append(list, child, RF_MUST_NOT);
    }
}

/* One side of an OR. `apart`: it stands behind something that is no part of the OR. false: no memory. */
static bool add_alternative(struct parser *p, struct rf_syntax *list, struct rf_syntax *group, struct rf_syntax *node, bool apart)
{
    if (node->must || node->minus || (apart && node->negated)) {
        doubt(p, node->at, "+, - or a NOT of its own beside OR");
        add_clause(list, node);
        return true;
    }
    if (excluded(node)) {
        struct rf_syntax *others = new_node(p, RF_SYNTAX_GROUP); /* everything but the node */
        if (!others)
            return false;
        others->at = node->at;
        append(others, node, RF_MUST_NOT);
        node = others;
    }
    append(group, node, RF_SHOULD);
    return true;
}

/* Adds chains joined by OR to the list. false: no memory. */
static bool parse_alternatives(struct parser *p, struct rf_syntax *list)
{
    bool apart = list->children != NULL;
    struct rf_syntax *first = parse_chain(p), *group = NULL;
    while (first && peek(p) == TOKEN_OR) {
        size_t at = p->at;
        consume_operators(p);
        struct rf_syntax *next = parse_chain(p);
        if (!next) {
            doubt(p, at, "OR without a word on both sides");
            continue;
        }
        if (!group) {
            group = new_node(p, RF_SYNTAX_GROUP);
            if (!group)
                return false;
            group->at = first->at;
            group->explicit_or = true;
            if (!add_alternative(p, list, group, first, apart))
                return false;
        }
        if (!add_alternative(p, list, group, next, false))
            return false;
    }
    if (group && group->children)
        append(list, group, RF_SHOULD);
    else if (!group && first)
        add_clause(list, first);
    return true;
}

static struct rf_syntax *parse_list(struct parser *p)
{
    struct rf_syntax *list = new_node(p, RF_SYNTAX_GROUP);
    if (!list)
        return NULL;
    for (enum token token = peek(p); token != TOKEN_END && token != TOKEN_CLOSE; token = peek(p)) {
        if (token == TOKEN_AND || token == TOKEN_OR) {
            doubt(p, p->at, "AND or OR without a word on both sides");
            consume_operators(p);
        } else if (!parse_alternatives(p, list)) {
            return NULL;
        }
    }
    struct rf_syntax *only = list->children;
    if (!only)
        return NULL;
    if (only->next || only->role == RF_MUST_NOT)
        return list;
    only->role = RF_SHOULD;
    only->must = only->minus = only->negated = false;
    return only;
}

riffle_status rf_parse(const char *query, size_t n, const struct rf_parse_options *options, struct rf_arena *arena,
                       struct rf_syntax **root, bool *cut, riffle_error *error)
{
    struct parser p = {
        .text = query, .n = n, .fresh = true, .options = options, .arena = arena, .status = RIFFLE_OK, .error = error};
    *root = NULL;
    *cut = false;
    if (n > RF_QUERY_BYTES) {
        doubt(&p, RF_QUERY_BYTES, "the query is too long");
        p.n = RF_QUERY_BYTES;
    }
    *root = parse_list(&p);
    if (!*root && p.operators && p.status == RIFFLE_OK) {
        /* Nothing but operators: then they are what is looked for. */
        p.words_only = p.fresh = true;
        p.at = p.depth = p.ignored_open = 0;
        p.seen = false;
        *root = parse_list(&p);
    }
    *cut = p.cut;
    return p.status;
}
