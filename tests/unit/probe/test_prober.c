#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake_server.h"
#include "loop_run.h"
#include "probe/prober.h"

#define OK_ANSWER "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

struct fixture {
    uv_loop_t loop;
    struct probe_context *context;
    struct prober *prober;
    int results;
    int passed;
    int failed;
    int not_counted;
    struct prober_result last;
    char message[200];
    double last_at;
    void (*mischief)(struct fixture *fixture);
    const struct probe_plan *next_plan;
    struct probe_plan plans[32]; /* a prober borrows its plan until it is gone */
    size_t plan_count;
};

static const struct probe_plan *keep(struct fixture *fixture, const struct probe_plan *plan)
{
    struct probe_plan *kept = &fixture->plans[fixture->plan_count++];
    *kept = *plan;
    return kept;
}

static void on_result(void *context, const struct prober_result *result)
{
    struct fixture *fixture = context;
    fixture->results++;
    fixture->passed += result->verdict == PROBER_PASSED;
    fixture->failed += result->verdict == PROBER_FAILED;
    fixture->not_counted += result->verdict == PROBER_NOT_COUNTED;
    fixture->last = *result;
    fixture->last_at = now_in_ms();
    snprintf(fixture->message, sizeof(fixture->message), "%s", result->message ? result->message : "");
    if (fixture->mischief)
        fixture->mischief(fixture);
}

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    uv_loop_init(&fixture->loop);
    fixture->context = probe_context_create(&fixture->loop, NULL);
    fixture->prober = prober_create(fixture->context, on_result, fixture);
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    prober_destroy(fixture->prober);
    probe_context_destroy(fixture->context);
    loop_finish(&fixture->loop);
    free(fixture);
    return 0;
}

static void a_port_that_opens_is_seen(void **state)
{
    struct fixture *fixture = *state;
    struct fake_server *reserved = fake_server_start("127.0.0.1", 0, FAKE_SILENT, NULL, 0);
    int port = fake_server_port(reserved);
    fake_server_stop(reserved);
    const struct probe_plan plan = {.kind = PROBE_TCP, .port = port, .interval_ms = 250, .timeout_ms = 35000};
    prober_start_ready(fixture->prober, keep(fixture, &plan), 7);
    assert_int_equal(fixture->results, 0);
    loop_run_for(&fixture->loop, 100);
    assert_int_equal(fixture->passed, 0);
    assert_true(fixture->failed >= 1 && fixture->failed <= 11);
    assert_int_equal(fixture->last.failures, fixture->failed);
    assert_non_null(strstr(fixture->message, "connection refused"));
    assert_int_equal(fixture->last.start_number, 7);
    assert_int_equal(fixture->last.phase, PROBER_READY);
    assert_false(prober_last(fixture->prober).ok);

    double before = now_in_ms();
    struct fake_server *server = fake_server_start("127.0.0.1", port, FAKE_SILENT, NULL, 0);
    assert_true(loop_run_until(&fixture->loop, &fixture->passed, 10000));
    print_message("  seen after %.1f ms\n", fixture->last_at - before);
    assert_string_equal(fixture->last.address, "127.0.0.1");
    loop_run_for(&fixture->loop, 50);
    assert_int_equal(fixture->passed, 1);
    fake_server_stop(server);
}

static void later_attempts_come_more_rarely(void **state)
{
    struct fixture *fixture = *state;
    const struct probe_plan plan = {
        .kind = PROBE_TCP, .port = fake_refused_port(), .interval_ms = 250, .timeout_ms = 35000};
    prober_start_ready(fixture->prober, keep(fixture, &plan), 1);
    loop_run_for(&fixture->loop, 1150);
    int before = fixture->failed;
    assert_true(before > 6);
    loop_run_for(&fixture->loop, 1000);
    int after = fixture->failed - before;
    assert_true(after >= 1 && after <= 6);
}

