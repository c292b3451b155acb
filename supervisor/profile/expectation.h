/* The grammar's rules in words, for messages. Results are owned by the caller. */
#ifndef SIDECARD_PROFILE_EXPECTATION_H
#define SIDECARD_PROFILE_EXPECTATION_H

#include <stdbool.h>

#include "base/document.h"
#include "grammar.h"

/* "an integer from 0 to 65535". */
char *expectation_of(const struct rule *rule);

/* "expected an integer from 0 to 65535, got "80a"", with a hint where one helps. */
char *expectation_message(const struct rule *rule, const struct document *value);

/* "unknown key, did you mean 'depends_on'?", or which keys there are. */
char *expectation_unknown_key(const struct rule *object, const char *key);

/* "a, b or c"; words ends with NULL. */
char *expectation_list(const char *const *words);

/* words may be NULL. */
bool expectation_is_among(const char *const *words, const char *word);

#endif
