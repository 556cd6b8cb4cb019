/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a search is asked, and how it weighs, sorts and cuts. */
#include "xapian/rx_handles.h"
#include "xapian/rx_memory.h"
#include "xapian/rx_weight.h"

using namespace rx;

namespace
{

/* Runs `body` on a search whose database is of use. */
template <class Body> rx_status with(rx_enquire *handle, rx_error *error, Body &&body) noexcept
{
    return use(handle, Doing::READING, error, [&](Open &) { body(handle->enquire); });
}

} // namespace

extern "C" rx_status rx_enquire_new(const rx_database *database, rx_enquire **enquire, rx_error *error)
{
    return use(database, Doing::READING, error, [&](Open &open) {
        required(enquire, "enquire");
        *enquire = new rx_enquire{Xapian::Enquire(open.reader), database->open};
    });
}

extern "C" void rx_enquire_free(rx_enquire *enquire) { delete enquire; }

extern "C" rx_status rx_enquire_query(rx_enquire *enquire, const rx_query *query, uint32_t query_length, rx_error *error)
{
    return with(enquire, error, [&](Xapian::Enquire &set) { set.set_query(required(query, "query")->query, query_length); });
}

extern "C" rx_status rx_enquire_bm25(rx_enquire *enquire, double k1, double k2, double k3, double b, double min_normalised_length,
                                     rx_error *error)
{
    return with(enquire, error, [&](Xapian::Enquire &set) {
        required_weight(k1, "k1");
        required_weight(k2, "k2");
        required_weight(k3, "k3");
        required_weight(b, "b");
        required_weight(min_normalised_length, "min_normalised_length");
        if (b > 1)
            throw Refused(RX_INVALID_ARGUMENT, "b is %g, and must not be above 1", b);
        set.set_weighting_scheme(Xapian::BM25Weight(k1, k2, k3, b, min_normalised_length));
    });
}

extern "C" rx_status rx_enquire_lucene(rx_enquire *enquire, double k1, double b, int with_idf, rx_error *error)
{
    return with(enquire, error, [&](Xapian::Enquire &set) {
        required_weight(k1, "k1");
        required_weight(b, "b");
        if (b > 1)
            throw Refused(RX_INVALID_ARGUMENT, "b is %g, and must not be above 1", b);
        set.set_weighting_scheme(LuceneWeight(k1, b, with_idf != 0));
    });
}

extern "C" rx_status rx_enquire_boolean(rx_enquire *enquire, rx_error *error)
{
    return with(enquire, error, [](Xapian::Enquire &set) { set.set_weighting_scheme(Xapian::BoolWeight()); });
}

extern "C" rx_status rx_enquire_sort(rx_enquire *enquire, int order, rx_slot slot, int reverse, rx_error *error)
{
    return with(enquire, error, [&](Xapian::Enquire &set) {
        if (order != RX_SORT_RELEVANCE && slot == RX_NO_SLOT)
            throw Refused(RX_INVALID_ARGUMENT, "%u is no value slot", slot);
        switch (order) {
        case RX_SORT_RELEVANCE:
            set.set_sort_by_relevance();
            break;
        case RX_SORT_VALUE:
            set.set_sort_by_value(slot, reverse != 0);
            break;
        case RX_SORT_VALUE_RELEVANCE:
            set.set_sort_by_value_then_relevance(slot, reverse != 0);
            break;
        case RX_SORT_RELEVANCE_VALUE:
            set.set_sort_by_relevance_then_value(slot, reverse != 0);
            break;
        default:
            throw Refused(RX_INVALID_ARGUMENT, "there is no order %d", order);
        }
    });
}

extern "C" rx_status rx_enquire_docid_order(rx_enquire *enquire, int order, rx_error *error)
{
    return with(enquire, error, [&](Xapian::Enquire &set) {
        switch (order) {
        case RX_ASCENDING:
            set.set_docid_order(Xapian::Enquire::ASCENDING);
            break;
        case RX_DESCENDING:
            set.set_docid_order(Xapian::Enquire::DESCENDING);
            break;
        case RX_ANY_ORDER:
            set.set_docid_order(Xapian::Enquire::DONT_CARE);
            break;
        default:
            throw Refused(RX_INVALID_ARGUMENT, "there is no order %d", order);
        }
    });
}

