/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every function of the Xapian wrapper; xapian_calls.h. */
#include "tests/support/xapian_calls.h"

#include <stdio.h>
#include <string.h>

#define RED "red", 3

rx_status scene_open(struct scene *s, int writable, rx_error *error)
{
    rx_status status = writable ? rx_database_open_writable(s->path, RX_OPEN, RX_NO_SYNC, 0, &s->database, error)
                                : rx_database_open(s->path, &s->database, error);
    rx_query *parts[2] = {NULL, NULL};
    rx_search_options options = RX_SEARCH_OPTIONS_INIT;
    options.flags = RX_KEEP;
    if (!status)
        status = rx_stemmer_new("english", &s->stemmer, error);
    if (!status)
        status = rx_query_term(RED, 1, 1, &parts[0], error);
    if (!status)
        status = rx_query_term("apple", 5, 1, 2, &parts[1], error);
    if (!status)
        status = rx_query_combine(RX_OP_OR, (const rx_query *const *)parts, 2, 0, &s->query, error);
    rx_query_free(parts[0]);
    rx_query_free(parts[1]);
    if (!status)
        status = rx_enquire_new(s->database, &s->enquire, error);
    if (!status)
        status = rx_enquire_query(s->enquire, s->query, 0, error);
    /* Of an empty or damaged database the rest cannot be had; that is no reason to have none of it. */
    if (!status) {
        rx_search(s->enquire, &options, &s->hits, error);
        if (rx_document_get(s->database, 1, &s->document, error))
            rx_document_new(&s->document, error);
        rx_database_open(s->path, &s->part, error);
    }
    return status;
}

void scene_close(struct scene *s)
{
    rx_hits_free(s->hits);
    rx_document_free(s->document);
    rx_enquire_free(s->enquire);
    rx_query_free(s->query);
    rx_stemmer_free(s->stemmer);
    rx_database_free(s->part);
    rx_database_free(s->database);
    s->hits = NULL, s->document = NULL, s->enquire = NULL, s->query = NULL, s->stemmer = NULL;
    s->part = s->database = NULL;
}

static const char *in_folder(const struct scene *s, const char *name, char path[SCRATCH_PATH + 20])
{
    snprintf(path, SCRATCH_PATH + 20, "%s/%s", s->folder, name);
    return path;
}

/* ---- A function each, of the name's tail ---- */

#define CALL(name) static rx_status call_##name(struct scene *s, rx_error *error)
/* What makes a handle, or memory, and what frees that. */
#define MAKING(name, type, call, free)                                                                                             \
    CALL(name)                                                                                                                     \
    {                                                                                                                              \
        type *made = NULL;                                                                                                         \
        (void)s;                                                                                                                   \
        rx_status status = call;                                                                                                   \
        free(made);                                                                                                                \
        return status;                                                                                                             \
    }
#define GIVING(name, call)                                                                                                         \
    CALL(name)                                                                                                                     \
    {                                                                                                                              \
        rx_string made = {NULL, 0};                                                                                                \
        (void)s;                                                                                                                   \
        rx_status status = call;                                                                                                   \
        rx_string_free(&made);                                                                                                     \
        return status;                                                                                                             \
    }
/* What fills an object of the caller's. */
#define FILLING(name, type, call)                                                                                                  \
    CALL(name)                                                                                                                     \
    {                                                                                                                              \
        type made;                                                                                                                 \
        (void)s;                                                                                                                   \
        return call;                                                                                                               \
    }
#define DOING(name, call)                                                                                                          \
    CALL(name) { return call; }

static int visit_term(void *context, const rx_term *term)
{
    (void)context, (void)term;
    return 0;
}

static int visit_value(void *context, rx_docid docid, const char *value, size_t length)
{
    (void)context, (void)docid, (void)value, (void)length;
    return 0;
}

MAKING(database_open, rx_database, rx_database_open(s->path, &made, error), rx_database_free)
MAKING(database_open_local, rx_database, rx_database_open_local(s->path, &made, error), rx_database_free)
MAKING(database_open_memory, rx_database, rx_database_open_memory(&made, error), rx_database_free)
/* Nobody listens there. */
MAKING(database_open_remote, rx_database, rx_database_open_remote("127.0.0.1", 1, 100, 100, &made, error), rx_database_free)
MAKING(database_open_remote_writable, rx_database, rx_database_open_remote_writable("127.0.0.1", 1, 100, 100, &made, error),
       rx_database_free)
