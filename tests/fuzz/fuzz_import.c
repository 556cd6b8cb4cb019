/* SPDX-License-Identifier: BSD-3-Clause */
/* Any bytes as a file of articles: text, JSON lines or gzip. What can be read is added, the rest reported. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "riffle.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(int holds)
{
    if (!holds)
        abort();
}

static void on_problem(void *context, const char *path, uint64_t line, riffle_status status, const char *message)
{
    (void)path, (void)line;
    expect(status != RIFFLE_OK && message[0]);
    ++*(uint64_t *)context;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char folder[] = "/tmp/riffle-fuzz-XXXXXX";
    static riffle_writer *writer;
    char path[40];
    uint64_t problems = 0;
    riffle_import_counts counts = {0};
    riffle_import_options options = RIFFLE_IMPORT_OPTIONS_INIT;
    if (!writer)
        expect(mkdtemp(folder) && riffle_writer_open(&writer, folder, NULL, NULL) == RIFFLE_OK);
    int file = memfd_create("articles", MFD_CLOEXEC);
    expect(file >= 0 && write(file, data, size) == (ssize_t)size);
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    options.format = size ? (riffle_format)(data[0] % 3) : RIFFLE_FORMAT_AUTO;
    options.on_problem = on_problem;
    options.context = &problems;
    options.article_limit = 1 << 16;
    expect(riffle_writer_import(writer, path, &options, &counts, NULL) == RIFFLE_OK);
    expect(counts.left_out == problems);
    close(file);
    return 0;
}
