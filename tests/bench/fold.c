/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Folds articles as the public search-benchmark-game folds its corpus, so that all engines index the same words whatever they take for
 * one: fold FILE... prints passages {"id": "...#0", "text": "..."} of words in a-z. A passage ends with its 150th word, or with a
 * paragraph from the 100th on.
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "tests/bench/articles.h"

enum { LEAST = 100, MOST = 150 };

struct folding {
    const struct article *article;
    unsigned passages, words; /* of the article, of the passage at hand */
};

static void begin(struct folding *folding)
{
    fputs("{\"id\": \"", stdout);
    for (const char *p = folding->article->id; *p != 0; p++)
        if (*p != '"' && *p != '\\' && (unsigned char)*p >= 0x20)
            putchar(*p);
    printf("#%u\", \"text\": \"", folding->passages++);
}

static void end(struct folding *folding)
{
    if (folding->words > 0)
        puts("\"}");
    folding->words = 0;
}

static bool letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

static void fold(void *context, const struct article *article)
{
    (void)context;
    struct folding folding = {.article = article};
    for (const char *p = article->text, *stop = p + article->text_length; p < stop;) {
        if (*p == '\n' && folding.words >= LEAST)
            end(&folding);
        if (!letter(*p)) {
            p++;
            continue;
        }
        if (folding.words++ == 0)
            begin(&folding);
        else
            putchar(' ');
        while (p < stop && letter(*p))
            putchar(*p++ | 0x20);
        if (folding.words == MOST)
            end(&folding);
    }
    end(&folding);
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fputs("usage: fold FILE...\n", stderr);
        return 2;
    }
    articles_read(argv + 1, argc - 1, fold, NULL);
    return fflush(stdout) != 0 || ferror(stdout) ? 2 : 0;
}
