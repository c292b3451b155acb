/* What run, plan, validate and smoke take about the profile and what is to replace values in it. */
#ifndef SIDECARD_CLI_LAUNCH_OPTIONS_H
#define SIDECARD_CLI_LAUNCH_OPTIONS_H

#include "exit_code.h"
#include "options.h"
#include "runtime/launch.h"

/* In the command's struct: a struct launch, which plan_flags are a part of. */
extern const struct option launch_options[];
#define LAUNCH_GROUP(struct_offset)                                                                          \
    {                                                                                                        \
        "Profile and what replaces its values", launch_options, struct_offset                                \
    }

/*
 * launch_plan for a command: problems go to stderr, one line each, and so do warnings about what is missing
 * here. EXIT_FINE, and the caller finishes plan; or what to end with.
 */
enum exit_code launch_plan_or_complain(const struct launch *launch, struct plan *plan);

/* One line for each sidecar of the plan that could not be started here; those that run anyway are left out.
 */
void launch_print_warnings(const struct plan *plan);

/* A launch error of launch_plan that is no problem of the document. */
enum exit_code launch_exit_code(const struct error *error);

#endif
