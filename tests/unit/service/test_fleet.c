/* What lies between services: who waits for whom, and what they amount to together. */
#include "fake_driver.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <string.h>

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

/* mongo <- backend, and web beside them: the reference application. */
static struct fake *begin_app(void **state)
{
    struct fake *fake = *state;
    fake_add(fake, "mongo");
    fake_add(fake, "web");
    fake_add(fake, "backend");
    fake_depend(fake, "backend", "mongo", DEPENDENCY_READY);
    fake_begin(fake);
    return fake;
}

static void what_has_no_path_starts_at_the_same_time(void **state)
{
    struct fake *fake = begin_app(state);
    assert_int_equal(fleet_state(fake->fleet), FLEET_STOPPED);
    fleet_start_all(fake->fleet);
    fake_expect(fake, "launch mongo, launch web, ");
    assert_int_equal(fake_state(fake, "backend"), SERVICE_WAITING);
    assert_int_equal(fleet_state(fake->fleet), FLEET_STARTING);
    assert_false(fleet_at_rest(fake->fleet));
    fake_ready(fake, "mongo");
    fake_expect(fake, "launch backend, ");
    fake_ready(fake, "web");
    fake_ready(fake, "backend");
    assert_int_equal(fleet_state(fake->fleet), FLEET_READY);
    assert_true(fleet_at_rest(fake->fleet));
    assert_true(fleet_running(fake->fleet));
    fleet_start_all(fake->fleet);
    fake_expect(fake, "");
}

static void started_and_completed_are_conditions_too(void **state)
{
    struct fake *fake = *state;
    fake_add(fake, "queue");
    fake_add(fake, "migrate");
    fake_add(fake, "backend");
    fake_depend(fake, "migrate", "queue", DEPENDENCY_STARTED);
    fake_depend(fake, "backend", "migrate", DEPENDENCY_COMPLETED);
    fake_begin(fake);
    fleet_start_all(fake->fleet);
    fake_expect(fake, "launch queue, launch migrate, ");
    fake_ready(fake, "migrate");
    fake_expect(fake, "");
    fake_exit(fake, "migrate", 0);
    fake_expect(fake, "clear migrate, launch backend, ");
    assert_int_equal(fake_state(fake, "migrate"), SERVICE_COMPLETED);
}

static void dependants_of_what_failed_wait_and_say_so(void **state)
{
    struct fake *fake = begin_app(state);
    struct error error = {.code = ERROR_PORT_TAKEN,
                          .message = (char *)"port 27017 is held by mongod (pid 1)"};
    fake->slow_looks = true;
    fleet_start_all(fake->fleet);
    fleet_post(fake->fleet, fake_service(fake, "mongo"),
               &(struct service_event){.kind = EVENT_LOOK_FAILED, .error = &error});
    struct service *backend = fake_service(fake, "backend");
    assert_int_equal(backend->state, SERVICE_WAITING);
    assert_non_null(strstr(backend->last_error.message, "mongo"));
    assert_non_null(strstr(backend->last_error.message, "27017"));
    assert_int_equal(backend->last_error.code, ERROR_PORT_TAKEN);
    assert_true(fleet_blocked(fake->fleet, backend));
    assert_int_equal(fleet_state(fake->fleet), FLEET_FAILED);
    assert_false(fleet_at_rest(fake->fleet));
    fake->slow_looks = false;
    fake_tell(fake, "web", EVENT_LOOK_CLEAR);
    fake_ready(fake, "web");
    assert_true(fleet_at_rest(fake->fleet));
    fake_expect(fake, "launch web, ");

    fake_pass(fake, 300000);
    fake_expect(fake, "launch mongo, ");
    assert_false(fleet_blocked(fake->fleet, backend));
    assert_int_equal(backend->last_error.code, ERROR_NONE);
    fake_ready(fake, "mongo");
    fake_expect(fake, "launch backend, ");
    assert_int_equal(budget_in_window(&backend->budget, fake->now), 0);
    assert_int_equal(backend->restarts, 0);
}

