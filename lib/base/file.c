/* SPDX-License-Identifier: BSD-3-Clause */
/* Files by POSIX calls; see file.h. */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

int (*rf_file_fault)(const char *call, const char *path);

/*
 * Files are written in pieces of so many bytes, which start at multiples of that: a file system that keeps each such piece in one large page (ext4
 * and XFS on Linux) lets whoever maps the file find it with one entry of the page table, not with 512.
 */
enum { OUTPUT_BUFFER = 1 << 21 };

/* true: the call is to fail, errno is set. */
static bool fault(const char *call, const char *path)
{
    int code = rf_file_fault ? rf_file_fault(call, path) : 0;
    if (code)
        errno = code;
    return code != 0;
}

riffle_status rf_output_open(struct rf_output *output, const char *path, const riffle_allocator *allocator, riffle_error *error)
{
    *output = (struct rf_output){.allocator = allocator, .descriptor = -1};
    size_t length = strlen(path);
    output->path = rf_alloc(allocator, length + 1);
    output->buffer = rf_alloc(allocator, OUTPUT_BUFFER);
    if (!output->path || !output->buffer) {
        rf_output_release(output, false);
        return rf_fail_memory(error);
    }
    memcpy(output->path, path, length + 1);
    /* A file of that name can only be a leftover of a writer that died: nothing that a manifest names is ever opened here. */
    if (!fault("open", path)) {
        output->descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666);
        if (output->descriptor < 0 && errno == EEXIST && unlink(path) == 0)
            output->descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666);
    }
    if (output->descriptor < 0) {
        riffle_status status = rf_fail_errno(error, "cannot create", path);
        rf_output_release(output, false);
        return status;
    }
    output->crc = (uint32_t)crc32(0, NULL, 0);
    return RIFFLE_OK;
}

static void output_write(struct rf_output *output, const uint8_t *bytes, size_t count)
{
    while (count && !output->error.status) {
        ssize_t written = fault("write", output->path) ? -1 : write(output->descriptor, bytes, count);
        if (written < 0) {
            if (errno == EINTR)
                continue;
            rf_fail_errno(&output->error, "cannot write", output->path);
            return;
        }
        bytes += written;
        count -= (size_t)written;
    }
}

void rf_output_append(struct rf_output *output, const void *bytes, size_t count)
{
    if (output->error.status || !count) /* crc32 of no bytes at NULL would start anew */
        return;
    output->crc = (uint32_t)crc32_z(output->crc, bytes, count);
    for (const uint8_t *next = bytes; count;) {
        size_t room = OUTPUT_BUFFER - output->size % OUTPUT_BUFFER, some = count < room ? count : room;
        memcpy(output->buffer + output->used, next, some);
        output->used += some;
        output->size += some;
        next += some;
        count -= some;
        if (some == room) {
            output_write(output, output->buffer, output->used);
            output->used = 0;
        }
    }
}

void rf_output_append_u32(struct rf_output *output, uint32_t value)
{
    uint8_t bytes[4];
    rf_store32(bytes, value);
    rf_output_append(output, bytes, sizeof bytes);
}

void rf_output_append_u64(struct rf_output *output, uint64_t value)
{
    uint8_t bytes[8];
    rf_store64(bytes, value);
    rf_output_append(output, bytes, sizeof bytes);
}

void rf_output_align(struct rf_output *output, size_t alignment)
{
    static const uint8_t zeros[64];
    size_t rest = output->size % alignment;
    if (rest)
        rf_output_append(output, zeros, alignment - rest);
}

void rf_output_restart_crc(struct rf_output *output) { output->crc = (uint32_t)crc32(0, NULL, 0); }

riffle_status rf_output_finish(struct rf_output *output, riffle_error *error)
{
    output_write(output, output->buffer, output->used);
    output->used = 0;
    if (!output->error.status && !output->temporary && (fault("fsync", output->path) || fsync(output->descriptor) < 0))
        rf_fail_errno(&output->error, "cannot make durable", output->path);
    if (close(output->descriptor) < 0 && !output->error.status)
        rf_fail_errno(&output->error, "cannot close", output->path);
    output->descriptor = -1;
    if (output->error.status && error)
        *error = output->error;
    return output->error.status;
}

void rf_output_release(struct rf_output *output, bool remove)
{
    if (output->descriptor >= 0)
        close(output->descriptor);
    if (remove && output->path)
        rf_unlink(output->path);
    rf_free(output->allocator, output->path);
    rf_free(output->allocator, output->buffer);
    *output = (struct rf_output){.descriptor = -1, .allocator = output->allocator};
}

riffle_status rf_map_open(struct rf_map *map, const char *path, bool *found, riffle_error *error)
{
    *map = (struct rf_map){0};
    if (found)
        *found = true;
    int descriptor = fault("open", path) ? -1 : open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (descriptor < 0) {
        if (found && errno == ENOENT) {
            *found = false;
            return RIFFLE_OK;
        }
        return rf_fail_errno(error, "cannot open", path);
    }
    struct stat facts;
    riffle_status status = RIFFLE_OK;
    if (fstat(descriptor, &facts) < 0)
        status = rf_fail_errno(error, "cannot read", path);
    else if (!S_ISREG(facts.st_mode))
        status = rf_fail(error, RIFFLE_IO, "cannot read %s: not a regular file", path);
    else if (facts.st_size > 0) {
        void *data = fault("mmap", path) ? MAP_FAILED : mmap(NULL, (size_t)facts.st_size, PROT_READ, MAP_SHARED, descriptor, 0);
        if (data == MAP_FAILED)
            status = rf_fail_errno(error, "cannot map", path);
        else
            *map = (struct rf_map){data, (size_t)facts.st_size};
    }
    close(descriptor);
    return status;
}

