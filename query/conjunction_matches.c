/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * All docs of the lead, one block after the other, and what becomes of them where many hits are wanted. Until there are as many, nothing can
 * be dropped, and the threshold rises slowly then. So all docs that match are found first, with what they score by the lead, the rarest
 * list: what as many as are wanted score by that alone is a threshold to begin with, and a high one.
 */
#include "query/conjunction.h"

enum { CLOSE = 16 /* the threshold is close enough where this part more than are wanted reach it */ };

bool rf_conjunction_wants_many(const struct rf_conjunction *c)
{
    /* Where fewer are wanted, a threshold comes soon. Below, most docs are hits; above, blocks that are passed over save more. */
    enum { MANY = 512, LEAST = 4, MOST = 64, ROOM = RF_PENDING - RF_PADDING };
    uint64_t wanted = c->run->request->wanted, df = c->lead->postings.list.df;
    return wanted > MANY && c->filter_count && !c->phrases && df > LEAST * wanted && df / MOST <= wanted && df <= ROOM;
}

/* Is every block of the lead taken, whatever is known of it? Of a short one too: its docs are not worth bounds, where only musts score. */
static bool takes_all(const struct rf_conjunction *c)
{
    enum { SHORT = 2 * RF_BATCH };
    return c->purpose != RF_RANKING || (c->lead->postings.list.df <= SHORT && c->clause_count == c->must_count);
}

riffle_status rf_conjunction_lead_blindly(struct rf_conjunction *c, bool *more)
{
    struct rf_postings *postings = &c->lead->postings;
    struct rf_batch *batch = &c->batch;
    bool all = takes_all(c);
    uint32_t most = all ? RF_BATCH / RF_BLOCK : 2; /* blocks: few at first, for a threshold may soon be there */
    riffle_status status = rf_postings_seek(postings, 0, more, c->run->error);
    uint32_t behind = 0; /* the blocks so far */
    c->blind = true;
    while (!status && *more && !c->run->late && (all || rf_ranked_threshold(c->run) == 1)) {
        c->first_ordinal = postings->block.number * RF_BLOCK;
        for (uint32_t i = 0; !status && *more && i < most; i++) {
            if (postings->block.base < behind) /* else there could be docs without bounds */
                return rf_fail(c->run->error, RIFFLE_CORRUPT, "blocks of postings out of order");
            behind = postings->block.last + 1;
            status = rf_list_docs(&postings->list, &postings->block, batch->docs + batch->count, c->run->error);
            batch->count += postings->block.count;
            if (!status)
                status = rf_postings_seek(postings, behind, more, c->run->error);
        }
        for (uint32_t i = 0; !c->bare && i < batch->count;
             i += RF_PADDING) /* in steps of a known size, for a compiler to make vectors of */
            for (uint32_t j = i; j < i + RF_PADDING; j++) {
                batch->seats[j] = j;
                batch->scores[j] = 0;
            }
        if (!status)
            status = rf_conjunction_finish_batch(c);
        most = RF_BATCH / RF_BLOCK;
    }
    c->blind = false;
    return status;
}

/* The docs that match, and what they score by the lead. */
static riffle_status find_matches(struct rf_conjunction *c)
{
    bool more;
    c->docs = c->run->work->candidates;
    c->scores = c->docs + RF_PENDING;
    c->purpose = RF_MATCHING;
    riffle_status status = rf_conjunction_lead_blindly(c, &more);
    c->purpose = RF_RANKING;
    return status;
}

static void raise_threshold(struct rf_conjunction *c, size_t matches)
{
    struct rf_ranked *run = c->run;
    size_t wanted = (size_t)run->request->wanted;
    if (matches < wanted)
        return;
    uint32_t most = c->lead->bound.most * (1 + c->lead->clause->scoring.again);
    uint32_t least = rf_kth_of(c->scores, matches, wanted, wanted + wanted / CLOSE, 0, most);
    run->primed = least > run->primed ? least : run->primed;
}

/* The next matches from number `at` on, as many as there are bounds for at a time. Returns how many; those that can still be good enough are left. */
static size_t take_matches(struct rf_conjunction *c, size_t at, size_t matches)
{
    struct rf_batch *batch = &c->batch;
    uint64_t chunk = c->docs[at] >> RF_CHUNK_BITS << RF_CHUNK_BITS, behind = chunk + ((uint64_t)c->ranges_most << c->shift);
    size_t count = matches - at < RF_BATCH ? matches - at : RF_BATCH;
    if (behind <= UINT32_MAX)
        count = rf_kernels->count_below(c->docs + at, count, (uint32_t)behind);
    memcpy(batch->docs, c->docs + at, count * sizeof *batch->docs);
    memcpy(batch->scores, c->scores + at, count * sizeof *batch->scores);
    for (uint32_t i = 0; i < count; i++)
        batch->seats[i] = i;
    batch->count = (uint32_t)count;
    rf_conjunction_bound_docs(c, batch->docs[0], batch->docs[count - 1]);
    rf_conjunction_cut(c, 0);
    return count;
}

riffle_status rf_conjunction_rank_matches(struct rf_conjunction *c)
{
    riffle_status status = find_matches(c);
    if (!status)
        status = rf_conjunction_open_bounds(c);
    if (status)
        return status;
    size_t matches = (size_t)c->count;
    raise_threshold(c, matches);
    for (size_t at = 0; !status && at < matches && !c->run->late;) {
        at += take_matches(c, at, matches);
        status = rf_conjunction_finish_batch(c);
    }
    return status;
}
