/* One service: stops, restarts and hurry, in whatever state they come. */
#include "single.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#define SERVICE (single->service)

static int set_up(void **state)
{
    static struct single single;
    single_init(&single);
    *state = &single;
    return 0;
}

static int tear_down(void **state)
{
    single_finish(*state);
    return 0;
}

static void expect_stopped(struct single *single)
{
    assert_int_equal(SERVICE.state, SERVICE_STOPPED);
    assert_true(single_did(single, ACTION_TELL_STOPPED));
    assert_false(SERVICE.wanted);
    assert_int_equal(SERVICE.timer_at, SERVICE_NO_TIMER);
    assert_int_equal(SERVICE.last_error.code, ERROR_NONE);
}

/* From a stop that has begun to the end. */
static void finish_stop(struct single *single)
{
    assert_int_equal(SERVICE.state, SERVICE_STOPPING);
    single_event(single, &(struct service_event){.kind = EVENT_EXITED, .exit_code = 3});
    assert_int_equal(SERVICE.last_exit.reason, EXIT_REQUESTED);
    single_tell(single, EVENT_TREE_GONE);
    expect_stopped(single);
    assert_int_equal(budget_in_window(&SERVICE.budget, single->now), 0);
}

static void from_ready(void **state)
{
    struct single *single = *state;
    single_begin(single, true);
    single_ready(single);
    single_tell(single, EVENT_STOP);
    assert_true(single_did(single, ACTION_PROBE_OFF));
    assert_true(single_did(single, ACTION_STOP_TREE));
    assert_false(single_did(single, ACTION_KILL_TREE));
    assert_int_equal(SERVICE.timer_at, single->now + 5000);
    single_tell(single, EVENT_STOP);
    assert_int_equal(single->actions.count, 0);
    finish_stop(single);
    single_tell(single, EVENT_STOP);
    assert_int_equal(single->actions.count, 0);
}

static void after_its_grace_it_is_killed(void **state)
{
    struct single *single = *state;
    single_begin(single, true);
    single_ready(single);
    single_tell(single, EVENT_STOP);
    single_expire(single);
    assert_true(single_did(single, ACTION_KILL_TREE));
    finish_stop(single);
}

static void from_starting(void **state)
{
    struct single *single = *state;
    single_begin(single, true);
    single_start(single);
    single_tell(single, EVENT_STOP);
    assert_true(single_did(single, ACTION_STOP_TREE));
    /* A probe that had passed already when it was called off. */
    single_tell(single, EVENT_PROBE_PASSED);
    assert_int_equal(single->actions.count, 0);
    finish_stop(single);
}

static void from_unhealthy(void **state)
{
    struct single *single = *state;
    single_begin(single, true);
    single_ready(single);
    single_fail_probe(single, 1);
    single_tell(single, EVENT_STOP);
    finish_stop(single);
}

static void from_looking(void **state)
{
    struct single *single = *state;
    single_begin(single, true);
    single_tell(single, EVENT_START);
    single_tell(single, EVENT_STOP);
    assert_true(single_did(single, ACTION_LOOK_OFF));
    expect_stopped(single);
}

static void from_waiting(void **state)
{
    struct single *single = *state;
    single->met = false;
    single_begin(single, true);
    single_tell(single, EVENT_START);
    single_tell(single, EVENT_STOP);
    expect_stopped(single);
}

static void from_backoff_and_clearing(void **state)
{
    struct single *single = *state;
    single_begin(single, true);
    single_ready(single);
    single_exit(single, 3);
    assert_int_equal(SERVICE.state, SERVICE_BACKOFF);
    single_tell(single, EVENT_STOP);
    expect_stopped(single);
    single_ready(single);
    single_event(single, &(struct service_event){.kind = EVENT_EXITED, .exit_code = 3});
    assert_int_equal(SERVICE.state, SERVICE_CLEARING);
    int64_t until = SERVICE.timer_at;
    single_tell(single, EVENT_STOP);
    assert_int_equal(SERVICE.state, SERVICE_STOPPING);
    assert_int_equal(SERVICE.timer_at, until);
    single_tell(single, EVENT_TREE_GONE);
    expect_stopped(single);
}

static void from_ending(void **state)
{
    struct single *single = *state;
    single_begin(single, true);
    single_start(single);
    single_expire(single);
    assert_int_equal(SERVICE.state, SERVICE_ENDING);
    int64_t until = SERVICE.timer_at;
    single_tell(single, EVENT_STOP);
    assert_false(single_did(single, ACTION_STOP_TREE));
    assert_int_equal(SERVICE.state, SERVICE_STOPPING);
    assert_int_equal(SERVICE.timer_at, until);
}

