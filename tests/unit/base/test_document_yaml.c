#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "document_fixture.h"

static void plain_scalars_follow_the_core_schema_with_less(void **state)
{
    assert_means(DOCUMENT_YAML, "[true, false, True, yes, no, on, off]",
                 "[true,false,\"True\",\"yes\",\"no\",\"on\",\"off\"]");
    assert_means(DOCUMENT_YAML, "[null, Null, NULL, ~, '~', 'null', nUll]",
                 "[null,null,null,null,\"~\",\"null\",\"nUll\"]");
    assert_means(DOCUMENT_YAML, "[0, 012, +5, -3, 1.5, .5, 5., 1e3, -1.5E-2]",
                 "[0,12,5,-3,1.5,0.5,5,1000,-0.015]");
    assert_means(
        DOCUMENT_YAML, "[0x1F, 0o17, 1_000, 1:30, .inf, .nan, 1e, e1, ., +, -5a, 200-299]",
        "[\"0x1F\",\"0o17\",\"1_000\",\"1:30\",\".inf\",\".nan\",\"1e\",\"e1\",\".\",\"+\",\"-5a\",\"200-"
        "299\"]");
    assert_means(DOCUMENT_YAML, "a:\nb: ''\nc: |\n  two\n  lines\nd: >-\n  folded\n  text\n",
                 "{\"a\":null,\"b\":\"\",\"c\":\"two\\nlines\\n\",\"d\":\"folded text\"}");
    assert_means(DOCUMENT_YAML, "['1', \"true\", 30s, 2001-12-14, =, \"\\u00e9\\x41\"]",
                 "[\"1\",\"true\",\"30s\",\"2001-12-14\",\"=\",\"\xc3\xa9"
                 "A\"]");
}

static void structures_are_the_same_tree_as_json(void **state)
{
    assert_means(DOCUMENT_YAML, "a: {b: [1, x]}\nc:\n  - d: 1\n    e: 2\n  -\n  - []\n",
                 "{\"a\":{\"b\":[1,\"x\"]},\"c\":[{\"d\":1,\"e\":2},null,[]]}");
    assert_means(DOCUMENT_YAML, "\xEF\xBB\xBF# comment\r\n---\r\na: 1\r\n...\r\n", "{\"a\":1}");
    assert_means(DOCUMENT_YAML, "{\"a\": 1, \"b\": [true]}", "{\"a\":1,\"b\":[true]}");
    assert_means(DOCUMENT_YAML, "\"<<\": 1\non: 2\n", "{\"<<\":1,\"on\":2}");
}

static void anchors_are_copied_where_they_are_named(void **state)
{
    assert_means(DOCUMENT_YAML, "a: &x {k: [1, 2]}\nb: *x\nc: &x 3\nd: *x\n",
                 "{\"a\":{\"k\":[1,2]},\"b\":{\"k\":[1,2]},\"c\":3,\"d\":3}");
    assert_means(DOCUMENT_YAML, "&key a: 1\nb: *key\n", "{\"a\":1,\"b\":\"a\"}");
    assert_means(DOCUMENT_YAML, "a: &k name\n*k : 1\n", "{\"a\":\"name\",\"name\":1}");
}

