#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <cjson/cJSON.h>

#include "base/text.h"
#include "control/rpc_codec.h"

static struct rpc_message parse(const char *line)
{
    struct rpc_message message;
    rpc_parse(line, strlen(line), &message);
    assert_true(message.count > 0);
    return message;
}

static void assert_single_fault(const char *line, int code)
{
    struct rpc_message message = parse(line);
    if (message.batch || message.count != 1 || message.requests[0].fault_code != code)
        fail_msg("%.60s: code %d", line, message.requests[0].fault_code);
    assert_non_null(message.requests[0].fault);
    assert_non_null(message.requests[0].id);
    rpc_message_finish(&message);
}

static void test_request(void **state)
{
    struct rpc_message message = parse(
        " {\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"runtime_status\",\"params\":{\"detail\":true}} \r");
    struct rpc_request *request = &message.requests[0];
    assert_false(message.batch);
    assert_int_equal(request->fault_code, 0);
    assert_string_equal(request->id, "7");
    assert_string_equal(request->method, "runtime_status");
    assert_true(cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(request->params, "detail")));
    rpc_message_finish(&message);
}

static void test_ids_come_back_as_written(void **state)
{
    const char *ids[] = {"0",
                         "-1",
                         "1.0",
                         "1e2",
                         "9007199254740993",
                         "123456789012345678901234567890",
                         "\"a\"",
                         "\"\\u00e4\\/\"",
                         "\"\"",
                         "null"};
    for (size_t i = 0; i < sizeof(ids) / sizeof(*ids); i++) {
        char *line = text_format("{\"jsonrpc\":\"2.0\",\"method\":\"x\",\"id\": %s }", ids[i]);
        struct rpc_message message = parse(line);
        assert_int_equal(message.requests[0].fault_code, 0);
        assert_string_equal(message.requests[0].id, ids[i]);
        rpc_message_finish(&message);
        free(line);
    }
}

static void test_escaped_id_name(void **state)
{
    struct rpc_message message = parse("{\"jsonrpc\":\"2.0\",\"method\":\"x\",\"\\u0069d\":5}");
    assert_string_equal(message.requests[0].id, "5");
    rpc_message_finish(&message);
}

static void test_notification(void **state)
{
    struct rpc_message message = parse("{\"jsonrpc\":\"2.0\",\"method\":\"x\",\"params\":null}");
    assert_null(message.requests[0].id);
    assert_null(message.requests[0].params);
    assert_int_equal(message.requests[0].fault_code, 0);
    rpc_message_finish(&message);
}

static void test_parse_errors(void **state)
{
    const char *garbage[] = {
        "{",
        "}",
        "hello",
        "\x01\x02",
        "{\"jsonrpc\":\"2.0\"",
        "{} {}",
        "{\"a\":01}",
        "\xff\xfe{}",
        "[1,",
        "{\"jsonrpc\":\"2.0\",\"method\":\"a\\u0000b\",\"id\":1}",
        "GET / HTTP/1.1",
        "\xef\xbb\xbf{}",
    };
    for (size_t i = 0; i < sizeof(garbage) / sizeof(*garbage); i++)
        assert_single_fault(garbage[i], RPC_PARSE_ERROR);
}

static void test_nul_bytes(void **state)
{
    struct rpc_message message;
    rpc_parse("{\"a\":\0 1}", 9, &message);
    assert_int_equal(message.requests[0].fault_code, RPC_PARSE_ERROR);
    rpc_message_finish(&message);
}

static void test_deep_nesting(void **state)
{
    struct text line = {0};
    for (int i = 0; i < 100000; i++)
        text_append(&line, "[");
    assert_single_fault(line.data, RPC_PARSE_ERROR);
    text_finish(&line);
}

static void test_invalid_requests(void **state)
{
    const char *invalid[] = {
        "1",
        "\"x\"",
        "null",
        "true",
        "{}",
        "[]",
        "{\"jsonrpc\":\"2.0\"}",
        "{\"method\":\"x\",\"id\":1}",
        "{\"jsonrpc\":2.0,\"method\":\"x\",\"id\":1}",
        "{\"jsonrpc\":\"1.0\",\"method\":\"x\"}",
        "{\"jsonrpc\":\"2.0\",\"method\":1,\"id\":1}",
        "{\"jsonrpc\":\"2.0\",\"method\":\"x\",\"params\":\"y\"}",
        "{\"jsonrpc\":\"2.0\",\"method\":\"x\",\"id\":{}}",
        "{\"jsonrpc\":\"2.0\",\"method\":\"x\",\"id\":true}",
        "{\"JSONRPC\":\"2.0\",\"Method\":\"x\",\"id\":1}",
    };
    for (size_t i = 0; i < sizeof(invalid) / sizeof(*invalid); i++)
        assert_single_fault(invalid[i], RPC_INVALID_REQUEST);
}

