/*
 * Before a launch: what has to be there, what must not be in the way, and whether somebody else serves it
 * already.
 */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "files/files.h"
#include "platform/listener.h"
#include "platform/process_scan.h"
#include "runtime_internal.h"

static void post(struct sidecar *sidecar, enum service_event_kind kind, const struct error *error)
{
    struct service_event event = {.kind = kind, .error = error};
    fleet_post(sidecar->runtime->fleet, sidecar->service, &event);
}

static int check_paths(const struct sidecar_plan *plan, struct error *error)
{
    if (plan->launch_error.code != ERROR_NONE) {
        error_copy(error, &plan->launch_error);
        return error->code;
    }
    if (plan->cwd && !files_is_folder(plan->cwd)) {
        error_set(error, ERROR_MISSING_PATH, "%s: its working folder %s is not there", plan->name, plan->cwd);
        error_remedy(error, "make it, or name another as sidecars.%s.cwd", plan->name);
        return ERROR_MISSING_PATH;
    }
    for (size_t i = 0; i < plan->required_paths.count; i++) {
        const char *path = plan->required_paths.items[i];
        if (files_is_file(path) || files_is_folder(path))
            continue;
        error_set(error, ERROR_MISSING_PATH, "%s needs %s, which is not there", plan->name, path);
        error_remedy(error, "build or install what makes it, then run 'sidecard start %s'", plan->name);
        return ERROR_MISSING_PATH;
    }
    return 0;
}

static int make_folders(const struct sidecar_plan *plan, struct error *error)
{
    for (size_t i = 0; i < plan->create_folders.count; i++) {
        int result = files_make_folders(plan->create_folders.items[i], error);
        if (result != 0) {
            error_remedy(error, "see that its parent can be written");
            return result;
        }
    }
    return 0;
}

static int check_port(const struct sidecar_plan *plan, struct error *error)
{
    struct listener listener;
    if (plan->port == 0 || !listener_find(plan->port, &listener))
        return 0;
    char *who = listener_text(&listener);
    error_set(error, ERROR_PORT_TAKEN, "port %d of %s is held by %s", plan->port, plan->name, who);
    error_remedy(error, "end that program, or give %s another port in local_ports", plan->name);
    free(who);
    return ERROR_PORT_TAKEN;
}

/* Two servers on one data folder destroy it, whatever their ports. */
static int check_data_folder(const struct sidecar_plan *plan, struct error *error)
{
    if (plan->role != ROLE_MONGO || plan->create_folders.count == 0)
        return 0;
    struct pid_list all = {0};
    struct process_info info = {0};
    const char *folder = plan->create_folders.items[0];
    bool found = false;
    process_scan(&all);
    for (size_t i = 0; i < all.count && !found; i++)
        found = process_read(all.items[i], &info) && info.state != 'Z' &&
                (strncmp(info.name, "mongod", 6) == 0 || strncmp(info.name, "ferretdb", 8) == 0) &&
                process_names_path(info.pid, folder);
    pid_list_finish(&all);
    if (!found)
        return 0;
    error_set(error, ERROR_DBPATH_IN_USE, "the data folder %s of %s is in use by %s (pid %ld)", folder,
              plan->name, info.name, (long)info.pid);
    error_remedy(error, "end that server, or give this runtime a data_dir of its own");
    return ERROR_DBPATH_IN_USE;
}

/*
 * What was missing when the plan was made may be there by now: the plan is made once more, and what it says
 * of this sidecar's program is taken over.
 */
static void look_for_program_again(struct sidecar *sidecar)
{
    struct sidecar_plan *plan = (struct sidecar_plan *)plan_find(sidecar->runtime->plan, sidecar->plan->name);
    struct plan fresh = {0};
    struct problems problems = {0};
    struct error error = {0};
    if (launch_plan(&sidecar->runtime->launch, &fresh, &problems, &error) == 0) {
        struct sidecar_plan *found = (struct sidecar_plan *)plan_find(&fresh, plan->name);
        if (found && !found->remote && found->launch_error.code == ERROR_NONE) {
            /* The program alone: ports that were picked may be others in this second plan. */
            char *program = plan->command.items[0];
            plan->command.items[0] = found->command.items[0];
            found->command.items[0] = program;
            error_finish(&plan->launch_error);
        }
    }
    plan_finish(&fresh);
    problems_finish(&problems);
    error_finish(&error);
}

static void look_at_machine(struct sidecar *sidecar)
{
    struct error error = {0};
    int result = check_port(sidecar->plan, &error);
    if (result == 0 && sidecar->plan->launch_error.code != ERROR_NONE)
        look_for_program_again(sidecar);
    if (result == 0)
        result = check_paths(sidecar->plan, &error);
    if (result == 0)
        result = check_data_folder(sidecar->plan, &error);
    if (result == 0)
        result = make_folders(sidecar->plan, &error);
    post(sidecar, result == 0 ? EVENT_LOOK_CLEAR : EVENT_LOOK_FAILED, &error);
    error_finish(&error);
}

static void on_adoption_probe(void *context, const struct attempt_result *result)
{
    struct sidecar *sidecar = context;
    sidecar->look = NULL;
    if (result->passed)
        post(sidecar, EVENT_LOOK_HEALTHY, NULL);
    else
        look_at_machine(sidecar);
}

/* One try of the ready probe before a launch may take so long. */
#define ADOPTION_PROBE_MS 2000

void look_begin(struct sidecar *sidecar)
{
    const struct probe_plan *ready = &sidecar->plan->ready;
    struct listener listener;
    bool somebody = sidecar->plan->adopt && sidecar->plan->port != 0 && attempt_is_possible(ready->kind) &&
                    listener_find(sidecar->plan->port, &listener);
    if (somebody)
        sidecar->look =
            attempt_start(sidecar->runtime->probes, ready, ADOPTION_PROBE_MS, on_adoption_probe, sidecar);
    else
        look_at_machine(sidecar);
}

void look_cancel(struct sidecar *sidecar)
{
    attempt_cancel(sidecar->look);
    sidecar->look = NULL;
}
