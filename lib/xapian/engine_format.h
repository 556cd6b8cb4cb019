/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How an index lies in a Xapian database: what its writer and its readers share.
 *
 * A document is a passage. Its terms:
 *   korea     every word, with positions; the title's come first, as often as the title weighs, with a gap behind each copy
 *   Zkorea    the stem of every word that is not Han, Kana or Hangul, without positions
 *   Skorea    words of the title alone, with positions of their own; ZSkorea their stems
 *   Qid       the article's id: all passages of an article have it
 *   XFIRST    an article's first passage: there are as many as there are articles
 *   XLENGTH   the filler: occurs as often as it takes to make the document's length, which Xapian counts as the sum of all
 *             occurrences, RF_LENGTH_UNIT times the length that the native engine's code of one byte gives
 *
 * Its values: the article's id in slot 0, and each metadata field, folded and with a '=' before it, in a slot of its own.
 *
 * Its data, the record:
 *   id=nw-2031-0414
 *   title=Officials return
 *   passage=2            counted from 0
 *   passages=4           of the article
 *   start=812            byte of the article's text where the passage starts
 *   length=131           as scores count it
 *   field.source=Northern Wire
 *                        an empty line, then the passage's text as it stands; without stored text no empty line either
 *
 * Names and values have LF as \n, CR as \r, NUL as \0 and \ as \\; names '=' as \e, too.
 *
 * Metadata of the database, changed with every commit in one step: `riffle` the version of all this, `riffle.settings`,
 * `riffle.fields` the names of all fields, escaped, one a line, `riffle.generation` the number of the last commit.
 */
#ifndef RF_XAPIAN_FORMAT_H
#define RF_XAPIAN_FORMAT_H

#include "base/arena.h"
#include "base/settings.h"
#include "riffle-xapian.h"

enum { RF_XAPIAN_FORMAT = 1 };

/* Sum of wdf of a document for each word of its length: surface forms, stems and title terms together are fewer in any text. */
enum { RF_LENGTH_UNIT = 8 };

#define RF_TERM_FIRST  "XFIRST"
#define RF_TERM_LENGTH "XLENGTH"
enum { RF_SLOT_ID = 0 };

enum { RF_TERM_BYTES = 245 }; /* of a term in Xapian, NULs counted twice */

/* The Xapian term of a key of engine/tree.h: the same bytes but for the prefix of stems. `term` has room for RF_KEY_MAX. */
size_t rf_xapian_term(const struct rf_bytes *key, char *term);

/*
 * The term of an article's id; `term` has room for RF_TERM_BYTES. Of an id that takes over 200 bytes, NULs counted twice, it is the start of
 * that many bytes, at a character, then '#' and its CRC-32 and Adler-32 in hexadecimal. So the term of a long id is never that of a
 * short one, and nearly never that of another long one: slot 0 has the whole id.
 */
size_t rf_xapian_id_term(const struct rf_bytes *id, char *term);

/* The slot of a metadata field with exactly this name: never below 1 << 16. */
rx_slot rf_xapian_slot(const char *name, size_t n);

/* Appends a value as its slot holds it: '=' and the folded value. */
void rf_xapian_value(struct rf_buffer *out, const char *value, size_t n);

struct rf_record {
    struct rf_bytes id, title;
    uint32_t passage, passages, start, length;
    riffle_field *fields;
    size_t field_count;
    struct rf_bytes text;
    bool has_text;
};

/* Appends the record's bytes. */
void rf_record_write(const struct rf_record *record, struct rf_buffer *out);

/* Reads one; everything it points to is in the arena. `docid` is for messages: damage is RIFFLE_CORRUPT. */
riffle_status rf_record_read(struct rf_record *record, const char *data, size_t n, rx_docid docid, struct rf_arena *arena,
                             riffle_error *error);

/* "riffle.settings": written, and read. */
void rf_xapian_write_settings(const struct rf_settings *settings, struct rf_buffer *out);
/* *ours is false, with RIFFLE_OK, where riffle-index did not make the database. `name` is for messages. */
riffle_status rf_xapian_read_settings(const rx_database *database, const char *name, bool *ours, struct rf_settings *settings,
                                      uint64_t *generation, riffle_error *error);

/* Calls for each name in "riffle.fields". A status of the visitor ends the walk and is returned. */
typedef riffle_status rf_field_visitor(void *context, const struct rf_bytes *name, riffle_error *error);
riffle_status rf_xapian_each_field(const rx_database *database, const char *name, rf_field_visitor *visit, void *context,
                                   riffle_error *error);
void rf_xapian_append_field(struct rf_buffer *names, const struct rf_bytes *name);

/* A failure of the wrapper as one of riffle's; `name` is the index's or the shard's, for the message. */
riffle_status rf_xapian_fail(riffle_error *error, const char *name, const rx_error *failure);

/* The state of a database changed under a reader: reopened, it can be asked again. */
bool rf_xapian_changed(rx_status status);

#endif
