/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Kernels that compilers turn into SIMD instructions by themselves, or that are best without: every variant includes this file and so
 * compiles them for its own instructions. Before, it defines
 *   LANES           how many numbers its vectors have
 *   needed(numbers) a bit for each of so many that is not UINT32_MAX
 */
#ifndef RF_LOOPS_H
#define RF_LOOPS_H

#include "kernels/kernels.h"

#ifdef LANES /* else it is no variant that includes this */

/* Numbers of ranges, anywhere in memory. */
typedef uint32_t ranges __attribute__((vector_size(LANES * 4), aligned(4), may_alias));

/* One load has as much of eight of both as is usual; where there are fewer, nothing is added to any value. */
static inline void loop_add_exceptions(const struct rf_exceptions *exceptions, unsigned width, uint32_t *values)
{
    enum { AT_ONCE = 8, MOST_BITS = 7 };
    unsigned count = exceptions->count, bits = exceptions->bits;
    const uint8_t *more_indexes = exceptions->indexes, *more_highs = exceptions->highs;
    uint64_t mask = (1ull << bits) - 1;
    if (bits > MOST_BITS) {
        for (unsigned i = 0; i < count; i++) {
            unsigned index = rf_load16(more_indexes + (i * 7 >> 3)) >> (i * 7 & 7) & 127;
            uint64_t high = rf_load64(more_highs + (i * bits >> 3)) >> (i * bits & 7) & mask;
            values[index] += (uint32_t)high << width;
        }
        return;
    }
    for (unsigned i = 0; i < count; i += AT_ONCE, more_indexes += 7, more_highs += bits) {
        unsigned these = count - i < AT_ONCE ? count - i : AT_ONCE;
        uint64_t indexes = rf_load64(more_indexes), highs = rf_load64(more_highs) & ((1ull << these * bits) - 1);
        for (unsigned j = 0; j < AT_ONCE; j++, indexes >>= 7, highs >>= bits)
            values[indexes & 127] += (uint32_t)(highs & mask) << width;
    }
}

static void unpack_gaps(const uint8_t *in, size_t n, unsigned width, const struct rf_exceptions *exceptions, uint32_t base,
                        uint32_t *docs);
static size_t match(const uint32_t *wanted, size_t n, const uint32_t *docs, size_t count, uint32_t *which, uint32_t *where);

static inline size_t loop_match_gaps(const struct rf_gaps *gaps, const uint32_t *wanted, size_t from, size_t to, uint32_t first,
                                     uint32_t *which, uint32_t *where, uint32_t *last)
{
    uint32_t docs[128 + RF_PADDING];
    unpack_gaps(gaps->in, gaps->n, gaps->width, &gaps->exceptions, gaps->base, docs);
    *last = docs[gaps->n - 1];
    for (size_t i = gaps->n; i < 128; i++)
        docs[i] = UINT32_MAX;
    size_t found = match(wanted + from, to - from, docs, gaps->n, which, where);
    for (size_t i = 0; i < found; i += RF_PADDING) /* whole vectors, for how many numbers there are is not to be foreseen */
        for (size_t j = 0; j < RF_PADDING; j++) {
            which[i + j] += (uint32_t)from;
            where[i + j] += first;
        }
    return found;
}

/* What a doc of the chunk needs; UINT32_MAX for others. */
static inline uint32_t need_of(const struct rf_chunk *chunk, uint32_t doc)
{
    uint32_t range = (doc - chunk->base) >> chunk->bits;
    return range < RF_CHUNK_RANGES ? chunk->need[range] : UINT32_MAX;
}

/* Postings from number `from` on, where `count` of those before them are kept. */
static inline size_t loop_score_filter(const struct rf_scoring *scoring, const struct rf_chunk *chunk, const uint32_t *docs,
                                       const uint32_t *tfs, size_t from, size_t n, uint32_t *places, uint32_t *kept,
                                       uint32_t *scores, size_t count)
{
    for (size_t i = from; i < n; i++) {
        uint32_t need = need_of(chunk, docs[i]);
        if (need == UINT32_MAX)
            continue;
        places[count] = (uint32_t)i;
        kept[count] = docs[i];
        scores[count] = rf_score(scoring, docs[i], tfs[i]);
        count += scores[count] >= need;
    }
    return count;
}

