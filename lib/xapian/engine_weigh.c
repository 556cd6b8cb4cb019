/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Why a hit was found: how often a leaf of the query is in its document, and what it adds to the score. */
#include <stdlib.h>

#include "xapian/engine_format.h"
#include "xapian/engine_handle.h"

struct weighing {
    struct rf_xapian_handle *handle;
    rx_docid docid;
    double c; /* of BM25, for this document */
    rx_error failure;
};

/* How often the slot's terms occur in the document. false: failed. */
static bool slot_tf(struct weighing *w, const struct rf_slot *slot, uint64_t *tf)
{
    char term[RF_KEY_MAX];
    *tf = 0;
    for (uint32_t i = 0; i < slot->key_count; i++) {
        rx_posting posting;
        size_t count;
        if (rx_postings(w->handle->database, term, rf_xapian_term(&slot->keys[i], term), w->docid, &posting, 1, &count,
                        &w->failure))
            return false;
        if (count && posting.docid == w->docid)
            *tf += posting.wdf;
    }
    return true;
}

static int by_number(const void *a, const void *b)
{
    const uint32_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* Where the slot's terms stand, ascending. */
static bool slot_positions(struct weighing *w, const struct rf_slot *slot, uint32_t **list, size_t *count)
{
    const riffle_allocator *allocator = rf_xapian_allocator(w->handle->index);
    char term[RF_KEY_MAX];
    size_t capacity = 0;
    *list = NULL;
    *count = 0;
    for (uint32_t i = 0; i < slot->key_count; i++) {
        size_t n = rf_xapian_term(&slot->keys[i], term), more = 0, again = 0;
        rx_status status = rx_positions(w->handle->database, w->docid, term, n, NULL, 0, &more, &w->failure);
        if (status == RX_RANGE || status == RX_DOC_NOT_FOUND)
            continue;
        if (!status && !rf_grow(allocator, (void **)list, &capacity, *count + more + 1, sizeof **list)) {
            w->failure.status = status = RX_NO_MEMORY;
            w->failure.message[0] = '\0';
        }
        if (!status)
            status = rx_positions(w->handle->database, w->docid, term, n, *list + *count, more, &again, &w->failure);
        if (status)
            return false;
        *count += again < more ? again : more;
    }
    if (*count)
        qsort(*list, *count, sizeof **list, by_number);
    return true;
}

/* How often the slots' terms stand side by side. */
static bool phrase_tf(struct weighing *w, const struct rf_leaf *leaf, uint32_t *tf)
{
    const riffle_allocator *allocator = rf_xapian_allocator(w->handle->index);
    uint32_t *ends = NULL, *next;
    size_t count = 0, next_count;
    bool good = slot_positions(w, &leaf->slots[0], &ends, &count);
    for (uint32_t i = 1; good && count && i < leaf->slot_count; i++) {
        good = slot_positions(w, &leaf->slots[i], &next, &next_count);
        size_t kept = 0, at = 0;
        for (size_t k = 0; good && k < next_count; k++) {
            while (at < count && ends[at] + 1 < next[k])
                at++;
            if (at < count && ends[at] + 1 == next[k] && (!k || next[k] != next[k - 1]))
                next[kept++] = next[k];
        }
        rf_free(allocator, ends);
        ends = next;
        count = kept;
    }
    *tf = (uint32_t)count;
    rf_free(allocator, ends);
    return good;
}

static bool weigh_leaf(struct weighing *w, const struct rf_xapian_search *search, const struct rf_leaf *leaf,
                       struct rf_weighing *weighing)
{
    uint64_t tf = 0;
    for (uint32_t i = 0; i < leaf->slot_count; i++) {
        if (!slot_tf(w, &leaf->slots[i], &tf))
            return false;
        if (tf && leaf->positive)
            weighing->score += rf_idf(search->docs, leaf->slots[i].df) * (double)tf / ((double)tf + w->c);
    }
    weighing->tf = (uint32_t)tf;
    if (leaf->kind == RF_LEAF_PHRASE && !phrase_tf(w, leaf, &weighing->tf))
        return false;
    if (!weighing->tf)
        weighing->score = 0;
    return true;
}

riffle_status rf_xapian_weigh(struct rf_xapian_handle *handle, const struct rf_plan *plan, const struct rf_hit *hit,
                              const struct rf_leaf *leaf, struct rf_weighing *weighing, riffle_error *error)
{
    const struct rf_xapian_search *search = plan->search;
    const struct rf_record *record = hit->record;
    double average = search->average_length > 0 ? search->average_length : 1;
    double length = search->average_length > 0 ? record->length : 1;
    struct weighing w = {.handle = handle, .docid = (rx_docid)hit->doc};
    w.c = search->k1 * (1 - search->b + search->b * length / average);
    uint32_t there;
    *weighing = (struct rf_weighing){0};
    if (rx_database_document_length(handle->database, w.docid, &there, &w.failure) || !weigh_leaf(&w, search, leaf, weighing)) {
        if (w.failure.status == RX_DOC_NOT_FOUND)
            return rf_fail(error, RIFFLE_INVALID, "the passage is gone since the search");
        return rf_xapian_handle_fail(handle, &w.failure, error);
    }
    return RIFFLE_OK;
}
