/*
 * One supervisor for a data_dir: an flock on one open file. It holds as long as any process has that open
 * file, and the system lets go of it with the last of them, so that a stale one cannot be in the way.
 */
#ifndef SIDECARD_PLATFORM_LOCK_H
#define SIDECARD_PLATFORM_LOCK_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/error.h"

/* The descriptor (close-on-exec) that holds the lock; or ERROR_REFUSED, with the holder's pid in *holder
 * where the file tells it (else 0); or ERROR_SYSTEM. */
int lock_take(const char *path, pid_t *holder, struct error *error);

/* Whether path still names the file that is locked, and no other or none. */
bool lock_is_in_place(int fd, const char *path);

/* Lets go. The file stays: removing it would let two supervisors lock two files of one name. */
void lock_release(int fd);

#endif
