#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/suggest.h"
#include "base/text.h"
#include "command.h"
#include "commands.h"
#include "help.h"

/* Sorted by name. */
static const struct command *const commands[] = {
    &cli_diagnostics, &cli_help,  &cli_logs,   &cli_plan, &cli_restart,  &cli_run,     &cli_shutdown,
    &cli_smoke,       &cli_start, &cli_status, &cli_stop, &cli_validate, &cli_version, &cli_wait,
};

static const struct {
    const char *name;
    const struct command *command;
} aliases[] = {
    {"down", &cli_shutdown},
    {"ps", &cli_status},
    {"up", &cli_run},
};

#define COMMANDS (sizeof(commands) / sizeof(*commands))
#define ALIASES  (sizeof(aliases) / sizeof(*aliases))

const struct command *const *command_all(size_t *count)
{
    *count = COMMANDS;
    return commands;
}

static int compare_name(const void *name, const void *command)
{
    return strcmp(name, (*(const struct command *const *)command)->name);
}

const struct command *command_find(const char *name)
{
    const struct command *const *found = bsearch(name, commands, COMMANDS, sizeof(*commands), compare_name);
    if (found)
        return *found;
    for (size_t i = 0; i < ALIASES; i++)
        if (strcmp(aliases[i].name, name) == 0)
            return aliases[i].command;
    return NULL;
}

const char *command_suggest(const char *name)
{
    const char *known[COMMANDS + ALIASES];
    for (size_t i = 0; i < COMMANDS; i++)
        known[i] = commands[i]->name;
    for (size_t i = 0; i < ALIASES; i++)
        known[COMMANDS + i] = aliases[i].name;
    return suggest_name(name, known, COMMANDS + ALIASES);
}

static void print_help(const struct command *command)
{
    struct text out = {0};
    if (command)
        help_command(command, &out);
    else
        help_program(&out);
    fputs(text_get(&out), stdout);
    text_finish(&out);
}

/* NULL where the number of names is right. Owned by the caller. */
static char *fault_of_names(const struct command *command, const struct strings *names)
{
    if (names->count < command->names_min)
        return text_format("expected %s", command->names);
    if (names->count > command->names_max)
        return text_format("unexpected '%s'", names->items[command->names_max]);
    return NULL;
}

static enum exit_code run_command(const struct command *command, char *const *argv, size_t count)
{
    void *values = memory_new(1, command->values_size);
    if (command->defaults)
        memcpy(values, command->defaults, command->values_size);
    struct strings names = {0};
    struct error error = {0};
    enum exit_code code = EXIT_USAGE;
    int result = options_read(command->groups, argv, count, values, &names, &error);
    char *fault = result == 0 ? fault_of_names(command, &names) : NULL;
    if (fault)
        result = error_set(&error, ERROR_INVALID, "%s", fault);
    if (result == 0) {
        code = command->run(values, &names);
    } else if (result > 0) {
        print_help(command);
        code = EXIT_FINE;
    } else {
        if (!error.remedy)
            error_remedy(&error, "see 'sidecard %s --help'", command->name);
        char *line = error_line(&error);
        complain("%s: %s", command->name, line);
        free(line);
    }
    free(fault);
    strings_finish(&names);
    error_finish(&error);
    free(values);
    return code;
}

enum exit_code command_main(int argc, char *const *argv)
{
    const char *first = argc > 1 ? argv[1] : NULL;
    if (first && (strcmp(first, "--help") == 0 || strcmp(first, "-h") == 0)) {
        print_help(NULL);
        return EXIT_FINE;
    }
    if (first && strcmp(first, "--version") == 0)
        return run_command(&cli_version, NULL, 0);
    if (!first || first[0] == '-')
        return run_command(&cli_run, argv + 1, argc > 1 ? (size_t)argc - 1 : 0);
    const struct command *command = command_find(first);
    if (command)
        return run_command(command, argv + 2, (size_t)argc - 2);
    const char *near = command_suggest(first);
    if (near)
        complain("unknown command '%s'; did you mean '%s'?", first, near);
    else
        complain("unknown command '%s'; 'sidecard --help' lists them", first);
    return EXIT_USAGE;
}