extern "C" rx_status rx_enquire_collapse(rx_enquire *enquire, rx_slot slot, uint32_t max, rx_error *error)
{
    return with(enquire, error, [&](Xapian::Enquire &set) {
        if (slot != RX_NO_SLOT && max == 0)
            throw Refused(RX_INVALID_ARGUMENT, "at least 1 hit of each value must be kept");
        set.set_collapse_key(slot, max);
    });
}

extern "C" rx_status rx_enquire_cutoff(rx_enquire *enquire, int percent, double weight, rx_error *error)
{
    return with(enquire, error, [&](Xapian::Enquire &set) {
        if (percent < 0 || percent > 100)
            throw Refused(RX_INVALID_ARGUMENT, "%d is not from 0 to 100 percent", percent);
        required_weight(weight, "weight");
        set.set_cutoff(percent, weight);
    });
}

extern "C" rx_status rx_enquire_time_limit(rx_enquire *enquire, double seconds, rx_error *error)
{
    return with(enquire, error, [&](Xapian::Enquire &set) {
        required_weight(seconds, "seconds");
        set.set_time_limit(seconds);
    });
}

extern "C" rx_status rx_matching_terms(const rx_enquire *enquire, rx_docid docid, rx_terms **terms, rx_error *error)
{
    return use(enquire, Doing::READING, error, [&](Open &) {
        required(terms, "terms");
        required_docid(docid);
        std::unique_ptr<Terms> list(new Terms());
        Xapian::TermIterator end = enquire->enquire.get_matching_terms_end(docid);
        for (Xapian::TermIterator term = enquire->enquire.get_matching_terms_begin(docid); term != end; ++term)
            list->add(*term);
        give(terms, list);
    });
}

namespace
{

/* By Xapian's convention a prefix is capital letters, and a term without one starts with anything else. */
class PrefixDecider : public Xapian::ExpandDecider
{
public:
    PrefixDecider(bool any_, const char *prefix_) : any(any_), with_prefix(prefix_ != nullptr), prefix(or_empty(prefix_)) {}

    bool operator()(const std::string &term) const override
    {
        if (any)
            return true;
        if (with_prefix)
            return term.compare(0, prefix.size(), prefix) == 0;
        return term.empty() || term[0] < 'A' || term[0] > 'Z';
    }

private:
    bool any, with_prefix;
    std::string prefix;
};

} // namespace

extern "C" rx_status rx_expand(const rx_enquire *enquire, const rx_docid *relevant, size_t relevant_count, uint32_t max,
                               unsigned flags, const char *prefix, rx_terms **terms, rx_error *error)
{
    return use(enquire, Doing::READING, error, [&](Open &) {
        required(terms, "terms");
        if (flags & ~unsigned(RX_EXPAND_QUERY_TERMS | RX_EXPAND_EXACT | RX_EXPAND_ALL))
            throw Refused(RX_INVALID_ARGUMENT, "there are no flags 0x%x", flags);
        if (prefix && (flags & RX_EXPAND_ALL))
            throw Refused(RX_INVALID_ARGUMENT, "all terms, and only those of a prefix");
        Xapian::RSet set = relevant_set(relevant, relevant_count);
        PrefixDecider decider((flags & RX_EXPAND_ALL) != 0, prefix);
        int how = (flags & RX_EXPAND_QUERY_TERMS ? Xapian::Enquire::INCLUDE_QUERY_TERMS : 0) |
                  (flags & RX_EXPAND_EXACT ? Xapian::Enquire::USE_EXACT_TERMFREQ : 0);
        Xapian::ESet best = enquire->enquire.get_eset(max, set, how, &decider);
        std::unique_ptr<Terms> list(new Terms());
        for (Xapian::ESetIterator term = best.begin(); term != best.end(); ++term)
            list->add(*term, 0, 0, term.get_weight());
        give(terms, list);
    });
}
