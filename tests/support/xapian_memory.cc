/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Failing allocations; xapian_memory.h. */
#include "tests/support/xapian_memory.h"

#include <cstdlib>
#include <new>

/*
 * LeakSanitizer asks for them. Where it runs out of memory, libxapian loses what it was making; what is lost without libxapian having
 * had a hand in it is still told, for which stacks have to be followed in full.
 */
extern "C" const char *__lsan_default_options();
extern "C" const char *__lsan_default_suppressions();
extern "C" __attribute__((visibility("default"))) const char *__lsan_default_options() { return "fast_unwind_on_malloc=0"; }
extern "C" __attribute__((visibility("default"))) const char *__lsan_default_suppressions() { return "leak:libxapian.so\n"; }

namespace
{

long left; /* until one fails; 0: none will */
bool failed;

void *allocate(size_t size)
{
    if (failed || (left > 0 && --left == 0)) {
        failed = true;
        return nullptr;
    }
    return malloc(size ? size : 1);
}

} // namespace

void memory_fail_from(long number)
{
    left = number;
    failed = false;
}

bool memory_failed()
{
    bool had = failed;
    left = 0;
    failed = false;
    return had;
}

void *operator new(size_t size)
{
    void *memory = allocate(size);
    if (!memory)
        throw std::bad_alloc();
    return memory;
}

void *operator new[](size_t size) { return operator new(size); }
void *operator new(size_t size, const std::nothrow_t &) noexcept { return allocate(size); }
void *operator new[](size_t size, const std::nothrow_t &) noexcept { return allocate(size); }
void operator delete(void *memory) noexcept { free(memory); }
void operator delete[](void *memory) noexcept { free(memory); }
void operator delete(void *memory, size_t) noexcept { free(memory); }
void operator delete[](void *memory, size_t) noexcept { free(memory); }
void operator delete(void *memory, const std::nothrow_t &) noexcept { free(memory); }
void operator delete[](void *memory, const std::nothrow_t &) noexcept { free(memory); }
