#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "logs/line_stamp.h"

static void stamps_are_as_in_the_calendar(void **state)
{
    static const struct {
        int64_t ts_ms;
        int stream;
        const char *stamp;
    } rows[] = {
        {0, LOG_STDOUT, "1970-01-01T00:00:00.000Z stdout "},
        {1767225600123, LOG_STDERR, "2026-01-01T00:00:00.123Z stderr "},
        {1709164799999, LOG_STDOUT, "2024-02-28T23:59:59.999Z stdout "},
        {1709164800000, LOG_STDOUT, "2024-02-29T00:00:00.000Z stdout "},
        {1735689599000, LOG_STDOUT, "2024-12-31T23:59:59.000Z stdout "},
        {4107542400000, LOG_STDERR, "2100-03-01T00:00:00.000Z stderr "},
        {253402300799999, LOG_STDOUT, "9999-12-31T23:59:59.999Z stdout "},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char stamp[LINE_STAMP_BYTES + 1];
        int64_t ts_ms;
        int stream;
        line_stamp_write(rows[i].ts_ms, rows[i].stream, stamp);
        assert_string_equal(stamp, rows[i].stamp);
        assert_true(line_stamp_read(stamp, LINE_STAMP_BYTES, &ts_ms, &stream));
        assert_int_equal(ts_ms, rows[i].ts_ms);
        assert_int_equal(stream, rows[i].stream);
    }
}

static void every_day_comes_back(void **state)
{
    for (int64_t day = 0; day < 60000; day++) {
        char stamp[LINE_STAMP_BYTES + 1];
        int64_t ts_ms;
        int stream;
        line_stamp_write(day * 86400000 + day, LOG_STDOUT, stamp);
        assert_true(line_stamp_read(stamp, LINE_STAMP_BYTES, &ts_ms, &stream));
        assert_int_equal(ts_ms, day * 86400000 + day);
    }
}

static void what_is_no_stamp_is_not_taken_for_one(void **state)
{
    static const char *const bad[] = {
        "",
        "2026-01-01T00:00:00.123Z stdout",
        "2026-01-01 00:00:00.123Z stdout text",
        "2026-13-01T00:00:00.123Z stdout text",
        "2026-00-01T00:00:00.123Z stdout text",
        "2026-01-01T00:00:00.123Z stdxyz text",
        "2026-01-01T00:00:00.123Z std0ut text",
        "a perfectly ordinary line of a program's output",
    };
    int64_t ts_ms;
    int stream;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(line_stamp_read(bad[i], strlen(bad[i]), &ts_ms, &stream));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stamps_are_as_in_the_calendar),
        cmocka_unit_test(every_day_comes_back),
        cmocka_unit_test(what_is_no_stamp_is_not_taken_for_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
