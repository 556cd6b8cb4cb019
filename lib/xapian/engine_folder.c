/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of indexes, and the folder of one; engine_folder.h. */
#include "xapian/engine_folder.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

static const char stub_name[] = "XAPIANDB", new_stub_name[] = "XAPIANDB.new", lock_name[] = "lock";
static const char version_name[] = "iamglass", postlist_name[] = "postlist.glass"; /* a database has these files, and others */

/* ---- Is it ours? ---- */

/* The first bytes of a file, as a string; false: there is no regular file of that name. */
static bool read_start(int folder, const char *path, char *start, size_t room)
{
    struct stat about;
    int descriptor = openat(folder, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    ssize_t n =
        descriptor >= 0 && fstat(descriptor, &about) == 0 && S_ISREG(about.st_mode) ? read(descriptor, start, room - 1) : -1;
    if (descriptor >= 0)
        close(descriptor);
    start[n > 0 ? n : 0] = '\0';
    return n >= 0;
}

/* Does a file that starts so hold a whole database, or is it a stub: lines of a type and its arguments? */
static bool is_database_file(const char *start)
{
    static const char *const types[] = {"auto ", "glass ", "chert ", "remote ", "inmemory"};
    if (strncmp(start, "\x0f\x0dXapian Glass", 14) == 0)
        return true;
    while (*start == '#' || *start == '\n') {
        start = strchr(start, '\n');
        if (!start)
            return false;
        start++;
    }
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (strncmp(start, types[i], strlen(types[i])) == 0)
            return true;
    return false;
}

static bool has_file(const char *folder, const char *name)
{
    char path[PATH_MAX];
    struct stat about;
    return snprintf(path, sizeof path, "%s/%s", folder, name) < (int)sizeof path && stat(path, &about) == 0 &&
           S_ISREG(about.st_mode);
}

static bool is_database(const char *path, const struct stat *about)
{
    char start[2048];
    if (S_ISDIR(about->st_mode))
        return has_file(path, stub_name) || has_file(path, version_name);
    return S_ISREG(about->st_mode) && read_start(AT_FDCWD, path, start, sizeof start) && is_database_file(start);
}

/* "host:7700", "[::1]:7700": where the host's part ends, and where it starts; the port. false: it is neither. */
static bool parse_server(const char *part, size_t n, struct rf_bytes *host, unsigned *port)
{
    const char *colon = memrchr(part, ':', n);
    if (!colon)
        return false;
    *host = (struct rf_bytes){part, (size_t)(colon - part)};
    size_t digits = n - host->length - 1;
    *port = 0;
    for (size_t i = 0; i < digits && i < 6; i++) {
        if (!isdigit((unsigned char)colon[1 + i]))
            return false;
        *port = *port * 10 + (unsigned)(colon[1 + i] - '0');
    }
    if (!digits || digits > 5 || !*port || *port > 65535)
        return false;
    bool bracketed = host->length > 2 && part[0] == '[' && colon[-1] == ']';
    if (bracketed)
        *host = (struct rf_bytes){part + 1, host->length - 2};
    for (size_t i = 0; i < host->length; i++) {
        unsigned char c = (unsigned char)host->data[i];
        if (!isalnum(c) && !strchr(bracketed ? ".-_:%" : ".-_", c))
            return false;
    }
    return host->length > 0;
}

static size_t part_length(const char *p) { return strcspn(p, ","); }

bool rf_xapian_recognises(const char *name)
{
    struct stat about;
    struct rf_bytes host;
    unsigned port;
    if (stat(name, &about) == 0)
        return is_database(name, &about);
    for (const char *p = name;; p++) {
        char path[PATH_MAX];
        size_t n = part_length(p);
        if (parse_server(p, n, &host, &port))
            return true;
        if (n && n < sizeof path) {
            memcpy(path, p, n);
            path[n] = '\0';
            if (stat(path, &about) == 0 && is_database(path, &about))
                return true;
        }
        p += n;
        if (!*p)
            return false;
    }
}

/* ---- Shards ---- */

static bool exists(const char *path)
{
    struct stat about;
    return stat(path, &about) == 0;
}

riffle_status rf_xapian_shards_parse(struct rf_xapian_shards *shards, const char *name, const riffle_allocator *allocator,
                                     riffle_error *error)
{
    size_t n = strlen(name), count = 1;
    bool whole = exists(name);
    for (size_t i = 0; !whole && i < n; i++)
        count += name[i] == ',';
    /* Each part with a NUL behind it, and once more, for a host without its port. */
    *shards = (struct rf_xapian_shards){.allocator = allocator, .bytes = rf_alloc(allocator, 2 * (n + 1))};
    shards->list = rf_alloc_zero(allocator, count * sizeof *shards->list);
    if (!shards->list || !shards->bytes) {
        rf_xapian_shards_release(shards);
        return rf_fail_memory(error);
    }
    memcpy(shards->bytes, name, n + 1);
    char *part = shards->bytes, *hosts = shards->bytes + n + 1;
    for (; shards->count < count; shards->count++) {
        struct rf_xapian_shard *shard = &shards->list[shards->count];
        struct rf_bytes host;
        size_t length = whole ? n : part_length(part);
        part[length] = '\0';
        if (!length) {
            rf_xapian_shards_release(shards);
            return rf_fail(error, RIFFLE_INVALID, "the list of shards \"%s\" has an empty part", name);
        }
        shard->name = part;
        if (!exists(part) && parse_server(part, length, &host, &shard->port)) {
            memcpy(hosts, host.data, host.length);
            hosts[host.length] = '\0';
            shard->host = hosts;
            hosts += host.length + 1;
        }
        part += length + 1;
    }
    return RIFFLE_OK;
}

void rf_xapian_shards_release(struct rf_xapian_shards *shards)
{
    if (shards->allocator) {
        rf_free(shards->allocator, shards->list);
        rf_free(shards->allocator, shards->bytes);
    }
    *shards = (struct rf_xapian_shards){0};
}

/* ---- Names in the folder ---- */

/* The number of "db-3"; 0: no name of ours. */
static uint64_t parse_number(const char *name)
{
    uint64_t number = 0;
    if (strncmp(name, "db-", 3) != 0 || name[3] == '0')
        return 0;
    for (const char *p = name + 3; *p; p++) {
        if (!isdigit((unsigned char)*p) || number > UINT32_MAX)
            return 0;
        number = number * 10 + (uint64_t)(*p - '0');
    }
    return number;
}

/* The number in the text of a stub; 0: it is none of ours. */
static uint64_t parse_stub(const char *text, size_t n)
{
    char name[64];
    if (n < 6 || n >= sizeof name || memcmp(text, "auto ", 5) != 0 || text[n - 1] != '\n')
        return 0;
    memcpy(name, text + 5, n - 6);
    name[n - 6] = '\0';
    return parse_number(name);
}

static uint64_t stub_number(int folder, const char *path)
{
    char text[64];
    return read_start(folder, path, text, sizeof text) ? parse_stub(text, strlen(text)) : 0;
}

uint64_t rf_xapian_current(const char *folder)
{
    char path[PATH_MAX];
    return snprintf(path, sizeof path, "%s/%s", folder, stub_name) < (int)sizeof path ? stub_number(AT_FDCWD, path) : 0;
}

char *rf_xapian_database_path(const riffle_allocator *allocator, const char *folder, uint64_t number)
{
    char name[32];
    snprintf(name, sizeof name, "db-%" PRIu64, number);
    return rf_join_path(allocator, folder, name);
}

/* ---- For the writer ---- */

/* A link of our name is not ours. */
static bool is_kind(int folder, const char *name, mode_t kind)
{
    struct stat about;
    return fstatat(folder, name, &about, AT_SYMLINK_NOFOLLOW) == 0 && (about.st_mode & S_IFMT) == kind;
}

/* What libxapian makes in the folder of a database. */
static bool is_database_name(const char *name)
{
    static const char *const names[] = {version_name, "flintlock", "v.tmp"};
    const char *suffix = strrchr(name, '.');
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return (suffix && strcmp(suffix, ".glass") == 0) || (strncmp(name, "changes", 7) == 0 && isdigit((unsigned char)name[7]));
}

/* Is there something in the folder that is no part of a database? */
static bool is_foreign_database(int parent, const char *name)
{
    int descriptor = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *folder = descriptor >= 0 ? fdopendir(descriptor) : NULL;
    bool foreign = !folder;
    for (struct dirent *entry; !foreign && (entry = readdir(folder)) != NULL;)
        foreign = !rf_is_dots(entry->d_name) && !is_database_name(entry->d_name);
    if (folder)
        closedir(folder);
    else if (descriptor >= 0)
        close(descriptor);
    return foreign;
}

riffle_status rf_xapian_folder_claim(const char *path, bool *made, riffle_error *error)
{
    DIR *folder;
    riffle_status status = rf_make_folder(path, made, &folder, error);
    if (status || *made)
        return status;
    char foreign[256] = "", database[256] = "";
    bool marked = false;
    for (struct dirent *entry; !foreign[0] && (entry = readdir(folder)) != NULL;) {
        const char *name = entry->d_name;
        bool file = is_kind(dirfd(folder), name, S_IFREG);
        if (file && (strcmp(name, lock_name) == 0 || (strcmp(name, stub_name) == 0 && stub_number(dirfd(folder), name))))
            marked = true;
        else if (parse_number(name) && is_kind(dirfd(folder), name, S_IFDIR) && !is_foreign_database(dirfd(folder), name))
            snprintf(database, sizeof database, "%s", name);
        else if (!rf_is_dots(name) && !(file && strcmp(name, new_stub_name) == 0))
            snprintf(foreign, sizeof foreign, "%s", name);
    }
    closedir(folder);
    if (!marked && !foreign[0]) /* a writer makes the lock before any database: these happen to be named as ours are */
        memcpy(foreign, database, sizeof foreign);
    if (foreign[0])
        return rf_fail(error, RIFFLE_NOT_EMPTY, "%s is neither empty nor an index of riffle-index: it holds %s", path, foreign);
    return RIFFLE_OK;
}

riffle_status rf_xapian_next_number(const char *path, uint64_t *number, riffle_error *error)
{
    DIR *folder = opendir(path);
    if (!folder)
        return rf_fail_errno(error, "cannot open folder", path);
    *number = rf_xapian_current(path) + 1;
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;)
        if (parse_number(entry->d_name) >= *number)
            *number = parse_number(entry->d_name) + 1;
    closedir(folder);
    return RIFFLE_OK;
}

