/* The status object of control.md: what existing shells read, and more. */
#include <cjson/cJSON.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/signals.h"
#include "platform/clock.h"
#include "runtime_internal.h"

static void add_number_or_null(cJSON *object, const char *key, double value, bool known)
{
    if (known)
        cJSON_AddNumberToObject(object, key, value);
    else
        cJSON_AddNullToObject(object, key);
}

static void add_text_or_null(cJSON *object, const char *key, const char *value)
{
    if (value)
        cJSON_AddStringToObject(object, key, value);
    else
        cJSON_AddNullToObject(object, key);
}

int64_t status_wall(int64_t monotonic_ms)
{
    return clock_wall_ms() - (clock_monotonic_ms() - monotonic_ms);
}

static void add_moment(cJSON *object, const char *key, int64_t monotonic_ms)
{
    add_number_or_null(object, key, (double)status_wall(monotonic_ms), monotonic_ms != 0);
}

static void add_error(cJSON *object, const struct error *error)
{
    add_text_or_null(object, "last_error", error->code != ERROR_NONE ? error->message : NULL);
    if (error->code != ERROR_NONE)
        cJSON_AddItemToObject(object, "error", error_to_json(error));
    else
        cJSON_AddNullToObject(object, "error");
}

static void add_last_exit(cJSON *row, const struct sidecar *sidecar)
{
    const struct exit_record *exit = &sidecar->service->last_exit;
    if (!exit->known) {
        cJSON_AddNullToObject(row, "last_exit");
        return;
    }
    cJSON *object = cJSON_AddObjectToObject(row, "last_exit");
    add_number_or_null(object, "code", exit->code, exit->code >= 0);
    add_text_or_null(object, "signal", exit->signal ? signal_name(exit->signal) : NULL);
    add_moment(object, "at_ms", exit->at);
    char *stderr_text = exit_stderr_text(sidecar);
    cJSON_AddStringToObject(object, "stderr", stderr_text);
    free(stderr_text);
    cJSON_AddStringToObject(object, "reason", exit_reason_name(exit->reason));
}

static void add_probe(cJSON *row, const struct sidecar *sidecar)
{
    struct prober_last last = prober_last(sidecar->prober);
    cJSON *object = cJSON_AddObjectToObject(row, "probe");
    const struct probe_plan *plan = last.kind != PROBE_NONE ? NULL : &sidecar->plan->ready;
    cJSON_AddStringToObject(object, "kind", probe_kind_name(plan ? plan->kind : last.kind));
    if (last.known)
        cJSON_AddBoolToObject(object, "ok", last.ok);
    else
        cJSON_AddNullToObject(object, "ok");
    add_number_or_null(object, "latency_ms", last.latency_ms, last.known);
    cJSON_AddNumberToObject(object, "failures", last.failures);
}

static void add_budget(cJSON *row, const struct service *service)
{
    int64_t now = clock_monotonic_ms();
    bool pending = service->state == SERVICE_BACKOFF ||
                   (service->state == SERVICE_CLEARING && service->outcome == OUTCOME_RESTART);
    cJSON_AddNumberToObject(row, "restarts", service->restarts);
    cJSON_AddNumberToObject(row, "restarts_in_window", budget_in_window(&service->budget, now));
    cJSON_AddNumberToObject(row, "budget_left", budget_left(&service->budget, now));
    add_moment(row, "next_restart_ms", pending ? service->restart_at : 0);
}

cJSON *status_row(struct sidecar *sidecar)
{
    const struct service *service = sidecar->service;
    const struct sidecar_plan *plan = sidecar->plan;
    bool running = service->pid != 0;
    cJSON *row = cJSON_CreateObject();
    cJSON_AddStringToObject(row, "name", plan->name);
    cJSON_AddStringToObject(row, "role", role_name(plan->role));
    cJSON_AddStringToObject(row, "state", service_state_name(service->state));
    add_number_or_null(row, "pid", service->pid, running);
    add_number_or_null(row, "port", plan->port, plan->port != 0);
    add_text_or_null(row, "url", plan->url);
    cJSON_AddBoolToObject(row, "owned", !plan->remote && service->state != SERVICE_ADOPTED);
    cJSON_AddBoolToObject(row, "critical", plan->critical);
    add_text_or_null(row, "title", plan->title);
    cJSON_AddBoolToObject(row, "auto_restart", !plan->remote && service_auto_restarts(service));
    add_moment(row, "started_at_ms", service->started_at);
    add_moment(row, "ready_at_ms", service->ready_at);
    add_budget(row, service);
    add_last_exit(row, sidecar);
    add_error(row, &service->last_error);
    add_probe(row, sidecar);
    bool sampled = running && sidecar->usage.sampled_at != 0;
    add_number_or_null(row, "memory_bytes", (double)sidecar->usage.memory_bytes, sampled);
    add_number_or_null(row, "cpu_percent", sidecar->usage.cpu_percent, sampled);
    add_number_or_null(row, "open_files", sidecar->usage.open_files, sampled);
    cJSON_AddNumberToObject(row, "log_bytes_lost", (double)log_bytes_lost(sidecar->log));
    static const char *const listeners[] = {
        [LISTENER_UNCHECKED] = NULL, [LISTENER_OWN] = "own", [LISTENER_UNKNOWN] = "unknown"};
    add_text_or_null(row, "listener", running ? listeners[sidecar->listener] : NULL);
    return row;
}