MAKING(database_open_program, rx_database, rx_database_open_program("riffle-no-such-program", "", 1000, &made, error),
       rx_database_free)
MAKING(database_new, rx_database, rx_database_new(&made, error), rx_database_free)

CALL(database_open_writable)
{
    char path[SCRATCH_PATH + 20];
    rx_database *made = NULL;
    rx_status status = rx_database_open_writable(in_folder(s, "new", path), RX_CREATE_OR_OVERWRITE, RX_NO_SYNC, 0, &made, error);
    rx_database_free(made);
    return status;
}

/* The database is the part here, to one that is new. */
CALL(database_add)
{
    rx_database *made = NULL;
    rx_status status = rx_database_new(&made, error);
    if (!status)
        status = rx_database_add(made, s->database, error);
    rx_database_free(made);
    return status;
}

FILLING(database_reopen, int, rx_database_reopen(s->database, &made, error))
DOING(database_keep_alive, rx_database_keep_alive(s->database, error))
DOING(database_close, rx_database_close(s->database, error))
FILLING(database_statistics, rx_statistics, rx_database_statistics(s->database, &made, error))
GIVING(database_uuid, rx_database_uuid(s->database, &made, error))
FILLING(database_revision, uint64_t, rx_database_revision(s->database, &made, error))
FILLING(database_locked, int, rx_database_locked(s->database, &made, error))
FILLING(database_term, rx_term_statistics, rx_database_term(s->database, RED, &made, error))
FILLING(database_document_length, uint32_t, rx_database_document_length(s->database, 1, &made, error))
GIVING(metadata_get, rx_metadata_get(s->database, "key", 3, &made, error))

CALL(database_check)
{
    size_t faults;
    rx_string log = {NULL, 0};
    rx_status status = rx_database_check(s->path, &faults, &log, error);
    rx_string_free(&log);
    return status;
}

CALL(database_compact)
{
    char path[SCRATCH_PATH + 20];
    return rx_database_compact(s->database, in_folder(s, "compact", path), 0, 0, error);
}

MAKING(document_new, rx_document, rx_document_new(&made, error), rx_document_free)
MAKING(document_get, rx_document, rx_document_get(s->database, 1, &made, error), rx_document_free)

CALL(document_clear)
{
    (void)s;
    rx_document *made = NULL;
    rx_status status = rx_document_new(&made, error);
    if (!status)
        status = rx_document_add_term(made, RED, 1, error);
    if (!status)
        status = rx_document_clear(made, error);
    rx_document_free(made);
    return status;
}

CALL(document_add_tokens)
{
    const rx_token tokens[] = {{"green", 5, 3, 1}, {"pear", 4, RX_NO_POSITION, 1}};
    return rx_document_add_tokens(s->document, tokens, 2, error);
}

DOING(document_add_posting, rx_document_add_posting(s->document, RED, 9, 1, error))
DOING(document_add_term, rx_document_add_term(s->document, "pear", 4, 1, error))
DOING(document_add_boolean, rx_document_add_boolean(s->document, "Q7", 2, error))
DOING(document_remove_term, rx_document_remove_term(s->document, RED, error))
DOING(document_set_value, rx_document_set_value(s->document, 1, "value", 5, error))
GIVING(document_value, rx_document_value(s->document, 1, &made, error))
DOING(document_set_number, rx_document_set_number(s->document, 0, 1.5, error))
FILLING(document_number, double, rx_document_number(s->document, 0, &made, error))
DOING(document_set_data, rx_document_set_data(s->document, "data", 4, error))
GIVING(document_data, rx_document_data(s->document, &made, error))
MAKING(document_terms, rx_terms, rx_document_terms(s->document, &made, error), rx_terms_free)

CALL(number_encode)
{
    char bytes[RX_NUMBER_BYTES];
    size_t length;
    (void)s;
    return rx_number_encode(1.5, bytes, &length, error);
}

FILLING(number_decode, double, rx_number_decode("\xa0", 1, &made, error))

