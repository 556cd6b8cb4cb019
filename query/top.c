/* SPDX-License-Identifier: BSD-3-Clause */
/* The best hits; top.h. */
#include "query/top.h"

#include "kernels/kernels.h"

enum {
    RF_TOP_SPARE = 32, /* at least so many more than are wanted are kept before the worse ones go */
    RF_TOP_CLOSE = 16  /* the threshold is close enough where this part more than are wanted reach it */
};

void rf_top_init(struct rf_top *top, struct rf_best *hits, uint64_t wanted)
{
    *top = (struct rf_top){.hits = hits, .wanted = wanted, .full = !wanted, .threshold = wanted ? 0 : UINT32_MAX};
    uint64_t spare = wanted > RF_TOP_SPARE ? wanted : RF_TOP_SPARE;
    top->room = wanted < SIZE_MAX / 2 ? (size_t)(wanted + spare) : SIZE_MAX;
}

void rf_top_release(struct rf_top *top)
{
    rf_free(top->hits->allocator, top->scores);
    top->scores = NULL;
}

uint32_t rf_kth_of(const uint32_t *numbers, size_t n, size_t k, size_t most, uint32_t low, uint32_t high)
{
    while (low < high) { /* by halves */
        uint32_t middle = high - (high - low) / 2;
        size_t some = rf_kernels->count_from(numbers, n, middle);
        if (some < k) {
            high = middle - 1;
            continue;
        }
        low = middle;
        if (some <= most)
            break;
    }
    return low;
}

/*
 * Raises the threshold so far that no more than `most` hits, or those that are wanted and the ties of the last one, reach it. Where few are wanted it
 * is there already.
 */
static void raise(struct rf_top *top, size_t most)
{
    size_t n = top->hits->count, wanted = (size_t)top->wanted;
    if (wanted <= RF_TOP_FEW || n < wanted)
        return;
    if (n == wanted) {
        top->threshold = top->highest;
        for (size_t i = 0; i < n; i++)
            top->threshold = top->scores[i] < top->threshold ? top->scores[i] : top->threshold;
    } else {
        top->threshold = rf_kth_of(top->scores, n, wanted, most, top->full ? top->threshold : 0, top->highest);
    }
    top->full = true;
    top->settled = n;
}

void rf_top_settle(struct rf_top *top)
{
    /* Among many hits, neighbours score nearly the same. */
    size_t n = top->hits->count, part = (size_t)(top->wanted / RF_TOP_CLOSE), close = (size_t)top->wanted + part;
    if (n > top->settled + part)
        raise(top, n > close ? close : 0);
}

/* Leaves the best: of those with the least score the first to come. */
static void drop_others(struct rf_top *top)
{
    struct rf_best *hits = top->hits;
    raise(top, 0);
    if (!top->full || !top->wanted)
        return;
    size_t ties = (size_t)top->wanted, kept = 0;
    for (size_t i = 0; i < hits->count; i++)
        ties -= top->scores[i] > top->threshold;
    for (size_t i = 0; i < hits->count; i++) {
        uint32_t score = top->scores[i];
        bool tie = score == top->threshold && ties;
        ties -= tie;
        hits->list[kept] = hits->list[i];
        top->scores[kept] = score;
        kept += tie || score > top->threshold;
    }
    hits->count = top->settled = kept;
}

/* The score of a hit that is among the best so far, of few that are wanted. */
static void take_score(struct rf_top *top, uint32_t score)
{
    uint32_t last = (uint32_t)top->wanted - 1, at = top->best_count < last ? top->best_count : last;
    top->best_count = at + 1;
    for (; at && top->best[at - 1] < score; at--)
        top->best[at] = top->best[at - 1];
    top->best[at] = score;
    top->full = top->best_count > last;
    top->threshold = top->full ? top->best[last] : 0;
}

bool rf_top_insert(struct rf_top *top, struct rf_found found)
{
    struct rf_best *hits = top->hits;
    size_t n = hits->count, room = n + 1 < RF_TOP_SPARE && top->room < 2 * RF_TOP_SPARE ? top->room : n + 1; /* few: at once */
    if (!rf_grow(hits->allocator, (void **)&hits->list, &hits->capacity, room, sizeof *hits->list) ||
        !rf_grow(hits->allocator, (void **)&top->scores, &top->scores_room, room + RF_PADDING, sizeof *top->scores))
        return false;
    hits->list[n] = found;
    top->scores[n] = found.score;
    top->highest = found.score > top->highest ? found.score : top->highest;
    hits->count++;
    if (top->wanted <= RF_TOP_FEW)
        take_score(top, found.score);
    else if (!top->full && hits->count == top->wanted) /* from here on there is a threshold */
        rf_top_settle(top);
    if (hits->count == top->room)
        drop_others(top);
    return true;
}

