/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside the Xapian wrapper; xapian_inside.h. */
#include "tests/support/xapian_inside.h"

#include <cerrno>
#include <memory>
#include <new>
#include <stdexcept>

#include <xapian.h>

#include "xapian/rx_guard.h"
#include "xapian/rx_weight.h"

namespace
{

struct Kind {
    const char *name;
    rx_status status;
    void (*raise)();
};

template <class Class> void raise() { throw Class("what happened\nhere", "shard 7"); }

class NewerError : public Xapian::RuntimeError
{
public:
    NewerError() : Xapian::RuntimeError("what happened\nhere", "shard 7", "\002NewerError", 0) {}
};

const Kind kinds[] = {
    {"InvalidArgument", RX_INVALID_ARGUMENT, raise<Xapian::InvalidArgumentError>},
    {"InvalidOperation", RX_INVALID_OPERATION, raise<Xapian::InvalidOperationError>},
    {"Unimplemented", RX_UNIMPLEMENTED, raise<Xapian::UnimplementedError>},
    {"Database", RX_DATABASE, raise<Xapian::DatabaseError>},
    {"DatabaseCorrupt", RX_DATABASE_CORRUPT, raise<Xapian::DatabaseCorruptError>},
    {"DatabaseCreate", RX_DATABASE_CREATE, raise<Xapian::DatabaseCreateError>},
    {"DatabaseLock", RX_DATABASE_LOCK, raise<Xapian::DatabaseLockError>},
    {"DatabaseModified", RX_DATABASE_MODIFIED, raise<Xapian::DatabaseModifiedError>},
    {"DatabaseOpening", RX_DATABASE_OPENING, raise<Xapian::DatabaseOpeningError>},
    {"DatabaseVersion", RX_DATABASE_VERSION, raise<Xapian::DatabaseVersionError>},
    {"DatabaseNotFound", RX_DATABASE_NOT_FOUND, raise<Xapian::DatabaseNotFoundError>},
    {"DatabaseClosed", RX_DATABASE_CLOSED, raise<Xapian::DatabaseClosedError>},
    {"DocNotFound", RX_DOC_NOT_FOUND, raise<Xapian::DocNotFoundError>},
    {"FeatureUnavailable", RX_FEATURE_UNAVAILABLE, raise<Xapian::FeatureUnavailableError>},
    {"Internal", RX_INTERNAL, raise<Xapian::InternalError>},
    {"Network", RX_NETWORK, raise<Xapian::NetworkError>},
    {"NetworkTimeout", RX_NETWORK_TIMEOUT, raise<Xapian::NetworkTimeoutError>},
    {"QueryParser", RX_QUERY_PARSER, raise<Xapian::QueryParserError>},
    {"Serialisation", RX_SERIALISATION, raise<Xapian::SerialisationError>},
    {"Range", RX_RANGE, raise<Xapian::RangeError>},
    {"Wildcard", RX_WILDCARD, raise<Xapian::WildcardError>},
    {"Assertion", RX_ASSERTION, raise<Xapian::AssertionError>},
    {"a class of a newer libxapian", RX_OTHER, [] { throw NewerError(); }},
    {"bad_alloc", RX_NO_MEMORY, [] { throw std::bad_alloc(); }},
    {"a standard exception", RX_OTHER, [] { throw std::runtime_error("what happened\nhere"); }},
    {"a number", RX_OTHER, [] { throw 7; }},
};

} // namespace

int inside_exceptions() { return int(sizeof kinds / sizeof *kinds); }

const char *inside_exception_name(int kind) { return kinds[kind].name; }

rx_status inside_exception_status(int kind) { return kinds[kind].status; }

rx_status inside_throw(int kind, rx_error *error)
{
    return rx::guard(error, [&] { kinds[kind].raise(); });
}

rx_status inside_throw_long(rx_error *error)
{
    return rx::guard(error, [] { throw Xapian::DatabaseError(std::string(5000, 'm'), std::string(5000, 's')); });
}

rx_status inside_throw_reason(rx_error *error)
{
    return rx::guard(error, [] { throw Xapian::NetworkError("no way through", "shard 7", EHOSTUNREACH); });
}

bool inside_weight_survives(double k1, double b, bool with_idf)
{
    rx::LuceneWeight weight(k1, b, with_idf);
    std::string bytes = weight.serialise();
    std::unique_ptr<rx::LuceneWeight> back(weight.unserialise(bytes)), copy(weight.clone());
    try {
        delete weight.unserialise(bytes + "x");
        return false;
    } catch (const Xapian::SerialisationError &) {
    }
    return back->serialise() == bytes && copy->serialise() == bytes && back->name() == "Riffle::LuceneWeight";
}
