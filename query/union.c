/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Counting a disjunction.
 *
 * Where all lists but the most frequent one are short beside that one, they are read, and it is asked for their docs, so that most of it is
 * not decoded: |A or B| = |A| + |B| - |A and B|. Else, and wherever some docs do not count, the docs are set as bits, a chunk of 65,536 at
 * a time: 8 KiB, which stay in the first-level cache.
 */
#include "query/batch.h"

enum {
    RF_CHUNK_WORDS = RF_CHUNK / 64,
    /* Asking a list for a doc costs as much as setting half a block of its docs as bits, for a block may have to be decoded; where it has a
     * bitmap, as much as going through that for so many docs. */
    RF_DOCS_OF_A_PROBE = 64,
    RF_DOCS_OF_A_DENSE_PROBE = 100,
    RF_SIMILAR = 4,    /* of two lists: where both are read anyhow, bits are found faster than docs */
    RF_MERGED_MOST = 8 /* lists to be merged into one, two at a time */
};

/* A leaf in the segment at hand. */
struct member {
    uint32_t df;
    struct rf_postings *postings; /* NULL: a phrase, by all its docs, */
    uint32_t *docs;
    uint32_t next; /* what was gone through: docs before this one, or, of a phrase, so many */
};

struct counting {
    struct rf_ranked *run;
    struct member *shoulds, *nots;
    uint32_t should_count, not_count; /* of those that the segment holds */
};

/* ---- Opening ---- */

static riffle_status open_member(struct rf_ranked *run, struct member *member, const struct rf_leaf *leaf)
{
    *member = (struct member){0};
    if (leaf->kind == RF_LEAF_PHRASE) {
        uint32_t *tfs;
        size_t count;
        riffle_status status = rf_phrase_postings(run, leaf, &member->docs, &tfs, &count);
        member->df = (uint32_t)count;
        return status;
    }
    const struct rf_term *term = rf_ranked_term(run, &leaf->slots[0]);
    member->df = term->df;
    if (!term->df)
        return RIFFLE_OK;
    member->postings = rf_arena_alloc(&run->arena, sizeof *member->postings);
    return member->postings ? rf_postings_open(member->postings, run->data, term, run->error) : rf_fail_memory(run->error);
}

/* The leaves that the segment holds. */
static riffle_status open_members(struct rf_ranked *run, struct rf_leaf *const *leaves, uint32_t count, struct member **members,
                                  uint32_t *opened)
{
    *opened = 0;
    *members = rf_arena_array(&run->arena, count, sizeof **members);
    riffle_status status = *members ? RIFFLE_OK : rf_fail_memory(run->error);
    for (uint32_t i = 0; !status && i < count; i++) {
        struct member *member = &(*members)[*opened];
        status = open_member(run, member, leaves[i]);
        *opened += !status && member->df;
    }
    return status;
}

/* ---- By chunks of bits ---- */

static void set_bits(uint64_t *bits, uint32_t base, const uint32_t *docs, size_t n)
{
    for (size_t i = 0; i < n; i++)
        bits[(docs[i] - base) / 64] |= 1ull << docs[i] % 64;
}

