/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * riffle.h - full-text search in C: compressed positional indexes, BM25, phrases, passages.
 *
 * A writer turns articles into an index, a directory of immutable files. An index is opened for reading and searched; a search
 * gives results, whose hits are passages of the articles (or whole articles, where the index was built so). riffle-index and
 * riffle, the two programs, use this header and nothing else.
 *
 * What holds everywhere:
 *
 * - Text is UTF-8, given as pointer and length in bytes; it need not end in a NUL. Bytes that are no UTF-8 are read as U+FFFD.
 * - A function that can fail returns a riffle_status and gives its result through a pointer. On failure the result is set to
 *   NULL or left alone, and `error`, where it is not NULL, holds the status and one line that names the file, byte, line or term.
 * - A struct that ends in `_options` starts with its own size and grows at its end: fill it with its _INIT macro, then set what
 *   differs. NULL stands for all defaults. Structs that the library fills (riffle_statistics, riffle_hit, ...) start with their
 *   size as well, set by the caller; the library fills no more than that.
 * - Nothing here prints, exits, aborts, or changes signals, locale or environment.
 * - Threads: one riffle_index may be used by any number of threads at once. A riffle_writer and a riffle_results belong to one
 *   thread at a time. Different objects never share state that a caller can see.
 */
#ifndef RIFFLE_H
#define RIFFLE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define RIFFLE_VERSION       "0.1.0"
#define RIFFLE_VERSION_MAJOR 0
#define RIFFLE_VERSION_MINOR 1
#define RIFFLE_VERSION_PATCH 0

#if defined(__GNUC__)
#define RIFFLE_API __attribute__((visibility("default")))
#else
#define RIFFLE_API
#endif

/* The version of the library that runs, which may be newer than RIFFLE_VERSION of the header. Never NULL. */
RIFFLE_API const char *riffle_version(void);

/* ---- Status and errors ---- */

typedef enum riffle_status {
    RIFFLE_OK = 0,
    RIFFLE_INVALID,     /* an argument or option is wrong; nothing was changed */
    RIFFLE_NO_MEMORY,   /* an allocation failed */
    RIFFLE_IO,          /* the operating system refused: message names path and reason */
    RIFFLE_NO_INDEX,    /* there is no index at that path */
    RIFFLE_NOT_EMPTY,   /* the folder for a new index holds something that is no index */
    RIFFLE_LOCKED,      /* another writer holds the index */
    RIFFLE_CORRUPT,     /* a file is damaged: message names file and place */
    RIFFLE_TOO_NEW,     /* the index was made by a newer version of the format */
    RIFFLE_EXISTS,      /* an article with this id is in the index already; it was skipped */
    RIFFLE_TOO_LARGE,   /* a limit of the format or of the options was passed: message names it */
    RIFFLE_BAD_INPUT,   /* an article could not be read: message says why */
    RIFFLE_BAD_QUERY,   /* strict mode only: the query can be read in more than one way */
    RIFFLE_STOPPED,     /* a callback asked to stop */
    RIFFLE_POISONED,    /* an earlier failure left this writer good for closing only */
    RIFFLE_UNSUPPORTED, /* the engine of this index cannot do that */
    RIFFLE_SHARD        /* a shard cannot be reached, or not in time: message names it */
} riffle_status;

/* The status in a few words of English. Never NULL, for any value. */
RIFFLE_API const char *riffle_status_text(riffle_status status);

/* In memory of the caller's; every call that takes one overwrites it, on success too (RIFFLE_OK and an empty message). */
typedef struct riffle_error {
    riffle_status status;
    char message[500]; /* one line without line end, NUL-terminated */
} riffle_error;

/* ---- Memory ---- */

/*
 * Where all memory of an object comes from (zlib's too; the stemmers', json-c's and the C library's own excepted). All three
 * functions must be set. They are called from whichever thread calls into the object. `resize` is realloc: `memory` may be NULL.
 */
