#include "fleet.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "fleet_internal.h"

/* ---- what one service's change means for the others ---- */

static void enqueue_kind(struct fleet *fleet, struct member *member, enum service_event_kind kind)
{
    event_queue_add(&fleet->queue, &member->service, &(struct service_event){.kind = kind});
}

static void hold_stop(struct fleet *fleet, struct member *member, bool held)
{
    if (member->stop_held == held)
        return;
    member->stop_held = held;
    fleet->held += held ? 1 : (size_t)-1;
}

/* What a member is to know is looked up when the news arrives: until then it may have changed again. */
static void tell_dependencies(struct fleet *fleet, struct member *member)
{
    bool news = order_met(fleet->members, member) != member->met ||
                order_blocked_by(fleet->members, member) != member->blocked_by;
    if (!news || member->news_queued)
        return;
    member->news_queued = true;
    enqueue_kind(fleet, member, EVENT_DEPENDENCIES);
}

static void fill_in_dependencies(struct fleet *fleet, struct member *member, struct queued *entry)
{
    member->news_queued = false;
    member->met = entry->event.met;
    member->blocked_by = order_blocked_by(fleet->members, member);
    if (!member->blocked_by)
        return;
    const struct service *dependency = &fleet->members[member->blocked_by->to].service;
    const char *why = dependency->last_error.message;
    enum error_code code = dependency->last_error.code ? dependency->last_error.code : ERROR_NOT_RUNNING;
    error_set(&entry->error, code, "%s waits for %s, which is %s%s%s", member->service.plan->name,
              dependency->plan->name, service_state_name(dependency->state), why ? ": " : "", why ? why : "");
    error_remedy(&entry->error, "run 'sidecard start %s' once that is mended", dependency->plan->name);
    entry->event.error = &entry->error;
}

static void release_held_stops(struct fleet *fleet)
{
    if (fleet->held == 0)
        return;
    order_find_live_dependants(fleet->members, fleet->count);
    for (size_t i = fleet->count; i-- > 0;) {
        struct member *member = &fleet->members[i];
        if (!member->stop_held || member->live_dependants)
            continue;
        hold_stop(fleet, member, false);
        enqueue_kind(fleet, member, EVENT_STOP);
    }
}

static void tell_followers(struct fleet *fleet, size_t index)
{
    struct member *changed = &fleet->members[index];
    if (changed->service.start_number == changed->seen_start)
        return;
    changed->seen_start = changed->service.start_number;
    for (size_t i = 0; i < fleet->count; i++) {
        struct member *member = &fleet->members[i];
        if (member->service.plan->restart_with && member->service.pid != 0 && order_depends_on(member, index))
            enqueue_kind(fleet, member, EVENT_FOLLOW);
    }
}

static void propagate(struct fleet *fleet, size_t index)
{
    tell_followers(fleet, index);
    for (size_t i = 0; i < fleet->count; i++)
        if (order_depends_on(&fleet->members[i], index))
            tell_dependencies(fleet, &fleet->members[i]);
    release_held_stops(fleet);
}

static void carry_out(struct fleet *fleet, struct service *service, const struct service_actions *actions)
{
    for (size_t i = 0; i < actions->count; i++) {
        if (actions->items[i] == ACTION_LOOK_OFF || actions->items[i] == ACTION_PROBE_OFF)
            event_queue_drop_answers(&fleet->queue, service, actions->items[i]);
        fleet->driver->act(fleet->driver->context, service, actions->items[i]);
    }
}

static void handle(struct fleet *fleet, struct queued *entry)
{
    struct member *member = fleet_member(fleet, entry->service);
    struct service_actions actions;
    entry->event.now = fleet->driver->now(fleet->driver->context);
    entry->event.chance = fleet->driver->chance(fleet->driver->context);
    entry->event.met = order_met(fleet->members, member);
    if (entry->event.kind == EVENT_DEPENDENCIES)
        fill_in_dependencies(fleet, member, entry);
    enum service_state before = entry->service->state;
    service_handle(entry->service, &entry->event, &actions);
    carry_out(fleet, entry->service, &actions);
    if (entry->service->state == SERVICE_WAITING && before != SERVICE_WAITING) {
        /* What it waits for in vain may have been told while it did not listen. */
        member->met = false;
        member->blocked_by = NULL;
        tell_dependencies(fleet, member);
    }
    propagate(fleet, (size_t)(member - fleet->members));
}

