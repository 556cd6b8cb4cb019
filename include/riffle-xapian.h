/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * riffle-xapian.h - libxapian for C programs, and Xapian databases as an engine of libriffle.
 *
 * The rx_ calls are libxapian 1.4 behind plain C: databases, documents, queries, ranked searches, lists of terms and postings. They
 * are of use without the rest of libriffle. riffle_xapian_register, at the end, is all that a program needs that only wants riffle.h
 * to open Xapian databases. libriffle-xapian holds libxapian's licence: GPL version 2 or later.
 *
 * What holds everywhere:
 *
 * - A call that can fail returns an rx_status and gives its results through the pointers just before `error`. On failure they are
 *   left alone, and `error`, where it is not NULL, holds the status, one line that says what went wrong and, where a shard is to blame,
 *   its name. No C++ exception leaves the library, running out of memory included. "None" is never told by a status or a zero
 *   that could also mean failure: a string that is not there is RX_OK with length 0.
 * - Terms, values, keys and texts are bytes, given as pointer and length, and may hold NULs. Paths and names end in a NUL. Where a
 *   length is 0 its pointer may be NULL. Any other pointer must not be NULL, unless its description allows it: RX_INVALID_ARGUMENT.
 * - A term has 1 to 245 bytes, of which each NUL counts twice. Document numbers start at 1.
 * - What an rx_..._new, _open, _get or a maker of queries gives is the caller's, to be freed by the matching rx_..._free, which all
 *   allow NULL. Handles are freed in any order: what a handle needs of another it holds itself. A search, a document, or a database
 *   made of several, keeps the files of a database open until it is freed too; rx_database_close closes them at once for all.
 *   A database opened for writing lets go of its files and its lock when it is freed or closed, whatever else is alive.
 * - Threads: a handle belongs to one thread at a time, together with all handles that were made from it or given to it (a query and
 *   its parts, a database, its searches and documents). Handles that have nothing to do with each other run in parallel: open a
 *   database once per thread. Calls that take no handle, and rx_..._free of plain memory (rx_string, rx_terms; rx_hits without
 *   RX_KEEP), are safe from any thread.
 * - Callbacks run between calls into libxapian, never inside. They may use the library, but not change, reopen, close or free
 *   the database at hand, must not throw, and must come back by returning.
 * - Nothing prints, exits, or changes locale or environment. libxapian ignores SIGPIPE for the whole process when it
 *   opens a remote database: the calls here put it back as it was, and no call raises it. (While a remote
 *   database is being opened, SIGPIPE is ignored in all threads.)
 *
 * Failed databases. Two kinds of failure leave a database of no more use: a failed change or commit (after which libxapian could
 * damage the files by a further commit, and has lost the changes that were pending), and a failed connection (whose two ends no longer
 * agree on what was asked). The call that failed tells the failure; from then on the handle is poisoned: every call on it,
 * its searches and documents is RX_POISONED with the text of the first failure. Free it and open it again. In detail:
 *   - RX_NETWORK and RX_NETWORK_TIMEOUT poison; with a remote part also RX_NO_MEMORY, RX_OTHER, RX_RANGE and RX_SERIALISATION (an
 *     answer that was not read to its end, or was none), and, where a database is made of several parts of which one is
 *     remote, any failure of an rx_search (the other servers wait for the next step of it);
 *   - in writing calls every failure that libxapian tells does, but for RX_DOC_NOT_FOUND and RX_UNIMPLEMENTED. Arguments are checked
 *     before libxapian sees them: what is refused then (RX_INVALID_ARGUMENT, RX_INVALID_OPERATION) has changed and poisons nothing.
 *
 * Damaged files. Most damage is told as a status. But libxapian 1.4 trusts some of what it reads, in lists of terms and of postings above
 * all: expanding, compacting, checking or changing a damaged database can end the process within it. Do that to files that you have
 * reason to doubt in a process of its own.
 *
 * Faults of libxapian 1.4 (22 to 29) that the calls here pass on, and how to do without them:
 *   - a search that does not look at every match can lose some of the best ones, where an OR or AND_MAYBE is pruned: with check_at_least set to
 *     the number of documents none is lost;
 *   - RX_OP_MAX below another operator reads freed memory where its lists end; an RX_OP_AND_MAYBE within an AND on the right side of an
 *     RX_OP_AND_NOT reads weights that nobody has set (leave its second part out: nothing scores there);
 *   - running out of memory while an RX_OP_PHRASE or RX_OP_NEAR is set up ends the process.
 */
#ifndef RIFFLE_XAPIAN_H
#define RIFFLE_XAPIAN_H

#include <stddef.h>
#include <stdint.h>

#include "riffle.h"

