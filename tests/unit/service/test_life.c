/* One service: its start, its failures, its budget. */
#include "single.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <string.h>

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

static void it_becomes_ready(void **state)
{
    struct single *single = *state;
    single_begin(single, true);
    single_tell(single, EVENT_START);
    assert_int_equal(SERVICE.state, SERVICE_LOOKING);
    assert_true(single_did(single, ACTION_LOOK));
    assert_string_equal(service_state_name(SERVICE.state), "starting");
    single_launch(single);
    assert_true(single_did(single, ACTION_PROBE_READY));
    assert_true(single_did(single, ACTION_TELL_STARTED));
    assert_int_equal(SERVICE.pid, 4711);
    assert_int_equal(SERVICE.start_number, 1);
    assert_int_equal(SERVICE.timer_at, single->now + 35000);
    single->now += 100;
    single_tell(single, EVENT_PROBE_PASSED);
    assert_int_equal(SERVICE.state, SERVICE_READY);
    assert_true(single_did(single, ACTION_PROBE_LIVE));
    assert_true(single_did(single, ACTION_TELL_READY));
    assert_int_equal(SERVICE.ready_at, SERVICE.started_at + 100);
    assert_true(service_well(&SERVICE) && SERVICE.well_once);
    assert_int_equal(SERVICE.restarts, 0);
}

static void it_waits_for_its_dependencies(void **state)
{
    struct single *single = *state;
    struct error error = {.code = ERROR_EXITED, .message = (char *)"web waits for mongo"};
    single_begin(single, true);
    single->met = false;
    single_tell(single, EVENT_START);
    assert_int_equal(SERVICE.state, SERVICE_WAITING);
    assert_true(single_did(single, ACTION_TELL_WAITING));
    single_event(single, &(struct service_event){.kind = EVENT_DEPENDENCIES, .error = &error});
    assert_int_equal(SERVICE.state, SERVICE_WAITING);
    assert_string_equal(SERVICE.last_error.message, "web waits for mongo");
    single_tell(single, EVENT_START);
    assert_non_null(SERVICE.last_error.message);
    single->met = true;
    single_tell(single, EVENT_DEPENDENCIES);
    assert_int_equal(SERVICE.state, SERVICE_LOOKING);
    assert_int_equal(SERVICE.last_error.code, ERROR_NONE);
    assert_int_equal(budget_left(&SERVICE.budget, single->now), 6);
}

static void what_goes_while_it_looks_is_waited_for(void **state)
{
    struct single *single = *state;
    single_begin(single, true);
    single_tell(single, EVENT_START);
    single->met = false;
    single_tell(single, EVENT_LOOK_CLEAR);
    assert_false(single_did(single, ACTION_LAUNCH));
    assert_int_equal(SERVICE.state, SERVICE_WAITING);
}

static void a_crash_is_restarted_after_a_delay(void **state)
{
    struct single *single = *state;
    single_begin(single, true);
    single_ready(single);
    single->now += 5000;
    single_event(single, &(struct service_event){.kind = EVENT_EXITED, .exit_code = -1, .exit_signal = 9});
    assert_int_equal(SERVICE.state, SERVICE_CLEARING);
    assert_string_equal(service_state_name(SERVICE.state), "backoff");
    assert_true(single_did(single, ACTION_PROBE_OFF));
    assert_true(single_did(single, ACTION_CLEAR_TREE));
    assert_int_equal(SERVICE.timer_at, single->now + SERVICE_CLEAR_MS);
    assert_int_equal(SERVICE.last_exit.reason, EXIT_SIGNAL);
    assert_int_equal(SERVICE.last_exit.uptime_ms, 5000);
    assert_int_equal(SERVICE.pid, 0);
    single->now += 50;
    single_tell(single, EVENT_TREE_GONE);
    assert_int_equal(SERVICE.state, SERVICE_BACKOFF);
    assert_int_equal(SERVICE.timer_at, single->now + 150);
    single_expire(single);
    assert_true(single_did(single, ACTION_TELL_RESTARTING));
    single_launch(single);
    assert_int_equal(SERVICE.restarts, 1);
    assert_int_equal(SERVICE.start_number, 2);
}

