/*
 * From what the command line or a request names to a launch plan, on this machine: the profile's file is
 * found and read, the environment looked at, binaries searched.
 */
#ifndef SIDECARD_RUNTIME_LAUNCH_H
#define SIDECARD_RUNTIME_LAUNCH_H

#include "plan/plan.h"
#include "profile/profile.h"

struct launch {
    const char *profile_path; /* NULL: RUNTIME_PROFILE_PATH, else the nearest sidecard.yaml, .yml or .json */
    struct plan_flags flags;
};

/* The profile's path that launch_plan would read, owned by the caller; NULL with an error where there is
 * none. */
char *launch_profile_path(const struct launch *launch, struct error *error);

/*
 * Reads, checks and resolves. 0; or a negative code: ERROR_PROFILE_INVALID with the problems filled, anything
 * else with error filled. The caller finishes plan, problems and error in every case.
 */
int launch_plan(const struct launch *launch, struct plan *plan, struct problems *problems,
                struct error *error);

#endif
