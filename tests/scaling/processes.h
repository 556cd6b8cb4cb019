/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Programs that a test starts, servers above all. Whatever becomes of the test, none of them outlives it: it adopts what its children
 * leave behind, and kills all of it at its end.
 */
#ifndef TEST_PROCESSES_H
#define TEST_PROCESSES_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Are the tools of Xapian that serve and copy databases installed? */
bool processes_can_serve(void);

/*
 * For the group of tests, as cmocka's setup and teardown. `riffle` and `riffle-index` are then those of the folder RIFFLE_BUILD names. A
 * test program that hangs is ended, with all that it has started.
 */
int processes_begin(void **state);
int processes_end(void **state);

/*
 * Runs a script by `sh -e` in the folder. Returns its exit status, with what it wrote to both outputs in *output, to be freed. What it
 * leaves running in the background goes on. One that hangs fails the test.
 */
int processes_run(const char *folder, const char *script, char **output);

/* Numbers of ports of the loopback that nobody has at the moment, each another one. */
void processes_ports(unsigned *ports, size_t count);

/* xapian-tcpsrv, in a process group of its own. */
struct server {
    const char *folder; /* what it serves */
    unsigned port;
    pid_t pid; /* 0: it does not run */
};

/* Starts it and waits until it takes connections. */
void server_start(struct server *server);
/* Sends the signal to the server and to the processes of its connections. */
void server_signal(const struct server *server, int signal);
/* The same with SIGKILL; waits until they are gone. */
void server_kill(struct server *server);
/* Kills the processes of its connections alone; they are gone then. */
void server_drop_connections(const struct server *server);

/*
 * Passes on what comes to a port, in both directions, but hangs up whenever it is asked to search: as a server that dies of a search. The
 * client sees an end of the connection that says nothing, not even whose it was.
 */
pid_t breaker_start(unsigned port, unsigned to);

#endif
