/* SPDX-License-Identifier: BSD-3-Clause */
/* The program riffle: answers queries from an index. See docs/riffle.1. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "query/cli_options.h"
#include "query/cli_out.h"
#include "query/cli_search.h"
#include "riffle-xapian.h"

static struct rf_cli_out out; /* static for its size */

static void search(struct rf_cli_options *options, double started, struct rf_cli_outcome *outcome)
{
    riffle_error error;
    if (riffle_xapian_register(&error) == RIFFLE_OK) {
        rf_cli_search(options, &out, started, outcome);
    } else {
        rf_cli_complain("%s", error.message);
        outcome->trouble = true;
    }
}

int main(int argc, char **argv)
{
    double started = rf_cli_clock();
    struct rf_cli_options options;
    struct rf_cli_outcome outcome = {0};
    signal(SIGPIPE, SIG_IGN); /* a reader that has seen enough, as head, is no trouble */
    rf_cli_out_init(&out, STDOUT_FILENO);
    switch (rf_cli_options_read(&options, argc, argv)) {
    case RF_CLI_SEARCH:
        search(&options, started, &outcome);
        break;
    case RF_CLI_HELP:
        rf_cli_out_string(&out, rf_cli_help);
        outcome.found = true;
        break;
    case RF_CLI_VERSION:
        rf_cli_print_version(&out);
        outcome.found = true;
        break;
    case RF_CLI_BAD_USAGE:
        outcome.trouble = true;
        break;
    }
    free(options.query);
    rf_cli_out_flush(&out);
    if (out.error != 0 && out.error != EPIPE) {
        rf_cli_complain("standard output: %s", strerror(out.error));
        outcome.trouble = true;
    }
    return rf_cli_exit_status(&outcome);
}
