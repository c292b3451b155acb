/* The table, walked: every cell is there, and takes what it is given by a legal step. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <string.h>

#include "service/transitions.h"

static void every_cell_is_written(void **state)
{
    for (int from = 0; from < SERVICE_STATE_COUNT; from++)
        for (int event = 0; event < SERVICE_EVENT_COUNT; event++)
            assert_non_null(transition_handlers[from][event]);
}

static void every_state_has_a_name(void **state)
{
    for (int one = 0; one < SERVICE_STATE_COUNT; one++)
        assert_true(strlen(service_state_name((enum service_state)one)) > 0);
}

static struct sidecar_plan make_plan(unsigned variant)
{
    struct sidecar_plan plan = {
        .name = (char *)"one",
        .ready = {.kind = variant & 1 ? PROBE_UPTIME : PROBE_TCP, .timeout_ms = 35000},
        .live = {.failures = variant & 2 ? 1 : 3, .enforce = true},
        .restart = {.policy = (enum restart_policy)((variant >> 2) % 3),
                    .max = variant & 16 ? 0 : 6,
                    .window_ms = 90000,
                    .backoff_initial_ms = variant & 32 ? 0 : 200,
                    .backoff_factor = 2,
                    .backoff_max_ms = 10000,
                    .retry_after_ms = 300000},
        .stop = {.signal = 15, .grace_ms = 5000},
    };
    return plan;
}

/* A service as it may be when it is in this state. */
static void put_into(struct service *service, enum service_state state, unsigned variant)
{
    bool with_tree = state == SERVICE_STARTING || state == SERVICE_READY || state == SERVICE_UNHEALTHY ||
                     state == SERVICE_ENDING || state == SERVICE_STOPPING;
    service->state = state;
    service->wanted = state != SERVICE_STOPPED && (state != SERVICE_STOPPING || variant & 64);
    service->tree = with_tree || state == SERVICE_CLEARING;
    service->pid = with_tree ? 4711 : 0;
    /* What is ended for a failure never completes. */
    service->outcome =
        (enum service_outcome)(state == SERVICE_ENDING ? variant % OUTCOME_COMPLETE : variant % 3);
    service->probation = variant & 128;
    service->hurried = variant & 256;
    service->timer_at = 1000;
}

static bool asks_for_answer(enum service_state from, enum service_event_kind event)
{
    return event == EVENT_EXITED && from != SERVICE_ENDING && from != SERVICE_STOPPING;
}

static void walk(enum service_state from, enum service_event_kind kind, unsigned variant)
{
    struct sidecar_plan plan = make_plan(variant);
    struct service service;
    struct service_actions actions;
    struct error error = {.code = ERROR_EXITED, .message = (char *)"because"};
    struct service_event event = {.kind = kind,
                                  .now = 1000,
                                  .chance = 0.5,
                                  .met = variant & 512,
                                  .held = variant & 1024,
                                  .permanent = variant & 64,
                                  .pid = 4711,
                                  .exit_code = variant & 64 ? 0 : 3,
                                  .failures = 1,
                                  .error = &error};
    service_init(&service, &plan, !(variant & 2048));
    put_into(&service, from, variant);
    /* Asserts inside that the step is legal and that the actions fit. */
    service_handle(&service, &event, &actions);
    bool bug = actions.count > 0 && actions.items[actions.count - 1] == ACTION_TELL_BUG;
    if (bug) {
        assert_int_equal(service.bug_event, kind);
        assert_int_equal(service.state, from);
        assert_int_equal(actions.count, 1);
    }
    if (service.state != from)
        /* Only a failed probe may take two steps at once: READY, UNHEALTHY, ENDING. */
        assert_true(transition_legal(from, service.state) || kind == EVENT_PROBE_FAILED);
    if (asks_for_answer(from, kind) && !bug)
        assert_true(service.state == SERVICE_CLEARING || service.state == SERVICE_STOPPING);
    service_finish(&service);
}

static void every_step_is_legal(void **state)
{
    for (int from = 0; from < SERVICE_STATE_COUNT; from++)
        for (int kind = 0; kind < SERVICE_EVENT_COUNT; kind++)
            for (unsigned variant = 0; variant < 4096; variant++)
                walk((enum service_state)from, (enum service_event_kind)kind, variant);
}

static void requests_are_expected_everywhere(void **state)
{
    static const enum service_event_kind requests[] = {EVENT_START,  EVENT_STOP,         EVENT_RESTART,
                                                       EVENT_FOLLOW, EVENT_DEPENDENCIES, EVENT_HURRY};
    struct sidecar_plan plan = make_plan(0);
    for (int from = 0; from < SERVICE_STATE_COUNT; from++) {
        for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
            struct service service;
            struct service_actions actions;
            struct service_event event = {.kind = requests[i], .now = 1000, .met = true};
            service_init(&service, &plan, true);
            put_into(&service, (enum service_state)from, 0);
            service_handle(&service, &event, &actions);
            for (size_t j = 0; j < actions.count; j++)
                assert_int_not_equal(actions.items[j], ACTION_TELL_BUG);
            service_finish(&service);
        }
    }
}

static void a_step_that_is_not_drawn_is_not_legal(void **state)
{
    assert_false(transition_legal(SERVICE_STOPPED, SERVICE_READY));
    assert_false(transition_legal(SERVICE_READY, SERVICE_STARTING));
    assert_false(transition_legal(SERVICE_BACKOFF, SERVICE_STARTING));
    for (int to = 0; to < SERVICE_STATE_COUNT; to++) {
        assert_false(transition_legal(SERVICE_REMOTE, (enum service_state)to));
        assert_false(transition_legal((enum service_state)to, SERVICE_REMOTE));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_cell_is_written),
        cmocka_unit_test(every_state_has_a_name),
        cmocka_unit_test(every_step_is_legal),
        cmocka_unit_test(requests_are_expected_everywhere),
        cmocka_unit_test(a_step_that_is_not_drawn_is_not_legal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
