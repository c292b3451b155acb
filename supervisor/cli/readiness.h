/* Whether what a status tells is what `wait` and `smoke` wait for. Pure. */
#ifndef SIDECARD_CLI_READINESS_H
#define SIDECARD_CLI_READINESS_H

#include "base/strings.h"

struct cJSON;
struct text;

enum readiness {
    READINESS_READY,
    READINESS_PENDING,
    READINESS_FAILED,  /* a sidecar is failed, or waits for one that is: waiting on cannot help */
    READINESS_UNKNOWN, /* a name that is none */
};

/* Of one row: ready, adopted and completed are, and remote when its probe passes. */
enum readiness readiness_of_row(const struct cJSON *row);

/* Adds how the row stands and, where there is one, its error with the remedy: one clause. */
void readiness_explain(const struct cJSON *row, struct text *why);

/* Of these sidecars; without names of all that are wanted. why gets what is missing, one clause each. */
enum readiness readiness_of_status(const struct cJSON *status, const struct strings *names, struct text *why);

#endif
