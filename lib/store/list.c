/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Decoding postings: blocks of docs and term frequencies, and positions. The bytes are pictured in docs/FORMAT.md.
 *
 * A list of more than RF_BLOCK postings starts with the last docs of its blocks and where they lie, and then one record a block:
 *   [last doc u32][offset of the block u32]
 *   [offset of its first position's block u32][positions before it in that block u8][highest tf u8, 255: or more][least length code u8]
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

/*
 * No block takes more than MOST_BYTES, whatever its header says: of the only part whose size the header does not tell, no more is taken than a
 * sound one can have. So for the last blocks of the file alone it matters where their parts end.
 */
enum { MOST_BYTES = 4096, MOST_BITSET = RF_BLOCK * 32 / 8 };

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
        if (term->docs_bytes / (RF_ENTRY + RF_RECORD) < list->blocks)
            return corrupt(list, error, "postings too short", list->data);
        list->entries = list->data;
        list->records = list->entries + (size_t)list->blocks * RF_ENTRY;
        list->data = list->records + (size_t)list->blocks * RF_RECORD;
        if (!segment->is_run && !open_extras(list))
            return corrupt(list, error, "bad bounds", list->data);
    }
    size_t behind = docs->size - (size_t)(list->data - docs->data);
    list->well_inside = behind > MOST_BYTES ? behind - MOST_BYTES : 0;
    return RIFFLE_OK;
}

/* ---- Records ---- */

static const uint8_t *record_of(const struct rf_list *list, uint32_t block) { return list->records + (size_t)block * RF_RECORD; }

riffle_status rf_list_block(const struct rf_list *list, uint32_t number, struct rf_block *block, riffle_error *error)
{
    uint32_t left = list->df - number * RF_BLOCK;
    block->number = number;
    block->parts = NULL;
    block->base = number ? rf_list_last(list, number - 1) + 1 : 0;
    block->last = list->entries ? rf_list_last(list, number) : list->segment->doc_count - 1;
    block->count = left < RF_BLOCK ? left : RF_BLOCK;
    /* The doc before may be any number in a damaged file; the largest makes base 0. */
    if (block->last < block->base || block->last >= list->segment->doc_count || (number && !block->base))
        return corrupt(list, error, "last docs out of order", list->entries + (size_t)number * RF_ENTRY);
    return RIFFLE_OK;
}

struct rf_most rf_list_most(const struct rf_list *list, uint32_t number)
{
    if (!list->records)
        return (struct rf_most){UINT32_MAX, 0};
    const uint8_t *record = record_of(list, number);
    return (struct rf_most){record[5] == 255 ? UINT32_MAX : record[5], record[6]};
}

void rf_list_prefetch(const struct rf_list *list, uint32_t number)
{
    if (!list->records || number >= list->blocks)
        return;
    const uint8_t *record = record_of(list, number);
    /* In a damaged file they may lie anywhere, which does no harm. */
    __builtin_prefetch((const void *)((uintptr_t)list->data + rf_list_start(list, number)));
    __builtin_prefetch((const void *)((uintptr_t)list->positions + rf_load32(record)));
    __builtin_prefetch((const void *)((uintptr_t)list->positions + rf_load32(record) + 64));
}

