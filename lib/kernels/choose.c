/* SPDX-License-Identifier: BSD-3-Clause */
/* Which kernels run here. */
#include "kernels/variants.h"

/* Never NULL: what runs before the constructor below has the portable ones. */
const struct rf_kernels *rf_kernels = &rf_kernels_portable;

const struct rf_kernels *rf_kernels_at(size_t number)
{
    const struct rf_kernels *runnable[4] = {&rf_kernels_portable};
    size_t count = 1;
#if defined __x86_64__
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2") &&
        __builtin_cpu_supports("popcnt")) {
        runnable[count++] = &rf_kernels_avx2;
        if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
            __builtin_cpu_supports("avx512vl"))
            runnable[count++] = &rf_kernels_avx512;
    }
#elif defined __aarch64__ && defined __ARM_NEON && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    runnable[count++] = &rf_kernels_neon;
#endif
    return number < count ? runnable[number] : NULL;
}

const struct rf_kernels *rf_kernels_named(const char *name)
{
    const struct rf_kernels *kernels;
    for (size_t number = 0; (kernels = rf_kernels_at(number)) && strcmp(kernels->name, name); number++)
        ;
    return kernels;
}

__attribute__((constructor)) static void choose(void)
{
    for (size_t number = 0; rf_kernels_at(number); number++)
        rf_kernels = rf_kernels_at(number);
}
