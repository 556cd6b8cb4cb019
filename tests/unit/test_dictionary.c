/* SPDX-License-Identifier: BSD-3-Clause */
/* The dictionary: 0 to 1000 terms of 1 to 202 bytes of any value, found, not found and walked; stems that are aliases. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "store/cursor.h"
#include "store/postings.h"
#include "store/segment_files.h"
#include "tests/support/scratch.h"

enum { MOST = 1000, DOCS = MOST + 1 };

struct term {
    char key[RF_KEY_MAX];
    size_t n;
};

static char folder[SCRATCH_PATH];
static uint64_t state = 11;
static const uint8_t lengths[DOCS];
static struct term terms[MOST];
static const riffle_allocator *const allocator = &rf_malloc_allocator;
static riffle_error error;

static int set_up(void **context)
{
    (void)context;
    scratch_make(folder);
    return 0;
}

static int tear_down(void **context)
{
    (void)context;
    scratch_remove(folder);
    return 0;
}

static int by_bytes(const void *a, const void *b)
{
    const struct term *x = a, *y = b;
    return rf_compare(x->key, x->n, y->key, y->n);
}

/* Terms that share much, with every value of bytes among them; the first byte is below 0x80, as that of surface forms. */
static void random_term(struct term *term, unsigned style)
{
    static const size_t special[] = {1, 2, 127, 128, 129, 200, 201, 202};
    term->n = style == 0 ? special[random_below(&state, 8)] : 1 + random_below(&state, style == 1 ? 4 : 30);
    for (size_t i = 0; i < term->n; i++)
        term->key[i] = (char)(style == 2 ? random_below(&state, 256) : 'a' + random_below(&state, 3));
    if (style == 0 && term->n > 100)
        memset(term->key + 1, 'x', term->n - (random_below(&state, 2) ? 3 : 1));
    term->key[0] = (char)(term->key[0] & 0x7f);
}

static size_t random_terms(size_t wanted, unsigned style)
{
    size_t count = 0;
    for (size_t i = 0; i < wanted; i++)
        random_term(&terms[i], style);
    qsort(terms, wanted, sizeof *terms, by_bytes);
    for (size_t i = 0; i < wanted; i++)
        if (!count || by_bytes(&terms[count - 1], &terms[i]) != 0)
            terms[count++] = terms[i];
    return count;
}

static struct rf_postings_writer *start_writer(void)
{
    struct rf_postings_writer *writer = malloc(sizeof *writer);
    OK(rf_postings_create(writer, folder, 1, lengths, 0, allocator, &error));
    return writer;
}

static struct rf_segment *finish_writer(struct rf_postings_writer *writer)
{
    struct rf_segment_entry entry;
    struct rf_segment *segment;
    OK(rf_postings_finish(writer, &entry, &error));
    rf_postings_release(writer, false);
    free(writer);
    OK(rf_segment_open_run(&segment, folder, 1, DOCS, lengths, allocator, &error));
    return segment;
}

/* Term i has a posting in doc i, and the odd ones one more in the last doc. */
static struct rf_segment *write_terms(size_t count)
{
    struct rf_postings_writer *writer = start_writer();
    const uint32_t positions[] = {3, 1000000};
    for (size_t i = 0; i < count; i++) {
        rf_postings_begin(writer, terms[i].key, terms[i].n, true);
        rf_postings_add(writer, (uint32_t)i, i % 4 == 2 ? 2 : 1, positions);
        if (i % 2)
            rf_postings_add(writer, MOST, 1, positions);
        rf_postings_end(writer);
    }
    return finish_writer(writer);
}

