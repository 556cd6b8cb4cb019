/* SPDX-License-Identifier: BSD-3-Clause */
/* Random collections of skewed words; skewed.h. */
#include "skewed.h"

#include <math.h>
#include <setjmp.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "deletions.h"

enum { FILLERS = 200, TOKENS_MAX = 4000, PASSAGE_WORDS = 120 };

/* ---- Drawing ---- */

/* Between the two, small ones as likely as large ones by their logarithms. */
static double draw_share(struct random *random, double least, double most)
{
    return least * pow(most / least, random_unit(random));
}

static struct skewed_word *add_word(struct skewed *all, enum skewed_shape shape, double share, struct random *random)
{
    static const unsigned mosts[] = {1, 1, 3, 12, 300};
    struct skewed_word *word = &all->words[all->word_count];
    *word = (struct skewed_word){.shape = shape, .share = share, .most = mosts[random_below(random, 5)]};
    /* Three syllables, the first of few, so that word* stands for many. */
    uint32_t number = all->word_count++;
    sprintf(word->text, "%co%c%c%ca", "bdgk"[number % 4], "lmnr"[number / 4 % 4], "aeio"[number / 16 % 4], "ptvz"[number % 4]);
    return word;
}

static void add_words(struct skewed *all, uint32_t count, double least, double most, struct random *random)
{
    while (count-- > 0)
        add_word(all, SHAPE_EVEN, draw_share(random, least, most), random);
}

static void add_cluster(struct skewed *all, struct random *random)
{
    struct skewed_word *word = add_word(all, SHAPE_CLUSTER, draw_share(random, 0.1, 1), random);
    for (uint32_t i = 0, spans = 1 + (uint32_t)random_below(random, SKEWED_SPANS); i < spans; i++) {
        uint32_t length = (uint32_t)random_size(random, all->articles / 3 + 1);
        word->spans[i].from = (uint32_t)random_below(random, all->articles);
        word->spans[i].end = word->spans[i].from + length;
    }
}

void skewed_draw(struct skewed *all, uint64_t seed, bool large)
{
    struct random random = {seed};
    *all = (struct skewed){.seed = seed, .language = chance(&random, 30) ? "english" : "none"};
    all->articles = large ? 66000 + (uint32_t)random_below(&random, 10000)
                          : (uint32_t)(chance(&random, 30) ? 200 + random_below(&random, 800) : 1000 + random_below(&random, 9000));
    all->split = !large && chance(&random, 15);
    if (all->split)
        all->articles = all->articles / 10 + 20;
    all->ties = chance(&random, 70) ? 0 : chance(&random, 50) ? 50 : 97;
    all->longest = large ? 20 : (uint32_t)random_size(&random, 300);
    all->segments = chance(&random, 50) ? 1 : 2 + (uint32_t)random_below(&random, SKEWED_SEGMENTS_MAX - 1);
    all->merged = all->segments > 1 && chance(&random, 30);
    /* Dense words have more than an eighth of the documents, frequent ones more than a twentieth, middling ones more than a 256th. */
    add_words(all, 1 + (uint32_t)random_below(&random, 5), 1.0 / 8, 0.9, &random);
    add_words(all, 1 + (uint32_t)random_below(&random, 6), 1.0 / 20, 1.0 / 8, &random);
    all->frequent = all->word_count;
    add_words(all, 10, 1.0 / 256, 1.0 / 20, &random);
    add_words(all, 10, 1.0 / 20000, 1.0 / 200, &random);
    for (uint32_t i = 0; i < 6; i++)
        add_cluster(all, &random);
    for (uint32_t i = 0; i < 6; i++) {
        struct skewed_word *word = add_word(all, SHAPE_SINGLE, 1, &random);
        word->spans[0].from = (uint32_t)random_below(&random, all->articles);
        word->spans[0].end = word->spans[0].from + 1;
    }
}

/* ---- Articles ---- */

/* Words of an article in the making: numbers of the collection's, or of those without a meaning behind them. */
struct tokens {
    uint32_t list[TOKENS_MAX];
    uint32_t count;
};

static void push(struct tokens *tokens, uint32_t word)
{
    if (tokens->count < TOKENS_MAX)
        tokens->list[tokens->count++] = word;
}

