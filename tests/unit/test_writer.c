/* SPDX-License-Identifier: BSD-3-Clause */
/* What the public writer does before an engine does the work: which engine, settings, ids, replacing, deleting, poison. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "engine/engine.h"
#include "tests/support/folders.h"
#include "tests/support/sample.h"
#include "tests/support/scratch.h"

static char scratch[SCRATCH_PATH];

static const char *in_scratch(const char *name) { return folder_path(scratch, name); }

/* ---- An engine that keeps ids, and answers as it is told ---- */

static struct {
    bool there; /* an index, whose settings are: */
    struct rf_settings settings;
    uint64_t memory;
    bool rebuild;
    char ids[8][40];
    size_t count;
    char log[200]; /* a letter for each call: open start has add remove commit close */
    riffle_status open, has, add, remove, commit;
} fake;

static void note(char call)
{
    size_t n = strlen(fake.log);
    assert_true(n + 1 < sizeof fake.log);
    fake.log[n] = call;
    fake.log[n + 1] = '\0';
}

static riffle_status answer(riffle_status status, riffle_error *error)
{
    return status ? rf_fail(error, status, "the fake says no") : RIFFLE_OK;
}

static size_t find(const struct rf_bytes *id)
{
    for (size_t i = 0; i < fake.count; i++)
        if (strlen(fake.ids[i]) == id->length && memcmp(fake.ids[i], id->data, id->length) == 0)
            return i;
    return SIZE_MAX;
}

static riffle_status fake_open(void **writer, const char *path, bool rebuild, const riffle_allocator *allocator, bool *found,
                               struct rf_settings *settings, riffle_error *error)
{
    (void)path, (void)allocator;
    note('o');
    *writer = &fake;
    *found = fake.there;
    *settings = fake.settings;
    fake.rebuild = rebuild;
    return answer(fake.open, error);
}

static riffle_status fake_start(void *writer, const struct rf_settings *settings, uint64_t memory, riffle_error *error)
{
    (void)writer, (void)error;
    note('s');
    fake.settings = *settings;
    fake.memory = memory;
    return RIFFLE_OK;
}

static riffle_status fake_has(void *writer, const struct rf_bytes *id, bool *found, riffle_error *error)
{
    (void)writer;
    note('h');
    *found = find(id) != SIZE_MAX;
    return answer(fake.has, error);
}

static riffle_status fake_add(void *writer, const struct rf_article *article, riffle_error *error)
{
    (void)writer;
    note('a');
    size_t at = find(&article->id);
    assert_int_equal(at != SIZE_MAX, article->replaces);
    if (!fake.add && article->replaces)
        memmove(fake.ids[at], fake.ids[--fake.count], sizeof *fake.ids);
    if (!fake.add)
        snprintf(fake.ids[fake.count++], sizeof *fake.ids, "%.*s", (int)article->id.length, article->id.data);
    return answer(fake.add, error);
}

static riffle_status fake_remove(void *writer, const struct rf_bytes *id, riffle_error *error)
{
    (void)writer;
    note('r');
    size_t at = find(id);
    assert_true(at != SIZE_MAX);
    if (!fake.remove)
        memmove(fake.ids[at], fake.ids[--fake.count], sizeof *fake.ids);
    return answer(fake.remove, error);
}

static riffle_status fake_commit(void *writer, riffle_error *error)
{
    (void)writer;
    note('c');
    fake.there = true;
    return answer(fake.commit, error);
}

static void fake_close(void *writer)
{
    assert_ptr_equal(writer, &fake);
    note('x');
}

static bool fake_recognises(const char *path) { return fake.there && strcmp(path, "/dev/null/fake") == 0; }

static const struct rf_writing fake_writing = {
    .open = fake_open,
    .start = fake_start,
    .has = fake_has,
    .add = fake_add,
    .remove = fake_remove,
    .commit = fake_commit,
    .close = fake_close,
};
static const riffle_engine fake_engine = {
    .version = RF_ENGINE_VERSION, .name = "fake", .recognises = fake_recognises, .writing = &fake_writing};

static int enter(void **state)
{
    (void)state;
    memset(&fake, 0, sizeof fake);
    scratch_make(scratch);
    return riffle_engine_register(&fake_engine, NULL);
}

static int leave(void **state)
{
    (void)state;
    scratch_remove(scratch);
    return 0;
}

/* ---- Calls ---- */

static riffle_status open_with(const char *path, const riffle_writer_options *options, riffle_writer **writer, riffle_error *error)
{
    riffle_status status = riffle_writer_open(writer, path, options, error);
    assert_int_equal(error->status, status);
    assert_int_equal(status == RIFFLE_OK, *writer != NULL);
    return status;
}