typedef struct riffle_allocator {
    void *(*allocate)(void *context, size_t bytes);
    void *(*resize)(void *context, void *memory, size_t bytes);
    void (*release)(void *context, void *memory);
    void *context;
} riffle_allocator;

/* ---- Engines ---- */

/*
 * What keeps postings and searches them. libriffle's own engine, "native", is always there; a library that brings another one calls
 * this (riffle-xapian.h does it by riffle_xapian_register). From then on, for the whole process and for good, indexes of that engine
 * are recognised when they are opened, and can be made by name. Any thread may call it; the same engine twice is one.
 */
typedef struct riffle_engine riffle_engine;
RIFFLE_API riffle_status riffle_engine_register(const riffle_engine *engine, riffle_error *error);

/* ---- Articles ---- */

/* A name and its value, as for metadata. Neither needs a NUL at its end. */
typedef struct riffle_field {
    const char *name;
    size_t name_length;
    const char *value;
    size_t value_length;
} riffle_field;

/*
 * One article. `id` identifies it in the index and must not be empty. `text` is paragraphs separated by line ends. `fields` are
 * its metadata under any names: "date" (YYYY-MM-DD, or a prefix of it) and "source" are the ones that the programs show; "id",
 * "title" and "text" are not allowed as names. A field that is given twice keeps its first value.
 */
typedef struct riffle_article {
    const char *id;
    size_t id_length;
    const char *title;
    size_t title_length;
    const char *text;
    size_t text_length;
    const riffle_field *fields;
    size_t field_count;
} riffle_article;

/* ---- Writing ---- */

typedef struct riffle_writer riffle_writer;

enum { RIFFLE_PASSAGES_DEFAULT = 0, RIFFLE_PASSAGES_SPLIT = 1, RIFFLE_PASSAGES_NONE = 2 };
enum { RIFFLE_STORE_DEFAULT = 0, RIFFLE_STORE_TEXT = 1, RIFFLE_STORE_NONE = 2 };

typedef struct riffle_writer_options {
    size_t size;                       /* of this struct */
    const riffle_allocator *allocator; /* NULL: malloc. Copied; its context must outlive the writer. */
    /*
     * The settings of an index are fixed when it is made. For one that exists already leave these at 0 or NULL, which takes
     * its own; a different value is RIFFLE_INVALID.
     */
    const char *language; /* stemming and stop words: a Snowball name as "english" (the default), or "none" */
    int passages;         /* RIFFLE_PASSAGES_...: default SPLIT, passages of 100-180 words; NONE ranks whole articles */
    int title_weight;     /* what a word in the title counts beside one in the text: 1 to 15; default 3 */
    int store;            /* RIFFLE_STORE_...: default TEXT; NONE leaves the text out, hits then have no snippet */
    /* How this writer works: */
    int rebuild; /* nonzero: what is committed replaces the index as a whole; its readers go on with the old one */
    /*
     * Bytes for what is collected before it goes to disk; 0: a quarter of the machine's; at least 16 MiB. The engine xapian takes at most
     * 64 MiB of it, as it is slower with more; for additions to an index that is there libxapian collects 10,000 passages, about 150 MB, or as many
     * as XAPIAN_FLUSH_THRESHOLD in the environment says.
     */
    uint64_t memory;
    unsigned threads; /* accepted, and not used yet: 0 or 1 */
    /*
     * "native", or the name of a registered engine. NULL: the engine of the index that is there; "native" where there is none. An
     * engine that is not known, or not that of the index that is there, is RIFFLE_INVALID, with `rebuild` too.
     */
    const char *engine;
} riffle_writer_options;
#define RIFFLE_WRITER_OPTIONS_INIT                                                                                                 \
    {                                                                                                                              \
        sizeof(riffle_writer_options), NULL, NULL, 0, 0, 0, 0, 0, 0, NULL                                                          \
    }

/*
 * Opens the index in the folder `path` for writing; makes folder and index where there is none. Only an empty folder or an index
 * is ever written to: anything else is RIFFLE_NOT_EMPTY. At most one writer at a time has an index: RIFFLE_LOCKED otherwise. The
 * lock ends with the process, however that ends; a child that it forked, and that executes no other program, holds it too. *writer is
 * to be closed by riffle_writer_close.
 */
