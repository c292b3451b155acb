/*
 * All services of a plan and what lies between them: dependencies, the order of starts and stops, the state
 * of the whole.
 *
 * Pure as `service` is: it hands every action to a driver and takes every event from it. Events are handled
 * one at a time from a queue; whatever the driver posts while it carries an action out waits its turn, but
 * for the answer to a launch, which comes first.
 */
#ifndef SIDECARD_SERVICE_FLEET_H
#define SIDECARD_SERVICE_FLEET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "plan/plan.h"
#include "service.h"

struct fleet;

#define FLEET_STATE_LIST(X)                                                                                  \
    X(STOPPED, "stopped")                                                                                    \
    X(STARTING, "starting")                                                                                  \
    X(READY, "ready")                                                                                        \
    X(DEGRADED, "degraded")                                                                                  \
    X(FAILED, "failed")                                                                                      \
    X(STOPPING, "stopping")

enum fleet_state {
#define FLEET_STATE_ENUM(name, text) FLEET_##name,
    FLEET_STATE_LIST(FLEET_STATE_ENUM)
#undef FLEET_STATE_ENUM
};

const char *fleet_state_name(enum fleet_state state);

struct fleet_driver {
    void *context;
    int64_t (*now)(void *context);   /* monotonic, ms */
    double (*chance)(void *context); /* in [0, 1) */
    /* May post events; may not destroy the fleet. */
    void (*act)(void *context, struct service *service, enum service_action action);
    /* The queue is empty: timers and the state of the whole may have changed. May post events. */
    void (*settled)(void *context);
};

/* plan and driver are borrowed and outlive the fleet. */
struct fleet *fleet_create(const struct plan *plan, const struct fleet_driver *driver);
void fleet_destroy(struct fleet *fleet);

size_t fleet_count(const struct fleet *fleet);
struct service *fleet_service(struct fleet *fleet, size_t index);
struct service *fleet_find(struct fleet *fleet, const char *name);

/* Reports to one service; `now`, `chance` and `met` of the event are filled in. What it borrows is copied. */
void fleet_post(struct fleet *fleet, struct service *service, const struct service_event *event);

/* Wants everything that is not started on demand, with what it depends on; what is wanted already is left
 * alone, but for what failed. */
void fleet_start_all(struct fleet *fleet);

/* Wants nothing: dependants stop before what they depend on, what has no path between it at the same time. */
void fleet_stop_all(struct fleet *fleet);

/* Every grace is cut short, of this stop and until the next start. */
void fleet_hurry(struct fleet *fleet);

/* One service by request. A start and a restart also want what it depends on; a stop leaves its dependants
 * alone. */
void fleet_start(struct fleet *fleet, struct service *service);
void fleet_stop(struct fleet *fleet, struct service *service);
void fleet_restart(struct fleet *fleet, struct service *service);

/* When fleet_expire wants to be called next; SERVICE_NO_TIMER: not before an event. */
int64_t fleet_next_timer(const struct fleet *fleet);
void fleet_expire(struct fleet *fleet);

enum fleet_state fleet_state(const struct fleet *fleet);

/* Every critical service has a live child, is adopted, remote or completed (`running` in the status). */
bool fleet_running(const struct fleet *fleet);

/* Nothing of any tree is left. */
bool fleet_quiet(const struct fleet *fleet);

/* Nothing is under way by itself: all that is wanted is well, unhealthy, failed, or waits for what will not
 * come. */
bool fleet_at_rest(const struct fleet *fleet);

/* It waits, directly or through others, for a service that failed or is stopped. */
bool fleet_blocked(const struct fleet *fleet, const struct service *service);

#endif
