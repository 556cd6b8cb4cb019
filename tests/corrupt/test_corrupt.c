/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Damage: every prefix and every byte of every file of a small index, as it comes and with checksums made good again, so that the
 * damage gets past them. Opening, searching and reading give an error or an answer; they never crash, hang, read out of bounds (seen
 * under AddressSanitizer) or ask for much memory. Set RIFFLE_TEST_THOROUGH for more values a byte than the time of `make check` allows.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>
#include <zlib.h>

#include "store/manifest.h"
#include "store/segment_files.h"
#include "tests/corrupt/victim.h"
#include "tests/support/scratch.h"

enum { FILES = 16, HEADER = 16, ENTRY = 24, FOOTER = 24, MANIFEST_HEAD = 72, MANIFEST_SEGMENT = 96, SECONDS = 20 };

struct file {
    char name[40];
    uint8_t *bytes, *damaged; /* as it was made, and as it is now */
    size_t size;
    int descriptor;
    unsigned parts;     /* what is read to meet its damage */
    size_t manifest_at; /* where the manifest has its size and checksum; 0: nowhere */
    struct rf_container table;
};

static char folder[SCRATCH_PATH];
static struct file files[FILES];
static size_t file_count;
static struct file *manifest;
static bool thorough;
static struct probe_counts counts;

/* ---- What is being done, for the case that it ends the process ---- */

static char doing[200];

static void say_doing(void)
{
    ssize_t ignored = write(2, doing, strlen(doing));
    (void)ignored;
}

static void on_signal(int number)
{
    say_doing();
    signal(number, SIG_DFL);
    raise(number);
}

/* What sanitizers call before they end the process; there in their builds only. */
extern void __sanitizer_set_death_callback(void (*callback)(void)) __attribute__((weak));

/* Crashes go to the sanitizer, or to on_signal: cmocka, which takes them before each test, would not say where. */
static const int signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL};
static struct sigaction actions[sizeof signals / sizeof *signals];

static void choose_actions(void)
{
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
        sigaction(signals[i], NULL, &actions[i]);
        if (!__sanitizer_set_death_callback)
            actions[i] = (struct sigaction){.sa_handler = on_signal};
    }
    if (__sanitizer_set_death_callback)
        __sanitizer_set_death_callback(say_doing);
    signal(SIGALRM, on_signal);
}

static void take_signals(void)
{
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        sigaction(signals[i], &actions[i], NULL);
}

static void probe(const struct file *file, const char *what, size_t at, unsigned value, unsigned parts, unsigned turn)
{
    snprintf(doing, sizeof doing, "\nat work on %.40s: %s at byte %zu, value %u, turn %u\n", file->name, what, at, value, turn);
    alarm(SECONDS);
    victim_probe(folder, parts, turn, &counts);
    alarm(0);
}

/* ---- The files ---- */

static unsigned parts_of(const char *name)
{
    static const struct {
        const char *suffix;
        unsigned parts;
    } parts[] = {{".terms", PROBE_POSTINGS | PROBE_SEARCHES},     {".docs", PROBE_POSTINGS | PROBE_SEARCHES},
                 {".positions", PROBE_POSTINGS | PROBE_SEARCHES}, {".articles", PROBE_ARTICLES | PROBE_TEXT | PROBE_SEARCHES},
                 {".text", PROBE_TEXT | PROBE_SEARCHES},          {".deleted", PROBE_SEARCHES}};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (strstr(name, parts[i].suffix))
            return parts[i].parts;
    return PROBE_ALL; /* the manifest */
}

static void add_file(const char *name)
{
    struct file *file = &files[file_count++];
    assert_true(file_count <= FILES);
    snprintf(file->name, sizeof file->name, "%s", name);
    file->bytes = scratch_read(folder, name, &file->size, 0);
    file->damaged = malloc(file->size);
    memcpy(file->damaged, file->bytes, file->size);
    file->parts = parts_of(name);
    char path[2 * SCRATCH_PATH];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    file->descriptor = open(path, O_RDWR);
    assert_true(file->descriptor >= 0);
    if (strcmp(name, RF_MANIFEST_NAME) == 0) {
        manifest = file;
        return;
    }
    char kind[3] = {(char)file->bytes[6], (char)file->bytes[7], 0};
    assert_int_equal(rf_container_open(&file->table, path, kind, NULL), RIFFLE_OK);
    rf_container_close(&file->table); /* the table of contents is kept */
}

