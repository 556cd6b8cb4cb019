/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Runs a command again and again and says what it took, from the kernel's own account of the child (wait4).
 *
 *   measure [-n RUNS] [-b BEFORE] [-o OUTPUT] COMMAND [ARGUMENT]...
 *       RUNS times the same; before each the shell runs BEFORE, which is not timed. Prints: wall seconds (min, median, max), user
 *       and system seconds (medians), MiB of resident memory at most (maximum of all runs).
 *   measure -l LINES COMMAND [ARGUMENT]...
 *       Once for each line of the file LINES, with the line as the last argument. Prints how often, and wall milliseconds from the
 *       start of the process to its end: min, median, 99 of 100, max.
 *
 * Standard output of the command goes to OUTPUT, else nowhere. An exit status above 1 ends it all.
 */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

struct run {
    double wall, user, system, peak;
};

static _Noreturn void die(const char *what)
{
    fprintf(stderr, "measure: %s: %s\n", what, strerror(errno));
    exit(2);
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static double seconds(struct timeval t) { return (double)t.tv_sec + (double)t.tv_usec * 1e-6; }

static struct run run_once(char **command, const char *output)
{
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    double start = now();
    pid_t child;
    errno = posix_spawnp(&child, command[0], &actions, NULL, command, environ);
    if (errno != 0)
        die(command[0]);
    int status;
    struct rusage usage;
    while (wait4(child, &status, 0, &usage) < 0)
        if (errno != EINTR)
            die("wait4");
    double wall = now() - start;
    posix_spawn_file_actions_destroy(&actions);
    if (!WIFEXITED(status) || WEXITSTATUS(status) > 1) {
        fprintf(stderr, "measure: %s ended with %s %d\n", command[0], WIFEXITED(status) ? "status" : "signal",
                WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
        exit(2);
    }
    return (struct run){wall, seconds(usage.ru_utime), seconds(usage.ru_stime), (double)usage.ru_maxrss / 1024};
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The value below which `part` of the sorted values lie (nearest rank). */
static double quantile(const double *sorted, size_t count, double part)
{
    size_t rank = (size_t)(part * (double)count + 0.999999);
    return sorted[rank == 0 ? 0 : rank - 1];
}

static void measure_runs(char **command, size_t runs, const char *before, const char *output)
{
    double *wall = calloc(3 * runs, sizeof *wall), *user = wall + runs, *system_time = user + runs, peak = 0;
    if (wall == NULL)
        die("memory");
    for (size_t i = 0; i < runs; i++) {
        if (before != NULL && system(before) != 0)
            die(before);
        struct run run = run_once(command, output);
        wall[i] = run.wall, user[i] = run.user, system_time[i] = run.system;
        if (run.peak > peak)
            peak = run.peak;
    }
    qsort(wall, runs, sizeof *wall, ascending);
    qsort(user, runs, sizeof *user, ascending);
    qsort(system_time, runs, sizeof *system_time, ascending);
    printf("%.3f %.3f %.3f %.3f %.3f %.1f\n", wall[0], quantile(wall, runs, 0.5), wall[runs - 1], quantile(user, runs, 0.5),
           quantile(system_time, runs, 0.5), peak);
    free(wall);
}

static void measure_lines(char **command, int arguments, const char *lines)
{
    FILE *file = fopen(lines, "r");
    if (file == NULL)
        die(lines);
    char **with_line = calloc((size_t)arguments + 2, sizeof *with_line), *line = NULL;
    size_t capacity = 0, count = 0, room = 0;
    double *wall = NULL;
    if (with_line == NULL)
        die("memory");
    memcpy(with_line, command, (size_t)arguments * sizeof *command);
    for (ssize_t length; (length = getline(&line, &capacity, file)) > 0;) {
        line[strcspn(line, "\n")] = 0;
        with_line[arguments] = line;
        if (count == room && (wall = realloc(wall, (room = room * 2 + 256) * sizeof *wall)) == NULL)
            die("memory");
        wall[count++] = run_once(with_line, "/dev/null").wall * 1e3;
    }
    fclose(file);
    if (count == 0)
        die("no lines");
    qsort(wall, count, sizeof *wall, ascending);
    printf("%zu %.2f %.2f %.2f %.2f\n", count, wall[0], quantile(wall, count, 0.5), quantile(wall, count, 0.99), wall[count - 1]);
    free(wall);
    free(line);
    free(with_line);
}

int main(int argc, char **argv)
{
    size_t runs = 1;
    const char *before = NULL, *output = "/dev/null", *lines = NULL;
    int option;
    while ((option = getopt(argc, argv, "+n:b:o:l:")) != -1) {
        if (option == 'n')
            runs = strtoul(optarg, NULL, 10);
        else if (option == 'b')
            before = optarg;
        else if (option == 'o')
            output = optarg;
        else if (option == 'l')
            lines = optarg;
        else
            return 2;
    }
    if (optind == argc || runs == 0) {
        fputs("usage: measure [-n RUNS] [-b BEFORE] [-o OUTPUT] | -l LINES   COMMAND [ARGUMENT]...\n", stderr);
        return 2;
    }
    if (lines != NULL)
        measure_lines(argv + optind, argc - optind, lines);
    else
        measure_runs(argv + optind, runs, before, output);
    return 0;
}