#ifdef __cplusplus
extern "C" {
#endif

/* In C++, an enum that any number may be given for, as in C. */
#ifdef __cplusplus
#define RX_ANY_INT : int
#else
#define RX_ANY_INT
#endif

/* ---- Status and errors ---- */

/* One for each class of errors that libxapian has, in its own words, and our own behind them. */
typedef enum rx_status RX_ANY_INT {
    RX_OK = 0,
    RX_INVALID_ARGUMENT,
    RX_INVALID_OPERATION,
    RX_UNIMPLEMENTED, /* this kind of database cannot do it; a remote one, for instance */
    RX_DATABASE,      /* the database failed for a reason that has no class of its own: a full disk, for instance */
    RX_DATABASE_CORRUPT,
    RX_DATABASE_CREATE,
    RX_DATABASE_LOCK,     /* another writer has it */
    RX_DATABASE_MODIFIED, /* writers have overwritten what this reader was reading: rx_database_reopen, and ask again */
    RX_DATABASE_OPENING,
    RX_DATABASE_VERSION,
    RX_DATABASE_NOT_FOUND,
    RX_DATABASE_CLOSED, /* told by libxapian: a part of the database was closed */
    RX_DOC_NOT_FOUND,
    RX_FEATURE_UNAVAILABLE,
    RX_INTERNAL,
    RX_NETWORK,
    RX_NETWORK_TIMEOUT,
    RX_QUERY_PARSER,
    RX_SERIALISATION,
    RX_RANGE,
    RX_WILDCARD,
    RX_ASSERTION,
    RX_NO_MEMORY, /* an allocation failed */
    RX_OTHER,     /* a failure of no class that libxapian documents */
    RX_CLOSED,    /* the handle was closed by rx_database_close */
    RX_POISONED   /* an earlier failure, which the message tells, left the database good for freeing only */
} rx_status;

#define RX_STATUS_COUNT ((int)RX_POISONED + 1)

/* The status in a few words of English. Never NULL, for any value. */
RIFFLE_API const char *rx_status_text(rx_status status);

/* In memory of the caller's; every call that takes one overwrites it, on success too (RX_OK and empty texts). */
typedef struct rx_error {
    rx_status status;
    char message[500]; /* one line, NUL-terminated; with the operating system's reason where there is one */
    char shard[200];   /* the part that failed, as "remote:tcp(127.0.0.1:7702)", where libxapian says so; else empty */
} rx_error;

/* Version of the libxapian that runs, as "1.4.22". Never NULL. */
RIFFLE_API const char *rx_xapian_version(void);

/* ---- Plain memory that calls give ---- */

/* Bytes of the caller's, to be given back by rx_string_free. A NUL stands behind them and is not counted. */
typedef struct rx_string {
    char *bytes;
    size_t length;
} rx_string;

/* Frees the bytes and leaves {NULL, 0}. NULL is allowed. */
RIFFLE_API void rx_string_free(rx_string *string);

/* Bytes that something else holds. A NUL stands behind them and is not counted. */
typedef struct rx_bytes {
    const char *bytes;
    size_t length;
} rx_bytes;

typedef uint32_t rx_docid;
typedef uint32_t rx_slot; /* number of a value slot */

/* A term of a list. What a list does not tell is 0. */
typedef struct rx_term {
    rx_bytes term;
    uint32_t wdf;       /* within-document frequency */
    uint32_t documents; /* documents with this term */
    double weight;
} rx_term;

typedef struct rx_terms {
    size_t count;
    const rx_term *items;
} rx_terms;

RIFFLE_API void rx_terms_free(rx_terms *terms);

/* ---- Databases ---- */

typedef struct rx_database rx_database;

/*
 * Opens for reading what is at `path`: a database (folder or single file) or a stub file, which may name several, remote ones too. It
 * shows the newest commit and stays with it, until rx_database_reopen. For a stub with remote databases libxapian's time-outs of 10 s hold.
 */
RIFFLE_API rx_status rx_database_open(const char *path, rx_database **database, rx_error *error);

/*
 * The same for a path that others may have made: a stub file that names anything remote is RX_DATABASE_OPENING, instead of being followed.
 * (Its line "remote host:port" opens a connection, and "remote :program arguments" runs a program.)
 */
RIFFLE_API rx_status rx_database_open_local(const char *path, rx_database **database, rx_error *error);

enum { RX_CREATE_OR_OPEN = 0, RX_CREATE_OR_OVERWRITE = 1, RX_CREATE = 2, RX_OPEN = 3 };
enum {
    RX_NO_SYNC = 0x04,     /* a commit does not wait for the disk: a power cut may damage the database */
    RX_FULL_SYNC = 0x08,   /* ask the disk to empty its own cache too, where the system can */
    RX_NO_TERMLIST = 0x20, /* new database without lists of terms of documents: smaller, but nothing can be deleted or expanded */
    RX_RETRY_LOCK = 0x40   /* wait for another writer to end, however long, instead of RX_DATABASE_LOCK */
};

/*
 * Opens for writing, which all reading calls work with as well; they see the changes at once, others after a commit. One writer
 * at a time: RX_DATABASE_LOCK otherwise. `mode` is one of RX_CREATE_OR_OPEN ..., `flags` any of RX_NO_SYNC ... . `block_size` of a new
 * database: a power of 2 from 2048 to 65536; 0: 8192. RX_CREATE_OR_OVERWRITE empties a database at once, whatever comes after.
 */
RIFFLE_API rx_status rx_database_open_writable(const char *path, int mode, unsigned flags, unsigned block_size,
                                               rx_database **database, rx_error *error);

/* A new database in memory, writable. Changes are there at once: commits do nothing, cancelling is RX_UNIMPLEMENTED. */
RIFFLE_API rx_status rx_database_open_memory(rx_database **database, rx_error *error);

/*
 * Opens a database that xapian-tcpsrv serves. Time-outs are in milliseconds and hold for each wait for the server; 0 waits without
 * end. What stock servers cannot do: weights of our own (rx_enquire_lucene), synonyms, rx_database_locked, rx_database_compact.
 */
RIFFLE_API rx_status rx_database_open_remote(const char *host, unsigned port, unsigned timeout_ms, unsigned connect_timeout_ms,
                                             rx_database **database, rx_error *error);

/*
 * The same for writing, where the server runs with --writable. What the server holds uncommitted it commits by itself after every
 * 10,000 changes (its XAPIAN_FLUSH_THRESHOLD), and when the connection breaks: only locally is everything since a commit one unit.
 */
RIFFLE_API rx_status rx_database_open_remote_writable(const char *host, unsigned port, unsigned timeout_ms,
                                                      unsigned connect_timeout_ms, rx_database **database, rx_error *error);

/*
 * Starts `program`, looked up in PATH, with `arguments` (split at spaces), and talks to it as to a server: xapian-progsrv, or ssh. It
 * ends when the last that uses the database was freed, which waits for that.
 */
RIFFLE_API rx_status rx_database_open_program(const char *program, const char *arguments, unsigned timeout_ms,
                                              rx_database **database, rx_error *error);

/* A database without parts: it is empty, and rx_database_add makes it several in one. */
RIFFLE_API rx_status rx_database_new(rx_database **database, rx_error *error);

/*
 * Makes the parts of `part` (which is not writable, and not `database` itself) parts of `database`, which must have been made by
 * rx_database_new. Statistics are those of all together. Document number d of part i of n is (d - 1) * n + i + 1, where i counts
 * from 0. Both handles then share what is open: closing one closes that part for the other, freeing one does not. Searches made
 * before know nothing of the new part.
 */
RIFFLE_API rx_status rx_database_add(rx_database *database, const rx_database *part, rx_error *error);

/* Moves a reader to the newest commit. *changed: 0 where it was there already. `changed` may be NULL. */
RIFFLE_API rx_status rx_database_reopen(rx_database *database, int *changed, rx_error *error);

/* Asks all remote parts for a sign of life, and keeps them from hanging up for want of work (after 60 s, by default). */
RIFFLE_API rx_status rx_database_keep_alive(rx_database *database, rx_error *error);

/*
 * Closes the files and connections at once and drops what was not committed; every later call on the handle, its searches and documents
 * is RX_CLOSED. A second close is RX_OK. Also for a poisoned database. When it fails, the handle is closed all the same.
 */
RIFFLE_API rx_status rx_database_close(rx_database *database, rx_error *error);

/* Drops what was not committed, and frees. */
RIFFLE_API void rx_database_free(rx_database *database);

typedef struct rx_statistics {
    uint32_t documents;
    rx_docid last_docid;   /* largest number ever used; 0: none */
    uint64_t total_length; /* a document's length is the sum of its terms' wdf */
    double average_length; /* 0 without documents */
    uint32_t shortest;     /* bounds: no document that has terms is shorter, none is longer */
    uint32_t longest;
    uint32_t parts;    /* databases that this one is made of */
    int has_positions; /* nonzero: some term has positions */
    int writable;      /* nonzero: opened for writing */
    int remote;        /* nonzero: a part is, or may be, behind a connection */
} rx_statistics;

RIFFLE_API rx_status rx_database_statistics(const rx_database *database, rx_statistics *statistics, rx_error *error);

/* Of several parts: theirs, with colons between. Of one that has none (in memory): empty. */
RIFFLE_API rx_status rx_database_uuid(const rx_database *database, rx_string *uuid, rx_error *error);

/* The number of the commit at hand. Of one local database only: RX_INVALID_OPERATION or RX_UNIMPLEMENTED else. */
RIFFLE_API rx_status rx_database_revision(const rx_database *database, uint64_t *revision, rx_error *error);

/* Does a writer hold any part now? */
RIFFLE_API rx_status rx_database_locked(const rx_database *database, int *locked, rx_error *error);

typedef struct rx_term_statistics {
    uint32_t documents;   /* that the term is in */
    uint32_t occurrences; /* sum of its wdf in all of them */
    uint32_t largest_wdf; /* bound: no document has more */
} rx_term_statistics;

/* A term that is nowhere has zeros. */
RIFFLE_API rx_status rx_database_term(const rx_database *database, const char *term, size_t length, rx_term_statistics *statistics,
                                      rx_error *error);

/* Sum of the wdf of a document's terms. */
RIFFLE_API rx_status rx_database_document_length(const rx_database *database, rx_docid docid, uint32_t *length, rx_error *error);

/* A key that is not there has an empty value. Of several parts, the first is asked. */
RIFFLE_API rx_status rx_metadata_get(const rx_database *database, const char *key, size_t length, rx_string *value,
                                     rx_error *error);

/*
 * Looks the files at `path` over, which no writer should be changing. *faults counts what is wrong; damage that allows no look
 * may be told as a failure instead. *log, which may be NULL, gets what libxapian has to say, in lines.
 */
RIFFLE_API rx_status rx_database_check(const char *path, size_t *faults, rx_string *log, rx_error *error);

enum {
    RX_COMPACT_FULL = 1,        /* fill blocks to the brim: small, and slower to update */
    RX_COMPACT_NO_RENUMBER = 4, /* keep document numbers of several parts, whose ranges then must not overlap */
    RX_COMPACT_SINGLE_FILE = 16 /* `to` becomes one file, for reading only */
};

/*
 * Writes a compacted copy of a local database, or of several parts in one, to `to`. Documents are numbered anew, part after part,
 * where there are several. Uncommitted changes are RX_INVALID_OPERATION. `block_size` 0: 8192.
 */
RIFFLE_API rx_status rx_database_compact(const rx_database *database, const char *to, unsigned flags, unsigned block_size,
                                         rx_error *error);

/* ---- Documents ---- */

typedef struct rx_document rx_document;

RIFFLE_API rx_status rx_document_new(rx_document **document, rx_error *error);

/* The document of that number, as it is in the database; changes to it touch only this copy, until it is given to rx_replace. */
RIFFLE_API rx_status rx_document_get(const rx_database *database, rx_docid docid, rx_document **document, rx_error *error);

RIFFLE_API void rx_document_free(rx_document *document);

/* Takes away all terms, values and data, so that the handle serves for the next document. */
RIFFLE_API rx_status rx_document_clear(rx_document *document, rx_error *error);

#define RX_NO_POSITION UINT32_MAX

/* One occurrence of a term, or, with RX_NO_POSITION, a term without position. */
typedef struct rx_token {
    const char *term;
    size_t length;
    uint32_t position;
    uint32_t wdf; /* added to the term's wdf in this document; 0 for a term that filters and does not rank */
} rx_token;

/*
 * Adds many at once, in any order: the fast way to fill a document. All are checked before the first is added, so that a bad
 * term adds nothing; the message tells its index.
 */
RIFFLE_API rx_status rx_document_add_tokens(rx_document *document, const rx_token *tokens, size_t count, rx_error *error);

/* An occurrence of a term at a position. */
RIFFLE_API rx_status rx_document_add_posting(rx_document *document, const char *term, size_t length, uint32_t position,
                                             uint32_t wdf, rx_error *error);
/* A term without position. */
RIFFLE_API rx_status rx_document_add_term(rx_document *document, const char *term, size_t length, uint32_t wdf, rx_error *error);
/* A term with wdf 0, for filters and ids: it neither ranks nor counts in the length. */
RIFFLE_API rx_status rx_document_add_boolean(rx_document *document, const char *term, size_t length, rx_error *error);
/* Takes a term away with all its positions. One that is not there is RX_INVALID_ARGUMENT. */
RIFFLE_API rx_status rx_document_remove_term(rx_document *document, const char *term, size_t length, rx_error *error);

/* Values, up to some hundreds of bytes: what searches sort, collapse and filter by. Setting an empty one removes it; one that is not
 * there is got as empty. */
RIFFLE_API rx_status rx_document_set_value(rx_document *document, rx_slot slot, const char *value, size_t length, rx_error *error);
RIFFLE_API rx_status rx_document_value(const rx_document *document, rx_slot slot, rx_string *value, rx_error *error);

/* A number, in bytes that sort as the numbers do (rx_number_encode). Getting what is no number, or not there, is RX_INVALID_ARGUMENT. */
RIFFLE_API rx_status rx_document_set_number(rx_document *document, rx_slot slot, double number, rx_error *error);
RIFFLE_API rx_status rx_document_number(const rx_document *document, rx_slot slot, double *number, rx_error *error);

/* Anything that the program wants back with a hit. */
RIFFLE_API rx_status rx_document_set_data(rx_document *document, const char *data, size_t length, rx_error *error);
RIFFLE_API rx_status rx_document_data(const rx_document *document, rx_string *data, rx_error *error);

/* Its terms in byte order, with wdf, and for one of a database with the documents that have them. *terms is for rx_terms_free. */
RIFFLE_API rx_status rx_document_terms(const rx_document *document, rx_terms **terms, rx_error *error);

enum { RX_NUMBER_BYTES = 9 };

/* Bytes for values and value ranges, which sort as the numbers do. NaN and minus infinity are RX_INVALID_ARGUMENT. */
RIFFLE_API rx_status rx_number_encode(double number, char bytes[RX_NUMBER_BYTES], size_t *length, rx_error *error);
RIFFLE_API rx_status rx_number_decode(const char *bytes, size_t length, double *number, rx_error *error);

/* ---- Writing: on databases opened for it, else RX_INVALID_OPERATION ---- */

/* What is changed becomes visible to others, and lasting, by rx_commit and by nothing else, however much it is. */

/* *docid, which may be NULL, gets the number of the new document. */
RIFFLE_API rx_status rx_add(rx_database *database, const rx_document *document, rx_docid *docid, rx_error *error);

/* Puts the document under this number, whether or not there is one already. */
RIFFLE_API rx_status rx_replace(rx_database *database, rx_docid docid, const rx_document *document, rx_error *error);

/* Puts it in the place of the first document that has `term`, deletes the others that have it; adds it where there is none. The
 * document should have the term itself. *docid may be NULL. */
RIFFLE_API rx_status rx_replace_by_term(rx_database *database, const char *term, size_t length, const rx_document *document,
                                        rx_docid *docid, rx_error *error);

/* No document of this number: RX_DOC_NOT_FOUND. */
RIFFLE_API rx_status rx_delete(rx_database *database, rx_docid docid, rx_error *error);

/* Deletes all documents that have the term; none is RX_OK. */
RIFFLE_API rx_status rx_delete_by_term(rx_database *database, const char *term, size_t length, rx_error *error);

/* An empty value removes the key. */
RIFFLE_API rx_status rx_metadata_set(rx_database *database, const char *key, size_t key_length, const char *value,
                                     size_t value_length, rx_error *error);

/* Makes all changes since the last commit visible and lasting, as one. When it fails they are lost, the database is as
 * it was, and the handle is poisoned. In a transaction: RX_INVALID_OPERATION. */
RIFFLE_API rx_status rx_commit(rx_database *database, rx_error *error);

/* Drops all changes since the last commit. In a transaction: RX_INVALID_OPERATION. */
RIFFLE_API rx_status rx_cancel(rx_database *database, rx_error *error);

/*
 * A transaction guards a group of changes from an rx_commit elsewhere in the program: begin commits what is pending, and until the
 * transaction is committed or cancelled, rx_commit, rx_cancel and a second begin are RX_INVALID_OPERATION.
 */
RIFFLE_API rx_status rx_transaction_begin(rx_database *database, rx_error *error);
RIFFLE_API rx_status rx_transaction_commit(rx_database *database, rx_error *error);
RIFFLE_API rx_status rx_transaction_cancel(rx_database *database, rx_error *error);

/* ---- Queries ---- */

/*
 * A query never changes. The makers take no part over: a query shares what it needs of its parts, which can be freed at once. One
 * nested deeper than 1,000 is RX_INVALID_ARGUMENT.
 */
typedef struct rx_query rx_query;

RIFFLE_API void rx_query_free(rx_query *query);

/* One term. `wqf` is how often it counts (weights by rx_enquire_lucene are multiplied by it), normally 1; `position` is its
 * place in the query, 0 for none. */
RIFFLE_API rx_status rx_query_term(const char *term, size_t length, uint32_t wqf, uint32_t position, rx_query **query,
                                   rx_error *error);

typedef enum rx_op RX_ANY_INT {
    RX_OP_AND,
    RX_OP_OR,
    RX_OP_AND_NOT,   /* the first without any of the others */
    RX_OP_XOR,       /* an odd number of them */
    RX_OP_AND_MAYBE, /* the first; the others only add weight */
    RX_OP_FILTER,    /* AND, with the weight of the first alone */
    RX_OP_NEAR,      /* all within `parameter` positions, in any order */
    RX_OP_PHRASE,    /* the same, in order; a `parameter` of 0 is the number of parts: side by side */
    RX_OP_ELITE_SET, /* OR of the `parameter` parts with the largest weight bounds; 0: libxapian's 10 */
    RX_OP_SYNONYM,   /* OR, weighted as if all were one term */
    RX_OP_MAX        /* OR, with the largest weight of those that match */
} rx_op;

/*
 * Combines parts. No parts make the query that matches nothing. The parts of NEAR and PHRASE are terms, or ORs of terms. `parameter` is
 * for NEAR and PHRASE, as many as the parts at least, or 0, and ELITE_SET; else 0. PHRASE and NEAR weigh as the sum of their words.
 */
RIFFLE_API rx_status rx_query_combine(rx_op op, const rx_query *const *parts, size_t count, uint32_t parameter, rx_query **query,
                                      rx_error *error);

/* Weights times `factor`, which is at least 0 and finite. */
RIFFLE_API rx_status rx_query_scale(const rx_query *part, double factor, rx_query **query, rx_error *error);

enum { RX_WILDCARD_FAIL = 0, RX_WILDCARD_FIRST = 1, RX_WILDCARD_MOST_FREQUENT = 2 };

/*
 * All terms that start with `prefix`, at most `limit` of them (0: no limit); where there are more, the search is RX_WILDCARD, or
 * takes the first by bytes or the most frequent. `combiner` is RX_OP_OR, RX_OP_SYNONYM or RX_OP_MAX. On a
 * database of several parts libxapian 1.4 weighs these terms by the numbers of each part alone: there, expand by rx_each_term.
 */
RIFFLE_API rx_status rx_query_wildcard(const char *prefix, size_t length, uint32_t limit, int beyond, rx_op combiner,
                                       rx_query **query, rx_error *error);

/* Documents whose value in `slot` is at least `low` and at most `high` by bytes. NULL leaves that end open, "" does too for `low`. */
RIFFLE_API rx_status rx_query_value_range(rx_slot slot, const char *low, size_t low_length, const char *high, size_t high_length,
                                          rx_query **query, rx_error *error);

/* Every document; none. */
RIFFLE_API rx_status rx_query_all(rx_query **query, rx_error *error);
RIFFLE_API rx_status rx_query_none(rx_query **query, rx_error *error);

typedef struct rx_stemmer rx_stemmer;

/* A field name of a query as typed, and the prefix of its terms. With `filter` nonzero the field selects and does not rank. */
typedef struct rx_prefix {
    const char *field, *prefix;
    int filter;
} rx_prefix;

enum {
    RX_PARSE_BOOLEAN = 1,
    RX_PARSE_PHRASE = 2,
    RX_PARSE_LOVEHATE = 4,
    RX_PARSE_BOOLEAN_ANY_CASE = 8,
    RX_PARSE_WILDCARD = 16, /* needs a database */
    RX_PARSE_PURE_NOT = 32,
    RX_PARSE_PARTIAL = 64,   /* needs a database */
    RX_PARSE_SPELLING = 128, /* needs a database */
    RX_PARSE_SYNONYM = 256,  /* needs a database */
    RX_PARSE_CJK_NGRAM = 2048,
    RX_PARSE_DEFAULT = 7 /* BOOLEAN, PHRASE, LOVEHATE */
};
enum { RX_STEM_NONE = 0, RX_STEM_SOME = 1, RX_STEM_ALL = 2, RX_STEM_ALL_Z = 3, RX_STEM_SOME_FULL_POSITIONS = 4 };

typedef struct rx_parse_options {
    size_t size;                 /* of this struct */
    unsigned flags;              /* RX_PARSE_... */
    rx_op default_op;            /* RX_OP_OR, RX_OP_AND, RX_OP_NEAR, RX_OP_PHRASE, RX_OP_ELITE_SET, RX_OP_SYNONYM or RX_OP_MAX */
    const rx_stemmer *stemmer;   /* NULL: none */
    int stemming;                /* RX_STEM_... */
    const rx_database *database; /* NULL: none */
    const rx_prefix *prefixes;
    size_t prefix_count;
    const char *default_prefix; /* of words without a field; NULL: none */
    const char *const *stop_words;
    size_t stop_word_count;
    uint32_t wildcard_limit; /* most terms of a wildcard or partial word, RX_WILDCARD beyond; 0: no limit */
} rx_parse_options;
#define RX_PARSE_OPTIONS_INIT                                                                                                      \
    {                                                                                                                              \
        sizeof(rx_parse_options), RX_PARSE_DEFAULT, RX_OP_OR, NULL, RX_STEM_SOME, NULL, NULL, 0, NULL, NULL, 0, 0                  \
    }

/*
 * Reads a query as people type it, by libxapian's own parser. `options` NULL: all defaults. *corrected, where `corrected` is not
 * NULL, is the text with the spelling put right, empty where nothing was. Text that cannot be read is RX_QUERY_PARSER.
 * At most 10,000 bytes.
 */
RIFFLE_API rx_status rx_query_parse(const char *text, size_t length, const rx_parse_options *options, rx_query **query,
                                    rx_string *corrected, rx_error *error);

/* In words, for people: "Query((a@1 OR b@2))". */
RIFFLE_API rx_status rx_query_describe(const rx_query *query, rx_string *text, rx_error *error);

/*
 * Bytes that stand for the query, for this library with the same version of libxapian, and back. Damaged ones are found by their
 * checksum: RX_SERIALISATION. Ones that were made to do harm are not: take them only from where you trust.
 */
RIFFLE_API rx_status rx_query_serialise(const rx_query *query, rx_string *bytes, rx_error *error);
RIFFLE_API rx_status rx_query_unserialise(const char *bytes, size_t length, rx_query **query, rx_error *error);

/* The terms in it, each once, in byte order. *terms is for rx_terms_free. */
RIFFLE_API rx_status rx_query_terms(const rx_query *query, rx_terms **terms, rx_error *error);

/* ---- Searching ---- */

typedef struct rx_enquire rx_enquire;

/*
 * A search over a database, which must have parts; by default for nothing, weighed by BM25 with libxapian's parameters (1, 0, 1, 0.5, 0.5).
 */
RIFFLE_API rx_status rx_enquire_new(const rx_database *database, rx_enquire **enquire, rx_error *error);
RIFFLE_API void rx_enquire_free(rx_enquire *enquire);

/* `query_length` is for weights that know of it (BM25 with k2 above 0); 0: the number of its terms. */
RIFFLE_API rx_status rx_enquire_query(rx_enquire *enquire, const rx_query *query, uint32_t query_length, rx_error *error);

/* libxapian's BM25. Its weight of a term is never below 0, and has the factor k1 + 1. */
RIFFLE_API rx_status rx_enquire_bm25(rx_enquire *enquire, double k1, double k2, double k3, double b, double min_normalised_length,
                                     rx_error *error);

/*
 * BM25 as Lucene defines it. A term that n of N documents have, f times in a document of length l, weighs
 *     wqf * idf * f / (f + k1 * (1 - b + b * l / average length)),    idf = ln(1 + (N - n + 0.5) / (n + 0.5))
 * With `with_idf` 0 the idf is left out: 1 in its place. Then rx_query_scale brings it, which is exact for RX_OP_SYNONYM too, where
 * libxapian only estimates n. k1 is finite and at least 0, b from 0 to 1. No stock server knows this weight (RX_INVALID_ARGUMENT there):
 * rx_enquire_bm25(k1, 0, 0, b, 0) comes to the same, each term scaled by wqf * idf / (w * (k1 + 1)), where
 * w = ln(t), t = (N - n + 0.5) / (n + 0.5), or t / 2 + 1 in its place where t < 2.
 */
RIFFLE_API rx_status rx_enquire_lucene(rx_enquire *enquire, double k1, double b, int with_idf, rx_error *error);

/* All weights 0: order by document number. */
RIFFLE_API rx_status rx_enquire_boolean(rx_enquire *enquire, rx_error *error);

enum { RX_SORT_RELEVANCE = 0, RX_SORT_VALUE = 1, RX_SORT_VALUE_RELEVANCE = 2, RX_SORT_RELEVANCE_VALUE = 3 };

/* Order of hits: by the first of these, then the second. `slot` is for those with a value; `reverse` nonzero: largest values first. */
RIFFLE_API rx_status rx_enquire_sort(rx_enquire *enquire, int order, rx_slot slot, int reverse, rx_error *error);

enum { RX_ASCENDING = 1, RX_DESCENDING = 0, RX_ANY_ORDER = 2 };

/* Order of hits that are equal otherwise, by document number; RX_ASCENDING unless set. */
RIFFLE_API rx_status rx_enquire_docid_order(rx_enquire *enquire, int order, rx_error *error);

#define RX_NO_SLOT UINT32_MAX

/* At most `max` (at least 1) hits with the same value in `slot`; RX_NO_SLOT: any number. Documents without a value are kept. */
RIFFLE_API rx_status rx_enquire_collapse(rx_enquire *enquire, rx_slot slot, uint32_t max, rx_error *error);

/* Only hits of at least this percentage (0 to 100) and this weight. */
RIFFLE_API rx_status rx_enquire_cutoff(rx_enquire *enquire, int percent, double weight, rx_error *error);

/* After that many seconds a search makes do with what it has, where it can; 0: no limit. Not to be relied on over connections. */
RIFFLE_API rx_status rx_enquire_time_limit(rx_enquire *enquire, double seconds, rx_error *error);

enum {
    RX_WITH_DATA = 1, /* each hit's data comes with it */
    RX_KEEP = 2       /* keep libxapian's own results, for rx_hits_snippet and rx_hits_term; this keeps the database open */
};

typedef struct rx_search_options {
    size_t size;             /* of this struct */
    uint32_t first;          /* hits to pass over */
    uint32_t limit;          /* hits to give */
    uint32_t check_at_least; /* matches to look at before counts are estimated; all documents: the counts are exact */
    unsigned flags;          /* RX_WITH_DATA, RX_KEEP */
    const rx_slot *slots;    /* values that come with each hit */
    size_t slot_count;
    const rx_docid *relevant; /* documents that are known to be relevant, for weights that use them */
    size_t relevant_count;
} rx_search_options;
#define RX_SEARCH_OPTIONS_INIT                                                                                                     \
    {                                                                                                                              \
        sizeof(rx_search_options), 0, 10, 0, 0, NULL, 0, NULL, 0                                                                   \
    }

typedef struct rx_hit {
    rx_docid docid;
    uint32_t rank; /* from 0, over all matches */
    double weight;
    int percent;             /* 100 for the best */
    uint32_t collapse_count; /* estimate of further hits with the same collapse key */
    rx_bytes collapse_key;
    rx_bytes data;          /* with RX_WITH_DATA */
    const rx_bytes *values; /* as many as slots were asked for; NULL without */
} rx_hit;

typedef struct rx_hits {
    size_t count;
    const rx_hit *items;
    uint32_t lower, estimate, upper;                                     /* matches */
    uint32_t uncollapsed_lower, uncollapsed_estimate, uncollapsed_upper; /* the same before collapsing */
    double max_possible;                                                 /* no document can weigh more */
    double max_attained;                                                 /* weight of the best match */
} rx_hits;

/*
 * Searches, and copies all that was asked for out of the database, over a connection in one go. `options` NULL: all defaults. The hits
 * are plain memory (but for RX_KEEP), for rx_hits_free. A hit that was deleted since is RX_DATABASE_MODIFIED or RX_DOC_NOT_FOUND.
 */
RIFFLE_API rx_status rx_search(rx_enquire *enquire, const rx_search_options *options, rx_hits **hits, rx_error *error);
RIFFLE_API void rx_hits_free(rx_hits *hits);

/*
 * A part of `text`, of about `width` bytes, that shows the query's terms between `start` and `end`, with `omitted` where text was left
 * out. NULL: "<b>", "</b>", "...". The text is HTML-escaped. `stemmer` NULL: none. Needs RX_KEEP, else RX_INVALID_OPERATION.
 */
RIFFLE_API rx_status rx_hits_snippet(const rx_hits *hits, const char *text, size_t length, size_t width, const rx_stemmer *stemmer,
                                     const char *start, const char *end, const char *omitted, rx_string *snippet, rx_error *error);

/* What a term of the query was worth: the documents with it, and the largest weight that it can add. Needs RX_KEEP. */
RIFFLE_API rx_status rx_hits_term(const rx_hits *hits, const char *term, size_t length, uint32_t *documents, double *weight,
                                  rx_error *error);

/* The query's terms that a document has, in the order of their positions in the query. *terms is for rx_terms_free. */
RIFFLE_API rx_status rx_matching_terms(const rx_enquire *enquire, rx_docid docid, rx_terms **terms, rx_error *error);

enum {
    RX_EXPAND_QUERY_TERMS = 1, /* terms of the query too */
    RX_EXPAND_EXACT = 2,       /* exact document counts, which costs more on databases of several parts */
    RX_EXPAND_ALL = 4          /* any terms, whatever they start with; `prefix` must be NULL */
};

/*
 * The best `max` terms to add to the query, by what these documents have in common, with weights, best first. Of `prefix` NULL
 * only terms without prefix (which, by Xapian's convention, start with a capital letter); else only terms that start with it.
 * *terms is for rx_terms_free.
 */
RIFFLE_API rx_status rx_expand(const rx_enquire *enquire, const rx_docid *relevant, size_t relevant_count, uint32_t max,
                               unsigned flags, const char *prefix, rx_terms **terms, rx_error *error);

/* ---- Lists ---- */

typedef struct rx_posting {
    rx_docid docid;
    uint32_t wdf;
} rx_posting;

/*
 * Copies postings of a term from document number `from` on, ascending, as many as `room` holds at most. *count less than `room`
 * says that there are no more; else go on from the last docid + 1. Each call looks its place up anew, and gets the whole
 * list from a server: there give room for all. Of an empty term all documents, with wdf 1.
 */
RIFFLE_API rx_status rx_postings(const rx_database *database, const char *term, size_t length, rx_docid from, rx_posting *postings,
                                 size_t room, size_t *count, rx_error *error);

/* Copies the positions of a term in a document, ascending, as many as `room` holds at most. *count is how many there are. */
RIFFLE_API rx_status rx_positions(const rx_database *database, rx_docid docid, const char *term, size_t length, uint32_t *positions,
                                  size_t room, size_t *count, rx_error *error);

/* Visitors return 0 to go on; anything else ends the visit, which is RX_OK. What they are shown lives until they return. */
typedef int (*rx_visit_term)(void *context, const rx_term *term);
typedef int (*rx_visit_value)(void *context, rx_docid docid, const char *value, size_t length);

/* All terms that start with `prefix`, in byte order, with the number of their documents. */
RIFFLE_API rx_status rx_each_term(const rx_database *database, const char *prefix, size_t length, rx_visit_term visit,
                                  void *context, rx_error *error);

/* All keys of metadata that start with `prefix`, in byte order. */
RIFFLE_API rx_status rx_each_metadata_key(const rx_database *database, const char *prefix, size_t length, rx_visit_term visit,
                                          void *context, rx_error *error);

/* All words of the spelling dictionary, in byte order; `documents` is how often each was added. */
RIFFLE_API rx_status rx_each_spelling(const rx_database *database, rx_visit_term visit, void *context, rx_error *error);

/* The values in a slot from document number `from` on, ascending, of all documents that have one. */
RIFFLE_API rx_status rx_each_value(const rx_database *database, rx_slot slot, rx_docid from, rx_visit_value visit, void *context,
                                   rx_error *error);

/* ---- Language ---- */

/* `language` is a name or code that rx_stemmer_languages tells, or "none". An unknown one is RX_INVALID_ARGUMENT. */
RIFFLE_API rx_status rx_stemmer_new(const char *language, rx_stemmer **stemmer, rx_error *error);
RIFFLE_API void rx_stemmer_free(rx_stemmer *stemmer);

/* The stem of a word in lower case. */
RIFFLE_API rx_status rx_stem(const rx_stemmer *stemmer, const char *word, size_t length, rx_string *stem, rx_error *error);

/* Names of languages with spaces between. */
RIFFLE_API rx_status rx_stemmer_languages(rx_string *languages, rx_error *error);

/* The dictionary for spelling suggestions, which is part of a database: changes are committed with all others. */
RIFFLE_API rx_status rx_spelling_add(rx_database *database, const char *word, size_t length, uint32_t times, rx_error *error);
RIFFLE_API rx_status rx_spelling_remove(rx_database *database, const char *word, size_t length, uint32_t times, rx_error *error);

/* A better spelling within `distance` edits (2 is usual), or an empty string. */
RIFFLE_API rx_status rx_spelling_suggest(const rx_database *database, const char *word, size_t length, unsigned distance,
                                         rx_string *suggestion, rx_error *error);

/* Synonyms, for RX_PARSE_SYNONYM. Not over connections. */
RIFFLE_API rx_status rx_synonym_add(rx_database *database, const char *term, size_t length, const char *synonym,
                                    size_t synonym_length, rx_error *error);
RIFFLE_API rx_status rx_synonym_remove(rx_database *database, const char *term, size_t length, const char *synonym,
                                       size_t synonym_length, rx_error *error);
/* In byte order. *synonyms is for rx_terms_free. */
RIFFLE_API rx_status rx_synonyms(const rx_database *database, const char *term, size_t length, rx_terms **synonyms,
                                 rx_error *error);

/* ---- Xapian as an engine of libriffle ---- */

/* Makes Xapian databases an engine of libriffle in this process; safe to call from any thread and more than once. */
RIFFLE_API riffle_status riffle_xapian_register(riffle_error *error);

#ifdef __cplusplus
}
#endif

#endif
