#ifndef SIDECARD_PROFILE_PLACEHOLDERS_H
#define SIDECARD_PROFILE_PLACEHOLDERS_H

#include <stdbool.h>

/* Gives the value of the placeholder of that name (without "${" and "}"), owned by the caller; or NULL with
 * *fault set to what is wrong, owned by the caller. */
typedef char *placeholder_value(void *context, const char *name, char **fault);

/* text with every ${name} replaced and $${ as a plain "${"; owned by the caller. NULL with *fault set where a
 * placeholder has no value or no end. */
char *placeholders_expand(const char *text, placeholder_value *value, void *context, char **fault);

#endif
