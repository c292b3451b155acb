#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/text.h"
#include "cli/table.h"

static const char *const heads[] = {"NAME", ">PID", "ERROR"};

static void fill(struct table *table)
{
    table_init(table, heads, 3);
    table_add(table, "web");
    table_take(table, text_format("%d", 7));
    table_add(table, "");
    table_add(table, "b\xc3\xa4"
                     "ckend");
    table_take(table, NULL);
    table_add(table, "exited with code 3");
}

static void test_as_wide_as_it_gets(void **state)
{
    struct table table;
    struct text out = {0};
    fill(&table);
    table_print(&table, 0, &out);
    assert_string_equal(out.data, "NAME     PID  ERROR\n"
                                  "web        7\n"
                                  "b\xc3\xa4"
                                  "ckend    -  exited with code 3\n");
    table_finish(&table);
    text_finish(&out);
}

static void test_fits_the_terminal(void **state)
{
    struct table table;
    struct text out = {0};
    fill(&table);
    table_print(&table, 24, &out);
    assert_string_equal(out.data, "NAME     PID  ERROR\n"
                                  "web        7\n"
                                  "b\xc3\xa4"
                                  "ckend    -  exited wi\xE2\x80\xA6\n");
    text_clear(&out);
    /* Where even that is too much, the last column keeps the room of its head. */
    table_print(&table, 5, &out);
    assert_non_null(strstr(out.data, "  exit\xE2\x80\xA6\n"));
    table_finish(&table);
    text_finish(&out);
}

static void test_width_and_cut(void **state)
{
    assert_int_equal(table_width(""), 0);
    assert_int_equal(table_width("a\xc3\xa4\xE2\x80\xA6"), 3);
    assert_int_equal(table_cut("a\xc3\xa4"
                               "b",
                               2),
                     3);
    assert_int_equal(table_cut("ab", 5), 2);
    assert_int_equal(table_cut("ab", 0), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_as_wide_as_it_gets),
        cmocka_unit_test(test_fits_the_terminal),
        cmocka_unit_test(test_width_and_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