static bool occurs(const struct skewed_word *word, uint32_t article, struct random *random)
{
    bool within = word->shape == SHAPE_EVEN;
    for (uint32_t i = 0; i < SKEWED_SPANS; i++)
        within |= article >= word->spans[i].from && article < word->spans[i].end;
    return within && random_unit(random) < word->share;
}

/* How often: once for the most part, and now and then so often that it takes numbers of two bytes. */
static uint32_t draw_times(const struct skewed_word *word, struct random *random)
{
    if (word->most == 1 || chance(random, 60))
        return 1;
    return word->most < 100 || random_below(random, 200) == 0 ? 1 + (uint32_t)random_below(random, word->most)
                                                              : 1 + (uint32_t)random_below(random, 5);
}

static void shuffle(uint32_t *list, uint32_t count, struct random *random)
{
    for (uint32_t i = count; i > 1; i--) {
        uint32_t other = (uint32_t)random_below(random, i), kept = list[i - 1];
        list[i - 1] = list[other];
        list[other] = kept;
    }
}

/* Runs of two frequent words, where phrases that repeat a word overlap themselves. */
static void push_pattern(struct tokens *tokens, const struct skewed *all, struct random *random)
{
    static const char *const patterns[] = {"xx", "xxx", "xxxx", "xyx", "xyxyx", "xyyx", "xyyxyyx", "xxyxx"};
    uint32_t x = (uint32_t)random_below(random, all->frequent), y = (uint32_t)random_below(random, all->frequent + 4);
    for (const char *p = patterns[random_below(random, 8)]; *p; p++)
        push(tokens, *p == 'x' ? x : y);
}

/* `factor`: articles of one segment are longer than those of another. */
static void draw_tokens(struct tokens *tokens, const struct skewed *all, uint32_t article, uint32_t factor, struct random *random)
{
    uint32_t start = tokens->count;
    for (uint32_t i = 0; i < all->word_count; i++)
        if (all->words[i].shape != SHAPE_SINGLE && occurs(&all->words[i], article, random))
            for (uint32_t times = draw_times(&all->words[i], random); times > 0; times--)
                push(tokens, i);
    uint32_t fillers = chance(random, 20) ? (uint32_t)random_below(random, all->longest * factor + 1) : random_next(random) % 4;
    if (all->split && fillers < PASSAGE_WORDS)
        fillers = PASSAGE_WORDS;
    while (fillers-- > 0)
        push(tokens, all->word_count + (uint32_t)random_below(random, FILLERS));
    shuffle(tokens->list + start, tokens->count - start, random);
    if (chance(random, 25))
        push_pattern(tokens, all, random);
}

static void write_token(struct rf_buffer *out, const struct skewed *all, uint32_t token, struct random *random)
{
    static const char *const endings[] = {"", "", "s", "ing", "ed"};
    bool stems = *all->language == 'e';
    if (token < all->word_count)
        rf_buffer_printf(out, "%s%s", all->words[token].text, stems ? endings[random_below(random, 5)] : "");
    else
        rf_buffer_printf(out, "fi%u", token - all->word_count);
    rf_buffer_append_byte(out, chance(random, 2) ? '-' : ' ');
}

/* An article with all that is random in it, so that it can be there again. */
struct drawn {
    struct rf_buffer title, text;
};

static void draw_article(struct drawn *out, const struct skewed *all, uint32_t article, uint32_t factor, struct random *random)
{
    struct tokens tokens = {.count = 0};
    out->title.size = out->text.size = 0;
    for (size_t parts = all->split ? random_size(random, 6) : 1; parts > 0; parts--)
        draw_tokens(&tokens, all, article, factor, random);
    for (uint32_t i = 0; i < tokens.count; i++)
        write_token(&out->text, all, tokens.list[i], random);
    if (chance(random, 15))
        for (uint32_t words = 1 + random_next(random) % 3; words > 0; words--)
            write_token(&out->title, all, (uint32_t)random_below(random, all->word_count), random);
}

/* ---- Indexing ---- */

