#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "profile_fixture.h"

static const char *variable(const struct sidecar_plan *sidecar, const char *name)
{
    const char *value = strings_variable(&sidecar->env, name);
    return value ? value : "(unset)";
}

static void web(void **state)
{
    const struct sidecar_plan *web = planned("{\"mode\": \"local_fullstack\"}", "web");
    assert_string_equal(joined(&web->command),
                        "/usr/bin/npm run start:standalone -- --runtime-profile /p/profile.json");
    assert_string_equal(web->cwd, "/p/web");
    assert_string_equal(
        joined(&web->env),
        "PORT=3000 BACKEND_BASE_URL=http://127.0.0.1:8080 APP_RUNTIME_MODE=desktop_local_fullstack "
        "DESKTOP_SESSION_ID=desktop-1700000000123 RUNTIME_PROFILE_PATH=/p/profile.json");
    assert_string_equal(joined(&web->required_paths), "/p/web/package.json");
    assert_int_equal(web->launch_error.code, 0);
    assert_int_equal(web->dependency_count, 0);
    assert_true(web->critical);
    assert_false(web->adopt);
    assert_false(web->hold_stdin);
    assert_int_equal(web->ready.kind, PROBE_HTTP);
    assert_string_equal(web->ready.path, "/");
    assert_int_equal(web->ready.statuses[0].to, 499);
    assert_int_equal(web->live.kind, PROBE_TCP);
    assert_int_equal(web->live.port, 3000);
    assert_string_equal(web->url, "http://127.0.0.1:3000");
}

static void web_in_development(void **state)
{
    flags.web_dev = true;
    const struct sidecar_plan *web = planned("{\"mode\": \"local_fullstack\"}", "web");
    assert_string_equal(joined(&web->command), "/usr/bin/npm run dev");
    assert_true(web->hold_stdin);
    web = planned("mode: local_fullstack\nsidecars: {web: {args: [--turbo]}}\n", "web");
    assert_string_equal(joined(&web->command), "/usr/bin/npm run dev -- --turbo");
}

static void backend(void **state)
{
    const struct sidecar_plan *backend = planned("{\"mode\": \"local_fullstack\"}", "backend");
    assert_string_equal(joined(&backend->command),
                        "/usr/bin/python3 scripts/run_backend.py --host 127.0.0.1 --port 8080 --runtime-mode "
                        "desktop_local_fullstack");
    assert_string_equal(backend->cwd, "/p/backend");
    assert_string_equal(joined(&backend->env),
                        "APP_RUNTIME_MODE=desktop_local_fullstack APP_BACKEND_ORIGIN=local "
                        "DESKTOP_SESSION_ID=desktop-1700000000123 MONGODB_URI=mongodb://127.0.0.1:27017 "
                        "RUNTIME_PROFILE_PATH=/p/profile.json");
    assert_string_equal(backend->ready.path, "/health/ready");
    assert_string_equal(backend->live.path, "/health/live");
    assert_int_equal(backend->ready.timeout_ms, 35000);
    assert_int_equal(backend->stop.grace_ms, 5000);
}

static void mongo_by_mongod(void **state)
{
    const struct sidecar_plan *mongo =
        planned("mode: local_fullstack\ndata_dir: /d\nlocal_ports: {mongo: 27018}\n", "mongo");
    assert_string_equal(joined(&mongo->command),
                        "/usr/bin/mongod --port 27018 --dbpath /d/mongo --bind_ip 127.0.0.1");
    assert_string_equal(joined(&mongo->create_folders), "/d/mongo");
    assert_int_equal(mongo->ready.kind, PROBE_MONGO);
    assert_int_equal(mongo->ready.port, 27018);
    assert_null(mongo->ready.mongo_uri);
    assert_int_equal(mongo->live.kind, PROBE_MONGO);
    assert_int_equal(mongo->stop.grace_ms, 20000);
    assert_string_equal(mongo->url, "mongodb://127.0.0.1:27018");
}

