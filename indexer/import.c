/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * riffle_writer_import: from a path to articles. Which reader takes a file, what is reported and what ends an import.
 * %m in messages is strerror(errno), without that function's trouble with threads; glibc and musl both have it.
 */
#include <stdio.h>
#include <sys/stat.h>

#include <fcntl.h>
#include <unistd.h>

#include "indexer/reader.h"
#include "indexer/writer.h"

enum { SNIFF_BYTES = 8192 };
#define DEFAULT_LIMIT ((uint64_t)64 << 20)
/* json-c counts in int, analysis in 32 bits: no limit of the caller's goes beyond. */
#define HIGHEST_LIMIT ((uint64_t)1 << 30)

/* ---- For the readers ---- */

bool rf_import_is_over(riffle_status status) { return status == RIFFLE_NO_MEMORY || status == RIFFLE_STOPPED; }

void rf_import_problem(struct rf_import *import, const char *path, uint64_t line, riffle_status status, const char *format, ...)
{
    char message[sizeof(((riffle_error *)0)->message)];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof(message), format, arguments);
    va_end(arguments);
    import->counts->left_out++;
    if (import->options.on_problem)
        import->options.on_problem(import->options.context, path, line, status, message);
}

static int tell_progress(void *context)
{
    const struct rf_import *import = context;
    return import->options.on_progress ? import->options.on_progress(import->options.context, import->counts) : 0;
}

bool rf_import_is_elsewhere(struct rf_import *import, const char *id, size_t id_length)
{
    const riffle_import_options *o = &import->options;
    bool elsewhere = o->shards > 0 && riffle_shard_of(id, id_length, o->shards) != o->shard;
    import->counts->elsewhere += elsewhere;
    return elsewhere;
}

riffle_status rf_import_go_on(struct rf_import *import, riffle_error *error)
{
    return tell_progress(import) ? rf_fail(error, RIFFLE_STOPPED, "stopped") : RIFFLE_OK;
}

riffle_status rf_import_add(struct rf_import *import, const riffle_article *article, const char *path, uint64_t line,
                            riffle_error *error)
{
    riffle_error reason;
    riffle_status status = import->options.update ? riffle_writer_replace(import->writer, article, &reason)
                                                  : riffle_writer_add(import->writer, article, &reason);
    switch (status) {
    case RIFFLE_OK:
        import->counts->articles++;
        break;
    case RIFFLE_INVALID:
    case RIFFLE_EXISTS:
    case RIFFLE_TOO_LARGE:
    case RIFFLE_UNSUPPORTED:
        rf_import_problem(import, path, line, status, "%s", reason.message);
        break;
    default:
        return rf_fail(error, status, "%s", reason.message);
    }
    return rf_import_go_on(import, error);
}

riffle_status rf_import_text(struct rf_import *import, struct rf_input *input, const char *path, const char *id,
                             riffle_error *error)
{
    size_t limit = (size_t)import->options.article_limit;
    if (rf_import_is_elsewhere(import, id, strlen(id)))
        return rf_import_go_on(import, error);
    riffle_error reason;
    riffle_status status = rf_input_fill(input, limit + 1, &reason);
    if (rf_import_is_over(status))
        return rf_fail(error, status, "%s", reason.message);
    size_t n = input->end - input->at;
    if (status != RIFFLE_OK) {
        rf_import_problem(import, path, 0, status, "%s", reason.message);
        return RIFFLE_OK;
    }
    if (n > limit) {
        rf_import_problem(import, path, 0, RIFFLE_TOO_LARGE, "the article is longer than the limit of %zu bytes", limit);
        return RIFFLE_OK;
    }

    struct rf_text_buffers buffers;
    struct rf_text_article taken;
    rf_buffer_init(&buffers.text, import->allocator);
    rf_buffer_init(&buffers.title, import->allocator);
    if (rf_text_article_read(&taken, &buffers, input->window + input->at, n)) {
        riffle_field fields[2];
        riffle_article article = {.id = id,
                                  .id_length = strlen(id),
                                  .title = taken.title,
                                  .title_length = taken.title_length,
                                  .text = taken.text,
                                  .text_length = taken.text_length,
                                  .fields = fields};
        if (taken.date[0])
            fields[article.field_count++] = (riffle_field){"date", 4, taken.date, strlen(taken.date)};
        if (taken.author_length > 0)
            fields[article.field_count++] = (riffle_field){"author", 6, taken.author, taken.author_length};
        status = rf_import_add(import, &article, path, 0, error);
    } else {
        status = rf_fail_memory(error);
    }
    rf_buffer_release(&buffers.text);
    rf_buffer_release(&buffers.title);
    return status;
}

/* ---- Files ---- */

static bool ends_in(const char *name, size_t n, const char *ending)
{
    size_t length = strlen(ending);
    if (n < length)
        return false;
    for (size_t i = 0; i < length; i++) {
        if ((name[n - length + i] | 0x20) != (ending[i] | 0x20))
            return false;
    }
    return true;
}

static bool is_named_json(const char *path)
{
    size_t n = strlen(path);
    if (ends_in(path, n, ".gz"))
        n -= 3;
    return ends_in(path, n, ".jsonl") || ends_in(path, n, ".ndjson") || ends_in(path, n, ".json");
}

