#include "log_file.h"

#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include "base/memory.h"
#include "base/text.h"
#include "files/file.h"
#include "files/folder.h"

#define CHECK_NS                                                                                             \
    UINT64_C(1000000000) /* between looks at the name, and between attempts while there is trouble */

char *log_file_path(const char *folder, const char *name, int number)
{
    return number > 0 ? text_format("%s/%s.log.%d", folder, name, number)
                      : text_format("%s/%s.log", folder, name);
}

void log_file_init(struct log_file *file, const char *folder, const char *name, int64_t max_bytes,
                   int max_files)
{
    *file = (struct log_file){
        .folder = memory_copy_text(folder),
        .path = log_file_path(folder, name, 0),
        .max_bytes = max_bytes > 0 ? max_bytes : 1,
        .max_files = max_files > 0 ? max_files : 1,
        .fd = -1,
    };
}

void log_file_finish(struct log_file *file)
{
    file_close(file->fd);
    free(file->folder);
    free(file->path);
    free(file->trouble);
    *file = (struct log_file){.fd = -1};
}

static void set_trouble(struct log_file *file, int code)
{
    free(file->trouble);
    file->trouble = code < 0 ? text_format("%s cannot be written: %s", file->path, uv_strerror(code)) : NULL;
}

static void close_file(struct log_file *file)
{
    file_close(file->fd);
    file->fd = -1;
}

static int open_file(struct log_file *file)
{
    int code = file_open_append(file->path, &file->fd, &file->size);
    if (code == UV_ENOENT) {
        code = folder_make(file->folder, true);
        if (code == 0)
            code = file_open_append(file->path, &file->fd, &file->size);
    }
    if (code < 0)
        return code;
    char last = '\n';
    size_t got = 0;
    if (file->size > 0)
        file_read_at(file->fd, file->size - 1, &last, 1, &got);
    file->inside_line = got > 0 && last != '\n';
    file->full_at = file->max_bytes;
    return 0;
}

static void reopen(struct log_file *file)
{
    if (file->fd >= 0 && !file_is_at(file->fd, file->path))
        close_file(file);
    if (file->fd < 0)
        set_trouble(file, open_file(file));
}

/* Whether it may be written now: while there is trouble, that is once a second. */
static bool is_open(struct log_file *file)
{
    uint64_t now = uv_hrtime();
    if (file->trouble && now < file->next_attempt)
        return false;
    if (file->fd < 0 || now >= file->next_check)
        reopen(file);
    file->next_check = now + CHECK_NS;
    file->next_attempt = now + CHECK_NS;
    return file->fd >= 0;
}

static char *old_path(const struct log_file *file, int number)
{
    return number > 0 ? text_format("%s.%d", file->path, number) : memory_copy_text(file->path);
}

static int move_file(const struct log_file *file, int number)
{
    uv_fs_t request;
    char *from = old_path(file, number);
    char *to = old_path(file, number + 1);
    int code = uv_fs_rename(NULL, &request, from, to, NULL);
    uv_fs_req_cleanup(&request);
    free(from);
    free(to);
    return code;
}

static int remove_file(const struct log_file *file, int number)
{
    uv_fs_t request;
    char *path = old_path(file, number);
    int code = uv_fs_unlink(NULL, &request, path, NULL);
    uv_fs_req_cleanup(&request);
    free(path);
    return code;
}

static int rotate(struct log_file *file)
{
    /* Those too that an earlier run with more files has left. */
    for (int number = file->max_files > 1 ? file->max_files - 1 : 1; remove_file(file, number) == 0; number++)
        continue;
    for (int number = file->max_files - 2; number > 0; number--)
        move_file(file, number);
    int code = file->max_files > 1 ? move_file(file, 0) : remove_file(file, 0);
    if (code < 0) {
        file->full_at = file->size + file->max_bytes; /* it stays, rather than that lines were lost */
        return 0;
    }
    close_file(file);
    return open_file(file);
}

/* How much of data still belongs into this file: whole lines, as long as there is one that fits. */
static size_t fitting(const struct log_file *file, const char *data, size_t length)
{
    int64_t room = file->full_at - file->size;
    if (room <= 0)
        return 0;
    if ((uint64_t)room >= length)
        return length;
    for (size_t at = (size_t)room; at > 0; at--) {
        if (data[at - 1] == '\n')
            return at;
    }
    return file->size > 0 ? 0 : (size_t)room;
}

static int write_rotating(struct log_file *file, const char *data, size_t length, size_t *done)
{
    *done = 0;
    while (*done < length) {
        size_t piece = fitting(file, data + *done, length - *done);
        size_t written = 0;
        int code = piece == 0 ? rotate(file) : file_write_all(file->fd, data + *done, piece, &written);
        if (written > 0) {
            file->size += (int64_t)written;
            *done += written;
            file->inside_line = data[*done - 1] != '\n';
        }
        if (code < 0)
            return code;
    }
    return 0;
}

static void end_line(struct log_file *file)
{
    size_t written;
    if (file->fd < 0 || !file->inside_line || file_write_all(file->fd, "\n", 1, &written) < 0)
        return;
    file->size++;
    file->inside_line = false;
}

void log_file_write(struct log_file *file, const char *data, size_t length)
{
    if (length == 0)
        return;
    size_t done = 0;
    bool resuming = file->trouble;
    if (is_open(file)) {
        if (resuming)
            end_line(file); /* the rest of it is missing */
        set_trouble(file, write_rotating(file, data, length, &done));
    }
    file->bytes_lost += length - done;
}

void log_file_begin_line(struct log_file *file)
{
    if (file->fd < 0 && !file->trouble)
        set_trouble(file, open_file(file));
    end_line(file);
}

void log_file_check(struct log_file *file)
{
    reopen(file);
}
