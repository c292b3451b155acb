#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <time.h>

#include "cli/humane.h"

static void expect(char *text, const char *expected)
{
    assert_string_equal(text, expected);
    free(text);
}

static void test_durations(void **state)
{
    expect(humane_duration(-5), "0.00 s");
    expect(humane_duration(350), "0.35 s");
    expect(humane_duration(1230), "1.2 s");
    expect(humane_duration(45678), "45 s");
    expect(humane_duration(200000), "3 min 20 s");
    expect(humane_duration(180000), "3 min");
    expect(humane_duration(7500000), "2 h 5 min");
    expect(humane_duration(356400000), "4 d 3 h");
}

static void test_sizes(void **state)
{
    expect(humane_size(0), "0 B");
    expect(humane_size(1023), "1023 B");
    expect(humane_size(1024), "1.0 KiB");
    expect(humane_size(4404019), "4.2 MiB");
    expect(humane_size(1024 * 1024 - 1), "1.0 MiB");
    expect(humane_size(500LL << 30), "500 GiB");
    expect(humane_size(5000LL << 40), "5000 TiB");
}

static void test_since(void **state)
{
    const int64_t now = 1767225600123;
    assert_int_equal(humane_since("10m", now), now - 600000);
    assert_int_equal(humane_since("0", now), now);
    assert_int_equal(humane_since("2026-01-01T00:00:00Z", now), 1767225600000);
    assert_int_equal(humane_since("2026-01-01 00:00Z", now), 1767225600000);
    assert_int_equal(humane_since("2026-07-01T12:30:15Z", now), 1782909015000);
    setenv("TZ", "Europe/Berlin", 1);
    tzset();
    assert_int_equal(humane_since("2026-07-01T12:30:15Z", now), 1782909015000);
    assert_int_equal(humane_since("2026-07-01 14:30:15", now), 1782909015000);
    assert_int_equal(humane_since("2026-01-01 01:00", now), 1767225600000);
    assert_int_equal(humane_since("2026-01-01", now), 1767222000000);
    const char *bad[] = {"", "x", "10", "yesterday", "2026-01", "2026-01-01 12", "2026-01-01 12:00:00 x"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
        assert_int_equal(humane_since(bad[i], now), -1);
}

static void test_times(void **state)
{
    setenv("TZ", "UTC", 1);
    tzset();
    expect(humane_time(1767225600123), "2026-01-01 00:00:00.123");
    expect(humane_clock(1767225600007), "00:00:00.007");
}

int main(void)
{
    setenv("TZ", "UTC", 1);
    tzset();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_durations),
        cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_since),
        cmocka_unit_test(test_times),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
