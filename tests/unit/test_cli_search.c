/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the program riffle says and how it ends, above all where shards are missing: on an engine made for this test, which finds what
 * it is told to find and misses what it is told to miss.
 */
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/engine.h"
#include "query/cli_search.h"
#include "tests/support/scratch.h"
#include "text/text.h"

/* ---- The engine ---- */

static struct {
    size_t hits;
    bool stops_early;             /* counts no more than is asked for */
    bool late, count_late;        /* the deadline comes first: of any search, of one that only counts */
    unsigned searches;            /* so far */
    struct rf_request request;    /* the last one */
    const char *missing;          /* NULL: nothing */
    riffle_status opened, search; /* how they end */
    riffle_index_options options; /* as they came */
} fake;

static bool fake_recognises(const char *path) { return strncmp(path, "fake", 4) == 0; }

static riffle_status fake_open(void **store, const char *path, const riffle_index_options *options,
                               const riffle_allocator *allocator, struct rf_settings *settings, riffle_error *error)
{
    (void)allocator;
    fake.options = *options;
    if (fake.opened != RIFFLE_OK)
        return rf_fail(error, fake.opened, "%s: cannot be reached", path);
    *store = &fake;
    *settings = (struct rf_settings){"none", RF_ANALYSIS_VERSION, 3, true, true};
    return rf_ok(error);
}

static void fake_close(void *store) { (void)store; }

static riffle_status fake_begin(void *store, void **view, struct rf_facts *facts, riffle_error *error)
{
    *view = store;
    *facts = (struct rf_facts){.docs = 100, .average_length = 10};
    return rf_ok(error);
}

static void fake_end(void *store, void *view)
{
    (void)store;
    (void)view;
}

static riffle_status fake_find(void *view, struct rf_leaf *leaves, struct rf_arena *arena, riffle_error *error)
{
    (void)view;
    (void)arena;
    for (struct rf_leaf *leaf = leaves; leaf; leaf = leaf->next)
        for (uint32_t i = 0; i < leaf->slot_count; i++)
            leaf->slots[i].df = 1;
    return rf_ok(error);
}

static riffle_status fake_execute(void *view, struct rf_plan *plan, const struct rf_request *request, struct rf_arena *arena,
                                  struct rf_hits *hits, riffle_error *error)
{
    (void)view;
    (void)plan;
    if (fake.search != RIFFLE_OK)
        return rf_fail(error, fake.search, "host:7701: no answer within 10 s");
    hits->count = fake.hits < request->wanted ? fake.hits : (size_t)request->wanted;
    hits->list = rf_arena_array(arena, hits->count + 1, sizeof *hits->list);
    assert_non_null(hits->list);
    for (size_t i = 0; i < hits->count; i++)
        hits->list[i] = (struct rf_hit){.score = 1.0 / 3, .doc = i};
    bool counts = request->count || !fake.stops_early;
    fake.searches++;
    fake.request = *request;
    hits->incomplete = fake.late || (fake.count_late && request->count);
    hits->total = counts && !fake.late ? fake.hits : hits->count;
    hits->total_is_exact = counts && !hits->incomplete;
    hits->missing = fake.missing;
    return rf_ok(error);
}

static riffle_status fake_describe(void *store, const struct rf_hit *hit, struct rf_passage_facts *facts, riffle_error *error)
{
    (void)store;
    *facts = (struct rf_passage_facts){
        .article = hit->doc, .passages = 1, .length = 1, .id = {"x1", 2}, .title = {"Ferry timetable", strlen("Ferry timetable")}};
    return rf_ok(error);
}

static riffle_status fake_passage_text(void *store, const struct rf_hit *hit, struct rf_buffer *text, riffle_error *error)
{
    (void)store;
    (void)hit;
    rf_buffer_append(text, "No ferry today.", strlen("No ferry today."));
    return rf_ok(error);
}

static riffle_status fake_hit_field(void *store, const struct rf_hit *hit, const char *name, struct rf_bytes *value,
                                    riffle_error *error)
{
    (void)store;
    (void)hit;
    (void)name;
    *value = (struct rf_bytes){"", 0};
    return rf_ok(error);
}

