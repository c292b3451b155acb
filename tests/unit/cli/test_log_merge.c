#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <cjson/cJSON.h>

#include "cli/fields.h"
#include "cli/log_merge.h"

static void test_in_order_of_time(void **state)
{
    cJSON *results[3] = {
        cJSON_Parse("{\"lines\":[{\"ts_ms\":1,\"text\":\"a1\"},{\"ts_ms\":5,\"text\":\"a5\"}]}"),
        NULL,
        cJSON_Parse("{\"lines\":[{\"ts_ms\":1,\"text\":\"b1\"},{\"ts_ms\":2,\"text\":\"b2\"},{\"ts_ms\":9,"
                    "\"text\":\"b9\"}]}"),
    };
    const char *expected[] = {"a1", "b1", "b2", "a5", "b9"};
    struct log_merge merge;
    log_merge_init(&merge, results, 3);
    size_t from = 7;
    for (size_t i = 0; i < 5; i++) {
        const cJSON *line = log_merge_next(&merge, &from);
        assert_string_equal(field_text(line, "text", ""), expected[i]);
        assert_int_equal(from, expected[i][0] == 'a' ? 0 : 2);
    }
    assert_null(log_merge_next(&merge, &from));
    log_merge_finish(&merge);
    cJSON_Delete(results[0]);
    cJSON_Delete(results[2]);
}

static void test_without_times(void **state)
{
    cJSON *results[2] = {
        cJSON_Parse("{\"lines\":[{\"ts_ms\":null,\"text\":\"a\"},{\"ts_ms\":null,\"text\":\"b\"}]}"),
        cJSON_Parse("{\"lines\":[{\"ts_ms\":null,\"text\":\"c\"}]}")};
    struct log_merge merge;
    log_merge_init(&merge, results, 2);
    size_t from;
    for (const char *expected = "abc"; *expected; expected++)
        assert_int_equal(field_text(log_merge_next(&merge, &from), "text", "?")[0], *expected);
    assert_null(log_merge_next(&merge, &from));
    log_merge_finish(&merge);
    cJSON_Delete(results[0]);
    cJSON_Delete(results[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_in_order_of_time),
        cmocka_unit_test(test_without_times),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
