/* What start, stop and restart have in common: without names they are about the runtime, with names about
 * sidecars. */
#ifndef SIDECARD_CLI_VERBS_H
#define SIDECARD_CLI_VERBS_H

#include <stdbool.h>
#include <stdint.h>

#include "command.h"
#include "find.h"

struct verb_values {
    struct find_values find;
    int64_t timeout_ms;
};

extern const struct verb_values verb_defaults;
extern const struct option_group verb_groups[];

struct verb {
    const char *runtime_method;
    const char *sidecar_method;
    bool up; /* it is to be ready afterwards: 6 where it is failed */
};

/* Asks for all names at once and tells what came of each. */
enum exit_code verb_run(const struct verb *verb, const struct verb_values *values,
                        const struct strings *names);

#endif