static void from_failed_and_completed(void **state)
{
    struct single *single = *state;
    single->plan.restart.policy = RESTART_NEVER;
    single_begin(single, true);
    single_ready(single);
    single_exit(single, 3);
    assert_int_equal(SERVICE.state, SERVICE_FAILED);
    single_tell(single, EVENT_STOP);
    expect_stopped(single);
    single_ready(single);
    single_exit(single, 0);
    assert_int_equal(SERVICE.state, SERVICE_COMPLETED);
    single_tell(single, EVENT_STOP);
    expect_stopped(single);
}

static void a_held_stop_lets_it_run_until_its_turn(void **state)
{
    struct single *single = *state;
    single_begin(single, true);
    single_ready(single);
    single_event(single, &(struct service_event){.kind = EVENT_STOP, .held = true});
    assert_int_equal(SERVICE.state, SERVICE_READY);
    assert_int_equal(single->actions.count, 0);
    assert_false(SERVICE.wanted);
    for (int i = 1; i < 10; i++)
        single_fail_probe(single, i);
    assert_int_equal(SERVICE.state, SERVICE_UNHEALTHY);
    single_tell(single, EVENT_FOLLOW);
    assert_int_equal(single->actions.count, 0);
    single_tell(single, EVENT_STOP);
    finish_stop(single);
}

static void a_held_start_may_take_its_time(void **state)
{
    struct single *single = *state;
    single_begin(single, true);
    single_start(single);
    single_event(single, &(struct service_event){.kind = EVENT_STOP, .held = true});
    single_expire(single);
    assert_int_equal(SERVICE.state, SERVICE_STARTING);
    single_tell(single, EVENT_STOP);
    finish_stop(single);
}

static void an_end_while_it_is_held_is_no_failure(void **state)
{
    struct single *single = *state;
    single_begin(single, true);
    single_ready(single);
    single_event(single, &(struct service_event){.kind = EVENT_STOP, .held = true});
    single_event(single, &(struct service_event){.kind = EVENT_EXITED, .exit_code = 3});
    assert_int_equal(SERVICE.state, SERVICE_STOPPING);
    assert_int_equal(SERVICE.last_exit.reason, EXIT_REQUESTED);
    single_tell(single, EVENT_TREE_GONE);
    expect_stopped(single);
}

static void a_held_stop_can_be_taken_back(void **state)
{
    struct single *single = *state;
    single_begin(single, true);
    single_ready(single);
    single_event(single, &(struct service_event){.kind = EVENT_STOP, .held = true});
    single_tell(single, EVENT_START);
    assert_int_equal(SERVICE.state, SERVICE_READY);
    assert_true(SERVICE.wanted && SERVICE.well_once);
}

static void a_restart_is_a_stop_and_a_start(void **state)
{
    struct single *single = *state;
    single_begin(single, true);
    single_ready(single);
    single_tell(single, EVENT_RESTART);
    assert_int_equal(SERVICE.state, SERVICE_STOPPING);
    single_event(single, &(struct service_event){.kind = EVENT_EXITED, .exit_code = 3});
    assert_int_equal(SERVICE.last_exit.reason, EXIT_REQUESTED);
    single_tell(single, EVENT_TREE_GONE);
    single_launch(single);
    assert_int_equal(SERVICE.restarts, 0);
    assert_int_equal(budget_in_window(&SERVICE.budget, single->now), 0);
}

static void a_restart_of_what_does_not_run_is_a_start(void **state)
{
    struct single *single = *state;
    single->plan.restart.policy = RESTART_NEVER;
    single_begin(single, true);
    single_tell(single, EVENT_RESTART);
    single_tell(single, EVENT_RESTART);
    single_launch(single);
    single_exit(single, 3);
    assert_int_equal(SERVICE.state, SERVICE_FAILED);
    single_tell(single, EVENT_RESTART);
    single_launch(single);
    single_exit(single, 0);
    assert_int_equal(SERVICE.state, SERVICE_COMPLETED);
    single_tell(single, EVENT_RESTART);
    single_launch(single);
}

