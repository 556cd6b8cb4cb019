/* SPDX-License-Identifier: BSD-3-Clause */
/* Gathering bests and bounds; bounds.h. */
#include "store/bounds.h"

#include <math.h>
#include <stdlib.h>

#include "store/list.h"

static int falling(const void *a, const void *b, void *context)
{
    const struct rf_scorer *scorer = context;
    uint16_t x = *(const uint16_t *)a, y = *(const uint16_t *)b;
    uint32_t of_x = scorer->table[x >> 8][x & 255], of_y = scorer->table[y >> 8][y & 255];
    return of_x != of_y ? (of_x < of_y ? 1 : -1) : (x > y) - (x < y);
}

riffle_status rf_bounds_init(struct rf_bounds *bounds, const uint8_t *lengths, uint32_t docs, const riffle_allocator *allocator,
                             riffle_error *error)
{
    size_t parts = (size_t)rf_fine_count(docs) + 1;
    bounds->parts = rf_alloc(allocator, parts * sizeof *bounds->parts);
    bounds->maxima = rf_alloc(allocator, parts * sizeof *bounds->maxima);
    if (!bounds->parts || !bounds->maxima)
        return rf_fail_memory(error);
    /* The average as readers compute it, to the last bit. */
    uint64_t sum = 0;
    for (uint32_t doc = 0; doc < docs; doc++)
        sum += rf_length_decode(lengths[doc]);
    rf_scorer_init(&bounds->scorer, RF_USUAL_K1, RF_USUAL_B, docs ? (double)sum / (double)docs : 0);
    for (size_t i = 0; i < RF_CELLS - 256; i++)
        bounds->order[i] = (uint16_t)(i + 256);
    qsort_r(bounds->order, RF_CELLS - 256, sizeof *bounds->order, falling, &bounds->scorer);
    return RIFFLE_OK;
}

void rf_bounds_release(struct rf_bounds *bounds, const riffle_allocator *allocator)
{
    rf_free(allocator, bounds->parts);
    rf_free(allocator, bounds->maxima);
    bounds->parts = bounds->maxima = NULL;
}

void rf_bounds_begin(struct rf_bounds *bounds)
{
    memset(bounds->cells, 0, sizeof bounds->cells);
    bounds->count = 0;
}

void rf_bounds_add(struct rf_bounds *bounds, const uint32_t *docs, const uint32_t *tfs, const uint8_t *codes, size_t n)
{
    /* Without a branch that is not to be foreseen: a part's maximum is written again with each of its postings. */
    uint32_t at = bounds->count ? bounds->count - 1 : 0, maximum = bounds->count ? bounds->maxima[at] : 0;
    uint32_t part = bounds->count ? bounds->parts[at] : docs[0] >> RF_FINE_BITS;
    for (size_t i = 0; i < n; i++) {
        uint32_t row = tfs[i] < RF_TABLE_TFS ? tfs[i] : RF_TABLE_TFS - 1, next = docs[i] >> RF_FINE_BITS;
        bounds->cells[row << 8 | codes[i]]++;
        uint32_t saturation = rf_saturation(&bounds->scorer, tfs[i], codes[i]);
        maximum = next == part ? maximum : 0;
        maximum = saturation > maximum ? saturation : maximum;
        at += next != part;
        part = next;
        bounds->parts[at] = part;
        bounds->maxima[at] = maximum;
    }
    bounds->count = at + 1;
}

void rf_bounds_put_bests(const struct rf_bounds *bounds, uint32_t df, struct rf_buffer *out)
{
    uint64_t wanted = 10, passed = 0;
    size_t cell = 0;
    for (int i = 0; i < RF_BESTS; i++, wanted *= 10) {
        uint16_t best = 0;
        while (wanted <= df && passed < wanted && cell < RF_CELLS - 256) {
            best = bounds->order[cell++];
            passed += bounds->cells[best];
        }
        /* One cell may hold the posting of this rank and of the one before. */
        if (wanted <= df && !best && cell)
            best = bounds->order[cell - 1];
        rf_buffer_append_byte(out, (uint8_t)(best >> 8));
        rf_buffer_append_byte(out, (uint8_t)best);
    }
}