FILLING(add, rx_docid, rx_add(s->database, s->document, &made, error))
DOING(replace, rx_replace(s->database, 1, s->document, error))
FILLING(replace_by_term, rx_docid, rx_replace_by_term(s->database, "Q1", 2, s->document, &made, error))
DOING(delete, rx_delete(s->database, 1, error))
DOING(delete_by_term, rx_delete_by_term(s->database, "Q1", 2, error))
DOING(metadata_set, rx_metadata_set(s->database, "key", 3, "value", 5, error))

/* Each after a change, so that there is something to write. */
CALL(commit)
{
    rx_status status = rx_add(s->database, s->document, NULL, error);
    return status ? status : rx_commit(s->database, error);
}

CALL(cancel)
{
    rx_status status = rx_add(s->database, s->document, NULL, error);
    return status ? status : rx_cancel(s->database, error);
}

CALL(transaction_begin)
{
    rx_status status = rx_transaction_begin(s->database, error);
    if (status == RX_OK)
        rx_transaction_cancel(s->database, NULL);
    return status;
}

CALL(transaction_commit)
{
    rx_status status = rx_transaction_begin(s->database, error);
    if (!status)
        status = rx_add(s->database, s->document, NULL, error);
    return status ? status : rx_transaction_commit(s->database, error);
}

CALL(transaction_cancel)
{
    rx_status status = rx_transaction_begin(s->database, error);
    if (!status)
        status = rx_add(s->database, s->document, NULL, error);
    return status ? status : rx_transaction_cancel(s->database, error);
}

MAKING(query_term, rx_query, rx_query_term(RED, 1, 0, &made, error), rx_query_free)
MAKING(query_combine, rx_query, rx_query_combine(RX_OP_AND, (const rx_query *const[]){s->query, s->query}, 2, 0, &made, error),
       rx_query_free)
MAKING(query_scale, rx_query, rx_query_scale(s->query, 2, &made, error), rx_query_free)
MAKING(query_wildcard, rx_query, rx_query_wildcard("a", 1, 5, RX_WILDCARD_FIRST, RX_OP_OR, &made, error), rx_query_free)
MAKING(query_value_range, rx_query, rx_query_value_range(1, "a", 1, "b", 1, &made, error), rx_query_free)
MAKING(query_all, rx_query, rx_query_all(&made, error), rx_query_free)
MAKING(query_none, rx_query, rx_query_none(&made, error), rx_query_free)
GIVING(query_describe, rx_query_describe(s->query, &made, error))
GIVING(query_serialise, rx_query_serialise(s->query, &made, error))
MAKING(query_terms, rx_terms, rx_query_terms(s->query, &made, error), rx_terms_free)

CALL(query_parse)
{
    rx_query *made = NULL;
    rx_string corrected = {NULL, 0};
    rx_parse_options options = RX_PARSE_OPTIONS_INIT;
    options.database = s->database;
    options.stemmer = s->stemmer;
    options.flags |= RX_PARSE_SPELLING | RX_PARSE_WILDCARD;
    rx_status status = rx_query_parse("red aple tre*", 13, &options, &made, &corrected, error);
    rx_string_free(&corrected);
    rx_query_free(made);
    return status;
}

CALL(query_unserialise)
{
    rx_query *made = NULL;
    rx_string bytes = {NULL, 0};
    rx_status status = rx_query_serialise(s->query, &bytes, error);
    if (!status)
        status = rx_query_unserialise(bytes.bytes, bytes.length, &made, error);
    rx_string_free(&bytes);
    rx_query_free(made);
    return status;
}

MAKING(enquire_new, rx_enquire, rx_enquire_new(s->database, &made, error), rx_enquire_free)
DOING(enquire_query, rx_enquire_query(s->enquire, s->query, 0, error))
DOING(enquire_bm25, rx_enquire_bm25(s->enquire, 1, 0, 0, 0.5, 0, error))
DOING(enquire_lucene, rx_enquire_lucene(s->enquire, 1, 0.5, 1, error))
DOING(enquire_boolean, rx_enquire_boolean(s->enquire, error))
DOING(enquire_sort, rx_enquire_sort(s->enquire, RX_SORT_RELEVANCE_VALUE, 0, 0, error))
DOING(enquire_docid_order, rx_enquire_docid_order(s->enquire, RX_ASCENDING, error))
DOING(enquire_collapse, rx_enquire_collapse(s->enquire, 1, 1, error))
DOING(enquire_cutoff, rx_enquire_cutoff(s->enquire, 0, 0, error))
DOING(enquire_time_limit, rx_enquire_time_limit(s->enquire, 0, error))

