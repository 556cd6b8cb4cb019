/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Text from articles on its way to people and programs: made harmless, measured in columns, wrapped, escaped for JSON.
 * Any bytes are taken; what is no UTF-8 comes out as U+FFFD.
 */
#ifndef RF_CLI_TEXT_H
#define RF_CLI_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "query/cli_out.h"
#include "riffle.h"

/* Makes wcwidth know Unicode: takes the user's locale for characters where that is UTF-8, else C.UTF-8. Nothing else changes. */
void rf_cli_text_locale(void);

/* Reads one character of [text, end), which must not be empty, sets *code and returns the bytes it took (1 to 4). */
size_t rf_cli_decode(const char *text, const char *end, uint32_t *code);

/* Control characters as ^[ (C0, DEL), and C1 and bidi overrides as <U+202E>. Line ends too: one line stays one line. */
void rf_cli_visible(struct rf_cli_out *out, const char *text, size_t length);

/* A JSON string with its quotes: valid UTF-8 and no character that could break a line or steer a terminal. */
void rf_cli_json_string(struct rf_cli_out *out, const char *text, size_t length);

/* A field of a line that is split at white space: white space and control characters become %XX, an empty one "-". */
void rf_cli_blank_free(struct rf_cli_out *out, const char *text, size_t length);

/* How lines are laid out, and the state while they are. */
struct rf_cli_layout {
    struct rf_cli_out *out;
    size_t width;      /* columns of a line; at least indent + 2 are used */
    size_t indent;     /* columns left free at the start of each new line */
    size_t column;     /* where the next character goes: the caller sets it to what stands on the line already */
    const char *plain; /* terminal sequence for text, and for what is in a match; "" for no colour */
    const char *marked;
    const char *reset; /* ends either */
    bool break_words;  /* a word longer than a line is cut; else it runs over the edge in one piece, as a path should */
};

/* Ends the line and indents the next one. */
void rf_cli_new_line(struct rf_cli_layout *layout);

/*
 * Writes text made harmless and wrapped at white space (which becomes one blank) and at Han and Kana characters. `marks` are
 * ascending byte ranges within text. Ends without a line end.
 */
void rf_cli_wrap(struct rf_cli_layout *layout, const char *text, size_t length, const riffle_range *marks, size_t mark_count);

#endif
