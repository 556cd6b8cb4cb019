/* SPDX-License-Identifier: BSD-3-Clause */
/* The query language: how queries are read, that every byte string is one, and what strict mode refuses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "query/parse.h"

static bool is_field(void *context, const char *name, size_t n)
{
    (void)context;
    return (n == 5 && memcmp(name, "title", n) == 0) || (n == 4 && memcmp(name, "date", n) == 0);
}

/* The tree as text: groups in brackets, members with + or -, OR groups with |. */
static void print(struct rf_buffer *out, const struct rf_syntax *node)
{
    if (node->kind != RF_SYNTAX_GROUP) {
        const char *quote = node->kind == RF_SYNTAX_PHRASE ? "\"" : "";
        rf_buffer_printf(out, "%.*s%s%s%.*s%s%s", (int)node->field_length, node->field ? node->field : "", node->field ? ":" : "",
                         quote, (int)node->length, node->text, quote, node->prefix ? "*" : "");
        return;
    }
    rf_buffer_printf(out, node->explicit_or ? "[|" : "[");
    for (const struct rf_syntax *child = node->children; child; child = child->next) {
        if (child != node->children)
            rf_buffer_append_byte(out, ' ');
        rf_buffer_printf(out, "%s", child->role == RF_MUST ? "+" : child->role == RF_MUST_NOT ? "-" : "");
        print(out, child);
    }
    rf_buffer_append_byte(out, ']');
}

static void assert_reads(const char *query, const char *wanted)
{
    struct rf_arena arena;
    struct rf_syntax *root;
    struct rf_buffer out;
    const struct rf_parse_options options = {false, is_field, NULL};
    bool cut;
    rf_arena_init(&arena, &rf_malloc_allocator);
    rf_buffer_init(&out, &rf_malloc_allocator);
    assert_int_equal(rf_parse(query, strlen(query), &options, &arena, &root, &cut, NULL), RIFFLE_OK);
    if (root)
        print(&out, root);
    rf_buffer_append_byte(&out, 0);
    assert_false(out.failed);
    if (strcmp((const char *)out.data, wanted) != 0)
        fail_msg("%s: read as %s, not %s", query, (const char *)out.data, wanted);
    rf_buffer_release(&out);
    rf_arena_release(&arena);
}

static void test_words(void **state)
{
    (void)state;
    assert_reads("", "");
    assert_reads(" \t\n ", "");
    assert_reads("korea", "korea");
    assert_reads("north korea", "[north korea]");
    assert_reads("north\xe3\x80\x80korea\xc2\xa0now", "[north korea now]");
    assert_reads("wi-fi U.S. edt@koreapost.com 60-70", "[wi-fi U.S. edt@koreapost.com 60-70]");
    assert_reads("liais*", "liais*");
    assert_reads("liais** lia*s * *a", "[liais* lia*s * *a]");
    assert_reads("and or not", "[and or not]");
}

static void test_signs(void **state)
{
    (void)state;
    assert_reads("+staff -trump", "[+staff -trump]");
    assert_reads("-trump", "[-trump]");
    assert_reads("+staff", "staff");
    assert_reads("a -\"b c\" +(d e)", "[a -\"b c\" +[d e]]");
    assert_reads("a - b", "[a b]");
    assert_reads("a -- b +", "[a b]");
    assert_reads("--a +-b", "[a b]");
    assert_reads("a-b c+ \"d\"-e", "[a-b c+ \"d\" -e]");
    assert_reads("a \xe2\x80\x93"
                 "b",
                 "[a \xe2\x80\x93"
                 "b]");
    assert_reads("+AND -NOT", "[+AND -NOT]");
    assert_reads("(-a) b", "[[-a] b]");
    assert_reads("(+a) b", "[a b]");
}

static void test_phrases(void **state)
{
    (void)state;
    assert_reads("\"liaison office\"", "\"liaison office\"");
    assert_reads("a \"b c", "[a \"b c\"]");
    assert_reads("\"", "\"\"");
    assert_reads("\"\" a", "[\"\" a]");
    assert_reads("\xe2\x80\x9c"
                 "b c\xe2\x80\x9d d",
                 "[\"b c\" d]");
    assert_reads("\"he said \xe2\x80\x9cno\xe2\x80\x9d to me\"", "\"he said \xe2\x80\x9cno\xe2\x80\x9d to me\"");
    assert_reads("\"a AND (b OR c)\"", "\"a AND (b OR c)\"");
    assert_reads("5\" disk", "[5 \" disk\"]");
}