/* Where the manifest tells size and checksum of each file. */
static void find_manifest_entries(void)
{
    uint32_t segments = rf_load32(manifest->bytes + 12);
    assert_int_equal(manifest->size, MANIFEST_HEAD + segments * MANIFEST_SEGMENT + 4);
    for (uint32_t s = 0; s < segments; s++)
        for (int j = 0; j < RF_FILES; j++) {
            size_t at = MANIFEST_HEAD + s * MANIFEST_SEGMENT;
            char name[40];
            snprintf(name, sizeof name, "%06u.%s", (unsigned)rf_load32(manifest->bytes + at), rf_file_suffix[j]);
            for (size_t i = 0; i < file_count; i++)
                if (strcmp(files[i].name, name) == 0)
                    files[i].manifest_at = at + 16 + (size_t)j * 16;
        }
}

static int set_up(void **context)
{
    (void)context;
    thorough = getenv("RIFFLE_TEST_THOROUGH") != NULL;
    scratch_make(folder);
    victim_make(folder);
    DIR *all = opendir(folder);
    assert_non_null(all);
    for (const struct dirent *entry; (entry = readdir(all)) != NULL;)
        if (entry->d_name[0] != '.' && strcmp(entry->d_name, "lock") != 0)
            add_file(entry->d_name);
    closedir(all);
    assert_non_null(manifest);
    assert_int_equal(file_count, 1 + 2 * RF_FILES + 1);
    find_manifest_entries();
    return 0;
}

static int tear_down(void **context)
{
    (void)context;
    for (size_t i = 0; i < file_count; i++) {
        free(files[i].bytes);
        free(files[i].damaged);
        close(files[i].descriptor);
    }
    scratch_remove(folder);
    return 0;
}

static void put(struct file *file, size_t at, const uint8_t *bytes, size_t n)
{
    memcpy(file->damaged + at, bytes, n);
    assert_int_equal(pwrite(file->descriptor, bytes, n, (off_t)at), (ssize_t)n);
}

static void put_u32(struct file *file, size_t at, uint32_t value)
{
    uint8_t bytes[4];
    rf_store32(bytes, value);
    if (memcmp(bytes, file->damaged + at, 4) != 0)
        put(file, at, bytes, 4);
}

static void put_back(struct file *file)
{
    assert_int_equal(pwrite(file->descriptor, file->bytes, file->size, 0), (ssize_t)file->size);
    memcpy(file->damaged, file->bytes, file->size);
}

/* Makes all checksums that cover the file right again: of sections, of its table, in the manifest, and of the manifest. */
static void repair_checksums(struct file *file)
{
    if (file != manifest) {
        size_t table = file->size - FOOTER - file->table.count * ENTRY;
        for (uint32_t i = 0; i < file->table.count; i++) {
            const struct rf_section *section = &file->table.sections[i];
            put_u32(file, table + i * ENTRY + 4, (uint32_t)crc32(0, file->damaged + section->offset, (uInt)section->size));
        }
        uint32_t crc = (uint32_t)crc32(0, file->damaged, HEADER);
        crc = (uint32_t)crc32(crc, file->damaged + table, (uInt)(file->table.count * ENTRY));
        put_u32(file, file->size - FOOTER + 4, crc);
        if (file->manifest_at)
            put_u32(manifest, file->manifest_at + 8, crc);
    }
    put_u32(manifest, manifest->size - 4, (uint32_t)crc32(0, manifest->damaged, (uInt)(manifest->size - 4)));
}

