/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the C wrapper costs: the same ten best hits of the same queries by rx_ calls and in direct C++, in one process, in pairs, so that
 * both meet the same caches and the same noise.
 *
 *   wrapper_cost DATABASE [ROUNDS] <QUERIES     queries are lines of words, OR of which is searched with Lucene's BM25 (1.2, 0.75);
 *                                               each ROUND (default 15) runs all of them; its ratio is of the two sums of times
 *
 * Prints the median over rounds, and ends with status 1 where the wrapper costs more than 3 %, or hits or weights differ.
 *
 *   riffle-index --engine xapian -d DATABASE articles.jsonl && make bench-wrapper &&
 *       build/bench/wrapper_cost DATABASE <questions
 */
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <sstream>
#include <string>
#include <time.h>
#include <vector>

#include <xapian.h>

#include "riffle-xapian.h"
#include "xapian/rx_weight.h"

namespace
{

const double k1 = 1.2, b = 0.75, allowed = 1.03;

struct Hit {
    uint32_t docid;
    double weight;
};
using Words = std::vector<std::string>;

/* Of this thread's work: what waits is the disk, and the same for both; and other programs do not count. */
double seconds()
{
    timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return double(now.tv_sec) + double(now.tv_nsec) * 1e-9;
}

void must(rx_status status, const rx_error &error)
{
    if (status != RX_OK) {
        fprintf(stderr, "wrapper_cost: %s\n", error.message);
        exit(2);
    }
}

void search_directly(const Xapian::Database &database, const Words &words, std::vector<Hit> &found)
{
    std::vector<Xapian::Query> terms;
    for (const std::string &word : words)
        terms.push_back(Xapian::Query(word));
    Xapian::Enquire enquire(database);
    enquire.set_weighting_scheme(rx::LuceneWeight(k1, b, true));
    enquire.set_query(Xapian::Query(Xapian::Query::OP_OR, terms.begin(), terms.end()));
    Xapian::MSet best = enquire.get_mset(0, 10);
    for (Xapian::MSetIterator at = best.begin(); at != best.end(); ++at)
        found.push_back({*at, at.get_weight()});
}

void search_wrapped(const rx_database *database, const Words &words, std::vector<Hit> &found)
{
    rx_error error;
    std::vector<rx_query *> terms(words.size());
    rx_query *query = nullptr;
    rx_enquire *enquire = nullptr;
    rx_hits *hits = nullptr;
    for (size_t i = 0; i < words.size(); i++)
        must(rx_query_term(words[i].data(), words[i].size(), 1, 0, &terms[i], &error), error);
    must(rx_query_combine(RX_OP_OR, terms.data(), terms.size(), 0, &query, &error), error);
    must(rx_enquire_new(database, &enquire, &error), error);
    must(rx_enquire_lucene(enquire, k1, b, 1, &error), error);
    must(rx_enquire_query(enquire, query, 0, &error), error);
    must(rx_search(enquire, nullptr, &hits, &error), error);
    for (size_t i = 0; i < hits->count; i++)
        found.push_back({hits->items[i].docid, hits->items[i].weight});
    rx_hits_free(hits);
    rx_enquire_free(enquire);
    rx_query_free(query);
    for (rx_query *term : terms)
        rx_query_free(term);
}

std::vector<Words> read_queries()
{
    std::vector<Words> queries;
    for (std::string line; std::getline(std::cin, line);) {
        std::istringstream text(line);
        Words words;
        for (std::string word; text >> word;)
            words.push_back(word);
        if (!words.empty())
            queries.push_back(words);
    }
    return queries;
}

/* One round: each query both ways, who goes first changing from one to the next. Returns the ratio of times. */
double run_round(const Xapian::Database &direct, const rx_database *wrapped, const std::vector<Words> &queries, unsigned round)
{
    double taken[2] = {0, 0};
    for (size_t i = 0; i < queries.size(); i++) {
        std::vector<Hit> found[2];
        for (unsigned turn = 0; turn < 2; turn++) {
            unsigned way = (turn + i + round) % 2;
            found[way].reserve(10);
            double start = seconds();
            if (way)
                search_wrapped(wrapped, queries[i], found[way]);
            else
                search_directly(direct, queries[i], found[way]);
            taken[way] += seconds() - start;
        }
        bool same = found[0].size() == found[1].size();
        for (size_t hit = 0; same && hit < found[0].size(); hit++)
            same = found[0][hit].docid == found[1][hit].docid && found[0][hit].weight == found[1][hit].weight;
        if (!same) {
            fprintf(stderr, "wrapper_cost: the hits of query %zu differ\n", i + 1);
            exit(1);
        }
    }
    printf("round %u: direct %.3f ms, wrapped %.3f ms a query\n", round + 1, taken[0] * 1e3 / double(queries.size()),
           taken[1] * 1e3 / double(queries.size()));
    return taken[1] / taken[0];
}

} // namespace

int main(int count, char **arguments)
{
    if (count < 2 || count > 3) {
        fprintf(stderr, "usage: wrapper_cost DATABASE [ROUNDS] <QUERIES\n");
        return 2;
    }
    int rounds = count > 2 ? std::max(1, atoi(arguments[2])) : 15;
    std::vector<Words> queries = read_queries();
    if (queries.empty()) {
        fprintf(stderr, "wrapper_cost: no queries on standard input\n");
        return 2;
    }
    rx_error error;
    rx_database *wrapped = nullptr;
    must(rx_database_open(arguments[1], &wrapped, &error), error);
    std::vector<double> ratios;
    try {
        Xapian::Database direct(arguments[1]);
        for (int round = -1; round < rounds; round++) {
            double ratio = run_round(direct, wrapped, queries, unsigned(round + 1));
            /* The first only warms up. */
            if (round >= 0)
                ratios.push_back(ratio);
        }
    } catch (const Xapian::Error &caught) {
        fprintf(stderr, "wrapper_cost: %s\n", caught.get_description().c_str());
        return 2;
    }
    rx_database_free(wrapped);
    std::sort(ratios.begin(), ratios.end());
    double median = ratios[ratios.size() / 2];
    printf("wrapped / direct, median of %zu rounds: %.4f (from %.4f to %.4f)\n", ratios.size(), median, ratios.front(),
           ratios.back());
    return median > allowed;
}
