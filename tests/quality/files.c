/* SPDX-License-Identifier: BSD-3-Clause */
/* Files and programs, as the tests of quality need them. */
#include "tests/quality/files.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

char *text_of(const char *format, ...)
{
    char *text;
    va_list arguments;
    va_start(arguments, format);
    int length = vasprintf(&text, format, arguments);
    va_end(arguments);
    assert_true(length >= 0);
    return text;
}

char *file_read(const char *path)
{
    FILE *file = fopen(path, "rb");
    struct stat status;
    if (file == NULL || fstat(fileno(file), &status) != 0)
        fail_msg("cannot read %s", path);
    size_t size = (size_t)status.st_size;
    char *bytes = calloc(1, size + 1);
    assert_non_null(bytes);
    assert_int_equal(fread(bytes, 1, size, file), size);
    fclose(file);
    return bytes;
}

bool file_exists(const char *path) { return access(path, R_OK) == 0; }

static const char *build(void)
{
    const char *folder = getenv("RIFFLE_BUILD");
    return folder != NULL ? folder : "build";
}

char *scratch_path(const char *name)
{
    char *folder = text_of("%s/quality", build());
    mkdir(folder, 0777);
    char *path = text_of("%s/%s", folder, name);
    free(folder);
    return path;
}

int run_program(const char *name, const char *const *arguments, const char *output)
{
    char *program = text_of("%s/%s", build(), name);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        int fd = output != NULL ? open(output, O_WRONLY | O_CREAT | O_TRUNC, 0666) : STDOUT_FILENO;
        if (fd >= 0 && dup2(fd, STDOUT_FILENO) >= 0)
            execv(program, (char *const *)arguments);
        perror(program);
        _exit(127);
    }
    free(program);
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}
