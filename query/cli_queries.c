/* SPDX-License-Identifier: BSD-3-Clause */
/* Reading queries line by line, of any length and with any bytes in them. */
#include "query/cli_queries.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool rf_cli_queries_open(struct rf_cli_queries *queries, const char *path)
{
    *queries = (struct rf_cli_queries){.fd = STDIN_FILENO};
    if (strcmp(path, "-") != 0)
        queries->fd = open(path, O_RDONLY | O_CLOEXEC);
    return queries->fd >= 0;
}

void rf_cli_queries_close(struct rf_cli_queries *queries)
{
    if (queries->fd > STDIN_FILENO)
        close(queries->fd);
    free(queries->buffer);
}

/* Reads more behind what is there. false: trouble. */
static bool fill(struct rf_cli_queries *queries)
{
    if (queries->start > 0) {
        memmove(queries->buffer, queries->buffer + queries->start, queries->used - queries->start);
        queries->used -= queries->start;
        queries->start = 0;
    }
    if (queries->used == queries->capacity) {
        size_t capacity = queries->capacity == 0 ? 1 << 16 : queries->capacity * 2;
        char *buffer = realloc(queries->buffer, capacity);
        if (buffer == NULL) {
            queries->error = ENOMEM;
            return false;
        }
        queries->buffer = buffer;
        queries->capacity = capacity;
    }
    ssize_t got;
    do
        got = read(queries->fd, queries->buffer + queries->used, queries->capacity - queries->used);
    while (got < 0 && errno == EINTR);
    if (got < 0) {
        queries->error = errno;
        return false;
    }
    queries->used += (size_t)got;
    queries->at_end = got == 0;
    return true;
}

/* The next line without its end, or NULL. */
static char *next_line(struct rf_cli_queries *queries, size_t *length, void (*idle)(void *), void *context)
{
    size_t searched = 0;
    for (;;) {
        size_t left = queries->used - queries->start;
        char *line = left > 0 ? queries->buffer + queries->start : NULL;
        char *end = left > searched ? memchr(line + searched, '\n', left - searched) : NULL;
        if (end != NULL || (queries->at_end && left > 0)) {
            *length = end != NULL ? (size_t)(end - line) : left;
            queries->start += *length + (end != NULL);
            queries->line++;
            if (*length > 0 && line[*length - 1] == '\r')
                (*length)--;
            return line;
        }
        if (queries->at_end)
            return NULL;
        searched = left;
        idle(context);
        if (!fill(queries))
            return NULL;
    }
}

bool rf_cli_queries_next(struct rf_cli_queries *queries, struct rf_cli_query *query, void (*idle)(void *), void *context)
{
    size_t length;
    char *line;
    while ((line = next_line(queries, &length, idle, context)) != NULL) {
        if (queries->line == 1 && length >= 3 && memcmp(line, "\xEF\xBB\xBF", 3) == 0) { /* a byte order mark is no part of an id */
            line += 3;
            length -= 3;
        }
        char *tab = length > 0 ? memchr(line, '\t', length) : NULL;
        query->id = line;
        query->id_length = tab != NULL ? (size_t)(tab - line) : 0;
        query->text = tab != NULL ? tab + 1 : line;
        query->text_length = length - (size_t)(query->text - line);
        if (query->id_length == 0) {
            query->id = queries->number;
            query->id_length = (size_t)snprintf(queries->number, sizeof queries->number, "%" PRIu64, queries->line);
        }
        size_t blanks = 0;
        while (blanks < length && line[blanks] == ' ')
            blanks++;
        if (blanks < length)
            return true;
    }
    return false;
}
