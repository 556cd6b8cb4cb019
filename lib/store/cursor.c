/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Reading postings: blocks of docs, term frequencies and positions. The bytes are pictured in docs/FORMAT.md.
 *
 * A list of more than RF_BLOCK postings starts with one record a block:
 *   [last doc u32][offset of the block u32][offset of its first position's block u32][positions before it in that block u8]
 *   [highest tf u8, 255: or more][least length code u8][0]
 * A block is
 *   [header u16: doc width 6 bits | doc exceptions 1 | tf planes 6 | tf exceptions 1 | 0 0][docs][doc exceptions][tf planes][tf exceptions]
 * where docs are the gaps to the doc before, less one, packed; or, width 63, a bitset over [last doc before + 1, last doc].
 */
#include "store/codec.h"
#include "store/segment_files.h"

static riffle_status corrupt(struct rf_cursor *cursor, riffle_error *error, const char *what, const uint8_t *where)
{
    const struct rf_segment *segment = cursor->segment;
    cursor->failed = RIFFLE_CORRUPT;
    cursor->count = 0;
    cursor->last_doc = RF_NO_DOC;
    if (where >= segment->position_data.data && where <= segment->position_data.data + segment->position_data.size)
        return rf_fail(error, RIFFLE_CORRUPT, "%s.positions: byte %llu: %s", segment->name,
                       (unsigned long long)(where - segment->positions.map.data), what);
    return rf_fail(error, RIFFLE_CORRUPT, "%s.docs: byte %llu: %s", segment->name,
                   (unsigned long long)(where - segment->docs.map.data), what);
}

riffle_status rf_cursor_open(struct rf_cursor *cursor, const struct rf_segment *segment, const struct rf_term *term,
                             riffle_error *error)
{
    /* The arrays stay as they are: clearing 2 KB a cursor would cost more than opening it. */
    cursor->segment = segment;
    cursor->failed = RIFFLE_OK;
    cursor->df = term->df;
    cursor->count = 0;
    cursor->last_doc = RF_NO_DOC;
    cursor->has_positions = term->has_positions;
    cursor->block = UINT32_MAX;
    cursor->blocks = term->df / RF_BLOCK + (term->df % RF_BLOCK != 0);
    cursor->base = 0;
    cursor->single_doc = term->single_doc;
    cursor->single_tf = term->single_tf;
    cursor->single_position = term->single_position;
    cursor->records = NULL;
    cursor->docs_ready = cursor->tfs_ready = cursor->prefix_ready = false;
    cursor->data = cursor->data_end = segment->doc_data.data;
    cursor->positions = cursor->positions_end = segment->position_data.data;
    if (term->docs_at > segment->doc_data.size || term->docs_bytes > segment->doc_data.size - term->docs_at)
        return corrupt(cursor, error, "postings out of range", segment->doc_data.data);
    if (term->positions_at > segment->position_data.size ||
        term->positions_bytes > segment->position_data.size - term->positions_at)
        return corrupt(cursor, error, "positions out of range", segment->position_data.data);
    if (term->docs_bytes) {
        cursor->data += term->docs_at;
        cursor->data_end = cursor->data + term->docs_bytes;
    }
    if (term->positions_bytes) {
        cursor->positions += term->positions_at;
        cursor->positions_end = cursor->positions + term->positions_bytes;
    }
    if (cursor->blocks > 1) {
        if (term->docs_bytes / RF_RECORD < cursor->blocks)
            return corrupt(cursor, error, "postings too short", cursor->data);
        cursor->records = cursor->data;
        cursor->data += (size_t)cursor->blocks * RF_RECORD;
    }
    return RIFFLE_OK;
}

static uint32_t record_last_doc(const struct rf_cursor *cursor, uint32_t block)
{
    return rf_load32(cursor->records + (size_t)block * RF_RECORD);
}

/* Stands on `cursor->block` without decoding it, as far as there are records. */
static riffle_status enter_block(struct rf_cursor *cursor, riffle_error *error)
{
    cursor->docs_ready = cursor->tfs_ready = cursor->prefix_ready = false;
    if (cursor->block >= cursor->blocks) {
        cursor->count = 0;
        cursor->last_doc = RF_NO_DOC;
        return RIFFLE_OK;
    }
    if (!cursor->records) {
        cursor->count = cursor->df;
        cursor->bound_tf = UINT32_MAX;
        cursor->bound_length = 0;
        cursor->position_first = cursor->positions;
        cursor->position_skip = 0;
        return rf_cursor_docs(cursor, error);
    }
    const uint8_t *record = cursor->records + (size_t)cursor->block * RF_RECORD;
    uint32_t base = cursor->block ? record_last_doc(cursor, cursor->block - 1) + 1 : 0;
    /* A damaged record must neither step back nor leave the segment. */
    if (base < cursor->base || rf_load32(record) < base || rf_load32(record) >= cursor->segment->doc_count)
        return corrupt(cursor, error, "block record out of order", record);
    if (cursor->has_positions &&
        (rf_load32(record + 8) > (size_t)(cursor->positions_end - cursor->positions) || record[12] >= RF_BLOCK))
        return corrupt(cursor, error, "block record with bad position", record);
    cursor->base = base;
    cursor->last_doc = rf_load32(record);
    cursor->count = cursor->block + 1 < cursor->blocks ? RF_BLOCK : cursor->df - cursor->block * RF_BLOCK;
    cursor->position_first = cursor->positions + rf_load32(record + 8);
    cursor->position_skip = record[12];
    cursor->bound_tf = record[13] == 255 ? UINT32_MAX : record[13];
    cursor->bound_length = record[14];
    return RIFFLE_OK;
}

riffle_status rf_cursor_next_block(struct rf_cursor *cursor, riffle_error *error)
{
    if (cursor->failed)
        return rf_fail(error, cursor->failed, "%s: damaged", cursor->segment->name);
    if (cursor->block == UINT32_MAX || cursor->block < cursor->blocks)
        cursor->block++;
    return enter_block(cursor, error);
}

riffle_status rf_cursor_seek_block(struct rf_cursor *cursor, uint32_t doc, riffle_error *error)
{
    if (cursor->failed)
        return rf_fail(error, cursor->failed, "%s: damaged", cursor->segment->name);
    bool started = cursor->block != UINT32_MAX;
    if (started && (cursor->block >= cursor->blocks || cursor->last_doc >= doc))
        return RIFFLE_OK;
    if (!cursor->records) {
        cursor->block++;
        riffle_status status = enter_block(cursor, error);
        if (!status && !started && cursor->last_doc < doc)
            status = rf_cursor_next_block(cursor, error);
        return status;
    }
    /* Gallop from the block at hand, then halve: the block wanted is in (low, high]. */
    uint32_t low = started ? cursor->block : UINT32_MAX, step = 1, high = started ? cursor->block + 1 : 0;
    while (high < cursor->blocks && record_last_doc(cursor, high) < doc) {
        low = high;
        high = high + step < cursor->blocks ? high + step : cursor->blocks;
        step *= 2;
    }
    while (high - low > 1) { /* low may be "before the first": the difference wraps to what is meant */
        uint32_t middle = low + (high - low) / 2;
        if (record_last_doc(cursor, middle) < doc)
            low = middle;
        else
            high = middle;
    }
    cursor->block = high;
    return enter_block(cursor, error);
}

static uint32_t *append_set_bits(uint32_t *out, const uint32_t *end, uint64_t word, uint32_t first)
{
    for (; word && out < end; word &= word - 1)
        *out++ = first + (uint32_t)__builtin_ctzll(word);
    return word ? NULL : out;
}

static const uint8_t *decode_bitset(struct rf_cursor *cursor, const uint8_t *in)
{
    size_t bytes = (cursor->last_doc - cursor->base) / 8 + 1;
    if ((size_t)(cursor->block_end - in) < bytes)
        return NULL;
    uint32_t *out = cursor->docs;
    for (size_t i = 0; i < bytes; i += 8) {
        uint64_t word = rf_load64(in + i);
        if (bytes - i < 8)
            word &= (1ull << (bytes - i) * 8) - 1;
        if (!(out = append_set_bits(out, cursor->docs + cursor->count, word, cursor->base + (uint32_t)i * 8)))
            return NULL;
    }
    return out == cursor->docs + cursor->count ? in + bytes : NULL;
}

static const uint8_t *decode_gaps(struct rf_cursor *cursor, const uint8_t *in, unsigned width, bool exceptions)
{
    size_t bytes = rf_packed_bytes(cursor->count, width);
    if (width > 32 || (size_t)(cursor->block_end - in) < bytes)
        return NULL;
    rf_unpack(in, cursor->count, width, cursor->docs);
    in += bytes;
    if (exceptions && !(in = rf_get_exceptions(in, cursor->block_end, cursor->docs, cursor->count, width)))
        return NULL;
    uint64_t doc = cursor->base;
    for (uint32_t i = 0; i < cursor->count; i++) {
        doc += cursor->docs[i];
        cursor->docs[i] = (uint32_t)doc;
        doc++;
    }
    return doc <= cursor->segment->doc_count ? in : NULL;
}

riffle_status rf_cursor_docs(struct rf_cursor *cursor, riffle_error *error)
{
    if (cursor->docs_ready || !cursor->count)
        return cursor->failed ? rf_fail(error, cursor->failed, "%s: damaged", cursor->segment->name) : RIFFLE_OK;
    if (cursor->df == 1) {
        cursor->docs[0] = cursor->last_doc = cursor->single_doc;
        if (cursor->single_doc >= cursor->segment->doc_count)
            return corrupt(cursor, error, "posting out of range", cursor->data);
    } else {
        const uint8_t *in = cursor->data;
        cursor->block_end = cursor->data_end;
        if (cursor->records) {
            const uint8_t *record = cursor->records + (size_t)cursor->block * RF_RECORD;
            size_t all = (size_t)(cursor->data_end - cursor->data), start = rf_load32(record + 4), end = all;
            if (cursor->block + 1 < cursor->blocks)
                end = rf_load32(record + RF_RECORD + 4);
            if (start > end || end > all)
                return corrupt(cursor, error, "block out of range", record);
            in = cursor->data + start;
            cursor->block_end = cursor->data + end;
        }
        if (cursor->block_end - in < 2)
            return corrupt(cursor, error, "block too short", in);
        unsigned header = rf_load16(in), width = header & 63;
        const uint8_t *behind = NULL;
        if (width != RF_DOCS_BITSET)
            behind = decode_gaps(cursor, in + 2, width, header & 64);
        else if (cursor->records)
            behind = decode_bitset(cursor, in + 2);
        cursor->tf_planes = (uint8_t)(header >> 7 & 63);
        cursor->tf_exceptions = header >> 13 & 1;
        if (!behind || header >> 14 || cursor->tf_planes > 32 ||
            (size_t)(cursor->block_end - behind) < rf_planes_bytes(cursor->count, cursor->tf_planes))
            return corrupt(cursor, error, "bad block", in);
        if (!cursor->records)
            cursor->last_doc = cursor->docs[cursor->count - 1];
        else if (cursor->docs[cursor->count - 1] != cursor->last_doc)
            return corrupt(cursor, error, "block and record disagree", in);
        cursor->tf_data = behind;
    }
    for (uint32_t i = cursor->count; i < RF_BLOCK; i++)
        cursor->docs[i] = RF_NO_DOC;
    cursor->docs_ready = true;
    return RIFFLE_OK;
}

riffle_status rf_cursor_tfs(struct rf_cursor *cursor, riffle_error *error)
{
    if (cursor->tfs_ready || !cursor->count)
        return cursor->failed ? rf_fail(error, cursor->failed, "%s: damaged", cursor->segment->name) : RIFFLE_OK;
    riffle_status status = rf_cursor_docs(cursor, error);
    if (status)
        return status;
    if (cursor->df == 1) {
        cursor->tfs[0] = cursor->single_tf;
    } else {
        rf_unpack_planes(cursor->tf_data, cursor->count, cursor->tf_planes, cursor->tfs);
        const uint8_t *behind = cursor->tf_data + rf_planes_bytes(cursor->count, cursor->tf_planes);
        if (cursor->tf_exceptions && !rf_get_exceptions(behind, cursor->block_end, cursor->tfs, cursor->count, cursor->tf_planes))
            return corrupt(cursor, error, "bad term frequencies", cursor->tf_data);
        /* Whoever asks for positions makes room for tf of them: no more than the file can hold. */
        uint64_t most = UINT32_MAX - 1;
        if (cursor->has_positions && (uint64_t)(cursor->positions_end - cursor->positions) < most / RF_BLOCK)
            most = (uint64_t)(cursor->positions_end - cursor->positions) * RF_BLOCK;
        for (uint32_t i = 0; i < cursor->count; i++)
            if (++cursor->tfs[i] > most || !cursor->tfs[i])
                return corrupt(cursor, error, "bad term frequency", cursor->tf_data);
    }
    cursor->tfs_ready = true;
    return RIFFLE_OK;
}

/* ---- Positions ---- */

/* The head of a block of positions: [width 6 bits | exceptions 1 | short 1][count u8 where short][packed][exceptions]. */
struct position_head {
    unsigned width, count;
    const uint8_t *packed, *exceptions, *behind;
};

static bool read_position_head(const uint8_t *in, const uint8_t *end, struct position_head *head)
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
    head->exceptions = NULL;
    if (first & 64) {
        head->exceptions = in;
        if (!(in = rf_skip_exceptions(in, end)))
            return false;
    }
    head->behind = in;
    return true;
}

