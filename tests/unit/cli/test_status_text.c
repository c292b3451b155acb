#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <cjson/cJSON.h>

#include "base/text.h"
#include "cli/status_text.h"

static void test_table(void **state)
{
    cJSON *status = cJSON_Parse(
        "{\"state\":\"degraded\",\"mode\":\"local_fullstack\",\"supervisor\":{\"pid\":42,\"uptime_ms\":61000}"
        ","
        "\"diagnostics_error\":\"disk full\",\"sidecars\":["
        "{\"name\":\"web\",\"state\":\"ready\",\"pid\":7,\"port\":3000,\"started_at_ms\":1000000,"
        "\"restarts\":0,"
        "\"memory_bytes\":4404019,\"cpu_percent\":1.25,\"last_error\":null},"
        "{\"name\":\"backend\",\"state\":\"backoff\",\"pid\":null,\"port\":8080,\"started_at_ms\":1000000,"
        "\"restarts\":3,\"memory_bytes\":null,\"cpu_percent\":null,\"last_error\":\"exited\\nwith code "
        "3\"}]}");
    struct text out = {0};
    status_text(status, 1045000, 0, &out);
    assert_string_equal(
        out.data, "degraded (local_fullstack), supervisor pid 42, up 1 min 1 s\n\n"
                  "NAME     STATE    PID  PORT  UPTIME  RESTARTS   MEMORY    CPU  LAST ERROR\n"
                  "web      ready      7  3000    45 s         0  4.2 MiB  1.2 %\n"
                  "backend  backoff    -  8080       -         3        -      -  exited with code 3\n\n"
                  "the event feed cannot be written: disk full\n");
    text_finish(&out);
    cJSON_Delete(status);
}

static void test_while_starting(void **state)
{
    cJSON *status = cJSON_Parse(
        "{\"state\":\"starting\",\"mode\":\"remote_slim\",\"supervisor\":{\"pid\":42,\"uptime_ms\":500},"
        "\"startup\":{\"step\":\"web\",\"message\":\"waiting for web\",\"percent\":50}}");
    struct text out = {0};
    status_text(status, 0, 0, &out);
    assert_non_null(strstr(out.data, "up 0.50 s\n50 %: waiting for web\n\n"));
    text_finish(&out);
    cJSON_Delete(status);
}

static void test_a_status_of_another_version(void **state)
{
    cJSON *status = cJSON_Parse("{\"sidecars\":[{}]}");
    struct text out = {0};
    status_text(status, 0, 80, &out);
    assert_non_null(strstr(out.data, "?"));
    text_finish(&out);
    cJSON_Delete(status);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),
        cmocka_unit_test(test_while_starting),
        cmocka_unit_test(test_a_status_of_another_version),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
