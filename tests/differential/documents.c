/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Random articles. Vocabularies are small, so that phrases and stems hit, and hold what the analysis treats in ways of its own: word
 * families, stop words, compounds, acronyms, possessives, accents, Han, Kana and Hangul, numbers, words longer than a term.
 */
#include "documents.h"

#include <math.h>
#include <stdlib.h>

#include "text/text.h"

static const char *const kinds[][24] = {
    {"run", "runs", "running", "runner", "connect", "connected", "connection", "connections", "general",  "generally", "generate",
     "cat", "cats", "die",     "dies",   "dying",   "office",    "offices",    "officer",     "official", "officials"},
    {"the", "of", "and", "in", "to", "a", "is", "us", "der", "die", "und", "nicht", "The", "OF", "with", "not", "it", "we"},
    {"korea", "Korea's", "Korea\xE2\x80\x99s", "Koreas'", "Korean", "koreans", "KOREA", "boss's", "boss", "bosses", "its", "it's"},
    {"wi-fi",
     "wifi",
     "wi",
     "fi",
     "O'Brien",
     "obrien",
     "brien",
     "o",
     "round-the-clock",
     "U.S.",
     "US",
     "us",
     "U.S.A",
     "cat-s",
     "higher-ups",
     "x-ray",
     "a-b-c-d",
     "rock'n'roll",
     "e-mail",
     "email",
     "e",
     "mail",
     "wi\xE2\x80\x91"
     "fi"},
    {"60-70", "60", "70", "2019.9.21", "3D", "1,000", "2019", "9", "21", "edt@koreapost.com", "a:b", "c++", "7th", "and/or", "x*y"},
    {"haus", "H\xC3\xA4user", "hauses", "laufen", "l\xC3\xA4uft",
     "Stra\xC3\x9F"
     "e",
     "strasse",
     "gr\xC3\xB6\xC3\x9F"
     "er",
     "\xC3\xBC"
     "ber",
     "uber", "schule", "schulen", "Schul-Haus", "schulhaus"},
    {"caf\xC3\xA9", "cafe", "cafe\xCC\x81", "CAF\xC3\x89", "\xEF\xBC\xA6\xEF\xBD\x95\xEF\xBD\x8C\xEF\xBD\x8C", "full",
     "na\xC3\xAFve", "\xC4\x90\xC3\xA0", "da", "\xD0\xBC\xD0\xBE\xD1\x81\xD0\xBA\xD0\xB2\xD0\xB0",
     "\xD0\x9C\xD0\xBE\xD1\x81\xD0\xBA\xD0\xB2\xD1\x8B", "\xE0\xB9\x84\xE0\xB8\x97\xE0\xB8\xA2", "\xEF\xAC\x81sh", "fish",
     "so\xC2\xAD"
     "ft",
     "soft"},
};

static const char *const cjk[] = {"\xEB\xAC\xB4",
                                  "\xEB\x8B\xA8",
                                  "\xEC\xA0\x84",
                                  "\xEC\x9E\xAC",
                                  "\xE6\x9D\xB1",
                                  "\xE4\xBA\xAC",
                                  "\xE9\x83\xBD",
                                  "\xE3\x81\x8B",
                                  "\xE3\x81\xAA",
                                  "\xE3\x82\xAB",
                                  "\xE3\x81\x8B\xE3\x82\x99"};

size_t random_size(struct random *random, size_t most)
{
    size_t size = (size_t)pow((double)most + 1, random_unit(random));
    return size < 1 ? 1 : size > most ? most : size;
}

static char *finish(struct rf_buffer *buffer)
{
    rf_buffer_append_byte(buffer, 0);
    char *copy = strdup((const char *)buffer->data);
    buffer->size = 0;
    return copy;
}

static void append(struct rf_buffer *buffer, const char *text) { rf_buffer_append(buffer, text, strlen(text)); }

/* ---- The vocabulary ---- */

