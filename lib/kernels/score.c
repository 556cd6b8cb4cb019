/* SPDX-License-Identifier: BSD-3-Clause */
/* BM25 in integers: the tables of a search, and its scale. */
#include "kernels/score.h"

#include <math.h>

#include "base/settings.h"

uint32_t rf_saturation_of(const struct rf_scorer *scorer, uint32_t tf, uint8_t length_code)
{
    if (!tf)
        return 0;
    double f = floor(0x1p31 / (1 + scorer->c[length_code] / tf) + 0.5);
    return f < 0x1p31 ? (uint32_t)f : INT32_MAX;
}

double rf_scorer_c(double k1, double b, double average_length, uint8_t length_code)
{
    /* Where nothing has a length, all passages are of average length. */
    double length = average_length > 0 ? rf_length_decode(length_code) : 1;
    return k1 * (1 - b + b * length / (average_length > 0 ? average_length : 1));
}

void rf_scorer_init(struct rf_scorer *scorer, double k1, double b, double average_length)
{
    scorer->k1 = k1;
    scorer->b = b;
    scorer->average_length = average_length;
    for (unsigned code = 0; code < 256; code++)
        scorer->c[code] = rf_scorer_c(k1, b, average_length, (uint8_t)code);
    for (unsigned tf = 0; tf < RF_TABLE_TFS; tf++)
        for (unsigned code = 0; code < 256; code++)
            scorer->table[tf][code] = rf_saturation_of(scorer, tf, (uint8_t)code);
}

int rf_scale(double sum_of_weights)
{
    int exponent; /* the sum is less than 2^exponent, and not less than half of that */
    return frexp(sum_of_weights, &exponent) > 0 && exponent > RF_WEIGHT_BITS - RF_SCALE_MAX ? RF_WEIGHT_BITS - exponent
                                                                                            : RF_SCALE_MAX;
}

uint32_t rf_scaled_weight(double weight, int scale) { return (uint32_t)floor(ldexp(weight, scale) + 0.5); }
