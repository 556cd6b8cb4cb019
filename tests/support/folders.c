/* SPDX-License-Identifier: BSD-3-Clause */
/* Folders for tests; folders.h. */
#include "tests/support/folders.h"

#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void folder_make(char path[FOLDER_PATH], bool on_disk)
{
    const char *base = getenv("TMPDIR");
    if (!on_disk && access("/dev/shm", W_OK) == 0)
        base = "/dev/shm";
    if (!base || !*base)
        base = "/tmp";
    snprintf(path, FOLDER_PATH, "%s/riffle-test-XXXXXX", base);
    if (!mkdtemp(path) || chmod(path, 0755) < 0)
        err(2, "%s", path);
}

void folder_join(char path[FOLDER_PATH], const char *folder, const char *name)
{
    if (snprintf(path, FOLDER_PATH, "%s/%s", folder, name) >= FOLDER_PATH)
        errx(2, "a path is too long: %s", folder);
}

const char *folder_path(const char *folder, const char *name)
{
    static char paths[4][FOLDER_PATH];
    static unsigned turn;
    char *path = paths[turn++ % 4];
    folder_join(path, folder, name);
    return path;
}

bool folder_has(const char *path)
{
    struct stat facts;
    return lstat(path, &facts) == 0;
}

static int remove_entry(const char *path, const struct stat *facts, int kind, struct FTW *place)
{
    (void)facts, (void)kind, (void)place;
    return remove(path);
}

void folder_remove(const char *path)
{
    if (nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS) != 0 && errno != ENOENT)
        err(2, "cannot remove %s", path);
}

char *folder_read(const char *path, size_t *n)
{
    struct stat facts;
    FILE *file = fopen(path, "rb");
    if (!file || fstat(fileno(file), &facts) < 0)
        err(2, "cannot read %s", path);
    *n = (size_t)facts.st_size;
    char *bytes = malloc(*n + 1);
    if (!bytes || fread(bytes, 1, *n, file) != *n)
        err(2, "cannot read %s", path);
    fclose(file);
    return bytes;
}

static int compare_names(const void *a, const void *b) { return strcmp(a, b); }

void folder_list(const char *folder, struct folder_names *names)
{
    DIR *opened = opendir(folder);
    if (!opened)
        err(2, "cannot open %s", folder);
    names->count = 0;
    for (struct dirent *entry; (entry = readdir(opened)) != NULL;) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        if (names->count == sizeof names->list / sizeof *names->list || strlen(entry->d_name) >= sizeof *names->list)
            errx(2, "%s holds more than a test expects", folder);
        strcpy(names->list[names->count++], entry->d_name);
    }
    closedir(opened);
    qsort(names->list, names->count, sizeof *names->list, compare_names);
}

void folder_copy(const char *from, const char *to)
{
    struct folder_names names;
    char source[FOLDER_PATH], target[FOLDER_PATH];
    folder_list(from, &names);
    if (mkdir(to, 0777) < 0)
        err(2, "cannot make %s", to);
    for (size_t i = 0; i < names.count; i++) {
        folder_join(source, from, names.list[i]);
        folder_join(target, to, names.list[i]);
        if (strcmp(names.list[i], "lock") == 0) {
            int descriptor = creat(target, 0666);
            if (descriptor < 0)
                err(2, "cannot make %s", target);
            close(descriptor);
        } else if (link(source, target) < 0) {
            err(2, "cannot link %s", target);
        }
    }
}

unsigned folder_held(void)
{
    unsigned count = 0;
    DIR *folder = opendir("/proc/self/fd");
    if (!folder)
        err(2, "/proc/self/fd");
    while (readdir(folder))
        count++;
    closedir(folder);
    FILE *maps = fopen("/proc/self/maps", "r");
    if (!maps)
        err(2, "/proc/self/maps");
    char line[4096];
    while (fgets(line, sizeof line, maps))
        count += strstr(line, "/riffle-test-") != NULL;
    fclose(maps);
    return count;
}
