/* SPDX-License-Identifier: BSD-3-Clause */
/* The queries of the public search-benchmark-game. */
#include "tests/bench/queries.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

const char *const query_class_names[QUERY_CLASSES] = {"term", "intersection", "union", "phrase", "mixed"};

bool query_next_part(const char **at, const char *end, struct query_part *part)
{
    const char *p = *at;
    while (p < end && *p == ' ')
        p++;
    *part = (struct query_part){0};
    if (p < end && (*p == '+' || *p == '-'))
        part->sign = *p++;
    part->phrase = p < end && *p == '"';
    p += part->phrase;
    const char *close = memchr(p, part->phrase ? '"' : ' ', (size_t)(end - p));
    part->text = p;
    part->length = (size_t)((close != NULL ? close : end) - p);
    *at = close != NULL ? close + 1 : end;
    return part->length > 0 || *at < end;
}

enum query_class query_class_of(const char *query)
{
    size_t parts = 0, phrases = 0, musts = 0, plain = 0;
    struct query_part part;
    for (const char *at = query, *end = query + strlen(query); query_next_part(&at, end, &part); parts++) {
        phrases += part.phrase;
        musts += part.sign == '+';
        plain += part.sign == 0;
    }
    if (parts == 1 && plain == 1)
        return phrases > 0 ? QUERY_PHRASE : QUERY_TERM;
    if (phrases == 0 && plain == parts)
        return QUERY_UNION;
    return phrases == 0 && musts == parts ? QUERY_INTERSECTION : QUERY_MIXED;
}

static char *text_of(char *line, size_t length)
{
    if (line[0] != '{')
        return strndup(line, length);
    struct json_object *object = json_tokener_parse(line), *value;
    bool found = object != NULL && json_object_object_get_ex(object, "query", &value);
    char *text = found ? strdup(json_object_get_string(value)) : NULL;
    json_object_put(object);
    return text;
}

struct query *queries_read(const char *path, size_t *count)
{
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        perror(path);
        exit(2);
    }
    struct query *queries = NULL;
    char *line = NULL;
    size_t capacity = 0;
    *count = 0;
    while (getline(&line, &capacity, file) > 0) {
        size_t length = strcspn(line, "\n");
        if (length == 0)
            continue;
        char *text = text_of(line, length);
        if (*count % 1024 == 0)
            queries = realloc(queries, (*count + 1024) * sizeof *queries);
        if (text == NULL || queries == NULL || strpbrk(text, "\t\n") != NULL) {
            fprintf(stderr, "%s: no query in: %s", path, line);
            exit(2);
        }
        queries[(*count)++] = (struct query){text, query_class_of(text), strchr(text, '"') != NULL};
    }
    free(line);
    fclose(file);
    return queries;
}
