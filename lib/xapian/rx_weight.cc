/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "xapian/rx_weight.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>

namespace rx
{

LuceneWeight::LuceneWeight(double k1_, double b_, bool with_idf_) : k1(k1_), b(b_), with_idf(with_idf_)
{
    need_stat(WQF);
    need_stat(WDF);
    need_stat(WDF_MAX);
    need_stat(DOC_LENGTH_MIN);
    if (with_idf) {
        need_stat(COLLECTION_SIZE);
        need_stat(TERMFREQ);
    }
    if (k1 != 0 && b != 0) {
        need_stat(AVERAGE_LENGTH);
        need_stat(DOC_LENGTH);
    }
}

LuceneWeight *LuceneWeight::clone() const { return new LuceneWeight(k1, b, with_idf); }

std::string LuceneWeight::name() const { return "Riffle::LuceneWeight"; }

static void append(std::string &bytes, double number)
{
    uint64_t bits;
    memcpy(&bits, &number, sizeof bits);
    for (int shift = 56; shift >= 0; shift -= 8)
        bytes.push_back(char(bits >> shift & 0xff));
}

static double number_at(const std::string &bytes, size_t at)
{
    uint64_t bits = 0;
    for (size_t i = at; i < at + sizeof bits; i++)
        bits = bits << 8 | static_cast<unsigned char>(bytes[i]);
    double number;
    memcpy(&number, &bits, sizeof number);
    return number;
}

std::string LuceneWeight::serialise() const
{
    std::string bytes;
    append(bytes, k1);
    append(bytes, b);
    bytes.push_back(with_idf);
    return bytes;
}

LuceneWeight *LuceneWeight::unserialise(const std::string &bytes) const
{
    if (bytes.size() != 2 * sizeof(double) + 1)
        throw Xapian::SerialisationError("Bad parameters of Riffle::LuceneWeight");
    return new LuceneWeight(number_at(bytes, 0), number_at(bytes, sizeof(double)), bytes.back() != 0);
}

void LuceneWeight::init(double factor)
{
    top = factor * get_wqf();
    if (with_idf) {
        double documents = get_collection_size(), with_term = get_termfreq();
        top *= std::log(1 + (documents - with_term + 0.5) / (with_term + 0.5));
    }
    double average = k1 != 0 && b != 0 ? get_average_length() : 0;
    slope = average > 0 ? k1 * b / average : 0;
    base = k1 * (1 - b);
}

double LuceneWeight::get_sumpart(Xapian::termcount wdf, Xapian::termcount length, Xapian::termcount) const
{
    /* Also where k1 is 0, or b 1 and the length 0: no 0 / 0. */
    if (wdf == 0)
        return 0;
    double frequency = wdf;
    return top * (frequency / (frequency + (base + slope * length)));
}

/*
 * f / (f + base + slope * l) grows with f and falls with l, which is at least f and at least that of the shortest document. Where f is
 * larger than that and l = f, it is 1 / (1 + base / f + slope), which grows with f too: the largest f is the worst case throughout.
 * The last factor is for rounding, so that the bound holds to the last bit.
 */
double LuceneWeight::get_maxpart() const
{
    Xapian::termcount most = get_wdf_upper_bound();
    return get_sumpart(most, std::max(most, get_doclength_lower_bound()), 0) * (1 + 1e-15);
}

double LuceneWeight::get_sumextra(Xapian::termcount, Xapian::termcount) const { return 0; }

double LuceneWeight::get_maxextra() const { return 0; }

} // namespace rx
