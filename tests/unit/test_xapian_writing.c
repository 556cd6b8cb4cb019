/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Changes through the Xapian wrapper: what a commit brings, what never comes without one, and what a failed one leaves behind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/xapian_shelf.h"

static rx_error error;
static char folder[SCRATCH_PATH], path[SCRATCH_PATH + 50];

static const char *const texts[] = {"red apple", "red red pear", "green pear tree with leaves"};

/* A database of the three texts, made anew for each test. */
static int set_up(void **context)
{
    (void)context;
    scratch_make(folder);
    snprintf(path, sizeof path, "%s/database", folder);
    shelf_make(path, texts, 3);
    return 0;
}

static int tear_down(void **context)
{
    (void)context;
    scratch_remove(folder);
    return 0;
}

static rx_database *open_for_writing(void)
{
    rx_database *database = NULL;
    OK(rx_database_open_writable(path, RX_OPEN, RX_NO_SYNC, 0, &database, &error));
    return database;
}

static uint32_t documents_of(const rx_database *database)
{
    rx_statistics statistics;
    OK(rx_database_statistics(database, &statistics, &error));
    return statistics.documents;
}

static uint32_t with_term(const rx_database *database, const char *term)
{
    rx_term_statistics statistics;
    OK(rx_database_term(database, TEXT(term), &statistics, &error));
    return statistics.documents;
}

static void check_files(void)
{
    size_t faults = 99;
    rx_string log = {NULL, 0};
    OK(rx_database_check(path, &faults, &log, &error));
    if (faults)
        fail_msg("damaged: %s", log.bytes);
    rx_string_free(&log);
}

/* ---- What changes do ---- */

static void test_changes(void **context)
{
    (void)context;
    rx_database *database = open_for_writing();
    assert_int_equal(shelf_add(database, 4, "blue plum", NULL), 4);
    rx_document *document = shelf_document(2, "yellow pear", NULL);
    OK(rx_replace(database, 2, document, &error));
    OK(rx_replace(database, 9, document, &error));
    assert_int_equal(documents_of(database), 5);
    assert_int_equal(with_term(database, "yellow"), 2);
    assert_int_equal(with_term(database, "red"), 1);
    /* Both that have the term go, and the new one has the number of the first. */
    rx_docid docid = 0;
    rx_document *other = shelf_document(2, "grey stone", NULL);
    OK(rx_replace_by_term(database, TEXT("Q2"), other, &docid, &error));
    assert_int_equal(docid, 2);
    assert_int_equal(documents_of(database), 4);
    assert_int_equal(with_term(database, "yellow"), 0);
    OK(rx_replace_by_term(database, TEXT("Q77"), other, &docid, &error));
    assert_int_equal(docid, 10);
    OK(rx_replace_by_term(database, TEXT("Q77"), other, NULL, &error));
    rx_document_free(document);
    rx_document_free(other);

    OK(rx_delete(database, 1, &error));
    FAILS(RX_DOC_NOT_FOUND, rx_delete(database, 1, &error));
    OK(rx_delete_by_term(database, TEXT("grey"), &error));
    OK(rx_delete_by_term(database, TEXT("grey"), &error));
    assert_int_equal(documents_of(database), 2);
    OK(rx_commit(database, &error));
    OK(rx_commit(database, &error));
    assert_int_equal(shelf_count(path), 2);
    rx_database_free(database);
    assert_int_equal(shelf_count(path), 2);
    check_files();
}

