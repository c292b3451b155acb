#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "profile_fixture.h"

static const char *order(void)
{
    static struct strings names;
    strings_finish(&names);
    for (size_t i = 0; i < plan.sidecar_count; i++)
        strings_add(&names, plan.sidecars[i].name);
    const char *text = joined(&names);
    strings_finish(&names);
    return text;
}

static void defaults(void **state)
{
    planned("mode: local_fullstack\n", NULL);
    assert_string_equal(plan.app_id, "project-qa-assistant");
    assert_string_equal(plan.profile_path, "/p/sidecard.yaml");
    assert_string_equal(plan.workspace_root, "/p");
    assert_string_equal(plan.data_dir, "/home/u/.project-qa-assistant");
    assert_string_equal(plan.fallback_data_dir, "/home/u/.project-qa-assistant");
    assert_string_equal(plan.resources_dir, "/p/resources");
    assert_string_equal(plan.session_id, "desktop-1700000000123");
    assert_string_equal(plan.backend_url, "http://127.0.0.1:8080");
    assert_int_equal(plan.web_port, 3000);
    assert_int_equal(plan.backend_port, 8080);
    assert_int_equal(plan.mongo_port, 27017);
    assert_int_equal(plan.ollama_port, 11434);
    assert_int_equal(plan.max_events, 200);
    assert_null(plan.diagnostics_path);
    assert_null(plan.control_socket);
    assert_false(plan.diagnostics_sync_always);
    assert_true(plan.auto_restart);
    assert_string_equal(order(), "mongo backend web");
}

static void paths_count_from_the_profile_and_know_home(void **state)
{
    planned(
        "mode: local_fullstack\napp: {id: my.app}\nworkspace_root: ../w\nresources_dir: ~/r\n"
        "diagnostics: {path: e.json, max_events: 7, sync: always}\ncontrol: {socket: \"${data_dir}/s\"}\n",
        NULL);
    assert_string_equal(plan.workspace_root, "/w");
    assert_string_equal(plan.resources_dir, "/home/u/r");
    assert_string_equal(plan.data_dir, "/home/u/.my.app");
    assert_string_equal(plan.diagnostics_path, "/p/e.json");
    assert_string_equal(plan.control_socket, "/home/u/.my.app/s");
    assert_int_equal(plan.max_events, 7);
    assert_true(plan.diagnostics_sync_always);
    planned("mode: local_fullstack\ndata_dir: \"${user_data}/x\"\n", NULL);
    assert_string_equal(plan.data_dir, "/home/u/.local/share/x");
    world_set("XDG_DATA_HOME", "/xdg");
    planned("mode: local_fullstack\ndata_dir: \"${user_data}/${env.NO:-y}\"\n", NULL);
    assert_string_equal(plan.data_dir, "/xdg/y");
}

static void flags_win_over_variables_and_these_over_the_profile(void **state)
{
    static const char text[] = "mode: local_fullstack\ndata_dir: /profile\nworkspace_root: /profile-w\n"
                               "local_ports: {web: 1111, backend: 1112}\nsidecars: {backend: {port: 1113}}\n";
    planned(text, NULL);
    assert_string_equal(plan.data_dir, "/profile");
    assert_int_equal(plan.web_port, 1111);
    assert_int_equal(plan.backend_port, 1113);
    world_set("APP_DATA_DIR", "variable");
    world_set("PQA_WORKSPACE_ROOT", "/variable-w");
    world_set("WEB_PORT", "2222");
    world_set("BACKEND_PORT", "");
    world_set("DESKTOP_SESSION_ID", "s-1");
    planned(text, NULL);
    assert_string_equal(plan.data_dir, "/here/variable");
    assert_string_equal(plan.workspace_root, "/variable-w");
    assert_string_equal(plan.session_id, "s-1");
    assert_int_equal(plan.web_port, 2222);
    assert_int_equal(plan.backend_port, 1113);
    flags.data_dir = "~/flag";
    flags.workspace_root = "flag-w";
    flags.web_port = "3333";
    flags.backend_port = "4444";
    flags.no_auto_restart = true;
    planned(text, NULL);
    assert_string_equal(plan.data_dir, "/home/u/flag");
    assert_string_equal(plan.workspace_root, "/here/flag-w");
    assert_int_equal(plan.web_port, 3333);
    assert_int_equal(plan.backend_port, 4444);
    assert_false(plan.auto_restart);
}

