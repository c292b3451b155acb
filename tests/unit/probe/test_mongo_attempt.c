#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake_server.h"
#include "loop_run.h"
#include "probe/attempt.h"
#include "probe/mongo_workers.h"

struct fixture {
    uv_loop_t loop;
    struct probe_context *context;
};

struct outcome {
    int done;
    bool passed;
    double latency_ms;
    char message[300];
};

/* A timer every 10 ms, and the longest time between two of its calls. */
struct ticker {
    uv_timer_t timer;
    double last;
    double longest;
    int count;
};

static void on_done(void *context, const struct attempt_result *result)
{
    struct outcome *outcome = context;
    outcome->done++;
    outcome->passed = result->passed;
    outcome->latency_ms = result->latency_ms;
    snprintf(outcome->message, sizeof(outcome->message), "%s", result->message ? result->message : "");
}

static void on_tick(uv_timer_t *timer)
{
    struct ticker *ticker = timer->data;
    double now = now_in_ms();
    if (ticker->count++ > 0 && now - ticker->last > ticker->longest)
        ticker->longest = now - ticker->last;
    ticker->last = now;
}

static void start_ticker(uv_loop_t *loop, struct ticker *ticker)
{
    *ticker = (struct ticker){0};
    uv_timer_init(loop, &ticker->timer);
    ticker->timer.data = ticker;
    uv_timer_start(&ticker->timer, on_tick, 10, 10);
}

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    uv_loop_init(&fixture->loop);
    fixture->context = probe_context_create(&fixture->loop, NULL);
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    probe_context_destroy(fixture->context);
    loop_finish(&fixture->loop);
    free(fixture);
    return 0;
}

static struct outcome attempt_once(struct fixture *fixture, const struct probe_plan *plan, int timeout_ms)
{
    struct outcome outcome = {0};
    attempt_start(fixture->context, plan, timeout_ms, on_done, &outcome);
    assert_true(loop_run_until(&fixture->loop, &outcome.done, timeout_ms + 1000));
    print_message("  %s (%.2f ms)\n", outcome.message, outcome.latency_ms);
    return outcome;
}

static void a_refused_port_says_so(void **state)
{
    char wanted[100];
    const struct probe_plan plan = {.kind = PROBE_MONGO, .port = fake_refused_port()};
    for (int i = 0; i < 5; i++) {
        struct outcome outcome = attempt_once(*state, &plan, 1000);
        snprintf(wanted, sizeof(wanted), "connection refused on 127.0.0.1:%d", plan.port);
        assert_false(outcome.passed);
        assert_string_equal(outcome.message, wanted);
    }
}

static void a_uri_that_is_none_says_so(void **state)
{
    const struct probe_plan plan = {.kind = PROBE_MONGO, .mongo_uri = (char *)"http://127.0.0.1"};
    struct outcome outcome = attempt_once(*state, &plan, 1000);
    assert_false(outcome.passed);
    assert_non_null(strstr(outcome.message, "the URI is not valid"));
}

static void servers_that_are_no_database_fail(void **state)
{
    const enum fake_behaviour behaviours[] = {FAKE_CLOSE, FAKE_GARBAGE, FAKE_ANSWER};
    for (size_t i = 0; i < 3; i++) {
        struct fake_server *server =
            fake_server_start("127.0.0.1", 0, behaviours[i], "HTTP/1.1 200 OK\r\n\r\n", 0);
        const struct probe_plan plan = {.kind = PROBE_MONGO, .port = fake_server_port(server)};
        struct outcome outcome = attempt_once(*state, &plan, 400);
        assert_false(outcome.passed);
        assert_true(outcome.latency_ms < 800);
        fake_server_stop(server);
    }
}

