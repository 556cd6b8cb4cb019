/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Terms, slots, records and metadata of an index in Xapian; engine_format.h. */
#include "xapian/engine_format.h"

#include <stdio.h>
#include <zlib.h>

#include "text/text.h"

/* ---- Terms and values ---- */

size_t rf_xapian_term(const struct rf_bytes *key, char *term)
{
    memcpy(term, key->data, key->length);
    if (key->length && term[0] == RF_PREFIX_STEM)
        term[0] = 'Z';
    return key->length;
}

/* Bytes of the longest start of the id, ending at a character, that takes at most `room` bytes with NULs counted twice. */
static size_t fitting(const struct rf_bytes *id, size_t room)
{
    size_t n = 0, used = 0;
    while (n < id->length && (used += id->data[n] ? 1 : 2) <= room)
        n++;
    while (n && n < id->length && ((uint8_t)id->data[n] & 0xc0) == 0x80)
        n--;
    return n;
}

size_t rf_xapian_id_term(const struct rf_bytes *id, char *term)
{
    size_t n = fitting(id, 200);
    term[0] = 'Q';
    memcpy(term + 1, id->data, n);
    if (n == id->length)
        return 1 + n;
    const uint8_t *bytes = (const uint8_t *)id->data;
    unsigned long crc = crc32_z(0, bytes, id->length), adler = adler32_z(1, bytes, id->length);
    return 1 + n + (size_t)snprintf(term + 1 + n, RF_TERM_BYTES - 1 - n, "#%08lx%08lx", crc, adler);
}

rx_slot rf_xapian_slot(const char *name, size_t n)
{
    uint32_t crc = (uint32_t)crc32_z(0, (const uint8_t *)name, n);
    return (crc | 0x40000000u) & 0x7fffffffu;
}

void rf_xapian_value(struct rf_buffer *out, const char *value, size_t n)
{
    rf_buffer_append_byte(out, '=');
    rf_fold(out, value, n);
}

/* ---- Names and values in lines ---- */

static void append_escaped(struct rf_buffer *out, const char *bytes, size_t n, bool name)
{
    size_t plain = 0; /* bytes since then are still to be copied */
    for (size_t i = 0; i < n; i++) {
        char letter;
        switch (bytes[i]) {
        case '\n':
            letter = 'n';
            break;
        case '\r':
            letter = 'r';
            break;
        case '\0':
            letter = '0';
            break;
        case '\\':
            letter = '\\';
            break;
        case '=':
            letter = 'e';
            break;
        default:
            continue;
        }
        if (letter == 'e' && !name)
            continue;
        rf_buffer_append(out, bytes + plain, i - plain);
        rf_buffer_append_byte(out, '\\');
        rf_buffer_append_byte(out, (uint8_t)letter);
        plain = i + 1;
    }
    rf_buffer_append(out, bytes + plain, n - plain);
}

/* Undoes it in place, in bytes up to a LF. false: they are not as append_escaped writes them. */
static bool unescape(struct rf_bytes *line, char *bytes, bool name)
{
    size_t out = 0;
    for (size_t i = 0; i < line->length; i++) {
        char c = bytes[i];
        if (c == '\0' || c == '\r' || (name && c == '='))
            return false;
        if (c == '\\') {
            if (++i == line->length)
                return false;
            switch (bytes[i]) {
            case 'n':
                c = '\n';
                break;
            case 'r':
                c = '\r';
                break;
            case '0':
                c = '\0';
                break;
            case '\\':
                break;
            case 'e':
                if (!name)
                    return false;
                c = '=';
                break;
            default:
                return false;
            }
        }
        bytes[out++] = c;
    }
    *line = (struct rf_bytes){bytes, out};
    return rf_utf8_valid_prefix(bytes, out) == out;
}

/* Takes the text up to the next LF, and steps over that. false: there is none. */
static bool next_line(char **p, char *end, char **line, size_t *n)
{
    char *stop = *p < end ? memchr(*p, '\n', (size_t)(end - *p)) : NULL;
    if (!stop)
        return false;
    *line = *p;
    *n = (size_t)(stop - *p);
    *p = stop + 1;
    return true;
}

/* A decimal number as printf writes it. */
static bool parse_number(const char *bytes, size_t n, uint64_t limit, uint64_t *number)
{
    *number = 0;
    for (size_t i = 0; i < n; i++) {
        unsigned digit = (unsigned)(uint8_t)bytes[i] - '0';
        if (digit > 9 || *number > (limit - digit) / 10)
            return false;
        *number = *number * 10 + digit;
    }
    return n == 1 || (n && bytes[0] != '0');
}

/* ---- Records ---- */

static void append_line(struct rf_buffer *out, const char *key, const struct rf_bytes *value)
{
    rf_buffer_append(out, key, strlen(key));
    append_escaped(out, value->data, value->length, false);
    rf_buffer_append_byte(out, '\n');
}

