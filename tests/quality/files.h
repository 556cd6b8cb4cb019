/* SPDX-License-Identifier: BSD-3-Clause */
/* Files and programs, as the tests of quality need them. What goes wrong here fails the running test. */
#ifndef TESTS_QUALITY_FILES_H
#define TESTS_QUALITY_FILES_H

#include <stdbool.h>

/* printf into memory of the caller's. */
__attribute__((format(printf, 1, 2))) char *text_of(const char *format, ...);

/* The whole file, with a NUL behind it, in memory of the caller's. */
char *file_read(const char *path);
bool file_exists(const char *path);

/* A path for test data below the build's folder, which is made where it is missing; memory of the caller's. */
char *scratch_path(const char *name);

/* Runs a program of the build, its standard output going to the file `output` where that is not NULL. Returns its exit status. */
int run_program(const char *name, const char *const *arguments, const char *output);

#endif