static void without_backoff_it_is_back_at_once(void **state)
{
    struct single *single = *state;
    single->plan.restart.backoff_initial_ms = 0;
    single_begin(single, true);
    single_ready(single);
    single_exit(single, 3);
    assert_int_equal(SERVICE.state, SERVICE_LOOKING);
}

static void what_is_left_of_a_tree_is_killed_after_a_second(void **state)
{
    struct single *single = *state;
    single_begin(single, true);
    single_ready(single);
    single_event(single, &(struct service_event){.kind = EVENT_EXITED, .exit_code = 3});
    single_expire(single);
    assert_true(single_did(single, ACTION_KILL_TREE));
    assert_int_equal(SERVICE.state, SERVICE_CLEARING);
    assert_int_equal(SERVICE.timer_at, SERVICE_NO_TIMER);
    single_tell(single, EVENT_TREE_GONE);
    assert_int_equal(SERVICE.state, SERVICE_LOOKING);
}

static void a_spent_budget_fails(void **state)
{
    struct single *single = *state;
    int starts = 1;
    single_begin(single, true);
    single_start(single);
    for (;;) {
        single_exit(single, 3);
        if (SERVICE.state != SERVICE_BACKOFF)
            break;
        single_expire(single);
        single_launch(single);
        starts++;
    }
    assert_int_equal(starts, 7);
    assert_int_equal(SERVICE.state, SERVICE_FAILED);
    assert_true(single_did(single, ACTION_TELL_FAILED));
    assert_int_equal(SERVICE.last_error.code, ERROR_BUDGET_SPENT);
    assert_non_null(strstr(SERVICE.last_error.message, "it broke"));
    assert_int_equal(SERVICE.timer_at, single->now + 300000);
    assert_false(service_auto_restarts(&SERVICE));
    single_tell(single, EVENT_START);
    assert_int_equal(budget_left(&SERVICE.budget, single->now), 6);
    assert_int_equal(SERVICE.last_error.code, ERROR_NONE);
    assert_true(service_auto_restarts(&SERVICE));
}

/* From FAILED to the one more try that retry_after gives. */
static void fail_and_retry(struct single *single)
{
    single->plan.restart.max = 0;
    single_begin(single, true);
    single_start(single);
    single_exit(single, 3);
    assert_int_equal(SERVICE.state, SERVICE_FAILED);
    single_expire(single);
    assert_true(single_did(single, ACTION_TELL_RESTARTING));
    single_launch(single);
    assert_true(SERVICE.probation);
    assert_false(service_auto_restarts(&SERVICE));
}

static void one_more_try_that_fails_is_one_event(void **state)
{
    struct single *single = *state;
    fail_and_retry(single);
    single->plan.restart.max = 6;
    single_exit(single, 3);
    assert_int_equal(SERVICE.state, SERVICE_FAILED);
    assert_int_equal(SERVICE.timer_at, single->now + 300000);
    assert_int_equal(budget_in_window(&SERVICE.budget, single->now), 0);
}

static void one_more_try_that_holds_clears_the_failure(void **state)
{
    struct single *single = *state;
    fail_and_retry(single);
    single_tell(single, EVENT_PROBE_PASSED);
    assert_int_not_equal(SERVICE.last_error.code, ERROR_NONE);
    assert_false(service_auto_restarts(&SERVICE));
    assert_int_equal(SERVICE.timer_at, single->now + 60000);
    single_expire(single);
    assert_true(single_did(single, ACTION_TELL_RECOVERED));
    assert_int_equal(SERVICE.last_error.code, ERROR_NONE);
    assert_true(service_auto_restarts(&SERVICE));
}

static void a_start_by_hand_ends_the_probation_of_what_waits(void **state)
{
    struct single *single = *state;
    single->plan.restart.max = 0;
    single_begin(single, true);
    single_start(single);
    single_exit(single, 3);
    single->met = false;
    single_expire(single);
    assert_int_equal(SERVICE.state, SERVICE_WAITING);
    assert_true(SERVICE.probation);
    single_tell(single, EVENT_START);
    assert_false(SERVICE.probation);
}

