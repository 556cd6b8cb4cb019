/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Executing a plan by windows: for RF_WINDOW docs at a time each node of the tree gives a set of docs and adds scores to an array.
 * Conjunctions go from the rarest child to the most frequent and hand on what is left, so that blocks of postings without any of
 * that are never decoded; windows in which nothing can match are not visited.
 */
#include "query/filter.h"
#include "query/top.h"
#include "query/windows.h"

static riffle_status evaluate(struct rf_windows *run, const struct rf_node *node, const uint64_t *allowed, uint64_t *out,
                              uint32_t *scores, bool assign);

static void fill(const struct rf_windows *run, uint64_t *set)
{
    for (uint32_t i = 0; i < RF_WINDOW_WORDS; i++) {
        uint32_t start = i * 64, docs = run->size > start ? run->size - start : 0;
        set[i] = docs >= 64 ? ~0ull : (1ull << docs) - 1;
    }
}

static void evaluate_filter(const struct rf_windows *run, const struct rf_filter *filter, const uint64_t *allowed, uint64_t *out)
{
    const uint64_t *bits = run->filters[filter->number] + run->base / 64;
    for (uint32_t i = 0; i < RF_WINDOW_WORDS; i++)
        out[i] = allowed ? bits[i] & allowed[i] : bits[i];
}

/* The better of two readings; both are leaves. */
static riffle_status evaluate_max(struct rf_windows *run, const struct rf_node *node, const uint64_t *allowed, uint64_t *out,
                                  uint32_t *scores, bool assign)
{
    struct rf_frame *frame = &run->frames[node->height];
    uint64_t *one = frame->bits[0], *two = frame->bits[1];
    riffle_status status = evaluate(run, node->children[0], allowed, one, scores ? frame->scores : NULL, true);
    if (!status)
        status = evaluate(run, node->children[1], allowed, two, scores ? run->second : NULL, true);
    if (status)
        return status;
    for (uint32_t i = 0; i < RF_WINDOW_WORDS; i++)
        out[i] = one[i] | two[i];
    if (!scores)
        return RIFFLE_OK;
    RF_FOR_EACH_BIT(d, out)
    {
        uint32_t a = one[d / 64] >> d % 64 & 1 ? frame->scores[d] : 0, b = two[d / 64] >> d % 64 & 1 ? run->second[d] : 0;
        uint32_t score = a > b ? a : b;
        scores[d] = assign ? score : scores[d] + score;
    }
    return RIFFLE_OK;
}

/* A group at work. `now` is the set of docs that are left (NULL: all); `sum` holds their scores once `summed`. */
struct group {
    const struct rf_node *node;
    struct rf_node *const *musts, *const *shoulds, *const *nots;
    struct rf_frame *frame;
    uint64_t *spare;
    const uint64_t *now;
    uint32_t *sum; /* NULL: nobody asks for scores */
    bool summed;
};

static void hand_on(struct group *group, uint64_t *left)
{
    group->spare = left == group->frame->bits[0] ? group->frame->bits[1] : group->frame->bits[0];
    group->now = left;
}

static riffle_status require(struct rf_windows *run, struct group *group, const struct rf_node *must)
{
    bool scores = group->sum && !must->filters_only;
    uint64_t *left = group->spare;
    riffle_status status = evaluate(run, must, group->now, left, scores ? group->sum : NULL, !group->summed);
    group->summed |= scores;
    hand_on(group, left);
    return status;
}

static riffle_status exclude(struct rf_windows *run, struct group *group, const struct rf_node *unwanted)
{
    uint64_t *left = group->spare;
    riffle_status status = evaluate(run, unwanted, group->now, left, NULL, false);
    if (status)
        return status;
    uint64_t all[RF_WINDOW_WORDS];
    if (!group->now)
        fill(run, all);
    for (uint32_t i = 0; i < RF_WINDOW_WORDS; i++)
        left[i] = (group->now ? group->now[i] : all[i]) & ~left[i];
    hand_on(group, left);
    return RIFFLE_OK;
}

