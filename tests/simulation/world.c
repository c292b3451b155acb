#include "world.h"

#include <inttypes.h>
#include <stdio.h>

#include "checks.h"

#define GONE_AFTER_KILL_MS 20

struct actor *world_actor(struct world *world, const struct service *service)
{
    for (size_t i = 0; i < world->count; i++)
        if (world->actors[i].service == service)
            return &world->actors[i];
    return NULL;
}

static void tell(const struct world *world, const struct actor *actor, const char *what)
{
    if (world->verbose)
        fprintf(stderr, "%8" PRId64 " %s: %s\n", world->now, actor ? actor->service->plan->name : "all",
                what);
}

static void post(struct world *world, struct actor *actor, const struct service_event *event)
{
    static const struct error some_error = {.code = ERROR_EXITED, .message = "it said why"};
    struct service_event with_error = *event;
    if (event->kind == EVENT_LOOK_FAILED || event->kind == EVENT_LAUNCH_FAILED ||
        event->kind == EVENT_PROBE_FAILED || event->kind == EVENT_STRANGER || event->kind == EVENT_EXITED)
        with_error.error = &some_error;
    fleet_post(world->fleet, actor->service, &with_error);
}

/* ---- what sidecars do by themselves ---- */

static bool mishap(struct world *world, int percent)
{
    return !world->calm && chance_percent(&world->chance, percent);
}

static void answer_look(struct world *world, struct actor *actor)
{
    enum service_event_kind kind = EVENT_LOOK_CLEAR;
    if (mishap(world, 5))
        kind = EVENT_LOOK_FAILED;
    else if (actor->service->plan->adopt && chance_percent(&world->chance, 40))
        kind = EVENT_LOOK_HEALTHY;
    actor->look_due = NEVER;
    tell(world, actor, kind == EVENT_LOOK_CLEAR ? "the way is clear" : "something is in the way");
    post(world, actor, &(struct service_event){.kind = kind});
}

static void be_born(struct world *world, struct actor *actor)
{
    struct chance *chance = &world->chance;
    int64_t ready_after = chance_between(chance, 0, 900);
    actor->child = actor->tree = true;
    actor->stopped = actor->cleared = actor->killed = false;
    actor->ignores_stop = mishap(world, 20);
    actor->leaves_rest = mishap(world, 20);
    actor->exit_code = chance_percent(chance, 30) ? 0 : 3;
    actor->gone_due = NEVER;
    actor->exit_due =
        mishap(world, 60) ? world->now + chance_between(chance, 0, mishap(world, 50) ? 500 : 150000) : NEVER;
    actor->answers_from = mishap(world, 15) ? NEVER : world->now + ready_after;
    actor->answers_until = mishap(world, 20) ? world->now + chance_between(chance, 900, 100000) : NEVER;
    post(world, actor, &(struct service_event){.kind = EVENT_LAUNCHED, .pid = (pid_t)(1000 + world->steps)});
}

static void launch(struct world *world, struct actor *actor)
{
    check_launch(world, actor);
    if (!mishap(world, 5)) {
        be_born(world, actor);
        return;
    }
    bool permanent = chance_percent(&world->chance, 50);
    if (!permanent)
        check_note_failure(world, actor);
    tell(world, actor, "cannot be launched");
    post(world, actor, &(struct service_event){.kind = EVENT_LAUNCH_FAILED, .permanent = permanent});
}

static void exit_now(struct world *world, struct actor *actor)
{
    const struct sidecar_plan *plan = actor->service->plan;
    bool by_kill = actor->killed || (actor->stopped && chance_percent(&world->chance, 50));
    bool completes = !by_kill && actor->exit_code == 0 && plan->restart.policy != RESTART_ALWAYS;
    actor->child = false;
    actor->exit_due = NEVER;
    if (actor->stopped && !(actor->leaves_rest && !actor->killed))
        actor->gone_due = world->now + chance_between(&world->chance, 0, GONE_AFTER_KILL_MS);
    if (!actor->stopped && actor->memory.asked && !completes)
        check_note_failure(world, actor);
    tell(world, actor, "exits");
    post(world, actor,
         &(struct service_event){.kind = EVENT_EXITED,
                                 .exit_code = by_kill ? -1 : actor->exit_code,
                                 .exit_signal = by_kill ? 9 : 0});
}

