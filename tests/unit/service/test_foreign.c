/* One service that somebody else runs: adopted, or remote. */
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

static void adopt(struct single *single)
{
    single_tell(single, EVENT_START);
    single_tell(single, EVENT_LOOK_HEALTHY);
    assert_int_equal(SERVICE.state, SERVICE_ADOPTED);
    assert_true(single_did(single, ACTION_PROBE_WATCH));
}

static void what_is_adopted_is_well_and_has_no_process(void **state)
{
    struct single *single = *state;
    single_begin(single, true);
    adopt(single);
    assert_true(single_did(single, ACTION_TELL_ADOPTED));
    assert_true(service_well(&SERVICE) && SERVICE.well_once);
    assert_false(service_has_processes(&SERVICE));
    assert_int_equal(SERVICE.pid, 0);
}

static void a_stop_only_ends_the_watching(void **state)
{
    struct single *single = *state;
    single_begin(single, true);
    adopt(single);
    single_tell(single, EVENT_STOP);
    assert_int_equal(SERVICE.state, SERVICE_STOPPED);
    assert_true(single_did(single, ACTION_PROBE_OFF));
    assert_false(single_did(single, ACTION_STOP_TREE));
}

static void a_restart_looks_again(void **state)
{
    struct single *single = *state;
    single_begin(single, true);
    adopt(single);
    single_tell(single, EVENT_RESTART);
    assert_int_equal(SERVICE.state, SERVICE_LOOKING);
    assert_true(single_did(single, ACTION_PROBE_OFF));
    assert_true(single_did(single, ACTION_LOOK));
}

static void where_it_goes_away_one_of_our_own_is_started(void **state)
{
    struct single *single = *state;
    single_begin(single, true);
    adopt(single);
    single_fail_probe(single, 2);
    assert_int_equal(SERVICE.state, SERVICE_ADOPTED);
    single_tell(single, EVENT_PROBE_PASSED);
    single_fail_probe(single, 3);
    assert_true(single_did(single, ACTION_TELL_LOST));
    single_launch(single);
    assert_int_equal(budget_in_window(&SERVICE.budget, single->now), 0);
}

static void begin_remote(struct single *single)
{
    single->plan.remote = true;
    single->plan.critical = false;
    single_begin(single, true);
    assert_int_equal(SERVICE.state, SERVICE_REMOTE);
    assert_false(service_well(&SERVICE));
    single_tell(single, EVENT_START);
    assert_true(single_did(single, ACTION_PROBE_WATCH));
    assert_true(service_in_progress(&SERVICE));
}

static void a_remote_one_is_well_while_it_answers(void **state)
{
    struct single *single = *state;
    begin_remote(single);
    single_tell(single, EVENT_PROBE_PASSED);
    assert_true(service_well(&SERVICE));
    assert_true(single_did(single, ACTION_TELL_HEALTHY));
    assert_false(service_in_progress(&SERVICE));
    single_tell(single, EVENT_PROBE_PASSED);
    assert_int_equal(single->actions.count, 0);
    single_fail_probe(single, 1);
    assert_true(single_did(single, ACTION_TELL_UNHEALTHY));
    assert_false(service_well(&SERVICE));
    single_fail_probe(single, 2);
    assert_int_equal(single->actions.count, 0);
    assert_string_equal(SERVICE.last_error.message, "refused");
    single_tell(single, EVENT_PROBE_PASSED);
    assert_int_equal(SERVICE.last_error.code, ERROR_NONE);
}

static void the_default_wait_for_it_ends(void **state)
{
    struct single *single = *state;
    begin_remote(single);
    assert_int_equal(SERVICE.timer_at, single->now + 35000);
    single_expire(single);
    assert_true(single_did(single, ACTION_TELL_WAIT_OVER));
    assert_true(SERVICE.wait_over);
    assert_false(service_in_progress(&SERVICE));
}

static void an_answer_in_time_ends_no_wait(void **state)
{
    struct single *single = *state;
    begin_remote(single);
    single_tell(single, EVENT_PROBE_PASSED);
    assert_int_equal(SERVICE.timer_at, SERVICE_NO_TIMER);
}

static void a_stop_of_a_remote_one_ends_the_probing(void **state)
{
    struct single *single = *state;
    begin_remote(single);
    single_tell(single, EVENT_PROBE_PASSED);
    single_tell(single, EVENT_STOP);
    assert_true(single_did(single, ACTION_PROBE_OFF));
    assert_false(service_well(&SERVICE));
    single_tell(single, EVENT_STOP);
    assert_int_equal(single->actions.count, 0);
    single_tell(single, EVENT_START);
    assert_true(single_did(single, ACTION_PROBE_WATCH));
    assert_false(SERVICE.well_once);
}

static void a_restart_of_a_remote_one_asks_afresh(void **state)
{
    struct single *single = *state;
    begin_remote(single);
    single_tell(single, EVENT_PROBE_PASSED);
    single_tell(single, EVENT_START);
    assert_int_equal(single->actions.count, 0);
    single_tell(single, EVENT_RESTART);
    assert_true(single_did(single, ACTION_PROBE_OFF));
    assert_true(single_did(single, ACTION_PROBE_WATCH));
    assert_false(service_well(&SERVICE));
    single_tell(single, EVENT_PROBE_PASSED);
    assert_true(single_did(single, ACTION_TELL_HEALTHY));
}

#define FOREIGN_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FOREIGN_TEST(what_is_adopted_is_well_and_has_no_process),
        FOREIGN_TEST(a_stop_only_ends_the_watching),
        FOREIGN_TEST(a_restart_looks_again),
        FOREIGN_TEST(where_it_goes_away_one_of_our_own_is_started),
        FOREIGN_TEST(a_remote_one_is_well_while_it_answers),
        FOREIGN_TEST(the_default_wait_for_it_ends),
        FOREIGN_TEST(an_answer_in_time_ends_no_wait),
        FOREIGN_TEST(a_stop_of_a_remote_one_ends_the_probing),
        FOREIGN_TEST(a_restart_of_a_remote_one_asks_afresh),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