static void a_restart_does_not_sit_out_a_delay(void **state)
{
    struct single *single = *state;
    single_begin(single, true);
    single_ready(single);
    single_exit(single, 3);
    assert_int_equal(SERVICE.state, SERVICE_BACKOFF);
    single_tell(single, EVENT_RESTART);
    assert_int_equal(SERVICE.state, SERVICE_LOOKING);
    assert_int_equal(budget_left(&SERVICE.budget, single->now), 6);
    single_launch(single);
    single_event(single, &(struct service_event){.kind = EVENT_EXITED, .exit_code = 3});
    assert_int_equal(SERVICE.state, SERVICE_CLEARING);
    single_tell(single, EVENT_RESTART);
    single_tell(single, EVENT_TREE_GONE);
    assert_int_equal(SERVICE.state, SERVICE_LOOKING);
    assert_int_equal(budget_left(&SERVICE.budget, single->now), 6);
}

static void a_start_turns_a_stop_into_a_restart(void **state)
{
    struct single *single = *state;
    single_begin(single, true);
    single_ready(single);
    single_tell(single, EVENT_STOP);
    single_tell(single, EVENT_START);
    assert_int_equal(SERVICE.state, SERVICE_STOPPING);
    single_event(single, &(struct service_event){.kind = EVENT_EXITED, .exit_code = 0});
    single_tell(single, EVENT_TREE_GONE);
    assert_int_equal(SERVICE.state, SERVICE_LOOKING);
    assert_false(SERVICE.well_once);
}

static void to_follow_spends_and_refills_nothing(void **state)
{
    struct single *single = *state;
    single_begin(single, true);
    single_ready(single);
    single_exit(single, 3);
    single_expire(single);
    single_launch(single);
    single_tell(single, EVENT_PROBE_PASSED);
    single_tell(single, EVENT_FOLLOW);
    assert_int_equal(SERVICE.state, SERVICE_STOPPING);
    single_event(single, &(struct service_event){.kind = EVENT_EXITED, .exit_code = 0});
    single->met = false;
    single_tell(single, EVENT_TREE_GONE);
    assert_int_equal(SERVICE.state, SERVICE_WAITING);
    assert_int_equal(budget_in_window(&SERVICE.budget, single->now), 1);
    single_tell(single, EVENT_FOLLOW);
    assert_int_equal(single->actions.count, 0);
}

static void hurry_cuts_a_grace_short(void **state)
{
    struct single *single = *state;
    single_begin(single, true);
    single_ready(single);
    single_tell(single, EVENT_STOP);
    single_tell(single, EVENT_HURRY);
    assert_true(single_did(single, ACTION_KILL_TREE));
    assert_int_equal(SERVICE.timer_at, SERVICE_NO_TIMER);
    finish_stop(single);
}

static void hurry_holds_for_stops_that_come_later(void **state)
{
    struct single *single = *state;
    single_begin(single, true);
    single_ready(single);
    single_event(single, &(struct service_event){.kind = EVENT_STOP, .held = true});
    single_tell(single, EVENT_HURRY);
    single_tell(single, EVENT_STOP);
    assert_true(single_did(single, ACTION_KILL_TREE));
    finish_stop(single);
    single_ready(single);
    single_tell(single, EVENT_STOP);
    assert_false(single_did(single, ACTION_KILL_TREE));
    finish_stop(single);
}

static void hurry_reaches_what_is_being_cleared(void **state)
{
    struct single *single = *state;
    single_begin(single, true);
    single_ready(single);
    single_event(single, &(struct service_event){.kind = EVENT_EXITED, .exit_code = 3});
    single_tell(single, EVENT_HURRY);
    assert_true(single_did(single, ACTION_KILL_TREE));
}

#define STOP_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STOP_TEST(from_ready),
        STOP_TEST(after_its_grace_it_is_killed),
        STOP_TEST(from_starting),
        STOP_TEST(from_unhealthy),
        STOP_TEST(from_looking),
        STOP_TEST(from_waiting),
        STOP_TEST(from_backoff_and_clearing),
        STOP_TEST(from_ending),
        STOP_TEST(from_failed_and_completed),
        STOP_TEST(a_held_stop_lets_it_run_until_its_turn),
        STOP_TEST(a_held_start_may_take_its_time),
        STOP_TEST(an_end_while_it_is_held_is_no_failure),
        STOP_TEST(a_held_stop_can_be_taken_back),
        STOP_TEST(a_restart_is_a_stop_and_a_start),
        STOP_TEST(a_restart_of_what_does_not_run_is_a_start),
        STOP_TEST(a_restart_does_not_sit_out_a_delay),
        STOP_TEST(a_start_turns_a_stop_into_a_restart),
        STOP_TEST(to_follow_spends_and_refills_nothing),
        STOP_TEST(hurry_cuts_a_grace_short),
        STOP_TEST(hurry_holds_for_stops_that_come_later),
        STOP_TEST(hurry_reaches_what_is_being_cleared),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
