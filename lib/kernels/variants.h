/* SPDX-License-Identifier: BSD-3-Clause */
/* The variants of the kernels: one file each, empty where the compiler's architecture has no such instructions. */
#ifndef RF_VARIANTS_H
#define RF_VARIANTS_H

#include "kernels/kernels.h"

extern const struct rf_kernels rf_kernels_portable, rf_kernels_avx2, rf_kernels_avx512, rf_kernels_neon;

#endif
