/* SPDX-License-Identifier: BSD-3-Clause */
/* What riffle-index writes to standard error: complaints, and on a terminal a line that shows how far it is. */
#ifndef RF_CLI_PROGRESS_H
#define RF_CLI_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "riffle.h"

/* "riffle-index: ..." as one line, control characters made visible. A progress line gives way to it. */
__attribute__((format(printf, 1, 2))) void rf_cli_complain(const char *format, ...);

/* Seconds of a clock that is never set. */
double rf_cli_seconds(void);

/* Shows progress from now on. `total`: bytes of input on disk; 0: not known. */
void rf_cli_progress_start(uint64_t total);
/* Draws the line, at most ten times a second. Does nothing before the start and after the end. */
void rf_cli_progress_show(const riffle_import_counts *counts);
/* Shows this in place of the progress. */
void rf_cli_progress_say(const char *text);
void rf_cli_progress_end(void);

#endif
