/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Opening and closing databases, and what a failure does to one that is open. */
#include <unistd.h>

#include "xapian/rx_handles.h"
#include "xapian/rx_memory.h"
#include "xapian/rx_stub.h"

namespace rx
{

Open::~Open()
{
    /* A reader's parts may be shared with another database, so they just go; a writer's would commit. */
    if (writable) {
        try {
            close();
        } catch (...) {
        }
    }
}

void Open::required_usable() const
{
    if (closed)
        throw Refused(RX_CLOSED, "the database was closed");
    if (failure.status != RX_OK) {
        rx_error told = failure;
        told.status = RX_POISONED;
        throw Refused(told);
    }
}

void Open::required_writable() const
{
    if (!writable)
        throw Refused(RX_INVALID_OPERATION, "the database is not open for writing");
}

/*
 * All changes since a commit are one transaction of libxapian. Without that, it would commit by itself after some thousands of changes,
 * and whenever a writer is closed or freed. In a transaction it writes as much to the files, but to blocks that no commit names.
 */
void Open::begin()
{
    if (!pending && !in_memory) {
        writer.begin_transaction(true);
        pending = true;
    }
}

/*
 * Closing the connection of a remote writer waits for the server to hang up, without end where the server does not answer; unless a
 * message fails before, which is sent only where there are changes to be dropped. So a server that gives no sign of
 * life gets a change that changes nothing, whose failure does not matter.
 */
static void make_sure_that_closing_ends(Open &open) noexcept
{
    try {
        if (open.failure.status == RX_OK) {
            open.writer.keep_alive();
            return;
        }
    } catch (...) {
    }
    try {
        open.writer.set_metadata("riffle: no such key", std::string());
    } catch (...) {
    }
}

void Open::close()
{
    if (closed)
        return;
    closed = true;
    PipeShield shield(remote);
    if (!writable) {
        reader.close();
        return;
    }
    if (remote)
        make_sure_that_closing_ends(*this);
    try {
        /* A writer that is closed in a transaction drops it, where another would commit. This one writes nothing. */
        if (!pending)
            writer.begin_transaction(false);
    } catch (...) {
        /* In memory there are none, and nothing to keep from the disk. After a failed commit of several parts, some are in one still. */
    }
    writer.close();
}

void Open::note_failure(Outcome outcome, const rx_error &error, Doing doing) noexcept
{
    if (outcome.ours || failure.status != RX_OK)
        return;
    bool poisons = doing == Doing::SEARCHING && remote && reader.size() > 1;
    switch (outcome.status) {
    case RX_NETWORK:
    case RX_NETWORK_TIMEOUT:
        poisons = true;
        break;
    case RX_NO_MEMORY:
    case RX_OTHER:
    case RX_RANGE:
    case RX_SERIALISATION:
        /* An answer may be half read, or was no answer. */
        poisons = poisons || remote || doing == Doing::WRITING;
        break;
    case RX_DOC_NOT_FOUND:
    case RX_UNIMPLEMENTED:
        break;
    default:
        poisons = poisons || doing == Doing::WRITING;
        break;
    }
    if (poisons)
        failure = error;
}

namespace
{

/* Makes a handle of what `open_it` opens. */
template <class OpenIt> rx_status make(rx_database **database, rx_error *error, OpenIt &&open_it) noexcept
{
    return guard(error, [&] {
        required(database, "database");
        std::unique_ptr<rx_database> made(new rx_database{std::make_shared<Open>()});
        open_it(*made->open);
        *database = made.release();
    });
}

void set_writer(Open &open, const Xapian::WritableDatabase &writer)
{
    open.writer = writer;
    open.reader = writer;
    open.writable = true;
}

/*
 * Runs what opens a database that is remote, or may be. libxapian forks to start a program as server, and where the child fails before
 * it has become that program, it throws: the child must not come back from here as a second copy of the program around us, nor run
 * what that does at its end. There is no PipeShield around it, with which the new program would begin its life: libxapian ignores
 * SIGPIPE itself before it first writes.
 */
template <class OpenIt> void open_apart(OpenIt &&open_it)
{
    PipeDisposition disposition;
    pid_t self = getpid();
    try {
        open_it();
    } catch (...) {
        if (getpid() != self)
            raise(SIGKILL);
        throw;
    }
}

void required_port(unsigned port)
{
    if (port == 0 || port > 65535)
        throw Refused(RX_INVALID_ARGUMENT, "port %u is not from 1 to 65535", port);
}

} // namespace

} // namespace rx

using namespace rx;

