/* Quantities and times as people read them. Results are owned by the caller. */
#ifndef SIDECARD_CLI_HUMANE_H
#define SIDECARD_CLI_HUMANE_H

#include <stdint.h>

/* "0.35 s", "1.2 s", "45 s", "3 min 20 s", "2 h 5 min", "4 d 3 h" */
char *humane_duration(int64_t milliseconds);

/* "512 B", "4.2 MiB" */
char *humane_size(int64_t bytes);

/* Local time: "2026-01-01 12:00:00.123", and the clock alone: "12:00:00.123". */
char *humane_time(int64_t ts_ms);
char *humane_clock(int64_t ts_ms);

/*
 * A moment in the past, ms since 1970, as --since takes it: a duration back from now ("10m"), or a local time
 * ("2026-01-01", "2026-01-01 12:00", "2026-01-01T12:00:00"), in UTC with a Z behind it. -1 where it is
 * neither.
 */
int64_t humane_since(const char *text, int64_t now_ms);

#endif
