/* SPDX-License-Identifier: BSD-3-Clause */
/* What filters and words of a query mean, to every engine alike; tree.h. */
#include "engine/tree.h"

#include <math.h>

double rf_idf(uint64_t docs, uint64_t df) { return log(1 + ((double)(docs - df) + 0.5) / ((double)df + 0.5)); }

static bool starts_with(const struct rf_bytes *value, const struct rf_bytes *prefix)
{
    return value->length >= prefix->length && (!prefix->length || memcmp(value->data, prefix->data, prefix->length) == 0);
}

bool rf_filter_fits(const struct rf_filter *filter, const struct rf_bytes *value)
{
    const struct rf_bytes *low = &filter->low, *high = &filter->high;
    switch (filter->kind) {
    case RF_FILTER_VALUE:
    case RF_FILTER_ID:
        return value->length == low->length && starts_with(value, low);
    case RF_FILTER_PREFIX:
        return starts_with(value, low);
    case RF_FILTER_RANGE:
        return rf_compare(value->data, value->length, low->data, low->length) >= 0 &&
               (!high->length || starts_with(value, high) || rf_compare(value->data, value->length, high->data, high->length) < 0);
    }
    return false;
}
