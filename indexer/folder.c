/* SPDX-License-Identifier: BSD-3-Clause */
/* The folder of an index; folder.h. */
#include "indexer/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* "000007.terms", "000007.3.deleted": the number, and for a deletion bitmap its own; false for any other name. */
static bool parse_segment_name(const char *name, uint32_t *number, uint32_t *deleted)
{
    char *end;
    if (name[0] < '0' || name[0] > '9')
        return false;
    unsigned long value = strtoul(name, &end, 10);
    if (end - name < 6 || value > UINT32_MAX || *end != '.')
        return false;
    *number = (uint32_t)value;
    *deleted = 0;
    for (int i = 0; i < RF_FILES; i++)
        if (strcmp(end + 1, rf_file_suffix[i]) == 0)
            return true;
    value = strtoul(end + 1, &end, 10);
    *deleted = (uint32_t)value;
    return value && value <= UINT32_MAX && strcmp(end, ".deleted") == 0;
}

static bool is_segment(const char *name)
{
    uint32_t number, deleted;
    return parse_segment_name(name, &number, &deleted);
}

/* What a writer makes before any segment, so that a folder without it holds none of ours. */
static bool is_mark(const char *name) { return strcmp(name, RF_MANIFEST_NAME) == 0 || strcmp(name, "lock") == 0; }

/* Does a writer hold the empty file that writers of indexes lock? */
static bool is_locked(int folder)
{
    struct stat about;
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    int descriptor = openat(folder, "lock", O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (descriptor < 0)
        return false;
    bool locked = fstat(descriptor, &about) == 0 && S_ISREG(about.st_mode) && about.st_size == 0 &&
                  fcntl(descriptor, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
    close(descriptor);
    return locked;
}

bool rf_folder_is_index(int folder)
{
    char magic[8];
    int descriptor = openat(folder, RF_MANIFEST_NAME, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (descriptor < 0)
        return is_locked(folder);
    bool found = read(descriptor, magic, sizeof(magic)) == (ssize_t)sizeof(magic) && memcmp(magic, "RIFFLEMF", sizeof(magic)) == 0;
    close(descriptor);
    return found;
}

riffle_status rf_folder_claim(const char *path, bool *made, riffle_error *error)
{
    DIR *folder;
    riffle_status status = rf_make_folder(path, made, &folder, error);
    if (status || *made)
        return status;
    char foreign[256] = "";
    bool marked = false, segments = false;
    for (struct dirent *entry; !foreign[0] && (entry = readdir(folder)) != NULL;) {
        const char *name = entry->d_name;
        marked = marked || is_mark(name);
        segments = segments || is_segment(name);
        if (!rf_is_dots(name) && !is_mark(name) && !is_segment(name) && strcmp(name, RF_MANIFEST_NAME ".new") != 0)
            snprintf(foreign, sizeof foreign, "%s", name);
    }
    closedir(folder);
    if (foreign[0])
        return rf_fail(error, RIFFLE_NOT_EMPTY, "%s is neither empty nor an index: it holds %s", path, foreign);
    if (segments && !marked) /* somebody else's files, that happen to be named as ours are */
        return rf_fail(error, RIFFLE_NOT_EMPTY, "%s is neither empty nor an index", path);
    return RIFFLE_OK;
}

riffle_status rf_folder_next_number(const char *path, uint32_t *number, riffle_error *error)
{
    DIR *folder = opendir(path);
    if (!folder)
        return rf_fail_errno(error, "cannot open folder", path);
    *number = 1;
    uint32_t found, deleted;
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;)
        if (parse_segment_name(entry->d_name, &found, &deleted) && found >= *number)
            *number = found < UINT32_MAX ? found + 1 : found;
    closedir(folder);
    if (*number == UINT32_MAX)
        return rf_fail(error, RIFFLE_TOO_LARGE, "%s has no segment number left", path);
    return RIFFLE_OK;
}

static bool is_named(const struct rf_manifest *manifest, uint32_t number, uint32_t deleted)
{
    for (size_t i = 0; i < manifest->segment_count; i++)
        if (manifest->segments[i].number == number)
            return !deleted || manifest->segments[i].deleted == deleted;
    return false;
}

void rf_folder_clean(const char *path, const struct rf_manifest *manifest)
{
    DIR *folder = opendir(path);
    if (!folder)
        return;
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        uint32_t number, deleted;
        bool orphan = parse_segment_name(entry->d_name, &number, &deleted) && !is_named(manifest, number, deleted);
        if (!orphan && strcmp(entry->d_name, RF_MANIFEST_NAME ".new") != 0)
            continue;
        char file[PATH_MAX]; /* no allocation: a writer that has run out of memory cleans up, too */
        if (snprintf(file, sizeof file, "%s/%s", path, entry->d_name) < (int)sizeof file)
            rf_unlink(file);
    }
    closedir(folder);
}
