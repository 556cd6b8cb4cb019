/* SPDX-License-Identifier: BSD-3-Clause */
/* Scratch folders and reproducible numbers; scratch.h. */
#include "tests/support/scratch.h"

#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

void scratch_make(char path[SCRATCH_PATH])
{
    const char *chosen = getenv("TMPDIR"), *parents[] = {chosen ? chosen : "/dev/shm", "/tmp", "."};
    for (size_t i = 0; i < sizeof parents / sizeof *parents; i++) {
        snprintf(path, SCRATCH_PATH, "%s/riffle-test-XXXXXX", parents[i]);
        if (mkdtemp(path))
            return;
    }
    fail_msg("no place for a scratch folder");
}

static int remove_one(const char *path, const struct stat *facts, int type, struct FTW *where)
{
    (void)facts;
    (void)type;
    (void)where;
    return remove(path);
}

void scratch_remove(const char *path) { nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS); }

static int open_in(const char *folder, const char *name, int flags)
{
    char path[2 * SCRATCH_PATH];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    int descriptor = open(path, flags, 0666);
    if (descriptor < 0)
        fail_msg("cannot open %s", path);
    return descriptor;
}

uint8_t *scratch_read(const char *folder, const char *name, size_t *size, size_t spare)
{
    int descriptor = open_in(folder, name, O_RDONLY);
    struct stat facts;
    assert_int_equal(fstat(descriptor, &facts), 0);
    *size = (size_t)facts.st_size;
    uint8_t *bytes = malloc(*size + spare + 1);
    assert_non_null(bytes);
    assert_int_equal(read(descriptor, bytes, *size), (ssize_t)*size);
    close(descriptor);
    return bytes;
}

void scratch_write(const char *folder, const char *name, const void *bytes, size_t size)
{
    int descriptor = open_in(folder, name, O_WRONLY | O_CREAT | O_TRUNC);
    assert_int_equal(write(descriptor, bytes, size), (ssize_t)size);
    assert_int_equal(close(descriptor), 0);
}

uint64_t random_next(uint64_t *state)
{
    uint64_t x = *state += 0x9e3779b97f4a7c15u;
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
    x = (x ^ x >> 27) * 0x94d049bb133111ebu;
    return x ^ x >> 31;
}
