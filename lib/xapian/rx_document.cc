/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Documents: terms, values, data. */
#include <cmath>

#include "xapian/rx_handles.h"
#include "xapian/rx_memory.h"

using namespace rx;

namespace
{

/* Runs `body` on a document; one of a database may have to read more of it there. */
template <class Document, class Body> rx_status with(Document *handle, rx_error *error, Body &&body) noexcept
{
    if (handle && handle->open)
        return use(handle->open, Doing::READING, error, [&](Open &) { body(handle->document); });
    return guard(error, [&] { body(required(handle, "document")->document); });
}

void required_slot(rx_slot slot)
{
    if (slot == RX_NO_SLOT)
        throw Refused(RX_INVALID_ARGUMENT, "%u is no value slot", slot);
}

void required_token(const char *term, size_t length, uint32_t position)
{
    required_term(term, length);
    if (position == RX_NO_POSITION)
        throw Refused(RX_INVALID_ARGUMENT, "%u is no position", position);
}

std::string encode_number(double number)
{
    /* The smallest of all is written as no bytes, which is how a value that is not there reads. */
    if (std::isnan(number) || number == -HUGE_VAL)
        throw Refused(RX_INVALID_ARGUMENT, "%g cannot be a value", number);
    return Xapian::sortable_serialise(number);
}

/* Numbers have exactly one form, so that what is none is found by going there and back. */
double decode_number(const std::string &bytes)
{
    double number = 0;
    if (!bytes.empty() && bytes.size() <= RX_NUMBER_BYTES)
        number = Xapian::sortable_unserialise(bytes);
    if (bytes.empty() || std::isnan(number) || Xapian::sortable_serialise(number) != bytes)
        throw Refused(RX_INVALID_ARGUMENT, "the value, of %zu bytes, is no number", bytes.size());
    return number;
}

} // namespace

extern "C" rx_status rx_document_new(rx_document **document, rx_error *error)
{
    return guard(error, [&] {
        required(document, "document");
        *document = new rx_document();
    });
}

extern "C" rx_status rx_document_get(const rx_database *database, rx_docid docid, rx_document **document, rx_error *error)
{
    return use(database, Doing::READING, error, [&](Open &open) {
        required(document, "document");
        required_docid(docid);
        *document = new rx_document{open.reader.get_document(docid), database->open};
    });
}

extern "C" void rx_document_free(rx_document *document) { delete document; }

extern "C" rx_status rx_document_clear(rx_document *document, rx_error *error)
{
    /* A new one is cheaper than taking away term by term, and needs nothing of a database any more. */
    return guard(error, [&] { *required(document, "document") = rx_document(); });
}

extern "C" rx_status rx_document_add_tokens(rx_document *document, const rx_token *tokens, size_t count, rx_error *error)
{
    return with(document, error, [&](Xapian::Document &filled) {
        required_bytes(tokens, count, "tokens");
        for (size_t i = 0; i < count; i++) {
            try {
                required_term(tokens[i].term, tokens[i].length);
            } catch (const Refused &refused) {
                throw Refused(refused.error.status, "token %zu: %s", i, refused.error.message);
            }
        }
        std::string term;
        for (const rx_token *token = tokens; token < tokens + count; token++) {
            term.assign(token->term, token->length);
            if (token->position == RX_NO_POSITION)
                filled.add_term(term, token->wdf);
            else
                filled.add_posting(term, token->position, token->wdf);
        }
    });
}

extern "C" rx_status rx_document_add_posting(rx_document *document, const char *term, size_t length, uint32_t position,
                                             uint32_t wdf, rx_error *error)
{
    return with(document, error, [&](Xapian::Document &filled) {
        required_token(term, length, position);
        filled.add_posting(std::string(term, length), position, wdf);
    });
}

