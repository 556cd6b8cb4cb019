/* SPDX-License-Identifier: BSD-3-Clause */
/* Hits as people read them: title, where it comes from, and the snippet with its matches, within the width of the screen. */
#include "query/cli_hits.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "query/cli_text.h"

enum { DEFAULT_WIDTH = 80, SNIPPET_LEAST = 160, SNIPPET_MOST = 480, SNIPPET_LINES = 3 };

/* SGR: title bold, in it matches underlined too; matches as grep has them; what stands about the article in cyan. */
#define COLOR_RESET       "\033[0m"
#define COLOR_TITLE       "\033[1m"
#define COLOR_TITLE_MATCH "\033[1;4m"
#define COLOR_ABOUT       "\033[36m"
#define COLOR_MATCH       "\033[1;31m"

static bool is_set(const char *name)
{
    const char *value = getenv(name);
    return value != NULL && *value != '\0';
}

void rf_cli_screen_init(struct rf_cli_screen *screen, int fd, enum rf_cli_color color)
{
    bool terminal = isatty(fd) == 1;
    struct winsize size;
    screen->width = 0;
    if (terminal && ioctl(fd, TIOCGWINSZ, &size) == 0)
        screen->width = size.ws_col;
    if (screen->width == 0 && is_set("COLUMNS")) {
        unsigned long columns = strtoul(getenv("COLUMNS"), NULL, 10);
        screen->width = columns <= 10000 ? columns : 0;
    }
    if (screen->width == 0)
        screen->width = DEFAULT_WIDTH;
    const char *kind = getenv("TERM");
    bool dumb = kind == NULL || strcmp(kind, "dumb") == 0;
    screen->color = color == RF_CLI_COLOR_ALWAYS || (color == RF_CLI_COLOR_AUTO && terminal && !dumb && !is_set("NO_COLOR"));
    screen->footer = terminal;
    rf_cli_text_locale();
}

static const char *when(const struct rf_cli_screen *screen, const char *color) { return screen->color ? color : ""; }

/* Adds `text` to a list that commas part. */
static void list_item(FILE *list, const char *text, size_t length)
{
    if (length == 0)
        return;
    if (ftell(list) > 0)
        fputs(", ", list);
    fwrite(text, 1, length, list);
}

/* Source, date, passage, score and id: the id last, for it may be long. An id that stands for the title is not said again. */
static void print_about(struct rf_cli_answer *answer, struct rf_cli_layout *layout, const riffle_hit *hit, size_t at)
{
    char *line = NULL, number[64];
    size_t length = 0;
    FILE *list = open_memstream(&line, &length);
    if (list == NULL)
        return;
    struct rf_cli_string source = rf_cli_field(answer, at, "source"), date = rf_cli_field(answer, at, "date");
    list_item(list, source.text, source.length);
    list_item(list, date.text, date.length);
    if (hit->passages > 1)
        list_item(
            list, number,
            (size_t)snprintf(number, sizeof number, "passage %" PRIu64 " of %" PRIu32, (uint64_t)hit->passage + 1, hit->passages));
    list_item(list, number, (size_t)snprintf(number, sizeof number, "score %.3f", hit->score));
    if (hit->title_length > 0)
        list_item(list, hit->id, hit->id_length);
    if (fclose(list) == 0) {
        rf_cli_new_line(layout);
        rf_cli_wrap(layout, line, length, NULL, 0);
    }
    free(line);
}

/* The snippet with an ellipsis where the passage goes on. */
static void print_snippet(struct rf_cli_layout *layout, const riffle_snippet *snippet)
{
    static const char ellipsis[] = "\xE2\x80\xA6";
    size_t before = snippet->cut_before ? strlen(ellipsis) : 0, after = snippet->cut_after ? strlen(ellipsis) : 0;
    char *text = malloc(before + snippet->length + after + 1);
    riffle_range *marks = malloc((snippet->mark_count + 1) * sizeof *marks);
    if (text != NULL && marks != NULL) {
        memcpy(text, ellipsis, before);
        memcpy(text + before, snippet->text, snippet->length);
        memcpy(text + before + snippet->length, ellipsis, after);
        for (size_t i = 0; i < snippet->mark_count; i++)
            marks[i] = (riffle_range){snippet->marks[i].start + before, snippet->marks[i].end + before};
        rf_cli_new_line(layout);
        rf_cli_wrap(layout, text, before + snippet->length + after, marks, snippet->mark_count);
    }
    free(text);
    free(marks);
}

