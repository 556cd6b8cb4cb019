/* SPDX-License-Identifier: BSD-3-Clause */
/* A search from its options to its hits, and what can be asked of each hit. */
#include <math.h>

#include "kernels/score.h"
#include "query/explain.h"
#include "query/index.h"
#include "query/match.h"
#include "query/snippet.h"

/* What is known of a hit so far: made when first asked for, and gone with riffle_results_forget. */
struct view {
    size_t rank;
    struct view *next; /* of those that there are */
    bool has_facts, has_text, has_matches, has_title;
    const char *text;
    size_t length;
    struct rf_passage_facts facts;
    const riffle_range *ranges, *title_ranges;
    size_t range_count, title_range_count;
    const char *explanation;
};

struct riffle_results {
    const riffle_index *index;
    struct rf_language *language;
    struct rf_arena arena;
    struct rf_plan plan;
    struct rf_hits hits;
    uint64_t docs; /* of the index, when it was searched */
    double average_length, k1, b;
    size_t offset, count;
    struct rf_matcher *matcher;
    struct view **views;   /* per hit */
    struct view *used;     /* those that are not NULL */
    struct rf_arena shown; /* what views hold */
    /* Of the text that was read last: */
    struct rf_tokens tokens;
    struct rf_matches matches;
    size_t read_rank; /* SIZE_MAX: none */
};

static riffle_status check_options(const riffle_search_options *options, riffle_search_options *out, riffle_error *error)
{
    static const riffle_search_options defaults = RIFFLE_SEARCH_OPTIONS_INIT;
    *out = defaults;
    if (options)
        memcpy(out, options, options->size < sizeof *out ? options->size : sizeof *out);
    if (out->k1 < 0)
        out->k1 = RF_USUAL_K1;
    if (out->b < 0)
        out->b = RF_USUAL_B;
    if (!isfinite(out->k1) || !(out->k1 >= 0))
        return rf_fail(error, RIFFLE_INVALID, "k1 has to be a number of 0 or more");
    if (!(out->b >= 0 && out->b <= 1))
        return rf_fail(error, RIFFLE_INVALID, "b has to be a number from 0 to 1");
    if (out->method != RIFFLE_METHOD_FAST && out->method != RIFFLE_METHOD_EXHAUSTIVE)
        return rf_fail(error, RIFFLE_INVALID, "there is no method %d", out->method);
    return RIFFLE_OK;
}

/* Looks the query's words up and executes it, in one state of the index. */
static riffle_status search_once(riffle_results *results, const char *query, size_t n, const riffle_search_options *options,
                                 const struct rf_request *request, riffle_error *error)
{
    const riffle_index *index = results->index;
    struct rf_view view = {.engine = index->engine, .allocator = &index->allocator};
    riffle_status status = view.engine->begin(index->store, &view.view, &view.facts, error);
    if (status)
        return status;
    results->docs = view.facts.docs;
    results->average_length = view.facts.average_length;
    status = rf_plan_build(&results->plan, &view, results->language, query, n, options->strict, &results->arena, error);
    if (!status)
        status = view.engine->execute(view.view, &results->plan, request, &results->arena, &results->hits, error);
    view.engine->end(index->store, view.view);
    return status;
}

static riffle_status search(riffle_results *results, const char *query, size_t n, const riffle_search_options *options,
                            uint64_t deadline, riffle_error *error)
{
    const riffle_index *index = results->index;
    struct rf_request request = {.by_article = options->by_article,
                                 .plainly = options->method == RIFFLE_METHOD_EXHAUSTIVE,
                                 .count = options->count_all || !options->limit,
                                 .deadline = deadline,
                                 .k1 = options->k1,
                                 .b = options->b};
    request.wanted = options->limit > UINT64_MAX - options->offset ? UINT64_MAX : options->offset + options->limit;
    if (!options->limit)
        request.wanted = 0;
    request.offset = options->offset < request.wanted ? options->offset : request.wanted;
    riffle_error own;
    if (!error) /* which is asked for the reason, if it comes to that */
        error = &own;
    riffle_status status = rf_language_copy(&results->language, index->language, &index->allocator, error);
    bool changed = true;
    for (int starts = 0; !status && changed; starts++) {
        if (starts == RF_MOST_STARTS)
            return rf_fail_changed(error, "the index");
        rf_arena_release(&results->arena);
        memset(&results->hits, 0, sizeof results->hits);
        rf_ok(error);
        status = search_once(results, query, n, options, &request, error);
        changed = status == RF_CHANGED;
        if (changed)
            status = RIFFLE_OK;
    }
    if (status)
        return status;
    results->k1 = options->k1;
    results->b = options->b;
    results->offset = options->offset < results->hits.count ? (size_t)options->offset : results->hits.count;
    results->count = results->hits.count - results->offset;
    return rf_ok(error);
}