static void modes_come_from_flag_variable_and_profile(void **state)
{
    static const char text[] = "mode: local_fullstack\nbackend_url: https://b.example/x\n";
    world_set("APP_RUNTIME_MODE", "desktop_remote_slim");
    planned(text, NULL);
    assert_int_equal(plan.mode, MODE_REMOTE_SLIM);
    assert_string_equal(plan.backend_url, "https://b.example/x");
    assert_string_equal(order(), "backend web");
    flags.mode = "local_fullstack";
    planned(text, NULL);
    assert_int_equal(plan.mode, MODE_LOCAL_FULLSTACK);
    assert_string_equal(plan.backend_url, "http://127.0.0.1:8080");
}

static void the_start_order_puts_dependencies_first(void **state)
{
    planned("mode: local_fullstack\nsidecars:\n"
            "  z: {command: [run]}\n"
            "  a: {command: [run], depends_on: {web: ready, m: ready}}\n"
            "  m: {command: [run], depends_on: {z: started}}\n"
            "  mongo: {depends_on: {m: completed}}\n"
            "  ollama: {}\n",
            NULL);
    assert_string_equal(order(), "z m mongo ollama backend web a");
    const struct sidecar_plan *mongo = plan_find(&plan, "mongo");
    assert_int_equal(mongo->dependency_count, 1);
    assert_int_equal(mongo->dependencies[0].condition, DEPENDENCY_COMPLETED);
    assert_false(mongo->dependencies[0].by_default);
    const struct sidecar_plan *backend = plan_find(&plan, "backend");
    assert_int_equal(backend->dependency_count, 2);
    assert_string_equal(backend->dependencies[0].name, "mongo");
    assert_int_equal(backend->dependencies[0].condition, DEPENDENCY_READY);
    assert_true(backend->dependencies[0].by_default);
    assert_int_equal(backend->dependencies[1].condition, DEPENDENCY_STARTED);
}

static void dependencies_merge_with_the_roles(void **state)
{
    const struct sidecar_plan *backend =
        planned("mode: local_fullstack\nsidecars:\n  backend: {depends_on: {mongo: started, a: ready}}\n"
                "  a: {command: [run]}\n",
                "backend");
    assert_int_equal(backend->dependency_count, 2);
    assert_string_equal(backend->dependencies[0].name, "mongo");
    assert_int_equal(backend->dependencies[0].condition, DEPENDENCY_STARTED);
    assert_false(backend->dependencies[0].by_default);
    assert_string_equal(backend->dependencies[1].name, "a");
}

static void what_is_disabled_is_gone_and_default_dependencies_with_it(void **state)
{
    const struct sidecar_plan *backend = planned(
        "mode: local_fullstack\nsidecars: {mongo: {enabled: false}, a: {command: [run], enabled: false}}\n",
        "backend");
    assert_string_equal(order(), "backend web");
    assert_int_equal(plan_find(&plan, "backend")->dependency_count, 0);
    assert_string_equal(strings_variable(&backend->env, "MONGODB_URI"), "mongodb://127.0.0.1:27017");
}

static void modes_pick_sidecars(void **state)
{
    static const char text[] = "mode: local_fullstack\nbackend_url: http://b\nsidecars:\n"
                               "  both: {command: [run]}\n"
                               "  slim: {command: [run], modes: [desktop_remote_slim]}\n"
                               "  full: {command: [run], modes: [local_fullstack]}\n"
                               "  mongo: {modes: [remote_slim]}\n"
                               "  api: {role: backend, port: 8181}\n";
    planned(text, NULL);
    assert_string_equal(order(), "backend web both full api");
    flags.mode = "remote_slim";
    planned(text, NULL);
    assert_string_equal(order(), "mongo backend web both slim");
}

static void a_port_of_0_is_picked_once_and_everybody_knows_it(void **state)
{
    const struct sidecar_plan *web = planned("mode: local_fullstack\nlocal_ports: {backend: 0}\n", "web");
    assert_int_equal(picked_ports, 1);
    assert_int_equal(plan.backend_port, 40001);
    assert_string_equal(strings_variable(&web->env, "BACKEND_BASE_URL"), "http://127.0.0.1:40001");
    assert_int_equal(plan_find(&plan, "backend")->ready.port, 40001);
}

