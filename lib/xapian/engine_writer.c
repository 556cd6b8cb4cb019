/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writing an index in Xapian; engine.h, and engine_folder.h for how a new one takes the place of the old.
 *
 * Memory: libxapian collects changes until it has those of 10,000 passages, some 15 KB each where they have 100 words or so, and then
 * writes them to where nobody sees them before the commit. That number is changed by its own XAPIAN_FLUSH_THRESHOLD alone. So
 * what is added to an index that is there takes 150 MB whatever the budget, and more where whole articles are passages. A new or
 * rebuilt index is in a database that nobody opens before it is in place, so there the budget is kept, by commits in between.
 */
#include "xapian/engine_writer.h"

#include <unistd.h>

#include "base/file.h"
#include "xapian/engine_document.h"
#include "xapian/engine_folder.h"

struct writer {
    riffle_allocator allocator;
    char *path, *lock_path;
    int lock;
    bool made_folder; /* the folder is new, and goes again if nothing is committed */
    bool rebuild;
    bool changed;      /* since the last commit */
    bool failed;       /* good for closing only */
    uint64_t current;  /* number of the database that is the index; 0: there is none */
    uint64_t building; /* number of the one that is to replace it; 0: changes go to the current one */
    rx_database *database;
    struct rf_settings settings;
    uint64_t generation;
    struct rf_language *language;
    struct rf_documents documents;
    size_t fields_written; /* of the documents' */
    uint64_t memory, held; /* the budget; and about what is in memory, of a database that nobody opens yet */
};

/* The writer is of no more use: what failed may have dropped, within libxapian, all that was not committed. */
static riffle_status fail(struct writer *writer, const rx_error *failure, riffle_error *error)
{
    writer->failed = true;
    return rf_xapian_fail(error, writer->path, failure);
}

/* ---- Opening ---- */

/* The settings of the database that is there. *ours is false where riffle-index did not make it. */
static riffle_status read_settings(struct writer *writer, bool *ours, struct rf_settings *settings, riffle_error *error)
{
    rx_database *database = NULL;
    rx_error failure;
    char *path = rf_xapian_database_path(&writer->allocator, writer->path, writer->current);
    if (!path)
        return rf_fail_memory(error);
    riffle_status status = RIFFLE_OK;
    *ours = true;
    if (!rx_database_open_local(path, &database, &failure))
        status = rf_xapian_read_settings(database, writer->path, ours, settings, &writer->generation, error);
    else if (failure.status == RX_DATABASE_NOT_FOUND)
        status = rf_fail(error, RIFFLE_CORRUPT, "%s is not there: %s", path, failure.message);
    else
        status = rf_xapian_fail(error, path, &failure);
    rx_database_free(database);
    rf_free(&writer->allocator, path);
    return status;
}

static riffle_status open_folder(struct writer *writer, bool *found, struct rf_settings *settings, riffle_error *error)
{
    const char *path = writer->path;
    bool ours = true;
    if (access(path, F_OK) != 0 && rf_xapian_recognises(path))
        return rf_fail(error, RIFFLE_INVALID, "%s is a list of shards: write to one folder", path);
    riffle_status status = rf_xapian_folder_claim(path, &writer->made_folder, error);
    if (!status)
        status = rf_lock(writer->lock_path, &writer->lock, error);
    if (!status)
        status = rf_xapian_read_stub(path, &writer->current, error);
    *found = writer->current != 0;
    if (!status && *found)
        status = read_settings(writer, &ours, settings, error);
    if (!status && !ours)
        status = rf_fail(error, RIFFLE_NO_INDEX, "%s holds a database of Xapian that riffle-index did not make", path);
    else if ((status == RIFFLE_CORRUPT || status == RIFFLE_IO) && writer->current && writer->rebuild) {
        /* A damaged index can be replaced, not added to. */
        *found = false;
        status = RIFFLE_OK;
    }
    /* The writer before may have died between rename and fsync: what the older stub names goes only when that one is gone for good. */
    if (!status)
        status = rf_fsync_folder(path, error);
    if (!status && !writer->current)
        status = rf_fsync_parent(path, error);
    if (!status)
        rf_xapian_folder_clean(path, writer->current);
    return status;
}