/* Adds the scores of all shoulds; where one is needed, what has none is left no more. */
static riffle_status add_shoulds(struct rf_windows *run, struct group *group)
{
    const struct rf_node *node = group->node;
    uint64_t *any = group->spare, *one = group->frame->bits[2];
    if (group->sum && !group->summed) {
        memset(group->sum, 0, sizeof group->frame->scores);
        group->summed = true;
    }
    memset(any, 0, sizeof group->frame->bits[0]);
    for (uint32_t i = 0; i < node->should_count; i++) {
        const struct rf_node *should = group->shoulds[i];
        uint32_t *sum = should->filters_only ? NULL : group->sum;
        if (!node->any && !sum)
            continue;
        riffle_status status = evaluate(run, should, group->now, one, sum, false);
        if (status)
            return status;
        for (uint32_t w = 0; w < RF_WINDOW_WORDS; w++)
            any[w] |= one[w];
    }
    if (node->any)
        hand_on(group, any);
    return RIFFLE_OK;
}

static riffle_status evaluate_bool(struct rf_windows *run, const struct rf_node *node, const uint64_t *allowed, uint64_t *out,
                                   uint32_t *scores, bool assign)
{
    struct rf_frame *frame = &run->frames[node->height];
    struct group group = {.node = node,
                          .musts = node->children,
                          .shoulds = node->children + node->must_count,
                          .nots = node->children + node->must_count + node->should_count,
                          .frame = frame,
                          .spare = frame->bits[0],
                          .now = allowed,
                          .sum = scores && !assign ? frame->scores : scores};
    riffle_status status = RIFFLE_OK;
    uint32_t musts = 0, nots = 0;
    /* What is cheaper first; but something has to be there before anything is taken from it. */
    while (!status && (musts < node->must_count || (nots < node->not_count && !node->any))) {
        bool take = musts < node->must_count &&
                    (!musts || nots == node->not_count || node->any || group.musts[musts]->cost <= group.nots[nots]->cost);
        status = take ? require(run, &group, group.musts[musts]) : exclude(run, &group, group.nots[nots]);
        musts += take;
        nots += !take;
        if (!status && group.now && !rf_any_bit(group.now))
            return RIFFLE_OK; /* `out` is zero */
    }
    if (!status && (node->any || (group.sum && node->should_count)))
        status = add_shoulds(run, &group);
    while (!status && nots < node->not_count)
        status = exclude(run, &group, group.nots[nots++]);
    if (status)
        return status;
    if (group.now)
        memcpy(out, group.now, sizeof frame->bits[0]);
    else
        fill(run, out);
    if (scores && assign && !group.summed)
        memset(scores, 0, sizeof frame->scores);
    if (scores && !assign && group.summed) {
        RF_FOR_EACH_BIT(d, out) { scores[d] += frame->scores[d]; }
    }
    return RIFFLE_OK;
}

/*
 * The docs of the window that match and are allowed (NULL: all are). With `assign` sets their scores, and may leave anything in the
 * scores of other docs; without, adds to their scores and leaves those of others alone. No scores where `scores` is NULL.
 */
static riffle_status evaluate(struct rf_windows *run, const struct rf_node *node, const uint64_t *allowed, uint64_t *out,
                              uint32_t *scores, bool assign)
{
    memset(out, 0, RF_WINDOW_WORDS * sizeof *out);
    switch (node->kind) {
    case RF_NODE_LEAF:
        return rf_window_leaf_evaluate(run, &run->leaves[node->leaf->number], allowed, out, scores, assign);
    case RF_NODE_MAX:
        return evaluate_max(run, node, allowed, out, scores, assign);
    case RF_NODE_BOOL:
        return evaluate_bool(run, node, allowed, out, scores, assign);
    case RF_NODE_FILTER:
        evaluate_filter(run, node->filter, allowed, out);
        if (scores && assign)
            memset(scores, 0, sizeof run->frames->scores);
        break;
    }
    return RIFFLE_OK;
}

