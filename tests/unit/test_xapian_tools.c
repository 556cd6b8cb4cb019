/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A database that the engine "xapian" made, in the hands of Xapian's own tools: quest searches it, xapian-delve looks into it, and
 * xapian-check looks it over. What they say is what riffle says. Tests are skipped where the tools are not installed.
 */
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "riffle-xapian.h"
#include "tests/support/folders.h"

enum { TITLE_WEIGHT = 3, LENGTH_UNIT = 8, MOST_HITS = 1000 };

static char folder[FOLDER_PATH], path[FOLDER_PATH];
static riffle_index *opened;

/* ---- The database: the articles of our corpus, and one whose every position is known ---- */

static const char known_id[] = "known", known_title[] = "Quagga talks", known_text[] = "A quagga is no zebra. Quagga quagga!";
/* Title, three times with gaps: 1 2, 4 5, 7 8; text: a 10, quagga 11, is, no, zebra, quagga 15, quagga 16. */
static const char known_positions[] = "1 4 7 11 15 16", known_title_positions[] = "1";

static void add_articles(riffle_writer *writer)
{
    riffle_error error;
    riffle_import_counts counts = {0};
    glob_t found;
    assert_int_equal(glob("corpus/*", 0, NULL, &found), 0);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        const char *point = strrchr(found.gl_pathv[i], '.');
        if (point && strcmp(point, ".jsonl") != 0) /* folders have no point in their names */
            continue;
        if (riffle_writer_import(writer, found.gl_pathv[i], NULL, &counts, &error))
            fail_msg("%s", error.message);
    }
    globfree(&found);
    assert_true(counts.articles > 30);
    const riffle_article known = {.id = known_id,
                                  .id_length = sizeof known_id - 1,
                                  .title = known_title,
                                  .title_length = sizeof known_title - 1,
                                  .text = known_text,
                                  .text_length = sizeof known_text - 1};
    if (riffle_writer_add(writer, &known, &error))
        fail_msg("%s", error.message);
}

static int set_up(void **state)
{
    (void)state;
    riffle_writer *writer = NULL;
    riffle_error error;
    riffle_writer_options options = RIFFLE_WRITER_OPTIONS_INIT;
    options.engine = "xapian";
    options.title_weight = TITLE_WEIGHT;
    folder_make(folder, false);
    folder_join(path, folder, "index");
    if (riffle_xapian_register(&error) || riffle_writer_open(&writer, path, &options, &error))
        fail_msg("%s", error.message);
    add_articles(writer);
    if (riffle_writer_commit(writer, &error) || riffle_index_open(&opened, path, NULL, &error))
        fail_msg("%s", error.message);
    riffle_writer_close(writer);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    riffle_index_close(opened);
    folder_remove(folder);
    return 0;
}

/* ---- Tools ---- */

/* What the command prints, to be freed; its status where `status` is not NULL, else it has to succeed. */
__attribute__((format(printf, 2, 3))) static char *output_of(int *status, const char *format, ...)
{
    char command[2 * FOLDER_PATH];
    va_list arguments;
    va_start(arguments, format);
    assert_in_range(vsnprintf(command, sizeof command, format, arguments), 1, sizeof command - 1);
    va_end(arguments);
    FILE *pipe = popen(command, "r");
    assert_non_null(pipe);
    size_t size = 0, capacity = 1 << 22;
    char *text = malloc(capacity);
    assert_non_null(text);
    for (size_t n; (n = fread(text + size, 1, capacity - 1 - size, pipe)) > 0;)
        size += n;
    assert_true(size < capacity - 1);
    text[size] = 0;
    int ended = pclose(pipe);
    if (status)
        *status = ended;
    else if (ended)
        fail_msg("%s: status %d", command, ended);
    return text;
}

static void need(const char *tool)
{
    int status;
    free(output_of(&status, "command -v %s", tool));
    if (status)
        skip();
}

/* ---- quest ---- */

/* A hit, as both sides can tell it. */
struct place {
    char id[100];
    unsigned passage;
};

