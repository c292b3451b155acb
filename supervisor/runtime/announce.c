/* What happened, in words: every change of state becomes one event of the feed. */
#include <cjson/cJSON.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/signals.h"
#include "base/text.h"
#include "platform/clock.h"
#include "runtime_internal.h"

static void add_signal(cJSON *data, int signal)
{
    if (signal)
        cJSON_AddStringToObject(data, "signal", signal_name(signal));
    else
        cJSON_AddNullToObject(data, "signal");
}

static void add_error(cJSON *data, const struct error *error)
{
    if (error->code != ERROR_NONE)
        cJSON_AddItemToObject(data, "error", error_to_json(error));
}

static cJSON *exit_data(const struct sidecar *sidecar, int64_t now)
{
    const struct service *service = sidecar->service;
    const struct exit_record *exit = &service->last_exit;
    cJSON *data = cJSON_CreateObject();
    if (exit->code >= 0)
        cJSON_AddNumberToObject(data, "code", exit->code);
    else
        cJSON_AddNullToObject(data, "code");
    add_signal(data, exit->signal);
    cJSON_AddNumberToObject(data, "uptime_ms", (double)exit->uptime_ms);
    cJSON_AddStringToObject(data, "reason", exit_reason_name(exit->reason));
    cJSON_AddNumberToObject(data, "restarts_in_window", budget_in_window(&service->budget, now));
    char *stderr_text = exit_stderr_text(sidecar);
    cJSON_AddStringToObject(data, "stderr", stderr_text);
    free(stderr_text);
    if (exit->reason != EXIT_REQUESTED && exit->reason != EXIT_CLEAN)
        add_error(data, &service->last_error);
    return data;
}

/* What follows an end, for the end of its line; owned by the caller. */
static char *outlook(const struct service *service, int64_t now)
{
    const struct restart_plan *plan = &service->plan->restart;
    if (!service->wanted || service->state == SERVICE_STOPPING)
        return text_format(" as asked");
    if (service->outcome == OUTCOME_COMPLETE)
        return memory_copy_text("");
    if (service->outcome == OUTCOME_RESTART) {
        int64_t wait = service->restart_at > now ? service->restart_at - now : 0;
        return text_format("; restart %d of %d in %lld ms", budget_in_window(&service->budget, now),
                           plan->max, (long long)wait);
    }
    if (!service->auto_restart)
        return text_format("; auto-restart is off");
    if (plan->policy == RESTART_NEVER)
        return text_format("; its policy is never to restart");
    if (service->last_error.code != ERROR_BUDGET_SPENT)
        return text_format("; it is not tried again now");
    return text_format("; no restart is left of %d in %lld s", plan->max,
                       (long long)(plan->window_ms / 1000));
}

static void announce_exit(struct sidecar *sidecar)
{
    const struct service *service = sidecar->service;
    const struct exit_record *exit = &service->last_exit;
    int64_t now = clock_monotonic_ms();
    bool asked_for = exit->reason == EXIT_REQUESTED ||
                     (exit->reason == EXIT_CLEAN && service->outcome == OUTCOME_COMPLETE);
    char *end =
        exit->reason == EXIT_LAUNCH_FAILED ? text_format("could not be started") : exit_record_text(exit);
    char *next = outlook(service, now);
    feed_add(sidecar->runtime->feed, asked_for ? LEVEL_INFO : LEVEL_OF_KIND, KIND_SIDECAR_EXITED,
             sidecar->plan->name, exit_data(sidecar, now), "%s %s%s", sidecar->plan->name, end, next);
    free(end);
    free(next);
}

static void announce_started(struct sidecar *sidecar)
{
    const struct service *service = sidecar->service;
    cJSON *data = cJSON_CreateObject();
    cJSON_AddNumberToObject(data, "pid", service->pid);
    cJSON_AddNumberToObject(data, "start", service->start_number);
    if (sidecar->plan->port)
        cJSON_AddNumberToObject(data, "port", sidecar->plan->port);
    feed_add(sidecar->runtime->feed, LEVEL_OF_KIND, KIND_SIDECAR_STARTED, sidecar->plan->name, data,
             "%s started with pid %ld", sidecar->plan->name, (long)service->pid);
}

static void announce_ready(struct sidecar *sidecar)
{
    const struct service *service = sidecar->service;
    int64_t took = service->ready_at - service->started_at;
    cJSON *data = cJSON_CreateObject();
    cJSON_AddNumberToObject(data, "pid", service->pid);
    cJSON_AddNumberToObject(data, "startup_ms", (double)took);
    if (sidecar->plan->port)
        cJSON_AddNumberToObject(data, "port", sidecar->plan->port);
    feed_add(sidecar->runtime->feed, LEVEL_OF_KIND, KIND_SIDECAR_READY, sidecar->plan->name, data,
             "%s is ready after %.3g s", sidecar->plan->name, (double)took / 1000);
}

/* Events that say one sentence and, where there is one, the error. */
static void announce_plain(struct sidecar *sidecar, enum event_kind kind, const char *sentence,
                           bool with_error)
{
    const struct error *error = &sidecar->service->last_error;
    cJSON *data = cJSON_CreateObject();
    bool tell = with_error && error->code != ERROR_NONE;
    if (tell)
        add_error(data, error);
    char *line = tell ? error_line(error) : NULL;
    feed_add(sidecar->runtime->feed, LEVEL_OF_KIND, kind, sidecar->plan->name, data, "%s %s%s%s",
             sidecar->plan->name, sentence, line ? ": " : "", line ? line : "");
    free(line);
}

