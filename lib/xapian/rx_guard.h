/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What stands around every call: no exception passes, and each becomes a status with a line of text. */
#ifndef RX_GUARD_H
#define RX_GUARD_H

#include "riffle-xapian.h"

namespace rx
{

/* Thrown by our own checks, before libxapian is asked. Holds its text itself, so that making one needs no memory. */
class Refused
{
public:
    Refused(rx_status status, const char *format, ...) noexcept __attribute__((format(printf, 3, 4)));
    explicit Refused(const rx_error &error_) noexcept : error(error_) {}
    rx_error error;
};

/* How a call ended. `ours`: by Refused. */
struct Outcome {
    rx_status status;
    bool ours;
};

/* To be called in a catch (...): tells the exception at hand. `error` may be NULL. */
Outcome translate(rx_error *error) noexcept;

/* RX_OK, without texts. `error` may be NULL. */
rx_status succeed(rx_error *error) noexcept;

/* Runs `body`, whose exceptions become a status. */
template <class Body> rx_status guard(rx_error *error, Body &&body) noexcept
{
    try {
        body();
        return succeed(error);
    } catch (...) {
        return translate(error).status;
    }
}

/* ---- Checks of arguments: Refused where they do not hold ---- */

template <class Pointer> Pointer *required(Pointer *pointer, const char *name)
{
    if (!pointer)
        throw Refused(RX_INVALID_ARGUMENT, "%s is NULL", name);
    return pointer;
}

/* Bytes with their length, which may be NULL where that is 0. */
inline void required_bytes(const void *bytes, size_t length, const char *name)
{
    if (length > 0)
        required(bytes, name);
}

/*
 * A term as libxapian takes it: 1 to 245 bytes, of which NULs count twice. A longer one would be noticed at the commit and cost all.
 * Keys, words of the spelling dictionary and synonyms have like limits, of which this is the smallest.
 */
void required_term(const char *term, size_t length, const char *name = "term");

/* Document numbers start at 1. */
void required_docid(rx_docid docid);

/* A power of 2 from 2048 to 65536, or 0 for the usual. */
void required_block_size(unsigned bytes);

/* A number that is finite and at least 0. */
void required_weight(double number, const char *name);

/* A struct of options that starts with its size; what the caller's does not have yet keeps its default. */
template <class Options> Options options_or(const Options *given, const Options &defaults)
{
    if (!given)
        return defaults;
    if (given->size != sizeof(Options))
        throw Refused(RX_INVALID_ARGUMENT, "options have a size of %zu bytes, and not of %zu", given->size, sizeof(Options));
    return *given;
}

} // namespace rx

#endif
