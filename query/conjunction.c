/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Plans with a must. The shortest list of all leads, and its docs are gathered in batches: all of them, as long as there is no threshold;
 * then those that can still be among the best, by what they score in the lead and the bounds of all else.
 */
#include "query/conjunction.h"

#include <stddef.h>

/* ---- Opening ---- */

/* Takes a clause of the musts, and its lists. */
static void add_must(struct rf_conjunction *c, struct rf_clause *clause)
{
    c->phrases |= clause->phrase != NULL;
    c->phrase_musts += clause->phrase != NULL;
    for (uint32_t i = 0; i < clause->source_count; i++) {
        uint32_t at = c->filter_count++;
        for (; at && rf_source_before(clause->sources[i], c->filters[at - 1]); at--)
            c->filters[at] = c->filters[at - 1];
        c->filters[at] = clause->sources[i];
    }
}

/* Lists in order, the shortest as the lead; clauses as they come upon them. */
static void arrange_musts(struct rf_conjunction *c)
{
    uint32_t lead = 0;
    for (uint32_t i = 1; i < c->filter_count; i++)
        if (c->filters[i]->postings.list.df < c->filters[lead]->postings.list.df)
            lead = i;
    c->lead = c->filters[lead];
    memmove(c->filters + lead, c->filters + lead + 1, (c->filter_count - lead - 1) * sizeof(struct rf_source *));
    c->filter_count--;
    while (c->packed_count < c->filter_count && !c->filters[c->packed_count]->postings.list.bitmap)
        c->packed_count++;
    c->clauses[c->clause_count++] = c->lead->clause;
    c->lead->clause->seen = true;
    for (uint32_t i = 0; i < c->filter_count; i++) {
        struct rf_clause *clause = c->filters[i]->clause;
        if (!clause->seen)
            c->clauses[c->clause_count++] = clause;
        clause->seen = true;
    }
    c->must_count = c->clause_count;
}

/* *matches: the segment may hold docs that match. */
static riffle_status open_musts(struct rf_conjunction *c, struct rf_leaf *const *leaves, uint32_t leaf_count, bool *matches)
{
    struct rf_arena *arena = &c->run->arena;
    struct rf_clause *musts;
    uint32_t count, sources = 0;
    riffle_status status = rf_clauses_open(c->run, leaves, leaf_count, &musts, &count);
    *matches = !status;
    for (uint32_t i = 0; !status && i < count; i++) {
        sources += musts[i].source_count;
        *matches &= musts[i].source_count > 0;
    }
    if (!*matches)
        return status;
    c->filters = rf_arena_room(arena, sources, sizeof(struct rf_source *));
    c->clauses = rf_arena_room(arena, (size_t)count + c->run->should_count, sizeof(struct rf_clause *));
    if (!c->filters || !c->clauses)
        return rf_fail_memory(c->run->error);
    for (uint32_t i = 0; i < count; i++)
        add_must(c, &musts[i]);
    arrange_musts(c);
    return RIFFLE_OK;
}

static riffle_status open_shoulds(struct rf_conjunction *c)
{
    struct rf_clause *shoulds;
    uint32_t count;
    riffle_status status = rf_clauses_open(c->run, c->run->shoulds, c->run->should_count, &shoulds, &count);
    for (uint32_t i = 0; !status && i < count; i++) {
        if (!shoulds[i].source_count)
            continue;
        c->phrases |= shoulds[i].phrase != NULL;
        uint32_t at = c->clause_count++;
        for (; at > c->must_count && c->clauses[at - 1]->leaf->scaled_weight < shoulds[i].leaf->scaled_weight; at--)
            c->clauses[at] = c->clauses[at - 1];
        c->clauses[at] = &shoulds[i];
    }
    return status;
}

static riffle_status open_nots(struct rf_conjunction *c)
{
    riffle_status status = rf_clauses_open(c->run, c->run->nots, c->run->not_count, &c->nots, &c->nots_count);
    for (uint32_t i = 0; !status && i < c->nots_count; i++)
        c->phrases |= c->nots[i].source_count && c->nots[i].phrase;
    return status;
}

/* ---- The lead ---- */

