/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Snippets. Of all stretches of matches that fit the width, the one with the most weight is shown: each leaf counts by its idf (a
 * phrase by the sum of its words'), again and again by less. It starts at its sentence where that is near, else some words before
 * the first match.
 */
#include "query/snippet.h"

struct stretch {
    size_t start, end;
};

static bool is_space(const char *text, size_t at, size_t n, size_t *end)
{
    uint8_t byte = (uint8_t)text[at];
    *end = at + 1;
    if (byte < 0x80)
        return byte <= ' ' || byte == 0x7f;
    uint32_t c;
    *end = (size_t)(rf_utf8_next(text + at, text + n, &c) - text);
    return c == 0x85 || c == 0xa0 || c == 0x3000 || (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029;
}

static bool starts_character(const char *text, size_t at, size_t n) { return at >= n || ((uint8_t)text[at] & 0xc0) != 0x80; }

static size_t character_before(const char *text, size_t at)
{
    size_t start = at;
    while (start && at - start < 4 && ((uint8_t)text[--start] & 0xc0) == 0x80)
        ;
    return start;
}

/* May the text be cut here? 0: not even a character starts here; 1: within a word; 2: between words, or beside CJK. */
static int cut_quality(const char *text, size_t at, size_t n)
{
    size_t end, before = character_before(text, at);
    if (!at || at >= n)
        return 2;
    if (!starts_character(text, at, n))
        return 0;
    uint32_t c, b;
    rf_utf8_next(text + at, text + n, &c);
    rf_utf8_next(text + before, text + at, &b);
    if (is_space(text, at, n, &end) || is_space(text, before, n, &end))
        return 2;
    if (rf_character_width(c) == 0 || b == 0x200d) /* a mark, or what a joiner joins */
        return 0;
    return rf_is_cjk(c) || rf_is_cjk(b) ? 2 : 1;
}

enum { CUT_SEARCH = 60 }; /* bytes: longer than nearly every word */

/* The best cut in (least, at], as near to `at` as can be; `least` where there is none. */
static size_t cut_before(const char *text, size_t n, size_t at, size_t least)
{
    size_t within = least;
    for (size_t i = at; i > least && at - i < CUT_SEARCH; i--) {
        int quality = cut_quality(text, i, n);
        if (quality == 2)
            return i;
        if (quality == 1 && within == least)
            within = i;
    }
    return within;
}

/* The same in [at, most). */
static size_t cut_behind(const char *text, size_t n, size_t at, size_t most)
{
    size_t within = most;
    for (size_t i = at; i < most && i - at < CUT_SEARCH; i++) {
        int quality = cut_quality(text, i, n);
        if (quality == 2)
            return i;
        if (quality == 1 && within == most)
            within = i;
    }
    return within;
}

static uint64_t gain(const struct rf_leaf *leaf, uint32_t occurrence)
{
    uint64_t weight = (uint64_t)(leaf->weight * (1 << 20)) + 1; /* whole numbers: their sums go up and down again exactly */
    return occurrence == 1 ? weight * 16 : occurrence < 4 ? weight : 0;
}

/* The stretch of matches of at most `width` bytes that gains most; the first of equals. */
static bool best_stretch(const struct rf_matches *matches, size_t width, uint32_t *seen, struct stretch *best)
{
    uint64_t sum = 0, most = 0;
    size_t first = 0;
    for (size_t i = 0; i < matches->count; i++) {
        const struct rf_match *last = &matches->list[i];
        sum += gain(last->leaf, ++seen[last->leaf->number]);
        while (first < i && last->end > matches->list[first].start + width) {
            const struct rf_leaf *leaf = matches->list[first++].leaf;
            sum -= gain(leaf, seen[leaf->number]--);
        }
        if (sum > most) {
            most = sum;
            *best = (struct stretch){matches->list[first].start, last->end};
        }
    }
    return matches->count > 0;
}

/* The start of the sentence or paragraph that holds byte `at`, or SIZE_MAX where it lies before `least`. */
static size_t sentence_start(const char *text, size_t n, const struct rf_tokens *tokens, size_t at, size_t least)
{
    size_t low = 0, high = tokens->count; /* the first token that starts behind `at` */
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (tokens->list[middle].start <= at)
            low = middle + 1;
        else
            high = middle;
    }
    const struct rf_token *next = NULL;
    for (size_t i = low; i-- > 0;) {
        const struct rf_token *token = &tokens->list[i];
        if (token->flags & RF_TOKEN_JOINED)
            continue;
        if (next) {
            bool paragraph = next->start > token->end && memchr(text + token->end, '\n', next->start - token->end);
            if (paragraph || rf_sentence_ends(text, n, token->start, token->end, next->start)) {
                size_t start = next->start, end; /* with opening quotes before the word */
                while (start > token->end && !is_space(text, character_before(text, start), n, &end))
                    start = character_before(text, start);
                return start > token->end ? start : next->start;
            }
        }
        if (token->start < least)
            return SIZE_MAX;
        next = token;
    }
    return least ? SIZE_MAX : 0;
}

static struct stretch choose(const char *text, size_t n, const struct rf_tokens *tokens, const struct rf_matches *matches,
                             size_t width, uint32_t *seen)
{
    struct stretch match = {0, 0};
    if (n <= width)
        return (struct stretch){0, n};
    if (!best_stretch(matches, width, seen, &match))
        return (struct stretch){0, cut_before(text, n, width, 0)};
    size_t length = match.end - match.start, slack = length < width ? width - length : 0;
    size_t start = match.start;
    if (match.start <= slack / 2) {
        start = 0;
    } else {
        size_t least = match.start - slack * 3 / 4, sentence = sentence_start(text, n, tokens, match.start, least);
        if (sentence != SIZE_MAX && sentence >= least) {
            start = sentence;
        } else {
            size_t wanted = match.start - slack / 3;
            if (n - wanted < width) /* the text ends before the snippet would */
                wanted = n - width < match.start ? n - width : match.start;
            start = cut_behind(text, n, wanted, match.start);
        }
    }
    size_t end = n - start > width ? start + width : n;
    if (end < n)
        end = cut_before(text, n, end, match.end <= end && match.end > start ? match.end : start);
    if (end == start) /* a width that holds no character: whole ones are shown all the same */
        end = cut_behind(text, n, start + 1, n);
    return (struct stretch){start, end};
}

/* Copies the stretch with white space folded, and moves the ranges along; both sorted. */
static bool copy(const char *text, struct stretch stretch, const riffle_range *ranges, size_t range_count, struct rf_arena *arena,
                 riffle_snippet *snippet)
{
    char *out = rf_arena_alloc(arena, stretch.end - stretch.start + 1);
    riffle_range *marks = rf_arena_array(arena, range_count + 1, sizeof *marks);
    if (!out || !marks)
        return false;
    size_t length = 0, marked = 0, range = 0, next;
    bool inside = false, space = false;
    for (size_t at = stretch.start; at < stretch.end; at = next) {
        while (range < range_count && ranges[range].end <= at) {
            if (inside)
                marks[marked++].end = length;
            inside = false;
            range++;
        }
        if (is_space(text, at, stretch.end, &next)) {
            space = length > 0;
            continue;
        }
        if (space)
            out[length++] = ' ';
        space = false;
        if (!inside && range < range_count && ranges[range].start <= at) {
            marks[marked].start = length;
            inside = true;
        }
        memcpy(out + length, text + at, next - at);
        length += next - at;
    }
    if (inside)
        marks[marked++].end = length;
    snippet->text = out;
    snippet->length = length;
    snippet->marks = marks;
    snippet->mark_count = marked;
    return true;
}

static bool has_text(const char *text, size_t start, size_t end)
{
    for (size_t next; start < end; start = next)
        if (!is_space(text, start, end, &next))
            return true;
    return false;
}

bool rf_snippet_make(const char *text, size_t n, const struct rf_tokens *tokens, const struct rf_matches *matches, size_t width,
                     const struct rf_plan *plan, struct rf_arena *arena, riffle_snippet *snippet)
{
    size_t count;
    riffle_range *ranges = rf_matches_merge(matches, 0, arena, &count);
    uint32_t *seen = rf_arena_array(arena, (size_t)plan->leaf_count + 1, sizeof *seen);
    if (!ranges || !seen)
        return false;
    if (!width)
        width = RF_SNIPPET_WIDTH;
    if (width < RF_SNIPPET_LEAST)
        width = RF_SNIPPET_LEAST;
    struct stretch stretch = choose(text, n, tokens, matches, width, seen);
    if (!copy(text, stretch, ranges, count, arena, snippet))
        return false;
    snippet->cut_before = has_text(text, 0, stretch.start);
    snippet->cut_after = has_text(text, stretch.end, n);
    return true;
}
