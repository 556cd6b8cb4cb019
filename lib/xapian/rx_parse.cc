/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Queries as people type them, read by libxapian's own parser. */
#include <algorithm>

#include "xapian/rx_handles.h"
#include "xapian/rx_memory.h"
#include "xapian/rx_operators.h"

using namespace rx;

namespace
{

/* How deep a text can nest has no other bound, and the parser uses the stack. */
enum { LONGEST_TEXT = 10000 };

const unsigned needs_database = RX_PARSE_WILDCARD | RX_PARSE_PARTIAL | RX_PARSE_SPELLING | RX_PARSE_SYNONYM;

unsigned depth_of(const Xapian::Query &query)
{
    unsigned deepest = 0;
    size_t parts = query.get_num_subqueries();
    for (size_t i = 0; i < parts; i++)
        deepest = std::max(deepest, depth_of(query.get_subquery(i)));
    return deepest + 1;
}

void set_up(Xapian::QueryParser &parser, Xapian::SimpleStopper &stopper, const rx_parse_options &options)
{
    if (options.stemming < RX_STEM_NONE || options.stemming > RX_STEM_SOME_FULL_POSITIONS)
        throw Refused(RX_INVALID_ARGUMENT, "there is no way %d to stem", options.stemming);
    required_bytes(options.prefixes, options.prefix_count, "prefixes");
    required_bytes(options.stop_words, options.stop_word_count, "stop_words");
    if ((options.flags & needs_database) && !options.database)
        throw Refused(RX_INVALID_ARGUMENT, "the flags 0x%x need a database", options.flags & needs_database);
    if (options.stemmer)
        parser.set_stemmer(options.stemmer->stem);
    parser.set_stemming_strategy(Xapian::QueryParser::stem_strategy(options.stemming));
    parser.set_default_op(operator_of(options.default_op));
    if (options.database)
        parser.set_database(options.database->open->reader);
    for (size_t i = 0; i < options.prefix_count; i++) {
        const rx_prefix &prefix = options.prefixes[i];
        if (prefix.filter)
            parser.add_boolean_prefix(required(prefix.field, "a field"), required(prefix.prefix, "a prefix"));
        else
            parser.add_prefix(required(prefix.field, "a field"), required(prefix.prefix, "a prefix"));
    }
    for (size_t i = 0; i < options.stop_word_count; i++)
        stopper.add(required(options.stop_words[i], "a stop word"));
    parser.set_stopper(&stopper);
    if (options.wildcard_limit)
        parser.set_max_expansion(options.wildcard_limit, Xapian::Query::WILDCARD_LIMIT_ERROR,
                                 Xapian::QueryParser::FLAG_WILDCARD | Xapian::QueryParser::FLAG_PARTIAL);
}

void parse(const char *text, size_t length, const rx_parse_options &options, rx_query **query, rx_string *corrected)
{
    required(query, "query");
    required_bytes(text, length, "text");
    if (length > LONGEST_TEXT)
        throw Refused(RX_INVALID_ARGUMENT, "a query of %zu bytes is longer than %d", length, int(LONGEST_TEXT));
    Xapian::SimpleStopper stopper;
    Xapian::QueryParser parser;
    set_up(parser, stopper, options);
    Xapian::Query read =
        parser.parse_query(length ? std::string(text, length) : std::string(), options.flags, or_empty(options.default_prefix));
    std::unique_ptr<rx_query> made = new_query(read, depth_of(read));
    if (corrected)
        give(corrected, parser.get_corrected_query_string());
    *query = made.release();
}

} // namespace

extern "C" rx_status rx_query_parse(const char *text, size_t length, const rx_parse_options *options, rx_query **query,
                                    rx_string *corrected, rx_error *error)
{
    const rx_parse_options defaults = RX_PARSE_OPTIONS_INIT;
    if (options && options->size == sizeof *options && options->database)
        return use(options->database, Doing::READING, error, [&](Open &) { parse(text, length, *options, query, corrected); });
    return guard(error, [&] { parse(text, length, options_or(options, defaults), query, corrected); });
}