static void mongo_by_ferretdb(void **state)
{
    world_add_program("/x/FerretDB-1.24");
    flags.mongo_bin = "/x/FerretDB-1.24";
    const struct sidecar_plan *mongo =
        planned("mode: local_fullstack\ndata_dir: \"/d/Application Support\"\n", "mongo");
    assert_string_equal(
        joined(&mongo->command),
        "/x/FerretDB-1.24 --handler=sqlite "
        "--sqlite-url=file:/d/Application%20Support/ferretdb/data/ --listen-addr=127.0.0.1:27017 "
        "--state-dir=/d/Application Support/ferretdb/state --telemetry=disable --debug-addr=-");
    assert_int_equal(mongo->create_folders.count, 2);
    assert_string_equal(mongo->create_folders.items[0], "/d/Application Support/ferretdb/data");
    assert_string_equal(mongo->create_folders.items[1], "/d/Application Support/ferretdb/state");
}

static void ferretdb_refuses_a_folder_that_it_would_misread(void **state)
{
    world_add_program("/x/ferretdb");
    flags.mongo_bin = "/x/ferretdb";
    const struct sidecar_plan *mongo = planned("mode: local_fullstack\ndata_dir: \"/d/50%\"\n", "mongo");
    assert_int_equal(mongo->launch_error.code, ERROR_PROFILE_INVALID);
    assert_int_equal(
        planned("mode: local_fullstack\ndata_dir: \"/d/\xc3\xa9 x\"\n", "mongo")->launch_error.code, 0);
}

static void no_mongo_means_one_that_runs_elsewhere(void **state)
{
    world_set("PATH", "/opt/bin");
    world_add_program("/opt/bin/python3");
    world_add_program("/opt/bin/npm");
    const struct sidecar_plan *mongo =
        planned("mode: local_fullstack\nlocal_ports: {mongo: 27018}\n", "mongo");
    assert_true(mongo->remote);
    assert_false(mongo->critical);
    assert_int_equal(mongo->launch_error.code, 0);
    assert_int_equal(mongo->command.count, 0);
    assert_string_equal(mongo->ready.mongo_uri, "mongodb://127.0.0.1:27018");
    assert_string_equal(mongo->live.mongo_uri, "mongodb://127.0.0.1:27018");
    assert_int_equal(mongo->live.interval_ms, 5000);
    assert_false(mongo->live.enforce);
    assert_int_equal(plan.notices.count, 1);
    assert_non_null(strstr(plan.notices.items[0], "/opt/bin/mongod, "));
    assert_non_null(strstr(plan.notices.items[0], "/opt/bin/ferretdb"));
    assert_non_null(strstr(plan.notices.items[0], "--mongo-bin, MONGOD_BIN or sidecars.mongo.binary"));
    assert_string_equal(variable(plan_find(&plan, "backend"), "MONGODB_URI"), "mongodb://127.0.0.1:27018");
}

static void mongodb_uri_says_where_the_other_one_is(void **state)
{
    world_set("MONGODB_URI", "mongodb://u:secret@db:1/x");
    const struct sidecar_plan *backend = planned("mode: local_fullstack\n", "backend");
    assert_string_equal(variable(backend, "MONGODB_URI"), "mongodb://127.0.0.1:27017");
    world_set("PATH", "");
    const struct sidecar_plan *mongo = planned("mode: local_fullstack\n", "mongo");
    assert_string_equal(mongo->ready.mongo_uri, "mongodb://u:secret@db:1/x");
    assert_string_equal(mongo->url, "mongodb://db:1/x");
    assert_null(strstr(plan.notices.items[0], "secret"));
    assert_string_equal(variable(plan_find(&plan, "backend"), "MONGODB_URI"), "mongodb://u:secret@db:1/x");
}