RIFFLE_API riffle_status riffle_writer_open(riffle_writer **writer, const char *path, const riffle_writer_options *options,
                                            riffle_error *error);

/*
 * Adds an article; it can be searched after the next commit. Everything is copied. An id that is in the index, or was added
 * before, is RIFFLE_EXISTS, an article over the limits RIFFLE_TOO_LARGE, a bad one RIFFLE_INVALID: these cost that article alone.
 * After any other failure the writer is poisoned, and the index stays as it was at the last commit.
 */
RIFFLE_API riffle_status riffle_writer_add(riffle_writer *writer, const riffle_article *article, riffle_error *error);

/*
 * As riffle_writer_add, but in place of the article with this id where there is one: until the next commit that one can still be
 * found, from then on the new one. RIFFLE_UNSUPPORTED where there is one and the engine of the index cannot replace it (the native
 * engine cannot yet): this costs that article alone. Other failures are those of riffle_writer_add; none makes an index that has
 * neither of the two.
 */
RIFFLE_API riffle_status riffle_writer_replace(riffle_writer *writer, const riffle_article *article, riffle_error *error);

/*
 * Takes the article with this id away, with the next commit. RIFFLE_INVALID where there is none, RIFFLE_UNSUPPORTED where the engine of
 * the index cannot (the native engine cannot yet): these change nothing. After any other failure the writer is poisoned.
 */
RIFFLE_API riffle_status riffle_writer_delete(riffle_writer *writer, const char *id, size_t id_length, riffle_error *error);

/*
 * Makes everything done so far part of the index, at once and durably: when it returns RIFFLE_OK, the articles survive a power
 * cut. When it fails, the writer is poisoned and the index as it was (or, where nothing but the last fsync of the folder failed, as it
 * would have been: whole in either case). Nothing done and nothing to replace: no new generation.
 */
RIFFLE_API riffle_status riffle_writer_commit(riffle_writer *writer, riffle_error *error);

/* Closes without committing: what was not committed is dropped, its files are removed. NULL is allowed. */
RIFFLE_API void riffle_writer_close(riffle_writer *writer);

/* ---- Reading articles from files ---- */

typedef enum riffle_format {
    RIFFLE_FORMAT_AUTO = 0, /* JSON lines where the name ends in .jsonl, .ndjson or .json (before .gz) or the first byte is '{' */
    RIFFLE_FORMAT_TEXT,
    RIFFLE_FORMAT_JSON
} riffle_format;

/* What an import has done so far. */
typedef struct riffle_import_counts {
    uint64_t articles;  /* added */
    uint64_t left_out;  /* reported and not added */
    uint64_t files;     /* opened */
    uint64_t bytes;     /* of input read, after gunzip */
    uint64_t raw_bytes; /* of input read, as on disk */
    uint64_t elsewhere; /* articles passed over: of other shards */
} riffle_import_counts;

typedef struct riffle_import_options {
    size_t size; /* of this struct */
    riffle_format format;
    /* JSON keys that hold an article's parts; NULL: the name itself ("id", "title", "date", "source", "text"). Any other key with
     * a string, number or boolean becomes metadata under its own name. */
    const char *id_key, *title_key, *date_key, *source_key, *text_key;
    uint64_t article_limit; /* bytes; a larger article is reported and left out; 0: 64 MiB */
    /*
     * Called for each article or file that was left out. `path` is as given or found, `line` counts from 1, 0 where it means
     * nothing. May be NULL.
     */
    void (*on_problem)(void *context, const char *path, uint64_t line, riffle_status status, const char *message);
    /* Called after each article and now and then in long ones; a nonzero return stops the import with RIFFLE_STOPPED. May be NULL. */
    int (*on_progress)(void *context, const riffle_import_counts *counts);
    void *context;
    int update; /* nonzero: an article whose id is there takes that one's place, as by riffle_writer_replace */
    /* Only articles of shard number `shard`, from 1, of `shards` by riffle_shard_of; `shards` 0: all. */
    unsigned shard, shards;
} riffle_import_options;
#define RIFFLE_IMPORT_OPTIONS_INIT                                                                                                 \
    {                                                                                                                              \
        sizeof(riffle_import_options), RIFFLE_FORMAT_AUTO, NULL, NULL, NULL, NULL, NULL, 0, NULL, NULL, NULL, 0, 0, 0              \
    }

