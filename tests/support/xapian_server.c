/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Servers on loopback; xapian_server.h. */
#include "tests/support/xapian_server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

static const struct sockaddr *address_of(struct sockaddr_in *address, unsigned port)
{
    *address = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    address->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return (const struct sockaddr *)address;
}

/* A port that nobody uses now. */
static unsigned free_port(void)
{
    struct sockaddr_in address;
    socklen_t length = sizeof address;
    int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(descriptor >= 0);
    assert_int_equal(bind(descriptor, address_of(&address, 0), sizeof address), 0);
    assert_int_equal(getsockname(descriptor, (struct sockaddr *)&address, &length), 0);
    close(descriptor);
    return ntohs(address.sin_port);
}

static bool answers(unsigned port)
{
    struct sockaddr_in address;
    int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool reached = descriptor >= 0 && connect(descriptor, address_of(&address, port), sizeof address) == 0;
    if (descriptor >= 0)
        close(descriptor);
    return reached;
}

static void serve(const char *path, unsigned port, bool writable)
{
    char number[12];
    snprintf(number, sizeof number, "%u", port);
    int nowhere = open("/dev/null", O_RDWR);
    dup2(nowhere, 0);
    dup2(nowhere, 1);
    dup2(nowhere, 2);
    setpgid(0, 0);
    signal(SIGPIPE, SIG_DFL);
    execlp("xapian-tcpsrv", "xapian-tcpsrv", "--quiet", "--interface", "127.0.0.1", "--port", number, path,
           writable ? "--writable" : (char *)NULL, (char *)NULL);
    _exit(127);
}

/* false: it ended, with *status. */
static bool start(struct loopback_server *server, const char *path, bool writable, int *status)
{
    server->port = free_port();
    server->process = fork();
    assert_true(server->process >= 0);
    if (server->process == 0)
        serve(path, server->port, writable);
    setpgid(server->process, server->process);
    const struct timespec pause = {0, 10 * 1000 * 1000};
    for (int tries = 0; tries < 1000; tries++) {
        if (answers(server->port))
            return true;
        if (waitpid(server->process, status, WNOHANG) == server->process) {
            server->process = 0;
            return false;
        }
        nanosleep(&pause, NULL);
    }
    loopback_kill(server);
    fail_msg("xapian-tcpsrv does not answer");
    return false;
}

void loopback_start(struct loopback_server *server, const char *path, bool writable)
{
    int status = 0;
    for (int tries = 0; tries < 3; tries++) { /* another program may have taken the port meanwhile */
        if (start(server, path, writable, &status))
            return;
        if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
            skip();
    }
    fail_msg("xapian-tcpsrv ended, with status %d", status);
}

void loopback_signal(const struct loopback_server *server, int signal)
{
    assert_true(server->process > 0);
    kill(-server->process, signal);
}

void loopback_kill(struct loopback_server *server)
{
    if (server->process > 0) {
        kill(-server->process, SIGKILL);
        waitpid(server->process, NULL, 0);
        server->process = 0;
    }
}