static void ollama_is_there_where_it_is_asked_for(void **state)
{
    assert_null(planned("mode: local_fullstack\nllm_defaults: {provider: openai}\n", "ollama"));
    assert_null(planned("mode: local_fullstack\nsidecars: {ollama: }\n", "ollama"));
    assert_null(strings_variable(&plan_find(&plan, "backend")->env, "OLLAMA_HOST"));
    assert_non_null(planned("mode: local_fullstack\nllm_defaults: {provider: ollama}\n", "ollama"));
    const struct sidecar_plan *ollama =
        planned("mode: local_fullstack\nllm_defaults: {model: tiny}\nsidecars: {ollama: {}}\n", "ollama");
    assert_string_equal(joined(&ollama->command), "/usr/bin/ollama serve");
    assert_string_equal(joined(&ollama->env), "OLLAMA_HOST=127.0.0.1:11434");
    assert_string_equal(joined(&ollama->without_env), "http_proxy HTTP_PROXY");
    assert_int_equal(ollama->create_folders.count, 0);
    assert_false(ollama->critical);
    assert_true(ollama->adopt);
    assert_string_equal(ollama->ready.path, "/api/version");
    assert_int_equal(ollama->ready.timeout_ms, 30000);
    const struct sidecar_plan *backend = plan_find(&plan, "backend");
    assert_string_equal(variable(backend, "OLLAMA_HOST"), "127.0.0.1:11434");
    assert_string_equal(variable(backend, "OLLAMA_MODEL"), "tiny");
}

static void a_bundled_ollama_keeps_its_models_in_data_dir(void **state)
{
    world_add_program("/app/ollama");
    const struct sidecar_plan *ollama =
        planned("mode: local_fullstack\ndata_dir: /d\nsidecars: {ollama: {}}\n", "ollama");
    assert_string_equal(ollama->command.items[0], "/app/ollama");
    assert_string_equal(joined(&ollama->env),
                        "OLLAMA_HOST=127.0.0.1:11434 OLLAMA_MODELS=/d/models OLLAMA_NOPRUNE=1");
    assert_string_equal(joined(&ollama->create_folders), "/d/models");
    ollama = planned("mode: local_fullstack\ndata_dir: /d\nsidecars: {ollama: {models_dir: m}}\n", "ollama");
    assert_string_equal(variable(ollama, "OLLAMA_MODELS"), "/p/m");
}

static void base_url_says_where_another_ollama_is(void **state)
{
    static const char *const local[] = {"http://localhost:11434/v1", "http://127.0.0.1:11434", "127.0.0.1",
                                        "http://[::1]:11434"};
    char text[200];
    for (size_t i = 0; i < sizeof(local) / sizeof(local[0]); i++) {
        snprintf(text, sizeof(text),
                 "mode: local_fullstack\nllm_defaults: {provider: ollama, base_url: \"%s\"}\n", local[i]);
        assert_false(planned(text, "ollama")->remote);
    }
    const struct sidecar_plan *ollama = planned(
        "mode: local_fullstack\nllm_defaults: {provider: ollama, base_url: \"http://gpu:11434/v1\"}\n",
        "ollama");
    assert_true(ollama->remote);
    assert_string_equal(ollama->url, "http://gpu:11434");
    assert_string_equal(ollama->ready.url, "http://gpu:11434/api/version");
    assert_string_equal(variable(plan_find(&plan, "backend"), "OLLAMA_HOST"), "http://gpu:11434");
    assert_true(
        planned("mode: local_fullstack\nllm_defaults: {provider: ollama, base_url: \"http://127.0.0.1:9\"}\n",
                "ollama")
            ->remote);
    assert_false(
        planned("mode: local_fullstack\nllm_defaults: {provider: openai, base_url: \"https://api.x/v1\"}\n"
                "sidecars: {ollama: {}}\n",
                "ollama")
            ->remote);
}

static void remote_slim_launches_web_and_probes_the_backend(void **state)
{
    const struct sidecar_plan *web =
        planned("mode: remote_slim\nbackend_url: https://b.example/base/\nsidecars: {ollama: {}}\n", "web");
    assert_int_equal(plan.sidecar_count, 2);
    assert_string_equal(variable(web, "BACKEND_BASE_URL"), "https://b.example/base/");
    assert_string_equal(variable(web, "APP_RUNTIME_MODE"), "desktop_remote_slim");
    const struct sidecar_plan *backend = plan_find(&plan, "backend");
    assert_true(backend->remote);
    assert_false(backend->critical);
    assert_int_equal(backend->command.count, 0);
    assert_int_equal(backend->dependency_count, 0);
    assert_string_equal(backend->ready.url, "https://b.example/base/health/ready");
    assert_string_equal(backend->live.url, "https://b.example/base/health/ready");
    assert_string_equal(backend->url, "https://b.example/base/");
}

