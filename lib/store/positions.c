/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Positions of postings; positions.h. A block of them is [code 6 bits | gaps 1][packed], all full but for the last one of a block of postings.
 * There are no exceptions: few are read of a block, and those alone.
 */
#include "store/positions.h"

#include "store/segment_files.h"

static riffle_status corrupt(const struct rf_list *list, riffle_error *error, const char *what, const uint8_t *where)
{
    return rf_fail(error, RIFFLE_CORRUPT, "%s.positions: byte %llu: %s", list->segment->name,
                   (unsigned long long)(where - list->segment->positions.map.data), what);
}

/* ---- Packing ---- */

/* Codes up to RF_QUAD_BITS are bits of quads; those above are widths of numbers that quads are too small for, one by one. */
enum { WIDTHS = RF_QUAD_BITS - RF_QUAD_BITS / 4, CODES = WIDTHS + 33, GAPS = 64 };

static unsigned code_for(uint32_t most)
{
    unsigned bits = rf_choose_quads(most);
    return bits <= RF_QUAD_BITS ? bits : WIDTHS + rf_bits(most);
}

static inline size_t bytes_of(unsigned code, size_t n)
{
    return code <= RF_QUAD_BITS ? rf_quads_bytes(n, code) : rf_packed_bytes(n, code - WIDTHS);
}

static uint8_t *put_numbers(uint8_t *out, const uint32_t *numbers, size_t n, unsigned code)
{
    return code <= RF_QUAD_BITS ? rf_pack_quads(out, numbers, n, code) : rf_pack(out, numbers, n, code - WIDTHS);
}

static uint32_t most_of(const uint32_t *numbers, size_t n)
{
    uint32_t most = 0;
    for (size_t i = 0; i < n; i++)
        most = numbers[i] > most ? numbers[i] : most;
    return most;
}

/* Positions as they are need not be summed up. In passages gaps are hardly smaller; where they save a byte of DEARER, as in long docs, they are taken. */
uint8_t *rf_put_positions(uint8_t *out, const uint32_t *positions, const uint32_t *gaps, size_t n)
{
    enum { DEARER = 4 };
    unsigned code = code_for(most_of(positions, n)), code_of_gaps = code_for(most_of(gaps, n));
    bool with_gaps = bytes_of(code_of_gaps, n) * DEARER < bytes_of(code, n) * (DEARER - 1);
    *out++ = (uint8_t)(with_gaps ? code_of_gaps | GAPS : code);
    return with_gaps ? put_numbers(out, gaps, n, code_of_gaps) : put_numbers(out, positions, n, code);
}

/* ---- Places ---- */

/* Where the positions of a block of postings are. */
static inline bool span_of(const struct rf_list *list, uint32_t number, const uint8_t **start, const uint8_t **end)
{
    size_t size = (size_t)(list->positions_end - list->positions);
    size_t from = list->position_starts ? rf_list_positions_start(list, number) : 0;
    size_t to = number + 1 < list->blocks ? rf_list_positions_start(list, number + 1) : size;
    *start = list->positions + (from < size ? from : 0);
    *end = list->positions + (to < size ? to : size);
    return from <= to && to <= size;
}

enum { FEW = 8 }; /* up to so many postings of a block, adding up bits of planes is faster than decoding all term frequencies */

/* Postings of one block, from `first` up to `end`. */
struct group {
    size_t first, end;
    struct rf_block block;
    struct rf_place start;
};

/* Postings of a block, one by one. */
static riffle_status find_few(const struct rf_list *list, const struct group *group, const uint32_t *ordinals, uint32_t *tfs,
                              struct rf_place *places, riffle_error *error)
{
    const struct rf_block *block = &group->block;
    const uint8_t *planes = rf_planes_of(block);
    unsigned plane_count = rf_tf_planes(block);
    struct rf_exceptions exceptions = rf_tf_exceptions_of(block);
    if (!rf_tfs_fit(block))
        return corrupt(list, error, "bad block of postings", group->start.block);
    for (size_t i = group->first; i < group->end; i++) {
        uint32_t at = ordinals[i] % RF_BLOCK, others;
        uint64_t sum = rf_kernels->sum_planes(planes, block->count, plane_count, &exceptions, at, &others);
        if (others >= list->most_tf)
            return corrupt(list, error, "bad term frequency", group->start.block);
        tfs[i] = others + 1;
        places[i] = (struct rf_place){group->start.block, group->start.end, at + sum};
    }
    return RIFFLE_OK;
}