static void print_explanation(struct rf_cli_layout *layout, struct rf_cli_string lines)
{
    const char *line = lines.text, *end = lines.text + lines.length;
    while (line < end) {
        const char *line_end = memchr(line, '\n', (size_t)(end - line));
        line_end = line_end != NULL ? line_end : end;
        rf_cli_new_line(layout);
        rf_cli_visible(layout->out, line, (size_t)(line_end - line));
        line = line_end + 1;
    }
}

static void print_hit(struct rf_cli_answer *answer, const struct rf_cli_screen *screen, size_t at, size_t label_width)
{
    riffle_hit hit;
    if (!rf_cli_hit(answer, at, &hit))
        return;
    struct rf_cli_layout layout = {.out = answer->out,
                                   .width = screen->width,
                                   .indent = label_width + 2,
                                   .column = label_width + 2,
                                   .plain = when(screen, COLOR_TITLE),
                                   .marked = when(screen, COLOR_TITLE_MATCH),
                                   .reset = when(screen, COLOR_RESET),
                                   .break_words = true};

    rf_cli_out_printf(answer->out, "%*" PRIu64 ". ", (int)label_width, rf_cli_rank(answer, at));
    if (hit.title_length > 0) {
        size_t count;
        const riffle_range *marks = rf_cli_title_matches(answer, at, &count);
        rf_cli_wrap(&layout, hit.title, hit.title_length, marks, count);
    } else {
        rf_cli_wrap(&layout, hit.id, hit.id_length, NULL, 0);
    }
    layout.plain = when(screen, COLOR_ABOUT);
    layout.break_words = false; /* an id is there to be copied */
    print_about(answer, &layout, &hit, at);

    layout.plain = "";
    layout.marked = when(screen, COLOR_MATCH);
    layout.break_words = true;
    size_t width = (screen->width - (layout.indent < screen->width ? layout.indent : 0)) * SNIPPET_LINES;
    width = width < SNIPPET_LEAST ? SNIPPET_LEAST : width > SNIPPET_MOST ? SNIPPET_MOST : width;
    riffle_snippet snippet = rf_cli_snippet(answer, at, width);
    if (snippet.length > 0)
        print_snippet(&layout, &snippet);
    if (answer->options->explain)
        print_explanation(&layout, rf_cli_explanation(answer, at));
    rf_cli_out_bytes(answer->out, "\n", 1);
    riffle_results_forget(answer->results);
}

void rf_cli_print_people(struct rf_cli_answer *answer, const struct rf_cli_screen *screen, bool heading)
{
    size_t count = riffle_results_count(answer->results);
    char last[24];
    size_t label_width = (size_t)snprintf(last, sizeof last, "%" PRIu64, rf_cli_rank(answer, count > 0 ? count - 1 : 0));

    if (count > 0 && heading) {
        rf_cli_out_string(answer->out, "== ");
        rf_cli_visible(answer->out, answer->id.text, answer->id.length);
        rf_cli_out_string(answer->out, " ==\n\n");
    }
    if (count > 0 && answer->options->explain) {
        const char *reading = riffle_results_reading(answer->results);
        rf_cli_out_string(answer->out, "Read as: ");
        rf_cli_visible(answer->out, reading, strlen(reading));
        rf_cli_out_string(answer->out, "\n\n");
    }
    for (size_t at = 0; at < count && answer->out->error == 0; at++) {
        if (at > 0)
            rf_cli_out_bytes(answer->out, "\n", 1);
        print_hit(answer, screen, at, label_width);
    }
}

/* 1234567 as 1,234,567. */
static const char *grouped(uint64_t number, char text[32])
{
    char digits[24];
    size_t length = (size_t)snprintf(digits, sizeof digits, "%" PRIu64, number), written = 0;
    for (size_t i = 0; i < length; i++) {
        if (i > 0 && (length - i) % 3 == 0)
            text[written++] = ',';
        text[written++] = digits[i];
    }
    text[written] = '\0';
    return text;
}

void rf_cli_print_footer(struct rf_cli_answer *answer, double milliseconds)
{
    char shown[32], total[32];
    const char *unit = answer->options->search.by_article ? "article" : "passage";
    const char *more = answer->total_is_exact ? "" : "+", *plural = answer->total == 1 && answer->total_is_exact ? "" : "s";
    rf_cli_out_printf(answer->out, "\n%s of %s%s %s%s, %.*f ms\n", grouped(riffle_results_count(answer->results), shown),
                      grouped(answer->total, total), more, unit, plural, milliseconds < 10 ? 1 : 0, milliseconds);
}
