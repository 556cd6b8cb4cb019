/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Phrases by windows: first the docs that hold all words, rarest word first, then, for those alone, positions, again rarest first and
 * only as long as a start is left. Streams go forward only, so positions have streams of their own, which skip from one chosen doc to
 * the next.
 */
#include "query/windows.h"

#include <stdlib.h>

static bool same_keys(const struct rf_slot *a, const struct rf_slot *b)
{
    if (a->key_count != b->key_count)
        return false;
    for (uint32_t i = 0; i < a->key_count; i++)
        if (a->keys[i].length != b->keys[i].length || memcmp(a->keys[i].data, b->keys[i].data, a->keys[i].length) != 0)
            return false;
    return true;
}

/* Slots by rising df in `order`; `which` tells equal ones by one number, and distinct ones by rising df too. */
static void order_slots(struct rf_window_leaf *state)
{
    const struct rf_slot *slots = state->leaf->slots;
    uint32_t count = state->leaf->slot_count;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t at = i;
        for (; at && slots[state->order[at - 1]].df > slots[i].df; at--)
            state->order[at] = state->order[at - 1];
        state->order[at] = i;
    }
    for (uint32_t i = 0; i < count; i++) {
        uint32_t slot = state->order[i], same = i;
        for (uint32_t j = i; same == i && j-- > 0 && slots[state->order[j]].df == slots[slot].df;)
            if (same_keys(&slots[state->order[j]], &slots[slot]))
                same = j;
        state->which[slot] = same < i ? state->which[state->order[same]] : state->distinct++;
    }
}

riffle_status rf_window_leaf_open(struct rf_windows *run, struct rf_window_leaf *state, const struct rf_leaf *leaf)
{
    const riffle_allocator *allocator = &run->index->allocator;
    bool phrase = leaf->kind == RF_LEAF_PHRASE;
    *state = (struct rf_window_leaf){.leaf = leaf};
    state->which = rf_alloc_zero(allocator, 2 * (size_t)leaf->slot_count * sizeof *state->which);
    state->docs = rf_alloc_zero(allocator, 2 * (size_t)leaf->slot_count * sizeof *state->docs);
    if (!state->which || !state->docs)
        return rf_fail_memory(run->error);
    state->order = state->which + leaf->slot_count;
    order_slots(state);
    if (phrase)
        state->places = state->docs + state->distinct;
    uint32_t next = 0;
    for (uint32_t i = 0; i < leaf->slot_count; i++) {
        const struct rf_slot *slot = &leaf->slots[state->order[i]];
        if (state->which[state->order[i]] != next)
            continue;
        riffle_status status = rf_streams_open(&state->docs[next], slot, run->index, run->segment, run->error);
        if (!status && phrase)
            status = rf_streams_open(&state->places[next], slot, run->index, run->segment, run->error);
        if (status)
            return status;
        next++;
    }
    return RIFFLE_OK;
}

void rf_window_leaf_release(struct rf_window_leaf *state, const riffle_allocator *allocator)
{
    for (uint32_t i = 0; state->docs && i < state->distinct; i++) {
        rf_streams_release(&state->docs[i]);
        if (state->places)
            rf_streams_release(&state->places[i]);
    }
    rf_free(allocator, state->docs);
    rf_free(allocator, state->which);
    *state = (struct rf_window_leaf){0};
}

/* ---- A slot of several terms: all positions in all chosen docs of the window at once ---- */

