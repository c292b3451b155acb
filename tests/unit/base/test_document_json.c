#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "base/text.h"
#include "document_fixture.h"

static void what_is_json_is_read(void **state)
{
    assert_means(DOCUMENT_JSON, "{}", "{}");
    assert_means(DOCUMENT_JSON, " [ ] ", "[]");
    assert_means(DOCUMENT_JSON, "null", "null");
    assert_means(DOCUMENT_JSON, "[true,false,null,0,-0.5,1e3,\"x\"]", "[true,false,null,0,-0.5,1000,\"x\"]");
    assert_means(DOCUMENT_JSON, "{\"a\":{\"b\":[1,{\"c\":2}]},\"\":3}",
                 "{\"a\":{\"b\":[1,{\"c\":2}]},\"\":3}");
    assert_means(DOCUMENT_JSON, "[\"\\u0041\\u00e9\\u20ac\\ud83d\\ude00\\\"\\\\\\/\\b\\f\\n\\r\\t\"]",
                 "[\"A\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\\\"\\\\/\\b\\f\\n\\r\\t\"]");
    assert_means(DOCUMENT_JSON, "[12345678901234567890]", "[12345678901234567890]");
    assert_means(DOCUMENT_JSON, "\xEF\xBB\xBF{\r\n}\r\n", "{}");
}

