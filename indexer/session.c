/* SPDX-License-Identifier: BSD-3-Clause */
/* From articles to one new segment; session.h. */
#include "indexer/session.h"

void rf_session_init(struct rf_session *session, const riffle_allocator *allocator, const char *folder,
                     const struct rf_settings *settings, uint64_t memory, uint32_t *next_number)
{
    memset(session, 0, sizeof *session);
    session->allocator = allocator;
    session->folder = folder;
    session->settings = settings;
    session->memory = memory;
    session->next_number = next_number;
    rf_inverter_init(&session->inverter, allocator);
    rf_tokens_init(&session->tokens, allocator);
    rf_tokens_init(&session->title_tokens, allocator);
    rf_passages_init(&session->passages, allocator);
    rf_buffer_init(&session->title_keys, allocator);
}

void rf_remove_segment(const riffle_allocator *allocator, const char *folder, uint32_t number)
{
    for (int i = 0; i < RF_FILES; i++) {
        char *path = rf_segment_path(allocator, folder, number, rf_file_suffix[i]);
        if (path)
            rf_unlink(path);
        rf_free(allocator, path);
    }
}

static void remove_runs(struct rf_session *session)
{
    for (size_t i = 0; i < session->run_count; i++)
        rf_remove_segment(session->allocator, session->folder, session->runs[i]);
    session->run_count = 0;
}

/* Forgets the segment in the making; `remove` removes what there is of its files. The runs' go in any case. */
static void end_segment(struct rf_session *session, bool remove)
{
    remove_runs(session);
    if (!session->open)
        return;
    rf_articles_release(&session->articles, remove);
    if (remove)
        rf_remove_segment(session->allocator, session->folder, session->number);
    session->open = false;
}

void rf_session_release(struct rf_session *session)
{
    end_segment(session, true);
    rf_inverter_release(&session->inverter);
    rf_tokens_release(&session->tokens);
    rf_tokens_release(&session->title_tokens);
    rf_passages_release(&session->passages);
    rf_buffer_release(&session->title_keys);
    rf_free(session->allocator, session->runs);
    rf_free(session->allocator, session->keys);
    rf_free(session->allocator, session->terms);
    session->runs = NULL;
    session->keys = NULL;
    session->terms = NULL;
}

/* ---- Adding ---- */

/* Looks up all of the article's terms at once: those of the text, of the title, and of the title's own field. */
static bool find_terms(struct rf_session *session)
{
    size_t text = session->tokens.count, title = session->title_tokens.count, count = text + 2 * title;
    void *keys = session->keys, *terms = session->terms;
    bool grown = rf_grow(session->allocator, &keys, &session->key_capacity, count, sizeof *session->keys);
    grown = rf_grow(session->allocator, &terms, &session->term_capacity, count, sizeof *session->terms) && grown;
    session->keys = keys;
    session->terms = terms;
    session->title_keys.size = 0;
    if (!grown || !rf_buffer_reserve(&session->title_keys, title * (RF_TERM_MAX + 1) + 16))
        return false;
    for (size_t i = 0; i < text; i++) {
        const struct rf_token *token = &session->tokens.list[i];
        session->keys[i] = (struct rf_inverter_key){rf_token_term(&session->tokens, token), token->term_length};
    }
    for (size_t i = 0; i < title; i++) {
        const struct rf_token *token = &session->title_tokens.list[i];
        const char *term = rf_token_term(&session->title_tokens, token);
        char *field = (char *)session->title_keys.data + session->title_keys.size;
        rf_buffer_append_byte(&session->title_keys, RF_PREFIX_TITLE);
        rf_buffer_append(&session->title_keys, term, token->term_length);
        session->keys[text + i] = (struct rf_inverter_key){term, token->term_length};
        session->keys[text + title + i] = (struct rf_inverter_key){field, token->term_length + 1u};
    }
    return rf_inverter_find(&session->inverter, session->keys, count, session->terms);
}

/* Notes tokens at positions from `position` on; a joined one has the position of the token behind it. Returns the position behind. */
static uint32_t add_tokens(struct rf_session *session, const struct rf_token *tokens, const uint32_t *terms, size_t count,
                           uint32_t doc, uint32_t position)
{
    for (size_t i = 0; i < count; i++) {
        rf_inverter_add(&session->inverter, terms[i], doc, position);
        position += !(tokens[i].flags & RF_TOKEN_JOINED);
    }
    return position;
}

/* The passage's stream of tokens is the title, `title_weight` times with a gap of one position behind each, then the text. */
static void add_passage(struct rf_session *session, const struct rf_passage *passage, uint32_t doc)
{
    size_t text = session->tokens.count, title = session->title_tokens.count;
    const struct rf_token *title_tokens = session->title_tokens.list;
    uint32_t position = 0, weight = session->settings->title_weight;
    if (title) {
        for (uint32_t i = 0; i < weight; i++)
            position = 1 + add_tokens(session, title_tokens, session->terms + text, title, doc, position);
        add_tokens(session, title_tokens, session->terms + text + title, title, doc, 0);
    }
    uint32_t start = position;
    uint32_t first = passage->first_token, count = passage->end_token - first;
    if (count)
        position = add_tokens(session, session->tokens.list + first, session->terms + first, count, doc, position);
    uint64_t length = (uint64_t)weight * session->title_tokens.positions + (position - start);
    rf_articles_add_doc(&session->articles, passage->start, length);
}