static void children_of_a_yaml_profile_get_a_json_copy(void **state)
{
    planned("mode: local_fullstack\ndata_dir: /d\nllm_defaults: {provider: x, t: 0.5}\n", NULL);
    assert_string_equal(plan.child_profile_path, "/d/runtime/profile.json");
    assert_string_equal(
        plan.child_profile_text,
        "{\n\t\"mode\":\t\"local_fullstack\",\n\t\"data_dir\":\t\"/d\",\n\t\"llm_defaults\":\t{\n"
        "\t\t\"provider\":\t\"x\",\n\t\t\"t\":\t0.5\n\t}\n}\n");
    planned("{\"mode\": \"local_fullstack\"}", NULL);
    assert_string_equal(plan.child_profile_path, "/p/profile.json");
    assert_null(plan.child_profile_text);
}

static void placeholders_are_replaced_everywhere_in_a_sidecar(void **state)
{
    world_set("WHO", "me");
    const struct sidecar_plan *a = planned(
        "mode: local_fullstack\napp: {id: app, version: '7'}\ndata_dir: /d\nsidecars:\n"
        "  a:\n"
        "    port: 7070\n"
        "    command: [run, \"${port}/${ports.web}/${url.mongo}/${url.backend}\", \"$${port} $x $$ "
        "${app.id}\",\n"
        "              \"${profile_dir}|${workspace_root}|${resources_dir}|${env.WHO}|${env.EMPTY:-none}\"]\n"
        "    cwd: \"${data_dir}/a\"\n"
        "    env: {V: \"${app.version}\"}\n"
        "    ready: {http: {path: \"/${app.version}\", expect_header: {X-Build: \"${app.version}\"},\n"
        "                   expect_json: {build: \"${app.version}\", \"a.b\": 3}}}\n"
        "    stop: {command: [stop, \"${port}\"]}\n",
        "a");
    assert_string_equal(a->command.items[1], "7070/3000/mongodb://127.0.0.1:27017/http://127.0.0.1:8080");
    assert_string_equal(a->command.items[2], "${port} $x $$ app");
    assert_string_equal(a->command.items[3], "/p|/p|/p/resources|me|none");
    assert_string_equal(a->cwd, "/d/a");
    assert_string_equal(joined(&a->env), "V=7");
    assert_string_equal(a->ready.path, "/7");
    assert_string_equal(joined(&a->ready.expect_header), "X-Build=7");
    assert_string_equal(joined(&a->ready.expect_json), "build=\"7\" a.b=3");
    assert_string_equal(joined(&a->stop.command), "stop 7070");
}

static void ten_thousand_sidecars_in_a_chain_are_no_trouble(void **state)
{
    static char text[1024 * 1024];
    size_t length = (size_t)sprintf(text, "mode: local_fullstack\nsidecars:\n");
    for (int i = 0; i < 10000; i++)
        length += (size_t)sprintf(text + length, "  s%d: {command: [run], depends_on: {s%d: ready}}\n", i,
                                  i < 9999 ? i + 1 : 9999 - 1);
    build(text);
    assert_int_equal(problems.count, 1);
    assert_non_null(strstr(problems.items[0].message, "s9998 -> s9999 -> s9998"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(defaults, world_begin, world_end),
        cmocka_unit_test_setup_teardown(paths_count_from_the_profile_and_know_home, world_begin, world_end),
        cmocka_unit_test_setup_teardown(flags_win_over_variables_and_these_over_the_profile, world_begin,
                                        world_end),
        cmocka_unit_test_setup_teardown(modes_come_from_flag_variable_and_profile, world_begin, world_end),
        cmocka_unit_test_setup_teardown(the_start_order_puts_dependencies_first, world_begin, world_end),
        cmocka_unit_test_setup_teardown(dependencies_merge_with_the_roles, world_begin, world_end),
        cmocka_unit_test_setup_teardown(what_is_disabled_is_gone_and_default_dependencies_with_it,
                                        world_begin, world_end),
        cmocka_unit_test_setup_teardown(modes_pick_sidecars, world_begin, world_end),
        cmocka_unit_test_setup_teardown(a_port_of_0_is_picked_once_and_everybody_knows_it, world_begin,
                                        world_end),
        cmocka_unit_test_setup_teardown(children_of_a_yaml_profile_get_a_json_copy, world_begin, world_end),
        cmocka_unit_test_setup_teardown(placeholders_are_replaced_everywhere_in_a_sidecar, world_begin,
                                        world_end),
        cmocka_unit_test_setup_teardown(ten_thousand_sidecars_in_a_chain_are_no_trouble, world_begin,
                                        world_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
