/* What control asks of the runtime (control/target.h). */
#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "control/target.h"
#include "platform/clock.h"
#include "runtime_internal.h"

static cJSON *get_status(void *target, bool detail)
{
    return runtime_status(target, detail);
}

static cJSON *get_diagnostics(void *target, const struct diagnostics_params *params)
{
    struct runtime *runtime = target;
    struct event_query query = {
        .limit = (size_t)params->limit,
        .has_since = params->has_since,
        .since_seq = params->since_seq,
        .min_level = LEVEL_DEBUG,
        .source = params->source,
    };
    if (params->level)
        event_level_from_name(params->level, &query.min_level);
    cJSON *result = cJSON_CreateObject();
    cJSON_AddNumberToObject(result, "generated_at_ms", (double)clock_wall_ms());
    cJSON_AddItemToObject(result, "status", runtime_status(runtime, false));
    cJSON_AddItemToObject(result, "events", feed_query(runtime->feed, &query));
    cJSON_AddNumberToObject(result, "first_seq", (double)feed_first_seq(runtime->feed));
    cJSON_AddNumberToObject(result, "last_seq", (double)feed_last_seq(runtime->feed));
    return result;
}

static void no_such_sidecar(struct runtime *runtime, const char *name, struct request *request)
{
    struct strings names = {0};
    for (size_t i = 0; i < runtime->sidecar_count; i++)
        strings_add(&names, runtime->sidecars[i].plan->name);
    char *known = strings_join(&names, ", ");
    request_fail(request, RPC_NO_SUCH_SIDECAR, NULL, "no sidecar is named '%s'; there are: %s", name, known);
    free(known);
    strings_finish(&names);
}

static void get_logs(void *target, const char *name, const struct logs_params *params,
                     struct request *request)
{
    struct runtime *runtime = target;
    struct sidecar *sidecar = sidecar_find(runtime, name);
    bool own = strcmp(name, OWN_LOG_NAME) == 0;
    if (!sidecar && !own) {
        no_such_sidecar(runtime, name, request);
        return;
    }
    struct log_query query = {
        .tail = params->tail, .has_since = params->has_since, .since_seq = params->since_seq};
    struct log *log = own ? own_log_lines(runtime->own_log) : sidecar->log;
    request_answer(request, log_tail(log, &query));
}

/* ---- runtime_start ---- */

static const char *own(struct runtime *runtime, const char *given, const char *before)
{
    if (!given)
        return before;
    strings_add(&runtime->launch_texts, given);
    return runtime->launch_texts.items[runtime->launch_texts.count - 1];
}

static bool names_something(const struct start_params *params)
{
    return params->mode || params->profile_path || params->mongo_bin || params->python_bin ||
           params->ollama_bin || params->has_web_dev;
}