static void test_operators(void **state)
{
    (void)state;
    assert_reads("a OR b", "[|a b]");
    assert_reads("a AND b", "[+a +b]");
    assert_reads("a OR b AND c", "[|a [+b +c]]");
    assert_reads("a AND b OR c", "[|[+a +b] c]");
    assert_reads("(a OR b) AND c", "[+[|a b] +c]");
    assert_reads("a AND NOT b", "[+a -b]");
    assert_reads("NOT a", "[-a]");
    assert_reads("NOT NOT a", "a");
    assert_reads("NOT (a OR b)", "[-[|a b]]");
    assert_reads("NOT a AND b", "[-a +b]");
    assert_reads("NOT a AND NOT b", "[-a -b]");
    assert_reads("c NOT a AND NOT b", "[c -a -b]");
    assert_reads("a NOT b", "[a -b]");
    assert_reads("a OR NOT b", "[|a [-b]]");
    assert_reads("NOT a OR b", "[|[-a] b]");
    assert_reads("a b AND c", "[a [+b +c]]");
    assert_reads("a b OR c d", "[a [|b c] d]");
    assert_reads("a +b AND c", "[a +[+b +c]]");
    assert_reads("a -b OR c", "[a -b [|c]]");
    assert_reads("a NOT b OR c", "[a -b [|c]]");
    assert_reads("+a OR b", "[+a [|b]]");
    assert_reads("a AND -b", "[+a -b]");
    assert_reads("NOT -a", "a");
}

static void test_broken_operators(void **state)
{
    (void)state;
    assert_reads("a OR", "a");
    assert_reads("a AND", "a");
    assert_reads("a NOT", "a");
    assert_reads("OR a", "a");
    assert_reads("AND a b", "[a b]");
    assert_reads("a AND OR b", "[+a +b]");
    assert_reads("a OR OR b", "[|a b]");
    assert_reads("OR", "OR");
    assert_reads("AND NOT OR", "[AND NOT OR]");
    assert_reads("a AND () b", "[a b]");
    assert_reads("()", "");
    assert_reads("(a", "a");
    assert_reads("a)", "a");
    assert_reads(")) a ((", "a");
    assert_reads("(a (b) c", "[a b c]");
    assert_reads("NOT ()", "NOT");
}

static void test_fields(void **state)
{
    (void)state;
    assert_reads("title:office", "title:office");
    assert_reads("title:\"liaison office\" x", "[title:\"liaison office\" x]");
    assert_reads("title:(a -b) c", "[[title:a -title:b] c]");
    assert_reads("title:(a date:2019)", "[title:a date:2019]");
    assert_reads("+date:2019-03..2019-04 korea", "[+date:2019-03..2019-04 korea]");
    assert_reads("-title:a b", "[-title:a b]");
    assert_reads("title: a", "[title: a]");
    assert_reads("http://x foo:bar 10:30", "[http://x foo:bar 10:30]");
    assert_reads("foo:\"bar baz\"", "[foo: \"bar baz\"]");
    assert_reads("title:off*", "title:off*");
    assert_reads(":a a:", "[:a a:]");
}

/* In strict mode: the byte that is complained of, or nothing. */
static void assert_strict(const char *query, int byte)
{
    struct rf_arena arena;
    struct rf_syntax *root;
    const struct rf_parse_options options = {true, is_field, NULL};
    riffle_error error;
    bool cut;
    rf_arena_init(&arena, &rf_malloc_allocator);
    riffle_status status = rf_parse(query, strlen(query), &options, &arena, &root, &cut, &error);
    char wanted[40];
    snprintf(wanted, sizeof wanted, "query, byte %d: ", byte);
    if (byte < 0 ? status != RIFFLE_OK : status != RIFFLE_BAD_QUERY || strncmp(error.message, wanted, strlen(wanted)) != 0)
        fail_msg("%s: status %d, %s", query, status, status ? error.message : "no doubt");
    rf_arena_release(&arena);
}

static void test_strict(void **state)
{
    (void)state;
    static const char *const clear[] = {"a",
                                        "a b",
                                        "+a -b \"c d\"",
                                        "a AND (b OR NOT c)",
                                        "title:a date:2019..2020",
                                        "title:(a b)",
                                        "U.S. wi-fi",
                                        "lia* title:of*",
                                        "10:30 a@b.c",
                                        ("\xe2\x80\x9c"
                                         "a\xe2\x80\x9d")};
    for (size_t i = 0; i < sizeof clear / sizeof *clear; i++)
        assert_strict(clear[i], -1);
    assert_strict("a \"b c", 2);
    assert_strict("a (b c", 2);
    assert_strict("a b)", 3);
    assert_strict("a OR", 2);
    assert_strict("OR a", 0);
    assert_strict("a AND OR b", 6);
    assert_strict("a NOT", 2);
    assert_strict("a - b", 2);
    assert_strict("a --b", 2);
    assert_strict("a ()", 2);
    assert_strict("foo:bar", 0);
    assert_strict("a title: b", 2);
    assert_strict("a l*b", 2);
    assert_strict("\"a b*\"", 0);
    assert_strict("a w?rd", 2);
    assert_strict("office^2", 0);
    assert_strict("a office~", 2);
    assert_strict("\"a b\"~3", 5);
    assert_strict("a OR -b", 6);
    assert_strict("a NOT b OR c", 6);
}