/* Makes block `wanted` of positions, counted from position_first, the one at hand. */
static riffle_status load_positions(struct rf_cursor *cursor, uint32_t wanted, riffle_error *error)
{
    if (cursor->position_block != UINT32_MAX && cursor->position_block == wanted)
        return RIFFLE_OK;
    if (cursor->position_block == UINT32_MAX || wanted < cursor->position_block) {
        cursor->position_next = cursor->position_first;
        cursor->position_block = UINT32_MAX; /* the next one is number 0 */
    }
    struct position_head head;
    do {
        const uint8_t *in = cursor->position_next;
        if (!read_position_head(in, cursor->positions_end, &head) ||
            (head.count < RF_BLOCK && cursor->position_block + 1 < wanted)) {
            cursor->position_block = UINT32_MAX;
            return corrupt(cursor, error, "bad block of positions", in);
        }
        cursor->position_next = head.behind;
        cursor->position_block++;
    } while (cursor->position_block != wanted);
    rf_unpack(head.packed, head.count, head.width, cursor->position_values);
    cursor->position_count = head.count;
    if (head.exceptions &&
        rf_get_exceptions(head.exceptions, head.behind, cursor->position_values, head.count, head.width) != head.behind) {
        cursor->position_block = UINT32_MAX;
        return corrupt(cursor, error, "bad positions", head.packed);
    }
    return RIFFLE_OK;
}

