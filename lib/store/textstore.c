/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Stored text: the articles' texts one behind the other, cut into blocks of RF_TEXT_BLOCK bytes, each deflated by itself (raw deflate).
 *
 * Sections: BLKS the deflated blocks; INDX per block [where its text starts u64][where its bytes start u64], and one entry for the end;
 * AOFF where each article's text starts (u64), and the end. Blocks of 32 KiB, deflate's window, at zlib's fastest level, measured on news:
 * a tenth faster to make than 16 KiB and a tenth smaller than 4 KiB; larger ones gain 2 % more. One is inflated only as far as a
 * passage needs, in a tenth of a millisecond on average. Level 6 takes up to four times as long for an eighth of the size.
 */
#include <zlib.h>

#include "store/articles.h"
#include "store/codec.h"

void *rf_zlib_allocate(void *allocator, unsigned items, unsigned size) { return rf_alloc(allocator, (size_t)items * size); }

void rf_zlib_release(void *allocator, void *memory) { rf_free(allocator, memory); }

/* ---- Writing ---- */

riffle_status rf_text_create(struct rf_articles_writer *writer, const char *path, riffle_error *error)
{
    const riffle_allocator *allocator = writer->allocator;
    riffle_status status = rf_container_create(&writer->text, path, RF_KIND_TEXT, allocator, error);
    if (status)
        return status;
    rf_container_section(&writer->text, RF_SECTION_BLOCKS);
    z_stream *stream = rf_alloc_zero(allocator, sizeof *stream);
    if (!stream)
        return rf_fail_memory(error);
    *stream = (z_stream){.zalloc = rf_zlib_allocate, .zfree = rf_zlib_release, .opaque = (void *)(uintptr_t)allocator};
    if (deflateInit2(stream, Z_BEST_SPEED, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
        rf_free(allocator, stream);
        return rf_fail_memory(error);
    }
    writer->deflate = stream;
    return RIFFLE_OK;
}

static void deflate_block(struct rf_articles_writer *writer, const uint8_t *text, uint32_t size)
{
    z_stream *stream = writer->deflate;
    uInt bound = (uInt)deflateBound(stream, size);
    writer->deflated.size = 0;
    uint8_t *out = rf_buffer_reserve(&writer->deflated, bound);
    rf_buffer_append_u64(&writer->text_index, writer->text_size);
    rf_buffer_append_u64(&writer->text_index, rf_container_section_size(&writer->text));
    if (!out || writer->text_index.failed) {
        rf_fail_memory(&writer->error);
        return;
    }
    deflateReset(stream);
    stream->next_in = (Bytef *)(uintptr_t)text;
    stream->avail_in = size;
    stream->next_out = out;
    stream->avail_out = bound;
    if (deflate(stream, Z_FINISH) != Z_STREAM_END) {
        rf_fail(&writer->error, RIFFLE_IO, "zlib cannot compress a block of text");
        return;
    }
    rf_output_append(&writer->text.output, out, stream->total_out);
    writer->text_size += size;
}

/* Deflates all whole blocks of the text at hand, and with `all` the rest too. */
static void flush_text(struct rf_articles_writer *writer, bool all)
{
    struct rf_buffer *text = &writer->pending_text;
    size_t at = 0;
    while (!writer->error.status && text->size - at >= (all ? 1 : RF_TEXT_BLOCK)) {
        size_t left = text->size - at;
        uint32_t size = left < RF_TEXT_BLOCK ? (uint32_t)left : RF_TEXT_BLOCK;
        deflate_block(writer, text->data + at, size);
        at += size;
    }
    if (at)
        memmove(text->data, text->data + at, text->size - at);
    text->size -= at;
}

void rf_text_add(struct rf_articles_writer *writer, const char *text, uint32_t n)
{
    /*
     * Blocks are deflated many at a time. Deflate works on a quarter of a megabyte of its own, as inverting does on its tables: taking
     * turns with every block, each would find its own gone from the processor's cache (measured: a tenth of the whole indexing time).
     */
    enum { BATCH = 32 * RF_TEXT_BLOCK };
    rf_buffer_append_u64(&writer->text_articles, writer->text_size + writer->pending_text.size);
    rf_buffer_append(&writer->pending_text, text, n);
    if (writer->text_articles.failed || writer->pending_text.failed)
        rf_fail_memory(&writer->error);
    else if (writer->pending_text.size >= BATCH)
        flush_text(writer, false);
}

riffle_status rf_text_finish(struct rf_articles_writer *writer, riffle_error *error)
{
    flush_text(writer, true);
    rf_buffer_append_u64(&writer->text_index, writer->text_size);
    rf_buffer_append_u64(&writer->text_index, rf_container_section_size(&writer->text));
    rf_buffer_append_u64(&writer->text_articles, writer->text_size);
    if (!writer->error.status && (writer->text_index.failed || writer->text_articles.failed))
        rf_fail_memory(&writer->error);
    if (writer->error.status) {
        if (error)
            *error = writer->error;
        return writer->error.status;
    }
    rf_container_section(&writer->text, RF_SECTION_INDEX);
    rf_output_append(&writer->text.output, writer->text_index.data, writer->text_index.size);
    rf_container_section(&writer->text, RF_SECTION_OFFSETS);
    rf_output_append(&writer->text.output, writer->text_articles.data, writer->text_articles.size);
    return rf_container_finish(&writer->text, error);
}

void rf_text_release(struct rf_articles_writer *writer, bool remove)
{
    if (writer->deflate)
        deflateEnd(writer->deflate);
    rf_free(writer->allocator, writer->deflate);
    writer->deflate = NULL;
    rf_container_release(&writer->text, remove);
}

/* ---- Reading ---- */

static uint64_t block_start(const struct rf_segment *segment, uint64_t block)
{
    return rf_load64(segment->text_index.data + block * 16);
}

/* Inflates the first `size` bytes of a block into `out`. */
static riffle_status inflate_block(const struct rf_segment *segment, z_stream *stream, uint64_t block, uint8_t *out, uint32_t size,
                                   riffle_error *error)
{
    const uint8_t *entry = segment->text_index.data + block * 16;
    uint64_t from = rf_load64(entry + 8), to = rf_load64(entry + 24);
    bool sound = from <= to && to <= segment->text_blocks.size && to - from <= UINT32_MAX;
    if (sound) {
        inflateReset(stream);
        stream->next_in = (Bytef *)(uintptr_t)(segment->text_blocks.data + from);
        stream->avail_in = (uInt)(to - from);
        stream->next_out = out;
        stream->avail_out = size;
        if (inflate(stream, Z_SYNC_FLUSH) == Z_MEM_ERROR)
            return rf_fail_memory(error);
        sound = stream->total_out == size;
    }
    if (!sound)
        return rf_fail(error, RIFFLE_CORRUPT, "%s.text: block %llu cannot be read", segment->name, (unsigned long long)block);
    return RIFFLE_OK;
}

/* Appends bytes [from, to) of all texts. */
static riffle_status read_range(const struct rf_segment *segment, z_stream *stream, uint8_t *scratch, uint64_t from, uint64_t to,
                                struct rf_buffer *out, riffle_error *error)
{
    uint64_t low = 0, high = segment->text_index.size / 16 - 1; /* the last block that starts at or before `from` */
    while (high - low > 1) {
        uint64_t middle = low + (high - low) / 2;
        if (block_start(segment, middle) <= from)
            low = middle;
        else
            high = middle;
    }
    for (uint64_t block = low; from < to; block++) {
        if (block + 1 >= segment->text_index.size / 16)
            return rf_fail(error, RIFFLE_CORRUPT, "%s.text: text ends early", segment->name);
        uint64_t start = block_start(segment, block), end = block_start(segment, block + 1);
        if (start > from || end <= from || end - start > RF_TEXT_BLOCK)
            return rf_fail(error, RIFFLE_CORRUPT, "%s.text: index is out of order at block %llu", segment->name,
                           (unsigned long long)block);
        uint64_t stop = to < end ? to : end;
        riffle_status status = inflate_block(segment, stream, block, scratch, (uint32_t)(stop - start), error);
        if (status)
            return status;
        rf_buffer_append(out, scratch + (from - start), (size_t)(stop - from));
        from = stop;
    }
    return out->failed ? rf_fail_memory(error) : RIFFLE_OK;
}

riffle_status rf_segment_read_text(const struct rf_segment *segment, uint32_t article, uint32_t start, uint32_t end,
                                   struct rf_buffer *out, riffle_error *error)
{
    if (!segment->has_text || start >= end)
        return RIFFLE_OK;
    if (article >= segment->article_count)
        return rf_fail(error, RIFFLE_INVALID, "no article %u", (unsigned)article);
    const uint8_t *entry = segment->text_articles.data + (uint64_t)article * 8;
    uint64_t first = rf_load64(entry), behind = rf_load64(entry + 8);
    if (first > behind || end > behind - first)
        return rf_fail(error, RIFFLE_CORRUPT, "%s.text: article %u is out of range", segment->name, (unsigned)article);
    const riffle_allocator *allocator = out->allocator;
    z_stream stream = {.zalloc = rf_zlib_allocate, .zfree = rf_zlib_release, .opaque = (void *)(uintptr_t)allocator};
    uint8_t *scratch = rf_alloc(allocator, RF_TEXT_BLOCK);
    if (!scratch)
        return rf_fail_memory(error);
    riffle_status status;
    if (inflateInit2(&stream, -15) == Z_OK) {
        status = read_range(segment, &stream, scratch, first + start, first + end, out, error);
        inflateEnd(&stream);
    } else {
        status = rf_fail_memory(error);
    }
    rf_free(allocator, scratch);
    return status;
}
