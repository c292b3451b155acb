/* Reads documents and keeps what was reported of them. */
#ifndef SIDECARD_TESTS_DOCUMENT_FIXTURE_H
#define SIDECARD_TESTS_DOCUMENT_FIXTURE_H

#include "base/document.h"
#include "base/strings.h"

/* Forgets what was reported before and reads anew. */
struct document *read_text(enum document_format format, const char *text);
struct document *read_bytes(enum document_format format, const char *data, size_t length);

/* "line:column: path: message" of every fault so far. */
extern struct strings reported;

/* Asserts that text is read without a fault and is the JSON document. */
void assert_means(enum document_format format, const char *text, const char *json);

/* Asserts that text has exactly that one fault. */
void assert_fault(enum document_format format, const char *text, const char *fault);

#endif
