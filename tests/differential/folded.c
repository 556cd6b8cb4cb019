/* SPDX-License-Identifier: BSD-3-Clause */
/* The game's corpus and queries; folded.h. */
#include "folded.h"

#include <setjmp.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <json-c/json.h>

#define SHARED "../shared"

enum { WORDS_LEAST = 100, WORDS_MOST = 150 };

static const char *const collections[] = {SHARED "/corpora/wiki.jsonl.xz", SHARED "/corpora/news.jsonl.xz"};
#define QUERIES SHARED "/bench/queries.jsonl"

bool folded_there(void)
{
    return access(collections[0], R_OK) == 0 && access(collections[1], R_OK) == 0 && access(QUERIES, R_OK) == 0 &&
           system("command -v xz >/dev/null") == 0;
}

/* A passage in the making. */
struct folding {
    riffle_writer *writer;
    struct rf_buffer text;
    size_t words;
    size_t collection, article, passage;
};

static void finish_passage(struct folding *folding)
{
    char id[80];
    riffle_error error;
    const riffle_article in = {.id = id,
                               .id_length =
                                   (size_t)sprintf(id, "%zu.%zu.%zu", folding->collection, folding->article, folding->passage++),
                               .text = (const char *)folding->text.data,
                               .text_length = folding->text.size};
    assert_false(folding->text.failed);
    if (riffle_writer_add(folding->writer, &in, &error))
        fail_msg("%s", error.message);
    folding->text.size = folding->words = 0;
}

/* A passage ends at the end of a paragraph, if it is long enough, and where it can take no more. */
static void fold_text(struct folding *folding, const char *text)
{
    for (const char *p = text;; p++) {
        char c = *p >= 'A' && *p <= 'Z' ? (char)(*p | 32) : *p;
        bool letter = c >= 'a' && c <= 'z';
        if (letter)
            rf_buffer_append_byte(&folding->text, (uint8_t)c);
        else if (folding->text.size && folding->text.data[folding->text.size - 1] != ' ') {
            rf_buffer_append_byte(&folding->text, ' ');
            folding->words++;
        }
        if (!letter && (folding->words == WORDS_MOST || (c == '\n' && folding->words >= WORDS_LEAST) || (!c && folding->words)))
            finish_passage(folding);
        if (!c)
            break;
    }
}

void folded_add(riffle_writer *writer, size_t first, size_t end)
{
    struct folding folding = {.writer = writer};
    char command[400], *line = NULL;
    size_t capacity = 0;
    rf_buffer_init(&folding.text, &rf_malloc_allocator);
    for (; folding.collection < sizeof collections / sizeof *collections; folding.collection++) {
        snprintf(command, sizeof command, "xz -dc '%s' 2>/dev/null", collections[folding.collection]);
        FILE *from = popen(command, "r");
        assert_non_null(from);
        for (folding.article = 0; folding.article < end && getline(&line, &capacity, from) > 0; folding.article++) {
            struct json_object *object = folding.article < first ? NULL : json_tokener_parse(line), *text;
            if (json_object_object_get_ex(object, "text", &text))
                fold_text(&folding, json_object_get_string(text));
            json_object_put(object);
        }
        pclose(from); /* which xz does not like when it is not done */
    }
    free(line);
    rf_buffer_release(&folding.text);
}

void folded_queries_read(struct folded_queries *queries)
{
    char *line = NULL;
    size_t capacity = 0;
    FILE *file = fopen(QUERIES, "rb");
    assert_non_null(file);
    *queries = (struct folded_queries){0};
    while (getline(&line, &capacity, file) > 0) {
        struct json_object *object = json_tokener_parse(line), *query;
        if (json_object_object_get_ex(object, "query", &query)) {
            assert_true(
                rf_grow(&rf_malloc_allocator, (void **)&queries->list, &queries->capacity, queries->count + 1, sizeof(char *)));
            assert_non_null(queries->list[queries->count++] = strdup(json_object_get_string(query)));
        }
        json_object_put(object);
    }
    fclose(file);
    free(line);
}

void folded_queries_release(struct folded_queries *queries)
{
    while (queries->count > 0)
        free(queries->list[--queries->count]);
    free(queries->list);
}
