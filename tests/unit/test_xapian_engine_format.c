/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What writer and readers of an index in Xapian share: terms, slots, records, metadata, statuses, and names of indexes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <unistd.h>

#include "tests/support/scratch.h"
#include "xapian/engine_folder.h"
#include "xapian/engine_format.h"

static uint64_t state = 4;
static const riffle_allocator *const allocator = &rf_malloc_allocator;
static riffle_error error;
static rx_error failure;

static struct rf_bytes bytes_of(const char *text) { return (struct rf_bytes){text, strlen(text)}; }

static void check_bytes(const struct rf_bytes *found, const struct rf_bytes *expected)
{
    assert_int_equal(found->length, expected->length);
    if (expected->length)
        assert_memory_equal(found->data, expected->data, expected->length);
}

/* ---- Terms and slots ---- */

static void check_term(const char *key, size_t n, const char *expected)
{
    char term[RF_KEY_MAX];
    size_t length = rf_xapian_term(&(struct rf_bytes){key, n}, term);
    assert_int_equal(length, strlen(expected));
    assert_memory_equal(term, expected, length);
}

static void test_terms(void **context)
{
    (void)context;
    check_term("korea", 5, "korea");
    check_term("Skorea", 6, "Skorea");
    check_term("\xffkorea", 6, "Zkorea");
    check_term("\xffSkorea", 7, "ZSkorea");
    check_term("", 0, "");
}

/* Bytes of a term as Xapian keeps it. */
static size_t kept_length(const char *term, size_t n)
{
    size_t length = n;
    for (size_t i = 0; i < n; i++)
        length += term[i] == '\0';
    return length;
}

/* An id of that many bytes: letters, characters of two and three bytes, NULs. */
static void random_id(char *id, size_t n, bool nuls)
{
    for (size_t i = 0; i < n;) {
        uint64_t choice = random_below(&state, nuls ? 5 : 4);
        if (choice == 3 && i + 3 <= n)
            memcpy(id + i, "한", 3), i += 3;
        else if (choice == 2 && i + 2 <= n)
            memcpy(id + i, "é", 2), i += 2;
        else
            id[i++] = (char)(choice == 4 ? 0 : 'a' + random_below(&state, 3));
    }
}

static void test_ids(void **context)
{
    (void)context;
    char id[1000], term[RF_TERM_BYTES], other[RF_TERM_BYTES];
    assert_int_equal(rf_xapian_id_term(&(struct rf_bytes){"nw-1", 4}, term), 5);
    assert_memory_equal(term, "Qnw-1", 5);
    memset(id, 'x', sizeof id);
    assert_int_equal(rf_xapian_id_term(&(struct rf_bytes){id, 200}, term), 201);
    assert_memory_equal(term + 1, id, 200);
    /* The checksums are zlib's of all bytes: any program can compute them. */
    assert_int_equal(rf_xapian_id_term(&(struct rf_bytes){id, 201}, term), 1 + 200 + 17);
    assert_memory_equal(term + 201, "#b317db352f0c5e39", 17);
    /* A character is never cut: after 199 bytes there is no room for one of two. */
    memcpy(id + 199, "é", 2);
    assert_int_equal(rf_xapian_id_term(&(struct rf_bytes){id, 201}, term), 1 + 199 + 17);
    /* NULs count twice. */
    memset(id, 0, sizeof id);
    assert_int_equal(rf_xapian_id_term(&(struct rf_bytes){id, 100}, term), 101);
    assert_int_equal(rf_xapian_id_term(&(struct rf_bytes){id, 101}, term), 1 + 100 + 17);

    size_t shortest_cut = SIZE_MAX, longest_whole = 0;
    for (int round = 0; round < 20000; round++) {
        size_t n = 1 + random_below(&state, round % 2 ? 300 : sizeof id - 1);
        random_id(id, n, round % 3 == 0);
        size_t length = rf_xapian_id_term(&(struct rf_bytes){id, n}, term), kept = kept_length(term, length);
        assert_true(kept <= RF_TERM_BYTES);
        if (length == n + 1 && memcmp(term + 1, id, n) == 0)
            longest_whole = kept > longest_whole ? kept : longest_whole;
        else
            shortest_cut = kept < shortest_cut ? kept : shortest_cut;
        /* What differs behind the cut makes another term. */
        id[n - 1] = id[n - 1] == 'z' ? 'y' : 'z';
        size_t other_length = rf_xapian_id_term(&(struct rf_bytes){id, n}, other);
        assert_true(length != other_length || memcmp(term, other, length) != 0);
    }
    /* So a long id never has the term of a short one. */
    assert_int_equal(longest_whole, 201);
    assert_true(shortest_cut > 201);
}

