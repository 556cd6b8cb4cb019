/* SPDX-License-Identifier: BSD-3-Clause */
/* The buffered output of the program riffle. */
#include "query/cli_out.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "query/cli_text.h"

void rf_cli_out_init(struct rf_cli_out *out, int fd)
{
    out->fd = fd;
    out->error = 0;
    out->used = 0;
}

static void write_all(struct rf_cli_out *out, const char *bytes, size_t length)
{
    while (length > 0 && out->error == 0) {
        ssize_t written = write(out->fd, bytes, length);
        if (written >= 0) {
            bytes += written;
            length -= (size_t)written;
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) { /* some terminals and parents leave O_NONBLOCK on the pipe */
            struct pollfd ready = {.fd = out->fd, .events = POLLOUT};
            (void)poll(&ready, 1, -1);
        } else if (errno != EINTR) {
            out->error = errno;
        }
    }
}

void rf_cli_out_flush(struct rf_cli_out *out)
{
    write_all(out, out->buffer, out->used);
    out->used = 0;
}

void rf_cli_out_bytes(struct rf_cli_out *out, const void *bytes, size_t length)
{
    if (length > sizeof out->buffer - out->used)
        rf_cli_out_flush(out);
    if (length > sizeof out->buffer) {
        write_all(out, bytes, length);
    } else if (length > 0) {
        memcpy(out->buffer + out->used, bytes, length);
        out->used += length;
    }
}

void rf_cli_out_string(struct rf_cli_out *out, const char *string) { rf_cli_out_bytes(out, string, strlen(string)); }

void rf_cli_out_printf(struct rf_cli_out *out, const char *format, ...)
{
    char line[200];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    if (length > 0)
        rf_cli_out_bytes(out, line, (size_t)length < sizeof line ? (size_t)length : sizeof line - 1);
}

void rf_cli_complain(const char *format, ...)
{
    char line[2000];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    if (length < 0)
        return;
    static struct rf_cli_out out; /* static for its size: the program has one thread */
    rf_cli_out_init(&out, STDERR_FILENO);
    rf_cli_out_string(&out, "riffle: ");
    rf_cli_visible(&out, line, (size_t)length < sizeof line ? (size_t)length : sizeof line - 1);
    rf_cli_out_string(&out, "\n");
    rf_cli_out_flush(&out);
}
