/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * BM25 in integers. A leaf of a query has a weight w (its idf); all weights of a query are scaled by the same 2^e, so that their
 * sum stays under 2^30, and rounded. The saturation of a term frequency, 1 / (1 + c / tf), is a fraction of 31 bits. Sums of such
 * scores do not depend on the order of summation, so that every way of evaluating a query gives the same list.
 */
#ifndef RF_SCORE_H
#define RF_SCORE_H

#include "base/base.h"

/*
 * BM25's constants where a search asks for no others: Lucene's k1, and a b between its 0.75 and Anserini's 0.4, for passages differ
 * little in length. On the four classic collections no pair around is better by more than a hundredth; docs/BENCHMARKS.md.
 */
#define RF_USUAL_K1 1.2
#define RF_USUAL_B  0.5

enum { RF_TABLE_TFS = 32, RF_SCALE_MAX = 40, RF_WEIGHT_BITS = 30 };

struct rf_scorer {
    double k1, b, average_length;
    double c[256]; /* k1 * (1 - b + b * length / average length), by length code */
    uint32_t table[RF_TABLE_TFS][256];
};

/* c of a length code, as in the table. */
double rf_scorer_c(double k1, double b, double average_length, uint8_t length_code);
void rf_scorer_init(struct rf_scorer *scorer, double k1, double b, double average_length);

/* floor(2^31 / (1 + c / tf) + 0.5), at most 2^31 - 1; 0 for tf 0. Monotone in tf under rounding: each step of it is. */
uint32_t rf_saturation_of(const struct rf_scorer *scorer, uint32_t tf, uint8_t length_code);

static inline uint32_t rf_saturation(const struct rf_scorer *scorer, uint32_t tf, uint8_t length_code)
{
    return tf < RF_TABLE_TFS ? scorer->table[tf][length_code] : rf_saturation_of(scorer, tf, length_code);
}

/* The score of an occurrence: never 0, so that whatever matches scores something. */
static inline uint32_t rf_weigh(uint32_t weight, uint32_t saturation)
{
    uint32_t score = (uint32_t)((weight * (uint64_t)saturation + (1u << 30)) >> 31);
    return score ? score : 1;
}

/* The largest e for which sum * 2^e stays under 2^30. */
int rf_scale(double sum_of_weights);
uint32_t rf_scaled_weight(double weight, int scale);

#endif
