#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>
#include <cmocka.h>

#include "profile_fixture.h"

static void the_example_of_the_specification(void **state)
{
    problems_finish(&problems);
    static const char text[] =
        "mode: local_fullstack\n\n\n\n\n\n\n\n\nsidecars:\n  backend:\n    port: 80a\n";
    assert_null(profile_parse("profile.yaml", text, strlen(text), &problems));
    assert_int_equal(problems.count, 1);
    char *line = problem_line(&problems.items[0]);
    assert_string_equal(
        line, "profile.yaml:12:11: sidecars.backend.port: expected an integer from 0 to 65535, got \"80a\"");
    free(line);
    cJSON *json = problems_to_json(&problems);
    char *printed = cJSON_PrintUnformatted(json);
    assert_string_equal(printed, "[{\"file\":\"profile.yaml\",\"line\":12,\"column\":11,"
                                 "\"path\":\"sidecars.backend.port\","
                                 "\"message\":\"expected an integer from 0 to 65535, got \\\"80a\\\"\"}]");
    cJSON_free(printed);
    cJSON_Delete(json);
}

static void every_problem_is_told_in_file_order(void **state)
{
    static const char text[] =
        "sidecars:\n"
        "  a: {command: [run, \"${prot}\"], port: 7070, depends_on: {b: ready, mongoo: ready}}\n"
        "  b: {command: run, port: 7070, depends_on: {a: ready}, depend_on: {}}\n"
        "  b: {}\n"
        "mode: local_fulstack\n"
        "local_ports: {web: 70000}\n";
    build("mode: local_fullstack\n");
    assert_int_equal(problems.count, 0);
    /* profile_load_plan does both at once; here the two halves meet in test_profile_files. */
    assert_problems(
        text, "3:16: sidecars.b.command: expected a list of a program and its arguments, got \"run\"\n"
              "3:57: sidecars.b.depend_on: unknown key, did you mean 'depends_on'?\n"
              "4:3: sidecars.b: duplicate key, already given at line 3, column 3; expected every key once\n"
              "5:7: mode: expected local_fullstack or remote_slim, got \"local_fulstack\"; did you mean "
              "'local_fullstack'?\n"
              "6:20: local_ports.web: expected an integer from 0 to 65535, got 70000");
}

static void durations_without_a_unit_name_both_readings(void **state)
{
    assert_problems(
        "mode: local_fullstack\nsidecars:\n  web: {ready: {timeout: 30}, stop: {grace: '5'}}\n",
        "3:26: sidecars.web.ready.timeout: expected a duration above 0 such as 500ms, 30s or 1m30s, got "
        "30: write 30s for seconds or 30ms for milliseconds\n"
        "3:45: sidecars.web.stop.grace: expected a duration such as 500ms, 30s or 1m30s, got \"5\": write "
        "5s for seconds or 5ms for milliseconds");
}

static void cycles_are_printed_whole(void **state)
{
    assert_problems("mode: local_fullstack\nsidecars:\n"
                    "  c: {command: [run], depends_on: {a: ready}}\n"
                    "  a: {command: [run], depends_on: {b: started}}\n"
                    "  b: {command: [run], depends_on: {c: completed, b: ready}}\n"
                    "  d: {command: [run], depends_on: {a: ready}}\n",
                    "3:36: sidecars.c.depends_on.a: dependency cycle c -> a -> b -> c, expected none\n"
                    "5:50: sidecars.b.depends_on.b: dependency cycle b -> b, expected none");
    assert_problems(
        "mode: local_fullstack\nsidecars: {mongo: {depends_on: {backend: ready}}}\n",
        "2:33: sidecars.mongo.depends_on.backend: dependency cycle mongo -> backend -> mongo, expected "
        "none");
}