/* What these searches never call is left out. */
static const struct rf_reading fake_reading = {.open = fake_open,
                                               .close = fake_close,
                                               .begin = fake_begin,
                                               .end = fake_end,
                                               .find = fake_find,
                                               .execute = fake_execute,
                                               .describe = fake_describe,
                                               .passage_text = fake_passage_text,
                                               .hit_field = fake_hit_field};
static const riffle_engine fake_engine = {RF_ENGINE_VERSION, "fake", fake_recognises, &fake_reading, NULL};

/* ---- Running ---- */

static struct rf_cli_out out; /* static for its size */
static char said[4000], complained[4000];

static void read_back(FILE *file, char *text, size_t size)
{
    rewind(file);
    text[fread(text, 1, size - 1, file)] = '\0';
    fclose(file);
}

/* A terminal of 40 columns; its other end reads what it shows. */
static FILE *open_terminal(int *fd)
{
    int master = posix_openpt(O_RDWR | O_NOCTTY);
    assert_true(master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0);
    *fd = open(ptsname(master), O_RDWR | O_NOCTTY);
    assert_true(*fd >= 0);
    struct winsize size = {.ws_row = 24, .ws_col = 40};
    struct termios modes;
    assert_true(ioctl(*fd, TIOCSWINSZ, &size) == 0 && tcgetattr(*fd, &modes) == 0);
    cfmakeraw(&modes);
    assert_int_equal(tcsetattr(*fd, TCSANOW, &modes), 0);
    return fdopen(master, "r");
}

/* What was shown: a terminal has no end, so no more than is there is read. */
static void read_screen(FILE *master, char *text, size_t size)
{
    size_t length = 0;
    struct pollfd ready = {.fd = fileno(master), .events = POLLIN};
    while (length + 1 < size && poll(&ready, 1, 0) > 0 && (ready.revents & POLLIN)) {
        ssize_t got = read(ready.fd, text + length, size - 1 - length);
        assert_true(got > 0);
        length += (size_t)got;
    }
    text[length] = '\0';
    fclose(master);
}

/* Runs a command line whose words are parted by blanks; `said` and `complained` are what came out. Returns the exit status. */
static int run_on(const char *line, bool terminal)
{
    int screen = -1;
    char copy[500], *words[40];
    int count = 0;
    struct rf_cli_options options;
    struct rf_cli_outcome outcome = {0};
    snprintf(copy, sizeof copy, "%s", line);
    for (char *word = strtok(copy, " "); word != NULL; word = strtok(NULL, " "))
        words[count++] = word;
    words[count] = NULL;
    optind = 0; /* glibc: begin anew */
    assert_int_equal(rf_cli_options_read(&options, count, words), RF_CLI_SEARCH);

    FILE *output = terminal ? open_terminal(&screen) : tmpfile(), *complaints = tmpfile();
    int kept = dup(STDERR_FILENO);
    assert_true(output != NULL && complaints != NULL && kept >= 0);
    dup2(fileno(complaints), STDERR_FILENO);
    rf_cli_out_init(&out, terminal ? screen : fileno(output));
    rf_cli_search(&options, &out, rf_cli_clock(), &outcome);
    rf_cli_out_flush(&out);
    dup2(kept, STDERR_FILENO);
    close(kept);
    if (terminal)
        read_screen(output, said, sizeof said);
    else
        read_back(output, said, sizeof said);
    if (screen >= 0)
        close(screen);
    read_back(complaints, complained, sizeof complained);
    free(options.query);
    return rf_cli_exit_status(&outcome);
}

static int run(const char *line) { return run_on(line, false); }

static int reset(void **state)
{
    (void)state;
    unsetenv("COLUMNS");
    setenv("NO_COLOR", "1", 1);
    memset(&fake, 0, sizeof fake);
    fake.hits = 1;
    return riffle_engine_register(&fake_engine, NULL) == RIFFLE_OK ? 0 : -1;
}

static void test_whole_answer(void **state)
{
    (void)state;
    assert_int_equal(run("riffle -d fake ferry"), RF_CLI_FOUND);
    assert_string_equal(said, "1. Ferry timetable\n   score 0.333, x1\n   No ferry today.\n");
    assert_string_equal(complained, "");
    fake.hits = 0;
    assert_int_equal(run("riffle -d fake ferry"), RF_CLI_NOTHING);
    assert_string_equal(said, "");
    assert_string_equal(complained, "riffle: nothing found for: ferry\n");
}

