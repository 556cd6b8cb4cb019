/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef RX_WEIGHT_H
#define RX_WEIGHT_H

#include <string>

#include <xapian.h>

namespace rx
{

/* BM25 as Lucene defines it: see rx_enquire_lucene. */
class LuceneWeight : public Xapian::Weight
{
public:
    LuceneWeight(double k1, double b, bool with_idf);

    LuceneWeight *clone() const override;
    std::string name() const override;
    /* k1, b: 8 bytes each, as IEEE 754 has them, high byte first; with_idf: a byte, 0 or 1. */
    std::string serialise() const override;
    LuceneWeight *unserialise(const std::string &bytes) const override;

    double get_sumpart(Xapian::termcount wdf, Xapian::termcount length, Xapian::termcount unique_terms) const override;
    double get_maxpart() const override;
    double get_sumextra(Xapian::termcount length, Xapian::termcount unique_terms) const override;
    double get_maxextra() const override;

private:
    void init(double factor) override;

    double k1, b;
    bool with_idf;
    /* Of the term, set by init: what a frequency without end would weigh, and k1 (1 - b + b l / average) as base + slope l. */
    double top = 0, base = 0, slope = 0;
};

} // namespace rx

#endif
