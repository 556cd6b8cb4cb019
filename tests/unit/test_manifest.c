/* SPDX-License-Identifier: BSD-3-Clause */
/* The manifest and the generation that it names: round trips, every damage of a byte, files of others, failures while writing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <unistd.h>
#include <zlib.h>

#include "store/articles.h"
#include "store/manifest.h"
#include "store/postings.h"
#include "tests/support/scratch.h"

static char folder[SCRATCH_PATH];
static uint64_t state = 31;
static const riffle_allocator *const allocator = &rf_malloc_allocator;
static riffle_error error;

static int set_up(void **context)
{
    (void)context;
    scratch_make(folder);
    return 0;
}

static int tear_down(void **context)
{
    (void)context;
    scratch_remove(folder);
    return 0;
}

static const struct rf_settings settings = {
    .language = "vietnamese or thereabouts, 31 b", .analysis_version = 1, .title_weight = 3, .store_text = true};

/* A manifest of random entries; release its segments by free. */
static struct rf_manifest random_manifest(size_t segments)
{
    struct rf_manifest manifest = {
        .generation = random_next(&state), .next_segment = (uint32_t)random_next(&state), .settings = settings};
    manifest.settings.title_weight = 1 + (uint32_t)random_below(&state, RF_TITLE_WEIGHT_MAX);
    manifest.settings.store_text = random_below(&state, 2);
    manifest.settings.split_passages = random_below(&state, 2);
    manifest.segments = calloc(segments + 1, sizeof *manifest.segments);
    manifest.segment_count = segments;
    for (size_t i = 0; i < segments; i++) {
        struct rf_segment_entry *entry = &manifest.segments[i];
        entry->number = (uint32_t)random_next(&state);
        entry->deleted = (uint32_t)random_next(&state);
        entry->docs = (uint32_t)random_next(&state);
        entry->articles = (uint32_t)random_next(&state);
        for (int j = 0; j < RF_FILES; j++) {
            entry->size[j] = random_next(&state);
            entry->checksum[j] = (uint32_t)random_next(&state);
        }
    }
    return manifest;
}

static void check_equal(const struct rf_manifest *a, const struct rf_manifest *b)
{
    assert_true(a->generation == b->generation);
    assert_int_equal(a->next_segment, b->next_segment);
    assert_string_equal(a->settings.language, b->settings.language);
    assert_int_equal(a->settings.analysis_version, b->settings.analysis_version);
    assert_int_equal(a->settings.title_weight, b->settings.title_weight);
    assert_int_equal(a->settings.store_text, b->settings.store_text);
    assert_int_equal(a->settings.split_passages, b->settings.split_passages);
    assert_int_equal(a->segment_count, b->segment_count);
    for (size_t i = 0; i < a->segment_count; i++) {
        const struct rf_segment_entry *x = &a->segments[i], *y = &b->segments[i];
        assert_int_equal(x->number, y->number);
        assert_int_equal(x->deleted, y->deleted);
        assert_int_equal(x->docs, y->docs);
        assert_int_equal(x->articles, y->articles);
        assert_memory_equal(x->size, y->size, sizeof x->size);
        assert_memory_equal(x->checksum, y->checksum, sizeof x->checksum);
    }
}

static void test_round_trips(void **context)
{
    (void)context;
    static const size_t counts[] = {0, 1, 2, 7, 60, 5, 0};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) { /* each replaces the one before */
        struct rf_manifest written = random_manifest(counts[i]), read;
        bool found;
        OK(rf_manifest_write(&written, folder, allocator, &error));
        OK(rf_manifest_read(&read, folder, &found, allocator, &error));
        assert_true(found);
        check_equal(&written, &read);
        rf_manifest_release(&read, allocator);
        free(written.segments);
    }
}

static void test_no_manifest(void **context)
{
    (void)context;
    struct rf_manifest manifest;
    struct rf_generation generation;
    bool found = true;
    char empty[SCRATCH_PATH];
    scratch_make(empty);
    OK(rf_manifest_read(&manifest, empty, &found, allocator, &error));
    assert_false(found);
    assert_int_equal(rf_generation_open(&generation, empty, allocator, &error), RIFFLE_NO_INDEX);
    scratch_remove(empty);
    OK(rf_manifest_read(&manifest, empty, &found, allocator, &error)); /* not even a folder */
    assert_false(found);
    assert_int_equal(rf_generation_open(&generation, empty, allocator, &error), RIFFLE_NO_INDEX);
}

/* ---- Damage ---- */