riffle_status rf_map_output(struct rf_map *map, struct rf_output *output, size_t padding, riffle_error *error)
{
    *map = (struct rf_map){0};
    output_write(output, output->buffer, output->used);
    output->used = 0;
    /* The file grows by zeros without moving the place where writing goes on; what comes next overwrites them. */
    if (!output->error.status &&
        (fault("ftruncate", output->path) || ftruncate(output->descriptor, (off_t)(output->size + padding)) < 0))
        rf_fail_errno(&output->error, "cannot write", output->path);
    if (output->error.status) {
        if (error)
            *error = output->error;
        return output->error.status;
    }
    return rf_map_open(map, output->path, NULL, error);
}

void rf_map_close(struct rf_map *map)
{
    if (map->data)
        munmap((void *)(uintptr_t)map->data, map->size);
    *map = (struct rf_map){0};
}

riffle_status rf_fsync_folder(const char *path, riffle_error *error)
{
    int descriptor = fault("open", path) ? -1 : open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0)
        return rf_fail_errno(error, "cannot open", path);
    riffle_status status = RIFFLE_OK;
    if (fault("fsync", path) || fsync(descriptor) < 0)
        status = rf_fail_errno(error, "cannot make durable", path);
    close(descriptor);
    return status;
}

riffle_status rf_fsync_parent(const char *path, riffle_error *error)
{
    char parent[PATH_MAX];
    size_t n = strlen(path);
    while (n > 1 && path[n - 1] == '/')
        n--;
    while (n > 0 && path[n - 1] != '/')
        n--;
    if (n >= sizeof parent)
        return rf_fail(error, RIFFLE_INVALID, "the path of the index is too long");
    memcpy(parent, n ? path : ".", n ? n : 1);
    parent[n ? n : 1] = '\0';
    return access(parent, R_OK) == 0 ? rf_fsync_folder(parent, error) : RIFFLE_OK;
}

riffle_status rf_make_folder(const char *path, bool *made, DIR **folder, riffle_error *error)
{
    *folder = NULL;
    *made = mkdir(path, 0777) == 0;
    if (*made)
        return RIFFLE_OK;
    if (errno != EEXIST)
        return rf_fail_errno(error, "cannot make folder", path);
    *folder = opendir(path);
    return *folder ? RIFFLE_OK : rf_fail_errno(error, "cannot open folder", path);
}

riffle_status rf_rename(const char *from, const char *to, riffle_error *error)
{
    if (fault("rename", from) || rename(from, to) < 0)
        return rf_fail_errno(error, "cannot rename", from);
    return RIFFLE_OK;
}

int rf_unlink(const char *path) { return fault("unlink", path) ? -1 : unlink(path); }

char *rf_join_path(const riffle_allocator *allocator, const char *folder, const char *name)
{
    size_t folder_length = strlen(folder), name_length = strlen(name);
    char *path = rf_alloc(allocator, folder_length + name_length + 2);
    if (path) {
        memcpy(path, folder, folder_length);
        path[folder_length] = '/';
        memcpy(path + folder_length + 1, name, name_length + 1);
    }
    return path;
}

/* Is the file behind the descriptor the one of that name? */
static bool is_file_at(int descriptor, const char *path)
{
    struct stat held, named;
    return fstat(descriptor, &held) == 0 && lstat(path, &named) == 0 && held.st_dev == named.st_dev && held.st_ino == named.st_ino;
}

static riffle_status try_lock(const char *path, int *descriptor, riffle_error *error)
{
    *descriptor = fault("open", path) ? -1 : open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
    if (*descriptor < 0)
        return rf_fail_errno(error, "cannot open", path);
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    if (!fault("lock", path) && fcntl(*descriptor, F_OFD_SETLK, &whole) == 0)
        return RIFFLE_OK;
    riffle_status status = errno == EAGAIN || errno == EACCES ? rf_fail(error, RIFFLE_LOCKED, "another writer holds %s", path)
                                                              : rf_fail_errno(error, "cannot lock", path);
    rf_unlock(*descriptor);
    *descriptor = -1;
    return status;
}

riffle_status rf_lock(const char *path, int *descriptor, riffle_error *error)
{
    /* A writer that made nothing of its new folder removes the lock again: A opens the file, B, which holds it, removes and closes it, A
     * gets the lock of a file without a name, and C one of a new file. So A looks again, and starts over. */
    riffle_status status;
    while (!(status = try_lock(path, descriptor, error)) && !is_file_at(*descriptor, path))
        rf_unlock(*descriptor);
    return status;
}

riffle_status rf_lock_check(const char *path, int descriptor, riffle_error *error)
{
    if (!is_file_at(descriptor, path))
        return rf_fail(error, RIFFLE_LOCKED, "%s was removed while it was held", path);
    return RIFFLE_OK;
}

void rf_unlock(int descriptor)
{
    if (descriptor >= 0)
        close(descriptor);
}
