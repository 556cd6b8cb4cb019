/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Searching: everything that was asked for is copied out before a call comes back. */
#include "xapian/rx_handles.h"
#include "xapian/rx_memory.h"

namespace rx
{

Xapian::RSet relevant_set(const rx_docid *relevant, size_t count)
{
    required_bytes(relevant, count, "relevant");
    Xapian::RSet set;
    for (size_t i = 0; i < count; i++) {
        required_docid(relevant[i]);
        set.add_document(relevant[i]);
    }
    return set;
}

namespace
{

/* Results as they are handed out, and what they hold. */
struct Hits : rx_hits {
    Hits() : rx_hits() {}
    std::vector<rx_hit> list;
    std::vector<rx_bytes> values; /* of all hits, one after the other */
    Bytes bytes;
    /* With RX_KEEP: */
    Xapian::MSet kept;
    std::shared_ptr<Open> open;
};

void copy_totals(const Xapian::MSet &found, Hits &hits)
{
    hits.lower = found.get_matches_lower_bound();
    hits.estimate = found.get_matches_estimated();
    hits.upper = found.get_matches_upper_bound();
    hits.uncollapsed_lower = found.get_uncollapsed_matches_lower_bound();
    hits.uncollapsed_estimate = found.get_uncollapsed_matches_estimated();
    hits.uncollapsed_upper = found.get_uncollapsed_matches_upper_bound();
    hits.max_possible = found.get_max_possible();
    hits.max_attained = found.get_max_attained();
}

void copy_document(const Xapian::Document &document, const rx_search_options &options, Hits &hits, rx_hit &hit)
{
    if (options.flags & RX_WITH_DATA)
        hit.data = hits.bytes.copy(document.get_data());
    for (size_t i = 0; i < options.slot_count; i++)
        hits.values.push_back(hits.bytes.copy(document.get_value(options.slots[i])));
}

void copy_hits(const Xapian::MSet &found, const rx_search_options &options, Hits &hits)
{
    bool with_documents = (options.flags & RX_WITH_DATA) || options.slot_count > 0;
    hits.list.reserve(found.size());
    hits.values.reserve(found.size() * options.slot_count);
    /* Asks for all before the first is waited for, where a server can do that. Not where hits were passed over: there fetch() of libxapian
     * 1.4.22 counts from the first of all, and reads in front of what it has. */
    if (with_documents && !found.empty() && options.first == 0)
        found.fetch();
    for (Xapian::MSetIterator at = found.begin(); at != found.end(); ++at) {
        rx_hit hit = {};
        hit.docid = *at;
        hit.rank = at.get_rank();
        hit.weight = at.get_weight();
        hit.percent = at.get_percent();
        hit.collapse_count = at.get_collapse_count();
        hit.collapse_key = hits.bytes.copy(at.get_collapse_key());
        if (with_documents)
            copy_document(at.get_document(), options, hits, hit);
        hits.list.push_back(hit);
    }
    for (size_t i = 0; options.slot_count > 0 && i < hits.list.size(); i++)
        hits.list[i].values = &hits.values[i * options.slot_count];
    hits.count = hits.list.size();
    hits.items = hits.list.data();
}

void check(const rx_search_options &options)
{
    if (options.flags & ~unsigned(RX_WITH_DATA | RX_KEEP))
        throw Refused(RX_INVALID_ARGUMENT, "there are no flags 0x%x", options.flags);
    required_bytes(options.slots, options.slot_count, "slots");
    for (size_t i = 0; i < options.slot_count; i++)
        if (options.slots[i] == RX_NO_SLOT)
            throw Refused(RX_INVALID_ARGUMENT, "%u is no value slot", options.slots[i]);
}

/* The results that were kept, with their database, which stands behind them still. */
template <class Body> rx_status with_kept(const rx_hits *given, rx_error *error, Body &&body) noexcept
{
    const Hits *hits = static_cast<const Hits *>(given);
    if (!hits || !hits->open)
        return guard(error, [&] {
            required(hits, "hits");
            throw Refused(RX_INVALID_OPERATION, "the search was not asked to keep its results (RX_KEEP)");
        });
    return use(hits->open, Doing::READING, error, [&](Open &) { body(hits->kept); });
}

} // namespace

} // namespace rx

using namespace rx;

extern "C" rx_status rx_search(rx_enquire *enquire, const rx_search_options *given, rx_hits **hits, rx_error *error)
{
    return use(enquire, Doing::SEARCHING, error, [&](Open &) {
        required(hits, "hits");
        const rx_search_options defaults = RX_SEARCH_OPTIONS_INIT;
        rx_search_options options = options_or(given, defaults);
        check(options);
        Xapian::RSet relevant = relevant_set(options.relevant, options.relevant_count);
        Xapian::MSet found = enquire->enquire.get_mset(options.first, options.limit, options.check_at_least,
                                                       options.relevant_count ? &relevant : nullptr);
        std::unique_ptr<Hits> copied(new Hits());
        copy_totals(found, *copied);
        copy_hits(found, options, *copied);
        if (options.flags & RX_KEEP) {
            copied->kept = found;
            copied->open = enquire->open;
        }
        *hits = copied.release();
    });
}

extern "C" void rx_hits_free(rx_hits *hits) { delete static_cast<Hits *>(hits); }

extern "C" rx_status rx_hits_snippet(const rx_hits *hits, const char *text, size_t length, size_t width, const rx_stemmer *stemmer,
                                     const char *start, const char *end, const char *omitted, rx_string *snippet, rx_error *error)
{
    return with_kept(hits, error, [&](const Xapian::MSet &kept) {
        required(snippet, "snippet");
        required_bytes(text, length, "text");
        std::string whole = length ? std::string(text, length) : std::string();
        give(snippet, kept.snippet(whole, width, stemmer ? stemmer->stem : Xapian::Stem(),
                                   Xapian::MSet::SNIPPET_BACKGROUND_MODEL | Xapian::MSet::SNIPPET_EXHAUSTIVE, start ? start : "<b>",
                                   end ? end : "</b>", omitted ? omitted : "..."));
    });
}

extern "C" rx_status rx_hits_term(const rx_hits *hits, const char *term, size_t length, uint32_t *documents, double *weight,
                                  rx_error *error)
{
    return with_kept(hits, error, [&](const Xapian::MSet &kept) {
        required(documents, "documents");
        required(weight, "weight");
        required_term(term, length);
        std::string name(term, length);
        uint32_t with_term = kept.get_termfreq(name);
        *weight = kept.get_termweight(name);
        *documents = with_term;
    });
}