static void go(struct world *world, struct actor *actor)
{
    actor->gone_due = NEVER;
    actor->tree = false;
    tell(world, actor, "is gone");
    post(world, actor, &(struct service_event){.kind = EVENT_TREE_GONE});
}

static void begin_probing(struct world *world, struct actor *actor, enum probing probing)
{
    actor->probing = probing;
    actor->failures = 0;
    if (probing == PROBING_WATCH) {
        actor->answers_from =
            mishap(world, 30) ? world->now + chance_between(&world->chance, 0, 100000) : world->now;
        actor->answers_until =
            mishap(world, 40) ? world->now + chance_between(&world->chance, 0, 100000) : NEVER;
    }
    actor->probe_due = world->now + (probing == PROBING_LIVE ? actor->service->plan->live.interval_ms : 0);
}

static void probe(struct world *world, struct actor *actor)
{
    bool passes = world->now >= actor->answers_from && world->now < actor->answers_until;
    bool first = actor->probing == PROBING_READY;
    int64_t interval = actor->service->plan->live.interval_ms;
    /* One failed attempt before the one that passes is as good as all of them. */
    actor->probe_due = !first ? world->now + interval : actor->failures == 0 ? actor->answers_from : NEVER;
    actor->failures = passes ? 0 : actor->failures + 1;
    if (actor->probing != PROBING_LIVE || !passes)
        tell(world, actor, passes ? "answers" : "does not answer");
    enum service_event_kind kind = passes ? EVENT_PROBE_PASSED : EVENT_PROBE_FAILED;
    if (passes && actor->probing == PROBING_READY && mishap(world, 5))
        kind = EVENT_STRANGER;
    post(world, actor, &(struct service_event){.kind = kind, .failures = actor->failures});
}

/* ---- the driver ---- */

static int64_t now(void *context)
{
    return ((struct world *)context)->now;
}

static double chance(void *context)
{
    return chance_fraction(&((struct world *)context)->chance);
}

static void look(struct world *world, struct actor *actor)
{
    CHECK(world, actor->look_due == NEVER, actor, "looked at twice at the same time");
    CHECK(world, !actor->tree, actor, "looked at while something of it is there");
    if (chance_percent(&world->chance, 50))
        answer_look(world, actor);
    else
        actor->look_due = world->now + chance_between(&world->chance, 0, 2000);
}

static void stop_tree(struct world *world, struct actor *actor)
{
    int64_t grace = actor->service->plan->stop.grace_ms;
    check_stop_tree(world, actor);
    actor->stopped = true;
    if (actor->service->state == SERVICE_ENDING)
        check_note_failure(world, actor);
    if (!actor->ignores_stop)
        actor->exit_due = world->now + chance_between(&world->chance, 0, grace + grace / 2);
}

static void clear_tree(struct world *world, struct actor *actor)
{
    CHECK(world, !actor->child && actor->tree, actor, "cleared, and its child has not just ended");
    actor->cleared = true;
    if (actor->leaves_rest && actor->ignores_stop)
        return;
    if (chance_percent(&world->chance, 50))
        go(world, actor);
    else
        actor->gone_due = world->now + chance_between(&world->chance, 0, 1500);
}

static void kill_tree(struct world *world, struct actor *actor)
{
    int64_t soon = world->now + chance_between(&world->chance, 0, GONE_AFTER_KILL_MS);
    CHECK(world, actor->tree, actor, "killed, and nothing of it is there");
    if (actor->killed)
        return;
    actor->killed = true;
    if (actor->child)
        actor->exit_due = soon;
    else if (chance_percent(&world->chance, 30))
        go(world, actor);
    else
        actor->gone_due = soon;
}

