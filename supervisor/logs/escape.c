#include "escape.h"

#include <stdbool.h>
#include <string.h>

#include "base/text.h"

#define ESC 0x1B
#define BEL 0x07

static bool between(char byte, int low, int high)
{
    return (unsigned char)byte >= low && (unsigned char)byte <= high;
}

/* ESC [, parameters, intermediates, a final byte. */
static size_t control_length(const char *data, size_t length)
{
    size_t at = 2;
    while (at < length && between(data[at], 0x30, 0x3F))
        at++;
    while (at < length && between(data[at], 0x20, 0x2F))
        at++;
    return at < length && between(data[at], 0x40, 0x7E) ? at + 1 : at;
}

/* Up to BEL or ESC \. */
static size_t string_length(const char *data, size_t length)
{
    for (size_t at = 2; at < length; at++) {
        if (data[at] == BEL)
            return at + 1;
        if (data[at] == ESC && at + 1 < length && data[at + 1] == '\\')
            return at + 2;
    }
    return 2;
}

/* Of the sequence that begins with the ESC at data. */
static size_t sequence_length(const char *data, size_t length)
{
    if (length < 2)
        return 1;
    if (data[1] == '[')
        return control_length(data, length);
    if (strchr("]PX^_", data[1]) && data[1])
        return string_length(data, length);
    size_t at = 1;
    while (at < length && between(data[at], 0x20, 0x2F))
        at++;
    return at < length && between(data[at], 0x30, 0x7E) ? at + 1 : at;
}

void escape_remove(const char *data, size_t length, struct text *text)
{
    const char *end = data + length;
    while (data < end) {
        const char *escape = memchr(data, ESC, (size_t)(end - data));
        if (!escape)
            escape = end;
        text_append_bytes(text, data, (size_t)(escape - data));
        data = escape < end ? escape + sequence_length(escape, (size_t)(end - escape)) : end;
    }
}
