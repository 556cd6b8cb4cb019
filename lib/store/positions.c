/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Reading positions; positions.h. A block of them is [width 6 bits | twins 1 | short 1][count u8 where short][packed, as twins (codec.h) or one by
 * one]. There are no exceptions: few are read of a block, and those alone.
 */
#include "store/positions.h"

#include "store/segment_files.h"

static riffle_status corrupt(const struct rf_list *list, riffle_error *error, const char *what, const uint8_t *where)
{
    return rf_fail(error, RIFFLE_CORRUPT, "%s.positions: byte %llu: %s", list->segment->name,
                   (unsigned long long)(where - list->segment->positions.map.data), what);
}

/* ---- Places ---- */

/* Where the positions of a block of postings start. */
static struct rf_place place_of(const struct rf_list *list, uint32_t number)
{
    if (!list->records)
        return (struct rf_place){list->positions, 0};
    const uint8_t *record = list->records + (size_t)number * RF_RECORD;
    /* In a damaged file it may be anywhere. */
    return (struct rf_place){(const uint8_t *)((uintptr_t)list->positions + rf_load32(record)), record[4]};
}

/* What a block that is not short takes behind its first byte. */
static inline size_t bytes_of(uint8_t first) { return RF_BLOCK / 8 * (first & 63u) - RF_BLOCK / 16 * (first >> 6); }

/* May a block begin so? The last one alone is short, and its numbers are packed one by one. No branch: which blocks have twins is not to be foreseen. */
static inline bool is_full(uint8_t first) { return (first <= 32) | (first - RF_TWINS - 1u < RF_TWINS_WIDTH); }

/* Passes over the blocks of positions that end before a place. */
static inline bool pass_blocks(const struct rf_list *list, struct rf_place *place)
{
    for (; place->skip >= RF_BLOCK; place->skip -= RF_BLOCK) {
        if (place->block >= list->positions_end || !is_full(*place->block))
            return false;
        place->block += 1 + bytes_of(*place->block);
    }
    return true;
}

enum { FEW = 8 }; /* up to so many postings of a block, adding up bits of planes is faster than decoding all term frequencies */

/* Postings of a block, one by one. */
static riffle_status find_few(const struct rf_list *list, const struct rf_block *block, const uint32_t *ordinals, size_t n,
                              uint32_t *tfs, struct rf_place *places, riffle_error *error)
{
    const uint8_t *planes = rf_planes_of(block);
    unsigned plane_count = rf_tf_planes(block);
    struct rf_exceptions exceptions = rf_tf_exceptions_of(block);
    struct rf_place start = place_of(list, block->number);
    uint64_t highs = 0;
    unsigned next = 0;
    if (plane_count + exceptions.bits > 32)
        return corrupt(list, error, "bad block of postings", start.block);
    for (size_t i = 0; i < n; i++) {
        uint32_t at = ordinals[i] % RF_BLOCK, low;
        uint64_t sum = rf_kernels->sum_planes(planes, block->count, plane_count, at, &low), high = 0;
        for (; next < exceptions.count && rf_exception_index(&exceptions, next) < at; next++)
            highs += rf_exception_high(&exceptions, next);
        if (next < exceptions.count && rf_exception_index(&exceptions, next) == at)
            high = rf_exception_high(&exceptions, next);
        high = high << plane_count | low;
        if (high >= list->most_tf)
            return corrupt(list, error, "bad term frequency", start.block);
        tfs[i] = (uint32_t)high + 1;
        places[i] = (struct rf_place){start.block, start.skip + at + sum + (highs << plane_count)};
    }
    return RIFFLE_OK;
}

/* With all term frequencies of the block. */
static riffle_status find_many(const struct rf_list *list, struct rf_block *block, const uint32_t *ordinals, size_t n,
                               uint32_t *tfs, struct rf_place *places, riffle_error *error)
{
    uint32_t all[RF_BLOCK + RF_PADDING];
    uint64_t before[RF_BLOCK + 1];
    struct rf_place start = place_of(list, block->number);
    riffle_status status = rf_list_tfs(list, block, all, error);
    if (status)
        return status;
    before[0] = start.skip;
    for (uint32_t i = 0; i < RF_BLOCK; i++)
        before[i + 1] = before[i] + all[i];
    for (size_t i = 0; i < n; i++) {
        tfs[i] = all[ordinals[i] % RF_BLOCK];
        places[i] = (struct rf_place){start.block, before[ordinals[i] % RF_BLOCK]};
    }
    return RIFFLE_OK;
}

/* Passes over blocks of positions that end before places of postings of one block, which have been counted from the same one. */
static riffle_status settle(const struct rf_list *list, struct rf_place *places, size_t n, riffle_error *error)
{
    struct rf_place at = places[0];
    uint64_t before = 0;
    for (size_t i = 0; i < n; i++) {
        if (places[i].skip < before) /* cannot be, but for damage */
            return corrupt(list, error, "postings out of order", at.block);
        at.skip = places[i].skip - before;
        if (!pass_blocks(list, &at))
            return corrupt(list, error, "bad block of positions", at.block);
        before = places[i].skip - at.skip;
        places[i] = at;
    }
    return RIFFLE_OK;
}

