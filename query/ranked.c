/* SPDX-License-Identifier: BSD-3-Clause */
/* Executing plans with bounds: what may be found in a segment, and the thresholds to start from; ranked.h. */
#include "query/ranked.h"

#include <math.h>

#include "query/filter.h"

/* ---- What is allowed ---- */

/* Sets the bits of the docs that a tree of filters chooses. `bits` is zero. */
static riffle_status choose(struct rf_ranked *run, const struct rf_node *node, uint64_t *bits, size_t words)
{
    if (node->kind == RF_NODE_FILTER)
        return rf_filter_choose(node->filter, run->index, run->segment, bits, run->error);
    uint32_t count = node->must_count + node->should_count + node->not_count;
    uint64_t *one = rf_arena_array(&run->arena, words, sizeof *one), *any = rf_arena_array(&run->arena, words, sizeof *any);
    if (!one || !any)
        return rf_fail_memory(run->error);
    memset(bits, 0xff, words * sizeof *bits);
    riffle_status status = RIFFLE_OK;
    for (uint32_t i = 0; !status && i < count; i++) {
        memset(one, 0, words * sizeof *one);
        status = choose(run, node->children[i], one, words);
        if (i < node->must_count)
            rf_kernels->and_bits(bits, one, words);
        else if (i < node->must_count + node->should_count)
            rf_kernels->or_bits(any, one, words);
        else
            rf_kernels->and_not_bits(bits, one, words);
    }
    if (node->any)
        rf_kernels->and_bits(bits, any, words);
    return status;
}

/* Deleted docs and the plan's filters: run->allowed. */
static riffle_status find_allowed(struct rf_ranked *run)
{
    const struct rf_node *root = run->root;
    run->allowed = NULL;
    bool has_deleted = rf_segment_live_docs(run->data) != run->docs, filtered = false;
    uint32_t musts = root->kind == RF_NODE_BOOL ? root->must_count : 0, shoulds = root->should_count;
    uint32_t children = root->kind == RF_NODE_BOOL ? musts + shoulds + root->not_count : 0;
    for (uint32_t i = 0; i < children; i++)
        filtered |= root->children[i]->filters_only;
    if (!has_deleted && !filtered)
        return RIFFLE_OK;
    size_t words = (size_t)run->docs / 64 + 1;
    uint64_t *allowed = rf_arena_array(&run->arena, words, sizeof *allowed);
    uint64_t *one = rf_arena_array(&run->arena, words, sizeof *one);
    if (!allowed || !one)
        return rf_fail_memory(run->error);
    memset(allowed, 0xff, words * sizeof *allowed);
    for (uint32_t doc = 0; has_deleted && doc < run->docs; doc++)
        if (rf_segment_deleted(run->data, doc))
            allowed[doc / 64] &= ~(1ull << doc % 64);
    riffle_status status = RIFFLE_OK;
    for (uint32_t i = 0; !status && i < children; i++) {
        if (!root->children[i]->filters_only)
            continue;
        memset(one, 0, words * sizeof *one);
        status = choose(run, root->children[i], one, words);
        if (i < musts)
            rf_kernels->and_bits(allowed, one, words);
        else
            rf_kernels->and_not_bits(allowed, one, words);
    }
    allowed[words - 1] &= (1ull << run->docs % 64) - 1;
    run->allowed = allowed;
    return status;
}

/* ---- Bounds ---- */

/*
 * Stored saturations s = tf / (tf + c) are of the usual parameters and the segment's own average length. With the search's c' instead
 * of c, tf / (tf + c') lies between min(1, q) * s and max(1, q) * s for q = c / c': x / (1 + x) grows slower than x = tf / c. So the
 * greatest q of all lengths makes bounds of them, and the least one what is reached for certain.
 */
static void compare_scorers(struct rf_ranked *run)
{
    const struct rf_scorer *scorer = run->scorer;
    run->average_length = (double)rf_segment_length_sum(run->data) / run->docs;
    run->stretch = run->shrink = 1;
    if (scorer->k1 == RF_USUAL_K1 && scorer->b == RF_USUAL_B && scorer->average_length == run->average_length)
        return;
    for (unsigned code = 0; code < 256; code++) {
        double q = rf_scorer_c(RF_USUAL_K1, RF_USUAL_B, run->average_length, (uint8_t)code) / scorer->c[code];
        run->stretch = q > run->stretch ? q : run->stretch;
        run->shrink = q < run->shrink ? q : run->shrink;
    }
    run->stretch *= 1 + 0x1p-40;
    run->shrink *= 1 - 0x1p-40;
}

