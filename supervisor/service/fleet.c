#include "fleet.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "fleet_internal.h"

struct queued {
    struct service *service;
    struct service_event event;
    struct error error; /* what event.error points to, where it has one */
    struct queued *next;
};

struct fleet {
    const struct fleet_driver *driver;
    struct member *members;
    size_t count;
    struct queued *first;
    struct queued *last;
    bool working; /* the queue is being worked off further up the stack */
    bool stopping;
};

const char *fleet_state_name(enum fleet_state state)
{
    static const char *const names[] = {
#define FLEET_STATE_NAME(name, text) [FLEET_##name] = text,
        FLEET_STATE_LIST(FLEET_STATE_NAME)
#undef FLEET_STATE_NAME
    };
    return names[state];
}

/* ---- the queue ---- */

static void enqueue(struct fleet *fleet, struct service *service, const struct service_event *event, bool at_front)
{
    struct queued *entry = memory_new(1, sizeof(*entry));
    entry->service = service;
    entry->event = *event;
    if (event->error) {
        error_copy(&entry->error, event->error);
        entry->event.error = &entry->error;
    }
    if (at_front) {
        entry->next = fleet->first;
        fleet->first = entry;
    } else if (fleet->first) {
        fleet->last->next = entry;
    } else {
        fleet->first = entry;
    }
    if (!entry->next)
        fleet->last = entry;
}

static void enqueue_kind(struct fleet *fleet, struct member *member, enum service_event_kind kind)
{
    enqueue(fleet, &member->service, &(struct service_event){.kind = kind}, false);
}

static struct queued *dequeue(struct fleet *fleet)
{
    struct queued *entry = fleet->first;
    if (entry)
        fleet->first = entry->next;
    return entry;
}

/* ---- what one service's change means for the others ---- */

static void tell_dependencies(struct fleet *fleet, struct member *member)
{
    bool met = true;
    const struct link *blocked_by = NULL;
    for (size_t i = 0; i < member->link_count; i++) {
        const struct link *link = &member->links[i];
        met = met && order_link_holds(fleet->members, link);
        if (!blocked_by && order_link_blocked(fleet->members, link))
            blocked_by = link;
    }
    if (met == member->service.dependencies_met && blocked_by == member->blocked_by)
        return;
    member->blocked_by = blocked_by;
    struct service_event event = {.kind = EVENT_DEPENDENCIES, .met = met};
    struct error error = {0};
    if (blocked_by) {
        const struct service *dependency = &fleet->members[blocked_by->to].service;
        const char *why = dependency->last_error.message;
        enum error_code code = dependency->last_error.code ? dependency->last_error.code : ERROR_NOT_RUNNING;
        error_set(&error, code, "%s waits for %s, which is %s%s%s", member->service.plan->name,
                  dependency->plan->name, service_state_name(dependency->state), why ? ": " : "", why ? why : "");
        error_remedy(&error, "run 'sidecard start %s' once that is mended", dependency->plan->name);
        event.error = &error;
    }
    /* A change that is still in the queue must not be told twice. */
    member->service.dependencies_met = met;
    enqueue(fleet, &member->service, &event, false);
    error_finish(&error);
}

static void release_stop(struct fleet *fleet, size_t index)
{
    struct member *member = &fleet->members[index];
    if (!member->stop_held || order_has_live_dependants(fleet->members, fleet->count, index))
        return;
    member->stop_held = false;
    enqueue_kind(fleet, member, EVENT_STOP);
}

static void restart_followers(struct fleet *fleet, size_t index)
{
    struct member *changed = &fleet->members[index];
    if (changed->service.start_number == changed->seen_start)
        return;
    changed->seen_start = changed->service.start_number;
    if (changed->service.start_number == 1)
        return;
    for (size_t i = 0; i < fleet->count; i++) {
        struct member *member = &fleet->members[i];
        if (member->service.plan->restart_with && member->service.wanted && member->service.pid != 0 &&
            order_depends_on(member, index))
            enqueue_kind(fleet, member, EVENT_RESTART);
    }
}

