/* SPDX-License-Identifier: BSD-3-Clause */
/* The program riffle: answers queries from an index. See docs/riffle.1. */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "query/cli_hits.h"
#include "query/cli_options.h"
#include "query/cli_out.h"
#include "query/cli_queries.h"
#include "riffle.h"

struct program {
    struct rf_cli_options options;
    struct rf_cli_screen screen;
    riffle_index *index;
    double started; /* milliseconds */
    bool found, trouble;
};

static struct rf_cli_out out; /* static for its size */

static double milliseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static void flush(void *unused)
{
    (void)unused;
    rf_cli_out_flush(&out);
}

/* Among many queries the id says which one it is about. Hits and complaints keep their order. */
static void complain_of_query(const struct rf_cli_answer *answer, const char *what, const char *more)
{
    rf_cli_out_flush(&out);
    if (answer->options->queries != NULL)
        rf_cli_complain("%.*s: %s%s", (int)answer->id.length, answer->id.text, what, more);
    else
        rf_cli_complain("%s%s", what, more);
}

/* People are told what was looked for. */
static void say_nothing_found(const struct rf_cli_answer *answer)
{
    const char *reading = riffle_results_reading(answer->results);
    char offset[24];
    snprintf(offset, sizeof offset, "%" PRIu64, answer->options->search.offset);
    if (riffle_results_total(answer->results) > 0)
        complain_of_query(answer, "nothing after the first ", offset);
    else if (*reading == '\0')
        complain_of_query(answer, "no word in the query", "");
    else
        complain_of_query(answer, "nothing found for: ", reading);
}

static void print(struct program *program, struct rf_cli_answer *answer)
{
    uint64_t total = riffle_results_total(answer->results);
    bool many = program->options.queries != NULL;
    size_t count = riffle_results_count(answer->results);

    if (count > 0 || (total > 0 && program->options.search.limit == 0))
        program->found = true;
    switch (program->options.form) {
    case RF_CLI_COUNT:
        if (many) {
            rf_cli_out_bytes(&out, answer->id.text, answer->id.length);
            rf_cli_out_string(&out, "\t");
        }
        rf_cli_out_printf(&out, "%" PRIu64 "\n", total);
        break;
    case RF_CLI_JSON:
        rf_cli_print_json(answer);
        break;
    case RF_CLI_TREC:
        rf_cli_print_trec(answer);
        break;
    case RF_CLI_PEOPLE:
        if (count > 0) {
            rf_cli_print_people(answer, &program->screen, many);
            if (program->screen.footer)
                rf_cli_print_footer(answer, milliseconds() - program->started);
            if (many)
                rf_cli_out_string(&out, "\n");
        } else if (total == 0 || program->options.search.limit > 0) {
            say_nothing_found(answer);
        }
        break;
    }
}

static void answer_query(struct program *program, const struct rf_cli_query *query)
{
    riffle_error error;
    struct rf_cli_answer answer = {
        .options = &program->options, .out = &out, .index = program->index, .id = {query->id, query->id_length}};
    if (riffle_search(program->index, query->text, query->text_length, &program->options.search, &answer.results, &error) !=
        RIFFLE_OK) {
        complain_of_query(&answer, error.message, "");
        program->trouble = true;
        return;
    }
    print(program, &answer);
    program->trouble |= answer.trouble;
    riffle_results_free(answer.results);
}

static void answer_queries(struct program *program)
{
    struct rf_cli_queries queries;
    struct rf_cli_query query;
    const char *path = program->options.queries;
    if (!rf_cli_queries_open(&queries, path)) {
        rf_cli_complain("%s: %s", path, strerror(errno));
        program->trouble = true;
        return;
    }
    while (out.error == 0 && rf_cli_queries_next(&queries, &query, flush, NULL)) {
        answer_query(program, &query);
        program->started = milliseconds();
    }
    if (queries.error != 0) {
        rf_cli_complain("%s: %s", strcmp(path, "-") == 0 ? "standard input" : path, strerror(queries.error));
        program->trouble = true;
    }
    rf_cli_queries_close(&queries);
}

static void search(struct program *program)
{
    riffle_error error;
    if (program->options.form == RF_CLI_PEOPLE) {
        rf_cli_screen_init(&program->screen, STDOUT_FILENO, program->options.color);
        if (program->screen.footer)
            program->options.search.count_all = 1;
    }
    riffle_status status = riffle_index_open(&program->index, program->options.index, NULL, &error);
    if (status != RIFFLE_OK) {
        rf_cli_complain("%s", error.message);
        if (status == RIFFLE_NO_INDEX)
            rf_cli_complain("-d or $RIFFLE_INDEX says where an index is; riffle-index makes one");
        program->trouble = true;
        return;
    }
    if (program->options.queries != NULL) {
        answer_queries(program);
    } else {
        struct rf_cli_query query = {"1", program->options.query, 1, strlen(program->options.query)};
        answer_query(program, &query);
    }
    riffle_index_close(program->index);
}

int main(int argc, char **argv)
{
    struct program program = {.started = milliseconds()};
    signal(SIGPIPE, SIG_IGN); /* a reader that has seen enough, as head, is no trouble */
    rf_cli_out_init(&out, STDOUT_FILENO);
    switch (rf_cli_options_read(&program.options, argc, argv)) {
    case RF_CLI_SEARCH:
        search(&program);
        break;
    case RF_CLI_HELP:
        rf_cli_out_string(&out, rf_cli_help);
        program.found = true;
        break;
    case RF_CLI_VERSION:
        rf_cli_out_printf(&out, "riffle %s\n", riffle_version());
        program.found = true;
        break;
    case RF_CLI_BAD_USAGE:
        program.trouble = true;
        break;
    }
    free(program.options.query);
    rf_cli_out_flush(&out);
    if (out.error != 0 && out.error != EPIPE) {
        rf_cli_complain("standard output: %s", strerror(out.error));
        program.trouble = true;
    }
    return program.trouble ? RF_CLI_TROUBLE : program.found ? RF_CLI_FOUND : RF_CLI_NOTHING;
}