struct rf_bound rf_ranked_bound(const struct rf_ranked *run, const struct rf_list *list, uint32_t weight, uint32_t times)
{
    /* Up by more than what single precision, and rounding to whole scores, can take away. */
    double factor = (double)weight * times * (1 + 0x1p-20), highest = factor + 2.0 * times; /* no saturation passes 1 */
    double low = list->maxima_low * factor * run->stretch + 2.0 * times, step = list->maxima_step * factor * run->stretch;
    double most = low + 255 * step;
    if (!(most <= highest)) {
        low = most = highest;
        step = 0;
    }
    return (struct rf_bound){(float)low, (float)step, (uint32_t)(most + 1)};
}

/* Of n ranges from a chunk's first one on. */
static void bound_ranges(const struct rf_list *list, const struct rf_bound *bound, size_t first, size_t n, uint32_t *bounds)
{
    if (list->fine_maxima) {
        rf_kernels->bounds(list->maxima + first, n, bound->low, bound->step, bounds);
        return;
    }
    uint8_t codes[RF_CHUNK_RANGES + RF_PADDING];
    for (size_t from = 0; from < n; from += RF_CHUNK_RANGES) {
        size_t these = n - from < RF_CHUNK_RANGES ? n - from : RF_CHUNK_RANGES;
        rf_list_codes(list, first + from, these, codes);
        rf_kernels->bounds(codes, these, bound->low, bound->step, bounds + from);
    }
}

/* The same for parts of ranges. */
static void bound_parts(const struct rf_list *list, const struct rf_bound *bound, size_t first, size_t n, uint32_t *bounds)
{
    if (list->fine_maxima) {
        rf_kernels->bounds(list->fine_maxima + first, n, bound->low, bound->step, bounds);
        return;
    }
    enum { PARTS = RF_RANGE >> RF_FINE_BITS }; /* what is known of a range holds for its parts */
    size_t whole = (n + PARTS - 1) / PARTS;
    bound_ranges(list, bound, first / PARTS, whole, bounds);
    for (size_t r = whole; r-- > 0;)
        for (size_t p = PARTS; p-- > 0;)
            bounds[r * PARTS + p] = bounds[r];
}

void rf_ranked_bounds(const struct rf_ranked *run, const struct rf_list *list, const struct rf_bound *bound, unsigned bits,
                      uint32_t base, uint32_t *bounds)
{
    size_t first = base >> bits, all = ((size_t)(run->docs - 1) >> bits) + 1;
    size_t n = all - first < RF_CHUNK_RANGES ? all - first : RF_CHUNK_RANGES;
    (bits == RF_RANGE_BITS ? bound_ranges : bound_parts)(list, bound, first, n, bounds);
    memset(bounds + n, 0, (RF_CHUNK_RANGES - n) * sizeof *bounds);
}

void rf_ranked_all_bounds(const struct rf_list *list, const struct rf_bound *bound, unsigned bits, size_t ranges, uint32_t *bounds)
{
    (bits == RF_RANGE_BITS ? bound_ranges : bound_parts)(list, bound, 0, ranges, bounds);
}

/* ---- Where thresholds start ---- */

/* What a posting scores at least whose stored saturation is at least that of this tf and length. */
static uint32_t best_score(const struct rf_ranked *run, uint32_t weight, uint32_t tf, uint8_t length)
{
    if (run->stretch == 1 && run->shrink == 1)
        return rf_weigh(weight, rf_saturation(run->scorer, tf, length));
    double c = rf_scorer_c(RF_USUAL_K1, RF_USUAL_B, run->average_length, length);
    double score = weight * run->shrink * (1 - 0x1p-40) / (1 + c / tf) - 1;
    return score > 0 ? (uint32_t)score : 0;
}

void rf_ranked_prime(struct rf_ranked *run, const struct rf_list *list, uint32_t weight)
{
    static const uint64_t ranks[RF_BESTS] = {10, 100, 1000, 10000};
    for (unsigned i = 0; i < RF_BESTS; i++) {
        if (ranks[i] < run->request->wanted || !list->bests[i].tf)
            continue;
        uint32_t score = best_score(run, weight, list->bests[i].tf, list->bests[i].length);
        run->primed = score > run->primed ? score : run->primed;
        return;
    }
}

