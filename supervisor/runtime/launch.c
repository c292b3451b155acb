#include "launch.h"

#include <stdlib.h>

#include "base/memory.h"
#include "platform/clock.h"
#include "files/files.h"
#include "platform/host.h"
#include "ports.h"

char *launch_profile_path(const struct launch *launch, struct error *error)
{
    if (launch->profile_path)
        return memory_copy_text(launch->profile_path);
    const char *named = getenv("RUNTIME_PROFILE_PATH");
    if (named && *named)
        return memory_copy_text(named);
    char *folder = host_current_folder();
    char *found = folder ? profile_find(folder, files_is_file) : NULL;
    if (!found) {
        error_set(error, ERROR_INVALID,
                  "no profile: there is no sidecard.yaml, .yml or .json in %s or above it",
                  folder ? folder : "this folder");
        error_remedy(error, "name one with --profile or RUNTIME_PROFILE_PATH");
    }
    free(folder);
    return found;
}

static struct profile *build(const char *path, const struct launch *launch, struct plan *plan,
                             struct problems *problems)
{
    struct strings environment = {0};
    host_environment(&environment);
    char *program_folder = host_program_folder();
    char *current_folder = host_current_folder();
    struct plan_world world = {
        .environment = &environment,
        .program_folder = program_folder,
        .current_folder = current_folder,
        .now_ms = clock_wall_ms(),
        .is_file = files_is_file,
        .is_executable = files_is_executable,
        .is_folder = files_is_folder,
        .pick_port = ports_pick,
    };
    struct profile *profile = profile_load_plan(path, &launch->flags, &world, plan, problems);
    free(current_folder);
    free(program_folder);
    strings_finish(&environment);
    return profile;
}

int launch_plan(const struct launch *launch, struct plan *plan, struct problems *problems,
                struct error *error)
{
    char *path = launch_profile_path(launch, error);
    if (!path)
        return ERROR_INVALID;
    struct profile *profile = build(path, launch, plan, problems);
    int result = profile ? 0 : ERROR_PROFILE_INVALID;
    profile_destroy(profile);
    free(path);
    return result;
}