static void test_slots_and_values(void **context)
{
    (void)context;
    assert_int_equal(rf_xapian_slot("date", 4), (0xaa9e377au | 0x40000000u) & 0x7fffffffu);
    for (int i = 0; i < 10000; i++) {
        char name[32];
        rx_slot slot = rf_xapian_slot(name, (size_t)snprintf(name, sizeof name, "%llx", (unsigned long long)random_next(&state)));
        assert_true(slot >= 1u << 16 && slot < 1u << 31);
    }
    struct rf_buffer value;
    rf_buffer_init(&value, allocator);
    rf_xapian_value(&value, " Northern\t Wire ", 16);
    rf_xapian_value(&value, " ", 1);
    check_bytes(&(struct rf_bytes){(char *)value.data, value.size}, &(struct rf_bytes){"=northern wire=", 15});
    rf_buffer_release(&value);
}

/* ---- Records ---- */

/* Valid UTF-8 with all that needs an escape, in memory of the arena. */
static struct rf_bytes hostile_bytes(struct rf_arena *arena, size_t most, bool needed)
{
    static const char *const pieces[] = {"\n", "\r", "\\", "=", "\\n", "a", "field.", "\n\n", "é", "한", "\xf0\x9f\x98\x80",
                                         " ",  "id="};
    size_t count = needed + random_below(&state, most), n = 0;
    char *bytes = rf_arena_alloc(arena, count * 8 + 1);
    assert_non_null(bytes);
    for (size_t i = 0; i < count; i++) {
        const char *piece = pieces[random_below(&state, sizeof pieces / sizeof *pieces)];
        if (random_below(&state, 8) == 0)
            bytes[n++] = '\0';
        memcpy(bytes + n, piece, strlen(piece));
        n += strlen(piece);
    }
    return (struct rf_bytes){bytes, n};
}

static struct rf_record random_record(struct rf_arena *arena)
{
    struct rf_record record = {.id = hostile_bytes(arena, 10, true),
                               .title = hostile_bytes(arena, 20, false),
                               .passages = 1 + (uint32_t)random_below(&state, UINT32_MAX),
                               .start = (uint32_t)random_next(&state),
                               .length = (uint32_t)random_next(&state),
                               .field_count = random_below(&state, 5),
                               .has_text = random_below(&state, 2)};
    record.passage = (uint32_t)random_below(&state, record.passages);
    record.fields = rf_arena_array(arena, record.field_count + 1, sizeof *record.fields);
    for (size_t i = 0; i < record.field_count; i++) {
        struct rf_bytes name = hostile_bytes(arena, 6, true), value = hostile_bytes(arena, 30, true);
        record.fields[i] = (riffle_field){name.data, name.length, value.data, value.length};
    }
    if (record.has_text)
        record.text = hostile_bytes(arena, 200, false);
    return record;
}

