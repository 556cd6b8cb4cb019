/* SPDX-License-Identifier: BSD-3-Clause */
/* Allocation through the caller's allocator, growing arrays and byte buffers. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "base/base.h"

static void *malloc_allocate(void *context, size_t bytes)
{
    (void)context;
    return malloc(bytes);
}

static void *malloc_resize(void *context, void *memory, size_t bytes)
{
    (void)context;
    return realloc(memory, bytes);
}

static void malloc_release(void *context, void *memory)
{
    (void)context;
    free(memory);
}

const riffle_allocator rf_malloc_allocator = {malloc_allocate, malloc_resize, malloc_release, NULL};

void *rf_alloc(const riffle_allocator *allocator, size_t bytes)
{
    return allocator->allocate(allocator->context, bytes ? bytes : 1);
}

void *rf_alloc_zero(const riffle_allocator *allocator, size_t bytes)
{
    void *memory = rf_alloc(allocator, bytes);
    if (memory)
        memset(memory, 0, bytes);
    return memory;
}

void *rf_resize(const riffle_allocator *allocator, void *memory, size_t bytes)
{
    return allocator->resize(allocator->context, memory, bytes ? bytes : 1);
}

void rf_free(const riffle_allocator *allocator, void *memory)
{
    if (memory)
        allocator->release(allocator->context, memory);
}

void rf_prefer_huge_pages(void *memory, size_t bytes)
{
#ifdef MADV_HUGEPAGE
    const uintptr_t page = 1 << 21;
    uintptr_t start = ((uintptr_t)memory + page - 1) & ~(page - 1), end = ((uintptr_t)memory + bytes) & ~(page - 1);
    if (start < end)
        madvise((void *)start, end - start, MADV_HUGEPAGE); /* a hint: failing does no harm */
#else
    (void)memory, (void)bytes;
#endif
}

bool rf_grow(const riffle_allocator *allocator, void **array, size_t *capacity, size_t need, size_t element_size)
{
    if (need <= *capacity)
        return true;
    size_t wanted = *capacity ? *capacity : 16;
    while (wanted < need) {
        if (wanted > SIZE_MAX / 2)
            return false;
        wanted *= 2;
    }
    if (wanted > SIZE_MAX / element_size)
        return false;
    void *grown = rf_resize(allocator, *array, wanted * element_size);
    if (!grown)
        return false;
    *array = grown;
    *capacity = wanted;
    return true;
}

void rf_buffer_init(struct rf_buffer *buffer, const riffle_allocator *allocator)
{
    *buffer = (struct rf_buffer){.allocator = allocator};
}

void rf_buffer_release(struct rf_buffer *buffer)
{
    rf_free(buffer->allocator, buffer->data);
    *buffer = (struct rf_buffer){.allocator = buffer->allocator};
}

uint8_t *rf_buffer_reserve(struct rf_buffer *buffer, size_t bytes)
{
    if (buffer->failed)
        return NULL;
    if (!buffer->data || buffer->capacity - buffer->size < bytes) {
        void *data = buffer->data;
        if (bytes >= SIZE_MAX - buffer->size ||
            !rf_grow(buffer->allocator, &data, &buffer->capacity, buffer->size + bytes + !bytes, 1)) {
            buffer->failed = true;
            return NULL;
        }
        buffer->data = data;
    }
    return buffer->data + buffer->size;
}

void rf_buffer_append(struct rf_buffer *buffer, const void *bytes, size_t count)
{
    if (!count)
        return;
    uint8_t *p = rf_buffer_reserve(buffer, count);
    if (p) {
        memcpy(p, bytes, count);
        buffer->size += count;
    }
}

void rf_buffer_append_byte(struct rf_buffer *buffer, uint8_t byte) { rf_buffer_append(buffer, &byte, 1); }

void rf_buffer_append_u32(struct rf_buffer *buffer, uint32_t value)
{
    uint8_t bytes[4];
    rf_store32(bytes, value);
    rf_buffer_append(buffer, bytes, sizeof bytes);
}

void rf_buffer_append_u64(struct rf_buffer *buffer, uint64_t value)
{
    uint8_t bytes[8];
    rf_store64(bytes, value);
    rf_buffer_append(buffer, bytes, sizeof bytes);
}

void rf_buffer_append_varint(struct rf_buffer *buffer, uint64_t value)
{
    uint8_t *p = rf_buffer_reserve(buffer, RF_VARINT_MAX);
    if (p)
        buffer->size += (size_t)(rf_put_varint(p, value) - p);
}

void rf_buffer_printf(struct rf_buffer *buffer, const char *format, ...)
{
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    uint8_t *p = length < 0 ? NULL : rf_buffer_reserve(buffer, (size_t)length + 1);
    if (p) {
        vsnprintf((char *)p, (size_t)length + 1, format, again);
        buffer->size += (size_t)length;
    }
    va_end(again);
}