static void retry_after_can_be_turned_off(void **state)
{
    struct single *single = *state;
    single->plan.restart.max = 0;
    single->plan.restart.retry_after_ms = RETRY_NEVER;
    single_begin(single, true);
    single_start(single);
    single_exit(single, 3);
    assert_int_equal(SERVICE.state, SERVICE_FAILED);
    assert_int_equal(SERVICE.timer_at, SERVICE_NO_TIMER);
}

static void no_auto_restart_means_none_at_all(void **state)
{
    struct single *single = *state;
    single_begin(single, false);
    single_ready(single);
    single_exit(single, 3);
    assert_int_equal(SERVICE.state, SERVICE_FAILED);
    assert_int_equal(SERVICE.timer_at, SERVICE_NO_TIMER);
    assert_string_equal(SERVICE.last_error.message, "it broke");
}

static void a_minute_of_ready_breaks_the_row(void **state)
{
    struct single *single = *state;
    single_begin(single, true);
    single_start(single);
    for (int i = 0; i < 3; i++) {
        single_exit(single, 3);
        single_expire(single);
        single_launch(single);
    }
    single_tell(single, EVENT_PROBE_PASSED);
    assert_int_equal(SERVICE.budget.in_row, 3);
    single_expire(single);
    assert_int_equal(SERVICE.budget.in_row, 0);
    assert_int_equal(SERVICE.timer_at, SERVICE_NO_TIMER);
    single_exit(single, 3);
    assert_int_equal(SERVICE.timer_at, single->now + 200);
}

static void ends_by_policy(void **state)
{
    static const struct {
        enum restart_policy policy;
        int code;
        enum service_state next;
    } cases[] = {
        {RESTART_ALWAYS, 0, SERVICE_BACKOFF},       {RESTART_ALWAYS, 3, SERVICE_BACKOFF},
        {RESTART_ON_FAILURE, 0, SERVICE_COMPLETED}, {RESTART_ON_FAILURE, 3, SERVICE_BACKOFF},
        {RESTART_NEVER, 0, SERVICE_COMPLETED},      {RESTART_NEVER, 3, SERVICE_FAILED},
    };
    struct single *single = *state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        single_init(single);
        single->plan.restart.policy = cases[i].policy;
        single_begin(single, true);
        single_ready(single);
        single_exit(single, cases[i].code);
        assert_int_equal(SERVICE.state, cases[i].next);
        bool spent = cases[i].next == SERVICE_BACKOFF;
        assert_int_equal(budget_in_window(&SERVICE.budget, single->now), spent ? 1 : 0);
        if (cases[i].next == SERVICE_FAILED)
            assert_int_equal(SERVICE.timer_at, SERVICE_NO_TIMER);
        if (i + 1 < sizeof(cases) / sizeof(cases[0]))
            single_finish(single);
    }
}

static void success_codes_are_the_plans(void **state)
{
    struct single *single = *state;
    int codes[] = {0, 42};
    single->plan.restart.policy = RESTART_ON_FAILURE;
    single->plan.restart.success_exit_codes = codes;
    single->plan.restart.success_exit_code_count = 2;
    single_begin(single, true);
    single_start(single);
    single_exit(single, 42);
    assert_int_equal(SERVICE.state, SERVICE_COMPLETED);
    assert_true(single_did(single, ACTION_TELL_COMPLETED));
    assert_int_equal(SERVICE.last_exit.reason, EXIT_CLEAN);
    assert_true(service_well(&SERVICE) && SERVICE.well_once);
}

static void what_cannot_be_launched_fails_at_once_uncharged(void **state)
{
    struct single *single = *state;
    struct error error = {.code = ERROR_MISSING_PATH, .message = (char *)"no build"};
    single_begin(single, true);
    single_tell(single, EVENT_START);
    single_event(single, &(struct service_event){.kind = EVENT_LOOK_FAILED, .error = &error});
    assert_int_equal(SERVICE.state, SERVICE_FAILED);
    assert_string_equal(SERVICE.last_error.message, "no build");
    assert_int_equal(budget_in_window(&SERVICE.budget, single->now), 0);
    assert_int_equal(SERVICE.timer_at, single->now + 300000);
}