uint32_t rf_list_seek_block(const struct rf_list *list, uint32_t from, uint32_t doc)
{
    if (list->ranks && doc < list->segment->doc_count) {
        /* The block of the first posting in the doc's range is not behind the one wanted, if what lies before it says so too. */
        uint32_t hint = rf_load32(list->ranks + 4 * (size_t)(doc >> RF_RANGE_BITS)) / RF_BLOCK;
        if (hint > from && hint < list->blocks && rf_list_last(list, hint - 1) < doc)
            from = hint;
    }
    uint32_t low = from, high = from, step = 1;
    while (high < list->blocks && rf_list_last(list, high) < doc) {
        low = high + 1;
        high = list->blocks - high > step ? high + step : list->blocks;
        step *= 2;
    }
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (rf_list_last(list, middle) < doc)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* ---- The parts of a block ---- */

static inline unsigned doc_width(const struct rf_block *block) { return block->header & 63; }
static inline unsigned doc_exceptions(const struct rf_block *block) { return block->header >> 6 & 31; }
static inline unsigned doc_bits(const struct rf_block *block) { return block->header >> 11 & 31; }
static inline unsigned tf_planes(const struct rf_block *block) { return block->header >> 16 & 63; }
static inline unsigned tf_exceptions(const struct rf_block *block) { return block->header >> 22 & 31; }
static inline unsigned tf_bits(const struct rf_block *block) { return block->header >> 27; }

static inline const uint8_t *planes_of(const struct rf_block *block)
{
    if (doc_width(block) != RF_DOCS_BITSET)
        return block->parts + rf_packed_bytes(block->count, doc_width(block));
    size_t bytes = (block->last - block->base) / 8 + 1;
    return block->parts + (bytes < MOST_BITSET ? bytes : MOST_BITSET);
}

static inline size_t plane_bytes(const struct rf_block *block) { return (block->count + 7) / 8; }

static inline struct rf_exceptions doc_exceptions_of(const struct rf_block *block)
{
    const uint8_t *behind = planes_of(block) + plane_bytes(block) * tf_planes(block);
    return rf_open_exceptions(behind, doc_exceptions(block), doc_bits(block));
}

static inline struct rf_exceptions tf_exceptions_of(const struct rf_block *block)
{
    const uint8_t *behind = planes_of(block) + plane_bytes(block) * tf_planes(block);
    return rf_open_exceptions(behind + rf_exceptions_bytes(doc_exceptions(block), doc_bits(block)), tf_exceptions(block),
                              tf_bits(block));
}

/* Does a block at the end of the file, whose header has been read, lie within its list? */
static bool fits(const struct rf_list *list, const struct rf_block *block)
{
    struct rf_exceptions last = tf_exceptions_of(block);
    size_t bytes = (size_t)(last.indexes - block->parts) + rf_exceptions_bytes(last.count, last.bits);
    return bytes <= (size_t)(list->data_end - block->parts);
}

static riffle_status find_parts(const struct rf_list *list, struct rf_block *block, riffle_error *error)
{
    if (block->parts)
        return RIFFLE_OK;
    size_t start = list->records ? rf_list_start(list, block->number) : 0;
    bool inside = start < list->well_inside;
    if (!inside && start + 4 > (size_t)(list->data_end - list->data))
        return corrupt(list, error, "block out of range", list->data);
    block->header = rf_load32(list->data + start);
    block->parts = list->data + start + 4;
    if (inside || fits(list, block))
        return RIFFLE_OK;
    block->parts = NULL;
    return corrupt(list, error, "bad block", list->data + start);
}

/* ---- Docs and term frequencies ---- */

/* Bits [from, to), the first of them the doc base + from. */
static bool decode_bits(const struct rf_block *block, const uint8_t *bits, size_t from, size_t to, uint32_t base, uint32_t *docs)
{
    return rf_kernels->bits_to_ids(bits, from, to, base, docs, block->count) == block->count &&
           docs[block->count - 1] == block->last;
}

/* Bitsets, and gaps whose sums could pass 32 bits. */
static bool decode_rare(const struct rf_list *list, const struct rf_block *block, uint32_t *docs)
{
    uint32_t count = block->count;
    unsigned width = doc_width(block);
    if (width == RF_DOCS_BITSET)
        return list->records && !doc_exceptions(block) && (block->last - block->base) / 8 < MOST_BITSET &&
               decode_bits(block, block->parts, 0, (size_t)block->last - block->base + 1, block->base, docs);
    struct rf_exceptions exceptions = doc_exceptions_of(block);
    if (!rf_fit_exceptions(width, exceptions.count, exceptions.bits))
        return false;
    rf_kernels->unpack(block->parts, count, width, docs);
    rf_kernels->add_exceptions(&exceptions, width, docs);
    uint64_t least = block->base;
    for (uint32_t i = 0; i < count; i++) {
        least += docs[i];
        docs[i] = (uint32_t)least++;
    }
    return list->records ? least == (uint64_t)block->last + 1 : least <= (uint64_t)block->last + 1;
}

static bool decode_docs(const struct rf_list *list, const struct rf_block *block, uint32_t *docs)
{
    /* 128 gaps of 24 bits stay under 2^32: were the sum to pass 32 bits all the same, what is left of it would be less than base. */
    if (doc_width(block) + doc_bits(block) + 5 > 24)
        return decode_rare(list, block, docs);
    struct rf_exceptions exceptions = doc_exceptions_of(block);
    rf_kernels->unpack_gaps(block->parts, block->count, doc_width(block), &exceptions, block->base, docs);
    uint32_t last = docs[block->count - 1];
    return last == block->last || (!list->records && last < block->last);
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
    if (list->df == 1) {
        docs[0] = list->single_doc;
    } else if (list->bitmap) {
        if (!decode_bits(block, list->bitmap, block->base, (size_t)block->last + 1, 0, docs))
            return corrupt(list, error, "bitmap and last docs disagree", list->bitmap);
    } else {
        riffle_status status = find_parts(list, block, error);
        if (status)
            return status;
        /* Its lines come together, not one after the other as what is in one leads to the next. */
        __builtin_prefetch(block->parts + 60);
        __builtin_prefetch(block->parts + 124);
        __builtin_prefetch(block->parts + 188);
        if (!decode_docs(list, block, docs))
            return corrupt(list, error, "bad docs", block->parts);
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
    unsigned bits = tf_planes(block) + tf_bits(block);
    if (bits > 32)
        return corrupt(list, error, "bad block", block->parts);
    rf_kernels->unpack_planes(planes_of(block), count, tf_planes(block), 1, tfs);
    if (tf_exceptions(block)) {
        struct rf_exceptions exceptions = tf_exceptions_of(block);
        rf_kernels->add_exceptions(&exceptions, tf_planes(block), tfs);
        bits += 5; /* damaged ones could add up to so many */
    }
    if (1ull << bits > list->most_tf) /* else none of so few bits can be too high */
        for (uint32_t i = 0; i < count; i++)
            if (tfs[i] > list->most_tf || !tfs[i])
                return corrupt(list, error, "bad term frequency", block->parts);
    pad(tfs, count, 1);
    return RIFFLE_OK;
}

/* ---- Some postings ---- */

/*
 * The high part of value `at`, 0 where it is no exception. Eight indexes at a time, which are fields of 7 bits of a word: less `at` by XOR, the
 * lowest field that is 0 borrows from its highest bit; none below it does. Whether there are any is not to be foreseen.
 */
static inline uint32_t find_high(const struct rf_exceptions *exceptions, uint32_t at)
{
    const uint64_t ones = 0x0002040810204081u, tops = ones << 6;
    const uint8_t *indexes = exceptions->indexes;
    unsigned i = 0;
    do {
        uint64_t fields = (rf_load64(indexes) & (tops | (tops - ones))) ^ ones * at;
        unsigned left = exceptions->count - i;
        uint64_t zeros = (fields - ones) & ~fields & tops & (left < 8 ? (1ull << 7 * left) - 1 : UINT64_MAX);
        if (zeros)
            return rf_exception_high(exceptions, i + (unsigned)__builtin_ctzll(zeros) / 7);
        i += 8;
        indexes += 7;
    } while (i < exceptions->count);
    return 0;
}

riffle_status rf_list_some_tfs(const struct rf_list *list, struct rf_block *block, const uint32_t *at, size_t n, uint32_t *tfs,
                               riffle_error *error)
{
    if (list->df == 1) {
        *tfs = list->single_tf;
        return RIFFLE_OK;
    }
    riffle_status status = find_parts(list, block, error);
    if (status)
        return status;
    unsigned planes = tf_planes(block);
    if (planes + tf_bits(block) > 32)
        return corrupt(list, error, "bad block", block->parts);
    const uint8_t *first = planes_of(block);
    size_t bytes = plane_bytes(block);
    uint32_t two = planes < 2 ? (1u << planes) - 1 : 3, most = 0;
    struct rf_exceptions exceptions = tf_exceptions_of(block);
    for (size_t i = 0; i < n; i++) {
        uint32_t place = at[i] % RF_BLOCK;
        const uint8_t *bits = first + place / 8;
        unsigned shift = place % 8;
        /* Two at once, of which there may be less: how many there are is not to be foreseen. */
        uint32_t value = ((bits[0] >> shift & 1u) | (bits[bytes] >> shift & 1u) << 1) & two;
        for (unsigned plane = 2; plane < planes; plane++)
            value |= (uint32_t)(bits[plane * bytes] >> shift & 1) << plane;
        value |= (uint32_t)((uint64_t)find_high(&exceptions, place) << planes);
        most = value > most ? value : most;
        tfs[i] = value + 1;
    }
    return most < list->most_tf ? RIFFLE_OK : corrupt(list, error, "bad term frequency", block->parts);
}

riffle_status rf_list_tf(const struct rf_list *list, struct rf_block *block, uint32_t at, uint32_t *tf, riffle_error *error)
{
    return rf_list_some_tfs(list, block, &at, 1, tf, error);
}

/* Few processors are known to have an instruction for it where this is compiled. */
static unsigned count_bits(uint64_t bits)
{
    bits -= bits >> 1 & 0x5555555555555555u;
    bits = (bits & 0x3333333333333333u) + (bits >> 2 & 0x3333333333333333u);
    bits = (bits + (bits >> 4)) & 0x0f0f0f0f0f0f0f0fu;
    return (unsigned)(bits * 0x0101010101010101u >> 56);
}

/* The sum of the term frequencies of the first `count` postings of a block, whose parts have been found. */
static uint64_t sum_of_tfs(const struct rf_block *block, uint32_t count)
{
    size_t bytes = plane_bytes(block);
    uint64_t sum = count;
    uint64_t low = count < 64 ? (1ull << count) - 1 : UINT64_MAX, high = count <= 64 ? 0 : (1ull << (count - 64)) - 1;
    unsigned planes = tf_planes(block);
    const uint8_t *bits = planes_of(block);
    for (unsigned plane = 0; plane < planes; plane++, bits += bytes) {
        uint64_t set = count_bits(rf_load64(bits) & low);
        if (high)
            set += count_bits(rf_load64(bits + 8) & high);
        sum += set << plane;
    }
    struct rf_exceptions exceptions = tf_exceptions_of(block);
    for (unsigned i = 0; i < exceptions.count && rf_exception_index(&exceptions, i) < count; i++)
        sum += (uint64_t)rf_exception_high(&exceptions, i) << planes;
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
        if (rf_load32(record) > (size_t)(list->positions_end - list->positions))
            return corrupt(list, error, "block record with bad position", record);
        place->block += rf_load32(record);
        skip += record[4];
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
    riffle_status status = rf_list_tf(list, block, at, tf, error);
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
