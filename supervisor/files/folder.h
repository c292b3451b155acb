/*
 * Folders that are ours alone: mode 0700 whatever the umask. Return values as in file.h.
 */
#ifndef SIDECARD_FILES_FOLDER_H
#define SIDECARD_FILES_FOLDER_H

#include <stdbool.h>

/* Makes it, and what is missing above it, each 0700. keep_private: one that was there is made 0700 as well;
 * leave it false for a folder that somebody else chose. UV_ENOTDIR: something that is no folder stands there.
 */
int folder_make(const char *path, bool keep_private);

/* Names in it that were made, renamed or removed are on the disk when this returns. */
int folder_sync(const char *path);

/* The folder that path is in, owned by the caller; "." where it names none. */
char *folder_of(const char *path);

#endif