static void what_is_no_json_is_refused_where_it_goes_wrong(void **state)
{
    static const struct {
        const char *text;
        const char *fault;
    } cases[] = {
        {"", "1:1: the document is empty, expected an object"},
        {" \r\n\t", "1:1: the document is empty, expected an object"},
        {"{", "1:2: not valid JSON: the document ends here, expected a key in double quotes"},
        {"{\"a\"", "1:5: not valid JSON: the document ends here, expected ':' behind a key"},
        {"{\"a\":", "1:6: not valid JSON: the document ends here, expected a value"},
        {"{\"a\":1", "1:7: not valid JSON: the document ends here, expected ',' or '}'"},
        {"[1,]", "1:4: not valid JSON: unexpected ']', expected a value"},
        {"[1 2]", "1:4: not valid JSON: unexpected '2', expected ',' or ']'"},
        {"{a: 1}", "1:2: not valid JSON: unexpected 'a', expected a key in double quotes"},
        {"{'a': 1}", "1:2: not valid JSON: unexpected ''', expected a key in double quotes"},
        {"[1] x", "1:5: not valid JSON: unexpected 'x', expected the end of the document"},
        {"[01]", "1:3: not valid JSON: unexpected '1', expected a number without leading zeros"},
        {"[-]", "1:3: not valid JSON: unexpected ']', expected a digit"},
        {"[1.]", "1:4: not valid JSON: unexpected ']', expected a digit"},
        {"[1e]", "1:4: not valid JSON: unexpected ']', expected a digit"},
        {"[.5]", "1:2: not valid JSON: unexpected '.', expected a value"},
        {"[+1]", "1:2: not valid JSON: unexpected '+', expected a value"},
        {"[1e400]", "1:7: a number that is too large, expected one below 1.8e308"},
        {"[tru]", "1:2: not valid JSON: unexpected 't', expected a value"},
        {"[NaN]", "1:2: not valid JSON: unexpected 'N', expected a value"},
        {"// c\n{}", "1:1: not valid JSON: unexpected '/', expected a value"},
        {"[\"a", "1:4: not valid JSON: the document ends here, expected '\"' at the end of a text"},
        {"[\"a\nb\"]",
         "1:4: not valid JSON: a control character or line break in a text, expected an escape such as \\n"},
        {"[\"\\x\"]",
         "1:4: not valid JSON: unexpected 'x', expected one of \" \\ / b f n r t u behind a backslash"},
        {"[\"\\u12g4\"]", "1:7: not valid JSON: unexpected 'g', expected four hexadecimal digits behind \\u"},
        {"[\"\\ud83d\"]", "1:9: half a surrogate pair, expected \\uDC00 to \\uDFFF behind it"},
        {"[\"\\ud83d\\u0041\"]", "1:15: half a surrogate pair, expected \\uDC00 to \\uDFFF behind it"},
        {"[\"\\ude00\"]",
         "1:9: the second half of a surrogate pair without the first, expected \\uD800 to \\uDBFF before it"},
        {"[\"\\u0000\"]", "1:9: \\u0000 in a text, expected other characters"},
        {"[1,\n 2,\r\n\r  x]", "4:3: not valid JSON: unexpected 'x', expected a value"},
        {"[\"\xc3\xa9\xf0\x9f\x98\x80\" x]", "1:7: not valid JSON: unexpected 'x', expected ',' or ']'"},
        {"[\"a\xff\"]", "1:4: the byte 0xFF is not valid UTF-8, expected UTF-8 text"},
        {"{\n \"\xc3\xa9\": \"\xc0\x80\"}", "2:8: the byte 0xC0 is not valid UTF-8, expected UTF-8 text"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_fault(DOCUMENT_JSON, cases[i].text, cases[i].fault);
}

static void a_nul_byte_is_no_white_space(void **state)
{
    struct document *root = read_bytes(DOCUMENT_JSON, "{}\0", 3);
    assert_null(root);
    assert_int_equal(reported.count, 1);
    assert_string_equal(reported.items[0],
                        "1:3: not valid JSON: unexpected character, expected the end of the document");
    strings_finish(&reported);
}

static void every_node_knows_where_it_stands(void **state)
{
    struct document *root =
        read_text(DOCUMENT_JSON, "\xEF\xBB\xBF{\r\n  \"\xc3\xa9\": [1,\n\t{\"b\": true}]}");
    const struct document_member *member = document_member(root, "\xc3\xa9");
    assert_int_equal(root->line, 1);
    assert_int_equal(root->column, 1);
    assert_int_equal(member->line, 2);
    assert_int_equal(member->column, 3);
    assert_int_equal(member->value->line, 2);
    assert_int_equal(member->value->column, 8);
    const struct document *inner = member->value->members[1].value;
    assert_int_equal(inner->line, 3);
    assert_int_equal(inner->column, 2);
    assert_int_equal(inner->members[0].value->column, 8);
    document_destroy(root);
}

static void duplicate_keys_are_reported_with_both_places_and_the_first_stays(void **state)
{
    struct document *root =
        read_text(DOCUMENT_JSON, "{\"a\": 1,\n \"b\": {\"c\": 1, \"c\": 2},\n \"a\": 3, \"\\u0061\": 4}");
    assert_non_null(root);
    char *faults = strings_join(&reported, "\n");
    assert_string_equal(
        faults, "3:2: a: duplicate key, already given at line 1, column 2; expected every key once\n"
                "3:10: a: duplicate key, already given at line 1, column 2; expected every key once\n"
                "2:16: b.c: duplicate key, already given at line 2, column 8; expected every key once");
    free(faults);
    assert_int_equal(root->count, 2);
    assert_true(document_get(root, "a")->number == 1);
    document_destroy(root);
    strings_finish(&reported);
}

static char *nested(int depth)
{
    struct text text = {0};
    for (int i = 0; i < depth; i++)
        text_append(&text, "[");
    for (int i = 0; i < depth; i++)
        text_append(&text, "]");
    return text_take(&text);
}

static void depth_has_a_limit(void **state)
{
    char *text = nested(64);
    struct document *root = read_text(DOCUMENT_JSON, text);
    assert_non_null(root);
    document_destroy(root);
    free(text);
    text = nested(65);
    assert_fault(DOCUMENT_JSON, text, "1:65: nested deeper than 64 lists and objects, expected at most 64");
    free(text);
    text = nested(500000);
    assert_fault(DOCUMENT_JSON, text, "1:65: nested deeper than 64 lists and objects, expected at most 64");
    free(text);
}

static void size_has_a_limit(void **state)
{
    char *spaces = memory_new(DOCUMENT_MAX_BYTES + 2, 1);
    memset(spaces, ' ', DOCUMENT_MAX_BYTES + 1);
    memcpy(spaces, "{}", 2);
    struct document *root = read_bytes(DOCUMENT_JSON, spaces, DOCUMENT_MAX_BYTES);
    assert_non_null(root);
    document_destroy(root);
    assert_null(read_bytes(DOCUMENT_JSON, spaces, DOCUMENT_MAX_BYTES + 1));
    assert_string_equal(reported.items[0],
                        "0:0: the document has 1048577 bytes, expected at most 1 MiB (1048576 bytes)");
    strings_finish(&reported);
    free(spaces);
}

static void a_hundred_thousand_duplicates_take_no_long_time(void **state)
{
    struct text text = {0};
    text_append(&text, "{\"a\":0");
    for (int i = 0; i < 100000; i++)
        text_append(&text, ",\"a\":0");
    text_append(&text, "}");
    struct document *root = read_text(DOCUMENT_JSON, text_get(&text));
    assert_int_equal(root->count, 1);
    assert_int_equal(reported.count, 100000);
    document_destroy(root);
    strings_finish(&reported);
    text_finish(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_json_is_read),
        cmocka_unit_test(what_is_no_json_is_refused_where_it_goes_wrong),
        cmocka_unit_test(a_nul_byte_is_no_white_space),
        cmocka_unit_test(every_node_knows_where_it_stands),
        cmocka_unit_test(duplicate_keys_are_reported_with_both_places_and_the_first_stays),
        cmocka_unit_test(depth_has_a_limit),
        cmocka_unit_test(size_has_a_limit),
        cmocka_unit_test(a_hundred_thousand_duplicates_take_no_long_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