/* Is this byte of a part whose checksum is verified when the index is opened? Elsewhere a right checksum changes nothing. */
static bool is_verified(const struct file *file, size_t at)
{
    for (uint32_t i = 0; i < file->table.count; i++) {
        const struct rf_section *section = &file->table.sections[i];
        if (at < section->offset || at >= section->offset + section->size)
            continue;
        return section->tag == RF_SECTION_FACTS || section->tag == RF_SECTION_BITS;
    }
    return file == manifest || at < HEADER || at >= file->size - FOOTER - file->table.count * ENTRY;
}

/* ---- Tests ---- */

static void test_undamaged(void **context)
{
    (void)context;
    take_signals();
    size_t all = 0;
    for (size_t i = 0; i < file_count; i++)
        all += files[i].size;
    counts = (struct probe_counts){0};
    probe(manifest, "nothing", 0, 0, PROBE_ALL, 0);
    assert_int_equal(counts.answered, 1);
    assert_true(counts.hits >= 14); /* so that what damage may reach is reached */
    for (unsigned turn = 1; turn < 100; turn++)
        probe(manifest, "nothing", 0, 0, PROBE_ALL, turn);
    assert_int_equal(counts.answered, 100);
    print_message("%zu files of %zu bytes\n", file_count, all);
}

static void test_every_prefix(void **context)
{
    (void)context;
    take_signals();
    for (size_t i = 0; i < file_count; i++) {
        struct file *file = &files[i];
        counts = (struct probe_counts){0};
        for (size_t size = file->size; size-- > 0;) {
            assert_int_equal(ftruncate(file->descriptor, (off_t)size), 0);
            probe(file, "cut", size, 0, PROBE_ALL, 1);
        }
        put_back(file);
        const uint8_t more[64] = {0};
        for (size_t extra = 1; extra <= sizeof more; extra++) {
            assert_int_equal(pwrite(file->descriptor, more, extra, (off_t)file->size), (ssize_t)extra);
            probe(file, "longer", extra, 0, PROBE_ALL, 1);
        }
        assert_int_equal(ftruncate(file->descriptor, (off_t)file->size), 0);
        assert_int_equal(counts.refused, file->size + 64);
    }
}

static void test_missing_files(void **context)
{
    (void)context;
    take_signals();
    for (size_t i = 0; i < file_count; i++) {
        char path[2 * SCRATCH_PATH], aside[2 * SCRATCH_PATH];
        riffle_index *index;
        snprintf(path, sizeof path, "%s/%.40s", folder, files[i].name);
        snprintf(aside, sizeof aside, "%s/aside", folder);
        assert_int_equal(rename(path, aside), 0);
        assert_int_equal(riffle_index_open(&index, folder, NULL, NULL), &files[i] == manifest ? RIFFLE_NO_INDEX : RIFFLE_IO);
        assert_int_equal(rename(aside, path), 0);
    }
}

/* Value number `which` for a byte. */
static uint8_t damage(uint8_t byte, size_t at, unsigned which)
{
    if (which == 0)
        return (uint8_t)(byte ^ 1u << at % 8);
    if (which <= 2)
        return which == 1 ? 0 : 0xff;
    if (which <= 4)
        return (uint8_t)(byte + (which == 3 ? 1 : -1));
    if (which <= 12)
        return (uint8_t)(byte ^ 1u << (which - 5));
    return (uint8_t)(byte * 31 + at * 17 + which);
}

/* Each of `values` values for every byte that `verified` chooses. */
static void damage_every_byte(struct file *file, bool verified, unsigned values, unsigned first)
{
    for (size_t at = 0; at < file->size; at++) {
        if (verified && !is_verified(file, at))
            continue;
        for (unsigned i = 0; i < values; i++) {
            uint8_t byte = damage(file->bytes[at], at, (first + i) % 16);
            if (byte == file->bytes[at])
                continue;
            put(file, at, &byte, 1);
            if (verified)
                repair_checksums(file);
            probe(file, verified ? "checksums right, damage" : "damage", at, byte, file->parts, 1 + (unsigned)at + i);
            if (verified)
                put_back(manifest), put_back(file);
            else
                put(file, at, file->bytes + at, 1);
        }
    }
}