/*
 * Adds the articles of a file (text or JSON lines, gzipped or not), of a folder with all below it, or, for "-", of standard
 * input. A folder is read in byte order of names; names that start with a dot, binary files and Riffle indexes in it are passed
 * over. An article's id is its JSON id, else the path as given with what was found below it, with ":line" for a line of JSON.
 * What cannot be read is reported, counted in *counts and costs nothing else. *counts is added to, not set: start it at zero.
 * Returns RIFFLE_OK when everything could be gone through, whatever was left out; other statuses are the writer's.
 */
RIFFLE_API riffle_status riffle_writer_import(riffle_writer *writer, const char *path, const riffle_import_options *options,
                                              riffle_import_counts *counts, riffle_error *error);

/*
 * The shard that an article belongs to where a collection is split over several indexes: from 1 to `shards`. It is 1 plus the
 * remainder that `shards` leaves of the CRC-32 (that of zlib, gzip and PNG) of the id's bytes, with U+FFFD for bytes that are no UTF-8.
 * That will never change, and any program can compute it. 1 where `shards` is 0.
 */
RIFFLE_API unsigned riffle_shard_of(const char *id, size_t id_length, unsigned shards);

/* ---- Reading an index ---- */

typedef struct riffle_index riffle_index;

typedef struct riffle_index_options {
    size_t size;                       /* of this struct */
    const riffle_allocator *allocator; /* NULL: malloc. Copied; must be safe for all threads that use the index. */
    /* For shards on other machines: */
    unsigned timeout; /* milliseconds that one may take to connect, and to answer; 0: 10,000 */
    int partial;      /* nonzero: search without those that cannot be reached, and say so (riffle_results_missing) */
} riffle_index_options;
#define RIFFLE_INDEX_OPTIONS_INIT                                                                                                  \
    {                                                                                                                              \
        sizeof(riffle_index_options), NULL, 0, 0                                                                                   \
    }

/*
 * Opens the index at `path`; its engine is recognised. Takes no lock and works on read-only media.
 *
 * The native engine opens the newest generation, and stays with it: later commits and rebuilds do not touch it; open again to see
 * them. Another program that truncates the files of an open index kills the process with SIGBUS, as with any mapped file; Riffle
 * itself never does.
 *
 * With the engine "xapian" registered, `path` may also be a list of shards, separated by commas: folders, and servers as host:port
 * (docs/SCALING.md). A search works on one state of such an index, and the next search may work on a newer one. Where a shard cannot
 * be reached, opening and searching are RIFFLE_SHARD, unless `partial` is set; a shard that is back is found again by the next search, one that was too slow within some time-outs.
 */
RIFFLE_API riffle_status riffle_index_open(riffle_index **index, const char *path, const riffle_index_options *options,
                                           riffle_error *error);

/* Results of the index must have been freed. NULL is allowed. */
RIFFLE_API void riffle_index_close(riffle_index *index);

typedef struct riffle_statistics {
    size_t size;       /* of this struct, set by the caller */
    uint64_t articles; /* articles in the index */
    uint64_t passages; /* units that are ranked */
    uint64_t tokens;   /* sum of the passages' lengths */
    uint64_t terms;    /* distinct terms, summed over segments */
    uint64_t segments;
    uint64_t generation; /* grows by one with each commit */
    uint64_t bytes;      /* of all files, stored text included */
    uint64_t text_bytes; /* of the files that hold stored text */
    int title_weight;
    int stores_text;     /* 0: made without stored text */
    int splits_passages; /* 0: whole articles are ranked */
    char language[32];
    char engine[16]; /* "native", "xapian" */
} riffle_statistics;

