/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Stems, spelling, synonyms. */
#include "xapian/rx_handles.h"
#include "xapian/rx_memory.h"

using namespace rx;

extern "C" rx_status rx_stemmer_new(const char *language, rx_stemmer **stemmer, rx_error *error)
{
    return guard(error, [&] {
        required(stemmer, "stemmer");
        *stemmer = new rx_stemmer{Xapian::Stem(required(language, "language"))};
    });
}

extern "C" void rx_stemmer_free(rx_stemmer *stemmer) { delete stemmer; }

extern "C" rx_status rx_stem(const rx_stemmer *stemmer, const char *word, size_t length, rx_string *stem, rx_error *error)
{
    return guard(error, [&] {
        required(stemmer, "stemmer");
        required(stem, "stem");
        required_bytes(word, length, "word");
        give(stem, length ? stemmer->stem(std::string(word, length)) : std::string());
    });
}

extern "C" rx_status rx_stemmer_languages(rx_string *languages, rx_error *error)
{
    return guard(error, [&] { give(required(languages, "languages"), Xapian::Stem::get_available_languages()); });
}

extern "C" rx_status rx_spelling_add(rx_database *database, const char *word, size_t length, uint32_t times, rx_error *error)
{
    return use(database, Doing::WRITING, error, [&](Open &open) {
        required_term(word, length, "word");
        open.begin();
        open.writer.add_spelling(std::string(word, length), times);
    });
}

extern "C" rx_status rx_spelling_remove(rx_database *database, const char *word, size_t length, uint32_t times, rx_error *error)
{
    return use(database, Doing::WRITING, error, [&](Open &open) {
        required_term(word, length, "word");
        open.begin();
        open.writer.remove_spelling(std::string(word, length), times);
    });
}

extern "C" rx_status rx_spelling_suggest(const rx_database *database, const char *word, size_t length, unsigned distance,
                                         rx_string *suggestion, rx_error *error)
{
    return use(database, Doing::READING, error, [&](Open &open) {
        required(suggestion, "suggestion");
        required_term(word, length, "word");
        give(suggestion, open.reader.get_spelling_suggestion(std::string(word, length), distance));
    });
}

extern "C" rx_status rx_synonym_add(rx_database *database, const char *term, size_t length, const char *synonym,
                                    size_t synonym_length, rx_error *error)
{
    return use(database, Doing::WRITING, error, [&](Open &open) {
        required_term(term, length);
        required_term(synonym, synonym_length, "synonym");
        open.begin();
        open.writer.add_synonym(std::string(term, length), std::string(synonym, synonym_length));
    });
}

extern "C" rx_status rx_synonym_remove(rx_database *database, const char *term, size_t length, const char *synonym,
                                       size_t synonym_length, rx_error *error)
{
    return use(database, Doing::WRITING, error, [&](Open &open) {
        required_term(term, length);
        required_term(synonym, synonym_length, "synonym");
        open.begin();
        open.writer.remove_synonym(std::string(term, length), std::string(synonym, synonym_length));
    });
}

extern "C" rx_status rx_synonyms(const rx_database *database, const char *term, size_t length, rx_terms **synonyms, rx_error *error)
{
    return use(database, Doing::READING, error, [&](Open &open) {
        required(synonyms, "synonyms");
        required_term(term, length);
        std::string name(term, length);
        std::unique_ptr<Terms> list(new Terms());
        for (Xapian::TermIterator at = open.reader.synonyms_begin(name); at != open.reader.synonyms_end(name); ++at)
            list->add(*at);
        give(synonyms, list);
    });
}