void rf_record_write(const struct rf_record *record, struct rf_buffer *out)
{
    append_line(out, "id=", &record->id);
    append_line(out, "title=", &record->title);
    rf_buffer_printf(out, "passage=%u\npassages=%u\nstart=%u\nlength=%u\n", (unsigned)record->passage, (unsigned)record->passages,
                     (unsigned)record->start, (unsigned)record->length);
    for (size_t i = 0; i < record->field_count; i++) {
        const riffle_field *field = &record->fields[i];
        rf_buffer_append(out, "field.", 6);
        append_escaped(out, field->name, field->name_length, true);
        append_line(out, "=", &(struct rf_bytes){field->value, field->value_length});
    }
    if (record->has_text) {
        rf_buffer_append_byte(out, '\n');
        rf_buffer_append(out, record->text.data, record->text.length);
    }
}

/* The value of the next line, which has to start with `key`. */
static bool take_line(char **p, char *end, const char *key, char **value, size_t *n)
{
    size_t key_length = strlen(key);
    if (!next_line(p, end, value, n) || *n < key_length || memcmp(*value, key, key_length) != 0)
        return false;
    *value += key_length;
    *n -= key_length;
    return true;
}

static bool take_bytes(char **p, char *end, const char *key, struct rf_bytes *bytes)
{
    char *value;
    return take_line(p, end, key, &value, &bytes->length) && unescape(bytes, value, false);
}

static bool take_number(char **p, char *end, const char *key, uint32_t *number)
{
    char *value;
    size_t n;
    uint64_t wide;
    if (!take_line(p, end, key, &value, &n) || !parse_number(value, n, UINT32_MAX, &wide))
        return false;
    *number = (uint32_t)wide;
    return true;
}

static bool take_field(char **p, char *end, riffle_field *field)
{
    char *line, *equals;
    size_t n;
    if (!take_line(p, end, "field.", &line, &n) || !(equals = memchr(line, '=', n)))
        return false;
    struct rf_bytes name = {line, (size_t)(equals - line)}, value = {NULL, n - name.length - 1};
    if (!unescape(&name, line, true) || !unescape(&value, equals + 1, false) || !name.length || !value.length)
        return false;
    *field = (riffle_field){name.data, name.length, value.data, value.length};
    return true;
}

/* Lines up to the empty one that stands before the text, or to the end. */
static size_t count_lines(const char *p, const char *end)
{
    size_t lines = 0;
    for (; p < end && *p != '\n'; lines++) {
        const char *stop = memchr(p, '\n', (size_t)(end - p));
        p = stop ? stop + 1 : end;
    }
    return lines;
}

static bool parse_record(struct rf_record *record, char *p, char *end)
{
    if (!take_bytes(&p, end, "id=", &record->id) || !record->id.length || !take_bytes(&p, end, "title=", &record->title) ||
        !take_number(&p, end, "passage=", &record->passage) || !take_number(&p, end, "passages=", &record->passages) ||
        !take_number(&p, end, "start=", &record->start) || !take_number(&p, end, "length=", &record->length) ||
        record->passage >= record->passages)
        return false;
    for (; p < end && *p != '\n'; record->field_count++)
        if (!take_field(&p, end, &record->fields[record->field_count]))
            return false;
    record->has_text = p < end;
    if (record->has_text)
        record->text = (struct rf_bytes){p + 1, (size_t)(end - p - 1)};
    return rf_utf8_valid_prefix(record->text.data, record->text.length) == record->text.length;
}

riffle_status rf_record_read(struct rf_record *record, const char *data, size_t n, rx_docid docid, struct rf_arena *arena,
                             riffle_error *error)
{
    *record = (struct rf_record){.text = {"", 0}};
    char *copy = rf_arena_copy(arena, data, n);
    record->fields = copy ? rf_arena_array(arena, count_lines(copy, copy + n) + 1, sizeof *record->fields) : NULL;
    if (!record->fields)
        return rf_fail_memory(error);
    if (!parse_record(record, copy, copy + n))
        return rf_fail(error, RIFFLE_CORRUPT, "the record of document %lu is damaged", (unsigned long)docid);
    return RIFFLE_OK;
}

/* ---- Metadata ---- */

static riffle_status get_metadata(const rx_database *database, const char *name, const char *key, rx_string *value,
                                  riffle_error *error)
{
    rx_error failure;
    return rx_metadata_get(database, key, strlen(key), value, &failure) ? rf_xapian_fail(error, name, &failure) : RIFFLE_OK;
}

/* Metadata that is one number. */
static riffle_status get_number(const rx_database *database, const char *name, const char *key, uint64_t *number, bool *found,
                                riffle_error *error)
{
    rx_string value = {0};
    riffle_status status = get_metadata(database, name, key, &value, error);
    *found = !status && value.length;
    if (*found && !parse_number(value.bytes, value.length, UINT64_MAX, number))
        status = rf_fail(error, RIFFLE_CORRUPT, "%s: the metadata \"%s\" is damaged", name, key);
    rx_string_free(&value);
    return status;
}

