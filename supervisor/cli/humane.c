#include "humane.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/quantity.h"
#include "base/text.h"

#define SECOND 1000
#define MINUTE (60 * SECOND)
#define HOUR   (60 * MINUTE)
#define DAY    (24 * (int64_t)HOUR)

static char *two_units(int64_t large, const char *large_unit, int64_t small, const char *small_unit)
{
    if (small == 0)
        return text_format("%lld %s", (long long)large, large_unit);
    return text_format("%lld %s %lld %s", (long long)large, large_unit, (long long)small, small_unit);
}

char *humane_duration(int64_t ms)
{
    if (ms < SECOND)
        return text_format("%.2f s", (double)(ms < 0 ? 0 : ms) / SECOND);
    if (ms < 10 * SECOND)
        return text_format("%.1f s", (double)ms / SECOND);
    if (ms < MINUTE)
        return text_format("%lld s", (long long)(ms / SECOND));
    if (ms < HOUR)
        return two_units(ms / MINUTE, "min", ms % MINUTE / SECOND, "s");
    if (ms < DAY)
        return two_units(ms / HOUR, "h", ms % HOUR / MINUTE, "min");
    return two_units(ms / DAY, "d", ms % DAY / HOUR, "h");
}

char *humane_size(int64_t bytes)
{
    static const char *const units[] = {"KiB", "MiB", "GiB", "TiB"};
    if (bytes < 1024)
        return text_format("%lld B", (long long)bytes);
    double value = (double)bytes / 1024;
    size_t unit = 0;
    /* 1023.95 would be shown as 1024.0. */
    for (; value >= 1023.95 && unit + 1 < sizeof(units) / sizeof(*units); unit++)
        value /= 1024;
    return text_format(value < 99.95 ? "%.1f %s" : "%.0f %s", value, units[unit]);
}

static char *format_time(int64_t ts_ms, const char *format)
{
    time_t seconds = (time_t)(ts_ms / SECOND);
    struct tm broken = {0};
    localtime_r(&seconds, &broken);
    char text[40];
    strftime(text, sizeof(text), format, &broken);
    return text_format("%s.%03d", text, (int)(ts_ms % SECOND));
}

char *humane_time(int64_t ts_ms)
{
    return format_time(ts_ms, "%Y-%m-%d %H:%M:%S");
}

char *humane_clock(int64_t ts_ms)
{
    return format_time(ts_ms, "%H:%M:%S");
}

/* The offset of local time at this moment: what mktime, which knows local time alone, would be wrong by for
 * UTC. */
static int64_t as_utc(struct tm broken)
{
    broken.tm_isdst = 0;
    time_t as_local = mktime(&broken);
    struct tm back;
    gmtime_r(&as_local, &back);
    back.tm_isdst = 0;
    return (int64_t)as_local + (int64_t)(as_local - mktime(&back));
}

int64_t humane_since(const char *text, int64_t now_ms)
{
    int64_t back;
    if (quantity_duration(text, &back))
        return now_ms > back ? now_ms - back : 0;
    struct tm broken = {.tm_isdst = -1};
    int year, month, used = 0;
    if (sscanf(text, "%4d-%2d-%2d%n", &year, &month, &broken.tm_mday, &used) != 3)
        return -1;
    broken.tm_year = year - 1900;
    broken.tm_mon = month - 1;
    const char *rest = text + used;
    if (*rest == 'T' || *rest == ' ') {
        used = 0;
        if (sscanf(rest + 1, "%2d:%2d%n", &broken.tm_hour, &broken.tm_min, &used) != 2)
            return -1;
        rest += 1 + used;
        if (sscanf(rest, ":%2d%n", &broken.tm_sec, &used) == 1)
            rest += used;
    }
    bool utc = strcmp(rest, "Z") == 0;
    if (*rest && !utc)
        return -1;
    int64_t seconds = utc ? as_utc(broken) : (int64_t)mktime(&broken);
    return seconds < 0 ? -1 : seconds * SECOND;
}
