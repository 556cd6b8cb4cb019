/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Remote databases of the Xapian wrapper: what they can do, SIGPIPE, and servers that die, hang, or were never there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include "tests/support/xapian_server.h"
#include "tests/support/xapian_shelf.h"

enum { TIMEOUT = 300, SECONDS = 60 };

static rx_error error;
static char folder[SCRATCH_PATH], path[SCRATCH_PATH + 50];
static struct loopback_server server;

static const char *const texts[] = {"red apple", "red red pear", "green pear tree with leaves"};

static int set_up(void **context)
{
    (void)context;
    /* What hangs ends the test. */
    alarm(SECONDS);
    scratch_make(folder);
    snprintf(path, sizeof path, "%s/database", folder);
    shelf_make(path, texts, 3);
    return 0;
}

static int tear_down(void **context)
{
    (void)context;
    loopback_kill(&server);
    scratch_remove(folder);
    alarm(0);
    return 0;
}

static rx_database *connect_reader(void)
{
    rx_database *database = NULL;
    OK(rx_database_open_remote("127.0.0.1", server.port, TIMEOUT, TIMEOUT, &database, &error));
    return database;
}

static rx_database *connect_writer(void)
{
    rx_database *database = NULL;
    OK(rx_database_open_remote_writable("127.0.0.1", server.port, TIMEOUT, TIMEOUT, &database, &error));
    return database;
}

static const char *shard(void)
{
    static char name[60];
    snprintf(name, sizeof name, "remote:tcp(127.0.0.1:%u)", server.port);
    return name;
}

/* ---- What works ---- */

static int count_value(void *context, rx_docid docid, const char *value, size_t length)
{
    (void)docid, (void)value, (void)length;
    ++*(unsigned *)context;
    return 0;
}

static int count_term(void *context, const rx_term *term)
{
    (void)term;
    ++*(unsigned *)context;
    return 0;
}

static void test_reading(void **context)
{
    (void)context;
    loopback_start(&server, path, false);
    rx_database *database = connect_reader();
    rx_statistics statistics;
    OK(rx_database_statistics(database, &statistics, &error));
    assert_int_equal(statistics.documents, 3);
    assert_true(statistics.remote && !statistics.writable);
    OK(rx_database_keep_alive(database, &error));

    rx_enquire *enquire = NULL;
    OK(rx_enquire_new(database, &enquire, &error));
    rx_query *query = shelf_terms(RX_OP_PHRASE, "red apple", 0);
    OK(rx_enquire_query(enquire, query, 0, &error));
    rx_query_free(query);
    rx_search_options options = RX_SEARCH_OPTIONS_INIT;
    options.flags = RX_WITH_DATA;
    options.slots = (const rx_slot[]){SHELF_NUMBER};
    options.slot_count = 1;
    rx_hits *hits = NULL;
    OK(rx_search(enquire, &options, &hits, &error));
    assert_string_equal(shelf_hits(hits), "1");
    assert_string_equal(hits->items[0].data.bytes, "red apple");
    double number;
    OK(rx_number_decode(hits->items[0].values[0].bytes, hits->items[0].values[0].length, &number, &error));
    assert_true(number == 1);
    rx_hits_free(hits);

    rx_posting postings[5];
    uint32_t positions[5];
    size_t count;
    OK(rx_postings(database, TEXT("red"), 2, postings, 5, &count, &error));
    assert_true(count == 1 && postings[0].docid == 2 && postings[0].wdf == 2);
    OK(rx_positions(database, 2, TEXT("red"), positions, 5, &count, &error));
    assert_true(count == 2 && positions[1] == 2);
    rx_document *document = NULL;
    rx_terms *terms = NULL;
    OK(rx_document_get(database, 2, &document, &error));
    OK(rx_document_terms(document, &terms, &error));
    assert_int_equal(terms->count, 3);
    assert_int_equal(terms->items[2].documents, 2);
    rx_terms_free(terms);
    rx_document_free(document);
    unsigned visits = 0;
    OK(rx_each_value(database, SHELF_NUMBER, 1, count_value, &visits, &error));
    assert_int_equal(visits, 3);
    visits = 0;
    OK(rx_each_term(database, TEXT("pe"), count_term, &visits, &error));
    assert_int_equal(visits, 1);
    OK(rx_expand(enquire, (const rx_docid[]){3}, 1, 10, 0, NULL, &terms, &error));
    assert_int_equal(terms->count, 5);
    rx_terms_free(terms);

    /* What servers cannot do costs nothing else, where there is one alone. */
    int locked;
    rx_document *missing = NULL;
    FAILS(RX_UNIMPLEMENTED, rx_database_locked(database, &locked, &error));
    FAILS(RX_UNIMPLEMENTED, rx_database_compact(database, "nowhere", 0, 0, &error));
    FAILS(RX_DOC_NOT_FOUND, rx_document_get(database, 9, &missing, &error));
    OK(rx_enquire_lucene(enquire, 1.2, 0.75, 1, &error));
    FAILS(RX_INVALID_ARGUMENT, rx_search(enquire, NULL, &hits, &error));
    assert_non_null(strstr(error.message, "Riffle::LuceneWeight"));
    assert_string_equal(error.shard, shard());
    OK(rx_enquire_bm25(enquire, 1.2, 0, 0, 0.75, 0, &error));
    assert_string_equal(shelf_search(enquire, shelf_term("tree")), "3");
    rx_enquire_free(enquire);
    rx_database_free(database);
}

