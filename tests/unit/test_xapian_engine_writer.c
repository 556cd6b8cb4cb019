/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writing an index in Xapian: what there is in the folder, and for readers, whatever happens to its writer. */
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
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "tests/support/xapian_index.h"
#include "xapian/engine_folder.h"

static uint64_t state = 12;

/* ---- The life of an index ---- */

static void test_commits(void **context)
{
    (void)context;
    void *writer = open_writer(false);
    put_number(writer, 1);
    assert_true(has(writer, "id-1"));
    assert_false(has(writer, "id-2"));
    assert_int_equal(rf_xapian_current(folder), 0);
    commit(writer);
    assert_int_equal(articles_at(folder), 1);
    assert_int_equal(generation_at(folder), 1);
    commit(writer); /* of nothing */
    assert_int_equal(generation_at(folder), 1);
    put_number(writer, 2);
    assert_int_equal(articles_at(folder), 1);
    commit(writer);
    assert_int_equal(generation_at(folder), 2);
    put_number(writer, 3);
    writing->close(writer); /* the third is dropped */
    check_folder(true);
    assert_int_equal(articles_at(folder), 2);

    writer = open_writer(false);
    assert_true(has(writer, "id-2"));
    assert_false(has(writer, "id-3"));
    commit(writer);
    assert_int_equal(generation_at(folder), 2);
    put_number(writer, 3);
    take_away(writer, "id-1");
    assert_false(has(writer, "id-1"));
    commit(writer);
    put(writer, "id-1", "again otherwise");
    commit(writer);
    writing->close(writer);
    assert_int_equal(generation_at(folder), 4);
    rx_database *database = open_database(folder);
    assert_int_equal(articles_in(database), 3);
    assert_int_equal(documents_with(database, "word1"), 0);
    assert_int_equal(documents_with(database, "otherwise"), 1);
    rx_database_free(database);
    check_folder(true);
}

static void test_first_commit_may_be_empty(void **context)
{
    (void)context;
    void *writer = open_writer(false);
    commit(writer);
    writing->close(writer);
    check_folder(true);
    assert_int_equal(articles_at(folder), 0);
    assert_int_equal(generation_at(folder), 1);
}

static void test_rebuild(void **context)
{
    (void)context;
    void *writer = open_writer(false);
    for (unsigned i = 0; i < 20; i++)
        put_number(writer, i);
    commit(writer);
    writing->close(writer);
    rx_database *reader = open_database(folder);
    uint64_t before = rf_xapian_current(folder);
    writer = open_writer(true);
    assert_false(has(writer, "id-1")); /* it starts empty */
    put_number(writer, 1);
    put_number(writer, 30);
    take_away(writer, "id-1");
    assert_int_equal(articles_at(folder), 20);
    commit(writer);
    assert_true(rf_xapian_current(folder) > before);
    assert_int_equal(articles_at(folder), 1);
    assert_int_equal(generation_at(folder), 2);
    check_folder(true);
    /* Who has the old one open goes on with it. */
    rx_document *document;
    rx_terms *terms;
    assert_int_equal(articles_in(reader), 20);
    RX_CHECK(rx_document_get(reader, 20, &document, &failure));
    RX_CHECK(rx_document_terms(document, &terms, &failure));
    rx_terms_free(terms);
    rx_document_free(document);
    rx_database_free(reader);
    /* A writer that has rebuilt goes on as any other does. */
    put_number(writer, 31);
    commit(writer);
    assert_int_equal(articles_at(folder), 2);
    put_number(writer, 32);
    writing->close(writer);
    check_folder(true);
    assert_int_equal(articles_at(folder), 2);
    /* One that never commits has changed nothing. */
    writer = open_writer(true);
    put_number(writer, 40);
    writing->close(writer);
    check_folder(true);
    assert_int_equal(articles_at(folder), 2);
    assert_int_equal(generation_at(folder), 3);
}

