#include <stdio.h>

#include "commands.h"

struct values {
    char none;
};

static const struct option_group groups[] = {{0}};

static enum exit_code run(const void *values, const struct strings *names)
{
    printf("sidecard %s\n", SIDECARD_VERSION);
    return EXIT_FINE;
}

const struct command cli_version = {
    .name = "version",
    .summary = "print the version",
    .names = "",
    .help = "Prints the program's name and version.",
    .groups = groups,
    .values_size = sizeof(struct values),
    .run = run,
};
