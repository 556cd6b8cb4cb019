/* SPDX-License-Identifier: BSD-3-Clause */
/* The docs of a batch that are in all lists of the musts: their phrases are checked, some docs at a time, and what matches goes to where it is wanted. */
#include "query/conjunction.h"

/* Is the doc out of the race? */
static bool is_beaten(const struct rf_conjunction *c, uint32_t score)
{
    return c->purpose == RF_RANKING && score < rf_ranked_threshold(c->run);
}

/* Docs of the batch whose phrases are checked together. */
struct group {
    uint32_t count;
    uint32_t docs[RF_PHRASE_DOCS], seats[RF_PHRASE_DOCS], scores[RF_PHRASE_DOCS];
    uint32_t tfs[RF_PHRASE_DOCS]; /* of the must that was checked last */
};

/* Is it known that a phrase that need not be there cannot be? */
static bool is_absent(const struct rf_clause *clause, bool must, uint32_t seat) { return !must && !clause->tfs[seat]; }

/* What is asked of a phrase. */
struct question {
    struct rf_clause *clause;
    bool must, not ;
    bool known;    /* the scores hold what it can score at most */
    bool complete; /* and what all others can */
};

/* Drops docs that are out of the race however often they hold the phrase. */
static void drop_beaten(const struct rf_conjunction *c, const struct rf_clause *clause, const struct group *group,
                        const uint32_t *which, const uint32_t *others, bool *beaten)
{
    struct rf_phrase *phrase = clause->phrase;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < phrase->doc_count; i++) {
        uint32_t at = which[phrase->docs[i].number];
        beaten[at] = is_beaten(c, others[at] + rf_score(&clause->scoring, group->docs[at], phrase->docs[i].most));
        if (kept < i)
            rf_phrase_move(phrase, i, kept);
        kept += !beaten[at];
    }
    phrase->doc_count = kept;
}

/*
 * Counts how often a phrase occurs in the docs, as long as that matters, and leaves those that go on. What it can score at most, or does score,
 * takes the place of what was known.
 */
static riffle_status check_phrase(struct rf_conjunction *c, const struct question *question, struct group *group)
{
    struct rf_clause *clause = question->clause;
    struct rf_phrase *phrase = clause->phrase;
    bool scores = c->purpose == RF_RANKING && !question->not ;
    uint32_t seats[RF_PHRASE_DOCS], which[RF_PHRASE_DOCS], others[RF_PHRASE_DOCS], tfs[RF_PHRASE_DOCS], count = 0, kept = 0;
    bool beaten[RF_PHRASE_DOCS];
    for (uint32_t i = 0; i < group->count; i++) {
        uint32_t seat = group->seats[i];
        bool absent = is_absent(clause, question->must, seat);
        others[i] = group->scores[i];
        if (question->known && !absent)
            others[i] -= rf_score(&clause->scoring, group->docs[i], clause->tfs[seat]);
        tfs[i] = 0;
        beaten[i] = false;
        seats[count] = seat;
        which[count] = i;
        count += !absent;
    }
    for (uint32_t i = 0; scores && i < group->count; i++) /* they are asked for once positions have been */
        __builtin_prefetch(c->run->lengths + group->docs[i]);
    rf_phrase_take(phrase, seats, count);
    riffle_status status = RIFFLE_OK;
    for (uint32_t w = 0; !status && w < phrase->word_count && phrase->doc_count; w++) {
        status = rf_phrase_find(phrase, w);
        if (!status && scores && question->complete && rf_ranked_threshold(c->run) > 1)
            drop_beaten(c, clause, group, which, others, beaten);
        if (!status)
            status = rf_phrase_match(phrase, w);
    }
    for (uint32_t i = 0; i < phrase->doc_count; i++)
        tfs[which[phrase->docs[i].number]] = phrase->docs[i].most;
    for (uint32_t i = 0; !status && i < group->count; i++) {
        uint32_t doc = group->docs[i], seat = group->seats[i], score = others[i], tf = tfs[i];
        if (scores && tf)
            score += rf_score(&clause->scoring, doc, tf);
        if (question->must && c->purpose == RF_COUNTING)
            clause->tfs[seat] = tf; /* should it be ranked, too */
        group->docs[kept] = doc;
        group->seats[kept] = seat;
        group->scores[kept] = score;
        group->tfs[kept] = question->must ? tf : group->tfs[i];
        kept += question->not ? !tf : (tf || !question->must) && !beaten[i] && !(question->complete && is_beaten(c, score));
    }
    group->count = kept;
    return status;
}

