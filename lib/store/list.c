/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Decoding postings: blocks of docs and term frequencies. The bytes are pictured in docs/FORMAT.md.
 *
 * A list of more than RF_BLOCK postings starts with the last docs of its blocks and where they lie, and then one record a block:
 *   [last doc u32][offset of the block u32]
 *   [highest tf u8, 255: or more][least length code u8]
 * and goes on, but for a run's, with
 *   [RF_BESTS x [tf u8][length code u8]]
 *   where rf_has_maxima: [low f32][step f32][code of 4 bits, one a range of docs]
 *   or, where rf_has_fine_maxima: [low f32][step f32][code u8, one a part of a range][code u8, one a range of docs]
 *   where rf_has_bitmap: [of each chunk of docs [docs before it u32][more docs before it u16, one a range]][a bit for each doc of the segment]
 * Behind its blocks it has, where it has positions, for each of them [where the positions of its postings start u32].
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
enum { MOST_BYTES = 4096 };

static riffle_status corrupt(const struct rf_list *list, riffle_error *error, const char *what, const uint8_t *where)
{
    return rf_fail(error, RIFFLE_CORRUPT, "%s.docs: byte %llu: %s", list->segment->name,
                   (unsigned long long)(where - list->segment->docs.map.data), what);
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
    size_t ranks = rf_ranks_bytes(docs);
    bool has_maxima = rf_has_maxima(list->df, docs), has_bitmap = rf_has_bitmap(list->df, docs);
    size_t parts = rf_has_fine_maxima(list->df, docs) ? rf_fine_count(docs) : 0, codes = parts ? ranges : (ranges + 1) / 2;
    const uint8_t *in = list->data;
    if ((size_t)(list->data_end - in) < sizeof list->bests + (has_maxima ? 8 + parts + codes : 0) + (has_bitmap ? ranks + bits : 0))
        return false;
    memcpy(list->bests, in, sizeof list->bests);
    in += sizeof list->bests;
    if (has_maxima) {
        list->maxima_low = load_float(in);
        list->maxima_step = load_float(in + 4);
        list->fine_maxima = parts ? in + 8 : NULL;
        list->maxima = in + 8 + parts;
        in += 8 + parts + codes;
        /* Saturations are less than 1; what is computed with them must stay within its type. */
        if (!(list->maxima_low >= 0 && list->maxima_step >= 0 && list->maxima_low + 255 * list->maxima_step < 1.01f))
            return false;
    }
    if (has_bitmap) {
        list->ranks = in;
        list->bitmap = in + ranks;
        in = list->bitmap + bits;
    }
    list->data = in;
    return true;
}

void rf_list_expect(const struct rf_segment *segment, const struct rf_term *term)
{
    uintptr_t list =
        (uintptr_t)segment->doc_data.data + term->docs_at; /* in a damaged file it may lie anywhere, which does no harm */
    __builtin_prefetch((const void *)list);
    if (term->df > RF_BLOCK)
        __builtin_prefetch((const void *)(list + (size_t)(term->df / RF_BLOCK + 1) * (RF_ENTRY + RF_RECORD)));
}