static riffle_status open_writer(void **out, const char *path, bool rebuild, const riffle_allocator *allocator, bool *found,
                                 struct rf_settings *settings, riffle_error *error)
{
    struct writer *writer = rf_alloc_zero(allocator, sizeof *writer);
    size_t length = strlen(path);
    *out = writer;
    if (!writer)
        return rf_fail_memory(error);
    writer->allocator = *allocator;
    writer->lock = -1;
    writer->rebuild = rebuild;
    writer->path = rf_alloc(allocator, length + 1);
    if (!writer->path)
        return rf_fail_memory(error);
    memcpy(writer->path, path, length + 1);
    writer->lock_path = rf_join_path(allocator, path, "lock");
    if (!writer->lock_path)
        return rf_fail_memory(error);
    return open_folder(writer, found, settings, error);
}

static riffle_status open_database(struct writer *writer, uint64_t number, int mode, unsigned flags, riffle_error *error)
{
    rx_error failure;
    char *path = rf_xapian_database_path(&writer->allocator, writer->path, number);
    if (!path)
        return rf_fail_memory(error);
    rx_status status = rx_database_open_writable(path, mode, flags, 0, &writer->database, &failure);
    rf_free(&writer->allocator, path);
    return status ? rf_xapian_fail(error, writer->path, &failure) : RIFFLE_OK;
}

static riffle_status add_known_field(void *slots, const struct rf_bytes *name, riffle_error *error)
{
    struct rf_slot_name *found;
    return rf_slots_add(slots, name, &found, error);
}

static riffle_status start(void *context, const struct rf_settings *settings, uint64_t memory, riffle_error *error)
{
    struct writer *writer = context;
    struct rf_documents *documents = &writer->documents;
    writer->settings = *settings;
    writer->memory = memory;
    riffle_status status = rf_language_open(&writer->language, settings->language, &writer->allocator, error);
    if (!status)
        status = rf_documents_init(documents, writer->path, &writer->settings, writer->language, &writer->allocator, error);
    if (!status && (!writer->current || writer->rebuild)) {
        status = rf_xapian_next_number(writer->path, &writer->building, error);
        if (!status)
            status = open_database(writer, writer->building, RX_CREATE, RX_NO_SYNC, error);
    } else if (!status) {
        status = open_database(writer, writer->current, RX_OPEN, 0, error);
        if (!status)
            status = rf_xapian_each_field(writer->database, writer->path, add_known_field, &documents->slots, error);
        writer->fields_written = documents->slots.count;
    }
    return status;
}

/* ---- Closing ---- */

static void close_writer(void *context)
{
    struct writer *writer = context;
    riffle_allocator allocator = writer->allocator;
    rf_documents_release(&writer->documents);
    rx_database_free(writer->database);
    rf_language_close(writer->language);
    bool locked = writer->lock >= 0 && rf_lock_check(writer->lock_path, writer->lock, NULL) == RIFFLE_OK;
    /* Where a commit failed, only the folder knows whether the new database is in place. If it is, that may not be durable, so the old
     * one stays: the next writer removes it. */
    uint64_t number;
    bool known = writer->path && rf_xapian_read_stub(writer->path, &number, NULL) == RIFFLE_OK && number == writer->current;
    if (writer->building && locked && known)
        rf_xapian_folder_clean(writer->path, writer->current);
    if (writer->made_folder && known && !writer->current) {
        if (locked)
            rf_unlink(writer->lock_path);
        rmdir(writer->path); /* which fails where anything is left in it */
    }
    rf_unlock(writer->lock);
    rf_free(&allocator, writer->path);
    rf_free(&allocator, writer->lock_path);
    rf_free(&allocator, writer);
}

/* ---- Articles ---- */

static riffle_status check_failed(const struct writer *writer, riffle_error *error)
{
    if (writer->failed)
        return rf_fail(error, RIFFLE_POISONED, "the writer of %s failed before and can only be closed", writer->path);
    return RIFFLE_OK;
}

