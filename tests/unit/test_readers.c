/* SPDX-License-Identifier: BSD-3-Clause */
/* The readers of articles, through riffle_writer_import. The writer is a fake that keeps what it is given. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "base/file.h"
#include "engine/engine.h"
#include "indexer/reader.h"
#include "indexer/writer.h"

/* ---- The fake writer, and an allocator that counts and can fail ---- */

enum { KEPT = 2000 };

struct kept {
    char *id, *title, *text, *fields; /* fields: "name=value;" each */
    size_t text_length;
};

struct riffle_writer {
    riffle_allocator allocator;
    struct kept kept[KEPT];
    size_t count;
    riffle_status answer; /* of riffle_writer_add and riffle_writer_replace */
    size_t replaced;      /* calls of the latter */
    /* on_problem's: */
    char problems[20000];
    size_t problem_count;
    int stop_after; /* calls of on_progress; 0: never */
    int progress_calls;
};

static struct riffle_writer writer;
static riffle_import_counts counts;
static long allocations, fail_at, live;

static void *counted_resize(void *context, void *memory, size_t bytes)
{
    (void)context;
    if (++allocations == fail_at)
        return NULL;
    live += memory == NULL;
    return realloc(memory, bytes);
}

static void *counted_allocate(void *context, size_t bytes) { return counted_resize(context, NULL, bytes); }

static void counted_release(void *context, void *memory)
{
    (void)context;
    live -= memory != NULL;
    free(memory);
}

const riffle_allocator *rf_writer_allocator(const riffle_writer *w) { return &w->allocator; }

static char *copy(const char *text, size_t n)
{
    char *out = calloc(1, n + 1);
    assert_non_null(out);
    if (n > 0)
        memcpy(out, text, n);
    return out;
}

riffle_status riffle_writer_add(riffle_writer *w, const riffle_article *article, riffle_error *error)
{
    if (w->answer != RIFFLE_OK)
        return rf_fail(error, w->answer, "the fake says no");
    assert_true(article->id_length > 0);
    assert_true(w->count < KEPT);
    struct kept *kept = &w->kept[w->count++];
    char fields[1000] = "";
    size_t used = 0;
    for (size_t i = 0; i < article->field_count; i++) {
        const riffle_field *f = &article->fields[i];
        used += (size_t)snprintf(fields + used, sizeof(fields) - used, "%.*s=%.*s;", (int)f->name_length, f->name,
                                 (int)f->value_length, f->value);
    }
    kept->id = copy(article->id, article->id_length);
    kept->title = copy(article->title, article->title_length);
    kept->text = copy(article->text, article->text_length);
    kept->text_length = article->text_length;
    kept->fields = copy(fields, used);
    return rf_ok(error);
}

riffle_status riffle_writer_replace(riffle_writer *w, const riffle_article *article, riffle_error *error)
{
    w->replaced++;
    return riffle_writer_add(w, article, error);
}

static void on_problem(void *context, const char *path, uint64_t line, riffle_status status, const char *message)
{
    struct riffle_writer *w = context;
    assert_true(status != RIFFLE_OK);
    size_t used = strlen(w->problems);
    snprintf(w->problems + used, sizeof(w->problems) - used, "%s:%llu: %s\n", path, (unsigned long long)line, message);
    w->problem_count++;
}

static int on_progress(void *context, const riffle_import_counts *now)
{
    struct riffle_writer *w = context;
    assert_ptr_equal(now, &counts);
    return ++w->progress_calls == w->stop_after;
}

static void forget(void)
{
    for (size_t i = 0; i < writer.count; i++) {
        free(writer.kept[i].id);
        free(writer.kept[i].title);
        free(writer.kept[i].text);
        free(writer.kept[i].fields);
    }
    memset(&writer, 0, sizeof(writer));
    memset(&counts, 0, sizeof(counts));
    writer.allocator = (riffle_allocator){counted_allocate, counted_resize, counted_release, NULL};
    fail_at = 0;
}

