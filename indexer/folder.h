/* SPDX-License-Identifier: BSD-3-Clause */
/* The folder of an index as a writer sees it: whose files are there, and which of them nobody needs. */
#ifndef RF_FOLDER_H
#define RF_FOLDER_H

#include "store/manifest.h"

/*
 * Is this descriptor one of a folder whose manifest starts as a Riffle manifest does, or where a writer is about to make one?
 * `riffle-index .` finds the folder of its own index, which has no manifest before the first commit.
 */
bool rf_folder_is_index(int folder);

/* Makes the folder if need be (*made tells), and refuses one that holds anything but an index: RIFFLE_NOT_EMPTY. */
riffle_status rf_folder_claim(const char *path, bool *made, riffle_error *error);

/* A number above those of all segment files there. */
riffle_status rf_folder_next_number(const char *path, uint32_t *number, riffle_error *error);

/* Removes the files of segments that the manifest does not name, and a manifest that was never put in place. Failures do not matter:
 * the next writer tries again. */
void rf_folder_clean(const char *path, const struct rf_manifest *manifest);

#endif
