/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Making queries of terms, values and other queries. */
#include <vector>

#include "xapian/rx_handles.h"
#include "xapian/rx_memory.h"
#include "xapian/rx_operators.h"

namespace rx
{

Xapian::Query::op operator_of(rx_op op)
{
    switch (op) {
    case RX_OP_AND:
        return Xapian::Query::OP_AND;
    case RX_OP_OR:
        return Xapian::Query::OP_OR;
    case RX_OP_AND_NOT:
        return Xapian::Query::OP_AND_NOT;
    case RX_OP_XOR:
        return Xapian::Query::OP_XOR;
    case RX_OP_AND_MAYBE:
        return Xapian::Query::OP_AND_MAYBE;
    case RX_OP_FILTER:
        return Xapian::Query::OP_FILTER;
    case RX_OP_NEAR:
        return Xapian::Query::OP_NEAR;
    case RX_OP_PHRASE:
        return Xapian::Query::OP_PHRASE;
    case RX_OP_ELITE_SET:
        return Xapian::Query::OP_ELITE_SET;
    case RX_OP_SYNONYM:
        return Xapian::Query::OP_SYNONYM;
    case RX_OP_MAX:
        return Xapian::Query::OP_MAX;
    }
    throw Refused(RX_INVALID_ARGUMENT, "there is no operator %d", int(op));
}

std::unique_ptr<rx_query> new_query(const Xapian::Query &query, unsigned depth)
{
    const unsigned deepest = 1000;
    if (depth > deepest)
        throw Refused(RX_INVALID_ARGUMENT, "the query is nested deeper than %u", deepest);
    return std::unique_ptr<rx_query>(new rx_query{query, depth});
}

} // namespace rx

using namespace rx;

namespace
{

/* Makes a handle of the query that `build` returns, which is nested `depth` deep. */
template <class Build> rx_status make(rx_query **query, rx_error *error, Build &&build) noexcept
{
    return guard(error, [&] {
        required(query, "query");
        unsigned depth = 1;
        Xapian::Query built = build(depth);
        *query = new_query(built, depth).release();
    });
}

std::string bytes_of(const char *bytes, size_t length, const char *name)
{
    required_bytes(bytes, length, name);
    return length ? std::string(bytes, length) : std::string();
}

} // namespace

extern "C" void rx_query_free(rx_query *query) { delete query; }

extern "C" rx_status rx_query_term(const char *term, size_t length, uint32_t wqf, uint32_t position, rx_query **query,
                                   rx_error *error)
{
    return make(query, error, [&](unsigned &) {
        required_term(term, length);
        return Xapian::Query(std::string(term, length), wqf, position);
    });
}

extern "C" rx_status rx_query_combine(rx_op op, const rx_query *const *parts, size_t count, uint32_t parameter, rx_query **query,
                                      rx_error *error)
{
    return make(query, error, [&](unsigned &depth) {
        required_bytes(parts, count, "parts");
        bool window = op == RX_OP_NEAR || op == RX_OP_PHRASE;
        if (parameter && !window && op != RX_OP_ELITE_SET)
            throw Refused(RX_INVALID_ARGUMENT, "the operator takes no parameter, but was given %u", parameter);
        if (parameter && window && parameter < count)
            throw Refused(RX_INVALID_ARGUMENT, "a window of %u positions is too narrow for %zu parts", parameter, count);
        std::vector<Xapian::Query> queries;
        queries.reserve(count);
        for (size_t i = 0; i < count; i++) {
            const rx_query *part = required(parts[i], "a part");
            depth = std::max(depth, part->depth + 1);
            queries.push_back(part->query);
        }
        return Xapian::Query(operator_of(op), queries.begin(), queries.end(), parameter);
    });
}

extern "C" rx_status rx_query_scale(const rx_query *part, double factor, rx_query **query, rx_error *error)
{
    return make(query, error, [&](unsigned &depth) {
        required_weight(factor, "factor");
        depth = required(part, "part")->depth + 1;
        return Xapian::Query(Xapian::Query::OP_SCALE_WEIGHT, part->query, factor);
    });
}

