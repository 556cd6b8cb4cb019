/* SPDX-License-Identifier: BSD-3-Clause */
/* Bitmaps of deleted passages, for indexes of the native engine, whose writer cannot delete. */
#ifndef DIFFERENTIAL_DELETIONS_H
#define DIFFERENTIAL_DELETIONS_H

#include "documents.h"

/*
 * Gives each segment of the index in `folder` a new bitmap, in a new generation: at random some passages, most of them, runs of them or none; with
 * `random` NULL, a bitmap of none. A segment that has a bitmap is not merged any more.
 */
void deletions_write(const char *folder, struct random *random);

#endif
