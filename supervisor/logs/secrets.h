/*
 * Which values are secret (events.md, 'Logs'). Pure.
 */
#ifndef SIDECARD_LOGS_SECRETS_H
#define SIDECARD_LOGS_SECRETS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/strings.h"

/* Adds to secrets the values of those variables ("NAME=value") whose names end in _KEY, _TOKEN, _SECRET or
 * _PASSWORD and that have 16 characters or more. */
void secrets_of_environment(const struct strings *environment, struct strings *secrets);

/*
 * The password in the first URL at or after `from` that has one: scheme://user:password@host. *start and *end
 * are the password's, without the colon and the at sign.
 */
bool secrets_find_url_password(const char *data, size_t length, size_t from, size_t *start, size_t *end);

#endif
