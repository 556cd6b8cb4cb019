/* SPDX-License-Identifier: BSD-3-Clause */
/* Status codes and error lines. */
#include <errno.h>
#include <stdio.h>

#include "base/base.h"

const char *riffle_version(void) { return RIFFLE_VERSION; }

const char *riffle_status_text(riffle_status status)
{
    switch (status) {
    case RIFFLE_OK:
        return "no error";
    case RIFFLE_INVALID:
        return "invalid argument";
    case RIFFLE_NO_MEMORY:
        return "out of memory";
    case RIFFLE_IO:
        return "input/output error";
    case RIFFLE_NO_INDEX:
        return "no index there";
    case RIFFLE_NOT_EMPTY:
        return "folder is neither empty nor an index";
    case RIFFLE_LOCKED:
        return "index is locked by another writer";
    case RIFFLE_CORRUPT:
        return "index is damaged";
    case RIFFLE_TOO_NEW:
        return "index was made by a newer version";
    case RIFFLE_EXISTS:
        return "article id exists already";
    case RIFFLE_TOO_LARGE:
        return "too large";
    case RIFFLE_BAD_INPUT:
        return "unreadable article";
    case RIFFLE_BAD_QUERY:
        return "doubtful query";
    case RIFFLE_STOPPED:
        return "stopped";
    case RIFFLE_POISONED:
        return "writer failed before";
    case RIFFLE_UNSUPPORTED:
        return "the engine cannot do that";
    case RIFFLE_SHARD:
        return "shard cannot be reached";
    }
    return "unknown status";
}

riffle_status rf_ok(riffle_error *error)
{
    if (error) {
        error->status = RIFFLE_OK;
        error->message[0] = 0;
    }
    return RIFFLE_OK;
}

riffle_status rf_fail(riffle_error *error, riffle_status status, const char *format, ...)
{
    if (error) {
        va_list arguments;
        va_start(arguments, format);
        error->status = status;
        vsnprintf(error->message, sizeof error->message, format, arguments);
        va_end(arguments);
        /* Paths and terms can hold anything; the message stays one line. */
        for (char *p = error->message; *p; p++)
            if (*p == '\n' || *p == '\r')
                *p = ' ';
    }
    return status;
}

riffle_status rf_fail_memory(riffle_error *error) { return rf_fail(error, RIFFLE_NO_MEMORY, "out of memory"); }

riffle_status rf_fail_errno(riffle_error *error, const char *what, const char *path)
{
    int code = errno;
    char reason[100] = "";
#ifdef _GNU_SOURCE
    const char *text = strerror_r(code, reason, sizeof reason);
#else
    const char *text = strerror_r(code, reason, sizeof reason) == 0 ? reason : "unknown error";
#endif
    return rf_fail(error, code == ENOMEM ? RIFFLE_NO_MEMORY : RIFFLE_IO, "%s %s: %s", what, path, text);
}
