/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SIGPIPE, which the program around us must never notice. libxapian ignores it for the whole process from the moment that it opens a
 * remote database, without which its writes to a dead server would raise it. So its disposition is put back after opening, and from
 * then on the calling thread alone keeps it away while it talks to servers.
 */
#ifndef RX_SIGNAL_H
#define RX_SIGNAL_H

#include <csignal>

namespace rx
{

/* While it lives, no SIGPIPE reaches this thread, and none that came meanwhile is left behind. Does nothing where not `needed`. */
class PipeShield
{
public:
    explicit PipeShield(bool needed) noexcept;
    ~PipeShield();
    PipeShield(const PipeShield &) = delete;
    PipeShield &operator=(const PipeShield &) = delete;

private:
    bool shields = false, was_pending = false, was_blocked = false;
};

/* While one lives, in whichever threads, libxapian may change what SIGPIPE does; when the last is gone, that is as it was before. */
class PipeDisposition
{
public:
    PipeDisposition() noexcept;
    ~PipeDisposition();
    PipeDisposition(const PipeDisposition &) = delete;
    PipeDisposition &operator=(const PipeDisposition &) = delete;
};

} // namespace rx

#endif