static void act(void *context, struct service *service, enum service_action action)
{
    struct world *world = context;
    struct actor *actor = world_actor(world, service);
    switch (action) {
    case ACTION_LOOK:
        look(world, actor);
        break;
    case ACTION_LOOK_OFF:
        actor->look_due = NEVER;
        break;
    case ACTION_LAUNCH:
        launch(world, actor);
        break;
    case ACTION_PROBE_READY:
        begin_probing(world, actor, PROBING_READY);
        break;
    case ACTION_PROBE_LIVE:
        begin_probing(world, actor, PROBING_LIVE);
        break;
    case ACTION_PROBE_WATCH:
        begin_probing(world, actor, PROBING_WATCH);
        break;
    case ACTION_PROBE_OFF:
        actor->probing = PROBING_NOT;
        actor->probe_due = NEVER;
        break;
    case ACTION_STOP_TREE:
        stop_tree(world, actor);
        break;
    case ACTION_CLEAR_TREE:
        clear_tree(world, actor);
        break;
    case ACTION_KILL_TREE:
        kill_tree(world, actor);
        break;
    case ACTION_TELL_BUG:
        check_failed(world, actor, "an event that its state does not expect");
    default:
        break;
    }
}

/* ---- requests ---- */

static void note_asked_with_dependencies(struct world *world, struct actor *actor, bool anew)
{
    for (size_t i = 0; i < actor->service->plan->dependency_count; i++) {
        struct service *service = fleet_find(world->fleet, actor->service->plan->dependencies[i].name);
        struct actor *dependency = world_actor(world, service);
        if (!dependency->memory.asked)
            note_asked_with_dependencies(world, dependency, false);
    }
    check_note_asked(actor, anew);
}

static void start_all(struct world *world)
{
    tell(world, NULL, "start");
    for (size_t i = 0; i < world->count; i++) {
        struct actor *actor = &world->actors[i];
        bool idle = !actor->memory.asked || actor->service->state == SERVICE_FAILED;
        if (!idle || actor->service->plan->on_demand)
            continue;
        note_asked_with_dependencies(world, actor, false);
        world->all_stopped = false;
    }
    fleet_start_all(world->fleet);
}

static void stop_all(struct world *world)
{
    tell(world, NULL, "stop");
    world->stop_deadline = world->now;
    for (size_t i = 0; i < world->count; i++) {
        const struct service *service = world->actors[i].service;
        world->actors[i].memory.asked = false;
        /* It may be clearing what its child left, and then have to be killed. */
        world->stop_deadline += service->plan->stop.grace_ms + SERVICE_CLEAR_MS + 2 * GONE_AFTER_KILL_MS;
    }
    world->all_stopped = true;
    fleet_stop_all(world->fleet);
}

static void ask_for_one(struct world *world, struct actor *actor)
{
    int64_t what = chance_between(&world->chance, 0, 2);
    tell(world, actor, what == 0 ? "start it" : what == 1 ? "stop it" : "restart it");
    if (what == 1) {
        actor->memory.asked = false;
        fleet_stop(world->fleet, actor->service);
        return;
    }
    world->all_stopped = false;
    note_asked_with_dependencies(world, actor, what == 2);
    if (what == 0)
        fleet_start(world->fleet, actor->service);
    else
        fleet_restart(world->fleet, actor->service);
}

static void ask(struct world *world)
{
    int64_t dice = chance_between(&world->chance, 0, 99);
    world->request_due =
        world->now + chance_between(&world->chance, 0, chance_percent(&world->chance, 50) ? 300 : 60000);
    if (dice < 30)
        start_all(world);
    else if (dice < 42)
        stop_all(world);
    else if (dice < 45)
        fleet_hurry(world->fleet);
    else
        ask_for_one(world, &world->actors[chance_between(&world->chance, 0, (int64_t)world->count - 1)]);
}

