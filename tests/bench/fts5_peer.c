/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * SQLite FTS5 doing what riffle-index and the engine of the public game do, to be measured beside them.
 *
 *   fts5_peer articles DATABASE FILE...   one row per article (id, title, text, all stored), Porter stems, one transaction, then
 *                                         'optimize', so that one segment is left, as in a new index of Riffle's. Prints the bytes of
 *                                         the stored text
 *   fts5_peer words DATABASE FILE...      the words of `text` alone, as they are; one segment in a file without holes
 *   fts5_peer serve DATABASE              answers questions about such a database (protocol.h), ranked by FTS5's bm25. It cannot say
 *                                         "these words, and better with those", so it counts such queries but does not rank them
 */
#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/bench/articles.h"
#include "tests/bench/protocol.h"
#include "tests/bench/queries.h"

static sqlite3 *db;

static void check(bool good)
{
    if (good)
        return;
    fprintf(stderr, "fts5_peer: %s\n", sqlite3_errmsg(db));
    exit(2);
}

static void run(const char *sql) { check(sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK); }

static sqlite3_stmt *prepare(const char *sql)
{
    sqlite3_stmt *statement;
    check(sqlite3_prepare_v2(db, sql, -1, &statement, NULL) == SQLITE_OK);
    return statement;
}

/* ---- Indexing ---- */

static void insert(sqlite3_stmt *statement)
{
    check(sqlite3_step(statement) == SQLITE_DONE);
    sqlite3_reset(statement);
}

static void add_article(void *context, const struct article *article)
{
    sqlite3_stmt *statement = context;
    sqlite3_bind_text(statement, 1, article->id, (int)article->id_length, SQLITE_STATIC);
    sqlite3_bind_text(statement, 2, article->title, (int)article->title_length, SQLITE_STATIC);
    sqlite3_bind_text(statement, 3, article->text, (int)article->text_length, SQLITE_STATIC);
    insert(statement);
}

static void add_words(void *context, const struct article *article)
{
    sqlite3_stmt *statement = context;
    sqlite3_bind_text(statement, 1, article->text, (int)article->text_length, SQLITE_STATIC);
    insert(statement);
}

static void index_articles(char **paths, int count)
{
    run("create virtual table articles using fts5(id unindexed, title, text, tokenize = 'porter unicode61')");
    run("begin");
    sqlite3_stmt *statement = prepare("insert into articles(id, title, text) values (?, ?, ?)");
    articles_read(paths, count, add_article, statement);
    sqlite3_finalize(statement);
    run("insert into articles(articles) values ('optimize')");
    run("commit");

    /* Bytes of the stored text: the pages of FTS5's table of contents. Not every SQLite counts pages. */
    if (sqlite3_prepare_v2(db, "select sum(pgsize) from dbstat where name = 'articles_content'", -1, &statement, NULL) ==
            SQLITE_OK &&
        sqlite3_step(statement) == SQLITE_ROW)
        printf("%lld\n", (long long)sqlite3_column_int64(statement, 0));
    sqlite3_finalize(statement);
}

static void index_words(char **paths, int count)
{
    run("pragma journal_mode = off");
    run("pragma synchronous = off");
    run("pragma cache_size = -1000000");
    run("create virtual table words using fts5(text, content = '', tokenize = 'ascii')");
    run("begin");
    sqlite3_stmt *statement = prepare("insert into words(text) values (?)");
    articles_read(paths, count, add_words, statement);
    sqlite3_finalize(statement);
    run("commit");
    run("insert into words(words) values ('optimize')");
    run("vacuum");
}

/* ---- Answering ---- */

/* An expression of FTS5 that grows. */
struct expression {
    char *text;
    size_t length, capacity;
};

static void append(struct expression *expression, const char *bytes, size_t length)
{
    if (expression->length + length >= expression->capacity) {
        expression->capacity = 2 * (expression->length + length) + 1024;
        expression->text = realloc(expression->text, expression->capacity);
        check(expression->text != NULL);
    }
    memcpy(expression->text + expression->length, bytes, length);
    expression->length += length;
}

/* Appends the parts that have `sign` as ("a" OR "b c"); returns how many. */
static size_t join(struct expression *expression, const struct protocol_question *question, char sign, const char *by)
{
    size_t count = 0;
    struct query_part part;
    append(expression, "(", 1);
    for (const char *at = question->query, *end = at + question->length; query_next_part(&at, end, &part);) {
        if (part.sign != sign)
            continue;
        if (count++ > 0)
            append(expression, by, strlen(by));
        append(expression, "\"", 1);
        append(expression, part.text, part.length);
        append(expression, "\"", 1);
    }
    append(expression, ")", 1);
    return count;
}

/* false: it cannot be said in full; with `must`s but not with those that only add to a score, it can be counted. */
static bool translate(struct expression *expression, const struct protocol_question *question)
{
    expression->length = 0;
    size_t musts = join(expression, question, '+', " AND "), end = expression->length;
    size_t shoulds = join(expression, question, 0, " OR ");
    if (musts == 0) {
        memmove(expression->text, expression->text + end, expression->length - end);
        expression->length -= end;
    } else
        expression->length = end;
    end = expression->length;
    append(expression, " NOT ", 5);
    if (join(expression, question, '-', " OR ") == 0)
        expression->length = end;
    return (musts == 0) != (shoulds == 0);
}

static void ask(sqlite3_stmt *statement, const struct expression *expression)
{
    sqlite3_reset(statement);
    check(sqlite3_bind_text(statement, 1, expression->text, (int)expression->length, SQLITE_STATIC) == SQLITE_OK);
}

static void serve(void)
{
    run("pragma mmap_size = 30000000000");
    run("pragma cache_size = -2000000");
    sqlite3_stmt *count = prepare("select count(*) from words where words match ?");
    sqlite3_stmt *best = prepare("select rowid from words where words match ? order by rank limit ?");
    struct expression expression = {0};
    for (struct protocol_question question; protocol_next(&question);) {
        bool whole = translate(&expression, &question);
        if (question.shows || (question.best > 0 && !whole)) {
            protocol_unsupported();
            continue;
        }
        if (question.best > 0) {
            ask(best, &expression);
            sqlite3_bind_int64(best, 2, (sqlite3_int64)question.best);
            int step;
            while ((step = sqlite3_step(best)) == SQLITE_ROW)
                sqlite3_column_int64(best, 0);
            check(step == SQLITE_DONE);
        }
        if (question.counts) {
            ask(count, &expression);
            check(sqlite3_step(count) == SQLITE_ROW);
            protocol_count((uint64_t)sqlite3_column_int64(count, 0));
        } else
            protocol_done();
    }
    free(expression.text);
    sqlite3_finalize(count);
    sqlite3_finalize(best);
}

int main(int argc, char **argv)
{
    const char *mode = argc > 2 ? argv[1] : "";
    bool articles = strcmp(mode, "articles") == 0, words = strcmp(mode, "words") == 0;
    if (!((articles || words) && argc > 3) && !(strcmp(mode, "serve") == 0 && argc == 3)) {
        fputs("usage: fts5_peer articles|words DATABASE FILE... | serve DATABASE\n", stderr);
        return 2;
    }
    check(sqlite3_open(argv[2], &db) == SQLITE_OK);
    if (articles)
        index_articles(argv + 3, argc - 3);
    else if (words)
        index_words(argv + 3, argc - 3);
    else
        serve();
    check(sqlite3_close(db) == SQLITE_OK);
    return 0;
}
