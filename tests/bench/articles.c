/* SPDX-License-Identifier: BSD-3-Clause */
/* The articles of files of JSON lines, for the programs that Riffle is measured against, and for the choice of questions. */
#include "tests/bench/articles.h"

#include <stdio.h>
#include <stdlib.h>

#include <json-c/json.h>

static const char *part(struct json_object *object, const char *key, size_t *length)
{
    struct json_object *value;
    *length = 0;
    if (!json_object_object_get_ex(object, key, &value) || !json_object_is_type(value, json_type_string))
        return "";
    *length = (size_t)json_object_get_string_len(value);
    return json_object_get_string(value);
}

void articles_read(char **paths, int count, void (*take)(void *context, const struct article *article), void *context)
{
    struct json_tokener *tokener = json_tokener_new();
    char *line = NULL;
    size_t capacity = 0;
    for (int i = 0; i < count; i++) {
        FILE *file = fopen(paths[i], "rb");
        if (file == NULL || tokener == NULL) {
            perror(paths[i]);
            exit(2);
        }
        for (ssize_t length; (length = getline(&line, &capacity, file)) > 0;) {
            json_tokener_reset(tokener);
            struct json_object *object = json_tokener_parse_ex(tokener, line, (int)length);
            if (json_object_is_type(object, json_type_object)) {
                struct article article;
                article.id = part(object, "id", &article.id_length);
                article.title = part(object, "title", &article.title_length);
                article.text = part(object, "text", &article.text_length);
                take(context, &article);
            }
            json_object_put(object);
        }
        fclose(file);
    }
    free(line);
    json_tokener_free(tokener);
}
