/* SPDX-License-Identifier: BSD-3-Clause */
/* Many lists in bounded memory; pair_lists.h. */
#include "indexer/pair_lists.h"

/* A piece: [number of the next one u32][bytes of a list]. */
enum { LINK = 4, PIECE = LINK + RF_PAIR_BYTES, SLAB_PIECES = 1024, LEAST_LISTS = 1024 };
_Static_assert(sizeof(struct rf_pair_list) == RF_CACHE_LINE, "a list takes one cache line");

/*
 * A list's bytes: for each posting [gap << 1 | (tf > 1) varint] and, where tf > 1, [tf - 2 varint]. A gap is the doc less the least that
 * it could be.
 */

static uint8_t *piece_at(const struct rf_pair_lists *all, uint32_t piece)
{
    return all->slabs[(piece - 1) / SLAB_PIECES] + (size_t)((piece - 1) % SLAB_PIECES) * PIECE;
}

bool rf_pair_lists_init(struct rf_pair_lists *all, uint32_t count, uint32_t docs, uint64_t budget,
                        const riffle_allocator *allocator)
{
    size_t slabs = (size_t)(budget / (PIECE * SLAB_PIECES));
    uint64_t room = budget / RF_CACHE_LINE > LEAST_LISTS ? budget / RF_CACHE_LINE : LEAST_LISTS;
    *all = (struct rf_pair_lists){.allocator = allocator, .count = count, .docs = docs, .most_slabs = slabs ? slabs : 1};
    all->room = room < count ? (uint32_t)room : count;
    all->memory = rf_alloc(allocator, ((size_t)all->room + 1) * RF_CACHE_LINE);
    all->lists = rf_cache_line_from(all->memory);
    return all->memory;
}

void rf_pair_lists_release(struct rf_pair_lists *all)
{
    for (size_t i = 0; i < all->slab_count; i++)
        rf_free(all->allocator, all->slabs[i]);
    rf_free(all->allocator, all->slabs);
    rf_free(all->allocator, all->memory);
    *all = (struct rf_pair_lists){0};
}

void rf_pair_lists_start(struct rf_pair_lists *all, uint32_t low)
{
    memset(all->lists, 0, all->room * sizeof *all->lists);
    all->low = low;
    all->high = all->count - low < all->room ? all->count : low + all->room;
    all->used = all->free = 0;
}

static bool add_slab(struct rf_pair_lists *all)
{
    void *slabs = all->slabs;
    bool grown = rf_grow(all->allocator, &slabs, &all->slab_capacity, all->slab_count + 1, sizeof *all->slabs);
    all->slabs = slabs;
    uint8_t *slab = grown ? rf_alloc(all->allocator, PIECE * SLAB_PIECES) : NULL;
    if (slab)
        all->slabs[all->slab_count++] = slab;
    return slab;
}

/* A piece, or 0. */
static uint32_t take_piece(struct rf_pair_lists *all)
{
    uint32_t piece = all->free;
    if (piece) {
        all->free = rf_load32(piece_at(all, piece));
    } else if (all->used < all->slab_count * SLAB_PIECES || add_slab(all)) {
        piece = ++all->used;
    } else {
        all->failed = true;
        return 0;
    }
    rf_store32(piece_at(all, piece), 0);
    return piece;
}

/* Forgets all postings. */
static void give_up(struct rf_pair_lists *all, struct rf_pair_list *list)
{
    if (list->first) {
        rf_store32(piece_at(all, list->piece), all->free);
        all->free = list->first;
    }
    list->first = list->pieces = list->fill = 0;
}

/* Drops the highest lists, so that what the others will need for all docs, to judge by those up to `doc`, fits the budget. */
static void narrow(struct rf_pair_lists *all, uint32_t doc)
{
    double budget = (double)all->most_slabs * SLAB_PIECES * ((double)doc + 1) / all->docs;
    uint32_t high = all->low + 1; /* one list is held in any case */
    uint64_t pieces = rf_pair_list(all, all->low)->pieces;
    while (high + 1 < all->high && (double)(pieces += rf_pair_list(all, high)->pieces) <= budget)
        high++;
    for (uint32_t i = high; i < all->high; i++)
        give_up(all, rf_pair_list(all, i));
    all->high = high;
}

/* Puts the full bytes of a list into a piece. */
static void chain_piece(struct rf_pair_lists *all, struct rf_pair_list *list)
{
    uint32_t piece = take_piece(all);
    if (!piece)
        return;
    memcpy(piece_at(all, piece) + LINK, list->bytes, RF_PAIR_BYTES);
    if (list->first)
        rf_store32(piece_at(all, list->piece), piece);
    else
        list->first = piece;
    list->piece = piece;
    list->pieces++;
    list->fill = 0;
}

static void put_posting(struct rf_pair_lists *all, struct rf_pair_list *list)
{
    uint8_t bytes[2 * RF_VARINT_MAX];
    uint8_t *end = rf_put_varint(bytes, (uint64_t)(list->doc - list->next_doc) << 1 | (list->tf > 1));
    if (list->tf > 1)
        end = rf_put_varint(end, list->tf - 2);
    for (const uint8_t *p = bytes; p < end && !all->failed;) {
        if (list->fill == RF_PAIR_BYTES)
            chain_piece(all, list);
        else
            list->bytes[list->fill++] = *p++;
    }
    list->next_doc = list->doc + 1;
}

static void count_one(struct rf_pair_lists *all, uint32_t number, uint32_t doc)
{
    struct rf_pair_list *list = rf_pair_list(all, number);
    if (list->tf && list->doc == doc) {
        list->tf++;
        return;
    }
    if (list->tf && list->df <= list->most) {
        uint32_t pieces = list->pieces;
        put_posting(all, list);
        if (list->pieces > pieces && !all->free && all->used / SLAB_PIECES >= all->most_slabs && all->high > all->low + 1)
            narrow(all, doc);
    }
    list->doc = doc;
    list->tf = 1;
    if (list->df++ == list->most)
        give_up(all, list);
}

bool rf_pair_lists_flush(struct rf_pair_lists *all)
{
    for (uint32_t i = 0; i < all->queued && !all->failed; i++)
        if (all->queue[i].number < all->high)
            count_one(all, all->queue[i].number, all->queue[i].doc);
    all->queued = 0;
    return !all->failed;
}

/* ---- Reading ---- */

bool rf_pair_reader_init(struct rf_pair_reader *reader, const struct rf_pair_lists *all, uint32_t number, struct rf_buffer *bytes)
{
    const struct rf_pair_list *list = rf_pair_list(all, number);
    bytes->size = 0;
    for (uint32_t piece = list->first, i = 0; i < list->pieces; i++, piece = rf_load32(piece_at(all, piece)))
        rf_buffer_append(bytes, piece_at(all, piece) + LINK, RF_PAIR_BYTES);
    rf_buffer_append(bytes, list->bytes, list->fill);
    *reader = (struct rf_pair_reader){bytes->data, bytes->data + bytes->size, 0, list->doc, list->tf};
    return !bytes->failed;
}
