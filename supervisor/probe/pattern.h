/*
 * A regular expression from a profile (PCRE2, UTF-8), matched within bounds: a pattern that runs away on some
 * input counts as no match after a few milliseconds.
 */
#ifndef SIDECARD_PROBE_PATTERN_H
#define SIDECARD_PROBE_PATTERN_H

#include <stdbool.h>
#include <stddef.h>

struct pattern;

/* NULL where the source is no pattern; *reason, if asked for, then says why and where (owned by the caller).
 */
struct pattern *pattern_create(const char *source, char **reason);
void pattern_destroy(struct pattern *pattern);

/* Whether it matches anywhere in data, which need not be valid UTF-8. */
bool pattern_matches(const struct pattern *pattern, const char *data, size_t length);

#endif
