#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/text.h"

bool files_is_file(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISREG(info.st_mode);
}

bool files_is_folder(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

bool files_is_executable(const char *path)
{
    return files_is_file(path) && access(path, X_OK) == 0;
}

static int make_one(const char *path, unsigned mode, struct error *error)
{
    if (mkdir(path, (mode_t)mode) == 0) {
        if (chmod(path, (mode_t)mode) != 0)
            return error_set_errno(error, ERROR_SYSTEM, errno, "cannot set the mode of %s", path);
        return 0;
    }
    int failed = errno;
    if (files_is_folder(path))
        return 0;
    return error_set_errno(error, ERROR_SYSTEM, failed == EEXIST ? ENOTDIR : failed, "cannot make the folder %s", path);
}

int files_make_folders(const char *path, unsigned mode, struct error *error)
{
    char *partial = memory_copy_text(path);
    int result = 0;
    for (char *at = strchr(partial + 1, '/'); at && result == 0; at = strchr(at + 1, '/')) {
        *at = '\0';
        result = make_one(partial, mode, error);
        *at = '/';
    }
    if (result == 0)
        result = make_one(partial, mode, error);
    free(partial);
    return result;
}

int files_check_writable(const char *folder, struct error *error)
{
    char *path = text_format("%s/.write-check-%ld", folder, (long)getpid());
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    int result = 0;
    if (fd < 0)
        result = error_set_errno(error, ERROR_SYSTEM, errno, "cannot write in %s", folder);
    else
        close(fd);
    unlink(path);
    free(path);
    return result;
}

static int write_all(int fd, const char *data, size_t length)
{
    while (length > 0) {
        ssize_t written = write(fd, data, length);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return errno;
        data += written;
        length -= (size_t)written;
    }
    return 0;
}

int files_write_whole(const char *path, const char *data, size_t length, unsigned mode, struct error *error)
{
    char *aside = text_format("%s.%ld.new", path, (long)getpid());
    int failed = 0;
    int fd = open(aside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, (mode_t)mode);
    if (fd < 0) {
        failed = errno;
        goto done;
    }
    if (fchmod(fd, (mode_t)mode) != 0)
        failed = errno;
    if (!failed)
        failed = write_all(fd, data, length);
    if (!failed && fsync(fd) != 0)
        failed = errno;
    close(fd);
    if (!failed && rename(aside, path) != 0)
        failed = errno;
    if (failed)
        unlink(aside);
done:
    free(aside);
    return failed ? error_set_errno(error, ERROR_SYSTEM, failed, "cannot write %s", path) : 0;
}

int files_read_whole(const char *path, size_t limit, char **data, size_t *length, struct error *error)
{
    *data = NULL;
    *length = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0)
        return error_set_errno(error, ERROR_SYSTEM, errno, "cannot read %s", path);
    struct text text = {0};
    char chunk[16384];
    int result = 0;
    for (;;) {
        ssize_t got = read(fd, chunk, sizeof(chunk));
        if (got == 0)
            break;
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0) {
            result = error_set_errno(error, ERROR_SYSTEM, errno, "cannot read %s", path);
            break;
        }
        text_append_bytes(&text, chunk, (size_t)got);
        if (text.length > limit) {
            result = error_set(error, ERROR_INVALID, "%s is larger than %zu bytes", path, limit);
            break;
        }
    }
    close(fd);
    if (result != 0) {
        text_finish(&text);
        return result;
    }
    *length = text.length;
    *data = text_take(&text);
    return 0;
}

char *files_search_path(const char *name, const char *path_variable)
{
    const char *at = path_variable;
    while (at && *at) {
        const char *end = strchr(at, ':');
        size_t length = end ? (size_t)(end - at) : strlen(at);
        if (length > 0) {
            char *path = text_format("%.*s/%s", (int)length, at, name);
            if (files_is_executable(path))
                return path;
            free(path);
        }
        at = end ? end + 1 : NULL;
    }
    return NULL;
}
