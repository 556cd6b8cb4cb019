/* SPDX-License-Identifier: BSD-3-Clause */
/* Where the program riffle writes: a buffer before a file descriptor that remembers its first error, and complaints. */
#ifndef RF_CLI_OUT_H
#define RF_CLI_OUT_H

#include <stddef.h>

/* After a failed write nothing more is written, and `error` is its errno: the reason is still there when the program ends. */
struct rf_cli_out {
    int fd;
    int error;
    size_t used;
    char buffer[1 << 16];
};

void rf_cli_out_init(struct rf_cli_out *out, int fd);
void rf_cli_out_bytes(struct rf_cli_out *out, const void *bytes, size_t length);
void rf_cli_out_string(struct rf_cli_out *out, const char *string);
/* As printf; for numbers and fixed words: what is longer than 200 bytes is cut. */
__attribute__((format(printf, 2, 3))) void rf_cli_out_printf(struct rf_cli_out *out, const char *format, ...);
void rf_cli_out_flush(struct rf_cli_out *out);

/* One line on standard error, "riffle: " before it; bytes from data may be in it, they are shown harmlessly. */
__attribute__((format(printf, 1, 2))) void rf_cli_complain(const char *format, ...);

#endif
