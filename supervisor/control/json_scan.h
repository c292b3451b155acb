/*
 * A strict reader of JSON text (RFC 8259) that builds nothing: it tells whether the text is well-formed and
 * where it is not. cJSON alone is too liberal for bytes from outside: it takes control characters as spaces,
 * `01` as a number and cuts text at \u0000. What has passed here is handed to cJSON for its values.
 */
#ifndef SIDECARD_CONTROL_JSON_SCAN_H
#define SIDECARD_CONTROL_JSON_SCAN_H

#include <stdbool.h>
#include <stddef.h>

struct json_fault {
    size_t at;        /* byte at which reading stopped */
    const char *what; /* such as "expected a value"; a literal */
};

/* Nesting deeper than max_depth is a fault; so is \u0000 in a text, which no value here may hold. */
bool json_scan(const char *data, size_t length, int max_depth, struct json_fault *fault);

struct json_span {
    const char *data; /* NULL: there is none */
    size_t length;
};

/* The text of the value of the first member `name` of an object that has passed json_scan. A name written
 * with escape sequences is not found. */
struct json_span json_member(struct json_span object, const char *name);

/* The next element of an array that has passed json_scan: pass an empty span first, then the one before. */
struct json_span json_next_element(struct json_span array, struct json_span previous);

/* Without the white space around it. */
struct json_span json_trimmed(const char *data, size_t length);

#endif
