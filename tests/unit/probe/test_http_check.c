#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "probe/http_check.h"

/* Header lines (NULL-terminated list), status and body, fed as they come; *reason as the check gives it. */
static enum http_verdict verdict_of(const struct probe_plan *plan, int status, const char *const *headers,
                                    const char *body, char **reason)
{
    struct http_check check;
    http_check_init(&check, plan);
    for (; headers && *headers; headers++)
        http_check_header(&check, *headers, strlen(*headers));
    enum http_verdict verdict = http_check_head(&check, status);
    if (verdict == HTTP_UNDECIDED) {
        http_check_data(&check, body, strlen(body));
        verdict = http_check_body(&check);
    }
    *reason = memory_copy_text(check.reason);
    http_check_finish(&check);
    return verdict;
}

static void expect_good(const struct probe_plan *plan, int status, const char *const *headers,
                        const char *body)
{
    char *reason;
    assert_int_equal(verdict_of(plan, status, headers, body, &reason), HTTP_GOOD);
    assert_null(reason);
}

static void expect_bad(const struct probe_plan *plan, int status, const char *const *headers,
                       const char *body, const char *wanted)
{
    char *reason;
    assert_int_equal(verdict_of(plan, status, headers, body, &reason), HTTP_BAD);
    assert_string_equal(reason, wanted);
    free(reason);
}

static void a_status_from_200_to_399_is_wanted_by_default(void **state)
{
    const struct probe_plan plan = {.kind = PROBE_HTTP};
    expect_good(&plan, 200, NULL, "");
    expect_good(&plan, 302, NULL, "");
    expect_good(&plan, 399, NULL, "");
    expect_bad(&plan, 400, NULL, "", "answered 400, wanted 200-399");
    expect_bad(&plan, 503, NULL, "", "answered 503, wanted 200-399");
}

static void statuses_are_ranges(void **state)
{
    struct status_range ranges[] = {{200, 299}, {404, 404}};
    const struct probe_plan plan = {.kind = PROBE_HTTP, .statuses = ranges, .status_count = 2};
    expect_good(&plan, 204, NULL, "");
    expect_good(&plan, 404, NULL, "");
    expect_bad(&plan, 302, NULL, "", "answered 302, wanted 200-299, 404");
}

static void a_body_can_be_asked_for(void **state)
{
    const struct probe_plan plan = {.kind = PROBE_HTTP, .body = "\"status\": *\"ok\""};
    expect_good(&plan, 200, NULL, "{\"status\":\"ok\"}");
    expect_bad(&plan, 200, NULL, "{\"status\":\"no\"}",
               "the body of the answer does not match \"status\": *\"ok\"");
    expect_bad(&plan, 503, NULL, "{\"status\":\"ok\"}", "answered 503, wanted 200-399");
    const struct probe_plan wrong = {.kind = PROBE_HTTP, .body = "("};
    char *reason;
    assert_int_equal(verdict_of(&wrong, 200, NULL, "x", &reason), HTTP_BAD);
    assert_non_null(strstr(reason, "not valid"));
    free(reason);
}

static void a_header_tells_who_it_is(void **state)
{
    struct probe_plan plan = {.kind = PROBE_HTTP};
    strings_add(&plan.expect_header, "X-App-Build=1.2.0");
    const char *const same[] = {"Server: x\r\n", "x-app-BUILD:  1.2.0 \r\n", NULL};
    const char *const other[] = {"X-App-Build: 1.1.9\r\n", NULL};
    const char *const longer[] = {"X-App-Builder: 1.2.0\r\n", "no colon\r\n", NULL};
    const char *const twice[] = {"X-App-Build: 1\r\n", "X-App-Build: 1.2.0", NULL};
    expect_good(&plan, 200, same, "");
    expect_good(&plan, 200, twice, "");
    expect_bad(&plan, 200, other, "",
               "answered by another program: header X-App-Build is \"1.1.9\", wanted \"1.2.0\"");
    expect_bad(&plan, 200, longer, "",
               "answered by another program: no header X-App-Build, wanted \"1.2.0\"");
    strings_finish(&plan.expect_header);
}

static void a_field_tells_who_it_is(void **state)
{
    struct probe_plan plan = {.kind = PROBE_HTTP};
    strings_add(&plan.expect_json, "build.version=\"1.2.0\"");
    strings_add(&plan.expect_json, "build.number=7");
    expect_good(&plan, 200, NULL, "{\"build\": {\"version\": \"1.2.0\", \"number\": 7}}");
    expect_good(&plan, 200, NULL, "{\"build.version\": \"1.2.0\", \"build\": {\"number\": 7.0}}");
    expect_bad(&plan, 200, NULL, "{\"build\": {\"version\": \"1.1.9\", \"number\": 7}}",
               "answered by another program: build.version is \"1.1.9\", wanted \"1.2.0\"");
    expect_bad(&plan, 200, NULL, "{\"build\": {\"version\": \"1.2.0\", \"number\": \"7\"}}",
               "answered by another program: build.number is \"7\", wanted 7");
    expect_bad(&plan, 200, NULL, "{\"build\": 3}",
               "answered by another program: no field build.version, wanted \"1.2.0\"");
    expect_bad(&plan, 200, NULL, "[]",
               "answered by another program: no field build.version, wanted \"1.2.0\"");
    expect_bad(&plan, 200, NULL, "<html>", "the answer is not JSON, so that its identity is unknown");
    expect_bad(&plan, 200, NULL, "", "the answer is not JSON, so that its identity is unknown");
    strings_finish(&plan.expect_json);
}

static void a_foreign_value_is_shown_in_one_short_line(void **state)
{
    struct probe_plan plan = {.kind = PROBE_HTTP};
    strings_add(&plan.expect_header, "X-Build=1");
    char line[1000] = "X-Build: \x1b[31m\x01";
    memset(line + 15, 'x', sizeof(line) - 16);
    line[20] = (char)0xff;
    const char *const headers[] = {line, NULL};
    char *reason;
    assert_int_equal(verdict_of(&plan, 200, headers, "", &reason), HTTP_BAD);
    assert_true(strlen(reason) < 200);
    for (const char *at = reason; *at; at++)
        assert_true((unsigned char)*at >= 0x20);
    assert_non_null(strstr(reason, "..."));
    free(reason);
    strings_finish(&plan.expect_header);
}

static void a_body_without_end_is_read_up_to_the_limit(void **state)
{
    const struct probe_plan plan = {.kind = PROBE_HTTP, .body = "never"};
    struct http_check check;
    char piece[5000];
    memset(piece, 'x', sizeof(piece));
    http_check_init(&check, &plan);
    assert_int_equal(http_check_head(&check, 200), HTTP_UNDECIDED);
    for (int i = 0; i < 1000; i++)
        http_check_data(&check, piece, sizeof(piece));
    assert_int_equal(check.body.length, HTTP_CHECK_LIMIT);
    assert_int_equal(http_check_body(&check), HTTP_BAD);
    http_check_finish(&check);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_status_from_200_to_399_is_wanted_by_default),
        cmocka_unit_test(statuses_are_ranges),
        cmocka_unit_test(a_body_can_be_asked_for),
        cmocka_unit_test(a_header_tells_who_it_is),
        cmocka_unit_test(a_field_tells_who_it_is),
        cmocka_unit_test(a_foreign_value_is_shown_in_one_short_line),
        cmocka_unit_test(a_body_without_end_is_read_up_to_the_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
