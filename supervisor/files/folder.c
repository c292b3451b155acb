#include "folder.h"

#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include "base/memory.h"

#define PRIVATE_MODE 0700

static int change_mode(const char *path)
{
    uv_fs_t request;
    int code = uv_fs_chmod(NULL, &request, path, PRIVATE_MODE, NULL);
    uv_fs_req_cleanup(&request);
    return code;
}

static int make_one(const char *path)
{
    uv_fs_t request;
    int code = uv_fs_mkdir(NULL, &request, path, PRIVATE_MODE, NULL);
    uv_fs_req_cleanup(&request);
    return code == 0 ? change_mode(path) : code;
}

static int check_is_folder(const char *path)
{
    uv_fs_t request;
    int code = uv_fs_stat(NULL, &request, path, NULL);
    if (code == 0 && (request.statbuf.st_mode & S_IFMT) != S_IFDIR)
        code = UV_ENOTDIR;
    uv_fs_req_cleanup(&request);
    return code;
}

int folder_make(const char *path, bool keep_private)
{
    int code = make_one(path);
    if (code == UV_ENOENT) {
        char *above = folder_of(path);
        code = strcmp(above, path) == 0 ? UV_ENOENT : folder_make(above, false);
        free(above);
        if (code == 0)
            code = make_one(path);
    }
    if (code == 0)
        return 0;
    /* Whatever mkdir says of one that is there (EEXIST, EROFS, EACCES above it), what counts is that it is.
     */
    int there = check_is_folder(path);
    if (there < 0)
        return there == UV_ENOENT ? code : there;
    if (keep_private)
        change_mode(path); /* where it is not ours to change, it is still there to be used */
    return 0;
}

int folder_sync(const char *path)
{
    uv_fs_t request;
    uv_fs_open(NULL, &request, path, UV_FS_O_RDONLY | UV_FS_O_DIRECTORY, 0, NULL);
    int fd = (int)request.result;
    uv_fs_req_cleanup(&request);
    if (fd < 0)
        return fd;
    int code = uv_fs_fsync(NULL, &request, fd, NULL);
    uv_fs_req_cleanup(&request);
    uv_fs_close(NULL, &request, fd, NULL);
    uv_fs_req_cleanup(&request);
    return code == UV_EINVAL ? 0 : code; /* a file system that does not know it for folders */
}

char *folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    if (!slash)
        return memory_copy_text(".");
    return slash == path ? memory_copy_text("/") : memory_copy_bytes(path, (size_t)(slash - path));
}
