/* SPDX-License-Identifier: BSD-3-Clause */
/* The program riffle-index: makes an index of articles, adds to one, or takes articles away. See docs/riffle-index.1. */
#include <inttypes.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "indexer/cli_arguments.h"
#include "indexer/cli_paths.h"
#include "indexer/cli_progress.h"
#include "riffle-xapian.h"

/* Walking folders for their sizes may take this long; then there is no percentage. */
#define SECONDS_FOR_SIZES 1.0

static volatile sig_atomic_t stop_signal;

static void on_signal(int number) { stop_signal = number; }

/*
 * SIGINT, SIGTERM and SIGHUP stop between two articles, or where the input keeps us waiting. A second one ends the process at once,
 * which costs no more: the index stays at its last commit, and the next writer removes what was left. A signal that whoever
 * started us ignores (nohup, &) stays ignored.
 */
static void catch_signals(void)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
    for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
        struct sigaction action, old;
        memset(&action, 0, sizeof(action));
        action.sa_handler = on_signal;
        action.sa_flags = (int)SA_RESETHAND; /* no SA_RESTART: a read that waits must return */
        sigemptyset(&action.sa_mask);
        if (sigaction(numbers[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
            sigaction(numbers[i], &action, NULL);
    }
}

/* Ends as the signal would have ended us, so that a shell sees it (130, 143). */
static int end_by_signal(int number)
{
    signal(number, SIG_DFL);
    raise(number);
    return 128 + number;
}

static int on_progress(void *context, const riffle_import_counts *counts)
{
    (void)context;
    rf_cli_progress_show(counts);
    return stop_signal != 0;
}

static void on_problem(void *context, const char *path, uint64_t line, riffle_status status, const char *message)
{
    (void)context;
    (void)status;
    if (strcmp(path, "-") == 0)
        path = "standard input";
    if (line > 0)
        rf_cli_complain("%s:%" PRIu64 ": %s", path, line, message);
    else
        rf_cli_complain("%s: %s", path, message);
}

/* Articles and passages that the index holds; zeros where it cannot be opened. */
static riffle_statistics statistics(const char *path)
{
    riffle_statistics found = {.size = sizeof(found)};
    riffle_index *index = NULL;
    if (riffle_index_open(&index, path, NULL, NULL) == RIFFLE_OK)
        riffle_index_statistics(index, &found, NULL);
    riffle_index_close(index);
    return found;
}

/* A writer would make an index where there is none, and there is nothing to delete in that. */
static bool check_index(const char *path)
{
    riffle_index *index = NULL;
    riffle_error error;
    bool good = riffle_index_open(&index, path, NULL, &error) == RIFFLE_OK;
    if (!good)
        rf_cli_complain("%s", error.message);
    riffle_index_close(index);
    return good;
}

static uint64_t total_size(const struct rf_cli_arguments *arguments, const struct rf_cli_paths *more)
{
    double deadline = rf_cli_seconds() + SECONDS_FOR_SIZES;
    uint64_t total = 0;
    bool known = true;
    for (int i = 0; known && i < arguments->path_count; i++)
        known = rf_cli_path_size(arguments->paths[i], deadline, &total);
    for (size_t i = 0; known && i < more->count; i++)
        known = rf_cli_path_size(more->list[i], deadline, &total) && rf_cli_seconds() < deadline;
    return known ? total : 0;
}

/* An id that is not there is complained of, and counted as left out. */
static riffle_status delete_article(riffle_writer *writer, const struct rf_cli_arguments *arguments, const char *id,
                                    riffle_import_counts *counts, riffle_error *error)
{
    const riffle_import_options *import = &arguments->import;
    size_t length = strlen(id);
    if (import->shards > 0 && riffle_shard_of(id, length, import->shards) != import->shard) {
        counts->elsewhere++;
        return RIFFLE_OK;
    }
    riffle_status status = riffle_writer_delete(writer, id, length, error);
    counts->articles += status == RIFFLE_OK;
    if (status != RIFFLE_INVALID)
        return status;
    rf_cli_complain("%s", error->message);
    counts->left_out++;
    return RIFFLE_OK;
}

static riffle_status work_on(riffle_writer *writer, const struct rf_cli_arguments *arguments, const char *name,
                             riffle_import_counts *counts, riffle_error *error)
{
    if (stop_signal)
        return RIFFLE_STOPPED;
    return arguments->deletes ? delete_article(writer, arguments, name, counts, error)
                              : riffle_writer_import(writer, name, &arguments->import, counts, error);
}

static riffle_status work_on_all(riffle_writer *writer, const struct rf_cli_arguments *arguments, const struct rf_cli_paths *more,
                                 riffle_import_counts *counts, riffle_error *error)
{
    riffle_status status = RIFFLE_OK;
    for (int i = 0; i < arguments->path_count && status == RIFFLE_OK; i++)
        status = work_on(writer, arguments, arguments->paths[i], counts, error);
    for (size_t i = 0; i < more->count && status == RIFFLE_OK; i++) {
        /* In a list, "-" is the name of a file. */
        bool is_file = !arguments->deletes && strcmp(more->list[i], "-") == 0;
        status = work_on(writer, arguments, is_file ? "./-" : more->list[i], counts, error);
    }
    return status;
}

static const char *plural(uint64_t count) { return count == 1 ? "" : "s"; }

static void print_totals(const struct rf_cli_arguments *arguments, const riffle_statistics *before,
                         const riffle_import_counts *counts, double seconds)
{
    riffle_statistics now = statistics(arguments->index);
    double megabytes = (double)counts->bytes / 1e6;
    fprintf(stderr, "%" PRIu64 " article%s", counts->articles, plural(counts->articles));
    if (arguments->deletes) {
        fputs(" deleted", stderr);
    } else {
        /* The first always holds, unless someone else wrote since; an update took passages away, too. */
        if (now.passages >= before->passages + counts->articles && !arguments->import.update)
            fprintf(stderr, ", %" PRIu64 " passage%s", now.passages - before->passages, plural(now.passages - before->passages));
        fprintf(stderr, ", %.1f MB in %.1f s (%.1f MB/s)", megabytes, seconds, megabytes / (seconds > .001 ? seconds : .001));
    }
    if (counts->left_out > 0)
        fprintf(stderr, ", %" PRIu64 " %s", counts->left_out, arguments->deletes ? "not there" : "left out");
    if (counts->elsewhere > 0)
        fprintf(stderr, ", %" PRIu64 " of other shards passed over", counts->elsewhere);
    if (before->articles > 0)
        fprintf(stderr, "; %" PRIu64 " article%s in the index now", now.articles, plural(now.articles));
    fputc('\n', stderr);
}

/*
 * Commits, or leaves the index as it is. An input that gave no article at all is a mount that is missing or a program that failed, far
 * more often than the wish for an empty index: then a rebuild must not throw a good one away.
 */
static int finish(riffle_writer *writer, const struct rf_cli_arguments *arguments, const riffle_import_counts *counts)
{
    riffle_error error;
    bool none = counts->articles + counts->elsewhere == 0 && !arguments->deletes;
    if (none && (counts->left_out > 0 || arguments->writer.rebuild)) {
        rf_cli_complain("no article was read; nothing was committed");
        return RF_CLI_NONE;
    }
    if (none && !arguments->quiet)
        rf_cli_complain("there are no articles; nothing was added");
    rf_cli_progress_say("writing the index ...");
    if (riffle_writer_commit(writer, &error) != RIFFLE_OK) {
        rf_cli_complain("%s", error.message);
        rf_cli_complain("nothing was committed");
        return RF_CLI_NONE;
    }
    return counts->left_out > 0 ? RF_CLI_SOME : RF_CLI_ALL;
}

static int run(struct rf_cli_arguments *arguments, const struct rf_cli_paths *more)
{
    riffle_writer *writer = NULL;
    riffle_import_counts counts = {0};
    riffle_error error;
    double started = rf_cli_seconds();
    const char *terminal = getenv("TERM");
    bool shows = !arguments->quiet && !arguments->deletes && isatty(STDERR_FILENO) && !(terminal && strcmp(terminal, "dumb") == 0);

    if (riffle_xapian_register(&error) != RIFFLE_OK) {
        rf_cli_complain("%s", error.message);
        return RF_CLI_NONE;
    }
    if (arguments->deletes && !check_index(arguments->index))
        return RF_CLI_NONE;
    if (riffle_writer_open(&writer, arguments->index, &arguments->writer, &error) != RIFFLE_OK) {
        rf_cli_complain("%s", error.message);
        return RF_CLI_NONE;
    }
    riffle_statistics before = {0};
    if (!arguments->quiet && !arguments->writer.rebuild)
        before = statistics(arguments->index);
    if (shows)
        rf_cli_progress_start(total_size(arguments, more));
    arguments->import.on_problem = on_problem;
    arguments->import.on_progress = on_progress;
    riffle_status status = work_on_all(writer, arguments, more, &counts, &error);

    int result = RF_CLI_NONE;
    bool stopped = status == RIFFLE_STOPPED && stop_signal;
    if (stopped)
        rf_cli_complain("stopped; nothing was committed");
    else if (status != RIFFLE_OK)
        rf_cli_complain("%s; nothing was committed", error.message);
    else
        result = finish(writer, arguments, &counts);
    riffle_writer_close(writer);
    rf_cli_progress_end();
    if (!arguments->quiet && result != RF_CLI_NONE)
        print_totals(arguments, &before, &counts, rf_cli_seconds() - started);
    return stopped ? end_by_signal(stop_signal) : result;
}

static int print(const char *text)
{
    if (fputs(text, stdout) >= 0 && fflush(stdout) == 0)
        return RF_CLI_ALL;
    rf_cli_complain("cannot write to standard output");
    return RF_CLI_NONE;
}

int main(int argc, char **argv)
{
    struct rf_cli_arguments arguments;
    struct rf_cli_paths more = {0};
    char version[200];
    switch (rf_cli_arguments_read(&arguments, argc, argv)) {
    case RF_CLI_HELP:
        return print(rf_cli_help);
    case RF_CLI_VERSION:
        snprintf(version, sizeof(version),
                 "riffle-index (Riffle) %s\n"
                 "Built with Xapian: this program as a whole is under the GNU GPL, version 2 or later.\n",
                 riffle_version());
        return print(version);
    case RF_CLI_BAD_USAGE:
        return RF_CLI_NONE;
    case RF_CLI_INDEX:
        break;
    }
    int result = RF_CLI_NONE;
    if (!arguments.files_from || rf_cli_paths_read(&more, arguments.files_from, arguments.null_separated)) {
        catch_signals();
        result = run(&arguments, &more);
    }
    rf_cli_paths_free(&more);
    return result;
}
