/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Failures inside the Xapian wrapper: every class of exceptions as its own status, and memory that runs out in every call. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/xapian_calls.h"
#include "tests/support/xapian_inside.h"
#include "tests/support/xapian_memory.h"
#include "tests/support/xapian_shelf.h"

static rx_error error;

/* ---- Classes of exceptions ---- */

static void test_every_class_has_its_status(void **context)
{
    (void)context;
    bool met[RX_STATUS_COUNT] = {false};
    for (int kind = 0; kind < inside_exceptions(); kind++) {
        rx_status expected = inside_exception_status(kind);
        memset(&error, 0x5a, sizeof error);
        if (inside_throw(kind, &error) != expected || error.status != expected)
            fail_msg("%s: %s", inside_exception_name(kind), rx_status_text(error.status));
        assert_int_equal(inside_throw(kind, NULL), expected);
        met[expected] = true;
        if (expected != RX_NO_MEMORY && expected != RX_OTHER) {
            assert_string_equal(error.message, "what happened here");
            assert_string_equal(error.shard, "shard 7");
        }
        assert_true(error.message[0] && !strchr(error.message, '\n'));
    }
    for (int status = RX_OK + 1; status < RX_STATUS_COUNT; status++)
        if (!met[status] && status != RX_CLOSED && status != RX_POISONED)
            fail_msg("nothing becomes \"%s\"", rx_status_text((rx_status)status));
}

static void test_texts(void **context)
{
    (void)context;
    assert_int_equal(inside_throw_long(&error), RX_DATABASE);
    assert_int_equal(strspn(error.message, "m"), sizeof error.message - 1);
    assert_int_equal(strspn(error.shard, "s"), sizeof error.shard - 1);
    assert_int_equal(inside_throw_reason(&error), RX_NETWORK);
    assert_string_equal(error.message, "no way through: No route to host");
}

static void test_the_weight_as_bytes(void **context)
{
    (void)context;
    assert_true(inside_weight_survives(1.2, 0.75, true));
    assert_true(inside_weight_survives(0, 1, false));
    assert_true(inside_weight_survives(1e-300, 0.1, false));
}

/* ---- Memory ---- */

static const char *const texts[] = {"red apple", "red red pear", "green pear tree with leaves"};

static struct scene scene;

static int set_up(void **context)
{
    (void)context;
    memset(&scene, 0, sizeof scene);
    scratch_make(scene.folder);
    snprintf(scene.path, sizeof scene.path, "%s/database", scene.folder);
    shelf_make(scene.path, texts, 3);
    return 0;
}

static int tear_down(void **context)
{
    (void)context;
    scene_close(&scene);
    scratch_remove(scene.folder);
    return 0;
}

/* From one failing allocation to the next: in sanitizers' programs everything takes longer. */
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
enum { STRIDE = 7 };
#else
enum { STRIDE = 1 };
#endif

/* Lets the call run out of memory at every allocation it makes, and all that follow. Returns how often it said so. */
static unsigned starve(const struct call *call, int writable)
{
    unsigned told = 0;
    for (long number = 1;; number += STRIDE) {
        /* Writers are poisoned by that. */
        if (!scene.database || writable) {
            scene_close(&scene);
            if (scene_open(&scene, writable, &error))
                fail_msg("%s, allocation %ld: cannot open again: %s", call->name, number, error.message);
        }
        memset(&error, 0x5a, sizeof error);
        memory_fail_from(number);
        rx_status status = call->make(&scene, &error);
        if (!memory_failed())
            return told;
        if ((int)status >= RX_STATUS_COUNT || error.status != status || (status == RX_OK) != (error.message[0] == 0))
            fail_msg("%s, allocation %ld: status %d, %.100s", call->name, number, status, error.message);
        told += status == RX_NO_MEMORY;
        if (call->kind == CALL_WRITING && status == RX_NO_MEMORY && scene.database) {
            rx_status after = rx_commit(scene.database, &error);
            if (after != RX_POISONED && after != RX_OK)
                fail_msg("%s, allocation %ld: after that, %s", call->name, number, rx_status_text(after));
        }
    }
}

static void test_memory_runs_out(void **context)
{
    (void)context;
    for (size_t i = 0; i < call_count; i++) {
        if (!calls[i].make || calls[i].kind == CALL_CLOSING)
            continue;
        unsigned told = starve(&calls[i], calls[i].kind == CALL_WRITING);
        /* What makes a handle or a list has to allocate. */
        if (told == 0 && (strstr(calls[i].name, "_new") || strstr(calls[i].name, "search") || strstr(calls[i].name, "_terms")))
            fail_msg("%s never runs out of memory", calls[i].name);
    }
    /* What only read is none the worse for it. */
    scene_close(&scene);
    OK(scene_open(&scene, 0, &error));
    rx_term_statistics statistics;
    for (size_t i = 0; i < call_count; i++)
        if (calls[i].kind == CALL_OF)
            starve(&calls[i], 0);
    OK(rx_database_term(scene.database, TEXT("red"), &statistics, &error));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_class_has_its_status),
        cmocka_unit_test(test_texts),
        cmocka_unit_test(test_the_weight_as_bytes),
        cmocka_unit_test_setup_teardown(test_memory_runs_out, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
