/* SPDX-License-Identifier: BSD-3-Clause */
/* Lists of paths. */
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "indexer/cli_paths.h"
#include "indexer/cli_progress.h"

enum { READ_BYTES = 1 << 16, OPEN_FOLDERS = 20 };

static bool read_all(FILE *stream, char **text, size_t *size)
{
    size_t capacity = 0;
    *text = NULL;
    *size = 0;
    for (;;) {
        if (capacity - *size <= READ_BYTES) {
            capacity = capacity ? capacity * 2 : 4 * READ_BYTES;
            char *grown = realloc(*text, capacity);
            if (!grown)
                return false;
            *text = grown;
        }
        size_t n = fread(*text + *size, 1, READ_BYTES, stream);
        *size += n;
        if (n < READ_BYTES)
            return !ferror(stream);
    }
}

bool rf_cli_paths_read(struct rf_cli_paths *paths, const char *file, bool null_separated)
{
    bool standard = strcmp(file, "-") == 0;
    const char *name = standard ? "standard input" : file;
    size_t size = 0, count = 0;
    char separator = null_separated ? '\0' : '\n';
    memset(paths, 0, sizeof(*paths));
    FILE *stream = standard ? stdin : fopen(file, "r");
    bool good = stream && read_all(stream, &paths->text, &size);
    int reason = errno;
    if (stream && !standard)
        fclose(stream);
    if (!good) {
        rf_cli_complain("cannot read the list of paths from %s: %s", name, strerror(reason));
        return false;
    }
    paths->text[size] = separator; /* read_all leaves room */
    for (size_t i = 0; i <= size; i++)
        count += paths->text[i] == separator;
    paths->list = malloc(count * sizeof(*paths->list));
    if (!paths->list) {
        rf_cli_complain("out of memory for the list of paths");
        return false;
    }
    for (char *p = paths->text, *end = p + size; p <= end;) {
        char *stop = memchr(p, separator, (size_t)(end - p) + 1);
        if (memchr(p, '\0', (size_t)(stop - p))) {
            rf_cli_complain("%s holds NUL bytes: is --null missing?", name);
            return false;
        }
        *stop = '\0';
        if (stop > p)
            paths->list[paths->count++] = p;
        p = stop + 1;
    }
    return true;
}

void rf_cli_paths_free(struct rf_cli_paths *paths)
{
    free(paths->list);
    free(paths->text);
}

/* nftw passes no context on. */
static struct {
    uint64_t total;
    double deadline;
    size_t start; /* length of the path that the walk started from */
} sum;

static int add_size(const char *path, const struct stat *about, int type, struct FTW *where)
{
    (void)where;
    if (type == FTW_F && S_ISREG(about->st_mode) && !strstr(path + sum.start, "/."))
        sum.total += (uint64_t)about->st_size;
    return rf_cli_seconds() > sum.deadline;
}

bool rf_cli_path_size(const char *path, double deadline, uint64_t *total)
{
    struct stat about;
    if (strcmp(path, "-") == 0)
        return false;
    if (stat(path, &about) != 0)
        return true; /* nothing will be read */
    if (S_ISREG(about.st_mode)) {
        *total += (uint64_t)about.st_size;
        return true;
    }
    if (!S_ISDIR(about.st_mode))
        return false;
    sum.total = 0;
    sum.deadline = deadline;
    sum.start = strlen(path);
    while (sum.start > 0 && path[sum.start - 1] == '/')
        sum.start--;
    if (nftw(path, add_size, OPEN_FOLDERS, 0) != 0)
        return false;
    *total += sum.total;
    return true;
}
