#include "lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static pid_t read_holder(int fd)
{
    char text[32] = {0};
    if (pread(fd, text, sizeof(text) - 1, 0) <= 0)
        return 0;
    return (pid_t)strtol(text, NULL, 10);
}

/* For people: on a full disk the lock holds without it. */
static void note_holder(int fd)
{
    char text[32];
    int length = snprintf(text, sizeof(text), "%ld\n", (long)getpid());
    if (ftruncate(fd, 0) != 0 || pwrite(fd, text, (size_t)length, 0) != length)
        (void)ftruncate(fd, 0);
}

int lock_take(const char *path, pid_t *holder, struct error *error)
{
    *holder = 0;
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return error_set_errno(error, ERROR_SYSTEM, errno, "cannot open the lock %s", path);
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        int failed = errno;
        *holder = read_holder(fd);
        close(fd);
        if (failed != EWOULDBLOCK)
            return error_set_errno(error, ERROR_SYSTEM, failed, "cannot lock %s", path);
        return error_set(error, ERROR_REFUSED, "%s is locked", path);
    }
    if (fchmod(fd, 0600) != 0) { /* the umask may have taken our own right away */
        int failed = errno;
        close(fd);
        return error_set_errno(error, ERROR_SYSTEM, failed, "cannot write the lock %s", path);
    }
    note_holder(fd);
    return fd;
}

bool lock_is_in_place(int fd, const char *path)
{
    struct stat ours, there;
    return fstat(fd, &ours) == 0 && stat(path, &there) == 0 && ours.st_dev == there.st_dev &&
           ours.st_ino == there.st_ino;
}

void lock_release(int fd)
{
    if (fd >= 0)
        close(fd);
}
