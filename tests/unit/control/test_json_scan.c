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
#include "control/json_print.h"
#include "control/json_scan.h"

static bool scan(const char *text)
{
    return json_scan(text, strlen(text), 8, NULL);
}

static void test_good(void **state)
{
    const char *good[] = {
        "{}",
        "[]",
        " [ ] ",
        "null",
        "true",
        "false",
        "0",
        "-0",
        "-1.5e+10",
        "1E5",
        "\"\"",
        "\"a\\n\\\"\\u00e4\"",
        "\"\\ud83d\\ude00\"",
        "{\"a\":{\"b\":[1,2,{\"c\":null}]}}",
        "\t{\"a\" : 1 ,\r\n \"a\" : 2}",
        "[[[[[[[[]]]]]]]]",
        "\"\xc3\xa4\"",
        "123456789012345678901234567890",
    };
    for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++)
        if (!scan(good[i]))
            fail_msg("refused: %s", good[i]);
}

static void test_bad(void **state)
{
    const char *bad[] = {
        "",
        " ",
        "{",
        "}",
        "[",
        "]",
        "[1,]",
        "[,1]",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{a:1}",
        "{'a':1}",
        "01",
        "1.",
        ".5",
        "+1",
        "-",
        "1e",
        "1e+",
        "0x10",
        "NaN",
        "Infinity",
        "nul",
        "truee",
        "\"",
        "\"a",
        "\"\\x\"",
        "\"\\u12\"",
        "\"\\u0000\"",
        "\"\\ud83d\"",
        "\"\\ud83dx\"",
        "\"\\ude00\"",
        "\"\t\"",
        "{} {}",
        "1 2",
        "[1 2]",
        "{\"a\" 1}",
        "// x\n{}",
        "\v{}",
        "[[[[[[[[[]]]]]]]]]",
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
        if (scan(bad[i]))
            fail_msg("accepted: %s", bad[i]);
}

static void test_every_cut_of_a_good_text_is_bad(void **state)
{
    const char *whole = "{\"jsonrpc\":\"2.0\",\"id\":[\"x\\u00e4\",-1.5e3,true,null],\"params\":{\"a\":{}}}";
    assert_true(scan(whole));
    for (size_t length = 0; length < strlen(whole); length++) {
        /* A copy of that size, so that a sanitizer sees a read behind it. */
        char *cut = malloc(length ? length : 1);
        memcpy(cut, whole, length);
        assert_false(json_scan(cut, length, 8, NULL));
        free(cut);
    }
}

static void test_fault_says_where(void **state)
{
    struct json_fault fault;
    assert_false(json_scan("{\"a\":x}", 7, 8, &fault));
    assert_int_equal(fault.at, 5);
    assert_string_equal(fault.what, "expected a value");
}

static struct json_span span_of(const char *text)
{
    return (struct json_span){.data = text, .length = strlen(text)};
}

static void assert_span(struct json_span span, const char *expected)
{
    assert_non_null(span.data);
    assert_int_equal(span.length, strlen(expected));
    assert_memory_equal(span.data, expected, span.length);
}

static void test_member(void **state)
{
    struct json_span object = span_of("{ \"ids\" : {\"id\":1}, \"id\" : 12345678901234567890 , \"id\":2}");
    assert_span(json_member(object, "id"), "12345678901234567890");
    assert_span(json_member(object, "ids"), "{\"id\":1}");
    assert_null(json_member(object, "x").data);
    assert_null(json_member(span_of("{}"), "id").data);
}

static void test_elements(void **state)
{
    struct json_span array = span_of("[ 1 , [2,3],\"]\" ]");
    struct json_span element = json_next_element(array, (struct json_span){0});
    assert_span(element, "1");
    element = json_next_element(array, element);
    assert_span(element, "[2,3]");
    element = json_next_element(array, element);
    assert_span(element, "\"]\"");
    assert_null(json_next_element(array, element).data);
    assert_null(json_next_element(span_of("[]"), (struct json_span){0}).data);
}

static void assert_printed(cJSON *value, const char *expected)
{
    struct text out = {0};
    json_print(&out, value);
    assert_string_equal(text_get(&out), expected);
    text_finish(&out);
    cJSON_Delete(value);
}

static void test_print(void **state)
{
    assert_printed(cJSON_CreateNumber(1767225600123.0), "1767225600123");
    assert_printed(cJSON_CreateNumber(-9007199254740991.0), "-9007199254740991");
    assert_printed(cJSON_CreateNumber(0), "0");
    assert_printed(cJSON_CreateNumber(0.1), "0.1");
    assert_printed(cJSON_CreateNumber(1.0 / 3.0), "0.33333333333333331");
    assert_printed(cJSON_CreateNumber(1e300), "1e+300");
    assert_printed(cJSON_CreateNumber(1.0 / 0.0), "null");
    assert_printed(cJSON_CreateString("a\"\\\n\x01/\xc3\xa4"), "\"a\\\"\\\\\\n\\u0001/\xc3\xa4\"");
    assert_printed(cJSON_CreateString("\xff"), "\"\xEF\xBF\xBD\"");
    assert_printed(cJSON_CreateRaw("{\"raw\":1}"), "{\"raw\":1}");
    assert_printed(cJSON_Parse("{\"a\":[1,true,null,false,{}],\"b\":[]}"),
                   "{\"a\":[1,true,null,false,{}],\"b\":[]}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good),
        cmocka_unit_test(test_bad),
        cmocka_unit_test(test_every_cut_of_a_good_text_is_bad),
        cmocka_unit_test(test_fault_says_where),
        cmocka_unit_test(test_member),
        cmocka_unit_test(test_elements),
        cmocka_unit_test(test_print),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