static int compare_places(const void *a, const void *b)
{
    const struct place *x = a, *y = b;
    int order = strcmp(x->id, y->id);
    return order ? order : (x->passage > y->passage) - (x->passage < y->passage);
}

static size_t ask_riffle(const char *query, struct place *places)
{
    riffle_results *results;
    riffle_error error;
    riffle_search_options options = RIFFLE_SEARCH_OPTIONS_INIT;
    options.limit = MOST_HITS;
    options.count_all = 1;
    if (riffle_search(opened, query, strlen(query), &options, &results, &error))
        fail_msg("%s: %s", query, error.message);
    size_t count = riffle_results_count(results);
    assert_int_equal(riffle_results_total(results), count);
    for (size_t i = 0; i < count; i++) {
        riffle_hit hit = {.size = sizeof hit};
        assert_int_equal(riffle_results_hit(results, i, &hit, NULL), RIFFLE_OK);
        assert_true(hit.id_length < sizeof places->id);
        snprintf(places[i].id, sizeof places[i].id, "%.*s", (int)hit.id_length, hit.id);
        places[i].passage = hit.passage;
    }
    riffle_results_free(results);
    qsort(places, count, sizeof *places, compare_places);
    return count;
}

/* quest prints the document data of each hit, which begins with the id. */
static size_t ask_quest(const char *query, struct place *places)
{
    char *text = output_of(NULL, "quest -d '%s' -s english -m %d -c 100000 '%s'", path, MOST_HITS, query);
    size_t count = 0;
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
        if (strncmp(line, "id=", 3) == 0) {
            assert_true(count < MOST_HITS && strlen(line) < sizeof places->id);
            strcpy(places[count++].id, line + 3);
        } else if (strncmp(line, "passage=", 8) == 0) {
            assert_true(count > 0);
            places[count - 1].passage = (unsigned)strtoul(line + 8, NULL, 10);
        }
    }
    free(text);
    qsort(places, count, sizeof *places, compare_places);
    return count;
}

static void quest_finds_what_riffle_finds(void **state)
{
    (void)state;
    /* The same in both languages, but for the order of words and signs that each has of its own. */
    static const struct {
        const char *riffle, *quest;
        size_t least; /* hits */
    } queries[] = {
        {"delegation", "delegation", 3},
        {"delegations", "delegation", 3}, /* by their stem */
        {"harbour ships", "harbour ships", 10},
        {"\"liaison bureau\"", "\"liaison bureau\"", 2},
        {"\"officials\"", "\"officials\"", 1},
        {"harbour AND council", "harbour AND council", 2},
        {"harbour NOT council", "harbour NOT council", 5},
        {"(bell OR museum) AND council", "(bell OR museum) AND council", 1},
        {"\"quagga quagga\"", "\"quagga quagga\"", 1},
        {"\"talks quagga\"", "\"talks quagga\"", 0}, /* between copies of the title lies a gap */
        {"quagga", "quaggas", 1},
    };
    struct place *ours = calloc(MOST_HITS, sizeof *ours), *theirs = calloc(MOST_HITS, sizeof *theirs);
    need("quest");
    for (size_t q = 0; q < sizeof queries / sizeof *queries; q++) {
        size_t count = ask_riffle(queries[q].riffle, ours), quest_count = ask_quest(queries[q].quest, theirs);
        if (count != quest_count)
            fail_msg("%s: %zu hits, quest has %zu", queries[q].riffle, count, quest_count);
        if (count < queries[q].least)
            fail_msg("%s: %zu hits are too few to show anything", queries[q].riffle, count);
        for (size_t i = 0; i < count; i++)
            if (compare_places(&ours[i], &theirs[i]) != 0)
                fail_msg("%s: %s passage %u, where quest has %s passage %u", queries[q].riffle, ours[i].id, ours[i].passage,
                         theirs[i].id, theirs[i].passage);
    }
    free(ours);
    free(theirs);
}

