/*
 * Terminal escape sequences: what a person does not see and a pattern must not meet. Pure.
 */
#ifndef SIDECARD_LOGS_ESCAPE_H
#define SIDECARD_LOGS_ESCAPE_H

#include <stddef.h>

struct text;

/* Appends data without its escape sequences (ECMA-48: CSI, OSC and other strings, two-character ones). Of a
 * string that does not end within data, only the two characters that open it are removed. */
void escape_remove(const char *data, size_t length, struct text *text);

#endif
