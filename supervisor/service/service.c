#include "service.h"

#include <assert.h>
#include <stdlib.h>

#include "base/signals.h"
#include "base/text.h"
#include "transitions.h"

void service_init(struct service *service, const struct sidecar_plan *plan, bool auto_restart)
{
    *service = (struct service){
        .plan = plan,
        .auto_restart = auto_restart,
        .state = plan->remote ? SERVICE_REMOTE : SERVICE_STOPPED,
        .timer_at = SERVICE_NO_TIMER,
    };
    budget_init(&service->budget, &plan->restart);
}

void service_finish(struct service *service)
{
    budget_finish(&service->budget);
    error_finish(&service->last_error);
    error_finish(&service->probe_error);
}

void service_handle(struct service *service, const struct service_event *event,
                    struct service_actions *actions)
{
    struct step step = {.service = service, .event = event, .actions = actions};
    actions->count = 0;
    transition_handlers[service->state][event->kind](&step);
}

void service_count_afresh(struct service *service)
{
    service->restarts = 0;
    service->last_restart_at = 0;
}

bool service_well(const struct service *service)
{
    switch (service->state) {
    case SERVICE_READY:
    case SERVICE_ADOPTED:
    case SERVICE_COMPLETED:
        return true;
    case SERVICE_REMOTE:
        return service->remote_well;
    default:
        return false;
    }
}

bool service_has_processes(const struct service *service)
{
    return service->tree;
}

bool service_in_progress(const struct service *service)
{
    switch (service->state) {
    case SERVICE_LOOKING:
    case SERVICE_STARTING:
    case SERVICE_ENDING:
    case SERVICE_CLEARING:
    case SERVICE_BACKOFF:
    case SERVICE_STOPPING:
        return true;
    case SERVICE_REMOTE:
        return service->wanted && !service->probed_once && !service->wait_over;
    default:
        return false;
    }
}

bool service_auto_restarts(const struct service *service)
{
    return service->auto_restart && service->wanted && service->plan->restart.policy != RESTART_NEVER &&
           service->state != SERVICE_FAILED && !service->probation;
}

const char *exit_reason_name(enum exit_reason reason)
{
    static const char *const names[] = {
        [EXIT_CLEAN] = "clean",         [EXIT_FAILED] = "failed",
        [EXIT_SIGNAL] = "signal",       [EXIT_OOM] = "oom",
        [EXIT_NOT_READY] = "not_ready", [EXIT_LIVE_PROBE] = "live_probe",
        [EXIT_REQUESTED] = "requested", [EXIT_LAUNCH_FAILED] = "launch_failed",
    };
    return names[reason];
}

char *exit_record_text(const struct exit_record *record)
{
    if (record->signal != 0)
        return text_format("was ended by %s", signal_name(record->signal));
    return text_format("exited with code %d", record->code);
}