/* A partial answer was asked for, so what is found is found. That nothing is there cannot be told from a part. */
static void test_missing_shards(void **state)
{
    (void)state;
    fake.missing = "host:7701,host:7703";
    assert_int_equal(run("riffle -d fake --partial ferry"), RF_CLI_FOUND);
    assert_string_equal(said, "1. Ferry timetable\n   score 0.333, x1\n   No ferry today.\n");
    assert_string_equal(complained, "riffle: answer without host:7701,host:7703\n");
    assert_int_equal(run("riffle -d fake --partial --count ferry"), RF_CLI_FOUND);
    assert_string_equal(said, "1\n");
    assert_string_equal(complained, "riffle: answer without host:7701,host:7703\n");

    fake.hits = 0;
    assert_int_equal(run("riffle -d fake --partial ferry"), RF_CLI_TROUBLE);
    assert_string_equal(complained, "riffle: nothing found for: ferry\nriffle: answer without host:7701,host:7703\n");
    assert_int_equal(run("riffle -d fake --partial --json ferry"), RF_CLI_TROUBLE);
    assert_string_equal(said, "");
    assert_string_equal(complained, "riffle: answer without host:7701,host:7703\n");
}

/* Each query says so for itself, under its id. */
static void test_missing_among_many(void **state)
{
    (void)state;
    char folder[SCRATCH_PATH], line[SCRATCH_PATH + 100];
    scratch_make(folder);
    scratch_write(folder, "queries", "q1\tferry\nq2\tcable car\n", 22);
    fake.missing = "host:7701";
    snprintf(line, sizeof line, "riffle -d fake --partial --count --queries %s/queries", folder);
    assert_int_equal(run(line), RF_CLI_FOUND);
    assert_string_equal(said, "q1\t1\nq2\t1\n");
    assert_string_equal(complained, "riffle: q1: answer without host:7701\nriffle: q2: answer without host:7701\n");
    scratch_remove(folder);
}

static void test_failures(void **state)
{
    (void)state;
    fake.search = RIFFLE_SHARD;
    assert_int_equal(run("riffle -d fake ferry"), RF_CLI_TROUBLE);
    assert_string_equal(complained, "riffle: host:7701: no answer within 10 s\n");
    fake.opened = RIFFLE_SHARD;
    assert_int_equal(run("riffle -d fake:7701 ferry"), RF_CLI_TROUBLE);
    assert_string_equal(complained, "riffle: fake:7701: cannot be reached\n");
    assert_int_equal(run("riffle -d fake:7701,other ferry"), RF_CLI_TROUBLE);
    assert_string_equal(complained, "riffle: fake:7701,other: cannot be reached\n"
                                    "riffle: --partial answers without the shards that cannot be reached\n");
    assert_int_equal(run("riffle -d fake:7701 --partial ferry"), RF_CLI_TROUBLE);
    assert_string_equal(complained, "riffle: fake:7701: cannot be reached\n");
}

static void test_what_the_engine_gets(void **state)
{
    (void)state;
    assert_int_equal(run("riffle -d fake --json ferry"), RF_CLI_FOUND);
    assert_int_equal(fake.options.timeout, 0);
    assert_int_equal(fake.options.partial, 0);
    assert_int_equal(run("riffle -d fake --timeout 2.5 --partial --count ferry"), RF_CLI_FOUND);
    assert_int_equal(fake.options.timeout, 2500);
    assert_int_equal(fake.options.partial, 1);
}

/* Engines may score in doubles: whoever reads JSON gets the very same ones. */
static void test_scores_in_json(void **state)
{
    (void)state;
    assert_int_equal(run("riffle -d fake --json ferry"), RF_CLI_FOUND);
    const char *score = strstr(said, "\"score\":");
    assert_non_null(score);
    assert_true(strtod(score + strlen("\"score\":"), NULL) == 1.0 / 3);
    assert_null(strstr(said, "missing"));
}

/* ---- Deadlines and totals ---- */

