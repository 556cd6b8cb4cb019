/* SPDX-License-Identifier: BSD-3-Clause */
/* What the readers of articles may ask of a writer beside the public header. */
#ifndef RF_WRITER_H
#define RF_WRITER_H

#include "base/base.h"

const riffle_allocator *rf_writer_allocator(const riffle_writer *writer);

#endif
