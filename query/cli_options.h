/* SPDX-License-Identifier: BSD-3-Clause */
/* The command line of the program riffle. */
#ifndef RF_CLI_OPTIONS_H
#define RF_CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "query/cli_out.h"
#include "riffle.h"

enum { RF_CLI_FOUND = 0, RF_CLI_NOTHING = 1, RF_CLI_TROUBLE = 2 }; /* exit statuses, grep's */

enum rf_cli_form { RF_CLI_PEOPLE, RF_CLI_COUNT, RF_CLI_JSON, RF_CLI_TREC };
enum rf_cli_color { RF_CLI_COLOR_AUTO, RF_CLI_COLOR_ALWAYS, RF_CLI_COLOR_NEVER };

struct rf_cli_options {
    const char *index;
    char *query; /* the words joined by blanks; NULL with --queries */
    const char *queries;
    enum rf_cli_form form;
    enum rf_cli_color color;
    bool explain;
    riffle_index_options opening;
    riffle_search_options search;
};

/* What the command line asks for. Of the last two the program only has to leave. */
enum rf_cli_request { RF_CLI_SEARCH, RF_CLI_HELP, RF_CLI_VERSION, RF_CLI_BAD_USAGE };

/* Complaints have been made where the answer is RF_CLI_BAD_USAGE. Free options->query afterwards. */
enum rf_cli_request rf_cli_options_read(struct rf_cli_options *options, int argc, char **argv);

extern const char rf_cli_help[];

/* The version, and the licence of what holds libxapian. */
void rf_cli_print_version(struct rf_cli_out *out);

#endif
