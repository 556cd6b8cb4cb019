/* SPDX-License-Identifier: BSD-3-Clause */
/* The candidates of a disjunction: docs that are asked of the lists that were not streamed; disjunction.c. */
#include "query/disjunction.h"

riffle_status rf_member_scores(struct rf_disjunction *d, struct rf_member *member, uint32_t *docs, uint32_t *scores, size_t *count)
{
    struct rf_postings *postings = member->postings;
    riffle_error *error = d->run->error;
    riffle_status status = RIFFLE_OK;
    uint32_t behind = 0;
    *count = 0;
    for (uint32_t b = 0; !status && b < postings->list.blocks; b++) {
        if ((status = rf_postings_enter(postings, b, error)) || (status = rf_postings_docs(postings, error)) ||
            (status = rf_postings_tfs(postings, error)))
            return status;
        if (postings->block.base < behind)
            return rf_fail(error, RIFFLE_CORRUPT, "blocks of postings out of order");
        behind = postings->block.last + 1;
        rf_kernels->score(&member->scoring, postings->docs, postings->tfs, postings->block.count, scores + *count);
        memcpy(docs + *count, postings->docs, postings->block.count * sizeof *docs);
        *count += postings->block.count;
    }
    return status;
}

/* Of docs that are here already: the first from number `from` on that is at or behind `doc`. */
size_t rf_member_seek(const struct rf_member *member, size_t from, uint64_t doc)
{
    size_t step = 1, end = from;
    while (end < member->count && member->docs[end] < doc) {
        from = end + 1;
        end += step;
        step *= 2;
    }
    end = end < member->count ? end : member->count;
    while (from < end) {
        size_t middle = from + (end - from) / 2;
        if (member->docs[middle] < doc)
            from = middle + 1;
        else
            end = middle;
    }
    return from;
}

/* ---- What lists can add ---- */

static inline uint32_t *row(const struct rf_disjunction *d, uint32_t r) { return d->work->columns + r * RF_COLUMNS; }

static inline uint32_t *docs_row(const struct rf_disjunction *d) { return row(d, 1); }

static inline uint32_t *list_row(const struct rf_disjunction *d, uint32_t r) { return row(d, 2 + r); }

/* Keeps the columns of docs that can still be good enough. */
static size_t cut(const struct rf_disjunction *d, size_t n)
{
    uint32_t *columns = d->work->columns;
    return rf_kernels->choose_columns(columns, RF_COLUMNS, columns, RF_COLUMNS, 2 + d->rows, n, d->threshold, UINT32_MAX);
}

/*
 * Adds the row of a list, where it can add anything, and takes away from what docs can score what it cannot add to them, though it can to others
 * of their ranges: by closer bounds, and where it is dense by whether it holds them at all.
 */
static size_t add_row(struct rf_disjunction *d, uint32_t l, size_t n)
{
    const struct rf_member *member = &d->list[l];
    const struct rf_list *list = member->postings ? &member->postings->list : NULL;
    if (!d->asked[l])
        return n;
    struct rf_rest rest = {.bounds = d->rest + (size_t)l * RF_REST,
                           .bits = d->bits,
                           .first = (uint32_t)d->first,
                           .codes = member->closer ? list->fine_maxima : NULL,
                           .closer = member->closer,
                           .bitmap = list ? list->bitmap : NULL};
    if (!rf_kernels->could_add(&rest, docs_row(d), n, row(d, 0), list_row(d, d->rows)))
        return n;
    d->row_lists[d->rows++] = l;
    return rest.codes || rest.bitmap ? cut(d, n) : n;
}

/* ---- What they do add ---- */

riffle_status rf_member_probe(struct rf_disjunction *d, struct rf_member *member, size_t n, size_t *found)
{
    const uint32_t *docs = d->work->docs;
    uint32_t *places = d->work->places, *scores = d->work->tfs;
    *found = 0;
    if (!member->postings) {
        for (size_t i = 0, at = 0; i < n; i++) {
            at = rf_member_seek(member, at, docs[i]);
            if (at < member->count && member->docs[at] == docs[i]) {
                places[*found] = (uint32_t)i;
                scores[(*found)++] = member->scores[at];
            }
        }
        return RIFFLE_OK;
    }
    riffle_status status = rf_batch_join(member->postings, docs, n, places, NULL, scores, found, d->run->error);
    for (size_t i = 0; !status && i < *found; i++)
        scores[i] = rf_score(&member->scoring, docs[places[i]], scores[i]);
    return status;
}

