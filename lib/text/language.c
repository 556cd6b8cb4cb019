/* SPDX-License-Identifier: BSD-3-Clause */
/* Languages: Snowball's stemmers, and stop words. */
#include <libstemmer.h>

#include "text/stopwords.h"
#include "text/text.h"

/* Never changed once it is made, so that any number of threads may look into it. */
struct stop_words {
    struct rf_buffer words; /* folded, with a blank behind each */
    uint32_t *slots;        /* a hash table: where in `words` one starts, plus 1; 0 is free. NULL: there are none */
    size_t mask;            /* its size, a power of two, less one */
};

struct rf_language {
    const riffle_allocator *allocator;
    const char *name;
    struct sb_stemmer *stemmer;          /* NULL for "none" */
    struct stop_words own;               /* of one that was opened */
    const struct stop_words *stop_words; /* its own, or those of the one that it was copied from */
    char marked[RF_TERM_MAX];            /* the last stem that was a stop word */
};

/* The codes of ISO 639 that libstemmer takes for its languages; it has no function that gives the name for one. */
static const char *const codes[][4] = {
    {"arabic", "ar", "ara"},        {"armenian", "hy", "hye", "arm"}, {"basque", "eu", "eus", "baq"},
    {"catalan", "ca", "cat"},       {"danish", "da", "dan"},          {"dutch", "nl", "nld", "dut"},
    {"english", "en", "eng"},       {"finnish", "fi", "fin"},         {"french", "fr", "fra", "fre"},
    {"german", "de", "deu", "ger"}, {"greek", "el", "ell", "gre"},    {"hindi", "hi", "hin"},
    {"hungarian", "hu", "hun"},     {"indonesian", "id", "ind"},      {"irish", "ga", "gle"},
    {"italian", "it", "ita"},       {"lithuanian", "lt", "lit"},      {"nepali", "ne", "nep"},
    {"norwegian", "no", "nor"},     {"portuguese", "pt", "por"},      {"romanian", "ro", "ron", "rum"},
    {"russian", "ru", "rus"},       {"serbian", "sr", "srp"},         {"spanish", "es", "spa", "esl"},
    {"swedish", "sv", "swe"},       {"tamil", "ta", "tam"},           {"turkish", "tr", "tur"},
    {"yiddish", "yi", "yid"},
};

/* libstemmer's own string for the language, or "none", or NULL. `name` is in lower case. */
static const char *canonical_name(const char *name)
{
    if (strcmp(name, "none") == 0)
        return "none";
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
        for (size_t j = 1; j < 4 && codes[i][j]; j++)
            if (strcmp(name, codes[i][j]) == 0)
                name = codes[i][0];
    for (const char **known = sb_stemmer_list(); *known; known++)
        if (strcmp(name, *known) == 0)
            return *known;
    return NULL;
}

static riffle_status fail_unknown(riffle_error *error, const char *name)
{
    char names[400];
    size_t length = 0;
    for (const char **known = sb_stemmer_list(); *known; known++) {
        size_t n = strlen(*known);
        if (length + n + sizeof ", none" > sizeof names)
            break;
        memcpy(names + length, *known, n);
        memcpy(names + length + n, ", ", 2);
        length += n + 2;
    }
    memcpy(names + length, "none", sizeof "none");
    return rf_fail(error, RIFFLE_INVALID, "unknown language '%.40s'; known are %s", name, names);
}

/* FNV-1a. */
static uint32_t hash(const char *term, size_t n)
{
    uint32_t h = 2166136261u;
    for (size_t i = 0; i < n; i++)
        h = (h ^ (uint8_t)term[i]) * 16777619u;
    return h;
}

/* The slot of the stop word, or the free one where it belongs. */
static uint32_t *find_slot(const struct stop_words *all, const char *term, size_t n)
{
    for (size_t i = hash(term, n);; i++) {
        uint32_t *slot = &all->slots[i & all->mask];
        if (!*slot)
            return slot;
        const char *word = (const char *)all->words.data + (*slot - 1);
        if (memcmp(word, term, n) == 0 && word[n] == ' ')
            return slot;
    }
}