static void dependencies_must_be_part_of_the_runtime(void **state)
{
    assert_problems(
        "mode: remote_slim\nbackend_url: http://b\nsidecars:\n"
        "  a: {command: [run], depends_on: {mongo: ready, backend: ready, off: ready, wbe: ready}}\n"
        "  off: {command: [run], enabled: false, depends_on: {mongo: ready}}\n",
        "4:36: sidecars.a.depends_on.mongo: 'mongo' is no part of mode remote_slim, expected a sidecar "
        "that is\n"
        "4:66: sidecars.a.depends_on.off: 'off' is disabled, expected a sidecar that is\n"
        "4:78: sidecars.a.depends_on.wbe: unknown dependency, did you mean 'web'?");
}

static void ports_must_differ(void **state)
{
    assert_problems(
        "mode: local_fullstack\nsidecars:\n  a: {command: [run], port: 3000}\n",
        "3:29: sidecars.a.port: 3000 is the port of 'web' already, expected a port of its own for 'a'");
    assert_problems(
        "mode: local_fullstack\nlocal_ports: {backend: 3000, web: 3000, fronted: 1}\n",
        "2:35: local_ports.web: 3000 is the port of 'backend' already, expected a port of its own for "
        "'web'\n"
        "2:41: local_ports.fronted: unknown sidecar, expected web, backend, mongo, ollama or one of "
        "'sidecars'");
    flags.web_port = "8080";
    assert_problems(
        "mode: local_fullstack\n",
        "--web-port: 8080 is the port of 'backend' already, expected a port of its own for 'web'");
    flags.web_port = NULL;
    planned("mode: local_fullstack\nsidecars: {a: {command: [run], port: 0}, b: {command: [run], port: 0}}\n",
            NULL);
    assert_int_equal(picked_ports, 2);
}

static void remote_slim_needs_a_backend(void **state)
{
    assert_problems(
        "{\"mode\": \"remote_slim\"}",
        "1:10: backend_url: missing, expected the URL of the backend, because mode is remote_slim (here, "
        "in BACKEND_BASE_URL or by --backend-url)");
    world_set("BACKEND_BASE_URL", "");
    build("mode: remote_slim\n");
    assert_int_equal(problems.count, 1);
    world_set("BACKEND_BASE_URL", "http://b:1");
    planned("mode: remote_slim\n", NULL);
    assert_string_equal(plan.backend_url, "http://b:1");
    flags.backend_url = "b:1";
    assert_problems("mode: remote_slim\n", "--backend-url: expected an http or https URL, got \"b:1\"");
}

static void origin_agrees_with_the_profiles_own_mode(void **state)
{
    assert_problems("mode: local_fullstack\nbackend_origin: remote\n",
                    "2:17: backend_origin: expected local, because mode is local_fullstack, got \"remote\"");
    flags.mode = "remote_slim";
    flags.backend_url = "http://b";
    planned("mode: desktop_local_fullstack\nbackend_origin: local\n", NULL);
    assert_int_equal(plan.mode, MODE_REMOTE_SLIM);
}

static void bad_flags_and_variables_are_problems_by_name(void **state)
{
    world_set("WEB_PORT", "80a");
    world_set("BACKEND_PORT", "70000");
    world_set("APP_RUNTIME_MODE", "slim");
    flags.mongo_port = "-1";
    flags.ollama_port = "";
    build("mode: local_fullstack\n");
    assert_int_equal(problems.count, 5);
    assert_problems("mode: local_fullstack\n",
                    "APP_RUNTIME_MODE: expected local_fullstack or remote_slim, got \"slim\"\n"
                    "--mongo-port: expected an integer from 0 to 65535, got \"-1\"\n"
                    "--ollama-port: expected an integer from 0 to 65535, got \"\"\n"
                    "BACKEND_PORT: expected an integer from 0 to 65535, got \"70000\"\n"
                    "WEB_PORT: expected an integer from 0 to 65535, got \"80a\"");
}