static void what_is_blocked_blocks_in_turn(void **state)
{
    struct fake *fake = *state;
    fake_add(fake, "a");
    fake_add(fake, "b");
    fake_add(fake, "c");
    fake_depend(fake, "b", "a", DEPENDENCY_READY);
    fake_depend(fake, "c", "b", DEPENDENCY_READY);
    fake_begin(fake);
    fleet_start_all(fake->fleet);
    fake_exit(fake, "a", 3);
    assert_false(fleet_blocked(fake->fleet, fake_service(fake, "c")));
    fake_pass(fake, 200);
    fake_exit(fake, "a", 3);
    assert_int_equal(fake_state(fake, "a"), SERVICE_FAILED);
    assert_true(fleet_blocked(fake->fleet, fake_service(fake, "b")));
    assert_true(fleet_blocked(fake->fleet, fake_service(fake, "c")));
    assert_non_null(strstr(fake_service(fake, "c")->last_error.message, "c waits for b"));
    assert_true(fleet_at_rest(fake->fleet));
    fleet_start(fake->fleet, fake_service(fake, "a"));
    fake_ready(fake, "a");
    fake_ready(fake, "b");
    fake_ready(fake, "c");
    assert_int_equal(fleet_state(fake->fleet), FLEET_READY);
    assert_int_equal(fake_service(fake, "c")->last_error.code, ERROR_NONE);
}

static void dependants_are_left_alone_when_a_dependency_restarts(void **state)
{
    struct fake *fake = begin_app(state);
    fleet_start_all(fake->fleet);
    fake_ready(fake, "mongo");
    fake_ready(fake, "web");
    fake_ready(fake, "backend");
    fake_expect(fake, "launch mongo, launch web, launch backend, ");
    fake_exit(fake, "mongo", 3);
    fake_pass(fake, 200);
    fake_ready(fake, "mongo");
    fake_expect(fake, "clear mongo, launch mongo, ");
    assert_int_equal(fake_state(fake, "backend"), SERVICE_READY);
}

static void restart_with_goes_along(void **state)
{
    struct fake *fake = begin_app(state);
    fake->sidecars[2].restart_with = true;
    fleet_start_all(fake->fleet);
    fake_ready(fake, "mongo");
    fake_ready(fake, "backend");
    fake_expect(fake, "launch mongo, launch web, launch backend, ");
    fake_exit(fake, "mongo", 3);
    fake_expect(fake, "clear mongo, ");
    fake_pass(fake, 200);
    fake_expect(fake, "launch mongo, stop backend, ");
    fake_exit(fake, "backend", 0);
    assert_int_equal(fake_state(fake, "backend"), SERVICE_WAITING);
    fake_ready(fake, "mongo");
    fake_expect(fake, "launch backend, ");
    assert_int_equal(fake_service(fake, "backend")->restarts, 0);
}

static void on_demand_waits_to_be_named(void **state)
{
    struct fake *fake = *state;
    fake_add(fake, "indexer")->on_demand = true;
    fake_add(fake, "web");
    fake_begin(fake);
    fleet_start_all(fake->fleet);
    fake_ready(fake, "web");
    fake_expect(fake, "launch web, ");
    assert_int_equal(fleet_state(fake->fleet), FLEET_READY);
    assert_true(fleet_running(fake->fleet));
    fleet_start(fake->fleet, fake_service(fake, "indexer"));
    fake_expect(fake, "launch indexer, ");
}

static void on_demand_comes_with_its_dependant(void **state)
{
    struct fake *fake = *state;
    fake_add(fake, "models")->on_demand = true;
    fake_add(fake, "backend");
    fake_depend(fake, "backend", "models", DEPENDENCY_STARTED);
    fake_begin(fake);
    fleet_start_all(fake->fleet);
    fake_expect(fake, "launch models, launch backend, ");
}

static void a_start_of_one_wants_what_it_depends_on(void **state)
{
    struct fake *fake = begin_app(state);
    fleet_start(fake->fleet, fake_service(fake, "backend"));
    fake_expect(fake, "launch mongo, ");
    fleet_stop_all(fake->fleet);
    fake_exit(fake, "mongo", 0);
    fake_expect(fake, "stop mongo, ");
    fleet_restart(fake->fleet, fake_service(fake, "backend"));
    fake_expect(fake, "launch mongo, ");
}

static void a_remote_dependency_by_default_is_waited_for_so_long(void **state)
{
    struct fake *fake = *state;
    struct sidecar_plan *mongo = fake_add(fake, "mongo");
    mongo->remote = true;
    mongo->critical = false;
    fake_add(fake, "backend");
    fake_add(fake, "other");
    fake_depend(fake, "backend", "mongo", DEPENDENCY_READY);
    fake_depend(fake, "other", "mongo", DEPENDENCY_READY);
    fake->sidecars[1].dependencies[0].by_default = true;
    fake_begin(fake);
    fleet_start_all(fake->fleet);
    fake_expect(fake, "");
    fake_pass(fake, 35000);
    fake_expect(fake, "launch backend, ");
    assert_int_equal(fake_state(fake, "other"), SERVICE_WAITING);
    fake_ready(fake, "mongo");
    fake_expect(fake, "launch other, ");
}

