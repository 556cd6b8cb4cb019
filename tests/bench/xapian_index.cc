// SPDX-License-Identifier: BSD-3-Clause
//
// Xapian doing what riffle-index and riffle do, to be measured beside them.
//
//   xapian_index build DATABASE FILE...     one document per article: words with positions and English stems by TermGenerator, the
//                                           title three times, its words with the prefix S besides, the text as document data;
//                                           a commit each 64 MB of text, then compaction into DATABASE
//   xapian_index query DATABASE MODE        three-word questions on standard input; ten best ids each, by Xapian's BM25;
//                                           MODE: any, all, phrase
#include <xapian.h>

#include <cstring>
#include <iostream>
#include <string>

#include "tests/bench/articles.h"

namespace
{

// Xapian's own threshold counts documents, 10,000 of them; articles of this length would then take gigabytes.
const size_t commit_bytes = 64 << 20;

struct Builder {
    Xapian::WritableDatabase db;
    Xapian::TermGenerator generator;
    size_t uncommitted = 0;
};

void add(void *context, const article *a)
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
    builder.db.add_document(document);
    builder.uncommitted += a->text_length;
    if (builder.uncommitted >= commit_bytes) {
        builder.db.commit();
        builder.uncommitted = 0;
    }
}

void build(const std::string &path, char **files, int count)
{
    {
        Builder builder;
        builder.db = Xapian::WritableDatabase(path + ".raw", Xapian::DB_CREATE_OR_OVERWRITE);
        builder.generator.set_stemmer(Xapian::Stem("english"));
        articles_read(files, count, add, &builder);
        builder.db.commit();
    }
    Xapian::Database(path + ".raw").compact(path);
}

void query(const std::string &path, const std::string &mode)
{
    Xapian::Database db(path);
    Xapian::QueryParser parser;
    parser.set_database(db);
    parser.set_stemmer(Xapian::Stem("english"));
    parser.set_stemming_strategy(Xapian::QueryParser::STEM_SOME);
    parser.set_default_op(mode == "all" ? Xapian::Query::OP_AND : Xapian::Query::OP_OR);
    std::string line;
    while (std::getline(std::cin, line)) {
        Xapian::Enquire enquire(db);
        enquire.set_query(parser.parse_query(mode == "phrase" ? '"' + line + '"' : line));
        Xapian::MSet hits = enquire.get_mset(0, 10);
        for (auto hit = hits.begin(); hit != hits.end(); ++hit) {
            std::string data = hit.get_document().get_data();
            std::cout << data.substr(0, data.find('\n')) << '\n';
        }
    }
}

} // namespace

int main(int argc, char **argv)
try {
    if (argc >= 4 && !strcmp(argv[1], "build"))
        build(argv[2], argv + 3, argc - 3);
    else if (argc == 4 && !strcmp(argv[1], "query"))
        query(argv[2], argv[3]);
    else {
        std::cerr << "usage: xapian_index build DATABASE FILE... | query DATABASE any|all|phrase\n";
        return 2;
    }
    return 0;
} catch (const Xapian::Error &error) {
    std::cerr << "xapian_index: " << error.get_description() << '\n';
    return 2;
}
