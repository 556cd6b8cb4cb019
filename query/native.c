/* SPDX-License-Identifier: BSD-3-Clause */
/* The native engine reads: opening a generation, looking up words, executing plans, weighing what was found. */
#include "query/native.h"

#include <math.h>

#include "query/execute.h"
#include "query/filter.h"
#include "query/ranked.h"
#include "store/list.h"

static void close_store(void *store)
{
    struct rf_native *native = store;
    if (!native)
        return;
    riffle_allocator allocator = native->allocator;
    rf_workspaces_release(native);
    rf_fields_release(&native->fields);
    rf_generation_close(&native->generation);
    rf_free(&allocator, native->article_base);
    rf_free(&allocator, native);
}

static riffle_status add_segment(struct rf_native *native, uint32_t s, riffle_error *error)
{
    const struct rf_segment *segment = native->generation.segments[s];
    riffle_status status = RIFFLE_OK;
    native->article_base[s] = native->articles;
    native->docs += rf_segment_docs(segment);
    native->articles += rf_segment_articles(segment);
    native->length_sum += rf_segment_length_sum(segment);
    for (uint32_t c = 0; !status && c < rf_segment_columns(segment); c++) {
        struct rf_bytes name;
        status = rf_segment_column_name(segment, c, &name, error);
        if (!status)
            status = rf_fields_add(&native->fields, &name, (uint64_t)s << 32 | c, error);
    }
    return status;
}

static riffle_status open_store(void **store, const char *path, const riffle_index_options *options,
                                const riffle_allocator *allocator, struct rf_settings *settings, riffle_error *error)
{
    (void)options;
    struct rf_native *native = rf_alloc_zero(allocator, sizeof *native);
    if (!native)
        return rf_fail_memory(error);
    native->allocator = *allocator;
    native->fields.allocator = &native->allocator;
    riffle_status status = rf_generation_open(&native->generation, path, &native->allocator, error);
    if (status) {
        rf_free(allocator, native);
        return status;
    }
    const struct rf_generation *generation = &native->generation;
    native->article_base = rf_alloc(&native->allocator, (generation->segment_count + 1) * sizeof *native->article_base);
    if (!native->article_base || !rf_workspaces_init(native))
        status = rf_fail_memory(error);
    for (uint32_t s = 0; !status && s < generation->segment_count; s++)
        status = add_segment(native, s, error);
    if (status) {
        close_store(native);
        return status;
    }
    native->average_length = native->docs ? (double)native->length_sum / (double)native->docs : 0;
    rf_scorer_init(&native->usual_scorer, RF_USUAL_K1, RF_USUAL_B, native->average_length);
    native->has_stems = strcmp(generation->settings.language, "none") != 0;
    *settings = generation->settings;
    *store = native;
    return RIFFLE_OK;
}

static riffle_status statistics(void *store, riffle_statistics *s, riffle_error *error)
{
    const struct rf_native *native = store;
    const struct rf_generation *generation = &native->generation;
    s->segments = generation->segment_count;
    s->generation = generation->number;
    s->bytes = generation->bytes;
    s->text_bytes = generation->text_bytes;
    s->articles = native->articles;
    s->tokens = native->length_sum;
    for (size_t i = 0; i < generation->segment_count; i++) {
        s->passages += rf_segment_live_docs(generation->segments[i]);
        s->terms += rf_segment_terms(generation->segments[i]);
    }
    return rf_ok(error);
}

/* ---- Searching ---- */

/* A generation never changes, so the store is the view. */
static riffle_status begin(void *store, void **view, struct rf_facts *facts, riffle_error *error)
{
    const struct rf_native *native = store;
    *view = store;
    *facts = (struct rf_facts){native->docs, native->average_length, native->fields.list, native->fields.count};
    return rf_ok(error);
}

static void end(void *store, void *view)
{
    (void)store;
    (void)view;
}

/* Look-ups in a segment, until there are enough for one go. */
struct lookups {
    const struct rf_segment *segment;
    struct rf_lookup list[RF_TOGETHER];
    size_t count;
};

