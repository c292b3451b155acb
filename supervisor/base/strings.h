/*
 * A list of strings that owns them. `items[count]` is NULL once anything was added, so that it serves as an
 * argv.
 */
#ifndef SIDECARD_BASE_STRINGS_H
#define SIDECARD_BASE_STRINGS_H

#include <stdbool.h>
#include <stddef.h>

struct strings {
    char **items;
    size_t count;
    size_t capacity;
};

/* A zeroed struct strings is an empty list. strings_finish frees it and leaves it empty. */
void strings_finish(struct strings *list);

/* Adds a copy. */
void strings_add(struct strings *list, const char *string);

/* Adds a copy unless one like it is there. */
void strings_add_once(struct strings *list, const char *string);

/* Adds the string itself, which the list then owns. */
void strings_take(struct strings *list, char *string);

void strings_copy(struct strings *list, const struct strings *from);
bool strings_contain(const struct strings *list, const char *string);

/* For lists of "NAME=value": the value of name, or NULL. */
const char *strings_variable(const struct strings *list, const char *name);

/* For lists of "NAME=value": sets name, replacing what it had in place. */
void strings_set_variable(struct strings *list, const char *name, const char *value);

/* The items joined with separator, owned by the caller. */
char *strings_join(const struct strings *list, const char *separator);

#endif