extern "C" rx_status rx_query_wildcard(const char *prefix, size_t length, uint32_t limit, int beyond, rx_op combiner,
                                       rx_query **query, rx_error *error)
{
    return make(query, error, [&](unsigned &) {
        std::string start = bytes_of(prefix, length, "prefix");
        if (beyond < RX_WILDCARD_FAIL || beyond > RX_WILDCARD_MOST_FREQUENT)
            throw Refused(RX_INVALID_ARGUMENT, "there is no way %d to limit a wildcard", beyond);
        static_assert(int(RX_WILDCARD_FAIL) == Xapian::Query::WILDCARD_LIMIT_ERROR &&
                          int(RX_WILDCARD_FIRST) == Xapian::Query::WILDCARD_LIMIT_FIRST &&
                          int(RX_WILDCARD_MOST_FREQUENT) == Xapian::Query::WILDCARD_LIMIT_MOST_FREQUENT,
                      "numbers as libxapian has them");
        return Xapian::Query(Xapian::Query::OP_WILDCARD, start, limit, beyond, operator_of(combiner));
    });
}

extern "C" rx_status rx_query_value_range(rx_slot slot, const char *low, size_t low_length, const char *high, size_t high_length,
                                          rx_query **query, rx_error *error)
{
    return make(query, error, [&](unsigned &) {
        if (slot == RX_NO_SLOT)
            throw Refused(RX_INVALID_ARGUMENT, "%u is no value slot", slot);
        std::string lowest = low ? std::string(low, low_length) : std::string();
        if (!high)
            return Xapian::Query(Xapian::Query::OP_VALUE_GE, slot, lowest);
        return Xapian::Query(Xapian::Query::OP_VALUE_RANGE, slot, lowest, std::string(high, high_length));
    });
}

extern "C" rx_status rx_query_all(rx_query **query, rx_error *error)
{
    return make(query, error, [](unsigned &) { return Xapian::Query(std::string()); });
}

extern "C" rx_status rx_query_none(rx_query **query, rx_error *error)
{
    return make(query, error, [](unsigned &) { return Xapian::Query(); });
}

extern "C" rx_status rx_query_describe(const rx_query *query, rx_string *text, rx_error *error)
{
    return guard(error, [&] { give(required(text, "text"), required(query, "query")->query.get_description()); });
}

/*
 * libxapian takes bytes for a query on trust: damaged ones can cost it any time and memory. So a checksum stands before its own,
 * and the depth, which it does not tell:
 *
 *     [checksum of what follows, 8 bytes][depth, 2 bytes][the query, as libxapian writes it]     numbers with the low byte first
 */
enum { CHECKSUM_BYTES = 8, DEPTH_BYTES = 2, HEAD_BYTES = CHECKSUM_BYTES + DEPTH_BYTES };

static std::string low_first(uint64_t number, int bytes)
{
    std::string text;
    for (int i = 0; i < bytes; i++, number >>= 8)
        text.push_back(char(number & 0xff));
    return text;
}

/* FNV-1a. */
static std::string checksum(const std::string &text)
{
    uint64_t sum = 0xcbf29ce484222325;
    for (unsigned char byte : text)
        sum = (sum ^ byte) * 0x100000001b3;
    return low_first(sum, CHECKSUM_BYTES);
}

extern "C" rx_status rx_query_serialise(const rx_query *query, rx_string *bytes, rx_error *error)
{
    return guard(error, [&] {
        required(bytes, "bytes");
        std::string text = low_first(required(query, "query")->depth, DEPTH_BYTES) + query->query.serialise();
        give(bytes, checksum(text) + text);
    });
}

extern "C" rx_status rx_query_unserialise(const char *bytes, size_t length, rx_query **query, rx_error *error)
{
    return make(query, error, [&](unsigned &depth) {
        std::string text = bytes_of(bytes, length, "bytes");
        if (length < HEAD_BYTES || checksum(text.substr(CHECKSUM_BYTES)) != text.substr(0, CHECKSUM_BYTES))
            throw Refused(RX_SERIALISATION, "these %zu bytes are no query, or damaged", length);
        const unsigned char *at = reinterpret_cast<const unsigned char *>(bytes) + CHECKSUM_BYTES;
        depth = at[0] | unsigned(at[1]) << 8;
        return Xapian::Query::unserialise(text.substr(HEAD_BYTES));
    });
}

extern "C" rx_status rx_query_terms(const rx_query *query, rx_terms **terms, rx_error *error)
{
    return guard(error, [&] {
        required(terms, "terms");
        const Xapian::Query &asked = required(query, "query")->query;
        std::unique_ptr<Terms> list(new Terms());
        for (Xapian::TermIterator term = asked.get_unique_terms_begin(); term != asked.get_unique_terms_end(); ++term)
            list->add(*term);
        give(terms, list);
    });
}