static riffle_status decode_lead(struct rf_conjunction *c)
{
    struct rf_postings *postings = &c->lead->postings;
    riffle_status status = rf_postings_docs(postings, c->run->error);
    return status ? status : rf_postings_tfs(postings, c->run->error);
}

/* Appends the postings of the lead's block at hand that score what they need to the batch. */
static riffle_status take_block(struct rf_conjunction *c, const struct rf_chunk *chunk)
{
    struct rf_batch *batch = &c->batch;
    struct rf_postings *postings = &c->lead->postings;
    const struct rf_clause *clause = c->lead->clause;
    uint32_t first = batch->count, *seats = batch->seats + first, *tfs = clause->tfs, *ordinals = c->lead->ordinals;
    uint32_t places[RF_BLOCK + RF_PADDING];
    size_t count;
    riffle_status status =
        c->split ? rf_conjunction_take_rare(c, chunk, places, batch->docs + first, batch->scores + first, &count) : decode_lead(c);
    if (status)
        return status;
    if (!c->split)
        count = rf_kernels->score_filter(&clause->scoring, chunk, postings->docs, postings->tfs, postings->block.count, places,
                                         batch->docs + first, batch->scores + first);
    for (uint32_t i = 0; i < count; i++)
        seats[i] = first + i;
    for (uint32_t i = 0; tfs && i < count; i++)
        tfs[first + i] = postings->tfs[places[i]];
    for (uint32_t i = 0; ordinals && i < count; i++)
        ordinals[first + i] = postings->block.number * RF_BLOCK + places[i];
    batch->count += (uint32_t)count;
    return RIFFLE_OK;
}

/* Which ranges of the chunk live, and what the lead needs there. */
static void plan_chunk(struct rf_conjunction *c, uint32_t base)
{
    uint32_t at = (base >> RF_RANGE_BITS) - c->first;
    rf_kernels->plan_lead(c->own + at, rf_row(c, 0) + at, rf_ranked_threshold(c->run), c->needs, c->live);
    c->split = c->rare && rf_conjunction_plan_rare(c, base);
}

/* The first doc at or behind `doc` in a range of the chunk that lives; `base` + RF_CHUNK: there is none. */
static uint64_t next_live(const struct rf_conjunction *c, uint32_t base, uint64_t doc)
{
    uint64_t range = (doc - base) >> RF_RANGE_BITS;
    for (uint64_t word = range / 64; word < RF_CHUNK_RANGES / 64; word++) {
        uint64_t bits = c->live[word];
        if (word == range / 64)
            bits &= ~0ull << range % 64;
        if (!bits)
            continue;
        uint64_t start = base + ((word * 64 + (uint64_t)__builtin_ctzll(bits)) << RF_RANGE_BITS);
        return start > doc ? start : doc;
    }
    return (uint64_t)base + RF_CHUNK;
}

/* A lead with bounds of its own: only its blocks with ranges that live are decoded. */
static riffle_status lead_chunk(struct rf_conjunction *c, uint32_t base, uint32_t from, bool *more)
{
    struct rf_postings *postings = &c->lead->postings;
    struct rf_chunk chunk = {base, RF_RANGE_BITS, c->needs};
    uint64_t doc = base < from ? from : base, end = (uint64_t)base + RF_CHUNK;
    uint32_t most = RF_BATCH - RF_BLOCK; /* docs: then the batch goes on */
    plan_chunk(c, base);
    if (c->split)
        most = RF_BLOCK; /* else the threshold would stay where it is for too long */
    *more = true;
    while ((doc = next_live(c, base, doc)) < end && doc < c->run->docs) {
        riffle_status status = rf_postings_seek(postings, (uint32_t)doc, more, c->run->error);
        if (status || !*more)
            return status;
        if (postings->block.base > doc) {
            doc = postings->block.base;
            if (doc >= end || next_live(c, base, doc) > postings->block.last) {
                doc = (uint64_t)postings->block.last + 1;
                if (doc >= end)
                    break;
                continue;
            }
        }
        if ((status = take_block(c, &chunk)))
            return status;
        if (c->batch.count > most) {
            if ((status = rf_conjunction_finish_batch(c)) || c->run->late)
                return status;
            plan_chunk(c, base);
        }
        doc = (uint64_t)postings->block.last + 1;
        if (doc >= end)
            break;
    }
    return RIFFLE_OK;
}

