/* Values of a document whose form was checked. Where a key is not given, or was at fault, the fallback is
 * told. */
#ifndef SIDECARD_PROFILE_VALUES_H
#define SIDECARD_PROFILE_VALUES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/document.h"
#include "base/strings.h"

/* NULL where it is not given or was at fault. */
const struct document *value_of(const struct document *map, const char *key);

/* Borrowed from the document; NULL where it is not there or no text. */
const char *value_text(const struct document *map, const char *key);

bool value_flag(const struct document *map, const char *key, bool fallback);
int value_integer(const struct document *map, const char *key, int fallback);
double value_number(const struct document *map, const char *key, double fallback);
int64_t value_duration(const struct document *map, const char *key, int64_t fallback);
int64_t value_size(const struct document *map, const char *key, int64_t fallback);

/* Whether the word stands there. */
bool value_is(const struct document *map, const char *key, const char *word);

/* Adds the texts of a list. */
void value_texts(const struct document *map, const char *key, struct strings *texts);

/* Adds "key<between>text" for every member of a map. */
void value_pairs(const struct document *map, const char *key, const char *between, struct strings *pairs);

#endif