/* Takes the last row: puts the scores of its list in the place of what it could add. */
static riffle_status complete(struct rf_disjunction *d, size_t *n)
{
    struct rf_workspace *work = d->work;
    const uint32_t *more = list_row(d, --d->rows), *docs = docs_row(d);
    uint32_t *most = row(d, 0);
    size_t asked = rf_kernels->take_back(most, more, docs, *n, work->docs, work->asked), found = 0;
    riffle_status status = asked ? rf_member_probe(d, &d->list[d->row_lists[d->rows]], asked, &found) : RIFFLE_OK;
    for (size_t i = 0; !status && i < found; i++)
        most[work->asked[work->places[i]]] += work->tfs[i];
    *n = cut(d, *n);
    return status;
}

/* Drops the docs that a list holds. */
static riffle_status drop(struct rf_disjunction *d, struct rf_postings *postings, struct rf_member *member, size_t *n)
{
    struct rf_workspace *work = d->work;
    uint32_t *scores = row(d, 0), *docs = docs_row(d);
    size_t kept = 0, found = 0;
    memcpy(work->docs, docs, *n * sizeof *docs);
    riffle_status status = postings ? rf_batch_join(postings, work->docs, *n, work->places, NULL, NULL, &found, d->run->error)
                                    : rf_member_probe(d, member, *n, &found);
    for (size_t i = 0, at = 0; !status && i < *n; i++) {
        bool was_found = at < found && work->places[at] == i;
        at += was_found;
        docs[kept] = docs[i];
        scores[kept] = scores[i];
        kept += !was_found;
    }
    *n = kept;
    return status;
}

/* The docs that are good enough by their scores are held against filters and nots. */
static riffle_status exclude(struct rf_disjunction *d, size_t *n)
{
    uint32_t *scores = row(d, 0), *docs = docs_row(d);
    size_t kept = 0;
    for (size_t i = 0; d->run->allowed && i < *n; i++) {
        uint32_t doc = docs[i];
        docs[kept] = doc;
        scores[kept] = scores[i];
        kept += rf_ranked_allows(d->run, doc);
    }
    if (d->run->allowed)
        *n = kept;
    riffle_status status = RIFFLE_OK;
    for (uint32_t i = 0; !status && i < d->not_count && *n; i++)
        status = drop(d, d->nots[i], NULL, n);
    for (uint32_t i = 0; !status && i < d->phrases_out_count && *n; i++)
        status = drop(d, NULL, &d->phrases_out[i], n);
    return status;
}

/* Of n columns of docs and what they can score at most: adds the best to those that were found. */
static riffle_status finish(struct rf_disjunction *d, size_t n)
{
    struct rf_top *top = &d->run->top;
    riffle_status status = RIFFLE_OK;
    d->rows = 0;
    for (uint32_t l = 0; l < d->count && d->count <= RF_MANY_LISTS && n; l++)
        n = add_row(d, l, n);
    while (!status && d->rows && n)
        status = complete(d, &n);
    if (!status)
        status = exclude(d, &n);
    if (!status && !rf_top_add_all(top, d->run->segment, docs_row(d), row(d, 0), n))
        status = rf_fail_memory(d->run->error);
    rf_top_settle(top);
    return status;
}

riffle_status rf_disjunction_finish(struct rf_disjunction *d)
{
    riffle_status status = RIFFLE_OK;
    for (size_t from = 0; !status && from < d->candidate_count; from += RF_COLUMNS) {
        size_t n = d->candidate_count - from < RF_COLUMNS ? d->candidate_count - from : RF_COLUMNS;
        d->threshold = rf_ranked_threshold(d->run);
        n = rf_kernels->choose_columns(d->most + from, RF_PENDING, d->work->columns, RF_COLUMNS, 2, n, d->threshold, UINT32_MAX);
        status = finish(d, n);
    }
    d->candidate_count = 0;
    return status;
}