static void check_record(const struct rf_record *found, const struct rf_record *expected)
{
    check_bytes(&found->id, &expected->id);
    check_bytes(&found->title, &expected->title);
    assert_int_equal(found->passage, expected->passage);
    assert_int_equal(found->passages, expected->passages);
    assert_int_equal(found->start, expected->start);
    assert_int_equal(found->length, expected->length);
    assert_int_equal(found->field_count, expected->field_count);
    for (size_t i = 0; i < expected->field_count; i++) {
        const riffle_field *a = &found->fields[i], *b = &expected->fields[i];
        check_bytes(&(struct rf_bytes){a->name, a->name_length}, &(struct rf_bytes){b->name, b->name_length});
        check_bytes(&(struct rf_bytes){a->value, a->value_length}, &(struct rf_bytes){b->value, b->value_length});
    }
    assert_int_equal(found->has_text, expected->has_text);
    check_bytes(&found->text, &expected->text);
}

static void test_records(void **context)
{
    (void)context;
    for (int round = 0; round < 2000; round++) {
        struct rf_arena arena;
        struct rf_buffer written;
        struct rf_record found;
        rf_arena_init(&arena, allocator);
        rf_buffer_init(&written, allocator);
        struct rf_record record = random_record(&arena);
        rf_record_write(&record, &written);
        assert_false(written.failed);
        OK(rf_record_read(&found, (const char *)written.data, written.size, 1, &arena, &error));
        check_record(&found, &record);
        /* A prefix of a record is none, unless it ends in the text, or behind a line that could be the last. */
        size_t cut = random_below(&state, written.size);
        size_t header = written.size - (record.has_text ? record.text.length : 0);
        riffle_status status = rf_record_read(&found, (const char *)written.data, cut, 1, &arena, &error);
        if (cut < header && (!cut || written.data[cut - 1] != '\n'))
            assert_int_equal(status, RIFFLE_CORRUPT);
        /* Another byte somewhere is another record or none. */
        written.data[random_below(&state, written.size)] ^= (uint8_t)(1 + random_below(&state, 255));
        status = rf_record_read(&found, (const char *)written.data, written.size, 1, &arena, &error);
        assert_true(status == RIFFLE_OK || status == RIFFLE_CORRUPT);
        rf_buffer_release(&written);
        rf_arena_release(&arena);
    }
}

static riffle_status read_text(const char *text, size_t n)
{
    struct rf_arena arena;
    struct rf_record record;
    rf_arena_init(&arena, allocator);
    riffle_status status = rf_record_read(&record, text, n, 77, &arena, &error);
    rf_arena_release(&arena);
    return status;
}

static void test_record_as_documented(void **context)
{
    (void)context;
    static const char text[] = "id=nw-2031-0414\ntitle=Officials return\npassage=2\npassages=4\nstart=812\nlength=131\n"
                               "field.source=Northern = Wire\nfield.a\\eb\\n=c\\\\\n\nThe text,\nas it \\ stands.";
    riffle_field fields[] = {{"source", 6, "Northern = Wire", 15}, {"a=b\n", 4, "c\\", 2}};
    struct rf_record record = {.id = bytes_of("nw-2031-0414"),
                               .title = bytes_of("Officials return"),
                               .passage = 2,
                               .passages = 4,
                               .start = 812,
                               .length = 131,
                               .fields = fields,
                               .field_count = 2,
                               .text = bytes_of("The text,\nas it \\ stands."),
                               .has_text = true};
    struct rf_buffer written;
    rf_buffer_init(&written, allocator);
    rf_record_write(&record, &written);
    check_bytes(&(struct rf_bytes){(char *)written.data, written.size}, &(struct rf_bytes){text, sizeof text - 1});
    rf_buffer_release(&written);
    assert_int_equal(read_text(text, sizeof text - 1), RIFFLE_OK);
}

