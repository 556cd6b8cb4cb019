/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What becomes of a batch of the lead's docs: it goes through the other lists, the cheap ones first, and is cut to what its bounds leave after
 * each step. Positions come last.
 */
#include "query/conjunction.h"

/* ---- Steps of a batch ---- */

/* What the docs of the batch score by the clause with these term frequencies is added to their scores. */
static void add_scores(struct rf_batch *batch, const struct rf_clause *clause, const uint32_t *tfs)
{
    uint32_t scores[RF_BATCH + RF_PADDING];
    rf_kernels->score(&clause->scoring, batch->docs, tfs, batch->count, scores);
    for (uint32_t i = 0; i < batch->count; i++)
        batch->scores[i] += scores[i];
}

/* Another list of a phrase that has been seen: where it is the word's that occurs least, the bound falls. */
static void lower_scores(struct rf_batch *batch, const struct rf_clause *clause, const uint32_t *tfs)
{
    for (uint32_t i = 0; i < batch->count; i++) {
        uint32_t *most = &clause->tfs[batch->seats[i]];
        if (tfs[i] >= *most)
            continue;
        batch->scores[i] -= rf_score(&clause->scoring, batch->docs[i], *most) - rf_score(&clause->scoring, batch->docs[i], tfs[i]);
        *most = tfs[i];
    }
}

static void keep_tfs(const struct rf_batch *batch, struct rf_clause *clause, const uint32_t *tfs)
{
    for (uint32_t i = 0; clause->tfs && i < batch->count; i++)
        clause->tfs[batch->seats[i]] = tfs[i];
}

static void keep_ordinals(const struct rf_batch *batch, const struct rf_source *source, const uint32_t *ordinals)
{
    for (uint32_t i = 0; source->ordinals && i < batch->count; i++)
        source->ordinals[batch->seats[i]] = ordinals[i];
}

/* Leaves those at these places. */
static void keep(struct rf_conjunction *c, const uint32_t *places, size_t count)
{
    struct rf_batch *batch = &c->batch;
    if (!c->bare) {
        rf_batch_keep(batch, places, count);
        return;
    }
    for (size_t i = 0; i < count; i++)
        batch->docs[i] = batch->docs[places[i]];
    batch->count = (uint32_t)count;
}

/* Leaves the docs of a list of the musts, and takes what it says of their scores. */
static riffle_status join_must(struct rf_conjunction *c, struct rf_source *source, uint32_t *seen)
{
    struct rf_batch *batch = &c->batch;
    struct rf_clause *clause = source->clause;
    _Alignas(RF_CACHE_LINE) uint32_t places[RF_BATCH + RF_PADDING], ordinals[RF_BATCH + RF_PADDING], tfs[RF_BATCH + RF_PADDING];
    size_t found;
    bool dense = source->postings.list.bitmap;
    bool scores = c->purpose == RF_RANKING && (clause->phrase ? !c->blind && !(dense && clause->seen) : true);
    if (dense && !scores)
        return RIFFLE_OK; /* it has filtered already */
    riffle_status status = rf_batch_join(&source->postings, batch->docs, batch->count, places, source->ordinals ? ordinals : NULL,
                                         scores ? tfs : NULL, &found, c->run->error);
    if (status)
        return status;
    keep(c, places, found);
    keep_ordinals(batch, source, ordinals);
    if (!scores)
        return RIFFLE_OK;
    if (clause->seen) {
        lower_scores(batch, clause, tfs);
    } else {
        keep_tfs(batch, clause, tfs);
        add_scores(batch, clause, tfs);
        clause->seen = true;
        ++*seen;
    }
    rf_conjunction_cut(c, *seen);
    return RIFFLE_OK;
}

/* What waited until it was known which docs match: where they stand in the lead, and what they score by it. */
static riffle_status catch_up(struct rf_conjunction *c)
{
    struct rf_batch *batch = &c->batch;
    struct rf_source *lead = c->lead;
    _Alignas(RF_CACHE_LINE) uint32_t ordinals[RF_BATCH + RF_PADDING], tfs[RF_BATCH + RF_PADDING];
    for (uint32_t i = 0; i < batch->count; i++)
        ordinals[i] = c->first_ordinal + batch->seats[i];
    keep_ordinals(batch, lead, ordinals);
    if ((c->purpose != RF_RANKING && c->purpose != RF_MATCHING) || lead->clause->phrase)
        return RIFFLE_OK;
    riffle_status status = rf_batch_tfs(&lead->postings, ordinals, batch->count, tfs, c->run->error);
    if (!status)
        add_scores(batch, lead->clause, tfs);
    return status;
}