static riffle_status import_with(const char *path, riffle_import_options options)
{
    riffle_error error;
    options.on_problem = on_problem;
    options.on_progress = on_progress;
    options.context = &writer;
    riffle_status status = riffle_writer_import(&writer, path, &options, &counts, &error);
    assert_int_equal(error.status, status);
    assert_int_equal(live, 0);
    if (status == RIFFLE_OK) {
        assert_int_equal(counts.articles, writer.count);
        assert_int_equal(counts.left_out, writer.problem_count);
    }
    return status;
}

static riffle_status import(const char *path)
{
    riffle_import_options options = RIFFLE_IMPORT_OPTIONS_INIT;
    return import_with(path, options);
}

/* ---- Files, in a folder of the test's own ---- */

static char folder[4096];

static int enter(void **state)
{
    (void)state;
    const char *temporary = getenv("TMPDIR");
    snprintf(folder, sizeof(folder), "%s/riffle-readers-XXXXXX", temporary && *temporary ? temporary : P_tmpdir);
    forget();
    return mkdtemp(folder) && chdir(folder) == 0 ? 0 : -1;
}

static int leave(void **state)
{
    (void)state;
    char command[4200];
    forget();
    if (chdir("/") != 0)
        return -1;
    snprintf(command, sizeof(command), "rm -rf '%s'", folder);
    return system(command);
}

static void put(const char *path, const char *data, size_t n)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(data, 1, n, file), n);
    assert_int_equal(fclose(file), 0);
}

static void put_text(const char *path, const char *text) { put(path, text, strlen(text)); }

/* A gzip member; returns its length. */
static size_t pack(uint8_t *out, size_t room, const char *data, size_t n)
{
    z_stream z = {0};
    assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    z.next_in = (uint8_t *)(uintptr_t)data;
    z.avail_in = (unsigned)n;
    z.next_out = out;
    z.avail_out = (unsigned)room;
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    deflateEnd(&z);
    return room - z.avail_out;
}

/* ---- Plain text ---- */

#define BODY                                                                                                                       \
    "Around 40 officials crossed the land border on their way to the liaison office in the border town, the ministry said, and "   \
    "together with the people already there they will staff the office this week as they did before."