static void test_damaged_records(void **context)
{
    (void)context;
#define HEAD    "id=a\ntitle=t\n"
#define NUMBERS "passage=0\npassages=1\nstart=0\nlength=2\n"
    static const struct {
        const char *text;
        size_t n;
    } good[] = {{HEAD NUMBERS, sizeof HEAD NUMBERS - 1},
                {HEAD NUMBERS "\n", sizeof HEAD NUMBERS},
                {HEAD NUMBERS "field.a=b\n\ntext", sizeof HEAD NUMBERS "field.a=b\n\ntext" - 1}},
      bad[] = {
#define BAD(text) {text, sizeof(text) - 1}
          BAD(""),
          BAD("\n"),
          BAD("title=t\nid=a\n" NUMBERS),
          BAD("id=\ntitle=t\n" NUMBERS),
          BAD("id=a\n" NUMBERS),
          BAD("id=a\ntitle=t\r\n" NUMBERS),
          BAD("id=a\0b\ntitle=t\n" NUMBERS),
          BAD("id=a\ntitle=\\x\n" NUMBERS),
          BAD("id=a\ntitle=\\e\n" NUMBERS),
          BAD("id=a\ntitle=t\\\n" NUMBERS),
          BAD("id=a\ntitle=\xff\n" NUMBERS),
          BAD(HEAD "passage=1\npassages=1\nstart=0\nlength=2\n"),
          BAD(HEAD "passage=0\npassages=0\nstart=0\nlength=2\n"),
          BAD(HEAD "passage=00\npassages=1\nstart=0\nlength=2\n"),
          BAD(HEAD "passage=\npassages=1\nstart=0\nlength=2\n"),
          BAD(HEAD "passage=-1\npassages=1\nstart=0\nlength=2\n"),
          BAD(HEAD "passage=0\npassages=4294967296\nstart=0\nlength=2\n"),
          BAD(HEAD "passage=0\npassages=1\nstart=0\nlength=2"),
          BAD(HEAD "passage=0\npassages=1\nstart=0\n"),
          BAD(HEAD NUMBERS "text"),
          BAD(HEAD NUMBERS "field.a\n"),
          BAD(HEAD NUMBERS "field.=b\n"),
          BAD(HEAD NUMBERS "field.a=\n"),
          BAD(HEAD NUMBERS "field.a=b"),
          BAD(HEAD NUMBERS "field.a\\=b\n"),
          BAD(HEAD NUMBERS "other=b\n"),
          BAD(HEAD NUMBERS "\n\x80"),
      };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_int_equal(read_text(good[i].text, good[i].n), RIFFLE_OK);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        if (read_text(bad[i].text, bad[i].n) != RIFFLE_CORRUPT)
            fail_msg("damaged record %zu was read", i);
        assert_non_null(strstr(error.message, "77"));
    }
}

/* ---- Metadata ---- */

static void set(rx_database *database, const char *key, const char *value)
{
    assert_int_equal(rx_metadata_set(database, key, strlen(key), value, strlen(value), &failure), RX_OK);
}