bool rf_top_add_all(struct rf_top *top, uint32_t segment, const uint32_t *docs, const uint32_t *scores, size_t n)
{
    struct rf_best *hits = top->hits;
    bool few = top->wanted <= RF_TOP_FEW;
    for (size_t i = 0; few && i < n; i++)
        if (!rf_top_add(top, scores[i], segment, docs[i]))
            return false;
    for (size_t i = 0; !few && i < n;) { /* without a branch on what is good enough, which is not to be foreseen */
        size_t count = hits->count, these = n - i < top->room - count ? n - i : top->room - count;
        if (!rf_grow(hits->allocator, (void **)&hits->list, &hits->capacity, count + these, sizeof *hits->list) ||
            !rf_grow(hits->allocator, (void **)&top->scores, &top->scores_room, count + these + RF_PADDING, sizeof *top->scores))
            return false;
        bool full = top->full;
        uint32_t beaten = top->threshold, highest = top->highest;
        for (size_t end = i + these; i < end; i++) {
            hits->list[count] = (struct rf_found){scores[i], segment, docs[i]};
            top->scores[count] = scores[i];
            highest = scores[i] > highest ? scores[i] : highest;
            count += !full | (scores[i] > beaten);
        }
        hits->count = count;
        top->highest = highest;
        if (count == top->room)
            drop_others(top);
    }
    return true;
}

/* Sorts by insertion, equal ones as they came. False: that takes more than `left` steps, and is not done. */
static bool insert(struct rf_found *list, size_t n, size_t left)
{
    for (size_t i = 1; i < n; i++) {
        struct rf_found moving = list[i];
        size_t at = i;
        for (; at && list[at - 1].score < moving.score; at--, left--) {
            if (!left) {
                list[at] = moving;
                return false;
            }
            list[at] = list[at - 1];
        }
        list[at] = moving;
    }
    return true;
}

enum { BITS = 10, BINS = 1 << BITS };

/* Sorts by BITS bits of what scores are less than the highest, from bit `shift` on, equal ones as they came. */
static void sort_by(struct rf_best *hits, struct rf_found **other, uint32_t highest, unsigned shift)
{
    size_t starts[BINS] = {0}, sum = 0, n = hits->count;
    struct rf_found *sorted = *other;
    for (size_t i = 0; i < n; i++)
        starts[(highest - hits->list[i].score) >> shift & (BINS - 1)]++;
    for (unsigned b = 0; b < BINS; b++) {
        size_t count = starts[b];
        starts[b] = sum;
        sum += count;
    }
    for (size_t i = 0; i < n; i++)
        sorted[starts[(highest - hits->list[i].score) >> shift & (BINS - 1)]++] = hits->list[i];
    *other = hits->list;
    hits->list = sorted;
}

/* Sorts by falling score, equal ones as they came: first by the highest bits alone, which nearly always is enough but for a few hits. */
static bool sort(struct rf_best *hits, uint32_t highest, uint32_t lowest)
{
    struct rf_found *other = rf_alloc(hits->allocator, hits->count * sizeof *other);
    if (!other)
        return false;
    unsigned bits = highest > lowest ? 32 - (unsigned)__builtin_clz(highest - lowest) : 1,
             low = bits > 2 * BITS ? bits - 2 * BITS : 0;
    for (unsigned shift = low; shift < bits; shift += BITS)
        sort_by(hits, &other, highest, shift);
    if (low && !insert(hits->list, hits->count, hits->count))
        for (unsigned shift = 0; shift < bits; shift += BITS)
            sort_by(hits, &other, highest, shift);
    hits->capacity = hits->count;
    rf_free(hits->allocator, other);
    return true;
}

bool rf_top_finish(struct rf_top *top)
{
    struct rf_best *hits = top->hits;
    drop_others(top);
    if (hits->count > 200)
        return sort(hits, top->highest, top->full ? top->threshold : 0);
    return insert(hits->list, hits->count, SIZE_MAX); /* few: that is faster */
}
