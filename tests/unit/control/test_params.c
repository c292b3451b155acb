#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <cjson/cJSON.h>

#include "control/params.h"

static cJSON *document;

static struct params params_of(const char *text)
{
    cJSON_Delete(document);
    document = text ? cJSON_Parse(text) : NULL;
    struct params params;
    params_init(&params, document);
    return params;
}

static int teardown(void **state)
{
    cJSON_Delete(document);
    document = NULL;
    return 0;
}

static void test_absent(void **state)
{
    const char *absent[] = {NULL, "{}", "[]", "{\"limit\":null,\"detail\":null,\"level\":null,\"more\":1}"};
    const char *const levels[] = {"info", NULL};
    for (size_t i = 0; i < 4; i++) {
        struct params params = params_of(absent[i]);
        assert_int_equal(params_integer(&params, "limit", 80), 80);
        assert_true(params_flag(&params, "detail", true));
        assert_null(params_text(&params, "source"));
        assert_null(params_choice(&params, "level", levels));
        assert_false(params_has(&params, "limit"));
        assert_null(params.fault);
        params_finish(&params);
    }
}

static void test_values(void **state)
{
    const char *const levels[] = {"info", "warn", NULL};
    struct params params =
        params_of("{\"limit\":-3,\"big\":9007199254740991,\"detail\":false,\"level\":\"warn\","
                  "\"name\":\"web\",\"whole\":5.0}");
    assert_int_equal(params_integer(&params, "limit", 80), -3);
    assert_int_equal(params_integer(&params, "big", 0), 9007199254740991);
    assert_int_equal(params_integer(&params, "whole", 0), 5);
    assert_false(params_flag(&params, "detail", true));
    assert_string_equal(params_choice(&params, "level", levels), "warn");
    assert_string_equal(params_needed_text(&params, "name"), "web");
    assert_null(params.fault);
    params_finish(&params);
}

static void test_faults(void **state)
{
    const char *const levels[] = {"info", "warn", NULL};
    struct params params = params_of("{\"limit\":\"abc\"}");
    params_integer(&params, "limit", 80);
    assert_string_equal(params.fault, "limit: expected an integer, got \"abc\"");
    params_finish(&params);

    params = params_of("{\"limit\":1.5,\"detail\":1,\"level\":\"loud\",\"name\":\"\"}");
    params_integer(&params, "limit", 80);
    params_flag(&params, "detail", false);
    assert_string_equal(params.fault, "limit: expected an integer, got 1.5");
    params_finish(&params);

    params = params_of("{\"limit\":1e30,\"level\":\"loud\",\"name\":\"\"}");
    params_choice(&params, "level", levels);
    assert_string_equal(params.fault, "level: expected one of \"info\", \"warn\", got \"loud\"");
    params_finish(&params);

    params = params_of("{\"Name\":\"web\"}");
    assert_string_equal(params_needed_text(&params, "name"), "");
    assert_string_equal(params.fault, "name: expected a text that is not empty, it is missing");
    params_finish(&params);

    params = params_of("[1]");
    assert_non_null(params.fault);
    params_finish(&params);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_absent, teardown),
        cmocka_unit_test_teardown(test_values, teardown),
        cmocka_unit_test_teardown(test_faults, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