CALL(search)
{
    rx_search_options options = RX_SEARCH_OPTIONS_INIT;
    rx_hits *made = NULL;
    options.flags = RX_WITH_DATA | RX_KEEP;
    options.slots = (const rx_slot[]){0, 1};
    options.slot_count = 2;
    options.relevant = (const rx_docid[]){1};
    options.relevant_count = 1;
    options.check_at_least = 1000;
    rx_status status = rx_search(s->enquire, &options, &made, error);
    rx_hits_free(made);
    return status;
}

/* Without hits, which a damaged database may not have given, there is nothing to ask. */
GIVING(hits_snippet, rx_hits_snippet(s->hits, "a red apple", 11, 50, s->stemmer, NULL, NULL, NULL, &made, error))

CALL(hits_term)
{
    uint32_t documents;
    double weight;
    return rx_hits_term(s->hits, RED, &documents, &weight, error);
}

MAKING(matching_terms, rx_terms, rx_matching_terms(s->enquire, 1, &made, error), rx_terms_free)
MAKING(expand, rx_terms, rx_expand(s->enquire, (const rx_docid[]){1, 2}, 2, 10, RX_EXPAND_EXACT, NULL, &made, error), rx_terms_free)

CALL(postings)
{
    rx_posting postings[50];
    size_t count;
    return rx_postings(s->database, RED, 1, postings, 50, &count, error);
}

CALL(positions)
{
    uint32_t positions[50];
    size_t count;
    return rx_positions(s->database, 1, RED, positions, 50, &count, error);
}

DOING(each_term, rx_each_term(s->database, NULL, 0, visit_term, NULL, error))
DOING(each_metadata_key, rx_each_metadata_key(s->database, NULL, 0, visit_term, NULL, error))
DOING(each_spelling, rx_each_spelling(s->database, visit_term, NULL, error))
DOING(each_value, rx_each_value(s->database, 0, 1, visit_value, NULL, error))

MAKING(stemmer_new, rx_stemmer, rx_stemmer_new("english", &made, error), rx_stemmer_free)
GIVING(stem, rx_stem(s->stemmer, "apples", 6, &made, error))
GIVING(stemmer_languages, rx_stemmer_languages(&made, error))
DOING(spelling_add, rx_spelling_add(s->database, RED, 1, error))
DOING(spelling_remove, rx_spelling_remove(s->database, RED, 1, error))
GIVING(spelling_suggest, rx_spelling_suggest(s->database, "aple", 4, 2, &made, error))
DOING(synonym_add, rx_synonym_add(s->database, RED, "pink", 4, error))
DOING(synonym_remove, rx_synonym_remove(s->database, RED, "pink", 4, error))
MAKING(synonyms, rx_terms, rx_synonyms(s->database, RED, &made, error), rx_terms_free)

/* ---- The table ---- */

#define PLAIN(name)                                                                                                                \
    {                                                                                                                              \
        "rx_" #name, CALL_PLAIN, NULL                                                                                              \
    }
#define ROW(name, kind)                                                                                                            \
    {                                                                                                                              \
        "rx_" #name, kind, call_##name                                                                                             \
    }

