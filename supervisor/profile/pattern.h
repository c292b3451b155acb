#ifndef SIDECARD_PROFILE_PATTERN_H
#define SIDECARD_PROFILE_PATTERN_H

#include <stdbool.h>

/* Whether text matches a pattern of the grammar, which is known to be good. */
bool pattern_fits(const char *pattern, const char *text);

/* What is wrong with a pattern that a profile gives ("missing closing parenthesis at offset 3"), owned by the
 * caller; NULL where it is good PCRE2. */
char *pattern_fault(const char *pattern);

#endif
