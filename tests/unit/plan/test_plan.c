#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>
#include <cmocka.h>

#include "base/memory.h"
#include "plan/plan.h"

static void modes_have_two_spellings(void **state)
{
    enum mode mode = MODE_LOCAL_FULLSTACK;
    assert_true(mode_from_name("remote_slim", &mode));
    assert_int_equal(mode, MODE_REMOTE_SLIM);
    assert_true(mode_from_name("desktop_local_fullstack", &mode));
    assert_int_equal(mode, MODE_LOCAL_FULLSTACK);
    assert_false(mode_from_name("local", &mode));
    assert_false(mode_from_name("", &mode));
    assert_string_equal(mode_name(MODE_REMOTE_SLIM), "remote_slim");
    assert_string_equal(mode_desktop_name(MODE_REMOTE_SLIM), "desktop_remote_slim");
}

static void names_are_those_of_the_wire(void **state)
{
    assert_string_equal(role_name(ROLE_CUSTOM), "custom");
    assert_string_equal(role_name(ROLE_OLLAMA), "ollama");
    assert_string_equal(probe_kind_name(PROBE_HTTP), "http");
    assert_string_equal(probe_kind_name(PROBE_NONE), "none");
}

static void only_what_is_launched_is_a_spec(void **state)
{
    struct plan plan = {.mode = MODE_LOCAL_FULLSTACK,
                        .web_port = 3000,
                        .backend_port = 8080,
                        .mongo_port = 27017,
                        .ollama_port = 11434};
    plan.sidecars = memory_new(2, sizeof(*plan.sidecars));
    plan.sidecar_count = 2;
    plan.sidecars[0].name = memory_copy_text("mongo");
    plan.sidecars[0].remote = true;
    struct sidecar_plan *web = &plan.sidecars[1];
    web->name = memory_copy_text("web");
    strings_add(&web->command, "/usr/bin/npm");
    strings_add(&web->command, "run");
    web->cwd = memory_copy_text("/w/web");
    strings_add(&web->env, "A=b=c");
    strings_add(&web->env, "EMPTY=");
    cJSON *json = plan_to_json(&plan);
    char *printed = cJSON_PrintUnformatted(json);
    assert_string_equal(printed, "{\"mode\":\"local_fullstack\",\"webPort\":3000,\"backendPort\":8080,"
                                 "\"mongoPort\":27017,\"ollamaPort\":11434,\"specs\":[{\"name\":\"web\","
                                 "\"cmd\":\"/usr/bin/npm\",\"args\":[\"run\"],\"cwd\":\"/w/web\","
                                 "\"env\":{\"A\":\"b=c\",\"EMPTY\":\"\"}}]}");
    cJSON_free(printed);
    cJSON_Delete(json);
    assert_ptr_equal(plan_find(&plan, "web"), web);
    assert_null(plan_find(&plan, "we"));
    plan_finish(&plan);
    assert_null(plan.sidecars);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(modes_have_two_spellings),
        cmocka_unit_test(names_are_those_of_the_wire),
        cmocka_unit_test(only_what_is_launched_is_a_spec),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
