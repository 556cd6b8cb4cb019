/* SPDX-License-Identifier: BSD-3-Clause */
/* Reading and writing of containers; see container.h for the bytes. */
#include "store/container.h"

#include <zlib.h>

#include "store/codec.h"

enum { HEADER = 16, ENTRY = 24, FOOTER = 24 };
static const char footer_magic[8] = {'R', 'I', 'F', 'F', 'L', 'E', 'N', 'D'};

static void make_header(uint8_t header[HEADER], const char *kind, uint32_t version)
{
    memcpy(header, "RIFFLE", 6);
    memcpy(header + 6, kind, 2);
    rf_store32(header + 8, version);
    rf_store32(header + 12, 0);
}

riffle_status rf_container_create(struct rf_container_writer *writer, const char *path, const char *kind,
                                  const riffle_allocator *allocator, riffle_error *error)
{
    *writer = (struct rf_container_writer){0};
    riffle_status status = rf_output_open(&writer->output, path, allocator, error);
    if (status)
        return status;
    make_header(writer->header, kind, RF_FORMAT_VERSION);
    rf_output_append(&writer->output, writer->header, HEADER);
    return RIFFLE_OK;
}

static void end_section(struct rf_container_writer *writer)
{
    static const uint8_t padding[RF_OVERREAD];
    if (!writer->count)
        return;
    struct rf_section *section = &writer->sections[writer->count - 1];
    section->size = writer->output.size - section->offset;
    section->crc = writer->output.crc;
    rf_output_append(&writer->output, padding, sizeof padding);
    rf_output_align(&writer->output, 8);
}

void rf_container_section(struct rf_container_writer *writer, uint32_t tag)
{
    end_section(writer);
    writer->sections[writer->count++] = (struct rf_section){.tag = tag, .offset = writer->output.size};
    rf_output_restart_crc(&writer->output);
}

uint64_t rf_container_section_size(const struct rf_container_writer *writer)
{
    return writer->output.size - writer->sections[writer->count - 1].offset;
}

riffle_status rf_container_finish(struct rf_container_writer *writer, riffle_error *error)
{
    end_section(writer);
    struct rf_output *output = &writer->output;
    uint64_t table = output->size;
    rf_output_restart_crc(output);
    for (uint32_t i = 0; i < writer->count; i++) {
        rf_output_append_u32(output, writer->sections[i].tag);
        rf_output_append_u32(output, writer->sections[i].crc);
        rf_output_append_u64(output, writer->sections[i].offset);
        rf_output_append_u64(output, writer->sections[i].size);
    }
    uint32_t header_crc = (uint32_t)crc32(0, writer->header, HEADER);
    writer->checksum = (uint32_t)crc32_combine(header_crc, output->crc, (z_off_t)writer->count * ENTRY);
    rf_output_append_u32(output, writer->count);
    rf_output_append_u32(output, writer->checksum);
    rf_output_append_u64(output, table);
    rf_output_append(output, footer_magic, sizeof footer_magic);
    writer->size = output->size;
    return rf_output_finish(output, error);
}

void rf_container_release(struct rf_container_writer *writer, bool remove)
{
    if (writer->output.allocator)
        rf_output_release(&writer->output, remove);
}

