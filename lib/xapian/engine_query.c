/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A plan as a query of Xapian's, and its hits.
 *
 * Scores are Lucene's BM25, as on the native engine. A weight of our own gives a term's saturation, f / (f + k1 (1 - b + b l / avg)), and
 * every term of the query brings its idf as a factor. Servers know Xapian's own weights only: there BM25Weight(k1, 0, 0, b, 0)
 * gives (k1 + 1) w times the same saturation, w being Xapian's idf, and the factor divides by that.
 *
 * A phrase scores as Xapian would have it, as the sum of its words: PHRASE takes plain terms, which could not bring factors, so it only
 * chooses, and the same terms once more, with their factors, score what it chose.
 */
#include <math.h>

#include "base/clock.h"
#include "xapian/engine_format.h"
#include "xapian/engine_handle.h"

struct translator {
    struct rf_xapian_handle *handle;
    const struct rf_xapian_search *search;
    rx_error failure; /* sticks; RX_OK while all is well */
};

/* Notes how a call ended; the first failure stays. */
static void note(struct translator *t, rx_status status, const rx_error *ended)
{
    if (status && !t->failure.status)
        t->failure = *ended;
}

/* ---- Parts of queries: a failed part is NULL, and a NULL part makes whatever it goes into NULL ---- */

static rx_query *combine_some(struct translator *t, rx_op op, rx_query **parts, size_t count, uint32_t parameter)
{
    rx_query *query = NULL;
    rx_error ended;
    bool whole = true;
    for (size_t i = 0; i < count; i++)
        whole = whole && parts[i];
    if (whole)
        note(t, rx_query_combine(op, (const rx_query *const *)parts, count, parameter, &query, &ended), &ended);
    for (size_t i = 0; i < count; i++)
        rx_query_free(parts[i]);
    return query;
}

static rx_query *combine(struct translator *t, rx_op op, rx_query *first, rx_query *second)
{
    rx_query *parts[] = {first, second};
    return combine_some(t, op, parts, 2, 0);
}

static rx_query *scale(struct translator *t, rx_query *part, double factor)
{
    rx_query *query = NULL;
    rx_error ended;
    if (part)
        note(t, rx_query_scale(part, factor, &query, &ended), &ended);
    rx_query_free(part);
    return query;
}

static rx_query *none(struct translator *t)
{
    rx_query *query = NULL;
    rx_error ended;
    note(t, rx_query_none(&query, &ended), &ended);
    return query;
}

static rx_query *no_memory(struct translator *t)
{
    static const rx_error ended = {.status = RX_NO_MEMORY};
    note(t, RX_NO_MEMORY, &ended);
    return NULL;
}

/* Room for the parts of something; freed by free_parts. NULL: no memory. */
static rx_query **new_parts(struct translator *t, size_t count)
{
    rx_query **parts = rf_alloc(rf_xapian_allocator(t->handle->index), (count + 1) * sizeof(rx_query *));
    return parts ? parts : (rx_query **)no_memory(t);
}

static void free_parts(struct translator *t, rx_query **parts) { rf_free(rf_xapian_allocator(t->handle->index), parts); }

/* ---- Words ---- */

static rx_query *term_query(struct translator *t, const char *term, size_t n)
{
    rx_query *query = NULL;
    rx_error ended;
    note(t, rx_query_term(term, n, 1, 0, &query, &ended), &ended);
    return query;
}

static rx_query *key_query(struct translator *t, const struct rf_bytes *key)
{
    char term[RF_KEY_MAX];
    size_t n = rf_xapian_term(key, term);
    return term_query(t, term, n);
}

/* Any of the slot's terms: as one term whose frequencies add up, or as alternatives, which is what PHRASE takes. */
static rx_query *slot_query(struct translator *t, const struct rf_slot *slot, rx_op op)
{
    if (!slot->key_count)
        return none(t);
    if (slot->key_count == 1)
        return key_query(t, &slot->keys[0]);
    rx_query **parts = new_parts(t, slot->key_count), *query = NULL;
    if (parts) {
        for (uint32_t i = 0; i < slot->key_count; i++)
            parts[i] = key_query(t, &slot->keys[i]);
        query = combine_some(t, op, parts, slot->key_count, 0);
    }
    free_parts(t, parts);
    return query;
}

/*
 * What makes of Xapian's weight of the slot the native one. Of several terms together Xapian estimates the df, as if they had nothing to do
 * with each other, and rounds after each pair of them; the order of pairs, which is its own, is what is left of a difference.
 */
static double factor_of(const struct translator *t, const struct rf_slot *slot)
{
    double docs = (double)t->search->docs, df = *(const double *)slot->found, idf = rf_idf(t->search->docs, slot->df);
    if (!t->handle->remote)
        return idf;
    double odds = (docs - df + 0.5) / (df + 0.5);
    if (odds < 2)
        odds = odds / 2 + 1;
    return idf / (log(odds) * (t->search->k1 + 1));
}