/* ---- xapian-delve ---- */

/* The number behind `label` in a tool's text. */
static double number_behind(const char *text, const char *label)
{
    const char *found = strstr(text, label);
    if (!found)
        fail_msg("no \"%s\" in: %s", label, text);
    return strtod(found + strlen(label), NULL);
}

static void delve_tells_the_statistics(void **state)
{
    (void)state;
    need("xapian-delve");
    riffle_statistics statistics = {.size = sizeof statistics};
    assert_int_equal(riffle_index_statistics(opened, &statistics, NULL), RIFFLE_OK);
    char *text = output_of(NULL, "xapian-delve '%s'", path);
    assert_int_equal((uint64_t)number_behind(text, "number of documents = "), statistics.passages);
    double average = (double)statistics.tokens / (double)statistics.passages * LENGTH_UNIT;
    assert_float_equal(number_behind(text, "average document length = "), average, 1e-5 * average);
    free(text);
    text = output_of(NULL, "xapian-delve -t XFIRST '%s'", path);
    assert_int_equal((uint64_t)number_behind(text, "termfreq "), statistics.articles);
    free(text);
}

static void delve_counts_terms(void **state)
{
    (void)state;
    static const struct {
        const char *query, *term;
    } terms[] = {
        {"\"harbour\"", "harbour"},      {"\"officials\"", "officials"}, {"delegation", "Zdeleg"},
        {"title:\"museum\"", "Smuseum"}, {"title:returns", "ZSreturn"},  {"id:known", "Qknown"},
    };
    struct place *places = calloc(MOST_HITS, sizeof *places);
    need("xapian-delve");
    for (size_t i = 0; i < sizeof terms / sizeof *terms; i++) {
        char *text = output_of(NULL, "xapian-delve -t '%s' '%s'", terms[i].term, path);
        size_t count = ask_riffle(terms[i].query, places);
        assert_true(count > 0);
        if ((size_t)number_behind(text, "termfreq ") != count)
            fail_msg("%s: %zu hits, and xapian-delve says: %s", terms[i].query, count, text);
        free(text);
    }
    free(places);
}

/* The list behind the last colon, without the blanks around it. */
static const char *list_in(char *text)
{
    char *list = strrchr(text, ':');
    assert_non_null(list);
    list += 1 + strspn(list + 1, " \n");
    list[strcspn(list, "\n")] = 0;
    for (char *end = list + strlen(list); end > list && end[-1] == ' ';)
        *--end = 0;
    return list;
}

static void delve_shows_positions(void **state)
{
    (void)state;
    need("xapian-delve");
    char *text = output_of(NULL, "xapian-delve -t Qknown '%s'", path);
    unsigned long document = strtoul(list_in(text), NULL, 10);
    assert_true(document > 0);
    free(text);
    text = output_of(NULL, "xapian-delve -t quagga -r %lu '%s'", document, path);
    assert_string_equal(list_in(text), known_positions);
    free(text);
    text = output_of(NULL, "xapian-delve -t Squagga -r %lu '%s'", document, path);
    assert_string_equal(list_in(text), known_title_positions);
    free(text);
    /* Words of title and text: 3 * 2 + 7. */
    text = output_of(NULL, "xapian-delve -v -t Zquagga '%s'", path);
    if (!strstr(text, "wdf=6 doclen=104") && !strstr(text, " 6 104"))
        fail_msg("stems and lengths: %s", text);
    free(text);
}

/* ---- xapian-check ---- */

static void check_finds_no_fault(void **state)
{
    (void)state;
    need("xapian-check");
    char *text = output_of(NULL, "xapian-check '%s'/db-*", path);
    if (!strstr(text, "No errors found"))
        fail_msg("%s", text);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quest_finds_what_riffle_finds),
        cmocka_unit_test(delve_tells_the_statistics),
        cmocka_unit_test(delve_counts_terms),
        cmocka_unit_test(delve_shows_positions),
        cmocka_unit_test(check_finds_no_fault),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