/* A budget so small that what is built goes to disk in between, which must not show. */
static void test_budget(void **context)
{
    (void)context;
    bool found;
    struct rf_settings there;
    void *writer;
    put_number(writer = open_writer(false), 1);
    commit(writer);
    writing->close(writer);
    OK(writing->open(&writer, folder, true, &rf_malloc_allocator, &found, &there, &error));
    OK(writing->start(writer, &usual, 10000, &error));
    for (unsigned i = 0; i < 100; i++)
        put_number(writer, i);
    take_away(writer, "id-50");
    assert_int_equal(articles_at(folder), 1);
    commit(writer);
    assert_int_equal(articles_at(folder), 99);
    assert_int_equal(generation_at(folder), 2);
    for (unsigned i = 100; i < 200; i++)
        put_number(writer, i);
    assert_int_equal(articles_at(folder), 99);
    writing->close(writer);
    check_folder(true);
}

static char calls_seen[4000];

/* Notes each call and the last part of its path. */
static int note_call(const char *call, const char *path)
{
    size_t used = strlen(calls_seen);
    const char *name = strrchr(path, '/');
    assert_true((size_t)snprintf(calls_seen + used, sizeof calls_seen - used, "%s%s ", call, name ? name : path) <
                sizeof calls_seen - used);
    return 0;
}

/* A power cut at any moment leaves the old index or the new one, and who opens the old one meanwhile gets all of it or none. */
static void test_order_of_steps(void **context)
{
    (void)context;
    char expected[1000];
    const char *name = strrchr(folder, '/');
    void *writer = open_writer(false);
    commit(writer);
    writing->close(writer);
    assert_int_equal(rf_xapian_current(folder), 2);
    writer = open_writer(true);
    put_number(writer, 1);
    rf_file_fault = note_call;
    commit(writer);
    rf_file_fault = NULL;
    writing->close(writer);
    assert_int_equal(rf_xapian_current(folder), 4);
    snprintf(
        expected, sizeof expected,
        "open/db-4 fsync/db-4 open%s fsync%s open/XAPIANDB.new write/XAPIANDB.new fsync/XAPIANDB.new rename/XAPIANDB.new open%s "
        "fsync%s unlink/",
        name, name, name, name);
    if (strncmp(calls_seen, expected, strlen(expected)) != 0)
        fail_msg("%s", calls_seen);
    /* Folders are listed in any order: of each, the postings go first. */
    const char *first = calls_seen + strlen(expected);
    assert_memory_equal(first, "postlist.glass ", 15);
    assert_int_equal(generation_at(folder), 2);
}

static void test_lock(void **context)
{
    (void)context;
    void *writer = open_writer(false), *second;
    assert_int_equal(try_open(&second, folder, false, &usual), RIFFLE_LOCKED);
    assert_int_equal(try_open(&second, folder, true, &usual), RIFFLE_LOCKED);
    put_number(writer, 1);
    commit(writer);
    assert_int_equal(try_open(&second, folder, true, &usual), RIFFLE_LOCKED);
    writing->close(writer);
    /* Somebody writes with libxapian itself. */
    rx_database *database;
    RX_CHECK(rx_database_open_writable(folder, RX_OPEN, 0, 0, &database, &failure));
    assert_int_equal(try_open(&second, folder, false, &usual), RIFFLE_LOCKED);
    rx_database_free(database);
    /* Whoever removes the lock takes the index from its writer. */
    char lock[FOLDER_PATH];
    index_join(lock, "lock");
    writer = open_writer(false);
    put_number(writer, 2);
    assert_int_equal(unlink(lock), 0);
    assert_int_equal(writing->commit(writer, &error), RIFFLE_LOCKED);
    assert_int_equal(writing->commit(writer, &error), RIFFLE_POISONED);
    assert_int_equal(writing->add(writer, &(struct rf_article){.id = bytes_of("x")}, &error), RIFFLE_POISONED);
    writing->close(writer);
    assert_int_equal(articles_at(folder), 1);
}

/* ---- Folders ---- */

