/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * SQLite FTS5 doing what riffle-index and riffle do, to be measured beside them.
 *
 *   fts5_index build DATABASE FILE...     one row per article (id, title, text, all stored), Porter stems, one transaction, then
 *                                         'optimize', so that one segment is left, as in a new index of Riffle's
 *   fts5_index query DATABASE MODE        three-word questions on standard input; ten best ids each, by FTS5's bm25;
 *                                         MODE: any, all, phrase
 */
#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/bench/articles.h"

static sqlite3 *db;

static void check(bool good)
{
    if (good)
        return;
    fprintf(stderr, "fts5_index: %s\n", sqlite3_errmsg(db));
    exit(2);
}

static void run(const char *sql) { check(sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK); }

static sqlite3_stmt *prepare(const char *sql)
{
    sqlite3_stmt *statement;
    check(sqlite3_prepare_v2(db, sql, -1, &statement, NULL) == SQLITE_OK);
    return statement;
}

static void insert(void *context, const struct article *article)
{
    sqlite3_stmt *statement = context;
    sqlite3_bind_text(statement, 1, article->id, (int)article->id_length, SQLITE_STATIC);
    sqlite3_bind_text(statement, 2, article->title, (int)article->title_length, SQLITE_STATIC);
    sqlite3_bind_text(statement, 3, article->text, (int)article->text_length, SQLITE_STATIC);
    check(sqlite3_step(statement) == SQLITE_DONE);
    sqlite3_reset(statement);
}

static void build(char **paths, int count)
{
    run("create virtual table articles using fts5(id unindexed, title, text, tokenize = 'porter unicode61')");
    run("begin");
    sqlite3_stmt *statement = prepare("insert into articles(id, title, text) values (?, ?, ?)");
    articles_read(paths, count, insert, statement);
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

/* "a" OR "b" OR "c"; "a" AND "b" AND "c"; "a b c" */
static void expression(char *out, size_t capacity, char *line, const char *mode)
{
    if (strcmp(mode, "phrase") == 0) {
        snprintf(out, capacity, "\"%s\"", line);
        return;
    }
    const char *join = strcmp(mode, "all") == 0 ? " AND " : " OR ";
    size_t used = 0;
    for (char *save, *word = strtok_r(line, " ", &save); word != NULL && used < capacity; word = strtok_r(NULL, " ", &save))
        used += (size_t)snprintf(out + used, capacity - used, "%s\"%s\"", used > 0 ? join : "", word);
}

static void query(const char *mode)
{
    run("pragma mmap_size = 30000000000");
    sqlite3_stmt *statement = prepare("select id from articles where articles match ? order by rank limit 10");
    char line[1000], match[2000];
    while (fgets(line, sizeof line, stdin) != NULL) {
        line[strcspn(line, "\n")] = 0;
        expression(match, sizeof match, line, mode);
        sqlite3_bind_text(statement, 1, match, -1, SQLITE_STATIC);
        int step;
        while ((step = sqlite3_step(statement)) == SQLITE_ROW)
            puts((const char *)sqlite3_column_text(statement, 0));
        check(step == SQLITE_DONE);
        sqlite3_reset(statement);
    }
    sqlite3_finalize(statement);
}

int main(int argc, char **argv)
{
    bool building = argc >= 4 && strcmp(argv[1], "build") == 0;
    if (!building && !(argc == 4 && strcmp(argv[1], "query") == 0)) {
        fputs("usage: fts5_index build DATABASE FILE... | query DATABASE any|all|phrase\n", stderr);
        return 2;
    }
    check(sqlite3_open(argv[2], &db) == SQLITE_OK);
    if (building)
        build(argv + 3, argc - 3);
    else
        query(argv[3]);
    check(sqlite3_close(db) == SQLITE_OK);
    return 0;
}
