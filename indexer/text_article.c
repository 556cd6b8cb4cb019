/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * An article as plain text: which line is the title, when and by whom it was written.
 *
 * Nothing but the title line is taken out of the text. Dates, bylines and page furniture stay: someone may look for the reporter, or for
 * the words of a copyright line, and what a reader misjudges is then still there to be found.
 */
#include "indexer/reader.h"
#include "text/text.h"

/* How far top and end of a page go, in bytes, and in lines that are not empty. */
enum { TOP_BYTES = 1 << 14, LAST_BYTES = 1 << 12 };
enum { TITLE_LINES = 25, BYLINE_LINES = 8, LAST_LINES = 10, UNKNOWN_LINES = 2, PARAGRAPH_LINES = 50 };
/* A sentence as a title: columns at most. What is surely a title, and no label of a section: columns and words at least. */
enum { SENTENCE_COLUMNS = 150, SURE_COLUMNS = 15, SURE_HALF_WORDS = 6 };

/* ---- Bytes to lines ---- */

static uint32_t utf16_unit(const uint8_t *p, bool big) { return big ? (uint32_t)p[0] << 8 | p[1] : (uint32_t)p[1] << 8 | p[0]; }

static void append_utf8(struct rf_buffer *out, uint32_t c)
{
    uint8_t bytes[4];
    size_t n = 0;
    if (c < 0x80) {
        bytes[n++] = (uint8_t)c;
    } else if (c < 0x800) {
        bytes[n++] = (uint8_t)(0xc0 | c >> 6);
    } else if (c < 0x10000) {
        bytes[n++] = (uint8_t)(0xe0 | c >> 12);
        bytes[n++] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
    } else {
        bytes[n++] = (uint8_t)(0xf0 | c >> 18);
        bytes[n++] = (uint8_t)(0x80 | (c >> 12 & 0x3f));
        bytes[n++] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
    }
    if (c >= 0x80)
        bytes[n++] = (uint8_t)(0x80 | (c & 0x3f));
    rf_buffer_append(out, bytes, n);
}

static void utf16_to_utf8(struct rf_buffer *out, const uint8_t *p, size_t n, bool big)
{
    for (size_t i = 0; i + 1 < n; i += 2) {
        uint32_t c = utf16_unit(p + i, big);
        if (c >= 0xd800 && c < 0xdc00 && i + 3 < n) {
            uint32_t low = utf16_unit(p + i + 2, big);
            if (low >= 0xdc00 && low < 0xe000) {
                c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
                i += 2;
            }
        }
        append_utf8(out, c == 0 || (c >= 0xd800 && c < 0xe000) ? 0xfffd : c);
    }
    if (n % 2)
        append_utf8(out, 0xfffd);
}

static void replace_nuls(struct rf_buffer *out, const char *p, size_t n)
{
    for (const char *end = p + n; p < end;) {
        const char *nul = memchr(p, 0, (size_t)(end - p));
        rf_buffer_append(out, p, (size_t)((nul ? nul : end) - p));
        if (nul)
            append_utf8(out, 0xfffd);
        p = nul ? nul + 1 : end;
    }
}

/* "\r\n" and "\r" become "\n". */
static size_t unify_line_ends(char *data, size_t n)
{
    char *in = memchr(data, '\r', n), *out = in, *end = data + n;
    if (!in)
        return n;
    for (; in < end; in++) {
        if (*in != '\r')
            *out++ = *in;
        else if (in + 1 == end || in[1] != '\n')
            *out++ = '\n';
    }
    return (size_t)(out - data);
}

static const char *line_end(const char *p, const char *end)
{
    const char *newline = p < end ? memchr(p, '\n', (size_t)(end - p)) : NULL;
    return newline ? newline : end;
}

static bool is_empty(const struct rf_line *line) { return line->start == line->end; }

/* ---- Bylines ---- */

