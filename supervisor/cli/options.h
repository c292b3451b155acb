/*
 * The command line, read by tables. A command lists its options with where each value goes in a struct of its
 * own:
 * `--name value`, `--name=value` (the only way for a value that may be left out), `-n value`, `-nvalue`,
 * flags of one letter together (`-ft`), `--` before names that begin with a dash. Options may stand before
 * and behind names.
 */
#ifndef SIDECARD_CLI_OPTIONS_H
#define SIDECARD_CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/strings.h"

enum option_kind {
    OPTION_FLAG,     /* bool */
    OPTION_TEXT,     /* const char *, borrowed from argv */
    OPTION_COUNT,    /* int64_t, 0 or more */
    OPTION_DURATION, /* int64_t, milliseconds */
    OPTION_CHOICE,   /* const char *, one of `choices` */
    OPTION_MAY_COUNT /* struct option_count: `--name`, or `--name=value` with a number */
};

struct option_count {
    bool given;
    bool has_value;
    int64_t value; /* 0 or more */
};

struct option {
    const char *name; /* without its dashes; NULL ends a table */
    char letter;      /* 0: none */
    enum option_kind kind;
    size_t offset;              /* of its value in the struct that options_read fills */
    const char *value;          /* the value's name in help; NULL for a flag */
    const char *help;           /* one line */
    const char *const *choices; /* NULL-terminated */
};

/* Options that several commands share, in a struct at `offset` of each command's own. */
struct option_group {
    const char *title; /* in help */
    const struct option *options;
    size_t offset;
};

/* A list of groups ends with one whose options are NULL. */

/*
 * Reads argv[0..count), fills values and adds what is no option to names. 0; 1 where --help or -h was met; or
 * ERROR_INVALID with what is wrong.
 */
int options_read(const struct option_group *groups, char *const *argv, size_t count, void *values,
                 struct strings *names, struct error *error);

#endif