static riffle_status look_up(struct lookups *lookups, riffle_error *error)
{
    riffle_status status = rf_segment_find_some(lookups->segment, lookups->list, lookups->count, error);
    for (size_t i = 0; !status && i < lookups->count; i++)
        if (lookups->list[i].found)
            rf_list_expect(lookups->segment, lookups->list[i].out);
    lookups->count = 0;
    return status;
}

/* The terms of a slot in a segment. */
static riffle_status find_slot(struct lookups *lookups, const struct rf_slot *slot, bool is_stem, bool has_stems,
                               struct rf_term *terms, riffle_error *error)
{
    riffle_status status = RIFFLE_OK;
    size_t prefix = is_stem && !has_stems; /* then words are their own stems */
    for (uint32_t k = 0; !status && k < slot->key_count; k++) {
        lookups->list[lookups->count++] = (struct rf_lookup){.term = slot->keys[k].data + prefix,
                                                             .n = slot->keys[k].length - prefix,
                                                             .stem_is_fixed = is_stem && has_stems && slot->stem_is_fixed,
                                                             .out = &terms[k]};
        if (lookups->count == RF_TOGETHER)
            status = look_up(lookups, error);
    }
    return status;
}

/* What it finds: struct rf_term [segment * key_count + key], df 0 where the key is not in that segment. */
static riffle_status find(void *view, struct rf_leaf *leaves, struct rf_arena *arena, riffle_error *error)
{
    const struct rf_native *native = view;
    size_t segments = native->generation.segment_count;
    for (struct rf_leaf *leaf = leaves; leaf; leaf = leaf->next)
        for (uint32_t i = 0; i < leaf->slot_count; i++) {
            struct rf_slot *slot = &leaf->slots[i];
            slot->found = rf_arena_array(arena, segments * slot->key_count + 1, sizeof(struct rf_term));
            if (!slot->found)
                return rf_fail_memory(error);
        }
    struct lookups lookups;
    lookups.count = 0;
    for (size_t s = 0; s < segments; s++) {
        riffle_status status = RIFFLE_OK;
        lookups.segment = native->generation.segments[s];
        for (struct rf_leaf *leaf = leaves; !status && leaf; leaf = leaf->next)
            for (uint32_t i = 0; !status && i < leaf->slot_count; i++)
                status = find_slot(&lookups, &leaf->slots[i], leaf->kind == RF_LEAF_STEM, native->has_stems,
                                   (struct rf_term *)leaf->slots[i].found + s * leaf->slots[i].key_count, error);
        if (!status)
            status = look_up(&lookups, error);
        if (status)
            return status;
    }
    for (struct rf_leaf *leaf = leaves; leaf; leaf = leaf->next)
        for (uint32_t i = 0; i < leaf->slot_count; i++) {
            struct rf_slot *slot = &leaf->slots[i];
            const struct rf_term *terms = slot->found;
            slot->df = 0;
            for (size_t t = 0; t < segments * slot->key_count; t++)
                slot->df += terms[t].df;
            if (slot->df > native->docs)
                slot->df = native->docs;
        }
    return RIFFLE_OK;
}

struct walk {
    const char *prefix;
    size_t prefix_length;
    rf_key_visitor *visit;
    void *context;
};

static int pass_on(void *context, const char *term, size_t n, const struct rf_term *info)
{
    const struct walk *walk = context;
    if (n < walk->prefix_length || memcmp(term, walk->prefix, walk->prefix_length) != 0)
        return 1;
    return walk->visit(walk->context, term, n, info->df);
}

static riffle_status walk(void *view, uint32_t part, const char *prefix, size_t n, rf_key_visitor *visit, void *context, bool *done,
                          riffle_error *error)
{
    const struct rf_native *native = view;
    *done = part >= native->generation.segment_count;
    struct walk walk = {prefix, n, visit, context};
    return *done ? RIFFLE_OK : rf_segment_walk_terms(native->generation.segments[part], prefix, n, pass_on, &walk, error);
}

