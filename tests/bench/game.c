/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Asks several engines the same queries by the protocol of the public search-benchmark-game (protocol.h) and says how long they took.
 *
 *   game [-n PASSES] [-w SECONDS] [-c COMMAND,...] [-p CPU] [-q FILE] QUERIES NAME=COMMAND...
 *       -n    passes over all queries that count (5); the best of them is a query's time
 *       -w    how long each engine is asked before each command's first pass (2); a Java machine needs 12 and more
 *       -c    commands of the protocol (TOP_10,TOP_100,TOP_1000,TOP_100_COUNT,COUNT)
 *       -p    processor to run on, all engines and this program together: a pipe between two processors costs ten times as much. The
 *             last one that there is, if not given
 *       -q    also writes every query's best time: command, engine, class, microseconds, answer, query
 *
 * Engines take turns pass by pass, so that what happens to the machine happens to all. The first pass is warm-up, too. An engine that
 * has taken SLOW seconds for a command is asked no further pass of it, once one has counted.
 *
 * Prints lines with tabs between: command, class, engine, how many queries it answered, mean and 99 % of its times in microseconds, and
 * the same two of the first engine for the same queries. "slow phrases" are the 20 phrases, and mixed queries with one, that took
 * the engines longest, each engine's time taken by its mean over all of these. The engine "pipe" is a child of this program that
 * answers at once: what all times contain. Then, where a command counts: "differs", command, engine, in how many answers from the first
 * engine, of how many, and one such query.
 */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/bench/protocol.h"
#include "tests/bench/queries.h"

enum { SLOW = 30, SLOWEST = 20, SLOW_PHRASES = QUERY_CLASSES, ALL, COLUMNS };

struct answer {
    double best;    /* seconds; negative: it has none */
    uint64_t count; /* or 1 */
};

struct engine {
    const char *name;
    int to, from;
    double spent; /* seconds in passes of this command */
    struct answer *answers;
};

static struct query *queries;
static size_t query_count;
static bool *slow; /* by query, of this command */
static struct engine *engines;
static size_t engine_count;

static _Noreturn void die(const char *what)
{
    fprintf(stderr, "game: %s: %s\n", what, errno != 0 ? strerror(errno) : "ended");
    exit(2);
}