static void add_pid_of(cJSON *status, struct runtime *runtime, const char *key, const char *name)
{
    const struct sidecar *sidecar = sidecar_find(runtime, name);
    pid_t pid = sidecar ? sidecar->service->pid : 0;
    add_number_or_null(status, key, pid, pid != 0);
}

/* The newest error that is not resolved: of the sidecar whose trouble began last. */
static const struct error *newest_error(struct runtime *runtime)
{
    const struct service *newest = NULL;
    for (size_t i = 0; i < runtime->sidecar_count; i++) {
        const struct service *service = runtime->sidecars[i].service;
        if (service->last_error.code == ERROR_NONE)
            continue;
        bool blocked = fleet_blocked(runtime->fleet, service);
        if (!newest || (!blocked && service->last_exit.at >= newest->last_exit.at))
            newest = service;
    }
    static const struct error none;
    return newest ? &newest->last_error : &none;
}

static bool auto_restarts(struct runtime *runtime)
{
    enum fleet_state state = fleet_state(runtime->fleet);
    if (!runtime->plan->auto_restart || state == FLEET_STOPPED || state == FLEET_STOPPING)
        return false;
    for (size_t i = 0; i < runtime->sidecar_count; i++) {
        const struct service *service = runtime->sidecars[i].service;
        if (service->plan->critical && service->wanted && !service_auto_restarts(service))
            return false;
    }
    return true;
}

static void add_restarts(cJSON *status, struct runtime *runtime)
{
    int count = 0;
    int64_t last = 0;
    for (size_t i = 0; i < runtime->sidecar_count; i++) {
        const struct service *service = runtime->sidecars[i].service;
        count += service->restarts;
        if (service->last_restart_at > last)
            last = service->last_restart_at;
    }
    cJSON_AddNumberToObject(status, "restart_count", count);
    add_moment(status, "last_restart_ms", last);
}

static void add_supervisor(cJSON *status, struct runtime *runtime)
{
    cJSON *object = cJSON_AddObjectToObject(status, "supervisor");
    cJSON_AddNumberToObject(object, "pid", getpid());
    cJSON_AddNumberToObject(object, "supervisor_pid", getpid());
    cJSON_AddStringToObject(object, "version", SIDECARD_VERSION);
    cJSON_AddNumberToObject(object, "uptime_ms", (double)(clock_wall_ms() - runtime->opened_at));
    cJSON_AddNumberToObject(object, "rss_bytes", (double)sampler_own_resident_bytes(runtime->sampler));
    cJSON_AddNumberToObject(object, "cpu_percent", sampler_own_cpu_percent(runtime->sampler));
}

cJSON *runtime_status(struct runtime *runtime, bool detail)
{
    const struct plan *plan = runtime->plan;
    cJSON *status = cJSON_CreateObject();
    cJSON_AddBoolToObject(status, "running", fleet_running(runtime->fleet));
    cJSON_AddStringToObject(status, "state", fleet_state_name(fleet_state(runtime->fleet)));
    cJSON_AddStringToObject(status, "mode", mode_name(plan->mode));
    add_pid_of(status, runtime, "web_pid", "web");
    add_pid_of(status, runtime, "backend_pid", "backend");
    add_pid_of(status, runtime, "mongo_pid", "mongo");
    add_pid_of(status, runtime, "ollama_pid", "ollama");
    bool started = runtime->started_at != 0 && fleet_state(runtime->fleet) != FLEET_STOPPED;
    add_number_or_null(status, "started_at_ms", (double)runtime->started_at, started);
    add_error(status, newest_error(runtime));
    cJSON_AddNumberToObject(status, "web_port", plan->web_port);
    cJSON_AddNumberToObject(status, "backend_port", plan->backend_port);
    cJSON_AddNumberToObject(status, "mongo_port", plan->mongo_port);
    cJSON_AddNumberToObject(status, "ollama_port", plan->ollama_port);
    cJSON_AddStringToObject(status, "backend_url", plan->backend_url ? plan->backend_url : "");
    cJSON_AddBoolToObject(status, "auto_restart", auto_restarts(runtime));
    add_restarts(status, runtime);
    add_text_or_null(status, "diagnostics_path", feed_path(runtime->feed));
    add_text_or_null(status, "diagnostics_error", feed_error(runtime->feed));
    add_supervisor(status, runtime);
    cJSON_AddItemToObject(status, "startup", startup_json(runtime));
    cJSON *rows = cJSON_AddArrayToObject(status, "sidecars");
    for (size_t i = 0; i < runtime->sidecar_count; i++)
        cJSON_AddItemToArray(rows, status_row(&runtime->sidecars[i]));
    return status;
}
