/* Inside of `service`: what fleet.c, fleet_order.c and fleet_state.c share. */
#ifndef SIDECARD_SERVICE_FLEET_INTERNAL_H
#define SIDECARD_SERVICE_FLEET_INTERNAL_H

#include "event_queue.h"
#include "fleet.h"

struct link {
    size_t to; /* index of the dependency */
    enum dependency_condition condition;
    bool by_default;
};

struct member {
    struct service service;
    struct link *links;
    size_t link_count;
    bool asked; /* what was requested last: to run, or not; the event may still be queued */
    bool met;   /* what it was told last of its dependencies, */
    const struct link *blocked_by; /* and which it waits for in vain; NULL: for none */
    bool news_queued;     /* an EVENT_DEPENDENCIES is on its way; what it says is looked up on arrival */
    bool stop_held;       /* to be stopped once its dependants are gone */
    bool live_dependants; /* by order_find_live_dependants */
    int seen_start;       /* the start_number whose dependants have been told */
};

struct fleet {
    const struct fleet_driver *driver;
    struct member *members;
    size_t count;
    struct event_queue queue;
    size_t held;   /* members whose stop is held */
    bool working;  /* the queue is being worked off further up the stack */
    bool stopping; /* everything was asked to stop, and nothing to start since */
};

/* A service is always part of its member. */
static inline struct member *fleet_member(const struct fleet *fleet, const struct service *service)
{
    size_t offset = (size_t)((const char *)service - (const char *)fleet->members);
    return &fleet->members[offset / sizeof(*fleet->members)];
}

/* Whether what the link asks for holds. */
bool order_link_holds(const struct member *members, const struct link *link);

/* Whether the link cannot come to hold by itself, because the dependency failed, is stopped or is blocked in
 * turn. */
bool order_link_blocked(const struct member *members, const struct link *link);

/* Whether all its links hold. */
bool order_met(const struct member *members, const struct member *member);

/* The first of its links that is blocked; NULL: none. */
const struct link *order_blocked_by(const struct member *members, const struct member *member);

/* Finds for every member whether anything that depends on it, directly or through others, still runs or is
 * about to. */
void order_find_live_dependants(struct member *members, size_t count);

bool order_depends_on(const struct member *member, size_t index);

#endif