static void test_settings(void **context)
{
    (void)context;
    rx_database *database;
    struct rf_buffer written;
    struct rf_settings settings = {"vietnamese", 1, 15, false, true}, found;
    uint64_t generation;
    bool ours = true;
    assert_int_equal(rx_database_open_memory(&database, &failure), RX_OK);
    OK(rf_xapian_read_settings(database, "here", &ours, &found, &generation, &error));
    assert_false(ours);
    rf_buffer_init(&written, allocator);
    rf_xapian_write_settings(&settings, &written);
    rf_buffer_append_byte(&written, 0);
    set(database, "riffle", "1");
    set(database, "riffle.settings", (const char *)written.data);
    set(database, "riffle.generation", "18446744073709551615");
    OK(rf_xapian_read_settings(database, "here", &ours, &found, &generation, &error));
    assert_true(ours);
    assert_string_equal(found.language, "vietnamese");
    assert_int_equal(found.analysis_version, 1);
    assert_int_equal(found.title_weight, 15);
    assert_false(found.store_text);
    assert_true(found.split_passages);
    assert_true(generation == UINT64_MAX);
    static const char *const bad[] = {
        "analysis=1\nlanguage=english\ntitle_weight=0\nstore=text\npassages=split\n",
        "analysis=1\nlanguage=english\ntitle_weight=16\nstore=text\npassages=split\n",
        "analysis=1\nlanguage=english\ntitle_weight=3\nstore=some\npassages=split\n",
        "analysis=1\nlanguage=english\ntitle_weight=3\nstore=text\npassages=split\nmore=1\n",
        "analysis=1\nlanguage=english\ntitle_weight=3\nstore=text\npassages=split",
        "analysis=1\nlanguage=\ntitle_weight=3\nstore=text\npassages=split\n",
        "analysis=1\nlanguage=a language that has more letters than\ntitle_weight=3\nstore=text\npassages=split\n",
        "analysis=x\nlanguage=english\ntitle_weight=3\nstore=text\npassages=split\n",
        "",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        set(database, "riffle.settings", bad[i]);
        assert_int_equal(rf_xapian_read_settings(database, "here", &ours, &found, &generation, &error), RIFFLE_CORRUPT);
        assert_non_null(strstr(error.message, "here"));
    }
    set(database, "riffle.settings", (const char *)written.data);
    set(database, "riffle.generation", "18446744073709551616");
    assert_int_equal(rf_xapian_read_settings(database, "here", &ours, &found, &generation, &error), RIFFLE_CORRUPT);
    set(database, "riffle", "2");
    assert_int_equal(rf_xapian_read_settings(database, "here", &ours, &found, &generation, &error), RIFFLE_TOO_NEW);
    set(database, "riffle", "one");
    assert_int_equal(rf_xapian_read_settings(database, "here", &ours, &found, &generation, &error), RIFFLE_CORRUPT);
    rf_buffer_release(&written);
    rx_database_free(database);
}

struct names {
    struct rf_bytes list[50];
    size_t count, next;
};

static riffle_status check_name(void *context, const struct rf_bytes *name, riffle_error *out)
{
    struct names *names = context;
    assert_true(names->next < names->count);
    check_bytes(name, &names->list[names->next++]);
    return names->next == 40 ? rf_fail(out, RIFFLE_STOPPED, "enough") : RIFFLE_OK;
}

static void test_fields(void **context)
{
    (void)context;
    rx_database *database;
    struct rf_arena arena;
    struct rf_buffer written;
    struct names names = {.count = 0};
    rf_arena_init(&arena, allocator);
    rf_buffer_init(&written, allocator);
    assert_int_equal(rx_database_open_memory(&database, &failure), RX_OK);
    OK(rf_xapian_each_field(database, "here", check_name, &names, &error));
    for (; names.count < 39; names.count++) {
        names.list[names.count] = hostile_bytes(&arena, 6, true);
        rf_xapian_append_field(&written, &names.list[names.count]);
    }
    assert_int_equal(rx_metadata_set(database, "riffle.fields", 13, (const char *)written.data, written.size, &failure), RX_OK);
    OK(rf_xapian_each_field(database, "here", check_name, &names, &error));
    assert_int_equal(names.next, names.count);
    /* The visitor's own failure ends it. */
    names.list[39] = names.list[40] = bytes_of("date");
    names.count = 41;
    rf_buffer_append(&written, "date\ndate\n", 10);
    assert_int_equal(rx_metadata_set(database, "riffle.fields", 13, (const char *)written.data, written.size, &failure), RX_OK);
    names.next = 0;
    assert_int_equal(rf_xapian_each_field(database, "here", check_name, &names, &error), RIFFLE_STOPPED);
    assert_int_equal(names.next, 40);
    static const char *const bad[] = {"date", "\n", "a=b\n", "a\\x\n", "a\rb\n"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        names.next = 0;
        set(database, "riffle.fields", bad[i]);
        assert_int_equal(rf_xapian_each_field(database, "here", check_name, &names, &error), RIFFLE_CORRUPT);
    }
    rf_buffer_release(&written);
    rf_arena_release(&arena);
    rx_database_free(database);
}

