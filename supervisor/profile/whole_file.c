#include "whole_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"

static char *fault_of(int errno_value)
{
    if (errno_value == EISDIR)
        return memory_copy_text("a folder, expected a file");
    return text_format("cannot be read: %s, expected a readable file", strerror(errno_value));
}

char *whole_file_read(const char *path, size_t most, char **data, size_t *length)
{
    FILE *file = fopen(path, "rb");
    if (!file)
        return fault_of(errno);
    char *buffer = memory_new(most + 2, 1);
    errno = 0;
    *length = fread(buffer, 1, most + 1, file);
    char *fault = NULL;
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