/* Finds the postings of words of phrases that have waited for all else. */
static riffle_status join_late(struct rf_conjunction *c)
{
    struct rf_batch *batch = &c->batch;
    _Alignas(RF_CACHE_LINE) uint32_t places[RF_BATCH + RF_PADDING], ordinals[RF_BATCH + RF_PADDING];
    for (uint32_t i = 0; i < c->must_count; i++) {
        for (uint32_t j = 0; batch->count && j < c->clauses[i]->late_count; j++) {
            struct rf_source *word = c->clauses[i]->late[j];
            size_t found;
            riffle_status status =
                rf_batch_join(&word->postings, batch->docs, batch->count, places, ordinals, NULL, &found, c->run->error);
            if (status)
                return status;
            rf_batch_keep(batch, places, found);
            keep_ordinals(batch, word, ordinals);
        }
    }
    return RIFFLE_OK;
}

/* Leaves docs that are in the dense lists of the musts. */
static void filter_dense(struct rf_conjunction *c)
{
    struct rf_batch *batch = &c->batch;
    _Alignas(RF_CACHE_LINE) uint32_t places[RF_BATCH + RF_PADDING];
    for (uint32_t i = c->packed_count; batch->count && i < c->filter_count; i++) {
        const uint8_t *bitmap = c->filters[i]->postings.list.bitmap;
        keep(c, places, rf_kernels->filter_bits(bitmap, batch->docs, batch->count, places));
    }
}

/* Leaves docs that are in all lists of the musts. */
static riffle_status join_musts(struct rf_conjunction *c)
{
    struct rf_batch *batch = &c->batch;
    uint32_t seen = 0;
    riffle_status status = RIFFLE_OK;
    if (!c->blind) /* where all docs of the lead are asked for, the other lists drop more for what they cost */
        filter_dense(c);
    for (uint32_t i = 1; i < c->must_count; i++)
        c->clauses[i]->seen = false;
    for (uint32_t i = 0; !status && batch->count && i < c->filter_count; i++)
        status = join_must(c, c->filters[i], &seen);
    if (c->blind)
        filter_dense(c);
    if (!status && c->blind && !c->bare)
        status = catch_up(c);
    return status ? status : join_late(c);
}

/* The docs of the batch that are in all lists of a clause: `docs`, `seats`, and by the rarest list the term frequencies. */
struct joined {
    size_t count;
    _Alignas(RF_CACHE_LINE) uint32_t docs[RF_BATCH + RF_PADDING], seats[RF_BATCH + RF_PADDING], places[RF_BATCH + RF_PADDING],
        tfs[RF_BATCH + RF_PADDING];
};

static riffle_status join_clause(struct rf_conjunction *c, struct rf_clause *clause, struct joined *joined)
{
    struct rf_batch *batch = &c->batch;
    joined->count = batch->count;
    for (uint32_t i = 0; i < batch->count; i++) {
        joined->docs[i] = batch->docs[i];
        joined->seats[i] = batch->seats[i];
        joined->places[i] = i;
    }
    for (uint32_t s = 0; s < clause->source_count + clause->late_count; s++) {
        struct rf_source *source = s < clause->source_count ? clause->sources[s] : clause->late[s - clause->source_count];
        _Alignas(RF_CACHE_LINE) uint32_t places[RF_BATCH + RF_PADDING], ordinals[RF_BATCH + RF_PADDING];
        size_t found;
        riffle_status status = rf_batch_join(&source->postings, joined->docs, joined->count, places,
                                             source->ordinals ? ordinals : NULL, s ? NULL : joined->tfs, &found, c->run->error);
        if (status)
            return status;
        for (size_t i = 0; i < found; i++) {
            joined->docs[i] = joined->docs[places[i]];
            joined->seats[i] = joined->seats[places[i]];
            joined->places[i] = joined->places[places[i]];
            if (s)
                joined->tfs[i] = joined->tfs[places[i]];
            if (source->ordinals)
                source->ordinals[joined->seats[i]] = ordinals[i];
        }
        joined->count = found;
    }
    return RIFFLE_OK;
}

/* Drops docs of a term that must not be there. Of a phrase it remembers where it may be. */
static riffle_status join_not(struct rf_conjunction *c, struct rf_clause *clause)
{
    struct joined joined;
    riffle_status status = clause->source_count ? join_clause(c, clause, &joined) : RIFFLE_OK;
    if (status || !clause->source_count)
        return status;
    if (!clause->phrase) {
        rf_batch_drop(&c->batch, joined.places, joined.count);
        return RIFFLE_OK;
    }
    for (uint32_t i = 0; i < c->batch.count; i++)
        clause->tfs[c->batch.seats[i]] = 0;
    for (size_t i = 0; i < joined.count; i++)
        clause->tfs[joined.seats[i]] = joined.tfs[i];
    return RIFFLE_OK;
}

