#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "cli/options.h"

struct shared {
    const char *profile;
};

struct values {
    bool json;
    bool follow;
    int64_t count;
    int64_t timeout_ms;
    const char *level;
    const char *mode;
    struct option_count parent;
    struct shared shared;
};

static const char *const levels[] = {"info", "warn", NULL};

static const struct option own[] = {
    {"json", 0, OPTION_FLAG, offsetof(struct values, json), NULL, "", NULL},
    {"follow", 'f', OPTION_FLAG, offsetof(struct values, follow), NULL, "", NULL},
    {"lines", 'n', OPTION_COUNT, offsetof(struct values, count), "N", "", NULL},
    {"timeout", 0, OPTION_DURATION, offsetof(struct values, timeout_ms), "T", "", NULL},
    {"level", 'l', OPTION_CHOICE, offsetof(struct values, level), "L", "", levels},
    {"mode", 'm', OPTION_TEXT, offsetof(struct values, mode), "M", "", NULL},
    {"parent", 'P', OPTION_MAY_COUNT, offsetof(struct values, parent), "PID", "", NULL},
    {0},
};

static const struct option shared[] = {
    {"profile", 'p', OPTION_TEXT, offsetof(struct shared, profile), "FILE", "", NULL},
    {0},
};

static const struct option_group groups[] = {
    {"Own", own, 0},
    {"Shared", shared, offsetof(struct values, shared)},
    {0},
};

static struct values values;
static struct strings names;
static struct error error;

static int read_all(char *const *argv)
{
    size_t count = 0;
    while (argv[count])
        count++;
    values = (struct values){0};
    strings_finish(&names);
    error_finish(&error);
    return options_read(groups, argv, count, &values, &names, &error);
}

#define READ(...) read_all((char *const[]){__VA_ARGS__, NULL})

static int teardown(void **state)
{
    strings_finish(&names);
    error_finish(&error);
    return 0;
}

static void test_every_way_to_write_a_value(void **state)
{
    assert_int_equal(READ("--lines", "5", "--timeout=1m30s", "-l", "warn", "-mx", "--profile=a=b"), 0);
    assert_int_equal(values.count, 5);
    assert_int_equal(values.timeout_ms, 90000);
    assert_string_equal(values.level, "warn");
    assert_string_equal(values.mode, "x");
    assert_string_equal(values.shared.profile, "a=b");
    assert_int_equal(READ("-n7"), 0);
    assert_int_equal(values.count, 7);
    assert_int_equal(READ("--mode", "--json"), 0);
    assert_string_equal(values.mode, "--json");
}

static void test_flags_and_names_in_any_order(void **state)
{
    assert_int_equal(READ("web", "--json", "-fn3", "backend", "-", "--", "-x", "--json"), 0);
    assert_true(values.json);
    assert_true(values.follow);
    assert_int_equal(values.count, 3);
    assert_int_equal(names.count, 5);
    assert_string_equal(names.items[0], "web");
    assert_string_equal(names.items[2], "-");
    assert_string_equal(names.items[3], "-x");
    assert_string_equal(names.items[4], "--json");
}

static void test_nothing(void **state)
{
    assert_int_equal(options_read(groups, NULL, 0, &values, &names, &error), 0);
}

static void test_help(void **state)
{
    assert_int_equal(READ("web", "--help"), 1);
    assert_int_equal(READ("-h"), 1);
    assert_int_equal(READ("-fh"), 1);
}

static void expect_fault(const char *message, const char *remedy)
{
    assert_string_equal(error.message, message);
    if (remedy)
        assert_string_equal(error.remedy, remedy);
    else
        assert_null(error.remedy);
}

static void test_faults(void **state)
{
    assert_int_equal(READ("--jsn"), ERROR_INVALID);
    expect_fault("unknown option '--jsn'", "did you mean '--json'?");
    assert_int_equal(READ("--porfile=x"), ERROR_INVALID);
    expect_fault("unknown option '--porfile'", "did you mean '--profile'?");
    assert_int_equal(READ("--nothing-like-it"), ERROR_INVALID);
    expect_fault("unknown option '--nothing-like-it'", NULL);
    assert_int_equal(READ("-x"), ERROR_INVALID);
    expect_fault("unknown option '-x'", NULL);
    assert_int_equal(READ("--lines"), ERROR_INVALID);
    expect_fault("--lines needs a value (N)", NULL);
    assert_int_equal(READ("-n"), ERROR_INVALID);
    expect_fault("--lines needs a value (N)", NULL);
    assert_int_equal(READ("--json=yes"), ERROR_INVALID);
    expect_fault("--json takes no value", NULL);
    assert_int_equal(READ("--mode="), ERROR_INVALID);
    assert_int_equal(READ("--level=loud"), ERROR_INVALID);
    expect_fault("--level: expected info or warn, got \"loud\"", NULL);
    assert_int_equal(READ("--timeout", "30"), ERROR_INVALID);
    expect_fault("--timeout: expected a duration such as 30s or 1m30s, got \"30\"", NULL);
}

static void test_counts(void **state)
{
    char *bad[] = {"", "-1", "+1", "1x", " 1", "1.5", "99999999999999999999"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
        assert_int_equal(READ("-n", bad[i]), ERROR_INVALID);
    assert_int_equal(READ("-n", "0"), 0);
}

static void test_a_value_that_may_be_left_out(void **state)
{
    assert_int_equal(READ("--json"), 0);
    assert_false(values.parent.given);
    assert_int_equal(READ("--parent", "12", "--json"), 0);
    assert_true(values.parent.given);
    assert_false(values.parent.has_value);
    assert_int_equal(names.count, 1);
    assert_true(values.json);
    assert_int_equal(READ("--parent=12"), 0);
    assert_true(values.parent.given && values.parent.has_value);
    assert_int_equal(values.parent.value, 12);
    assert_int_equal(READ("-Pf"), 0);
    assert_true(values.parent.given && !values.parent.has_value && values.follow);
    assert_int_equal(READ("--parent="), ERROR_INVALID);
    expect_fault("--parent: expected a number, got \"\"", NULL);
    assert_int_equal(READ("--parent=x"), ERROR_INVALID);
    assert_int_equal(READ("--parent=-1"), ERROR_INVALID);
    assert_int_equal(READ("--parnet=1"), ERROR_INVALID);
    expect_fault("unknown option '--parnet'", "did you mean '--parent'?");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_every_way_to_write_a_value, teardown),
        cmocka_unit_test_teardown(test_flags_and_names_in_any_order, teardown),
        cmocka_unit_test_teardown(test_nothing, teardown),
        cmocka_unit_test_teardown(test_help, teardown),
        cmocka_unit_test_teardown(test_faults, teardown),
        cmocka_unit_test_teardown(test_counts, teardown),
        cmocka_unit_test_teardown(test_a_value_that_may_be_left_out, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
