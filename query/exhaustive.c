/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The plain way to execute a plan, for the tests to compare with: every document of every segment, in order, is held against the
 * whole tree; all that match are kept, sorted, and cut.
 */
#include "query/execute.h"
#include "query/filter.h"

#include <stdlib.h>

#include "query/stream.h"

enum { DOCS_PER_LOOK = 65536 }; /* at the clock */

/* A leaf in a segment: streams per slot, and the positions of its slots in one doc. */
struct reader {
    const struct rf_leaf *leaf;
    struct rf_streams *slots;
    struct rf_positions *positions;
};

struct run {
    const struct rf_plan *plan;
    const struct rf_native *index;
    const struct rf_scorer *scorer;
    uint32_t segment;
    uint64_t deadline;
    struct reader *readers; /* in the order of the plan's leaves */
    riffle_status status;
    riffle_error *error;
};

int rf_compare_found(const void *a, const void *b)
{
    const struct rf_found *x = a, *y = b;
    if (x->score != y->score)
        return x->score < y->score ? 1 : -1;
    if (x->segment != y->segment)
        return x->segment < y->segment ? -1 : 1;
    return (x->doc > y->doc) - (x->doc < y->doc);
}

static void release_reader(struct reader *reader, const riffle_allocator *allocator)
{
    for (uint32_t i = 0; reader->leaf && i < reader->leaf->slot_count; i++) {
        if (reader->slots)
            rf_streams_release(&reader->slots[i]);
        if (reader->positions)
            rf_free(allocator, reader->positions[i].list);
    }
    rf_free(allocator, reader->slots);
    rf_free(allocator, reader->positions);
}

static riffle_status open_reader(struct reader *reader, const struct rf_leaf *leaf, const struct rf_native *index, uint32_t segment,
                                 riffle_error *error)
{
    reader->leaf = leaf;
    reader->slots = rf_alloc_zero(&index->allocator, leaf->slot_count * sizeof *reader->slots);
    reader->positions = rf_alloc_zero(&index->allocator, leaf->slot_count * sizeof *reader->positions);
    if (!reader->slots || !reader->positions)
        return rf_fail_memory(error);
    riffle_status status = RIFFLE_OK;
    for (uint32_t i = 0; !status && i < leaf->slot_count; i++) {
        reader->positions[i].allocator = &index->allocator;
        status = rf_streams_open(&reader->slots[i], &leaf->slots[i], index, segment, error);
    }
    return status;
}

static bool holds(const struct rf_positions *positions, uint32_t wanted)
{
    size_t low = 0, high = positions->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (positions->list[middle] < wanted)
            low = middle + 1;
        else
            high = middle;
    }
    return low < positions->count && positions->list[low] == wanted;
}

static riffle_status count_phrase(struct reader *reader, uint32_t doc, uint32_t *tf, riffle_error *error)
{
    uint32_t slots = reader->leaf->slot_count;
    for (uint32_t i = 0; i < slots; i++) {
        riffle_status status = rf_streams_positions(&reader->slots[i], doc, &reader->positions[i], error);
        if (status)
            return status;
    }
    *tf = 0;
    for (size_t start = 0; start < reader->positions[0].count; start++) {
        uint32_t i = 1;
        while (i < slots && holds(&reader->positions[i], reader->positions[0].list[start] + i))
            i++;
        *tf += i == slots;
    }
    return RIFFLE_OK;
}

static riffle_status read_tf(struct reader *reader, uint32_t doc, uint32_t *tf, riffle_error *error)
{
    *tf = 0;
    bool everywhere = true;
    for (uint32_t i = 0; everywhere && i < reader->leaf->slot_count; i++) {
        riffle_status status = rf_streams_seek(&reader->slots[i], doc, error);
        if (status)
            return status;
        everywhere = reader->slots[i].doc == doc;
    }
    if (!everywhere)
        return RIFFLE_OK;
    return reader->leaf->kind == RF_LEAF_PHRASE ? count_phrase(reader, doc, tf, error)
                                                : rf_streams_tf(&reader->slots[0], doc, tf, error);
}

riffle_status rf_leaf_tf(const struct rf_leaf *leaf, const struct rf_native *index, uint32_t segment, uint32_t doc, uint32_t *tf,
                         riffle_error *error)
{
    struct reader reader = {0};
    riffle_status status = open_reader(&reader, leaf, index, segment, error);
    if (!status)
        status = read_tf(&reader, doc, tf, error);
    release_reader(&reader, &index->allocator);
    return status;
}

static bool matches(struct run *run, const struct rf_node *node, uint32_t doc, uint32_t *score);

static bool matches_leaf(struct run *run, const struct rf_leaf *leaf, uint32_t doc, uint32_t *score)
{
    uint32_t tf = 0;
    run->status = read_tf(&run->readers[leaf->number], doc, &tf, run->error);
    if (run->status || !tf)
        return false;
    uint8_t length = rf_segment_lengths(run->index->generation.segments[run->segment])[doc];
    *score = rf_weigh(leaf->scaled_weight, rf_saturation(run->scorer, tf, length));
    return true;
}