static void make_word(struct rf_buffer *out, struct random *random)
{
    static const char *const syllables[] = {"ka", "to", "ri", "men", "ol", "us", "ing", "ed", "a", "ber", "st", "tion"};
    size_t kind_count = sizeof kinds / sizeof *kinds, what = random_below(random, 100);
    if (what < 55) {
        const char *const *list = kinds[random_below(random, kind_count)];
        size_t count = 0;
        while (count < sizeof kinds[0] / sizeof *kinds[0] && list[count])
            count++;
        append(out, list[random_below(random, count)]);
    } else if (what < 75) {
        for (size_t n = 1 + random_below(random, 5); n; n--)
            append(out, cjk[random_below(random, 1 + random_below(random, sizeof cjk / sizeof *cjk))]);
        if (chance(random, 10))
            append(out, chance(random, 50) ? "tower" : "3");
    } else if (what < 77) { /* around the longest term, alone and in compounds */
        for (size_t n = 195 + random_below(random, 10); n; n--)
            append(out, "x");
        append(out, chance(random, 50) ? "-a" : chance(random, 50) ? "\xC3\xA9" : "");
    } else {
        for (size_t n = 1 + random_below(random, 3); n; n--)
            append(out, syllables[random_below(random, sizeof syllables / sizeof *syllables)]);
        if (chance(random, 15))
            rf_buffer_printf(out, "%c%s", chance(random, 50) ? '-' : '\'', syllables[random_below(random, 12)]);
    }
}

const char *documents_word(const struct documents *documents, struct random *random)
{
    size_t rank = random_size(random, documents->word_count) - 1;
    if (documents->drift)
        rank += documents->made * documents->drift / documents->count * 7;
    return documents->words[rank % documents->word_count];
}

/* ---- Articles ---- */

static void make_text(struct rf_buffer *out, const struct documents *documents, struct random *random, size_t words)
{
    static const char *const rare[] = {". ", "\n",  "\n\n", ", ", "! ", " - ", "; ", "\xE3\x80\x82", "\"", "? \xE2\x80\x9C",
                                       "/",  "...", "\t",   " (", ") ", "'",   "-",  "\xFF",         "",   "\xE3\x80\x80"};
    unsigned rare_percent = (unsigned)random_below(random, 30);
    for (size_t i = 0; i < words; i++) {
        if (i)
            append(out, chance(random, rare_percent) ? rare[random_below(random, sizeof rare / sizeof *rare)] : " ");
        append(out, documents_word(documents, random));
    }
}

/* A run of Han, Kana and Hangul that is longer than a passage. */
static void make_run(struct rf_buffer *out, struct random *random)
{
    for (size_t n = 300 + random_below(random, 700); n; n--)
        append(out, cjk[random_below(random, sizeof cjk / sizeof *cjk)]);
}

static size_t text_words(struct random *random, size_t articles)
{
    unsigned what = (unsigned)random_below(random, 100);
    if (what < 4)
        return 0;
    if (articles > 1000)
        return what < 99 ? random_below(random, 8) : random_below(random, 300);
    if (what < 55)
        return 1 + random_below(random, 15);
    if (what < 90 || articles > 150)
        return 10 + random_below(random, 60);
    return 100 + random_below(random, what < 98 ? 200 : 900);
}

static void make_fields(struct article *article, struct random *random, struct rf_buffer *scratch)
{
    static const char *const sources[] = {
        "Yonhap", "yonhap", "Korea Post", "korea  post ", "\303\211lys\303\251e", "Reuters", "Reut", "\xEB\xAC\xB4\xEB\x8B\xA8"};
    const char *names[] = {"source", "date", chance(random, 50) ? "Page" : "page", "section"};
    for (size_t i = 0; i < 4; i++) {
        if (chance(random, 30))
            continue;
        if (i == 0)
            append(scratch, sources[random_below(random, sizeof sources / sizeof *sources)]);
        else if (i == 1)
            rf_buffer_printf(scratch,
                             chance(random, 85)   ? "%d-%02d-%02d"
                             : chance(random, 50) ? "%d-%02d"
                                                  : "%d",
                             2018 + (int)random_below(random, 3), 1 + (int)random_below(random, 12),
                             1 + (int)random_below(random, 28));
        else if (i == 2)
            rf_buffer_printf(scratch, "%d", (int)random_below(random, 12));
        else if (chance(random, 80))
            append(scratch, chance(random, 50) ? "World" : chance(random, 50) ? "World\xFFNews" : "sport");
        article->names[article->field_count] = names[i];
        article->values[article->field_count++] = finish(scratch);
    }
}

