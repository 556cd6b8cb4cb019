/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a database as a whole can be asked. */
#include <sstream>

#include "xapian/rx_handles.h"
#include "xapian/rx_memory.h"

using namespace rx;

extern "C" rx_status rx_database_statistics(const rx_database *database, rx_statistics *statistics, rx_error *error)
{
    return use(database, Doing::READING, error, [&](Open &open) {
        required(statistics, "statistics");
        rx_statistics now = {};
        now.documents = open.reader.get_doccount();
        now.last_docid = open.reader.get_lastdocid();
        now.total_length = open.reader.get_total_length();
        now.average_length = open.reader.get_average_length();
        now.shortest = open.reader.get_doclength_lower_bound();
        now.longest = open.reader.get_doclength_upper_bound();
        now.parts = uint32_t(open.reader.size());
        now.has_positions = open.reader.has_positions();
        now.writable = open.writable;
        now.remote = open.remote;
        *statistics = now;
    });
}

extern "C" rx_status rx_database_uuid(const rx_database *database, rx_string *uuid, rx_error *error)
{
    return use(database, Doing::READING, error, [&](Open &open) { give(required(uuid, "uuid"), open.reader.get_uuid()); });
}

extern "C" rx_status rx_database_revision(const rx_database *database, uint64_t *revision, rx_error *error)
{
    return use(database, Doing::READING, error, [&](Open &open) {
        required(revision, "revision");
        if (open.reader.size() != 1)
            throw Refused(RX_INVALID_OPERATION, "only a database of one part has a revision, this one has %zu", open.reader.size());
        *revision = open.reader.get_revision();
    });
}

extern "C" rx_status rx_database_locked(const rx_database *database, int *locked, rx_error *error)
{
    return use(database, Doing::READING, error, [&](Open &open) {
        required(locked, "locked");
        *locked = open.reader.locked();
    });
}

extern "C" rx_status rx_database_term(const rx_database *database, const char *term, size_t length, rx_term_statistics *statistics,
                                      rx_error *error)
{
    return use(database, Doing::READING, error, [&](Open &open) {
        required(statistics, "statistics");
        required_term(term, length);
        std::string name(term, length);
        rx_term_statistics now = {};
        now.documents = open.reader.get_termfreq(name);
        now.occurrences = open.reader.get_collection_freq(name);
        now.largest_wdf = open.reader.get_wdf_upper_bound(name);
        *statistics = now;
    });
}

extern "C" rx_status rx_database_document_length(const rx_database *database, rx_docid docid, uint32_t *length, rx_error *error)
{
    return use(database, Doing::READING, error, [&](Open &open) {
        required(length, "length");
        required_docid(docid);
        *length = open.reader.get_doclength(docid);
    });
}

extern "C" rx_status rx_metadata_get(const rx_database *database, const char *key, size_t length, rx_string *value, rx_error *error)
{
    return use(database, Doing::READING, error, [&](Open &open) {
        required(value, "value");
        required_term(key, length, "key");
        give(value, open.reader.get_metadata(std::string(key, length)));
    });
}

extern "C" rx_status rx_database_check(const char *path, size_t *faults, rx_string *log, rx_error *error)
{
    return guard(error, [&] {
        required(path, "path");
        required(faults, "faults");
        std::ostringstream said;
        size_t found = Xapian::Database::check(path, 0, log ? &said : nullptr);
        if (log)
            give(log, said.str());
        *faults = found;
    });
}

extern "C" rx_status rx_database_compact(const rx_database *database, const char *to, unsigned flags, unsigned block_size,
                                         rx_error *error)
{
    return use(database, Doing::READING, error, [&](Open &open) {
        required(to, "to");
        if (flags & ~unsigned(RX_COMPACT_FULL | RX_COMPACT_NO_RENUMBER | RX_COMPACT_SINGLE_FILE))
            throw Refused(RX_INVALID_ARGUMENT, "there are no flags 0x%x", flags);
        required_block_size(block_size);
        if (open.remote || open.in_memory)
            throw Refused(RX_UNIMPLEMENTED, "only databases in local files can be compacted");
        if (open.pending)
            throw Refused(RX_INVALID_OPERATION, "the database has uncommitted changes");
        if (open.reader.size() == 0)
            throw Refused(RX_INVALID_OPERATION, "the database has no parts");
        open.reader.compact(to, flags, int(block_size));
    });
}
