/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Which lists decide about a term or a phrase; clauses.h. A phrase has those of its distinct words. Where a list says in which docs two
 * words are neighbours, that takes the place of both: of two words it is the phrase itself, of more it leaves the words' positions alone to
 * be looked at.
 */
#include "query/clauses.h"

bool rf_source_before(const struct rf_source *a, const struct rf_source *b)
{
    bool a_dense = a->postings.list.bitmap, b_dense = b->postings.list.bitmap;
    return a_dense != b_dense ? b_dense : a->postings.list.df < b->postings.list.df;
}

static riffle_status open_source(struct rf_ranked *run, struct rf_source *source, struct rf_clause *clause,
                                 const struct rf_term *term)
{
    source->clause = clause;
    source->ordinals = NULL;
    return rf_postings_open(&source->postings, run->data, term, run->error);
}

/* Bounds that need no stored maxima: the best of the records of a short list, or what no posting can pass. */
static struct rf_bound plain_bound(const struct rf_ranked *run, const struct rf_list *list, uint32_t weight)
{
    enum { FEW = 32 };
    uint32_t most = 0;
    for (uint32_t i = 0; i < list->blocks && list->blocks <= FEW; i++) {
        struct rf_most of_block = rf_list_most(list, i);
        if (of_block.tf == UINT32_MAX) {
            most = 0;
            break;
        }
        uint32_t score = rf_weigh(weight, rf_saturation(run->scorer, of_block.tf, of_block.length));
        most = score > most ? score : most;
    }
    if (!most)
        most = rf_weigh(weight, INT32_MAX);
    return (struct rf_bound){.most = most};
}

void rf_clause_bound(const struct rf_ranked *run, struct rf_clause *clause)
{
    for (uint32_t i = 0; i < clause->source_count; i++) {
        const struct rf_list *list = &clause->sources[i]->postings.list;
        uint32_t weight = clause->scoring.weight;
        clause->sources[i]->bound = list->maxima ? rf_ranked_bound(run, list, weight, 1) : plain_bound(run, list, weight);
    }
}

static void add_source(struct rf_clause *clause, struct rf_source *source)
{
    uint32_t at = clause->source_count++;
    for (; at && rf_source_before(source, clause->sources[at - 1]); at--)
        clause->sources[at] = clause->sources[at - 1];
    clause->sources[at] = source;
}

/* ---- Phrases ---- */

static bool same_word(const struct rf_slot *a, const struct rf_slot *b)
{
    return rf_compare(a->keys[0].data, a->keys[0].length, b->keys[0].data, b->keys[0].length) == 0;
}

/* The words of a phrase while its lists are chosen. */
struct words {
    const struct rf_leaf *leaf;
    struct rf_source *sources; /* of the distinct words, then of the pairs */
    uint32_t *which;           /* slot -> distinct word */
    uint32_t distinct;
    bool *covered; /* by distinct word: a pair holds it */
};

/* Finds the distinct words, and opens their lists. *absent: one of them is not in the segment. */
static riffle_status open_words(struct rf_ranked *run, struct rf_clause *clause, struct words *words, bool *absent)
{
    const struct rf_leaf *leaf = words->leaf;
    for (uint32_t i = 0; i < leaf->slot_count; i++) {
        const struct rf_term *term = rf_ranked_term(run, &leaf->slots[i]);
        uint32_t same = 0;
        *absent = !term->df;
        if (*absent)
            return RIFFLE_OK;
        while (same < i &&
               (rf_ranked_term(run, &leaf->slots[same])->df != term->df || !same_word(&leaf->slots[same], &leaf->slots[i])))
            same++;
        words->which[i] = same < i ? words->which[same] : words->distinct++;
        riffle_status status = same < i ? RIFFLE_OK : open_source(run, &words->sources[words->which[i]], clause, term);
        if (status)
            return status;
    }
    return RIFFLE_OK;
}

/* The list of the docs where two neighbours of a phrase stand side by side. *covered: the index tells of these words; then *term of df 0 means that
 * they never do. */