/* Folds the list, as terms are folded, and hashes it. */
static bool load_stop_words(struct stop_words *all, const char *list, const riffle_allocator *allocator)
{
    rf_fold(&all->words, list, strlen(list));
    /* A blank behind the last word, and room for find_slot to compare any term with it. */
    rf_buffer_append_byte(&all->words, ' ');
    uint8_t *padding = rf_buffer_reserve(&all->words, RF_TERM_MAX + 1);
    if (all->words.failed || !padding)
        return false;
    memset(padding, 0, RF_TERM_MAX + 1);
    size_t size = 64;
    while (size < all->words.size / 2) /* a word has at least two bytes, most have more: never more than half full */
        size *= 2;
    all->mask = size - 1;
    all->slots = rf_alloc_zero(allocator, size * sizeof *all->slots);
    if (!all->slots)
        return false;
    for (size_t start = 0, end; start < all->words.size; start = end + 1) {
        const char *word = (const char *)all->words.data + start;
        end = start + (size_t)((const char *)memchr(word, ' ', all->words.size - start) - word);
        *find_slot(all, word, end - start) = (uint32_t)start + 1;
    }
    return true;
}

/* With a stemmer, and without stop words. NULL: no memory. */
static struct rf_language *new_language(const char *canonical, const riffle_allocator *allocator)
{
    struct rf_language *language = rf_alloc_zero(allocator, sizeof *language);
    if (!language)
        return NULL;
    language->allocator = allocator;
    language->name = canonical;
    language->stop_words = &language->own;
    rf_buffer_init(&language->own.words, allocator);
    if (strcmp(canonical, "none") != 0 && !(language->stemmer = sb_stemmer_new(canonical, "UTF_8"))) {
        rf_language_close(language);
        return NULL;
    }
    return language;
}

riffle_status rf_language_open(struct rf_language **language, const char *name, const riffle_allocator *allocator,
                               riffle_error *error)
{
    char lower[48] = "";
    *language = NULL;
    for (size_t i = 0; name[i] && i + 1 < sizeof lower; i++)
        lower[i] = name[i] >= 'A' && name[i] <= 'Z' ? (char)(name[i] | 0x20) : name[i];
    const char *canonical = canonical_name(lower);
    if (!canonical)
        return fail_unknown(error, name);

    struct rf_language *opened = new_language(canonical, allocator);
    const char *list = rf_stop_words(canonical);
    if (!opened || (list && !load_stop_words(&opened->own, list, allocator))) {
        rf_language_close(opened);
        return rf_fail_memory(error);
    }
    *language = opened;
    return rf_ok(error);
}

riffle_status rf_language_copy(struct rf_language **language, const struct rf_language *from, const riffle_allocator *allocator,
                               riffle_error *error)
{
    *language = new_language(from->name, allocator);
    if (!*language)
        return rf_fail_memory(error);
    (*language)->stop_words = from->stop_words;
    return rf_ok(error);
}

void rf_language_close(struct rf_language *language)
{
    if (!language)
        return;
    sb_stemmer_delete(language->stemmer);
    rf_buffer_release(&language->own.words);
    rf_free(language->allocator, language->own.slots);
    rf_free(language->allocator, language);
}

const char *rf_language_name(const struct rf_language *language) { return language->name; }

bool rf_stem(struct rf_language *language, const char *term, size_t n, const char **stem, size_t *stem_length)
{
    *stem = term;
    *stem_length = n;
    if (!language->stemmer || !n || rf_is_stop_word(language, term, n)) /* asked first: every other word of a text is one */
        return true;
    const sb_symbol *stemmed = sb_stemmer_stem(language->stemmer, (const sb_symbol *)term, (int)n);
    if (!stemmed)
        return false;
    int length = sb_stemmer_length(language->stemmer);
    if (length <= 0 || length >= RF_TERM_MAX)
        return true;
    *stem = (const char *)stemmed;
    *stem_length = (size_t)length;
    /* A stop word stands for itself, and no other word for it, so that the longest lists of all are not needed a second time. Words
     * whose stem is a stop word (owned, owning) still meet, under a stem that no text can hold. */
    if (rf_is_stop_word(language, *stem, *stem_length)) {
        memcpy(language->marked, *stem, *stem_length);
        language->marked[(*stem_length)++] = '-';
        *stem = language->marked;
    }
    return true;
}

bool rf_has_stop_words(const struct rf_language *language) { return language->stop_words->slots; }

bool rf_is_stop_word(const struct rf_language *language, const char *term, size_t n)
{
    const struct stop_words *all = language->stop_words;
    return all->slots && n && n <= RF_TERM_MAX && *find_slot(all, term, n);
}