/* With all term frequencies of the block. */
static riffle_status find_many(const struct rf_list *list, struct group *group, const uint32_t *ordinals, uint32_t *tfs,
                               struct rf_place *places, riffle_error *error)
{
    uint32_t all[RF_BLOCK + RF_PADDING];
    uint64_t before[RF_BLOCK + 1];
    riffle_status status = rf_list_tfs(list, &group->block, all, error);
    if (status)
        return status;
    before[0] = 0;
    for (uint32_t i = 0; i < RF_BLOCK; i++)
        before[i + 1] = before[i] + all[i];
    for (size_t i = group->first; i < group->end; i++) {
        uint32_t at = ordinals[i] % RF_BLOCK;
        tfs[i] = all[at];
        places[i] = (struct rf_place){group->start.block, group->start.end, before[at]};
    }
    return RIFFLE_OK;
}

/* The postings from number `first` on that are of one block: asks the memory for that and its positions. */
static riffle_status open_group(const struct rf_list *list, const uint32_t *ordinals, size_t first, size_t n, struct group *group,
                                riffle_error *error)
{
    uint32_t number = ordinals[first] / RF_BLOCK;
    if (ordinals[first] >= list->df)
        return corrupt(list, error, "no such posting", list->positions);
    riffle_status status = rf_list_block(list, number, &group->block, error);
    if (status)
        return status;
    if (!span_of(list, number, &group->start.block, &group->start.end))
        return corrupt(list, error, "records of positions out of order", list->positions);
    group->first = first;
    group->end = first + 1;
    while (group->end < n && ordinals[group->end] / RF_BLOCK == number && ordinals[group->end] < list->df)
        group->end++;
    rf_list_prefetch_docs(list, number);
    __builtin_prefetch(group->start.block);
    return RIFFLE_OK;
}

riffle_status rf_list_places(const struct rf_list *list, const uint32_t *ordinals, size_t n, uint32_t *tfs, struct rf_place *places,
                             riffle_error *error)
{
    enum { GROUPS = 64, USUAL_BITS = 7 }; /* of a position, nearly; to ask the memory for where it is */
    riffle_status status = RIFFLE_OK;
    if (!list->has_positions) /* a damaged dictionary may say so of a word */
        return corrupt(list, error, "no positions", list->positions);
    if (list->df == 1 && n == 1 && !ordinals[0]) {
        *tfs = list->single_tf;
        *places = (struct rf_place){list->positions, list->positions_end, 0};
        return RIFFLE_OK;
    }
    for (size_t at = 0; !status && at < n;) {
        struct group groups[GROUPS];
        size_t from = at, count = 0;
        for (; !status && at < n && count < GROUPS; at = groups[count++].end)
            status = open_group(list, ordinals, at, n, &groups[count], error);
        for (struct group *group = groups; !status && group < groups + count; group++) {
            status = rf_list_parts(list, &group->block, error);
            if (!status && group->end - group->first > FEW)
                status = find_many(list, group, ordinals, tfs, places, error);
            else if (!status)
                status = find_few(list, group, ordinals, tfs, places, error);
        }
        for (size_t i = from; !status && i < at; i++)
            __builtin_prefetch(places[i].block + places[i].skip * USUAL_BITS / 8);
    }
    return status;
}

/* ---- Reading ---- */

/* The code of a block that holds n numbers at least; CODES: there is none here. */
static inline unsigned code_of(const struct rf_place *place, size_t n)
{
    unsigned code = place->block < place->end ? *place->block & (GAPS - 1u) : CODES;
    return code < CODES && bytes_of(code, n) < (size_t)(place->end - place->block) ? code : CODES;
}

