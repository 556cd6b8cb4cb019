/* SPDX-License-Identifier: BSD-3-Clause */
/* Random queries about skewed collections: most of the shapes that ranking treats in ways of its own, a few that it leaves to others. */
#include "skewed.h"

static void put(struct rf_buffer *out, const char *text) { rf_buffer_append(out, text, strlen(text)); }

/* The number of a word: a frequent one in so many percent, else any, or that of none that there is. */
static uint32_t draw_number(const struct skewed *all, unsigned frequent, struct random *random)
{
    if (chance(random, frequent))
        return (uint32_t)random_below(random, all->frequent);
    return (uint32_t)random_below(random, all->word_count + chance(random, 10));
}

static void put_word(struct rf_buffer *out, const struct skewed *all, uint32_t number, struct random *random)
{
    if (number < all->word_count && chance(random, 98))
        rf_buffer_printf(out, "%s%s", all->words[number].text, *all->language == 'e' && chance(random, 20) ? "s" : "");
    else if (number < all->word_count)
        rf_buffer_printf(out, "fi%u", (unsigned)random_below(random, 200));
    else
        put(out, "nowhere");
}

static void put_phrase(struct rf_buffer *out, const struct skewed *all, struct random *random)
{
    static const char *const patterns[] = {"xy", "xy", "xy", "xy", "xyz", "xyzx", "xx", "xxx", "xyx", "xyyx", "xyxy", "x"};
    const char *pattern = patterns[random_below(random, 12)];
    /* Mostly of frequent words, for the others are hardly ever side by side. */
    uint32_t words[3];
    for (int i = 0; i < 3; i++)
        words[i] = draw_number(all, 85, random);
    put(out, "\"");
    for (const char *p = pattern; *p; p++) {
        put_word(out, all, words[*p - 'x'], random);
        put(out, p[1] ? " " : "\"");
    }
}

/* Makes the word before one of two readings. */
static void put_other_half(struct rf_buffer *out, const struct skewed *all, struct random *random)
{
    put(out, "-");
    put_word(out, all, draw_number(all, 85, random), random);
}

static void put_clause(struct rf_buffer *out, const struct skewed *all, unsigned phrases, unsigned frequent, struct random *random)
{
    if (chance(random, phrases))
        put_phrase(out, all, random);
    else
        put_word(out, all, draw_number(all, frequent, random), random);
    if (chance(random, 8) && out->data[out->size - 1] != '"')
        put_other_half(out, all, random);
}

static void put_filter(struct rf_buffer *out, struct random *random)
{
    static const char *const filters[] = {"source:alpha ",
                                          "source:beta ",
                                          "source:gamma ",
                                          "source:al* ",
                                          "-source:alpha ",
                                          "source:nobody ",
                                          "source:beta source:gamma "};
    put(out, filters[random_below(random, 7)]);
}

/* Clauses side by side, each with one of these signs. */
static void put_list(struct rf_buffer *out, const struct skewed *all, size_t count, const char *signs, unsigned phrases,
                     struct random *random)
{
    while (count-- > 0) {
        char sign = signs[random_below(random, strlen(signs))];
        if (sign != ' ')
            rf_buffer_append_byte(out, (uint8_t)sign);
        put_clause(out, all, phrases, *signs == '+' ? 75 : 40, random);
        put(out, " ");
    }
}

/* The same word more than once, with a sign or without. */
static void put_repeated(struct rf_buffer *out, const struct skewed *all, struct random *random)
{
    uint32_t number = draw_number(all, 50, random);
    for (size_t times = 2 + random_below(random, 3); times > 0; times--) {
        put(out, chance(random, 20) ? "+" : "");
        put_word(out, all, number, random);
        put(out, " ");
    }
    put_list(out, all, random_below(random, 3), "  +-", 20, random);
}

static void put_many(struct rf_buffer *out, const struct skewed *all, struct random *random)
{
    size_t count = chance(random, 80) ? 50 : 1000;
    for (size_t i = 0; i < count; i++) {
        if (i < all->word_count || chance(random, 30))
            put_word(out, all, (uint32_t)random_below(random, all->word_count), random);
        else
            rf_buffer_printf(out, "fi%u", (unsigned)random_below(random, 1000));
        put(out, " ");
    }
}

static void put_nested(struct rf_buffer *out, const struct skewed *all, struct random *random)
{
    put(out, chance(random, 50) ? "+(" : "(");
    put_list(out, all, 1 + random_below(random, 3), "  +-", 20, random);
    put(out, ") ");
    switch (random_below(random, 5)) {
    case 4: /* side by side with a group that must be there, or not */
        put(out, chance(random, 50) ? "-(" : "+(");
        put_list(out, all, 2, " ", 20, random);
        put(out, ") (");
        put_list(out, all, 1, " ", 20, random);
        put_word(out, all, draw_number(all, 85, random), random);
        put_other_half(out, all, random);
        put(out, chance(random, 50) ? ") " : ") +");
        put_clause(out, all, 20, 40, random);
        break;
    case 0:
        put(out, "OR NOT ");
        put_clause(out, all, 20, 40, random);
        break;
    case 1:
        put(out, "AND (");
        put_list(out, all, 2, "  ", 20, random);
        put(out, ")");
        break;
    case 2:
        put_list(out, all, 2, " +-", 20, random);
        break;
    case 3:
        put(out, "title:");
        put_clause(out, all, 20, 40, random);
        rf_buffer_printf(out, " %c*", "bdgk"[random_below(random, 4)]);
        break;
    }
}

void skewed_query(struct rf_buffer *out, const struct skewed *all, struct random *random)
{
    unsigned kind = (unsigned)random_below(random, 100);
    if (kind < 8)
        put_clause(out, all, 0, 30, random);
    else if (kind < 24)
        put_list(out, all, 2 + random_below(random, 2), " ", 0, random);
    else if (kind < 30)
        put_list(out, all, 4 + random_below(random, 5), " ", 0, random);
    else if (kind < 44)
        put_list(out, all, 2 + random_below(random, 3), "+", 5, random);
    else if (kind < 55)
        put_phrase(out, all, random);
    else if (kind < 63)
        put_list(out, all, 2 + random_below(random, 3), " ", 50, random);
    else if (kind < 70)
        put_list(out, all, 2 + random_below(random, 2), "+", 60, random);
    else if (kind < 80)
        put_list(out, all, 2 + random_below(random, 4), "+  -", 25, random);
    else if (kind < 86)
        put_repeated(out, all, random);
    else if (kind < 88)
        put_many(out, all, random);
    else if (kind < 90)
        put_list(out, all, 1 + random_below(random, 2), "-", 30, random);
    else if (kind < 94)
        put_nested(out, all, random);
    else {
        put_filter(out, random);
        put_list(out, all, random_below(random, 4), " +-", 25, random);
        return;
    }
    if (chance(random, 8)) {
        put(out, " ");
        put_filter(out, random);
    }
}