static void test_an_invalid_request_keeps_its_id(void **state)
{
    struct rpc_message message = parse("{\"jsonrpc\":\"2.0\",\"method\":1,\"id\":\"q\"}");
    assert_string_equal(message.requests[0].id, "\"q\"");
    rpc_message_finish(&message);
    message = parse("{\"jsonrpc\":\"2.0\",\"method\":1,\"id\":[1]}");
    assert_string_equal(message.requests[0].id, "null");
    rpc_message_finish(&message);
}

static void test_batch(void **state)
{
    struct rpc_message message = parse("[{\"jsonrpc\":\"2.0\",\"method\":\"a\",\"id\":1}, 2,"
                                       " {\"jsonrpc\":\"2.0\",\"method\":\"b\"}]");
    assert_true(message.batch);
    assert_int_equal(message.count, 3);
    assert_string_equal(message.requests[0].id, "1");
    assert_int_equal(message.requests[1].fault_code, RPC_INVALID_REQUEST);
    assert_string_equal(message.requests[1].id, "null");
    assert_null(message.requests[2].id);
    assert_string_equal(message.requests[2].method, "b");
    rpc_message_finish(&message);
}

static void test_a_batch_has_bounds(void **state)
{
    struct text line = {0};
    text_append(&line, "[1");
    for (int i = 1; i < RPC_BATCH_MAX; i++)
        text_append(&line, ",1");
    struct text longer = {0};
    text_printf(&longer, "%s,1]", line.data);
    text_append(&line, "]");
    struct rpc_message message = parse(line.data);
    assert_true(message.batch);
    assert_int_equal(message.count, RPC_BATCH_MAX);
    rpc_message_finish(&message);
    assert_single_fault(longer.data, RPC_INVALID_REQUEST);
    text_finish(&line);
    text_finish(&longer);
}

/* Random bytes and damaged requests: anything may come out but a crash. */
static void test_garbage(void **state)
{
    const char *seed =
        "[{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"runtime_start\",\"params\":{\"mode\":\"x\"}},{}]";
    size_t length = strlen(seed);
    uint32_t random = 12345;
    for (int round = 0; round < 20000; round++) {
        char *line = malloc(length);
        memcpy(line, seed, length);
        for (int i = 0; i < 1 + round % 4; i++) {
            random = random * 1664525u + 1013904223u;
            line[(random >> 8) % length] = (char)(random >> 24);
        }
        struct rpc_message message;
        rpc_parse(line, length, &message);
        for (size_t i = 0; i < message.count; i++)
            assert_true((message.requests[i].method == NULL) == (message.requests[i].fault_code != 0));
        rpc_message_finish(&message);
        free(line);
    }
}

static void test_answers(void **state)
{
    struct text out = {0};
    cJSON *result = cJSON_Parse("{\"a\":[1]}");
    rpc_write_result(&out, "\"\\u00e4\"", result);
    assert_string_equal(out.data, "{\"jsonrpc\":\"2.0\",\"id\":\"\\u00e4\",\"result\":{\"a\":[1]}}");
    text_clear(&out);
    rpc_write_result(&out, "1", NULL);
    assert_string_equal(out.data, "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":null}");
    text_clear(&out);
    rpc_write_error(&out, "null", RPC_BUSY, "a \"b\"", result);
    assert_string_equal(out.data, "{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":-32000,\"message\":"
                                  "\"a \\\"b\\\"\",\"data\":{\"a\":[1]}}}");
    text_clear(&out);
    rpc_write_request(&out, "3", "shutdown", NULL);
    assert_string_equal(out.data, "{\"jsonrpc\":\"2.0\",\"id\":3,\"method\":\"shutdown\"}\n");
    text_clear(&out);
    rpc_write_notification(&out, "heartbeat", result);
    assert_string_equal(out.data, "{\"jsonrpc\":\"2.0\",\"method\":\"heartbeat\",\"params\":{\"a\":[1]}}\n");
    cJSON_Delete(result);
    text_finish(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_request),
        cmocka_unit_test(test_ids_come_back_as_written),
        cmocka_unit_test(test_escaped_id_name),
        cmocka_unit_test(test_notification),
        cmocka_unit_test(test_parse_errors),
        cmocka_unit_test(test_nul_bytes),
        cmocka_unit_test(test_deep_nesting),
        cmocka_unit_test(test_invalid_requests),
        cmocka_unit_test(test_an_invalid_request_keeps_its_id),
        cmocka_unit_test(test_batch),
        cmocka_unit_test(test_a_batch_has_bounds),
        cmocka_unit_test(test_garbage),
        cmocka_unit_test(test_answers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
