#ifndef SIDECARD_BASE_SUGGEST_H
#define SIDECARD_BASE_SUGGEST_H

#include <stddef.h>

/* The one of `known` that name was most likely meant to be: at most a third of its characters (one of a short
 * name) typed wrongly, left out, doubled or swapped with a neighbour, capitals and '-' for '_' aside. NULL
 * where none is near. The result is one of `known`; of several equally near the first. */
const char *suggest_name(const char *name, const char *const *known, size_t count);

#endif