static riffle_status prime_by(struct rf_ranked *run, const struct rf_leaf *leaf, riffle_error *error)
{
    const struct rf_term *term = rf_ranked_term(run, &leaf->slots[0]);
    struct rf_list list;
    if (leaf->kind == RF_LEAF_PHRASE || term->df < run->request->wanted)
        return RIFFLE_OK;
    riffle_status status = rf_list_open(&list, run->data, term, error);
    if (!status)
        rf_ranked_prime(run, &list, leaf->scaled_weight);
    return status;
}

/* The bests of a term are docs that match where nothing else is asked of them: any should, or an only must. */
static riffle_status prime(struct rf_ranked *run)
{
    riffle_status status = RIFFLE_OK;
    if (run->allowed || run->not_count || run->must_count > 1)
        return status;
    struct rf_leaf *const *leaves = run->must_count ? run->musts : run->shoulds;
    uint32_t count = run->must_count ? 1 : run->should_count;
    for (uint32_t i = 0; !status && i < count; i++)
        status = prime_by(run, leaves[i], run->error);
    return status;
}

/* ---- All of it ---- */

static riffle_status open_segment(struct rf_ranked *run, uint32_t segment)
{
    run->segment = segment;
    run->data = run->index->generation.segments[segment];
    run->docs = rf_segment_docs(run->data);
    run->lengths = rf_segment_lengths(run->data);
    if (!run->docs)
        return RIFFLE_OK;
    compare_scorers(run);
    return find_allowed(run);
}

/* The best of the segment by the leaves at hand. */
static riffle_status search(struct rf_ranked *run)
{
    riffle_status status = prime(run);
    if (status)
        return status;
    return run->must_count ? rf_conjunction(run, NULL) : rf_disjunction_by_phrases(run);
}

static riffle_status search_variants(struct rf_ranked *run)
{
    struct rf_gathering gathering;
    riffle_status status = RIFFLE_OK;
    rf_gather_begin(run, &gathering);
    for (uint32_t variant = 0; !status && variant < run->variants && !run->late; variant++) {
        rf_roles_take(run, variant);
        status = rf_gather(run, &gathering, search);
    }
    rf_roles_take(run, RF_EVERY_VARIANT);
    return rf_gather_end(run, &gathering, status);
}

static riffle_status search_segment(struct rf_ranked *run, uint32_t segment, struct rf_best *hits)
{
    riffle_status status = open_segment(run, segment);
    if (status || !run->docs)
        return status;
    uint64_t count = 0;
    if (run->variants > 1 && run->request->wanted)
        status = search_variants(run);
    else if (run->must_count && run->request->count)
        status = (status = prime(run)) ? status : rf_conjunction(run, &count);
    else if (run->request->wanted)
        status = search(run);
    if (!status && !run->must_count && run->request->count)
        status = rf_union_count(run, &count);
    hits->total += count;
    return status;
}

riffle_status rf_execute_ranked(const struct rf_plan *plan, const struct rf_request *request, struct rf_best *hits,
                                riffle_error *error)
{
    const struct rf_native_search *search = plan->search;
    struct rf_ranked run = {.index = search->index, .scorer = search->scorer, .request = request, .error = error};
    rf_top_init(&run.top, hits, request->wanted);
    run.work = rf_workspace_take(run.index);
    if (run.work)
        run.arena = run.work->arena;
    riffle_status status = run.work && rf_roles_open(&run, plan, &run.work->leaves) ? RIFFLE_OK : rf_fail_memory(error);
    if (!status)
        rf_roles_take(&run, RF_EVERY_VARIANT);
    for (uint32_t s = 0; !status && !run.late && s < run.index->generation.segment_count; s++) {
        status = search_segment(&run, s, hits);
        rf_arena_reset(&run.arena);
    }
    if (!status && !rf_top_finish(&run.top))
        status = rf_fail_memory(error);
    if (!request->count) {
        hits->total = hits->count;
        hits->more = hits->count == request->wanted;
    } else if (run.late && hits->total < hits->count) { /* counting came to less than what ranking had found */
        hits->total = hits->count;
    }
    hits->incomplete = run.late;
    rf_top_release(&run.top);
    if (run.work) {
        run.work->arena = run.arena;
        rf_arena_reset(&run.work->leaves);
    }
    rf_workspace_give(run.index, run.work);
    return status;
}
