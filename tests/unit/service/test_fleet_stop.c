/* Stops of the whole, in order. */
#include "fake_driver.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static int set_up(void **state)
{
    static struct fake fake;
    fake_init(&fake);
    *state = &fake;
    return 0;
}

static int tear_down(void **state)
{
    fake_finish(*state);
    return 0;
}

/* mongo <- backend <- worker, and web beside them; all ready. */
static struct fake *begin_ready(void **state)
{
    struct fake *fake = *state;
    fake_add(fake, "mongo");
    fake_add(fake, "web");
    fake_add(fake, "backend");
    fake_add(fake, "worker");
    fake_depend(fake, "backend", "mongo", DEPENDENCY_READY);
    fake_depend(fake, "worker", "backend", DEPENDENCY_READY);
    fake_begin(fake);
    fleet_start_all(fake->fleet);
    fake_ready(fake, "mongo");
    fake_ready(fake, "web");
    fake_ready(fake, "backend");
    fake_ready(fake, "worker");
    assert_int_equal(fleet_state(fake->fleet), FLEET_READY);
    fake_expect(fake, "launch mongo, launch web, launch backend, launch worker, ");
    return fake;
}

static void dependants_go_first_and_others_in_parallel(void **state)
{
    struct fake *fake = begin_ready(state);
    fleet_stop_all(fake->fleet);
    fake_expect(fake, "stop worker, stop web, ");
    assert_int_equal(fleet_state(fake->fleet), FLEET_STOPPING);
    fake_exit(fake, "worker", 0);
    fake_expect(fake, "stop backend, ");
    fake_exit(fake, "web", 0);
    fake_exit(fake, "backend", 0);
    fake_expect(fake, "stop mongo, ");
    assert_int_equal(fleet_state(fake->fleet), FLEET_STOPPING);
    assert_false(fleet_quiet(fake->fleet));
    fake_exit(fake, "mongo", 0);
    assert_int_equal(fleet_state(fake->fleet), FLEET_STOPPED);
    assert_true(fleet_quiet(fake->fleet) && fleet_at_rest(fake->fleet));
    assert_int_equal(fleet_next_timer(fake->fleet), SERVICE_NO_TIMER);
}

static void a_path_through_something_completed_is_a_path(void **state)
{
    struct fake *fake = *state;
    fake_add(fake, "mongo");
    fake_add(fake, "migrate");
    fake_add(fake, "backend");
    fake_depend(fake, "migrate", "mongo", DEPENDENCY_READY);
    fake_depend(fake, "backend", "migrate", DEPENDENCY_COMPLETED);
    fake_begin(fake);
    fleet_start_all(fake->fleet);
    fake_ready(fake, "mongo");
    fake_exit(fake, "migrate", 0);
    fake_expect(fake, "launch mongo, launch migrate, clear migrate, launch backend, ");
    fleet_stop_all(fake->fleet);
    fake_expect(fake, "stop backend, ");
    fake_exit(fake, "backend", 0);
    fake_expect(fake, "stop mongo, ");
}

static void what_ignores_its_signal_is_killed_after_its_grace(void **state)
{
    struct fake *fake = begin_ready(state);
    fleet_stop_all(fake->fleet);
    fake_pass(fake, 4999);
    fake_expect(fake, "stop worker, stop web, ");
    fake_pass(fake, 1);
    fake_expect(fake, "kill web, kill worker, ");
}

static void hurry_reaches_those_that_are_held(void **state)
{
    struct fake *fake = begin_ready(state);
    fleet_stop_all(fake->fleet);
    fleet_hurry(fake->fleet);
    fake_expect(fake, "stop worker, stop web, kill worker, kill web, ");
    fake_exit(fake, "worker", 0);
    fake_expect(fake, "stop backend, kill backend, ");
    fake_exit(fake, "backend", 0);
    fake_expect(fake, "stop mongo, kill mongo, ");
}

static void a_stop_that_comes_while_it_looks_takes_effect_at_once(void **state)
{
    struct fake *fake = *state;
    fake->slow_looks = true;
    fake_add(fake, "web");
    fake_begin(fake);
    fleet_start_all(fake->fleet);
    fleet_stop_all(fake->fleet);
    assert_int_equal(fleet_state(fake->fleet), FLEET_STOPPED);
    fake_expect(fake, "");
}

