/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Changing a database: all changes since a commit are one transaction, see Open::begin. */
#include "xapian/rx_handles.h"

using namespace rx;

namespace
{

/* The document that is to be written, which is read from where it came only now. */
const Xapian::Document &required_document(const rx_document *document)
{
    required(document, "document");
    if (document->open)
        document->open->required_usable();
    return document->document;
}

void required_outside_transaction(const Open &open)
{
    if (open.in_transaction)
        throw Refused(RX_INVALID_OPERATION, "a transaction is open: commit or cancel that");
}

void required_inside_transaction(const Open &open)
{
    if (!open.in_transaction)
        throw Refused(RX_INVALID_OPERATION, "no transaction is open");
}

void required_cancellable(const Open &open)
{
    if (open.in_memory)
        throw Refused(RX_UNIMPLEMENTED, "changes in memory cannot be cancelled");
}

void commit(Open &open)
{
    if (open.pending) {
        open.pending = false;
        open.writer.commit_transaction();
    }
}

void cancel(Open &open)
{
    if (open.pending) {
        open.pending = false;
        open.writer.cancel_transaction();
    }
}

} // namespace

extern "C" rx_status rx_add(rx_database *database, const rx_document *document, rx_docid *docid, rx_error *error)
{
    return use(database, Doing::WRITING, error, [&](Open &open) {
        const Xapian::Document &added = required_document(document);
        open.begin();
        rx_docid number = open.writer.add_document(added);
        if (docid)
            *docid = number;
    });
}

extern "C" rx_status rx_replace(rx_database *database, rx_docid docid, const rx_document *document, rx_error *error)
{
    return use(database, Doing::WRITING, error, [&](Open &open) {
        const Xapian::Document &added = required_document(document);
        required_docid(docid);
        open.begin();
        open.writer.replace_document(docid, added);
    });
}

extern "C" rx_status rx_replace_by_term(rx_database *database, const char *term, size_t length, const rx_document *document,
                                        rx_docid *docid, rx_error *error)
{
    return use(database, Doing::WRITING, error, [&](Open &open) {
        const Xapian::Document &added = required_document(document);
        required_term(term, length);
        open.begin();
        rx_docid number = open.writer.replace_document(std::string(term, length), added);
        if (docid)
            *docid = number;
    });
}

extern "C" rx_status rx_delete(rx_database *database, rx_docid docid, rx_error *error)
{
    return use(database, Doing::WRITING, error, [&](Open &open) {
        required_docid(docid);
        open.begin();
        open.writer.delete_document(docid);
    });
}

extern "C" rx_status rx_delete_by_term(rx_database *database, const char *term, size_t length, rx_error *error)
{
    return use(database, Doing::WRITING, error, [&](Open &open) {
        required_term(term, length);
        open.begin();
        open.writer.delete_document(std::string(term, length));
    });
}

extern "C" rx_status rx_metadata_set(rx_database *database, const char *key, size_t key_length, const char *value,
                                     size_t value_length, rx_error *error)
{
    return use(database, Doing::WRITING, error, [&](Open &open) {
        required_term(key, key_length, "key");
        required_bytes(value, value_length, "value");
        std::string bytes = value_length ? std::string(value, value_length) : std::string();
        open.begin();
        open.writer.set_metadata(std::string(key, key_length), bytes);
    });
}

extern "C" rx_status rx_commit(rx_database *database, rx_error *error)
{
    return use(database, Doing::WRITING, error, [](Open &open) {
        required_outside_transaction(open);
        commit(open);
    });
}

extern "C" rx_status rx_cancel(rx_database *database, rx_error *error)
{
    return use(database, Doing::WRITING, error, [](Open &open) {
        required_cancellable(open);
        required_outside_transaction(open);
        cancel(open);
    });
}

extern "C" rx_status rx_transaction_begin(rx_database *database, rx_error *error)
{
    return use(database, Doing::WRITING, error, [](Open &open) {
        required_cancellable(open);
        required_outside_transaction(open);
        commit(open);
        open.begin();
        open.in_transaction = true;
    });
}

extern "C" rx_status rx_transaction_commit(rx_database *database, rx_error *error)
{
    return use(database, Doing::WRITING, error, [](Open &open) {
        required_inside_transaction(open);
        open.in_transaction = false;
        commit(open);
    });
}

extern "C" rx_status rx_transaction_cancel(rx_database *database, rx_error *error)
{
    return use(database, Doing::WRITING, error, [](Open &open) {
        required_inside_transaction(open);
        open.in_transaction = false;
        cancel(open);
    });
}
