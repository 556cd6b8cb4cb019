/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Databases of the Xapian wrapper as a whole: opening, statistics, several as one, stubs, reopening, closing, copies, checks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/xapian_shelf.h"

static rx_error error;
static char folder[SCRATCH_PATH];

static const char *const texts[] = {"red apple", "red red pear", "green pear tree with leaves"};

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

/* A path in the folder; four can be in use at once. */
static const char *in_folder(const char *name)
{
    static char paths[4][SCRATCH_PATH + 50];
    static unsigned turn;
    char *path = paths[turn++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

static rx_database *open_for_reading(const char *path)
{
    rx_database *database = NULL;
    OK(rx_database_open(path, &database, &error));
    return database;
}

static rx_database *open_for_writing(const char *path, int mode)
{
    rx_database *database = NULL;
    OK(rx_database_open_writable(path, mode, RX_NO_SYNC, 0, &database, &error));
    return database;
}

static rx_statistics statistics_of(const rx_database *database)
{
    rx_statistics statistics;
    OK(rx_database_statistics(database, &statistics, &error));
    return statistics;
}

/* ---- Opening ---- */

static void test_modes(void **context)
{
    (void)context;
    const char *path = in_folder("a");
    rx_database *database = NULL;
    FAILS(RX_DATABASE_NOT_FOUND, rx_database_open(path, &database, &error));
    assert_non_null(strstr(error.message, path));
    FAILS(RX_DATABASE_NOT_FOUND, rx_database_open_writable(path, RX_OPEN, 0, 0, &database, &error));
    assert_null(database);
    shelf_make(path, texts, 3);
    FAILS(RX_DATABASE_CREATE, rx_database_open_writable(path, RX_CREATE, 0, 0, &database, &error));
    rx_database_free(open_for_writing(path, RX_CREATE_OR_OPEN));
    assert_int_equal(shelf_count(path), 3);
    database = open_for_writing(path, RX_CREATE_OR_OVERWRITE);
    assert_int_equal(statistics_of(database).documents, 0);
    rx_database_free(database);
    database = NULL;

    FAILS(RX_INVALID_ARGUMENT, rx_database_open_writable(path, 4, 0, 0, &database, &error));
    FAILS(RX_INVALID_ARGUMENT, rx_database_open_writable(path, RX_OPEN, 0x10, 0, &database, &error));
    FAILS(RX_INVALID_ARGUMENT, rx_database_open_writable(path, RX_OPEN, 0, 3000, &database, &error));
    FAILS(RX_INVALID_ARGUMENT, rx_database_open_writable(NULL, RX_OPEN, 0, 0, &database, &error));
    FAILS(RX_INVALID_ARGUMENT, rx_database_open_writable(path, RX_OPEN, 0, 0, NULL, &error));
    FAILS(RX_INVALID_ARGUMENT, rx_database_open(NULL, &database, &error));
    assert_null(database);
    /* Nobody has to take the text. */
    assert_int_equal(rx_database_open(in_folder("none"), &database, NULL), RX_DATABASE_NOT_FOUND);
    assert_int_equal(rx_database_open(in_folder("a"), &database, NULL), RX_OK);
    rx_database_free(database);
    rx_database_free(NULL);
}

static void test_one_writer_at_a_time(void **context)
{
    (void)context;
    const char *path = in_folder("locked");
    shelf_make(path, texts, 3);
    int locked = -1;
    rx_database *reader = open_for_reading(path), *writer = open_for_writing(path, RX_OPEN), *second = NULL;
    FAILS(RX_DATABASE_LOCK, rx_database_open_writable(path, RX_OPEN, 0, 0, &second, &error));
    OK(rx_database_locked(reader, &locked, &error));
    assert_int_equal(locked, 1);
    /* A search that is still there does not hold the lock of a writer that was freed. */
    rx_enquire *enquire = NULL;
    rx_document *document = NULL;
    OK(rx_enquire_new(writer, &enquire, &error));
    OK(rx_document_get(writer, 1, &document, &error));
    rx_database_free(writer);
    OK(rx_database_locked(reader, &locked, &error));
    assert_int_equal(locked, 0);
    writer = open_for_writing(path, RX_OPEN);
    FAILS(RX_CLOSED, rx_search(enquire, NULL, &(rx_hits *){NULL}, &error));
    FAILS(RX_CLOSED, rx_document_data(document, &(rx_string){NULL, 0}, &error));
    rx_enquire_free(enquire);
    rx_document_free(document);
    rx_database_free(writer);
    rx_database_free(reader);
}

static void test_closing(void **context)
{
    (void)context;
    const char *path = in_folder("closing");
    shelf_make(path, texts, 3);
    rx_database *database = open_for_reading(path);
    rx_enquire *enquire = NULL;
    rx_hits *hits = NULL;
    OK(rx_enquire_new(database, &enquire, &error));
    /* A search works on when the handle is gone, and not when the database was closed. */
    rx_database *other = open_for_reading(path);
    rx_enquire *left = NULL;
    OK(rx_enquire_new(other, &left, &error));
    rx_database_free(other);
    assert_string_equal(shelf_search(left, shelf_term("apple")), "1");
    rx_enquire_free(left);

    OK(rx_database_close(database, &error));
    OK(rx_database_close(database, &error));
    FAILS(RX_CLOSED, rx_search(enquire, NULL, &hits, &error));
    assert_null(hits);
    rx_database_free(database);
    FAILS(RX_CLOSED, rx_search(enquire, NULL, &hits, &error));
    rx_enquire_free(enquire);
}

/* ---- What can be asked ---- */

static void test_statistics(void **context)
{
    (void)context;
    const char *path = in_folder("statistics");
    shelf_make(path, texts, 3);
    rx_database *database = open_for_reading(path);
    rx_statistics statistics = statistics_of(database);
    assert_int_equal(statistics.documents, 3);
    assert_int_equal(statistics.last_docid, 3);
    assert_int_equal(statistics.total_length, 10);
    assert_true(statistics.average_length == 10 / 3.0);
    assert_int_equal(statistics.shortest, 2);
    assert_int_equal(statistics.longest, 5);
    assert_int_equal(statistics.parts, 1);
    assert_true(statistics.has_positions && !statistics.writable && !statistics.remote);

    rx_term_statistics term;
    OK(rx_database_term(database, TEXT("red"), &term, &error));
    assert_int_equal(term.documents, 2);
    assert_int_equal(term.occurrences, 3);
    assert_true(term.largest_wdf >= 2 && term.largest_wdf <= 3);
    OK(rx_database_term(database, TEXT("nowhere"), &term, &error));
    assert_int_equal(term.documents + term.occurrences, 0);
    FAILS(RX_INVALID_ARGUMENT, rx_database_term(database, NULL, 0, &term, &error));

    uint32_t length = 0;
    OK(rx_database_document_length(database, 3, &length, &error));
    assert_int_equal(length, 5);
    FAILS(RX_DOC_NOT_FOUND, rx_database_document_length(database, 4, &length, &error));
    FAILS(RX_INVALID_ARGUMENT, rx_database_document_length(database, 0, &length, &error));

    rx_string uuid = {NULL, 0};
    OK(rx_database_uuid(database, &uuid, &error));
    assert_int_equal(uuid.length, 36);
    rx_string_free(&uuid);
    assert_null(uuid.bytes);
    uint64_t revision = 0;
    OK(rx_database_revision(database, &revision, &error));
    assert_int_equal(revision, 1);
    OK(rx_database_keep_alive(database, &error));
    rx_database_free(database);
}

static void test_metadata(void **context)
{
    (void)context;
    rx_database *database = open_for_writing(in_folder("metadata"), RX_CREATE);
    rx_string value = {NULL, 0};
    OK(rx_metadata_get(database, TEXT("key"), &value, &error));
    assert_int_equal(value.length, 0);
    rx_string_free(&value);
    OK(rx_metadata_set(database, TEXT("key"), "a\0b", 3, &error));
    OK(rx_commit(database, &error));
    OK(rx_metadata_get(database, TEXT("key"), &value, &error));
    assert_int_equal(value.length, 3);
    assert_memory_equal(value.bytes, "a\0b", 4);
    rx_string_free(&value);
    OK(rx_metadata_set(database, TEXT("key"), NULL, 0, &error));
    OK(rx_metadata_get(database, TEXT("key"), &value, &error));
    assert_int_equal(value.length, 0);
    rx_string_free(&value);
    FAILS(RX_INVALID_ARGUMENT, rx_metadata_set(database, "", 0, TEXT("x"), &error));
    /* The longest key, of NULs alone and without: what passes our check must not fail at the commit. */
    char longest[246];
    memset(longest, 'k', sizeof longest);
    OK(rx_metadata_set(database, longest, 245, TEXT("x"), &error));
    FAILS(RX_INVALID_ARGUMENT, rx_metadata_set(database, longest, 246, TEXT("x"), &error));
    memset(longest, 0, sizeof longest);
    OK(rx_metadata_set(database, longest, 122, TEXT("x"), &error));
    FAILS(RX_INVALID_ARGUMENT, rx_metadata_set(database, longest, 123, TEXT("x"), &error));
    OK(rx_commit(database, &error));
    rx_database_free(database);
}

static void test_in_memory(void **context)
{
    (void)context;
    rx_database *database = NULL;
    OK(rx_database_open_memory(&database, &error));
    shelf_add(database, 1, "red apple", NULL);
    assert_int_equal(statistics_of(database).documents, 1);
    OK(rx_commit(database, &error));
    FAILS(RX_UNIMPLEMENTED, rx_cancel(database, &error));
    FAILS(RX_UNIMPLEMENTED, rx_transaction_begin(database, &error));
    OK(rx_delete(database, 1, &error));
    assert_int_equal(statistics_of(database).documents, 0);
    rx_string uuid = {NULL, 0};
    OK(rx_database_uuid(database, &uuid, &error));
    assert_int_equal(uuid.length, 0);
    rx_string_free(&uuid);
    rx_database_free(database);
}

/* ---- Several as one ---- */

static void test_several_as_one(void **context)
{
    (void)context;
    shelf_make(in_folder("one"), texts, 3);
    shelf_make(in_folder("two"), texts + 1, 2);
    rx_database *both = NULL, *one = open_for_reading(in_folder("one")), *two = open_for_reading(in_folder("two"));
    OK(rx_database_new(&both, &error));
    assert_int_equal(statistics_of(both).documents, 0);
    OK(rx_database_add(both, one, &error));
    OK(rx_database_add(both, two, &error));
    FAILS(RX_INVALID_ARGUMENT, rx_database_add(both, both, &error));
    FAILS(RX_INVALID_ARGUMENT, rx_database_add(both, NULL, &error));
    FAILS(RX_INVALID_OPERATION, rx_database_add(one, two, &error));
    rx_database_free(one);
    rx_statistics statistics = statistics_of(both);
    assert_int_equal(statistics.documents, 5);
    assert_int_equal(statistics.parts, 2);
    assert_int_equal(statistics.last_docid, 5);
    rx_enquire *enquire = NULL;
    OK(rx_enquire_new(both, &enquire, &error));
    /* Documents 1, 3, 5 of the first and 2, 4 of the second. */
    assert_string_equal(shelf_search(enquire, shelf_term("apple")), "1");
    assert_string_equal(shelf_search(enquire, shelf_term("leaves")), "4 5");
    uint64_t revision;
    FAILS(RX_INVALID_OPERATION, rx_database_revision(both, &revision, &error));
    rx_string uuid = {NULL, 0};
    OK(rx_database_uuid(both, &uuid, &error));
    assert_int_equal(uuid.length, 73);
    assert_int_equal(uuid.bytes[36], ':');
    rx_string_free(&uuid);

    /* A part that was closed is closed for all, and says so. */
    OK(rx_database_close(two, &error));
    rx_hits *hits = NULL;
    FAILS(RX_DATABASE_CLOSED, rx_search(enquire, NULL, &hits, &error));
    FAILS(RX_CLOSED, rx_database_add(both, two, &error));
    rx_enquire_free(enquire);
    rx_database_free(two);
    rx_database_free(both);

    rx_database *writer = open_for_writing(in_folder("one"), RX_OPEN);
    OK(rx_database_new(&both, &error));
    FAILS(RX_INVALID_ARGUMENT, rx_database_add(both, writer, &error));
    FAILS(RX_INVALID_OPERATION, rx_commit(both, &error));
    rx_database_free(both);
    rx_database_free(writer);
}

static void write_text(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

static void test_stubs(void **context)
{
    (void)context;
    shelf_make(in_folder("left"), texts, 3);
    shelf_make(in_folder("right"), texts, 2);
    write_text(in_folder("stub"), "# both\nauto left\nglass right\n");
    rx_database *database = open_for_reading(in_folder("stub"));
    assert_int_equal(statistics_of(database).documents, 5);
    assert_int_equal(statistics_of(database).remote, 0);
    rx_database_free(database);
    assert_int_equal(mkdir(in_folder("stub.d"), 0777), 0);
    write_text(in_folder("stub.d/XAPIANDB"), "auto ../stub\n");
    assert_int_equal(shelf_count(in_folder("stub.d")), 5);

    /* Remote ones are followed only where that is wanted. */
    OK(rx_database_open_local(in_folder("stub.d"), &database, &error));
    assert_int_equal(statistics_of(database).documents, 5);
    rx_database_free(database);
    database = NULL;
    char program[2 * SCRATCH_PATH];
    snprintf(program, sizeof program, "auto left\nremote :touch %s/ran\n", folder);
    write_text(in_folder("hostile"), program);
    write_text(in_folder("hidden"), "auto hostile\n");
    FAILS(RX_DATABASE_OPENING, rx_database_open_local(in_folder("hostile"), &database, &error));
    FAILS(RX_DATABASE_OPENING, rx_database_open_local(in_folder("hidden"), &database, &error));
    assert_null(database);
    assert_int_equal(access(in_folder("ran"), F_OK), -1);

    /* What would take libxapian to the end of the stack, and all memory. */
    write_text(in_folder("circle"), "auto circle\n");
    FAILS(RX_DATABASE_OPENING, rx_database_open(in_folder("circle"), &database, &error));
    FAILS(RX_DATABASE_OPENING, rx_database_open_writable(in_folder("circle"), RX_OPEN, 0, 0, &database, &error));
    write_text(in_folder("large"), "x");
    assert_int_equal(truncate(in_folder("large"), 1l << 34), 0);
    FAILS(RX_DATABASE_OPENING, rx_database_open(in_folder("large"), &database, &error));
    assert_non_null(strstr(error.message, "large"));
    write_text(in_folder("rubbish"), "rubbish\n");
    FAILS(RX_DATABASE_OPENING, rx_database_open(in_folder("rubbish"), &database, &error));
}

/* ---- Commits of others ---- */

static void test_reopening(void **context)
{
    (void)context;
    const char *path = in_folder("reopened");
    shelf_make(path, texts, 3);
    rx_database *reader = open_for_reading(path), *writer = open_for_writing(path, RX_OPEN);
    int changed = -1;
    OK(rx_database_reopen(reader, &changed, &error));
    assert_int_equal(changed, 0);
    shelf_add(writer, 4, "one more", NULL);
    OK(rx_commit(writer, &error));
    assert_int_equal(statistics_of(reader).documents, 3);
    OK(rx_database_reopen(reader, &changed, &error));
    assert_int_equal(changed, 1);
    assert_int_equal(statistics_of(reader).documents, 4);
    OK(rx_database_reopen(reader, NULL, &error));

    /* Behind by some commits that wrote everything anew, it says so, and is good again when it was reopened. */
    enum { MANY = 2000 };
    for (unsigned number = 5; number <= MANY; number++)
        shelf_add(writer, number, "red apple", NULL);
    OK(rx_commit(writer, &error));
    OK(rx_database_reopen(reader, NULL, &error));
    rx_enquire *enquire = NULL;
    OK(rx_enquire_new(reader, &enquire, &error));
    rx_query *query = shelf_terms(RX_OP_PHRASE, "red apple", 0);
    OK(rx_enquire_query(enquire, query, 0, &error));
    rx_query_free(query);
    for (int round = 0; round < 3; round++) {
        for (unsigned number = 1; number <= MANY; number++) {
            rx_document *document = shelf_document(number, round % 2 ? "red apple" : "old red apple", NULL);
            OK(rx_replace(writer, number, document, &error));
            rx_document_free(document);
        }
        OK(rx_commit(writer, &error));
    }
    rx_hits *hits = NULL;
    FAILS(RX_DATABASE_MODIFIED, rx_search(enquire, NULL, &hits, &error));
    OK(rx_database_reopen(reader, NULL, &error));
    rx_search_options all = RX_SEARCH_OPTIONS_INIT;
    all.check_at_least = MANY;
    OK(rx_search(enquire, &all, &hits, &error));
    assert_int_equal(hits->estimate, MANY);
    rx_hits_free(hits);
    rx_enquire_free(enquire);
    rx_database_free(writer);
    rx_database_free(reader);
}

/* ---- Copies and checks ---- */

static void test_compacting(void **context)
{
    (void)context;
    shelf_make(in_folder("first"), texts, 3);
    shelf_make(in_folder("second"), texts, 2);
    rx_database *first = open_for_reading(in_folder("first")), *second = open_for_reading(in_folder("second")), *both = NULL;
    OK(rx_database_new(&both, &error));
    FAILS(RX_INVALID_OPERATION, rx_database_compact(both, in_folder("nothing"), 0, 0, &error));
    OK(rx_database_add(both, first, &error));
    OK(rx_database_add(both, second, &error));
    OK(rx_database_compact(both, in_folder("merged"), RX_COMPACT_FULL, 0, &error));
    assert_int_equal(shelf_count(in_folder("merged")), 5);
    OK(rx_database_compact(first, in_folder("single"), RX_COMPACT_SINGLE_FILE, 4096, &error));
    struct stat facts;
    assert_int_equal(stat(in_folder("single"), &facts), 0);
    assert_true(S_ISREG(facts.st_mode));
    assert_int_equal(shelf_count(in_folder("single")), 3);
    FAILS(RX_INVALID_ARGUMENT, rx_database_compact(both, in_folder("overlap"), RX_COMPACT_NO_RENUMBER | 2, 0, &error));
    FAILS(RX_INVALID_OPERATION, rx_database_compact(both, in_folder("overlap"), RX_COMPACT_NO_RENUMBER, 0, &error));
    rx_database_free(both);
    rx_database_free(first);
    rx_database_free(second);

    rx_database *writer = open_for_writing(in_folder("first"), RX_OPEN);
    shelf_add(writer, 4, "one more", NULL);
    FAILS(RX_INVALID_OPERATION, rx_database_compact(writer, in_folder("early"), 0, 0, &error));
    OK(rx_commit(writer, &error));
    OK(rx_database_compact(writer, in_folder("late"), 0, 0, &error));
    rx_database_free(writer);
    assert_int_equal(shelf_count(in_folder("late")), 4);
}

static void test_checking(void **context)
{
    (void)context;
    const char *path = in_folder("checked");
    shelf_make(path, texts, 3);
    size_t faults = 99;
    rx_string log = {NULL, 0};
    OK(rx_database_check(path, &faults, &log, &error));
    assert_int_equal(faults, 0);
    assert_non_null(strstr(log.bytes, "postlist"));
    rx_string_free(&log);
    size_t size;
    uint8_t *bytes = scratch_read(path, "postlist.glass", &size, 0);
    memset(bytes + size - 300, 0x5a, 300);
    scratch_write(path, "postlist.glass", bytes, size);
    free(bytes);
    if (rx_database_check(path, &faults, NULL, &error) == RX_OK)
        assert_true(faults > 0);
    else
        assert_true(error.message[0] != 0);
    FAILS(RX_DATABASE_OPENING, rx_database_check(in_folder("none"), &faults, NULL, &error));
}

static void test_status_texts(void **context)
{
    (void)context;
    for (int i = 0; i < RX_STATUS_COUNT; i++) {
        assert_true(strlen(rx_status_text((rx_status)i)) > 5);
        for (int j = 0; j < i; j++)
            assert_string_not_equal(rx_status_text((rx_status)i), rx_status_text((rx_status)j));
    }
    assert_string_equal(rx_status_text((rx_status)RX_STATUS_COUNT), "unknown status");
    assert_int_equal(strncmp(rx_xapian_version(), "1.4.", 4), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_modes),          cmocka_unit_test(test_one_writer_at_a_time),
        cmocka_unit_test(test_closing),        cmocka_unit_test(test_statistics),
        cmocka_unit_test(test_metadata),       cmocka_unit_test(test_in_memory),
        cmocka_unit_test(test_several_as_one), cmocka_unit_test(test_stubs),
        cmocka_unit_test(test_reopening),      cmocka_unit_test(test_compacting),
        cmocka_unit_test(test_checking),       cmocka_unit_test(test_status_texts),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