static const struct {
    const char *text, *title, *fields;
} pages[] = {
    /* The two articles that the rules were made for, shortened. */
    {"South Korea 'defies' North Korea's announcement to withdraw staff from joint liaison office\n\nPham Ha March 25, 2019 "
     "10:57\n\n" BODY "\n\nKaesong area. Photo: Straits Times.\n\n" BODY "\n\nPham Ha",
     "South Korea 'defies' North Korea's announcement to withdraw staff from joint liaison office",
     "date=2019-03-25;author=Pham Ha;"},
    {"UPDATE : 2019.9.21 SAT 10:58\nHOME North Korea\nDozens of S. Korean officials head to joint liaison office after N. Korea's "
     "abrupt "
     "pullout\n\n" BODY "\n\nKim Jung-mi  edt@koreapost.com\n\n<저작권자 © 코리아포스트, 무단 전재 및 재배포 금지>\n\n기사 댓글 0\n"
     "첫번째 댓글을 남겨주세요.\nBack to Top",
     "Dozens of S. Korean officials head to joint liaison office after N. Korea's abrupt pullout",
     "date=2019-09-21;author=Kim Jung-mi;"},
    /* Languages */
    {"홈 > 국제 > 유럽\n기사입력 2031.04.14 (월) 17:32\n글자크기 가 가\n\n베슈티 철수에도 직원 40여 명 공동연락사무국 "
     "출근\n\n그라우벤=한지윤 특파원\n\n" BODY,
     "베슈티 철수에도 직원 40여 명 공동연락사무국 출근", "date=2031-04-14;author=한지윤;"},
    {"20개월 늦은 첫 운행… 캐로 시민 맞은 트램\n\n2031년 6월 1일 민하율 과학전문기자\n\n" BODY,
     "20개월 늦은 첫 운행… 캐로 시민 맞은 트램", "date=2031-06-01;author=민하율;"},
    {"Startseite › Lokales\nTeilen  Drucken  Merken\n\nStadtarchiv unter Wasser: 1.250 Kisten sind gerettet\n\nVon Wiebke "
     "Harms\n22. Januar "
     "2031, 16:45 Uhr\n\n" BODY,
     "Stadtarchiv unter Wasser: 1.250 Kisten sind gerettet", "date=2031-01-22;author=Wiebke Harms;"},
    {"Accueil / Culture / Patrimoine\nMis à jour le 06/10/2031 à 9 h 40\n\nLa Grande Orle a retrouvé son clocher\n\n" BODY,
     "La Grande Orle a retrouvé son clocher", "date=2031-10-06;"},
    {"Trang chủ > Thế giới\n\nBệnh gỉ sắt lúa mì lan rộng\n\nNguyễn Thảo Vy\nThứ tư, 2/7/2031, 14:20 (GMT+7)\n\n" BODY,
     "Bệnh gỉ sắt lúa mì lan rộng", "date=2031-07-02;author=Nguyễn Thảo Vy;"},
    {"首页 > 体育 > 棋牌\n分享到:微信 微博 邮件\n\n十二岁棋手因座位争议退赛\n\n本报记者 周予安 发自林登富特\n2031年4月13日 "
     "22:40\n\n" BODY,
     "十二岁棋手因座位争议退赛", "date=2031-04-13;author=周予安;"},
    {"ホーム > 国際\nシェア  印刷  保存\n\n海底ケーブル復旧 接続担当は日本人技術者\n\n2031年2月20日 19時10分\n\n" BODY,
     "海底ケーブル復旧 接続担当は日本人技術者", "date=2031-02-20;"},
    /* The date of publication counts more than that of a change. */
    {"UPDATED: February 9, 2031\n\nSkerrow Islands go quiet as anchor severs cable\n\nBy Maud Tolliver\nFebruary 7, 2031 "
     "09:45\n\n" BODY,
     "Skerrow Islands go quiet as anchor severs cable", "date=2031-02-07;author=Maud Tolliver;"},
    {"By PERPETUA HALE and Pham Ha, Lantern Staff Writers\n\nA night on the road out of Kettleby\n\n" BODY,
     "A night on the road out of Kettleby", "author=PERPETUA HALE and Pham Ha;"},
    /* Headlines that look like furniture at first sight, and words that only a headline makes of them. */
    {"By the time the vote came, all had left\n\n" BODY, "By the time the vote came, all had left", ""},
    {"HOME PRICES RISE IN MARCH\n\n" BODY, "HOME PRICES RISE IN MARCH", ""},
    {"Home prices rise in March\n\n" BODY, "Home prices rise in March", ""},
    {"Share prices fall on Monday\n\n" BODY, "Share prices fall on Monday", ""},
    {"기자 회견 열려, 철수 결정 발표\n\n" BODY, "기자 회견 열려, 철수 결정 발표", ""},
    {"Brexit vote fails again | The Guardian\n\n" BODY, "Brexit vote fails again | The Guardian", ""},
    {"Is this the end?\n" BODY, "Is this the end?", ""},
    /* A short title, and sections that are none. */
    {"Anarchism\n\n" BODY, "Anarchism", ""},
    {"World\n\nDozens of officials head to office\n\n" BODY, "Dozens of officials head to office", ""},
    {"# A heading\n\n" BODY, "A heading", ""},
    {"Title: Report of the commission\nAuthor: Jane Roe\nDate: 2019-03-25\n\n" BODY, "Report of the commission",
     "date=2019-03-25;author=Jane Roe;"},
    /* No title at all: a long line, a wrapped paragraph. */
    {BODY "\n\n" BODY, "", ""},
    {"It was a dark and stormy night and the rain fell in torrents, except at\noccasional intervals, when it was checked by a "
     "violent gust "
     "of wind\nwhich swept up the streets.\n",
     "", ""},
    {"", "", ""},
    {"\n\n  \n", "", ""},
    {"Only a title stands here", "Only a title stands here", ""},
};

static void titles_dates_and_authors_of_pages(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(pages) / sizeof(*pages); i++) {
        forget();
        put_text("page.txt", pages[i].text);
        assert_int_equal(import("page.txt"), RIFFLE_OK);
        assert_int_equal(writer.count, 1);
        assert_string_equal(writer.kept[0].id, "page.txt");
        assert_string_equal(writer.kept[0].title, pages[i].title);
        assert_string_equal(writer.kept[0].fields, pages[i].fields);
    }
}

