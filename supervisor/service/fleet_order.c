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

bool order_met(const struct member *members, const struct member *member)
{
    for (size_t i = 0; i < member->link_count; i++)
        if (!order_link_holds(members, &member->links[i]))
            return false;
    return true;
}

const struct link *order_blocked_by(const struct member *members, const struct member *member)
{
    for (size_t i = 0; i < member->link_count; i++)
        if (order_link_blocked(members, &member->links[i]))
            return &member->links[i];
    return NULL;
}

bool order_depends_on(const struct member *member, size_t index)
{
    for (size_t i = 0; i < member->link_count; i++)
        if (member->links[i].to == index)
            return true;
    return false;
}

/* A dependency stands before its dependants: one walk from the end sees each after all that depends on it. */
void order_find_live_dependants(struct member *members, size_t count)
{
    for (size_t i = 0; i < count; i++)
        members[i].live_dependants = false;
    for (size_t i = count; i-- > 0;) {
        const struct member *member = &members[i];
        const struct service *service = &member->service;
        if (!member->live_dependants && !service_has_processes(service) && service->state != SERVICE_LOOKING)
            continue;
        for (size_t j = 0; j < member->link_count; j++)
            members[member->links[j].to].live_dependants = true;
    }
}