static void check_refused(riffle_status expected, const char *named)
{
    void *writer;
    struct folder_names before, after;
    for (int rebuild = 0; rebuild < 2; rebuild++) {
        folder_list(folder, &before);
        assert_int_equal(try_open(&writer, folder, rebuild, &usual), expected);
        assert_non_null(strstr(error.message, named));
        folder_list(folder, &after);
        assert_int_equal(before.count, after.count);
    }
}

static void test_foreign_folders(void **context)
{
    (void)context;
    char path[FOLDER_PATH], target[SCRATCH_PATH];
    scratch_write(folder, "notes.txt", "mine", 4);
    check_refused(RIFFLE_NOT_EMPTY, "notes.txt");
    index_join(path, "notes.txt");
    assert_int_equal(unlink(path), 0);
    scratch_write(folder, "XAPIANDB", "remote 10.0.0.1:7700\n", 21);
    check_refused(RIFFLE_NOT_EMPTY, "XAPIANDB");
    index_join(path, "XAPIANDB");
    assert_int_equal(unlink(path), 0);
    /* Folders that happen to be named as ours are. */
    index_join(path, "db-1");
    assert_int_equal(mkdir(path, 0777), 0);
    check_refused(RIFFLE_NOT_EMPTY, "db-1");
    assert_int_equal(rmdir(path), 0);
    /* A link of our name is not ours, wherever it leads. */
    scratch_write(folder, "lock", "", 0);
    scratch_make(target);
    assert_int_equal(symlink(target, path), 0);
    check_refused(RIFFLE_NOT_EMPTY, "db-1");
    assert_int_equal(unlink(path), 0);
    scratch_remove(target);
    /* A file is no folder. */
    void *writer;
    index_join(path, "lock");
    assert_int_equal(try_open(&writer, path, false, &usual), RIFFLE_IO);
    /* Nor is a list of shards. */
    snprintf(path, sizeof path, "%s/no,localhost:7700", folder);
    assert_int_equal(try_open(&writer, path, false, &usual), RIFFLE_INVALID);
    snprintf(path, sizeof path, "%s/no/folder", folder);
    assert_int_equal(try_open(&writer, path, false, &usual), RIFFLE_IO);
}

static void test_foreign_databases(void **context)
{
    (void)context;
    char path[FOLDER_PATH];
    rx_database *database;
    index_join(path, "db-1");
    RX_CHECK(rx_database_open_writable(path, RX_CREATE, 0, 0, &database, &failure));
    rx_database_free(database);
    scratch_write(folder, "XAPIANDB", "auto db-1\n", 10);
    scratch_write(folder, "lock", "", 0);
    check_refused(RIFFLE_NO_INDEX, folder);
    /* A database as such. */
    char within[SCRATCH_PATH];
    memcpy(within, folder, sizeof within);
    strcat(folder, "/db-1");
    check_refused(RIFFLE_NOT_EMPTY, folder);
    memcpy(folder, within, sizeof within);
}

static void test_damaged(void **context)
{
    (void)context;
    char path[FOLDER_PATH], name[64];
    void *writer = open_writer(false);
    put_number(writer, 1);
    commit(writer);
    writing->close(writer);
    snprintf(name, sizeof name, "db-%llu/iamglass", (unsigned long long)rf_xapian_current(folder));
    scratch_write(folder, name, "damaged", 7);
    assert_int_not_equal(try_open(&writer, folder, false, &usual), RIFFLE_OK);
    writer = open_writer(true); /* can be replaced */
    put_number(writer, 2);
    commit(writer);
    writing->close(writer);
    check_folder(true);
    assert_int_equal(articles_at(folder), 1);
    /* The database is gone. */
    *strrchr(name, '/') = '\0';
    snprintf(name, sizeof name, "db-%llu", (unsigned long long)rf_xapian_current(folder));
    index_join(path, name);
    folder_remove(path);
    assert_int_equal(try_open(&writer, folder, false, &usual), RIFFLE_CORRUPT);
    assert_non_null(strstr(error.message, name));
    writer = open_writer(true);
    commit(writer);
    writing->close(writer);
    check_folder(true);
    /* Of a version to come: neither read nor replaced. */
    rx_database *database;
    RX_CHECK(rx_database_open_writable(folder, RX_OPEN, 0, 0, &database, &failure));
    RX_CHECK(rx_metadata_set(database, "riffle", 6, "2", 1, &failure));
    RX_CHECK(rx_commit(database, &failure));
    rx_database_free(database);
    check_refused(RIFFLE_TOO_NEW, folder);
}