static void nothing_but_the_title_leaves_the_text(void **state)
{
    (void)state;
    put_text("page.txt", "\nUPDATE : 2019.9.21\nHOME North Korea\nOfficials head to liaison office\n\nBody.\n\nBack to Top");
    assert_int_equal(import("page.txt"), RIFFLE_OK);
    assert_string_equal(writer.kept[0].title, "Officials head to liaison office");
    assert_string_equal(writer.kept[0].text, "UPDATE : 2019.9.21\nHOME North Korea\n\nBody.\n\nBack to Top");
}

static void encodings_and_line_ends(void **state)
{
    (void)state;
    put_text("a", "\xef\xbb\xbfTitle of this one\r\n\r\nOne.\rTwo.\r\n");
    put("b", "\xff\xfeT\0i\0t\0l\0e\0 \0o\0f\0 \0i\0t\0 \0a\0l\0l\0\n\0\n\0\x3d\xd8\x00\xde\x00\xac", 42);
    put("c", "\xfe\xff\0T\0w\0o\xd8\0", 10);
    assert_int_equal(import("."), RIFFLE_OK);
    assert_int_equal(writer.count, 3);
    assert_string_equal(writer.kept[0].title, "Title of this one");
    assert_string_equal(writer.kept[0].text, "One.\nTwo.\n");
    assert_string_equal(writer.kept[1].title, "Title of it all");
    assert_string_equal(writer.kept[1].text, "\xf0\x9f\x98\x80\xea\xb0\x80");
    assert_string_equal(writer.kept[2].title, "Two\xef\xbf\xbd");

    /* A NUL far behind is a flaw, not a binary file. */
    char *large = calloc(1, 20001);
    memset(large, 'x', 20000);
    large[15000] = '\0';
    forget();
    put("d", large, 20000);
    free(large);
    assert_int_equal(import("d"), RIFFLE_OK);
    assert_int_equal(writer.kept[0].text_length, 20002);
    assert_memory_equal(writer.kept[0].text + 14999, "x\xef\xbf\xbdx", 5);
}

static void dates(void **state)
{
    (void)state;
    static const char *const good[][2] = {
        {"2019-03-25", "2019-03-25"},
        {"2019-03-25T10:57:00+09:00", "2019-03-25"},
        {"2019.9.21", "2019-09-21"},
        {"2019. 9. 21.", "2019-09-21"},
        {"2019/3/5", "2019-03-05"},
        {"20190325", "2019-03-25"},
        {"March 25, 2019", "2019-03-25"},
        {"Mar. 25 2019", "2019-03-25"},
        {"MARCH 25TH, 2019", "2019-03-25"},
        {"25 March 2019", "2019-03-25"},
        {"1st of March, 2019", "2019-03-01"},
        {"25. März 2019", "2019-03-25"},
        {"25. MÄRZ 2019", "2019-03-25"},
        {"1er août 2019", "2019-08-01"},
        {"25 de marzo de 2019", "2019-03-25"},
        {"25 tháng 3, 2019", "2019-03-25"},
        {"ngày 25 tháng 3 năm 2019", "2019-03-25"},
        {"2019年3月25日", "2019-03-25"},
        {"2019년 3월 25일", "2019-03-25"},
        {"25/03/2019", "2019-03-25"},
        {"03/25/2019", "2019-03-25"},
        {"5.3.2019", "2019-03-05"},
        {"Mon, 25 Mar 2019 10:57:00 +0900", "2019-03-25"},
        {"29 February 2020", "2020-02-29"},
    };
    static const char *const bad[] = {
        "",           "2019",           "2019-03",         "05/03/2019",      "2019-13-01",  "2019-02-29",
        "31.04.2019", "March 32, 2019", "Marching 3 2019", "1234567",         "12019-03-25", "2019-03-255",
        "25 March",   "99999999",       "March",           "03/25/2019/1999x"};
    char date[11] = "";
    for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
        assert_true(rf_date_find(good[i][0], strlen(good[i][0]), date));
        assert_string_equal(date, good[i][1]);
    }
    for (size_t i = 0; i + 1 < sizeof(bad) / sizeof(*bad); i++) {
        if (rf_date_find(bad[i], strlen(bad[i]), date))
            fail_msg("'%s' was read as %s", bad[i], date);
    }
    /* A text may end anywhere. */
    for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
        for (size_t n = 0; n < strlen(good[i][0]); n++) {
            char *part = malloc(n + 1);
            memcpy(part, good[i][0], n);
            rf_date_find(part, n, date);
            free(part);
        }
    }
}