static void announce_restarting(struct sidecar *sidecar)
{
    const struct service *service = sidecar->service;
    cJSON *data = cJSON_CreateObject();
    cJSON_AddNumberToObject(data, "restarts", service->restarts);
    cJSON_AddNumberToObject(data, "restarts_in_window",
                            budget_in_window(&service->budget, clock_monotonic_ms()));
    feed_add(sidecar->runtime->feed, LEVEL_OF_KIND, KIND_SIDECAR_RESTARTING, sidecar->plan->name, data,
             service->probation ? "%s is tried once more" : "%s is restarted", sidecar->plan->name);
}

static void announce_bug(struct sidecar *sidecar)
{
    cJSON *data = cJSON_CreateObject();
    cJSON_AddStringToObject(data, "state", service_state_name(sidecar->service->state));
    cJSON_AddNumberToObject(data, "event", sidecar->service->bug_event);
    feed_add(sidecar->runtime->feed, LEVEL_ERROR, KIND_SIDECAR_NOTICE, sidecar->plan->name, data,
             "a fault of sidecard: %s was not prepared for event %d in state %s; please report it",
             sidecar->plan->name, (int)sidecar->service->bug_event,
             service_state_name(sidecar->service->state));
}

void announce(struct sidecar *sidecar, enum service_action what)
{
    bool remote = sidecar->plan->remote;
    switch (what) {
    case ACTION_TELL_WAITING:
        announce_plain(sidecar, KIND_SIDECAR_WAITING, "waits for what it depends on", true);
        break;
    case ACTION_TELL_STARTED:
        announce_started(sidecar);
        break;
    case ACTION_TELL_READY:
        announce_ready(sidecar);
        break;
    case ACTION_TELL_UNHEALTHY:
        announce_plain(sidecar, KIND_SIDECAR_UNHEALTHY,
                       remote ? "does not answer where it is" : "is unhealthy", true);
        break;
    case ACTION_TELL_HEALTHY:
        announce_plain(sidecar, KIND_SIDECAR_HEALTHY, remote ? "answers where it is" : "is healthy again",
                       false);
        break;
    case ACTION_TELL_EXITED:
        announce_exit(sidecar);
        break;
    case ACTION_TELL_RESTARTING:
        announce_restarting(sidecar);
        break;
    case ACTION_TELL_RECOVERED:
        announce_plain(sidecar, KIND_SIDECAR_RECOVERED, "has recovered: it has been ready for 60 s", false);
        break;
    case ACTION_TELL_FAILED:
        announce_plain(sidecar, KIND_SIDECAR_FAILED, "failed", true);
        break;
    case ACTION_TELL_STOPPING:
        announce_plain(sidecar, KIND_SIDECAR_STOPPING, "is being stopped", false);
        break;
    case ACTION_TELL_STOPPED:
        announce_plain(sidecar, KIND_SIDECAR_STOPPED, "is stopped", false);
        break;
    case ACTION_TELL_ADOPTED:
        announce_plain(sidecar, KIND_SIDECAR_ADOPTED, "runs already and is used as it is, never stopped",
                       false);
        break;
    case ACTION_TELL_LOST:
        announce_plain(sidecar, KIND_SIDECAR_LOST, "was somebody else's and does not answer any more", true);
        break;
    case ACTION_TELL_WAIT_OVER:
        announce_plain(sidecar, KIND_SIDECAR_NOTICE,
                       "has not answered in time; what waits for it starts without it", true);
        break;
    case ACTION_TELL_COMPLETED:
        announce_plain(sidecar, KIND_SIDECAR_COMPLETED, "has completed", false);
        break;
    case ACTION_TELL_BUG:
        announce_bug(sidecar);
        break;
    default:
        break;
    }
}

/* The first critical sidecar that is what the state complains of. */
static const struct service *culprit(struct runtime *runtime, enum fleet_state state)
{
    for (size_t i = 0; i < runtime->sidecar_count; i++) {
        const struct service *service = runtime->sidecars[i].service;
        bool failed = service->state == SERVICE_FAILED && service->plan->critical;
        if (state == FLEET_FAILED ? failed : service->wanted && !service_well(service))
            return service;
    }
    return NULL;
}

void announce_state(struct runtime *runtime, enum fleet_state state)
{
    static const struct {
        enum event_kind kind;
        const char *sentence;
    } texts[] = {
        [FLEET_STOPPED] = {KIND_RUNTIME_STOPPED, "the runtime is stopped"},
        [FLEET_STARTING] = {KIND_RUNTIME_STARTING, "the runtime is starting"},
        [FLEET_READY] = {KIND_RUNTIME_READY, "the runtime is ready"},
        [FLEET_DEGRADED] = {KIND_RUNTIME_DEGRADED, "the runtime is degraded"},
        [FLEET_FAILED] = {KIND_RUNTIME_FAILED, "the runtime failed"},
        [FLEET_STOPPING] = {KIND_RUNTIME_STOPPING, "the runtime is stopping"},
    };
    const struct service *why =
        state == FLEET_FAILED || state == FLEET_DEGRADED ? culprit(runtime, state) : NULL;
    cJSON *data = cJSON_CreateObject();
    cJSON_AddStringToObject(data, "state", fleet_state_name(state));
    cJSON_AddStringToObject(data, "mode", mode_name(runtime->plan->mode));
    if (why)
        cJSON_AddStringToObject(data, "sidecar", why->plan->name);
    feed_add(runtime->feed, LEVEL_OF_KIND, texts[state].kind, "runtime", data, "%s%s%s%s%s%s",
             texts[state].sentence, why ? ": " : "", why ? why->plan->name : "", why ? " (" : "",
             why ? service_state_name(why->state) : "", why ? ")" : "");
    if (runtime->listener.state)
        runtime->listener.state(runtime->listener.context, fleet_state_name(state));
}
