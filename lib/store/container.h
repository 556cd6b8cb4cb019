/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The container of every file but the manifest: a header, sections, a table of contents, a footer.
 *
 *   [magic 8: "RIFFLE" and two letters of the kind][version u32][0 u32]
 *   [section ... aligned to 8][64 zero bytes]  ...
 *   [tag u32][crc32 u32][offset u64][size u64]  one a section: the table of contents
 *   [sections u32][crc32 of header and table u32][table offset u64]["RIFFLEND"]
 */
#ifndef RF_CONTAINER_H
#define RF_CONTAINER_H

#include "base/file.h"

enum { RF_FORMAT_VERSION = 1, RF_CONTAINER_SECTIONS_MAX = 8 };

#define RF_TAG(a, b, c, d) ((uint32_t)(a) | (uint32_t)(b) << 8 | (uint32_t)(c) << 16 | (uint32_t)(d) << 24)

struct rf_section {
    uint32_t tag, crc;
    uint64_t offset, size;
};

struct rf_container_writer {
    struct rf_output output;
    uint8_t header[16];
    struct rf_section sections[RF_CONTAINER_SECTIONS_MAX];
    uint32_t count;
    uint32_t checksum; /* after finish: of header and table, which the manifest repeats */
    uint64_t size;     /* after finish: of the whole file */
};

/* `kind`: two letters. */
riffle_status rf_container_create(struct rf_container_writer *writer, const char *path, const char *kind,
                                  const riffle_allocator *allocator, riffle_error *error);
/* Begins a section (and ends the one before); its bytes are appended to writer->output. */
void rf_container_section(struct rf_container_writer *writer, uint32_t tag);
/* Bytes of the section at hand so far. */
uint64_t rf_container_section_size(const struct rf_container_writer *writer);
riffle_status rf_container_finish(struct rf_container_writer *writer, riffle_error *error);
void rf_container_release(struct rf_container_writer *writer, bool remove);

/* A mapped container. Its table has been verified, the bytes of its sections have not. */
struct rf_container {
    struct rf_map map;
    struct rf_section sections[RF_CONTAINER_SECTIONS_MAX];
    uint32_t count;
    uint32_t checksum;
};

riffle_status rf_container_open(struct rf_container *container, const char *path, const char *kind, riffle_error *error);
void rf_container_close(struct rf_container *container);

/* Verifies the checksums of all sections. */
riffle_status rf_container_verify(const struct rf_container *container, const char *path, riffle_error *error);

/* A section's bytes; at least RF_OVERREAD more can be read behind them. RIFFLE_CORRUPT where there is none. */
struct rf_span {
    const uint8_t *data;
    uint64_t size;
};
riffle_status rf_container_find(const struct rf_container *container, const char *path, uint32_t tag, struct rf_span *span,
                                riffle_error *error);
/* The same, with its checksum verified. */
riffle_status rf_container_find_verified(const struct rf_container *container, const char *path, uint32_t tag, struct rf_span *span,
                                         riffle_error *error);

#endif
