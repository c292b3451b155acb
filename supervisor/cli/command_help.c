#include <stdio.h>

#include "base/text.h"
#include "commands.h"
#include "help.h"

struct values {
    char none;
};

static const struct option_group groups[] = {{0}};

static enum exit_code run(const void *values, const struct strings *names)
{
    struct text out = {0};
    const struct command *command = names->count > 0 ? command_find(names->items[0]) : NULL;
    if (names->count > 0 && !command) {
        complain("unknown command '%s'; 'sidecard --help' lists them", names->items[0]);
        return EXIT_USAGE;
    }
    if (command)
        help_command(command, &out);
    else
        help_program(&out);
    fputs(text_get(&out), stdout);
    text_finish(&out);
    return EXIT_FINE;
}

const struct command cli_help = {
    .name = "help",
    .summary = "say what a command does",
    .names = "[COMMAND]",
    .names_max = 1,
    .help = "Prints what 'sidecard COMMAND --help' prints.",
    .groups = groups,
    .values_size = sizeof(struct values),
    .run = run,
};
