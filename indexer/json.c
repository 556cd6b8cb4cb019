/* SPDX-License-Identifier: BSD-3-Clause */
/* JSON lines: one object a line, an article each. json-c does the parsing. */
#include <json-c/json.h>

#include "indexer/reader.h"

/* An object deeper than this is reported as bad; what an article needs lies at the top. */
enum { DEPTH = 200 };

struct reader {
    struct rf_import *import;
    const char *path, *id;
    uint64_t line;
    struct json_tokener *tokener;
    struct rf_buffer own_id, text, repaired;
    riffle_field *fields;
    size_t field_count, field_capacity;
    const char *problem; /* why the line is no article */
};

/* ---- NULs: raw ones would end json-c's parsing, escaped ones are no text ---- */

/* "\u0000" becomes "\ufffd", in place. */
static void replace_escaped_nuls(char *line, size_t n)
{
    char *end = line + n;
    for (char *p = memchr(line, '\\', n); p && end - p >= 6; p = memchr(p, '\\', (size_t)(end - p))) {
        if (memcmp(p + 1, "u0000", 5) == 0)
            memcpy(p + 2, "fffd", 4);
        p += 2; /* what is escaped may be a backslash */
    }
}

static bool replace_raw_nuls(struct reader *reader, char **line, size_t *n)
{
    struct rf_buffer *out = &reader->repaired;
    out->size = 0;
    for (const char *p = *line, *end = *line + *n; p < end;) {
        const char *nul = memchr(p, 0, (size_t)(end - p));
        rf_buffer_append(out, p, (size_t)((nul ? nul : end) - p));
        if (nul)
            rf_buffer_append(out, "\xef\xbf\xbd", 3);
        p = nul ? nul + 1 : end;
    }
    *line = (char *)out->data;
    *n = out->size;
    return !out->failed;
}

/* ---- From object to article ---- */

/* A string, number or boolean as text. false: the value is null, an array or an object. */
static bool scalar(struct json_object *value, const char **text, size_t *length)
{
    switch (json_object_get_type(value)) {
    case json_type_string:
        *text = json_object_get_string(value);
        *length = (size_t)json_object_get_string_len(value);
        return true;
    case json_type_int:
    case json_type_double:
    case json_type_boolean:
        *text = json_object_get_string(value); /* as it was written, in memory of the value's */
        *length = *text ? strlen(*text) : 0;
        return *text != NULL;
    default:
        return false;
    }
}

/* The id, else "path:line". */
static bool take_id(struct reader *reader, struct json_object *object, riffle_article *article)
{
    struct json_object *value = NULL;
    json_object_object_get_ex(object, reader->import->options.id_key, &value);
    enum json_type type = json_object_get_type(value);
    if (scalar(value, &article->id, &article->id_length) && type != json_type_boolean) {
        /* json-c gives the nearest 64-bit number for a larger one, which would be the same for many articles. */
        int64_t number = json_object_get_int64(value);
        if (type == json_type_int && (json_object_get_uint64(value) == UINT64_MAX || number == INT64_MIN)) {
            reader->problem = "the id is a number of more than 64 bits; ids of that size must be strings";
            return false;
        }
    } else if (value) {
        reader->problem = "the id is neither a string nor a number";
        return false;
    }
    if (article->id_length == 0) {
        struct rf_buffer *own = &reader->own_id;
        own->size = 0;
        rf_buffer_printf(own, "%s:%llu", reader->id, (unsigned long long)reader->line);
        article->id = (const char *)own->data;
        article->id_length = own->size;
    }
    return true;
}