riffle_status rf_cursor_positions(struct rf_cursor *cursor, uint32_t i, uint32_t *out, riffle_error *error)
{
    riffle_status status = rf_cursor_tfs(cursor, error);
    if (status)
        return status;
    if (cursor->df == 1 && cursor->single_tf == 1) {
        *out = cursor->single_position;
        return RIFFLE_OK;
    }
    if (!cursor->prefix_ready) {
        uint64_t sum = 0;
        for (uint32_t j = 0; j < cursor->count; j++) {
            cursor->prefix[j] = (uint32_t)sum;
            sum += cursor->tfs[j];
        }
        if (sum > UINT32_MAX - RF_BLOCK)
            return corrupt(cursor, error, "bad term frequencies", cursor->data);
        cursor->prefix_ready = true;
        cursor->position_block = UINT32_MAX;
    }
    uint32_t at = cursor->position_skip + cursor->prefix[i], left = cursor->tfs[i];
    uint64_t position = 0;
    for (bool first = true; left; at++, left--, first = false) {
        if ((status = load_positions(cursor, at / RF_BLOCK, error)))
            return status;
        if (at % RF_BLOCK >= cursor->position_count)
            return corrupt(cursor, error, "positions end early", cursor->position_next);
        position += cursor->position_values[at % RF_BLOCK] + (first ? 0ull : 1ull);
        if (position >= UINT32_MAX)
            return corrupt(cursor, error, "position out of range", cursor->position_next);
        *out++ = (uint32_t)position;
    }
    return RIFFLE_OK;
}