static void the_loop_goes_on_while_a_database_never_answers(void **state)
{
    struct fixture *fixture = *state;
    struct fake_server *server = fake_server_start("127.0.0.1", 0, FAKE_SILENT, NULL, 0);
    const struct probe_plan plan = {.kind = PROBE_MONGO, .port = fake_server_port(server)};
    struct ticker ticker;
    start_ticker(&fixture->loop, &ticker);
    struct outcome outcome = attempt_once(fixture, &plan, 600);
    assert_false(outcome.passed);
    assert_non_null(strstr(outcome.message, "no answer"));
    assert_true(outcome.latency_ms < 900);
    print_message("  %d ticks, the longest %.1f ms\n", ticker.count, ticker.longest);
    assert_true(ticker.count > 40);
    assert_true(ticker.longest < 150);
    uv_close((uv_handle_t *)&ticker.timer, NULL);
    loop_run_for(&fixture->loop, 1);
    fake_server_stop(server);
}

static void more_probes_than_threads_fail_without_waiting(void **state)
{
    struct fixture *fixture = *state;
    struct fake_server *server = fake_server_start("127.0.0.1", 0, FAKE_SILENT, NULL, 0);
    const struct probe_plan plan = {.kind = PROBE_MONGO, .port = fake_server_port(server)};
    struct outcome outcomes[MONGO_WORKER_COUNT + 2] = {{0}};
    for (size_t i = 0; i < MONGO_WORKER_COUNT + 2; i++)
        attempt_start(fixture->context, &plan, 500, on_done, &outcomes[i]);
    loop_run_for(&fixture->loop, 100);
    for (size_t i = 0; i < MONGO_WORKER_COUNT; i++)
        assert_int_equal(outcomes[i].done, 0);
    for (size_t i = MONGO_WORKER_COUNT; i < MONGO_WORKER_COUNT + 2; i++) {
        assert_int_equal(outcomes[i].done, 1);
        assert_string_equal(outcomes[i].message, "earlier database probes still wait for their answers");
    }
    for (size_t i = 0; i < MONGO_WORKER_COUNT; i++)
        assert_true(loop_run_until(&fixture->loop, &outcomes[i].done, 2000));
    /* The threads come back. */
    loop_run_for(&fixture->loop, 200);
    struct probe_plan refused = {.kind = PROBE_MONGO, .port = fake_refused_port()};
    struct outcome outcome = attempt_once(fixture, &refused, 500);
    assert_non_null(strstr(outcome.message, "connection refused"));
    fake_server_stop(server);
}

static void an_answer_after_its_asker_has_gone_is_thrown_away(void **state)
{
    struct fixture *fixture = *state;
    struct fake_server *server = fake_server_start("127.0.0.1", 0, FAKE_SILENT, NULL, 0);
    const struct probe_plan plan = {.kind = PROBE_MONGO, .port = fake_server_port(server)};
    struct outcome outcome = {0};
    struct attempt *attempt = attempt_start(fixture->context, &plan, 200, on_done, &outcome);
    loop_run_for(&fixture->loop, 50);
    attempt_cancel(attempt);
    loop_run_for(&fixture->loop, 500);
    assert_int_equal(outcome.done, 0);
    fake_server_stop(server);
}

static void the_context_goes_promptly_while_jobs_hang(void **state)
{
    struct fixture *fixture = *state;
    struct fake_server *server = fake_server_start("127.0.0.1", 0, FAKE_SILENT, NULL, 0);
    const struct probe_plan plan = {.kind = PROBE_MONGO, .port = fake_server_port(server)};
    struct outcome outcome = {0};
    for (int i = 0; i < 3; i++)
        attempt_start(fixture->context, &plan, 800, on_done, &outcome);
    loop_run_for(&fixture->loop, 100);
    double before = now_in_ms();
    probe_context_destroy(fixture->context);
    fixture->context = NULL;
    assert_true(now_in_ms() - before < 200);
    loop_run_for(&fixture->loop, 50);
    assert_int_equal(outcome.done, 0);
    /* Until the driver has let go of its threads, which then free what they hold. */
    uv_sleep(1500);
    fake_server_stop(server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_refused_port_says_so, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_uri_that_is_none_says_so, set_up, tear_down),
        cmocka_unit_test_setup_teardown(servers_that_are_no_database_fail, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_loop_goes_on_while_a_database_never_answers, set_up, tear_down),
        cmocka_unit_test_setup_teardown(more_probes_than_threads_fail_without_waiting, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_answer_after_its_asker_has_gone_is_thrown_away, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_context_goes_promptly_while_jobs_hang, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
