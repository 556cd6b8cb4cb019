/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The protocol of the public search-benchmark-game, which Riffle and its peers speak: a line COMMAND<TAB>QUERY on standard input, one
 * line of answer on standard output, at once.
 *
 *   TOP_k         1, when the k best hits are found
 *   TOP_k_COUNT   how many match, exactly, when the k best hits are found too
 *   COUNT         how many match, exactly
 *   DOCS_k        the k best hits, best first: id:score with blanks between them. Not part of the game: to compare engines with
 *   others        UNSUPPORTED
 *
 * One read(2) and one write(2) a question, no copies: what is measured is the engine.
 */
#ifndef TESTS_BENCH_PROTOCOL_H
#define TESTS_BENCH_PROTOCOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct protocol_question {
    uint64_t best;     /* hits to find: k; 0 for COUNT */
    bool counts;       /* the answer is the number of matches */
    bool shows;        /* the answer is the hits */
    const char *query; /* until the next question; no NUL at its end */
    size_t length;
};

/* The next question; false: there are no more. Those that are none of the above are answered here. */
bool protocol_next(struct protocol_question *question);

/* The answers: for TOP_k, for counts, for what this engine cannot be asked. */
void protocol_done(void);
void protocol_count(uint64_t count);
void protocol_unsupported(void);

/* The hits of DOCS_k, one after the other, and their end. */
void protocol_hit(const char *id, size_t length, double score);
void protocol_hits_end(void);

#ifdef __cplusplus
}
#endif

#endif