void rf_xapian_write_settings(const struct rf_settings *settings, struct rf_buffer *out)
{
    rf_buffer_printf(out, "analysis=%u\nlanguage=%s\ntitle_weight=%u\nstore=%s\npassages=%s\n",
                     (unsigned)settings->analysis_version, settings->language, (unsigned)settings->title_weight,
                     settings->store_text ? "text" : "none", settings->split_passages ? "split" : "none");
}

/* The value of the next line is one of two words. */
static bool take_choice(char **p, char *end, const char *key, const char *yes, bool *choice)
{
    char *value;
    size_t n;
    if (!take_line(p, end, key, &value, &n))
        return false;
    *choice = rf_compare(value, n, yes, strlen(yes)) == 0;
    return *choice || rf_compare(value, n, "none", 4) == 0;
}

static bool parse_settings(struct rf_settings *settings, char *p, char *end)
{
    char *language;
    size_t n;
    if (!take_number(&p, end, "analysis=", &settings->analysis_version) || !take_line(&p, end, "language=", &language, &n) || !n ||
        n >= sizeof settings->language || memchr(language, '\0', n) ||
        !take_number(&p, end, "title_weight=", &settings->title_weight) || settings->title_weight < 1 ||
        settings->title_weight > RF_TITLE_WEIGHT_MAX || !take_choice(&p, end, "store=", "text", &settings->store_text) ||
        !take_choice(&p, end, "passages=", "split", &settings->split_passages) || p != end)
        return false;
    memcpy(settings->language, language, n);
    settings->language[n] = '\0';
    return true;
}

riffle_status rf_xapian_read_settings(const rx_database *database, const char *name, bool *ours, struct rf_settings *settings,
                                      uint64_t *generation, riffle_error *error)
{
    uint64_t version = 0;
    rx_string lines = {0};
    bool found;
    riffle_status status = get_number(database, name, "riffle", &version, ours, error);
    if (status || !*ours)
        return status;
    if (version != RF_XAPIAN_FORMAT)
        return rf_fail(error, version ? RIFFLE_TOO_NEW : RIFFLE_CORRUPT, "%s has version %llu of the format, this reads %d", name,
                       (unsigned long long)version, (int)RF_XAPIAN_FORMAT);
    *generation = 0;
    status = get_number(database, name, "riffle.generation", generation, &found, error);
    if (!status)
        status = get_metadata(database, name, "riffle.settings", &lines, error);
    *settings = (struct rf_settings){0};
    if (!status && !parse_settings(settings, lines.bytes, lines.bytes + lines.length))
        status = rf_fail(error, RIFFLE_CORRUPT, "%s: the metadata \"riffle.settings\" is damaged", name);
    rx_string_free(&lines);
    return status;
}

riffle_status rf_xapian_each_field(const rx_database *database, const char *name, rf_field_visitor *visit, void *context,
                                   riffle_error *error)
{
    rx_string lines = {0};
    riffle_status status = get_metadata(database, name, "riffle.fields", &lines, error);
    char *p = lines.bytes, *end = p + lines.length, *line;
    while (!status && p < end) {
        struct rf_bytes field;
        if (next_line(&p, end, &line, &field.length) && unescape(&field, line, true) && field.length)
            status = visit(context, &field, error);
        else
            status = rf_fail(error, RIFFLE_CORRUPT, "%s: the metadata \"riffle.fields\" is damaged", name);
    }
    rx_string_free(&lines);
    return status;
}

void rf_xapian_append_field(struct rf_buffer *names, const struct rf_bytes *name)
{
    append_escaped(names, name->data, name->length, true);
    rf_buffer_append_byte(names, '\n');
}

/* ---- Failures ---- */

static riffle_status status_of(rx_status status)
{
    switch (status) {
    case RX_NO_MEMORY:
        return RIFFLE_NO_MEMORY;
    case RX_DATABASE_LOCK:
        return RIFFLE_LOCKED;
    case RX_DATABASE_CORRUPT:
    case RX_SERIALISATION: /* told of bytes in a database that cannot be what was once written */
    case RX_RANGE:
        return RIFFLE_CORRUPT;
    case RX_DATABASE_VERSION:
        return RIFFLE_TOO_NEW;
    case RX_DATABASE_NOT_FOUND:
        return RIFFLE_NO_INDEX;
    case RX_NETWORK:
    case RX_NETWORK_TIMEOUT:
        return RIFFLE_SHARD;
    default:
        return RIFFLE_IO;
    }
}

riffle_status rf_xapian_fail(riffle_error *error, const char *name, const rx_error *failure)
{
    if (failure->status == RX_NO_MEMORY)
        return rf_fail_memory(error);
    return rf_fail(error, status_of(failure->status), "%s: %s", name, failure->message);
}

bool rf_xapian_changed(rx_status status)
{
    return status == RX_DATABASE_MODIFIED || status == RX_DATABASE_OPENING || status == RX_DATABASE_NOT_FOUND;
}