static void test_statuses(void **context)
{
    (void)context;
    static const struct {
        rx_status told;
        riffle_status expected;
    } cases[] = {{RX_DATABASE_LOCK, RIFFLE_LOCKED},     {RX_DATABASE_CORRUPT, RIFFLE_CORRUPT},
                 {RX_NO_MEMORY, RIFFLE_NO_MEMORY},      {RX_DATABASE, RIFFLE_IO},
                 {RX_DATABASE_OPENING, RIFFLE_IO},      {RX_DATABASE_NOT_FOUND, RIFFLE_NO_INDEX},
                 {RX_DATABASE_VERSION, RIFFLE_TOO_NEW}, {RX_NETWORK, RIFFLE_SHARD},
                 {RX_NETWORK_TIMEOUT, RIFFLE_SHARD},    {RX_OTHER, RIFFLE_IO},
                 {RX_UNIMPLEMENTED, RIFFLE_IO},         {RX_INVALID_ARGUMENT, RIFFLE_IO},
                 {RX_DATABASE_MODIFIED, RIFFLE_IO},     {RX_POISONED, RIFFLE_IO}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        rx_error told = {.status = cases[i].told, .message = "as Xapian has it"};
        assert_int_equal(rf_xapian_fail(&error, "10.0.0.1:7700", &told), cases[i].expected);
        assert_int_equal(error.status, cases[i].expected);
        if (cases[i].told != RX_NO_MEMORY)
            assert_string_equal(error.message, "10.0.0.1:7700: as Xapian has it");
    }
    for (int status = 0; status < RX_STATUS_COUNT; status++)
        assert_int_equal(rf_xapian_changed((rx_status)status),
                         status == RX_DATABASE_MODIFIED || status == RX_DATABASE_OPENING || status == RX_DATABASE_NOT_FOUND);
}

/* ---- Names of indexes ---- */

static void check_shards(const char *name, const char *expected)
{
    struct rf_xapian_shards shards;
    char found[1000];
    size_t used = 0;
    OK(rf_xapian_shards_parse(&shards, name, allocator, &error));
    for (size_t i = 0; i < shards.count; i++) {
        const struct rf_xapian_shard *shard = &shards.list[i];
        used +=
            (size_t)(shard->host ? snprintf(found + used, sizeof found - used, "<%s|%s|%u>", shard->name, shard->host, shard->port)
                                 : snprintf(found + used, sizeof found - used, "<%s>", shard->name));
    }
    assert_string_equal(found, expected);
    rf_xapian_shards_release(&shards);
    rf_xapian_shards_release(&shards);
}

static void test_shards(void **context)
{
    (void)context;
    char folder[SCRATCH_PATH], name[2 * SCRATCH_PATH], expected[3 * SCRATCH_PATH];
    struct rf_xapian_shards shards;
    check_shards("/srv/a", "</srv/a>");
    check_shards("/srv/a,/srv/b", "</srv/a></srv/b>");
    check_shards("10.0.0.1:7700,db-2.example.org:1,a/b:7",
                 "<10.0.0.1:7700|10.0.0.1|7700><db-2.example.org:1|db-2.example.org|1><a/b:7>");
    check_shards("[::1]:7700,[fe80::1%eth0]:65535", "<[::1]:7700|::1|7700><[fe80::1%eth0]:65535|fe80::1%eth0|65535>");
    check_shards("host:0,host:65536,host:,:7,host:7x,a b:7,[]:7,host:007700",
                 "<host:0><host:65536><host:><:7><host:7x><a b:7><[]:7><host:007700>");
    static const char *const empty[] = {"", ",", "a,", ",a", "a,,b"};
    for (size_t i = 0; i < sizeof empty / sizeof *empty; i++) {
        assert_int_equal(rf_xapian_shards_parse(&shards, empty[i], allocator, &error), RIFFLE_INVALID);
        rf_xapian_shards_release(&shards);
    }
    /* What exists is a path, whatever it looks like. */
    scratch_make(folder);
    scratch_write(folder, "a,b:7", "", 0);
    scratch_write(folder, "host:7", "", 0);
    snprintf(name, sizeof name, "%s/a,b:7", folder);
    snprintf(expected, sizeof expected, "<%s>", name);
    check_shards(name, expected);
    char before[4096];
    assert_non_null(getcwd(before, sizeof before));
    assert_int_equal(chdir(folder), 0);
    check_shards("host:7,host:8", "<host:7><host:8|host|8>");
    assert_int_equal(chdir(before), 0);
    scratch_remove(folder);
}

