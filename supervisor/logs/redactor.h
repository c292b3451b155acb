/*
 * Replaces what must not be kept by "[redacted]": known secret values, passwords in URLs, and what matches
 * the patterns of a profile. A line or an event passes here before it is kept anywhere.
 *
 * A redactor does not change once it is made, and its functions may be called from one thread at a time.
 */
#ifndef SIDECARD_LOGS_REDACTOR_H
#define SIDECARD_LOGS_REDACTOR_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/strings.h"

struct redactor;
struct text;

#define REDACTED "[redacted]"

struct redactor_options {
    const struct strings *secrets;  /* values; of one with several lines, each line; NULL: none */
    const struct strings *patterns; /* PCRE2; NULL: none */
    bool url_passwords;
};

/* ERROR_INVALID where a pattern cannot be compiled: which one, and what is wrong with it. */
int redactor_create(const struct redactor_options *options, struct redactor **redactor, struct error *error);

/* Takes NULL. */
void redactor_destroy(struct redactor *redactor);

/*
 * False: there is nothing to replace, and text is untouched. True: text, which was emptied, has what is to be
 * kept. A pattern that takes more than its match limit on a line costs the whole line: what cannot be checked
 * is not kept.
 */
bool redactor_apply(struct redactor *redactor, const char *data, size_t length, struct text *text);

/* True: in these lines, however many, there is nothing to replace. False: they have to be looked at one by
 * one. Much faster than that; never true where there are patterns, which may see a difference between lines
 * and a line. */
bool redactor_is_clean(const struct redactor *redactor, const char *lines, size_t length);

/* redactor_apply for a string; NULL: there is nothing to replace; else owned by the caller. For
 * feed_options.redact. */
char *redactor_text(void *redactor, const char *string);

/* How many bytes behind a place must be known to say whether it may be cut there, and where it may
 * (line_splitter.h). */
size_t redactor_holdback(const struct redactor *redactor);
size_t redactor_cut(void *redactor, const char *data, size_t length, size_t wanted);

#endif