static void propagate(struct fleet *fleet, size_t index)
{
    restart_followers(fleet, index);
    for (size_t i = 0; i < fleet->count; i++)
        if (order_depends_on(&fleet->members[i], index))
            tell_dependencies(fleet, &fleet->members[i]);
    const struct member *changed = &fleet->members[index];
    for (size_t i = 0; i < changed->link_count; i++)
        release_stop(fleet, changed->links[i].to);
    release_stop(fleet, index);
}

static size_t index_of(const struct fleet *fleet, const struct service *service)
{
    return (size_t)((const struct member *)service - fleet->members);
}

static void handle(struct fleet *fleet, struct queued *entry)
{
    struct service_actions actions;
    entry->event.now = fleet->driver->now(fleet->driver->context);
    entry->event.chance = fleet->driver->chance(fleet->driver->context);
    if (entry->error.code != ERROR_NONE)
        entry->event.error = &entry->error;
    enum service_state before = entry->service->state;
    service_handle(entry->service, &entry->event, &actions);
    for (size_t i = 0; i < actions.count; i++)
        fleet->driver->act(fleet->driver->context, entry->service, actions.items[i]);
    size_t index = index_of(fleet, entry->service);
    if (entry->service->state == SERVICE_WAITING && before != SERVICE_WAITING) {
        /* What it waits for in vain may have been told while it did not listen. */
        fleet->members[index].blocked_by = NULL;
        tell_dependencies(fleet, &fleet->members[index]);
    }
    propagate(fleet, index);
}

static void work(struct fleet *fleet)
{
    if (fleet->working)
        return;
    fleet->working = true;
    do {
        struct queued *entry;
        while ((entry = dequeue(fleet)) != NULL) {
            handle(fleet, entry);
            error_finish(&entry->error);
            free(entry);
        }
        if (fleet->stopping && fleet_quiet(fleet))
            fleet->stopping = false;
        if (fleet->driver->settled)
            fleet->driver->settled(fleet->driver->context);
    } while (fleet->first);
    fleet->working = false;
}

/* ---- life ---- */

static size_t plan_index(const struct plan *plan, const char *name)
{
    for (size_t i = 0; i < plan->sidecar_count; i++)
        if (strcmp(plan->sidecars[i].name, name) == 0)
            return i;
    return plan->sidecar_count;
}

static void link_member(struct member *member, const struct plan *plan, const struct sidecar_plan *sidecar)
{
    member->links = memory_new(sidecar->dependency_count, sizeof(*member->links));
    for (size_t i = 0; i < sidecar->dependency_count; i++) {
        const struct dependency *dependency = &sidecar->dependencies[i];
        size_t to = plan_index(plan, dependency->name);
        if (to < plan->sidecar_count)
            member->links[member->link_count++] =
                (struct link){.to = to, .condition = dependency->condition, .by_default = dependency->by_default};
    }
}

struct fleet *fleet_create(const struct plan *plan, const struct fleet_driver *driver)
{
    struct fleet *fleet = memory_new(1, sizeof(*fleet));
    fleet->driver = driver;
    fleet->count = plan->sidecar_count;
    fleet->members = memory_new(fleet->count, sizeof(*fleet->members));
    for (size_t i = 0; i < fleet->count; i++) {
        service_init(&fleet->members[i].service, &plan->sidecars[i], plan->auto_restart);
        link_member(&fleet->members[i], plan, &plan->sidecars[i]);
    }
    for (size_t i = 0; i < fleet->count; i++) {
        struct member *member = &fleet->members[i];
        bool met = true;
        for (size_t j = 0; j < member->link_count; j++)
            met = met && order_link_holds(fleet->members, &member->links[j]);
        member->service.dependencies_met = met;
    }
    return fleet;
}

void fleet_destroy(struct fleet *fleet)
{
    if (!fleet)
        return;
    struct queued *entry;
    while ((entry = dequeue(fleet)) != NULL) {
        error_finish(&entry->error);
        free(entry);
    }
    for (size_t i = 0; i < fleet->count; i++) {
        service_finish(&fleet->members[i].service);
        free(fleet->members[i].links);
    }
    free(fleet->members);
    free(fleet);
}

size_t fleet_count(const struct fleet *fleet)
{
    return fleet->count;
}

struct service *fleet_service(struct fleet *fleet, size_t index)
{
    return &fleet->members[index].service;
}

