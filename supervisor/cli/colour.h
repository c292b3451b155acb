/* Colours on a terminal; NO_COLOR (any value that is not empty) and what is no terminal get none. */
#ifndef SIDECARD_CLI_COLOUR_H
#define SIDECARD_CLI_COLOUR_H

#include <stdbool.h>
#include <stddef.h>

bool colour_wanted(int fd);

/* Escape sequences: of a level ("warn"), of the index-th sidecar, and back to normal. "" where nothing is
 * coloured. */
const char *colour_of_level(const char *level);
const char *colour_of_index(size_t index);

#define COLOUR_GOOD   "\033[32m"
#define COLOUR_BAD    "\033[1;31m"
#define COLOUR_WARN   "\033[33m"
#define COLOUR_DIM    "\033[2m"
#define COLOUR_NORMAL "\033[0m"

#endif
