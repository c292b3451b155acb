#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "command.h"

static void print(const char *line)
{
    fprintf(stderr, "sidecard: %s\n", line);
}

void complain(const char *format, ...)
{
    struct text text = {0};
    va_list arguments;
    va_start(arguments, format);
    text_vprintf(&text, format, arguments);
    va_end(arguments);
    print(text_get(&text));
    text_finish(&text);
}

void complain_error(const struct error *error)
{
    char *line = error_line(error);
    print(line);
    free(line);
}
