#include "file.h"

#include <stdlib.h>
#include <uv.h>

#include "base/text.h"
#include "folder.h"

#define PRIVATE_MODE  0600
#define LARGEST_WRITE (1U << 30) /* Linux writes a little less than 2 GiB at once */

/* Ends a synchronous request: what it returned. */
static int64_t result_of(uv_fs_t *request)
{
    int64_t result = request->result;
    uv_fs_req_cleanup(request);
    return result;
}

static int open_regular(const char *path, int flags, int *fd, int64_t *size)
{
    uv_fs_t request;
    *fd = -1;
    *size = 0;
    /* Without O_NONBLOCK, opening a FIFO waits for its other end. */
    uv_fs_open(NULL, &request, path, flags | UV_FS_O_NONBLOCK, PRIVATE_MODE, NULL);
    int64_t opened = result_of(&request);
    if (opened < 0)
        return (int)opened;
    int code = uv_fs_fstat(NULL, &request, (uv_file)opened, NULL);
    bool regular = code == 0 && (request.statbuf.st_mode & S_IFMT) == S_IFREG;
    *size = (int64_t)request.statbuf.st_size;
    uv_fs_req_cleanup(&request);
    if (!regular) {
        file_close((int)opened);
        return code ? code : UV_EINVAL;
    }
    *fd = (int)opened;
    return 0;
}

int file_open_append(const char *path, int *fd, int64_t *size)
{
    int code = open_regular(path, UV_FS_O_RDWR | UV_FS_O_CREAT | UV_FS_O_APPEND, fd, size);
    if (code < 0)
        return code;
    uv_fs_t request;
    uv_fs_fchmod(NULL, &request, *fd, PRIVATE_MODE, NULL);
    uv_fs_req_cleanup(&request); /* not ours, but writable for us: its owner decides */
    return 0;
}

int file_open_read(const char *path, int *fd, int64_t *size)
{
    return open_regular(path, UV_FS_O_RDONLY, fd, size);
}

void file_close(int fd)
{
    if (fd < 0)
        return;
    uv_fs_t request;
    uv_fs_close(NULL, &request, fd, NULL);
    uv_fs_req_cleanup(&request);
}

int file_write_all(int fd, const char *data, size_t length, size_t *written)
{
    *written = 0;
    while (*written < length) {
        size_t rest = length - *written;
        unsigned int piece = rest > LARGEST_WRITE ? LARGEST_WRITE : (unsigned int)rest;
        uv_buf_t buffer = uv_buf_init((char *)(uintptr_t)(data + *written), piece);
        uv_fs_t request;
        uv_fs_write(NULL, &request, fd, &buffer, 1, -1, NULL);
        int64_t result = result_of(&request);
        if (result < 0)
            return (int)result;
        if (result == 0)
            return UV_EIO;
        *written += (size_t)result;
    }
    return 0;
}

int file_read_at(int fd, int64_t offset, char *data, size_t length, size_t *got)
{
    *got = 0;
    while (*got < length) {
        size_t rest = length - *got;
        unsigned int piece = rest > LARGEST_WRITE ? LARGEST_WRITE : (unsigned int)rest;
        uv_buf_t buffer = uv_buf_init(data + *got, piece);
        uv_fs_t request;
        uv_fs_read(NULL, &request, fd, &buffer, 1, offset + (int64_t)*got, NULL);
        int64_t result = result_of(&request);
        if (result == UV_EINTR)
            continue;
        if (result < 0)
            return (int)result;
        if (result == 0)
            break;
        *got += (size_t)result;
    }
    return 0;
}

int file_truncate(int fd, int64_t size)
{
    uv_fs_t request;
    uv_fs_ftruncate(NULL, &request, fd, size, NULL);
    return (int)result_of(&request);
}

int file_sync(int fd)
{
    uv_fs_t request;
    uv_fs_fdatasync(NULL, &request, fd, NULL);
    return (int)result_of(&request);
}

int file_sync_at(const char *path)
{
    int fd;
    int64_t size;
    int code = open_regular(path, UV_FS_O_RDWR, &fd, &size);
    if (code < 0)
        return code;
    code = file_sync(fd);
    file_close(fd);
    return code;
}

bool file_is_at(int fd, const char *path)
{
    uv_fs_t open_one;
    uv_fs_t named_one;
    bool same = uv_fs_fstat(NULL, &open_one, fd, NULL) == 0 &&
                uv_fs_stat(NULL, &named_one, path, NULL) == 0 &&
                open_one.statbuf.st_ino == named_one.statbuf.st_ino &&
                open_one.statbuf.st_dev == named_one.statbuf.st_dev;
    return same;
}

static int write_aside(const char *aside, const char *data, size_t length, bool durable)
{
    int fd;
    int64_t size;
    uv_fs_t request;
    uv_fs_unlink(NULL, &request, aside, NULL); /* what an earlier end left behind */
    uv_fs_req_cleanup(&request);
    int code = file_open_append(aside, &fd, &size);
    if (code < 0)
        return code;
    size_t written;
    code = file_write_all(fd, data, length, &written);
    if (code == 0 && durable)
        code = file_sync(fd);
    file_close(fd);
    return code;
}

int file_replace(const char *path, const char *data, size_t length, bool durable)
{
    char *aside = text_format("%s.new", path);
    uv_fs_t request;
    int code = write_aside(aside, data, length, durable);
    if (code == 0) {
        uv_fs_rename(NULL, &request, aside, path, NULL);
        code = (int)result_of(&request);
    }
    if (code == 0 && durable) {
        char *folder = folder_of(path);
        code = folder_sync(folder);
        free(folder);
    } else if (code < 0) {
        uv_fs_unlink(NULL, &request, aside, NULL);
        uv_fs_req_cleanup(&request);
    }
    free(aside);
    return code;
}

int file_read_whole(const char *path, size_t max_bytes, struct text *text)
{
    int fd;
    int64_t size;
    int code = file_open_read(path, &fd, &size);
    if (code < 0)
        return code;
    if (size < 0 || (uint64_t)size > max_bytes) {
        file_close(fd);
        return UV_EFBIG;
    }
    char *data = malloc((size_t)size + 1);
    size_t got = 0;
    code = data ? file_read_at(fd, 0, data, (size_t)size, &got) : UV_ENOMEM;
    if (code == 0)
        text_append_bytes(text, data, got);
    free(data);
    file_close(fd);
    return code;
}

int file_set_aside(const char *path, char **aside)
{
    *aside = NULL;
    uv_fs_t request;
    for (int number = FILE_KEPT_ASIDE; number >= 1; number--) {
        char *from = number > 1 ? text_format("%s.damaged-%d", path, number - 1) : text_format("%s", path);
        char *to = text_format("%s.damaged-%d", path, number);
        uv_fs_rename(NULL, &request, from, to, NULL);
        int code = (int)result_of(&request);
        free(from);
        if (number == 1 && code == 0)
            *aside = to;
        else
            free(to);
        if (number == 1)
            return code;
    }
    return 0;
}
