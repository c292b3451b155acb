#include "escape_strip.h"

#include <stdbool.h>

#define ESCAPE '\x1B'
#define BELL   '\x07'

static bool within(char byte, int from, int to)
{
    int value = (unsigned char)byte;
    return value >= from && value <= to;
}

/* Behind "ESC [": parameters, then one final byte. */
static size_t skip_control_sequence(const char *data, size_t length, size_t at)
{
    while (at < length && within(data[at], 0x20, 0x3F))
        at++;
    return at < length ? at + 1 : at;
}

/* Behind "ESC ]" and its like: a string up to BEL or "ESC \". */
static size_t skip_string(const char *data, size_t length, size_t at)
{
    for (; at < length; at++) {
        if (data[at] == BELL)
            return at + 1;
        if (data[at] == ESCAPE)
            return at + 1 < length && data[at + 1] == '\\' ? at + 2 : at;
    }
    return at;
}

static size_t skip_escape(const char *data, size_t length, size_t at)
{
    at++;
    if (at == length)
        return at;
    switch (data[at]) {
    case '[':
        return skip_control_sequence(data, length, at + 1);
    case ']':
    case 'P':
    case 'X':
    case '^':
    case '_':
        return skip_string(data, length, at + 1);
    default:
        while (at < length && within(data[at], 0x20, 0x2F))
            at++;
        return at < length && within(data[at], 0x30, 0x7E) ? at + 1 : at;
    }
}

size_t escape_strip(const char *data, size_t length, char *out)
{
    size_t kept = 0;
    size_t at = 0;
    while (at < length) {
        if (data[at] == ESCAPE)
            at = skip_escape(data, length, at);
        else
            out[kept++] = data[at++];
    }
    return kept;
}