static void test_new_folder(void **context)
{
    (void)context;
    char path[FOLDER_PATH];
    void *writer;
    index_join(path, "new");
    OK(try_open(&writer, path, false, &usual));
    put_number(writer, 1);
    assert_true(folder_has(path));
    writing->close(writer);
    assert_false(folder_has(path)); /* nothing was committed */
    struct rf_settings unknown = usual;
    strcpy(unknown.language, "volapük");
    assert_int_equal(try_open(&writer, path, false, &unknown), RIFFLE_INVALID);
    assert_false(folder_has(path));
    OK(try_open(&writer, path, false, &usual));
    commit(writer);
    writing->close(writer);
    assert_true(folder_has(path));
    assert_int_equal(articles_at(path), 0);
}

static void test_left_overs(void **context)
{
    (void)context;
    char path[FOLDER_PATH];
    void *writer = open_writer(false);
    put_number(writer, 1);
    commit(writer);
    writing->close(writer);
    const char *folders[] = {"db-1", "db-77"};
    for (size_t i = 0; i < 2; i++) {
        index_join(path, folders[i]);
        assert_int_equal(mkdir(path, 0777), 0);
        scratch_write(path, "postlist.glass", "x", 1);
        scratch_write(path, "iamglass", "x", 1);
    }
    scratch_write(folder, "XAPIANDB.new", "auto db-77\n", 11);
    writer = open_writer(false);
    check_folder(true);
    put_number(writer, 2);
    commit(writer);
    writing->close(writer);
    assert_int_equal(articles_at(folder), 2);
    /* Something else in a folder of such a name is somebody else's. */
    index_join(path, "db-78");
    assert_int_equal(mkdir(path, 0777), 0);
    scratch_write(path, "notes.txt", "mine", 4);
    check_refused(RIFFLE_NOT_EMPTY, "db-78");
    index_join(path, "db-78/notes.txt");
    assert_true(folder_has(path));
}

/* ---- Failures ---- */

/* A child that commits one article after the other, now and then as a rebuild with those before, and tells of each commit. It exits
 * only when something is wrong. */
static void write_on_and_on(unsigned end, int told)
{
    for (;; end++) {
        bool rebuild = end % 4 == 3;
        void *writer;
        riffle_status status = try_open(&writer, folder, rebuild, &usual);
        for (unsigned i = rebuild ? 0 : end; !status && i <= end; i++)
            status = add_number(writer, i);
        if (!status)
            status = writing->commit(writer, &error);
        if (status) {
            fprintf(stderr, "the writer failed: %s\n", error.message);
            _exit(1);
        }
        if (write(told, &end, sizeof end) != sizeof end)
            _exit(2);
        writing->close(writer);
    }
}

static void test_kill(void **context)
{
    (void)context;
    unsigned end = 0;
    for (int round = 0; round < 30; round++) {
        int ends[2], status;
        assert_int_equal(pipe(ends), 0);
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            close(ends[0]);
            write_on_and_on(end, ends[1]);
        }
        close(ends[1]);
        usleep(1000 + (useconds_t)random_below(&state, 30000));
        kill(child, SIGKILL);
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status));
        for (unsigned number; read(ends[0], &number, sizeof number) == sizeof number;)
            end = number + 1;
        close(ends[0]);
        if (!rf_xapian_current(folder)) {
            assert_int_equal(end, 0);
            continue;
        }
        /* What was told is there, and at most one commit more, whole. */
        unsigned found = articles_at(folder);
        assert_true(found == end || found == end + 1);
        end = found;
        rx_database *database = open_database(folder);
        for (unsigned i = 0; i < end; i++) {
            char term[32];
            snprintf(term, sizeof term, "word%u", i);
            assert_int_equal(documents_with(database, term), 1);
        }
        rx_database_free(database);
        void *writer = open_writer(false); /* the lock is free */
        writing->close(writer);
        check_folder(true);
    }
    assert_true(end > 0);
}

