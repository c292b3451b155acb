/*
 * What `logs.format: text` puts before each line of a file: "2026-01-01T00:00:00.123Z stdout ", time in UTC.
 * Pure.
 */
#ifndef SIDECARD_LOGS_LINE_STAMP_H
#define SIDECARD_LOGS_LINE_STAMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LINE_STAMP_BYTES 32

/* Streams as everywhere in sidecard: the descriptor's number in the child. */
enum log_stream { LOG_STDOUT = 1, LOG_STDERR = 2 };

const char *log_stream_name(int stream); /* "stdout", "stderr" */

/* Years 0 to 9999; stamp has room for LINE_STAMP_BYTES and a NUL. */
void line_stamp_write(int64_t ts_ms, int stream, char stamp[LINE_STAMP_BYTES + 1]);

/* False where data does not begin with a stamp. */
bool line_stamp_read(const char *data, size_t length, int64_t *ts_ms, int *stream);

#endif
