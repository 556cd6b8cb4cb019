/* SPDX-License-Identifier: BSD-3-Clause */
/* Reading and writing the manifest, and opening the generation that it names. */
#include "store/manifest.h"

#include <zlib.h>

enum { HEAD = 72, SEGMENT = 16 + RF_FILES * 16 };
static const char magic[8] = {'R', 'I', 'F', 'F', 'L', 'E', 'M', 'F'};

static void decode_segment(const uint8_t *p, struct rf_segment_entry *entry)
{
    *entry = (struct rf_segment_entry){
        .number = rf_load32(p), .deleted = rf_load32(p + 4), .docs = rf_load32(p + 8), .articles = rf_load32(p + 12)};
    for (int i = 0; i < RF_FILES; i++) {
        entry->size[i] = rf_load64(p + 16 + i * 16);
        entry->checksum[i] = rf_load32(p + 24 + i * 16);
    }
}

static riffle_status decode(struct rf_manifest *manifest, const char *path, const struct rf_map *map,
                            const riffle_allocator *allocator, riffle_error *error)
{
    const uint8_t *p = map->data;
    if (map->size < HEAD + 4 || memcmp(p, magic, sizeof magic))
        return rf_fail(error, RIFFLE_CORRUPT, "%s: not a manifest of Riffle", path);
    if (rf_load32(p + 8) > RF_FORMAT_VERSION)
        return rf_fail(error, RIFFLE_TOO_NEW, "%s: format %u is newer than this program's %u", path, (unsigned)rf_load32(p + 8),
                       (unsigned)RF_FORMAT_VERSION);
    uint64_t count = rf_load32(p + 12);
    if (crc32_z(crc32(0, NULL, 0), p, map->size - 4) != rf_load32(p + map->size - 4))
        return rf_fail(error, RIFFLE_CORRUPT, "%s: fails its checksum", path);
    if (rf_load32(p + 8) != RF_FORMAT_VERSION)
        return rf_fail(error, RIFFLE_CORRUPT, "%s: there is no format %u", path, (unsigned)rf_load32(p + 8));
    if (map->size != HEAD + count * SEGMENT + 4 || p[HEAD - 1] != 0)
        return rf_fail(error, RIFFLE_CORRUPT, "%s: bad size", path);
    manifest->generation = rf_load64(p + 16);
    manifest->next_segment = rf_load32(p + 24);
    struct rf_settings *settings = &manifest->settings;
    settings->analysis_version = rf_load32(p + 28);
    settings->title_weight = rf_load32(p + 32);
    settings->store_text = rf_load32(p + 36) & 1;
    settings->split_passages = rf_load32(p + 36) >> 1 & 1;
    memcpy(settings->language, p + 40, sizeof settings->language);
    if (settings->title_weight < 1 || settings->title_weight > RF_TITLE_WEIGHT_MAX)
        return rf_fail(error, RIFFLE_CORRUPT, "%s: title weight %u", path, (unsigned)settings->title_weight);
    manifest->segments = rf_alloc(allocator, (size_t)count * sizeof *manifest->segments);
    if (!manifest->segments)
        return rf_fail_memory(error);
    manifest->segment_count = (size_t)count;
    for (size_t i = 0; i < count; i++)
        decode_segment(p + HEAD + i * SEGMENT, &manifest->segments[i]);
    return RIFFLE_OK;
}

riffle_status rf_manifest_read(struct rf_manifest *manifest, const char *folder, bool *found, const riffle_allocator *allocator,
                               riffle_error *error)
{
    *manifest = (struct rf_manifest){0};
    struct rf_map map = {0};
    char *path = rf_join_path(allocator, folder, RF_MANIFEST_NAME);
    if (!path)
        return rf_fail_memory(error);
    riffle_status status = rf_map_open(&map, path, found, error);
    if (!status && *found)
        status = decode(manifest, path, &map, allocator, error);
    rf_map_close(&map);
    rf_free(allocator, path);
    return status;
}

void rf_manifest_release(struct rf_manifest *manifest, const riffle_allocator *allocator)
{
    rf_free(allocator, manifest->segments);
    *manifest = (struct rf_manifest){0};
}

