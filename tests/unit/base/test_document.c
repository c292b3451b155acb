#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>
#include <cmocka.h>

#include "document_fixture.h"

static void assert_merges(const char *base_text, const char *over_text, enum document_null null_does,
                          const char *expected)
{
    struct document *base = read_text(DOCUMENT_JSON, base_text);
    struct document *over = read_text(DOCUMENT_JSON, over_text);
    document_merge(base, over, null_does);
    document_destroy(over);
    cJSON *json = document_to_json(base);
    char *printed = cJSON_PrintUnformatted(json);
    assert_string_equal(printed, expected);
    cJSON_free(printed);
    cJSON_Delete(json);
    document_destroy(base);
}

static void maps_merge_by_key_and_the_rest_is_replaced(void **state)
{
    assert_merges("{\"a\":1,\"b\":{\"c\":[1,2],\"d\":3}}", "{\"b\":{\"c\":[9]},\"e\":{\"f\":1}}",
                  DOCUMENT_NULL_KEEPS, "{\"a\":1,\"b\":{\"c\":[9],\"d\":3},\"e\":{\"f\":1}}");
    assert_merges("{\"a\":{\"b\":1}}", "{\"a\":7}", DOCUMENT_NULL_KEEPS, "{\"a\":7}");
    assert_merges("{\"a\":7}", "{\"a\":{\"b\":1}}", DOCUMENT_NULL_KEEPS, "{\"a\":{\"b\":1}}");
}

static void null_keeps_or_removes(void **state)
{
    assert_merges("{\"a\":1,\"b\":2}", "{\"a\":null}", DOCUMENT_NULL_KEEPS, "{\"a\":1,\"b\":2}");
    assert_merges("{\"a\":1,\"b\":2}", "{\"a\":null,\"c\":null}", DOCUMENT_NULL_REMOVES, "{\"b\":2}");
}

static void what_was_laid_over_brings_its_place(void **state)
{
    struct document *base = read_text(DOCUMENT_JSON, "{\"a\":1}");
    struct document *over = read_text(DOCUMENT_JSON, "{\n  \"a\": 2}");
    document_merge(base, over, DOCUMENT_NULL_KEEPS);
    assert_int_equal(document_member(base, "a")->line, 2);
    assert_int_equal(document_get(base, "a")->line, 2);
    assert_int_equal(document_get(base, "a")->column, 8);
    document_destroy(over);
    document_destroy(base);
}

static void assert_described(const char *json, const char *expected)
{
    struct document *root = read_text(DOCUMENT_JSON, json);
    char *described = document_describe(root);
    assert_string_equal(described, expected);
    free(described);
    document_destroy(root);
}

static void values_are_described_in_one_short_line(void **state)
{
    assert_described("\"80a\"", "\"80a\"");
    assert_described("70000", "70000");
    assert_described("7.50e2", "7.50e2");
    assert_described("false", "false");
    assert_described("null", "null");
    assert_described("[1]", "a list");
    assert_described("{}", "an object");
    assert_described("\"a\\n\\\"b\\\\\\u0001\"", "\"a\\n\\\"b\\\\\\u0001\"");
    assert_described("\"12345678901234567890123456789012345678901234567890123456789\xc3\xa9z\"",
                     "\"12345678901234567890123456789012345678901234567890123456789...\"");
}

static void paths_name_the_way(void **state)
{
    struct document_path sidecars = {.key = "sidecars"};
    struct document_path name = {.parent = &sidecars, .key = "a.b"};
    struct document_path command = {.parent = &name, .key = "command"};
    struct document_path item = {.parent = &command, .index = 2};
    char *path = document_path_text(&item);
    assert_string_equal(path, "sidecars[\"a.b\"].command[2]");
    free(path);
    assert_null(document_path_text(NULL));
}

static void integers_may_be_written_as_fractions(void **state)
{
    static const struct {
        const char *json;
        bool integer;
    } cases[] = {{"3000.0", true},
                 {"3e3", true},
                 {"-0", true},
                 {"80.5", false},
                 {"1e300", false},
                 {"\"5\"", false},
                 {"9007199254740991", true},
                 {"9007199254740993", false}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct document *root = read_text(DOCUMENT_JSON, cases[i].json);
        assert_int_equal(document_is_integer(root), cases[i].integer);
        document_destroy(root);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(maps_merge_by_key_and_the_rest_is_replaced),
        cmocka_unit_test(null_keeps_or_removes),
        cmocka_unit_test(what_was_laid_over_brings_its_place),
        cmocka_unit_test(values_are_described_in_one_short_line),
        cmocka_unit_test(paths_name_the_way),
        cmocka_unit_test(integers_may_be_written_as_fractions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