static riffle_writer *open_fake(void)
{
    riffle_writer_options options = RIFFLE_WRITER_OPTIONS_INIT;
    riffle_writer *writer;
    riffle_error error;
    options.engine = "fake";
    OK(open_with("/dev/null/fake", &options, &writer, &error));
    fake.log[0] = '\0';
    return writer;
}

typedef riffle_status put(riffle_writer *writer, const riffle_article *article, riffle_error *error);

static riffle_status put_id(put *call, riffle_writer *writer, const char *id, riffle_error *error)
{
    riffle_article article = {.id = id, .id_length = strlen(id), .text = "text", .text_length = 4};
    riffle_status status = call(writer, &article, error);
    assert_int_equal(error->status, status);
    assert_int_equal(status == RIFFLE_OK, error->message[0] == '\0');
    return status;
}

static riffle_status delete_id(riffle_writer *writer, const char *id, riffle_error *error)
{
    riffle_status status = riffle_writer_delete(writer, id, strlen(id), error);
    assert_int_equal(error->status, status);
    assert_int_equal(status == RIFFLE_OK, error->message[0] == '\0');
    return status;
}

static void expect_message(const riffle_error *error, const char *part)
{
    if (!strstr(error->message, part))
        fail_msg("\"%s\" does not say \"%s\"", error->message, part);
}

/* The writer takes nothing more, and asks its engine nothing more. */
static void expect_poisoned(riffle_writer *writer)
{
    riffle_error error;
    char before[sizeof fake.log];
    strcpy(before, fake.log);
    assert_int_equal(put_id(riffle_writer_add, writer, "later", &error), RIFFLE_POISONED);
    expect_message(&error, "/dev/null/fake");
    assert_int_equal(put_id(riffle_writer_replace, writer, "later", &error), RIFFLE_POISONED);
    assert_int_equal(delete_id(writer, "later", &error), RIFFLE_POISONED);
    assert_int_equal(riffle_writer_commit(writer, &error), RIFFLE_POISONED);
    assert_string_equal(fake.log, before);
}

/* ---- Which engine ---- */

static void an_engine_is_chosen_by_name_or_by_what_is_there(void **state)
{
    (void)state;
    riffle_writer_options options = RIFFLE_WRITER_OPTIONS_INIT;
    riffle_writer *writer;
    riffle_error error;

    options.engine = "nosuch";
    assert_int_equal(open_with(in_scratch("new"), &options, &writer, &error), RIFFLE_INVALID);
    expect_message(&error, "'nosuch'");
    expect_message(&error, "native, fake");
    assert_false(folder_has(in_scratch("new")));

    options.engine = "fake";
    OK(open_with("/dev/null/fake", &options, &writer, &error));
    OK(riffle_writer_commit(writer, &error));
    riffle_writer_close(writer);
    assert_string_equal(fake.log, "oscx");
    OK(open_with("/dev/null/fake", NULL, &writer, &error));
    riffle_writer_close(writer);
    assert_string_equal(fake.log, "oscxosx");

    /* Nothing there: the native one, by itself or by name. */
    options.engine = NULL;
    OK(open_with(in_scratch("one"), &options, &writer, &error));
    riffle_writer_close(writer);
    options.engine = "native";
    OK(open_with(in_scratch("one"), &options, &writer, &error));
    OK(riffle_writer_commit(writer, &error));
    riffle_writer_close(writer);
    assert_true(folder_has(in_scratch("one/manifest")));
    assert_string_equal(fake.log, "oscxosx");
}

static void an_index_keeps_its_engine(void **state)
{
    (void)state;
    riffle_writer_options options = RIFFLE_WRITER_OPTIONS_INIT;
    riffle_writer *writer, *second;
    riffle_error error;
    sample_index(in_scratch("native"), 0, 1);
    fake.there = true;
    for (options.rebuild = 0; options.rebuild < 2; options.rebuild++) {
        options.engine = "native";
        assert_int_equal(open_with("/dev/null/fake", &options, &writer, &error), RIFFLE_INVALID);
        expect_message(&error, "/dev/null/fake is of the engine fake");
        options.engine = "fake";
        assert_int_equal(open_with(in_scratch("native"), &options, &writer, &error), RIFFLE_INVALID);
        expect_message(&error, "native is of the engine native");
    }
    /* One in the making has no manifest yet. */
    options.engine = "native";
    OK(open_with(in_scratch("young"), &options, &writer, &error));
    options.engine = "fake";
    assert_int_equal(open_with(in_scratch("young"), &options, &second, &error), RIFFLE_INVALID);
    riffle_writer_close(writer);
    assert_string_equal(fake.log, "");
}

/* ---- Settings ---- */