static void encode(const struct rf_manifest *manifest, struct rf_output *output)
{
    const struct rf_settings *settings = &manifest->settings;
    rf_output_append(output, magic, sizeof magic);
    rf_output_append_u32(output, RF_FORMAT_VERSION);
    rf_output_append_u32(output, (uint32_t)manifest->segment_count);
    rf_output_append_u64(output, manifest->generation);
    rf_output_append_u32(output, manifest->next_segment);
    rf_output_append_u32(output, settings->analysis_version);
    rf_output_append_u32(output, settings->title_weight);
    rf_output_append_u32(output, (settings->store_text ? 1u : 0) | (settings->split_passages ? 2u : 0));
    rf_output_append(output, settings->language, sizeof settings->language);
    for (size_t i = 0; i < manifest->segment_count; i++) {
        const struct rf_segment_entry *entry = &manifest->segments[i];
        rf_output_append_u32(output, entry->number);
        rf_output_append_u32(output, entry->deleted);
        rf_output_append_u32(output, entry->docs);
        rf_output_append_u32(output, entry->articles);
        for (int j = 0; j < RF_FILES; j++) {
            rf_output_append_u64(output, entry->size[j]);
            rf_output_append_u32(output, entry->checksum[j]);
            rf_output_append_u32(output, 0);
        }
    }
    rf_output_append_u32(output, output->crc);
}

riffle_status rf_manifest_write(const struct rf_manifest *manifest, const char *folder, const riffle_allocator *allocator,
                                riffle_error *error)
{
    char *path = rf_join_path(allocator, folder, RF_MANIFEST_NAME),
         *aside = rf_join_path(allocator, folder, RF_MANIFEST_NAME ".new");
    struct rf_output output = {.allocator = allocator, .descriptor = -1};
    riffle_status status = path && aside ? rf_output_open(&output, aside, allocator, error) : rf_fail_memory(error);
    if (!status) {
        encode(manifest, &output);
        status = rf_output_finish(&output, error);
    }
    if (!status)
        status = rf_fsync_folder(folder, error);
    if (!status)
        status = rf_rename(aside, path, error);
    rf_output_release(&output, status != RIFFLE_OK);
    if (!status)
        status = rf_fsync_folder(folder, error);
    rf_free(allocator, path);
    rf_free(allocator, aside);
    return status;
}

/* ---- A generation ---- */

static riffle_status open_segments(struct rf_generation *generation, const char *folder, const struct rf_manifest *manifest,
                                   riffle_error *error)
{
    generation->number = manifest->generation;
    generation->settings = manifest->settings;
    generation->segments = rf_alloc_zero(&generation->allocator, (manifest->segment_count + 1) * sizeof *generation->segments);
    if (!generation->segments)
        return rf_fail_memory(error);
    for (size_t i = 0; i < manifest->segment_count; i++) {
        const struct rf_segment_entry *entry = &manifest->segments[i];
        if ((entry->size[RF_FILE_TEXT] != 0) != manifest->settings.store_text)
            return rf_fail(error, RIFFLE_CORRUPT, "%s/%s: segment %u and the settings disagree about stored text", folder,
                           RF_MANIFEST_NAME, (unsigned)entry->number);
        riffle_status status = rf_segment_open(&generation->segments[i], folder, entry, &generation->allocator, error);
        if (status)
            return status;
        generation->segment_count++;
        for (int j = 0; j < RF_FILES; j++)
            generation->bytes += entry->size[j];
        generation->text_bytes += entry->size[RF_FILE_TEXT];
    }
    return RIFFLE_OK;
}

riffle_status rf_generation_open(struct rf_generation *generation, const char *path, const riffle_allocator *allocator,
                                 riffle_error *error)
{
    /*
     * A reader takes no lock, so this can happen: it reads the manifest of generation 7; the writer commits generation 8, and removes
     * the files that only 7 named; the reader fails to open one. Then the manifest has changed, and the reader starts again. If it has
     * not, the failure is real.
     */
    for (uint64_t before = 0;;) {
        struct rf_manifest manifest;
        bool found;
        *generation = (struct rf_generation){.allocator = *allocator};
        riffle_status status = rf_manifest_read(&manifest, path, &found, allocator, error);
        if (!status && !found)
            status = rf_fail(error, RIFFLE_NO_INDEX, "no index at %s", path);
        uint64_t number = manifest.generation;
        bool read = !status;
        if (!status)
            status = open_segments(generation, path, &manifest, error);
        rf_manifest_release(&manifest, allocator);
        if (!status)
            return RIFFLE_OK;
        rf_generation_close(generation);
        if (!read || status == RIFFLE_NO_MEMORY || number == before)
            return status;
        before = number;
    }
}

void rf_generation_close(struct rf_generation *generation)
{
    for (size_t i = 0; i < generation->segment_count; i++)
        rf_segment_close(generation->segments[i]);
    rf_free(&generation->allocator, generation->segments);
    generation->segments = NULL;
    generation->segment_count = 0;
}
