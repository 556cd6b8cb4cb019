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

/* Docs from this place of the batch on, which are checked next: memory is asked for what that will read. */
static void prefetch(const struct rf_conjunction *c, uint32_t from)
{
    uint32_t clauses = c->purpose == RF_RANKING ? c->clause_count : c->must_count;
    for (uint32_t i = 0; i < clauses + c->nots_count; i++) {
        const struct rf_clause *clause = i < clauses ? c->clauses[i] : &c->nots[i - clauses];
        uint32_t seats[RF_PHRASE_DOCS], count = 0;
        for (uint32_t j = from; clause->phrase && j < c->batch.count && j < from + RF_PHRASE_DOCS; j++) {
            seats[count] = c->batch.seats[j];
            count += !is_absent(clause, i < c->must_count, seats[count]);
        }
        if (count)
            rf_phrase_prefetch(clause->phrase, seats, count);
    }
}

/* What is asked of a phrase. */
struct question {
    struct rf_clause *clause;
    bool must, not ;
    bool known;    /* the scores hold what it can score at most */
    bool complete; /* and what all others can */
};

/*
 * Counts how often a phrase occurs in the docs, as long as that matters, and leaves those that go on. What it can score at most, or does score,
 * takes the place of what was known.
 */
static riffle_status check_phrase(struct rf_conjunction *c, const struct question *question, struct group *group)
{
    struct rf_clause *clause = question->clause;
    struct rf_phrase *phrase = clause->phrase;
    bool scores = c->purpose == RF_RANKING && !question->not, complete = question->complete;
    uint32_t seats[RF_PHRASE_DOCS], count = 0, kept = 0, next = 0;
    for (uint32_t i = 0; i < group->count; i++) {
        seats[count] = group->seats[i];
        count += !is_absent(clause, question->must, group->seats[i]);
    }
    riffle_status status = rf_phrase_take(phrase, seats, count);
    for (uint32_t i = 0; !status && i < group->count; i++) {
        uint32_t doc = group->docs[i], seat = group->seats[i], score = group->scores[i], tf = 0;
        if (!is_absent(clause, question->must, seat)) {
            uint32_t others = question->known ? score - rf_score(&clause->scoring, doc, clause->tfs[seat]) : score;
            score = scores ? others + rf_score(&clause->scoring, doc, phrase->most[next]) : score;
            if (!complete || !is_beaten(c, score)) {
                status = rf_phrase_count(phrase, next, &tf);
                score = !scores ? score : tf ? others + rf_score(&clause->scoring, doc, tf) : others;
            }
            next++;
        }
        if (question->must && c->purpose == RF_COUNTING)
            clause->tfs[seat] = tf; /* should it be ranked, too */
        group->docs[kept] = doc;
        group->seats[kept] = seat;
        group->scores[kept] = score;
        group->tfs[kept] = question->must ? tf : group->tfs[i];
        kept += question->not ? !tf : (tf || !question->must) && !(complete && is_beaten(c, score));
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
    for (uint32_t i = 0; i < count && c->purpose == RF_RANKING; i++)
        if (!is_beaten(c, scores[i]) && !rf_top_add(&c->run->top, scores[i], c->run->segment, docs[i]))
            return rf_fail_memory(c->run->error);
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
    prefetch(c, 0);
    for (uint32_t from = 0, end; !status && from < batch->count; from = end) {
        struct group group;
        end = group_end(c, from);
        take_group(c, from, end, &group);
        prefetch(c, end);
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
        for (uint32_t i = 0; !status && i < group.count; i++)
            if (!is_beaten(c, group.scores[i]) && !rf_top_add(&c->run->top, group.scores[i], c->run->segment, group.docs[i]))
                return rf_fail_memory(c->run->error);
    }
    return status;
}
