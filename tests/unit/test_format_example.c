/* SPDX-License-Identifier: BSD-3-Clause */
/* The worked example of docs/FORMAT.md, byte for byte: what the page shows is what the library writes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <zlib.h>

#include "riffle.h"
#include "tests/support/scratch.h"

enum { MOST = 4096 };

static char folder[SCRATCH_PATH];

static void add(riffle_writer *writer, const char *id, const char *title, const char *date, const char *text)
{
    const riffle_field field = {"date", 4, date, strlen(date)};
    const riffle_article article = {.id = id,
                                    .id_length = strlen(id),
                                    .title = title,
                                    .title_length = strlen(title),
                                    .text = text,
                                    .text_length = strlen(text),
                                    .fields = &field,
                                    .field_count = *date ? 1 : 0};
    assert_int_equal(riffle_writer_add(writer, &article, NULL), RIFFLE_OK);
}

static int set_up(void **context)
{
    (void)context;
    riffle_writer *writer;
    scratch_make(folder);
    assert_int_equal(riffle_writer_open(&writer, folder, NULL, NULL), RIFFLE_OK);
    add(writer, "a1", "Talks", "2019-09-21", "Talks resume. Staff talk.");
    add(writer, "a2", "", "", "Staff withdraw staff.");
    assert_int_equal(riffle_writer_commit(writer, NULL), RIFFLE_OK);
    riffle_writer_close(writer);
    return 0;
}

static int tear_down(void **context)
{
    (void)context;
    scratch_remove(folder);
    return 0;
}

/* Two hexadecimal digits, or -1. */
static int hex_byte(const char *p)
{
    unsigned value;
    return strspn(p, "0123456789abcdef") >= 2 && sscanf(p, "%2x", &value) == 1 ? (int)value : -1;
}

/* The bytes of the dump that follows "$ xxd -a NAME" in the page. Returns how many. */
static size_t read_dump(FILE *page, const char *name, uint8_t bytes[MOST])
{
    char line[1000], command[100];
    size_t size = 0;
    bool inside = false, repeat = false;
    snprintf(command, sizeof command, "$ xxd -a %s\n", name);
    rewind(page);
    while (fgets(line, sizeof line, page)) {
        if (!inside) {
            inside = strcmp(line, command) == 0;
            continue;
        }
        unsigned at;
        if (strcmp(line, "*\n") == 0) {
            repeat = true;
            continue;
        }
        if (sscanf(line, "%8x: ", &at) != 1)
            break;
        for (; repeat && size < at && size < MOST; size++)
            bytes[size] = bytes[size - 16];
        repeat = false;
        assert_int_equal(size, at);
        const char *p = line + 10;
        for (int i = 0, value; i < 16 && (value = hex_byte(p)) >= 0; i++, p += i % 2 ? 2 : 3) {
            assert_true(size < MOST);
            bytes[size++] = (uint8_t)value;
        }
    }
    return size;
}

static void check(const char *name)
{
    uint8_t *shown = malloc(MOST), *written;
    size_t size;
    FILE *page = fopen("docs/FORMAT.md", "r");
    if (!page) {
        free(shown);
        skip(); /* tests run from the top folder of the sources */
    }
    size_t shown_size = read_dump(page, name, shown);
    fclose(page);
    written = scratch_read(folder, name, &size, 0);
    assert_int_equal(shown_size, size);
    assert_memory_equal(shown, written, size);
    free(shown);
    free(written);
}

static void test_terms(void **context)
{
    (void)context;
    check("000001.terms");
}

static void test_docs(void **context)
{
    (void)context;
    check("000001.docs");
}

static void test_positions(void **context)
{
    (void)context;
    check("000001.positions");
}

static void test_articles(void **context)
{
    (void)context;
    check("000001.articles");
}

/* Other versions of zlib may compress otherwise. */
static void test_text_and_manifest(void **context)
{
    (void)context;
    if (strcmp(zlibVersion(), "1.2.13") != 0)
        skip();
    check("000001.text");
    check("manifest");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_terms),
        cmocka_unit_test(test_docs),
        cmocka_unit_test(test_positions),
        cmocka_unit_test(test_articles),
        cmocka_unit_test(test_text_and_manifest),
    };
    return cmocka_run_group_tests_name("example of FORMAT.md", tests, set_up, tear_down);
}
