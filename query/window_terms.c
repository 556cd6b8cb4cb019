/* SPDX-License-Identifier: BSD-3-Clause */
/* Terms by windows: the postings of a window are added up in one go, and blocks without any allowed doc are passed over. */
#include "query/windows.h"

uint32_t rf_next_bit(const uint64_t *set, uint32_t from)
{
    uint32_t word = from / 64;
    if (word >= RF_WINDOW_WORDS)
        return RF_WINDOW;
    uint64_t left = set[word] & ~0ull << from % 64;
    while (!left) {
        if (++word == RF_WINDOW_WORDS)
            return RF_WINDOW;
        left = set[word];
    }
    return word * 64 + (uint32_t)__builtin_ctzll(left);
}

bool rf_any_bit(const uint64_t *set)
{
    uint64_t any = 0;
    for (unsigned i = 0; i < RF_WINDOW_WORDS; i++)
        any |= set[i];
    return any != 0;
}

static inline uint32_t score_of(const struct rf_windows *run, uint32_t weight, uint32_t tf, uint32_t doc)
{
    return rf_weigh(weight, rf_saturation(run->scorer, tf, run->lengths[doc]));
}

/* Sets the bits of docs, a word at a time: a store for each doc would wait for the one before. */
static void set_bits(const uint32_t *docs, uint32_t count, uint32_t base, uint64_t *out)
{
    uint32_t word = 0;
    uint64_t bits = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t local = docs[i] - base;
        if (local / 64 != word) {
            out[word] |= bits;
            word = local / 64;
            bits = 0;
        }
        bits |= 1ull << local % 64;
    }
    out[word] |= bits;
}

/* The postings of the block at hand from place `at` on that lie in the window; returns the first place behind them. */
static uint32_t take_all(const struct rf_windows *run, const struct rf_cursor *cursor, uint32_t at, uint32_t weight, uint64_t *out,
                         uint32_t *scores, bool assign)
{
    const struct rf_scorer *scorer = run->scorer;
    const uint8_t *lengths = run->lengths;
    uint32_t base = run->base, size = run->size, end = cursor->count;
    while (end > at && cursor->docs[end - 1] - base >= size)
        end--;
    set_bits(cursor->docs + at, end - at, base, out);
    for (; scores && at < end; at++) {
        uint32_t doc = cursor->docs[at], local = doc - base;
        uint32_t score = rf_weigh(weight, rf_saturation(scorer, cursor->tfs[at], lengths[doc]));
        scores[local] = assign ? score : scores[local] + score;
    }
    return end;
}

/* The same for allowed docs only; term frequencies are decoded only if there is one. */
static riffle_status take_allowed(const struct rf_windows *run, struct rf_cursor *cursor, uint32_t *place, uint32_t weight,
                                  const uint64_t *allowed, uint64_t *out, uint32_t *scores, bool assign)
{
    uint32_t at = *place;
    for (; at < cursor->count; at++) {
        uint32_t doc = cursor->docs[at], local = doc - run->base;
        if (local >= run->size)
            break;
        if (!(allowed[local / 64] >> local % 64 & 1))
            continue;
        out[local / 64] |= 1ull << local % 64;
        if (!scores)
            continue;
        riffle_status status = rf_cursor_tfs(cursor, run->error);
        if (status)
            return status;
        uint32_t score = score_of(run, weight, cursor->tfs[at], doc);
        scores[local] = assign ? score : scores[local] + score;
    }
    *place = at;
    return RIFFLE_OK;
}

/* Adds term frequencies instead of scores: for the terms of one slot. */
static riffle_status take_tfs(struct rf_windows *run, struct rf_cursor *cursor, uint32_t *place, const uint64_t *allowed,
                              uint64_t *out)
{
    riffle_status status = rf_cursor_tfs(cursor, run->error);
    uint32_t at = *place;
    for (; !status && at < cursor->count; at++) {
        uint32_t local = cursor->docs[at] - run->base;
        if (local >= run->size)
            break;
        if (allowed && !(allowed[local / 64] >> local % 64 & 1))
            continue;
        out[local / 64] |= 1ull << local % 64;
        uint32_t tf = cursor->tfs[at], room = UINT32_MAX - run->tfs[local];
        run->tfs[local] += tf < room ? tf : room;
    }
    *place = at;
    return status;
}

/* One term. `sum_tfs`: see take_tfs. */
static riffle_status take_term(struct rf_windows *run, struct rf_stream *stream, uint32_t weight, const uint64_t *allowed,
                               uint64_t *out, uint32_t *scores, bool assign, bool sum_tfs)
{
    struct rf_cursor *cursor = &stream->cursor;
    for (uint32_t next = 0;; next = cursor->last_doc + 1 - run->base) {
        if (allowed)
            next = rf_next_bit(allowed, next);
        if (next >= run->size)
            return RIFFLE_OK; /* the stream may stay behind */
        riffle_status status = rf_stream_seek(stream, run->base + next, run->error);
        if (status || stream->doc >= run->base + run->size || stream->doc == RF_NO_DOC)
            return status;
        uint32_t at = stream->at;
        if (sum_tfs)
            status = take_tfs(run, cursor, &at, allowed, out);
        else if (allowed)
            status = take_allowed(run, cursor, &at, weight, allowed, out, scores, assign);
        else if (!scores || !(status = rf_cursor_tfs(cursor, run->error)))
            at = take_all(run, cursor, at, weight, out, scores, assign);
        if (status)
            return status;
        stream->at = at < cursor->count ? at : cursor->count - 1;
        stream->doc = cursor->docs[stream->at];
        if (at < cursor->count)
            return RIFFLE_OK;
    }
}

riffle_status rf_window_terms(struct rf_windows *run, struct rf_streams *streams, uint32_t weight, const uint64_t *allowed,
                              uint64_t *out, uint32_t *scores, bool assign)
{
    if (streams->doc == RF_NO_DOC || streams->doc >= run->base + run->size)
        return RIFFLE_OK;
    bool several = streams->count > 1;
    streams->doc = RF_NO_DOC;
    for (uint32_t i = 0; i < streams->count; i++) {
        struct rf_stream *stream = &streams->list[i];
        riffle_status status = take_term(run, stream, weight, allowed, out, scores, assign, several && scores);
        if (status)
            return status;
        if (stream->doc < streams->doc)
            streams->doc = stream->doc;
    }
    if (!several || !scores)
        return RIFFLE_OK;
    RF_FOR_EACH_BIT(d, out)
    {
        uint32_t score = score_of(run, weight, run->tfs[d], run->base + d);
        scores[d] = assign ? score : scores[d] + score;
        run->tfs[d] = 0;
    }
    return RIFFLE_OK;
}