static void what_the_profile_does_not_take_is_refused(void **state)
{
    static const struct {
        const char *text;
        const char *fault;
    } cases[] = {
        {"# nothing\n", "1:1: the document is empty, expected an object"},
        {"a: 1\n---\nb: 2\n", "2:1: a second document, expected one"},
        {"a: !!str 1\nb: !x {}\n",
         "1:4: a tag, expected a plain value: tags are not part of the profile's YAML\n"
         "2:4: a tag, expected a plain value: tags are not part of the profile's YAML"},
        {"a: {<<: {b: 1}}\n",
         "1:5: a merge key, expected the keys themselves: merge keys are not part of YAML 1.2"},
        {"1: a\n", "1:1: a key that is not text, expected text (put quotes around it)"},
        {"true: a\n", "1:1: a key that is not text, expected text (put quotes around it)"},
        {"? [a, {b: c}]\n: d\n", "1:3: a key that is not text, expected text (put quotes around it)"},
        {"~: a\n", "1:1: a key that is not text, expected text (put quotes around it)"},
        {"a: *b\n", "1:4: an alias of an anchor that is not there, expected one that was given before"},
        {"a: &a [*a]\n", "1:8: an alias inside of its own anchor, expected one outside"},
        {"a: 1e999\n", "1:4: a number that is too large, expected one below 1.8e308"},
        {"a: \"\\0\"\n", "1:4: \\0 in a text, expected other characters"},
        {"a: 1\na: 2\n", "2:1: a: duplicate key, already given at line 1, column 1; expected every key once"},
        {"a: [1\n", "2:1: not valid YAML: while parsing a flow sequence, did not find expected ',' or ']', "
                    "expected YAML 1.2"},
        {"a: \"\x01\"\n", "1:5: not valid YAML: control characters are not allowed, expected YAML 1.2"},
        {"\xc3\xa9: \"\xff\"\n", "1:5: the byte 0xFF is not valid UTF-8, expected UTF-8 text"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_fault(DOCUMENT_YAML, cases[i].text, cases[i].fault);
}

static void every_node_knows_where_it_stands(void **state)
{
    struct document *root = read_text(DOCUMENT_YAML, "# c\n\xc3\xa9\xc3\xa9: {b: [x, 1]}\r\nc:\n  d: 'q'\n");
    const struct document_member *first = document_member(root, "\xc3\xa9\xc3\xa9");
    assert_int_equal(first->line, 2);
    assert_int_equal(first->column, 1);
    assert_int_equal(first->value->column, 5);
    const struct document *list = document_get(first->value, "b");
    assert_int_equal(list->column, 9);
    assert_int_equal(list->members[1].value->column, 13);
    const struct document *inner = document_get(document_get(root, "c"), "d");
    assert_int_equal(inner->line, 4);
    assert_int_equal(inner->column, 6);
    document_destroy(root);
}

static char *bomb(int levels)
{
    struct text text = {0};
    text_append(&text, "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for (int level = 1; level <= levels; level++) {
        text_printf(&text, "a%d: &a%d [", level, level);
        for (int i = 0; i < 10; i++)
            text_printf(&text, "%s*a%d", i > 0 ? ", " : "", level - 1);
        text_append(&text, "]\n");
    }
    return text_take(&text);
}

static void anchors_that_expand_past_a_mebibyte_are_refused(void **state)
{
    char *text = bomb(3);
    struct document *root = read_text(DOCUMENT_YAML, text);
    assert_non_null(root);
    document_destroy(root);
    free(text);
    text = bomb(30);
    assert_fault(DOCUMENT_YAML, text,
                 "6:15: anchors expand past 1 MiB, expected at most 1 MiB (1048576 bytes)");
    free(text);
}

static void aliases_count_in_the_depth(void **state)
{
    struct text text = {0};
    text_append(&text, "a: &a [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]\n");
    text_append(&text, "b: &b [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[*a]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]\n");
    struct document *root = read_text(DOCUMENT_YAML, text_get(&text));
    assert_non_null(root);
    document_destroy(root);
    text_append(&text, "c: [*b]\n");
    assert_fault(DOCUMENT_YAML, text_get(&text),
                 "3:5: nested deeper than 64 lists and objects, expected at most 64");
    text_finish(&text);
}

static void many_anchors_and_aliases_take_no_long_time(void **state)
{
    struct text text = {0};
    for (int i = 0; i < 40000; i++)
        text_printf(&text, "- &a%d x\n", i);
    for (int i = 0; i < 40000; i++)
        text_printf(&text, "- *a%d\n", i);
    struct document *root = read_text(DOCUMENT_YAML, text_get(&text));
    assert_int_equal(root->count, 80000);
    document_destroy(root);
    text_finish(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_scalars_follow_the_core_schema_with_less),
        cmocka_unit_test(structures_are_the_same_tree_as_json),
        cmocka_unit_test(anchors_are_copied_where_they_are_named),
        cmocka_unit_test(what_the_profile_does_not_take_is_refused),
        cmocka_unit_test(every_node_knows_where_it_stands),
        cmocka_unit_test(anchors_that_expand_past_a_mebibyte_are_refused),
        cmocka_unit_test(aliases_count_in_the_depth),
        cmocka_unit_test(many_anchors_and_aliases_take_no_long_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