/* ---- JSON lines ---- */

static void json_lines(void **state)
{
    (void)state;
    put_text("a.jsonl", "\xef\xbb\xbf{\"id\":\"x\",\"title\":\"T\",\"date\":\"March 25, "
                        "2019\",\"source\":\"S\",\"text\":\"one\\ntwo\",\"words\":12,"
                        "\"ok\":true,\"empty\":\"\",\"none\":null,\"list\":[1],\"deep\":{\"a\":1}}\r\n"
                        "\n   \n"
                        "{\"id\":42,\"text\":[\"p1\",\"p2\"],\"date\":\"spring\"}\n"
                        "{\"text\":\"nul \\u0000, no nul \\\\u0000, lone \\ud800.\"}\n"
                        "{\"id\":\"\",\"text\":\"\"}");
    assert_int_equal(import("a.jsonl"), RIFFLE_OK);
    assert_string_equal(writer.problems, "");
    assert_int_equal(writer.count, 4);
    assert_string_equal(writer.kept[0].id, "x");
    assert_string_equal(writer.kept[0].title, "T");
    assert_string_equal(writer.kept[0].text, "one\ntwo");
    assert_string_equal(writer.kept[0].fields, "date=2019-03-25;source=S;words=12;ok=true;");
    assert_string_equal(writer.kept[1].id, "42");
    assert_string_equal(writer.kept[1].text, "p1\np2");
    assert_string_equal(writer.kept[1].fields, "date=spring;");
    assert_string_equal(writer.kept[2].id, "a.jsonl:5");
    assert_string_equal(writer.kept[2].text, "nul \xef\xbf\xbd, no nul \\u0000, lone \xef\xbf\xbd.");
    assert_string_equal(writer.kept[3].id, "a.jsonl:6");
    assert_string_equal(writer.kept[3].text, "");
    assert_int_equal(counts.files, 1);
    assert_int_equal(counts.bytes, counts.raw_bytes);
}

static void bad_lines_cost_themselves(void **state)
{
    (void)state;
    static const char lines[] = "{\"text\":\"a\"}\n"
                                "{\"text\":\n"
                                "[1]\n"
                                "{\"text\":\"a\"} x\n"
                                "{\"text\":{\"a\":1}}\n"
                                "{\"id\":[1],\"text\":\"a\"}\n"
                                "{\"headline\":\"a\"}\n"
                                "nonsense\n"
                                "{\"id\":99999999999999999999999,\"text\":\"a\"}\n"
                                "{\"text\":[[1]]}\n"
                                "\0\0\0\n"
                                "{\"text\":\"raw \0 nul\"}\n"
                                "{\"text\":\"b\"}\n";
    put("a.json", lines, sizeof(lines) - 1);
    assert_int_equal(import("a.json"), RIFFLE_OK);
    assert_int_equal(writer.count, 3);
    assert_string_equal(writer.kept[1].text, "raw \xef\xbf\xbd nul");
    assert_string_equal(writer.kept[2].id, "a.json:13");
    assert_int_equal(writer.problem_count, 10);
    for (int line = 2; line <= 11; line++) {
        char start[30];
        snprintf(start, sizeof(start), "a.json:%d: ", line);
        assert_non_null(strstr(writer.problems, start));
    }
    assert_non_null(strstr(writer.problems, "a.json:7: no article: there is neither a key \"title\" nor a key \"text\""));
}

static void keys_can_be_mapped(void **state)
{
    (void)state;
    riffle_import_options options = RIFFLE_IMPORT_OPTIONS_INIT;
    options.id_key = "guid";
    options.title_key = "headline";
    options.date_key = "published";
    options.source_key = "outlet";
    options.text_key = "body";
    options.format = RIFFLE_FORMAT_JSON;
    put_text(
        "a",
        "{\"guid\":\"g\",\"headline\":\"H\",\"published\":\"25/03/2019\",\"outlet\":\"O\",\"body\":\"B\",\"id\":1,\"title\":\"no\","
        "\"date\":\"later\",\"author\":\"A\"}");
    assert_int_equal(import_with("a", options), RIFFLE_OK);
    assert_string_equal(writer.kept[0].id, "g");
    assert_string_equal(writer.kept[0].title, "H");
    assert_string_equal(writer.kept[0].text, "B");
    assert_string_equal(writer.kept[0].fields, "date=2019-03-25;source=O;date=later;author=A;");
}

