/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * docs/SCALING.md: all blocks marked sh, run as they stand and in order, over the articles of corpus/. Each must end well, and write
 * exactly what the block marked text behind it says, if there is one. Only the ports are others, so that they are free.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/scaling/processes.h"
#include "tests/support/scratch.h"

enum { MOST_BLOCKS = 60, PORTS = 4 };

static const char *const page_ports[PORTS] = {"7701", "7702", "7703", "7710"};

struct block {
    char section[80]; /* the heading above it */
    char kind[8];
    char *text;
    char *output; /* of sh */
};

static struct block blocks[MOST_BLOCKS];
static size_t block_count;

/* ---- The page ---- */

/* Copies the line to the stream, with the page's ports replaced. */
static void write_with_ports(FILE *out, const char *line, const unsigned ports[PORTS])
{
    while (*line) {
        size_t port = 0;
        while (port < PORTS && strncmp(line, page_ports[port], strlen(page_ports[port])) != 0)
            port++;
        if (port < PORTS) {
            fprintf(out, "%u", ports[port]);
            line += strlen(page_ports[port]);
        } else {
            fputc(*line++, out);
        }
    }
}

static void read_page(void)
{
    unsigned ports[PORTS];
    char line[1000], section[80] = "";
    FILE *page = fopen("docs/SCALING.md", "r"), *text = NULL;
    size_t length;
    if (!page)
        fail_msg("docs/SCALING.md cannot be opened: run this from the top folder");
    processes_ports(ports, PORTS);
    while (fgets(line, sizeof line, page)) {
        if (strncmp(line, "```", 3) == 0 && !text) {
            assert_true(block_count < MOST_BLOCKS);
            struct block *block = &blocks[block_count];
            strcpy(block->section, section);
            snprintf(block->kind, sizeof block->kind, "%.*s", (int)strcspn(line + 3, "\n"), line + 3);
            text = open_memstream(&block->text, &length);
        } else if (strncmp(line, "```", 3) == 0) {
            fclose(text);
            text = NULL;
            block_count++;
        } else if (text) {
            write_with_ports(text, line, ports);
        } else if (strncmp(line, "## ", 3) == 0) {
            snprintf(section, sizeof section, "%.*s", (int)strcspn(line + 3, "\n"), line + 3);
        }
    }
    assert_null(text);
    fclose(page);
}

/* What block number `number`, from 0, of the section's commands wrote. */
static const char *output_of(const char *section, unsigned number)
{
    for (size_t i = 0; i < block_count; i++)
        if (blocks[i].output && strcmp(blocks[i].section, section) == 0 && number-- == 0)
            return blocks[i].output;
    fail_msg("the page has no such commands under \"%s\"", section);
    return NULL;
}

static bool holds(const char *section, unsigned number, const char *text)
{
    return strstr(output_of(section, number), text) != NULL;
}

static void check_same(const char *section, unsigned number, const char *expected)
{
    const char *output = output_of(section, number);
    size_t n = 0;
    while (output[n] && output[n] == expected[n])
        n++;
    if (output[n] || expected[n])
        fail_msg("commands %u under \"%s\" wrote \"%.100s\" where \"%.100s\" was expected", number, section, output + n,
                 expected + n);
}

/* ---- Running it ---- */

static char folder[SCRATCH_PATH];

static void run_all(void)
{
    unsigned commands = 0;
    for (size_t i = 0; i < block_count; i++) {
        struct block *block = &blocks[i];
        if (strcmp(block->kind, "sh") != 0)
            continue;
        int status = processes_run(folder, block->text, &block->output);
        if (status != 0)
            fail_msg("exit status %d under \"%s\":\n%s\nwhich wrote:\n%s", status, block->section, block->text, block->output);
        if (i + 1 < block_count && strcmp(blocks[i + 1].kind, "text") == 0)
            assert_string_equal(block->output, blocks[i + 1].text);
        commands++;
    }
    assert_true(commands > 12);
}

static int make_folder(void **state)
{
    (void)state;
    scratch_make(folder);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    scratch_remove(folder);
    return 0;
}

static void test_page(void **state)
{
    (void)state;
    char articles[4096], link[SCRATCH_PATH + 20];
    if (!processes_can_serve())
        skip();
    read_page();
    snprintf(link, sizeof link, "%s/articles", folder);
    assert_non_null(realpath("corpus", articles));
    assert_int_equal(symlink(articles, link), 0);
    run_all();

    /* Two folders, two servers, servers that came back and a new index of the same articles give the same answer; fewer do not. */
    const char *answer = output_of("Split", 1);
    assert_non_null(strstr(answer, "ferry"));
    check_same("Search", 0, answer);
    assert_non_null(strstr(output_of("Search", 1), "\"rank\":1"));
    check_same("When a shard is down", 2, answer);
    check_same("Rebuild without downtime", 0, answer);
    assert_string_not_equal(output_of("When a shard is down", 1), answer);
    assert_true(holds("When a shard is down", 1, "\nriffle: answer without 127.0.0.1:"));

    /* Four articles more, and then four less. */
    int more = atoi(output_of("Update and delete", 0)), less = atoi(output_of("Update and delete", 1));
    assert_true(less > 0);
    assert_int_equal(more, less + 4);

    /* The replica answers in the place of the original, with the article that a changeset brought; its copy can be written to. */
    assert_true(holds("When a machine is lost", 0, "Ferry tickets"));
    check_same("When a machine is lost", 1, answer);

    for (size_t i = 0; i < block_count; i++) {
        free(blocks[i].text);
        free(blocks[i].output);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test_setup_teardown(test_page, make_folder, remove_folder)};
    return cmocka_run_group_tests(tests, processes_begin, processes_end);
}