/* From the chunk with this doc on. */
static riffle_status lead_by_ranges(struct rf_conjunction *c, uint32_t doc)
{
    bool more = true;
    riffle_status status = RIFFLE_OK;
    uint32_t all = ((c->run->docs - 1) / RF_CHUNK + 1) * RF_CHUNK_RANGES;
    c->first = doc >> RF_CHUNK_BITS << (RF_CHUNK_BITS - RF_RANGE_BITS);
    for (uint32_t at = 0; !status && more && c->first + at < all && !rf_ranked_is_late(c->run); at += RF_CHUNK_RANGES) {
        if (at == c->ranges_most) {
            status = rf_conjunction_finish_batch(c); /* its bounds go */
            c->first += at;
            at = 0;
        }
        rf_conjunction_bound_chunk(c, at);
        if (!status)
            status = lead_chunk(c, (c->first + at) << RF_RANGE_BITS, doc, &more);
    }
    return status ? status : rf_conjunction_finish_batch(c);
}

/* From the block at hand on, all of a lead without bounds of its own. */
static riffle_status lead_by_blocks(struct rf_conjunction *c)
{
    struct rf_postings *postings = &c->lead->postings;
    const struct rf_scoring *scoring = &c->lead->clause->scoring;
    struct rf_chunk all = {0, RF_UNRANGED, c->needs};
    bool more = true;
    riffle_status status = RIFFLE_OK;
    rf_conjunction_bound_all(c);
    while (!status && more && !c->run->late) {
        const struct rf_block *block = &postings->block;
        struct rf_most most = rf_list_most(&postings->list, block->number);
        uint32_t threshold = rf_ranked_threshold(c->run), rest = rf_row(c, 0)[0], need = threshold > rest ? threshold - rest : 1;
        uint32_t best = UINT32_MAX;
        if (most.tf != UINT32_MAX)
            best = (1 + scoring->again) * rf_weigh(scoring->weight, rf_saturation(c->run->scorer, most.tf, most.length));
        if (best >= need) {
            for (uint32_t r = 0; r < RF_CHUNK_RANGES; r++)
                c->needs[r] = need;
            status = take_block(c, &all);
        }
        if (!status && c->batch.count > RF_BATCH - RF_BLOCK)
            status = rf_conjunction_finish_batch(c);
        if (!status)
            status = rf_postings_seek(postings, block->last + 1, &more, c->run->error);
    }
    return status ? status : rf_conjunction_finish_batch(c);
}

/* All docs of the lead, which is the phrase. */
static riffle_status copy_lead(struct rf_conjunction *c)
{
    struct rf_postings *postings = &c->lead->postings;
    bool more;
    riffle_status status = rf_postings_seek(postings, 0, &more, c->run->error);
    while (!status && more) {
        status = rf_postings_docs(postings, c->run->error);
        if (!status)
            status = rf_postings_tfs(postings, c->run->error);
        if (status)
            break;
        memcpy(c->docs + c->count, postings->docs, postings->block.count * sizeof *c->docs);
        memcpy(c->tfs + c->count, postings->tfs, postings->block.count * sizeof *c->tfs);
        c->count += postings->block.count;
        status = rf_postings_seek(postings, postings->block.last + 1, &more, c->run->error);
    }
    return status;
}

/* ---- What others ask for ---- */

static void init(struct rf_conjunction *c, struct rf_ranked *run, enum rf_purpose purpose)
{
    memset(c, 0, offsetof(struct rf_conjunction, live)); /* not the large arrays */
    c->batch.count = 0;
    c->split = false;
    c->run = run;
    c->purpose = purpose;
}