static void lines_of_any_length(void **state)
{
    (void)state;
    /* Lengths around the sizes of buffers, 2^17 and 2^18. */
    FILE *file = fopen("a.jsonl", "w");
    assert_non_null(file);
    for (int i = 0; i < 300; i++) {
        size_t n = i % 50 == 49 ? (1u << (12 + i / 50)) + (unsigned)i - 60 : (size_t)(i * 37 % 500);
        fprintf(file, "{\"id\":%d,\"text\":\"%*s\"}\n", i, (int)n, "");
    }
    fclose(file);
    assert_int_equal(import("a.jsonl"), RIFFLE_OK);
    assert_int_equal(writer.count, 300);
    for (int i = 0; i < 300; i++) {
        size_t n = i % 50 == 49 ? (1u << (12 + i / 50)) + (unsigned)i - 60 : (size_t)(i * 37 % 500);
        assert_int_equal(atoi(writer.kept[i].id), i);
        assert_int_equal(writer.kept[i].text_length, n);
    }
}

static void limits(void **state)
{
    (void)state;
    riffle_import_options options = RIFFLE_IMPORT_OPTIONS_INIT;
    options.article_limit = 100;
    FILE *file = fopen("a.jsonl", "w");
    assert_non_null(file);
    fprintf(file, "{\"text\":\"%*s\"}\n{\"text\":\"%*s\"}\n{\"text\":\"%*s\"}\n", 89, "", 90, "", 700000, "");
    fprintf(file, "{\"text\":\"end\"}");
    fclose(file);
    assert_int_equal(import_with("a.jsonl", options), RIFFLE_OK);
    assert_int_equal(writer.count, 2);
    assert_string_equal(writer.kept[1].id, "a.jsonl:4");
    assert_int_equal(writer.problem_count, 2);
    char text[101];
    memset(text, 'x', sizeof(text));
    put("100", text, 100);
    put("101", text, 101);
    assert_int_equal(import_with("100", options), RIFFLE_OK);
    assert_int_equal(import_with("101", options), RIFFLE_OK);
    assert_int_equal(writer.count, 3);
    assert_int_equal(writer.problem_count, 3);
}

/* ---- gzip ---- */

static void gzip_members_in_a_row(void **state)
{
    (void)state;
    static const char first[] = "{\"id\":1,\"text\":\"a\"}\n{\"id\":2,\"te", second[] = "xt\":\"b\"}\n";
    uint8_t data[1000] = {0};
    size_t n = pack(data, sizeof(data), first, sizeof(first) - 1);
    n += pack(data + n, sizeof(data) - n, second, sizeof(second) - 1);
    put("a.jsonl.gz", (char *)data, n + 100); /* padded by zeros */
    assert_int_equal(import("a.jsonl.gz"), RIFFLE_OK);
    assert_int_equal(writer.count, 2);
    assert_int_equal(writer.problem_count, 0);
    assert_int_equal(counts.bytes, sizeof(first) + sizeof(second) - 2);
    assert_int_equal(counts.raw_bytes, n + 100);

    /* The name need not tell. */
    forget();
    put("plain", (char *)data, n);
    assert_int_equal(import("plain"), RIFFLE_OK);
    assert_int_equal(writer.count, 2);

    forget();
    memcpy(data + n, "garbage", 7);
    put("a.jsonl.gz", (char *)data, n + 7);
    assert_int_equal(import("a.jsonl.gz"), RIFFLE_OK);
    assert_int_equal(writer.count, 2);
    assert_int_equal(writer.problem_count, 1);
}