/*
 * Whoever multiplies a code rounds the product and the sum to 24 bits, in whatever direction: that loses less than a part of 2^22, so the
 * bounds are of maxima that are larger by a part of 2^21.
 */
static double with_margin(uint32_t maximum) { return maximum * 0x1p-31 * (1 + 0x1p-21); }

/* Numbers from low + step on, in steps, of which the last reaches `most`. */
struct quantiser {
    float low, step;
};

static uint8_t code_of(const struct quantiser *quantiser, uint32_t maximum)
{
    double code = ceil((with_margin(maximum) - quantiser->low) / quantiser->step);
    return (uint8_t)(code < 1 ? 1 : code > 255 ? 255 : code);
}

static struct quantiser make_quantiser(uint32_t least, uint32_t most, struct rf_buffer *out)
{
    struct quantiser quantiser = {.low = nextafterf((float)(least * 0x1p-31), 0)};
    quantiser.step = nextafterf((float)((with_margin(most) - quantiser.low) / 255), 1);
    uint32_t bits;
    memcpy(&bits, &quantiser.low, sizeof bits);
    rf_buffer_append_u32(out, bits);
    memcpy(&bits, &quantiser.step, sizeof bits);
    rf_buffer_append_u32(out, bits);
    return quantiser;
}

/* Appends `n` codes, 0 where the list has nothing. */
static void put_codes(const struct rf_bounds *bounds, const struct quantiser *quantiser, size_t n, struct rf_buffer *out)
{
    uint8_t *codes = rf_buffer_reserve(out, n);
    if (!codes)
        return;
    memset(codes, 0, n);
    for (uint32_t i = 0; i < bounds->count; i++)
        codes[bounds->parts[i]] = code_of(quantiser, bounds->maxima[i]);
    out->size += n;
}

static void find_extremes(const struct rf_bounds *bounds, uint32_t *least, uint32_t *most)
{
    *least = UINT32_MAX;
    *most = 0;
    for (uint32_t i = 0; i < bounds->count; i++) {
        *least = bounds->maxima[i] < *least ? bounds->maxima[i] : *least;
        *most = bounds->maxima[i] > *most ? bounds->maxima[i] : *most;
    }
}

/* Makes ranges of the parts. */
static void join_parts(struct rf_bounds *bounds)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < bounds->count; i++) {
        uint32_t range = bounds->parts[i] >> (RF_RANGE_BITS - RF_FINE_BITS), maximum = bounds->maxima[i];
        if (count && bounds->parts[count - 1] == range) {
            bounds->maxima[count - 1] = maximum > bounds->maxima[count - 1] ? maximum : bounds->maxima[count - 1];
            continue;
        }
        bounds->parts[count] = range;
        bounds->maxima[count++] = maximum;
    }
    bounds->count = count;
}

/* Two and two of the last n codes become a byte: of each the 17th part, or the next number above. */
static void join_codes(struct rf_buffer *out, size_t n)
{
    uint8_t *codes = out->data + out->size - n;
    for (size_t i = 0; i < n; i += 2) {
        unsigned low = (codes[i] + 16u) / 17, high = i + 1 < n ? (codes[i + 1] + 16u) / 17 : 0;
        codes[i / 2] = (uint8_t)(low | high << 4);
    }
    out->size -= n / 2;
}

void rf_bounds_put_maxima(struct rf_bounds *bounds, uint32_t docs, bool fine, struct rf_buffer *out)
{
    uint32_t least, most;
    struct quantiser quantiser;
    if (fine) {
        find_extremes(bounds, &least, &most);
        quantiser = make_quantiser(least, most, out);
        put_codes(bounds, &quantiser, rf_fine_count(docs), out);
    }
    join_parts(bounds);
    if (!fine) {
        find_extremes(bounds, &least, &most);
        quantiser = make_quantiser(least, most, out);
    }
    put_codes(bounds, &quantiser, rf_range_count(docs), out);
    if (!fine && !out->failed)
        join_codes(out, rf_range_count(docs));
}
