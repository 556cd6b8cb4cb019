/* SPDX-License-Identifier: BSD-3-Clause */
/* Reading and inflating (RFC 1952, any number of members in a row), and cutting into lines. */
#include <errno.h>
#include <limits.h>
#include <unistd.h>

#include "indexer/input.h"

/* Large enough that system calls do not count, small enough to stay in the second-level cache. */
enum { RAW_BYTES = 1 << 17, WINDOW_BYTES = 1 << 18 };

static void *zlib_allocate(void *opaque, unsigned items, unsigned size)
{
    return rf_alloc(opaque, (size_t)items * size); /* 32 bits times 32 bits */
}

static void zlib_release(void *opaque, void *memory) { rf_free(opaque, memory); }

void rf_input_release(struct rf_input *input)
{
    if (input->inflating)
        inflateEnd(&input->stream);
    rf_free(input->allocator, input->raw);
    rf_free(input->allocator, input->window);
    input->inflating = false;
    input->raw = NULL;
    input->window = NULL;
}

static riffle_status stopped(const struct rf_input *input, riffle_error *error)
{
    if (input->on_read && input->on_read(input->context))
        return rf_fail(error, RIFFLE_STOPPED, "stopped");
    return RIFFLE_OK;
}

/* Reads once, into `out`. */
static riffle_status read_raw(struct rf_input *input, void *out, size_t room, size_t *got, riffle_error *error)
{
    ssize_t n;
    while ((n = read(input->descriptor, out, room)) < 0) {
        if (errno != EINTR)
            return rf_fail(error, RIFFLE_IO, "cannot read: %m");
        if (stopped(input, error) != RIFFLE_OK)
            return RIFFLE_STOPPED;
    }
    *got = (size_t)n;
    input->raw_ended = n == 0;
    input->raw_offset += (uint64_t)n;
    input->counts->raw_bytes += (uint64_t)n;
    return RIFFLE_OK;
}

/* Makes `raw` hold `need` bytes, or all that is left. */
static riffle_status fill_raw(struct rf_input *input, size_t need, riffle_error *error)
{
    if (!input->raw && !(input->raw = rf_alloc(input->allocator, RAW_BYTES)))
        return rf_fail_memory(error);
    while (input->raw_end - input->raw_at < need && !input->raw_ended) {
        if (input->raw_at > 0) {
            memmove(input->raw, input->raw + input->raw_at, input->raw_end - input->raw_at);
            input->raw_end -= input->raw_at;
            input->raw_at = 0;
        }
        size_t got = 0;
        riffle_status status = read_raw(input, input->raw + input->raw_end, RAW_BYTES - input->raw_end, &got, error);
        if (status != RIFFLE_OK)
            return status;
        input->raw_end += got;
    }
    return RIFFLE_OK;
}

static bool starts_member(const struct rf_input *input)
{
    const uint8_t *p = input->raw + input->raw_at;
    return input->raw_end - input->raw_at >= 3 && p[0] == 0x1f && p[1] == 0x8b && p[2] == Z_DEFLATED;
}

static riffle_status sniff(struct rf_input *input, riffle_error *error)
{
    riffle_status status = fill_raw(input, 3, error);
    if (status != RIFFLE_OK)
        return status;
    input->sniffed = true;
    input->gzip = starts_member(input);
    if (!input->gzip)
        return RIFFLE_OK;
    input->stream = (z_stream){.zalloc = zlib_allocate, .zfree = zlib_release, .opaque = (void *)input->allocator};
    if (inflateInit2(&input->stream, 15 + 16) != Z_OK) /* 16: the gzip wrapper, with its checksum */
        return rf_fail_memory(error);
    input->inflating = input->in_member = true;
    return RIFFLE_OK;
}

/* Goes to the next member. As gzip does, padding by zeros (tapes, block devices) is passed over. *more: there is one. */
static riffle_status next_member(struct rf_input *input, bool *more, riffle_error *error)
{
    for (;;) {
        riffle_status status = fill_raw(input, 3, error);
        if (status != RIFFLE_OK)
            return status;
        *more = input->raw_at < input->raw_end;
        if (!*more || input->raw[input->raw_at] != 0)
            break;
        input->raw_at++;
    }
    if (!*more)
        return RIFFLE_OK;
    if (!starts_member(input))
        return rf_fail(error, RIFFLE_BAD_INPUT, "what follows the gzip data at byte %llu is no gzip data",
                       (unsigned long long)(input->raw_offset - (input->raw_end - input->raw_at)));
    inflateReset(&input->stream);
    input->in_member = true;
    return RIFFLE_OK;
}