/* Of one block. */
static riffle_status find_places(const struct rf_list *list, const uint32_t *ordinals, size_t n, uint32_t *tfs,
                                 struct rf_place *places, riffle_error *error)
{
    struct rf_block block;
    if (ordinals[0] / RF_BLOCK >= list->blocks)
        return corrupt(list, error, "no such posting", list->positions);
    riffle_status status = rf_list_block(list, ordinals[0] / RF_BLOCK, &block, error);
    if (!status)
        status = rf_list_parts(list, &block, error);
    if (status)
        return status;
    for (size_t i = 0; block.count < RF_BLOCK && i < n; i++)
        if (ordinals[i] % RF_BLOCK >= block.count)
            return corrupt(list, error, "no such posting", list->positions);
    uintptr_t start = (uintptr_t)place_of(list, block.number).block - (uintptr_t)list->positions;
    if (start > (size_t)(list->positions_end - list->positions))
        return corrupt(list, error, "a record leads behind a term's positions", list->positions);
    status = n > FEW ? find_many(list, &block, ordinals, n, tfs, places, error)
                     : find_few(list, &block, ordinals, n, tfs, places, error);
    return status ? status : settle(list, places, n, error);
}

riffle_status rf_list_places(const struct rf_list *list, const uint32_t *ordinals, size_t n, uint32_t *tfs, struct rf_place *places,
                             riffle_error *error)
{
    riffle_status status = RIFFLE_OK;
    if (list->df == 1 && n == 1 && !ordinals[0]) {
        *tfs = list->single_tf;
        *places = (struct rf_place){list->positions, 0};
        return RIFFLE_OK;
    }
    for (size_t i = 0, end; !status && i < n; i = end) {
        for (end = i + 1; end < n && ordinals[end] / RF_BLOCK == ordinals[i] / RF_BLOCK;)
            end++;
        status = find_places(list, ordinals + i, end - i, tfs + i, places + i, error);
    }
    return status;
}

void rf_list_prefetch_places(const struct rf_list *list, const uint32_t *ordinals, size_t n)
{
    enum { LINES = 4 }; /* few postings of a block have positions behind that */
    uint32_t last = UINT32_MAX;
    for (size_t i = 0; i < n && list->records; i++) {
        uint32_t number = ordinals[i] / RF_BLOCK;
        if (number == last || number >= list->blocks)
            continue;
        last = number;
        /* In a damaged file they may lie anywhere, which does no harm. */
        __builtin_prefetch((const void *)((uintptr_t)list->data + rf_list_start(list, number)));
        uintptr_t positions = (uintptr_t)place_of(list, number).block;
        for (unsigned line = 0; line < LINES; line++)
            __builtin_prefetch((const void *)(positions + 64 * line));
    }
}

/* ---- Reading ---- */

/* A block of positions from some place on. */
struct packed {
    const uint8_t *gaps, *behind;
    uint64_t mask;
    struct rf_twins twins; /* of zeros where gaps are packed one by one: then each is the low one of a pair */
    unsigned step, shift;  /* bits of 2^shift gaps */
    unsigned at, left;     /* the next gap; so many there are */
    bool last;
};

static inline bool open_block(const struct rf_list *list, const uint8_t *in, uint64_t skip, struct packed *packed)
{
    const uint8_t *end = list->positions_end;
    if (in >= end)
        return false;
    unsigned first = *in++, width = first & 63, count = RF_BLOCK, twins = first >> 6 & 1;
    size_t bytes = bytes_of((uint8_t)first);
    packed->last = first & RF_SHORT;
    if (packed->last) {
        if (in >= end || *in > RF_BLOCK || first > (RF_SHORT | 32))
            return false;
        count = *in++;
        bytes = rf_packed_bytes(count, width);
    } else if (!is_full((uint8_t)first)) {
        return false;
    }
    if ((size_t)(end - in) < bytes || skip >= count)
        return false;
    static const struct rf_twins one_by_one;
    packed->gaps = in;
    packed->behind = in + bytes;
    packed->twins = twins ? rf_twins[width] : one_by_one;
    packed->shift = twins;
    packed->step = twins ? 2 * width - 1 : width;
    packed->mask = (1ull << packed->step) - 1;
    packed->at = (unsigned)skip;
    packed->left = count - (unsigned)skip;
    return true;
}

