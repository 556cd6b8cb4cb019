/* SPDX-License-Identifier: BSD-3-Clause */
/* What can be asked of the results of a search, and of each hit. */
#include "query/results.h"

#include "query/explain.h"
#include "query/snippet.h"

/* What is known of a hit so far: made when first asked for, and gone with riffle_results_forget. */
struct rf_hit_view {
    size_t rank;
    struct rf_hit_view *next; /* of those that there are */
    bool has_facts, has_text, has_matches, has_title;
    const char *text;
    size_t length;
    struct rf_passage_facts facts;
    const riffle_range *ranges, *title_ranges;
    size_t range_count, title_range_count;
    const char *explanation;
};

void riffle_results_forget(riffle_results *results)
{
    if (!results)
        return;
    for (struct rf_hit_view *view = results->used; view; view = view->next)
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

static struct rf_hit_view *view_of(riffle_results *results, size_t rank)
{
    if (!results->views)
        results->views = rf_arena_array(&results->arena, results->count, sizeof(struct rf_hit_view *));
    if (!results->views || results->views[rank])
        return results->views ? results->views[rank] : NULL;
    struct rf_hit_view *view = rf_arena_alloc(&results->shown, sizeof *view);
    if (view) {
        view->rank = rank;
        view->next = results->used;
        results->views[rank] = results->used = view;
    }
    return view;
}

/* The hit's view, with its facts. */
static riffle_status describe(riffle_results *results, size_t rank, struct rf_hit_view **out, riffle_error *error)
{
    struct rf_hit_view *view = *out = view_of(results, rank);
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
    struct rf_hit_view *view;
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

static riffle_status read_text(riffle_results *results, size_t rank, struct rf_hit_view **out, riffle_error *error)
{
    riffle_status status = describe(results, rank, out, error);
    struct rf_hit_view *view = *out;
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
        results->matcher = rf_matcher_new(&results->plan, results->words.language, &results->arena);
    bool done = results->matcher && rf_tokenize(&results->words.tokens, text, n) &&
                rf_matcher_run(results->matcher, text, &results->words.tokens, title, &results->matches);
    return done ? RIFFLE_OK : rf_fail_memory(error);
}

/* The hit's text is the one that was read last. */
static riffle_status read_matches(riffle_results *results, size_t rank, struct rf_hit_view **view, riffle_error *error)
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
    struct rf_hit_view *view;
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
    struct rf_hit_view *view;
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
    struct rf_hit_view *view = NULL;
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
    struct rf_hit_view *view;
    riffle_status status = check_rank(results, rank, snippet != NULL, error);
    if (!status)
        status = read_matches(results, rank, &view, error);
    if (status)
        return status;
    riffle_snippet out = {.text = ""};
    if (!rf_snippet_make(view->text, view->length, &results->words.tokens, &results->matches, width, &results->plan,
                         &results->shown, &out))
        return rf_fail_memory(error);
    *snippet = out;
    return RIFFLE_OK;
}

riffle_status riffle_results_explain(riffle_results *results, size_t rank, const char **text, riffle_error *error)
{
    riffle_status status = check_rank(results, rank, text != NULL, error);
    struct rf_hit_view *view = NULL;
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
