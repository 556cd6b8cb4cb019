// SPDX-License-Identifier: BSD-3-Clause
//
// Xapian doing what riffle-index and the engine of the public game do, to be measured beside them.
//
//   xapian_peer articles DATABASE FILE...   one document per article: words with positions and English stems by TermGenerator, the
//                                           title three times, its words with the prefix S besides, the text as document data
//   xapian_peer words DATABASE FILE...      the words of `text` alone, as they are, with positions; no data
//                                           Both: a commit each 64 MB of text, then full compaction into DATABASE
//   xapian_peer serve DATABASE              answers questions about a database of words (protocol.h)
#include <xapian.h>

#include <cstring>
#include <iostream>
#include <string>
#include <vector>

#include "tests/bench/articles.h"
#include "tests/bench/protocol.h"
#include "tests/bench/queries.h"

namespace
{

// ---- Indexing ----

// Xapian's own threshold counts documents, 10,000 of them; articles of this length would then take gigabytes.
const size_t commit_bytes = 64 << 20;

struct Builder {
    Xapian::WritableDatabase db;
    Xapian::TermGenerator generator;
    size_t uncommitted = 0;

    void add(const Xapian::Document &document, size_t bytes)
    {
        db.add_document(document);
        uncommitted += bytes;
        if (uncommitted >= commit_bytes) {
            db.commit();
            uncommitted = 0;
        }
    }
};

void add_article(void *context, const article *a)
{
    Builder &builder = *static_cast<Builder *>(context);
    Xapian::Document document;
    document.set_data(std::string(a->id, a->id_length) + "\n" + std::string(a->title, a->title_length) + "\n" +
                      std::string(a->text, a->text_length));
    builder.generator.set_document(document);
    builder.generator.set_termpos(0);
    std::string title(a->title, a->title_length);
    builder.generator.index_text(title, 1, "S");
    builder.generator.index_text(title, 3);
    builder.generator.increase_termpos();
    builder.generator.index_text(std::string(a->text, a->text_length));
    document.add_boolean_term("Q" + std::string(a->id, a->id_length).substr(0, 200));
    builder.add(document, a->text_length);
}

void add_words(void *context, const article *a)
{
    Xapian::Document document;
    Xapian::termpos position = 0;
    query_part word;
    for (const char *at = a->text, *end = at + a->text_length; query_next_part(&at, end, &word);)
        if (word.length > 0 && word.length <= 200) // as Riffle's terms; Xapian's may have 245 bytes
            document.add_posting(std::string(word.text, word.length), ++position);
    static_cast<Builder *>(context)->add(document, a->text_length);
}

void build(const std::string &path, char **files, int count, void (*add)(void *, const article *))
{
    {
        Builder builder;
        builder.db = Xapian::WritableDatabase(path + ".raw", Xapian::DB_CREATE_OR_OVERWRITE);
        builder.generator.set_stemmer(Xapian::Stem("english"));
        articles_read(files, count, add, &builder);
        builder.db.commit();
    }
    Xapian::Database(path + ".raw").compact(path, Xapian::Compactor::FULL);
}

// ---- Answering ----

Xapian::Query translate(const query_part &part)
{
    if (!part.phrase)
        return Xapian::Query(std::string(part.text, part.length));
    std::vector<std::string> words;
    query_part word;
    for (const char *at = part.text, *end = at + part.length; query_next_part(&at, end, &word);)
        words.emplace_back(word.text, word.length);
    return Xapian::Query(Xapian::Query::OP_PHRASE, words.begin(), words.end(), words.size());
}

Xapian::Query translate(const protocol_question &question)
{
    std::vector<Xapian::Query> must, should, must_not;
    query_part part;
    for (const char *at = question.query, *end = at + question.length; query_next_part(&at, end, &part);)
        (part.sign == '+' ? must : part.sign == '-' ? must_not : should).push_back(translate(part));
    Xapian::Query all(Xapian::Query::OP_AND, must.begin(), must.end()), any(Xapian::Query::OP_OR, should.begin(), should.end());
    Xapian::Query query = must.empty() ? any : should.empty() ? all : Xapian::Query(Xapian::Query::OP_AND_MAYBE, all, any);
    if (must_not.empty())
        return query;
    Xapian::Query none(Xapian::Query::OP_OR, must_not.begin(), must_not.end());
    return Xapian::Query(Xapian::Query::OP_AND_NOT, query, none);
}

void serve(const std::string &path)
{
    Xapian::Database db(path);
    Xapian::Enquire enquire(db);
    for (protocol_question question; protocol_next(&question);) {
        if (question.shows) {
            protocol_unsupported();
            continue;
        }
        enquire.set_query(translate(question));
        if (question.best > 0)
            enquire.set_weighting_scheme(Xapian::BM25Weight(1.2, 0, 1, 0.5, 0)); // Riffle's k1 and b
        else
            enquire.set_weighting_scheme(Xapian::BoolWeight());
        // Told to look at all matches, it knows how many there are.
        Xapian::MSet hits = enquire.get_mset(0, Xapian::doccount(question.best), question.counts ? db.get_doccount() : 0);
        if (question.counts)
            protocol_count(hits.get_matches_estimated());
        else
            protocol_done();
    }
}

} // namespace

int main(int argc, char **argv)
try {
    if (argc > 3 && !strcmp(argv[1], "articles"))
        build(argv[2], argv + 3, argc - 3, add_article);
    else if (argc > 3 && !strcmp(argv[1], "words"))
        build(argv[2], argv + 3, argc - 3, add_words);
    else if (argc == 3 && !strcmp(argv[1], "serve"))
        serve(argv[2]);
    else {
        std::cerr << "usage: xapian_peer articles|words DATABASE FILE... | serve DATABASE\n";
        return 2;
    }
    return 0;
} catch (const Xapian::Error &error) {
    std::cerr << "xapian_peer: " << error.get_description() << '\n';
    return 2;
}
