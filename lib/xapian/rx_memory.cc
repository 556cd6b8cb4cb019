/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Plain memory that is handed out. */
#include "xapian/rx_memory.h"

namespace rx
{

rx_bytes Bytes::copy(const std::string &text)
{
    size_t needed = text.size() + 1;
    if (needed > room) {
        /* A long one gets a block of its own, and leaves the rest of the last one for others. */
        size_t block = needed > BLOCK / 4 ? needed : size_t(BLOCK);
        std::unique_ptr<char[]> fresh(new char[block]);
        char *start = fresh.get();
        blocks.push_back(std::move(fresh));
        if (needed == block) {
            memcpy(start, text.c_str(), needed);
            return {start, text.size()};
        }
        free = start;
        room = block;
    }
    char *at = free;
    memcpy(at, text.c_str(), needed);
    free += needed;
    room -= needed;
    return {at, text.size()};
}

void give(rx_string *result, const std::string &text)
{
    char *bytes = new char[text.size() + 1];
    memcpy(bytes, text.c_str(), text.size() + 1);
    *result = {bytes, text.size()};
}

} // namespace rx

extern "C" void rx_string_free(rx_string *string)
{
    if (string) {
        delete[] string->bytes;
        *string = {nullptr, 0};
    }
}

extern "C" void rx_terms_free(rx_terms *terms) { delete static_cast<rx::Terms *>(terms); }