/* The first of some docs, ascending, that is not less than `doc`. */
static uint32_t first_from(const uint32_t *docs, uint32_t n, uint32_t doc)
{
    uint32_t low = 0, high = n;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (docs[middle] < doc)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* The next docs of a list, which has no bitmap, in [base, end): those of a block or of a part of it. *n is 0: there are no more. */
static riffle_status next_docs(struct member *member, uint32_t base, uint32_t end, const uint32_t **docs, size_t *n,
                               riffle_error *error)
{
    struct rf_postings *postings = member->postings;
    *n = 0;
    if (!postings) {
        *docs = member->docs + member->next;
        while (*n < member->df - member->next && (*docs)[*n] < end)
            ++*n;
        member->next += *n;
        return RIFFLE_OK;
    }
    const struct rf_block *block = &postings->block;
    uint32_t doc = member->next > base ? member->next : base;
    if (doc >= end)
        return RIFFLE_OK;
    if (block->number == UINT32_MAX || block->last < doc) {
        bool found;
        riffle_status status = rf_postings_seek(postings, doc, &found, error);
        if (status)
            return status;
        if (!found) {
            member->next = RF_NO_DOC;
            return RIFFLE_OK;
        }
    }
    if (block->base >= end)
        return RIFFLE_OK;
    riffle_status status = rf_postings_docs(postings, error);
    if (status)
        return status;
    uint32_t first = block->base < base ? first_from(postings->docs, block->count, base) : 0;
    uint32_t behind = block->last < end ? block->count : first_from(postings->docs, block->count, end);
    *docs = postings->docs + first;
    *n = behind - first;
    member->next = block->last < end ? block->last + 1 : end;
    return status;
}

/* A dense list's docs from `base` on, as bits. */
static void copy_bits(const struct rf_list *list, uint32_t base, uint32_t end, uint64_t *bits)
{
    const uint8_t *in = list->bitmap + base / 8;
    uint32_t whole = (end - base) / 64, rest = (end - base) % 64;
    for (uint32_t i = 0; i < whole; i++)
        bits[i] = rf_load64(in + (size_t)i * 8);
    if (rest)
        bits[whole] = rf_load64(in + (size_t)whole * 8) & ((1ull << rest) - 1);
}

static bool is_dense(const struct member *member) { return member->postings && member->postings->list.bitmap; }

/* The docs in [base, end) of any of these but `left_out`, as bits. */
static riffle_status set_members(struct counting *c, struct member *members, uint32_t count, const struct member *left_out,
                                 uint32_t base, uint32_t end, uint64_t *bits)
{
    size_t words = ((size_t)(end - base) + 63) / 64;
    uint64_t more[RF_CHUNK_WORDS];
    bool any = false;
    for (uint32_t i = 0; i < count; i++) {
        if (!is_dense(&members[i]))
            continue;
        copy_bits(&members[i].postings->list, base, end, any ? more : bits);
        if (any)
            rf_kernels->or_bits(bits, more, words);
        any = true;
    }
    if (!any)
        memset(bits, 0, words * sizeof *bits);
    riffle_status status = RIFFLE_OK;
    for (uint32_t i = 0; !status && i < count; i++) {
        const uint32_t *docs;
        size_t n = !is_dense(&members[i]) && &members[i] != left_out;
        while (n && !(status = next_docs(&members[i], base, end, &docs, &n, c->run->error)))
            set_bits(bits, base, docs, n);
    }
    return status;
}

/* Adds the docs of the list in [base, end) that are not among the bits: these tell it faster than they take it up. */
static riffle_status count_others(struct counting *c, struct member *member, uint32_t base, uint32_t end, const uint64_t *bits,
                                  uint64_t *count)
{
    uint32_t within[RF_BLOCK + RF_PADDING], places[RF_BLOCK + RF_PADDING];
    const uint32_t *docs;
    size_t n = 1;
    riffle_status status = RIFFLE_OK;
    while (n && !(status = next_docs(member, base, end, &docs, &n, c->run->error))) {
        uint64_t others = n;
        for (size_t i = 0; i < n; i++)
            within[i] = docs[i] - base;
        others -= rf_kernels->filter_bits((const uint8_t *)bits, within, n, places);
        *count += others;
    }
    return status;
}

/* Where all docs are allowed, `left` is a term without a bitmap, or NULL. */
static riffle_status count_by_chunks(struct counting *c, struct member *left, uint64_t *count)
{
    struct rf_ranked *run = c->run;
    uint64_t bits[RF_CHUNK_WORDS + 1], other[RF_CHUNK_WORDS]; /* kernels may read behind the bits */
    riffle_status status = RIFFLE_OK;
    for (uint64_t base = 0; !status && base < run->docs && !rf_ranked_is_late(run); base += RF_CHUNK) {
        uint32_t first = (uint32_t)base, end = run->docs - first < RF_CHUNK ? run->docs : first + RF_CHUNK;
        size_t words = ((size_t)(end - first) + 63) / 64;
        status = set_members(c, c->shoulds, c->should_count, left, first, end, bits);
        if (!status && c->not_count && !(status = set_members(c, c->nots, c->not_count, NULL, first, end, other)))
            rf_kernels->and_not_bits(bits, other, words);
        if (status)
            return status;
        if (run->allowed)
            rf_kernels->and_bits(bits, run->allowed + first / 64, words);
        *count += rf_kernels->count_bits(bits, words);
        if (left)
            status = count_others(c, left, first, end, bits, count);
    }
    return status;
}

/* ---- By asking ---- */

/* The docs of both, ascending, each once. `out` is none of them, and has room for all. */
static size_t merge(const uint32_t *a, size_t n, const uint32_t *b, size_t m, uint32_t *out)
{
    size_t i = 0, j = 0, count = 0;
    while (i < n && j < m) {
        uint32_t x = a[i], y = b[j];
        out[count++] = x < y ? x : y;
        i += x <= y;
        j += y <= x;
    }
    memcpy(out + count, a + i, (n - i) * sizeof *out);
    count += n - i;
    memcpy(out + count, b + j, (m - j) * sizeof *out);
    return count + (m - j);
}

/* How many of the docs the list does not hold. */
static riffle_status ask(struct counting *c, struct member *list, const uint32_t *docs, size_t n, uint64_t *count)
{
    size_t found;
    riffle_status status = rf_batch_join(list->postings, docs, n, c->run->work->places, NULL, NULL, &found, c->run->error);
    *count += status ? 0 : n - found;
    return status;
}

/* All docs of the short lists in one array, and then those that the long one does not hold. */
static riffle_status count_by_merging(struct counting *c, struct member *longest, uint64_t *count)
{
    struct rf_workspace *work = c->run->work;
    uint32_t *merged = work->docs, *spare = work->tfs;
    size_t n = 0;
    riffle_status status = RIFFLE_OK;
    for (uint32_t i = 0; !status && i < c->should_count; i++) {
        struct rf_postings *postings = c->shoulds[i].postings;
        size_t m = 0;
        for (uint32_t b = 0; &c->shoulds[i] != longest && !status && b < postings->list.blocks; b++) {
            status = rf_list_block(&postings->list, b, &postings->block, c->run->error);
            if (!status)
                status = rf_list_docs(&postings->list, &postings->block, work->asked + m, c->run->error);
            m += postings->block.count;
        }
        if (!status && m) {
            uint32_t *full = merged;
            n = merge(full, n, work->asked, m, spare);
            merged = spare;
            spare = full;
        }
    }
    return status ? status : ask(c, longest, merged, n, count);
}

/* Of two lists, the blocks of the shorter one as they come. */
static riffle_status count_by_blocks(struct counting *c, struct member *longest, struct member *other, uint64_t *count)
{
    struct rf_postings *postings = other->postings;
    riffle_status status = RIFFLE_OK;
    for (uint32_t b = 0; !status && b < postings->list.blocks && (b % 64 || !rf_ranked_is_late(c->run)); b++) {
        status = rf_list_block(&postings->list, b, &postings->block, c->run->error);
        if (!status)
            status = rf_list_docs(&postings->list, &postings->block, postings->docs, c->run->error);
        if (!status)
            status = ask(c, longest, postings->docs, postings->block.count, count);
    }
    return status;
}

/* ---- All of it ---- */

/* The longest list that has no bitmap; NULL: there is none. */
static struct member *longest_packed(const struct counting *c)
{
    struct member *longest = NULL;
    for (uint32_t i = 0; i < c->should_count; i++)
        if (!is_dense(&c->shoulds[i]) && (!longest || c->shoulds[i].df > longest->df))
            longest = &c->shoulds[i];
    return longest;
}

/* Is it cheaper to ask `longest` for all docs of the others than to read it? */
static bool pays_to_ask(const struct counting *c, const struct member *longest, uint64_t others)
{
    const struct rf_list *list = &longest->postings->list;
    if (c->should_count > RF_MERGED_MOST || others > RF_CHUNK - RF_BLOCK)
        return false;
    return list->bitmap ? others < c->run->docs / RF_DOCS_OF_A_DENSE_PROBE : others < longest->df / RF_DOCS_OF_A_PROBE;
}

riffle_status rf_union_count(struct rf_ranked *run, uint64_t *count)
{
    struct counting c;
    c.run = run;
    *count = 0;
    riffle_status status = open_members(run, run->shoulds, run->should_count, &c.shoulds, &c.should_count);
    if (!status)
        status = open_members(run, run->nots, run->not_count, &c.nots, &c.not_count);
    if (status || !c.should_count)
        return status;
    struct member *longest = c.shoulds;
    uint64_t sum = 0;
    bool all = !run->allowed && !c.not_count;
    for (uint32_t i = 0; i < c.should_count; i++) {
        struct member *member = &c.shoulds[i];
        longest = member->df > longest->df ? member : longest;
        sum += member->df;
        all &= member->postings != NULL;
    }
    if (!all)
        return count_by_chunks(&c, NULL, count);
    struct member *other = c.should_count == 2 ? &c.shoulds[longest == c.shoulds] : NULL;
    *count = longest->df;
    if (c.should_count == 1)
        return RIFFLE_OK;
    if (other && !is_dense(other) && (is_dense(longest) || other->df < longest->df / RF_SIMILAR))
        return count_by_blocks(&c, longest, other, count);
    if (!other && pays_to_ask(&c, longest, sum - longest->df))
        return count_by_merging(&c, longest, count);
    *count = 0;
    return count_by_chunks(&c, longest_packed(&c), count);
}