/* No doc in [from, the result) matches. */
static uint32_t next_match(const struct rf_windows *run, const struct rf_node *node, uint32_t from)
{
    uint32_t next = from, least = RF_NO_DOC;
    if (node->kind == RF_NODE_LEAF) {
        const struct rf_window_leaf *leaf = &run->leaves[node->leaf->number];
        for (uint32_t i = 0; i < leaf->distinct; i++)
            next = leaf->docs[i].doc > next ? leaf->docs[i].doc : next;
        return next;
    }
    if (node->kind == RF_NODE_FILTER) {
        const uint64_t *bits = run->filters[node->filter->number];
        uint32_t docs = rf_segment_docs(run->index->generation.segments[run->segment]);
        for (next &= ~63u; next < docs && !bits[next / 64];)
            next += 64;
        return next < docs ? (next > from ? next : from) : RF_NO_DOC;
    }
    for (uint32_t i = 0; i < node->must_count; i++) {
        uint32_t child = next_match(run, node->children[i], from);
        next = child > next ? child : next;
    }
    for (uint32_t i = 0; (node->any || node->kind == RF_NODE_MAX) && i < node->should_count; i++) {
        uint32_t child = next_match(run, node->children[node->must_count + i], from);
        least = child < least ? child : least;
    }
    if ((node->any || node->kind == RF_NODE_MAX) && least > next)
        next = least;
    return next;
}

/* ---- What comes of it ---- */

struct collector {
    struct rf_top top;
    bool by_article;
    uint32_t article_end; /* by_article: end of the docs of the article at hand; 0: none */
    struct rf_found best; /* and its best */
    uint64_t total;
    uint64_t deadline;
    bool late; /* it has come */
};

static riffle_status finish_article(struct collector *collector, riffle_error *error)
{
    if (!collector->article_end)
        return RIFFLE_OK;
    collector->article_end = 0;
    collector->total++;
    const struct rf_found *best = &collector->best;
    return rf_top_add(&collector->top, best->score, best->segment, best->doc) ? RIFFLE_OK : rf_fail_memory(error);
}

static riffle_status collect_article(struct rf_windows *run, struct collector *collector, uint32_t doc, uint32_t score)
{
    if (doc < collector->article_end) {
        if (score > collector->best.score)
            collector->best = (struct rf_found){score, run->segment, doc};
        return RIFFLE_OK;
    }
    const struct rf_segment *segment = run->index->generation.segments[run->segment];
    uint32_t first, count;
    riffle_status status = finish_article(collector, run->error);
    if (!status)
        status = rf_segment_article_docs(segment, rf_segment_article_of(segment, doc), &first, &count, run->error);
    collector->article_end = status || first + count <= doc ? doc + 1 : first + count;
    collector->best = (struct rf_found){score, run->segment, doc};
    return status;
}

static riffle_status collect(struct rf_windows *run, struct collector *collector, uint64_t *found, const uint32_t *scores,
                             bool has_deleted)
{
    const struct rf_segment *segment = run->index->generation.segments[run->segment];
    if (has_deleted) {
        RF_FOR_EACH_BIT(d, found)
        {
            if (rf_segment_deleted(segment, run->base + d))
                found[d / 64] &= ~(1ull << d % 64);
        }
    }
    if (!collector->by_article)
        for (uint32_t i = 0; i < RF_WINDOW_WORDS; i++)
            if (found[i])
                collector->total += (uint64_t)__builtin_popcountll(found[i]);
    if (!scores && !collector->by_article)
        return RIFFLE_OK;
    RF_FOR_EACH_BIT(d, found)
    {
        riffle_status status = RIFFLE_OK;
        if (collector->by_article)
            status = collect_article(run, collector, run->base + d, scores ? scores[d] : 0);
        else if (!rf_top_add(&collector->top, scores[d], run->segment, run->base + d))
            status = rf_fail_memory(run->error);
        if (status)
            return status;
    }
    return RIFFLE_OK;
}

/* ---- Segments ---- */

static void close_segment(struct rf_windows *run)
{
    const riffle_allocator *allocator = &run->index->allocator;
    for (uint32_t i = 0; i < run->plan->leaf_count; i++)
        rf_window_leaf_release(&run->leaves[i], allocator);
    for (uint32_t i = 0; i < run->plan->filter_count; i++) {
        rf_free(allocator, run->filters[i]);
        run->filters[i] = NULL;
    }
}

