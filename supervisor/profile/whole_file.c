#include "whole_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/text.h"

static char *fault_of(int errno_value)
{
    if (errno_value == EISDIR)
        return memory_copy_text("a folder, expected a file");
    return text_format("cannot be read: %s, expected a readable file", strerror(errno_value));
}

/* NULL where it is no regular file; *fault says why, also of what cannot be opened. */
static FILE *open_regular(const char *path, char **fault)
{
    struct stat status;
    /* Profiles are read while sidecars are supervised: without O_NONBLOCK, opening a FIFO waits for its other
     * end. */
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    FILE *file = NULL;
    if (fd < 0 || fstat(fd, &status) != 0)
        *fault = fault_of(errno);
    else if (S_ISDIR(status.st_mode))
        *fault = fault_of(EISDIR);
    else if (!S_ISREG(status.st_mode))
        *fault = memory_copy_text("a pipe or a device, expected a file");
    else if (!(file = fdopen(fd, "rb")))
        *fault = fault_of(errno);
    if (fd >= 0 && !file)
        close(fd);
    return file;
}

char *whole_file_read(const char *path, size_t most, char **data, size_t *length)
{
    char *fault = NULL;
    FILE *file = open_regular(path, &fault);
    if (!file)
        return fault;
    char *buffer = memory_new(most + 2, 1);
    errno = 0;
    *length = fread(buffer, 1, most + 1, file);
    if (ferror(file))
        fault = fault_of(errno);
    else if (*length > most)
        fault = text_format("too large, expected at most %zu bytes (1 MiB)", most);
    fclose(file);
    if (fault) {
        free(buffer);
        return fault;
    }
    *data = memory_resize(buffer, *length + 1, 1);
    (*data)[*length] = '\0';
    return NULL;
}