static riffle_status read_bytes(const uint8_t *bytes, size_t size)
{
    struct rf_manifest manifest;
    bool found = false;
    scratch_write(folder, RF_MANIFEST_NAME, bytes, size);
    riffle_status status = rf_manifest_read(&manifest, folder, &found, allocator, &error);
    assert_true(found);
    if (status) {
        assert_int_equal(error.status, status);
        assert_non_null(strstr(error.message, "/" RF_MANIFEST_NAME)); /* says which file */
    }
    rf_manifest_release(&manifest, allocator);
    return status;
}

static void store_checksum(uint8_t *bytes, size_t size)
{
    rf_store32(bytes + size - 4, (uint32_t)crc32(0, bytes, (uInt)(size - 4)));
}

static void test_every_prefix_and_every_byte(void **context)
{
    (void)context;
    struct rf_manifest manifest = random_manifest(2);
    size_t size;
    OK(rf_manifest_write(&manifest, folder, allocator, &error));
    uint8_t *bytes = scratch_read(folder, RF_MANIFEST_NAME, &size, 1);
    assert_int_equal(size, 72 + 2 * 96 + 4);
    for (size_t cut = 0; cut < size; cut++)
        assert_int_equal(read_bytes(bytes, cut), RIFFLE_CORRUPT);
    bytes[size] = 0;
    assert_int_equal(read_bytes(bytes, size + 1), RIFFLE_CORRUPT);
    for (size_t i = 0; i < size; i++)
        for (unsigned bit = 0; bit < 8; bit++) {
            bytes[i] ^= (uint8_t)(1u << bit);
            riffle_status status = read_bytes(bytes, size);
            bool newer = i >= 8 && i < 12 && rf_load32(bytes + 8) > RF_FORMAT_VERSION;
            assert_int_equal(status, newer ? RIFFLE_TOO_NEW : RIFFLE_CORRUPT);
            bytes[i] ^= (uint8_t)(1u << bit);
        }
    OK(read_bytes(bytes, size));
    free(bytes);
    free(manifest.segments);
}

static void test_nonsense_with_a_right_checksum(void **context)
{
    (void)context;
    struct rf_manifest manifest = random_manifest(1);
    size_t size;
    OK(rf_manifest_write(&manifest, folder, allocator, &error));
    uint8_t *bytes = scratch_read(folder, RF_MANIFEST_NAME, &size, 0), *damaged = malloc(size);
    static const struct {
        size_t at;
        uint32_t value;
    } nonsense[] = {{8, 0}, {12, 0}, {12, 2}, {12, UINT32_MAX}, {32, 0}, {32, RF_TITLE_WEIGHT_MAX + 1}, {68, 0x41414141}};
    for (size_t i = 0; i < sizeof nonsense / sizeof *nonsense; i++) {
        memcpy(damaged, bytes, size);
        rf_store32(damaged + nonsense[i].at, nonsense[i].value); /* version, segments, title weight, a language without its end */
        store_checksum(damaged, size);
        assert_int_equal(read_bytes(damaged, size), RIFFLE_CORRUPT);
    }
    free(damaged);
    free(bytes);
    free(manifest.segments);
}

/* ---- Generations ---- */

static struct rf_segment_entry write_segment(uint32_t number, const char *id)
{
    struct rf_segment_entry entry = {.number = number};
    struct rf_articles_writer articles;
    struct rf_postings_writer *postings = malloc(sizeof *postings);
    const struct rf_bytes name = {id, strlen(id)}, title = {"Title", 5};
    const uint32_t position = 4;
    OK(rf_articles_create(&articles, folder, number, true, allocator, &error));
    rf_articles_add(&articles, &name, &title, "text", 4, NULL, 0);
    rf_articles_add_doc(&articles, 0, 4);
    OK(rf_postings_create(postings, folder, number, rf_articles_lengths(&articles), articles.docs, allocator, &error));
    rf_postings_begin(postings, "text", 4, true);
    rf_postings_add(postings, 0, 1, &position);
    rf_postings_end(postings);
    OK(rf_postings_finish(postings, &entry, &error));
    OK(rf_articles_finish(&articles, &entry, &error));
    rf_postings_release(postings, false);
    rf_articles_release(&articles, false);
    free(postings);
    return entry;
}

