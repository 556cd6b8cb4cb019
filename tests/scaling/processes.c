/* SPDX-License-Identifier: BSD-3-Clause */
/* Programs that a test starts; processes.h. */
#include "tests/scaling/processes.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* Much longer than anything takes: these find what hangs, and measure nothing. */
enum { SCRIPT_SECONDS = 60, SERVER_SECONDS = 30, PROGRAM_SECONDS = 300 };

static void pause_ms(unsigned ms) { usleep(ms * 1000); }

bool processes_can_serve(void)
{
    return system("command -v xapian-tcpsrv xapian-replicate xapian-replicate-server >/dev/null") == 0;
}

/* ---- All that was started ---- */

/* The parent of a process; 0: there is no such process. */
static pid_t parent_of(const char *pid)
{
    char path[300], stat[512];
    snprintf(path, sizeof path, "/proc/%s/stat", pid);
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = descriptor < 0 ? -1 : read(descriptor, stat, sizeof stat - 1);
    if (descriptor >= 0)
        close(descriptor);
    if (n <= 0)
        return 0;
    stat[n] = '\0';
    const char *behind_name = strrchr(stat, ')'); /* ") S 123 ..." */
    return behind_name && strlen(behind_name) > 4 ? (pid_t)atol(behind_name + 4) : 0;
}

/* Kills the children of a process, and returns how many there were. */
static unsigned kill_children(pid_t parent)
{
    unsigned count = 0;
    DIR *all = opendir("/proc");
    for (struct dirent *entry; all && (entry = readdir(all)) != NULL;)
        if (isdigit((unsigned char)entry->d_name[0]) && parent_of(entry->d_name) == parent) {
            kill((pid_t)atol(entry->d_name), SIGKILL);
            count++;
        }
    if (all)
        closedir(all);
    return count;
}

/* Children of those that die become ours, so that the next round finds them. */
static void kill_all(void)
{
    for (;;) {
        kill_children(getpid());
        pid_t pid;
        while ((pid = waitpid(-1, NULL, WNOHANG)) > 0) {
        }
        if (pid < 0 && errno == ECHILD)
            return;
        pause_ms(1);
    }
}

static void hung(int signal)
{
    (void)signal;
    static const char message[] = "[  FAILED  ] the test program hangs\n";
    ssize_t ignored = write(STDOUT_FILENO, message, sizeof message - 1);
    (void)ignored;
    kill_all();
    _exit(1);
}

int processes_begin(void **state)
{
    (void)state;
    const char *build = getenv("RIFFLE_BUILD"), *path = getenv("PATH");
    char folder[4096], *all = NULL;
    if (!realpath(build ? build : "build", folder) || asprintf(&all, "%s:%s", folder, path ? path : "/usr/bin:/bin") < 0)
        return -1;
    setenv("PATH", all, 1);
    free(all);
    unsetenv("RIFFLE_INDEX");
    unsetenv("XAPIAN_MAX_CHANGESETS");
    signal(SIGALRM, hung);
    alarm(PROGRAM_SECONDS);
    return prctl(PR_SET_CHILD_SUBREAPER, 1L, 0L, 0L, 0L);
}

int processes_end(void **state)
{
    (void)state;
    kill_all();
    alarm(0);
    return 0;
}

/* ---- Scripts ---- */

static char *read_all(int descriptor)
{
    struct stat facts;
    assert_int_equal(fstat(descriptor, &facts), 0);
    char *text = calloc(1, (size_t)facts.st_size + 1);
    assert_non_null(text);
    assert_int_equal(pread(descriptor, text, (size_t)facts.st_size, 0), (ssize_t)facts.st_size);
    return text;
}

