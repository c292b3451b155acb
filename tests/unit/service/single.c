#include "single.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

void single_init(struct single *single)
{
    *single = (struct single){
        .plan = {.name = (char *)"web",
                 .critical = true,
                 .ready = {.kind = PROBE_HTTP, .timeout_ms = 35000},
                 .live = {.kind = PROBE_TCP, .failures = 3, .enforce = true, .interval_ms = 5000},
                 .restart = {.policy = RESTART_ALWAYS,
                             .max = 6,
                             .window_ms = 90000,
                             .backoff_initial_ms = 200,
                             .backoff_factor = 2,
                             .backoff_max_ms = 10000,
                             .retry_after_ms = 300000},
                 .stop = {.signal = 15, .grace_ms = 5000}},
        .now = 1000000,
        .met = true,
    };
}

void single_begin(struct single *single, bool auto_restart)
{
    service_init(&single->service, &single->plan, auto_restart);
}

void single_finish(struct single *single)
{
    service_finish(&single->service);
}

void single_event(struct single *single, const struct service_event *event)
{
    struct service_event whole = *event;
    whole.now = single->now;
    whole.chance = 0.5;
    whole.met = single->met;
    service_handle(&single->service, &whole, &single->actions);
    assert_false(single_did(single, ACTION_TELL_BUG));
}

void single_tell(struct single *single, enum service_event_kind kind)
{
    single_event(single, &(struct service_event){.kind = kind});
}

void single_expire(struct single *single)
{
    assert_true(single->service.timer_at != SERVICE_NO_TIMER);
    if (single->service.timer_at > single->now)
        single->now = single->service.timer_at;
    single_tell(single, EVENT_TIMER);
}

void single_launch(struct single *single)
{
    assert_int_equal(single->service.state, SERVICE_LOOKING);
    single_tell(single, EVENT_LOOK_CLEAR);
    assert_true(single_did(single, ACTION_LAUNCH));
    single_event(single, &(struct service_event){.kind = EVENT_LAUNCHED, .pid = 4711});
    assert_int_equal(single->service.state, SERVICE_STARTING);
}

void single_start(struct single *single)
{
    single_tell(single, EVENT_START);
    single_launch(single);
}

void single_ready(struct single *single)
{
    single_start(single);
    single_tell(single, EVENT_PROBE_PASSED);
    assert_int_equal(single->service.state, SERVICE_READY);
}

void single_exit(struct single *single, int code)
{
    struct error error = {.code = ERROR_EXITED, .message = (char *)"it broke"};
    single_event(single, &(struct service_event){.kind = EVENT_EXITED, .exit_code = code, .error = &error});
    assert_true(single_did(single, ACTION_CLEAR_TREE));
    single_tell(single, EVENT_TREE_GONE);
}

void single_fail_probe(struct single *single, int failures)
{
    struct error error = {.code = ERROR_PROBE_FAILED, .message = (char *)"refused"};
    single_event(single,
                 &(struct service_event){.kind = EVENT_PROBE_FAILED, .failures = failures, .error = &error});
}

bool single_did(const struct single *single, enum service_action action)
{
    for (size_t i = 0; i < single->actions.count; i++)
        if (single->actions.items[i] == action)
            return true;
    return false;
}