static riffle_status add_article(riffle_writer *writer, const struct skewed *all, uint32_t number, const struct drawn *drawn,
                                 struct rf_buffer *text, struct random *random, riffle_error *error)
{
    static const char *const sources[] = {"alpha", "alpha", "alpha", "alto", "beta", "beta", NULL, NULL};
    const char *source = random_below(random, 200) ? sources[random_below(random, 8)] : "gamma";
    char id[20];
    text->size = 0;
    rf_buffer_append(text, drawn->text.data, drawn->text.size);
    for (uint32_t i = 0; i < all->word_count; i++)
        if (all->words[i].shape == SHAPE_SINGLE && all->words[i].spans[0].from == number)
            rf_buffer_printf(text, "%s ", all->words[i].text);
    const riffle_field field = {"source", 6, source, source ? strlen(source) : 0};
    const riffle_article in = {.id = id,
                               .id_length = (size_t)sprintf(id, "%u", number),
                               .title = (const char *)drawn->title.data,
                               .title_length = drawn->title.size,
                               .text = (const char *)text->data,
                               .text_length = text->size,
                               .fields = &field,
                               .field_count = source != NULL};
    return riffle_writer_add(writer, &in, error);
}

/* Adds articles [first, end) with a writer of their own. */
static riffle_status add_segment(const struct skewed *all, const char *folder, uint32_t first, uint32_t end, uint32_t factor,
                                 struct random *random, riffle_error *error)
{
    riffle_writer_options options = RIFFLE_WRITER_OPTIONS_INIT;
    options.language = all->language;
    options.passages = all->split ? RIFFLE_PASSAGES_SPLIT : RIFFLE_PASSAGES_NONE;
    options.store = RIFFLE_STORE_NONE;
    options.memory = 64 << 20;
    riffle_writer *writer;
    riffle_status status = riffle_writer_open(&writer, folder, &options, error);
    if (status)
        return status;
    struct drawn templates[SKEWED_TEMPLATES + 1], *own = &templates[SKEWED_TEMPLATES];
    struct rf_buffer text;
    rf_buffer_init(&text, &rf_malloc_allocator);
    for (uint32_t i = 0; i <= SKEWED_TEMPLATES; i++) {
        rf_buffer_init(&templates[i].title, &rf_malloc_allocator);
        rf_buffer_init(&templates[i].text, &rf_malloc_allocator);
        draw_article(&templates[i], all, first, 1, random);
    }
    for (uint32_t i = first; !status && i < end; i++) {
        bool copy = chance(random, all->ties);
        if (!copy)
            draw_article(own, all, i, factor, random);
        status = add_article(writer, all, i, copy ? &templates[random_below(random, SKEWED_TEMPLATES)] : own, &text, random, error);
    }
    if (!status)
        status = riffle_writer_commit(writer, error);
    riffle_writer_close(writer);
    for (uint32_t i = 0; i <= SKEWED_TEMPLATES; i++) {
        rf_buffer_release(&templates[i].title);
        rf_buffer_release(&templates[i].text);
    }
    rf_buffer_release(&text);
    return status;
}

void skewed_index(const struct skewed *all, const char *folder)
{
    struct random random = {all->seed ^ 0x5eed};
    riffle_error error;
    uint32_t first = 0;
    for (uint32_t s = 0; s < all->segments; s++) {
        uint32_t left = all->articles - first, rest = all->segments - s - 1;
        uint32_t count = rest ? 1 + (uint32_t)random_below(&random, (left - rest) * 2 / (rest + 1)) : left;
        count = count > left - rest ? left - rest : count;
        if (add_segment(all, folder, first, first + count, 1 + random_next(&random) % 4, &random, &error))
            fail_msg("%s", error.message);
        first += count;
        if (!all->merged && rest)
            deletions_write(folder, NULL); /* so that this one stays apart */
    }
}

void skewed_print(struct rf_buffer *out, const struct skewed *all)
{
    rf_buffer_printf(out, "%u articles%s, language %s, %u %% copies, %u segments%s, up to %u words more\n", all->articles,
                     all->split ? " of passages" : "", all->language, all->ties, all->segments, all->merged ? " merged" : "",
                     all->longest);
    for (uint32_t i = 0; i < all->word_count; i++)
        rf_buffer_printf(out, "%s %s %.5f%s", all->words[i].text,
                         all->words[i].shape == SHAPE_CLUSTER  ? "in spans"
                         : all->words[i].shape == SHAPE_SINGLE ? "once"
                                                               : "in",
                         all->words[i].share, i % 6 == 5 || i + 1 == all->word_count ? "\n" : "; ");
}
