/* SPDX-License-Identifier: BSD-3-Clause */
/* One writer at a time, readers that keep what they opened, folders that are none of ours, and the same bytes from the same input. */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/base.h"
#include "tests/support/folders.h"
#include "tests/support/sample.h"
#include "tests/support/scratch.h"
#include "tests/support/steps.h"

static char scratch[FOLDER_PATH], path[FOLDER_PATH];

static int set_up(void **state)
{
    (void)state;
    folder_make(scratch, false);
    folder_join(path, scratch, "index");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    folder_remove(scratch);
    return 0;
}

static riffle_status open_writer(riffle_writer **writer) { return riffle_writer_open(writer, path, NULL, NULL); }

/* What a writer would get; it is closed again. */
static riffle_status try_writer(void)
{
    riffle_writer *writer;
    riffle_error error;
    riffle_status status = riffle_writer_open(&writer, path, NULL, &error);
    assert_int_equal(error.status, status);
    if (status)
        assert_null(writer);
    riffle_writer_close(writer);
    return status;
}

/* Runs `work` in a forked child: what it returns, or 100 + the signal that ended it. */
static int in_child(int (*work)(void))
{
    int status;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        _exit(work());
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 100 + WTERMSIG(status);
}

static int try_in_child(void) { return (int)try_writer(); }

/* ---- The lock ---- */

static void test_second_writer(void **state)
{
    (void)state;
    riffle_writer *writer;
    assert_int_equal(open_writer(&writer), RIFFLE_OK);
    assert_int_equal(try_writer(), RIFFLE_LOCKED);
    assert_int_equal(in_child(try_in_child), RIFFLE_LOCKED);
    /* Who opens and closes the lock file as any other frees nothing: with classic fcntl locks it would. */
    char lock[FOLDER_PATH];
    folder_join(lock, path, "lock");
    close(open(lock, O_RDWR));
    assert_int_equal(in_child(try_in_child), RIFFLE_LOCKED);
    assert_int_equal(try_writer(), RIFFLE_LOCKED);
    /* Nor has any of them harmed the first one. */
    assert_int_equal(sample_add(writer, 0, NULL), RIFFLE_OK);
    assert_int_equal(riffle_writer_commit(writer, NULL), RIFFLE_OK);
    assert_int_equal(try_writer(), RIFFLE_LOCKED);
    riffle_writer_close(writer);
    assert_int_equal(try_writer(), RIFFLE_OK);
    sample_check(path, 0, 1);
    sample_check_files(path);
}

/* Opens a writer, adds, tells so, and waits to be killed. */
static void hold_until_killed(int told)
{
    riffle_writer *writer;
    riffle_status status = open_writer(&writer);
    if (!status)
        status = sample_add(writer, 1, NULL);
    if (write(told, &status, sizeof status) == sizeof status)
        for (;;)
            pause();
    _exit(1);
}

static void test_lock_ends_with_the_process(void **state)
{
    (void)state;
    int ends[2];
    riffle_status status;
    sample_index(path, 0, 1);
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        hold_until_killed(ends[1]);
    assert_int_equal(read(ends[0], &status, sizeof status), sizeof status);
    assert_int_equal(status, RIFFLE_OK);
    assert_int_equal(try_writer(), RIFFLE_LOCKED);
    sample_check(path, 0, 1); /* readers do not care */
    kill(child, SIGKILL);
    assert_int_equal(waitpid(child, NULL, 0), child);
    sample_check_next_writer(path);
    sample_check(path, 0, 1);
    close(ends[0]);
    close(ends[1]);
}

static void test_lock_removed_while_held(void **state)
{
    (void)state;
    riffle_writer *first, *second;
    riffle_error error;
    char lock[FOLDER_PATH];
    folder_join(lock, path, "lock");
    sample_index(path, 0, 1);
    assert_int_equal(open_writer(&first), RIFFLE_OK);
    assert_int_equal(sample_add(first, 1, NULL), RIFFLE_OK);
    assert_int_equal(unlink(lock), 0);
    assert_int_equal(open_writer(&second), RIFFLE_OK);
    /* Only one of them can commit. */
    assert_int_equal(riffle_writer_commit(first, &error), RIFFLE_LOCKED);
    riffle_writer_close(first);
    assert_int_equal(sample_add(second, 1, NULL), RIFFLE_OK);
    assert_int_equal(riffle_writer_commit(second, NULL), RIFFLE_OK);
    riffle_writer_close(second);
    sample_check(path, 0, 2);
    sample_check_files(path);
}

