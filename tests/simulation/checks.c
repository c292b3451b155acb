#include "checks.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STABLE_MS 60000

void check_failed(const struct world *world, const struct actor *actor, const char *what)
{
    fprintf(stderr, "seed %" PRIu64 ", %" PRId64 " ms, step %" PRIu64 ": %s%s%s\n", world->seed, world->now,
            world->steps, actor ? actor->service->plan->name : "", actor ? ": " : "", what);
    for (size_t i = 0; i < world->count; i++) {
        const struct actor *one = &world->actors[i];
        fprintf(stderr, "  %s: state %d (%s), wanted %d, child %d, tree %d\n", one->service->plan->name,
                (int)one->service->state, service_state_name(one->service->state), one->service->wanted,
                one->child, one->tree);
    }
    fprintf(stderr, "run it again with: simulate %" PRIu64 "\n", world->seed);
    abort();
}

static bool is_well(const struct service *service)
{
    return service->state == SERVICE_READY || service->state == SERVICE_ADOPTED ||
           service->state == SERVICE_COMPLETED || (service->state == SERVICE_REMOTE && service->remote_well);
}

/* ---- dependencies ---- */

static const struct actor *actor_named(const struct world *world, const char *name)
{
    for (size_t i = 0; i < world->count; i++)
        if (strcmp(world->actors[i].service->plan->name, name) == 0)
            return &world->actors[i];
    return NULL;
}

static bool holds(const struct world *world, const struct dependency *dependency)
{
    const struct actor *actor = actor_named(world, dependency->name);
    const struct service *service = actor->service;
    switch (dependency->condition) {
    case DEPENDENCY_STARTED:
        return (actor->child && !actor->stopped) || service->state == SERVICE_REMOTE ||
               service->state == SERVICE_ADOPTED || service->state == SERVICE_COMPLETED;
    case DEPENDENCY_READY:
        return is_well(service) || (dependency->by_default && service->wait_over);
    case DEPENDENCY_COMPLETED:
        return service->state == SERVICE_COMPLETED;
    }
    return false;
}

static bool all_hold(const struct world *world, const struct actor *actor)
{
    for (size_t i = 0; i < actor->service->plan->dependency_count; i++)
        if (!holds(world, &actor->service->plan->dependencies[i]))
            return false;
    return true;
}

static bool depends_on(const struct world *world, const struct actor *actor, const struct actor *on)
{
    for (size_t i = 0; i < actor->service->plan->dependency_count; i++) {
        const struct actor *dependency = actor_named(world, actor->service->plan->dependencies[i].name);
        if (dependency == on || depends_on(world, dependency, on))
            return true;
    }
    return false;
}

/* ---- the budget ---- */

void check_note_asked(struct actor *actor, bool anew)
{
    struct memory *memory = &actor->memory;
    if (!memory->asked || actor->service->state == SERVICE_FAILED)
        memory->well_once = !anew && is_well(actor->service);
    memory->asked = true;
    memory->failure = false;
    memory->gave_up = memory->on_trial = false;
    memory->row = 0;
    memory->charge_count = 0;
}

void check_note_failure(struct world *world, struct actor *actor)
{
    actor->memory.failure = true;
    actor->memory.failure_at = world->now;
}

static void note_charge(struct world *world, struct actor *actor)
{
    struct memory *memory = &actor->memory;
    const struct restart_plan *restart = &actor->service->plan->restart;
    size_t inside = 1;
    for (size_t i = 0; i < memory->charge_count; i++)
        if (memory->failure_at - memory->charges[i] < restart->window_ms)
            inside++;
    CHECK(world, (int)inside <= restart->max, actor, "restarted more often than the window allows");
    CHECK(world, ++memory->row <= restart->max, actor, "restarted more often in a row than is allowed");
    if (memory->charge_count == CHARGES_MAX)
        memmove(memory->charges, memory->charges + 1, --memory->charge_count * sizeof(memory->charges[0]));
    memory->charges[memory->charge_count++] = memory->failure_at;
}

void check_launch(struct world *world, struct actor *actor)
{
    struct memory *memory = &actor->memory;
    const struct sidecar_plan *plan = actor->service->plan;
    CHECK(world, !actor->tree && !actor->child, actor, "launched while something of it was there");
    CHECK(world, !plan->remote, actor, "launched what lives elsewhere");
    CHECK(world, memory->asked, actor, "launched, and nobody asked for it");
    CHECK(world, all_hold(world, actor), actor, "launched before its dependencies were there");
    if (memory->failure) {
        CHECK(world, world->plan.auto_restart && plan->restart.policy != RESTART_NEVER, actor,
              "restarted against its policy");
        CHECK(world, !memory->gave_up || plan->restart.retry_after_ms >= 0, actor,
              "tried again without retry_after");
        CHECK(world, !memory->on_trial || memory->gave_up, actor,
              "its one more try was followed by another at once");
        if (!memory->gave_up)
            note_charge(world, actor);
    }
    memory->on_trial = memory->gave_up;
    memory->failure = memory->gave_up = false;
}

void check_stop_tree(const struct world *world, const struct actor *actor)
{
    CHECK(world, actor->child, actor, "told to stop, and it does not run");
    CHECK(world, !actor->stopped, actor, "told to stop twice");
    if (!world->all_stopped)
        return;
    for (size_t i = 0; i < world->count; i++) {
        const struct actor *other = &world->actors[i];
        bool there = other->tree || other->look_due != NEVER;
        CHECK(world, !there || !depends_on(world, other, actor), actor,
              "stopped before its dependants were gone");
    }
}

/* ---- whenever the fleet has settled ---- */