/* ---- Runs ---- */

/* Writes a run, or with `language` the segment itself, from all runs and what is in memory. */
static riffle_status build(struct rf_session *session, uint32_t number, bool from_runs, struct rf_language *language,
                           struct rf_segment_entry *entry, riffle_error *error)
{
    const riffle_allocator *allocator = session->allocator;
    size_t runs = from_runs ? session->run_count : 0, count = runs;
    struct rf_source *sources = rf_alloc_zero(allocator, (runs + 1) * sizeof *sources);
    if (!sources)
        return rf_fail_memory(error);
    const uint8_t *lengths = rf_articles_lengths(&session->articles);
    uint32_t docs = session->articles.docs;
    riffle_status status = RIFFLE_OK;
    for (size_t i = 0; !status && i < runs; i++)
        status = rf_segment_open_run(&sources[i].segment, session->folder, session->runs[i], docs, lengths, allocator, error);
    if (session->inverter.term_count)
        sources[count++].inverter = &session->inverter;
    if (!status)
        status = rf_build_postings(sources, count, session->folder, number, docs, lengths, language, session->memory, allocator,
                                   entry, error);
    for (size_t i = 0; i < runs; i++)
        rf_segment_close(sources[i].segment);
    rf_free(allocator, sources);
    return status;
}

/*
 * Moves what the inverter holds into a run of its own; when there are many runs already, into one with all of them, so that the
 * number of files and maps at a time stays small whatever the budget.
 */
static riffle_status flush_run(struct rf_session *session, riffle_error *error)
{
    enum { MOST_RUNS = 64 };
    void *runs = session->runs;
    if (!rf_grow(session->allocator, &runs, &session->run_capacity, session->run_count + 1, sizeof *session->runs))
        return rf_fail_memory(error);
    session->runs = runs;
    uint32_t number = (*session->next_number)++;
    struct rf_segment_entry entry = {.number = number};
    bool all = session->run_count == MOST_RUNS;
    riffle_status status = build(session, number, all, NULL, &entry, error);
    rf_inverter_clear(&session->inverter);
    if (status)
        return status;
    if (all)
        remove_runs(session);
    session->runs[session->run_count++] = number;
    return RIFFLE_OK;
}

/* Half of the budget is for what is in memory now: sorting the terms, and the stems at the end, need the other. */
static bool is_full(const struct rf_session *session)
{
    uint64_t half = session->memory / 2, held = rf_articles_memory(&session->articles);
    /* Articles cannot be flushed: when they alone take most of it, postings still get a quarter, or there would be a run for each. */
    uint64_t room = held < half / 2 ? half - held : half / 2;
    return rf_inverter_memory(&session->inverter) > room;
}

riffle_status rf_session_add(struct rf_session *session, const struct rf_bytes *id, const struct rf_bytes *title, const char *text,
                             uint32_t text_length, const riffle_field *fields, size_t field_count, riffle_error *error)
{
    riffle_status status = RIFFLE_OK;
    if (!session->open) {
        session->number = (*session->next_number)++;
        status = rf_articles_create(&session->articles, session->folder, session->number, session->settings->store_text,
                                    session->allocator, error);
        if (status)
            return status;
        session->open = true;
    }
    if (!rf_tokenize(&session->tokens, text, text_length) || !rf_tokenize(&session->title_tokens, title->data, title->length) ||
        !rf_passages_cut(&session->passages, text, text_length, &session->tokens, !session->settings->split_passages) ||
        !find_terms(session))
        return rf_fail_memory(error);
    if (session->passages.count >= RF_NO_DOC - session->articles.docs)
        return rf_fail(error, RIFFLE_TOO_LARGE, "more than %u passages in one commit", (unsigned)RF_NO_DOC - 1);

    rf_articles_add(&session->articles, id, title, text, text_length, fields, field_count);
    for (size_t i = 0; !status && i < session->passages.count && !session->articles.error.status; i++) {
        add_passage(session, &session->passages.list[i], session->articles.docs);
        if (!session->inverter.failed && is_full(session)) {
            status = flush_run(session, error);
            if (!status && i + 1 < session->passages.count && !find_terms(session)) /* the numbers went with the run */
                status = rf_fail_memory(error);
        }
    }
    if (status)
        return status;
    if (session->articles.error.status) {
        if (error)
            *error = session->articles.error;
        return session->articles.error.status;
    }
    return session->inverter.failed ? rf_fail_memory(error) : RIFFLE_OK;
}

/* ---- Finishing ---- */

riffle_status rf_session_finish(struct rf_session *session, struct rf_language *language, struct rf_segment_entry *entry,
                                riffle_error *error)
{
    *entry = (struct rf_segment_entry){.number = session->number};
    /* With runs there, what is in memory becomes one too, so that its memory is free for the merge. */
    riffle_status status = session->run_count && session->inverter.term_count ? flush_run(session, error) : RIFFLE_OK;
    if (session->run_count)
        rf_inverter_release(&session->inverter);
    if (!status)
        status = build(session, session->number, true, language, entry, error);
    if (!status)
        status = rf_articles_finish(&session->articles, entry, error);
    rf_inverter_release(&session->inverter);
    end_segment(session, status != RIFFLE_OK);
    return status;
}
