#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>
#include <cmocka.h>

#include "feed/event.h"

static const struct event sample = {
    .ts_ms = 1767225600123,
    .seq = 4711,
    .level = LEVEL_WARN,
    .source = "backend",
    .kind = "sidecar.exited",
    .message = "backend exited with code 3; restart 2 of 6 in 400 ms",
};

static void an_event_is_one_line_with_the_fields_of_the_specification(void **state)
{
    cJSON *data = cJSON_Parse("{\"code\":3,\"signal\":null}");
    struct event event = sample;
    event.data = data;
    char *line = event_to_line(&event);
    assert_string_equal(line,
                        "{\"ts_ms\":1767225600123,\"level\":\"warn\",\"source\":\"backend\","
                        "\"message\":\"backend exited with code 3; restart 2 of 6 in 400 ms\","
                        "\"seq\":4711,\"kind\":\"sidecar.exited\",\"data\":{\"code\":3,\"signal\":null}}");
    free(line);
    cJSON_Delete(data);
}

static void an_event_without_data_has_an_empty_object(void **state)
{
    char *line = event_to_line(&sample);
    assert_non_null(strstr(line, "\"data\":{}}"));
    free(line);
}

static void what_is_not_utf8_is_replaced(void **state)
{
    cJSON *data = cJSON_CreateObject();
    cJSON_AddStringToObject(data, "stderr", "\xC3(");
    struct event event = sample;
    event.message = "line\nwith \"quotes\" and \xFF";
    event.data = data;
    char *line = event_to_line(&event);
    assert_non_null(strstr(line, "line\\nwith \\\"quotes\\\" and \xEF\xBF\xBD\""));
    assert_non_null(strstr(line, "\"stderr\":\"\xEF\xBF\xBD(\""));
    assert_null(strchr(line, '\n'));
    free(line);
    cJSON_Delete(data);
}

static void an_event_comes_back_from_its_line(void **state)
{
    char *line = event_to_line(&sample);
    cJSON *object = cJSON_Parse(line);
    struct event event;
    assert_true(event_from_json(object, &event));
    assert_int_equal(event.ts_ms, sample.ts_ms);
    assert_int_equal(event.seq, sample.seq);
    assert_int_equal(event.level, sample.level);
    assert_string_equal(event.source, sample.source);
    assert_string_equal(event.kind, sample.kind);
    assert_string_equal(event.message, sample.message);
    cJSON_Delete(object);
    free(line);
}

static void what_lacks_a_basic_field_is_no_event(void **state)
{
    static const char *const bad[] = {
        "null",
        "[]",
        "{}",
        "{\"ts_ms\":1,\"level\":\"info\",\"source\":\"x\"}",
        "{\"ts_ms\":\"1\",\"level\":\"info\",\"source\":\"x\",\"message\":\"m\"}",
        "{\"ts_ms\":1,\"level\":\"loud\",\"source\":\"x\",\"message\":\"m\"}",
        "{\"ts_ms\":-1,\"level\":\"info\",\"source\":\"x\",\"message\":\"m\"}",
        "{\"ts_ms\":1e99,\"level\":\"info\",\"source\":\"x\",\"message\":\"m\"}",
    };
    struct event event;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        cJSON *object = cJSON_Parse(bad[i]);
        assert_non_null(object);
        assert_false(event_from_json(object, &event));
        cJSON_Delete(object);
    }
    cJSON *basic = cJSON_Parse("{\"ts_ms\":1,\"level\":\"info\",\"source\":\"x\",\"message\":\"m\"}");
    assert_true(event_from_json(basic, &event));
    assert_int_equal(event.seq, 0);
    cJSON_Delete(basic);
}

static bool ends_with(const char *text, const char *ending)
{
    size_t length = strlen(text);
    return length >= strlen(ending) && strcmp(text + length - strlen(ending), ending) == 0;
}

static void kinds_have_the_levels_of_the_specification(void **state)
{
    static const char *const errors[] = {".failed", ".corrupt", ".rejected"};
    static const char *const warnings[] = {".exited",    ".unhealthy",     ".lost",    ".degraded",
                                           ".recovered", ".orphans_swept", ".exposed", ".slow_start",
                                           ".limit",     ".denied"};
    for (int kind = 0; kind < EVENT_KIND_COUNT; kind++) {
        const char *name = event_kind_name((enum event_kind)kind);
        enum event_level wanted = LEVEL_INFO;
        for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++)
            wanted = ends_with(name, errors[i]) ? LEVEL_ERROR : wanted;
        for (size_t i = 0; i < sizeof warnings / sizeof warnings[0]; i++)
            wanted = ends_with(name, warnings[i]) ? LEVEL_WARN : wanted;
        assert_int_equal(event_kind_level((enum event_kind)kind), wanted);
    }
}

static void levels_have_names(void **state)
{
    enum event_level level;
    assert_true(event_level_from_name("debug", &level));
    assert_int_equal(level, LEVEL_DEBUG);
    assert_true(event_level_from_name("error", &level));
    assert_int_equal(level, LEVEL_ERROR);
    assert_false(event_level_from_name("Error", &level));
    assert_string_equal(event_level_name(LEVEL_WARN), "warn");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_event_is_one_line_with_the_fields_of_the_specification),
        cmocka_unit_test(an_event_without_data_has_an_empty_object),
        cmocka_unit_test(what_is_not_utf8_is_replaced),
        cmocka_unit_test(an_event_comes_back_from_its_line),
        cmocka_unit_test(what_lacks_a_basic_field_is_no_event),
        cmocka_unit_test(kinds_have_the_levels_of_the_specification),
        cmocka_unit_test(levels_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
