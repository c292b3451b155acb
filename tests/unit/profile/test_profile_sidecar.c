#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "profile_fixture.h"

/* A custom sidecar "a" with these lines in it. */
static const struct sidecar_plan *custom(const char *settings)
{
    static char text[4096];
    snprintf(text, sizeof(text), "mode: local_fullstack\nsidecars:\n  a: {command: [run], %s}\n", settings);
    return planned(text, "a");
}

static void a_custom_sidecar_has_these_defaults(void **state)
{
    const struct sidecar_plan *a = custom("");
    assert_int_equal(a->role, ROLE_CUSTOM);
    assert_string_equal(a->cwd, "/p");
    assert_int_equal(a->port, 0);
    assert_null(a->url);
    assert_null(a->title);
    assert_true(a->critical);
    assert_true(a->inherit_all);
    assert_false(a->adopt || a->on_demand || a->restart_with || a->expose || a->hold_stdin ||
                 a->stdio_jsonrpc);
    assert_int_equal(a->env.count, 0);
    assert_int_equal(a->ready.kind, PROBE_UPTIME);
    assert_int_equal(a->ready.timeout_ms, 1000);
    assert_int_equal(a->live.kind, PROBE_NONE);
    assert_int_equal(a->restart.policy, RESTART_ALWAYS);
    assert_int_equal(a->restart.max, 6);
    assert_int_equal(a->restart.window_ms, 90000);
    assert_int_equal(a->restart.backoff_initial_ms, 200);
    assert_true(a->restart.backoff_factor == 2);
    assert_int_equal(a->restart.backoff_max_ms, 10000);
    assert_true(a->restart.backoff_jitter == 0.1);
    assert_int_equal(a->restart.retry_after_ms, 300000);
    assert_int_equal(a->restart.success_exit_code_count, 1);
    assert_int_equal(a->restart.success_exit_codes[0], 0);
    assert_int_equal(a->stop.means, STOP_BY_SIGNAL);
    assert_int_equal(a->stop.signal, SIGTERM);
    assert_int_equal(a->stop.grace_ms, 5000);
    assert_true(a->logs.file);
    assert_false(a->logs.text_format || a->logs.redact_off);
    assert_int_equal(a->logs.max_bytes, 10 * 1024 * 1024);
    assert_int_equal(a->logs.max_files, 5);
    assert_int_equal(a->logs.buffer_lines, 500);
}

static void a_port_makes_it_ready_by_tcp(void **state)
{
    const struct sidecar_plan *a = custom("port: 7070, ready: {timeout: 2m}");
    assert_int_equal(a->ready.kind, PROBE_TCP);
    assert_int_equal(a->ready.port, 7070);
    assert_int_equal(a->ready.timeout_ms, 120000);
    assert_int_equal(a->ready.interval_ms, 250);
    assert_string_equal(a->url, "http://127.0.0.1:7070");
}

static void plain_settings_arrive(void **state)
{
    const struct sidecar_plan *a = custom(
        "title: T, critical: false, start: on_demand, adopt: if_healthy, restart_with: true, expose: true,"
        " stdin: hold, stdio: jsonrpc, inherit_env: [PATH, HOME], args: [x, y]");
    assert_string_equal(a->title, "T");
    assert_false(a->critical || a->inherit_all);
    assert_true(a->on_demand && a->adopt && a->restart_with && a->expose && a->hold_stdin &&
                a->stdio_jsonrpc);
    assert_string_equal(joined(&a->inherit_env), "PATH HOME");
    assert_string_equal(joined(&a->command), "/usr/bin/run x y");
    assert_false(custom("inherit_env: []")->inherit_all);
}

