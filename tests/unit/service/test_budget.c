#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "service/budget.h"

static struct restart_plan standard(void)
{
    return (struct restart_plan){.max = 6,
                                 .window_ms = 90000,
                                 .backoff_initial_ms = 200,
                                 .backoff_factor = 2,
                                 .backoff_max_ms = 10000,
                                 .backoff_jitter = 0.1};
}

static void seven_starts_are_one_and_six_restarts(void **state)
{
    struct restart_plan plan = standard();
    struct budget budget;
    budget_init(&budget, &plan);
    for (int i = 0; i < 6; i++) {
        assert_int_equal(budget_left(&budget, i), 6 - i);
        assert_true(budget_charge(&budget, i));
    }
    assert_false(budget_charge(&budget, 10));
    assert_int_equal(budget_in_window(&budget, 10), 6);
    assert_int_equal(budget_left(&budget, 10), 0);
    budget_finish(&budget);
}

static void the_window_slides(void **state)
{
    struct restart_plan plan = standard();
    struct budget budget;
    budget_init(&budget, &plan);
    for (int i = 0; i < 6; i++) {
        assert_true(budget_charge(&budget, i * 1000));
        budget_stable(&budget);
    }
    assert_false(budget_charge(&budget, 89999));
    assert_true(budget_charge(&budget, 90000));
    budget_stable(&budget);
    assert_false(budget_charge(&budget, 90999));
    assert_true(budget_charge(&budget, 91000));
    assert_int_equal(budget_in_window(&budget, 91000), 6);
    assert_int_equal(budget_in_window(&budget, 1000000), 0);
    budget_finish(&budget);
}

static void a_row_counts_however_far_apart_its_restarts_are(void **state)
{
    struct restart_plan plan = standard();
    struct budget budget;
    budget_init(&budget, &plan);
    for (int i = 0; i < 6; i++)
        assert_true(budget_charge(&budget, i * 3600000LL));
    assert_false(budget_charge(&budget, 10 * 3600000LL));
    assert_int_equal(budget_left(&budget, 10 * 3600000LL), 0);
    budget_stable(&budget);
    assert_int_equal(budget_left(&budget, 10 * 3600000LL), 6);
    assert_true(budget_charge(&budget, 10 * 3600000LL));
    budget_finish(&budget);
}

static void a_refusal_spends_nothing(void **state)
{
    struct restart_plan plan = standard();
    struct budget budget;
    plan.max = 1;
    budget_init(&budget, &plan);
    assert_true(budget_charge(&budget, 0));
    assert_false(budget_charge(&budget, 50000));
    assert_int_equal(budget_in_window(&budget, 89999), 1);
    assert_int_equal(budget_in_window(&budget, 90000), 0);
    budget_finish(&budget);
}

static void by_hand_it_is_full_again(void **state)
{
    struct restart_plan plan = standard();
    struct budget budget;
    budget_init(&budget, &plan);
    while (budget_charge(&budget, 5))
        ;
    budget_refill(&budget);
    assert_int_equal(budget_left(&budget, 6), 6);
    assert_int_equal(budget_in_window(&budget, 6), 0);
    for (int i = 0; i < 6; i++)
        assert_true(budget_charge(&budget, 6));
    assert_false(budget_charge(&budget, 6));
    budget_finish(&budget);
}

static void a_budget_of_none_allows_none(void **state)
{
    struct restart_plan plan = standard();
    struct budget budget;
    plan.max = 0;
    budget_init(&budget, &plan);
    assert_false(budget_charge(&budget, 0));
    assert_int_equal(budget_left(&budget, 0), 0);
    budget_finish(&budget);
}

static void delays_grow_up_to_their_cap_and_begin_again(void **state)
{
    static const int64_t wanted[] = {200, 400, 800, 1600, 3200, 6400, 10000, 10000};
    struct restart_plan plan = standard();
    struct budget budget;
    plan.max = 100;
    budget_init(&budget, &plan);
    for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
        assert_true(budget_charge(&budget, 0));
        assert_int_equal(budget_delay(&budget, 0.5), wanted[i]);
    }
    budget_stable(&budget);
    assert_true(budget_charge(&budget, 0));
    assert_int_equal(budget_delay(&budget, 0.5), 200);
    budget_finish(&budget);
}

static void a_long_row_does_not_overflow_its_delay(void **state)
{
    struct restart_plan plan = standard();
    struct budget budget;
    plan.max = 5000;
    budget_init(&budget, &plan);
    for (int i = 0; i < 5000; i++)
        assert_true(budget_charge(&budget, 0));
    assert_int_equal(budget_delay(&budget, 0.5), 10000);
    budget_finish(&budget);
}

static void jitter_spreads_within_its_bounds(void **state)
{
    struct restart_plan plan = standard();
    struct budget budget;
    budget_init(&budget, &plan);
    assert_true(budget_charge(&budget, 0));
    assert_int_equal(budget_delay(&budget, 0), 180);
    assert_in_range(budget_delay(&budget, 0.9999999), 219, 220);
    for (int i = 0; i < 100; i++)
        assert_in_range(budget_delay(&budget, i / 100.0), 180, 220);
    budget_finish(&budget);
}

static void no_backoff_is_no_delay(void **state)
{
    struct restart_plan plan = standard();
    struct budget budget;
    plan.backoff_initial_ms = 0;
    budget_init(&budget, &plan);
    for (int i = 0; i < 6; i++) {
        assert_true(budget_charge(&budget, i));
        assert_int_equal(budget_delay(&budget, 0.99), 0);
    }
    budget_finish(&budget);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(seven_starts_are_one_and_six_restarts),
        cmocka_unit_test(the_window_slides),
        cmocka_unit_test(a_row_counts_however_far_apart_its_restarts_are),
        cmocka_unit_test(a_refusal_spends_nothing),
        cmocka_unit_test(by_hand_it_is_full_again),
        cmocka_unit_test(a_budget_of_none_allows_none),
        cmocka_unit_test(delays_grow_up_to_their_cap_and_begin_again),
        cmocka_unit_test(a_long_row_does_not_overflow_its_delay),
        cmocka_unit_test(jitter_spreads_within_its_bounds),
        cmocka_unit_test(no_backoff_is_no_delay),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