static void a_live_probe_counts_failures_in_a_row(void **state)
{
    struct fixture *fixture = *state;
    struct fake_server *server = fake_server_start("127.0.0.1", 0, FAKE_ANSWER, OK_ANSWER, 0);
    const struct probe_plan plan = {
        .kind = PROBE_HTTP, .port = fake_server_port(server), .interval_ms = 300, .timeout_ms = 5000};
    prober_start_live(fixture->prober, keep(fixture, &plan), 3);
    loop_run_for(&fixture->loop, 30);
    assert_int_equal(fixture->results, 0);
    assert_true(loop_run_until(&fixture->loop, &fixture->passed, 10000));
    assert_int_equal(fixture->last.phase, PROBER_LIVE);
    assert_int_equal(fixture->last.failures, 0);
    assert_true(fixture->last.latency_ms > 0);
    struct prober_last last = prober_last(fixture->prober);
    assert_true(last.known && last.ok && last.kind == PROBE_HTTP && last.failures == 0);
    fake_server_stop(server);
    for (int turn = 0; turn < 500 && fixture->failed < 3; turn++)
        loop_run_for(&fixture->loop, 20);
    assert_true(fixture->failed >= 3);
    assert_int_equal(fixture->last.failures, fixture->failed);
    last = prober_last(fixture->prober);
    assert_true(last.known && !last.ok && last.failures == fixture->failed && last.message);

    int port = plan.port;
    fixture->passed = 0;
    server = fake_server_start("127.0.0.1", port, FAKE_ANSWER, OK_ANSWER, 0);
    assert_true(loop_run_until(&fixture->loop, &fixture->passed, 10000));
    assert_int_equal(fixture->last.failures, 0);
    fake_server_stop(server);
}

static void live_attempts_never_overlap(void **state)
{
    struct fixture *fixture = *state;
    struct fake_server *server = fake_server_start("127.0.0.1", 0, FAKE_SILENT, NULL, 0);
    const struct probe_plan plan = {
        .kind = PROBE_HTTP, .port = fake_server_port(server), .interval_ms = 20, .timeout_ms = 150};
    prober_start_watch(fixture->prober, keep(fixture, &plan), 1);
    loop_run_for(&fixture->loop, 520);
    assert_true(fixture->failed >= 1);
    /* The next one begins when the one before is over: never more than one of them is open. */
    assert_true(fake_server_connections(server) <= fixture->failed + 1);
    assert_string_equal(fixture->message, "no answer in 150 ms");
    fake_server_stop(server);
}

static void a_watch_asks_at_once(void **state)
{
    struct fixture *fixture = *state;
    struct fake_server *server = fake_server_start("127.0.0.1", 0, FAKE_SILENT, NULL, 0);
    const struct probe_plan plan = {
        .kind = PROBE_TCP, .port = fake_server_port(server), .interval_ms = 5000, .timeout_ms = 2000};
    prober_start_watch(fixture->prober, keep(fixture, &plan), 1);
    assert_int_equal(fixture->results, 0);
    assert_true(loop_run_until(&fixture->loop, &fixture->passed, 4000));
    fake_server_stop(server);
}

static void a_failure_does_not_count_while_the_loop_itself_was_late(void **state)
{
    struct fixture *fixture = *state;
    struct probe_plan plan = {
        .kind = PROBE_TCP, .port = fake_refused_port(), .interval_ms = 100, .timeout_ms = 200};
    prober_start_live(fixture->prober, keep(fixture, &plan), 1);
    assert_true(loop_run_until(&fixture->loop, &fixture->failed, 10000));
    int failed = fixture->failed;
    uv_sleep(1300);
    assert_true(loop_run_until(&fixture->loop, &fixture->not_counted, 10000));
    assert_int_equal(fixture->last.failures, failed);
    assert_false(prober_last(fixture->prober).ok);
    for (int turn = 0; turn < 100 && fixture->failed == failed; turn++)
        loop_run_for(&fixture->loop, 50);
    assert_true(fixture->failed > failed);

    /* The same where the loop was late within an attempt. */
    struct fake_server *server = fake_server_start("127.0.0.1", 0, FAKE_SILENT, NULL, 0);
    struct probe_plan silent = {
        .kind = PROBE_HTTP, .port = fake_server_port(server), .interval_ms = 100, .timeout_ms = 200};
    fixture->not_counted = 0;
    prober_start_watch(fixture->prober, keep(fixture, &silent), 2);
    loop_run_for(&fixture->loop, 50);
    uv_sleep(1400);
    assert_true(loop_run_until(&fixture->loop, &fixture->not_counted, 10000));
    assert_int_equal(fixture->last.start_number, 2);
    assert_int_equal(fixture->last.failures, 0);
    fake_server_stop(server);
}

static void feed(struct fixture *fixture, const char *line)
{
    prober_feed_line(fixture->prober, line, strlen(line));
}

