/* SPDX-License-Identifier: BSD-3-Clause */
/* The protocol of the public search-benchmark-game. */
#include "tests/bench/protocol.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct {
    char *bytes;
    size_t start, end, capacity; /* what was read and not yet given lies between start and end */
} input;

static struct {
    char *bytes;
    size_t length, capacity;
} hits;

static _Noreturn void die(const char *what)
{
    perror(what);
    exit(2);
}

static char *grown(char *bytes, size_t *capacity, size_t needed)
{
    if (needed <= *capacity)
        return bytes;
    *capacity = 2 * needed + 65536;
    bytes = realloc(bytes, *capacity);
    if (bytes == NULL)
        die("memory");
    return bytes;
}

/* A line without its end; NULL: no more. The last one may lack its newline. */
static const char *next_line(size_t *length)
{
    for (size_t seen = 0;;) {
        char *line = input.bytes + input.start;
        char *newline = input.end > input.start + seen ? memchr(line + seen, '\n', input.end - input.start - seen) : NULL;
        if (newline != NULL) {
            *length = (size_t)(newline - line);
            input.start += *length + 1;
            return line;
        }
        seen = input.end - input.start;
        if (input.start > 0) {
            memmove(input.bytes, line, seen);
            input.start = 0, input.end = seen;
        }
        input.bytes = grown(input.bytes, &input.capacity, seen + 4096);
        ssize_t got;
        do
            got = read(STDIN_FILENO, input.bytes + seen, input.capacity - seen);
        while (got < 0 && errno == EINTR);
        if (got < 0)
            die("standard input");
        if (got == 0) {
            *length = seen;
            input.start = input.end;
            return seen > 0 ? input.bytes : NULL;
        }
        input.end += (size_t)got;
    }
}

static void put(const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t written = write(STDOUT_FILENO, bytes, length);
        if (written < 0 && errno != EINTR)
            die("standard output");
        if (written > 0)
            bytes += written, length -= (size_t)written;
    }
}

/* A number at the start of a text that lasts until `end`; 0 where there is none. */
static uint64_t number(const char **text, const char *end)
{
    uint64_t value = 0;
    while (*text < end && **text >= '0' && **text <= '9' && value < UINT32_MAX)
        value = 10 * value + (uint64_t)(*(*text)++ - '0');
    return value;
}

static bool is(const char *text, const char *end, const char *word)
{
    return (size_t)(end - text) == strlen(word) && memcmp(text, word, (size_t)(end - text)) == 0;
}

static bool begins(const char *text, const char *end, const char *word)
{
    return (size_t)(end - text) > strlen(word) && memcmp(text, word, strlen(word)) == 0;
}

static bool read_command(struct protocol_question *question, const char *command, const char *end)
{
    *question = (struct protocol_question){.counts = is(command, end, "COUNT"), .shows = begins(command, end, "DOCS_")};
    if (question->counts)
        return true;
    if (!question->shows && !begins(command, end, "TOP_"))
        return false;
    command += question->shows ? 5 : 4;
    question->best = number(&command, end);
    question->counts = !question->shows && is(command, end, "_COUNT");
    return question->best > 0 && (question->counts || command == end);
}

bool protocol_next(struct protocol_question *question)
{
    const char *line;
    for (size_t length; (line = next_line(&length)) != NULL; protocol_unsupported()) {
        const char *tab = memchr(line, '\t', length);
        if (tab != NULL && read_command(question, line, tab)) {
            question->query = tab + 1;
            question->length = (size_t)(line + length - question->query);
            return true;
        }
    }
    return false;
}

void protocol_done(void) { put("1\n", 2); }

void protocol_count(uint64_t count)
{
    char text[24], *start = text + sizeof text;
    *--start = '\n';
    do
        *--start = (char)('0' + count % 10);
    while ((count /= 10) > 0);
    put(start, (size_t)(text + sizeof text - start));
}

void protocol_unsupported(void) { put("UNSUPPORTED\n", 12); }

/* 17 digits tell any two doubles apart. */
void protocol_hit(const char *id, size_t length, double score)
{
    hits.bytes = grown(hits.bytes, &hits.capacity, hits.length + length + 64);
    if (hits.length > 0)
        hits.bytes[hits.length++] = ' ';
    memcpy(hits.bytes + hits.length, id, length);
    hits.length += length;
    hits.length += (size_t)snprintf(hits.bytes + hits.length, 40, ":%.17g", score);
}

void protocol_hits_end(void)
{
    hits.bytes = grown(hits.bytes, &hits.capacity, hits.length + 1);
    hits.bytes[hits.length++] = '\n';
    put(hits.bytes, hits.length);
    hits.length = 0;
}