static void test_refused_changes_cost_nothing(void **context)
{
    (void)context;
    rx_database *database = open_for_writing();
    shelf_add(database, 4, "blue plum", NULL);
    FAILS(RX_INVALID_ARGUMENT, rx_add(database, NULL, NULL, &error));
    FAILS(RX_INVALID_ARGUMENT, rx_add(NULL, NULL, NULL, &error));
    rx_document *document = shelf_document(5, "x", NULL);
    FAILS(RX_INVALID_ARGUMENT, rx_replace(database, 0, document, &error));
    FAILS(RX_INVALID_ARGUMENT, rx_replace_by_term(database, "", 0, document, NULL, &error));
    FAILS(RX_INVALID_ARGUMENT, rx_delete(database, 0, &error));
    FAILS(RX_DOC_NOT_FOUND, rx_delete(database, 1000, &error));
    FAILS(RX_INVALID_ARGUMENT, rx_delete_by_term(database, NULL, 0, &error));
    FAILS(RX_INVALID_OPERATION, rx_transaction_commit(database, &error));
    /* As a term of 245 letters goes, so do 122 NULs; libxapian would take 130, and lose all at the commit. */
    char term[400] = {0};
    FAILS(RX_INVALID_ARGUMENT, rx_document_add_term(document, term, 130, 1, &error));
    FAILS(RX_INVALID_ARGUMENT, rx_document_add_term(document, term, 123, 1, &error));
    OK(rx_document_add_posting(document, term, 122, 1, 1, &error));
    memset(term, 'x', sizeof term);
    FAILS(RX_INVALID_ARGUMENT, rx_document_add_term(document, term, 246, 1, &error));
    OK(rx_document_add_posting(document, term, 245, 2, 1, &error));
    OK(rx_add(database, document, NULL, &error));
    rx_document_free(document);
    OK(rx_spelling_add(database, term, 245, 1, &error));
    OK(rx_synonym_add(database, term, 245, term, 245, &error));
    FAILS(RX_INVALID_ARGUMENT, rx_spelling_add(database, term, 246, 1, &error));
    FAILS(RX_INVALID_ARGUMENT, rx_synonym_add(database, term, 10, term, 246, &error));
    OK(rx_commit(database, &error));
    rx_database_free(database);
    assert_int_equal(shelf_count(path), 5);
    check_files();
}

static void test_only_writers_write(void **context)
{
    (void)context;
    rx_database *reader = NULL;
    OK(rx_database_open(path, &reader, &error));
    rx_document *document = shelf_document(4, "x", NULL);
    FAILS(RX_INVALID_OPERATION, rx_add(reader, document, NULL, &error));
    FAILS(RX_INVALID_OPERATION, rx_commit(reader, &error));
    FAILS(RX_INVALID_OPERATION, rx_metadata_set(reader, TEXT("key"), TEXT("x"), &error));
    FAILS(RX_INVALID_OPERATION, rx_spelling_add(reader, TEXT("word"), 1, &error));
    rx_document_free(document);
    assert_int_equal(documents_of(reader), 3);
    rx_database_free(reader);
}

/* ---- What was not committed ---- */

/* libxapian writes what it has, and without a transaction commits it, after each 10,000 changes, or as many as a variable says. */
enum { MANY = 25000, SOME = 2500 };

/* Changes of all kinds, more than libxapian keeps in memory. */
static void change_much(rx_database *database, unsigned documents)
{
    char text[60];
    for (unsigned number = 4; number < 4 + documents; number++) {
        snprintf(text, sizeof text, "many word%u word%u", number, number % 100);
        shelf_add(database, number, text, "kind");
    }
    OK(rx_delete(database, 1, &error));
    OK(rx_metadata_set(database, TEXT("key"), TEXT("value"), &error));
    OK(rx_spelling_add(database, TEXT("word"), 1, &error));
    OK(rx_synonym_add(database, TEXT("word"), TEXT("term"), &error));
}

static void check_unchanged(void)
{
    rx_database *reader = NULL;
    rx_string text = {NULL, 0};
    rx_terms *terms = NULL;
    OK(rx_database_open(path, &reader, &error));
    assert_int_equal(documents_of(reader), 3);
    assert_int_equal(with_term(reader, "many"), 0);
    OK(rx_metadata_get(reader, TEXT("key"), &text, &error));
    assert_int_equal(text.length, 0);
    rx_string_free(&text);
    OK(rx_spelling_suggest(reader, TEXT("ward"), 2, &text, &error));
    assert_int_equal(text.length, 0);
    rx_string_free(&text);
    OK(rx_synonyms(reader, TEXT("word"), &terms, &error));
    assert_int_equal(terms->count, 0);
    rx_terms_free(terms);
    rx_database_free(reader);
    check_files();
}

