/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Chooses questions from articles: questions N FILE... prints N lines of three words that follow one another in the text of an
 * article, N articles evenly spread over all of them. Words have four letters or more of a-z, so few are stop words, which engines
 * treat differently; and as they follow one another, the same lines serve as phrases. The choice depends on the input alone.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/bench/articles.h"

struct choice {
    uint64_t articles, wanted, seen, chosen;
    uint64_t random;
};

static void count(void *context, const struct article *article)
{
    struct choice *choice = context;
    choice->articles += article->text_length > 0;
}

static bool letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

/* Three words from `p` on that follow one another with single spaces between them; NULL: there are none. */
static const char *three_words(const char *p, const char *end, size_t *length)
{
    const char *start = p;
    for (int words = 0; p < end;) {
        const char *word = p;
        while (p < end && letter(*p))
            p++;
        bool whole = (word == start || word[-1] == ' ') && p < end && (unsigned char)*p < 0x80 && strchr(" .,\n", *p) != NULL;
        if (p - word >= 4 && whole) {
            if (++words == 3) {
                *length = (size_t)(p - start);
                return start;
            }
            if (*p == ' ') {
                p++;
                continue;
            }
        }
        words = 0;
        while (p < end && *p != ' ')
            p++;
        start = p < end ? ++p : p;
    }
    return NULL;
}

static void choose(void *context, const struct article *article)
{
    struct choice *choice = context;
    if (article->text_length == 0 || choice->seen++ * choice->wanted / choice->articles < choice->chosen)
        return;
    choice->random = choice->random * 6364136223846793005u + 1442695040888963407u; /* Knuth's MMIX generator */
    size_t start = (size_t)(choice->random >> 33) % article->text_length, length;
    const char *end = article->text + article->text_length, *p = memchr(article->text + start, ' ', article->text_length - start);
    const char *words = p != NULL ? three_words(p + 1, end, &length) : NULL;
    if (words == NULL) /* perhaps the next article has some */
        return;
    for (size_t i = 0; i < length; i++)
        putchar(words[i] == ' ' ? ' ' : words[i] | 0x20);
    putchar('\n');
    choice->chosen++;
}

int main(int argc, char **argv)
{
    struct choice choice = {.wanted = argc > 1 ? strtoull(argv[1], NULL, 10) : 0, .random = 1};
    if (argc < 3 || choice.wanted == 0) {
        fputs("usage: questions N FILE...\n", stderr);
        return 2;
    }
    articles_read(argv + 2, argc - 2, count, &choice);
    if (choice.articles > 0)
        articles_read(argv + 2, argc - 2, choose, &choice);
    return 0;
}
