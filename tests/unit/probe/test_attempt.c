#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fake_server.h"
#include "loop_run.h"
#include "probe/attempt.h"

#define OK_ANSWER          "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-App-Build: 7\r\n\r\nok"
#define UNAVAILABLE_ANSWER "HTTP/1.1 503 Unavailable\r\nContent-Length: 4\r\n\r\nwait"
#define ENDLESS_ANSWER     "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n"

struct fixture {
    uv_loop_t loop;
    struct probe_context *context;
    int jobs; /* of the fake exec host */
    int cancelled;
    int exit_code;
    int signal;
    int end_after_ms; /* -1: never */
};

struct outcome {
    int done;
    bool passed;
    double latency_ms;
    char message[300];
    char address[40];
};

static void on_done(void *context, const struct attempt_result *result)
{
    struct outcome *outcome = context;
    outcome->done++;
    outcome->passed = result->passed;
    outcome->latency_ms = result->latency_ms;
    snprintf(outcome->message, sizeof(outcome->message), "%s", result->message ? result->message : "");
    snprintf(outcome->address, sizeof(outcome->address), "%s", result->address ? result->address : "");
    assert_true(result->passed == (result->message == NULL));
}

/* A fake of the room that runs commands. */
struct fake_job {
    struct fixture *fixture;
    uv_timer_t timer;
    probe_exec_done done;
    void *context;
};

static void on_job_closed(uv_handle_t *handle)
{
    free(handle->data);
}

static void on_job_ended(uv_timer_t *timer)
{
    struct fake_job *job = timer->data;
    job->fixture->jobs--;
    uv_close((uv_handle_t *)timer, on_job_closed);
    job->done(job->context, job->fixture->exit_code, job->fixture->signal);
}

static void *fake_exec_start(void *host, const struct probe_plan *plan, probe_exec_done done, void *context,
                             struct error *error)
{
    struct fixture *fixture = host;
    if (strcmp(plan->command.items[0], "missing") == 0) {
        error_set(error, ERROR_BINARY_NOT_FOUND, "missing: no such program");
        return NULL;
    }
    struct fake_job *job = calloc(1, sizeof(*job));
    job->fixture = fixture;
    job->done = done;
    job->context = context;
    job->timer.data = job;
    fixture->jobs++;
    uv_timer_init(&fixture->loop, &job->timer);
    if (fixture->end_after_ms >= 0)
        uv_timer_start(&job->timer, on_job_ended, (uint64_t)fixture->end_after_ms, 0);
    return job;
}

static void fake_exec_cancel(void *host, void *handle)
{
    struct fixture *fixture = host;
    struct fake_job *job = handle;
    fixture->jobs--;
    fixture->cancelled++;
    uv_close((uv_handle_t *)&job->timer, on_job_closed);
}

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    struct probe_exec_host host = {.host = fixture, .start = fake_exec_start, .cancel = fake_exec_cancel};
    uv_loop_init(&fixture->loop);
    fixture->context = probe_context_create(&fixture->loop, &host);
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
    assert_int_equal(outcome.done, 0);
    assert_true(loop_run_until(&fixture->loop, &outcome.done, timeout_ms + 1000));
    assert_int_equal(outcome.done, 1);
    return outcome;
}

static void expect_failure(const struct outcome *outcome, const char *format, int port)
{
    char wanted[300];
    snprintf(wanted, sizeof(wanted), format, port);
    assert_false(outcome->passed);
    assert_string_equal(outcome->message, wanted);
}

static void tcp_passes_on_either_loopback(void **state)
{
    const char *const addresses[] = {"127.0.0.1", "::1"};
    for (size_t i = 0; i < 2; i++) {
        struct fake_server *server = fake_server_start(addresses[i], 0, FAKE_SILENT, NULL, 0);
        const struct probe_plan plan = {.kind = PROBE_TCP, .port = fake_server_port(server)};
        struct outcome outcome = attempt_once(*state, &plan, 1000);
        assert_true(outcome.passed);
        assert_string_equal(outcome.address, addresses[i]);
        assert_true(outcome.latency_ms > 0 && outcome.latency_ms < 500);
        fake_server_stop(server);
    }
}