static void test_writing(void **context)
{
    (void)context;
    loopback_start(&server, path, true);
    rx_database *database = connect_writer(), *second = NULL;
    FAILS(RX_DATABASE_LOCK, rx_database_open_remote_writable("127.0.0.1", server.port, TIMEOUT, TIMEOUT, &second, &error));
    assert_int_equal(shelf_add(database, 4, "blue plum", NULL), 4);
    assert_int_equal(shelf_count(path), 3);
    OK(rx_metadata_set(database, TEXT("key"), TEXT("value"), &error));
    OK(rx_delete(database, 1, &error));
    FAILS(RX_DOC_NOT_FOUND, rx_delete(database, 1, &error));
    OK(rx_commit(database, &error));
    assert_int_equal(shelf_count(path), 3);
    rx_string value = {NULL, 0};
    OK(rx_metadata_get(database, TEXT("key"), &value, &error));
    assert_string_equal(value.bytes, "value");
    rx_string_free(&value);
    OK(rx_transaction_begin(database, &error));
    shelf_add(database, 5, "blue plum", NULL);
    OK(rx_transaction_cancel(database, &error));
    OK(rx_commit(database, &error));
    assert_int_equal(shelf_count(path), 3);
    /* Freed: dropped. */
    shelf_add(database, 5, "blue plum", NULL);
    rx_database_free(database);
    assert_int_equal(shelf_count(path), 3);
    database = connect_writer();
    OK(rx_database_close(database, &error));
    rx_database_free(database);
    rx_database_free(connect_writer());
}

static void test_a_program_as_server(void **context)
{
    (void)context;
    rx_database *database = NULL;
    rx_status status = rx_database_open_program("xapian-progsrv", path, 10000, &database, &error);
    if (status == RX_NETWORK)
        skip();
    assert_int_equal(status, RX_OK);
    rx_statistics statistics;
    OK(rx_database_statistics(database, &statistics, &error));
    assert_int_equal(statistics.documents, 3);
    rx_database_free(database);
    FAILS(RX_NETWORK, rx_database_open_program("riffle-no-such-program", "", 10000, &database, &error));
}

/* ---- SIGPIPE ---- */

static void on_pipe(int number, siginfo_t *info, void *machine) { (void)number, (void)info, (void)machine; }

static bool is_pending(void)
{
    sigset_t pending;
    sigemptyset(&pending);
    sigpending(&pending);
    return sigismember(&pending, SIGPIPE) == 1;
}

static bool is_blocked(void)
{
    sigset_t mask;
    pthread_sigmask(SIG_SETMASK, NULL, &mask);
    return sigismember(&mask, SIGPIPE) == 1;
}

/* Opens a remote database by each way, and checks that what SIGPIPE does is as it was. */
static void check_disposition(const struct sigaction *chosen)
{
    char stub[SCRATCH_PATH + 60];
    snprintf(stub, sizeof stub, "%s/stub", folder);
    FILE *file = fopen(stub, "w");
    assert_non_null(file);
    fprintf(file, "remote 127.0.0.1:%u\n", server.port);
    assert_int_equal(fclose(file), 0);
    struct sigaction before, after;
    assert_int_equal(sigaction(SIGPIPE, chosen, &before), 0);
    for (int way = 0; way < 4; way++) {
        rx_database *database = NULL;
        rx_status status = way == 0   ? rx_database_open_remote("127.0.0.1", server.port, TIMEOUT, TIMEOUT, &database, &error)
                           : way == 1 ? rx_database_open(stub, &database, &error)
                           : way == 2 ? rx_database_open_writable(stub, RX_OPEN, 0, 0, &database, &error)
                                      : rx_database_open_program("xapian-progsrv", path, 10000, &database, &error);
        assert_true(status == RX_OK || way == 3);
        sigaction(SIGPIPE, NULL, &after);
        assert_true(after.sa_flags == chosen->sa_flags || after.sa_flags == (chosen->sa_flags | 0x04000000 /* SA_RESTORER */));
        if (chosen->sa_flags & SA_SIGINFO)
            assert_true(after.sa_sigaction == chosen->sa_sigaction);
        else
            assert_true(after.sa_handler == chosen->sa_handler);
        assert_false(is_blocked());
        if (way == 1) {
            rx_statistics statistics;
            OK(rx_database_statistics(database, &statistics, &error));
            assert_true(statistics.remote);
        }
        rx_database_free(database);
    }
    sigaction(SIGPIPE, &before, NULL);
}