/* Makes an index of articles 0 to 4, then one of 5 to 9 in its place. Returns the first failure; the writer is closed. */
static riffle_status replace_index(const riffle_allocator *allocator)
{
    bool found;
    struct rf_settings there;
    void *writer;
    riffle_status status = writing->open(&writer, folder, true, allocator, &found, &there, &error);
    if (!status)
        status = writing->start(writer, &usual, 1u << 20, &error);
    for (unsigned i = 5; !status && i < 10; i++)
        status = add_number(writer, i);
    if (!status)
        status = writing->commit(writer, &error);
    if (writer)
        writing->close(writer);
    return status;
}

/* The old index or the new one, whole; the next writer finds it, and the folder clean. */
static void check_either(riffle_status status)
{
    rx_database *database = open_database(folder);
    unsigned replaced = documents_with(database, "word7");
    assert_int_equal(articles_in(database), 5);
    assert_int_equal(documents_with(database, "word3"), !replaced);
    if (!status)
        assert_int_equal(replaced, 1);
    rx_database_free(database);
    void *writer = open_writer(false);
    assert_true(has(writer, replaced ? "id-7" : "id-3"));
    check_folder(true);
    writing->close(writer);
}

static void make_old_index(void)
{
    void *writer = open_writer(true);
    for (unsigned i = 0; i < 5; i++)
        put_number(writer, i);
    commit(writer);
    writing->close(writer);
}

static unsigned calls, failing;

static int fail_one(const char *call, const char *path)
{
    (void)call, (void)path;
    return ++calls == failing ? EIO : 0;
}

static void test_failing_files(void **context)
{
    (void)context;
    riffle_status status;
    unsigned failures = 0;
    for (failing = 1;; failing++) {
        make_old_index();
        calls = 0;
        rf_file_fault = fail_one;
        status = replace_index(&rf_malloc_allocator);
        rf_file_fault = NULL;
        failures += status != RIFFLE_OK;
        check_either(status);
        if (calls < failing)
            break;
    }
    assert_int_equal(status, RIFFLE_OK);
    assert_true(failures > 8);
}

static size_t allocations, refused, live;

static void *refuse_resize(void *context, void *memory, size_t bytes)
{
    (void)context;
    if (++allocations == refused)
        return NULL;
    live += !memory;
    return realloc(memory, bytes);
}

static void *refuse_allocate(void *context, size_t bytes) { return refuse_resize(context, NULL, bytes); }

static void release(void *context, void *memory)
{
    (void)context;
    live -= memory != NULL;
    free(memory);
}

static void test_failing_memory(void **context)
{
    (void)context;
    const riffle_allocator allocator = {.allocate = refuse_allocate, .resize = refuse_resize, .release = release};
    riffle_status status;
    make_old_index();
    for (refused = 1;; refused++) {
        allocations = 0;
        status = replace_index(&allocator);
        assert_int_equal(live, 0);
        if (!status)
            break;
        assert_int_equal(status, RIFFLE_NO_MEMORY);
        check_folder(true);
        assert_int_equal(articles_at(folder), 5);
    }
    assert_true(refused > 20);
    check_either(status);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, index_set_up, index_tear_down)
        TEST(test_commits),         TEST(test_first_commit_may_be_empty),
        TEST(test_rebuild),         TEST(test_budget),
        TEST(test_order_of_steps),  TEST(test_lock),
        TEST(test_foreign_folders), TEST(test_foreign_databases),
        TEST(test_damaged),         TEST(test_new_folder),
        TEST(test_left_overs),      TEST(test_kill),
        TEST(test_failing_files),   TEST(test_failing_memory),
    };
    return cmocka_run_group_tests_name("xapian_engine_writer", tests, NULL, NULL);
}
