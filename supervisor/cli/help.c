#include "help.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "command.h"

#define HELP_COLUMN 28 /* where an option's text begins */

struct section {
    const char *title;
    const char *commands[8];
};

static const struct section sections[] = {
    {"Run", {"run", "smoke"}},
    {"Ask", {"status", "diagnostics", "logs", "wait"}},
    {"Change", {"start", "stop", "restart", "shutdown"}},
    {"Check a profile", {"validate", "plan"}},
    {"About", {"version", "help"}},
};

void help_program(struct text *out)
{
    text_append(
        out, "sidecard supervises the processes that a desktop application needs: it starts them in order,\n"
             "knows when each is ready, restarts what fails, and leaves nothing behind.\n\n"
             "usage: sidecard --profile FILE [OPTION...]     supervise in the foreground\n"
             "       sidecard COMMAND [OPTION...] [NAME...]\n");
    for (size_t i = 0; i < sizeof(sections) / sizeof(*sections); i++) {
        text_printf(out, "\n%s\n", sections[i].title);
        for (size_t k = 0; sections[i].commands[k]; k++) {
            const struct command *command = command_find(sections[i].commands[k]);
            if (command)
                text_printf(out, "  %-13s%s\n", command->name, command->summary);
        }
    }
    text_append(out,
                "\nOther names: up (run), down (shutdown), ps (status).\n"
                "'sidecard COMMAND --help' says more about each.\n\n"
                "Exit codes: 0 fine; 1 failed; 2 usage; 3 profile invalid; 4 no supervisor running;\n"
                "5 not ready in time; 6 a sidecar is failed; 7 refused (already running, not permitted).\n");
}

static void print_option(const struct option *option, struct text *out)
{
    struct text left = {0};
    if (option->letter)
        text_printf(&left, "  -%c, ", option->letter);
    else
        text_append(&left, "      ");
    text_printf(&left, "--%s", option->name);
    if (option->value)
        text_printf(&left, option->kind == OPTION_MAY_COUNT ? "[=%s]" : " %s", option->value);
    if (left.length + 2 > HELP_COLUMN)
        text_printf(out, "%s\n%*s%s\n", left.data, HELP_COLUMN, "", option->help);
    else
        text_printf(out, "%-*s%s\n", HELP_COLUMN, left.data, option->help);
    text_finish(&left);
}

void help_command(const struct command *command, struct text *out)
{
    text_printf(out, "usage: sidecard %s [OPTION...]%s%s\n\n%s\n", command->name, *command->names ? " " : "",
                command->names, command->help);
    for (const struct option_group *group = command->groups; group && group->options; group++) {
        text_printf(out, "\n%s\n", group->title);
        for (const struct option *option = group->options; option->name; option++)
            print_option(option, out);
    }
}