/* Adds what the docs score by a should: of a phrase, what they can score at most. */
static riffle_status join_should(struct rf_conjunction *c, struct rf_clause *clause)
{
    struct rf_batch *batch = &c->batch;
    struct joined joined;
    uint32_t scores[RF_BATCH + RF_PADDING];
    riffle_status status = join_clause(c, clause, &joined);
    if (status)
        return status;
    rf_kernels->score(&clause->scoring, joined.docs, joined.tfs, joined.count, scores);
    for (uint32_t i = 0; clause->phrase && i < batch->count; i++)
        clause->tfs[batch->seats[i]] = 0;
    for (size_t i = 0; i < joined.count; i++) {
        batch->scores[joined.places[i]] += scores[i];
        if (clause->phrase)
            clause->tfs[joined.seats[i]] = joined.tfs[i];
    }
    return RIFFLE_OK;
}

/* ---- The best of docs that match, where all are counted ---- */

/* How often the clause is in each doc of the batch. */
static riffle_status find_tfs(const struct rf_conjunction *c, const struct rf_clause *clause, uint32_t *tfs)
{
    const struct rf_batch *batch = &c->batch;
    const struct rf_source *source = clause->sources[0];
    const struct rf_list *list = &source->postings.list;
    _Alignas(RF_CACHE_LINE) uint32_t ordinals[RF_BATCH + RF_PADDING];
    for (uint32_t i = 0; clause->phrase && i < batch->count; i++)
        tfs[i] = clause->tfs[batch->seats[i]];
    if (clause->phrase)
        return RIFFLE_OK;
    if (list->bitmap)
        rf_kernels->ranks(list->bitmap, list->ranks, batch->docs, batch->count, ordinals);
    for (uint32_t i = 0; !list->bitmap && i < batch->count; i++)
        ordinals[i] = source->ordinals[batch->seats[i]];
    return rf_batch_tfs(&source->postings, ordinals, batch->count, tfs, c->run->error);
}

static riffle_status join_shoulds(struct rf_conjunction *c)
{
    riffle_status status = RIFFLE_OK;
    for (uint32_t i = c->must_count; !status && c->batch.count && i < c->clause_count; i++) {
        status = join_should(c, c->clauses[i]);
        if (!status)
            rf_conjunction_cut(c, i);
    }
    return status;
}

riffle_status rf_conjunction_keep_best(struct rf_conjunction *c)
{
    struct rf_batch *batch = &c->batch;
    _Alignas(RF_CACHE_LINE) uint32_t tfs[RF_BATCH + RF_PADDING];
    riffle_status status = RIFFLE_OK;
    bool bounded = rf_ranked_threshold(c->run) > 1 && batch->count &&
                   rf_conjunction_bound_docs(c, batch->docs[0], batch->docs[batch->count - 1]);
    c->purpose = RF_RANKING;
    c->blind = !bounded;
    for (uint32_t i = 0; bounded && !c->matches && i < batch->count; i++)
        batch->scores[i] = c->own[(batch->docs[i] >> c->shift) - c->first];
    if (!c->matches) /* else that has been asked of their parts */
        rf_conjunction_cut(c, 0);
    for (uint32_t i = 0; i < batch->count; i++)
        __builtin_prefetch(c->run->lengths + batch->docs[i]);
    memset(batch->scores, 0, batch->count * sizeof *batch->scores);
    for (uint32_t i = 0; !status && batch->count && i < c->must_count; i++) {
        status = find_tfs(c, c->clauses[i], tfs);
        if (status)
            return status;
        add_scores(batch, c->clauses[i], tfs);
        rf_conjunction_cut(c, i);
    }
    status = join_shoulds(c);
    if (!status)
        status = rf_conjunction_offer(c);
    c->purpose = RF_COUNTING;
    c->blind = true;
    batch->count = 0;
    return status;
}

riffle_status rf_conjunction_finish_batch(struct rf_conjunction *c)
{
    struct rf_batch *batch = &c->batch;
    if (!batch->count)
        return RIFFLE_OK;
    if (rf_ranked_is_late(c->run)) {
        batch->count = 0;
        return RIFFLE_OK;
    }
    if (c->run->allowed && c->purpose != RF_LISTING)
        rf_batch_allow(batch, c->run);
    riffle_status status = join_musts(c);
    for (uint32_t i = 0; !status && batch->count && i < c->nots_count; i++)
        status = join_not(c, &c->nots[i]);
    if (!status && c->purpose == RF_RANKING)
        status = join_shoulds(c);
    if (!status)
        status = rf_conjunction_finish_docs(c);
    if (!status && c->purpose == RF_COUNTING && c->ranks)
        status = rf_conjunction_keep_best(c);
    batch->count = 0;
    return status;
}
