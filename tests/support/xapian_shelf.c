/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Small Xapian databases; xapian_shelf.h. */
#include "tests/support/xapian_shelf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* AddressSanitizer asks for it. libxapian 1.4.22 frees a table with a smaller size than it allocated, within Database::check alone. */
extern const char *__asan_default_options(void);
__attribute__((visibility("default"))) const char *__asan_default_options(void) { return "new_delete_type_mismatch=0"; }

static rx_error error;

/* The next word of a text; NULL: none. */
static const char *next_word(const char **at, size_t *length)
{
    *at += strspn(*at, " ");
    const char *word = *at;
    *length = strcspn(word, " ");
    *at += *length;
    return *length ? word : NULL;
}

rx_document *shelf_document(unsigned number, const char *text, const char *kind)
{
    rx_document *document = NULL;
    OK(rx_document_new(&document, &error));
    const char *at = text, *word;
    size_t length;
    for (uint32_t position = 1; (word = next_word(&at, &length)); position++)
        OK(rx_document_add_posting(document, word, length, position, 1, &error));
    char id[20];
    snprintf(id, sizeof id, "Q%u", number);
    OK(rx_document_add_boolean(document, TEXT(id), &error));
    OK(rx_document_set_number(document, SHELF_NUMBER, number, &error));
    if (kind)
        OK(rx_document_set_value(document, SHELF_KIND, TEXT(kind), &error));
    OK(rx_document_set_data(document, TEXT(text), &error));
    return document;
}

rx_docid shelf_add(rx_database *database, unsigned number, const char *text, const char *kind)
{
    rx_document *document = shelf_document(number, text, kind);
    rx_docid docid = 0;
    OK(rx_add(database, document, &docid, &error));
    rx_document_free(document);
    return docid;
}

void shelf_make(const char *path, const char *const *texts, size_t count)
{
    rx_database *database = NULL;
    OK(rx_database_open_writable(path, RX_CREATE, RX_NO_SYNC, 0, &database, &error));
    for (size_t i = 0; i < count; i++)
        shelf_add(database, (unsigned)i + 1, texts[i], NULL);
    OK(rx_commit(database, &error));
    rx_database_free(database);
}

unsigned shelf_count(const char *path)
{
    rx_database *database = NULL;
    rx_statistics statistics;
    OK(rx_database_open(path, &database, &error));
    OK(rx_database_statistics(database, &statistics, &error));
    rx_database_free(database);
    return statistics.documents;
}

rx_query *shelf_term(const char *term)
{
    rx_query *query = NULL;
    OK(rx_query_term(TEXT(term), 1, 0, &query, &error));
    return query;
}

rx_query *shelf_terms(rx_op op, const char *terms, uint32_t parameter)
{
    rx_query *parts[16], *query = NULL;
    size_t count = 0, length;
    const char *at = terms, *term;
    for (; (term = next_word(&at, &length)); count++)
        OK(rx_query_term(term, length, 1, 0, &parts[count], &error));
    OK(rx_query_combine(op, (const rx_query *const *)parts, count, parameter, &query, &error));
    for (size_t i = 0; i < count; i++)
        rx_query_free(parts[i]);
    return query;
}

const char *shelf_hits(const rx_hits *hits)
{
    static char line[2000];
    size_t length = 0;
    line[0] = 0;
    for (size_t i = 0; i < hits->count && length < sizeof line - 20; i++)
        length += (size_t)sprintf(line + length, "%s%u", i ? " " : "", hits->items[i].docid);
    return line;
}

const char *shelf_search(rx_enquire *enquire, rx_query *query)
{
    rx_hits *hits = NULL;
    rx_search_options options = RX_SEARCH_OPTIONS_INIT;
    options.limit = 100;
    OK(rx_enquire_query(enquire, query, 0, &error));
    rx_query_free(query);
    OK(rx_search(enquire, &options, &hits, &error));
    const char *line = shelf_hits(hits);
    rx_hits_free(hits);
    return line;
}