riffle_status rf_list_open(struct rf_list *list, const struct rf_segment *segment, const struct rf_term *term, riffle_error *error)
{
    const struct rf_span *docs = &segment->doc_data, *positions = &segment->position_data;
    *list = (struct rf_list){
        .segment = segment,
        .df = term->df,
        .blocks = term->df / RF_BLOCK + (term->df % RF_BLOCK != 0),
        .segment_docs = segment->doc_count,
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
    if (list->has_positions && term->positions_bytes < list->most_tf / RF_POSITIONS)
        list->most_tf = (uint32_t)term->positions_bytes * RF_POSITIONS;
    if (list->df == 1 && list->single_doc >= segment->doc_count)
        return corrupt(list, error, "posting out of range", list->data);
    if (list->blocks > 1) {
        size_t starts = list->has_positions ? RF_POSITIONS_START : 0;
        if (term->docs_bytes / (RF_ENTRY + RF_RECORD + starts) < list->blocks)
            return corrupt(list, error, "postings too short", list->data);
        list->entries = list->data;
        list->records = list->entries + (size_t)list->blocks * RF_ENTRY;
        list->data = list->records + (size_t)list->blocks * RF_RECORD;
        list->data_end -= list->blocks * starts;
        list->position_starts = list->has_positions ? list->data_end : NULL;
        if (!segment->is_run && !open_extras(list))
            return corrupt(list, error, "bad bounds", list->data);
    }
    size_t behind = docs->size - (size_t)(list->data - docs->data);
    list->well_inside = behind > MOST_BYTES ? behind - MOST_BYTES : 0;
    return RIFFLE_OK;
}

/* ---- Entries and records ---- */

riffle_status rf_list_bad_block(const struct rf_list *list, uint32_t number, riffle_error *error)
{
    return corrupt(list, error, "last docs out of order", list->entries + (size_t)number * RF_ENTRY);
}

struct rf_most rf_list_most(const struct rf_list *list, uint32_t number)
{
    if (!list->records)
        return (struct rf_most){UINT32_MAX, 0};
    const uint8_t *record = list->records + (size_t)number * RF_RECORD;
    return (struct rf_most){record[0] == 255 ? UINT32_MAX : record[0], record[1]};
}

uint32_t rf_list_seek_block(const struct rf_list *list, uint32_t from, uint32_t doc)
{
    if (list->ranks && doc < list->segment->doc_count) {
        /* The block of the first posting in the doc's range is not behind the one wanted, if what lies before it says so too. */
        uint32_t hint = rf_bits_before(list->ranks, doc >> RF_RANGE_BITS) / RF_BLOCK;
        if (hint > from && hint < list->blocks && rf_list_last(list, hint - 1) < doc)
            from = hint;
    }
    /* Gallop, then halve: the block wanted is in [low, high]. */
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

/* Does a block at the end of the file, whose header has been read, lie within its list? */
static bool fits(const struct rf_list *list, const struct rf_block *block)
{
    struct rf_exceptions last = rf_tf_exceptions_of(block);
    size_t bytes = (size_t)(last.indexes - block->parts) + rf_exceptions_bytes(last.count, last.bits);
    return bytes <= (size_t)(list->data_end - block->parts);
}

riffle_status rf_list_last_parts(const struct rf_list *list, struct rf_block *block, size_t start, riffle_error *error)
{
    if (start + 4 > (size_t)(list->data_end - list->data))
        return corrupt(list, error, "block out of range", list->data);
    block->header = rf_load32(list->data + start);
    block->parts = list->data + start + 4;
    if (fits(list, block))
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
    unsigned width = rf_doc_width(block);
    if (width == RF_DOCS_BITSET)
        return list->records && !rf_doc_exception_count(block) && (block->last - block->base) / 8 < RF_MOST_BITSET &&
               decode_bits(block, block->parts, 0, (size_t)block->last - block->base + 1, block->base, docs);
    struct rf_exceptions exceptions = rf_doc_exceptions_of(block);
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

/* 128 gaps of 24 bits stay under 2^32: were the sum to pass 32 bits all the same, what is left of it would be less than base. */
static bool is_rare(const struct rf_block *block) { return rf_doc_width(block) + rf_doc_exception_bits(block) + 5 > 24; }

static bool is_last(const struct rf_list *list, const struct rf_block *block, uint32_t doc)
{
    return doc == block->last || (!list->records && doc < block->last);
}

static bool decode_docs(const struct rf_list *list, const struct rf_block *block, uint32_t *docs)
{
    if (is_rare(block))
        return decode_rare(list, block, docs);
    struct rf_exceptions exceptions = rf_doc_exceptions_of(block);
    rf_kernels->unpack_gaps(block->parts, block->count, rf_doc_width(block), &exceptions, block->base, docs);
    return is_last(list, block, docs[block->count - 1]);
}

/* Finds the parts of a block that has docs of its own. */
static riffle_status find_docs(const struct rf_list *list, struct rf_block *block, riffle_error *error)
{
    riffle_status status = rf_list_parts(list, block, error);
    if (status)
        return status;
    /* Its lines come together, not one after the other as what is in one leads to the next. */
    __builtin_prefetch(block->parts + 60);
    __builtin_prefetch(block->parts + 124);
    __builtin_prefetch(block->parts + 188);
    return RIFFLE_OK;
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
        riffle_status status = find_docs(list, block, error);
        if (status)
            return status;
        if (!decode_docs(list, block, docs))
            return corrupt(list, error, "bad docs", block->parts);
    }
    pad(docs, block->count, RF_NO_DOC);
    return RIFFLE_OK;
}

/* Of a block whose docs have to be decoded first. */
static riffle_status match_decoded(const struct rf_list *list, struct rf_block *block, const uint32_t *docs, size_t from, size_t to,
                                   uint32_t *which, uint32_t *ordinals, size_t *found, riffle_error *error)
{
    uint32_t decoded[RF_BLOCK + RF_PADDING];
    riffle_status status = rf_list_docs(list, block, decoded, error);
    if (status)
        return status;
    *found = rf_kernels->match(docs + from, to - from, decoded, block->count, which, ordinals);
    for (size_t i = 0; i < *found; i++) {
        which[i] += (uint32_t)from;
        ordinals[i] += block->number * RF_BLOCK;
    }
    return RIFFLE_OK;
}

riffle_status rf_list_match(const struct rf_list *list, struct rf_block *block, const uint32_t *docs, size_t from, size_t to,
                            uint32_t *which, uint32_t *ordinals, size_t *found, riffle_error *error)
{
    if (list->df == 1 || list->bitmap)
        return match_decoded(list, block, docs, from, to, which, ordinals, found, error);
    riffle_status status = find_docs(list, block, error);
    if (status)
        return status;
    if (is_rare(block))
        return match_decoded(list, block, docs, from, to, which, ordinals, found, error);
    struct rf_gaps gaps = {block->parts, block->count, rf_doc_width(block), block->base, rf_doc_exceptions_of(block)};
    uint32_t last;
    *found = rf_kernels->match_gaps(&gaps, docs, from, to, block->number * RF_BLOCK, which, ordinals, &last);
    return is_last(list, block, last) ? RIFFLE_OK : corrupt(list, error, "bad docs", block->parts);
}

riffle_status rf_list_tfs(const struct rf_list *list, struct rf_block *block, uint32_t *tfs, riffle_error *error)
{
    if (list->df == 1) {
        tfs[0] = list->single_tf;
        pad(tfs, 1, 1);
        return RIFFLE_OK;
    }
    riffle_status status = rf_list_parts(list, block, error);
    if (status)
        return status;
    uint32_t count = block->count;
    unsigned bits = rf_tf_planes(block) + rf_tf_exception_bits(block);
    if (!rf_tfs_fit(block))
        return corrupt(list, error, "bad block", block->parts);
    rf_kernels->unpack_planes(rf_planes_of(block), count, rf_tf_planes(block), 1, tfs);
    if (rf_tf_exception_count(block)) {
        struct rf_exceptions exceptions = rf_tf_exceptions_of(block);
        rf_kernels->add_exceptions(&exceptions, rf_tf_planes(block), tfs);
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
    riffle_status status = rf_list_parts(list, block, error);
    if (status)
        return status;
    unsigned planes = rf_tf_planes(block);
    if (!rf_tfs_fit(block))
        return corrupt(list, error, "bad block", block->parts);
    const uint8_t *first = rf_planes_of(block);
    size_t bytes = rf_plane_bytes(block);
    uint32_t two = planes < 2 ? (1u << planes) - 1 : 3, most = 0;
    struct rf_exceptions exceptions = rf_tf_exceptions_of(block);
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
