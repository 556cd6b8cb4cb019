/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A search from its options to its results, and the end of those. What a search needs besides its hits (a stemmer, lists, some memory)
 * costs more to make than a query to understand. So results that are freed wait in their index for the next search.
 */
#include <math.h>
#include <stdatomic.h>

#include "kernels/score.h"
#include "query/results.h"

/* ---- Results that wait ---- */

enum {
    WAITING = 16,        /* about as many as threads that search at once */
    WAITING_MOST = 65536 /* bytes of a list that is kept: a query needs less, a long text more */
};

/* A search takes from any place, and puts into any that is free: no thread waits for another. */
struct rf_waiting {
    _Atomic(riffle_results *) places[WAITING];
};

struct rf_waiting *rf_waiting_new(const riffle_allocator *allocator) { return rf_alloc_zero(allocator, sizeof(struct rf_waiting)); }

static riffle_results *take(struct rf_waiting *waiting)
{
    riffle_results *results = NULL;
    for (size_t i = 0; i < WAITING && !results; i++)
        if (atomic_load_explicit(&waiting->places[i], memory_order_relaxed))
            results = atomic_exchange_explicit(&waiting->places[i], NULL, memory_order_acquire);
    return results;
}

static bool put(struct rf_waiting *waiting, riffle_results *results)
{
    for (size_t i = 0; i < WAITING; i++) {
        riffle_results *nobody = NULL;
        if (!atomic_load_explicit(&waiting->places[i], memory_order_relaxed) &&
            atomic_compare_exchange_strong_explicit(&waiting->places[i], &nobody, results, memory_order_release,
                                                    memory_order_relaxed))
            return true;
    }
    return false;
}

static void destroy(riffle_results *results, const riffle_allocator *allocator)
{
    rf_words_release(&results->words);
    rf_free(allocator, results->matches.list);
    rf_arena_release(&results->shown);
    rf_arena_release(&results->arena);
    rf_free(allocator, results);
}

void rf_waiting_free(struct rf_waiting *waiting, const riffle_allocator *allocator)
{
    riffle_results *results;
    while (waiting && (results = take(waiting)))
        destroy(results, allocator);
    rf_free(allocator, waiting);
}

/* NULL: no memory. */
static riffle_results *new_results(const riffle_index *index)
{
    const riffle_allocator *allocator = &index->allocator;
    riffle_results *results = take(index->waiting);
    if (results)
        return results;
    results = rf_alloc_zero(allocator, sizeof *results);
    if (!results)
        return NULL;
    results->index = index;
    results->read_rank = SIZE_MAX;
    results->matches.allocator = allocator;
    rf_arena_init(&results->arena, allocator);
    rf_arena_init(&results->shown, allocator);
    if (rf_words_init(&results->words, index->language, allocator))
        return results;
    destroy(results, allocator);
    return NULL;
}

void riffle_results_free(riffle_results *results)
{
    if (!results)
        return;
    const riffle_index *index = results->index;
    rf_arena_reset(&results->arena);
    rf_arena_release(&results->shown);
    rf_words_trim(&results->words, WAITING_MOST);
    if (results->matches.capacity * sizeof *results->matches.list > WAITING_MOST) {
        rf_free(&index->allocator, results->matches.list);
        results->matches.list = NULL;
        results->matches.capacity = 0;
    }
    *results = (riffle_results){.index = index,
                                .arena = results->arena,
                                .words = results->words,
                                .shown = results->shown,
                                .matches = results->matches,
                                .read_rank = SIZE_MAX};
    if (!put(index->waiting, results))
        destroy(results, &index->allocator);
}

/* ---- Searching ---- */

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
    status = rf_plan_build(&results->plan, &view, &results->words, query, n, options->strict, &results->arena, error);
    if (!status)
        status = view.engine->execute(view.view, &results->plan, request, &results->arena, &results->hits, error);
    view.engine->end(index->store, view.view);
    return status;
}

static riffle_status search(riffle_results *results, const char *query, size_t n, const riffle_search_options *options,
                            uint64_t deadline, riffle_error *error)
{
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
    riffle_status status = RIFFLE_OK;
    bool changed = true;
    for (int starts = 0; !status && changed; starts++) {
        if (starts == RF_MOST_STARTS)
            return rf_fail_changed(error, "the index");
        rf_arena_reset(&results->arena);
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
    riffle_results *results = new_results(index);
    if (!results)
        return rf_fail_memory(error);
    status = search(results, query_length ? query : "", query_length, &checked, deadline, error);
    if (status) {
        riffle_results_free(results);
        return status;
    }
    *out = results;
    return RIFFLE_OK;
}