/* Passes over the blocks of positions that end before a place. */
static inline bool pass_blocks(struct rf_place *place)
{
    for (; place->skip >= RF_POSITIONS; place->skip -= RF_POSITIONS) {
        unsigned code = code_of(place, RF_POSITIONS);
        if (code == CODES)
            return false;
        place->block += 1 + bytes_of(code, RF_POSITIONS);
    }
    return true;
}

/* n numbers of a block from number `from` on; returns where they are. */
static inline uint32_t *unpack_some(const struct rf_place *place, unsigned code, size_t n, uint32_t *out)
{
    const uint8_t *in = place->block + 1;
    size_t from = (size_t)place->skip;
    if (code <= RF_QUAD_BITS) {
        rf_kernels->unpack_quads(in, place->end, code, from, n, out);
        return out + from % 4;
    }
    for (size_t i = 0; i < n; i++)
        out[i] = rf_unpack_one(in, from + i, code - WIDTHS);
    return out;
}

/* Are the tf positions of a place in one block, as they are, in quads? Then their code, else CODES. */
static inline unsigned plain_code(const struct rf_place *place, uint32_t tf)
{
    unsigned code = place->skip + tf <= RF_POSITIONS && place->block < place->end ? *place->block : CODES;
    return code <= RF_QUAD_BITS && rf_quads_bytes((size_t)place->skip + tf, code) < (size_t)(place->end - place->block) ? code
                                                                                                                        : CODES;
}

bool rf_positions_first(const struct rf_place *place, uint32_t *position)
{
    unsigned code = plain_code(place, 1);
    if (code == CODES)
        return false;
    *position = rf_unpack_quad(place->block + 1, place->end, code, (size_t)place->skip);
    return true;
}

bool rf_positions_follow(const struct rf_place *place, uint32_t tf, uint32_t distance, uint32_t *numbers, uint32_t *n)
{
    enum { MOST = 60, FEW_NUMBERS = 3 };
    uint32_t kept = 0, count = *n;
    unsigned code = plain_code(place, tf);
    if (tf > MOST || count > FEW_NUMBERS || code == CODES)
        return false;
    for (uint32_t i = 0; i < count; i++) { /* positions in quads are small: no sum can pass 32 bits and be equal to one */
        numbers[kept] = numbers[i];
        kept += rf_kernels->quads_hold(place->block + 1, place->end, code, (size_t)place->skip, tf, numbers[i] + distance);
    }
    *n = kept;
    return true;
}

riffle_status rf_positions_read(const struct rf_list *list, struct rf_place *place, uint32_t tf, uint32_t *out,
                                uint32_t **positions, riffle_error *error)
{
    uint64_t least = 0; /* what the next position is at least, where gaps are added up */
    *positions = out;
    if (list->df == 1 && list->single_tf == 1) {
        *out = list->single_position;
        return RIFFLE_OK;
    }
    for (bool first = true; tf; first = false) {
        bool good = pass_blocks(place);
        size_t skip = (size_t)place->skip, n = tf < RF_POSITIONS - skip ? tf : RF_POSITIONS - skip;
        unsigned code = good ? code_of(place, skip + n) : CODES;
        if (code == CODES)
            return corrupt(list, error, "bad block of positions", place->block);
        uint32_t *numbers = unpack_some(place, code, n, out);
        if (first)
            *positions = numbers;
        if (*place->block & GAPS) {
            for (size_t i = 0; i < n; i++) {
                least += numbers[i];
                numbers[i] = (uint32_t)least++;
            }
            if (least > UINT32_MAX)
                return corrupt(list, error, "position out of range", place->block);
        } else {
            least = (uint64_t)numbers[n - 1] + 1;
        }
        out = numbers + n;
        place->skip += n;
        tf -= (uint32_t)n;
    }
    return RIFFLE_OK;
}