/* Gives at least one byte, or *got == 0 at the end. */
static riffle_status read_gzip(struct rf_input *input, char *out, size_t room, size_t *got, riffle_error *error)
{
    z_stream *z = &input->stream;
    room = room > INT_MAX ? INT_MAX : room;
    for (*got = 0; *got == 0;) {
        riffle_status status;
        if (!input->in_member) {
            bool more = false;
            status = next_member(input, &more, error);
            if (status != RIFFLE_OK || !more)
                return status;
        }
        status = fill_raw(input, 1, error);
        if (status != RIFFLE_OK)
            return status;
        z->next_in = input->raw + input->raw_at;
        z->avail_in = (unsigned)(input->raw_end - input->raw_at);
        z->next_out = (uint8_t *)out;
        z->avail_out = (unsigned)room;
        int result = inflate(z, Z_NO_FLUSH);
        input->raw_at = input->raw_end - z->avail_in;
        *got = room - z->avail_out;
        if (result == Z_STREAM_END)
            input->in_member = false;
        else if (result == Z_MEM_ERROR)
            return rf_fail_memory(error);
        else if (*got > 0)
            break; /* where the data is damaged behind these bytes, the next call says so again */
        else if (result != Z_OK && result != Z_BUF_ERROR)
            return rf_fail(error, RIFFLE_BAD_INPUT, "the gzip data is damaged at byte %llu: %s",
                           (unsigned long long)(input->raw_offset - z->avail_in), z->msg ? z->msg : "unknown reason");
        else if (input->raw_at == input->raw_end && input->raw_ended)
            return rf_fail(error, RIFFLE_BAD_INPUT, "the gzip data ends too early, at byte %llu",
                           (unsigned long long)input->raw_offset);
    }
    return RIFFLE_OK;
}

static riffle_status read_some(struct rf_input *input, char *out, size_t room, size_t *got, riffle_error *error)
{
    riffle_status status = input->sniffed ? RIFFLE_OK : sniff(input, error);
    if (status != RIFFLE_OK)
        return status;
    size_t kept = input->raw_end - input->raw_at;
    if (input->gzip) {
        status = read_gzip(input, out, room, got, error);
    } else if (kept > 0) {
        *got = kept < room ? kept : room;
        memcpy(out, input->raw + input->raw_at, *got);
        input->raw_at += *got;
    } else if (input->raw_ended) {
        *got = 0;
    } else {
        status = read_raw(input, out, room, got, error);
    }
    if (status != RIFFLE_OK)
        return status;
    input->counts->bytes += *got;
    return stopped(input, error);
}

/* Room for more at the window's end: by moving what is left to the front where that is less than half, else by growing. */
static bool make_room(struct rf_input *input)
{
    if (input->window && input->at >= input->capacity / 2) {
        memmove(input->window, input->window + input->at, input->end - input->at);
        input->end -= input->at;
        input->at = 0;
        return true;
    }
    size_t capacity = input->capacity ? input->capacity * 2 : WINDOW_BYTES;
    char *grown = rf_resize(input->allocator, input->window, capacity);
    if (!grown)
        return false;
    input->window = grown;
    input->capacity = capacity;
    return true;
}

riffle_status rf_input_fill(struct rf_input *input, size_t need, riffle_error *error)
{
    while (input->end - input->at < need && !input->ended) {
        if (input->end == input->capacity && !make_room(input))
            return rf_fail_memory(error);
        size_t got = 0;
        riffle_status status = read_some(input, input->window + input->end, input->capacity - input->end, &got, error);
        if (status != RIFFLE_OK)
            return status;
        input->end += got;
        input->ended = got == 0;
    }
    return RIFFLE_OK;
}

riffle_status rf_input_line(struct rf_input *input, size_t limit, char **line, size_t *length, enum rf_line_kind *kind,
                            riffle_error *error)
{
    *kind = RF_LINE;
    for (size_t searched = 0;;) {
        char *start = input->window + input->at;
        size_t have = input->end - input->at;
        char *stop = have > searched ? memchr(start + searched, '\n', have - searched) : NULL;
        if (stop || input->ended) {
            size_t n = stop ? (size_t)(stop - start) : have;
            input->at += n + (stop != NULL);
            if (!stop && n == 0 && *kind == RF_LINE)
                *kind = RF_LINE_NONE;
            else if (n > limit)
                *kind = RF_LINE_TOO_LONG;
            if (n > 0 && start[n - 1] == '\r')
                n--;
            *line = start;
            *length = n;
            return RIFFLE_OK;
        }
        if (have > limit) {
            *kind = RF_LINE_TOO_LONG;
            input->at = input->end;
            have = 0;
        }
        searched = have;
        riffle_status status = rf_input_fill(input, have + 1, error);
        if (status != RIFFLE_OK)
            return status;
    }
}
