#include "colour.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool colour_wanted(int fd)
{
    const char *refused = getenv("NO_COLOR");
    const char *terminal = getenv("TERM");
    return isatty(fd) && !(refused && *refused) && !(terminal && strcmp(terminal, "dumb") == 0);
}

const char *colour_of_level(const char *level)
{
    if (strcmp(level, "error") == 0)
        return COLOUR_BAD;
    if (strcmp(level, "warn") == 0)
        return COLOUR_WARN;
    return strcmp(level, "debug") == 0 ? COLOUR_DIM : "";
}

const char *colour_of_index(size_t index)
{
    /* Neither red nor yellow, which mean something, nor black and white, which may be the background. */
    static const char *const colours[] = {"\033[36m", "\033[35m", "\033[34m", "\033[32m",
                                          "\033[96m", "\033[95m", "\033[94m", "\033[92m"};
    return colours[index % (sizeof(colours) / sizeof(*colours))];
}