static rx_query *weighted_slot(struct translator *t, const struct rf_slot *slot)
{
    return scale(t, slot_query(t, slot, RX_OP_SYNONYM), factor_of(t, slot));
}

static rx_query *phrase_query(struct translator *t, const struct rf_leaf *leaf)
{
    rx_query **parts = new_parts(t, leaf->slot_count), *chosen = NULL;
    if (parts) {
        for (uint32_t i = 0; i < leaf->slot_count; i++)
            parts[i] = slot_query(t, &leaf->slots[i], RX_OP_OR);
        chosen = combine_some(t, RX_OP_PHRASE, parts, leaf->slot_count, leaf->slot_count);
    }
    if (chosen && leaf->positive) {
        parts[0] = scale(t, chosen, 0);
        for (uint32_t i = 0; i < leaf->slot_count; i++)
            parts[1 + i] = weighted_slot(t, &leaf->slots[i]);
        chosen = combine_some(t, RX_OP_AND, parts, leaf->slot_count + 1, 0);
    }
    free_parts(t, parts);
    return chosen;
}

static rx_query *leaf_query(struct translator *t, const struct rf_leaf *leaf)
{
    for (uint32_t i = 0; i < leaf->slot_count; i++)
        if (!leaf->slots[i].df)
            return none(t);
    return leaf->kind == RF_LEAF_PHRASE ? phrase_query(t, leaf) : weighted_slot(t, &leaf->slots[0]);
}

/* ---- Filters ---- */

/* Values have '=' before them (engine_format.h), and 0xff is behind every UTF-8 text that starts alike. */
static rx_query *range_query(struct translator *t, rx_slot slot, const struct rf_bytes *low, const struct rf_bytes *high,
                             const char *behind_high)
{
    struct rf_buffer from, to;
    rx_query *query = NULL;
    rx_error ended;
    rf_buffer_init(&from, rf_xapian_allocator(t->handle->index));
    rf_buffer_init(&to, rf_xapian_allocator(t->handle->index));
    rf_buffer_append_byte(&from, '=');
    rf_buffer_append(&from, low->data, low->length);
    rf_buffer_append_byte(&to, '=');
    rf_buffer_append(&to, high->data, high->length);
    rf_buffer_append(&to, behind_high, strlen(behind_high));
    if (from.failed || to.failed)
        no_memory(t);
    else
        note(t, rx_query_value_range(slot, (const char *)from.data, from.size, (const char *)to.data, to.size, &query, &ended),
             &ended);
    rf_buffer_release(&from);
    rf_buffer_release(&to);
    return query;
}

static rx_query *column_query(struct translator *t, const struct rf_filter *filter, uint64_t column)
{
    rx_slot slot = (rx_slot)column;
    switch (filter->kind) {
    case RF_FILTER_PREFIX:
        return range_query(t, slot, &filter->low, &filter->low, "\xff");
    case RF_FILTER_RANGE:
        return range_query(t, slot, &filter->low, &filter->high, "\xff");
    case RF_FILTER_VALUE:
    case RF_FILTER_ID:
        break;
    }
    return range_query(t, slot, &filter->low, &filter->low, "");
}

/* The term of a long id is a shortened one, which others may have too: the value in the slot of ids tells. */
static rx_query *id_query(struct translator *t, const struct rf_bytes *id)
{
    char term[RF_TERM_BYTES];
    size_t n = rf_xapian_id_term(id, term);
    rx_query *query = term_query(t, term, n), *value = NULL;
    rx_error ended;
    if (n == id->length + 1 && memcmp(term + 1, id->data, id->length) == 0)
        return query;
    note(t, rx_query_value_range(RF_SLOT_ID, id->data, id->length, id->data, id->length, &value, &ended), &ended);
    return combine(t, RX_OP_FILTER, query, value);
}

static rx_query *filter_query(struct translator *t, const struct rf_filter *filter)
{
    if (filter->kind == RF_FILTER_ID)
        return id_query(t, &filter->low);
    const struct rf_field *field = filter->field;
    rx_query **parts = new_parts(t, field->column_count), *query = NULL;
    if (parts) {
        for (size_t i = 0; i < field->column_count; i++)
            parts[i] = column_query(t, filter, field->columns[i]);
        query = combine_some(t, RX_OP_OR, parts, field->column_count, 0);
    }
    free_parts(t, parts);
    return query;
}

/* ---- Groups ---- */

static rx_query *node_query(struct translator *t, const struct rf_node *node, bool scores);