riffle_status riffle_search(const riffle_index *index, const char *query, size_t query_length, const riffle_search_options *options,
                            riffle_results **out, riffle_error *error)
{
    rf_ok(error);
    if (out)
        *out = NULL;
    if (!index || !out || (!query && query_length))
        return rf_fail(error, RIFFLE_INVALID, "riffle_search: an argument is missing");
    riffle_search_options checked;
    riffle_status status = check_options(options, &checked, error);
    if (status)
        return status;
    uint64_t deadline = checked.deadline_ms ? rf_clock() + checked.deadline_ms * UINT64_C(1000000) : 0;
    riffle_results *results = rf_alloc_zero(&index->allocator, sizeof *results);
    if (!results)
        return rf_fail_memory(error);
    results->index = index;
    results->read_rank = SIZE_MAX;
    results->matches.allocator = &index->allocator;
    rf_arena_init(&results->arena, &index->allocator);
    rf_arena_init(&results->shown, &index->allocator);
    rf_tokens_init(&results->tokens, &index->allocator);
    status = search(results, query_length ? query : "", query_length, &checked, deadline, error);
    if (status) {
        riffle_results_free(results);
        return status;
    }
    *out = results;
    return RIFFLE_OK;
}

void riffle_results_free(riffle_results *results)
{
    if (!results)
        return;
    const riffle_allocator *allocator = &results->index->allocator;
    rf_language_close(results->language);
    rf_tokens_release(&results->tokens);
    rf_free(allocator, results->matches.list);
    rf_arena_release(&results->shown);
    rf_arena_release(&results->arena);
    rf_free(allocator, results);
}

void riffle_results_forget(riffle_results *results)
{
    if (!results)
        return;
    for (struct view *view = results->used; view; view = view->next)
        results->views[view->rank] = NULL;
    results->used = NULL;
    results->read_rank = SIZE_MAX;
    rf_arena_release(&results->shown);
}

size_t riffle_results_count(const riffle_results *results) { return results ? results->count : 0; }
uint64_t riffle_results_total(const riffle_results *results) { return results ? results->hits.total : 0; }
int riffle_results_total_is_exact(const riffle_results *results) { return results && results->hits.total_is_exact; }
int riffle_results_incomplete(const riffle_results *results) { return results && results->hits.incomplete; }
const char *riffle_results_reading(const riffle_results *results) { return results ? results->plan.reading : ""; }
const char *riffle_results_missing(const riffle_results *results)
{
    return results && results->hits.missing ? results->hits.missing : "";
}

/* ---- Hits ---- */

static riffle_status check_rank(const riffle_results *results, size_t rank, bool has_place, riffle_error *error)
{
    rf_ok(error);
    if (!results || !has_place)
        return rf_fail(error, RIFFLE_INVALID, "riffle_results: an argument is missing");
    if (rank >= results->count)
        return rf_fail(error, RIFFLE_INVALID, "there is no hit of rank %zu", rank);
    return RIFFLE_OK;
}

static const struct rf_hit *hit_at(const riffle_results *results, size_t rank)
{
    return &results->hits.list[results->offset + rank];
}

/* ---- Views ---- */

static struct view *view_of(riffle_results *results, size_t rank)
{
    if (!results->views)
        results->views = rf_arena_array(&results->arena, results->count, sizeof(struct view *));
    if (!results->views || results->views[rank])
        return results->views ? results->views[rank] : NULL;
    struct view *view = rf_arena_alloc(&results->shown, sizeof *view);
    if (view) {
        view->rank = rank;
        view->next = results->used;
        results->views[rank] = results->used = view;
    }
    return view;
}

/* The hit's view, with its facts. */
static riffle_status describe(riffle_results *results, size_t rank, struct view **out, riffle_error *error)
{
    struct view *view = *out = view_of(results, rank);
    if (!view)
        return rf_fail_memory(error);
    riffle_status status = RIFFLE_OK;
    if (!view->has_facts)
        status = results->index->engine->describe(results->index->store, hit_at(results, rank), &view->facts, error);
    view->has_facts = !status;
    return status;
}

riffle_status riffle_results_hit(riffle_results *results, size_t rank, riffle_hit *hit, riffle_error *error)
{
    struct view *view;
    riffle_status status = check_rank(results, rank, hit != NULL, error);
    if (!status)
        status = describe(results, rank, &view, error);
    if (status)
        return status;
    const struct rf_passage_facts *facts = &view->facts;
    riffle_hit out = {.size = hit->size < sizeof out ? hit->size : sizeof out,
                      .score = hit_at(results, rank)->score,
                      .article = facts->article,
                      .passage = facts->ordinal,
                      .passages = facts->passages,
                      .id = facts->id.data,
                      .id_length = facts->id.length,
                      .title = facts->title.data,
                      .title_length = facts->title.length};
    memcpy(hit, &out, out.size);
    return RIFFLE_OK;
}

riffle_status riffle_results_field(riffle_results *results, size_t rank, const char *name, const char **value, size_t *length,
                                   riffle_error *error)
{
    riffle_status status = check_rank(results, rank, name && value && length, error);
    struct rf_bytes out = {"", 0};
    if (!status)
        status = results->index->engine->hit_field(results->index->store, hit_at(results, rank), name, &out, error);
    if (status)
        return status;
    *value = out.data;
    *length = out.length;
    return RIFFLE_OK;
}