static void test_freeing_drops(void **context)
{
    (void)context;
    rx_database *database = open_for_writing();
    change_much(database, MANY);
    assert_int_equal(documents_of(database), MANY + 2);
    rx_database_free(database);
    check_unchanged();
    setenv("XAPIAN_FLUSH_THRESHOLD", "1000", 1);
    database = open_for_writing();
    change_much(database, SOME);
    assert_int_equal(shelf_count(path), 3);
    rx_database_free(database);
    unsetenv("XAPIAN_FLUSH_THRESHOLD");
    check_unchanged();
}

static void test_closing_drops(void **context)
{
    (void)context;
    rx_database *database = open_for_writing();
    rx_document *document = NULL;
    change_much(database, SOME);
    OK(rx_document_get(database, 5, &document, &error));
    OK(rx_database_close(database, &error));
    check_unchanged();
    FAILS(RX_CLOSED, rx_commit(database, &error));
    FAILS(RX_CLOSED, rx_add(database, document, NULL, &error));
    rx_database_free(database);
    rx_document_free(document);
    check_unchanged();
}

static void test_cancelling(void **context)
{
    (void)context;
    rx_database *database = open_for_writing();
    change_much(database, SOME);
    OK(rx_cancel(database, &error));
    assert_int_equal(documents_of(database), 3);
    OK(rx_commit(database, &error));
    check_unchanged();
    shelf_add(database, 4, "blue plum", NULL);
    OK(rx_commit(database, &error));
    OK(rx_cancel(database, &error));
    assert_int_equal(shelf_count(path), 4);
    rx_database_free(database);
}

static void test_transactions(void **context)
{
    (void)context;
    rx_database *database = open_for_writing();
    shelf_add(database, 4, "blue plum", NULL);
    OK(rx_transaction_begin(database, &error));
    assert_int_equal(shelf_count(path), 4);
    FAILS(RX_INVALID_OPERATION, rx_transaction_begin(database, &error));
    shelf_add(database, 5, "blue plum", NULL);
    FAILS(RX_INVALID_OPERATION, rx_commit(database, &error));
    FAILS(RX_INVALID_OPERATION, rx_cancel(database, &error));
    OK(rx_transaction_cancel(database, &error));
    FAILS(RX_INVALID_OPERATION, rx_transaction_cancel(database, &error));
    assert_int_equal(documents_of(database), 4);
    OK(rx_transaction_begin(database, &error));
    shelf_add(database, 5, "blue plum", NULL);
    shelf_add(database, 6, "blue plum", NULL);
    assert_int_equal(shelf_count(path), 4);
    OK(rx_transaction_commit(database, &error));
    assert_int_equal(shelf_count(path), 6);
    OK(rx_transaction_begin(database, &error));
    shelf_add(database, 7, "blue plum", NULL);
    rx_database_free(database);
    assert_int_equal(shelf_count(path), 6);
}