extern "C" rx_status rx_database_open(const char *path, rx_database **database, rx_error *error)
{
    return make(database, error, [&](Open &open) {
        open.remote = stub_names_remote(required(path, "path"));
        open_apart([&] { open.reader = Xapian::Database(path); });
    });
}

extern "C" rx_status rx_database_open_local(const char *path, rx_database **database, rx_error *error)
{
    return make(database, error, [&](Open &open) {
        if (stub_names_remote(required(path, "path")))
            throw Refused(RX_DATABASE_OPENING, "%s is a stub file that names a remote database", path);
        open.reader = Xapian::Database(path);
    });
}

extern "C" rx_status rx_database_open_writable(const char *path, int mode, unsigned flags, unsigned block_size,
                                               rx_database **database, rx_error *error)
{
    return make(database, error, [&](Open &open) {
        required(path, "path");
        if (mode < RX_CREATE_OR_OPEN || mode > RX_OPEN)
            throw Refused(RX_INVALID_ARGUMENT, "there is no mode %d", mode);
        if (flags & ~unsigned(RX_NO_SYNC | RX_FULL_SYNC | RX_NO_TERMLIST | RX_RETRY_LOCK))
            throw Refused(RX_INVALID_ARGUMENT, "there are no flags 0x%x", flags);
        required_block_size(block_size);
        open.remote = stub_names_remote(path);
        open_apart([&] { set_writer(open, Xapian::WritableDatabase(path, mode | int(flags), int(block_size))); });
    });
}

extern "C" rx_status rx_database_open_memory(rx_database **database, rx_error *error)
{
    return make(database, error, [&](Open &open) {
        open.in_memory = true;
        set_writer(open, Xapian::WritableDatabase(std::string(), Xapian::DB_BACKEND_INMEMORY));
    });
}

extern "C" rx_status rx_database_open_remote(const char *host, unsigned port, unsigned timeout_ms, unsigned connect_timeout_ms,
                                             rx_database **database, rx_error *error)
{
    return make(database, error, [&](Open &open) {
        required(host, "host");
        required_port(port);
        open.remote = true;
        open_apart([&] { open.reader = Xapian::Remote::open(host, port, timeout_ms, connect_timeout_ms); });
    });
}

extern "C" rx_status rx_database_open_remote_writable(const char *host, unsigned port, unsigned timeout_ms,
                                                      unsigned connect_timeout_ms, rx_database **database, rx_error *error)
{
    return make(database, error, [&](Open &open) {
        required(host, "host");
        required_port(port);
        open.remote = true;
        open_apart([&] { set_writer(open, Xapian::Remote::open_writable(host, port, timeout_ms, connect_timeout_ms)); });
    });
}

extern "C" rx_status rx_database_open_program(const char *program, const char *arguments, unsigned timeout_ms,
                                              rx_database **database, rx_error *error)
{
    return make(database, error, [&](Open &open) {
        required(program, "program");
        required(arguments, "arguments");
        open.remote = true;
        open_apart([&] { open.reader = Xapian::Remote::open(program, arguments, timeout_ms); });
    });
}

extern "C" rx_status rx_database_new(rx_database **database, rx_error *error)
{
    return make(database, error, [](Open &open) { open.made_of_parts = true; });
}

extern "C" rx_status rx_database_add(rx_database *database, const rx_database *part, rx_error *error)
{
    return use(database, Doing::READING, error, [&](Open &open) {
        const Open &other = *required(part, "part")->open;
        if (!open.made_of_parts)
            throw Refused(RX_INVALID_OPERATION, "the database was not made by rx_database_new");
        other.required_usable();
        if (&other == &open || other.writable)
            throw Refused(RX_INVALID_ARGUMENT, "a part must be another database, and not open for writing");
        open.reader.add_database(other.reader);
        open.remote = open.remote || other.remote;
    });
}

extern "C" rx_status rx_database_reopen(rx_database *database, int *changed, rx_error *error)
{
    return use(database, Doing::READING, error, [&](Open &open) {
        bool moved = open.reader.reopen();
        if (changed)
            *changed = moved;
    });
}

extern "C" rx_status rx_database_keep_alive(rx_database *database, rx_error *error)
{
    return use(database, Doing::READING, error, [](Open &open) { open.reader.keep_alive(); });
}

extern "C" rx_status rx_database_close(rx_database *database, rx_error *error)
{
    return guard(error, [&] {
        Open &open = *required(database, "database")->open;
        open.close();
    });
}

extern "C" void rx_database_free(rx_database *database)
{
    if (database && database->open->writable)
        rx_database_close(database, nullptr);
    delete database;
}
