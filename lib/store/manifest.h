/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The manifest: the one file that makes an index. It names the settings and the segments of a generation; it is never changed, only
 * replaced by rename, so that a reader finds the old or the new one whole.
 *
 *   ["RIFFLEMF"][version u32][segments u32][generation u64][next segment number u32]
 *   [analysis version u32][title weight u32][flags u32: 1 stores text, 2 splits passages][language, 32 bytes, NUL-padded]
 *   a segment: [number u32][deleted u32][docs u32][articles u32]([size u64][checksum u32][0 u32]) for each of the five files
 *   [crc32 of all before u32]
 */
#ifndef RF_MANIFEST_H
#define RF_MANIFEST_H

#include "store/generation.h"
#include "store/segment_files.h"

struct rf_manifest {
    uint64_t generation;
    uint32_t next_segment; /* number that no file in the folder has */
    struct rf_settings settings;
    struct rf_segment_entry *segments;
    size_t segment_count;
};

#define RF_MANIFEST_NAME "manifest"

/* *found is false, with RIFFLE_OK, where the folder has no manifest. Release with rf_manifest_release in any case. */
riffle_status rf_manifest_read(struct rf_manifest *manifest, const char *folder, bool *found, const riffle_allocator *allocator,
                               riffle_error *error);
void rf_manifest_release(struct rf_manifest *manifest, const riffle_allocator *allocator);

/*
 * Writes it aside, fsyncs it, fsyncs the folder (the segments' own names), renames it over the old one, and fsyncs the folder
 * again. When it returns RIFFLE_OK the generation is there for good.
 */
riffle_status rf_manifest_write(const struct rf_manifest *manifest, const char *folder, const riffle_allocator *allocator,
                                riffle_error *error);

#endif