int processes_run(const char *folder, const char *script, char **output)
{
    FILE *file = tmpfile();
    assert_non_null(file);
    int descriptor = fileno(file), status = 0;
    fcntl(descriptor, F_SETFL, O_APPEND);
    pid_t pid = fork();
    if (pid == 0) {
        int nothing = open("/dev/null", O_RDONLY);
        if (setpgid(0, 0) || chdir(folder) || dup2(nothing, 0) < 0 || dup2(descriptor, 1) < 0 || dup2(descriptor, 2) < 0)
            _exit(126);
        execlp("sh", "sh", "-e", "-c", script, (char *)NULL);
        _exit(127);
    }
    assert_true(pid > 0);
    pid_t done = 0;
    for (unsigned ms = 0; done != pid && ms < SCRIPT_SECONDS * 1000;) {
        done = waitpid(-1, &status, WNOHANG); /* or what an earlier script left in the background, which has no other parent now */
        if (done == 0) {
            pause_ms(5);
            ms += 5;
        }
    }
    *output = read_all(descriptor);
    fclose(file);
    if (done != pid) {
        kill(-pid, SIGKILL);
        fail_msg("this hangs:\n%s\nafter it wrote:\n%s", script, *output);
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* ---- Servers ---- */

static struct sockaddr_in loopback(unsigned port)
{
    return (struct sockaddr_in){
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

void processes_ports(unsigned *ports, size_t count)
{
    int sockets[16];
    assert_true(count <= sizeof sockets / sizeof *sockets);
    for (size_t i = 0; i < count; i++) {
        struct sockaddr_in address = loopback(0);
        socklen_t size = sizeof address;
        sockets[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        assert_int_equal(bind(sockets[i], (struct sockaddr *)&address, size), 0);
        assert_int_equal(getsockname(sockets[i], (struct sockaddr *)&address, &size), 0);
        ports[i] = ntohs(address.sin_port);
    }
    for (size_t i = 0; i < count; i++)
        close(sockets[i]);
}

static bool takes_connections(unsigned port)
{
    struct sockaddr_in address = loopback(port);
    int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool there = connect(descriptor, (struct sockaddr *)&address, sizeof address) == 0;
    close(descriptor);
    return there;
}

void server_start(struct server *server)
{
    char port[12];
    snprintf(port, sizeof port, "%u", server->port);
    server->pid = fork();
    if (server->pid == 0) {
        int nothing = open("/dev/null", O_RDWR);
        dup2(nothing, 1);
        dup2(nothing, 2); /* it complains of each connection that ends badly */
        setsid();
        execlp("xapian-tcpsrv", "xapian-tcpsrv", "--interface", "127.0.0.1", "--port", port, "--quiet", server->folder,
               (char *)NULL);
        _exit(127);
    }
    assert_true(server->pid > 0);
    for (unsigned ms = 0; !takes_connections(server->port); ms++) {
        if (waitpid(server->pid, NULL, WNOHANG) != 0 || ms > SERVER_SECONDS * 1000)
            fail_msg("xapian-tcpsrv does not serve %s at port %s", server->folder, port);
        pause_ms(1);
    }
}

void server_signal(const struct server *server, int signal) { assert_int_equal(kill(-server->pid, signal), 0); }

void server_kill(struct server *server)
{
    if (server->pid == 0)
        return;
    server_signal(server, SIGKILL);
    while (waitpid(-server->pid, NULL, 0) > 0) { /* the processes of connections became our children with its end */
    }
    server->pid = 0;
}

void server_drop_connections(const struct server *server)
{
    while (kill_children(server->pid) > 0) /* until it has noticed that they ended */
        pause_ms(1);
}

/* ---- A server that dies of each search ---- */

/* In messages to a server of Xapian 1.4 the first byte is their kind. */
enum { ASKS_TO_SEARCH = 8 };

static void relay(int client, int server)
{
    struct pollfd ends[2] = {{client, POLLIN, 0}, {server, POLLIN, 0}};
    char bytes[65536];
    while (poll(ends, 2, -1) > 0)
        for (int i = 0; i < 2; i++) {
            ssize_t n = ends[i].revents ? read(ends[i].fd, bytes, sizeof bytes) : 0;
            if (i == 0 && n > 0 && bytes[0] == ASKS_TO_SEARCH) {
                pause_ms(5); /* the rest of it: what is closed unread makes another error */
                n = recv(client, bytes, sizeof bytes, MSG_DONTWAIT) > 0 ? 0 : -1;
            }
            if (ends[i].revents && (n <= 0 || write(ends[1 - i].fd, bytes, (size_t)n) != n))
                return;
        }
}

static void serve_relays(int listener, unsigned to)
{
    struct sockaddr_in address = loopback(to);
    for (;;) {
        int client = accept(listener, NULL, NULL), server = socket(AF_INET, SOCK_STREAM, 0);
        int on = 1; /* what is small is not to wait for more */
        setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        setsockopt(server, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        if (client < 0 || connect(server, (struct sockaddr *)&address, sizeof address) != 0)
            _exit(1);
        if (fork() == 0) {
            relay(client, server);
            _exit(0);
        }
        close(client);
        close(server);
    }
}

pid_t breaker_start(unsigned port, unsigned to)
{
    struct sockaddr_in address = loopback(port);
    int on = 1, listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    assert_int_equal(bind(listener, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(listener, 16), 0);
    pid_t pid = fork();
    if (pid == 0) {
        signal(SIGCHLD, SIG_IGN);
        serve_relays(listener, to);
    }
    assert_true(pid > 0);
    close(listener);
    return pid;
}