static riffle_status verify_table(struct rf_container *container, const char *path, const char *kind, riffle_error *error)
{
    const uint8_t *data = container->map.data;
    uint64_t size = container->map.size;
    uint8_t header[HEADER];
    make_header(header, kind, RF_FORMAT_VERSION);
    if (size < HEADER + FOOTER)
        return rf_fail(error, RIFFLE_CORRUPT, "%s: %llu bytes are too few", path, (unsigned long long)size);
    if (memcmp(data, header, 8))
        return rf_fail(error, RIFFLE_CORRUPT, "%s: byte 0: not a Riffle file of its kind", path);
    if (rf_load32(data + 8) > RF_FORMAT_VERSION)
        return rf_fail(error, RIFFLE_TOO_NEW, "%s: format %u is newer than this program's %u", path, (unsigned)rf_load32(data + 8),
                       (unsigned)RF_FORMAT_VERSION);
    const uint8_t *footer = data + size - FOOTER;
    if (memcmp(data, header, HEADER) || memcmp(footer + 16, footer_magic, 8))
        return rf_fail(error, RIFFLE_CORRUPT, "%s: header or end is damaged, or the file is cut short", path);
    uint64_t count = rf_load32(footer), table = rf_load64(footer + 8);
    container->checksum = rf_load32(footer + 4);
    if (count > RF_CONTAINER_SECTIONS_MAX || table > size - FOOTER || size - FOOTER - table != count * ENTRY)
        return rf_fail(error, RIFFLE_CORRUPT, "%s: byte %llu: bad table of contents", path, (unsigned long long)(size - FOOTER));
    uint32_t crc = (uint32_t)crc32(0, data, HEADER);
    if (crc32_z(crc, data + table, (size_t)(count * ENTRY)) != container->checksum)
        return rf_fail(error, RIFFLE_CORRUPT, "%s: byte %llu: table of contents fails its checksum", path,
                       (unsigned long long)table);
    container->count = (uint32_t)count;
    for (uint32_t i = 0; i < count; i++) {
        const uint8_t *entry = data + table + i * ENTRY;
        struct rf_section *section = &container->sections[i];
        *section = (struct rf_section){rf_load32(entry), rf_load32(entry + 4), rf_load64(entry + 8), rf_load64(entry + 16)};
        if (section->offset % 8 || section->offset < HEADER || section->offset > table || section->size > table - section->offset ||
            table - section->offset - section->size < RF_OVERREAD)
            return rf_fail(error, RIFFLE_CORRUPT, "%s: byte %llu: section out of range", path,
                           (unsigned long long)(table + i * ENTRY));
    }
    return RIFFLE_OK;
}

riffle_status rf_container_open(struct rf_container *container, const char *path, const char *kind, riffle_error *error)
{
    *container = (struct rf_container){0};
    riffle_status status = rf_map_open(&container->map, path, NULL, error);
    if (!status)
        status = verify_table(container, path, kind, error);
    if (status)
        rf_container_close(container);
    return status;
}

void rf_container_close(struct rf_container *container) { rf_map_close(&container->map); }

static const struct rf_section *find(const struct rf_container *container, uint32_t tag)
{
    for (uint32_t i = 0; i < container->count; i++)
        if (container->sections[i].tag == tag)
            return &container->sections[i];
    return NULL;
}

riffle_status rf_container_find(const struct rf_container *container, const char *path, uint32_t tag, struct rf_span *span,
                                riffle_error *error)
{
    const struct rf_section *section = find(container, tag);
    *span = (struct rf_span){0};
    if (!section)
        return rf_fail(error, RIFFLE_CORRUPT, "%s: section %c%c%c%c is missing", path, (int)(tag & 255), (int)(tag >> 8 & 255),
                       (int)(tag >> 16 & 255), (int)(tag >> 24 & 255));
    *span = (struct rf_span){container->map.data + section->offset, section->size};
    return RIFFLE_OK;
}

static riffle_status verify_section(const struct rf_container *container, const char *path, const struct rf_section *section,
                                    riffle_error *error)
{
    if (crc32_z(crc32(0, NULL, 0), container->map.data + section->offset, (size_t)section->size) != section->crc)
        return rf_fail(error, RIFFLE_CORRUPT, "%s: section at byte %llu fails its checksum", path,
                       (unsigned long long)section->offset);
    return RIFFLE_OK;
}

riffle_status rf_container_find_verified(const struct rf_container *container, const char *path, uint32_t tag, struct rf_span *span,
                                         riffle_error *error)
{
    riffle_status status = rf_container_find(container, path, tag, span, error);
    return status ? status : verify_section(container, path, find(container, tag), error);
}

riffle_status rf_container_verify(const struct rf_container *container, const char *path, riffle_error *error)
{
    riffle_status status = RIFFLE_OK;
    for (uint32_t i = 0; !status && i < container->count; i++)
        status = verify_section(container, path, &container->sections[i], error);
    return status;
}