static void a_refused_launch_is_tried_again_unless_it_is_for_good(void **state)
{
    struct single *single = *state;
    struct error error = {.code = ERROR_SYSTEM, .message = (char *)"no descriptors"};
    struct service_event refused = {.kind = EVENT_LAUNCH_FAILED, .error = &error};
    single_begin(single, true);
    single_tell(single, EVENT_START);
    single_tell(single, EVENT_LOOK_CLEAR);
    single_event(single, &refused);
    assert_int_equal(SERVICE.state, SERVICE_BACKOFF);
    assert_int_equal(SERVICE.last_exit.reason, EXIT_LAUNCH_FAILED);
    assert_int_equal(budget_in_window(&SERVICE.budget, single->now), 1);
    single_expire(single);
    single_tell(single, EVENT_LOOK_CLEAR);
    refused.permanent = true;
    single_event(single, &refused);
    assert_int_equal(SERVICE.state, SERVICE_FAILED);
    assert_int_equal(budget_in_window(&SERVICE.budget, single->now), 1);
}

static void not_ready_in_time_is_a_failure_of_its_own(void **state)
{
    struct single *single = *state;
    single_begin(single, true);
    single_start(single);
    single_fail_probe(single, 1);
    assert_int_equal(SERVICE.state, SERVICE_STARTING);
    assert_int_equal(SERVICE.last_error.code, ERROR_NONE);
    single_expire(single);
    assert_int_equal(SERVICE.state, SERVICE_ENDING);
    assert_true(single_did(single, ACTION_STOP_TREE));
    assert_int_equal(SERVICE.last_error.code, ERROR_NOT_READY_IN_TIME);
    assert_non_null(strstr(SERVICE.last_error.message, "35 s: refused"));
    assert_int_equal(SERVICE.timer_at, single->now + 5000);
    single_expire(single);
    assert_true(single_did(single, ACTION_KILL_TREE));
    single_event(single, &(struct service_event){.kind = EVENT_EXITED, .exit_code = -1, .exit_signal = 9});
    assert_int_equal(SERVICE.last_exit.reason, EXIT_NOT_READY);
    single_tell(single, EVENT_TREE_GONE);
    assert_int_equal(SERVICE.state, SERVICE_LOOKING);
    assert_int_equal(budget_in_window(&SERVICE.budget, single->now), 1);
}

static void a_stranger_on_its_port_fails_it_uncharged(void **state)
{
    struct single *single = *state;
    struct error error = {.code = ERROR_PORT_TAKEN, .message = (char *)"port 3000 is held by node (pid 1)"};
    single_begin(single, true);
    single_start(single);
    single_event(single, &(struct service_event){.kind = EVENT_STRANGER, .error = &error});
    assert_int_equal(SERVICE.state, SERVICE_ENDING);
    assert_true(single_did(single, ACTION_STOP_TREE));
    single_event(single, &(struct service_event){.kind = EVENT_EXITED, .exit_code = -1, .exit_signal = 15});
    single_tell(single, EVENT_TREE_GONE);
    assert_int_equal(SERVICE.state, SERVICE_FAILED);
    assert_int_equal(SERVICE.last_error.code, ERROR_PORT_TAKEN);
    assert_int_equal(budget_in_window(&SERVICE.budget, single->now), 0);
    assert_int_equal(SERVICE.timer_at, single->now + 300000);
}

static void an_uptime_probe_has_no_deadline(void **state)
{
    struct single *single = *state;
    single->plan.ready = (struct probe_plan){.kind = PROBE_UPTIME, .timeout_ms = 1000};
    single_begin(single, true);
    single_start(single);
    assert_int_equal(SERVICE.timer_at, SERVICE_NO_TIMER);
}

