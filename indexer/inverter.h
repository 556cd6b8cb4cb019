/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * In-memory inversion: a hash table of terms, each with the occurrences seen so far as a chain of growing chunks of bytes.
 *
 * An occurrence is a varint, (gap << 1 | first in its doc), where the gap is the position, less the one before it in the same doc
 * and less one; the first in a doc is followed by a varint of the doc, less the term's doc before. Most take one byte or two.
 */
#ifndef RF_INVERTER_H
#define RF_INVERTER_H

#include "base/base.h"
#include "store/segment.h"

struct rf_inverter_term; /* one cache line */

struct rf_inverter {
    const riffle_allocator *allocator;
    bool failed; /* an allocation failed; sticks */
    struct rf_inverter_term *terms;
    void *terms_memory; /* where `terms`, aligned, lies */
    uint32_t term_count, term_capacity;
    uint64_t *slots; /* hash << 32 | 1 + term; open addressing, at most half full */
    uint32_t slot_count;
    uint8_t **pages; /* the arena: chunks and long keys */
    size_t page_count, page_capacity, pages_used;
    uint8_t *page_at, *page_end;
};

void rf_inverter_init(struct rf_inverter *inverter, const riffle_allocator *allocator);
void rf_inverter_release(struct rf_inverter *inverter);
/* Forgets all terms, keeps the memory. */
void rf_inverter_clear(struct rf_inverter *inverter);
/* Bytes of memory that the terms and occurrences so far take. */
size_t rf_inverter_memory(const struct rf_inverter *inverter);

/* A term to look up. */
struct rf_inverter_key {
    const char *data; /* 16 bytes can be read, whatever the length */
    uint32_t length;  /* 1 to RF_KEY_MAX */
};

/* The numbers of these terms, new ones for new terms. Many at once, so that their cache misses overlap. false: no memory. */
bool rf_inverter_find(struct rf_inverter *inverter, const struct rf_inverter_key *keys, size_t count, uint32_t *terms);

/* Notes an occurrence. Docs come in ascending order, and positions, below 2^31, of a term within a doc. */
void rf_inverter_add(struct rf_inverter *inverter, uint32_t term, uint32_t doc, uint32_t position);
/* ---- Reading it out ---- */

/* All terms in order of bytes, to be freed with rf_free. NULL: no memory. */
uint32_t *rf_inverter_sorted(const struct rf_inverter *inverter);
struct rf_inverter_key rf_inverter_term(const struct rf_inverter *inverter, uint32_t term);
/* Fetches ahead what reading order[at] and those behind it will need: terms in order of bytes lie anywhere in memory. */
void rf_inverter_prefetch(const struct rf_inverter *inverter, const uint32_t *order, uint32_t at);
/* Was the term looked up and never noted? */
bool rf_inverter_unused(const struct rf_inverter *inverter, uint32_t term);
/* The term's occurrences, as above, in one piece at the end of `out`. */
void rf_inverter_read(const struct rf_inverter *inverter, uint32_t term, struct rf_buffer *out);

#endif
