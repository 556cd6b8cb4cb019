/* SPDX-License-Identifier: BSD-3-Clause */
/* Walking a folder: in byte order of names, each folder once, so that links that lead in circles end. */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "engine/engine.h"
#include "indexer/folder.h"
#include "indexer/reader.h"

struct visited {
    dev_t device;
    ino_t inode;
};

struct walk {
    struct rf_import *import;
    struct visited *seen; /* open addressing; inode 0 with device 0 is a free place */
    size_t seen_count, seen_capacity;
};

static size_t seen_place(const struct walk *walk, dev_t device, ino_t inode)
{
    /* Fibonacci hashing: 2^64 divided by the golden ratio. */
    size_t place = (size_t)(((uint64_t)inode ^ (uint64_t)device << 32) * UINT64_C(0x9e3779b97f4a7c15) >> 32);
    for (;; place++) {
        const struct visited *v = &walk->seen[place & (walk->seen_capacity - 1)];
        if ((v->inode == 0 && v->device == 0) || (v->inode == inode && v->device == device))
            return place & (walk->seen_capacity - 1);
    }
}

/* *is_new: this folder was not met before. false: no memory. */
static bool remember(struct walk *walk, dev_t device, ino_t inode, bool *is_new)
{
    if (walk->seen_count * 2 >= walk->seen_capacity) {
        struct walk larger = *walk;
        larger.seen_capacity = walk->seen_capacity ? walk->seen_capacity * 2 : 64;
        larger.seen = rf_alloc_zero(walk->import->allocator, larger.seen_capacity * sizeof(*larger.seen));
        if (!larger.seen)
            return false;
        for (size_t i = 0; i < walk->seen_capacity; i++) {
            if (walk->seen[i].inode || walk->seen[i].device)
                larger.seen[seen_place(&larger, walk->seen[i].device, walk->seen[i].inode)] = walk->seen[i];
        }
        rf_free(walk->import->allocator, walk->seen);
        *walk = larger;
    }
    struct visited *v = &walk->seen[seen_place(walk, device, inode)];
    *is_new = v->inode == 0 && v->device == 0;
    if (*is_new) {
        *v = (struct visited){device, inode};
        walk->seen_count++;
    }
    return true;
}

static int compare_names(const void *a, const void *b) { return strcmp(*(const char *const *)a, *(const char *const *)b); }

/* The names in a folder that do not start with a dot, sorted. `*list` points into `names`. */
static bool read_names(DIR *folder, struct rf_buffer *names, const char ***list, size_t *count, int *reason)
{
    const struct dirent *entry;
    *count = 0;
    *reason = 0;
    for (errno = 0; (entry = readdir(folder)) != NULL; errno = 0) {
        if (entry->d_name[0] != '.') {
            rf_buffer_append(names, entry->d_name, strlen(entry->d_name) + 1);
            ++*count;
        }
    }
    *reason = errno;
    if (names->failed || !(*list = rf_alloc(names->allocator, *count * sizeof(**list))))
        return false;
    const char *name = (const char *)names->data;
    for (size_t i = 0; i < *count; i++, name += strlen(name) + 1)
        (*list)[i] = name;
    qsort(*list, *count, sizeof(**list), compare_names);
    return true;
}

static riffle_status walk_folder(struct walk *walk, const char *path, bool named, riffle_error *error);

static riffle_status walk_entry(struct walk *walk, const char *folder, const char *name, struct rf_buffer *path,
                                riffle_error *error)
{
    size_t n = strlen(folder);
    struct stat about;
    path->size = 0;
    rf_buffer_append(path, folder, n);
    if (n > 0 && folder[n - 1] != '/')
        rf_buffer_append_byte(path, '/');
    rf_buffer_append(path, name, strlen(name) + 1);
    if (path->failed)
        return rf_fail_memory(error);
    const char *whole = (const char *)path->data;
    if (stat(whole, &about) != 0) {
        rf_import_problem(walk->import, whole, 0, RIFFLE_IO, "cannot open: %m");
        return RIFFLE_OK;
    }
    if (S_ISDIR(about.st_mode))
        return walk_folder(walk, whole, false, error);
    return S_ISREG(about.st_mode) ? rf_import_file(walk->import, whole, true, error) : RIFFLE_OK;
}

/* Recursion ends by the system's limit on the length of a path. */
static riffle_status walk_folder(struct walk *walk, const char *path, bool named, riffle_error *error)
{
    struct stat about;
    bool is_new = true;
    DIR *folder = opendir(path);
    if (!folder || fstat(dirfd(folder), &about) != 0) {
        rf_import_problem(walk->import, path, 0, RIFFLE_IO, "cannot open the folder: %m");
        if (folder)
            closedir(folder);
        return RIFFLE_OK;
    }
    bool remembered = remember(walk, about.st_dev, about.st_ino, &is_new);
    bool index = remembered && (rf_folder_is_index(dirfd(folder)) || rf_engine_for(path));
    if (!remembered || !is_new || index) {
        closedir(folder);
        if (index && named)
            rf_import_problem(walk->import, path, 0, RIFFLE_BAD_INPUT, "this is a Riffle index, no folder of articles");
        return remembered ? RIFFLE_OK : rf_fail_memory(error);
    }

    struct rf_buffer names, whole;
    const char **list = NULL;
    size_t count = 0;
    int reason = 0;
    rf_buffer_init(&names, walk->import->allocator);
    rf_buffer_init(&whole, walk->import->allocator);
    riffle_status status = read_names(folder, &names, &list, &count, &reason) ? RIFFLE_OK : rf_fail_memory(error);
    closedir(folder); /* before what is below: descriptors are few */
    if ((errno = reason) != 0)
        rf_import_problem(walk->import, path, 0, RIFFLE_IO, "cannot read the folder: %m");
    for (size_t i = 0; i < count && status == RIFFLE_OK; i++)
        status = walk_entry(walk, path, list[i], &whole, error);
    rf_free(walk->import->allocator, list);
    rf_buffer_release(&names);
    rf_buffer_release(&whole);
    return status;
}

riffle_status rf_import_folder(struct rf_import *import, const char *path, riffle_error *error)
{
    struct walk walk = {.import = import};
    riffle_status status = walk_folder(&walk, path, true, error);
    rf_free(import->allocator, walk.seen);
    return status;
}
