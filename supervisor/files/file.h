/*
 * Files that are ours alone: mode 0600 whatever the umask, regular files and nothing else (a FIFO in a file's
 * place must not stop the program).
 *
 * Everything here is synchronous and may be called from any thread; what can take long (a sync, a whole file)
 * belongs on the loop's pool. Functions return 0 or a negative libuv code, for which uv_strerror has the
 * text.
 */
#ifndef SIDECARD_FILES_FILE_H
#define SIDECARD_FILES_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct text;

/* Opens for appending (and reading), creating it; *size is what it holds already. *fd is -1 on error.
 * UV_EINVAL: not a regular file. */
int file_open_append(const char *path, int *fd, int64_t *size);

/* UV_EINVAL: not a regular file. */
int file_open_read(const char *path, int *fd, int64_t *size);

/* Takes -1. */
void file_close(int fd);

/* Writes until all is written or an error comes; *written is how much was, also then. */
int file_write_all(int fd, const char *data, size_t length, size_t *written);

/* Reads up to length bytes from offset; *got is less only at the end of the file. */
int file_read_at(int fd, int64_t offset, char *data, size_t length, size_t *got);

int file_truncate(int fd, int64_t size);

/* fdatasync. An error is final for this descriptor: a second try may succeed and have lost the data. */
int file_sync(int fd);

/* The same for the file at path, which is not created. */
int file_sync_at(const char *path);

/* Whether path still names the file that is open as fd: false once it was removed or replaced. */
bool file_is_at(int fd, const char *path);

/*
 * Replaces path as a whole: written aside (path + ".new"), then renamed, so that a reader sees the old or the
 * new one. durable: it is on the disk, name and all, when this returns.
 */
int file_replace(const char *path, const char *data, size_t length, bool durable);

/* Appends all of it to text. UV_EFBIG: it holds more than max_bytes, and nothing was read. */
int file_read_whole(const char *path, size_t max_bytes, struct text *text);

/*
 * Renames what is at path, be it a file or not, to path + ".damaged-1"; older ones move up, and the one past
 * FILE_KEPT_ASIDE is removed. *aside (owned by the caller) is the new name; NULL on error.
 */
#define FILE_KEPT_ASIDE 3
int file_set_aside(const char *path, char **aside);

#endif
