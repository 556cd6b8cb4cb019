/* SPDX-License-Identifier: BSD-3-Clause */
/* Folders that a test makes, copies, lists and removes. Whatever goes wrong here ends the test program. */
#ifndef TEST_FOLDERS_H
#define TEST_FOLDERS_H

#include <stdbool.h>
#include <stddef.h>

enum { FOLDER_PATH = 1024 };

/* Makes a new folder that everybody may read, and writes its path. In memory where that can be had, so that fsync costs little; with
 * `on_disk` in TMPDIR or /tmp. */
void folder_make(char path[FOLDER_PATH], bool on_disk);
/* "folder/name" */
void folder_join(char path[FOLDER_PATH], const char *folder, const char *name);
/* The same in memory that the fourth call behind it takes again. */
const char *folder_path(const char *folder, const char *name);
/* Is there anything of this name? */
bool folder_has(const char *path);
/* Removes a file or a folder with all below it; nothing there is fine. */
void folder_remove(const char *path);
/* A new folder with the files of an index: the lock is new, the others, which never change, are linked. */
void folder_copy(const char *from, const char *to);
/* The whole file, to be freed. */
char *folder_read(const char *path, size_t *n);

/* Names in a folder, sorted, without "." and "..". */
struct folder_names {
    size_t count;
    char list[64][64];
};
void folder_list(const char *folder, struct folder_names *names);

/* File descriptors that this process has open, and files in folders of folder_make that it has mapped. */
unsigned folder_held(void);

#endif
