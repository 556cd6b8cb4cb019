/* SPDX-License-Identifier: BSD-3-Clause */
/* What the forms of output need of a hit, fetched in one place; trouble is complained about and counted. */
#ifndef RF_CLI_HITS_H
#define RF_CLI_HITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "query/cli_options.h"
#include "query/cli_out.h"
#include "riffle.h"

struct rf_cli_string {
    const char *text; /* never NULL */
    size_t length;
};

/* The answer to one query, on its way out. */
struct rf_cli_answer {
    const struct rf_cli_options *options;
    struct rf_cli_out *out;
    riffle_results *results;
    struct rf_cli_string id; /* of the query */
    uint64_t total;          /* hits that there are, */
    bool total_is_exact;     /* or at least so many */
    bool trouble;            /* something could not be fetched */
};

/* false: the hit cannot be shown at all. */
bool rf_cli_hit(struct rf_cli_answer *answer, size_t at, riffle_hit *hit);
/* These give nothing where there is nothing, or on trouble. */
struct rf_cli_string rf_cli_field(struct rf_cli_answer *answer, size_t at, const char *name);
struct rf_cli_string rf_cli_explanation(struct rf_cli_answer *answer, size_t at);
riffle_snippet rf_cli_snippet(struct rf_cli_answer *answer, size_t at, size_t width);
/* Of the passage, or of its title. */
const riffle_range *rf_cli_matches(struct rf_cli_answer *answer, size_t at, size_t *count);
const riffle_range *rf_cli_title_matches(struct rf_cli_answer *answer, size_t at, size_t *count);

/* Ranks are counted over all hits of the query, those that --offset passed over among them. */
uint64_t rf_cli_rank(const struct rf_cli_answer *answer, size_t at);

/* The forms: each writes the hits of one answer. */
void rf_cli_print_json(struct rf_cli_answer *answer);
void rf_cli_print_trec(struct rf_cli_answer *answer);

/* How people see it. */
struct rf_cli_screen {
    size_t width;
    bool color;
    bool footer;
};

/* Looks at what the descriptor of the output is, and at the environment. */
void rf_cli_screen_init(struct rf_cli_screen *screen, int fd, enum rf_cli_color color);
/* `heading`: the query's id goes before its hits, as there are many queries. */
void rf_cli_print_people(struct rf_cli_answer *answer, const struct rf_cli_screen *screen, bool heading);
void rf_cli_print_footer(struct rf_cli_answer *answer, double milliseconds);

#endif
