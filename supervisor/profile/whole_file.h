#ifndef SIDECARD_PROFILE_WHOLE_FILE_H
#define SIDECARD_PROFILE_WHOLE_FILE_H

#include <stddef.h>

/* Reads a file of at most `most` bytes; *data is NUL-terminated and owned by the caller. NULL, or what is
 * wrong with it and what was expected, owned by the caller. */
char *whole_file_read(const char *path, size_t most, char **data, size_t *length);

#endif
