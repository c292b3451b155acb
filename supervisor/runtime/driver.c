/* Carries out what the services decide, and reports what comes of it. */
#include <stdlib.h>

#include "base/memory.h"
#include "base/text.h"
#include "platform/clock.h"
#include "runtime_internal.h"

static int64_t now(void *context)
{
    return clock_monotonic_ms();
}

static double chance(void *context)
{
    /* A linear congruential generator (Knuth's MMIX constants): spreading delays asks for no more. */
    struct runtime *runtime = context;
    runtime->chance = runtime->chance * 6364136223846793005u + 1442695040888963407u;
    return (double)(runtime->chance >> 11) / 9007199254740992.0;
}

static void act(void *context, struct service *service, enum service_action action)
{
    struct runtime *runtime = context;
    struct sidecar *sidecar = sidecar_of(runtime, service);
    uint64_t start_number = (uint64_t)service->start_number;
    switch (action) {
    case ACTION_LOOK:
        look_begin(sidecar);
        break;
    case ACTION_LOOK_OFF:
        look_cancel(sidecar);
        break;
    case ACTION_LAUNCH:
        sidecar_launch(sidecar);
        break;
    case ACTION_PROBE_READY:
        prober_start_ready(sidecar->prober, &sidecar->plan->ready, start_number);
        break;
    case ACTION_PROBE_LIVE:
        prober_start_live(sidecar->prober, &sidecar->plan->live, start_number);
        break;
    case ACTION_PROBE_WATCH:
        /* What is not there yet is looked for as eagerly as a child of ours; once it is there, it is only
         * watched. */
        if (service->state == SERVICE_REMOTE)
            prober_start_ready(sidecar->prober, &sidecar->plan->ready, start_number);
        else
            prober_start_watch(sidecar->prober, &sidecar->watch, start_number);
        break;
    case ACTION_PROBE_OFF:
        prober_stop(sidecar->prober);
        break;
    case ACTION_STOP_TREE:
        stopping_begin(sidecar);
        break;
    case ACTION_CLEAR_TREE:
        if (sidecar->child)
            child_clear(sidecar->child, sidecar->plan->stop.signal);
        break;
    case ACTION_KILL_TREE:
        if (sidecar->child)
            child_kill(sidecar->child);
        break;
    default:
        announce(sidecar, action);
        if (action == ACTION_TELL_WAIT_OVER)
            prober_start_watch(sidecar->prober, &sidecar->watch, start_number);
        break;
    }
}

/* A child that does not get ready may be listening somewhere else; so often that is looked at. */
#define ELSEWHERE_EVERY_MS 1000

static char *explain(struct sidecar *sidecar, const struct prober_result *result)
{
    int64_t time = clock_monotonic_ms();
    bool starting = sidecar->service->state == SERVICE_STARTING;
    if (starting && time - sidecar->elsewhere_at >= ELSEWHERE_EVERY_MS) {
        sidecar->elsewhere_at = time;
        free(sidecar->elsewhere);
        sidecar->elsewhere = identity_elsewhere(sidecar);
    }
    if (starting && sidecar->elsewhere)
        return memory_copy_text(sidecar->elsewhere);
    return text_format("%s: %s", sidecar->plan->name, result->message ? result->message : "its probe failed");
}

static void post_failure(struct sidecar *sidecar, const struct prober_result *result)
{
    struct error error = {0};
    char *why = explain(sidecar, result);
    error_set(&error, ERROR_PROBE_FAILED, "%s", why);
    struct service_event event = {.kind = EVENT_PROBE_FAILED, .failures = result->failures, .error = &error};
    fleet_post(sidecar->runtime->fleet, sidecar->service, &event);
    error_finish(&error);
    free(why);
}

static void post_pass(struct sidecar *sidecar, const struct prober_result *result)
{
    struct service *service = sidecar->service;
    struct error error = {0};
    struct service_event event = {.kind = EVENT_PROBE_PASSED, .error = &error};
    if (service->state == SERVICE_REMOTE && result->phase == PROBER_READY)
        prober_start_watch(sidecar->prober, &sidecar->watch, result->start_number);
    if (service->state == SERVICE_STARTING && !identity_check(sidecar, &error))
        event.kind = EVENT_STRANGER;
    fleet_post(sidecar->runtime->fleet, service, &event);
    error_finish(&error);
}

void driver_prober_result(void *context, const struct prober_result *result)
{
    struct sidecar *sidecar = context;
    if (result->verdict == PROBER_NOT_COUNTED ||
        result->start_number != (uint64_t)sidecar->service->start_number)
        return;
    if (result->verdict == PROBER_PASSED)
        post_pass(sidecar, result);
    else
        post_failure(sidecar, result);
}

static void on_timer(uv_timer_t *timer)
{
    struct runtime *runtime = timer->data;
    if (runtime->fleet)
        fleet_expire(runtime->fleet);
}

static void arm_timer(struct runtime *runtime)
{
    int64_t next = fleet_next_timer(runtime->fleet);
    if (next == SERVICE_NO_TIMER) {
        uv_timer_stop(&runtime->timer);
        return;
    }
    int64_t wait = next - clock_monotonic_ms();
    uv_update_time(runtime->loop);
    uv_timer_start(&runtime->timer, on_timer, wait > 0 ? (uint64_t)wait : 0, 0);
}

/* The queue is empty: what has become of the whole? */
static void settled(void *context)
{
    struct runtime *runtime = context;
    enum fleet_state state = fleet_state(runtime->fleet);
    arm_timer(runtime);
    if (state != runtime->last_state) {
        runtime->last_state = state;
        announce_state(runtime, state);
    }
    waiters_check(runtime);
    if (runtime->phase == PHASE_SHUTTING && state == FLEET_STOPPED && fleet_quiet(runtime->fleet))
        ending_begin(runtime);
}

void driver_init(struct runtime *runtime)
{
    runtime->driver = (struct fleet_driver){
        .context = runtime, .now = now, .chance = chance, .act = act, .settled = settled};
}
