/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Keeping SIGPIPE from the program around us. */
#include "xapian/rx_signal.h"

#include <cerrno>
#include <ctime>
#include <mutex>

namespace rx
{

namespace
{

sigset_t pipe_alone() noexcept
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGPIPE);
    return set;
}

} // namespace

PipeShield::PipeShield(bool needed) noexcept
{
    if (!needed)
        return;
    sigset_t alone = pipe_alone(), before, pending;
    if (pthread_sigmask(SIG_BLOCK, &alone, &before) != 0)
        return;
    shields = true;
    was_blocked = sigismember(&before, SIGPIPE) == 1;
    was_pending = sigpending(&pending) == 0 && sigismember(&pending, SIGPIPE) == 1;
}

PipeShield::~PipeShield()
{
    if (!shields)
        return;
    sigset_t alone = pipe_alone();
    const timespec at_once = {0, 0};
    /* One that was pending before is the program's own, and stays. */
    if (!was_pending)
        while (sigtimedwait(&alone, nullptr, &at_once) > 0 || errno == EINTR)
            ;
    if (!was_blocked)
        pthread_sigmask(SIG_UNBLOCK, &alone, nullptr);
}

namespace
{

/* Several threads can be opening at once: the first to come notes what there was, the last to go puts it back. */
std::mutex openings_mutex;
unsigned openings;
struct sigaction disposition_before;

} // namespace

PipeDisposition::PipeDisposition() noexcept
{
    std::lock_guard<std::mutex> lock(openings_mutex);
    if (openings++ == 0)
        sigaction(SIGPIPE, nullptr, &disposition_before);
}

PipeDisposition::~PipeDisposition()
{
    std::lock_guard<std::mutex> lock(openings_mutex);
    struct sigaction now;
    if (--openings > 0 || sigaction(SIGPIPE, nullptr, &now) != 0)
        return;
    /* Anything but SIG_IGN is not libxapian's doing, but was set by the program meanwhile. */
    if (!(now.sa_flags & SA_SIGINFO) && now.sa_handler == SIG_IGN)
        sigaction(SIGPIPE, &disposition_before, nullptr);
}

} // namespace rx
