/* SPDX-License-Identifier: BSD-3-Clause */
/* The lines of --queries: 'ID<TAB>QUERY', or a bare query whose id is the number of its line. */
#ifndef RF_CLI_QUERIES_H
#define RF_CLI_QUERIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rf_cli_queries {
    int fd;
    int error; /* errno of a failed read or allocation, once rf_cli_queries_next has returned false */
    uint64_t line;
    char *buffer;
    size_t start, used, capacity;
    bool at_end;
    char number[24];
};

struct rf_cli_query {
    const char *id, *text; /* of the buffer: valid until the next call */
    size_t id_length, text_length;
};

/* "-" is standard input. false: errno says why. */
bool rf_cli_queries_open(struct rf_cli_queries *queries, const char *path);
/*
 * The next line that is not blank; false at the end and on trouble. `idle` is called before each wait for input, so that
 * a program that asks line by line through pipes gets its answers before it asks again.
 */
bool rf_cli_queries_next(struct rf_cli_queries *queries, struct rf_cli_query *query, void (*idle)(void *), void *context);
void rf_cli_queries_close(struct rf_cli_queries *queries);

#endif