static void *zeroed(size_t count, size_t size)
{
    void *memory = calloc(count + 1, size);
    if (memory == NULL)
        die("memory");
    return memory;
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* ---- Engines ---- */

static void answer_at_once(void)
{
    for (struct protocol_question question; protocol_next(&question);)
        protocol_done();
    _exit(0);
}

/* Without a command: the pipe. */
static void start(struct engine *engine, const char *command)
{
    int to[2], from[2];
    if (pipe(to) != 0 || pipe(from) != 0)
        die("pipe");
    pid_t child = fork();
    if (child < 0)
        die("fork");
    if (child == 0) {
        dup2(to[0], STDIN_FILENO);
        dup2(from[1], STDOUT_FILENO);
        /* Who holds the writing end of another engine's pipe keeps that engine waiting. */
        for (int fd = STDERR_FILENO + 1; fd <= from[1]; fd++)
            close(fd);
        if (command == NULL)
            answer_at_once();
        execl("/bin/sh", "sh", "-c", command, (char *)NULL);
        _exit(127);
    }
    close(to[0]);
    close(from[1]);
    engine->to = to[1];
    engine->from = from[0];
}

/* One question, one answer: seconds from before the question was written until after the answer was read. */
static double ask(struct engine *engine, const char *line, size_t length, uint64_t *count)
{
    char text[256];
    size_t got = 0;
    double began = now();
    errno = 0;
    if (write(engine->to, line, length) != (ssize_t)length)
        die(engine->name);
    do {
        ssize_t bytes = read(engine->from, text + got, sizeof text - got);
        if (bytes <= 0)
            die(engine->name);
        got += (size_t)bytes;
    } while (text[got - 1] != '\n' && got < sizeof text);
    double took = now() - began;
    if (text[got - 1] != '\n' || (text[0] != 'U' && (text[0] < '0' || text[0] > '9'))) {
        fprintf(stderr, "game: %s: no answer of the protocol: %.*s\n", engine->name, (int)got, text);
        exit(2);
    }
    *count = strtoull(text, NULL, 10);
    return text[0] == 'U' ? -1 : took;
}

/* ---- Passes ---- */

struct lines {
    char **text;
    size_t *length;
};

static struct lines lines_of(const char *command)
{
    struct lines lines = {zeroed(query_count, sizeof *lines.text), zeroed(query_count, sizeof *lines.length)};
    for (size_t i = 0; i < query_count; i++) {
        lines.length[i] = strlen(command) + strlen(queries[i].text) + 2;
        lines.text[i] = zeroed(lines.length[i], 1);
        sprintf(lines.text[i], "%s\t%s\n", command, queries[i].text);
    }
    return lines;
}

static void free_lines(struct lines lines)
{
    for (size_t i = 0; i < query_count; i++)
        free(lines.text[i]);
    free(lines.text);
    free(lines.length);
}

static void warm(struct engine *engine, const struct lines *lines, double seconds)
{
    uint64_t count;
    for (double end = now() + seconds; now() < end;)
        for (size_t i = 0; i < query_count && now() < end; i++)
            ask(engine, lines->text[i], lines->length[i], &count);
}

static void pass(struct engine *engine, const struct lines *lines, bool counts)
{
    double began = now();
    for (size_t i = 0; i < query_count; i++) {
        struct answer *answer = &engine->answers[i];
        double took = ask(engine, lines->text[i], lines->length[i], &answer->count);
        if (counts && took >= 0 && (answer->best < 0 || took < answer->best))
            answer->best = took;
    }
    engine->spent += now() - began;
}

static void run(const char *command, unsigned passes, double seconds)
{
    struct lines lines = lines_of(command);
    for (size_t e = 0; e < engine_count; e++) {
        engines[e].spent = 0;
        for (size_t i = 0; i < query_count; i++)
            engines[e].answers[i] = (struct answer){-1, 0};
        warm(&engines[e], &lines, seconds);
    }
    for (unsigned p = 0; p <= passes; p++)
        for (size_t e = 0; e < engine_count; e++)
            if (p <= 1 || engines[e].spent < SLOW)
                pass(&engines[e], &lines, p > 0);
    free_lines(lines);
}

/* ---- What came of it ---- */

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

struct times {
    double mean, most; /* the 99th of 100 is `most` */
    size_t count;
};

static bool in_column(size_t query, int column)
{
    return column == ALL || (column == SLOW_PHRASES ? slow[query] : (int)queries[query].class_ == column);
}

/* Times of `engine` for the queries of a column that `other` answered, too. */
static struct times times_of(const struct engine *engine, const struct engine *other, int column, double *room)
{
    struct times times = {0};
    for (size_t i = 0; i < query_count; i++)
        if (in_column(i, column) && engine->answers[i].best >= 0 && other->answers[i].best >= 0) {
            times.mean += engine->answers[i].best * 1e6;
            room[times.count++] = engine->answers[i].best * 1e6;
        }
    if (times.count > 0) {
        qsort(room, times.count, sizeof *room, ascending);
        times.mean /= (double)times.count;
        times.most = room[(times.count * 99 + 99) / 100 - 1];
    }
    return times;
}

/* How long an engine takes for what holds a phrase. */
static double phrase_mean(const struct engine *engine)
{
    double sum = 0;
    size_t count = 0;
    for (size_t i = 0; i < query_count; i++)
        if (queries[i].holds_phrase && engine->answers[i].best >= 0)
            sum += engine->answers[i].best, count++;
    return count > 0 && sum > 0 ? sum / (double)count : 1;
}

static void find_slow(double *room)
{
    double *times = zeroed(query_count, sizeof *times);
    size_t phrases = 0;
    for (size_t e = 0; e + 1 < engine_count; e++) { /* the last is the pipe */
        double mean = phrase_mean(&engines[e]);
        for (size_t i = 0; i < query_count; i++)
            if (queries[i].holds_phrase && engines[e].answers[i].best >= 0)
                times[i] += engines[e].answers[i].best / mean;
    }
    for (size_t i = 0; i < query_count; i++)
        if (queries[i].holds_phrase)
            room[phrases++] = times[i];
    qsort(room, phrases, sizeof *room, ascending);
    double least = phrases > SLOWEST ? room[phrases - SLOWEST] : 0;
    for (size_t i = 0; i < query_count; i++)
        slow[i] = queries[i].holds_phrase && times[i] >= least;
    free(times);
}

static void print_differences(const char *command)
{
    for (size_t e = 1; e + 1 < engine_count; e++) {
        size_t differ = 0, both = 0, example = 0;
        for (size_t i = 0; i < query_count; i++) {
            const struct answer *first = &engines[0].answers[i], *answer = &engines[e].answers[i];
            if (first->best < 0 || answer->best < 0)
                continue;
            both++;
            if (first->count != answer->count && differ++ == 0)
                example = i;
        }
        printf("differs\t%s\t%s\t%zu\t%zu\t%s\n", command, engines[e].name, differ, both, differ > 0 ? queries[example].text : "");
    }
}

static void print(const char *command)
{
    double *room = zeroed(query_count, sizeof *room);
    find_slow(room);
    for (size_t e = 0; e < engine_count; e++)
        for (int column = 0; column < COLUMNS; column++) {
            struct times times = times_of(&engines[e], &engines[e], column, room);
            struct times first = times_of(&engines[0], &engines[e], column, room);
            if (times.count > 0)
                printf("%s\t%s\t%s\t%zu\t%.2f\t%.2f\t%.2f\t%.2f\n", command,
                       column == ALL            ? "all"
                       : column == SLOW_PHRASES ? "slow phrases"
                                                : query_class_names[column],
                       engines[e].name, times.count, times.mean, times.most, first.mean, first.most);
        }
    if (strstr(command, "COUNT") != NULL)
        print_differences(command);
    fflush(stdout);
    free(room);
}

static void print_queries(FILE *file, const char *command)
{
    for (size_t e = 0; e < engine_count; e++)
        for (size_t i = 0; i < query_count; i++)
            if (engines[e].answers[i].best >= 0)
                fprintf(file, "%s\t%s\t%s\t%.2f\t%llu\t%s\n", command, engines[e].name, query_class_names[queries[i].class_],
                        engines[e].answers[i].best * 1e6, (unsigned long long)engines[e].answers[i].count, queries[i].text);
}

/* ---- Beginning ---- */

static void stay_on(int cpu)
{
    cpu_set_t allowed, one;
    if (sched_getaffinity(0, sizeof allowed, &allowed) != 0)
        die("sched_getaffinity");
    for (int i = 0; cpu < 0 && i < CPU_SETSIZE; i++)
        if (CPU_ISSET(CPU_SETSIZE - 1 - i, &allowed))
            cpu = CPU_SETSIZE - 1 - i;
    CPU_ZERO(&one);
    CPU_SET(cpu, &one);
    if (sched_setaffinity(0, sizeof one, &one) != 0)
        die("no such processor");
}

static void add_engine(const char *name, const char *command)
{
    struct engine *engine = &engines[engine_count++];
    engine->name = name;
    engine->answers = zeroed(query_count, sizeof *engine->answers);
    start(engine, command);
}

int main(int argc, char **argv)
{
    unsigned passes = 5;
    double seconds = 2;
    int cpu = -1, option;
    char *commands = strdup("TOP_10,TOP_100,TOP_1000,TOP_100_COUNT,COUNT");
    FILE *every = NULL;
    while ((option = getopt(argc, argv, "+n:w:c:p:q:")) != -1) {
        if (option == 'n')
            passes = (unsigned)strtoul(optarg, NULL, 10);
        else if (option == 'w')
            seconds = strtod(optarg, NULL);
        else if (option == 'c')
            commands = optarg;
        else if (option == 'p')
            cpu = (int)strtol(optarg, NULL, 10);
        else if (option != 'q' || (every = fopen(optarg, "w")) == NULL)
            return 2;
    }
    if (argc - optind < 2 || passes == 0) {
        fputs("usage: game [-n PASSES] [-w SECONDS] [-c COMMAND,...] [-p CPU] [-q FILE] QUERIES NAME=COMMAND...\n", stderr);
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    stay_on(cpu);
    queries = queries_read(argv[optind++], &query_count);
    slow = zeroed(query_count, sizeof *slow);
    engines = zeroed((size_t)argc, sizeof *engines);
    for (char *command; optind < argc; add_engine(argv[optind++], command)) {
        command = strchr(argv[optind], '=');
        if (command == NULL)
            die("an engine is NAME=COMMAND");
        *command++ = 0;
    }
    add_engine("pipe", NULL);
    for (char *save, *command = strtok_r(commands, ",", &save); command != NULL; command = strtok_r(NULL, ",", &save)) {
        run(command, passes, seconds);
        print(command);
        if (every != NULL)
            print_queries(every, command);
    }
    for (size_t e = 0; e < engine_count; e++)
        close(engines[e].to);
    while (wait(NULL) > 0)
        continue;
    return every != NULL && fclose(every) != 0 ? 2 : 0;
}