static void work(struct fleet *fleet)
{
    if (fleet->working)
        return;
    fleet->working = true;
    do {
        struct queued *entry;
        while ((entry = event_queue_take(&fleet->queue)) != NULL) {
            handle(fleet, entry);
            queued_destroy(entry);
        }
        if (fleet->stopping && fleet_quiet(fleet))
            fleet->stopping = false;
        if (fleet->driver->settled)
            fleet->driver->settled(fleet->driver->context);
    } while (fleet->queue.first);
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
            member->links[member->link_count++] = (struct link){
                .to = to, .condition = dependency->condition, .by_default = dependency->by_default};
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
        fleet->members[i].met = order_met(fleet->members, &fleet->members[i]);
        fleet->members[i].blocked_by = order_blocked_by(fleet->members, &fleet->members[i]);
    }
    return fleet;
}

void fleet_destroy(struct fleet *fleet)
{
    if (!fleet)
        return;
    event_queue_finish(&fleet->queue);
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
    if (event->kind == EVENT_LAUNCHED || event->kind == EVENT_LAUNCH_FAILED)
        event_queue_add_first(&fleet->queue, service, event);
    else
        event_queue_add(&fleet->queue, service, event);
    work(fleet);
}

static void want(struct fleet *fleet, struct member *member, enum service_event_kind how)
{
    fleet->stopping = false;
    member->asked = true;
    hold_stop(fleet, member, false);
    enqueue_kind(fleet, member, how);
}

static void want_dependencies(struct fleet *fleet, const struct member *member)
{
    for (size_t i = 0; i < member->link_count; i++) {
        struct member *dependency = &fleet->members[member->links[i].to];
        if (dependency->asked)
            continue;
        want_dependencies(fleet, dependency);
        want(fleet, dependency, EVENT_START);
    }
}

static void want_with_dependencies(struct fleet *fleet, struct member *member, enum service_event_kind how)
{
    want_dependencies(fleet, member);
    want(fleet, member, how);
}

void fleet_start_all(struct fleet *fleet)
{
    for (size_t i = 0; i < fleet->count; i++) {
        struct member *member = &fleet->members[i];
        bool idle = !member->asked || member->service.state == SERVICE_FAILED;
        if (idle && !member->service.plan->on_demand)
            want_with_dependencies(fleet, member, EVENT_START);
    }
    work(fleet);
}

void fleet_stop_all(struct fleet *fleet)
{
    fleet->stopping = true;
    order_find_live_dependants(fleet->members, fleet->count);
    for (size_t i = fleet->count; i-- > 0;) {
        struct member *member = &fleet->members[i];
        struct service_event event = {.kind = EVENT_STOP, .held = member->live_dependants};
        member->asked = false;
        hold_stop(fleet, member, member->live_dependants);
        event_queue_add(&fleet->queue, &member->service, &event);
    }
    work(fleet);
}

void fleet_hurry(struct fleet *fleet)
{
    for (size_t i = fleet->count; i-- > 0;)
        enqueue_kind(fleet, &fleet->members[i], EVENT_HURRY);
    work(fleet);
}

void fleet_start(struct fleet *fleet, struct service *service)
{
    want_with_dependencies(fleet, fleet_member(fleet, service), EVENT_START);
    work(fleet);
}

void fleet_restart(struct fleet *fleet, struct service *service)
{
    want_with_dependencies(fleet, fleet_member(fleet, service), EVENT_RESTART);
    work(fleet);
}

void fleet_stop(struct fleet *fleet, struct service *service)
{
    struct member *member = fleet_member(fleet, service);
    /* Where all are being stopped, its turn comes. */
    if (member->stop_held)
        return;
    member->asked = false;
    enqueue_kind(fleet, member, EVENT_STOP);
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
    assert(!fleet->working && !fleet->queue.first);
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
