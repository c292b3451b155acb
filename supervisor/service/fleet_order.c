#include "fleet_internal.h"

static bool started(const struct service *service)
{
    switch (service->state) {
    case SERVICE_STARTING:
    case SERVICE_READY:
    case SERVICE_UNHEALTHY:
    case SERVICE_COMPLETED:
    case SERVICE_ADOPTED:
    case SERVICE_REMOTE:
        return true;
    default:
        return false;
    }
}

bool order_link_holds(const struct member *members, const struct link *link)
{
    const struct service *service = &members[link->to].service;
    switch (link->condition) {
    case DEPENDENCY_STARTED:
        return started(service);
    case DEPENDENCY_READY:
        return service_well(service) || (service->wait_over && link->by_default);
    case DEPENDENCY_COMPLETED:
        return service->state == SERVICE_COMPLETED;
    }
    return false;
}

bool order_link_blocked(const struct member *members, const struct link *link)
{
    const struct member *dependency = &members[link->to];
    if (order_link_holds(members, link))
        return false;
    return dependency->service.state == SERVICE_FAILED || dependency->service.state == SERVICE_STOPPED ||
           (dependency->service.state == SERVICE_WAITING && dependency->blocked_by);
}

bool order_depends_on(const struct member *member, size_t index)
{
    for (size_t i = 0; i < member->link_count; i++)
        if (member->links[i].to == index)
            return true;
    return false;
}

bool order_has_live_dependants(const struct member *members, size_t count, size_t index)
{
    for (size_t i = 0; i < count; i++) {
        const struct service *service = &members[i].service;
        bool live = service_has_processes(service) || service->state == SERVICE_LOOKING;
        if (live && order_depends_on(&members[i], index))
            return true;
    }
    return false;
}