static void test_disposition(void **context)
{
    (void)context;
    loopback_start(&server, path, true);
    struct sigaction chosen = {0};
    sigemptyset(&chosen.sa_mask);
    chosen.sa_handler = SIG_DFL;
    check_disposition(&chosen);
    chosen.sa_handler = SIG_IGN;
    check_disposition(&chosen);
    chosen.sa_flags = SA_SIGINFO;
    chosen.sa_sigaction = on_pipe;
    check_disposition(&chosen);
}

static void *open_often(void *context)
{
    (void)context;
    for (int i = 0; i < 20; i++) {
        rx_database *database = NULL;
        if (rx_database_open_remote("127.0.0.1", server.port, 10000, 10000, &database, NULL))
            return "cannot open";
        rx_database_free(database);
    }
    return NULL;
}

/* Whoever is done first must not take what the others found for what there was. */
static void test_disposition_with_threads(void **context)
{
    (void)context;
    pthread_t threads[4];
    void *failed = NULL;
    signal(SIGPIPE, SIG_DFL);
    loopback_start(&server, path, false);
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, open_often, NULL), 0);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(pthread_join(threads[i], &failed), 0);
        assert_null(failed);
    }
    struct sigaction now;
    sigaction(SIGPIPE, NULL, &now);
    assert_true(now.sa_handler == SIG_DFL);
}

/* Two handles share one connection, so that the second writes to one that is known to be dead: that raises SIGPIPE. */
static void test_a_killed_server_is_a_status(void **context)
{
    (void)context;
    signal(SIGPIPE, SIG_DFL);
    for (int blocked = 0; blocked < 3; blocked++) {
        loopback_start(&server, path, false);
        rx_database *part = connect_reader(), *whole = NULL;
        OK(rx_database_new(&whole, &error));
        OK(rx_database_add(whole, part, &error));
        rx_enquire *enquire = NULL;
        rx_hits *hits = NULL;
        OK(rx_enquire_new(whole, &enquire, &error));
        rx_query *query = shelf_term("red");
        OK(rx_enquire_query(enquire, query, 0, &error));
        rx_query_free(query);
        loopback_kill(&server);

        sigset_t alone;
        sigemptyset(&alone);
        sigaddset(&alone, SIGPIPE);
        if (blocked)
            pthread_sigmask(SIG_BLOCK, &alone, NULL);
        if (blocked == 2)
            pthread_kill(pthread_self(), SIGPIPE);
        FAILS(RX_NETWORK, rx_search(enquire, NULL, &hits, &error));
        assert_string_equal(error.shard, shard());
        char first[sizeof error.message];
        strcpy(first, error.message);
        FAILS(RX_NETWORK, rx_database_keep_alive(part, &error));
        assert_int_equal(is_blocked(), blocked > 0);
        assert_int_equal(is_pending(), blocked == 2);
        if (blocked == 2)
            sigtimedwait(&alone, NULL, &(struct timespec){0, 0});
        pthread_sigmask(SIG_UNBLOCK, &alone, NULL);

        FAILS(RX_POISONED, rx_search(enquire, NULL, &hits, &error));
        assert_string_equal(error.message, first);
        assert_string_equal(error.shard, shard());
        FAILS(RX_POISONED, rx_database_reopen(whole, NULL, &error));
        assert_null(hits);
        rx_enquire_free(enquire);
        rx_database_free(whole);
        rx_database_free(part);
    }
}

static void test_a_killed_server_of_a_writer(void **context)
{
    (void)context;
    signal(SIGPIPE, SIG_DFL);
    loopback_start(&server, path, true);
    rx_database *database = connect_writer();
    shelf_add(database, 4, "blue plum", NULL);
    loopback_kill(&server);
    FAILS(RX_NETWORK, rx_commit(database, &error));
    FAILS(RX_POISONED, rx_commit(database, &error));
    FAILS(RX_POISONED, rx_metadata_set(database, TEXT("key"), TEXT("value"), &error));
    rx_database_free(database);
    assert_int_equal(shelf_count(path), 3);
    /* One that had nothing to say before it died. */
    loopback_start(&server, path, true);
    database = connect_writer();
    loopback_kill(&server);
    rx_database_free(database);
}

