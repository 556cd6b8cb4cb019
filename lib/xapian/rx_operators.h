/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What makers of queries share. */
#ifndef RX_OPERATORS_H
#define RX_OPERATORS_H

#include <xapian.h>

#include "xapian/rx_handles.h"

namespace rx
{

/* libxapian's name of an operator; Refused where there is none. */
Xapian::Query::op operator_of(rx_op op);

/*
 * A handle of a query that is nested `depth` deep. Refused where that is too deep: libxapian goes through a query by recursion, and
 * throws nothing where the stack ends.
 */
std::unique_ptr<rx_query> new_query(const Xapian::Query &query, unsigned depth);

} // namespace rx

#endif