static void a_log_line_makes_it_ready(void **state)
{
    struct fixture *fixture = *state;
    const struct probe_plan plan = {.kind = PROBE_LOG, .pattern = (char *)"^ready in \\d+ ms$"};
    assert_false(prober_wants_lines(fixture->prober));
    feed(fixture, "ready in 5 ms");
    prober_start_ready(fixture->prober, keep(fixture, &plan), 4);
    assert_true(prober_wants_lines(fixture->prober));
    feed(fixture, "not ready in 5 ms");
    feed(fixture, "\x1b[1mready\x1b[0m in five ms");
    assert_int_equal(fixture->results, 0);
    feed(fixture, "\x1b[32mready\x1b[0m in \x1b[1m5\x1b[0m ms");
    assert_int_equal(fixture->passed, 1);
    assert_int_equal(fixture->last.start_number, 4);
    assert_false(prober_wants_lines(fixture->prober));
    feed(fixture, "ready in 5 ms");
    assert_int_equal(fixture->passed, 1);
}

static void a_log_pattern_that_is_none_fails(void **state)
{
    struct fixture *fixture = *state;
    const struct probe_plan plan = {.kind = PROBE_LOG, .pattern = (char *)"a("};
    prober_start_ready(fixture->prober, keep(fixture, &plan), 1);
    feed(fixture, "a(");
    assert_int_equal(fixture->results, 0);
    assert_true(loop_run_until(&fixture->loop, &fixture->failed, 10000));
    assert_non_null(strstr(fixture->message, "the pattern for the log is not valid"));
}

static void uptime_passes_by_itself(void **state)
{
    struct fixture *fixture = *state;
    const struct probe_plan plan = {.kind = PROBE_UPTIME, .timeout_ms = 100};
    double before = now_in_ms();
    prober_start_ready(fixture->prober, keep(fixture, &plan), 1);
    assert_true(loop_run_until(&fixture->loop, &fixture->passed, 10000));
    assert_true(fixture->last_at - before >= 95);
}

static void notify_and_rpc_pass_when_they_are_told(void **state)
{
    struct fixture *fixture = *state;
    const struct probe_plan notify = {.kind = PROBE_NOTIFY, .notify_fd = -1};
    const struct probe_plan rpc = {.kind = PROBE_RPC};
    prober_notify_ready(fixture->prober);
    prober_start_ready(fixture->prober, keep(fixture, &notify), 1);
    prober_rpc_answered(fixture->prober, NULL);
    prober_beat(fixture->prober);
    assert_int_equal(fixture->results, 0);
    prober_notify_ready(fixture->prober);
    assert_int_equal(fixture->passed, 1);
    prober_start_ready(fixture->prober, keep(fixture, &rpc), 2);
    prober_rpc_answered(fixture->prober, "init failed");
    assert_int_equal(fixture->failed, 1);
    assert_string_equal(fixture->message, "init failed");
    prober_rpc_answered(fixture->prober, NULL);
    assert_int_equal(fixture->passed, 2);
    prober_start_live(fixture->prober, keep(fixture, &rpc), 2);
    prober_start_live(fixture->prober, keep(fixture, &notify), 2);
    loop_run_for(&fixture->loop, 30);
    assert_int_equal(fixture->results, 3);
}

static void a_heartbeat_must_not_stay_away(void **state)
{
    struct fixture *fixture = *state;
    const struct probe_plan plan = {
        .kind = PROBE_HEARTBEAT, .interval_ms = 50, .timeout_ms = 1000, .failures = 1};
    prober_start_ready(fixture->prober, keep(fixture, &plan), 1);
    loop_run_for(&fixture->loop, 30);
    assert_int_equal(fixture->results, 0);
    prober_beat(fixture->prober);
    assert_int_equal(fixture->passed, 1);

    prober_start_live(fixture->prober, keep(fixture, &plan), 1);
    for (int i = 0; i < 10; i++) {
        loop_run_for(&fixture->loop, 40);
        prober_beat(fixture->prober);
    }
    assert_int_equal(fixture->failed, 0);
    assert_true(fixture->passed > 3);
    double last_beat = now_in_ms();
    assert_true(loop_run_until(&fixture->loop, &fixture->failed, 10000));
    assert_true(fixture->last_at - last_beat >= 995);
    assert_non_null(strstr(fixture->message, "no heartbeat for 1"));
    int passed = fixture->passed;
    prober_beat(fixture->prober);
    assert_int_equal(fixture->passed, passed + 1);
    assert_int_equal(fixture->last.failures, 0);
}

static void a_heartbeat_that_never_came_has_the_whole_time(void **state)
{
    struct fixture *fixture = *state;
    const struct probe_plan plan = {
        .kind = PROBE_HEARTBEAT, .interval_ms = 50, .timeout_ms = 1000, .failures = 1};
    prober_start_live(fixture->prober, keep(fixture, &plan), 1);
    loop_run_for(&fixture->loop, 150);
    assert_int_equal(fixture->failed, 0);
    assert_true(loop_run_until(&fixture->loop, &fixture->failed, 10000));
}