static void settled(void *context)
{
    struct world *world = context;
    check_settled(world);
    /* Who waits for something asks for more as soon as it has come about. */
    if (!world->calm && world->request_due != NEVER && chance_percent(&world->chance, 1))
        ask(world);
}

/* ---- time ---- */

/* Adds what is due at the earliest moment of all. */
static void consider(struct world *world, int64_t due, int what, int64_t *earliest, int *chosen, int *ties)
{
    if (due == NEVER || due > *earliest)
        return;
    if (due < *earliest)
        *ties = 0;
    *earliest = due;
    if (chance_between(&world->chance, 0, (*ties)++) == 0)
        *chosen = what;
}

enum { DUE_LOOK, DUE_EXIT, DUE_GONE, DUE_PROBE, DUE_KINDS };

/* False where nothing more will happen. */
static bool live_on(struct world *world)
{
    int64_t earliest = NEVER;
    int chosen = 0, ties = 0;
    const int timer = (int)world->count * DUE_KINDS, request = timer + 1;
    for (int i = 0; i < (int)world->count; i++) {
        const struct actor *actor = &world->actors[i];
        consider(world, actor->look_due, i * DUE_KINDS + DUE_LOOK, &earliest, &chosen, &ties);
        consider(world, actor->exit_due, i * DUE_KINDS + DUE_EXIT, &earliest, &chosen, &ties);
        consider(world, actor->gone_due, i * DUE_KINDS + DUE_GONE, &earliest, &chosen, &ties);
        consider(world, actor->probe_due, i * DUE_KINDS + DUE_PROBE, &earliest, &chosen, &ties);
    }
    consider(world, fleet_next_timer(world->fleet), timer, &earliest, &chosen, &ties);
    consider(world, world->request_due, request, &earliest, &chosen, &ties);
    if (ties == 0)
        return false;
    if (earliest > world->now)
        world->now = earliest;
    world->steps++;
    if (chosen == timer) {
        fleet_expire(world->fleet);
        return true;
    }
    if (chosen == request) {
        ask(world);
        return true;
    }
    static void (*const happen[DUE_KINDS])(struct world *, struct actor *) = {
        [DUE_LOOK] = answer_look, [DUE_EXIT] = exit_now, [DUE_GONE] = go, [DUE_PROBE] = probe};
    happen[chosen % DUE_KINDS](world, &world->actors[chosen / DUE_KINDS]);
    return true;
}

void world_init(struct world *world, uint64_t seed, bool verbose)
{
    *world = (struct world){.seed = seed, .verbose = verbose, .request_due = NEVER};
    chance_init(&world->chance, seed);
    world->calm = chance_percent(&world->chance, 10);
    random_plan_make(&world->plan, &world->chance, world->calm);
    world->driver =
        (struct fleet_driver){.context = world, .now = now, .chance = chance, .act = act, .settled = settled};
    world->now = chance_between(&world->chance, 1, 1000000);
    world->fleet = fleet_create(&world->plan, &world->driver);
    world->count = fleet_count(world->fleet);
    for (size_t i = 0; i < world->count; i++)
        world->actors[i] = (struct actor){.service = fleet_service(world->fleet, i),
                                          .look_due = NEVER,
                                          .exit_due = NEVER,
                                          .gone_due = NEVER,
                                          .probe_due = NEVER,
                                          .memory.ready_since = NEVER};
}

void world_finish(struct world *world)
{
    fleet_destroy(world->fleet);
    plan_finish(&world->plan);
}

void world_run(struct world *world, uint64_t steps)
{
    if (!world->calm)
        world->request_due = world->now;
    start_all(world);
    while (world->steps < steps && live_on(world))
        ;
    if (world->calm)
        check_calm(world);
    world->request_due = NEVER;
    stop_all(world);
    while (live_on(world))
        ;
    check_all_stopped(world);
}