/* ---- Servers that do not answer ---- */

static void test_no_server(void **context)
{
    (void)context;
    rx_database *database = NULL;
    loopback_start(&server, path, false);
    loopback_kill(&server);
    FAILS(RX_NETWORK, rx_database_open_remote("127.0.0.1", server.port, TIMEOUT, TIMEOUT, &database, &error));
    assert_string_equal(error.shard, shard());
    assert_non_null(strstr(error.message, "refused"));
    FAILS(RX_INVALID_ARGUMENT, rx_database_open_remote("127.0.0.1", 0, TIMEOUT, TIMEOUT, &database, &error));
    FAILS(RX_INVALID_ARGUMENT, rx_database_open_remote("127.0.0.1", 65536, TIMEOUT, TIMEOUT, &database, &error));
    FAILS(RX_INVALID_ARGUMENT, rx_database_open_remote(NULL, 1, TIMEOUT, TIMEOUT, &database, &error));
    assert_null(database);
}

static void test_a_server_that_hangs(void **context)
{
    (void)context;
    loopback_start(&server, path, false);
    rx_database *database = connect_reader(), *other = NULL;
    rx_enquire *enquire = NULL;
    rx_hits *hits = NULL;
    OK(rx_enquire_new(database, &enquire, &error));
    loopback_signal(&server, SIGSTOP);
    FAILS(RX_NETWORK_TIMEOUT, rx_database_keep_alive(database, &error));
    assert_string_equal(error.shard, shard());
    loopback_signal(&server, SIGCONT);
    FAILS(RX_POISONED, rx_search(enquire, NULL, &hits, &error));
    rx_enquire_free(enquire);
    rx_database_free(database);
    loopback_signal(&server, SIGSTOP);
    FAILS(RX_NETWORK_TIMEOUT, rx_database_open_remote("127.0.0.1", server.port, TIMEOUT, TIMEOUT, &other, &error));
    assert_null(other);
}

/* libxapian waits for a writer's server to hang up, without end; these come back nonetheless. */
static void test_a_writers_server_that_hangs(void **context)
{
    (void)context;
    for (int kind = 0; kind < 4; kind++) {
        loopback_start(&server, path, true);
        rx_database *database = connect_writer();
        if (kind % 2)
            shelf_add(database, 4, "blue plum", NULL);
        loopback_signal(&server, SIGSTOP);
        if (kind >= 2)
            FAILS(RX_NETWORK_TIMEOUT, rx_database_keep_alive(database, &error));
        rx_database_free(database);
        loopback_kill(&server);
        assert_int_equal(shelf_count(path), 3);
    }
}

/* ---- Several parts ---- */

static void test_a_failed_search_over_parts_poisons(void **context)
{
    (void)context;
    loopback_start(&server, path, false);
    rx_database *remote = connect_reader(), *local = NULL, *whole = NULL;
    OK(rx_database_open(path, &local, &error));
    OK(rx_database_new(&whole, &error));
    OK(rx_database_add(whole, remote, &error));
    OK(rx_database_add(whole, local, &error));
    rx_enquire *enquire = NULL;
    rx_hits *hits = NULL;
    OK(rx_enquire_new(whole, &enquire, &error));
    OK(rx_enquire_bm25(enquire, 1.2, 0, 0, 0.75, 0, &error));
    assert_string_equal(shelf_search(enquire, shelf_term("apple")), "1 2");
    rx_query *query = NULL;
    OK(rx_query_wildcard(NULL, 0, 1, RX_WILDCARD_FAIL, RX_OP_OR, &query, &error));
    OK(rx_enquire_query(enquire, query, 0, &error));
    rx_query_free(query);
    FAILS(RX_WILDCARD, rx_search(enquire, NULL, &hits, &error));
    FAILS(RX_POISONED, rx_search(enquire, NULL, &hits, &error));
    rx_enquire_free(enquire);
    rx_database_free(whole);
    rx_database_free(remote);
    rx_database_free(local);
}

int main(void)
{
#define SERVED(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        SERVED(test_reading),
        SERVED(test_writing),
        SERVED(test_a_program_as_server),
        SERVED(test_disposition),
        SERVED(test_disposition_with_threads),
        SERVED(test_a_killed_server_is_a_status),
        SERVED(test_a_killed_server_of_a_writer),
        SERVED(test_no_server),
        SERVED(test_a_server_that_hangs),
        SERVED(test_a_writers_server_that_hangs),
        SERVED(test_a_failed_search_over_parts_poisons),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
