/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Many lists of (doc, tf) that grow at once, in a bounded amount of memory. A list that comes to more docs than it may have is given up, but for
 * their number. When the budget is used up, the lists of the highest numbers are dropped, for another round to make; so what comes out does not
 * depend on the budget.
 */
#ifndef RF_PAIR_LISTS_H
#define RF_PAIR_LISTS_H

#include "base/base.h"

enum { RF_PAIR_BYTES = 28, RF_PAIR_QUEUE = 64 };

/* A cache line: whatever comes next in any of some hundred thousand lists touches this alone. */
struct rf_pair_list {
    uint32_t doc, tf;      /* the posting at hand; tf 0: none yet */
    uint32_t df, most;     /* docs so far, and how many there may be */
    uint32_t next_doc;     /* least doc that could follow the last posting written */
    uint32_t first, piece; /* the chain of full pieces, from 1; 0: none */
    uint32_t pieces;
    uint32_t fill; /* of these, which become the next piece */
    uint8_t bytes[RF_PAIR_BYTES];
};

struct rf_pair_lists {
    const riffle_allocator *allocator;
    uint32_t docs;      /* of the segment */
    uint32_t low, high; /* the numbers of the lists that are held */
    void *memory;
    struct rf_pair_list *lists; /* from `low` on */
    uint32_t count, room;       /* of all, and how many can be held */
    uint8_t **slabs;
    size_t slab_count, slab_capacity, most_slabs;
    uint32_t used; /* pieces that were ever taken */
    uint32_t free; /* first of those that were given back, linked like a chain */
    bool failed;
    /* What waits to be counted until the lists are in cache. */
    uint32_t queued;
    struct {
        uint32_t number, doc;
    } queue[RF_PAIR_QUEUE];
};

/* `budget` in bytes, for the lists, and as much again for what is in them; a single list may need more, and gets it. false: no memory. */
bool rf_pair_lists_init(struct rf_pair_lists *all, uint32_t count, uint32_t docs, uint64_t budget,
                        const riffle_allocator *allocator);
void rf_pair_lists_release(struct rf_pair_lists *all);

/* A round: empties all, and holds lists from `low` on, which may have no docs until rf_pair_lists_limit says how many. */
void rf_pair_lists_start(struct rf_pair_lists *all, uint32_t low);

/* Counts what is queued; for the end of a round. false: no memory. */
bool rf_pair_lists_flush(struct rf_pair_lists *all);

static inline bool rf_pair_is_held(const struct rf_pair_lists *all, uint32_t number)
{
    return number - all->low < all->high - all->low;
}

static inline struct rf_pair_list *rf_pair_list(const struct rf_pair_lists *all, uint32_t number)
{
    return &all->lists[number - all->low];
}

static inline void rf_pair_lists_limit(struct rf_pair_lists *all, uint32_t number, uint32_t most)
{
    if (rf_pair_is_held(all, number))
        rf_pair_list(all, number)->most = most;
}

/* One more occurrence in `doc`, which is not less than those before in this round. */
static inline void rf_pair_lists_count(struct rf_pair_lists *all, uint32_t number, uint32_t doc)
{
    if (!rf_pair_is_held(all, number))
        return;
    __builtin_prefetch(rf_pair_list(all, number), 1);
    all->queue[all->queued].number = number;
    all->queue[all->queued].doc = doc;
    if (++all->queued == RF_PAIR_QUEUE)
        rf_pair_lists_flush(all);
}

/* A list that is held and has not been given up, in order. */
struct rf_pair_reader {
    const uint8_t *at, *end;
    uint32_t next_doc, last_doc, last_tf;
};
/* `bytes` keeps the list as long as it is read. false: no memory. */
bool rf_pair_reader_init(struct rf_pair_reader *reader, const struct rf_pair_lists *all, uint32_t number, struct rf_buffer *bytes);

/* The next posting; tf 0: there is none. */
static inline uint32_t rf_pair_reader_next(struct rf_pair_reader *reader, uint32_t *doc)
{
    uint64_t code = 0, more = 0;
    if (reader->at == reader->end) {
        uint32_t tf = reader->last_tf;
        *doc = reader->last_doc;
        reader->last_tf = 0;
        return tf;
    }
    reader->at = rf_get_varint(reader->at, reader->end, &code);
    if (code & 1)
        reader->at = rf_get_varint(reader->at, reader->end, &more);
    *doc = reader->next_doc + (uint32_t)(code >> 1);
    reader->next_doc = *doc + 1;
    return code & 1 ? (uint32_t)more + 2 : 1;
}

#endif