static void what_was_stopped_says_nothing(void **state)
{
    struct fixture *fixture = *state;
    struct fake_server *server = fake_server_start("127.0.0.1", 0, FAKE_SILENT, NULL, 0);
    const struct probe_plan plans[] = {
        {.kind = PROBE_HTTP, .port = fake_server_port(server), .interval_ms = 10, .timeout_ms = 30},
        {.kind = PROBE_UPTIME, .interval_ms = 10, .timeout_ms = 30},
        {.kind = PROBE_HEARTBEAT, .interval_ms = 10, .timeout_ms = 30},
        {.kind = PROBE_LOG, .pattern = (char *)"x"},
    };
    for (size_t i = 0; i < 4; i++) {
        prober_start_ready(fixture->prober, keep(fixture, &plans[i]), i);
        loop_run_for(&fixture->loop, 5);
        prober_stop(fixture->prober);
        prober_start_live(fixture->prober, keep(fixture, &plans[i]), i);
        loop_run_for(&fixture->loop, 5);
        prober_stop(fixture->prober);
        /* On a busy machine something may have come of it before it was stopped. */
        int said = fixture->results;
        prober_beat(fixture->prober);
        feed(fixture, "x");
        loop_run_for(&fixture->loop, 100);
        assert_int_equal(fixture->results, said);
    }
    fake_server_stop(server);
}

static void stop_and_go_live(struct fixture *fixture)
{
    prober_stop(fixture->prober);
    if (fixture->results < 6)
        prober_start_live(fixture->prober, fixture->next_plan, 9);
}

static void destroy_itself(struct fixture *fixture)
{
    prober_destroy(fixture->prober);
    fixture->prober = NULL;
}

static void a_callback_may_stop_start_and_destroy(void **state)
{
    struct fixture *fixture = *state;
    struct fake_server *server = fake_server_start("127.0.0.1", 0, FAKE_ANSWER, OK_ANSWER, 0);
    const struct probe_plan http = {
        .kind = PROBE_HTTP, .port = fake_server_port(server), .interval_ms = 5, .timeout_ms = 500};
    fixture->next_plan = keep(fixture, &http);
    fixture->mischief = stop_and_go_live;
    prober_start_ready(fixture->prober, keep(fixture, &http), 1);
    for (int turn = 0; turn < 100 && fixture->results < 6; turn++)
        loop_run_for(&fixture->loop, 10);
    assert_int_equal(fixture->passed, 6);

    fixture->mischief = destroy_itself;
    const struct probe_plan log = {.kind = PROBE_LOG, .pattern = (char *)"x"};
    const struct probe_plan heartbeat = {.kind = PROBE_HEARTBEAT, .interval_ms = 5, .timeout_ms = 10};
    const struct probe_plan *const plans[] = {&http, &log, &heartbeat};
    for (size_t i = 0; i < 3; i++) {
        if (!fixture->prober)
            fixture->prober = prober_create(fixture->context, on_result, fixture);
        if (plans[i] == &log)
            prober_start_ready(fixture->prober, keep(fixture, plans[i]), 1);
        else
            prober_start_live(fixture->prober, keep(fixture, plans[i]), 1);
        if (plans[i] == &log)
            feed(fixture, "\x1b[0mx");
        for (int turn = 0; turn < 100 && fixture->prober; turn++)
            loop_run_for(&fixture->loop, 10);
        assert_null(fixture->prober);
    }
    fake_server_stop(server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_port_that_opens_is_seen, set_up, tear_down),
        cmocka_unit_test_setup_teardown(later_attempts_come_more_rarely, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_live_probe_counts_failures_in_a_row, set_up, tear_down),
        cmocka_unit_test_setup_teardown(live_attempts_never_overlap, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_watch_asks_at_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_failure_does_not_count_while_the_loop_itself_was_late, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_log_line_makes_it_ready, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_log_pattern_that_is_none_fails, set_up, tear_down),
        cmocka_unit_test_setup_teardown(uptime_passes_by_itself, set_up, tear_down),
        cmocka_unit_test_setup_teardown(notify_and_rpc_pass_when_they_are_told, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_heartbeat_must_not_stay_away, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_heartbeat_that_never_came_has_the_whole_time, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_was_stopped_says_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_callback_may_stop_start_and_destroy, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
