/*
 * A growing piece of text. `data` is always NUL-terminated once anything was appended; `text_get` gives "" before that.
 */
#ifndef SIDECARD_BASE_TEXT_H
#define SIDECARD_BASE_TEXT_H

#include <stdarg.h>
#include <stddef.h>

struct text {
    char *data;
    size_t length;
    size_t capacity;
};

/* A zeroed struct text is an empty one. text_finish frees what it holds and leaves it empty again. */
void text_finish(struct text *text);

/* Empties it and keeps the memory. */
void text_clear(struct text *text);

void text_append(struct text *text, const char *string);
void text_append_bytes(struct text *text, const char *data, size_t length);
void text_printf(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
void text_vprintf(struct text *text, const char *format, va_list arguments) __attribute__((format(printf, 2, 0)));

const char *text_get(const struct text *text);

/* Hands the string to the caller, who frees it; the text is empty afterwards. Never NULL. */
char *text_take(struct text *text);

/* A formatted string, owned by the caller. */
char *text_format(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