static rx_query *children_query(struct translator *t, rx_op op, struct rf_node *const *children, uint32_t count, bool scores)
{
    if (count == 1)
        return node_query(t, children[0], scores);
    rx_query **parts = new_parts(t, count), *query = NULL;
    if (parts) {
        for (uint32_t i = 0; i < count; i++)
            parts[i] = node_query(t, children[i], scores);
        query = combine_some(t, op, parts, count, 0);
    }
    free_parts(t, parts);
    return query;
}

static rx_query *every_document(struct translator *t)
{
    rx_query *query = NULL;
    rx_error ended;
    note(t, rx_query_all(&query, &ended), &ended);
    return scale(t, query, 0);
}

/*
 * A compound is the phrase of its parts, or its joined form: `wi fi` or `wifi`. Its score would be the better of the two, as MAX has it.
 * But libxapian 1.4 (22 to 29) reads freed memory where a MAX ends in the same step as the other side of an OR (recalc_maxweight of a
 * MaxPostList without children). A phrase scores in Xapian's way anyhow: here it goes before the joined form.
 */
static rx_query *compound_query(struct translator *t, const struct rf_node *node, bool scores)
{
    rx_query *phrase = node_query(t, node->children[0], scores), *again = node_query(t, node->children[0], scores);
    rx_query *joined = node_query(t, node->children[1], scores);
    return combine(t, RX_OP_OR, phrase, combine(t, RX_OP_AND_NOT, joined, again));
}

/* Where nothing `scores`, what a must makes optional is left out: libxapian 1.4 reads weights there that nobody has set. */
static rx_query *group_query(struct translator *t, const struct rf_node *node, bool scores)
{
    struct rf_node *const *shoulds = node->children + node->must_count, *const *nots = shoulds + node->should_count;
    rx_query *query = node->must_count ? children_query(t, RX_OP_AND, node->children, node->must_count, scores) : NULL;
    if (node->should_count && (!node->must_count || node->any || scores)) {
        rx_query *any = children_query(t, RX_OP_OR, shoulds, node->should_count, scores);
        query = node->must_count ? combine(t, node->any ? RX_OP_AND : RX_OP_AND_MAYBE, query, any) : any;
    }
    if (!node->must_count && !node->should_count)
        query = every_document(t);
    if (node->not_count)
        query = combine(t, RX_OP_AND_NOT, query, children_query(t, RX_OP_OR, nots, node->not_count, false));
    return query;
}

/* The tree is as deep as the parser lets parentheses be, so recursion has its limit there. */
static rx_query *node_query(struct translator *t, const struct rf_node *node, bool scores)
{
    switch (node->kind) {
    case RF_NODE_LEAF:
        return leaf_query(t, node->leaf);
    case RF_NODE_FILTER:
        return scale(t, filter_query(t, node->filter), 0);
    case RF_NODE_MAX:
        return compound_query(t, node, scores);
    case RF_NODE_BOOL:
        break;
    }
    return group_query(t, node, scores);
}

/* ---- Executing ---- */

/* The first `passed` hits were passed over: they have a place in the list, and nothing in it. */
static riffle_status keep_hits(const struct rf_xapian_handle *handle, const rx_hits *found, size_t passed, bool late,
                               struct rf_arena *arena, struct rf_hits *hits, riffle_error *error)
{
    size_t count = found->count ? passed + found->count : 0;
    struct rf_record *records = rf_arena_array(arena, found->count, sizeof *records);
    hits->list = rf_arena_array(arena, count, sizeof *hits->list);
    if (!records || !hits->list)
        return rf_fail_memory(error);
    for (size_t i = 0; i < found->count; i++) {
        const rx_hit *hit = &found->items[i];
        riffle_status status = rf_record_read(&records[i], hit->data.bytes, hit->data.length, hit->docid, arena, error);
        if (status == RIFFLE_CORRUPT) {
            rx_docid number;
            const char *shard = rf_xapian_place_of(handle, hit->docid, &number);
            return rf_fail(error, status, "%s: the record of document %u is damaged", shard, (unsigned)number);
        }
        if (status)
            return status;
        hits->list[passed + i] = (struct rf_hit){hit->weight, rf_xapian_number_outside(handle, hit->docid), &records[i]};
    }
    hits->count = count;
    hits->total = found->lower > count ? found->lower : count;
    hits->incomplete = late && found->lower < found->upper;
    hits->total_is_exact = !hits->incomplete;
    if (handle->missing && !(hits->missing = rf_arena_copy(arena, handle->missing, strlen(handle->missing))))
        return rf_fail_memory(error);
    return RIFFLE_OK;
}

/* At least a microsecond: 0 would be no limit. */
static double seconds_left(uint64_t deadline)
{
    uint64_t now = rf_clock();
    return deadline > now ? fmax((double)(deadline - now) / 1e9, 1e-6) : 1e-6;
}