static void a_role_can_be_taken_under_another_name(void **state)
{
    const struct sidecar_plan *admin =
        planned("mode: local_fullstack\nsidecars: {admin: {role: web, port: 3100, title: Admin}}\n", "admin");
    assert_int_equal(admin->role, ROLE_WEB);
    assert_string_equal(admin->title, "Admin");
    assert_string_equal(variable(admin, "PORT"), "3100");
    assert_string_equal(admin->cwd, "/p/web");
}

static void what_the_profile_says_is_merged_over_the_role(void **state)
{
    const struct sidecar_plan *web =
        planned("mode: local_fullstack\nsidecars:\n  web:\n    command: [run, \"${port}\"]\n    args: [x]\n"
                "    env: {PORT: '1', MORE: y}\n    cwd: /elsewhere\n"
                "    ready: {http: {path: /up}, interval: 1s}\n    live: {http: {path: /live}}\n",
                "web");
    assert_string_equal(joined(&web->command), "/usr/bin/run 3000 x");
    assert_string_equal(web->cwd, "/elsewhere");
    assert_string_equal(variable(web, "PORT"), "1");
    assert_string_equal(variable(web, "MORE"), "y");
    assert_string_equal(variable(web, "BACKEND_BASE_URL"), "http://127.0.0.1:8080");
    assert_int_equal(web->required_paths.count, 0);
    assert_string_equal(web->ready.path, "/up");
    assert_int_equal(web->ready.statuses[0].from, 100);
    assert_int_equal(web->ready.interval_ms, 1000);
    assert_int_equal(web->live.kind, PROBE_HTTP);
    assert_int_equal(web->live.statuses[0].from, 200);
}

static void a_probe_of_another_kind_replaces_the_roles(void **state)
{
    const struct sidecar_plan *ollama = planned(
        "mode: local_fullstack\nsidecars: {ollama: {ready: {tcp: {}}, critical: true, adopt: never}}\n",
        "ollama");
    assert_int_equal(ollama->ready.kind, PROBE_TCP);
    assert_int_equal(ollama->ready.port, 11434);
    assert_int_equal(ollama->ready.timeout_ms, 35000);
    assert_true(ollama->critical);
    assert_false(ollama->adopt);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(web, world_begin, world_end),
        cmocka_unit_test_setup_teardown(web_in_development, world_begin, world_end),
        cmocka_unit_test_setup_teardown(backend, world_begin, world_end),
        cmocka_unit_test_setup_teardown(mongo_by_mongod, world_begin, world_end),
        cmocka_unit_test_setup_teardown(mongo_by_ferretdb, world_begin, world_end),
        cmocka_unit_test_setup_teardown(ferretdb_refuses_a_folder_that_it_would_misread, world_begin,
                                        world_end),
        cmocka_unit_test_setup_teardown(no_mongo_means_one_that_runs_elsewhere, world_begin, world_end),
        cmocka_unit_test_setup_teardown(mongodb_uri_says_where_the_other_one_is, world_begin, world_end),
        cmocka_unit_test_setup_teardown(ollama_is_there_where_it_is_asked_for, world_begin, world_end),
        cmocka_unit_test_setup_teardown(a_bundled_ollama_keeps_its_models_in_data_dir, world_begin,
                                        world_end),
        cmocka_unit_test_setup_teardown(base_url_says_where_another_ollama_is, world_begin, world_end),
        cmocka_unit_test_setup_teardown(remote_slim_launches_web_and_probes_the_backend, world_begin,
                                        world_end),
        cmocka_unit_test_setup_teardown(a_role_can_be_taken_under_another_name, world_begin, world_end),
        cmocka_unit_test_setup_teardown(what_the_profile_says_is_merged_over_the_role, world_begin,
                                        world_end),
        cmocka_unit_test_setup_teardown(a_probe_of_another_kind_replaces_the_roles, world_begin, world_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