/* Who wrote it, where the line is a byline by a mark of its own ("By", "reporter", an address) or, with `dated`, by the date in it. */
static bool find_author(const struct rf_line *line, bool dated, const char **author, size_t *length)
{
    unsigned words = 0;
    bool all_capitals = false;
    if (line->spans == 0 || line->spans > RF_SPANS || line->columns > 120)
        return false;
    const char *start = line->span_start[0], *end = line->span_end[0], *name_end;
    uint32_t first = 0;
    if (line->role_start)
        rf_utf8_next(line->role_start, line->end, &first);
    if (rf_is_cjk(first)) {
        /* 그라우벤=한지윤 특파원, 민하율 과학전문기자: the span before the role, without what is glued to it. */
        for (unsigned i = 0; i < line->spans && line->span_end[i] <= line->role_start; i++)
            start = line->span_start[i], end = line->span_end[i];
        const char *blank = end;
        while (end == line->role_start && blank > start && blank[-1] != ' ')
            blank--;
        if (end == line->role_start && blank > start)
            end = blank - 1;
        for (const char *p = end; p > start; p--) {
            if (p[-1] == ' ' && p < end) {
                start = p;
                break;
            }
        }
    }
    name_end = rf_name_end(start, end, &words, &all_capitals);
    if (!name_end)
        return false;
    bool whole = name_end == end && words >= 2 && words <= 4;
    bool sure = line->by ? words <= 8 && (name_end == end || *name_end == ' ')
                         : whole && (line->role_start || (line->mail && line->spans == 1) ||
                                     (dated && line->date[0] && line->spans == 1 && !all_capitals));
    /* "By" may start a headline: what follows the name there is short, or a line of its own kind. */
    if (!sure || line->half_words > (line->by || line->role_start ? 24 : 16) || (line->by && words < 2 && line->half_words > 4))
        return false;
    for (unsigned i = 1; line->by && i < line->spans; i++) { /* more names: By A B, C D and E F */
        unsigned more = 0;
        const char *next_end = rf_name_end(line->span_start[i], line->span_end[i], &more, &all_capitals);
        if (line->role_start || name_end != line->span_end[i - 1] || name_end + 2 != line->span_start[i] || *name_end != ',' ||
            next_end != line->span_end[i] || more < 2)
            break;
        name_end = next_end;
    }
    *author = start;
    *length = (size_t)(name_end - start);
    return true;
}

/* Is this line no part of the article proper? `below_title`: there a name and a date are enough. */
static bool is_furniture(const struct rf_line *line, bool below_title)
{
    const char *author;
    size_t length;
    return !is_empty(line) && ((line->known && line->spans == 0) || (line->starts_updated && line->date[0]) || line->crumbs ||
                               line->half_words == 0 || find_author(line, below_title, &author, &length));
}

/* ---- The title ---- */

static bool ends_with(const struct rf_line *line, const char *const *endings, size_t count)
{
    static const char *const closing[] = {"\"", "'", ")", "]", "”", "’", "»", "」", "』", "）"};
    const char *end = line->end;
    for (size_t i = 0; i < sizeof(closing) / sizeof(*closing); i++) {
        size_t n = strlen(closing[i]);
        if ((size_t)(end - line->start) > n && memcmp(end - n, closing[i], n) == 0)
            end -= n, i = (size_t)-1;
    }
    for (size_t i = 0; i < count; i++) {
        size_t n = strlen(endings[i]);
        if ((size_t)(end - line->start) > n && memcmp(end - n, endings[i], n) == 0)
            return true;
    }
    return false;
}

/* A full stop within the line, after a word in lower case (S. Korean has none). */
static bool has_two_sentences(const struct rf_line *line)
{
    for (const char *p = line->start + 3; p + 2 < line->end; p++) {
        if ((*p == '.' || *p == '!' || *p == '?') && p[1] == ' ' && p[-1] >= 'a' && p[-1] <= 'z' && p[-2] >= 'a' && p[-2] <= 'z' &&
            p[-3] >= 'a' && p[-3] <= 'z')
            return true;
    }
    return false;
}

/*
 * Was this line broken because the next word would not have fitted? Then it starts a wrapped paragraph. The width is that of the
 * longest line of the paragraph, so a headline right above one long line was broken by choice.
 */
static bool is_wrapped(const struct rf_line *line, const char *next, const char *end)
{
    size_t width = (size_t)(line->end - line->start);
    const char *word = next, *p = next;
    while (word < end && *word != ' ' && *word != '\n')
        word++;
    if (next < end && *next >= 'a' && *next <= 'z')
        return true;
    for (int lines = 0; p < end && *p != '\n' && lines < PARAGRAPH_LINES; lines++) {
        const char *stop = line_end(p, end);
        if ((size_t)(stop - p) > width)
            width = (size_t)(stop - p);
        p = stop < end ? stop + 1 : end;
    }
    return (size_t)(line->end - line->start) + 1 + (size_t)(word - next) > width;
}

