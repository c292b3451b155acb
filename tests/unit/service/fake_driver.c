#include "fake_driver.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <string.h>

static int64_t now(void *context)
{
    return ((struct fake *)context)->now;
}

static double chance(void *context)
{
    return 0.5;
}

static void note(struct fake *fake, const char *what, const struct service *service)
{
    text_printf(&fake->log, "%s %s, ", what, service->plan->name);
}

static void act(void *context, struct service *service, enum service_action action)
{
    struct fake *fake = context;
    switch (action) {
    case ACTION_LOOK:
        if (!fake->slow_looks)
            fleet_post(fake->fleet, service, &(struct service_event){.kind = EVENT_LOOK_CLEAR});
        break;
    case ACTION_LAUNCH:
        note(fake, "launch", service);
        fleet_post(fake->fleet, service,
                   &(struct service_event){.kind = EVENT_LAUNCHED, .pid = 100 + service->start_number});
        break;
    case ACTION_STOP_TREE:
        note(fake, "stop", service);
        break;
    case ACTION_CLEAR_TREE:
        note(fake, "clear", service);
        break;
    case ACTION_KILL_TREE:
        note(fake, "kill", service);
        break;
    case ACTION_TELL_BUG:
        fail_msg("%s got an event that its state does not expect", service->plan->name);
        break;
    default:
        break;
    }
}

static void settled(void *context)
{
    ((struct fake *)context)->settled++;
}

void fake_init(struct fake *fake)
{
    *fake = (struct fake){.plan = {.auto_restart = true}, .now = 1000};
    fake->driver =
        (struct fleet_driver){.context = fake, .now = now, .chance = chance, .act = act, .settled = settled};
    fake->plan.sidecars = fake->sidecars;
}

struct sidecar_plan *fake_add(struct fake *fake, const char *name)
{
    size_t index = fake->plan.sidecar_count++;
    assert_true(index < FAKE_MAX);
    fake->sidecars[index] = (struct sidecar_plan){
        .name = (char *)name,
        .critical = true,
        .dependencies = fake->dependencies[index],
        .ready = {.kind = PROBE_TCP, .timeout_ms = 35000},
        .live = {.kind = PROBE_TCP, .failures = 3, .enforce = true, .interval_ms = 5000},
        .restart = {.policy = RESTART_ON_FAILURE,
                    .max = 1,
                    .window_ms = 90000,
                    .backoff_initial_ms = 200,
                    .backoff_factor = 2,
                    .backoff_max_ms = 10000,
                    .retry_after_ms = 300000},
        .stop = {.signal = 15, .grace_ms = 5000},
    };
    return &fake->sidecars[index];
}

void fake_depend(struct fake *fake, const char *name, const char *on, enum dependency_condition condition)
{
    for (size_t i = 0; i < fake->plan.sidecar_count; i++) {
        struct sidecar_plan *sidecar = &fake->sidecars[i];
        if (strcmp(sidecar->name, name) == 0)
            sidecar->dependencies[sidecar->dependency_count++] =
                (struct dependency){.name = (char *)on, .condition = condition};
    }
}

void fake_begin(struct fake *fake)
{
    fake->fleet = fleet_create(&fake->plan, &fake->driver);
}

void fake_finish(struct fake *fake)
{
    fleet_destroy(fake->fleet);
    text_finish(&fake->log);
}

struct service *fake_service(struct fake *fake, const char *name)
{
    struct service *service = fleet_find(fake->fleet, name);
    assert_non_null(service);
    return service;
}

enum service_state fake_state(struct fake *fake, const char *name)
{
    return fake_service(fake, name)->state;
}

void fake_expect(struct fake *fake, const char *log)
{
    assert_string_equal(text_get(&fake->log), log);
    text_clear(&fake->log);
}

void fake_tell(struct fake *fake, const char *name, enum service_event_kind kind)
{
    fleet_post(fake->fleet, fake_service(fake, name), &(struct service_event){.kind = kind});
}

void fake_ready(struct fake *fake, const char *name)
{
    fake_tell(fake, name, EVENT_PROBE_PASSED);
}

void fake_exit(struct fake *fake, const char *name, int code)
{
    struct error error = {.code = ERROR_EXITED, .message = (char *)"it broke"};
    fleet_post(fake->fleet, fake_service(fake, name),
               &(struct service_event){.kind = EVENT_EXITED, .exit_code = code, .error = &error});
    fake_tell(fake, name, EVENT_TREE_GONE);
}

void fake_pass(struct fake *fake, int64_t ms)
{
    int64_t until = fake->now + ms;
    while (fleet_next_timer(fake->fleet) <= until) {
        if (fleet_next_timer(fake->fleet) > fake->now)
            fake->now = fleet_next_timer(fake->fleet);
        fleet_expire(fake->fleet);
    }
    fake->now = until;
}
