#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <cjson/cJSON.h>

#include "base/memory.h"
#include "base/text.h"
#include "cli/runtime_info.h"
#include "cli/smoke_report.h"

static void test_tap(void **state)
{
    struct smoke_report report = {0};
    struct text out = {0};
    smoke_report_add(&report, true, NULL, "%s is #1", "web");
    assert_true(smoke_report_passed(&report));
    smoke_report_add(&report, false, memory_copy_text("line \"one\"\nline two"), "backend");
    assert_false(smoke_report_passed(&report));
    smoke_report_tap(&report, &out);
    assert_string_equal(out.data, "TAP version 14\nok 1 - web is \\#1\nnot ok 2 - backend\n  ---\n"
                                  "  message: \"line \\\"one\\\"\\nline two\"\n  ...\n1..2\n");
    text_clear(&out);
    smoke_report_junit(&report, 1.5, &out);
    assert_non_null(strstr(out.data, "tests=\"2\" failures=\"1\" time=\"1.500\""));
    assert_non_null(strstr(out.data, "<failure message=\"line &quot;one&quot;\nline two\"/>"));
    text_finish(&out);
    smoke_report_finish(&report);
}

static void test_rows(void **state)
{
    cJSON *status = cJSON_Parse(
        "{\"sidecars\":["
        "{\"name\":\"web\",\"state\":\"ready\",\"started_at_ms\":1000,\"ready_at_ms\":2200,"
        "\"probe\":{\"kind\":\"http\",\"ok\":true}},"
        "{\"name\":\"late\",\"state\":\"ready\",\"probe\":{\"kind\":\"tcp\",\"ok\":false}},"
        "{\"name\":\"off\",\"state\":\"stopped\"},"
        "{\"name\":\"backend\",\"state\":\"failed\",\"last_error\":\"exited with code 3\","
        "\"error\":{\"remedy\":\"install app\"},\"last_exit\":{\"stderr\":\"no module named app\"}}]}");
    struct smoke_report report = {0};
    smoke_report_add_rows(&report, status);
    assert_int_equal(report.count, 3);
    assert_true(report.checks[0].passed);
    assert_string_equal(report.checks[0].name, "web is ready (http probe, after 1.2 s)");
    assert_false(report.checks[1].passed);
    assert_false(report.checks[2].passed);
    assert_string_equal(report.checks[2].detail,
                        "backend is failed: exited with code 3; install app\nstderr:\nno module named app");
    smoke_report_finish(&report);
    cJSON_Delete(status);
}

static void expect_fault(int status, const char *body, const char *mode, const char *expected)
{
    char *fault = runtime_info_fault(status, body, mode);
    if (expected)
        assert_string_equal(fault, expected);
    else
        assert_null(fault);
    free(fault);
}

static void test_runtime_info(void **state)
{
    const char *mode = "desktop_local_fullstack";
    expect_fault(200, "{\"mode\":\"desktop_local_fullstack\",\"backend_origin\":\"local\"}", mode, NULL);
    expect_fault(200, "{\"anything\":1}", NULL, NULL);
    expect_fault(500, "{}", mode, "it answered with status 500");
    expect_fault(200, "hello", mode, "its answer is no JSON object");
    expect_fault(200, "[]", NULL, "its answer is no JSON object");
    expect_fault(200, "{\"backend_origin\":\"local\"}", mode,
                 "its mode is missing, expected \"desktop_local_fullstack\"");
    expect_fault(200, "{\"mode\":\"x\",\"backend_origin\":\"local\"}", mode,
                 "its mode is \"x\", expected \"desktop_local_fullstack\"");
    expect_fault(200, "{\"mode\":\"desktop_local_fullstack\"}", mode, "its backend_origin is missing");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tap),
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_runtime_info),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
