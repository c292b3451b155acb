#include "line_stamp.h"

#include <stdio.h>
#include <string.h>

#define MS_PER_DAY INT64_C(86400000)
#define LAST_MS    INT64_C(253402300799999) /* the end of the year 9999 */

static const char pattern[] = "dddd-dd-ddTdd:dd:dd.dddZ stdxxx ";

const char *log_stream_name(int stream)
{
    return stream == LOG_STDERR ? "stderr" : "stdout";
}

/* Days since 1970 of a date in the proleptic Gregorian calendar; years begin in March, so that leap days come
 * last. */
static int64_t days_of(int64_t year, int64_t month, int64_t day)
{
    year -= month <= 2;
    int64_t month_from_march = (month + 9) % 12;
    int64_t day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    return year * 365 + year / 4 - year / 100 + year / 400 + day_of_year - 719468;
}

static void date_of(int64_t days, int64_t *year, int64_t *month, int64_t *day)
{
    *year = 1970 + days / 366;
    while (days_of(*year + 1, 1, 1) <= days)
        ++*year;
    *month = 1;
    while (*month < 12 && days_of(*year, *month + 1, 1) <= days)
        ++*month;
    *day = days - days_of(*year, *month, 1) + 1;
}

void line_stamp_write(int64_t ts_ms, int stream, char stamp[LINE_STAMP_BYTES + 1])
{
    int64_t at = ts_ms < 0 ? 0 : ts_ms > LAST_MS ? LAST_MS : ts_ms;
    int64_t year;
    int64_t month;
    int64_t day;
    date_of(at / MS_PER_DAY, &year, &month, &day);
    int in_day = (int)(at % MS_PER_DAY);
    char whole[80]; /* more than is needed, for a compiler that cannot know how large a year is */
    snprintf(whole, sizeof whole, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ %s ", (int)year, (int)month, (int)day,
             in_day / 3600000, in_day / 60000 % 60, in_day / 1000 % 60, in_day % 1000,
             log_stream_name(stream));
    memcpy(stamp, whole, LINE_STAMP_BYTES);
    stamp[LINE_STAMP_BYTES] = '\0';
}

static int number(const char *digits, int count)
{
    int value = 0;
    for (int i = 0; i < count; i++)
        value = value * 10 + (digits[i] - '0');
    return value;
}

bool line_stamp_read(const char *data, size_t length, int64_t *ts_ms, int *stream)
{
    if (length < LINE_STAMP_BYTES)
        return false;
    for (size_t i = 0; i < LINE_STAMP_BYTES; i++) {
        if (pattern[i] == 'd' && i != 27 ? data[i] < '0' || data[i] > '9'
                                         : pattern[i] != 'x' && data[i] != pattern[i])
            return false;
    }
    if (memcmp(data + 25, "stdout", 6) == 0)
        *stream = LOG_STDOUT;
    else if (memcmp(data + 25, "stderr", 6) == 0)
        *stream = LOG_STDERR;
    else
        return false;
    int month = number(data + 5, 2);
    int day = number(data + 8, 2);
    if (month < 1 || month > 12 || day < 1 || day > 31)
        return false;
    int64_t minutes = number(data + 11, 2) * 60 + number(data + 14, 2);
    *ts_ms = days_of(number(data, 4), month, day) * MS_PER_DAY + minutes * 60000 +
             number(data + 17, 2) * 1000 + number(data + 20, 3);
    return true;
}