static void check_info(const struct rf_segment *segment, const struct rf_term *info, size_t i)
{
    struct rf_cursor cursor;
    uint32_t positions[2 + RF_PADDING];
    assert_int_equal(info->df, 1 + i % 2);
    assert_int_equal(info->cf, i % 4 == 2 ? 2 : 1 + i % 2);
    assert_true(info->has_positions);
    OK(rf_cursor_open(&cursor, segment, info, &error));
    OK(rf_cursor_next_block(&cursor, &error));
    OK(rf_cursor_tfs(&cursor, &error));
    assert_int_equal(cursor.docs[0], i);
    assert_int_equal(cursor.tfs[0], i % 4 == 2 ? 2 : 1);
    OK(rf_cursor_positions(&cursor, 0, positions, &error));
    assert_int_equal(positions[0], 3);
    if (i % 2)
        assert_int_equal(cursor.docs[1], MOST);
}

/* How many terms are less: where a walk from here is to start. */
static size_t naive_place(size_t count, const struct term *term)
{
    size_t place = 0;
    while (place < count && by_bytes(&terms[place], term) < 0)
        place++;
    return place;
}

struct walk {
    const struct rf_segment *segment;
    size_t next, count, left;
};

static int visit(void *context, const char *term, size_t n, const struct rf_term *info)
{
    struct walk *walk = context;
    assert_true(walk->next < walk->count);
    assert_int_equal(rf_compare(term, n, terms[walk->next].key, terms[walk->next].n), 0);
    check_info(walk->segment, info, walk->next);
    walk->next++;
    return --walk->left == 0;
}

static void check_walk(const struct rf_segment *segment, size_t count, const struct term *from, size_t most)
{
    size_t place = naive_place(count, from), expected = count - place < most ? count - place : most;
    struct walk walk = {segment, place, count, most};
    OK(rf_segment_walk_terms(segment, from->key, from->n, visit, &walk, &error));
    assert_int_equal(walk.next - place, expected);
}

static void check_unknown(const struct rf_segment *segment, size_t count, const struct term *term)
{
    struct rf_term info;
    bool found, there = naive_place(count, term) < count && by_bytes(&terms[naive_place(count, term)], term) == 0;
    OK(rf_segment_find(segment, term->key, term->n, &found, &info, &error));
    assert_int_equal(found, there);
    check_walk(segment, count, term, 20);
}

static const char *padded(const struct term *term, char copy[RF_KEY_MAX + RF_ZEROS_BEHIND])
{
    memcpy(copy, term->key, term->n);
    memset(copy + term->n, 0, RF_ZEROS_BEHIND);
    return copy;
}

/* All terms several at once, and each with a byte behind it, which as a rule is not there. */
static void check_together(const struct rf_segment *segment, size_t count)
{
    static struct term asked[2 * MOST];
    for (size_t i = 0; i < 2 * count; i++) {
        asked[i] = terms[i / 2];
        if (i % 2 && asked[i].n < RF_KEY_MAX)
            asked[i].key[asked[i].n++] = 'a';
    }
    for (size_t next = 0, n; next < 2 * count; next += n) {
        struct rf_lookup lookups[RF_TOGETHER];
        char copies[RF_TOGETHER][RF_KEY_MAX + RF_ZEROS_BEHIND];
        struct rf_term infos[RF_TOGETHER];
        n = 1 + random_below(&state, RF_TOGETHER);
        n = n < 2 * count - next ? n : 2 * count - next;
        for (size_t i = 0; i < n; i++)
            lookups[i] = (struct rf_lookup){.term = padded(&asked[next + i], copies[i]), .n = asked[next + i].n, .out = &infos[i]};
        OK(rf_segment_find_some(segment, lookups, n, &error));
        for (size_t i = 0; i < n; i++) {
            size_t place = naive_place(count, &asked[next + i]);
            assert_int_equal(lookups[i].found, place < count && by_bytes(&terms[place], &asked[next + i]) == 0);
            if (lookups[i].found)
                check_info(segment, &infos[i], place);
        }
    }
}

