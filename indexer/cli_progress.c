/* SPDX-License-Identifier: BSD-3-Clause */
/* The line of progress, and everything else on standard error. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "indexer/cli_progress.h"

enum { LINE_MAX_COLUMNS = 200, BAR_COLUMNS = 30, BAR_LEAST = 10 };

static struct {
    bool on, drawn;
    uint64_t total;
    double started, last;
} progress;

double rf_cli_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Goes back to the start of the line and clears it. */
static void clear(void)
{
    if (progress.drawn)
        fputs("\r\033[K", stderr);
    progress.drawn = false;
}

/* ---- Complaints ---- */

/* One character of UTF-8 (0xfffd for what is none); returns the bytes it took. */
static size_t decode(const unsigned char *p, uint32_t *code)
{
    size_t length = *p < 0x80 ? 1 : *p >= 0xc2 && *p < 0xe0 ? 2 : *p >= 0xe0 && *p < 0xf0 ? 3 : *p >= 0xf0 && *p < 0xf5 ? 4 : 0;
    uint32_t value = length < 2 ? *p : *p & (0x7fu >> length);
    for (size_t i = 1; i < length; i++) { /* a NUL ends this too */
        if ((p[i] & 0xc0) != 0x80)
            length = 0;
        value = value << 6 | (p[i] & 0x3f);
    }
    if (length == 0 || (length == 3 && (value < 0x800 || (value >= 0xd800 && value < 0xe000))) ||
        (length == 4 && (value < 0x10000 || value > 0x10ffff))) {
        *code = 0xfffd;
        return 1;
    }
    *code = value;
    return length;
}

/* Names of files hold what their makers liked: nothing of it may steer the terminal, forge a line or turn its direction. */
static void put_visible(const char *text)
{
    const unsigned char *p = (const unsigned char *)text;
    while (*p) {
        uint32_t c = 0;
        size_t n = decode(p, &c);
        if (c < 0x20 || c == 0x7f)
            fprintf(stderr, "^%c", (int)(c ^ 0x40));
        else if (c < 0xa0 && c >= 0x80)
            fprintf(stderr, "<U+%04X>", (unsigned)c);
        else if ((c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0x200e || c == 0x200f || c == 0x2028 ||
                 c == 0x2029)
            fprintf(stderr, "<U+%04X>", (unsigned)c);
        else if (c == 0xfffd)
            fputs("\xef\xbf\xbd", stderr);
        else
            fwrite(p, 1, n, stderr);
        p += n;
    }
}

void rf_cli_complain(const char *format, ...)
{
    char small[1024], *text = small;
    va_list arguments;
    va_start(arguments, format);
    int n = vsnprintf(small, sizeof(small), format, arguments);
    va_end(arguments);
    if (n >= (int)sizeof(small) && (text = malloc((size_t)n + 1)) != NULL) {
        va_start(arguments, format);
        vsnprintf(text, (size_t)n + 1, format, arguments);
        va_end(arguments);
    }
    clear();
    fputs("riffle-index: ", stderr);
    put_visible(text ? text : small);
    fputc('\n', stderr);
    if (text != small)
        free(text);
}

/* ---- Progress ---- */

static unsigned terminal_columns(void)
{
    struct winsize size;
    const char *columns = getenv("COLUMNS");
    int told = columns ? atoi(columns) : 0;
    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        return size.ws_col;
    return told > 0 ? (unsigned)told : 80;
}

static void draw(const char *text)
{
    fprintf(stderr, "\r%s\033[K", text);
    fflush(stderr);
    progress.drawn = true;
}

void rf_cli_progress_start(uint64_t total)
{
    progress.on = true;
    progress.total = total;
    progress.started = progress.last = rf_cli_seconds();
}

/* "h:mm:ss", "m:ss" or, where that is long, days. */
static void write_duration(char *out, size_t room, double seconds)
{
    unsigned long s = seconds > 0 ? (unsigned long)(seconds + .5) : 0;
    if (s >= 86400)
        snprintf(out, room, "%lu days left", s / 86400);
    else if (s >= 3600)
        snprintf(out, room, "%lu:%02lu:%02lu left", s / 3600, s / 60 % 60, s % 60);
    else
        snprintf(out, room, "%lu:%02lu left", s / 60, s % 60);
}

void rf_cli_progress_show(const riffle_import_counts *counts)
{
    if (!progress.on)
        return;
    double now = rf_cli_seconds(), elapsed = now - progress.started;
    if (now - progress.last < .1)
        return;
    progress.last = now;

    /* Shown from left to right; where the line is too short, parts go in the order of `goes`. */
    enum { PERCENT, BYTES, ARTICLES, RATE, LEFT, PARTS };
    static const int goes[] = {RATE, ARTICLES, LEFT, BYTES};
    char parts[PARTS][40] = {""}, line[LINE_MAX_COLUMNS + 80];
    /* Files may grow while they are read: never more than 99 % before the end. */
    double share = progress.total > 0 ? (double)counts->raw_bytes / (double)progress.total : 0;
    share = share > .99 ? .99 : share;
    if (progress.total > 0)
        snprintf(parts[PERCENT], sizeof(*parts), "%d%%", (int)(share * 100));
    if (progress.total > 0 && elapsed >= 1 && share > 0)
        write_duration(parts[LEFT], sizeof(*parts), elapsed / share - elapsed);
    snprintf(parts[BYTES], sizeof(*parts), "%.1f MB", (double)counts->bytes / 1e6);
    snprintf(parts[ARTICLES], sizeof(*parts), "%llu articles", (unsigned long long)counts->articles);
    snprintf(parts[RATE], sizeof(*parts), "%.1f MB/s", (double)counts->bytes / 1e6 / elapsed);

    unsigned columns = terminal_columns(), length = 0;
    columns = columns > LINE_MAX_COLUMNS ? LINE_MAX_COLUMNS : columns;
    columns -= columns > 1; /* the last column makes some terminals wrap */
    for (size_t gone = 0;; gone++) {
        length = 0;
        for (int i = 0; i < PARTS; i++)
            length += parts[i][0] ? (unsigned)strlen(parts[i]) + (length > 0 ? 2 : 0) : 0;
        if (length <= columns || gone == sizeof(goes) / sizeof(*goes))
            break;
        parts[goes[gone]][0] = '\0';
    }
    if (length > columns)
        return;
    char *p = line;
    if (progress.total > 0 && columns >= length + BAR_LEAST) {
        unsigned room = columns - length - 3; /* brackets and a blank */
        room = room > BAR_COLUMNS ? BAR_COLUMNS : room;
        *p++ = '[';
        for (unsigned i = 0; i < room; i++)
            *p++ = i < (unsigned)(share * room + .5) ? '#' : '-';
        *p++ = ']';
        *p++ = ' ';
    }
    bool first = true;
    for (int i = 0; i < PARTS; i++) {
        if (parts[i][0])
            p += sprintf(p, "%s%s", first ? "" : "  ", parts[i]), first = false;
    }
    *p = '\0';
    draw(line);
}

void rf_cli_progress_say(const char *text)
{
    if (progress.on && strlen(text) < terminal_columns())
        draw(text);
}

void rf_cli_progress_end(void)
{
    clear();
    fflush(stderr);
    progress.on = false;
}