static inline void loop_bounds(const uint8_t *codes, size_t n, float low, float step, uint32_t *bounds)
{
    for (size_t i = 0; i < n; i += 16) {
        uint32_t mask[16];
        float bound[16];
        for (size_t j = 0; j < 16; j++) {
            uint32_t code = codes[i + j];
            float product = step * (float)(int32_t)code;
            bound[j] = low + product;
            mask[j] = 0u - (code != 0);
        }
        for (size_t j = 0; j < 16; j++)
            bounds[i + j] = (uint32_t)(int32_t)bound[j] & mask[j];
    }
}

static inline void loop_plan_chunk(const uint32_t *bounds, size_t stride, size_t lists, uint32_t threshold, uint32_t *needs,
                                   uint32_t *rest, size_t rest_stride, uint64_t (*live)[2])
{
    memset(live, 0, lists * sizeof *live);
    for (size_t from = 0; from < RF_CHUNK_RANGES; from += LANES) {
        ranges all = {0}, so_far = {0}, passed = {0};
        for (size_t l = 0; l < lists; l++)
            all += *(const ranges *)(bounds + l * stride + from);
        for (size_t l = 0; l < lists; l++) {
            ranges bound = *(const ranges *)(bounds + l * stride + from);
            so_far += bound;
            ranges others = all - bound, some = (ranges)(threshold > others);
            ranges streamed = (ranges)(bound > 0) & (ranges)(so_far >= threshold);
            ranges need = ((threshold - others) & some) | (1 & ~some);
            *(ranges *)(needs + l * RF_CHUNK_RANGES + from) = need | ~streamed;
            *(ranges *)(rest + l * rest_stride + from) = bound & ~streamed;
            passed += bound & ~streamed;
            live[l][from / 64] |= (uint64_t)needed(needs + l * RF_CHUNK_RANGES + from) << from % 64;
        }
        *(ranges *)(rest + lists * rest_stride + from) = passed;
    }
}

static inline void loop_plan_lead(const uint32_t *own, const uint32_t *rest, uint32_t threshold, uint32_t *needs, uint64_t *live)
{
    live[0] = live[1] = 0;
    for (size_t from = 0; from < RF_CHUNK_RANGES; from += LANES) {
        ranges bound = *(const ranges *)(own + from), others = *(const ranges *)(rest + from);
        ranges some = (ranges)(threshold > others), streamed = (ranges)(bound > 0) & (ranges)(bound + others >= threshold);
        *(ranges *)(needs + from) = ((threshold - others) & some) | (1 & ~some) | ~streamed;
        live[from / 64] |= (uint64_t)needed(needs + from) << from % 64;
    }
}

static inline size_t loop_count_from(const uint32_t *numbers, size_t n, uint32_t least)
{
    ranges counts = {0}, place;
    size_t count = 0;
    for (uint32_t lane = 0; lane < LANES; lane++)
        place[lane] = lane;
    for (size_t i = 0; i < n; i += LANES, place += LANES) /* true is -1 */
        counts -= (ranges)(*(const ranges *)(numbers + i) >= least) & (ranges)(place < (uint32_t)n);
    for (size_t lane = 0; lane < LANES; lane++)
        count += counts[lane];
    return count;
}

/* All words of a range are counted when it is entered: how many the next doc needs is not to be foreseen. */
static inline void loop_ranks(const uint8_t *bits, const uint8_t *before, const uint32_t *docs, size_t n, uint32_t *numbers)
{
    enum { WORDS = RF_RANGE / 64 };
    uint32_t counts[WORDS];
    size_t range = SIZE_MAX;
    for (size_t i = 0; i < n; i++) {
        size_t doc = docs[i];
        if (doc >> RF_RANGE_BITS != range) {
            range = doc >> RF_RANGE_BITS;
            uint32_t count = rf_bits_before(before, range);
            for (size_t word = 0; word < WORDS; word++) {
                counts[word] = count;
                count += (uint32_t)__builtin_popcountll(rf_load64(bits + (range * WORDS + word) * 8));
            }
        }
        uint64_t word = rf_load64(bits + doc / 64 * 8) & ((1ull << doc % 64) - 1);
        numbers[i] = counts[doc / 64 % WORDS] + (uint32_t)__builtin_popcountll(word);
    }
}