enum title_kind { NO_TITLE, SENTENCE, SHORT, SURE };

static enum title_kind judge_title(const struct rf_line *line, const char *next, const char *end)
{
    static const char *const stops[] = {".", "。", "．", ":", ";", "："}, *const commas[] = {",", "，", "、", "-"};
    if (line->columns > RF_LINE_COLUMNS || *line->start == '<' || *line->start == '{' || ends_with(line, commas, 4))
        return NO_TITLE;
    struct rf_line below;
    rf_line_read(&below, next, line_end(next, end));
    bool stands_alone = is_empty(&below) || is_furniture(&below, true);
    if (!stands_alone && is_wrapped(line, below.start, end))
        return NO_TITLE;
    if (ends_with(line, stops, sizeof(stops) / sizeof(*stops)))
        return stands_alone && line->columns <= SENTENCE_COLUMNS && !has_two_sentences(line) ? SENTENCE : NO_TITLE;
    return line->columns >= SURE_COLUMNS && line->half_words >= SURE_HALF_WORDS ? SURE : SHORT;
}

/* "# Title" and "Title: ..." say so themselves. Moves the line's start behind the mark. */
static bool is_marked_title(struct rf_line *line)
{
    static const char *const marks[] = {"title:", "titel:", "titre:", "tiêu đề:", "제목:", "标题:", "标题：", "標題："};
    const char *behind = NULL;
    for (size_t i = 0; i < sizeof(marks) / sizeof(*marks) && !behind; i++)
        behind = rf_match_phrase(line->start, line->end, marks[i]);
    if (!behind && *line->start == '#') {
        behind = line->start;
        while (behind < line->end && *behind == '#')
            behind++;
        if (behind == line->end || *behind != ' ')
            return false;
    }
    while (behind && behind < line->end && (*behind == ' ' || *behind == '\t'))
        behind++;
    if (!behind || behind == line->end)
        return false;
    line->start = behind;
    return true;
}

/* ---- The top of the page ---- */

struct page {
    const char *start, *end;            /* the text */
    const char *title, *title_end;      /* NULL: none */
    const char *line_start, *line_stop; /* the title's line */
    const char *author;
    size_t author_length;
    char date[11];
    bool date_is_update;
};

static void take_date_and_author(struct page *page, const struct rf_line *line, bool below_title)
{
    if (line->date[0] && (!page->date[0] || (page->date_is_update && !line->updated))) {
        memcpy(page->date, line->date, sizeof(page->date));
        page->date_is_update = line->updated;
    }
    if (!page->author)
        find_author(line, below_title, &page->author, &page->author_length);
}

/* Takes the first line that is surely a title; else the first short one, else a sentence that stands alone. Stops at the body. */
static void find_title(struct page *page)
{
    enum title_kind best = NO_TITLE;
    const char *p = page->start;
    for (int lines = 0; p < page->end && p - page->start < TOP_BYTES && lines < TITLE_LINES && best != SURE;) {
        const char *stop = line_end(p, page->end), *next = stop < page->end ? stop + 1 : stop;
        struct rf_line line;
        rf_line_read(&line, p, stop - p > 4000 ? p + 4000 : stop);
        enum title_kind kind = NO_TITLE;
        if (is_empty(&line)) {
            p = next;
            continue;
        }
        lines++;
        if (is_marked_title(&line)) {
            kind = SURE;
        } else if (is_furniture(&line, false)) {
            take_date_and_author(page, &line, false);
            p = next;
            continue;
        } else {
            kind = judge_title(&line, next, page->end);
        }
        if (kind > best) {
            best = kind;
            page->title = line.start;
            page->title_end = line.end;
            page->line_start = p;
            page->line_stop = next;
        }
        if (kind == NO_TITLE || kind == SENTENCE)
            break;
        p = next;
    }
}

