#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <cjson/cJSON.h>

#include "base/text.h"
#include "cli/readiness.h"

#define ROW(name, state)    "{\"name\":\"" name "\",\"state\":\"" state "\",\"last_error\":null}"
#define BROKEN(name, state) "{\"name\":\"" name "\",\"state\":\"" state "\",\"last_error\":\"why\"}"
#define REMOTE(name, ok)    "{\"name\":\"" name "\",\"state\":\"remote\",\"probe\":{\"ok\":" ok "}}"

static enum readiness judge(const char *state, const char *rows, const char *name, const char *expected_why)
{
    char *text = text_format("{\"state\":\"%s\",\"sidecars\":[%s]}", state, rows);
    cJSON *status = cJSON_Parse(text);
    assert_non_null(status);
    struct strings names = {0};
    struct text why = {0};
    if (name)
        strings_add(&names, name);
    enum readiness readiness = readiness_of_status(status, &names, &why);
    assert_string_equal(text_get(&why), expected_why);
    text_finish(&why);
    strings_finish(&names);
    cJSON_Delete(status);
    free(text);
    return readiness;
}

static void test_all(void **state)
{
    assert_int_equal(
        judge("ready", ROW("a", "ready") "," ROW("b", "adopted") "," ROW("c", "completed"), NULL, ""),
        READINESS_READY);
    assert_int_equal(judge("ready", ROW("a", "ready") "," ROW("b", "stopped"), NULL, ""), READINESS_READY);
    assert_int_equal(judge("starting", ROW("a", "ready") "," ROW("b", "starting"), NULL, "b is starting"),
                     READINESS_PENDING);
    assert_int_equal(judge("degraded", BROKEN("a", "backoff"), NULL, "a is backoff: why"), READINESS_PENDING);
    assert_int_equal(judge("stopped", ROW("a", "stopped"), NULL, "the runtime is stopped"),
                     READINESS_PENDING);
}

static void test_a_failed_one_ends_the_wait(void **state)
{
    assert_int_equal(judge("starting",
                           ROW("a", "starting") "," BROKEN("b", "failed") "," ROW("c", "starting"), NULL,
                           "b is failed: why"),
                     READINESS_FAILED);
    assert_int_equal(judge("starting", BROKEN("a", "waiting"), NULL, "a is waiting: why"), READINESS_FAILED);
    assert_int_equal(judge("starting", ROW("a", "waiting"), NULL, "a is waiting"), READINESS_PENDING);
}

static void test_remote(void **state)
{
    assert_int_equal(judge("ready", REMOTE("a", "true"), NULL, ""), READINESS_READY);
    assert_int_equal(judge("degraded", REMOTE("a", "false"), NULL, "a is remote"), READINESS_PENDING);
    assert_int_equal(judge("degraded", REMOTE("a", "null"), NULL, "a is remote"), READINESS_PENDING);
}

static void test_names(void **state)
{
    const char *rows = ROW("a", "ready") "," BROKEN("b", "failed") "," ROW("c", "stopped");
    assert_int_equal(judge("failed", rows, "a", ""), READINESS_READY);
    assert_int_equal(judge("failed", rows, "b", "b is failed: why"), READINESS_FAILED);
    assert_int_equal(judge("failed", rows, "c", "c is stopped"), READINESS_PENDING);
    assert_int_equal(judge("failed", rows, "x", "no sidecar is named 'x'"), READINESS_UNKNOWN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all),
        cmocka_unit_test(test_a_failed_one_ends_the_wait),
        cmocka_unit_test(test_remote),
        cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
