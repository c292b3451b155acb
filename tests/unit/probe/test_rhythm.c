#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "probe/rhythm.h"

static const struct probe_plan http = {.kind = PROBE_HTTP, .interval_ms = 250, .timeout_ms = 35000};
static const struct probe_plan exec = {.kind = PROBE_EXEC, .interval_ms = 250, .timeout_ms = 35000};

/* The instants at which a probe that always fails at once is tried. */
static void expect_instants(const struct probe_plan *plan, int64_t from, const int64_t *wanted, size_t count)
{
    int64_t at = 0;
    int64_t distance = 0;
    size_t seen = 0;
    while (seen < count) {
        if (at >= from)
            assert_int_equal(at, wanted[seen++]);
        distance = rhythm_ready_distance(plan, at, distance);
        at += rhythm_wait(at, distance, at);
    }
}

static void a_young_child_is_asked_every_ten_milliseconds(void **state)
{
    const int64_t first[] = {0, 10, 20, 30};
    expect_instants(&http, 0, first, 4);
}

static void then_at_doubling_distances_up_to_the_interval(void **state)
{
    const int64_t later[] = {980, 990, 1000, 1020, 1060, 1140, 1300, 1550, 1800};
    expect_instants(&http, 980, later, 9);
}

static void a_command_is_asked_every_hundred_milliseconds(void **state)
{
    const int64_t all[] = {0, 100, 200, 300, 400, 500, 600, 700, 800, 900, 1000, 1200, 1450, 1700};
    expect_instants(&exec, 0, all, 14);
}

static void a_child_that_was_never_asked_while_young_begins_at_twice_the_step(void **state)
{
    assert_int_equal(rhythm_ready_distance(&http, 5000, 0), 20);
    assert_int_equal(rhythm_ready_distance(&exec, 5000, 0), 200);
}

static void the_interval_bounds_every_distance(void **state)
{
    const struct probe_plan quick = {.kind = PROBE_EXEC, .interval_ms = 40};
    const struct probe_plan zero = {.kind = PROBE_TCP};
    assert_int_equal(rhythm_ready_distance(&quick, 0, 0), 40);
    assert_int_equal(rhythm_ready_distance(&quick, 2000, 40), 40);
    assert_int_equal(rhythm_ready_distance(&zero, 0, 0), 1);
}

static void an_attempt_that_took_long_is_followed_at_once(void **state)
{
    assert_int_equal(rhythm_wait(100, 10, 104), 6);
    assert_int_equal(rhythm_wait(100, 10, 110), 0);
    assert_int_equal(rhythm_wait(100, 10, 2100), 0);
}

static void an_attempt_is_bounded(void **state)
{
    const struct probe_plan brief = {.kind = PROBE_HTTP, .timeout_ms = 700};
    assert_int_equal(rhythm_ready_timeout(&http), 2000);
    assert_int_equal(rhythm_ready_timeout(&brief), 700);
    assert_int_equal(rhythm_live_timeout(&brief), 700);
    assert_int_equal(rhythm_live_timeout(&http), 35000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_young_child_is_asked_every_ten_milliseconds),
        cmocka_unit_test(then_at_doubling_distances_up_to_the_interval),
        cmocka_unit_test(a_command_is_asked_every_hundred_milliseconds),
        cmocka_unit_test(a_child_that_was_never_asked_while_young_begins_at_twice_the_step),
        cmocka_unit_test(the_interval_bounds_every_distance),
        cmocka_unit_test(an_attempt_that_took_long_is_followed_at_once),
        cmocka_unit_test(an_attempt_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
