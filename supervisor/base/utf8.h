#ifndef SIDECARD_BASE_UTF8_H
#define SIDECARD_BASE_UTF8_H

#include <stddef.h>

struct text;

/* Where the first byte that is not valid UTF-8 stands (overlong forms, surrogates and values past U+10FFFF are not
 * valid); length when all is. */
size_t utf8_valid_length(const char *data, size_t length);

/* Appends data to text with every maximal part that is not UTF-8 replaced by U+FFFD. */
void utf8_append_clean(struct text *text, const char *data, size_t length);

#endif