static riffle_status open_segment(struct rf_windows *run, const struct rf_segment *segment)
{
    run->lengths = rf_segment_lengths(segment);
    for (const struct rf_leaf *leaf = run->plan->leaves; leaf; leaf = leaf->next) {
        riffle_status status = rf_window_leaf_open(run, &run->leaves[leaf->number], leaf);
        if (status)
            return status;
    }
    for (const struct rf_filter *filter = run->plan->filters; filter; filter = filter->next) {
        /* Windows start at any multiple of 64: the last may reach a whole window behind the last doc. */
        size_t words = (size_t)rf_segment_docs(segment) / 64 + 1 + RF_WINDOW_WORDS;
        uint64_t *bits = rf_alloc_zero(&run->index->allocator, words * sizeof *bits);
        if (!bits)
            return rf_fail_memory(run->error);
        run->filters[filter->number] = bits;
        riffle_status status = rf_filter_choose(filter, run->index, run->segment, bits, run->error);
        if (status)
            return status;
    }
    return RIFFLE_OK;
}

static riffle_status search_segment(struct rf_windows *run, const struct rf_node *root, struct collector *collector)
{
    const struct rf_segment *segment = run->index->generation.segments[run->segment];
    uint32_t docs = rf_segment_docs(segment);
    bool has_deleted = rf_segment_live_docs(segment) != docs, scored = collector->top.wanted != 0;
    struct rf_frame *frame = &run->frames[root->height + 1];
    riffle_status status = open_segment(run, segment);
    for (uint32_t from = 0; !status; from = run->base + run->size) {
        uint32_t next = next_match(run, root, from);
        if (next >= docs)
            break;
        collector->late = rf_is_past(collector->deadline);
        if (collector->late)
            break;
        run->base = next & ~63u;
        run->base = run->base < from ? from : run->base;
        run->size = docs - run->base < RF_WINDOW ? docs - run->base : RF_WINDOW;
        status = evaluate(run, root, NULL, frame->bits[0], scored ? frame->scores : NULL, true);
        if (!status)
            status = collect(run, collector, frame->bits[0], scored ? frame->scores : NULL, has_deleted);
    }
    if (!status)
        status = finish_article(collector, run->error);
    return status;
}

static void release(struct rf_windows *run)
{
    const riffle_allocator *allocator = &run->index->allocator;
    rf_free(allocator, run->leaves);
    rf_free(allocator, run->filters);
    rf_free(allocator, run->frames);
    rf_free(allocator, run->starts.list);
    rf_free(allocator, run->positions.list);
    rf_free(allocator, run->gathered.list);
    rf_free(allocator, run->ends);
    rf_free(allocator, run->pairs);
    rf_free(allocator, run);
}

riffle_status rf_execute_by_windows(const struct rf_plan *plan, const struct rf_request *request, struct rf_best *hits,
                                    riffle_error *error)
{
    if (!plan->root)
        return RIFFLE_OK;
    const struct rf_native_search *search = plan->search;
    const riffle_allocator *allocator = &search->index->allocator;
    struct rf_windows *run = rf_alloc_zero(allocator, sizeof *run);
    if (!run)
        return rf_fail_memory(error);
    run->plan = plan;
    run->index = search->index;
    run->scorer = search->scorer;
    run->error = error;
    run->starts.allocator = run->positions.allocator = allocator;
    run->leaves = rf_alloc_zero(allocator, ((size_t)plan->leaf_count + 1) * sizeof *run->leaves);
    run->filters = rf_alloc_zero(allocator, ((size_t)plan->filter_count + 1) * sizeof *run->filters);
    run->frames = rf_alloc(allocator, ((size_t)plan->root->height + 2) * sizeof *run->frames);
    riffle_status status = run->leaves && run->filters && run->frames ? RIFFLE_OK : rf_fail_memory(error);
    struct collector collector = {.by_article = request->by_article, .deadline = request->deadline};
    rf_top_init(&collector.top, hits, request->wanted);
    for (; !status && !collector.late && run->segment < run->index->generation.segment_count; run->segment++) {
        status = search_segment(run, plan->root, &collector);
        close_segment(run);
    }
    if (!status && !rf_top_finish(&collector.top))
        status = rf_fail_memory(error);
    rf_top_release(&collector.top);
    hits->total = collector.total;
    hits->incomplete = collector.late;
    release(run);
    return status;
}