static void tcp_asks_the_host_that_is_named(void **state)
{
    struct fake_server *server = fake_server_start("::1", 0, FAKE_SILENT, NULL, 0);
    struct probe_plan plan = {.kind = PROBE_TCP, .port = fake_server_port(server), .host = (char *)"::1"};
    assert_true(attempt_once(*state, &plan, 1000).passed);
    plan.host = (char *)"localhost";
    assert_true(attempt_once(*state, &plan, 1000).passed);
    plan.host = (char *)"127.0.0.1";
    struct outcome outcome = attempt_once(*state, &plan, 1000);
    expect_failure(&outcome, "connection refused on 127.0.0.1:%d", plan.port);
    fake_server_stop(server);
}

static void tcp_resolves_a_name_off_the_loop(void **state)
{
    const struct probe_plan plan = {.kind = PROBE_TCP, .port = 80, .host = (char *)"no-such-host.invalid"};
    struct outcome outcome = attempt_once(*state, &plan, 5000);
    assert_false(outcome.passed);
    struct outcome cancelled = {0};
    struct fixture *fixture = *state;
    attempt_cancel(attempt_start(fixture->context, &plan, 5000, on_done, &cancelled));
    loop_run_for(&fixture->loop, 20);
    assert_int_equal(cancelled.done, 0);
}

static void a_refused_port_says_so_quickly(void **state)
{
    const int port = fake_refused_port();
    const struct probe_plan plans[] = {{.kind = PROBE_TCP, .port = port}, {.kind = PROBE_HTTP, .port = port}};
    for (size_t i = 0; i < 2; i++) {
        double best = 1000;
        for (int round = 0; round < 20; round++) {
            struct outcome outcome = attempt_once(*state, &plans[i], 1000);
            expect_failure(&outcome, "connection refused on 127.0.0.1:%d", port);
            best = outcome.latency_ms < best ? outcome.latency_ms : best;
        }
        print_message("refused: %.3f ms\n", best);
        assert_true(best < 10);
    }
}

static void http_passes_on_either_loopback(void **state)
{
    const char *const addresses[] = {"127.0.0.1", "::1"};
    for (size_t i = 0; i < 2; i++) {
        struct fake_server *server = fake_server_start(addresses[i], 0, FAKE_ANSWER, OK_ANSWER, 0);
        const struct probe_plan plan = {
            .kind = PROBE_HTTP, .port = fake_server_port(server), .path = (char *)"/health/ready"};
        struct outcome outcome = attempt_once(*state, &plan, 1000);
        assert_string_equal(outcome.message, "");
        assert_true(outcome.passed);
        assert_string_equal(outcome.address, addresses[i]);
        assert_non_null(strstr(fake_server_request(server), "GET /health/ready HTTP/1.1\r\n"));
        fake_server_stop(server);
    }
}

static void http_passes_where_the_other_loopback_answers_badly(void **state)
{
    struct fake_server *bad = fake_server_start("127.0.0.1", 0, FAKE_ANSWER, UNAVAILABLE_ANSWER, 0);
    struct fake_server *good = fake_server_start("::1", fake_server_port(bad), FAKE_SLOW, OK_ANSWER, 50);
    const struct probe_plan plan = {.kind = PROBE_HTTP, .port = fake_server_port(bad)};
    struct outcome outcome = attempt_once(*state, &plan, 1000);
    assert_true(outcome.passed);
    assert_string_equal(outcome.address, "::1");
    fake_server_stop(good);
    outcome = attempt_once(*state, &plan, 1000);
    expect_failure(&outcome, "answered 503, wanted 200-399", 0);
    fake_server_stop(bad);
}

