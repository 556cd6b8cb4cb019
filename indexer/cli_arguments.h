/* SPDX-License-Identifier: BSD-3-Clause */
/* The command line of the program riffle-index. */
#ifndef RF_CLI_ARGUMENTS_H
#define RF_CLI_ARGUMENTS_H

#include <stdbool.h>
#include <stddef.h>

#include "riffle.h"

enum { RF_CLI_ALL = 0, RF_CLI_SOME = 1, RF_CLI_NONE = 2 }; /* exit statuses: what was done */

struct rf_cli_arguments {
    const char *index;
    riffle_writer_options writer;
    riffle_import_options import;
    const char *files_from; /* NULL: no list of paths */
    bool null_separated, quiet;
    bool deletes; /* paths are ids, of articles to take away */
    char **paths;
    int path_count;
};

/* What the command line asks for. Of the last two the program only has to leave. */
enum rf_cli_request { RF_CLI_INDEX, RF_CLI_HELP, RF_CLI_VERSION, RF_CLI_BAD_USAGE };

/* Complaints have been made where the answer is RF_CLI_BAD_USAGE. */
enum rf_cli_request rf_cli_arguments_read(struct rf_cli_arguments *arguments, int argc, char **argv);

extern const char rf_cli_help[];

#endif