static void check_dictionary(size_t wanted, unsigned style)
{
    size_t count = random_terms(wanted, style);
    struct rf_segment *segment = write_terms(count);
    assert_true(rf_segment_terms(segment) == count);
    const struct term empty = {.n = 0};
    check_walk(segment, count, &empty, MOST + 1);
    check_unknown(segment, count, &empty);
    check_together(segment, count);
    for (size_t i = 0; i < count; i++) {
        struct rf_term info;
        bool found;
        OK(rf_segment_find(segment, terms[i].key, terms[i].n, &found, &info, &error));
        assert_true(found);
        check_info(segment, &info, i);
        if (random_below(&state, 1 + count / 20))
            continue;
        struct term other = terms[i]; /* neighbours: one byte more, one less, the last one another */
        check_walk(segment, count, &other, 40);
        if (other.n < RF_KEY_MAX)
            other.key[other.n++] = (char)random_below(&state, 256);
        check_unknown(segment, count, &other);
        other.n = terms[i].n - 1;
        check_unknown(segment, count, &other);
        other.n = terms[i].n;
        other.key[other.n - 1] = (char)(other.key[other.n - 1] + (random_below(&state, 2) ? 1 : -1));
        check_unknown(segment, count, &other);
    }
    for (int i = 0; i < 20; i++) {
        struct term other;
        random_term(&other, style);
        check_unknown(segment, count, &other);
    }
    rf_segment_close(segment);
}

static void test_every_size(void **context)
{
    (void)context;
    for (size_t count = 0; count <= MOST; count += count < 70 ? 1 : 93) /* 1000 too: 70 + 10 * 93 */
        for (unsigned style = 0; style < 3; style++)
            check_dictionary(count, style);
}

/* ---- Stems ---- */

static bool find_stem(const struct rf_segment *segment, const char *stem, size_t n, bool stem_is_fixed, struct rf_term *info)
{
    char copy[RF_KEY_MAX + RF_ZEROS_BEHIND] = {0};
    struct rf_lookup lookup = {.term = memcpy(copy, stem, n), .n = n, .stem_is_fixed = stem_is_fixed, .out = info};
    OK(rf_segment_find_some(segment, &lookup, 1, &error));
    return lookup.found;
}

static const struct {
    const char *stem, *surface;
} aliases[] = {
    /* in order of the stems; what the stem keeps, drops and adds differs */
    {"\377Skorea", "Skoreas"}, {"\377S\352\270\260", "S\352\270\260\354\202\254"}, /* 기, 기사 */
    {"\377a", "zebra"},        {"\377berri", "berry"},
    {"\377koreans", "korean"}, {"\377offic", "offices"},
};
enum { ALIASES = sizeof aliases / sizeof *aliases };

static int count_aliases(void *context, const char *term, size_t n, const struct rf_term *info)
{
    size_t *seen = context;
    assert_int_equal(rf_compare(term, n, aliases[*seen].stem, strlen(aliases[*seen].stem)), 0);
    assert_true(info->has_positions); /* those of the surface form */
    (*seen)++;
    return 0;
}

static int compare_strings(const void *a, const void *b) { return strcmp(*(const char *const *)a, *(const char *const *)b); }

static void test_aliases(void **context)
{
    (void)context;
    const char *surfaces[ALIASES];
    for (size_t i = 0; i < ALIASES; i++)
        surfaces[i] = aliases[i].surface;
    qsort(surfaces, ALIASES, sizeof *surfaces, compare_strings);
    struct rf_postings_writer *writer = start_writer();
    const uint32_t position = 9;
    for (size_t i = 0; i < ALIASES; i++) {
        rf_postings_begin(writer, surfaces[i], strlen(surfaces[i]), true);
        for (size_t j = 0; j <= i; j++)
            rf_postings_add(writer, (uint32_t)(i + 10 * j), 1, &position);
        rf_postings_end(writer);
    }
    for (size_t i = 0; i < ALIASES; i++)
        rf_postings_alias(writer, aliases[i].stem, strlen(aliases[i].stem), aliases[i].surface, strlen(aliases[i].surface));
    struct rf_segment *segment = finish_writer(writer);
    for (size_t i = 0; i < ALIASES; i++) {
        struct rf_term of_stem, of_surface;
        bool found;
        assert_true(find_stem(segment, aliases[i].stem, strlen(aliases[i].stem), false, &of_stem));
        OK(rf_segment_find(segment, aliases[i].surface, strlen(aliases[i].surface), &found, &of_surface, &error));
        assert_true(found);
        assert_memory_equal(&of_stem, &of_surface, sizeof of_stem);
    }
    size_t seen = 0;
    OK(rf_segment_walk_terms(segment, "\377", 1, count_aliases, &seen, &error));
    assert_int_equal(seen, ALIASES);
    struct rf_term info;
    assert_true(find_stem(segment, "\377zebra", 6, true, &info)); /* its own and only surface form */
    assert_false(find_stem(segment, "\377zebra", 6, false, &info));
    assert_false(find_stem(segment, "\377Szebra", 7, true, &info));
    rf_segment_close(segment);
}

