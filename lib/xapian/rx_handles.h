/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the handles are, and how a call reaches the database behind them. */
#ifndef RX_HANDLES_H
#define RX_HANDLES_H

#include <memory>

#include <xapian.h>

#include "xapian/rx_guard.h"
#include "xapian/rx_signal.h"

namespace rx
{

static_assert(sizeof(Xapian::docid) == sizeof(rx_docid), "document numbers of 64 bits need another header");
static_assert(sizeof(Xapian::termpos) == sizeof(uint32_t) && sizeof(Xapian::termcount) == sizeof(uint32_t),
              "positions and counts of 64 bits need another header");
static_assert(RX_NO_SLOT == Xapian::BAD_VALUENO, "no slot is the slot that libxapian calls bad");

/* What a call does to the database, which decides what a failure means for it (see the header). */
enum class Doing { READING, SEARCHING, WRITING };

/* An open database, which its handle shares with the searches and documents that came from it. */
struct Open {
    Xapian::Database reader;         /* for all reading; of the same parts as `writer` */
    Xapian::WritableDatabase writer; /* without parts unless opened for writing */
    bool writable = false, in_memory = false, remote = false;
    bool made_of_parts = false; /* by rx_database_new */
    bool closed = false;
    bool pending = false;        /* a transaction of libxapian is open around all changes since the last commit */
    bool in_transaction = false; /* one of the caller's */
    rx_error failure = {};       /* the first that poisoned; RX_OK: none did */

    ~Open();

    /* Refused where it is closed or poisoned. */
    void required_usable() const;
    void required_writable() const;

    /* To be called before a change. */
    void begin();
    /* Drops what was not committed and closes, for all that shares it, whatever it throws. Done already where it is closed. */
    void close();
    /* To be called with the failure of a call. */
    void note_failure(Outcome outcome, const rx_error &error, Doing doing) noexcept;
};

/* Runs `body` between checks that the database is of use and what has to happen when it fails. */
template <class Body> rx_status use(const std::shared_ptr<Open> &given, Doing doing, rx_error *error, Body &&body) noexcept
{
    /* Held here, for the case that a callback frees the handle. */
    std::shared_ptr<Open> open = given;
    PipeShield shield(open->remote);
    try {
        open->required_usable();
        if (doing == Doing::WRITING)
            open->required_writable();
        body(*open);
        return succeed(error);
    } catch (...) {
        rx_error failure;
        Outcome outcome = translate(&failure);
        open->note_failure(outcome, failure, doing);
        if (error)
            *error = failure;
        return outcome.status;
    }
}

/* The same for a handle, which may be NULL. A document that came from no database has none to look at. */
template <class Handle, class Body> rx_status use(Handle *handle, Doing doing, rx_error *error, Body &&body) noexcept
{
    if (!handle)
        return guard(error, [] { throw Refused(RX_INVALID_ARGUMENT, "the handle is NULL"); });
    return use(handle->open, doing, error, body);
}

} // namespace rx

struct rx_database {
    std::shared_ptr<rx::Open> open;
};

struct rx_document {
    Xapian::Document document;
    std::shared_ptr<rx::Open> open; /* that it came from; none for a new one */
};

struct rx_query {
    Xapian::Query query;
    unsigned depth; /* of nesting; a single term has 1 */
};

struct rx_stemmer {
    Xapian::Stem stem;
};

struct rx_enquire {
    Xapian::Enquire enquire;
    std::shared_ptr<rx::Open> open;
};

namespace rx
{

/* The documents of the array, for libxapian. */
Xapian::RSet relevant_set(const rx_docid *relevant, size_t count);

} // namespace rx

#endif
