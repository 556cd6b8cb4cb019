/* SPDX-License-Identifier: BSD-3-Clause */
/* Answering the queries of a command line; and what is said on standard error about them. */
#include "query/cli_search.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "query/cli_hits.h"
#include "query/cli_queries.h"

struct search {
    struct rf_cli_options *options;
    struct rf_cli_out *out;
    struct rf_cli_outcome *outcome;
    struct rf_cli_screen screen;
    riffle_index *index;
    double started; /* of the query at hand */
};

double rf_cli_clock(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

int rf_cli_exit_status(const struct rf_cli_outcome *outcome)
{
    if (outcome->trouble)
        return RF_CLI_TROUBLE;
    if (outcome->found)
        return RF_CLI_FOUND;
    return outcome->partial ? RF_CLI_TROUBLE : RF_CLI_NOTHING;
}

enum { COUNT_MS = 50 }; /* for the total that people see: a wait that is not felt */

static void flush(void *out) { rf_cli_out_flush(out); }

/* Among many queries the id says which one it is about. Hits and complaints keep their order. */
static void complain_of_query(const struct rf_cli_answer *answer, const char *what, const char *more)
{
    rf_cli_out_flush(answer->out);
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
    if (answer->total > 0)
        complain_of_query(answer, "nothing after the first ", offset);
    else if (*reading == '\0')
        complain_of_query(answer, "no word in the query", "");
    else
        complain_of_query(answer, "nothing found for: ", reading);
}

/*
 * Finding the best takes less than counting all. So people see those first, and then the total as far as it was counted in a short time:
 * no query takes longer than before, and only of very large numbers is a lower bound said.
 */
static void count_matches(struct search *search, const struct rf_cli_query *query, struct rf_cli_answer *answer)
{
    riffle_search_options options = search->options->search;
    riffle_results *counted;
    options.limit = options.offset = 0;
    options.deadline_ms = options.deadline_ms > 0 && options.deadline_ms < COUNT_MS ? options.deadline_ms : COUNT_MS;
    if (riffle_search(search->index, query->text, query->text_length, &options, &counted, NULL) != RIFFLE_OK)
        return; /* what is known stays */
    if (riffle_results_total(counted) > answer->total)
        answer->total = riffle_results_total(counted);
    answer->total_is_exact = riffle_results_total_is_exact(counted);
    riffle_results_free(counted);
}

static void print_for_people(struct search *search, const struct rf_cli_query *query, struct rf_cli_answer *answer)
{
    bool many = search->options->queries != NULL;
    rf_cli_print_people(answer, &search->screen, many);
    if (search->screen.footer) {
        double milliseconds = rf_cli_clock() - search->started;
        rf_cli_out_flush(search->out);
        if (!answer->total_is_exact && !riffle_results_incomplete(answer->results))
            count_matches(search, query, answer);
        rf_cli_print_footer(answer, milliseconds);
    }
    if (many)
        rf_cli_out_string(search->out, "\n");
}

static void print(struct search *search, const struct rf_cli_query *query, struct rf_cli_answer *answer)
{
    const struct rf_cli_options *options = search->options;
    struct rf_cli_out *out = search->out;
    size_t count = riffle_results_count(answer->results);

    if (count > 0 || (answer->total > 0 && options->search.limit == 0))
        search->outcome->found = true;
    switch (options->form) {
    case RF_CLI_COUNT:
        if (options->queries != NULL) {
            rf_cli_out_bytes(out, answer->id.text, answer->id.length);
            rf_cli_out_string(out, "\t");
        }
        rf_cli_out_printf(out, "%" PRIu64 "\n", answer->total);
        break;
    case RF_CLI_JSON:
        rf_cli_print_json(answer);
        break;
    case RF_CLI_TREC:
        rf_cli_print_trec(answer);
        break;
    case RF_CLI_PEOPLE:
        if (count > 0)
            print_for_people(search, query, answer);
        else if (answer->total == 0 || options->search.limit > 0)
            say_nothing_found(answer);
        break;
    }
}

static void answer_query(struct search *search, const struct rf_cli_query *query)
{
    riffle_error error;
    struct rf_cli_answer answer = {.options = search->options, .out = search->out, .id = {query->id, query->id_length}};
    if (riffle_search(search->index, query->text, query->text_length, &search->options->search, &answer.results, &error) !=
        RIFFLE_OK) {
        complain_of_query(&answer, error.message, "");
        search->outcome->trouble = true;
        return;
    }
    answer.total = riffle_results_total(answer.results);
    answer.total_is_exact = riffle_results_total_is_exact(answer.results);
    print(search, query, &answer);
    /* Behind the hits, where on a terminal it is not scrolled away. */
    if (riffle_results_incomplete(answer.results)) {
        char after[60];
        snprintf(after, sizeof after, "stopped after %u ms: there may be ", search->options->search.deadline_ms);
        complain_of_query(&answer, after, search->options->form == RF_CLI_COUNT ? "more" : "better hits");
    }
    const char *missing = riffle_results_missing(answer.results);
    if (*missing != '\0') {
        complain_of_query(&answer, "answer without ", missing);
        search->outcome->partial = true;
    }
    search->outcome->trouble |= answer.trouble;
    riffle_results_free(answer.results);
}

static void answer_queries(struct search *search)
{
    struct rf_cli_queries queries;
    struct rf_cli_query query;
    const char *path = search->options->queries;
    if (!rf_cli_queries_open(&queries, path)) {
        rf_cli_complain("%s: %s", path, strerror(errno));
        search->outcome->trouble = true;
        return;
    }
    while (search->out->error == 0 && rf_cli_queries_next(&queries, &query, flush, search->out)) {
        answer_query(search, &query);
        search->started = rf_cli_clock();
    }
    if (queries.error != 0) {
        rf_cli_complain("%s: %s", strcmp(path, "-") == 0 ? "standard input" : path, strerror(queries.error));
        search->outcome->trouble = true;
    }
    rf_cli_queries_close(&queries);
}

void rf_cli_search(struct rf_cli_options *options, struct rf_cli_out *out, double started, struct rf_cli_outcome *outcome)
{
    struct search search = {.options = options, .out = out, .outcome = outcome, .started = started};
    riffle_error error;
    if (options->form == RF_CLI_PEOPLE)
        rf_cli_screen_init(&search.screen, out->fd, options->color);
    riffle_status status = riffle_index_open(&search.index, options->index, &options->opening, &error);
    if (status != RIFFLE_OK) {
        rf_cli_complain("%s", error.message);
        if (status == RIFFLE_NO_INDEX)
            rf_cli_complain("-d or $RIFFLE_INDEX says where an index is; riffle-index makes one");
        if (status == RIFFLE_SHARD && !options->opening.partial && strchr(options->index, ',') != NULL)
            rf_cli_complain("--partial answers without the shards that cannot be reached");
        outcome->trouble = true;
        return;
    }
    if (options->queries != NULL) {
        answer_queries(&search);
    } else {
        struct rf_cli_query query = {"1", options->query, 1, strlen(options->query)};
        answer_query(&search, &query);
    }
    riffle_index_close(search.index);
}
