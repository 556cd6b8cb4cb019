/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Servers of Xapian databases on loopback, for tests. */
#ifndef XAPIAN_SERVER_H
#define XAPIAN_SERVER_H

#include <stdbool.h>
#include <sys/types.h>

struct loopback_server {
    pid_t process; /* 0: none runs. It leads a group of its own, in which each connection has a process. */
    unsigned port;
};

/* Serves the database at `path`, and comes back when it can be reached. Fails the test where it cannot; skips it without xapian-tcpsrv. */
void loopback_start(struct loopback_server *server, const char *path, bool writable);

/* Sends a signal to the server and to all that serve its connections. */
void loopback_signal(const struct loopback_server *server, int signal);

/* Ends it at once, and waits for that. Nothing where none runs. */
void loopback_kill(struct loopback_server *server);

#endif
