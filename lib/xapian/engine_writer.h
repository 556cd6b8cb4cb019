/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writing an index in Xapian. */
#ifndef RF_XAPIAN_WRITER_H
#define RF_XAPIAN_WRITER_H

#include "engine/engine.h"

extern const struct rf_writing rf_xapian_writing;

#endif