static riffle_status find_pair(struct rf_ranked *run, const struct rf_slot *slots, bool *covered, struct rf_term *term)
{
    const struct rf_bytes *a = &slots[0].keys[0], *b = &slots[1].keys[0];
    bool found;
    riffle_status status =
        rf_segment_find_pair(run->data, a->data, a->length, b->data, b->length, rf_ranked_term(run, &slots[0])->df,
                             rf_ranked_term(run, &slots[1])->df, covered, &found, term, run->error);
    if (!status && *covered && !found)
        term->df = 0;
    return status;
}

/* *absent: a pair of the phrase is nowhere in the segment. */
static riffle_status open_pairs(struct rf_ranked *run, struct rf_clause *clause, struct words *words, bool *absent)
{
    const struct rf_slot *slots = words->leaf->slots;
    uint32_t next = words->leaf->slot_count;
    for (uint32_t i = 0; i + 1 < words->leaf->slot_count; i++) {
        struct rf_term term;
        bool covered, again = false;
        for (uint32_t j = 0; j < i && !again; j++)
            again = words->which[j] == words->which[i] && words->which[j + 1] == words->which[i + 1];
        if (again)
            continue;
        riffle_status status = find_pair(run, &slots[i], &covered, &term);
        *absent = covered && !term.df;
        if (status || *absent)
            return status;
        if (covered && words->leaf->slot_count == 2)
            clause->df = term.df;
        if (!covered || !rf_term_has_postings(&term))
            continue;
        words->covered[words->which[i]] = words->covered[words->which[i + 1]] = true;
        status = open_source(run, &words->sources[next], clause, &term);
        if (status)
            return status;
        add_source(clause, &words->sources[next++]);
    }
    return RIFFLE_OK;
}

/* The words by rising df, for their positions. */
static riffle_status open_phrase(struct rf_ranked *run, struct rf_clause *clause, const struct words *words)
{
    uint32_t slots = words->leaf->slot_count;
    struct rf_phrase *phrase = rf_arena_room(&run->arena, 1, sizeof *phrase);
    uint32_t *offsets = rf_arena_room(&run->arena, slots, sizeof *offsets);
    uint32_t *order = rf_arena_room(&run->arena, words->distinct, sizeof *order);
    if (!phrase || !offsets || !order)
        return rf_fail_memory(run->error);
    rf_phrase_init(phrase, &run->arena, run->error);
    phrase->words = rf_arena_array(&run->arena, words->distinct, sizeof *phrase->words);
    phrase->word_count = words->distinct;
    if (!phrase->words)
        return rf_fail_memory(run->error);
    for (uint32_t i = 0; i < words->distinct; i++) {
        uint32_t at = i;
        for (; at && words->sources[order[at - 1]].postings.list.df > words->sources[i].postings.list.df; at--)
            order[at] = order[at - 1];
        order[at] = i;
    }
    for (uint32_t i = 0; i < words->distinct; i++) {
        struct rf_phrase_word *word = &phrase->words[i];
        word->list = &words->sources[order[i]].postings.list;
        word->ordinals = words->sources[order[i]].ordinals;
        word->offsets = offsets;
        for (uint32_t s = 0; s < slots; s++)
            if (words->which[s] == order[i])
                word->offsets[word->offset_count++] = s;
        offsets += word->offset_count;
    }
    clause->phrase = phrase;
    return RIFFLE_OK;
}

/* A word that no pair covers decides about docs, and most then know the place of their postings. */
static riffle_status add_word(struct rf_ranked *run, struct rf_clause *clause, struct rf_source *word, bool covered)
{
    word->ordinals = rf_arena_room(&run->arena, RF_BATCH, sizeof *word->ordinals);
    if (!word->ordinals)
        return rf_fail_memory(run->error);
    if (covered || word->postings.list.bitmap)
        clause->late[clause->late_count++] = word;
    if (!covered)
        add_source(clause, word);
    return RIFFLE_OK;
}