static bool matches_bool(struct run *run, const struct rf_node *node, uint32_t doc, uint32_t *score)
{
    uint32_t count = node->must_count + node->should_count + node->not_count, found = 0, sum = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t part = 0;
        bool hit = matches(run, node->children[i], doc, &part);
        if (run->status)
            return false;
        if (i >= node->must_count + node->should_count ? hit : i < node->must_count && !hit)
            return false;
        if (i >= node->must_count)
            found += hit;
        sum += hit ? part : 0;
    }
    *score = sum;
    return found || !node->any;
}

static bool matches(struct run *run, const struct rf_node *node, uint32_t doc, uint32_t *score)
{
    *score = 0;
    if (run->status)
        return false;
    if (node->kind == RF_NODE_LEAF)
        return matches_leaf(run, node->leaf, doc, score);
    if (node->kind == RF_NODE_BOOL)
        return matches_bool(run, node, doc, score);
    bool hit = false;
    if (node->kind == RF_NODE_FILTER) {
        uint32_t article = rf_segment_article_of(run->index->generation.segments[run->segment], doc);
        run->status = rf_filter_accepts(node->filter, run->index, run->segment, article, &hit, run->error);
        return hit;
    }
    for (uint32_t i = 0; i < node->should_count; i++) {
        uint32_t part;
        if (!matches(run, node->children[i], doc, &part))
            continue;
        hit = true;
        if (part > *score)
            *score = part;
    }
    return hit;
}

/* All that match in one segment, in order of docs. */
static riffle_status search_segment(struct run *run, struct rf_best *hits)
{
    const struct rf_segment *segment = run->index->generation.segments[run->segment];
    for (const struct rf_leaf *leaf = run->plan->leaves; leaf; leaf = leaf->next) {
        run->status = open_reader(&run->readers[leaf->number], leaf, run->index, run->segment, run->error);
        if (run->status)
            return run->status;
    }
    for (uint32_t doc = 0; doc < rf_segment_docs(segment); doc++) {
        uint32_t score;
        if (doc % DOCS_PER_LOOK == 0 && (hits->incomplete = rf_is_past(run->deadline)))
            break;
        bool hit = !rf_segment_deleted(segment, doc) && matches(run, run->plan->root, doc, &score);
        if (run->status)
            return run->status;
        if (!hit)
            continue;
        if (!rf_grow(hits->allocator, (void **)&hits->list, &hits->capacity, hits->count + 1, sizeof *hits->list))
            return rf_fail_memory(run->error);
        hits->list[hits->count++] = (struct rf_found){score, run->segment, doc};
    }
    return RIFFLE_OK;
}

/* Of hits in order of segments and docs, leaves the best of each article. */
static void keep_best_of_articles(const struct rf_native *index, struct rf_best *hits)
{
    size_t kept = 0;
    for (size_t i = 0; i < hits->count; i++) {
        const struct rf_found *hit = &hits->list[i], *last = kept ? &hits->list[kept - 1] : NULL;
        const struct rf_segment *segment = index->generation.segments[hit->segment];
        bool same = last && last->segment == hit->segment &&
                    rf_segment_article_of(segment, last->doc) == rf_segment_article_of(segment, hit->doc);
        if (!same)
            hits->list[kept++] = *hit;
        else if (hit->score > last->score)
            hits->list[kept - 1] = *hit;
    }
    hits->count = kept;
}

riffle_status rf_execute_exhaustively(const struct rf_plan *plan, const struct rf_request *request, struct rf_best *hits,
                                      riffle_error *error)
{
    const struct rf_native_search *search = plan->search;
    struct run run = {
        .plan = plan, .index = search->index, .scorer = search->scorer, .deadline = request->deadline, .error = error};
    if (!plan->root)
        return RIFFLE_OK;
    run.readers = rf_alloc_zero(hits->allocator, (plan->leaf_count + 1) * sizeof *run.readers);
    if (!run.readers)
        return rf_fail_memory(error);
    riffle_status status = RIFFLE_OK;
    for (; !status && !hits->incomplete && run.segment < run.index->generation.segment_count; run.segment++) {
        status = search_segment(&run, hits);
        for (uint32_t i = 0; i < plan->leaf_count; i++)
            release_reader(&run.readers[i], hits->allocator);
        memset(run.readers, 0, plan->leaf_count * sizeof *run.readers);
    }
    rf_free(hits->allocator, run.readers);
    if (status)
        return status;
    if (request->by_article)
        keep_best_of_articles(run.index, hits);
    hits->total = hits->count;
    if (hits->count)
        qsort(hits->list, hits->count, sizeof *hits->list, rf_compare_found);
    if (hits->count > request->wanted)
        hits->count = (size_t)request->wanted;
    return RIFFLE_OK;
}
