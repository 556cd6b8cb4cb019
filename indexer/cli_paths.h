/* SPDX-License-Identifier: BSD-3-Clause */
/* Lists of paths: read from a file, and how much lies behind them. */
#ifndef RF_CLI_PATHS_H
#define RF_CLI_PATHS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* All in one allocation: `list` and the texts that it points to. */
struct rf_cli_paths {
    char *text;
    char **list;
    size_t count;
};

/* Reads a list, from standard input where `file` is "-". Empty ones are passed over. false: a complaint has been made. */
bool rf_cli_paths_read(struct rf_cli_paths *paths, const char *file, bool null_separated);
void rf_cli_paths_free(struct rf_cli_paths *paths);

/* Adds the size of a file, or of the files in a folder, to *total. false: it cannot be known, or not before `deadline`. */
bool rf_cli_path_size(const char *path, double deadline, uint64_t *total);

#endif