static void http_asks_as_the_plan_says(void **state)
{
    char url[100];
    struct fake_server *server = fake_server_start("127.0.0.1", 0, FAKE_ANSWER, OK_ANSWER, 0);
    snprintf(url, sizeof(url), "http://127.0.0.1:%d/api/version?x=1", fake_server_port(server));
    struct probe_plan plan = {.kind = PROBE_HTTP, .url = url, .body = (char *)"^ok$"};
    strings_add(&plan.headers, "Authorization: Bearer t");
    strings_add(&plan.expect_header, "x-app-build=7");
    assert_true(attempt_once(*state, &plan, 1000).passed);
    assert_non_null(strstr(fake_server_request(server), "GET /api/version?x=1 HTTP/1.1\r\n"));
    assert_non_null(strstr(fake_server_request(server), "Authorization: Bearer t\r\n"));
    plan.body = (char *)"^no$";
    struct outcome outcome = attempt_once(*state, &plan, 1000);
    expect_failure(&outcome, "the body of the answer does not match ^no$", 0);
    strings_finish(&plan.headers);
    strings_finish(&plan.expect_header);
    fake_server_stop(server);
}

static void http_asks_a_unix_socket(void **state)
{
    char path[] = "/tmp/sidecard-probe-XXXXXX";
    assert_non_null(mkdtemp(path));
    char socket_path[60];
    snprintf(socket_path, sizeof(socket_path), "%s/s", path);
    const struct probe_plan plan = {.kind = PROBE_HTTP, .unix_socket = socket_path, .path = (char *)"/live"};
    struct outcome outcome = attempt_once(*state, &plan, 1000);
    assert_false(outcome.passed);
    assert_non_null(strstr(outcome.message, socket_path));
    struct fake_server *server = fake_server_start(socket_path, 0, FAKE_ANSWER, OK_ANSWER, 0);
    assert_true(attempt_once(*state, &plan, 1000).passed);
    assert_non_null(strstr(fake_server_request(server), "GET /live HTTP/1.1\r\n"));
    fake_server_stop(server);
    rmdir(path);
}

static void http_keeps_its_connection(void **state)
{
    struct fixture *fixture = *state;
    struct fake_server *server = fake_server_start("127.0.0.1", 0, FAKE_ANSWER, OK_ANSWER, 0);
    const struct probe_plan plan = {.kind = PROBE_HTTP, .port = fake_server_port(server)};
    double best = 1000;
    for (int i = 0; i < 50; i++) {
        struct outcome outcome = attempt_once(fixture, &plan, 1000);
        assert_true(outcome.passed);
        best = outcome.latency_ms < best ? outcome.latency_ms : best;
    }
    print_message("kept connection: %.3f ms\n", best);
    assert_int_equal(fake_server_connections(server), 1);
    assert_int_equal(fake_server_requests(server), 50);

    assert_int_equal(fake_server_closed(server), 0);
    probe_context_forget(fixture->context, &plan);
    for (int i = 0; i < 200 && fake_server_closed(server) == 0; i++)
        loop_run_for(&fixture->loop, 5);
    assert_int_equal(fake_server_closed(server), 1);
    assert_true(attempt_once(fixture, &plan, 1000).passed);
    assert_int_equal(fake_server_connections(server), 2);
    fake_server_stop(server);
}

static void http_keeps_its_connection_where_headers_and_body_come_apart(void **state)
{
    /* The body arrives after the answer was decided. */
    struct fake_server *server = fake_server_start("127.0.0.1", 0, FAKE_TRICKLE_BODY,
                                                   "HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nbegin", 0);
    struct fixture *fixture = *state;
    const struct probe_plan plan = {.kind = PROBE_HTTP, .port = fake_server_port(server)};
    struct outcome outcome = attempt_once(fixture, &plan, 1000);
    assert_true(outcome.passed);
    loop_run_for(&fixture->loop, 300);
    assert_int_equal(fake_server_closed(server), 0);
    fake_server_stop(server);
}