static void gzip_cut_and_damaged_anywhere(void **state)
{
    (void)state;
    riffle_import_options text = RIFFLE_IMPORT_OPTIONS_INIT;
    char lines[3000] = "";
    uint8_t data[4000];
    for (int i = 0; i < 60; i++)
        snprintf(lines + strlen(lines), sizeof(lines) - strlen(lines), "{\"id\":%d,\"text\":\"%d\"}\n", i, i * i * 7919);
    size_t n = pack(data, sizeof(data), lines, strlen(lines));
    text.format = RIFFLE_FORMAT_TEXT;
    for (size_t cut = 3; cut < n; cut++) {
        forget();
        put("a.jsonl", (char *)data, cut);
        assert_int_equal(import("a.jsonl"), RIFFLE_OK);
        assert_int_equal(writer.problem_count, 1);
        assert_non_null(strstr(writer.problems, "ends too early"));
        forget();
        put("a.txt", (char *)data, cut);
        assert_int_equal(import_with("a.txt", text), RIFFLE_OK);
        assert_int_equal(writer.count, 0);
        assert_int_equal(writer.problem_count, 1);
    }
    for (size_t i = 10; i < n; i++) { /* behind the header, of which not all counts */
        forget();
        data[i] ^= 0x55;
        put("a.txt", (char *)data, n);
        data[i] ^= 0x55;
        assert_int_equal(import_with("a.txt", text), RIFFLE_OK);
        assert_int_equal(writer.count, 0);
        assert_int_equal(writer.problem_count, 1);
    }
}

/* ---- Folders ---- */

static bool is_database(const char *path) { return strcmp(path, "in/database") == 0; }
static const riffle_engine engine = {.version = RF_ENGINE_VERSION, .name = "other", .recognises = is_database};

static void folders_in_byte_order(void **state)
{
    (void)state;
    assert_int_equal(mkdir("in", 0700) | mkdir("in/b", 0700) | mkdir("in/.hidden", 0700) | mkdir("in/index", 0700), 0);
    put_text("in/b/2", "two");
    put_text("in/b/10", "ten");
    put_text("in/a", "");
    put_text("in/B", "capital");
    put_text("in/.dot", "no");
    put_text("in/.hidden/x", "no");
    put("in/binary",
        "\x7f"
        "ELF\0\0",
        6);
    put_text("in/z.jsonl", "{\"text\":\"t\"}\n");
    put("in/index/manifest", "RIFFLEMF\1\0\0\0", 12);
    put_text("in/index/other", "no");
    /* An index in the making, as the first one in the folder that is being read. */
    int lock = -1;
    assert_int_equal(mkdir("in/new", 0700), 0);
    put_text("in/new/other", "no");
    assert_int_equal(rf_lock("in/new/lock", &lock, NULL), RIFFLE_OK);
    assert_int_equal(mkfifo("in/fifo", 0600), 0);
    /* An index of another engine. */
    assert_int_equal(riffle_engine_register(&engine, NULL), RIFFLE_OK);
    assert_int_equal(mkdir("in/database", 0700), 0);
    put_text("in/database/lock", "");
    assert_int_equal(symlink("..", "in/b/up") | symlink("a", "in/link") | symlink("nowhere", "in/lost"), 0);
    assert_int_equal(import("in/"), RIFFLE_OK);
    static const char *const ids[] = {"in/B", "in/a", "in/b/10", "in/b/2", "in/link", "in/z.jsonl:1"};
    assert_int_equal(writer.count, sizeof(ids) / sizeof(*ids));
    for (size_t i = 0; i < writer.count; i++)
        assert_string_equal(writer.kept[i].id, ids[i]);
    assert_int_equal(counts.files, 6);
    assert_int_equal(writer.problem_count, 1);
    assert_non_null(strstr(writer.problems, "in/lost:0: cannot open: No such file"));

    rf_unlock(lock);

    /* What is named is not passed over in silence. */
    forget();
    assert_int_equal(import("in/binary"), RIFFLE_OK);
    assert_int_equal(import("in/index"), RIFFLE_OK);
    assert_int_equal(import("in/database"), RIFFLE_OK);
    assert_int_equal(import("in/nowhere"), RIFFLE_OK);
    assert_int_equal(writer.problem_count, 4);
    assert_int_equal(import("in/.dot"), RIFFLE_OK);
    assert_int_equal(writer.count, 1);
}

