/* SPDX-License-Identifier: BSD-3-Clause */
/* Decoding, escaping, measuring and wrapping of text for the program riffle. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* wcwidth */
#endif
#include "query/cli_text.h"

#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <wchar.h>

enum { REPLACEMENT = 0xFFFD };

void rf_cli_text_locale(void)
{
    if (setlocale(LC_CTYPE, "") == NULL || strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
        (void)setlocale(LC_CTYPE, "C.UTF-8");
}

/* A bad sequence gives one U+FFFD for its longest part that could have become a character, as Unicode (3.9) recommends. */
size_t rf_cli_decode(const char *text, const char *end, uint32_t *code)
{
    const unsigned char *p = (const unsigned char *)text;
    size_t left = (size_t)(end - text);
    unsigned char first = p[0], low = 0x80, high = 0xBF;
    size_t length;

    if (first < 0x80) {
        *code = first;
        return 1;
    }
    if (first >= 0xC2 && first <= 0xDF) {
        length = 2;
        *code = first & 0x1F;
    } else if (first >= 0xE0 && first <= 0xEF) {
        length = 3;
        *code = first & 0x0F;
        if (first == 0xE0)
            low = 0xA0; /* overlong */
        else if (first == 0xED)
            high = 0x9F; /* surrogates */
    } else if (first >= 0xF0 && first <= 0xF4) {
        length = 4;
        *code = first & 0x07;
        if (first == 0xF0)
            low = 0x90; /* overlong */
        else if (first == 0xF4)
            high = 0x8F; /* past U+10FFFF */
    } else {
        *code = REPLACEMENT;
        return 1;
    }
    for (size_t i = 1; i < length; i++) {
        if (i >= left || p[i] < low || p[i] > high) {
            *code = REPLACEMENT;
            return i;
        }
        *code = *code << 6 | (p[i] & 0x3F);
        low = 0x80;
        high = 0xBF;
    }
    return length;
}

/* C0, DEL and C1; line and paragraph separator; and what reorders the text around it: embeddings, overrides, isolates. */
static bool is_harmful(uint32_t code)
{
    return code < 0x20 || (code >= 0x7F && code < 0xA0) || (code >= 0x2028 && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069);
}

/* The bytes that show a character, at most 12, not NUL-terminated. */
static size_t show(uint32_t code, const char *bytes, size_t length, char shown[12])
{
    if (code == REPLACEMENT) {
        memcpy(shown, "\xEF\xBF\xBD", 3);
        return 3;
    }
    if (!is_harmful(code)) {
        memcpy(shown, bytes, length);
        return length;
    }
    if (code < 0x80) {
        shown[0] = '^';
        shown[1] = (char)(code ^ 0x40);
        return 2;
    }
    return (size_t)snprintf(shown, 12, "<U+%04X>", (unsigned)code);
}

void rf_cli_visible(struct rf_cli_out *out, const char *text, size_t length)
{
    const char *end = text + length;
    while (text < end) {
        uint32_t code;
        char shown[12];
        size_t bytes = rf_cli_decode(text, end, &code);
        rf_cli_out_bytes(out, shown, show(code, text, bytes, shown));
        text += bytes;
    }
}

void rf_cli_json_string(struct rf_cli_out *out, const char *text, size_t length)
{
    const char *end = text + length, *copied = text;
    rf_cli_out_bytes(out, "\"", 1);
    while (text < end) {
        uint32_t code;
        size_t bytes = rf_cli_decode(text, end, &code);
        if (code != '"' && code != '\\' && code != REPLACEMENT && !is_harmful(code)) {
            text += bytes;
            continue;
        }
        rf_cli_out_bytes(out, copied, (size_t)(text - copied));
        if (code == '"' || code == '\\')
            rf_cli_out_printf(out, "\\%c", (char)code);
        else if (code == '\n')
            rf_cli_out_string(out, "\\n");
        else if (code == '\t')
            rf_cli_out_string(out, "\\t");
        else if (code == REPLACEMENT)
            rf_cli_out_string(out, "\xEF\xBF\xBD");
        else
            rf_cli_out_printf(out, "\\u%04x", (unsigned)code);
        text += bytes;
        copied = text;
    }
    rf_cli_out_bytes(out, copied, (size_t)(text - copied));
    rf_cli_out_bytes(out, "\"", 1);
}

void rf_cli_blank_free(struct rf_cli_out *out, const char *text, size_t length)
{
    if (length == 0)
        rf_cli_out_string(out, "-");
    for (size_t i = 0; i < length; i++) {
        unsigned char byte = (unsigned char)text[i];
        if (byte <= ' ' || byte == 0x7F)
            rf_cli_out_printf(out, "%%%02X", byte);
        else
            rf_cli_out_bytes(out, text + i, 1);
    }
}

/* ---- Wrapping ---- */

void rf_cli_new_line(struct rf_cli_layout *layout)
{
    rf_cli_out_bytes(layout->out, "\n", 1);
    for (size_t i = 0; i < layout->indent; i++)
        rf_cli_out_bytes(layout->out, " ", 1);
    layout->column = layout->indent;
}

static bool is_blank(uint32_t code)
{
    return code == ' ' || (code >= '\t' && code <= '\r') || code == 0x85 || code == 0x2028 || code == 0x2029 || code == 0x3000;
}

/* Lines may break on both sides of these. Hangul is not among them: Korean is written with blanks and reads badly cut. */
static bool is_ideograph(uint32_t code)
{
    return (code >= 0x2E80 && code <= 0x30FF) || (code >= 0x31F0 && code <= 0x9FFF) || (code >= 0xF900 && code <= 0xFAFF) ||
           (code >= 0xFF01 && code <= 0xFF9F) || (code >= 0x20000 && code <= 0x3FFFF);
}

/* East Asian marks that do not begin a line (JIS X 4051: closing brackets, commas and stops, small kana's long sign, repeats). */
static bool clings_to_line(uint32_t code)
{
    static const uint16_t marks[] = {0x3001, 0x3002, 0x3005, 0x3009, 0x300B, 0x300D, 0x300F, 0x3011, 0x3015, 0x301F, 0x30FB, 0x30FC,
                                     0xFF01, 0xFF09, 0xFF0C, 0xFF0E, 0xFF1A, 0xFF1B, 0xFF1F, 0xFF3D, 0xFF5D, 0xFF61, 0xFF63};
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (marks[i] == code)
            return true;
    return false;
}

static bool opens(uint32_t code)
{
    return code == 0x3008 || code == 0x300A || code == 0x300C || code == 0x300E || code == 0x3010 || code == 0x3014 ||
           code == 0xFF08 || code == 0xFF3B || code == 0xFF5B;
}

/* A character as it will stand on the line. */
struct cell {
    uint32_t code;
    size_t bytes;   /* that it took in the text */
    size_t columns; /* that it takes on the screen */
    size_t shown_length;
    char shown[12];
};

static void read_cell(const char *text, const char *end, struct cell *cell)
{
    cell->bytes = rf_cli_decode(text, end, &cell->code);
    cell->shown_length = show(cell->code, text, cell->bytes, cell->shown);
    if (cell->code != REPLACEMENT && is_harmful(cell->code)) {
        cell->columns = cell->shown_length;
    } else {
        int columns = cell->code < 0x7F ? 1 : wcwidth((wchar_t)cell->code);
        cell->columns = columns < 0 ? 1 : (size_t)columns; /* unknown to the C library: most terminals use one column */
    }
}

/* Bytes of the piece at `text` (no blank) that stays together; its columns in *columns. */
static size_t piece_length(const char *text, const char *end, size_t *columns)
{
    const char *p = text;
    bool started = false, breakable = false; /* breakable: a line may end behind what was read */
    *columns = 0;
    while (p < end) {
        struct cell cell;
        read_cell(p, end, &cell);
        if (is_blank(cell.code))
            break;
        bool ideograph = is_ideograph(cell.code);
        if (started && cell.columns > 0 && !clings_to_line(cell.code) && (breakable || ideograph))
            break;
        if (cell.columns > 0) {
            started = !opens(cell.code); /* an opening bracket stays with what it opens */
            breakable = ideograph && started;
        }
        *columns += cell.columns;
        p += cell.bytes;
    }
    return (size_t)(p - text);
}

struct painter {
    struct rf_cli_layout *layout;
    const riffle_range *mark, *last_mark;
    const char *style; /* that holds on the line now; "" for none */
};

static void set_style(struct painter *painter, const char *style)
{
    if (strcmp(style, painter->style) == 0)
        return;
    if (*painter->style != '\0')
        rf_cli_out_string(painter->layout->out, painter->layout->reset);
    rf_cli_out_string(painter->layout->out, style);
    painter->style = style;
}

/* The style for the character at `offset`; offsets ascend. */
static void paint(struct painter *painter, size_t offset)
{
    while (painter->mark < painter->last_mark && painter->mark->end <= offset)
        painter->mark++;
    bool marked = painter->mark < painter->last_mark && painter->mark->start <= offset;
    set_style(painter, marked ? painter->layout->marked : painter->layout->plain);
}

static void new_line(struct painter *painter)
{
    set_style(painter, "");
    rf_cli_new_line(painter->layout);
}

void rf_cli_wrap(struct rf_cli_layout *layout, const char *text, size_t length, const riffle_range *marks, size_t mark_count)
{
    const char *p = text, *end = text + length;
    const char *blank = NULL; /* white space that waits for the next word */
    size_t width = layout->width < layout->indent + 2 ? layout->indent + 2 : layout->width;
    struct painter painter = {layout, marks, mark_count > 0 ? marks + mark_count : marks, ""};

    while (p < end) {
        struct cell cell;
        read_cell(p, end, &cell);
        if (is_blank(cell.code)) {
            blank = blank == NULL ? p : blank;
            p += cell.bytes;
            continue;
        }
        size_t columns, piece = piece_length(p, end, &columns);
        size_t gap = blank != NULL && layout->column > layout->indent ? 1 : 0;
        if (layout->column > layout->indent && layout->column + gap + columns > width) {
            new_line(&painter);
        } else if (gap > 0) {
            paint(&painter, (size_t)(blank - text));
            rf_cli_out_bytes(layout->out, " ", 1);
            layout->column++;
        }
        blank = NULL;
        for (const char *stop = p + piece; p < stop; p += cell.bytes) {
            read_cell(p, end, &cell);
            if (layout->break_words && layout->column + cell.columns > width)
                new_line(&painter);
            paint(&painter, (size_t)(p - text));
            rf_cli_out_bytes(layout->out, cell.shown, cell.shown_length);
            layout->column += cell.columns;
        }
    }
    set_style(&painter, "");
}
