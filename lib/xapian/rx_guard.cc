/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Exceptions to statuses, and checks of arguments. */
#include "xapian/rx_guard.h"

#include <algorithm>
#include <cmath>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <exception>
#include <new>

#include <xapian.h>

namespace rx
{

namespace
{

/* By name, which is exact whatever is derived from what, and holds where classes of a newer libxapian are met. */
struct NamedStatus {
    const char *type;
    rx_status status;
};

const NamedStatus named_statuses[] = {
    {"InvalidArgumentError", RX_INVALID_ARGUMENT},
    {"InvalidOperationError", RX_INVALID_OPERATION},
    {"UnimplementedError", RX_UNIMPLEMENTED},
    {"DatabaseError", RX_DATABASE},
    {"DatabaseCorruptError", RX_DATABASE_CORRUPT},
    {"DatabaseCreateError", RX_DATABASE_CREATE},
    {"DatabaseLockError", RX_DATABASE_LOCK},
    {"DatabaseModifiedError", RX_DATABASE_MODIFIED},
    {"DatabaseOpeningError", RX_DATABASE_OPENING},
    {"DatabaseVersionError", RX_DATABASE_VERSION},
    {"DatabaseNotFoundError", RX_DATABASE_NOT_FOUND},
    {"DatabaseClosedError", RX_DATABASE_CLOSED},
    {"DocNotFoundError", RX_DOC_NOT_FOUND},
    {"FeatureUnavailableError", RX_FEATURE_UNAVAILABLE},
    {"InternalError", RX_INTERNAL},
    {"NetworkError", RX_NETWORK},
    {"NetworkTimeoutError", RX_NETWORK_TIMEOUT},
    {"QueryParserError", RX_QUERY_PARSER},
    {"SerialisationError", RX_SERIALISATION},
    {"RangeError", RX_RANGE},
    {"WildcardError", RX_WILDCARD},
    {"AssertionError", RX_ASSERTION},
};

rx_status status_of(const Xapian::Error &caught)
{
    for (const NamedStatus &named : named_statuses)
        if (strcmp(named.type, caught.get_type()) == 0)
            return named.status;
    return RX_OTHER;
}

/* Copies to an end of `text` what fits, on one line: paths, terms and servers' words can hold anything. */
void append(char *text, size_t room, const char *bytes, size_t length)
{
    size_t at = strlen(text);
    for (size_t i = 0; i < length && at + 1 < room; i++) {
        unsigned char byte = static_cast<unsigned char>(bytes[i]);
        text[at++] = byte < ' ' || byte == 0x7f ? ' ' : bytes[i];
    }
    text[at] = 0;
}

void append(char *text, size_t room, const char *word) { append(text, room, word, strlen(word)); }

void tell(rx_error *error, rx_status status, const char *message)
{
    if (error) {
        error->status = status;
        error->message[0] = error->shard[0] = 0;
        append(error->message, sizeof error->message, message);
    }
}

void tell(rx_error *error, rx_status status, const Xapian::Error &caught)
{
    if (!error)
        return;
    tell(error, status, "");
    append(error->message, sizeof error->message, caught.get_msg().data(), caught.get_msg().size());
    append(error->shard, sizeof error->shard, caught.get_context().data(), caught.get_context().size());
    try {
        /* The reason of the operating system is put into words only now, for which there may be no memory. */
        const char *reason = caught.get_error_string();
        if (reason) {
            append(error->message, sizeof error->message, ": ");
            append(error->message, sizeof error->message, reason);
        }
    } catch (...) {
    }
    if (!error->message[0])
        append(error->message, sizeof error->message, caught.get_type());
}

} // namespace

Refused::Refused(rx_status status, const char *format, ...) noexcept
{
    char text[sizeof error.message];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    tell(&error, status, text);
}

rx_status succeed(rx_error *error) noexcept
{
    if (error) {
        error->status = RX_OK;
        error->message[0] = error->shard[0] = 0;
    }
    return RX_OK;
}

Outcome translate(rx_error *error) noexcept
{
    /* Thrown once more, to be caught by its class. Xapian::Error is no std::exception, and std::bad_alloc no Xapian::Error. */
    try {
        throw;
    } catch (const Refused &refused) {
        if (error)
            *error = refused.error;
        return {refused.error.status, true};
    } catch (const Xapian::Error &caught) {
        rx_status status = status_of(caught);
        tell(error, status, caught);
        return {status, false};
    } catch (const std::bad_alloc &) {
        tell(error, RX_NO_MEMORY, "out of memory");
        return {RX_NO_MEMORY, false};
    } catch (const std::exception &caught) {
        tell(error, RX_OTHER, caught.what());
    } catch (...) {
        tell(error, RX_OTHER, "unknown failure in libxapian");
    }
    return {RX_OTHER, false};
}

void required_term(const char *term, size_t length, const char *name)
{
    const size_t LONGEST = 245;
    required(term, name);
    if (length == 0)
        throw Refused(RX_INVALID_ARGUMENT, "%s is empty", name);
    size_t taken = length;
    for (size_t i = 0; i < length && taken <= LONGEST; i++)
        taken += term[i] == 0;
    if (taken > LONGEST)
        throw Refused(RX_INVALID_ARGUMENT, "%s of %zu bytes is too long (%d, NULs counting twice): %.*s", name, length,
                      int(LONGEST), int(std::min(length, LONGEST)), term);
}

void required_docid(rx_docid docid)
{
    if (docid == 0)
        throw Refused(RX_INVALID_ARGUMENT, "document numbers start at 1");
}

void required_block_size(unsigned bytes)
{
    if (bytes && (bytes < 2048 || bytes > 65536 || (bytes & (bytes - 1))))
        throw Refused(RX_INVALID_ARGUMENT, "a block size of %u is no power of 2 from 2048 to 65536", bytes);
}

void required_weight(double number, const char *name)
{
    if (!std::isfinite(number) || number < 0)
        throw Refused(RX_INVALID_ARGUMENT, "%s is %g, and must be finite and at least 0", name, number);
}

} // namespace rx