static void test_generation(void **context)
{
    (void)context;
    struct rf_segment_entry entries[2] = {write_segment(3, "one"), write_segment(5, "two")};
    struct rf_manifest manifest = {
        .generation = 8, .next_segment = 6, .settings = settings, .segments = entries, .segment_count = 2};
    struct rf_generation generation;
    OK(rf_manifest_write(&manifest, folder, allocator, &error));
    OK(rf_generation_open(&generation, folder, allocator, &error));
    assert_int_equal(generation.number, 8);
    assert_int_equal(generation.segment_count, 2);
    uint64_t bytes = 0;
    for (int i = 0; i < 2; i++) {
        struct rf_bytes id;
        OK(rf_segment_article_id(generation.segments[i], 0, &id, &error));
        assert_memory_equal(id.data, i ? "two" : "one", 3);
        for (int j = 0; j < RF_FILES; j++)
            bytes += entries[i].size[j];
    }
    assert_true(generation.bytes == bytes);
    assert_true(generation.text_bytes == entries[0].size[RF_FILE_TEXT] + entries[1].size[RF_FILE_TEXT]);
    rf_generation_close(&generation);
}

/* A sound file of the right kind in the place of another is seen by size or checksum. */
static void test_files_of_another_segment(void **context)
{
    (void)context;
    struct rf_segment_entry entries[2] = {write_segment(11, "same"), write_segment(12, "also")};
    struct rf_manifest manifest = {
        .generation = 9, .next_segment = 13, .settings = settings, .segments = entries, .segment_count = 1};
    struct rf_generation generation;
    OK(rf_manifest_write(&manifest, folder, allocator, &error));
    OK(rf_generation_open(&generation, folder, allocator, &error));
    rf_generation_close(&generation);
    for (int j = 0; j < RF_FILES; j++) {
        char ours[2 * SCRATCH_PATH], theirs[2 * SCRATCH_PATH], aside[2 * SCRATCH_PATH];
        snprintf(ours, sizeof ours, "%s/000011.%s", folder, rf_file_suffix[j]);
        snprintf(theirs, sizeof theirs, "%s/000012.%s", folder, rf_file_suffix[j]);
        snprintf(aside, sizeof aside, "%s/aside", folder);
        assert_int_equal(rename(ours, aside), 0);
        assert_int_equal(rf_generation_open(&generation, folder, allocator, &error), RIFFLE_IO); /* missing */
        assert_non_null(strstr(error.message, rf_file_suffix[j]));
        bool differs = entries[0].size[j] != entries[1].size[j] || entries[0].checksum[j] != entries[1].checksum[j];
        assert_int_equal(link(theirs, ours), 0);
        riffle_status status = rf_generation_open(&generation, folder, allocator, &error);
        assert_int_equal(status, differs ? RIFFLE_CORRUPT : RIFFLE_OK); /* the postings of both are the same, byte for byte */
        if (!status)
            rf_generation_close(&generation);
        assert_int_equal(rename(aside, ours), 0);
    }
    OK(rf_generation_open(&generation, folder, allocator, &error));
    rf_generation_close(&generation);
}

/* ---- Failures while writing ---- */

static int calls, failing;

static int fail_one(const char *call, const char *path)
{
    (void)path;
    return strcmp(call, "unlink") != 0 && calls++ == failing ? ENOSPC : 0;
}

static void test_failed_writes_leave_the_old_manifest(void **context)
{
    (void)context;
    struct rf_manifest before = random_manifest(3), after = random_manifest(4), read;
    bool found, renamed = false;
    unsigned failures = 0;
    OK(rf_manifest_write(&before, folder, allocator, &error));
    for (failing = 0;; failing++) {
        calls = 0;
        rf_file_fault = fail_one;
        riffle_status status = rf_manifest_write(&after, folder, allocator, &error);
        rf_file_fault = NULL;
        OK(rf_manifest_read(&read, folder, &found, allocator, &error));
        assert_true(found);
        /* Behind the rename the new one stands, durable or not: only success promises that it stays. */
        renamed = read.generation == after.generation;
        check_equal(renamed ? &after : &before, &read);
        rf_manifest_release(&read, allocator);
        char path[2 * SCRATCH_PATH];
        snprintf(path, sizeof path, "%s/%s.new", folder, RF_MANIFEST_NAME);
        assert_int_not_equal(access(path, F_OK), 0);
        if (status == RIFFLE_OK)
            break;
        failures++;
        assert_int_equal(status, RIFFLE_IO);
    }
    assert_true(renamed);
    assert_true(failures >= 6); /* open, write, fsync; the folder's; rename; the folder's */
    free(before.segments);
    free(after.segments);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trips),
        cmocka_unit_test(test_no_manifest),
        cmocka_unit_test(test_every_prefix_and_every_byte),
        cmocka_unit_test(test_nonsense_with_a_right_checksum),
        cmocka_unit_test(test_generation),
        cmocka_unit_test(test_files_of_another_segment),
        cmocka_unit_test(test_failed_writes_leave_the_old_manifest),
    };
    return cmocka_run_group_tests_name("manifest", tests, set_up, tear_down);
}
