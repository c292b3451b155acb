#ifndef SIDECARD_PROFILE_CHECK_H
#define SIDECARD_PROFILE_CHECK_H

#include "base/document.h"
#include "profile.h"

/* Checks the form of a document against the grammar and reports every fault of it. What is at fault becomes
 * DOCUMENT_INVALID in the tree, so that later checks can look at the rest and stay silent about it. */
void check_form(struct document *root, const char *file, struct problems *problems);

#endif