static bool same_text(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool may_replace(const struct plan *old, const struct plan *fresh, struct error *error)
{
    const char *what = strcmp(old->data_dir, fresh->data_dir) != 0              ? "data_dir"
                       : strcmp(old->app_id, fresh->app_id) != 0                ? "app.id"
                       : !same_text(old->control_socket, fresh->control_socket) ? "control.socket"
                                                                                : NULL;
    if (!what)
        return true;
    error_set(error, ERROR_PROFILE_INVALID,
              "this profile has another %s; end this supervisor and start one for it", what);
    return false;
}

/* Makes the plan that the request asks for. False where it was answered with why not. */
static bool replan(struct runtime *runtime, const struct start_params *params, struct request *request)
{
    struct launch launch = runtime->launch;
    struct plan *fresh = memory_new(1, sizeof(*fresh));
    struct problems problems = {0};
    struct error error = {0};
    launch.profile_path = own(runtime, params->profile_path, launch.profile_path);
    launch.flags.mode = own(runtime, params->mode, launch.flags.mode);
    launch.flags.mongo_bin = own(runtime, params->mongo_bin, launch.flags.mongo_bin);
    launch.flags.python_bin = own(runtime, params->python_bin, launch.flags.python_bin);
    launch.flags.ollama_bin = own(runtime, params->ollama_bin, launch.flags.ollama_bin);
    if (params->has_web_dev)
        launch.flags.web_dev = params->web_dev;
    int result = launch_plan(&launch, fresh, &problems, &error);
    if (result == 0 && !may_replace(runtime->plan, fresh, &error))
        result = ERROR_PROFILE_INVALID;
    if (result == 0) {
        runtime->launch = launch;
        runtime_drop_plan(runtime);
        runtime_take_plan(runtime, fresh);
        fresh = NULL;
    }
    if (result != 0 && problems.count > 0) {
        char *line = problem_line(&problems.items[0]);
        request_fail(request, RPC_PROFILE_INVALID, problems_to_json(&problems),
                     "the profile is not valid: %s", line);
        free(line);
    } else if (result != 0) {
        request_fail_with(request, RPC_PROFILE_INVALID, &error);
    }
    if (fresh)
        plan_finish(fresh);
    free(fresh);
    problems_finish(&problems);
    error_finish(&error);
    return result == 0;
}

static void start(void *target, const struct start_params *params, struct request *request)
{
    struct runtime *runtime = target;
    enum fleet_state state = fleet_state(runtime->fleet);
    if (runtime->phase != PHASE_SERVING || state == FLEET_STOPPING) {
        request_fail(request, RPC_BUSY, NULL, "the runtime is stopping; try again when it has");
        return;
    }
    if (state == FLEET_STOPPED && names_something(params) && !replan(runtime, params, request))
        return;
    bool all_well = state == FLEET_READY || state == FLEET_DEGRADED;
    if (all_well) {
        request_answer(request, runtime_status(runtime, false));
        return;
    }
    runtime_want_all(runtime);
    waiters_add(runtime, GOAL_STARTED, NULL, request);
}

/* ---- the others ---- */

static void change_runtime(void *target, enum runtime_verb verb, struct request *request)
{
    struct runtime *runtime = target;
    if (runtime->phase != PHASE_SERVING && verb == RUNTIME_RESTART) {
        request_fail(request, RPC_BUSY, NULL, "the supervisor is ending");
        return;
    }
    waiters_refuse_starts(runtime, "the runtime was stopped before it was ready");
    switch (verb) {
    case RUNTIME_STOP:
        fleet_stop_all(runtime->fleet);
        waiters_add(runtime, GOAL_STOPPED, NULL, request);
        break;
    case RUNTIME_RESTART:
        fleet_stop_all(runtime->fleet);
        waiters_add(runtime, GOAL_RESTARTED, NULL, request);
        break;
    case RUNTIME_SHUTDOWN:
        waiters_add(runtime, GOAL_SHUT_DOWN, NULL, request);
        runtime_shutdown(runtime, false);
        break;
    }
}

static void change_sidecar(void *target, enum sidecar_verb verb, const char *name, struct request *request)
{
    struct runtime *runtime = target;
    struct sidecar *sidecar = sidecar_find(runtime, name);
    if (!sidecar) {
        no_such_sidecar(runtime, name, request);
        return;
    }
    if (verb != SIDECAR_STOP &&
        (runtime->phase != PHASE_SERVING || fleet_state(runtime->fleet) == FLEET_STOPPING)) {
        request_fail(request, RPC_BUSY, NULL, "the runtime is stopping; try again when it has");
        return;
    }
    switch (verb) {
    case SIDECAR_START:
        fleet_start(runtime->fleet, sidecar->service);
        break;
    case SIDECAR_STOP:
        fleet_stop(runtime->fleet, sidecar->service);
        break;
    case SIDECAR_RESTART:
        fleet_restart(runtime->fleet, sidecar->service);
        break;
    }
    waiters_add(runtime, verb == SIDECAR_STOP ? GOAL_SIDECAR_DOWN : GOAL_SIDECAR_UP, sidecar, request);
}

static cJSON *client_data(const char *transport, pid_t client)
{
    cJSON *data = cJSON_CreateObject();
    cJSON_AddStringToObject(data, "transport", transport);
    cJSON_AddNumberToObject(data, "pid", client);
    return data;
}

static void note_request(void *target, const char *method, const char *transport, pid_t client)
{
    struct runtime *runtime = target;
    cJSON *data = client_data(transport, client);
    cJSON_AddStringToObject(data, "method", method);
    feed_add(runtime->feed, LEVEL_OF_KIND, KIND_CONTROL_REQUEST, "control", data,
             "%s asked for by pid %ld over %s", method, (long)client, transport);
}

static void note_denied(void *target, const char *why, const char *transport, pid_t client)
{
    struct runtime *runtime = target;
    feed_add(runtime->feed, LEVEL_OF_KIND, KIND_CONTROL_DENIED, "control", client_data(transport, client),
             "a client was turned away on %s: %s", transport, why);
}

const struct control_operations runtime_control_operations = {
    .status = get_status,
    .diagnostics = get_diagnostics,
    .logs = get_logs,
    .start = start,
    .runtime = change_runtime,
    .sidecar = change_sidecar,
    .note_request = note_request,
    .note_denied = note_denied,
};