/* ---- the state of the whole ---- */

static void the_whole_fails_degrades_and_starts(void **state)
{
    struct fake *fake = begin_app(state);
    fake->sidecars[1].critical = false;
    fleet_start_all(fake->fleet);
    fake_ready(fake, "mongo");
    fake_ready(fake, "backend");
    assert_int_equal(fleet_state(fake->fleet), FLEET_READY);
    fake_exit(fake, "web", 3);
    assert_int_equal(fleet_state(fake->fleet), FLEET_DEGRADED);
    fake_pass(fake, 200);
    assert_int_equal(fleet_state(fake->fleet), FLEET_READY);
    fake_exit(fake, "web", 3);
    assert_int_equal(fake_state(fake, "web"), SERVICE_FAILED);
    assert_int_equal(fleet_state(fake->fleet), FLEET_DEGRADED);
    fleet_stop(fake->fleet, fake_service(fake, "web"));
    assert_int_equal(fleet_state(fake->fleet), FLEET_READY);
    fake_exit(fake, "mongo", 3);
    assert_int_equal(fleet_state(fake->fleet), FLEET_DEGRADED);
    assert_false(fleet_running(fake->fleet));
    fake_pass(fake, 200);
    assert_int_equal(fleet_state(fake->fleet), FLEET_DEGRADED);
    fake_exit(fake, "mongo", 3);
    assert_int_equal(fleet_state(fake->fleet), FLEET_FAILED);
}

static void a_remote_row_that_does_not_answer_degrades(void **state)
{
    struct fake *fake = *state;
    struct sidecar_plan *backend = fake_add(fake, "backend");
    backend->remote = true;
    backend->critical = false;
    fake_add(fake, "web");
    fake_begin(fake);
    fleet_start_all(fake->fleet);
    fake_ready(fake, "web");
    assert_int_equal(fleet_state(fake->fleet), FLEET_READY);
    assert_false(fleet_at_rest(fake->fleet));
    struct error error = {.code = ERROR_PROBE_FAILED, .message = (char *)"refused"};
    fleet_post(fake->fleet, fake_service(fake, "backend"),
               &(struct service_event){.kind = EVENT_PROBE_FAILED, .failures = 1, .error = &error});
    assert_int_equal(fleet_state(fake->fleet), FLEET_DEGRADED);
    assert_true(fleet_at_rest(fake->fleet));
    fake_ready(fake, "backend");
    assert_int_equal(fleet_state(fake->fleet), FLEET_READY);
    assert_true(fleet_running(fake->fleet));
}

static void it_settles_after_each_report(void **state)
{
    struct fake *fake = begin_app(state);
    fleet_start_all(fake->fleet);
    int before = fake->settled;
    fake_ready(fake, "mongo");
    assert_int_equal(fake->settled, before + 1);
}

static void states_have_their_names(void **state)
{
    struct fake *fake = begin_app(state);
    assert_string_equal(fleet_state_name(fleet_state(fake->fleet)), "stopped");
    assert_string_equal(fleet_state_name(FLEET_DEGRADED), "degraded");
    assert_null(fleet_find(fake->fleet, "nobody"));
}

#define FLEET_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FLEET_TEST(what_has_no_path_starts_at_the_same_time),
        FLEET_TEST(started_and_completed_are_conditions_too),
        FLEET_TEST(dependants_of_what_failed_wait_and_say_so),
        FLEET_TEST(what_is_blocked_blocks_in_turn),
        FLEET_TEST(dependants_are_left_alone_when_a_dependency_restarts),
        FLEET_TEST(restart_with_goes_along),
        FLEET_TEST(on_demand_waits_to_be_named),
        FLEET_TEST(on_demand_comes_with_its_dependant),
        FLEET_TEST(a_start_of_one_wants_what_it_depends_on),
        FLEET_TEST(a_remote_dependency_by_default_is_waited_for_so_long),
        FLEET_TEST(the_whole_fails_degrades_and_starts),
        FLEET_TEST(a_remote_row_that_does_not_answer_degrades),
        FLEET_TEST(it_settles_after_each_report),
        FLEET_TEST(states_have_their_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
