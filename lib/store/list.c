/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Decoding postings: blocks of docs and term frequencies, and positions. The bytes are pictured in docs/FORMAT.md.
 *
 * A list of more than RF_BLOCK postings starts with the last docs of its blocks, u32 each, and then one record a block:
 *   [offset of the block u32][offset of its first position's block u32][positions before it in that block u8]
 *   [highest tf u8, 255: or more][least length code u8]
 * and goes on, but for a run's, with
 *   [RF_BESTS x [tf u8][length code u8]]
 *   where rf_has_maxima: [low f32][step f32][code u8, one a part of a range, where rf_has_fine_maxima][code u8, one a range of docs]
 *   where rf_has_bitmap: [docs before it u32, one a range of docs][a bit for each doc of the segment]
 * A block is
 *   [header u32: doc width 6 bits | doc exceptions 5 | bits of one 5 | tf planes 6 | tf exceptions 5 | bits of one 5]
 *   [docs][tf planes][doc exceptions][tf exceptions]
 * where docs are the gaps to the doc before, less one, packed; or, width 63, a bitset over [last doc before + 1, last doc]. Where there is a
 * bitmap, width 0 and nothing.
 */
#include "store/list.h"

#include "store/segment_files.h"

static riffle_status corrupt(const struct rf_list *list, riffle_error *error, const char *what, const uint8_t *where)
{
    const struct rf_segment *segment = list->segment;
    if (where >= segment->position_data.data && where <= segment->position_data.data + segment->position_data.size)
        return rf_fail(error, RIFFLE_CORRUPT, "%s.positions: byte %llu: %s", segment->name,
                       (unsigned long long)(where - segment->positions.map.data), what);
    return rf_fail(error, RIFFLE_CORRUPT, "%s.docs: byte %llu: %s", segment->name,
                   (unsigned long long)(where - segment->docs.map.data), what);
}

static float load_float(const uint8_t *in)
{
    uint32_t bits = rf_load32(in);
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* What a long list has between its records and its blocks. */
static bool open_extras(struct rf_list *list)
{
    uint32_t docs = list->segment->doc_count;
    size_t ranges = rf_range_count(docs), bits = ((size_t)docs + 7) / 8;
    bool has_maxima = rf_has_maxima(list->df, docs), has_bitmap = rf_has_bitmap(list->df, docs);
    size_t parts = rf_has_fine_maxima(list->df, docs) ? rf_fine_count(docs) : 0;
    const uint8_t *in = list->data;
    if ((size_t)(list->data_end - in) <
        sizeof list->bests + (has_maxima ? 8 + parts + ranges : 0) + (has_bitmap ? 4 * ranges + bits : 0))
        return false;
    memcpy(list->bests, in, sizeof list->bests);
    in += sizeof list->bests;
    if (has_maxima) {
        list->maxima_low = load_float(in);
        list->maxima_step = load_float(in + 4);
        list->fine_maxima = parts ? in + 8 : NULL;
        list->maxima = in + 8 + parts;
        in += 8 + parts + ranges;
        /* Saturations are less than 1; what is computed with them must stay within its type. */
        if (!(list->maxima_low >= 0 && list->maxima_step >= 0 && list->maxima_low + 255 * list->maxima_step < 1.01f))
            return false;
    }
    if (has_bitmap) {
        list->ranks = in;
        list->bitmap = in + 4 * ranges;
        in = list->bitmap + bits;
    }
    list->data = in;
    return true;
}

riffle_status rf_list_open(struct rf_list *list, const struct rf_segment *segment, const struct rf_term *term, riffle_error *error)
{
    const struct rf_span *docs = &segment->doc_data, *positions = &segment->position_data;
    *list = (struct rf_list){
        .segment = segment,
        .df = term->df,
        .blocks = term->df / RF_BLOCK + (term->df % RF_BLOCK != 0),
        .has_positions = term->has_positions,
        .data = docs->data,
        .data_end = docs->data,
        .positions = positions->data,
        .positions_end = positions->data,
        .most_tf = UINT32_MAX - 1,
        .single_doc = term->single_doc,
        .single_tf = term->single_tf,
        .single_position = term->single_position,
    };
    if (term->docs_at > docs->size || term->docs_bytes > docs->size - term->docs_at)
        return corrupt(list, error, "postings out of range", docs->data);
    if (term->positions_at > positions->size || term->positions_bytes > positions->size - term->positions_at)
        return corrupt(list, error, "positions out of range", positions->data);
    if (term->docs_bytes) {
        list->data += term->docs_at;
        list->data_end = list->data + term->docs_bytes;
    }
    if (term->positions_bytes) {
        list->positions += term->positions_at;
        list->positions_end = list->positions + term->positions_bytes;
    }
    if (list->has_positions && term->positions_bytes < list->most_tf / RF_BLOCK)
        list->most_tf = (uint32_t)term->positions_bytes * RF_BLOCK;
    if (list->df == 1 && list->single_doc >= segment->doc_count)
        return corrupt(list, error, "posting out of range", list->data);
    if (list->blocks > 1) {
        if (term->docs_bytes / (4 + RF_RECORD) < list->blocks)
            return corrupt(list, error, "postings too short", list->data);
        list->lasts = list->data;
        list->records = list->lasts + (size_t)list->blocks * 4;
        list->data = list->records + (size_t)list->blocks * RF_RECORD;
        if (!segment->is_run && !open_extras(list))
            return corrupt(list, error, "bad bounds", list->data);
    }
    return RIFFLE_OK;
}

/* ---- Records ---- */

static const uint8_t *record_of(const struct rf_list *list, uint32_t block) { return list->records + (size_t)block * RF_RECORD; }

static uint32_t last_of(const struct rf_list *list, uint32_t block) { return rf_load32(list->lasts + (size_t)block * 4); }

riffle_status rf_list_block(const struct rf_list *list, uint32_t number, struct rf_block *block, riffle_error *error)
{
    block->number = number;
    block->planes = NULL;
    if (!list->records) {
        block->base = 0;
        block->last = list->segment->doc_count - 1;
        block->count = list->df;
        block->bound_tf = UINT32_MAX;
        block->bound_length = 0;
        return RIFFLE_OK;
    }
    const uint8_t *record = record_of(list, number);
    block->base = number ? last_of(list, number - 1) + 1 : 0;
    block->last = last_of(list, number);
    block->count = number + 1 < list->blocks ? RF_BLOCK : list->df - number * RF_BLOCK;
    block->bound_tf = record[9] == 255 ? UINT32_MAX : record[9];
    block->bound_length = record[10];
    /* The doc before may be any number in a damaged file; the largest makes base 0. */
    if (block->last < block->base || block->last >= list->segment->doc_count || (number && !block->base))
        return corrupt(list, error, "block record out of order", record);
    return RIFFLE_OK;
}

void rf_list_prefetch(const struct rf_list *list, uint32_t number)
{
    if (!list->records || number >= list->blocks)
        return;
    const uint8_t *record = record_of(list, number);
    /* In a damaged file they may lie anywhere, which does no harm. */
    __builtin_prefetch((const void *)((uintptr_t)list->data + rf_load32(record)));
    __builtin_prefetch((const void *)((uintptr_t)list->positions + rf_load32(record + 4)));
    __builtin_prefetch((const void *)((uintptr_t)list->positions + rf_load32(record + 4) + 64));
}

void rf_list_prefetch_record(const struct rf_list *list, uint32_t number)
{
    if (list->records)
        __builtin_prefetch((const void *)((uintptr_t)list->records + (size_t)number * RF_RECORD));
}

void rf_list_prefetch_docs(const struct rf_list *list, uint32_t number)
{
    if (!list->records || number >= list->blocks)
        return;
    uintptr_t block = (uintptr_t)list->data + rf_load32(record_of(list, number));
    for (unsigned line = 0; line < 3; line++)
        __builtin_prefetch((const void *)(block + 64 * line));
}

uint32_t rf_list_find_block(const struct rf_list *list, uint32_t from, uint32_t doc)
{
    if (!list->records)
        return from;
    if (list->ranks && doc < list->segment->doc_count) {
        /* The block of the first posting in the doc's range is not behind the one wanted, if what lies before it says so too. */
        uint32_t hint = rf_load32(list->ranks + 4 * (size_t)(doc >> RF_RANGE_BITS)) / RF_BLOCK;
        if (hint > from && hint < list->blocks && last_of(list, hint - 1) < doc)
            from = hint;
    }
    /* Gallop, and then halve, down to ROW blocks from `low` on. If none of them is the one wanted, there is none. */
    enum { ROW = 16 };
    uint32_t low = from, high = list->blocks, step = ROW;
    while (high - low > step) {
        if (last_of(list, low + step - 1) >= doc) {
            high = low + step;
            break;
        }
        low += step;
        step *= 2;
    }
    while (high - low > ROW) {
        uint32_t middle = low + (high - low) / 2;
        if (last_of(list, middle) < doc)
            low = middle + 1;
        else
            high = middle + 1;
    }
    uint32_t found = low + (uint32_t)rf_kernels->count_stored_below(list->lasts + (size_t)low * 4, high - low, doc);
    return found < high ? found : list->blocks;
}

/* ---- Docs and term frequencies ---- */

/* Finds where the parts of a block lie, all of them within [in, end): the header tells the size of each. */
static bool split(const struct rf_list *list, struct rf_block *block, const uint8_t *in, const uint8_t *end)
{
    if (end - in < 4)
        return false;
    uint32_t header = rf_load32(in), count = block->count;
    unsigned width = header & 63, doc_count = header >> 6 & 31, doc_bits = header >> 11 & 31;
    unsigned planes = header >> 16 & 63, tf_count = header >> 22 & 31, tf_bits = header >> 27;
    size_t bytes = rf_packed_bytes(count, width);
    if (width == RF_DOCS_BITSET) {
        if (!list->records || doc_count || doc_bits)
            return false;
        bytes = (block->last - block->base) / 8 + 1;
    } else if (!rf_fit_exceptions(width, doc_count, doc_bits)) {
        return false;
    }
    if (!rf_fit_exceptions(planes, tf_count, tf_bits) || (list->bitmap && header & 0xffff))
        return false;
    size_t both = 4 + bytes + rf_planes_bytes(count, planes), doc_list = rf_exceptions_bytes(doc_count, doc_bits);
    if ((size_t)(end - in) < both + doc_list + rf_exceptions_bytes(tf_count, tf_bits))
        return false;
    block->doc_width = (uint8_t)width;
    block->tf_planes = (uint8_t)planes;
    block->docs = in + 4;
    block->planes = in + 4 + bytes;
    block->doc_exceptions = rf_open_exceptions(in + both, doc_count, doc_bits);
    block->tf_exceptions = rf_open_exceptions(in + both + doc_list, tf_count, tf_bits);
    return true;
}

static riffle_status find_parts(const struct rf_list *list, struct rf_block *block, riffle_error *error)
{
    const uint8_t *in = list->data, *end = list->data_end;
    if (block->planes)
        return RIFFLE_OK;
    if (list->records) {
        const uint8_t *record = record_of(list, block->number);
        size_t all = (size_t)(end - in), start = rf_load32(record), stop = all;
        if (block->number + 1 < list->blocks)
            stop = rf_load32(record + RF_RECORD);
        if (start > stop || stop > all)
            return corrupt(list, error, "block out of range", record);
        end = in + stop;
        in += start;
        /* Its lines come together, not one after the other as what is in one leads to the next. */
        __builtin_prefetch(in + 64);
        __builtin_prefetch(in + 128);
        __builtin_prefetch(in + 192);
    }
    return split(list, block, in, end) ? RIFFLE_OK : corrupt(list, error, "bad block", in);
}

static bool decode_gaps(const struct rf_list *list, const struct rf_block *block, uint32_t *docs)
{
    uint32_t count = block->count;
    unsigned width = block->doc_width;
    const struct rf_exceptions *exceptions = &block->doc_exceptions;
    uint64_t last;
    /* 128 gaps of 24 bits stay under 2^32: were the sum to pass 32 bits all the same, what is left of it would be less than base. */
    if (width + exceptions->bits + 5 <= 24) {
        rf_kernels->unpack_gaps(block->docs, count, width, exceptions, block->base, docs);
        last = docs[count - 1];
    } else {
        rf_kernels->unpack(block->docs, count, width, docs);
        rf_kernels->add_exceptions(exceptions, width, docs);
        last = block->base;
        for (uint32_t i = 0; i < count; i++) {
            last += docs[i];
            docs[i] = (uint32_t)last++;
        }
        last--;
    }
    return list->records ? last == block->last : last <= block->last;
}

/* Bits [from, to), the first of them the doc base + from. */
static bool decode_bits(const struct rf_block *block, const uint8_t *bits, size_t from, size_t to, uint32_t base, uint32_t *docs)
{
    return rf_kernels->bits_to_ids(bits, from, to, base, docs, block->count) == block->count &&
           docs[block->count - 1] == block->last;
}

static void pad(uint32_t *values, uint32_t count, uint32_t with)
{
    for (uint32_t i = count; i < RF_BLOCK; i++)
        values[i] = with;
    for (uint32_t i = RF_BLOCK; i < RF_BLOCK + RF_PADDING; i++)
        values[i] = with;
}

riffle_status rf_list_docs(const struct rf_list *list, struct rf_block *block, uint32_t *docs, riffle_error *error)
{
    riffle_status status;
    if (list->df == 1) {
        docs[0] = list->single_doc;
    } else if (list->bitmap) {
        if (!decode_bits(block, list->bitmap, block->base, (size_t)block->last + 1, 0, docs))
            return corrupt(list, error, "bitmap and record disagree", list->bitmap);
    } else if ((status = find_parts(list, block, error))) {
        return status;
    } else if (block->doc_width == RF_DOCS_BITSET
                   ? !decode_bits(block, block->docs, 0, (size_t)block->last - block->base + 1, block->base, docs)
                   : !decode_gaps(list, block, docs)) {
        return corrupt(list, error, "bad docs", block->docs);
    }
    pad(docs, block->count, RF_NO_DOC);
    return RIFFLE_OK;
}

riffle_status rf_list_tfs(const struct rf_list *list, struct rf_block *block, uint32_t *tfs, riffle_error *error)
{
    if (list->df == 1) {
        tfs[0] = list->single_tf;
        pad(tfs, 1, 1);
        return RIFFLE_OK;
    }
    riffle_status status = find_parts(list, block, error);
    if (status)
        return status;
    uint32_t count = block->count;
    unsigned bits = block->tf_planes + block->tf_exceptions.bits + 5; /* damaged exceptions could add up to so many */
    rf_kernels->unpack_planes(block->planes, count, block->tf_planes, 1, tfs);
    if (block->tf_exceptions.count)
        rf_kernels->add_exceptions(&block->tf_exceptions, block->tf_planes, tfs);
    if (1ull << bits > list->most_tf) /* else none of so few bits can be too high */
        for (uint32_t i = 0; i < count; i++)
            if (tfs[i] > list->most_tf || !tfs[i])
                return corrupt(list, error, "bad term frequency", block->planes);
    pad(tfs, count, 1);
    return RIFFLE_OK;
}

/* ---- One posting ---- */

/*
 * The high part of value `at`, 0 where it is no exception. Eight indexes at a time, which are fields of 7 bits of a word: less `at` by XOR, the
 * lowest field that is 0 borrows from its highest bit; none below it does.
 */
static uint32_t find_high(const struct rf_exceptions *exceptions, uint32_t at)
{
    const uint64_t ones = 0x0002040810204081u, tops = ones << 6;
    const uint8_t *indexes = exceptions->indexes;
    for (unsigned i = 0; i < exceptions->count; i += 8, indexes += 7) {
        uint64_t fields = (rf_load64(indexes) & (tops | (tops - ones))) ^ ones * at;
        unsigned left = exceptions->count - i;
        uint64_t zeros = (fields - ones) & ~fields & tops & (left < 8 ? (1ull << 7 * left) - 1 : UINT64_MAX);
        if (zeros)
            return rf_exception_high(exceptions, i + (unsigned)__builtin_ctzll(zeros) / 7);
    }
    return 0;
}

static riffle_status read_tf(const struct rf_list *list, const struct rf_block *block, uint32_t at, uint32_t *tf,
                             riffle_error *error)
{
    size_t bytes = (block->count + 7) / 8;
    const uint8_t *bits = block->planes + (at >> 3);
    unsigned planes = block->tf_planes, shift = at & 7;
    /* Two at once, of which there may be less: how many there are is not to be foreseen. */
    uint32_t value = ((bits[0] >> shift & 1u) | (bits[bytes] >> shift & 1u) << 1) & ((1u << (planes < 2 ? planes : 2)) - 1);
    for (unsigned plane = 2; plane < planes; plane++)
        value |= (uint32_t)(bits[plane * bytes] >> shift & 1) << plane;
    if (block->tf_exceptions.count)
        value |= find_high(&block->tf_exceptions, at) << planes;
    if (value >= list->most_tf)
        return corrupt(list, error, "bad term frequency", block->planes);
    *tf = value + 1;
    return RIFFLE_OK;
}

riffle_status rf_list_tf(const struct rf_list *list, struct rf_block *block, uint32_t at, uint32_t *tf, riffle_error *error)
{
    *tf = list->single_tf;
    if (list->df == 1)
        return RIFFLE_OK;
    riffle_status status = find_parts(list, block, error);
    return status ? status : read_tf(list, block, at, tf, error);
}

/* Few processors are known to have an instruction for it where this is compiled. */
static unsigned count_bits(uint64_t bits)
{
    bits -= bits >> 1 & 0x5555555555555555u;
    bits = (bits & 0x3333333333333333u) + (bits >> 2 & 0x3333333333333333u);
    bits = (bits + (bits >> 4)) & 0x0f0f0f0f0f0f0f0fu;
    return (unsigned)(bits * 0x0101010101010101u >> 56);
}

/* The sum of the term frequencies of the first `count` postings of a block. */
static uint64_t sum_of_tfs(const struct rf_block *block, uint32_t count)
{
    size_t bytes = (block->count + 7) / 8;
    uint64_t sum = count;
    uint64_t low = count < 64 ? (1ull << count) - 1 : UINT64_MAX, high = count <= 64 ? 0 : (1ull << (count - 64)) - 1;
    for (unsigned plane = 0; plane < block->tf_planes; plane++) {
        const uint8_t *bits = block->planes + plane * bytes;
        uint64_t set = count_bits(rf_load64(bits) & low);
        if (high)
            set += count_bits(rf_load64(bits + 8) & high);
        sum += set << plane;
    }
    const struct rf_exceptions *exceptions = &block->tf_exceptions;
    for (unsigned i = 0; i < exceptions->count && rf_exception_index(exceptions, i) < count; i++)
        sum += (uint64_t)rf_exception_high(exceptions, i) << block->tf_planes;
    return sum;
}

/* ---- Positions ---- */

/* A block of positions: [width 6 bits | exceptions 1 | short 1][count u8 where short][packed], and with exceptions [count u8][bits u8][they]. */
struct head {
    unsigned width, count;
    const uint8_t *packed, *behind;
    struct rf_exceptions exceptions;
};

static bool read_head(const uint8_t *in, const uint8_t *end, struct head *head)
{
    if (in >= end)
        return false;
    uint8_t first = *in++;
    head->width = first & 63;
    head->count = RF_BLOCK;
    if (first & 128) {
        if (in >= end || *in > RF_BLOCK)
            return false;
        head->count = *in++;
    }
    head->packed = in;
    size_t bytes = rf_packed_bytes(head->count, head->width);
    if (head->width > 32 || (size_t)(end - in) < bytes)
        return false;
    in += bytes;
    head->exceptions.count = 0;
    if (first & 64) {
        if (end - in < 2 || !rf_fit_exceptions(head->width, in[0], in[1]))
            return false;
        head->exceptions = rf_open_exceptions(in + 2, in[0], in[1]);
        bytes = 2 + rf_exceptions_bytes(in[0], in[1]);
        if ((size_t)(end - in) < bytes)
            return false;
        in += bytes;
    }
    head->behind = in;
    return true;
}

static riffle_status find_place(const struct rf_list *list, const struct rf_block *block, uint32_t at, struct rf_place *place,
                                riffle_error *error)
{
    uint64_t skip = sum_of_tfs(block, at);
    place->block = list->positions;
    if (list->records) {
        const uint8_t *record = record_of(list, block->number);
        if (rf_load32(record + 4) > (size_t)(list->positions_end - list->positions))
            return corrupt(list, error, "block record with bad position", record);
        place->block += rf_load32(record + 4);
        skip += record[8];
    }
    for (; skip >= RF_BLOCK; skip -= RF_BLOCK) {
        struct head head;
        if (!read_head(place->block, list->positions_end, &head) || head.count < RF_BLOCK)
            return corrupt(list, error, "bad block of positions", place->block);
        place->block = head.behind;
    }
    place->skip = (uint32_t)skip;
    return RIFFLE_OK;
}

riffle_status rf_list_place(const struct rf_list *list, struct rf_block *block, uint32_t at, struct rf_place *place,
                            riffle_error *error)
{
    place->block = list->positions;
    place->skip = 0;
    place->decoded = NULL;
    if (list->df == 1)
        return RIFFLE_OK;
    riffle_status status = find_parts(list, block, error);
    return status ? status : find_place(list, block, at, place, error);
}

riffle_status rf_list_tf_and_place(const struct rf_list *list, struct rf_block *block, uint32_t at, uint32_t *tf,
                                   struct rf_place *place, riffle_error *error)
{
    *tf = list->single_tf;
    place->block = list->positions;
    place->skip = 0;
    place->decoded = NULL;
    if (list->df == 1)
        return RIFFLE_OK;
    riffle_status status = find_parts(list, block, error);
    if (!status)
        status = read_tf(list, block, at, tf, error);
    return status ? status : find_place(list, block, at, place, error);
}

/* Makes the block of positions at hand the one that is decoded. */
static void decode_positions(struct rf_place *place, const struct head *head)
{
    rf_kernels->unpack(head->packed, head->count, head->width, place->values);
    if (head->exceptions.count)
        rf_kernels->add_exceptions(&head->exceptions, head->width, place->values);
    place->decoded = place->block;
    place->behind = head->behind;
    place->count = head->count;
}

riffle_status rf_list_read_positions(const struct rf_list *list, struct rf_place *place, uint32_t tf, uint32_t *out,
                                     riffle_error *error)
{
    if (list->df == 1 && list->single_tf == 1) {
        *out = list->single_position;
        return RIFFLE_OK;
    }
    uint64_t least = 0; /* what the next position is at least */
    while (tf) {
        struct head head = {.count = place->count, .behind = place->behind};
        bool decoded = place->decoded == place->block;
        if (!decoded && !read_head(place->block, list->positions_end, &head))
            return corrupt(list, error, "bad block of positions", place->block);
        if (place->skip >= head.count) {
            if (head.count < RF_BLOCK)
                return corrupt(list, error, "positions end early", place->block);
            place->block = head.behind;
            place->skip -= RF_BLOCK;
            continue;
        }
        if (!decoded)
            decode_positions(place, &head);
        uint32_t left = place->count - place->skip, n = tf < left ? tf : left;
        const uint32_t *values = place->values + place->skip;
        for (uint32_t i = 0; i < n; i++) {
            least += values[i];
            out[i] = (uint32_t)least++;
        }
        if (least > UINT32_MAX)
            return corrupt(list, error, "position out of range", place->block);
        place->skip += n;
        out += n;
        tf -= n;
    }
    return RIFFLE_OK;
}

riffle_status rf_list_positions(const struct rf_list *list, struct rf_block *block, uint32_t at, uint32_t tf, uint32_t *out,
                                riffle_error *error)
{
    struct rf_place place;
    riffle_status status = rf_list_place(list, block, at, &place, error);
    return status ? status : rf_list_read_positions(list, &place, tf, out, error);
}
