/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a writer holds between two commits: one new segment in the making. Articles and stored text stream into the segment's own
 * files as they come; postings collect in memory and, when the budget is reached, are flushed as a run; commit merges the runs and
 * what is in memory. So the segment's bytes do not depend on the budget.
 */
#ifndef RF_SESSION_H
#define RF_SESSION_H

#include "indexer/build.h"
#include "store/articles.h"
#include "store/manifest.h"

struct rf_session {
    const riffle_allocator *allocator;
    const char *folder;
    const struct rf_settings *settings;
    uint64_t memory;       /* budget */
    uint32_t *next_number; /* of segments and runs: never one that a file in the folder has */
    bool open;             /* the segment has been started */
    uint32_t number;
    struct rf_articles_writer articles;
    struct rf_inverter inverter;
    uint32_t *runs; /* their numbers */
    size_t run_count, run_capacity;
    /* Reused from article to article. */
    struct rf_tokens tokens, title_tokens;
    struct rf_passages passages;
    struct rf_inverter_key *keys;
    uint32_t *terms;
    size_t key_capacity, term_capacity;
    struct rf_buffer title_keys;
};

void rf_session_init(struct rf_session *session, const riffle_allocator *allocator, const char *folder,
                     const struct rf_settings *settings, uint64_t memory, uint32_t *next_number);
/* Drops everything, the files too. */
void rf_session_release(struct rf_session *session);

static inline uint32_t rf_session_articles(const struct rf_session *session)
{
    return session->open ? session->articles.articles : 0;
}

/* Adds an article whose texts are valid UTF-8 and whose id is new. */
riffle_status rf_session_add(struct rf_session *session, const struct rf_bytes *id, const struct rf_bytes *title, const char *text,
                             uint32_t text_length, const riffle_field *fields, size_t field_count, riffle_error *error);

/* Finishes the segment, and is empty again. */
riffle_status rf_session_finish(struct rf_session *session, struct rf_language *language, struct rf_segment_entry *entry,
                                riffle_error *error);

/* merge.c: makes one segment of several, in their order; `memory` as for rf_build_postings. */
riffle_status rf_merge_segments(struct rf_segment **segments, size_t count, const char *folder, uint32_t number,
                                struct rf_language *language, bool store_text, uint64_t memory, const riffle_allocator *allocator,
                                struct rf_segment_entry *entry, riffle_error *error);

/* Removes a segment's files, as far as they are there. */
void rf_remove_segment(const riffle_allocator *allocator, const char *folder, uint32_t number);

#endif