/* The engine "xapian" does not count terms (0), and sees no bytes of servers. */
RIFFLE_API riffle_status riffle_index_statistics(const riffle_index *index, riffle_statistics *statistics, riffle_error *error);

/* ---- Searching ---- */

typedef struct riffle_results riffle_results;

enum { RIFFLE_METHOD_FAST = 0, RIFFLE_METHOD_EXHAUSTIVE = 1 };

typedef struct riffle_search_options {
    size_t size;     /* of this struct */
    uint64_t offset; /* hits to pass over */
    uint64_t limit;  /* hits to give; 0 gives none, only the exact riffle_results_total */
    double k1;       /* BM25: saturation of term frequency, >= 0; negative: 1.2 */
    double b;        /* BM25: weight of length, 0 to 1; negative: 0.5 */
    int by_article;  /* nonzero: only the best passage of each article */
    int strict;      /* nonzero: a query that can be read in more than one way is RIFFLE_BAD_QUERY */
    int count_all; /* nonzero: riffle_results_total is exact; else it is at least the number of hits, and finding them is faster */
    int method;    /* RIFFLE_METHOD_...: EXHAUSTIVE scores every match with the plain scorer that tests compare with (native) */
    /*
     * Milliseconds that the search may take, from the call on; 0: as long as it needs. Once they are over it stops, soon if not at once,
     * and its results are the best of what it has seen: see riffle_results_incomplete.
     */
    unsigned deadline_ms;
} riffle_search_options;
#define RIFFLE_SEARCH_OPTIONS_INIT                                                                                                 \
    {                                                                                                                              \
        sizeof(riffle_search_options), 0, 10, -1.0, -1.0, 0, 0, 0, 0, 0                                                            \
    }

/*
 * Searches. The query language (docs/QUERY.md) is total: every byte string is a query. Nothing found is RIFFLE_OK with no hits.
 * *results is to be freed by riffle_results_free, before the index is closed.
 */
RIFFLE_API riffle_status riffle_search(const riffle_index *index, const char *query, size_t query_length,
                                       const riffle_search_options *options, riffle_results **results, riffle_error *error);

/* The index keeps some of the memory for later searches, until it is closed. NULL is allowed. */
RIFFLE_API void riffle_results_free(riffle_results *results);

/*
 * Frees what texts, matches, snippets and explanations of these results took, and their pointers with it. Hits, the reading and the
 * results themselves stay. For a program that goes through very many hits: called after each, memory does not grow with them.
 * NULL is allowed.
 */
RIFFLE_API void riffle_results_forget(riffle_results *results);

/* Hits that these results hold, at most `limit`. */
RIFFLE_API size_t riffle_results_count(const riffle_results *results);

/* Passages that match (articles with by_article), or at least so many: hits that were given, or passed over by `offset`, are among them. */
RIFFLE_API uint64_t riffle_results_total(const riffle_results *results);

/*
 * Nonzero: riffle_results_total is how many match, not a lower bound of that. Always with count_all or a limit of 0, unless the results
 * are incomplete; without, where the number was known anyhow.
 */
RIFFLE_API int riffle_results_total_is_exact(const riffle_results *results);

/*
 * Nonzero: the search stopped at its deadline (deadline_ms). There may be better hits than these, and more; of words that can be read in two
 * ways (`wi-fi`), and of groups, only a part may have been seen.
 */
RIFFLE_API int riffle_results_incomplete(const riffle_results *results);

/* How the query was read, in the query language itself, fully spelled out. Lives as long as the results. */
RIFFLE_API const char *riffle_results_reading(const riffle_results *results);

/* The shards that could not be asked, by their names, separated by commas; "" where the answer is whole. Lives as long as the results. */
RIFFLE_API const char *riffle_results_missing(const riffle_results *results);