static void http_uses_no_proxy_for_loopback(void **state)
{
    struct fake_server *server = fake_server_start("127.0.0.1", 0, FAKE_ANSWER, OK_ANSWER, 0);
    char proxy[60];
    snprintf(proxy, sizeof(proxy), "http://127.0.0.1:%d", fake_refused_port());
    setenv("http_proxy", proxy, 1);
    setenv("all_proxy", proxy, 1);
    const struct probe_plan plan = {.kind = PROBE_HTTP, .port = fake_server_port(server)};
    assert_true(attempt_once(*state, &plan, 1000).passed);
    unsetenv("http_proxy");
    unsetenv("all_proxy");
    fake_server_stop(server);
}

static void a_redirect_is_not_followed(void **state)
{
    struct fake_server *server = fake_server_start(
        "127.0.0.1", 0, FAKE_ANSWER, "HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n", 0);
    const struct probe_plan plan = {.kind = PROBE_HTTP, .port = fake_server_port(server)};
    assert_true(attempt_once(*state, &plan, 1000).passed);
    struct status_range range = {200, 200};
    const struct probe_plan strict = {
        .kind = PROBE_HTTP, .port = fake_server_port(server), .statuses = &range, .status_count = 1};
    struct outcome outcome = attempt_once(*state, &strict, 1000);
    expect_failure(&outcome, "answered 302, wanted 200", 0);
    assert_int_equal(fake_server_requests(server), 2);
    fake_server_stop(server);
}

/* A bad server, what it is asked for, and what is said of it. */
struct bad_case {
    enum fake_behaviour behaviour;
    const char *answer;
    const char *body; /* pattern asked for */
    bool passed;
    const char *message;
};