/* In place of 0 in Xapian's BM25Weight, whose bound for a term that a shard does not have would be 0 / 0. */
#define LEAST 1e-9

/*
 * Every match is looked at. Left to itself, libxapian 1.4 (22 to 29) passes over documents that cannot be among the best, and some that
 * can: when the least weight wanted grows, an OR becomes an AND (or an AND_MAYBE, and that an AND) that goes on behind both of its sides,
 * and the document where the farther side stands, which the other may hold too, is lost. This also makes the total exact. Behind the
 * deadline libxapian goes on in its own way, which is soon done.
 */
static rx_status search(struct translator *t, const rx_query *query, const struct rf_request *request, rx_hits **found)
{
    rx_enquire *enquire = NULL;
    rx_error *failure = &t->failure;
    uint32_t most = t->search->docs < UINT32_MAX ? (uint32_t)t->search->docs : UINT32_MAX;
    rx_search_options options = RX_SEARCH_OPTIONS_INIT;
    options.first = request->offset < most ? (uint32_t)request->offset : most;
    options.limit = (request->wanted < most ? (uint32_t)request->wanted : most) - options.first;
    options.check_at_least = most;
    options.flags = RX_WITH_DATA;
    rx_status status = rx_enquire_new(t->handle->database, &enquire, failure);
    if (!status)
        status = rx_enquire_query(enquire, query, 0, failure);
    if (!status && t->handle->remote)
        status = rx_enquire_bm25(enquire, fmax(request->k1, LEAST), 0, 0, request->b, LEAST, failure);
    else if (!status)
        status = rx_enquire_lucene(enquire, request->k1, request->b, 0, failure);
    if (!status && request->by_article)
        status = rx_enquire_collapse(enquire, RF_SLOT_ID, 1, failure);
    if (!status && request->deadline)
        status = rx_enquire_time_limit(enquire, seconds_left(request->deadline), failure);
    if (!status)
        status = rx_search(enquire, &options, found, failure);
    rx_enquire_free(enquire);
    return status;
}

riffle_status rf_xapian_execute(struct rf_xapian_handle *handle, struct rf_plan *plan, const struct rf_request *request,
                                struct rf_arena *arena, struct rf_hits *hits, riffle_error *error)
{
    struct rf_xapian_search *facts = rf_arena_alloc(arena, sizeof *facts);
    if (!facts)
        return rf_fail_memory(error);
    *facts = (struct rf_xapian_search){handle->average_length, request->k1, request->b, handle->docs};
    plan->search = facts;
    struct translator t = {.handle = handle, .search = facts};
    rx_hits *found = NULL;
    rx_query *query = plan->root ? node_query(&t, plan->root, true) : none(&t);
    if (query)
        search(&t, query, request, &found);
    rx_query_free(query);
    size_t passed = request->offset < handle->docs ? (size_t)request->offset : (size_t)handle->docs;
    riffle_status status = found ? keep_hits(handle, found, passed, rf_is_past(request->deadline), arena, hits, error)
                                 : rf_xapian_handle_fail(handle, &t.failure, error);
    rx_hits_free(found);
    return status;
}

/* ---- Looking words up ---- */

riffle_status rf_xapian_find(struct rf_xapian_handle *handle, struct rf_slot *slot, struct rf_arena *arena, riffle_error *error)
{
    char term[RF_KEY_MAX];
    double docs = (double)handle->docs;
    double *estimate = rf_arena_alloc(arena, sizeof *estimate);
    if (!estimate)
        return rf_fail_memory(error);
    slot->df = 0;
    for (uint32_t i = 0; i < slot->key_count; i++) {
        rx_term_statistics statistics;
        rx_error failure;
        if (rx_database_term(handle->database, term, rf_xapian_term(&slot->keys[i], term), &statistics, &failure))
            return rf_xapian_handle_fail(handle, &failure, error);
        double df = statistics.documents;
        slot->df += statistics.documents;
        *estimate = i && docs > 0 ? floor(*estimate + df - *estimate * df / docs + 0.5) : df;
    }
    slot->found = estimate;
    if (slot->df > handle->docs)
        slot->df = handle->docs;
    return RIFFLE_OK;
}

struct walk {
    rf_key_visitor *visit;
    void *context;
};

static int pass_on(void *context, const rx_term *term)
{
    const struct walk *walk = context;
    return walk->visit(walk->context, term->term.bytes, term->term.length, term->documents);
}

riffle_status rf_xapian_walk(struct rf_xapian_handle *handle, const char *prefix, size_t n, rf_key_visitor *visit, void *context,
                             riffle_error *error)
{
    struct walk walk = {visit, context};
    rx_error failure;
    if (rx_each_term(handle->database, prefix, n, pass_on, &walk, &failure))
        return rf_xapian_handle_fail(handle, &failure, error);
    return RIFFLE_OK;
}
