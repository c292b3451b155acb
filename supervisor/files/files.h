/*
 * What the rest of the program asks of files and folders, in its own terms: questions about paths, and whole
 * documents with an error that a user can read. See file.h and folder.h for what these are made of. All of it
 * is synchronous.
 */
#ifndef SIDECARD_FILES_FILES_H
#define SIDECARD_FILES_FILES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

bool files_is_file(const char *path);
bool files_is_folder(const char *path);

/* A regular file that this user may execute. */
bool files_is_executable(const char *path);

/* Makes the folder and what is missing above it, for this user alone; one that is there is left as it is. */
int files_make_folders(const char *path, struct error *error);

/* Whether a file can be made in the folder: makes one and removes it. */
int files_check_writable(const char *folder, struct error *error);

/* Puts a document in place as a whole, for this user alone: written aside, synced, renamed. */
int files_write_whole(const char *path, const char *data, size_t length, struct error *error);

/* Reads a file of at most limit bytes; *data is NUL-terminated and the caller's. */
int files_read_whole(const char *path, size_t limit, char **data, size_t *length, struct error *error);

/* The program that a name without a slash means by this PATH, owned by the caller; NULL where there is none.
 */
char *files_search_path(const char *name, const char *path_variable);

#endif