static void test_a_process_that_ends(void **context)
{
    (void)context;
    pid_t child = fork();
    if (child == 0) {
        change_much(open_for_writing(), SOME);
        _exit(0);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    check_unchanged();
}

/* ---- Failed changes ---- */

/* Fails the child where something does not hold. */
#define MUST(condition)                                                                                                            \
    do {                                                                                                                           \
        if (!(condition)) {                                                                                                        \
            fprintf(stderr, "line %d: %s: %s\n", __LINE__, #condition, error.message);                                             \
            _exit(1);                                                                                                              \
        }                                                                                                                          \
    } while (0)

/* In a process of its own: files that may not grow, until a change or the commit fails. Returns nothing. */
static void run_out_of_room(void)
{
    signal(SIGXFSZ, SIG_IGN);
    rx_database *database = open_for_writing();
    rx_enquire *enquire = NULL;
    rx_document *document = NULL;
    MUST(rx_enquire_new(database, &enquire, &error) == RX_OK && rx_document_get(database, 1, &document, &error) == RX_OK);
    struct rlimit limit = {60000, RLIM_INFINITY};
    MUST(setrlimit(RLIMIT_FSIZE, &limit) == 0);
    rx_status status = RX_OK;
    for (unsigned number = 4; number < 3000 && status == RX_OK; number++) {
        char text[60];
        snprintf(text, sizeof text, "many word%u word%u", number, number % 100);
        rx_document *added = shelf_document(number, text, NULL);
        status = rx_add(database, added, NULL, &error);
        rx_document_free(added);
    }
    if (status == RX_OK)
        status = rx_commit(database, &error);
    MUST(status != RX_OK && status != RX_POISONED && error.message[0]);
    rx_error first = error;

    /* Nothing works any more, and all tell the same. */
    uint32_t length;
    rx_hits *hits = NULL;
    rx_string data = {NULL, 0};
    limit.rlim_cur = RLIM_INFINITY;
    MUST(setrlimit(RLIMIT_FSIZE, &limit) == 0);
    MUST(rx_commit(database, &error) == RX_POISONED && strcmp(error.message, first.message) == 0);
    MUST(rx_add(database, document, NULL, &error) == RX_POISONED);
    MUST(rx_cancel(database, &error) == RX_POISONED);
    MUST(rx_database_document_length(database, 1, &length, &error) == RX_POISONED);
    MUST(rx_search(enquire, NULL, &hits, &error) == RX_POISONED && !hits);
    MUST(rx_document_data(document, &data, &error) == RX_POISONED);
    MUST(strcmp(error.message, first.message) == 0);
    rx_enquire_free(enquire);
    rx_document_free(document);
    MUST(rx_database_close(database, &error) == RX_OK);
    MUST(rx_add(database, NULL, NULL, &error) == RX_CLOSED);
    rx_database_free(database);

    database = open_for_writing();
    shelf_add(database, 4, "blue plum", NULL);
    MUST(rx_commit(database, &error) == RX_OK);
    rx_database_free(database);
    _exit(0);
}

static void test_a_failed_commit_poisons(void **context)
{
    (void)context;
    fflush(NULL);
    pid_t child = fork();
    if (child == 0)
        run_out_of_room();
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    assert_int_equal(shelf_count(path), 4);
    check_files();
}

/* A document whose own database is gone fails before the change begins. */
static void test_documents_of_lost_databases(void **context)
{
    (void)context;
    rx_database *reader = NULL, *writer = open_for_writing();
    rx_document *document = NULL;
    OK(rx_database_open(path, &reader, &error));
    OK(rx_document_get(reader, 3, &document, &error));
    OK(rx_add(writer, document, NULL, &error));
    OK(rx_database_close(reader, &error));
    rx_database_free(reader);
    FAILS(RX_CLOSED, rx_add(writer, document, NULL, &error));
    OK(rx_commit(writer, &error));
    assert_int_equal(with_term(writer, "leaves"), 2);
    rx_document_free(document);
    rx_database_free(writer);
}

int main(void)
{
#define ON_A_SHELF(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        ON_A_SHELF(test_changes),
        ON_A_SHELF(test_refused_changes_cost_nothing),
        ON_A_SHELF(test_only_writers_write),
        ON_A_SHELF(test_freeing_drops),
        ON_A_SHELF(test_closing_drops),
        ON_A_SHELF(test_cancelling),
        ON_A_SHELF(test_transactions),
        ON_A_SHELF(test_a_process_that_ends),
        ON_A_SHELF(test_a_failed_commit_poisons),
        ON_A_SHELF(test_documents_of_lost_databases),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
