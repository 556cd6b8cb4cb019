/* SPDX-License-Identifier: BSD-3-Clause */
/* Files: written front to back with a running checksum, read as maps. Every system call that can fail can be made to fail by tests. */
#ifndef RF_FILE_H
#define RF_FILE_H

#include <dirent.h>

#include "base/base.h"

/*
 * Tests only: called before each system call that changes or reads files, with its name ("open", "write", "fsync", "rename",
 * "unlink", "mmap", ...) and the path. A nonzero return is the errno that the call then fails with. NULL, as it is at
 * the start, costs one test.
 */
extern int (*rf_file_fault)(const char *call, const char *path);

/* ---- Writing ---- */

/* A file that is written once, front to back, through a buffer. The first failure sticks: later calls do nothing. */
struct rf_output {
    const riffle_allocator *allocator;
    char *path;
    int descriptor; /* -1: closed */
    bool temporary; /* set by whoever needs no durability: finish does not fsync */
    uint64_t size;  /* bytes appended so far */
    uint32_t crc;   /* zlib's crc32 of those since rf_output_restart_crc */
    uint8_t *buffer;
    size_t used;
    riffle_error error; /* status RIFFLE_OK while all is well */
};

/* Creates the file anew (exclusively, following no link). */
riffle_status rf_output_open(struct rf_output *output, const char *path, const riffle_allocator *allocator, riffle_error *error);
void rf_output_append(struct rf_output *output, const void *bytes, size_t count);
void rf_output_append_u32(struct rf_output *output, uint32_t value);
void rf_output_append_u64(struct rf_output *output, uint64_t value);
void rf_output_align(struct rf_output *output, size_t alignment); /* with zeros */
void rf_output_restart_crc(struct rf_output *output);
/* Writes what is buffered, fsyncs unless `temporary`, and closes. Fails with the first error there was. */
riffle_status rf_output_finish(struct rf_output *output, riffle_error *error);
/* Closes without caring and releases; after finish it only releases. Removes the file where `remove` is set. */
void rf_output_release(struct rf_output *output, bool remove);

/* ---- Reading ---- */

struct rf_map {
    const uint8_t *data; /* NULL for an empty file */
    size_t size;
};

/* Maps a whole regular file for reading. *found, where not NULL, is false and the status RIFFLE_OK where there is none. */
riffle_status rf_map_open(struct rf_map *map, const char *path, bool *found, riffle_error *error);
/* Maps what was written to `output` so far, with `padding` more bytes that can be read behind it. Writing goes on as before. */
riffle_status rf_map_output(struct rf_map *map, struct rf_output *output, size_t padding, riffle_error *error);
void rf_map_close(struct rf_map *map);

/* ---- Folders ---- */

riffle_status rf_fsync_folder(const char *path, riffle_error *error);
/* Makes the name of the folder itself durable. Where the folder around it may not be read, that is left to whoever made it. */
riffle_status rf_fsync_parent(const char *path, riffle_error *error);
/* Makes the folder (*made, and *folder is NULL), or opens the one that is there, to be looked through: for closedir. */
riffle_status rf_make_folder(const char *path, bool *made, DIR **folder, riffle_error *error);
/* "." and "..", which no look through a folder wants to see. */
static inline bool rf_is_dots(const char *name) { return strcmp(name, ".") == 0 || strcmp(name, "..") == 0; }
riffle_status rf_rename(const char *from, const char *to, riffle_error *error);
int rf_unlink(const char *path); /* as unlink(2) */

/* "folder/name" in memory of the allocator, or NULL. */
char *rf_join_path(const riffle_allocator *allocator, const char *folder, const char *name);

/*
 * The lock of a writer: an open-file-description lock on `path`, which the kernel frees when the process dies, and which another
 * descriptor of the same process neither shares nor frees (classic fcntl locks would do both). RIFFLE_LOCKED where it is held.
 */
riffle_status rf_lock(const char *path, int *descriptor, riffle_error *error);
/* RIFFLE_LOCKED where somebody removed the file meanwhile, so that another writer may have the index. */
riffle_status rf_lock_check(const char *path, int descriptor, riffle_error *error);
void rf_unlock(int descriptor);

#endif
