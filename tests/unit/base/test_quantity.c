#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/quantity.h"

static void durations(void **state)
{
    static const struct {
        const char *text;
        int64_t milliseconds; /* -1: none */
    } cases[] = {
        {"0", 0},
        {"0s", 0},
        {"500ms", 500},
        {"30s", 30000},
        {"5m", 300000},
        {"1m30s", 90000},
        {"2h", 7200000},
        {"1h1m1s1ms", 3661001},
        {"90s500ms", 90500},
        {"007s", 7000},
        {"999999999h", INT64_C(999999999) * 3600000},
        {"", -1},
        {"30", -1},
        {"s", -1},
        {"-5s", -1},
        {"1.5s", -1},
        {"30 s", -1},
        {" 30s", -1},
        {"30s ", -1},
        {"30sec", -1},
        {"30S", -1},
        {"30s1m", -1},
        {"1s1s", -1},
        {"1m5", -1},
        {"1d", -1},
        {"1000000000s", -1},
        {"99999999999999999999s", -1},
        {"1mm", -1},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        int64_t milliseconds = -2;
        bool good = quantity_duration(cases[i].text, &milliseconds);
        assert_int_equal(good, cases[i].milliseconds >= 0);
        if (good)
            assert_int_equal(milliseconds, cases[i].milliseconds);
    }
}

static void sizes(void **state)
{
    static const struct {
        const char *text;
        int64_t bytes; /* -1: none */
    } cases[] = {
        {"0", 0},
        {"4096", 4096},
        {"7B", 7},
        {"512KiB", 524288},
        {"10MiB", 10485760},
        {"2GiB", INT64_C(2147483648)},
        {"999999TiB", INT64_C(999999) << 40},
        {"999999999999999", INT64_C(999999999999999)},
        {"", -1},
        {"KiB", -1},
        {"10MB", -1},
        {"10mib", -1},
        {"1.5GiB", -1},
        {"-1", -1},
        {"1 GiB", -1},
        {"1GiB ", -1},
        {"1000000TiB", -1},
        {"1000000000GiB", -1},
        {"1000000000000000", -1},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        int64_t bytes = -2;
        bool good = quantity_size(cases[i].text, &bytes);
        assert_int_equal(good, cases[i].bytes >= 0);
        if (good)
            assert_int_equal(bytes, cases[i].bytes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(durations),
        cmocka_unit_test(sizes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