/* ---- Readers ---- */

static void test_readers_keep_their_generation(void **state)
{
    (void)state;
    riffle_index *readers[3];
    riffle_writer *writer;
    riffle_writer_options options = RIFFLE_WRITER_OPTIONS_INIT;
    unsigned held = folder_held();
    sample_index(path, 0, 6);
    assert_int_equal(riffle_index_open(&readers[0], path, NULL, NULL), RIFFLE_OK);
    assert_int_equal(open_writer(&writer), RIFFLE_OK);
    assert_int_equal(sample_add(writer, 6, NULL), RIFFLE_OK);
    sample_check_open(readers[0], 0, 6);
    assert_int_equal(riffle_index_open(&readers[1], path, NULL, NULL), RIFFLE_OK); /* what is not committed is not there */
    sample_check_open(readers[1], 0, 6);
    assert_int_equal(riffle_writer_commit(writer, NULL), RIFFLE_OK);
    riffle_index_close(readers[1]);
    assert_int_equal(riffle_index_open(&readers[1], path, NULL, NULL), RIFFLE_OK);
    for (unsigned number = 7; number < 20; number++) /* merges, which unlink what the readers have mapped */
        assert_int_equal(sample_add(writer, number, NULL), RIFFLE_OK);
    assert_int_equal(riffle_writer_commit(writer, NULL), RIFFLE_OK);
    riffle_writer_close(writer);
    options.rebuild = 1;
    assert_int_equal(riffle_writer_open(&writer, path, &options, NULL), RIFFLE_OK);
    sample_check(path, 0, 20);
    assert_int_equal(sample_add(writer, 40, NULL), RIFFLE_OK);
    assert_int_equal(riffle_writer_commit(writer, NULL), RIFFLE_OK);
    riffle_writer_close(writer);
    assert_int_equal(riffle_index_open(&readers[2], path, NULL, NULL), RIFFLE_OK);
    sample_check_files(path);
    folder_remove(path);
    sample_check_open(readers[0], 0, 6);
    sample_check_open(readers[1], 0, 7);
    sample_check_open(readers[2], 40, 41);
    for (int i = 0; i < 3; i++)
        riffle_index_close(readers[i]);
    assert_int_equal(folder_held(), held);
}

/* As somebody to whom permissions apply. */
static int search_read_only(void)
{
    if (geteuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0))
        return 50;
    riffle_index *index;
    if (riffle_index_open(&index, path, NULL, NULL))
        return 51;
    sample_check_open(index, 0, 5);
    riffle_index_close(index);
    return (int)try_writer();
}

static void chmod_all(mode_t folder, mode_t files)
{
    struct folder_names names;
    char file[FOLDER_PATH];
    chmod(path, 0755);
    folder_list(path, &names);
    for (size_t i = 0; i < names.count; i++) {
        folder_join(file, path, names.list[i]);
        assert_int_equal(chmod(file, files), 0);
    }
    assert_int_equal(chmod(path, folder), 0);
}

static void test_read_only_folder(void **state)
{
    (void)state;
    sample_index(path, 0, 5);
    chmod_all(0555, 0444);
    assert_int_equal(in_child(search_read_only), RIFFLE_IO);
    chmod_all(0755, 0644);
    sample_check_files(path);
    char lock[FOLDER_PATH];
    folder_join(lock, path, "lock"); /* which a copied index need not have */
    assert_int_equal(unlink(lock), 0);
    chmod_all(0555, 0444);
    assert_int_equal(in_child(search_read_only), RIFFLE_IO);
    chmod_all(0755, 0644);
}

/* ---- Folders that are none of ours ---- */

static void put(const char *name, const char *text)
{
    char file[FOLDER_PATH];
    folder_join(file, path, name);
    FILE *out = fopen(file, "w");
    assert_non_null(out);
    fputs(text, out);
    assert_int_equal(fclose(out), 0);
}

