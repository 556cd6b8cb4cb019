/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Postings, positions, and visits of terms, keys, words and values. */
#include <vector>

#include "xapian/rx_handles.h"
#include "xapian/rx_memory.h"

using namespace rx;

extern "C" rx_status rx_postings(const rx_database *database, const char *term, size_t length, rx_docid from, rx_posting *postings,
                                 size_t room, size_t *count, rx_error *error)
{
    return use(database, Doing::READING, error, [&](Open &open) {
        required_bytes(postings, room, "postings");
        required(count, "count");
        if (length > 0)
            required_term(term, length);
        std::string name = length ? std::string(term, length) : std::string();
        size_t copied = 0;
        Xapian::PostingIterator at = open.reader.postlist_begin(name), end = open.reader.postlist_end(name);
        if (at != end && from > 1)
            at.skip_to(from);
        for (; copied < room && at != end; ++at, copied++)
            postings[copied] = {*at, at.get_wdf()};
        *count = copied;
    });
}

extern "C" rx_status rx_positions(const rx_database *database, rx_docid docid, const char *term, size_t length, uint32_t *positions,
                                  size_t room, size_t *count, rx_error *error)
{
    return use(database, Doing::READING, error, [&](Open &open) {
        required_bytes(positions, room, "positions");
        required(count, "count");
        required_docid(docid);
        required_term(term, length);
        std::string name(term, length);
        size_t found = 0;
        Xapian::PositionIterator end = open.reader.positionlist_end(docid, name);
        for (Xapian::PositionIterator at = open.reader.positionlist_begin(docid, name); at != end; ++at, found++)
            if (found < room)
                positions[found] = *at;
        *count = found;
    });
}

namespace
{

/*
 * Visits what goes from `begin` to the end, some at a time: read within the guard, then shown outside of it, so that the visitor has
 * no C++ frame that is trying something below it. `item` makes an item of the iterator, `show` gives one to the visitor.
 */
template <class Iterator, class Item, class Begin, class Read, class Show>
rx_status visit_all(const rx_database *database, rx_error *error, Begin &&begin, Read &&item, Show &&show) noexcept
{
    enum { AT_ONCE = 256 };
    Iterator at;
    std::vector<Item> items;
    bool begun = false;
    if (!database)
        return guard(error, [] { throw Refused(RX_INVALID_ARGUMENT, "database is NULL"); });
    std::shared_ptr<Open> open = database->open;
    do {
        items.clear();
        rx_status status = use(open, Doing::READING, error, [&](Open &used) {
            if (!begun)
                at = begin(used.reader);
            begun = true;
            for (; items.size() < AT_ONCE && at != Iterator(); ++at)
                items.push_back(item(at));
        });
        if (status != RX_OK)
            return status;
        for (const Item &shown : items)
            if (show(shown))
                return RX_OK;
    } while (items.size() == AT_ONCE);
    return RX_OK;
}

struct TermItem {
    std::string term;
    uint32_t documents;
};

/* Visits terms, and things that libxapian lists as terms. */
template <class Begin>
rx_status visit_terms(const rx_database *database, rx_visit_term visit, void *context, bool counted, rx_error *error,
                      Begin &&begin) noexcept
{
    return visit_all<Xapian::TermIterator, TermItem>(
        database, error,
        [&](const Xapian::Database &reader) {
            required(visit, "visit");
            return begin(reader);
        },
        [&](const Xapian::TermIterator &at) {
            return TermItem{*at, counted ? at.get_termfreq() : 0};
        },
        [&](const TermItem &item) {
            const rx_term term = {{item.term.c_str(), item.term.size()}, 0, item.documents, 0};
            return visit(context, &term);
        });
}

struct ValueItem {
    rx_docid docid;
    std::string value;
};

std::string prefix_of(const char *prefix, size_t length)
{
    required_bytes(prefix, length, "prefix");
    if (length == 0)
        return std::string();
    required_term(prefix, length, "prefix");
    return std::string(prefix, length);
}

} // namespace

extern "C" rx_status rx_each_term(const rx_database *database, const char *prefix, size_t length, rx_visit_term visit,
                                  void *context, rx_error *error)
{
    return visit_terms(database, visit, context, true, error,
                       [&](const Xapian::Database &reader) { return reader.allterms_begin(prefix_of(prefix, length)); });
}

extern "C" rx_status rx_each_metadata_key(const rx_database *database, const char *prefix, size_t length, rx_visit_term visit,
                                          void *context, rx_error *error)
{
    return visit_terms(database, visit, context, false, error,
                       [&](const Xapian::Database &reader) { return reader.metadata_keys_begin(prefix_of(prefix, length)); });
}

extern "C" rx_status rx_each_spelling(const rx_database *database, rx_visit_term visit, void *context, rx_error *error)
{
    return visit_terms(database, visit, context, true, error,
                       [](const Xapian::Database &reader) { return reader.spellings_begin(); });
}

extern "C" rx_status rx_each_value(const rx_database *database, rx_slot slot, rx_docid from, rx_visit_value visit, void *context,
                                   rx_error *error)
{
    return visit_all<Xapian::ValueIterator, ValueItem>(
        database, error,
        [&](const Xapian::Database &reader) {
            required(visit, "visit");
            if (slot == RX_NO_SLOT)
                throw Refused(RX_INVALID_ARGUMENT, "%u is no value slot", slot);
            Xapian::ValueIterator at = reader.valuestream_begin(slot);
            if (at != Xapian::ValueIterator() && from > 1)
                at.skip_to(from);
            return at;
        },
        [](const Xapian::ValueIterator &at) {
            return ValueItem{at.get_docid(), *at};
        },
        [&](const ValueItem &item) { return visit(context, item.docid, item.value.data(), item.value.size()); });
}
