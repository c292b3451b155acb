/*
 * A command of the program: one file and one line in the table of commands.c each. What they share: options
 * are read before a command is run, problems go to stderr as one line each, the exit code tells a script what
 * happened.
 */
#ifndef SIDECARD_CLI_COMMAND_H
#define SIDECARD_CLI_COMMAND_H

#include <stddef.h>

#include "base/error.h"
#include "base/strings.h"
#include "exit_code.h"
#include "options.h"

#define NAMES_ANY ((size_t)-1)

struct command {
    const char *name;
    const char *summary; /* one line, for the list of commands */
    const char *names;   /* how what follows is written: "[NAME...]"; "" where nothing does */
    size_t names_min, names_max;
    const char *help; /* the long text, without usage and options; ends with its examples */
    const struct option_group *groups;
    size_t values_size;   /* of the struct that the options fill */
    const void *defaults; /* such a struct; NULL: all zero */
    enum exit_code (*run)(const void *values, const struct strings *names);
};

/* NULL where there is none; also by its other names. */
const struct command *command_find(const char *name);

/* All of them, sorted by name; aliases are not among them. */
const struct command *const *command_all(size_t *count);

/* The command that was most likely meant, or NULL. */
const char *command_suggest(const char *name);

/* The whole program: argv as main gets it. */
enum exit_code command_main(int argc, char *const *argv);

/* "sidecard: MESSAGE; REMEDY" on stderr. */
void complain(const char *format, ...) __attribute__((format(printf, 1, 2)));
void complain_error(const struct error *error);

#endif
