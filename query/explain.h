/* SPDX-License-Identifier: BSD-3-Clause */
/* How a score came about. */
#ifndef RF_EXPLAIN_H
#define RF_EXPLAIN_H

#include "query/execute.h"

/* Appends lines of text to `out`: the sum, and what each leaf has to do with it. */
riffle_status rf_explain(const struct rf_plan *plan, const struct rf_found *hit, struct rf_buffer *out, riffle_error *error);

#endif
