/* Inside of `service`: what fleet.c and fleet_order.c share. */
#ifndef SIDECARD_SERVICE_FLEET_INTERNAL_H
#define SIDECARD_SERVICE_FLEET_INTERNAL_H

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
    const struct link *blocked_by; /* what it waits for in vain; NULL: nothing */
    bool stop_held;                /* to be stopped once its dependants are gone */
    int seen_start;                /* the start_number whose dependants have been told */
};

/* Whether what the link asks for holds. */
bool order_link_holds(const struct member *members, const struct link *link);

/* Whether the link cannot come to hold by itself, because the dependency failed, is stopped or is blocked in turn. */
bool order_link_blocked(const struct member *members, const struct link *link);

/* Whether anything that depends on members[index] still runs, or is about to. */
bool order_has_live_dependants(const struct member *members, size_t count, size_t index);

bool order_depends_on(const struct member *member, size_t index);

#endif