static void check_driver_side(const struct world *world, const struct actor *actor)
{
    const struct service *service = actor->service;
    CHECK(world, (service->pid != 0) == actor->child, actor, "pid, and no child; or the other way round");
    CHECK(world, service->tree == actor->tree, actor, "it does not know whether its tree is there");
    CHECK(world, service->wanted == actor->memory.asked, actor, "wanted is not what was asked for");
}

/* Which probing each state goes with, and what it waits for. */
static void check_state(const struct world *world, const struct actor *actor)
{
    const struct service *service = actor->service;
    enum probing probing = PROBING_NOT;
    bool pending = true;
    bool with_tree = false;
    switch (service->state) {
    case SERVICE_WAITING:
        pending = !all_hold(world, actor);
        break;
    case SERVICE_LOOKING:
        pending = actor->look_due != NEVER;
        break;
    case SERVICE_STARTING:
        probing = PROBING_READY;
        with_tree = true;
        break;
    case SERVICE_READY:
    case SERVICE_UNHEALTHY:
        probing = PROBING_LIVE;
        with_tree = true;
        break;
    case SERVICE_ENDING:
    case SERVICE_CLEARING:
    case SERVICE_STOPPING:
        CHECK(world, actor->stopped || actor->cleared || actor->killed, actor, "nobody ends what is to end");
        with_tree = true;
        pending =
            actor->exit_due != NEVER || actor->gone_due != NEVER || service->timer_at != SERVICE_NO_TIMER;
        break;
    case SERVICE_BACKOFF:
        pending = service->timer_at != SERVICE_NO_TIMER;
        break;
    case SERVICE_ADOPTED:
        probing = PROBING_WATCH;
        break;
    case SERVICE_REMOTE:
        probing = service->wanted ? PROBING_WATCH : PROBING_NOT;
        break;
    default:
        break;
    }
    CHECK(world, pending, actor, "on its way, and nothing is under way");
    CHECK(world, actor->probing == probing, actor, "probed otherwise than its state asks for");
    CHECK(world, actor->tree == with_tree, actor, "a tree where none belongs, or none where one does");
    CHECK(world, actor->look_due == NEVER || service->state == SERVICE_LOOKING, actor,
          "looked at for nothing");
    CHECK(world,
          service->state == SERVICE_STOPPED || service->state == SERVICE_REMOTE || service->wanted ||
              with_tree,
          actor, "neither wanted nor stopped");
}

static void note_state(struct world *world, struct actor *actor)
{
    struct memory *memory = &actor->memory;
    memory->well_once = memory->well_once || (memory->asked && is_well(actor->service));
    if (actor->service->state != SERVICE_READY)
        memory->ready_since = NEVER;
    else if (memory->ready_since == NEVER)
        memory->ready_since = world->now;
    if (memory->ready_since != NEVER && world->now - memory->ready_since >= STABLE_MS) {
        memory->row = 0;
        memory->on_trial = false;
    }
    if (actor->service->state == SERVICE_FAILED)
        memory->gave_up = true;
}

static enum fleet_state whole(const struct world *world)
{
    bool left = false, wanted = false, failed = false, starting = false, degraded = false;
    for (size_t i = 0; i < world->count; i++) {
        const struct actor *actor = &world->actors[i];
        const struct service *service = actor->service;
        left = left || actor->tree;
        if (!actor->memory.asked)
            continue;
        wanted = true;
        bool ails = service->state == SERVICE_UNHEALTHY || service->state == SERVICE_FAILED ||
                    service->state == SERVICE_ENDING ||
                    strcmp(service_state_name(service->state), "backoff") == 0 ||
                    (service->plan->remote && service->probed_once && !service->remote_well);
        if (service->plan->critical) {
            failed = failed || service->state == SERVICE_FAILED;
            starting = starting || !actor->memory.well_once;
            degraded = degraded || !is_well(service);
        } else {
            degraded = degraded || ails;
        }
    }
    if (world->all_stopped && left)
        return FLEET_STOPPING;
    if (!wanted)
        return FLEET_STOPPED;
    return failed ? FLEET_FAILED : starting ? FLEET_STARTING : degraded ? FLEET_DEGRADED : FLEET_READY;
}

void check_settled(struct world *world)
{
    for (size_t i = 0; i < world->count; i++) {
        struct actor *actor = &world->actors[i];
        check_driver_side(world, actor);
        check_state(world, actor);
        note_state(world, actor);
    }
    CHECK(world, fleet_state(world->fleet) == whole(world), NULL, "the state of the whole is another");
    if (world->all_stopped && world->now > world->stop_deadline)
        check_all_stopped(world);
}

void check_all_stopped(const struct world *world)
{
    for (size_t i = 0; i < world->count; i++) {
        const struct actor *actor = &world->actors[i];
        CHECK(world, !actor->tree && !actor->child, actor, "left behind by a stop");
        CHECK(world, actor->service->state == SERVICE_STOPPED || actor->service->plan->remote, actor,
              "not stopped by a stop");
    }
    CHECK(world, fleet_quiet(world->fleet) && fleet_at_rest(world->fleet), NULL,
          "a stopped fleet that does not rest");
    CHECK(world, fleet_state(world->fleet) == FLEET_STOPPED, NULL, "a stop that did not end in stopped");
    CHECK(world, fleet_next_timer(world->fleet) == SERVICE_NO_TIMER, NULL, "a stopped fleet with a timer");
}

void check_calm(const struct world *world)
{
    for (size_t i = 0; i < world->count; i++) {
        const struct actor *actor = &world->actors[i];
        bool as_asked = actor->memory.asked
                            ? is_well(actor->service)
                            : actor->service->state == SERVICE_STOPPED || actor->service->plan->remote;
        CHECK(world, as_asked, actor, "nothing was in its way, and it is not where it was asked to be");
    }
    CHECK(world, fleet_at_rest(world->fleet), NULL, "all are well, and the fleet does not rest");
}