/* Without a branch, either. */
static inline uint64_t next_gap(struct packed *packed)
{
    size_t bit = (size_t)(packed->at >> packed->shift) * packed->step;
    uint64_t both = rf_load64(packed->gaps + (bit >> 3)) >> (bit & 7) & packed->mask;
    uint64_t high = both * packed->twins.inverse >> RF_TWINS_SHIFT, low = both - high * packed->twins.base;
    uint64_t mask = 0 - (uint64_t)(packed->at++ & packed->shift);
    return (high & mask) | (low & ~mask);
}

/* The block behind, where positions go on. */
static inline bool go_on(const struct rf_list *list, struct packed *packed)
{
    return !packed->last && open_block(list, packed->behind, 0, packed);
}

riffle_status rf_positions_read(const struct rf_list *list, const struct rf_place *place, uint32_t tf, uint32_t offset,
                                uint32_t *out, size_t *n, riffle_error *error)
{
    size_t kept = 0;
    uint64_t least = 0;
    *n = 0;
    if (list->df == 1 && list->single_tf == 1) {
        *out = list->single_position - offset;
        *n = list->single_position >= offset;
        return RIFFLE_OK;
    }
    struct packed packed;
    bool good = open_block(list, place->block, place->skip, &packed);
    for (; good; good = go_on(list, &packed)) {
        unsigned these = tf < packed.left ? tf : packed.left;
        tf -= these;
        while (these--) {
            least += next_gap(&packed);
            out[kept] = (uint32_t)least - offset;
            kept += least++ >= offset;
        }
        if (least > UINT32_MAX)
            return corrupt(list, error, "position out of range", packed.gaps);
        if (!tf) {
            *n = kept;
            return RIFFLE_OK;
        }
    }
    return corrupt(list, error, "bad block of positions", place->block);
}

riffle_status rf_positions_follow(const struct rf_list *list, const struct rf_place *place, uint32_t tf, uint32_t distance,
                                  uint32_t *numbers, size_t *n, riffle_error *error)
{
    size_t kept = 0, i = 0, count = *n;
    uint64_t least = 0; /* what the next position is at least: one more than the last one */
    if (list->df == 1 && list->single_tf == 1) {
        for (; i < count; i++) {
            numbers[kept] = numbers[i];
            kept += (uint64_t)numbers[i] + distance == list->single_position;
        }
        *n = kept;
        return RIFFLE_OK;
    }
    struct packed packed;
    bool good = open_block(list, place->block, place->skip, &packed);
    for (; good; good = go_on(list, &packed)) {
        unsigned these = tf < packed.left ? tf : packed.left;
        tf -= these;
        for (; i < count; i++) {
            uint64_t wanted = (uint64_t)numbers[i] + distance;
            for (; least <= wanted && these; these--)
                least += next_gap(&packed) + 1;
            if (least <= wanted)
                break;
            numbers[kept] = numbers[i];
            kept += least == wanted + 1;
        }
        if (i == count || !tf) {
            *n = kept;
            return RIFFLE_OK;
        }
    }
    return corrupt(list, error, "bad block of positions", place->block);
}

/* Decodes the block with the next position of a row. */
static bool decode_row(const struct rf_list *list, struct rf_position_row *row)
{
    struct packed packed;
    if (!pass_blocks(list, &row->place) || !open_block(list, row->place.block, row->place.skip, &packed))
        return false;
    row->count = packed.left + packed.at;
    if (packed.shift) {
        uint32_t both[RF_BLOCK / 2 + RF_PADDING];
        rf_kernels->unpack(packed.gaps, RF_BLOCK / 2, packed.step, both);
        for (uint32_t i = 0; i < RF_BLOCK / 2; i++) {
            uint32_t high = (uint32_t)(both[i] * packed.twins.inverse >> RF_TWINS_SHIFT);
            row->gaps[2 * i] = both[i] - high * packed.twins.base;
            row->gaps[2 * i + 1] = high;
        }
    } else {
        rf_kernels->unpack(packed.gaps, row->count, packed.step, row->gaps);
    }
    row->decoded = row->place.block;
    return true;
}

riffle_status rf_positions_next(const struct rf_list *list, struct rf_position_row *row, uint32_t tf, uint32_t *out,
                                riffle_error *error)
{
    uint64_t least = 0;
    if (list->df == 1 && list->single_tf == 1) {
        *out = list->single_position;
        return RIFFLE_OK;
    }
    while (tf) {
        if ((row->decoded != row->place.block || row->place.skip >= row->count) && !decode_row(list, row))
            return corrupt(list, error, "bad block of positions", row->place.block);
        uint32_t skip = (uint32_t)row->place.skip, left = row->count - skip, n = tf < left ? tf : left;
        for (uint32_t i = 0; i < n; i++) {
            least += row->gaps[skip + i];
            out[i] = (uint32_t)least++;
        }
        if (least > UINT32_MAX)
            return corrupt(list, error, "position out of range", row->place.block);
        row->place.skip += n;
        out += n;
        tf -= n;
    }
    return RIFFLE_OK;
}
