/* SPDX-License-Identifier: BSD-3-Clause */
/* Deletion bitmaps; deletions.h. */
#include "deletions.h"

#include <setjmp.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "store/manifest.h"
#include "tests/support/folders.h"

/* What is taken from a segment: this many percent of its docs within [from, end). */
struct share {
    uint32_t from, end;
    unsigned percent;
};

static struct share draw_share(struct random *random, uint32_t docs)
{
    static const unsigned percents[] = {0, 1, 10, 50, 97, 100};
    struct share share = {0, docs, percents[random_below(random, 6)]};
    if (share.percent == 100 || chance(random, 40)) { /* never all of it */
        share.from = (uint32_t)random_below(random, docs);
        share.end = share.from + (uint32_t)random_below(random, docs - share.from);
    }
    return share;
}

static riffle_status write_bitmap(const char *folder, const struct rf_segment_entry *entry, struct random *random,
                                  riffle_error *error)
{
    char name[40], path[FOLDER_PATH];
    snprintf(name, sizeof name, "%06u.%u.deleted", (unsigned)entry->number, (unsigned)entry->deleted);
    folder_join(path, folder, name);
    size_t bytes = ((size_t)entry->docs + 7) / 8;
    uint8_t *bits = calloc(1, bytes + 1);
    assert_non_null(bits);
    if (random) {
        struct share share = draw_share(random, entry->docs);
        for (uint32_t doc = share.from; doc < share.end; doc++)
            if (chance(random, share.percent))
                bits[doc / 8] |= (uint8_t)(1 << doc % 8);
    }
    struct rf_container_writer writer;
    riffle_status status = rf_container_create(&writer, path, RF_KIND_DELETED, &rf_malloc_allocator, error);
    if (!status) {
        rf_container_section(&writer, RF_SECTION_BITS);
        rf_output_append(&writer.output, bits, bytes);
        status = rf_container_finish(&writer, error);
        rf_container_release(&writer, status != RIFFLE_OK);
    }
    free(bits);
    return status;
}

void deletions_write(const char *folder, struct random *random)
{
    struct rf_manifest manifest;
    bool found;
    riffle_error error;
    riffle_status status = rf_manifest_read(&manifest, folder, &found, &rf_malloc_allocator, &error);
    for (size_t i = 0; !status && i < manifest.segment_count; i++) {
        manifest.segments[i].deleted++;
        status = write_bitmap(folder, &manifest.segments[i], random, &error);
    }
    manifest.generation++;
    if (!status)
        status = rf_manifest_write(&manifest, folder, &rf_malloc_allocator, &error);
    rf_manifest_release(&manifest, &rf_malloc_allocator);
    if (status)
        fail_msg("%s", error.message);
}