/* A string, or strings in an array, which are paragraphs then. */
static bool take_text(struct reader *reader, struct json_object *value, riffle_article *article)
{
    if (!value || scalar(value, &article->text, &article->text_length))
        return true;
    reader->text.size = 0;
    for (size_t i = 0; json_object_is_type(value, json_type_array) && i < json_object_array_length(value); i++) {
        const char *part;
        size_t length;
        if (!scalar(json_object_array_get_idx(value, i), &part, &length)) {
            reader->problem = "the text is an array of other things than strings";
            return false;
        }
        if (i > 0)
            rf_buffer_append_byte(&reader->text, '\n');
        rf_buffer_append(&reader->text, part, length);
    }
    if (json_object_is_type(value, json_type_object)) {
        reader->problem = "the text is an object, not a string";
        return false;
    }
    article->text = (const char *)reader->text.data;
    article->text_length = reader->text.size;
    return true;
}

static bool add_field(struct reader *reader, const char *name, struct json_object *value, char date[11])
{
    riffle_field field = {.name = name, .name_length = strlen(name)};
    if (!scalar(value, &field.value, &field.value_length) || field.value_length == 0 || field.name_length == 0)
        return true;
    if (strcmp(name, "date") == 0 && rf_date_find(field.value, field.value_length, date)) {
        field.value = date;
        field.value_length = 10;
    }
    if (!rf_grow(reader->import->allocator, (void **)&reader->fields, &reader->field_capacity, reader->field_count + 1,
                 sizeof(field)))
        return false;
    reader->fields[reader->field_count++] = field;
    return true;
}

/* The mapped keys first: of two fields with one name the first counts. false: no memory. */
static bool take_fields(struct reader *reader, struct json_object *object, char dates[2][11])
{
    const riffle_import_options *keys = &reader->import->options;
    struct json_object *value = NULL;
    reader->field_count = 0;
    if (json_object_object_get_ex(object, keys->date_key, &value) && !add_field(reader, "date", value, dates[0]))
        return false;
    if (json_object_object_get_ex(object, keys->source_key, &value) && !add_field(reader, "source", value, NULL))
        return false;
    /* Names that stand for an article's parts are not free for metadata, even where the parts have other keys. */
    const char *const taken[] = {keys->id_key, keys->title_key, keys->date_key, keys->source_key, keys->text_key,
                                 "id",         "title",         "text"};
    struct json_object_iterator at = json_object_iter_begin(object), end = json_object_iter_end(object);
    for (; !json_object_iter_equal(&at, &end); json_object_iter_next(&at)) {
        const char *name = json_object_iter_peek_name(&at);
        bool is_taken = false;
        for (size_t i = 0; i < sizeof(taken) / sizeof(*taken); i++)
            is_taken |= strcmp(name, taken[i]) == 0;
        if (!is_taken && !add_field(reader, name, json_object_iter_peek_value(&at), dates[1]))
            return false;
    }
    return true;
}

static riffle_status add_object(struct reader *reader, struct json_object *object, riffle_error *error)
{
    const riffle_import_options *keys = &reader->import->options;
    riffle_article article = {0};
    struct json_object *title = NULL, *text = NULL;
    char dates[2][11];
    bool has_title = json_object_object_get_ex(object, keys->title_key, &title);
    bool has_text = json_object_object_get_ex(object, keys->text_key, &text);
    if (!has_title && !has_text) {
        /* An empty text is fine, but this is another kind of object, or its keys have other names. */
        rf_import_problem(reader->import, reader->path, reader->line, RIFFLE_BAD_INPUT,
                          "no article: there is neither a key \"%s\" nor a key \"%s\"", keys->title_key, keys->text_key);
        return RIFFLE_OK;
    }
    bool identified = take_id(reader, object, &article);
    if (reader->own_id.failed)
        return rf_fail_memory(error);
    if (identified && rf_import_is_elsewhere(reader->import, article.id, article.id_length))
        return rf_import_go_on(reader->import, error);
    if (!identified || !take_text(reader, text, &article)) {
        rf_import_problem(reader->import, reader->path, reader->line, RIFFLE_BAD_INPUT, "%s", reader->problem);
        return RIFFLE_OK;
    }
    scalar(title, &article.title, &article.title_length);
    if (!take_fields(reader, object, dates) || reader->text.failed)
        return rf_fail_memory(error);
    article.fields = reader->fields;
    article.field_count = reader->field_count;
    return rf_import_add(reader->import, &article, reader->path, reader->line, error);
}