static riffle_status read_text(riffle_results *results, size_t rank, struct view **out, riffle_error *error)
{
    riffle_status status = describe(results, rank, out, error);
    struct view *view = *out;
    if (status || view->has_text)
        return status;
    struct rf_buffer text;
    rf_buffer_init(&text, &results->index->allocator);
    status = results->index->engine->passage_text(results->index->store, hit_at(results, rank), &text, error);
    if (!status) {
        view->text = text.failed ? NULL : rf_arena_copy(&results->shown, (const char *)text.data, text.size);
        view->length = text.size;
        if (!view->text)
            status = rf_fail_memory(error);
    }
    rf_buffer_release(&text);
    view->has_text = !status;
    return status;
}

/* Tokens and matches of a text into the results' own. */
static riffle_status find_matches(riffle_results *results, const char *text, size_t n, bool title, riffle_error *error)
{
    results->read_rank = SIZE_MAX;
    if (!results->matcher)
        results->matcher = rf_matcher_new(&results->plan, results->language, &results->arena);
    bool done = results->matcher && rf_tokenize(&results->tokens, text, n) &&
                rf_matcher_run(results->matcher, text, &results->tokens, title, &results->matches);
    return done ? RIFFLE_OK : rf_fail_memory(error);
}

/* The hit's text is the one that was read last. */
static riffle_status read_matches(riffle_results *results, size_t rank, struct view **view, riffle_error *error)
{
    riffle_status status = read_text(results, rank, view, error);
    if (status || results->read_rank == rank)
        return status;
    status = find_matches(results, (*view)->text, (*view)->length, false, error);
    if (!status)
        results->read_rank = rank;
    return status;
}

riffle_status riffle_results_text(riffle_results *results, size_t rank, const char **text, size_t *length, uint64_t *start,
                                  riffle_error *error)
{
    struct view *view;
    riffle_status status = check_rank(results, rank, text && length && start, error);
    if (!status)
        status = read_text(results, rank, &view, error);
    if (status)
        return status;
    *text = view->text;
    *length = view->length;
    *start = view->facts.start;
    return RIFFLE_OK;
}

riffle_status riffle_results_matches(riffle_results *results, size_t rank, const riffle_range **ranges, size_t *count,
                                     riffle_error *error)
{
    struct view *view;
    riffle_status status = check_rank(results, rank, ranges && count, error);
    if (!status)
        status = read_text(results, rank, &view, error);
    if (!status && !view->has_matches) {
        status = read_matches(results, rank, &view, error);
        if (!status)
            view->ranges = rf_matches_merge(&results->matches, view->facts.start, &results->shown, &view->range_count);
        if (!status && !view->ranges)
            status = rf_fail_memory(error);
        view->has_matches = !status;
    }
    if (status)
        return status;
    *ranges = view->ranges;
    *count = view->range_count;
    return RIFFLE_OK;
}

riffle_status riffle_results_title_matches(riffle_results *results, size_t rank, const riffle_range **ranges, size_t *count,
                                           riffle_error *error)
{
    riffle_status status = check_rank(results, rank, ranges && count, error);
    struct view *view = NULL;
    if (!status)
        status = describe(results, rank, &view, error);
    if (status)
        return status;
    if (!view->has_title) {
        status = find_matches(results, view->facts.title.data, view->facts.title.length, true, error);
        if (!status)
            view->title_ranges = rf_matches_merge(&results->matches, 0, &results->shown, &view->title_range_count);
        if (!status && !view->title_ranges)
            status = rf_fail_memory(error);
        if (status)
            return status;
        view->has_title = true;
    }
    *ranges = view->title_ranges;
    *count = view->title_range_count;
    return RIFFLE_OK;
}

riffle_status riffle_results_snippet(riffle_results *results, size_t rank, size_t width, riffle_snippet *snippet,
                                     riffle_error *error)
{
    struct view *view;
    riffle_status status = check_rank(results, rank, snippet != NULL, error);
    if (!status)
        status = read_matches(results, rank, &view, error);
    if (status)
        return status;
    riffle_snippet out = {.text = ""};
    if (!rf_snippet_make(view->text, view->length, &results->tokens, &results->matches, width, &results->plan, &results->shown,
                         &out))
        return rf_fail_memory(error);
    *snippet = out;
    return RIFFLE_OK;
}

riffle_status riffle_results_explain(riffle_results *results, size_t rank, const char **text, riffle_error *error)
{
    riffle_status status = check_rank(results, rank, text != NULL, error);
    struct view *view = NULL;
    if (!status)
        status = describe(results, rank, &view, error);
    if (status)
        return status;
    if (!view->explanation) {
        struct rf_buffer out;
        rf_buffer_init(&out, &results->index->allocator);
        const struct rf_explained explained = {results->index, &results->plan,          hit_at(results, rank), view->facts.length,
                                               results->docs,  results->average_length, results->k1,           results->b};
        status = rf_explain(&explained, &out, error);
        if (!status && !(view->explanation = rf_arena_copy(&results->shown, (const char *)out.data, out.size)))
            status = rf_fail_memory(error);
        rf_buffer_release(&out);
        if (status)
            return status;
    }
    *text = view->explanation;
    return RIFFLE_OK;
}
