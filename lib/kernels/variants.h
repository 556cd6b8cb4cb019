/* SPDX-License-Identifier: BSD-3-Clause */
/* The variants of the kernels: one file each, empty where the compiler's architecture has no such instructions. */
#ifndef RF_VARIANTS_H
#define RF_VARIANTS_H

#include "kernels/kernels.h"

extern const struct rf_kernels rf_kernels_portable, rf_kernels_avx2, rf_kernels_avx512, rf_kernels_neon;

/* The table of a variant, whose kernels go by the same names in all of them, but for a few. */
#define RF_KERNEL_TABLE(name_, match_, match_gaps_, follow_, few_)                                                                 \
    {                                                                                                                              \
        .name = (name_), .unpack = unpack, .add_exceptions = loop_add_exceptions, .unpack_gaps = unpack_gaps,                      \
        .unpack_planes = unpack_planes, .bits_to_ids = bits_to_ids, .score = score, .score_filter = score_filter,                  \
        .filter = filter, .accumulate = accumulate, .accumulate_scores = accumulate_scores, .take_sums = take_sums,                \
        .take_back = take_back, .bounds = loop_bounds, .plan_chunk = loop_plan_chunk, .cut = cut, .count_from = loop_count_from,   \
        .match = (match_), .match_gaps = (match_gaps_), .filter_bits = filter_bits, .or_bits = loop_or_bits,                       \
        .and_bits = loop_and_bits, .and_not_bits = loop_and_not_bits, .count_bits = count_bits, .follow = (follow_),               \
        .count_below = count_below, .plan_lead = loop_plan_lead, .ranks = loop_ranks, .sum_planes = few_##sum_planes,              \
        .could_add = could_add, .choose_columns = choose_columns, .unpack_quads = few_##unpack_quads,                              \
        .quads_hold = few_##quads_hold                                                                                             \
    }

#endif
