/* What the services amount to together (fleet.h). */
#include "fleet_internal.h"

const char *fleet_state_name(enum fleet_state state)
{
    static const char *const names[] = {
#define FLEET_STATE_NAME(name, text) [FLEET_##name] = text,
        FLEET_STATE_LIST(FLEET_STATE_NAME)
#undef FLEET_STATE_NAME
    };
    return names[state];
}

static bool nothing_wanted(const struct fleet *fleet)
{
    for (size_t i = 0; i < fleet->count; i++)
        if (fleet->members[i].service.wanted)
            return false;
    return true;
}

static bool ails(const struct service *service)
{
    switch (service->state) {
    case SERVICE_UNHEALTHY:
    case SERVICE_ENDING:
    case SERVICE_CLEARING:
    case SERVICE_BACKOFF:
    case SERVICE_FAILED:
        return true;
    case SERVICE_REMOTE:
        return service->probed_once && !service->remote_well;
    default:
        return false;
    }
}

enum fleet_state fleet_state(const struct fleet *fleet)
{
    bool starting = false;
    bool degraded = false;
    if (fleet->stopping)
        return FLEET_STOPPING;
    if (nothing_wanted(fleet))
        return FLEET_STOPPED;
    for (size_t i = 0; i < fleet->count; i++) {
        const struct service *service = &fleet->members[i].service;
        if (!service->wanted)
            continue;
        bool critical = service->plan->critical;
        if (critical && service->state == SERVICE_FAILED)
            return FLEET_FAILED;
        starting = starting || (critical && !service->well_once);
        degraded = degraded || (critical ? !service_well(service) : ails(service));
    }
    return starting ? FLEET_STARTING : degraded ? FLEET_DEGRADED : FLEET_READY;
}

bool fleet_running(const struct fleet *fleet)
{
    bool any = false;
    for (size_t i = 0; i < fleet->count; i++) {
        const struct service *service = &fleet->members[i].service;
        bool runs =
            service->pid != 0 || service->state == SERVICE_ADOPTED || service->state == SERVICE_COMPLETED;
        any = any || runs;
        if (service->plan->critical && !service->plan->remote && !service->plan->on_demand && !runs)
            return false;
    }
    return any;
}

bool fleet_quiet(const struct fleet *fleet)
{
    for (size_t i = 0; i < fleet->count; i++)
        if (service_has_processes(&fleet->members[i].service))
            return false;
    return true;
}

bool fleet_blocked(const struct fleet *fleet, const struct service *service)
{
    return service->state == SERVICE_WAITING && fleet_member(fleet, service)->blocked_by;
}

bool fleet_at_rest(const struct fleet *fleet)
{
    for (size_t i = 0; i < fleet->count; i++) {
        const struct service *service = &fleet->members[i].service;
        bool waits = service->state == SERVICE_WAITING && !fleet_blocked(fleet, service);
        if (waits || service_in_progress(service))
            return false;
    }
    return !fleet->queue.first;
}