extern "C" rx_status rx_document_add_term(rx_document *document, const char *term, size_t length, uint32_t wdf, rx_error *error)
{
    return with(document, error, [&](Xapian::Document &filled) {
        required_term(term, length);
        filled.add_term(std::string(term, length), wdf);
    });
}

extern "C" rx_status rx_document_add_boolean(rx_document *document, const char *term, size_t length, rx_error *error)
{
    return rx_document_add_term(document, term, length, 0, error);
}

extern "C" rx_status rx_document_remove_term(rx_document *document, const char *term, size_t length, rx_error *error)
{
    return with(document, error, [&](Xapian::Document &filled) {
        required_term(term, length);
        filled.remove_term(std::string(term, length));
    });
}

extern "C" rx_status rx_document_set_value(rx_document *document, rx_slot slot, const char *value, size_t length, rx_error *error)
{
    return with(document, error, [&](Xapian::Document &filled) {
        required_slot(slot);
        required_bytes(value, length, "value");
        filled.add_value(slot, length ? std::string(value, length) : std::string());
    });
}

extern "C" rx_status rx_document_value(const rx_document *document, rx_slot slot, rx_string *value, rx_error *error)
{
    return with(document, error, [&](const Xapian::Document &read) {
        required(value, "value");
        required_slot(slot);
        give(value, read.get_value(slot));
    });
}

extern "C" rx_status rx_document_set_number(rx_document *document, rx_slot slot, double number, rx_error *error)
{
    return with(document, error, [&](Xapian::Document &filled) {
        required_slot(slot);
        filled.add_value(slot, encode_number(number));
    });
}

extern "C" rx_status rx_document_number(const rx_document *document, rx_slot slot, double *number, rx_error *error)
{
    return with(document, error, [&](const Xapian::Document &read) {
        required(number, "number");
        required_slot(slot);
        *number = decode_number(read.get_value(slot));
    });
}

extern "C" rx_status rx_document_set_data(rx_document *document, const char *data, size_t length, rx_error *error)
{
    return with(document, error, [&](Xapian::Document &filled) {
        required_bytes(data, length, "data");
        filled.set_data(length ? std::string(data, length) : std::string());
    });
}

extern "C" rx_status rx_document_data(const rx_document *document, rx_string *data, rx_error *error)
{
    return with(document, error, [&](const Xapian::Document &read) { give(required(data, "data"), read.get_data()); });
}

namespace
{

/*
 * Documents that have a term at hand. Of a single database the list itself knows, which saves a server a question for each term, unless
 * the document was changed.
 */
uint32_t documents_with(const Xapian::TermIterator &term, const Open &open)
{
    if (open.reader.size() == 1) {
        try {
            return term.get_termfreq();
        } catch (const Xapian::InvalidOperationError &) {
        }
    }
    return open.reader.get_termfreq(*term);
}

} // namespace

extern "C" rx_status rx_document_terms(const rx_document *document, rx_terms **terms, rx_error *error)
{
    return with(document, error, [&](const Xapian::Document &read) {
        required(terms, "terms");
        std::unique_ptr<Terms> list(new Terms());
        for (Xapian::TermIterator term = read.termlist_begin(); term != read.termlist_end(); ++term)
            list->add(*term, term.get_wdf(), document->open ? documents_with(term, *document->open) : 0);
        give(terms, list);
    });
}

extern "C" rx_status rx_number_encode(double number, char bytes[RX_NUMBER_BYTES], size_t *length, rx_error *error)
{
    return guard(error, [&] {
        required(bytes, "bytes");
        required(length, "length");
        std::string encoded = encode_number(number);
        memcpy(bytes, encoded.data(), encoded.size());
        *length = encoded.size();
    });
}

extern "C" rx_status rx_number_decode(const char *bytes, size_t length, double *number, rx_error *error)
{
    return guard(error, [&] {
        required_bytes(bytes, length, "bytes");
        required(number, "number");
        *number = decode_number(length ? std::string(bytes, length) : std::string());
    });
}