static void bad_servers_cost_a_bounded_time_and_64_kib(void **state)
{
    struct fixture *fixture = *state;
    const struct bad_case cases[] = {
        {FAKE_SILENT, NULL, NULL, false, "no answer in 300 ms"},
        {FAKE_CLOSE, NULL, NULL, false, NULL},
        {FAKE_GARBAGE, NULL, NULL, false, "what answered on 127.0.0.1:%d is not HTTP"},
        {FAKE_SLOW, OK_ANSWER, NULL, false, "no answer in 300 ms"},
        {FAKE_TRICKLE_HEAD, NULL, NULL, false, "no answer in 300 ms"},
        {FAKE_TRICKLE_BODY, ENDLESS_ANSWER, NULL, true, ""},
        {FAKE_TRICKLE_BODY, ENDLESS_ANSWER, "^aaa", true, ""},
        {FAKE_TRICKLE_BODY, ENDLESS_ANSWER, "b", false, "the body of the answer does not match b"},
        {FAKE_ENDLESS_HEAD, NULL, NULL, false, "the headers of the answer have no end"},
        {FAKE_ENDLESS_LINE, NULL, NULL, false, NULL},
        {FAKE_GIGABYTE, ENDLESS_ANSWER, NULL, true, ""},
        {FAKE_GIGABYTE, ENDLESS_ANSWER, "^a gigabyte", true, ""},
        {FAKE_GIGABYTE, ENDLESS_ANSWER, "zzz", false, "the body of the answer does not match zzz"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct bad_case *bad = &cases[i];
        struct fake_server *server = fake_server_start("127.0.0.1", 0, bad->behaviour, bad->answer, 2000);
        const struct probe_plan plan = {
            .kind = PROBE_HTTP, .port = fake_server_port(server), .body = (char *)bad->body};
        double before = now_in_ms();
        struct outcome outcome = attempt_once(fixture, &plan, 300);
        assert_true(now_in_ms() - before < 600);
        if (bad->message && !bad->passed)
            expect_failure(&outcome, bad->message, plan.port);
        assert_int_equal(outcome.passed, bad->passed);
        if (!outcome.passed)
            print_message("  %s\n", outcome.message);
        /* What the kernel buffers comes on top of what is read. */
        loop_run_for(&fixture->loop, 30);
        assert_true(fake_server_sent(server) < 16 * 1024 * 1024);
        fake_server_stop(server);
    }
}

static void nothing_else_stalls_while_servers_hang(void **state)
{
    struct fixture *fixture = *state;
    struct fake_server *server = fake_server_start("127.0.0.1", 0, FAKE_SILENT, NULL, 0);
    const struct probe_plan plan = {.kind = PROBE_HTTP, .port = fake_server_port(server)};
    struct outcome outcomes[20] = {{0}};
    for (size_t i = 0; i < 20; i++)
        attempt_start(fixture->context, &plan, 100 + (int)i, on_done, &outcomes[i]);
    assert_true(loop_run_until(&fixture->loop, &outcomes[19].done, 1000));
    for (size_t i = 0; i < 20; i++) {
        assert_int_equal(outcomes[i].done, 1);
        assert_true(outcomes[i].latency_ms < 250);
    }
    fake_server_stop(server);
}

static void a_cancelled_attempt_says_nothing(void **state)
{
    struct fixture *fixture = *state;
    struct fake_server *server = fake_server_start("127.0.0.1", 0, FAKE_ANSWER, OK_ANSWER, 0);
    struct probe_plan plans[] = {{.kind = PROBE_HTTP}, {.kind = PROBE_TCP}, {.kind = PROBE_EXEC}};
    strings_add(&plans[2].command, "true");
    struct outcome outcome = {0};
    for (size_t i = 0; i < 3; i++) {
        plans[i].port = fake_server_port(server);
        attempt_cancel(attempt_start(fixture->context, &plans[i], 1000, on_done, &outcome));
        struct attempt *later = attempt_start(fixture->context, &plans[i], 1000, on_done, &outcome);
        uv_run(&fixture->loop, UV_RUN_NOWAIT);
        if (outcome.done == 0)
            attempt_cancel(later);
        else
            outcome.done = 0;
    }
    attempt_cancel(NULL);
    loop_run_for(&fixture->loop, 50);
    assert_int_equal(outcome.done, 0);
    assert_int_equal(fixture->jobs, 0);
    strings_finish(&plans[2].command);
    fake_server_stop(server);
}

/* Callbacks that interfere: each ends all others and itself, and starts one anew. */
struct crowd {
    struct fixture *fixture;
    struct probe_plan plan;
    struct attempt *attempts[8];
    int done;
    int finished;
    bool destroy;
};

static void on_crowded(void *context, const struct attempt_result *result)
{
    struct crowd *crowd = context;
    for (size_t i = 0; i < 8; i++) {
        attempt_cancel(crowd->attempts[i]);
        crowd->attempts[i] = NULL;
    }
    if (crowd->destroy) {
        probe_context_destroy(crowd->fixture->context);
        crowd->fixture->context = NULL;
        crowd->finished = 1;
    } else if (++crowd->done < 10) {
        for (size_t i = 0; i < 8; i++)
            crowd->attempts[i] =
                attempt_start(crowd->fixture->context, &crowd->plan, 1000, on_crowded, crowd);
    } else {
        crowd->finished = 1;
    }
}

static void callbacks_may_cancel_start_and_destroy(void **state)
{
    struct fixture *fixture = *state;
    struct fake_server *server = fake_server_start("127.0.0.1", 0, FAKE_ANSWER, OK_ANSWER, 0);
    const enum probe_kind kinds[] = {PROBE_TCP, PROBE_HTTP, PROBE_HTTP};
    for (size_t round = 0; round < 3; round++) {
        struct crowd crowd = {.fixture = fixture, .destroy = round == 2};
        crowd.plan.kind = kinds[round];
        crowd.plan.port = fake_server_port(server);
        for (size_t i = 0; i < 8; i++)
            crowd.attempts[i] = attempt_start(fixture->context, &crowd.plan, 1000, on_crowded, &crowd);
        assert_true(loop_run_until(&fixture->loop, &crowd.finished, 3000));
        loop_run_for(&fixture->loop, 20);
    }
    fake_server_stop(server);
}

static void the_context_can_go_while_attempts_hang(void **state)
{
    struct fixture *fixture = *state;
    struct fake_server *server = fake_server_start("127.0.0.1", 0, FAKE_SILENT, NULL, 0);
    const struct probe_plan plan = {.kind = PROBE_HTTP, .port = fake_server_port(server)};
    struct outcome outcome = {0};
    for (int i = 0; i < 5; i++)
        attempt_start(fixture->context, &plan, 10000, on_done, &outcome);
    loop_run_for(&fixture->loop, 20);
    double before = now_in_ms();
    probe_context_destroy(fixture->context);
    fixture->context = NULL;
    assert_true(now_in_ms() - before < 100);
    loop_run_for(&fixture->loop, 20);
    assert_int_equal(outcome.done, 0);
    fake_server_stop(server);
}

static void exec_passes_when_the_command_ends_with_0(void **state)
{
    struct fixture *fixture = *state;
    struct probe_plan plan = {.kind = PROBE_EXEC};
    strings_add(&plan.command, "check");
    assert_true(attempt_once(fixture, &plan, 500).passed);
    fixture->exit_code = 3;
    struct outcome outcome = attempt_once(fixture, &plan, 500);
    expect_failure(&outcome, "check ended with 3", 0);
    fixture->exit_code = -1;
    fixture->signal = SIGSEGV;
    outcome = attempt_once(fixture, &plan, 500);
    expect_failure(&outcome, "check was ended by SIGSEGV", 0);
    fixture->end_after_ms = -1;
    outcome = attempt_once(fixture, &plan, 100);
    expect_failure(&outcome, "check did not end in 100 ms", 0);
    assert_int_equal(fixture->cancelled, 1);
    assert_int_equal(fixture->jobs, 0);
    strings_finish(&plan.command);
    strings_add(&plan.command, "missing");
    outcome = attempt_once(fixture, &plan, 500);
    expect_failure(&outcome, "missing: no such program", 0);
    strings_finish(&plan.command);
}

static void an_answer_that_came_in_time_counts_though_the_loop_was_late(void **state)
{
    struct fixture *fixture = *state;
    struct fake_server *server = fake_server_start("127.0.0.1", 0, FAKE_SLOW, OK_ANSWER, 50);
    const struct probe_plan plan = {.kind = PROBE_HTTP, .port = fake_server_port(server)};
    struct outcome outcome = {0};
    attempt_start(fixture->context, &plan, 200, on_done, &outcome);
    loop_run_for(&fixture->loop, 20);
    uv_sleep(400);
    assert_true(loop_run_until(&fixture->loop, &outcome.done, 1000));
    assert_true(outcome.passed);
    fake_server_stop(server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(tcp_passes_on_either_loopback, set_up, tear_down),
        cmocka_unit_test_setup_teardown(tcp_asks_the_host_that_is_named, set_up, tear_down),
        cmocka_unit_test_setup_teardown(tcp_resolves_a_name_off_the_loop, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_refused_port_says_so_quickly, set_up, tear_down),
        cmocka_unit_test_setup_teardown(http_passes_on_either_loopback, set_up, tear_down),
        cmocka_unit_test_setup_teardown(http_passes_where_the_other_loopback_answers_badly, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(http_asks_as_the_plan_says, set_up, tear_down),
        cmocka_unit_test_setup_teardown(http_asks_a_unix_socket, set_up, tear_down),
        cmocka_unit_test_setup_teardown(http_keeps_its_connection, set_up, tear_down),
        cmocka_unit_test_setup_teardown(http_keeps_its_connection_where_headers_and_body_come_apart, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(http_uses_no_proxy_for_loopback, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_redirect_is_not_followed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(bad_servers_cost_a_bounded_time_and_64_kib, set_up, tear_down),
        cmocka_unit_test_setup_teardown(nothing_else_stalls_while_servers_hang, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_cancelled_attempt_says_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(callbacks_may_cancel_start_and_destroy, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_context_can_go_while_attempts_hang, set_up, tear_down),
        cmocka_unit_test_setup_teardown(exec_passes_when_the_command_ends_with_0, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_answer_that_came_in_time_counts_though_the_loop_was_late, set_up,
                                        tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
