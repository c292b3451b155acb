#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/text.h"
#include "cli/command.h"
#include "cli/exit_code.h"
#include "cli/help.h"
#include "control/target.h"

static void test_the_table_is_sorted(void **state)
{
    size_t count;
    const struct command *const *all = command_all(&count);
    for (size_t i = 0; i + 1 < count; i++)
        assert_true(strcmp(all[i]->name, all[i + 1]->name) < 0);
    for (size_t i = 0; i < count; i++)
        assert_ptr_equal(command_find(all[i]->name), all[i]);
}

static void test_other_names(void **state)
{
    assert_ptr_equal(command_find("up"), command_find("run"));
    assert_ptr_equal(command_find("down"), command_find("shutdown"));
    assert_ptr_equal(command_find("ps"), command_find("status"));
    assert_null(command_find("no-such"));
    assert_null(command_find(""));
}

static void test_suggestions(void **state)
{
    assert_string_equal(command_suggest("statsu"), "status");
    assert_string_equal(command_suggest("restrat"), "restart");
    assert_null(command_suggest("something-else"));
}

/* Every command says what it is for, with an example, within the width of a page. */
static void test_help_of_every_command(void **state)
{
    size_t count;
    const struct command *const *all = command_all(&count);
    struct text program = {0};
    help_program(&program);
    for (size_t i = 0; i < count; i++) {
        struct text out = {0};
        help_command(all[i], &out);
        assert_non_null(strstr(out.data, all[i]->name));
        assert_non_null(strstr(program.data, all[i]->name));
        for (char *line = strtok(out.data, "\n"); line; line = strtok(NULL, "\n"))
            if (strlen(line) > 120)
                fail_msg("%s: too wide: %s", all[i]->name, line);
        text_finish(&out);
    }
    text_finish(&program);
}

static void test_exit_codes(void **state)
{
    assert_int_equal(exit_code_of_error(ERROR_PROFILE_INVALID), 3);
    assert_int_equal(exit_code_of_error(ERROR_NOT_RUNNING), 4);
    assert_int_equal(exit_code_of_error(ERROR_REFUSED), 7);
    assert_int_equal(exit_code_of_error(ERROR_SYSTEM), 1);
    assert_int_equal(exit_code_of_rpc(RPC_TIMED_OUT), 5);
    assert_int_equal(exit_code_of_rpc(RPC_PROFILE_INVALID), 3);
    assert_int_equal(exit_code_of_rpc(RPC_NOT_PERMITTED), 7);
    assert_int_equal(exit_code_of_rpc(RPC_BUSY), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_table_is_sorted), cmocka_unit_test(test_other_names),
        cmocka_unit_test(test_suggestions),         cmocka_unit_test(test_help_of_every_command),
        cmocka_unit_test(test_exit_codes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
