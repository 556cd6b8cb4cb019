/* SPDX-License-Identifier: BSD-3-Clause */
/* Memory that ends with a page that cannot be touched; guarded.h. */
#include "tests/support/guarded.h"

#include <string.h>
#include <sys/mman.h>

enum { AREA = 1 << 20, PAGE_MOST = 1 << 16 };

static uint8_t *areas[GUARDED_AREAS];

int guarded_map(void **context)
{
    (void)context;
    for (size_t i = 0; i < GUARDED_AREAS; i++) {
        areas[i] = mmap(NULL, AREA + PAGE_MOST, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (areas[i] == MAP_FAILED || mprotect(areas[i] + AREA, PAGE_MOST, PROT_NONE))
            return -1;
    }
    return 0;
}

int guarded_unmap(void **context)
{
    (void)context;
    for (size_t i = 0; i < GUARDED_AREAS; i++)
        munmap(areas[i], AREA + PAGE_MOST);
    return 0;
}

void *guarded_last(size_t area, size_t bytes)
{
    uint8_t *at = areas[area] + AREA - bytes;
    memset(at, 0xa5, bytes);
    return at;
}

uint32_t *guarded_padded(size_t area, size_t n) { return guarded_last(area, (n + RF_PADDING - 1) / RF_PADDING * RF_PADDING * 4); }
