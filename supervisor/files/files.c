#include "files.h"

#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include "base/text.h"
#include "file.h"
#include "folder.h"

static unsigned kind_of(const char *path)
{
    uv_fs_t request;
    int code = uv_fs_stat(NULL, &request, path, NULL);
    unsigned kind = code == 0 ? (unsigned)(request.statbuf.st_mode & S_IFMT) : 0;
    uv_fs_req_cleanup(&request);
    return kind;
}

bool files_is_file(const char *path)
{
    return kind_of(path) == S_IFREG;
}

bool files_is_folder(const char *path)
{
    return kind_of(path) == S_IFDIR;
}

bool files_is_executable(const char *path)
{
    uv_fs_t request;
    int code = uv_fs_access(NULL, &request, path, 1 /* X_OK */, NULL);
    uv_fs_req_cleanup(&request);
    return code == 0 && files_is_file(path);
}

static int tell(struct error *error, int code, const char *what, const char *path)
{
    return code < 0 ? error_set(error, ERROR_SYSTEM, "cannot %s %s: %s", what, path, uv_strerror(code)) : 0;
}

int files_make_folders(const char *path, struct error *error)
{
    return tell(error, folder_make(path, false), "make the folder", path);
}

int files_check_writable(const char *folder, struct error *error)
{
    char *path = text_format("%s/.write-check-%ld", folder, (long)uv_os_getpid());
    int fd;
    int64_t size;
    int code = file_open_append(path, &fd, &size);
    file_close(fd);
    uv_fs_t request;
    uv_fs_unlink(NULL, &request, path, NULL);
    uv_fs_req_cleanup(&request);
    free(path);
    return tell(error, code, "write in", folder);
}

int files_write_whole(const char *path, const char *data, size_t length, struct error *error)
{
    return tell(error, file_replace(path, data, length, true), "write", path);
}

int files_read_whole(const char *path, size_t limit, char **data, size_t *length, struct error *error)
{
    struct text text = {0};
    int code = file_read_whole(path, limit, &text);
    *data = NULL;
    *length = text.length;
    if (code < 0) {
        text_finish(&text);
        return tell(error, code, "read", path);
    }
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