static void standard_input(void **state)
{
    (void)state;
    put_text("a", "{\"text\":\"t\"}");
    int kept = dup(STDIN_FILENO), opened = open("a", O_RDONLY);
    assert_int_equal(dup2(opened, STDIN_FILENO), STDIN_FILENO);
    assert_int_equal(import("-"), RIFFLE_OK);
    lseek(opened, 0, SEEK_SET);
    riffle_import_options options = RIFFLE_IMPORT_OPTIONS_INIT;
    options.format = RIFFLE_FORMAT_TEXT;
    assert_int_equal(import_with("-", options), RIFFLE_OK);
    dup2(kept, STDIN_FILENO);
    close(kept);
    close(opened);
    assert_int_equal(writer.count, 2);
    assert_string_equal(writer.kept[0].id, "stdin:1");
    assert_string_equal(writer.kept[1].id, "stdin");
    assert_string_equal(writer.kept[1].text, "{\"text\":\"t\"}");
}

/* ---- Updates ---- */

static void updates_replace(void **state)
{
    (void)state;
    put_text("a.jsonl", "{\"text\":\"a\"}\n{\"text\":\"b\"}\n");
    riffle_import_options options = RIFFLE_IMPORT_OPTIONS_INIT;
    options.update = 1;
    assert_int_equal(import_with("a.jsonl", options), RIFFLE_OK);
    assert_int_equal(writer.replaced, 2);
    assert_int_equal(writer.count, 2);
    /* What the engine cannot do costs that article. */
    writer.answer = RIFFLE_UNSUPPORTED;
    assert_int_equal(import_with("a.jsonl", options), RIFFLE_OK);
    assert_int_equal(counts.left_out, 2);
}

/* ---- Ends ---- */

static void what_the_writer_answers(void **state)
{
    (void)state;
    put_text("a.jsonl", "{\"text\":\"a\"}\n{\"text\":\"b\"}\n");
    writer.answer = RIFFLE_EXISTS;
    assert_int_equal(import("a.jsonl"), RIFFLE_OK);
    assert_int_equal(counts.left_out, 2);
    assert_non_null(strstr(writer.problems, "a.jsonl:2: the fake says no"));
    writer.answer = RIFFLE_IO;
    assert_int_equal(import("a.jsonl"), RIFFLE_IO);
    assert_int_equal(counts.left_out, 2);
    writer.answer = RIFFLE_OK;
    writer.progress_calls = 0;
    writer.stop_after = 3; /* the file is read in one, then its end, then the first article is added */
    assert_int_equal(import("a.jsonl"), RIFFLE_STOPPED);
    assert_int_equal(writer.count, 1);
}

static void every_allocation_can_fail(void **state)
{
    (void)state;
    uint8_t data[1000];
    static const char line[] = "{\"text\":[\"a\",\"b\"],\"x\":\"y\"}\n{\"text\":\"raw \0 nul\"}\n";
    assert_int_equal(mkdir("in", 0700), 0);
    put_text("in/a.txt", pages[0].text);
    put("in/b.jsonl", line, sizeof(line) - 1);
    put("in/c.gz", (char *)data, pack(data, sizeof(data), line, sizeof(line) - 1));
    put("in/d.txt",
        "\xff\xfe"
        "a\0",
        4);
    allocations = 0;
    assert_int_equal(import("in"), RIFFLE_OK);
    assert_int_equal(writer.count, 6);
    long all = allocations;
    assert_true(all > 10);
    for (long i = 1; i <= all; i++) {
        forget();
        allocations = 0;
        fail_at = i;
        assert_int_equal(import("in"), RIFFLE_NO_MEMORY);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, enter, leave)
        TEST(titles_dates_and_authors_of_pages),
        TEST(nothing_but_the_title_leaves_the_text),
        TEST(encodings_and_line_ends),
        TEST(dates),
        TEST(json_lines),
        TEST(bad_lines_cost_themselves),
        TEST(keys_can_be_mapped),
        TEST(lines_of_any_length),
        TEST(limits),
        TEST(gzip_members_in_a_row),
        TEST(gzip_cut_and_damaged_anywhere),
        TEST(folders_in_byte_order),
        TEST(standard_input),
        TEST(updates_replace),
        TEST(what_the_writer_answers),
        TEST(every_allocation_can_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
