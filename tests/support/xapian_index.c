/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An index of the engine xapian for tests; xapian_index.h. */
#include "tests/support/xapian_index.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "xapian/engine_folder.h"
#include "xapian/engine_format.h"
#include "xapian/engine_writer.h"

#if defined(__SANITIZE_ADDRESS__)
/* Checking a database, libxapian deletes an object under its base class's size: harmless, and not ours. */
extern const char *__asan_default_options(void);
__attribute__((visibility("default"), weak)) const char *__asan_default_options(void) { return "new_delete_type_mismatch=0"; }
#endif

const struct rf_writing *const writing = &rf_xapian_writing;
const struct rf_settings usual = {
    .language = "english", .analysis_version = 1, .title_weight = 3, .store_text = true, .split_passages = true};
char folder[SCRATCH_PATH];
riffle_error error;
rx_error failure;

int index_set_up(void **context)
{
    (void)context;
    scratch_make(folder);
    return 0;
}

int index_tear_down(void **context)
{
    (void)context;
    rf_file_fault = NULL;
    scratch_remove(folder);
    return 0;
}

struct rf_bytes bytes_of(const char *text) { return (struct rf_bytes){text, strlen(text)}; }

void index_join(char path[FOLDER_PATH], const char *name) { folder_join(path, folder, name); }

/* ---- Writers and what they wrote ---- */

riffle_status try_open(void **writer, const char *path, bool rebuild, const struct rf_settings *settings)
{
    bool found;
    struct rf_settings there;
    riffle_status status = writing->open(writer, path, rebuild, &rf_malloc_allocator, &found, &there, &error);
    if (!status)
        status = writing->start(*writer, found && !rebuild ? &there : settings, 16u << 20, &error);
    if (status && *writer) {
        writing->close(*writer);
        *writer = NULL;
    }
    return status;
}

void *open_writer(bool rebuild)
{
    void *writer;
    OK(try_open(&writer, folder, rebuild, &usual));
    return writer;
}

riffle_status add(void *writer, const char *id, const char *text)
{
    struct rf_article article = {.id = bytes_of(id), .title = bytes_of("A title"), .text = bytes_of(text)};
    return writing->add(writer, &article, &error);
}

riffle_status add_number(void *writer, unsigned number)
{
    char id[32], text[64];
    snprintf(id, sizeof id, "id-%u", number);
    snprintf(text, sizeof text, "article word%u", number);
    return add(writer, id, text);
}

void put(void *writer, const char *id, const char *text) { OK(add(writer, id, text)); }

void put_number(void *writer, unsigned number) { OK(add_number(writer, number)); }

void commit(void *writer) { OK(writing->commit(writer, &error)); }

bool has(void *writer, const char *id)
{
    bool found;
    struct rf_bytes bytes = bytes_of(id);
    OK(writing->has(writer, &bytes, &found, &error));
    return found;
}

void take_away(void *writer, const char *id)
{
    struct rf_bytes bytes = bytes_of(id);
    OK(writing->remove(writer, &bytes, &error));
}

rx_database *open_database(const char *path)
{
    rx_database *database = NULL;
    RX_CHECK(rx_database_open(path, &database, &failure));
    return database;
}

unsigned documents_with(const rx_database *database, const char *term)
{
    rx_term_statistics statistics;
    RX_CHECK(rx_database_term(database, term, strlen(term), &statistics, &failure));
    return statistics.documents;
}

unsigned articles_in(const rx_database *database) { return documents_with(database, "XFIRST"); }

unsigned articles_at(const char *path)
{
    rx_database *database = open_database(path);
    unsigned articles = articles_in(database);
    rx_database_free(database);
    return articles;
}

uint64_t generation_at(const char *path)
{
    rx_database *database = open_database(path);
    bool ours;
    struct rf_settings settings;
    uint64_t generation;
    OK(rf_xapian_read_settings(database, path, &ours, &settings, &generation, &error));
    assert_true(ours);
    assert_memory_equal(&settings, &usual, sizeof settings);
    rx_database_free(database);
    return generation;
}

void check_folder(bool index)
{
    struct folder_names names;
    char path[FOLDER_PATH], database[FOLDER_PATH];
    folder_list(folder, &names);
    assert_int_equal(names.count, index ? 3 : 1);
    assert_string_equal(names.list[names.count - 1], "lock");
    if (!index)
        return;
    assert_string_equal(names.list[0], "XAPIANDB");
    snprintf(database, sizeof database, "db-%llu", (unsigned long long)rf_xapian_current(folder));
    assert_string_equal(names.list[1], database);
    index_join(path, database);
    size_t faults;
    RX_CHECK(rx_database_check(path, &faults, NULL, &failure));
    assert_int_equal(faults, 0);
}