static void test_limits(void **state)
{
    (void)state;
    enum { MANY = 200000 };
    struct rf_parse_options options = {false, is_field, NULL};
    static const char *const pieces[] = {"(",       "a ",     ")",       "\"",    "NOT ", "-(",
                                         "a AND (", "a OR (", "title:(", "\"\" ", "+",    "a AND "};
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        struct rf_buffer query;
        struct rf_arena arena;
        struct rf_syntax *root;
        bool cut;
        rf_buffer_init(&query, &rf_malloc_allocator);
        rf_arena_init(&arena, &rf_malloc_allocator);
        for (unsigned n = 0; n < MANY; n++)
            rf_buffer_append(&query, pieces[i], strlen(pieces[i]));
        assert_int_equal(rf_parse((char *)query.data, query.size, &options, &arena, &root, &cut, NULL), RIFFLE_OK);
        rf_arena_release(&arena);
        rf_buffer_release(&query);
    }
    /* 64 deep is read, deeper parentheses are ignored. */
    char deep[400] = "";
    for (unsigned n = 0; n < 70; n++)
        strcat(deep, "(");
    strcat(deep, "a OR b");
    for (unsigned n = 0; n < 70; n++)
        strcat(deep, ")");
    strcat(deep, " AND c");
    assert_reads(deep, "[+[|a b] +c]");
    assert_strict(deep, RF_QUERY_DEPTH);
}

static void test_word_limit(void **state)
{
    (void)state;
    struct rf_parse_options options = {false, is_field, NULL};
    struct rf_buffer query;
    rf_buffer_init(&query, &rf_malloc_allocator);
    for (unsigned n = 0; n < RF_QUERY_WORDS + 1; n++) {
        struct rf_arena arena;
        struct rf_syntax *root;
        bool cut;
        size_t count = 0;
        rf_buffer_append(&query, "ab ", 3);
        if (n + 2 < RF_QUERY_WORDS)
            continue;
        rf_arena_init(&arena, &rf_malloc_allocator);
        assert_int_equal(rf_parse((char *)query.data, query.size, &options, &arena, &root, &cut, NULL), RIFFLE_OK);
        for (const struct rf_syntax *child = root->children; child; child = child->next)
            count++;
        assert_int_equal(count, n + 1 < RF_QUERY_WORDS ? n + 1 : RF_QUERY_WORDS);
        assert_int_equal(cut, n + 1 > RF_QUERY_WORDS);
        rf_arena_release(&arena);
    }
    rf_buffer_release(&query);
}

/* Every node points into the query, and no level is deeper than the limit lets it be. */
static unsigned check_tree(const struct rf_syntax *node, const char *query, size_t n, unsigned depth)
{
    assert_true(depth <= 4 * RF_QUERY_DEPTH);
    if (node->kind != RF_SYNTAX_GROUP) {
        assert_true(node->text >= query && node->text + node->length <= query + n);
        return 1;
    }
    unsigned leaves = 0;
    assert_non_null(node->children);
    for (const struct rf_syntax *child = node->children; child; child = child->next)
        leaves += check_tree(child, query, n, depth + 1);
    return leaves;
}

static void test_any_bytes(void **state)
{
    (void)state;
    static const char *const pieces[] = {"a",
                                         "b ",
                                         " ",
                                         "(",
                                         ")",
                                         "\"",
                                         "+",
                                         "-",
                                         "*",
                                         ":",
                                         "title:",
                                         "date:",
                                         "OR",
                                         " OR ",
                                         "AND",
                                         " AND ",
                                         "NOT",
                                         " NOT ",
                                         "\xe2\x80\x9c",
                                         "\xe3\x80\x80",
                                         "\xff",
                                         "..",
                                         "\xc3\xa9",
                                         "^2",
                                         "~"};
    uint64_t seed = 12345;
    for (unsigned round = 0; round < 20000; round++) {
        char query[300];
        size_t n = 0;
        unsigned parts = round % 40;
        for (unsigned i = 0; i < parts; i++) {
            seed = seed * 6364136223846793005ull + 1442695040888963407ull;
            if (round % 2) {
                query[n++] = (char)(seed >> 40);
            } else {
                const char *piece = pieces[(seed >> 33) % (sizeof pieces / sizeof *pieces)];
                memcpy(query + n, piece, strlen(piece));
                n += strlen(piece);
            }
        }
        char *exact = malloc(n ? n : 1); /* so that a read behind the end is seen */
        assert_non_null(exact);
        memcpy(exact, query, n);
        for (int strict = 0; strict < 2; strict++) {
            struct rf_parse_options options = {strict, is_field, NULL};
            struct rf_arena arena;
            struct rf_syntax *root;
            bool cut;
            rf_arena_init(&arena, &rf_malloc_allocator);
            riffle_status status = rf_parse(exact, n, &options, &arena, &root, &cut, NULL);
            assert_true(status == RIFFLE_OK || (strict && status == RIFFLE_BAD_QUERY));
            if (root && !strict)
                check_tree(root, exact, n, 0);
            rf_arena_release(&arena);
        }
        free(exact);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_signs),
        cmocka_unit_test(test_phrases),
        cmocka_unit_test(test_operators),
        cmocka_unit_test(test_broken_operators),
        cmocka_unit_test(test_fields),
        cmocka_unit_test(test_strict),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_word_limit),
        cmocka_unit_test(test_any_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