/* The look is answered while the stop is in the queue already. */
static void stop_from_inside(void *context, struct service *service, enum service_action action)
{
    struct fake *fake = context;
    if (action == ACTION_LOOK) {
        fleet_stop_all(fake->fleet);
        fleet_post(fake->fleet, service, &(struct service_event){.kind = EVENT_LOOK_CLEAR});
    }
    assert_int_not_equal(action, ACTION_LAUNCH);
    assert_int_not_equal(action, ACTION_TELL_BUG);
}

static void an_answer_behind_its_calling_off_is_dropped(void **state)
{
    struct fake *fake = *state;
    fake_add(fake, "web");
    fake_begin(fake);
    fake->driver.act = stop_from_inside;
    fleet_start_all(fake->fleet);
    assert_int_equal(fleet_state(fake->fleet), FLEET_STOPPED);
}

static void a_start_in_the_middle_of_a_stop_ends_the_stopping(void **state)
{
    struct fake *fake = begin_ready(state);
    fleet_stop_all(fake->fleet);
    fake_expect(fake, "stop worker, stop web, ");
    fleet_start(fake->fleet, fake_service(fake, "backend"));
    assert_int_not_equal(fleet_state(fake->fleet), FLEET_STOPPING);
    fake_exit(fake, "worker", 0);
    fake_exit(fake, "web", 0);
    fake_expect(fake, "");
    assert_int_equal(fake_state(fake, "backend"), SERVICE_READY);
    assert_int_equal(fake_state(fake, "mongo"), SERVICE_READY);
    assert_int_equal(fleet_state(fake->fleet), FLEET_READY);
}

static void a_second_stop_changes_nothing(void **state)
{
    struct fake *fake = begin_ready(state);
    fleet_stop_all(fake->fleet);
    fake_expect(fake, "stop worker, stop web, ");
    fleet_stop_all(fake->fleet);
    fleet_stop(fake->fleet, fake_service(fake, "mongo"));
    fake_expect(fake, "");
    fake_exit(fake, "worker", 0);
    fake_expect(fake, "stop backend, ");
    fake_exit(fake, "backend", 0);
    fake_expect(fake, "stop mongo, ");
}

static void a_stop_of_one_leaves_its_dependants_alone(void **state)
{
    struct fake *fake = begin_ready(state);
    fleet_stop(fake->fleet, fake_service(fake, "mongo"));
    fake_expect(fake, "stop mongo, ");
    fake_exit(fake, "mongo", 0);
    assert_int_equal(fake_state(fake, "backend"), SERVICE_READY);
    assert_false(fleet_blocked(fake->fleet, fake_service(fake, "backend")));
    assert_int_equal(fleet_state(fake->fleet), FLEET_READY);
}

static void a_crash_of_a_dependant_releases_what_it_held(void **state)
{
    struct fake *fake = begin_ready(state);
    fake_exit(fake, "worker", 3);
    fake_expect(fake, "clear worker, ");
    assert_int_equal(fake_state(fake, "worker"), SERVICE_BACKOFF);
    fleet_stop_all(fake->fleet);
    fake_expect(fake, "stop backend, stop web, ");
}

#define STOP_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STOP_TEST(dependants_go_first_and_others_in_parallel),
        STOP_TEST(a_path_through_something_completed_is_a_path),
        STOP_TEST(what_ignores_its_signal_is_killed_after_its_grace),
        STOP_TEST(hurry_reaches_those_that_are_held),
        STOP_TEST(a_stop_that_comes_while_it_looks_takes_effect_at_once),
        STOP_TEST(an_answer_behind_its_calling_off_is_dropped),
        STOP_TEST(a_start_in_the_middle_of_a_stop_ends_the_stopping),
        STOP_TEST(a_second_stop_changes_nothing),
        STOP_TEST(a_stop_of_one_leaves_its_dependants_alone),
        STOP_TEST(a_crash_of_a_dependant_releases_what_it_held),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
