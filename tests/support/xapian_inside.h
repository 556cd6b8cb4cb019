/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What of the Xapian wrapper can be reached from C++ only: its guard, for failures that cannot be provoked, and its weight. */
#ifndef XAPIAN_INSIDE_H
#define XAPIAN_INSIDE_H

#include <stdbool.h>

#include "riffle-xapian.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Kinds of exceptions are counted from 0: each class of libxapian's errors, then others. */
int inside_exceptions(void);
const char *inside_exception_name(int kind);
rx_status inside_exception_status(int kind);

/* Throws one of that kind within the guard, with the message "what happened\nhere" and the shard "shard 7". */
rx_status inside_throw(int kind, rx_error *error);

/* One with a message longer than an rx_error takes, and with a reason of the operating system. */
rx_status inside_throw_long(rx_error *error);
rx_status inside_throw_reason(rx_error *error);

/* Writes and reads back the parameters of a Lucene weight: are they the same, and others refused? */
bool inside_weight_survives(double k1, double b, bool with_idf);

#ifdef __cplusplus
}
#endif

#endif
