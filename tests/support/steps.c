/* SPDX-License-Identifier: BSD-3-Clause */
/* A writer's work for tests that let it fail; steps.h. */
#include "tests/support/steps.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "indexer/session.h"
#include "tests/support/sample.h"
#include "tests/support/scratch.h"

const char *const steps_name[STEPS_KINDS] = {"new index", "added and merged", "rebuild", "two commits", "runs"};

/* What is there before, and what the work adds: segments of 8, 1 and 4 articles are merged into one, see first_to_merge. */
enum { FIRST_SEGMENT = 8, BEFORE = 9, AFTER = 13, REBUILT = 20, REBUILT_END = 24 };

void steps_prepare(enum steps_kind kind, const char *path)
{
    if (kind == STEPS_RUNS) {
        assert_int_equal(mkdir(path, 0777), 0);
        scratch_write(path, "lock", "", 0); /* a folder of segments without a writer's marks is somebody else's */
    }
    if (kind == STEPS_NEW || kind == STEPS_RUNS)
        return;
    sample_index(path, 0, FIRST_SEGMENT);
    sample_index(path, FIRST_SEGMENT, BEFORE);
}

/* ---- By the public functions ---- */

static riffle_status add_range(riffle_writer *writer, unsigned first, unsigned end, riffle_error *error)
{
    riffle_status status = RIFFLE_OK;
    for (unsigned number = first; !status && number < end; number++)
        status = sample_add(writer, number, error);
    return status;
}

static riffle_status commit(riffle_writer *writer, struct steps *steps, riffle_error *error)
{
    riffle_status status = riffle_writer_commit(writer, error);
    if (!status) {
        steps->first = steps->next_first;
        steps->end = steps->next_end;
    }
    return status;
}

static riffle_status work(enum steps_kind kind, riffle_writer *writer, struct steps *steps, riffle_error *error)
{
    unsigned first = kind == STEPS_REBUILD ? REBUILT : steps->end, end = kind == STEPS_REBUILD ? REBUILT_END : AFTER;
    steps->next_first = kind == STEPS_REBUILD ? REBUILT : 0;
    riffle_status status = RIFFLE_OK;
    if (kind == STEPS_TWICE) {
        steps->next_end = first + 1;
        status = add_range(writer, first, first + 1, error);
        if (!status)
            status = commit(writer, steps, error);
        first++;
    }
    if (status)
        return status;
    steps->next_end = end;
    status = add_range(writer, first, end, error);
    return status ? status : commit(writer, steps, error);
}

/* ---- By the inner ones ---- */

static riffle_status add_to_session(struct rf_session *session, unsigned number, riffle_error *error)
{
    static struct sample sample;
    sample_make(&sample, number);
    struct rf_bytes id = {sample.id, strlen(sample.id)}, title = {sample.title, strlen(sample.title)};
    return rf_session_add(session, &id, &title, sample.stored, (uint32_t)strlen(sample.stored), sample.fields, 3, error);
}

static riffle_status make_by_runs(const char *path, const riffle_allocator *allocator, struct steps *steps, riffle_error *error)
{
    uint32_t next_number = 1;
    struct rf_session session;
    struct rf_segment_entry entry;
    struct rf_manifest manifest = {.generation = 1, .segments = &entry, .segment_count = 1};
    manifest.settings = (struct rf_settings){.language = "english",
                                             .analysis_version = RF_ANALYSIS_VERSION,
                                             .title_weight = 3,
                                             .store_text = true,
                                             .split_passages = true};
    struct rf_language *language = NULL;
    rf_session_init(&session, allocator, path, &manifest.settings, 1, &next_number);
    riffle_status status = rf_language_open(&language, "english", allocator, error);
    for (unsigned number = 0; !status && number < FIRST_SEGMENT; number++)
        status = add_to_session(&session, number, error);
    if (!status) {
        assert_true(session.run_count >= FIRST_SEGMENT); /* a long article makes several */
        status = rf_session_finish(&session, language, &entry, error);
    }
    rf_session_release(&session);
    rf_language_close(language);
    steps->next_end = FIRST_SEGMENT;
    manifest.next_segment = next_number;
    if (!status)
        status = rf_manifest_write(&manifest, path, allocator, error);
    if (!status)
        steps->end = FIRST_SEGMENT;
    return status;
}

riffle_status steps_run(enum steps_kind kind, const char *path, const riffle_allocator *allocator, struct steps *steps,
                        riffle_error *error)
{
    *steps = (struct steps){0};
    if (kind == STEPS_RUNS)
        return make_by_runs(path, allocator ? allocator : &rf_malloc_allocator, steps, error);
    if (kind != STEPS_NEW)
        steps->end = steps->next_end = BEFORE;
    riffle_writer *writer;
    riffle_writer_options options = RIFFLE_WRITER_OPTIONS_INIT;
    options.allocator = allocator;
    options.rebuild = kind == STEPS_REBUILD;
    riffle_status status = riffle_writer_open(&writer, path, &options, error);
    if (status) {
        assert_null(writer);
        return status;
    }
    status = work(kind, writer, steps, error);
    if (status) {
        assert_int_equal(sample_add(writer, 99, NULL), RIFFLE_POISONED);
        assert_int_equal(riffle_writer_commit(writer, NULL), RIFFLE_POISONED);
    }
    riffle_writer_close(writer);
    return status;
}