static int by_pair(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* Appends (local doc, position) of a term in the chosen docs. */
static riffle_status gather_term(struct rf_windows *run, struct rf_stream *stream, const uint64_t *chosen)
{
    for (uint32_t next = 0; (next = rf_next_bit(chosen, next)) < run->size;) {
        riffle_status status = rf_stream_seek(stream, run->base + next, run->error);
        if (status || stream->doc >= run->base + run->size)
            return status;
        uint32_t local = stream->doc - run->base;
        if (local != next) {
            next = local;
            continue;
        }
        run->positions.count = 0;
        status = rf_positions_append(&run->positions, stream, run->error);
        if (status)
            return status;
        if (!rf_grow(&run->index->allocator, (void **)&run->pairs, &run->pair_capacity, run->pair_count + run->positions.count,
                     sizeof *run->pairs))
            return rf_fail_memory(run->error);
        for (size_t i = 0; i < run->positions.count; i++)
            run->pairs[run->pair_count++] = (uint64_t)local << 32 | run->positions.list[i];
        next++;
    }
    return RIFFLE_OK;
}

/* Only the last slot of a phrase can be one of several terms (a word with a star, a character alone): there is room for one. */
static riffle_status gather(struct rf_windows *run, struct rf_streams *streams, const uint64_t *chosen)
{
    const riffle_allocator *allocator = &run->index->allocator;
    struct rf_positions *gathered = &run->gathered;
    if (!run->ends && !(run->ends = rf_alloc(allocator, RF_WINDOW * sizeof *run->ends)))
        return rf_fail_memory(run->error);
    run->pair_count = 0;
    for (uint32_t i = 0; i < streams->count; i++) {
        riffle_status status = gather_term(run, &streams->list[i], chosen);
        if (status)
            return status;
    }
    if (run->pair_count)
        qsort(run->pairs, run->pair_count, sizeof *run->pairs, by_pair);
    if (!rf_grow(allocator, (void **)&gathered->list, &gathered->capacity, run->pair_count, sizeof *gathered->list))
        return rf_fail_memory(run->error);
    size_t at = 0;
    gathered->count = 0;
    RF_FOR_EACH_BIT(d, chosen)
    {
        for (; at < run->pair_count && run->pairs[at] >> 32 == d; at++)
            if (!at || run->pairs[at] != run->pairs[at - 1]) /* a joined form has the place of its first part */
                gathered->list[gathered->count++] = (uint32_t)run->pairs[at];
        run->ends[d] = gathered->count;
    }
    return RIFFLE_OK;
}

/* ---- Counting ---- */

/* Leaves those starts whose position, `shift` behind, is in the list. Both ascend. */
static size_t keep_starts(uint32_t *starts, size_t count, const uint32_t *list, size_t length, uint32_t shift)
{
    size_t kept = 0, at = 0;
    for (size_t i = 0; i < count; i++) {
        uint32_t wanted = starts[i] + shift;
        while (at < length && list[at] < wanted)
            at++;
        if (at < length && list[at] == wanted)
            starts[kept++] = starts[i];
    }
    return kept;
}

/* The positions of a distinct slot in a chosen doc. */
static riffle_status positions_of(struct rf_windows *run, struct rf_window_leaf *state, uint32_t distinct, uint32_t local,
                                  uint32_t before, const uint32_t **list, size_t *count)
{
    struct rf_streams *streams = &state->places[distinct];
    if (streams->count > 1) {
        size_t start = before == RF_WINDOW ? 0 : run->ends[before];
        *list = run->gathered.list + start;
        *count = run->ends[local] - start;
        return RIFFLE_OK;
    }
    riffle_status status = rf_stream_seek(&streams->list[0], run->base + local, run->error);
    run->positions.count = 0;
    if (!status)
        status = rf_positions_append(&run->positions, &streams->list[0], run->error);
    *list = run->positions.list;
    *count = run->positions.count;
    return status;
}

/* How often the phrase occurs in a doc that holds all its words. `before`: the chosen doc before it, RF_WINDOW where it is the first. */
static riffle_status count_phrase(struct rf_windows *run, struct rf_window_leaf *state, uint32_t local, uint32_t before, size_t *tf)
{
    struct rf_positions *starts = &run->starts;
    uint32_t slots = state->leaf->slot_count, at_hand = UINT32_MAX;
    const uint32_t *list = NULL;
    size_t count = 0;
    starts->count = 0;
    for (uint32_t i = 0; i < slots; i++) {
        uint32_t slot = state->order[i];
        if (state->which[slot] != at_hand) { /* equal slots are neighbours in this order but for other slots of their df */
            at_hand = state->which[slot];
            riffle_status status = positions_of(run, state, at_hand, local, before, &list, &count);
            if (status)
                return status;
        }
        if (i) {
            starts->count = keep_starts(starts->list, starts->count, list, count, slot);
        } else {
            if (!rf_grow(starts->allocator, (void **)&starts->list, &starts->capacity, count, sizeof *starts->list))
                return rf_fail_memory(run->error);
            for (size_t j = 0; j < count; j++)
                if (list[j] >= slot)
                    starts->list[starts->count++] = list[j] - slot;
        }
        if (!starts->count)
            break;
    }
    *tf = starts->count;
    return RIFFLE_OK;
}

riffle_status rf_window_phrase(struct rf_windows *run, struct rf_window_leaf *state, const uint64_t *allowed, uint64_t *out,
                               uint32_t *scores, bool assign)
{
    uint64_t chosen[2][RF_WINDOW_WORDS];
    uint32_t weight = state->leaf->scaled_weight, before = RF_WINDOW;
    for (uint32_t i = 0; i < state->distinct; i++) {
        memset(chosen[i % 2], 0, sizeof chosen[0]);
        riffle_status status = rf_window_terms(run, &state->docs[i], 0, allowed, chosen[i % 2], NULL, false);
        if (status || !rf_any_bit(chosen[i % 2]))
            return status;
        allowed = chosen[i % 2];
    }
    for (uint32_t i = 0; i < state->distinct; i++) {
        riffle_status status = state->places[i].count > 1 ? gather(run, &state->places[i], allowed) : RIFFLE_OK;
        if (status)
            return status;
    }
    RF_FOR_EACH_BIT(d, allowed)
    {
        size_t tf = 0;
        riffle_status status = count_phrase(run, state, d, before, &tf);
        if (status)
            return status;
        before = d;
        if (!tf)
            continue;
        out[d / 64] |= 1ull << d % 64;
        if (!scores)
            continue;
        uint32_t score =
            rf_weigh(weight, rf_saturation(run->scorer, tf < UINT32_MAX ? (uint32_t)tf : UINT32_MAX, run->lengths[run->base + d]));
        scores[d] = assign ? score : scores[d] + score;
    }
    return RIFFLE_OK;
}

riffle_status rf_window_leaf_evaluate(struct rf_windows *run, struct rf_window_leaf *state, const uint64_t *allowed, uint64_t *out,
                                      uint32_t *scores, bool assign)
{
    if (state->leaf->kind == RF_LEAF_PHRASE)
        return rf_window_phrase(run, state, allowed, out, scores, assign);
    return rf_window_terms(run, &state->docs[0], state->leaf->scaled_weight, allowed, out, scores, assign);
}