/* A hit. Pointers live as long as the results; none ends in a NUL. */
typedef struct riffle_hit {
    size_t size;  /* of this struct, set by the caller */
    double score; /* BM25 as Lucene defines it; 0 for hits that only filters chose */
    uint64_t
        article; /* number of the article in this opened index; the native engine counts from 0. The engine xapian leaves gaps, and
                          numbers anew what is rebuilt */
    uint32_t passage;  /* ordinal of the passage in its article, from 0 */
    uint32_t passages; /* passages of that article */
    const char *id;
    size_t id_length;
    const char *title;
    size_t title_length;
} riffle_hit;

/* `rank` counts from 0 up to riffle_results_count; beyond is RIFFLE_INVALID. */
RIFFLE_API riffle_status riffle_results_hit(riffle_results *results, size_t rank, riffle_hit *hit, riffle_error *error);

/* [start, end) in bytes. */
typedef struct riffle_range {
    uint64_t start, end;
} riffle_range;

/* The value of a metadata field of the hit's article ("date", "source", ...; "id" and "title" too). Where it has none, *length is 0.
 * *value lives as long as the results. */
RIFFLE_API riffle_status riffle_results_field(riffle_results *results, size_t rank, const char *name, const char **value,
                                              size_t *length, riffle_error *error);

/* All three need stored text: without it they succeed and give nothing (length 0, count 0). What they give lives as long as the
 * results, or until riffle_results_forget. */

/* The passage's text and where it starts in the article's stored text. */
RIFFLE_API riffle_status riffle_results_text(riffle_results *results, size_t rank, const char **text, size_t *length,
                                             uint64_t *start, riffle_error *error);

/*
 * Where the passage matches, in bytes of the article's stored text, ascending, not overlapping: a phrase is one range, a word
 * matches by its stem where the query's does. Words under NOT never match. Matches in the title are not among them.
 */
RIFFLE_API riffle_status riffle_results_matches(riffle_results *results, size_t rank, const riffle_range **ranges, size_t *count,
                                                riffle_error *error);

typedef struct riffle_snippet {
    const char *text; /* a part of the passage that shows the match, white space folded, cut at words; no NUL at its end */
    size_t length;
    const riffle_range *marks; /* matches within `text`, ascending */
    size_t mark_count;
    int cut_before, cut_after; /* nonzero: the passage goes on there */
} riffle_snippet;

/* A snippet of about `width` bytes (0: 240). */
RIFFLE_API riffle_status riffle_results_snippet(riffle_results *results, size_t rank, size_t width, riffle_snippet *snippet,
                                                riffle_error *error);

/* Matches within the hit's title, as riffle_results_matches; they need no stored text. */
RIFFLE_API riffle_status riffle_results_title_matches(riffle_results *results, size_t rank, const riffle_range **ranges,
                                                      size_t *count, riffle_error *error);

/* How the score came about, one line a term: text of several lines, which lives as long as a snippet does. */
RIFFLE_API riffle_status riffle_results_explain(riffle_results *results, size_t rank, const char **text, riffle_error *error);

/* ---- Articles of an index ---- */

/* Looks up an article by its id: RIFFLE_OK and *article, or RIFFLE_INVALID where there is none. */
RIFFLE_API riffle_status riffle_index_find(const riffle_index *index, const char *id, size_t id_length, uint64_t *article,
                                           riffle_error *error);

/* The value of a metadata field ("date", "source", ...; "id" and "title" too). Where the article has none, *length is 0.
 * *value lives as long as the index; an engine that has to copy it keeps it for so long, so riffle_results_field is the one for hits. */
RIFFLE_API riffle_status riffle_index_field(const riffle_index *index, uint64_t article, const char *name, const char **value,
                                            size_t *length, riffle_error *error);

/* The stored text of a whole article, invalid bytes repaired. *text is the caller's, to be freed by riffle_text_free; it is
 * NULL where the index stores no text. */
RIFFLE_API riffle_status riffle_index_text(const riffle_index *index, uint64_t article, char **text, size_t *length,
                                           riffle_error *error);
RIFFLE_API void riffle_text_free(const riffle_index *index, char *text);

#ifdef __cplusplus
}
#endif

#endif