static void test_longest_alias(void **context)
{
    (void)context;
    char surface[RF_KEY_MAX], stem[RF_KEY_MAX];
    memset(surface, 'x', sizeof surface);
    memset(stem, 'y', sizeof stem);
    surface[0] = stem[1] = RF_PREFIX_TITLE;
    stem[0] = RF_PREFIX_STEM;
    struct rf_postings_writer *writer = start_writer();
    const uint32_t position = 9;
    rf_postings_begin(writer, surface, 201, true);
    rf_postings_add(writer, 5, 1, &position);
    rf_postings_end(writer);
    rf_postings_alias(writer, stem, 202, surface, 201);
    struct rf_segment *segment = finish_writer(writer);
    struct rf_term info;
    assert_true(find_stem(segment, stem, 202, false, &info));
    assert_int_equal(info.single_doc, 5);
    rf_segment_close(segment);
}

/* Two stems of the same run of lists: an alias takes no place among them. */
static void test_aliases_between_lists(void **context)
{
    (void)context;
    struct rf_postings_writer *writer = start_writer();
    const uint32_t position = 1;
    rf_postings_begin(writer, "form", 4, true);
    rf_postings_add(writer, 1, 1, &position);
    rf_postings_add(writer, 2, 1, &position);
    rf_postings_end(writer);
    for (uint32_t i = 0; i < 40; i++) { /* over several blocks of the dictionary */
        char key[8];
        snprintf(key, sizeof key, "\377k%02u", (unsigned)i);
        if (i % 3 == 0) {
            rf_postings_alias(writer, key, 4, "form", 4);
            continue;
        }
        rf_postings_begin(writer, key, 4, false);
        rf_postings_add(writer, i, 7, NULL);
        if (i % 3 == 2)
            rf_postings_add(writer, i + 100, i, NULL);
        rf_postings_end(writer);
    }
    struct rf_segment *segment = finish_writer(writer);
    for (uint32_t i = 0; i < 40; i++) {
        struct rf_cursor cursor;
        struct rf_term info;
        char key[8];
        snprintf(key, sizeof key, "\377k%02u", (unsigned)i);
        assert_true(find_stem(segment, key, 4, false, &info));
        assert_int_equal(info.has_positions, i % 3 == 0);
        OK(rf_cursor_open(&cursor, segment, &info, &error));
        OK(rf_cursor_next_block(&cursor, &error));
        OK(rf_cursor_tfs(&cursor, &error));
        assert_int_equal(cursor.docs[0], i % 3 ? i : 1);
        assert_int_equal(cursor.tfs[0], i % 3 ? 7 : 1);
        assert_int_equal(cursor.count, i % 3 == 1 ? 1 : 2);
        if (i % 3 == 2)
            assert_int_equal(cursor.docs[1], i + 100);
    }
    rf_segment_close(segment);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_size),
        cmocka_unit_test(test_aliases),
        cmocka_unit_test(test_longest_alias),
        cmocka_unit_test(test_aliases_between_lists),
    };
    return cmocka_run_group_tests_name("dictionary", tests, set_up, tear_down);
}