static void placeholders_must_have_a_value(void **state)
{
    assert_problems(
        "mode: local_fullstack\n"
        "data_dir: \"${data}\"\n"
        "sidecars:\n"
        "  a:\n"
        "    command: [run, \"${port}\", \"${ports.b}\", \"${url.wbe}\", \"${env.NO}\", \"${\"]\n"
        "    ready: {http: {url: \"http://h:${ports.web}/${app.version}\"}}\n",
        "2:11: data_dir: unknown placeholder '${data}', expected one of ${port}, ${ports.NAME}, "
        "${url.NAME}, ${data_dir}, ${workspace_root}, ${profile_dir}, ${resources_dir}, ${user_data}, "
        "${app.id}, ${app.version} or ${env.NAME}\n"
        "5:20: sidecars.a.command[1]: sidecar 'a' has no port for '${port}', expected 'port' in it\n"
        "5:31: sidecars.a.command[2]: unknown sidecar 'b' in '${ports.b}', expected the name of one\n"
        "5:45: sidecars.a.command[3]: unknown sidecar 'wbe' in '${url.wbe}', did you mean 'web'?\n"
        "5:59: sidecars.a.command[4]: the environment has no NO, expected it, or a default as in "
        "'${env.NO:-default}'\n"
        "5:72: sidecars.a.command[5]: a placeholder without an end, expected '}' behind '${' (a literal "
        "'${' is written '$${')\n"
        "6:25: sidecars.a.ready.http.url: no value for '${app.version}', expected 'app.version' in the "
        "profile");
}

static void a_problem_is_one_line_of_utf_8_whatever_it_quotes(void **state)
{
    world_set("APP_RUNTIME_MODE", "a\nb\xff");
    assert_problems(
        "{\"mode\": \"local_fullstack\", \"data_dir\": \"${a\\nb}\"}",
        "APP_RUNTIME_MODE: expected local_fullstack or remote_slim, got \"a\\u000ab\xEF\xBF\xBD\"\n"
        "1:41: data_dir: unknown placeholder '${a\\u000ab}', expected one of ${port}, ${ports.NAME}, "
        "${url.NAME}, ${data_dir}, ${workspace_root}, ${profile_dir}, ${resources_dir}, ${user_data}, "
        "${app.id}, ${app.version} or ${env.NAME}");
}

static void what_is_switched_off_is_checked_but_needs_no_environment(void **state)
{
    planned("mode: local_fullstack\nsidecars: {a: {command: [run, \"${env.NO}\"], modes: [remote_slim]}}\n",
            NULL);
    assert_problems("mode: local_fullstack\nsidecars: {a: {command: [run, \"${prt}\"], enabled: false}}\n",
                    "2:31: sidecars.a.command[1]: unknown placeholder '${prt}', did you mean '${port}'?");
}

static void a_missing_home_is_told_where_it_is_needed(void **state)
{
    world_set("HOME", "");
    assert_problems("mode: local_fullstack\n",
                    "HOME: not set, expected the user's home folder (or --data-dir)");
    planned("mode: local_fullstack\ndata_dir: /d\n", NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_example_of_the_specification, world_begin, world_end),
        cmocka_unit_test_setup_teardown(every_problem_is_told_in_file_order, world_begin, world_end),
        cmocka_unit_test_setup_teardown(durations_without_a_unit_name_both_readings, world_begin, world_end),
        cmocka_unit_test_setup_teardown(cycles_are_printed_whole, world_begin, world_end),
        cmocka_unit_test_setup_teardown(dependencies_must_be_part_of_the_runtime, world_begin, world_end),
        cmocka_unit_test_setup_teardown(ports_must_differ, world_begin, world_end),
        cmocka_unit_test_setup_teardown(remote_slim_needs_a_backend, world_begin, world_end),
        cmocka_unit_test_setup_teardown(origin_agrees_with_the_profiles_own_mode, world_begin, world_end),
        cmocka_unit_test_setup_teardown(bad_flags_and_variables_are_problems_by_name, world_begin, world_end),
        cmocka_unit_test_setup_teardown(placeholders_must_have_a_value, world_begin, world_end),
        cmocka_unit_test_setup_teardown(a_problem_is_one_line_of_utf_8_whatever_it_quotes, world_begin,
                                        world_end),
        cmocka_unit_test_setup_teardown(what_is_switched_off_is_checked_but_needs_no_environment, world_begin,
                                        world_end),
        cmocka_unit_test_setup_teardown(a_missing_home_is_told_where_it_is_needed, world_begin, world_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