riffle_status rf_xapian_read_stub(const char *folder, uint64_t *number, riffle_error *error)
{
    char path[PATH_MAX];
    struct rf_map map = {0};
    bool found = false;
    *number = 0;
    if (snprintf(path, sizeof path, "%s/%s", folder, stub_name) >= (int)sizeof path)
        return rf_fail(error, RIFFLE_INVALID, "the path of the index is too long");
    riffle_status status = rf_map_open(&map, path, &found, error);
    if (!status && found) {
        *number = parse_stub((const char *)map.data, map.size);
        if (!*number)
            status = rf_fail(error, RIFFLE_CORRUPT, "%s is not as riffle-index writes it", path);
    }
    rf_map_close(&map);
    return status;
}

riffle_status rf_xapian_database_fsync(const char *folder, uint64_t number, const riffle_allocator *allocator, riffle_error *error)
{
    char *path = rf_xapian_database_path(allocator, folder, number);
    riffle_status status = path ? rf_fsync_folder(path, error) : rf_fail_memory(error);
    rf_free(allocator, path);
    return status ? status : rf_fsync_folder(folder, error);
}

static riffle_status write_stub(const char *path, uint64_t number, const riffle_allocator *allocator, riffle_error *error)
{
    char line[64];
    struct rf_output output;
    riffle_status status = rf_output_open(&output, path, allocator, error);
    if (status)
        return status;
    rf_output_append(&output, line, (size_t)snprintf(line, sizeof line, "auto db-%" PRIu64 "\n", number));
    status = rf_output_finish(&output, error);
    rf_output_release(&output, status != RIFFLE_OK);
    return status;
}