/* Weights in fixed point, of one scale for the whole query. */
static int scale_weights(struct rf_plan *plan)
{
    double sum = 0;
    for (const struct rf_leaf *leaf = plan->leaves; leaf; leaf = leaf->next)
        if (leaf->positive)
            sum += leaf->weight;
    int scale = rf_scale(sum);
    for (struct rf_leaf *leaf = plan->leaves; leaf; leaf = leaf->next)
        leaf->scaled_weight = leaf->positive ? rf_scaled_weight(leaf->weight, scale) : 0;
    return scale;
}

static riffle_status execute(void *view, struct rf_plan *plan, const struct rf_request *request, struct rf_arena *arena,
                             struct rf_hits *hits, riffle_error *error)
{
    const struct rf_native *native = view;
    struct rf_native_search *search = rf_arena_alloc(arena, sizeof *search);
    if (!search)
        return rf_fail_memory(error);
    *search = (struct rf_native_search){native, &native->usual_scorer, scale_weights(plan)};
    plan->search = search;
    if (request->k1 != RF_USUAL_K1 || request->b != RF_USUAL_B) {
        struct rf_scorer *scorer = rf_arena_alloc(arena, sizeof *scorer);
        if (!scorer)
            return rf_fail_memory(error);
        rf_scorer_init(scorer, request->k1, request->b, native->average_length);
        search->scorer = scorer;
    }
    struct rf_best best = {.allocator = &native->allocator};
    riffle_status status;
    if (request->plainly)
        status = rf_execute_exhaustively(plan, request, &best, error);
    else if (!rf_ranked_fits(plan, request->count && !request->by_article) || (request->by_article && !request->wanted))
        status = rf_execute_by_windows(plan, request, &best, error);
    else if (request->by_article)
        status = rf_execute_by_article(plan, request, &best, error);
    else
        status = rf_execute_ranked(plan, request, &best, error);
    if (!status && !(hits->list = rf_arena_array(arena, best.count, sizeof *hits->list)))
        status = rf_fail_memory(error);
    double unit = ldexp(1, -search->scale); /* a power of two: nothing is rounded */
    for (size_t i = 0; !status && i < best.count; i++) {
        const struct rf_found *found = &best.list[i];
        hits->list[i] = (struct rf_hit){.score = found->score * unit, .doc = rf_native_number(found->segment, found->doc)};
    }
    hits->count = status ? 0 : best.count;
    hits->total = best.total;
    hits->incomplete = best.incomplete;
    hits->total_is_exact = !best.more && !best.incomplete;
    rf_free(&native->allocator, best.list);
    return status;
}

/* ---- Why a hit was found ---- */

static riffle_status weigh(void *store, const struct rf_plan *plan, const struct rf_hit *hit, const struct rf_leaf *leaf,
                           struct rf_weighing *weighing, riffle_error *error)
{
    const struct rf_native *native = store;
    const struct rf_native_search *search = plan->search;
    uint32_t segment = (uint32_t)(hit->doc >> 32), doc = (uint32_t)hit->doc;
    uint8_t length = rf_segment_lengths(native->generation.segments[segment])[doc];
    riffle_status status = rf_leaf_tf(leaf, native, segment, doc, &weighing->tf, error);
    uint32_t score = weighing->tf ? rf_weigh(leaf->scaled_weight, rf_saturation(search->scorer, weighing->tf, length)) : 0;
    weighing->score = ldexp(score, -search->scale);
    return status;
}

static riffle_status accepts(void *store, const struct rf_hit *hit, const struct rf_filter *filter, bool *accepts,
                             riffle_error *error)
{
    const struct rf_native *native = store;
    uint32_t segment = (uint32_t)(hit->doc >> 32), doc = (uint32_t)hit->doc;
    return rf_filter_accepts(filter, native, segment, rf_segment_article_of(native->generation.segments[segment], doc), accepts,
                             error);
}

const struct rf_reading rf_native_reading = {
    .open = open_store,
    .close = close_store,
    .statistics = statistics,
    .begin = begin,
    .end = end,
    .find = find,
    .walk = walk,
    .execute = execute,
    .describe = rf_native_describe,
    .passage_text = rf_native_passage_text,
    .hit_field = rf_native_hit_field,
    .weigh = weigh,
    .accepts = accepts,
    .find_article = rf_native_find_article,
    .article_field = rf_native_article_field,
    .article_text = rf_native_article_text,
};