static void report(const char *what)
{
    print_message("%s: %lu refused, %lu failed later, %lu answered\n", what, counts.refused, counts.failed, counts.answered);
}

static void test_every_byte(void **context)
{
    (void)context;
    take_signals();
    for (size_t i = 0; i < file_count; i++) {
        counts = (struct probe_counts){0};
        damage_every_byte(&files[i], false, thorough ? 16 : 1, 0);
        report(files[i].name);
    }
}

static void test_every_byte_with_checksums_made_right(void **context)
{
    (void)context;
    take_signals();
    counts = (struct probe_counts){0};
    for (size_t i = 0; i < file_count; i++)
        damage_every_byte(&files[i], true, thorough ? 16 : 6, 0);
    report("checksums made right");
}

static void damage_at_random(struct file *file, uint64_t *state)
{
    for (size_t n = 1 + random_below(state, 1 + random_below(state, 12)); n; n--) {
        uint8_t bytes[8];
        size_t length = 1 + random_below(state, sizeof bytes), at = random_below(state, file->size - length);
        for (size_t i = 0; i < length; i++)
            bytes[i] = (uint8_t)(random_below(state, 2) ? random_next(state) : random_below(state, 2) ? 0xff : 0);
        put(file, at, bytes, length);
    }
}

static void test_random_damage_of_many_bytes(void **context)
{
    (void)context;
    take_signals();
    uint64_t state = 77;
    counts = (struct probe_counts){0};
    for (unsigned round = 0; round < (thorough ? 200000 : 3000); round++) {
        struct file *file = &files[random_below(&state, file_count)];
        damage_at_random(file, &state);
        repair_checksums(file);
        probe(file, "random damage, round", round, 0, file->parts, 1 + round);
        put_back(manifest);
        put_back(file);
    }
    report("random damage");
}

/* A folder with the same files; a writer there replaces names and leaves the files alone. */
static void link_files(const char *other)
{
    for (size_t i = 0; i < file_count; i++) {
        char from[2 * SCRATCH_PATH], to[2 * SCRATCH_PATH];
        snprintf(from, sizeof from, "%s/%.40s", folder, files[i].name);
        snprintf(to, sizeof to, "%s/%.40s", other, files[i].name);
        assert_int_equal(link(from, to), 0);
    }
}

/* A writer that merges such segments fails, or writes an index that can be read like any other. */
static void test_merging_damaged_segments(void **context)
{
    (void)context;
    take_signals();
    uint64_t state = 78;
    unsigned merged = 0;
    counts = (struct probe_counts){0};
    for (unsigned round = 0; round < (thorough ? 20000 : 300); round++) {
        char other[SCRATCH_PATH];
        struct file *file = &files[random_below(&state, file_count)];
        bool right = round % 8 != 1;
        if (round) /* the first is whole */
            damage_at_random(file, &state);
        put_u32(manifest, MANIFEST_HEAD + 4, 0); /* a segment with deleted passages would not be merged */
        repair_checksums(right ? file : manifest);
        scratch_make(other);
        link_files(other);
        snprintf(doing, sizeof doing, "\nmerging damaged segments: %.40s, round %u\n", file->name, round);
        alarm(SECONDS);
        bool done = victim_merge(other) == RIFFLE_OK;
        merged += done;
        assert_true(done || round);
        victim_probe(other, PROBE_ALL, round, &counts);
        alarm(0);
        scratch_remove(other);
        put_back(manifest);
        put_back(file);
    }
    print_message("%u merged\n", merged);
    report("after merging");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_undamaged),
        cmocka_unit_test(test_every_prefix),
        cmocka_unit_test(test_missing_files),
        cmocka_unit_test(test_every_byte),
        cmocka_unit_test(test_every_byte_with_checksums_made_right),
        cmocka_unit_test(test_random_damage_of_many_bytes),
        cmocka_unit_test(test_merging_damaged_segments),
    };
    choose_actions();
    return cmocka_run_group_tests_name("damage", tests, set_up, tear_down);
}