static void test_foreign_files(void **state)
{
    (void)state;
    static const char *const foreign[] = {"notes.txt", ".hidden", "000001.terms.old", "0001.terms", "manifest.bak",
                                          "000001.",   "lock2"};
    riffle_writer_options rebuild = RIFFLE_WRITER_OPTIONS_INIT;
    rebuild.rebuild = 1;
    for (size_t i = 0; i < sizeof foreign / sizeof *foreign; i++) {
        riffle_writer *writer;
        riffle_error error;
        struct folder_names names;
        assert_int_equal(mkdir(path, 0777), 0);
        put(foreign[i], "mine");
        for (int variant = 0; variant < 2; variant++) {
            riffle_status status = riffle_writer_open(&writer, path, variant ? &rebuild : NULL, &error);
            if (status != RIFFLE_NOT_EMPTY || !strstr(error.message, foreign[i]))
                fail_msg("%s: status %d: %s", foreign[i], (int)status, error.message);
            assert_null(writer);
        }
        folder_list(path, &names);
        assert_int_equal(names.count, 1);
        assert_string_equal(names.list[0], foreign[i]);
        folder_remove(path);
    }
    /* Where it came to an index later, the index can still be searched, and is not touched. */
    sample_index(path, 0, 3);
    put("notes.txt", "mine");
    assert_int_equal(try_writer(), RIFFLE_NOT_EMPTY);
    sample_check(path, 0, 3);
}

/* A folder of the user's own files, named as segments are, is not taken for an index that was interrupted. */
static void test_foreign_files_with_our_names(void **state)
{
    (void)state;
    size_t size;
    riffle_writer *writer;
    assert_int_equal(mkdir(path, 0777), 0);
    scratch_write(path, "20190102.text", "mine", 4);
    assert_int_equal(open_writer(&writer), RIFFLE_NOT_EMPTY);
    free(scratch_read(path, "20190102.text", &size, 0));
    assert_int_equal(size, 4);
}

/* One flipped bit anywhere in a segment's sections: a merge would give it a fresh checksum, so it refuses. */
static void test_damage_is_not_merged(void **state)
{
    (void)state;
    static const char *const files[] = {"000001.terms", "000001.docs", "000001.positions", "000001.articles", "000001.text"};
    sample_index(path, 0, 2);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        size_t size;
        riffle_writer *writer;
        riffle_error error;
        uint8_t *bytes = scratch_read(path, files[i], &size, 0);
        bytes[17] ^= 4; /* in the first section, which nothing verifies at open */
        scratch_write(path, files[i], bytes, size);
        assert_int_equal(open_writer(&writer), RIFFLE_OK);
        riffle_status status = sample_add(writer, 2, &error);
        if (!status)
            status = riffle_writer_commit(writer, &error);
        assert_int_equal(status, RIFFLE_CORRUPT);
        riffle_writer_close(writer);
        bytes[17] ^= 4;
        scratch_write(path, files[i], bytes, size);
        free(bytes);
        sample_check(path, 0, 2);
    }
}

static void test_no_folder(void **state)
{
    (void)state;
    riffle_index *index;
    riffle_writer *writer;
    char file[FOLDER_PATH];
    folder_join(file, path, "manifest");
    assert_int_equal(riffle_index_open(&index, path, NULL, NULL), RIFFLE_NO_INDEX);
    assert_null(index);
    assert_int_equal(mkdir(path, 0777), 0);
    assert_int_equal(riffle_index_open(&index, path, NULL, NULL), RIFFLE_NO_INDEX);
    folder_remove(path);
    assert_int_equal(riffle_writer_open(&writer, file, NULL, NULL), RIFFLE_IO); /* the folder around it is missing */
    assert_false(folder_has(path));
    FILE *out = fopen(path, "w");
    assert_non_null(out);
    fclose(out);
    assert_int_equal(riffle_writer_open(&writer, path, NULL, NULL), RIFFLE_IO); /* a file */
    assert_true(folder_has(path));
}

/* A symbolic link under the name of a file to be written is replaced, not followed; as the lock it is refused. */
static void test_planted_links(void **state)
{
    (void)state;
    char victim[FOLDER_PATH], file[FOLDER_PATH];
    folder_join(victim, scratch, "victim");
    FILE *out = fopen(victim, "w");
    assert_non_null(out);
    fputs("precious", out);
    fclose(out);
    sample_index(path, 0, 1);
    static const char *const names[] = {"000002.articles", "000002.terms", "manifest.new"};
    riffle_writer *writer;
    assert_int_equal(open_writer(&writer), RIFFLE_OK);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        folder_join(file, path, names[i]);
        assert_int_equal(symlink(victim, file), 0);
    }
    assert_int_equal(sample_add(writer, 1, NULL), RIFFLE_OK);
    assert_int_equal(riffle_writer_commit(writer, NULL), RIFFLE_OK);
    riffle_writer_close(writer);
    sample_check(path, 0, 2);
    sample_check_files(path);
    folder_join(file, path, "lock");
    assert_int_equal(unlink(file), 0);
    assert_int_equal(symlink(victim, file), 0);
    assert_int_equal(try_writer(), RIFFLE_IO);
    size_t n;
    char *text = folder_read(victim, &n);
    assert_int_equal(n, strlen("precious"));
    assert_memory_equal(text, "precious", n);
    free(text);
}