struct service *fleet_find(struct fleet *fleet, const char *name)
{
    for (size_t i = 0; i < fleet->count; i++)
        if (strcmp(fleet->members[i].service.plan->name, name) == 0)
            return &fleet->members[i].service;
    return NULL;
}

/* ---- requests and reports ---- */

void fleet_post(struct fleet *fleet, struct service *service, const struct service_event *event)
{
    bool answers_launch = event->kind == EVENT_LAUNCHED || event->kind == EVENT_LAUNCH_FAILED;
    enqueue(fleet, service, event, answers_launch);
    work(fleet);
}

static void want(struct fleet *fleet, struct member *member)
{
    member->stop_held = false;
    enqueue_kind(fleet, member, EVENT_START);
}

void fleet_start_all(struct fleet *fleet)
{
    fleet->stopping = false;
    for (size_t i = 0; i < fleet->count; i++) {
        struct member *member = &fleet->members[i];
        bool idle = !member->service.wanted || member->service.state == SERVICE_FAILED;
        if (idle && !member->service.plan->on_demand)
            want(fleet, member);
    }
    work(fleet);
}

void fleet_stop_all(struct fleet *fleet)
{
    fleet->stopping = true;
    for (size_t i = fleet->count; i-- > 0;) {
        struct member *member = &fleet->members[i];
        bool held = order_has_live_dependants(fleet->members, fleet->count, i);
        member->stop_held = held;
        enqueue(fleet, &member->service, &(struct service_event){.kind = EVENT_STOP, .held = held}, false);
    }
    work(fleet);
}

void fleet_hurry(struct fleet *fleet)
{
    for (size_t i = fleet->count; i-- > 0;)
        enqueue_kind(fleet, &fleet->members[i], EVENT_HURRY);
    work(fleet);
}

static void want_with_dependencies(struct fleet *fleet, struct member *member)
{
    for (size_t i = 0; i < member->link_count; i++) {
        struct member *dependency = &fleet->members[member->links[i].to];
        if (!dependency->service.wanted)
            want_with_dependencies(fleet, dependency);
    }
    want(fleet, member);
}

void fleet_start(struct fleet *fleet, struct service *service)
{
    want_with_dependencies(fleet, &fleet->members[index_of(fleet, service)]);
    work(fleet);
}

void fleet_stop(struct fleet *fleet, struct service *service)
{
    struct member *member = &fleet->members[index_of(fleet, service)];
    member->stop_held = false;
    enqueue_kind(fleet, member, EVENT_STOP);
    work(fleet);
}

void fleet_restart(struct fleet *fleet, struct service *service)
{
    struct member *member = &fleet->members[index_of(fleet, service)];
    member->stop_held = false;
    enqueue_kind(fleet, member, EVENT_RESTART);
    work(fleet);
}

int64_t fleet_next_timer(const struct fleet *fleet)
{
    int64_t next = SERVICE_NO_TIMER;
    for (size_t i = 0; i < fleet->count; i++)
        if (fleet->members[i].service.timer_at < next)
            next = fleet->members[i].service.timer_at;
    return next;
}

void fleet_expire(struct fleet *fleet)
{
    /* With an empty queue no other event can come between a timer and its turn and change what it means. */
    assert(!fleet->working && !fleet->first);
    int64_t now = fleet->driver->now(fleet->driver->context);
    for (size_t i = 0; i < fleet->count; i++) {
        struct member *member = &fleet->members[i];
        if (member->service.timer_at > now)
            continue;
        member->service.timer_at = SERVICE_NO_TIMER;
        enqueue_kind(fleet, member, EVENT_TIMER);
    }
    work(fleet);
}

/* ---- the state of the whole ---- */

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
        bool runs = service->pid != 0 || service->state == SERVICE_ADOPTED || service->state == SERVICE_COMPLETED;
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
    return fleet->members[index_of(fleet, service)].blocked_by != NULL;
}

bool fleet_at_rest(const struct fleet *fleet)
{
    for (size_t i = 0; i < fleet->count; i++) {
        const struct member *member = &fleet->members[i];
        bool waits = member->service.state == SERVICE_WAITING && !member->blocked_by;
        if (waits || service_in_progress(&member->service))
            return false;
    }
    return !fleet->first;
}
