/* SPDX-License-Identifier: BSD-3-Clause */
/* Errors, memory, growing buffers and byte codecs: what every other folder stands on. */
#ifndef RF_BASE_H
#define RF_BASE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "riffle.h"

/* Sizes of files and of what is in memory are mixed freely, and 128-bit products are at hand: 64-bit systems only. */
_Static_assert(sizeof(size_t) == 8, "Riffle needs a 64-bit system");

/* ---- Errors ---- */

/* Sets *error (where not NULL) and returns `status`, so that a failure is one line: return rf_fail(error, RIFFLE_IO, "..."). */
__attribute__((format(printf, 3, 4))) riffle_status rf_fail(riffle_error *error, riffle_status status, const char *format, ...);
riffle_status rf_fail_memory(riffle_error *error);
/* RIFFLE_IO with "<what> <path>: <strerror(errno)>". */
riffle_status rf_fail_errno(riffle_error *error, const char *what, const char *path);
/* Sets *error to RIFFLE_OK and returns it. */
riffle_status rf_ok(riffle_error *error);

/* ---- Memory: never malloc, always through the allocator of the object at hand ---- */

extern const riffle_allocator rf_malloc_allocator;

void *rf_alloc(const riffle_allocator *allocator, size_t bytes);      /* NULL on failure */
void *rf_alloc_zero(const riffle_allocator *allocator, size_t bytes); /* the same, zeroed */
void *rf_resize(const riffle_allocator *allocator, void *memory, size_t bytes);
void rf_free(const riffle_allocator *allocator, void *memory); /* NULL is allowed */

/*
 * Memory comes in lines, and a vector that lies in two of them takes twice as long: the first address from `memory` on where one begins, for which
 * RF_CACHE_LINE bytes more have to be allocated.
 */
enum { RF_CACHE_LINE = 64 };
static inline void *rf_cache_line_from(void *memory)
{
    return (void *)(((uintptr_t)memory + RF_CACHE_LINE - 1) / RF_CACHE_LINE * RF_CACHE_LINE);
}

/* Tells the system that this much memory will be touched all over, so that it may use pages of 2 MiB: fewer address look-ups miss. */
void rf_prefer_huge_pages(void *memory, size_t bytes);

/* Makes room for at least `need` elements in a growing array; doubles. false: no memory, and the array is as it was. */
bool rf_grow(const riffle_allocator *allocator, void **array, size_t *capacity, size_t need, size_t element_size);

/*
 * A growing byte buffer. A failed allocation is remembered in `failed`, and later calls do nothing: encoders read straight
 * and check once at the end.
 */
struct rf_buffer {
    uint8_t *data;
    size_t size, capacity;
    const riffle_allocator *allocator;
    bool failed;
};

void rf_buffer_init(struct rf_buffer *buffer, const riffle_allocator *allocator);
void rf_buffer_release(struct rf_buffer *buffer);
/* Room for `bytes` more behind data + size, or NULL. Does not change size. */
uint8_t *rf_buffer_reserve(struct rf_buffer *buffer, size_t bytes);
void rf_buffer_append(struct rf_buffer *buffer, const void *bytes, size_t count);
static inline void rf_buffer_append_string(struct rf_buffer *buffer, const char *string)
{
    rf_buffer_append(buffer, string, strlen(string));
}
void rf_buffer_append_byte(struct rf_buffer *buffer, uint8_t byte);
void rf_buffer_append_u32(struct rf_buffer *buffer, uint32_t value);
void rf_buffer_append_u64(struct rf_buffer *buffer, uint64_t value);
void rf_buffer_append_varint(struct rf_buffer *buffer, uint64_t value);
/* Formats as printf does; the terminating NUL is not counted in size, but is there. */
__attribute__((format(printf, 2, 3))) void rf_buffer_printf(struct rf_buffer *buffer, const char *format, ...);

/* ---- Bytes ---- */

/* Bytes that belong to somebody else. */
struct rf_bytes {
    const char *data;
    size_t length;
};