static bool is_utf16(const char *p, size_t n)
{
    return n >= 2 && (memcmp(p, "\xff\xfe", 2) == 0 || memcmp(p, "\xfe\xff", 2) == 0) &&
           (n < 4 || memcmp(p + 2, "\0\0", 2) != 0); /* which UTF-32 has */
}

/* Tells the format by name and first bytes, and reads. */
static riffle_status import_descriptor(struct rf_import *import, int descriptor, const char *path, const char *id, bool found,
                                       riffle_error *error)
{
    struct rf_input input = {.allocator = import->allocator,
                             .descriptor = descriptor,
                             .counts = import->counts,
                             .on_read = tell_progress,
                             .context = import};
    riffle_error reason;
    riffle_status status = rf_input_fill(&input, SNIFF_BYTES, &reason);
    const char *start = input.window ? input.window + input.at : "";
    size_t n = input.end - input.at;
    bool utf16 = is_utf16(start, n);
    riffle_format format = import->options.format;
    if (format == RIFFLE_FORMAT_AUTO) {
        size_t first = n >= 3 && memcmp(start, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
        format = is_named_json(path) || (first < n && start[first] == '{') ? RIFFLE_FORMAT_JSON : RIFFLE_FORMAT_TEXT;
    }
    if (rf_import_is_over(status)) {
        rf_fail(error, status, "%s", reason.message);
    } else if (format == RIFFLE_FORMAT_TEXT && !utf16 && n > 0 && memchr(start, 0, n < SNIFF_BYTES ? n : SNIFF_BYTES)) {
        if (!found)
            rf_import_problem(import, path, 0, RIFFLE_BAD_INPUT, "binary data, no text");
        import->counts->files -= found;
        status = RIFFLE_OK;
    } else if (format == RIFFLE_FORMAT_TEXT) {
        status = rf_import_text(import, &input, path, id, error); /* meets a failure of the first read again */
    } else if (utf16) {
        rf_import_problem(import, path, 0, RIFFLE_BAD_INPUT, "JSON in UTF-16; it must be in UTF-8");
        status = RIFFLE_OK;
    } else {
        if (n >= 3 && memcmp(start, "\xef\xbb\xbf", 3) == 0)
            input.at += 3;
        status = rf_import_json(import, &input, path, id, error);
    }
    rf_input_release(&input);
    return status;
}

riffle_status rf_import_file(struct rf_import *import, const char *path, bool found, riffle_error *error)
{
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (descriptor < 0) {
        rf_import_problem(import, path, 0, RIFFLE_IO, "cannot open: %m");
        return RIFFLE_OK;
    }
    import->counts->files++;
    riffle_status status = import_descriptor(import, descriptor, path, path, found, error);
    close(descriptor);
    return status;
}

/* ---- The call ---- */

riffle_status riffle_writer_import(riffle_writer *writer, const char *path, const riffle_import_options *options,
                                   riffle_import_counts *counts, riffle_error *error)
{
    riffle_import_counts own_counts = {0};
    struct rf_import import = {.writer = writer, .counts = counts ? counts : &own_counts};
    rf_ok(error);
    if (!writer || !path || !*path)
        return rf_fail(error, RIFFLE_INVALID, "riffle_writer_import needs a writer and a path");
    if (options && options->size == 0)
        return rf_fail(error, RIFFLE_INVALID, "riffle_import_options without a size: start with RIFFLE_IMPORT_OPTIONS_INIT");
    if (options)
        memcpy(&import.options, options, options->size < sizeof(*options) ? options->size : sizeof(*options));
    if (import.options.format < RIFFLE_FORMAT_AUTO || import.options.format > RIFFLE_FORMAT_JSON)
        return rf_fail(error, RIFFLE_INVALID, "unknown format %d", (int)import.options.format);
    riffle_import_options *o = &import.options;
    if (o->shards > 0 && (o->shard < 1 || o->shard > o->shards))
        return rf_fail(error, RIFFLE_INVALID, "there is no shard %u of %u", o->shard, o->shards);
    o->id_key = o->id_key ? o->id_key : "id";
    o->title_key = o->title_key ? o->title_key : "title";
    o->date_key = o->date_key ? o->date_key : "date";
    o->source_key = o->source_key ? o->source_key : "source";
    o->text_key = o->text_key ? o->text_key : "text";
    o->article_limit = o->article_limit == 0 ? DEFAULT_LIMIT : o->article_limit;
    o->article_limit = o->article_limit > HIGHEST_LIMIT ? HIGHEST_LIMIT : o->article_limit;
    import.allocator = rf_writer_allocator(writer);

    if (strcmp(path, "-") == 0) {
        import.counts->files++;
        return import_descriptor(&import, STDIN_FILENO, path, "stdin", false, error);
    }
    struct stat about;
    if (stat(path, &about) != 0) {
        rf_import_problem(&import, path, 0, RIFFLE_IO, "cannot open: %m");
        return RIFFLE_OK;
    }
    return S_ISDIR(about.st_mode) ? rf_import_folder(&import, path, error) : rf_import_file(&import, path, false, error);
}
