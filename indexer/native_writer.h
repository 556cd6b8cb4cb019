/* SPDX-License-Identifier: BSD-3-Clause */
/* The native engine's writing side: the folder of an index, and the session that a new segment grows in. */
#ifndef RF_NATIVE_WRITER_H
#define RF_NATIVE_WRITER_H

#include "engine/engine.h"

extern const struct rf_writing rf_native_writing;

#endif