static inline uint64_t sum_low_planes(const uint8_t *in, size_t n, unsigned planes, size_t count, uint32_t *next)
{
    size_t bytes = (n + 7) / 8;
    uint64_t low = count < 64 ? (1ull << count) - 1 : ~0ull, high = count > 64 ? (1ull << (count - 64)) - 1 : 0, sum = 0;
    uint32_t value = 0;
    for (unsigned plane = 0; plane < planes; plane++, in += bytes) {
        int set = __builtin_popcountll(rf_load64(in) & low) + __builtin_popcountll(rf_load64(in + 8) & high);
        sum += (uint64_t)set << plane;
        value |= (uint32_t)(in[count >> 3] >> (count & 7) & 1) << plane;
    }
    *next = value;
    return sum;
}

static inline uint64_t loop_sum_planes(const uint8_t *in, size_t n, unsigned planes, const struct rf_exceptions *exceptions,
                                       size_t count, uint32_t *next)
{
    uint64_t sum = sum_low_planes(in, n, planes, count, next), mask = (1ull << exceptions->bits) - 1;
    for (unsigned i = 0; i < exceptions->count; i++) {
        unsigned index = rf_load16(exceptions->indexes + (i * 7 >> 3)) >> (i * 7 & 7) & 127, bit = i * exceptions->bits;
        uint64_t high = (rf_load64(exceptions->highs + (bit >> 3)) >> (bit & 7) & mask) << planes;
        if (index > count)
            break;
        sum += index < count ? high : 0;
        *next |= index == count ? (uint32_t)high : 0;
    }
    return sum;
}

static inline void loop_or_bits(uint64_t *to, const uint64_t *from, size_t words)
{
    for (size_t i = 0; i < words; i++)
        to[i] |= from[i];
}

static inline void loop_and_bits(uint64_t *to, const uint64_t *from, size_t words)
{
    for (size_t i = 0; i < words; i++)
        to[i] &= from[i];
}

static inline void loop_and_not_bits(uint64_t *to, const uint64_t *from, size_t words)
{
    for (size_t i = 0; i < words; i++)
        to[i] &= ~from[i];
}

static inline size_t loop_follow(uint32_t *first, size_t n, const uint32_t *second, size_t m, uint32_t distance)
{
    size_t count = 0, i = 0, j = 0;
    while (i < n && j < m) { /* without a branch on what compares how, which is not to be foreseen */
        uint64_t a = (uint64_t)first[i] + distance, b = second[j];
        first[count] = first[i];
        count += a == b;
        i += a <= b;
        j += a >= b;
    }
    return count;
}

static inline void loop_unpack_quads(const uint8_t *in, const uint8_t *behind, unsigned bits, size_t from, size_t n, uint32_t *out)
{
    const struct rf_quads *quads = &rf_quads[bits];
    for (size_t quad = from / 4, end = (from + n + 3) / 4; quad < end; quad++, out += 4) {
        uint64_t all = rf_load_quad(in, behind, bits, quad), by_1 = all * quads->factor[1] >> quads->shift[1];
        uint64_t by_2 = all * quads->factor[2] >> quads->shift[2], by_3 = all * quads->factor[3] >> quads->shift[3];
        out[0] = (uint32_t)(all - by_1 * quads->base);
        out[1] = (uint32_t)(by_1 - by_2 * quads->base);
        out[2] = (uint32_t)(by_2 - by_3 * quads->base);
        out[3] = (uint32_t)by_3;
    }
}

static inline bool loop_quads_hold(const uint8_t *in, const uint8_t *behind, unsigned bits, size_t from, size_t n, uint32_t value)
{
    uint32_t numbers[60 + 2 * 3], equal = 0;
    loop_unpack_quads(in, behind, bits, from, n, numbers);
    for (size_t i = from % 4; i < from % 4 + n; i++)
        equal |= numbers[i] == value;
    return equal;
}

#endif
#endif