static bool recognises_file(const char *folder, const char *bytes, size_t n)
{
    char path[2 * SCRATCH_PATH];
    scratch_write(folder, "file", bytes, n);
    snprintf(path, sizeof path, "%s/file", folder);
    bool recognised = rf_xapian_recognises(path);
    unlink(path);
    return recognised;
}

static void test_recognises(void **context)
{
    (void)context;
    char folder[SCRATCH_PATH], name[3 * SCRATCH_PATH];
    rx_database *database;
    static const char *const names[] = {"localhost:7700", "a,localhost:7700", "[::1]:7700", "localhost:7700,"},
                             *const others[] = {"", ",", "/nowhere", "/nowhere,/nowhere/else", "localhost:", "c:\\index", "a b:7"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        assert_true(rf_xapian_recognises(names[i]));
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        assert_false(rf_xapian_recognises(others[i]));

    scratch_make(folder);
    assert_false(rf_xapian_recognises(folder));
    scratch_write(folder, "manifest", "RIFFLEMF", 8);
    assert_false(rf_xapian_recognises(folder));
    scratch_write(folder, "XAPIANDB", "", 0); /* such is a replica that nothing was copied to yet */
    assert_true(rf_xapian_recognises(folder));
    snprintf(name, sizeof name, "/nowhere,%s", folder);
    assert_true(rf_xapian_recognises(name));
    snprintf(name, sizeof name, "%s/XAPIANDB", folder);
    assert_false(rf_xapian_recognises(name));
    scratch_remove(folder);

    scratch_make(folder);
    assert_true(recognises_file(folder, "auto db-1\n", 10));
    assert_true(recognises_file(folder, "# shards\n\nremote 10.0.0.1:7700\n", 31));
    assert_false(recognises_file(folder, "automatic\n", 10));
    assert_false(recognises_file(folder, "# nothing else", 14));
    assert_false(recognises_file(folder, "", 0));
    /* A database as such, and one in a single file. */
    snprintf(name, sizeof name, "%s/db", folder);
    assert_int_equal(rx_database_open_writable(name, RX_CREATE, 0, 0, &database, &failure), RX_OK);
    assert_true(rf_xapian_recognises(name));
    snprintf(name, sizeof name, "%s/one", folder);
    assert_int_equal(rx_database_compact(database, name, RX_COMPACT_SINGLE_FILE, 0, &failure), RX_OK);
    assert_true(rf_xapian_recognises(name));
    rx_database_free(database);
    scratch_remove(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_terms),
        cmocka_unit_test(test_ids),
        cmocka_unit_test(test_slots_and_values),
        cmocka_unit_test(test_records),
        cmocka_unit_test(test_record_as_documented),
        cmocka_unit_test(test_damaged_records),
        cmocka_unit_test(test_settings),
        cmocka_unit_test(test_fields),
        cmocka_unit_test(test_statuses),
        cmocka_unit_test(test_shards),
        cmocka_unit_test(test_recognises),
    };
    return cmocka_run_group_tests_name("xapian_engine_format", tests, NULL, NULL);
}