static void settings_of_a_new_index_are_chosen_once(void **state)
{
    (void)state;
    riffle_writer_options options = RIFFLE_WRITER_OPTIONS_INIT;
    riffle_writer *writer;
    riffle_error error;
    options.engine = "fake";
    options.language = "de";
    options.title_weight = 5;
    options.passages = RIFFLE_PASSAGES_NONE;
    options.memory = 1;
    OK(open_with("/dev/null/fake", &options, &writer, &error));
    assert_string_equal(fake.settings.language, "german");
    assert_int_equal(fake.settings.title_weight, 5);
    assert_false(fake.settings.split_passages);
    assert_true(fake.settings.store_text);
    assert_int_equal(fake.memory, 16 << 20);
    OK(riffle_writer_commit(writer, &error));
    riffle_writer_close(writer);

    /* The same again, in part or by another name, is fine; others are not. */
    options = (riffle_writer_options)RIFFLE_WRITER_OPTIONS_INIT;
    options.language = "ger";
    OK(open_with("/dev/null/fake", &options, &writer, &error));
    riffle_writer_close(writer);
    assert_int_equal(fake.settings.title_weight, 5);
    options.title_weight = 4;
    assert_int_equal(open_with("/dev/null/fake", &options, &writer, &error), RIFFLE_INVALID);
    expect_message(&error, "title weight");
    options.title_weight = 0;
    options.language = "french";
    assert_int_equal(open_with("/dev/null/fake", &options, &writer, &error), RIFFLE_INVALID);
    expect_message(&error, "language");
    options.language = NULL;
    fake.settings.analysis_version++;
    assert_int_equal(open_with("/dev/null/fake", &options, &writer, &error), RIFFLE_INVALID);
    expect_message(&error, "rebuild");

    options.rebuild = 1;
    OK(open_with("/dev/null/fake", &options, &writer, &error));
    assert_true(fake.rebuild);
    assert_string_equal(fake.settings.language, "english");
    assert_int_equal(fake.settings.title_weight, 3);
    riffle_writer_close(writer);
}

static void options_of_an_older_program(void **state)
{
    (void)state;
    riffle_writer_options options = RIFFLE_WRITER_OPTIONS_INIT;
    riffle_writer *writer;
    riffle_error error;
    options.size = offsetof(riffle_writer_options, engine);
    options.title_weight = 7;
    options.engine = "what lies behind the older struct";
    OK(open_with(in_scratch("older"), &options, &writer, &error));
    OK(sample_add(writer, 1, &error));
    OK(riffle_writer_commit(writer, &error));
    riffle_writer_close(writer);
    riffle_index *index;
    riffle_statistics statistics = {.size = sizeof statistics};
    OK(riffle_index_open(&index, in_scratch("older"), NULL, &error));
    OK(riffle_index_statistics(index, &statistics, &error));
    assert_int_equal(statistics.title_weight, 7);
    riffle_index_close(index);
}

static void an_engine_that_cannot_open_is_closed(void **state)
{
    (void)state;
    riffle_writer_options options = RIFFLE_WRITER_OPTIONS_INIT;
    riffle_writer *writer;
    riffle_error error;
    options.engine = "fake";
    fake.open = RIFFLE_LOCKED;
    assert_int_equal(open_with("/dev/null/fake", &options, &writer, &error), RIFFLE_LOCKED);
    assert_string_equal(fake.log, "ox");
}

/* ---- Adding, replacing, deleting ---- */

static void replace_takes_the_place(void **state)
{
    (void)state;
    riffle_error error;
    riffle_writer *writer = open_fake();
    OK(put_id(riffle_writer_replace, writer, "new", &error));
    assert_string_equal(fake.log, "ha");
    assert_int_equal(put_id(riffle_writer_add, writer, "new", &error), RIFFLE_EXISTS);
    assert_string_equal(fake.log, "hah");
    OK(put_id(riffle_writer_replace, writer, "new", &error));
    assert_string_equal(fake.log, "hahha");
    assert_int_equal(fake.count, 1);
    OK(riffle_writer_commit(writer, &error));
    riffle_writer_close(writer);
}

static void delete_takes_away(void **state)
{
    (void)state;
    riffle_error error;
    riffle_writer *writer = open_fake();
    OK(put_id(riffle_writer_add, writer, "bad \xff", &error));
    assert_string_equal(fake.ids[0], "bad \xef\xbf\xbd");
    assert_int_equal(delete_id(writer, "other", &error), RIFFLE_INVALID);
    assert_string_equal(error.message, "no article has the id 'other'");
    assert_int_equal(delete_id(writer, "", &error), RIFFLE_INVALID);
    assert_int_equal(riffle_writer_delete(NULL, "x", 1, &error), RIFFLE_INVALID);
    OK(delete_id(writer, "bad \xff", &error)); /* repaired as the article's was */
    assert_int_equal(fake.count, 0);
    assert_int_equal(delete_id(writer, "bad \xff", &error), RIFFLE_INVALID);
    OK(riffle_writer_commit(writer, &error));
    riffle_writer_close(writer);
}