/* The best docs: from the first threshold on, only those that can still be among them. */
static riffle_status rank(struct rf_conjunction *c)
{
    struct rf_ranked *run = c->run;
    bool more;
    if (c->must_count == 1 && !c->filter_count && !c->phrase_musts && !c->nots_count && !run->allowed)
        rf_ranked_prime(run, &c->lead->postings.list, c->lead->clause->scoring.weight);
    riffle_status status = rf_conjunction_lead_blindly(c, &more);
    if (status || !more || run->late)
        return status;
    status = rf_conjunction_open_bounds(c);
    if (!status && c->lead->postings.list.maxima && c->clause_count > c->must_count)
        status = rf_conjunction_open_rare(c);
    if (status)
        return status;
    return c->lead->postings.list.maxima ? lead_by_ranges(c, c->lead->postings.block.base) : lead_by_blocks(c);
}

/* For the best of all docs that match, the numbers of their postings are kept, for their term frequencies. */
static riffle_status open_best(struct rf_conjunction *c)
{
    for (uint32_t i = 0; i < c->must_count; i++) {
        struct rf_source *source = c->clauses[i]->sources[0];
        if (c->clauses[i]->phrase)
            continue;
        source->ordinals = rf_arena_room(&c->run->arena, RF_BATCH, sizeof *source->ordinals);
        if (!source->ordinals)
            return rf_fail_memory(c->run->error);
    }
    return rf_conjunction_open_bounds(c);
}

/* All docs of the lead. */
static riffle_status go_through_lead(struct rf_conjunction *c)
{
    bool more;
    c->bare = !c->ranks && !c->phrases && !c->nots_count;
    riffle_status status = c->ranks ? open_best(c) : RIFFLE_OK;
    return status ? status : rf_conjunction_lead_blindly(c, &more);
}

riffle_status rf_conjunction(struct rf_ranked *run, uint64_t *count)
{
    enum { FEW = 5 }; /* one of so many docs of a dense lead: where no more match, finding these first pays */
    struct rf_conjunction c;
    bool matches, counts = count && run->request->count;
    uint64_t matching = 0;
    count = count ? count : &matching;
    init(&c, run, RF_COUNTING);
    c.ranks = run->request->wanted;
    *count = 0;
    riffle_status status = open_musts(&c, run->musts, run->must_count, &matches);
    if (!status && matches)
        status = open_nots(&c);
    if (status || !matches)
        return status;
    uint32_t df = c.lead->postings.list.df, known = c.filter_count || c.phrases ? 0 : df;
    if (!known && c.must_count == 1)
        known = c.lead->clause->df;
    bool one = known && !c.nots_count && !run->allowed, dense = rf_conjunction_is_dense(&c);
    if (one)
        *count = known;
    else if (dense && (counts || c.filter_count))
        status = rf_conjunction_match_dense(&c, count);
    counts = counts && !one && !dense;
    if (!status && c.ranks)
        status = open_shoulds(&c);
    if (status || (!c.ranks && !counts))
        return status;
    if (counts) {
        status = go_through_lead(&c);
        *count = c.count;
        return status;
    }
    if (dense && c.filter_count && *count < df / FEW)
        return rf_conjunction_rank_dense(&c);
    if (rf_conjunction_wants_many(&c))
        return rf_conjunction_rank_matches(&c);
    c.purpose = RF_RANKING;
    return rank(&c);
}

riffle_status rf_phrase_postings(struct rf_ranked *run, const struct rf_leaf *phrase, uint32_t **docs, uint32_t **tfs,
                                 size_t *count)
{
    struct rf_conjunction c;
    bool matches;
    *count = 0;
    *docs = *tfs = NULL;
    init(&c, run, RF_LISTING);
    struct rf_leaf *leaf = (struct rf_leaf *)phrase;
    riffle_status status = open_musts(&c, &leaf, 1, &matches);
    if (status || !matches)
        return status;
    size_t room = (size_t)c.lead->postings.list.df + RF_PADDING;
    *docs = c.docs = rf_arena_array(&run->arena, room, sizeof **docs);
    *tfs = c.tfs = rf_arena_array(&run->arena, room, sizeof **tfs);
    if (!*docs || !*tfs)
        return rf_fail_memory(run->error);
    bool more;
    status = c.phrases ? rf_conjunction_lead_blindly(&c, &more) : copy_lead(&c);
    *count = c.count;
    return status;
}
