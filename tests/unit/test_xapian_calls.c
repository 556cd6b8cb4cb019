/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every function of the Xapian wrapper without a database, on a closed one, on empty ones, and over damaged files: each tells a status
 * and a text, and none crashes or hangs. A function that is in the header and not in the table fails the test.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/xapian_calls.h"
#include "tests/support/xapian_shelf.h"

enum { SECONDS = 60, BLOCK = 2048 };

static rx_error error;
static struct scene scene;
static bool in_child;

static const char *const texts[] = {"red apple", "red red pear", "green pear tree with leaves"};

static int set_up(void **context)
{
    (void)context;
    memset(&scene, 0, sizeof scene);
    scratch_make(scene.folder);
    snprintf(scene.path, sizeof scene.path, "%s/database", scene.folder);
    return 0;
}

static int tear_down(void **context)
{
    (void)context;
    scene_close(&scene);
    scratch_remove(scene.folder);
    return 0;
}

/* ---- The table ---- */

/* The next function that the header declares; NULL: no more. */
static const char *next_declared(const char **at, size_t *length)
{
    while ((*at = strstr(*at, "RIFFLE_API "))) {
        const char *open = strchr(*at, '('), *name = open;
        while (name[-1] == '_' || (name[-1] >= 'a' && name[-1] <= 'z') || (name[-1] >= '0' && name[-1] <= '9'))
            name--;
        *at = open;
        *length = (size_t)(open - name);
        if (strncmp(name, "rx_", 3) == 0)
            return name;
    }
    return NULL;
}

static void test_the_table_is_whole(void **context)
{
    (void)context;
    size_t size, declared = 0, length;
    char *header = (char *)scratch_read("include", "riffle-xapian.h", &size, 1);
    header[size] = 0;
    const char *at = header, *name;
    for (; (name = next_declared(&at, &length)); declared++) {
        size_t i = 0;
        while (i < call_count && (strncmp(calls[i].name, name, length) != 0 || calls[i].name[length]))
            i++;
        if (i == call_count)
            fail_msg("%.*s is not in the table of calls", (int)length, name);
    }
    free(header);
    assert_int_equal(declared, call_count);
}

/* ---- What holds of every call ---- */

/* Makes a call and checks what it told. */
static rx_status make(const struct call *call)
{
    memset(&error, 0x5a, sizeof error);
    rx_status status = call->make(&scene, &error);
    bool told = (int)status >= 0 && (int)status < RX_STATUS_COUNT && error.status == status &&
                memchr(error.message, 0, sizeof error.message) && memchr(error.shard, 0, sizeof error.shard) &&
                (status == RX_OK) == (error.message[0] == 0) && !strchr(error.message, '\n');
    if (!told && in_child)
        _exit(1);
    if (!told)
        fail_msg("%s: status %d, in the error %d: %.50s", call->name, status, error.status, error.message);
    /* It need not be given a place for it. */
    call->make(&scene, NULL);
    return status;
}

static void test_without_handles(void **context)
{
    (void)context;
    for (size_t i = 0; i < call_count; i++)
        if (calls[i].make && calls[i].kind != CALL_FREE_OF && make(&calls[i]) != RX_INVALID_ARGUMENT &&
            strcmp(calls[i].name, "rx_query_parse") != 0)
            fail_msg("%s: %s", calls[i].name, rx_status_text(error.status));
    rx_database_free(NULL);
    rx_document_free(NULL);
    rx_query_free(NULL);
    rx_enquire_free(NULL);
    rx_hits_free(NULL);
    rx_stemmer_free(NULL);
    rx_terms_free(NULL);
    rx_string_free(NULL);
}

static void test_closed(void **context)
{
    (void)context;
    shelf_make(scene.path, texts, 3);
    for (int writable = 0; writable < 2; writable++) {
        OK(scene_open(&scene, writable, &error));
        assert_non_null(scene.hits);
        OK(rx_database_close(scene.database, &error));
        for (size_t i = 0; i < call_count; i++)
            if (calls[i].kind == CALL_OF || calls[i].kind == CALL_WRITING) {
                if (make(&calls[i]) != RX_CLOSED)
                    fail_msg("%s: %s", calls[i].name, rx_status_text(error.status));
            } else if (calls[i].kind == CALL_CLOSING) {
                assert_int_equal(make(&calls[i]), RX_OK);
            }
        scene_close(&scene);
    }
}

static void make_all(void)
{
    for (size_t i = 0; i < call_count; i++)
        if (calls[i].make)
            make(&calls[i]);
}

static void test_good(void **context)
{
    (void)context;
    shelf_make(scene.path, texts, 3);
    OK(scene_open(&scene, 1, &error));
    make_all();
    scene_close(&scene);
    OK(scene_open(&scene, 0, &error));
    for (size_t i = 0; i < call_count; i++)
        if (calls[i].kind == CALL_WRITING)
            assert_int_equal(make(&calls[i]), RX_INVALID_OPERATION);
    make_all();
}