riffle_status rf_xapian_publish(const char *folder, uint64_t number, const riffle_allocator *allocator, riffle_error *error)
{
    char *aside = rf_join_path(allocator, folder, new_stub_name), *path = rf_join_path(allocator, folder, stub_name);
    riffle_status status = aside && path ? rf_xapian_database_fsync(folder, number, allocator, error) : rf_fail_memory(error);
    if (!status)
        status = write_stub(aside, number, allocator, error);
    if (!status)
        status = rf_rename(aside, path, error);
    if (!status)
        status = rf_fsync_folder(folder, error);
    rf_free(allocator, aside);
    rf_free(allocator, path);
    return status;
}

/* A database: a folder of files. */
static void remove_database(const char *path)
{
    char file[PATH_MAX]; /* no allocation: a writer that has run out of memory cleans up, too */
    DIR *folder = opendir(path);
    if (!folder)
        return;
    if (snprintf(file, sizeof file, "%s/%s", path, postlist_name) < (int)sizeof file)
        rf_unlink(file);
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;)
        if (is_database_name(entry->d_name) && snprintf(file, sizeof file, "%s/%s", path, entry->d_name) < (int)sizeof file)
            rf_unlink(file);
    closedir(folder);
    rmdir(path);
}

void rf_xapian_folder_clean(const char *path, uint64_t number)
{
    char file[PATH_MAX];
    DIR *folder = opendir(path);
    if (!folder)
        return;
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        const char *name = entry->d_name;
        uint64_t found = parse_number(name);
        bool stub = strcmp(name, new_stub_name) == 0;
        if ((!stub && (!found || found == number)) || snprintf(file, sizeof file, "%s/%s", path, name) >= (int)sizeof file)
            continue;
        if (stub)
            rf_unlink(file);
        else if (is_kind(dirfd(folder), name, S_IFDIR))
            remove_database(file);
    }
    closedir(folder);
}
