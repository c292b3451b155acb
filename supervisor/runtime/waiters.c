/* Requests that are answered when what they asked for has come about. */
#include <stdlib.h>

#include "base/memory.h"
#include "control/target.h"
#include "runtime_internal.h"

struct waiter {
    enum waiter_goal goal;
    struct sidecar *sidecar; /* GOAL_SIDECAR_..., else NULL */
    struct request *request;
    struct waiter *next;
};

struct waiters {
    struct waiter *first;
};

struct waiters *waiters_create(void)
{
    return memory_new(1, sizeof(struct waiters));
}

void waiters_add(struct runtime *runtime, enum waiter_goal goal, struct sidecar *sidecar,
                 struct request *request)
{
    struct waiter *waiter = memory_new(1, sizeof(*waiter));
    *waiter = (struct waiter){.goal = goal, .sidecar = sidecar, .request = request};
    waiter->next = runtime->waiters->first;
    runtime->waiters->first = waiter;
    waiters_check(runtime);
}

static bool is_up_or_never(const struct runtime *runtime, const struct service *service)
{
    return service_well(service) || service->state == SERVICE_UNHEALTHY || service->state == SERVICE_FAILED ||
           service->state == SERVICE_REMOTE || fleet_blocked(runtime->fleet, service);
}

/* Whether the wait is over; *refusal is set where it ended otherwise than hoped for. */
static bool is_over(struct runtime *runtime, struct waiter *waiter, const char **refusal)
{
    enum fleet_state state = fleet_state(runtime->fleet);
    switch (waiter->goal) {
    case GOAL_STARTED:
        return state != FLEET_STARTING || fleet_at_rest(runtime->fleet);
    case GOAL_STOPPED:
    case GOAL_SHUT_DOWN:
        return state == FLEET_STOPPED && fleet_quiet(runtime->fleet);
    case GOAL_RESTARTED:
        return false;
    case GOAL_SIDECAR_UP:
        if (!waiter->sidecar->service->wanted)
            *refusal = "it was stopped before it was ready";
        return *refusal || is_up_or_never(runtime, waiter->sidecar->service);
    case GOAL_SIDECAR_DOWN: {
        const struct service *service = waiter->sidecar->service;
        if (service->wanted)
            *refusal = "it was started again before it had stopped";
        return *refusal || service->state == SERVICE_STOPPED || service->state == SERVICE_REMOTE;
    }
    }
    return false;
}

static void answer(struct runtime *runtime, struct waiter *waiter, const char *refusal)
{
    if (refusal)
        request_fail(waiter->request, RPC_BUSY, runtime_status(runtime, false), "%s", refusal);
    else if (waiter->sidecar)
        request_answer(waiter->request, status_row(waiter->sidecar));
    else
        request_answer(waiter->request, runtime_status(runtime, false));
    free(waiter);
}

/* A restart has two halves: once all is stopped, it becomes a start. */
static void start_second_halves(struct runtime *runtime)
{
    if (fleet_state(runtime->fleet) != FLEET_STOPPED || !fleet_quiet(runtime->fleet) ||
        runtime->phase != PHASE_SERVING)
        return;
    bool any = false;
    for (struct waiter *waiter = runtime->waiters->first; waiter; waiter = waiter->next) {
        if (waiter->goal == GOAL_RESTARTED) {
            waiter->goal = GOAL_STARTED;
            any = true;
        }
    }
    if (any)
        runtime_want_all(runtime);
}

/* Takes the first one off the list whose wait is over. */
static struct waiter *take_one(struct runtime *runtime, const char **refusal)
{
    for (struct waiter **link = &runtime->waiters->first; *link; link = &(*link)->next) {
        struct waiter *waiter = *link;
        *refusal = NULL;
        if (is_over(runtime, waiter, refusal)) {
            *link = waiter->next;
            return waiter;
        }
    }
    return NULL;
}

void waiters_check(struct runtime *runtime)
{
    const char *refusal;
    struct waiter *waiter;
    if (!runtime->waiters || !runtime->waiters->first)
        return;
    /* Before a restart starts anything: whoever waits for all to be stopped sees that only now. */
    while ((waiter = take_one(runtime, &refusal)) != NULL)
        answer(runtime, waiter, refusal);
    start_second_halves(runtime);
}

void waiters_refuse_starts(struct runtime *runtime, const char *why)
{
    if (!runtime->waiters)
        return;
    struct waiter **link = &runtime->waiters->first;
    while (*link) {
        struct waiter *waiter = *link;
        if (waiter->goal == GOAL_STOPPED || waiter->goal == GOAL_SHUT_DOWN ||
            waiter->goal == GOAL_SIDECAR_DOWN) {
            link = &waiter->next;
            continue;
        }
        *link = waiter->next;
        answer(runtime, waiter, why);
    }
}

void waiters_destroy(struct runtime *runtime)
{
    if (!runtime->waiters)
        return;
    while (runtime->waiters->first) {
        struct waiter *waiter = runtime->waiters->first;
        runtime->waiters->first = waiter->next;
        answer(runtime, waiter, "the supervisor is ending");
    }
    free(runtime->waiters);
    runtime->waiters = NULL;
}