/* ---- Writers that commit nothing ---- */

static void test_nothing_committed(void **state)
{
    (void)state;
    riffle_writer *writer;
    assert_int_equal(open_writer(&writer), RIFFLE_OK);
    assert_int_equal(sample_add(writer, 0, NULL), RIFFLE_OK);
    riffle_writer_close(writer);
    assert_false(folder_has(path)); /* a new index leaves nothing */
    assert_int_equal(mkdir(path, 0777), 0);
    assert_int_equal(open_writer(&writer), RIFFLE_OK);
    assert_int_equal(sample_add(writer, 0, NULL), RIFFLE_OK);
    riffle_writer_close(writer);
    sample_check_files(path); /* a folder that was there stays */
    sample_index(path, 0, 2);
    assert_int_equal(open_writer(&writer), RIFFLE_OK);
    assert_int_equal(sample_add(writer, 2, NULL), RIFFLE_OK);
    assert_int_equal(sample_add(writer, 2, NULL), RIFFLE_EXISTS);
    assert_int_equal(sample_add(writer, 1, NULL), RIFFLE_EXISTS);
    riffle_writer_close(writer);
    sample_check(path, 0, 2);
    sample_check_files(path);
    riffle_writer_close(NULL);
}

/* ---- The same bytes ---- */

/* Compares two indexes file by file; those of segments by kind, whatever their numbers are. */
static void compare_indexes(const char *a, const char *b, bool with_manifest)
{
    static const char *const suffixes[] = {".terms", ".docs", ".positions", ".articles", ".text", "manifest"};
    const char *folders[2] = {a, b};
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes - !with_manifest; i++) {
        char *bytes[2] = {NULL, NULL};
        size_t sizes[2];
        for (int side = 0; side < 2; side++) {
            struct folder_names names;
            char file[FOLDER_PATH];
            folder_list(folders[side], &names);
            for (size_t j = 0; j < names.count; j++) {
                const char *name = names.list[j], *end = name + strlen(name);
                if (strlen(name) < strlen(suffixes[i]) || strcmp(end - strlen(suffixes[i]), suffixes[i]) != 0)
                    continue;
                assert_null(bytes[side]); /* one segment */
                folder_join(file, folders[side], name);
                bytes[side] = folder_read(file, &sizes[side]);
            }
            assert_non_null(bytes[side]);
        }
        if (sizes[0] != sizes[1] || memcmp(bytes[0], bytes[1], sizes[0]) != 0)
            fail_msg("%s differs", suffixes[i]);
        free(bytes[0]);
        free(bytes[1]);
    }
}

static void test_same_bytes(void **state)
{
    (void)state;
    char other[FOLDER_PATH], runs[FOLDER_PATH], merged[FOLDER_PATH];
    struct steps steps;
    folder_join(other, scratch, "other");
    folder_join(runs, scratch, "runs");
    folder_join(merged, scratch, "merged");
    sample_index(path, 0, 8);
    sample_index(other, 0, 8);
    compare_indexes(path, other, true);
    /* Each article flushed as a run, and the runs merged. */
    steps_prepare(STEPS_RUNS, runs);
    assert_int_equal(steps_run(STEPS_RUNS, runs, NULL, &steps, NULL), RIFFLE_OK);
    sample_check(runs, 0, 8);
    compare_indexes(path, runs, false);
    /* Three commits whose segments are merged in the end. */
    sample_index(merged, 0, 1);
    sample_index(merged, 1, 3);
    sample_index(merged, 3, 8);
    compare_indexes(path, merged, false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_second_writer, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_lock_ends_with_the_process, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_lock_removed_while_held, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_readers_keep_their_generation, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_read_only_folder, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_foreign_files, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_foreign_files_with_our_names, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_damage_is_not_merged, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_no_folder, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_planted_links, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_nothing_committed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_same_bytes, set_up, tear_down),
    };
    return cmocka_run_group_tests_name("locks and folders", tests, NULL, NULL);
}
