/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Plain memory that is handed out: strings, lists of terms, and what the bytes of lists lie in. */
#ifndef RX_MEMORY_H
#define RX_MEMORY_H

#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "riffle-xapian.h"

namespace rx
{

/* Bytes of many strings, which stay where they are until it goes. */
class Bytes
{
public:
    rx_bytes copy(const std::string &text);

private:
    enum { BLOCK = 4096 };
    std::vector<std::unique_ptr<char[]>> blocks;
    char *free = nullptr;
    size_t room = 0;
};

/* A list as it is handed out, and what it holds. `finish` makes the plain struct show it. */
struct Terms : rx_terms {
    void add(const std::string &term, uint32_t wdf = 0, uint32_t documents = 0, double weight = 0)
    {
        list.push_back({bytes.copy(term), wdf, documents, weight});
    }
    void finish()
    {
        count = list.size();
        items = list.data();
    }
    std::vector<rx_term> list;
    Bytes bytes;
};

/* Gives `terms` to the caller. */
inline void give(rx_terms **result, std::unique_ptr<Terms> &terms)
{
    terms->finish();
    *result = terms.release();
}

/* Gives the caller a copy of `text`. */
void give(rx_string *result, const std::string &text);

/* A C string that may be NULL, which is empty. */
inline std::string or_empty(const char *text) { return text ? std::string(text) : std::string(); }

} // namespace rx

#endif