/* ---- Poison ---- */

static void some_failures_cost_the_article_alone(void **state)
{
    (void)state;
    static const riffle_status mild[] = {RIFFLE_INVALID, RIFFLE_EXISTS, RIFFLE_TOO_LARGE};
    riffle_error error;
    riffle_writer *writer = open_fake();
    for (size_t i = 0; i < sizeof mild / sizeof *mild; i++) {
        fake.add = mild[i];
        assert_int_equal(put_id(riffle_writer_add, writer, "a", &error), mild[i]);
    }
    assert_int_equal(put_id(riffle_writer_add, writer, "", &error), RIFFLE_INVALID);
    fake.add = RIFFLE_OK;
    OK(put_id(riffle_writer_add, writer, "a", &error));
    OK(riffle_writer_commit(writer, &error));
    riffle_writer_close(writer);
}

static void other_failures_poison(void **state)
{
    (void)state;
    riffle_status *const which[] = {&fake.has, &fake.add, &fake.add, &fake.remove, &fake.commit};
    riffle_error error;
    for (int i = 0; i < 5; i++) {
        memset(&fake, 0, sizeof fake);
        riffle_writer *writer = open_fake();
        OK(put_id(riffle_writer_add, writer, "a", &error));
        *which[i] = RIFFLE_IO;
        riffle_status status = i < 2    ? put_id(riffle_writer_add, writer, "b", &error)
                               : i == 2 ? put_id(riffle_writer_replace, writer, "a", &error)
                               : i == 3 ? delete_id(writer, "a", &error)
                                        : riffle_writer_commit(writer, &error);
        assert_int_equal(status, RIFFLE_IO);
        assert_string_equal(error.message, "the fake says no");
        expect_poisoned(writer);
        riffle_writer_close(writer);
    }
}

static void a_refused_replacement_leaves_the_old(void **state)
{
    (void)state;
    riffle_error error;
    riffle_writer *writer = open_fake();
    OK(put_id(riffle_writer_add, writer, "a", &error));
    fake.add = RIFFLE_TOO_LARGE;
    assert_int_equal(put_id(riffle_writer_replace, writer, "a", &error), RIFFLE_TOO_LARGE);
    fake.add = RIFFLE_OK;
    assert_int_equal(put_id(riffle_writer_add, writer, "a", &error), RIFFLE_EXISTS);
    OK(put_id(riffle_writer_add, writer, "b", &error));
    riffle_writer_close(writer);
}

/* ---- The native engine, which cannot remove yet ---- */

static void native_replaces_and_deletes_nothing_yet(void **state)
{
    (void)state;
    riffle_writer *writer;
    riffle_error error;
    struct sample sample;
    sample_index(in_scratch("index"), 0, 3);
    OK(open_with(in_scratch("index"), NULL, &writer, &error));
    sample_make(&sample, 1);
    assert_int_equal(riffle_writer_replace(writer, &sample.article, &error), RIFFLE_UNSUPPORTED);
    expect_message(&error, "article-1");
    expect_message(&error, "native");
    assert_int_equal(riffle_writer_delete(writer, "article-1", 9, &error), RIFFLE_UNSUPPORTED);
    assert_int_equal(riffle_writer_delete(writer, "nowhere", 7, &error), RIFFLE_UNSUPPORTED);
    sample_make(&sample, 3);
    OK(riffle_writer_replace(writer, &sample.article, &error)); /* as it is new, this adds */
    assert_int_equal(riffle_writer_replace(writer, &sample.article, &error), RIFFLE_UNSUPPORTED);
    OK(riffle_writer_commit(writer, &error));
    riffle_writer_close(writer);
    sample_check(in_scratch("index"), 0, 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, enter, leave)
        TEST(an_engine_is_chosen_by_name_or_by_what_is_there),
        TEST(an_index_keeps_its_engine),
        TEST(settings_of_a_new_index_are_chosen_once),
        TEST(options_of_an_older_program),
        TEST(an_engine_that_cannot_open_is_closed),
        TEST(replace_takes_the_place),
        TEST(delete_takes_away),
        TEST(some_failures_cost_the_article_alone),
        TEST(other_failures_poison),
        TEST(a_refused_replacement_leaves_the_old),
        TEST(native_replaces_and_deletes_nothing_yet),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
