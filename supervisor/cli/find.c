#include "find.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/path.h"
#include "base/text.h"
#include "command.h"
#include "control/address.h"
#include "control/running.h"
#include "plan/plan.h"
#include "files/files.h"
#include "platform/host.h"
#include "runtime/launch.h"

const struct option find_options[] = {
    {"profile", 'p', OPTION_TEXT, offsetof(struct find_values, profile), "FILE",
     "the one that runs this profile", NULL},
    {"data-dir", 0, OPTION_TEXT, offsetof(struct find_values, data_dir), "DIR", "the one with this data_dir",
     NULL},
    {"socket", 0, OPTION_TEXT, offsetof(struct find_values, socket), "PATH", "the one that listens here",
     NULL},
    {0},
};

static char *absolute(const char *path)
{
    char *here = host_current_folder();
    char *expanded = path_expand_home(path, getenv("HOME") ? getenv("HOME") : "");
    char *result = path_absolute(here ? here : "/", expanded);
    free(expanded);
    free(here);
    return result;
}

/* Where a supervisor may have its files: the data_dir that was named; or a profile's, and where that could
 * not be written, the fallback. */
struct candidates {
    struct strings data_dirs;
    char *diagnostics_path; /* as the profile has it */
};

static void candidates_finish(struct candidates *candidates)
{
    strings_finish(&candidates->data_dirs);
    free(candidates->diagnostics_path);
}

static int add_profile(const char *profile, struct candidates *candidates, struct error *error)
{
    struct launch launch = {.profile_path = profile};
    struct plan plan = {0};
    struct problems problems = {0};
    int result = launch_plan(&launch, &plan, &problems, error);
    if (result == 0) {
        strings_add(&candidates->data_dirs, plan.data_dir);
        if (plan.fallback_data_dir && strcmp(plan.fallback_data_dir, plan.data_dir) != 0)
            strings_add(&candidates->data_dirs, plan.fallback_data_dir);
        candidates->diagnostics_path = memory_copy_text(plan.diagnostics_path);
    } else if (problems.count > 0) {
        char *line = problem_line(&problems.items[0]);
        error_set(error, ERROR_PROFILE_INVALID, "%s", line);
        error_remedy(error, "'sidecard validate' lists all problems");
        free(line);
    }
    problems_finish(&problems);
    plan_finish(&plan);
    return result;
}

static int connect_in(const char *data_dir, struct client **client, struct error *error)
{
    char *folder = path_join(data_dir, "runtime");
    struct running running;
    int result = running_read(folder, &running, error);
    if (result == 0) {
        result = client_connect(running.socket, client, error);
        running_finish(&running);
    }
    free(folder);
    return result;
}

/* Where it is in none of them, the error is about the first: the one that is meant to be it. */
static int connect_in_any(const struct strings *data_dirs, struct client **client, struct error *error)
{
    int result = connect_in(data_dirs->items[0], client, error);
    for (size_t i = 1; i < data_dirs->count && result == ERROR_NOT_RUNNING; i++)
        if (connect_in(data_dirs->items[i], client, NULL) == 0)
            result = 0;
    return result;
}

/* What --data-dir and --profile name; nothing where neither is given. */
static int add_named(const struct find_values *values, struct candidates *candidates, struct error *error)
{
    if (values->data_dir) {
        strings_take(&candidates->data_dirs, absolute(values->data_dir));
        return 0;
    }
    return values->profile ? add_profile(values->profile, candidates, error) : 0;
}

static int connect_to_only_one(struct client **client, struct error *error)
{
    struct running *all;
    size_t count = running_list(&all);
    int result;
    if (count == 1) {
        result = client_connect(all[0].socket, client, error);
    } else if (count == 0) {
        result = error_set(error, ERROR_NOT_RUNNING, "no supervisor is running");
    } else {
        struct text names = {0};
        for (size_t i = 0; i < count; i++)
            text_printf(&names, "%s%s", i > 0 ? ", " : "", all[i].data_dir ? all[i].data_dir : all[i].socket);
        result = error_set(error, ERROR_INVALID, "%zu supervisors are running: %s", count, text_get(&names));
        error_remedy(error, "say which by --data-dir or --profile");
        text_finish(&names);
    }
    for (size_t i = 0; i < count; i++)
        running_finish(&all[i]);
    free(all);
    return result;
}

int find_client(const struct find_values *values, struct client **client, struct error *error)
{
    struct candidates candidates = {0};
    int result;
    if (values->socket) {
        result = client_connect(values->socket, client, error);
    } else {
        result = add_named(values, &candidates, error);
        if (result == 0 && candidates.data_dirs.count > 0)
            result = connect_in_any(&candidates.data_dirs, client, error);
        else if (result == 0)
            result = connect_to_only_one(client, error);
    }
    if (result == ERROR_NOT_RUNNING && error && !error->remedy)
        error_remedy(error, "start one with 'sidecard --profile FILE'");
    candidates_finish(&candidates);
    return result;
}

enum exit_code find_client_or_complain(const struct find_values *values, struct client **client)
{
    struct error error = {0};
    int result = find_client(values, client, &error);
    if (result == 0)
        return EXIT_FINE;
    complain_error(&error);
    error_finish(&error);
    return result == ERROR_INVALID ? EXIT_USAGE : exit_code_of_error((enum error_code)result);
}

static bool has_runtime(const char *data_dir)
{
    char *folder = path_join(data_dir, "runtime");
    bool is = files_is_folder(folder);
    free(folder);
    return is;
}

void find_place_finish(struct find_place *place)
{
    free(place->data_dir);
    free(place->diagnostics_path);
    *place = (struct find_place){0};
}

int find_place(const struct find_values *values, struct find_place *place, struct error *error)
{
    struct candidates candidates = {0};
    const struct strings *data_dirs = &candidates.data_dirs;
    *place = (struct find_place){0};
    int result = add_named(values, &candidates, error);
    /* Nothing was named and nothing runs: the profile that `run` would take here. */
    if (result == 0 && data_dirs->count == 0)
        result = add_profile(NULL, &candidates, error);
    for (size_t i = 0; result == 0 && !place->data_dir && i < data_dirs->count; i++)
        if (i + 1 == data_dirs->count || has_runtime(data_dirs->items[i]))
            place->data_dir = memory_copy_text(data_dirs->items[i]);
    if (result == 0)
        place->diagnostics_path = memory_copy_text(candidates.diagnostics_path);
    candidates_finish(&candidates);
    return result;
}

enum exit_code find_tell_failure(const struct reply *reply)
{
    if (reply->code == 0)
        return EXIT_FINE;
    complain("%s", reply->message);
    return exit_code_of_rpc(reply->code);
}

enum exit_code find_call(struct client *client, const char *method, cJSON *params, int64_t timeout_ms,
                         cJSON **result)
{
    struct reply reply;
    struct error error = {0};
    *result = NULL;
    if (client_call(client, method, params, timeout_ms, &reply, &error) != 0) {
        complain_error(&error);
        enum exit_code code = exit_code_of_error(error.code);
        error_finish(&error);
        return code;
    }
    enum exit_code code = find_tell_failure(&reply);
    *result = reply.result;
    reply.result = NULL;
    reply_finish(&reply);
    return code;
}