static void restart_settings_arrive(void **state)
{
    const struct sidecar_plan *a =
        custom("restart: {policy: on-failure, success_exit_codes: [0, 3], max: 2, window: 1m,"
               " backoff: {initial: 0, factor: 1.5, max: 1s, jitter: 0}, retry_after: never}");
    assert_int_equal(a->restart.policy, RESTART_ON_FAILURE);
    assert_int_equal(a->restart.success_exit_code_count, 2);
    assert_int_equal(a->restart.success_exit_codes[1], 3);
    assert_int_equal(a->restart.max, 2);
    assert_int_equal(a->restart.window_ms, 60000);
    assert_int_equal(a->restart.backoff_initial_ms, 0);
    assert_true(a->restart.backoff_factor == 1.5);
    assert_int_equal(a->restart.retry_after_ms, RETRY_NEVER);
    assert_int_equal(custom("restart: {policy: never}")->restart.retry_after_ms, RETRY_NEVER);
    assert_int_equal(custom("restart: {retry_after: 7s}")->restart.retry_after_ms, 7000);
}

static void a_stop_has_one_of_four_means(void **state)
{
    assert_int_equal(custom("stop: {signal: SIGINT, only_child: true, grace: 0}")->stop.signal, SIGINT);
    assert_true(plan_find(&plan, "a")->stop.only_child);
    assert_int_equal(plan_find(&plan, "a")->stop.grace_ms, 0);
    const struct sidecar_plan *a = custom("stop: {http: {path: /stop}}");
    assert_int_equal(a->stop.means, STOP_BY_HTTP);
    assert_string_equal(a->stop.http_path, "/stop");
    a = custom("stop: {command: [stop, now]}");
    assert_int_equal(a->stop.means, STOP_BY_COMMAND);
    assert_string_equal(joined(&a->stop.command), "stop now");
    assert_int_equal(custom("stop: {stdin: close}")->stop.means, STOP_BY_STDIN);
}

static void log_settings_arrive(void **state)
{
    const struct sidecar_plan *a = custom(
        "logs: {file: false, max_bytes: 1KiB, max_files: 0, buffer_lines: 9, format: text, redact: [a, b]}");
    assert_false(a->logs.file);
    assert_true(a->logs.text_format);
    assert_int_equal(a->logs.max_bytes, 1024);
    assert_int_equal(a->logs.max_files, 0);
    assert_int_equal(a->logs.buffer_lines, 9);
    assert_string_equal(joined(&a->logs.redact), "a b");
    assert_true(custom("logs: {redact: off}")->logs.redact_off);
}

static void http_probes(void **state)
{
    const struct probe_plan *probe = &custom("port: 7070, ready: {http: {path: x, host: h, port: 1, headers: "
                                             "{A: b, C: d}, status: [200, 300-302],"
                                             " body: \"o.k\"}, failures: 2}")
                                          ->ready;
    assert_int_equal(probe->kind, PROBE_HTTP);
    assert_string_equal(probe->path, "x");
    assert_string_equal(probe->host, "h");
    assert_int_equal(probe->port, 1);
    assert_string_equal(probe->headers.items[1], "C: d");
    assert_int_equal(probe->status_count, 2);
    assert_int_equal(probe->statuses[0].to, 200);
    assert_int_equal(probe->statuses[1].from, 300);
    assert_int_equal(probe->statuses[1].to, 302);
    assert_string_equal(probe->body, "o.k");
    probe = &custom("ready: {http: {url: \"http://h/x\"}}")->ready;
    assert_string_equal(probe->url, "http://h/x");
    assert_null(probe->path);
    assert_int_equal(probe->statuses[0].from, 200);
    assert_int_equal(probe->statuses[0].to, 399);
    probe = &custom("ready: {http: {unix_socket: s.sock}}")->ready;
    assert_string_equal(probe->unix_socket, "/p/s.sock");
    assert_string_equal(probe->path, "/");
}