static void test_empty(void **context)
{
    (void)context;
    shelf_make(scene.path, NULL, 0);
    for (int writable = 0; writable < 2; writable++) {
        OK(scene_open(&scene, writable, &error));
        make_all();
        scene_close(&scene);
        scratch_remove(scene.path);
        shelf_make(scene.path, NULL, 0);
    }
    /* One without parts, and one in memory, in the place of that which was opened. */
    for (int kind = 0; kind < 2; kind++) {
        OK(scene_open(&scene, 0, &error));
        rx_database_free(scene.database);
        rx_enquire_free(scene.enquire);
        OK(kind ? rx_database_open_memory(&scene.database, &error) : rx_database_new(&scene.database, &error));
        scene.enquire = NULL;
        if (kind)
            OK(rx_enquire_new(scene.database, &scene.enquire, &error));
        else
            FAILS(RX_INVALID_ARGUMENT, rx_enquire_new(scene.database, &scene.enquire, &error));
        make_all();
        scene_close(&scene);
    }
}

/* ---- Damage ---- */

enum damage { HALF, NOTHING, ONE_BLOCK_LESS, ZEROS, ONES, MOVED, BITS, DAMAGES };

static void damage_file(const char *name, enum damage damage, uint64_t *state)
{
    size_t size;
    uint8_t *bytes = scratch_read(scene.path, name, &size, 0);
    switch (damage) {
    case HALF:
        size /= 2;
        break;
    case NOTHING:
        size = 0;
        break;
    case ONE_BLOCK_LESS:
        size -= size > BLOCK ? BLOCK : 1;
        break;
    case ZEROS:
        memset(bytes, 0, size);
        break;
    case ONES:
        memset(bytes + size / 3, 0xff, size / 3);
        break;
    case MOVED:
        memmove(bytes + 16, bytes, size - 16);
        break;
    default:
        for (int i = 0; i < 20; i++)
            bytes[random_below(state, size)] ^= (uint8_t)(1 << random_below(state, 8));
        break;
    }
    scratch_write(scene.path, name, bytes, size);
    free(bytes);
}

/*
 * All calls over what is at the path, in a process of its own, so that a crash or a hang is seen for what it is. The child has nothing of
 * cmocka but `make`, whose failure would go on with the tests in there: so that is no cmocka failure there.
 */
static bool survives(int writable)
{
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        for (int number = 1; number < 32; number++)
            signal(number, SIG_DFL);
        alarm(SECONDS);
        in_child = true;
        if (scene_open(&scene, writable, &error) == RX_OK)
            make_all();
        scene_close(&scene);
        _exit(0);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    if (WIFSIGNALED(status))
        fprintf(stderr, "ended by signal %d\n", WTERMSIG(status));
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static void check_damage(const char *file, enum damage damage, int writable, uint64_t *state)
{
    rx_database *made = NULL;
    OK(rx_database_open_writable(scene.path, RX_CREATE_OR_OVERWRITE, RX_NO_SYNC, BLOCK, &made, &error));
    for (unsigned number = 1; number <= 200; number++)
        shelf_add(made, number, texts[number % 3], "kind");
    OK(rx_metadata_set(made, TEXT("key"), TEXT("value"), &error));
    OK(rx_commit(made, &error));
    rx_database_free(made);
    damage_file(file, damage, state);
    if (!survives(writable))
        fail_msg("%s, damage %d, %s", file, damage, writable ? "writable" : "for reading");
}

/*
 * The sanitizers see libxapian 1.4.22 itself read past the end of damaged blocks, when it checks files or makes compacted copies, so
 * there is no such test with them. Single bits are flipped only where libxapian stands that: some flips in its term lists and posting lists end the process
 * inside of it, when terms are expanded, copies made, files checked or changed. No wrapper can keep that off.
 */
static void test_damaged(void **context)
{
    (void)context;
    static const char *const files[] = {"iamglass", "docdata.glass", "position.glass", "termlist.glass", "postlist.glass"};
    uint64_t state = 7;
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    skip();
#endif
    for (size_t file = 0; file < sizeof files / sizeof *files; file++) {
        for (enum damage damage = HALF; damage < BITS; damage++)
            for (int writable = 0; writable < 2; writable++)
                check_damage(files[file], damage, writable, &state);
        for (int round = 0; file < 3 && round < 20; round++)
            check_damage(files[file], BITS, 0, &state);
    }
}

int main(void)
{
#define ON_A_SCENE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        ON_A_SCENE(test_the_table_is_whole),
        ON_A_SCENE(test_without_handles),
        ON_A_SCENE(test_closed),
        ON_A_SCENE(test_good),
        ON_A_SCENE(test_empty),
        ON_A_SCENE(test_damaged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