/* The phrases among the shoulds. */
static riffle_status check_shoulds(struct rf_conjunction *c, struct group *group)
{
    riffle_status status = RIFFLE_OK;
    for (uint32_t i = c->must_count; !status && i < c->clause_count; i++) {
        struct question question = {c->clauses[i], .known = true, .complete = true};
        if (c->clauses[i]->phrase)
            status = check_phrase(c, &question, group);
    }
    return status;
}

static riffle_status check_phrases(struct rf_conjunction *c, struct group *group)
{
    riffle_status status = RIFFLE_OK;
    bool ranking = c->purpose == RF_RANKING;
    uint32_t unseen = c->blind ? c->phrase_musts : 0;
    for (uint32_t i = 0; !status && i < c->must_count; i++) {
        if (!c->clauses[i]->phrase)
            continue;
        unseen -= unseen > 0;
        struct question question = {c->clauses[i], .must = true, .known = ranking && !c->blind, .complete = !unseen};
        status = check_phrase(c, &question, group);
    }
    for (uint32_t i = 0; !status && i < c->nots_count; i++) {
        struct question question = {&c->nots[i], .not = true};
        if (c->nots[i].phrase && c->nots[i].source_count)
            status = check_phrase(c, &question, group);
    }
    if (!status && ranking)
        status = check_shoulds(c, group);
    return status;
}

/* Adds docs to what was found. */
static riffle_status add_hits(struct rf_conjunction *c, const uint32_t *docs, const uint32_t *scores, const uint32_t *tfs,
                              uint32_t count)
{
    if (c->purpose == RF_LISTING) {
        memcpy(c->docs + c->count, docs, count * sizeof *docs);
        memcpy(c->tfs + c->count, tfs, count * sizeof *tfs);
    }
    if (c->purpose == RF_MATCHING) {
        memcpy(c->docs + c->count, docs, count * sizeof *docs);
        memcpy(c->scores + c->count, scores, count * sizeof *scores);
    }
    if (c->purpose == RF_RANKING && !rf_top_add_all(&c->run->top, c->run->segment, docs, scores, count))
        return rf_fail_memory(c->run->error);
    if (c->purpose == RF_RANKING)
        rf_top_settle(&c->run->top); /* so that what comes next is asked by the best of all so far */
    c->count += count;
    return RIFFLE_OK;
}

/* The docs of the batch from a place on. */
static void take_group(const struct rf_conjunction *c, uint32_t from, uint32_t end, struct group *group)
{
    const struct rf_batch *batch = &c->batch;
    group->count = 0;
    for (uint32_t i = from; i < end; i++) {
        group->docs[group->count] = batch->docs[i];
        group->seats[group->count] = batch->seats[i];
        group->scores[group->count] = batch->scores[i];
        group->count += (c->blind && c->phrase_musts) || !is_beaten(c, batch->scores[i]);
    }
}

static uint32_t group_end(const struct rf_conjunction *c, uint32_t from)
{
    return c->batch.count - from < RF_PHRASE_DOCS ? c->batch.count : from + RF_PHRASE_DOCS;
}

riffle_status rf_conjunction_finish_docs(struct rf_conjunction *c)
{
    struct rf_batch *batch = &c->batch;
    riffle_status status = RIFFLE_OK;
    uint32_t kept = 0;
    if (!c->phrases)
        return add_hits(c, batch->docs, batch->scores, NULL, batch->count);
    for (uint32_t from = 0, end; !status && from < batch->count; from = end) {
        struct group group;
        end = group_end(c, from);
        take_group(c, from, end, &group);
        status = check_phrases(c, &group);
        if (!status)
            status = add_hits(c, group.docs, group.scores, group.tfs, group.count);
        memcpy(batch->docs + kept, group.docs, group.count * sizeof *group.docs);
        memcpy(batch->seats + kept, group.seats, group.count * sizeof *group.seats);
        kept += group.count;
    }
    batch->count = kept;
    return status;
}

riffle_status rf_conjunction_offer(struct rf_conjunction *c)
{
    riffle_status status = RIFFLE_OK;
    for (uint32_t from = 0, end; !status && from < c->batch.count; from = end) {
        struct group group;
        end = group_end(c, from);
        take_group(c, from, end, &group);
        if (c->phrases)
            status = check_shoulds(c, &group);
        if (!status && !rf_top_add_all(&c->run->top, c->run->segment, group.docs, group.scores, group.count))
            return rf_fail_memory(c->run->error);
    }
    rf_top_settle(&c->run->top);
    return status;
}