static void test_deadline(void **state)
{
    (void)state;
    assert_int_equal(run("riffle -d fake ferry"), RF_CLI_FOUND);
    assert_int_equal(fake.request.deadline, 0);
    assert_int_equal(run("riffle -d fake --deadline 60000 ferry"), RF_CLI_FOUND);
    assert_true(fake.request.deadline > 0);
    assert_string_equal(complained, "");
    fake.late = true;
    assert_int_equal(run("riffle -d fake --deadline=7 ferry"), RF_CLI_FOUND);
    assert_string_equal(said, "1. Ferry timetable\n   score 0.333, x1\n   No ferry today.\n");
    assert_string_equal(complained, "riffle: stopped after 7 ms: there may be better hits\n");
    assert_int_equal(run("riffle -d fake --deadline=7 --json ferry"), RF_CLI_FOUND);
    assert_non_null(strstr(said, ",\"total\":1,\"total_is_exact\":false,\"incomplete\":true}\n"));
    assert_int_equal(run("riffle -d fake --deadline=7 --count ferry"), RF_CLI_NOTHING);
    assert_string_equal(said, "0\n");
    assert_string_equal(complained, "riffle: stopped after 7 ms: there may be more\n");
    fake.hits = 0;
    assert_int_equal(run("riffle -d fake --deadline=7 ferry"), RF_CLI_NOTHING);
    assert_string_equal(complained, "riffle: nothing found for: ferry\nriffle: stopped after 7 ms: there may be better hits\n");
}

static void test_totals_in_json(void **state)
{
    (void)state;
    fake.hits = 5;
    assert_int_equal(run("riffle -d fake --json -n 2 ferry"), RF_CLI_FOUND);
    assert_non_null(strstr(said, ",\"total\":5,\"total_is_exact\":true}\n"));
    fake.stops_early = true;
    assert_int_equal(run("riffle -d fake --json -n 2 ferry"), RF_CLI_FOUND);
    assert_non_null(strstr(said, ",\"total\":2,\"total_is_exact\":false}\n"));
    assert_int_equal(run("riffle -d fake --count ferry"), RF_CLI_FOUND);
    assert_string_equal(said, "5\n");
}

/* Shows the last line, without the time that is its end. */
static const char *footer(unsigned searches)
{
    static char line[100];
    char *start = strstr(said, "\n\n"), *end = start != NULL ? strrchr(start, ',') : NULL;
    assert_true(end != NULL && strchr(end, '\n') - (start + 2) <= 40 && strstr(end, " ms\n") != NULL);
    snprintf(line, sizeof line, "%.*s", (int)(end - (start + 2)), start + 2);
    assert_int_equal(fake.searches, searches);
    fake.searches = 0;
    return line;
}

/* On a terminal matches are counted after the best were shown, and for a moment only. */
static void test_totals_for_people(void **state)
{
    (void)state;
    fake.hits = 12345678;
    assert_int_equal(run_on("riffle -d fake -n 1 ferry", true), RF_CLI_FOUND);
    assert_string_equal(footer(1), "1 of 12,345,678 passages");
    fake.stops_early = true;
    assert_int_equal(run_on("riffle -d fake -n 1 ferry", true), RF_CLI_FOUND);
    assert_string_equal(footer(2), "1 of 12,345,678 passages");
    assert_true(fake.request.count && fake.request.wanted == 0 && fake.request.deadline > 0);
    fake.count_late = true;
    assert_int_equal(run_on("riffle -d fake -n 1 --article ferry", true), RF_CLI_FOUND);
    assert_string_equal(footer(2), "1 of 12,345,678+ articles");
    assert_string_equal(complained, "");
    fake.late = true;
    assert_int_equal(run_on("riffle -d fake -n 1 --deadline=7 ferry", true), RF_CLI_FOUND);
    assert_string_equal(footer(1), "1 of 1+ passages");
    assert_string_equal(complained, "riffle: stopped after 7 ms: there may be better hits\n");
    fake.late = fake.count_late = false;
    fake.hits = 1;
    assert_int_equal(run_on("riffle -d fake ferry", true), RF_CLI_FOUND);
    assert_string_equal(footer(2), "1 of 1 passage");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_whole_answer, reset),
        cmocka_unit_test_setup(test_missing_shards, reset),
        cmocka_unit_test_setup(test_missing_among_many, reset),
        cmocka_unit_test_setup(test_failures, reset),
        cmocka_unit_test_setup(test_what_the_engine_gets, reset),
        cmocka_unit_test_setup(test_scores_in_json, reset),
        cmocka_unit_test_setup(test_deadline, reset),
        cmocka_unit_test_setup(test_totals_in_json, reset),
        cmocka_unit_test_setup(test_totals_for_people, reset),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