/* ---- Lines ---- */

static bool is_white(const char *p, size_t n)
{
    while (n > 0 && (p[n - 1] == ' ' || p[n - 1] == '\t' || p[n - 1] == '\r'))
        n--;
    return n == 0;
}

static riffle_status add_line(struct reader *reader, char *line, size_t n, riffle_error *error)
{
    if (memchr(line, 0, n) && !replace_raw_nuls(reader, &line, &n))
        return rf_fail_memory(error);
    replace_escaped_nuls(line, n);
    json_tokener_reset(reader->tokener);
    struct json_object *object = json_tokener_parse_ex(reader->tokener, line, (int)n); /* n: at most the limit, 1 GiB */
    size_t used = json_tokener_get_parse_end(reader->tokener);
    enum json_tokener_error reason = json_tokener_get_error(reader->tokener);
    riffle_status status = RIFFLE_OK;
    if (reason == json_tokener_continue)
        rf_import_problem(reader->import, reader->path, reader->line, RIFFLE_BAD_INPUT,
                          "bad JSON: the line ends within a value; each line must hold one whole object");
    else if (reason != json_tokener_success)
        rf_import_problem(reader->import, reader->path, reader->line, RIFFLE_BAD_INPUT, "bad JSON at byte %zu of the line: %s",
                          used + 1, json_tokener_error_desc(reason));
    else if (!json_object_is_type(object, json_type_object))
        rf_import_problem(reader->import, reader->path, reader->line, RIFFLE_BAD_INPUT,
                          "no article: the line holds a JSON value of type %s, not an object",
                          json_type_to_name(json_object_get_type(object)));
    else if (!is_white(line + used, n - used))
        rf_import_problem(reader->import, reader->path, reader->line, RIFFLE_BAD_INPUT,
                          "bad JSON at byte %zu of the line: something follows the object", used + 1);
    else
        status = add_object(reader, object, error);
    json_object_put(object);
    return status;
}

riffle_status rf_import_json(struct rf_import *import, struct rf_input *input, const char *path, const char *id,
                             riffle_error *error)
{
    struct reader reader = {.import = import, .path = path, .id = id};
    rf_buffer_init(&reader.own_id, import->allocator);
    rf_buffer_init(&reader.text, import->allocator);
    rf_buffer_init(&reader.repaired, import->allocator);
    reader.tokener = json_tokener_new_ex(DEPTH);
    riffle_status status = reader.tokener ? RIFFLE_OK : rf_fail_memory(error);
    riffle_error reason;
    while (status == RIFFLE_OK) {
        char *line = NULL;
        size_t n = 0;
        enum rf_line_kind kind = RF_LINE;
        reader.line++;
        riffle_status input_status = rf_input_line(input, (size_t)import->options.article_limit, &line, &n, &kind, &reason);
        if (rf_import_is_over(input_status)) {
            status = rf_fail(error, input_status, "%s", reason.message);
        } else if (input_status != RIFFLE_OK) {
            rf_import_problem(import, path, reader.line, input_status, "%s", reason.message);
            break;
        } else if (kind == RF_LINE_NONE) {
            break;
        } else if (kind == RF_LINE_TOO_LONG) {
            rf_import_problem(import, path, reader.line, RIFFLE_TOO_LARGE, "the line is longer than the limit of %llu bytes",
                              (unsigned long long)import->options.article_limit);
        } else if (!is_white(line, n)) {
            status = add_line(&reader, line, n, error);
        }
    }
    if (reader.tokener)
        json_tokener_free(reader.tokener);
    rf_free(import->allocator, reader.fields);
    rf_buffer_release(&reader.own_id);
    rf_buffer_release(&reader.text);
    rf_buffer_release(&reader.repaired);
    return status;
}
