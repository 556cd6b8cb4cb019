/* SPDX-License-Identifier: BSD-3-Clause */
/* From the options to the answers: opens the index, searches, prints in the form that was asked for, and complains. */
#ifndef RF_CLI_SEARCH_H
#define RF_CLI_SEARCH_H

#include <stdbool.h>

#include "query/cli_options.h"
#include "query/cli_out.h"

/* What came of it. */
struct rf_cli_outcome {
    bool found;   /* something, for one query at least */
    bool partial; /* an answer came without some shards */
    bool trouble; /* complained about */
};

/* Milliseconds of a clock that only goes forward. */
double rf_cli_clock(void);

/* Answers all queries. `started` is when the program did, for the time that people are told. */
void rf_cli_search(struct rf_cli_options *options, struct rf_cli_out *out, double started, struct rf_cli_outcome *outcome);

/* "Nothing found" is said of the whole index only: where a shard was missing that is not known, and is trouble. */
int rf_cli_exit_status(const struct rf_cli_outcome *outcome);

#endif