const struct call calls[] = {
    PLAIN(status_text),
    PLAIN(xapian_version),
    PLAIN(string_free),
    PLAIN(terms_free),
    PLAIN(database_free),
    PLAIN(document_free),
    PLAIN(query_free),
    PLAIN(enquire_free),
    PLAIN(hits_free),
    PLAIN(stemmer_free),
    ROW(database_open, CALL_FREE_OF),
    ROW(database_open_local, CALL_FREE_OF),
    ROW(database_open_writable, CALL_FREE_OF),
    ROW(database_open_memory, CALL_FREE_OF),
    ROW(database_open_remote, CALL_FREE_OF),
    ROW(database_open_remote_writable, CALL_FREE_OF),
    ROW(database_open_program, CALL_FREE_OF),
    ROW(database_new, CALL_FREE_OF),
    ROW(database_add, CALL_OF),
    ROW(database_reopen, CALL_OF),
    ROW(database_keep_alive, CALL_OF),
    ROW(database_statistics, CALL_OF),
    ROW(database_uuid, CALL_OF),
    ROW(database_revision, CALL_OF),
    ROW(database_locked, CALL_OF),
    ROW(database_term, CALL_OF),
    ROW(database_document_length, CALL_OF),
    ROW(metadata_get, CALL_OF),
    ROW(database_check, CALL_FREE_OF),
    ROW(database_compact, CALL_OF),
    ROW(document_new, CALL_FREE_OF),
    ROW(document_get, CALL_OF),
    ROW(document_clear, CALL_FREE_OF),
    ROW(document_add_tokens, CALL_OF),
    ROW(document_add_posting, CALL_OF),
    ROW(document_add_term, CALL_OF),
    ROW(document_add_boolean, CALL_OF),
    ROW(document_remove_term, CALL_OF),
    ROW(document_set_value, CALL_OF),
    ROW(document_value, CALL_OF),
    ROW(document_set_number, CALL_OF),
    ROW(document_number, CALL_OF),
    ROW(document_set_data, CALL_OF),
    ROW(document_data, CALL_OF),
    ROW(document_terms, CALL_OF),
    ROW(number_encode, CALL_FREE_OF),
    ROW(number_decode, CALL_FREE_OF),
    ROW(add, CALL_WRITING),
    ROW(replace, CALL_WRITING),
    ROW(replace_by_term, CALL_WRITING),
    ROW(delete, CALL_WRITING),
    ROW(delete_by_term, CALL_WRITING),
    ROW(metadata_set, CALL_WRITING),
    ROW(commit, CALL_WRITING),
    ROW(cancel, CALL_WRITING),
    ROW(transaction_begin, CALL_WRITING),
    ROW(transaction_commit, CALL_WRITING),
    ROW(transaction_cancel, CALL_WRITING),
    ROW(query_term, CALL_FREE_OF),
    ROW(query_combine, CALL_FREE_OF),
    ROW(query_scale, CALL_FREE_OF),
    ROW(query_wildcard, CALL_FREE_OF),
    ROW(query_value_range, CALL_FREE_OF),
    ROW(query_all, CALL_FREE_OF),
    ROW(query_none, CALL_FREE_OF),
    ROW(query_describe, CALL_FREE_OF),
    ROW(query_serialise, CALL_FREE_OF),
    ROW(query_unserialise, CALL_FREE_OF),
    ROW(query_terms, CALL_FREE_OF),
    ROW(query_parse, CALL_OF),
    ROW(enquire_new, CALL_OF),
    ROW(enquire_query, CALL_OF),
    ROW(enquire_bm25, CALL_OF),
    ROW(enquire_lucene, CALL_OF),
    ROW(enquire_boolean, CALL_OF),
    ROW(enquire_sort, CALL_OF),
    ROW(enquire_docid_order, CALL_OF),
    ROW(enquire_collapse, CALL_OF),
    ROW(enquire_cutoff, CALL_OF),
    ROW(enquire_time_limit, CALL_OF),
    ROW(search, CALL_OF),
    ROW(hits_snippet, CALL_OF),
    ROW(hits_term, CALL_OF),
    ROW(matching_terms, CALL_OF),
    ROW(expand, CALL_OF),
    ROW(postings, CALL_OF),
    ROW(positions, CALL_OF),
    ROW(each_term, CALL_OF),
    ROW(each_metadata_key, CALL_OF),
    ROW(each_spelling, CALL_OF),
    ROW(each_value, CALL_OF),
    ROW(stemmer_new, CALL_FREE_OF),
    ROW(stem, CALL_FREE_OF),
    ROW(stemmer_languages, CALL_FREE_OF),
    ROW(spelling_add, CALL_WRITING),
    ROW(spelling_remove, CALL_WRITING),
    ROW(spelling_suggest, CALL_OF),
    ROW(synonym_add, CALL_WRITING),
    ROW(synonym_remove, CALL_WRITING),
    ROW(synonyms, CALL_OF),
    ROW(database_close, CALL_CLOSING),
};
const size_t call_count = sizeof calls / sizeof *calls;