/* A name alone, in Latin letters, is a byline next to a date. */
static bool is_name(const struct rf_line *line)
{
    unsigned words = 0;
    bool capitals = false;
    return !line->known && line->spans == 1 && rf_name_end(line->start, line->end, &words, &capitals) == line->end && words >= 2 &&
           words <= 4 && line->half_words >= 2 * words;
}

static bool is_date(const struct rf_line *line) { return line->date[0] && line->spans == 0; }

static void take_name(struct page *page, const struct rf_line *line)
{
    page->author = line->start;
    page->author_length = (size_t)(line->end - line->start);
}

/* Date and byline below the title, where a standfirst or a caption may come between. */
static void read_below_title(struct page *page)
{
    struct rf_line line, before = {0};
    int lines = 0, unknown = 0;
    for (const char *p = page->line_stop;
         p < page->end && p - page->line_stop < TOP_BYTES && lines < BYLINE_LINES && unknown <= UNKNOWN_LINES;) {
        const char *stop = line_end(p, page->end);
        rf_line_read(&line, p, stop - p > 4000 ? p + 4000 : stop);
        p = stop < page->end ? stop + 1 : stop;
        if (is_empty(&line))
            continue;
        lines++;
        if (is_furniture(&line, true)) {
            take_date_and_author(page, &line, true);
            if (!page->author && is_date(&line) && is_name(&before))
                take_name(page, &before);
        } else if (!page->author && is_date(&before) && is_name(&line)) {
            take_name(page, &line);
        } else {
            unknown++;
        }
        before = line;
    }
}

/* "Kim Jung-mi  edt@koreapost.com" as a line at the end. */
static void read_last_lines(struct page *page)
{
    const char *stop = page->end;
    for (int lines = 0; stop > page->line_stop && page->end - stop < LAST_BYTES && lines < LAST_LINES && !page->author;) {
        const char *start = stop;
        while (start > page->line_stop && start[-1] != '\n')
            start--;
        struct rf_line line;
        if (stop - start <= 300) {
            rf_line_read(&line, start, stop);
            if (line.mail && !line.by && !line.role_start)
                find_author(&line, false, &page->author, &page->author_length);
            lines += !is_empty(&line);
        } else {
            lines++;
        }
        stop = start > page->line_stop ? start - 1 : start;
    }
}

bool rf_text_article_read(struct rf_text_article *article, struct rf_text_buffers *buffers, char *data, size_t n)
{
    const uint8_t *bytes = (const uint8_t *)data;
    struct rf_buffer *text = &buffers->text, *title = &buffers->title;
    memset(article, 0, sizeof(*article));
    text->size = title->size = 0;
    if (n >= 2 && ((bytes[0] == 0xff && bytes[1] == 0xfe) || (bytes[0] == 0xfe && bytes[1] == 0xff))) {
        utf16_to_utf8(text, bytes + 2, n - 2, bytes[0] == 0xfe);
    } else {
        if (n >= 3 && memcmp(data, "\xef\xbb\xbf", 3) == 0)
            data += 3, n -= 3;
        if (n > 0 && memchr(data, 0, n))
            replace_nuls(text, data, n);
    }
    if (text->failed)
        return false;
    if (text->size > 0)
        data = (char *)text->data, n = text->size;
    n = n > 0 ? unify_line_ends(data, n) : 0;
    while (n > 0 && *data == '\n')
        data++, n--;

    struct page page = {.start = data, .end = data + n, .line_start = data, .line_stop = data};
    find_title(&page);
    read_below_title(&page);
    read_last_lines(&page);

    /* Title and author move: what stands above the title's line closes up to what stands below. */
    rf_buffer_append(title, page.title, page.title ? (size_t)(page.title_end - page.title) : 0);
    article->title_length = title->size;
    rf_buffer_append(title, page.author, page.author_length);
    if (title->failed)
        return false;
    article->author_length = page.author_length;
    article->title = (const char *)title->data;
    article->author = page.author ? article->title + article->title_length : NULL;
    memcpy(article->date, page.date, sizeof(article->date));
    size_t above = (size_t)(page.line_start - data), removed = (size_t)(page.line_stop - page.line_start);
    if (removed > 0)
        memmove(data + removed, data, above);
    article->text = data + removed;
    article->text_length = n - removed;
    while (article->text_length > 0 && *article->text == '\n')
        article->text++, article->text_length--;
    return true;
}