/* Is the article with this term the one with this id? Two long ids may share a term. */
static riffle_status compare_id(struct writer *writer, const char *term, size_t n, const struct rf_bytes *id, bool *same,
                                riffle_error *error)
{
    rx_error failure;
    rx_posting posting;
    size_t count = 0;
    rx_document *document = NULL;
    rx_string value = {0};
    rx_status status = rx_postings(writer->database, term, n, 1, &posting, 1, &count, &failure);
    if (!status && count)
        status = rx_document_get(writer->database, posting.docid, &document, &failure);
    if (!status && count)
        status = rx_document_value(document, RF_SLOT_ID, &value, &failure);
    *same = !status && count && rf_compare(value.bytes, value.length, id->data, id->length) == 0;
    rx_string_free(&value);
    rx_document_free(document);
    return status ? fail(writer, &failure, error) : RIFFLE_OK;
}

/* *taken: some article has the term of this id; *found: it is that of this id. */
static riffle_status look_up(struct writer *writer, const struct rf_bytes *id, bool *taken, bool *found, riffle_error *error)
{
    char term[RF_TERM_BYTES];
    size_t n = rf_xapian_id_term(id, term);
    rx_term_statistics statistics;
    rx_error failure;
    riffle_status status = check_failed(writer, error);
    *taken = *found = false;
    if (status)
        return status;
    if (rx_database_term(writer->database, term, n, &statistics, &failure))
        return fail(writer, &failure, error);
    *taken = *found = statistics.documents > 0;
    bool whole = n == id->length + 1 && memcmp(term + 1, id->data, id->length) == 0;
    return *taken && !whole ? compare_id(writer, term, n, id, found, error) : RIFFLE_OK;
}

static riffle_status has(void *writer, const struct rf_bytes *id, bool *found, riffle_error *error)
{
    bool taken;
    return look_up(writer, id, &taken, found, error);
}

/*
 * About what the article takes in memory until it is written: each word is a posting of its own and one of its stem, the former with
 * positions. Half of the budget is for that. 64 MiB are enough: with less in its trees at a time libxapian is faster. (Measured on 149,000
 * passages: 148 s of processor time, and 255 s with all that it collects by itself.)
 */
static riffle_status keep_budget(struct writer *writer, const struct rf_article *article, riffle_error *error)
{
    enum { TOKEN = 100, PASSAGE = 2000, ENOUGH = 64 << 20 };
    const struct rf_documents *documents = &writer->documents;
    rx_error failure;
    if (!writer->building)
        return RIFFLE_OK;
    uint64_t shared = article->title.length + article->id.length;
    for (size_t i = 0; i < article->field_count; i++)
        shared += 2 * article->fields[i].value_length; /* in the record and as a value */
    writer->held += documents->tokens.count * TOKEN + article->text.length +
                    documents->passages.count * (PASSAGE + shared + documents->title_tokens.count * 2 * TOKEN);
    if (writer->held < (writer->memory < ENOUGH ? writer->memory : ENOUGH) / 2)
        return RIFFLE_OK;
    writer->held = 0;
    return rx_commit(writer->database, &failure) ? fail(writer, &failure, error) : RIFFLE_OK;
}

static riffle_status remove_article(void *context, const struct rf_bytes *id, riffle_error *error)
{
    struct writer *writer = context;
    char term[RF_TERM_BYTES];
    rx_error failure;
    riffle_status status = check_failed(writer, error);
    if (status)
        return status;
    writer->changed = true;
    if (rx_delete_by_term(writer->database, term, rf_xapian_id_term(id, term), &failure))
        return fail(writer, &failure, error);
    return RIFFLE_OK;
}

static riffle_status add(void *context, const struct rf_article *article, riffle_error *error)
{
    struct writer *writer = context;
    struct rf_documents *documents = &writer->documents;
    bool taken, found;
    rx_error failure;
    riffle_status status = look_up(writer, &article->id, &taken, &found, error);
    if (!status && taken && !(found && article->replaces))
        status = rf_fail(error, RIFFLE_INVALID, "the id \"%.*s\" cannot be told apart from another one: shorten it",
                         (int)article->id.length, article->id.data);
    if (!status)
        status = rf_documents_begin(documents, article, error);
    if (status == RIFFLE_INVALID || status == RIFFLE_TOO_LARGE)
        return status;
    if (!status && article->replaces)
        status = remove_article(writer, &article->id, error);
    for (uint32_t i = 0; !status && i < documents->passages.count; i++) {
        writer->changed = true;
        status = rf_documents_fill(documents, article, i, error);
        if (!status && rx_add(writer->database, documents->document, NULL, &failure))
            status = fail(writer, &failure, error);
    }
    if (!status)
        status = keep_budget(writer, article, error);
    writer->failed = writer->failed || status;
    return status;
}

