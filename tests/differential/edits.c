/* SPDX-License-Identifier: BSD-3-Clause */
/* Two passes over the articles: the first adds, the second changes; edits.h. */
#include "edits.h"

#include <stdlib.h>

#include "tests/support/folders.h"

enum fate { KEPT, DELETED, REPLACED, ADDED_AGAIN, ADDED_LATE };

struct editing {
    const struct documents *documents;
    const char *folder, *engine;
    uint64_t seed;
    bool keep_all; /* nothing is deleted for good */
    struct random random;
    riffle_writer *writer;
    struct documents *left;
    riffle_error *error;
};

static enum fate fate_of(const struct editing *editing, size_t which)
{
    const char *id = editing->documents->articles[which].id;
    struct random random = {editing->seed ^ rf_hash(id, strlen(id))};
    unsigned what = (unsigned)random_below(&random, 100);
    if (which == 0) /* so that there is always something left */
        return what < 50 ? KEPT : REPLACED;
    if (what < 20)
        return editing->keep_all ? KEPT : DELETED;
    return what < 35 ? REPLACED : what < 45 ? ADDED_AGAIN : what < 50 ? ADDED_LATE : KEPT;
}

/* Now and then: commits, and perhaps goes on with another writer. */
static riffle_status pause(struct editing *editing)
{
    riffle_status status = RIFFLE_OK;
    if (editing->writer && chance(&editing->random, 4)) {
        status = riffle_writer_commit(editing->writer, editing->error);
        if (chance(&editing->random, 50)) {
            riffle_writer_close(editing->writer);
            editing->writer = NULL;
        }
    }
    if (!status && !editing->writer)
        status = index_writer(&editing->writer, editing->folder, editing->documents, editing->engine, false, editing->error);
    return status;
}

/* The article as it is, or another one under its id. */
static void make(struct editing *editing, size_t which, bool another, struct index_article *out)
{
    const struct documents *documents = editing->documents;
    index_article(out, &documents->articles[which]);
    const riffle_article own = out->article;
    if (!another)
        return;
    index_article(out, &documents->articles[random_below(&editing->random, documents->count)]);
    out->article.id = own.id;
    out->article.id_length = own.id_length;
}

static riffle_status first_pass(struct editing *editing)
{
    riffle_status status = RIFFLE_OK;
    for (size_t i = 0; !status && i < editing->documents->count; i++) {
        struct index_article in;
        enum fate fate = fate_of(editing, i);
        status = pause(editing);
        if (status || fate == ADDED_LATE)
            continue;
        make(editing, i, fate != KEPT, &in);
        status = riffle_writer_add(editing->writer, &in.article, editing->error);
        if (fate == KEPT)
            editing->left->articles[editing->left->count++] = editing->documents->articles[i];
    }
    return status;
}

static riffle_status change(struct editing *editing, enum fate fate, const riffle_article *article)
{
    if (fate == REPLACED || (fate == ADDED_LATE && chance(&editing->random, 50)))
        return riffle_writer_replace(editing->writer, article, editing->error);
    riffle_status status = RIFFLE_OK;
    if (fate != ADDED_LATE)
        status = riffle_writer_delete(editing->writer, article->id, article->id_length, editing->error);
    if (!status)
        status = pause(editing);
    if (!status && fate != DELETED)
        status = riffle_writer_add(editing->writer, article, editing->error);
    return status;
}

static riffle_status second_pass(struct editing *editing)
{
    riffle_status status = RIFFLE_OK;
    for (size_t i = 0; !status && i < editing->documents->count; i++) {
        struct index_article in;
        enum fate fate = fate_of(editing, i);
        status = pause(editing);
        if (status || fate == KEPT)
            continue;
        make(editing, i, false, &in);
        status = change(editing, fate, &in.article);
        if (fate != DELETED)
            editing->left->articles[editing->left->count++] = editing->documents->articles[i];
    }
    if (!status)
        status = riffle_writer_commit(editing->writer, editing->error);
    return status;
}

/* A query means something else where a field of its filters is not there: then nothing is deleted. */
static bool loses_fields(struct editing *editing)
{
    struct documents left = *editing->left;
    left.count = 0;
    for (size_t i = 0; i < editing->documents->count; i++)
        if (fate_of(editing, i) != DELETED)
            left.articles[left.count++] = editing->documents->articles[i];
    return documents_fields(&left) != documents_fields(editing->documents);
}

riffle_status index_edit(const char *folder, const struct documents *documents, const char *engine, uint64_t seed,
                         struct documents *left, riffle_error *error)
{
    struct editing editing = {
        .documents = documents, .folder = folder, .engine = engine, .seed = seed, .random = {seed}, .left = left, .error = error};
    *left = *documents;
    left->count = 0;
    left->articles = calloc(documents->count + 1, sizeof *left->articles);
    editing.keep_all = loses_fields(&editing);
    folder_remove(folder);
    riffle_status status = first_pass(&editing);
    if (!status)
        status = second_pass(&editing);
    riffle_writer_close(editing.writer);
    return status;
}
