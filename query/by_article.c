/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The best articles, by bounds. The place of an article is that of its best passage: so of the best n passages, the first of each article are the best
 * articles, in order. Where they are too few, more passages are asked for.
 */
#include "query/execute.h"

enum { SPARE = 16 };

/* Articles that have been seen: a table by hash, at least twice as large as what may come into it; 0 where there is nothing. */
struct seen {
    uint64_t *articles;
    unsigned bits;
};

/* False: it is there already. */
static bool add(struct seen *seen, uint32_t segment, uint32_t article)
{
    uint64_t number = ((uint64_t)segment << 32 | article) + 1, last = ((uint64_t)1 << seen->bits) - 1;
    uint64_t at = rf_hash_fold(number, UINT64_C(0x9e3779b97f4a7c15)) & last;
    for (; seen->articles[at]; at = (at + 1) & last)
        if (seen->articles[at] == number)
            return false;
    seen->articles[at] = number;
    return true;
}

/* Leaves the first hit of each article. */
static riffle_status keep_first(const struct rf_native *index, struct rf_best *hits, riffle_error *error)
{
    struct seen seen = {.bits = 1};
    size_t kept = 0;
    while ((size_t)1 << seen.bits < 2 * hits->count)
        seen.bits++;
    seen.articles = rf_alloc_zero(hits->allocator, sizeof *seen.articles << seen.bits);
    if (!seen.articles)
        return rf_fail_memory(error);
    for (size_t i = 0; i < hits->count; i++) {
        const struct rf_found *hit = &hits->list[i];
        if (add(&seen, hit->segment, rf_segment_article_of(index->generation.segments[hit->segment], hit->doc)))
            hits->list[kept++] = *hit;
    }
    hits->count = kept;
    rf_free(hits->allocator, seen.articles);
    return RIFFLE_OK;
}

static riffle_status count_articles(const struct rf_plan *plan, const struct rf_request *request, struct rf_best *hits,
                                    riffle_error *error)
{
    struct rf_request counting = *request;
    struct rf_best none = {.allocator = hits->allocator};
    counting.wanted = 0;
    riffle_status status = rf_execute_by_windows(plan, &counting, &none, error);
    hits->total = none.total > hits->count ? none.total : hits->count;
    hits->incomplete |= none.incomplete;
    hits->more = false;
    return status;
}

/* So many passages were of so many articles: how many will be of as many as are wanted, and of some more? */
static uint64_t guess(uint64_t passages, size_t articles, uint64_t wanted, uint64_t docs)
{
    double more = (double)passages / (double)articles * (double)wanted * 1.5;
    return more < (double)docs ? (uint64_t)more + SPARE : docs;
}

riffle_status rf_execute_by_article(const struct rf_plan *plan, const struct rf_request *request, struct rf_best *hits,
                                    riffle_error *error)
{
    const struct rf_native *index = ((const struct rf_native_search *)plan->search)->index;
    uint64_t docs = 0;
    riffle_status status = RIFFLE_OK;
    bool all = false;
    for (uint32_t s = 0; s < index->generation.segment_count; s++)
        docs += rf_segment_docs(index->generation.segments[s]);
    uint64_t wanted = guess(1, 1, request->wanted, docs);
    while (!status) {
        struct rf_request passages = *request;
        passages.by_article = passages.count = false;
        passages.wanted = wanted;
        struct rf_best found = {.allocator = hits->allocator};
        status = rf_execute_ranked(plan, &passages, &found, error);
        bool all_found = found.count < wanted || wanted >= docs;
        if (!status)
            status = keep_first(index, &found, error);
        hits->incomplete = found.incomplete;
        if (status || (found.incomplete && hits->count)) { /* what was found before is whole */
            rf_free(found.allocator, found.list);
            break;
        }
        rf_free(hits->allocator, hits->list);
        *hits = found;
        all = all_found;
        if (all || hits->incomplete || hits->count >= request->wanted)
            break;
        wanted = guess(wanted, hits->count, request->wanted, docs);
    }
    hits->total = hits->count;
    hits->more = !all;
    if (hits->count > request->wanted)
        hits->count = (size_t)request->wanted;
    if (status || !request->count || (all && !hits->incomplete))
        return status;
    return count_articles(plan, request, hits, error);
}