/* ---- Committing ---- */

static riffle_status set_metadata(struct writer *writer, const char *key, const struct rf_buffer *value, riffle_error *error)
{
    rx_error failure;
    if (value->failed)
        return rf_fail_memory(error);
    if (rx_metadata_set(writer->database, key, strlen(key), (const char *)value->data, value->size, &failure))
        return fail(writer, &failure, error);
    return RIFFLE_OK;
}

static riffle_status write_metadata(struct writer *writer, riffle_error *error)
{
    const struct rf_slots *slots = &writer->documents.slots;
    struct rf_buffer value;
    rf_buffer_init(&value, &writer->allocator);
    rf_buffer_printf(&value, "%llu", (unsigned long long)writer->generation + 1);
    riffle_status status = set_metadata(writer, "riffle.generation", &value, error);
    if (!status && slots->count != writer->fields_written) {
        value.size = 0;
        for (size_t i = 0; i < slots->count; i++)
            rf_xapian_append_field(&value, &(struct rf_bytes){slots->list[i].name, slots->list[i].length});
        status = set_metadata(writer, "riffle.fields", &value, error);
    }
    if (!status && writer->building) {
        value.size = 0;
        rf_xapian_write_settings(&writer->settings, &value);
        status = set_metadata(writer, "riffle.settings", &value, error);
        value.size = 0;
        rf_buffer_printf(&value, "%d", (int)RF_XAPIAN_FORMAT);
        if (!status)
            status = set_metadata(writer, "riffle", &value, error);
    }
    rf_buffer_release(&value);
    return status;
}

/* Makes of the database that was built a compact copy, whose files are lasting, and lets go of the former. */
static riffle_status compact(struct writer *writer, riffle_error *error)
{
    rx_error failure;
    char *path = rf_xapian_database_path(&writer->allocator, writer->path, writer->building + 1);
    if (!path)
        return rf_fail_memory(error);
    rx_status status = rx_database_compact(writer->database, path, 0, 0, &failure);
    rf_free(&writer->allocator, path);
    if (status)
        return fail(writer, &failure, error);
    writer->building++;
    rx_database_free(writer->database);
    writer->database = NULL;
    return RIFFLE_OK;
}

static riffle_status write_commit(struct writer *writer, riffle_error *error)
{
    rx_error failure;
    riffle_status status = rf_lock_check(writer->lock_path, writer->lock, error);
    if (!status)
        status = write_metadata(writer, error);
    if (!status && rx_commit(writer->database, &failure))
        status = fail(writer, &failure, error);
    /* libxapian makes the bytes of its files lasting, and gives them their names, which it leaves at that. */
    if (!status && !writer->building)
        return rf_xapian_database_fsync(writer->path, writer->current, &writer->allocator, error);
    if (!status)
        status = compact(writer, error);
    if (!status)
        status = rf_lock_check(writer->lock_path, writer->lock, error);
    if (!status)
        status = rf_xapian_publish(writer->path, writer->building, &writer->allocator, error);
    return status;
}

static riffle_status commit(void *context, riffle_error *error)
{
    struct writer *writer = context;
    riffle_status status = check_failed(writer, error);
    if (status || (!writer->building && !writer->changed))
        return status;
    status = write_commit(writer, error);
    if (status) {
        writer->failed = true;
        return status;
    }
    /* From here on the commit stands; what still goes wrong, only the next call tells. */
    writer->generation++;
    writer->fields_written = writer->documents.slots.count;
    writer->changed = false;
    if (writer->building) {
        writer->current = writer->building;
        writer->building = 0;
        rf_xapian_folder_clean(writer->path, writer->current);
        writer->failed = open_database(writer, writer->current, RX_OPEN, 0, NULL) != RIFFLE_OK;
    }
    return RIFFLE_OK;
}

const struct rf_writing rf_xapian_writing = {
    .open = open_writer, .start = start, .has = has, .add = add, .remove = remove_article, .commit = commit, .close = close_writer};