extern "C" const char *rx_status_text(rx_status status)
{
    switch (status) {
    case RX_OK:
        return "no error";
    case RX_INVALID_ARGUMENT:
        return "invalid argument";
    case RX_INVALID_OPERATION:
        return "not possible with this object";
    case RX_UNIMPLEMENTED:
        return "not possible with this kind of database";
    case RX_DATABASE:
        return "database failed";
    case RX_DATABASE_CORRUPT:
        return "database is damaged";
    case RX_DATABASE_CREATE:
        return "database could not be created";
    case RX_DATABASE_LOCK:
        return "database is locked by another writer";
    case RX_DATABASE_MODIFIED:
        return "database was changed while it was read";
    case RX_DATABASE_OPENING:
        return "database could not be opened";
    case RX_DATABASE_VERSION:
        return "database has another version of the format";
    case RX_DATABASE_NOT_FOUND:
        return "no database there";
    case RX_DATABASE_CLOSED:
        return "a part of the database was closed";
    case RX_DOC_NOT_FOUND:
        return "no such document";
    case RX_FEATURE_UNAVAILABLE:
        return "not built into this libxapian";
    case RX_INTERNAL:
        return "internal error of libxapian";
    case RX_NETWORK:
        return "connection failed";
    case RX_NETWORK_TIMEOUT:
        return "server did not answer in time";
    case RX_QUERY_PARSER:
        return "query cannot be read";
    case RX_SERIALISATION:
        return "bytes stand for nothing";
    case RX_RANGE:
        return "out of range";
    case RX_WILDCARD:
        return "wildcard matches too many terms";
    case RX_ASSERTION:
        return "assertion of libxapian failed";
    case RX_NO_MEMORY:
        return "out of memory";
    case RX_OTHER:
        return "unknown failure";
    case RX_CLOSED:
        return "database was closed";
    case RX_POISONED:
        return "database failed before";
    }
    return "unknown status";
}

extern "C" const char *rx_xapian_version(void) { return Xapian::version_string(); }