static void failures_in_a_row_end_it(void **state)
{
    struct single *single = *state;
    single_begin(single, true);
    single_ready(single);
    single_fail_probe(single, 1);
    assert_int_equal(SERVICE.state, SERVICE_UNHEALTHY);
    assert_true(single_did(single, ACTION_TELL_UNHEALTHY));
    assert_string_equal(SERVICE.last_error.message, "refused");
    single_fail_probe(single, 2);
    assert_int_equal(SERVICE.state, SERVICE_UNHEALTHY);
    single_fail_probe(single, 3);
    assert_int_equal(SERVICE.state, SERVICE_ENDING);
    assert_int_equal(SERVICE.last_error.code, ERROR_PROBE_FAILED);
    assert_int_equal(budget_in_window(&SERVICE.budget, single->now), 1);
    single_event(single, &(struct service_event){.kind = EVENT_EXITED, .exit_code = 0});
    assert_int_equal(SERVICE.last_exit.reason, EXIT_LIVE_PROBE);
    single_tell(single, EVENT_TREE_GONE);
    assert_int_equal(SERVICE.state, SERVICE_BACKOFF);
}

static void one_answer_makes_it_healthy(void **state)
{
    struct single *single = *state;
    single_begin(single, true);
    single_ready(single);
    single_fail_probe(single, 1);
    single->now += 1000;
    single_tell(single, EVENT_PROBE_PASSED);
    assert_int_equal(SERVICE.state, SERVICE_READY);
    assert_true(single_did(single, ACTION_TELL_HEALTHY));
    assert_int_equal(SERVICE.last_error.code, ERROR_NONE);
    assert_int_equal(SERVICE.timer_at, single->now + 60000);
}

static void a_probe_that_enforces_nothing_ends_nothing(void **state)
{
    struct single *single = *state;
    single->plan.live.enforce = false;
    single_begin(single, true);
    single_ready(single);
    for (int i = 1; i < 100; i++)
        single_fail_probe(single, i);
    assert_int_equal(SERVICE.state, SERVICE_UNHEALTHY);
}

static void one_failure_is_enough_where_the_plan_says_so(void **state)
{
    struct single *single = *state;
    single->plan.live.failures = 1;
    single_begin(single, true);
    single_ready(single);
    single_fail_probe(single, 1);
    assert_int_equal(SERVICE.state, SERVICE_ENDING);
    assert_true(single_did(single, ACTION_TELL_UNHEALTHY));
}

#define LIFE_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        LIFE_TEST(it_becomes_ready),
        LIFE_TEST(it_waits_for_its_dependencies),
        LIFE_TEST(what_goes_while_it_looks_is_waited_for),
        LIFE_TEST(a_crash_is_restarted_after_a_delay),
        LIFE_TEST(without_backoff_it_is_back_at_once),
        LIFE_TEST(what_is_left_of_a_tree_is_killed_after_a_second),
        LIFE_TEST(a_spent_budget_fails),
        LIFE_TEST(one_more_try_that_fails_is_one_event),
        LIFE_TEST(one_more_try_that_holds_clears_the_failure),
        LIFE_TEST(a_start_by_hand_ends_the_probation_of_what_waits),
        LIFE_TEST(retry_after_can_be_turned_off),
        LIFE_TEST(no_auto_restart_means_none_at_all),
        LIFE_TEST(a_minute_of_ready_breaks_the_row),
        LIFE_TEST(ends_by_policy),
        LIFE_TEST(success_codes_are_the_plans),
        LIFE_TEST(what_cannot_be_launched_fails_at_once_uncharged),
        LIFE_TEST(a_refused_launch_is_tried_again_unless_it_is_for_good),
        LIFE_TEST(not_ready_in_time_is_a_failure_of_its_own),
        LIFE_TEST(a_stranger_on_its_port_fails_it_uncharged),
        LIFE_TEST(an_uptime_probe_has_no_deadline),
        LIFE_TEST(failures_in_a_row_end_it),
        LIFE_TEST(one_answer_makes_it_healthy),
        LIFE_TEST(a_probe_that_enforces_nothing_ends_nothing),
        LIFE_TEST(one_failure_is_enough_where_the_plan_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