static riffle_status open_lists_of_phrase(struct rf_ranked *run, struct rf_clause *clause)
{
    const struct rf_leaf *leaf = clause->leaf;
    size_t most = 2 * (size_t)leaf->slot_count - 1; /* distinct words and pairs */
    struct words words = {.leaf = leaf};
    words.sources = rf_arena_room(&run->arena, most, sizeof *words.sources);
    words.which = rf_arena_room(&run->arena, leaf->slot_count, sizeof *words.which);
    words.covered = rf_arena_array(&run->arena, leaf->slot_count, sizeof *words.covered);
    clause->sources = rf_arena_room(&run->arena, most, sizeof(struct rf_source *));
    clause->late = rf_arena_room(&run->arena, leaf->slot_count, sizeof(struct rf_source *));
    clause->tfs = rf_arena_room(&run->arena, RF_BATCH, sizeof *clause->tfs);
    if (!clause->late || !words.sources || !words.which || !words.covered || !clause->sources || !clause->tfs)
        return rf_fail_memory(run->error);
    bool absent = false;
    riffle_status status = open_words(run, clause, &words, &absent);
    if (!status && !absent)
        status = open_pairs(run, clause, &words, &absent);
    if (!status && !absent && leaf->slot_count == 2 && clause->source_count)
        return RIFFLE_OK; /* the pair is the phrase */
    for (uint32_t i = 0; !status && !absent && i < words.distinct; i++)
        status = add_word(run, clause, &words.sources[i], words.covered[i]);
    if (absent)
        clause->source_count = 0;
    return status || absent ? status : open_phrase(run, clause, &words);
}

/* ---- Terms ---- */

static riffle_status open_list_of_term(struct rf_ranked *run, struct rf_clause *clause)
{
    const struct rf_term *term = rf_ranked_term(run, &clause->leaf->slots[0]);
    if (!term->df)
        return RIFFLE_OK;
    struct memory {
        struct rf_source source, *list[1];
    } *memory = rf_arena_room(&run->arena, 1, sizeof *memory);
    if (!memory)
        return rf_fail_memory(run->error);
    clause->sources = memory->list;
    add_source(clause, &memory->source);
    return open_source(run, &memory->source, clause, term);
}

/* Terms of the same postings and weight. */
static bool same_term(const struct rf_ranked *run, const struct rf_leaf *a, const struct rf_leaf *b)
{
    if (a->kind == RF_LEAF_PHRASE || b->kind == RF_LEAF_PHRASE || a->scaled_weight != b->scaled_weight)
        return false;
    const struct rf_term *x = rf_ranked_term(run, &a->slots[0]), *y = rf_ranked_term(run, &b->slots[0]);
    return x->df == y->df && x->df > 1 && x->docs_at == y->docs_at;
}

riffle_status rf_clauses_open(struct rf_ranked *run, struct rf_leaf *const *leaves, uint32_t leaf_count, struct rf_clause **clauses,
                              uint32_t *clause_count)
{
    enum { NEAR = 8 }; /* equal terms are looked for among so many before: in a long query they hardly matter */
    *clause_count = 0;
    *clauses = rf_arena_array(&run->arena, leaf_count, sizeof **clauses);
    if (!*clauses)
        return rf_fail_memory(run->error);
    for (uint32_t i = 0; i < leaf_count; i++) {
        uint32_t count = *clause_count, same = count, last = count > NEAR ? count - NEAR : 0;
        while (same > last && !same_term(run, (*clauses)[same - 1].leaf, leaves[i]))
            same--;
        if (same > last) {
            (*clauses)[same - 1].scoring.again++;
            continue;
        }
        struct rf_clause *clause = &(*clauses)[(*clause_count)++];
        clause->leaf = leaves[i];
        clause->scoring = (struct rf_scoring){run->scorer, run->lengths, leaves[i]->scaled_weight, 0};
        riffle_status status =
            leaves[i]->kind == RF_LEAF_PHRASE ? open_lists_of_phrase(run, clause) : open_list_of_term(run, clause);
        if (status)
            return status;
    }
    return RIFFLE_OK;
}
