/* SPDX-License-Identifier: BSD-3-Clause */
/* Any bytes as a query over a small index: both methods agree, and everything that can be asked of a hit is answered. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "riffle.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(int holds)
{
    if (!holds)
        abort();
}

static void add(riffle_writer *writer, const char *id, const char *title, const char *text)
{
    riffle_field fields[] = {{"date", 4, "2019-03-25", 10}, {"source", 6, "The Wire", 8}};
    riffle_article article = {id, strlen(id), title, strlen(title), text, strlen(text), fields, 2};
    expect(riffle_writer_add(writer, &article, NULL) == RIFFLE_OK);
}

/* Made once; the folder is left to the system's temporary files. */
static riffle_index *small_index(void)
{
    char path[] = "/tmp/riffle-fuzz-XXXXXX";
    riffle_writer *writer;
    riffle_index *index;
    expect(mkdtemp(path) != NULL);
    expect(riffle_writer_open(&writer, path, NULL, NULL) == RIFFLE_OK);
    add(writer, "a", "Officials head to liaison office",
        "About 40 officials of Korea's liaison office, round-the-clock, by wi-fi. U.S. staff.");
    add(writer, "b", "Talks \xe2\x80\x93 caf\xc3\xa9",
        "To be or not to be. The staff withdrew; 60-70 people. O'Brien wrote to edt@example.org.");
    expect(riffle_writer_commit(writer, NULL) == RIFFLE_OK);
    add(writer, "c", "\xec\xbd\x94\xeb\xa6\xac\xec\x95\x84",
        "\xeb\xac\xb4\xeb\x8b\xa8 \xec\xa0\x84\xec\x9e\xac \xeb\xb0\x8f \xec\x9e\xac\xeb\xb0\xb0\xed\x8f\xac");
    expect(riffle_writer_commit(writer, NULL) == RIFFLE_OK);
    riffle_writer_close(writer);
    expect(riffle_index_open(&index, path, NULL, NULL) == RIFFLE_OK);
    return index;
}

static riffle_results *search(const riffle_index *index, const uint8_t *data, size_t size, int method, int strict)
{
    riffle_search_options options = RIFFLE_SEARCH_OPTIONS_INIT;
    riffle_results *results;
    riffle_error error;
    options.method = method;
    options.strict = strict;
    options.count_all = 1;
    riffle_status status = riffle_search(index, (const char *)data, size, &options, &results, &error);
    expect(status == RIFFLE_OK || (strict && status == RIFFLE_BAD_QUERY));
    return results;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static riffle_index *index;
    if (!index)
        index = small_index();
    riffle_results *fast = search(index, data, size, RIFFLE_METHOD_FAST, 0);
    riffle_results *slow = search(index, data, size, RIFFLE_METHOD_EXHAUSTIVE, 0);
    riffle_results_free(search(index, data, size, RIFFLE_METHOD_FAST, 1));
    expect(riffle_results_count(fast) == riffle_results_count(slow) && riffle_results_total(fast) == riffle_results_total(slow));
    for (size_t i = 0; i < riffle_results_count(fast); i++) {
        riffle_hit a = {.size = sizeof a}, b = {.size = sizeof b};
        riffle_snippet snippet;
        const riffle_range *ranges;
        size_t count;
        const char *text;
        expect(riffle_results_hit(fast, i, &a, NULL) == RIFFLE_OK && riffle_results_hit(slow, i, &b, NULL) == RIFFLE_OK);
        expect(a.article == b.article && a.passage == b.passage && a.score == b.score);
        expect(riffle_results_matches(fast, i, &ranges, &count, NULL) == RIFFLE_OK);
        expect(riffle_results_title_matches(fast, i, &ranges, &count, NULL) == RIFFLE_OK);
        expect(riffle_results_snippet(fast, i, size % 300, &snippet, NULL) == RIFFLE_OK);
        expect(riffle_results_explain(fast, i, &text, NULL) == RIFFLE_OK);
    }
    riffle_results_free(fast);
    riffle_results_free(slow);
    return 0;
}
