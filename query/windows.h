/* SPDX-License-Identifier: BSD-3-Clause */
/* What the files that execute a plan by windows share. */
#ifndef RF_WINDOWS_H
#define RF_WINDOWS_H

#include "query/execute.h"
#include "query/stream.h"

enum {
    RF_WINDOW = 4096, /* docs: their scores (16 KB) stay in the first-level cache */
    RF_WINDOW_WORDS = RF_WINDOW / 64
};

/* A leaf in the segment at hand. Slots of a phrase that hold the same terms share their streams. */
struct rf_window_leaf {
    const struct rf_leaf *leaf;
    struct rf_streams *docs;   /* one per distinct slot, by rising df: for choosing docs */
    struct rf_streams *places; /* PHRASE: the same once more, behind those, for positions in the chosen ones */
    uint32_t distinct;
    uint32_t *which; /* slot -> distinct slot */
    uint32_t *order; /* slots by rising df */
};

/* What a group needs while its children are evaluated; a group of height h uses frame h. */
struct rf_frame {
    uint64_t bits[3][RF_WINDOW_WORDS];
    uint32_t scores[RF_WINDOW];
};

struct rf_windows {
    const struct rf_plan *plan;
    const struct rf_native *index;
    const struct rf_scorer *scorer;
    uint32_t segment;
    const uint8_t *lengths; /* of the segment's docs */
    uint32_t base, size;    /* the window at hand; base is a multiple of 64 */
    struct rf_window_leaf *leaves;
    uint64_t **filters; /* per filter, the bits of the segment's docs */
    struct rf_frame *frames;
    uint32_t second[RF_WINDOW]; /* scores of an alternative */
    uint32_t tfs[RF_WINDOW];    /* zero between uses */
    /* Of a phrase in the window: */
    struct rf_positions starts, positions;
    struct rf_positions gathered;     /* of its slot of several terms, if it has one: its positions in all chosen docs */
    size_t *ends;                     /* and, by doc of the window, where those of each chosen one end */
    uint64_t *pairs;                  /* scratch */
    size_t pair_count, pair_capacity; /* of them */
    riffle_error *error;
};

/* Calls for each set bit of a window, as local number `d`. */
#define RF_FOR_EACH_BIT(d, set)                                                                                                    \
    for (uint32_t word_##d = 0; word_##d < RF_WINDOW_WORDS; word_##d++)                                                            \
        for (uint64_t left_##d = (set)[word_##d]; left_##d; left_##d &= left_##d - 1)                                              \
            for (uint32_t d = word_##d * 64 + (uint32_t)__builtin_ctzll(left_##d), once_##d = 1; once_##d; once_##d = 0)

/* The first set bit at or behind `from`, RF_WINDOW where there is none. */
uint32_t rf_next_bit(const uint64_t *set, uint32_t from);
bool rf_any_bit(const uint64_t *set);

/* Opens and releases a leaf for the segment at hand. */
riffle_status rf_window_leaf_open(struct rf_windows *run, struct rf_window_leaf *state, const struct rf_leaf *leaf);
void rf_window_leaf_release(struct rf_window_leaf *state, const riffle_allocator *allocator);

/*
 * The docs of the window at hand where the leaf occurs and that are allowed (NULL: all): sets `out`, which is zero. Where `scores` is
 * not NULL, it adds their scores, or, with `assign`, sets them; scores of other docs stay as they are.
 */
riffle_status rf_window_leaf_evaluate(struct rf_windows *run, struct rf_window_leaf *state, const uint64_t *allowed, uint64_t *out,
                                      uint32_t *scores, bool assign);

/* The same, for terms and phrases. */
riffle_status rf_window_terms(struct rf_windows *run, struct rf_streams *streams, uint32_t weight, const uint64_t *allowed,
                              uint64_t *out, uint32_t *scores, bool assign);
riffle_status rf_window_phrase(struct rf_windows *run, struct rf_window_leaf *state, const uint64_t *allowed, uint64_t *out,
                               uint32_t *scores, bool assign);

#endif