static inline uint16_t rf_load16(const uint8_t *p) { return (uint16_t)(p[0] | p[1] << 8); }
static inline uint32_t rf_load32(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}
/* One load: of shifted bytes, compilers take some apart where they also need a few of the bytes. */
static inline uint64_t rf_load64(const uint8_t *p)
{
    uint64_t value;
    memcpy(&value, p, sizeof value);
    return __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? value : __builtin_bswap64(value);
}
static inline void rf_store32(uint8_t *p, uint32_t v)
{
    p[0] = (uint8_t)v, p[1] = (uint8_t)(v >> 8), p[2] = (uint8_t)(v >> 16), p[3] = (uint8_t)(v >> 24);
}
static inline void rf_store64(uint8_t *p, uint64_t v) { rf_store32(p, (uint32_t)v), rf_store32(p + 4, (uint32_t)(v >> 32)); }

enum { RF_VARINT_MAX = 10 };

/* LEB128: seven bits a byte, least first. Writes at most RF_VARINT_MAX bytes and returns behind them. */
static inline uint8_t *rf_put_varint(uint8_t *p, uint64_t v)
{
    while (v >= 0x80)
        *p++ = (uint8_t)(v | 0x80), v >>= 7;
    *p++ = (uint8_t)v;
    return p;
}

/* Reads one varint from [p, end). Returns behind it, or NULL where the bytes end first or the value passes 64 bits. */
static inline const uint8_t *rf_get_varint(const uint8_t *p, const uint8_t *end, uint64_t *value)
{
    if (p && end - p >= 2) { /* nearly all are of one byte or two */
        if (p[0] < 0x80) {
            *value = p[0];
            return p + 1;
        }
        if (p[1] < 0x80) {
            *value = (p[0] & 0x7fu) | (uint64_t)p[1] << 7;
            return p + 2;
        }
    }
    uint64_t v = 0;
    for (unsigned shift = 0; p && p < end && shift < 64; shift += 7) {
        uint8_t byte = *p++;
        if (shift == 63 && byte > 1)
            return NULL;
        v |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80) {
            *value = v;
            return p;
        }
    }
    return NULL;
}

/* The same for values of 32 bits: larger ones are NULL. A NULL `p` stays NULL, so a row of reads is checked once. */
static inline const uint8_t *rf_get_varint32(const uint8_t *p, const uint8_t *end, uint32_t *value)
{
    uint64_t v = 0;
    p = rf_get_varint(p, end, &v);
    if (!p || v > UINT32_MAX)
        return NULL;
    *value = (uint32_t)v;
    return p;
}

/* A hash of bytes for tables in memory; never stored. Each step folds the 128 bits of a product, so every bit reaches every other. */
static inline uint64_t rf_hash_fold(uint64_t a, uint64_t b)
{
    __uint128_t product = (__uint128_t)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static inline uint64_t rf_hash(const void *bytes, size_t n)
{
    const uint8_t *p = bytes;
    uint64_t hash = n ^ 0x9e3779b97f4a7c15ull; /* 2^64 / golden ratio */
    for (; n > 8; n -= 8, p += 8)
        hash = rf_hash_fold(hash ^ rf_load64(p), 0xd6e8feb86659fd93ull);
    /* What is left, at most 8 bytes, in one or two loads that may overlap. */
    uint64_t last = 0;
    if (n >= 4)
        last = (uint64_t)rf_load32(p) << 32 | rf_load32(p + n - 4);
    else if (n)
        last = (uint64_t)p[0] << 16 | (uint64_t)p[n >> 1] << 8 | p[n - 1];
    return rf_hash_fold(hash ^ last, 0xa0761d6478bd642full);
}

/* As memcmp and strcmp, for byte strings with lengths: the order of the dictionary. */
static inline int rf_compare(const void *a, size_t a_length, const void *b, size_t b_length)
{
    size_t least = a_length < b_length ? a_length : b_length;
    int order = least ? memcmp(a, b, least) : 0;
    return order ? order : (a_length > b_length) - (a_length < b_length);
}

#endif