static void make_article(struct article *article, const struct documents *documents, struct random *random, size_t number)
{
    struct rf_buffer out;
    rf_buffer_init(&out, &rf_malloc_allocator);
    rf_buffer_printf(&out, chance(random, 80) ? "a%zu" : chance(random, 50) ? "the %zu'th  Id" : "\xD0\x96:%zu\xFF", number);
    article->id = finish(&out);
    rf_utf8_repair(&out, article->id, strlen(article->id));
    article->kept_id = finish(&out);
    if (chance(random, 80))
        make_text(&out, documents, random, 1 + random_below(random, 6));
    article->title = finish(&out);
    make_text(&out, documents, random, text_words(random, documents->count));
    if (documents->count < 100 && chance(random, 1))
        make_run(&out, random);
    article->text = finish(&out);
    article->field_count = 0;
    make_fields(article, random, &out);
    rf_buffer_release(&out);
}

void documents_make(struct documents *documents, struct random *random, enum documents_size size)
{
    static const char *const languages[] = {"english", "english", "english", "none", "german"};
    bool many = size == DOCUMENTS_MANY;
    struct rf_buffer word;
    rf_buffer_init(&word, &rf_malloc_allocator);
    *documents = (struct documents){.language = languages[random_below(random, 5)],
                                    .title_weight = 1 + (int)random_below(random, 4),
                                    .split = chance(random, 70),
                                    .store = chance(random, 90)};
    documents->word_count = random_size(random, many ? 800 : 300);
    documents->drift = chance(random, 30) ? random_size(random, 10) : 0;
    documents->words = calloc(documents->word_count, sizeof(char *));
    for (size_t i = 0; i < documents->word_count; i++) {
        make_word(&word, random);
        documents->words[i] = finish(&word);
    }
    documents->count = many ? 3000 + random_below(random, 9000) : random_size(random, size == DOCUMENTS_FEW ? 60 : 400);
    documents->articles = calloc(documents->count, sizeof *documents->articles);
    for (size_t i = 0; i < documents->count; i++)
        make_article(&documents->articles[documents->made = i], documents, random, i);
    rf_buffer_release(&word);
}

void article_release(struct article *article)
{
    free(article->id);
    free(article->kept_id);
    free(article->title);
    free(article->text);
    for (size_t f = 0; f < article->field_count; f++)
        free(article->values[f]);
}

void documents_release(struct documents *documents)
{
    for (size_t i = 0; i < documents->count; i++)
        article_release(&documents->articles[i]);
    for (size_t i = 0; i < documents->word_count; i++)
        free(documents->words[i]);
    free(documents->words);
    free(documents->articles);
}

unsigned documents_fields(const struct documents *documents)
{
    unsigned fields = 0;
    for (size_t i = 0; i < documents->count; i++)
        for (size_t f = 0; f < documents->articles[i].field_count; f++)
            if (*documents->articles[i].values[f])
                fields |= 1u << (documents->articles[i].names[f][2] & 31); /* their third letters differ */
    return fields;
}

/* ---- Printing ---- */

void append_escaped(struct rf_buffer *out, const char *bytes, size_t n)
{
    rf_buffer_append_byte(out, '"');
    for (size_t i = 0; i < n; i++) {
        uint8_t byte = (uint8_t)bytes[i];
        if (byte == '"' || byte == '\\')
            rf_buffer_printf(out, "\\%c", byte);
        else if (byte < ' ' || byte == 0x7f || (byte >= 0x80 && rf_utf8_valid_prefix(bytes, n) != n))
            rf_buffer_printf(out, "\\%03o", byte);
        else
            rf_buffer_append_byte(out, byte);
    }
    rf_buffer_append_byte(out, '"');
}

void documents_print(struct rf_buffer *out, const struct documents *documents)
{
    rf_buffer_printf(out, "language %s, title weight %d, passages %s, text %s, %zu articles\n", documents->language,
                     documents->title_weight, documents->split ? "split" : "none", documents->store ? "stored" : "not stored",
                     documents->count);
    for (size_t i = 0; i < documents->count; i++) {
        const struct article *article = &documents->articles[i];
        rf_buffer_printf(out, "  %zu: id ", i);
        append_escaped(out, article->id, strlen(article->id));
        rf_buffer_printf(out, " title ");
        append_escaped(out, article->title, strlen(article->title));
        for (size_t f = 0; f < article->field_count; f++) {
            rf_buffer_printf(out, " %s ", article->names[f]);
            append_escaped(out, article->values[f], strlen(article->values[f]));
        }
        rf_buffer_printf(out, " text ");
        append_escaped(out, article->text, strlen(article->text));
        rf_buffer_append_byte(out, '\n');
    }
}