static void other_probes(void **state)
{
    assert_string_equal(joined(&custom("ready: {exec: {command: [check, it]}}")->ready.command), "check it");
    assert_string_equal(plan_find(&plan, "a")->ready.cwd, "/p");
    assert_string_equal(custom("cwd: c, live: {exec: {command: [x], cwd: d}}")->live.cwd, "/p/d");
    const struct probe_plan *probe = &custom("ready: {mongo: {uri: \"mongodb://h\", primary: true}}")->ready;
    assert_string_equal(probe->mongo_uri, "mongodb://h");
    assert_true(probe->mongo_primary);
    assert_string_equal(custom("ready: {log: {pattern: \"up [0-9]+\"}}")->ready.pattern, "up [0-9]+");
    probe = &custom("stdio: jsonrpc, ready: {rpc: {method: init, params: {a: [1, ~]}}}")->ready;
    assert_string_equal(probe->method, "init");
    assert_string_equal(probe->params, "{\"a\":[1,null]}");
    assert_int_equal(custom("ready: {notify: {fd: 5}}")->ready.notify_fd, 5);
    assert_int_equal(custom("ready: {notify: {}}")->ready.notify_fd, -1);
    probe = &custom("live: {heartbeat: {}}")->live;
    assert_int_equal(probe->kind, PROBE_HEARTBEAT);
    assert_int_equal(probe->timeout_ms, 30000);
    assert_int_equal(probe->failures, 1);
}

static void live_probes_have_their_own_rhythm(void **state)
{
    const struct probe_plan *probe = &custom("port: 1, live: {tcp: {}}")->live;
    assert_int_equal(probe->interval_ms, 5000);
    assert_int_equal(probe->timeout_ms, 2000);
    assert_int_equal(probe->failures, 3);
    assert_true(probe->enforce);
    assert_false(custom("port: 1, live: {tcp: {}, enforce: false}")->live.enforce);
    flags.no_live = true;
    assert_false(custom("port: 1, live: {tcp: {}}")->live.enforce);
    assert_int_equal(plan_find(&plan, "web")->live.kind, PROBE_TCP);
}

static void env_files_are_read_under_env(void **state)
{
    char path[] = "/tmp/sidecard-env-XXXXXX";
    int descriptor = mkstemp(path);
    static const char lines[] = "# comment\n\nA=1\r\n  B=two words = x\nC=";
    assert_int_equal(write(descriptor, lines, strlen(lines)), (ssize_t)strlen(lines));
    char settings[200];
    snprintf(settings, sizeof(settings), "env_file: %s, env: {A: own}", path);
    const struct sidecar_plan *a = custom(settings);
    assert_string_equal(joined(&a->env), "A=own B=two words = x C=");
    assert_int_equal(a->launch_error.code, 0);
    assert_int_equal(ftruncate(descriptor, 0), 0);
    assert_int_equal(pwrite(descriptor, "A=1\nnonsense\n", 13, 0), 13);
    close(descriptor);
    a = custom(settings);
    assert_non_null(strstr(a->launch_error.message, ":2: expected KEY=VALUE"));
    remove(path);
    a = custom(settings);
    assert_int_equal(a->launch_error.code, ERROR_MISSING_PATH);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_custom_sidecar_has_these_defaults, world_begin, world_end),
        cmocka_unit_test_setup_teardown(a_port_makes_it_ready_by_tcp, world_begin, world_end),
        cmocka_unit_test_setup_teardown(plain_settings_arrive, world_begin, world_end),
        cmocka_unit_test_setup_teardown(restart_settings_arrive, world_begin, world_end),
        cmocka_unit_test_setup_teardown(a_stop_has_one_of_four_means, world_begin, world_end),
        cmocka_unit_test_setup_teardown(log_settings_arrive, world_begin, world_end),
        cmocka_unit_test_setup_teardown(http_probes, world_begin, world_end),
        cmocka_unit_test_setup_teardown(other_probes, world_begin, world_end),
        cmocka_unit_test_setup_teardown(live_probes_have_their_own_rhythm, world_begin, world_end),
        cmocka_unit_test_setup_teardown(env_files_are_read_under_env, world_begin, world_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
