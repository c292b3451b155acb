/*
 * What one sidecar printed, and what the supervisor itself did under the name `sidecard`: a ring of the
 * newest lines, a file that is rotated, and whoever listens.
 *
 * Bytes go to the file as they came, both streams in order of arrival, with one write for what was read at
 * once. Only where lines have to be looked into first (redaction, `format: text`) are they written line by
 * line, again with one write. Nothing here waits: a file that cannot be written loses bytes, which are
 * counted, and holds nobody up.
 *
 * Used from one thread.
 */
#ifndef SIDECARD_LOGS_LOG_H
#define SIDECARD_LOGS_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/strings.h"
#include "line_stamp.h"
#include "plan/plan.h"

struct cJSON;
struct listener;
struct log;
struct redactor;

#define LOG_RING_BYTES   (256 * 1024)
#define LOG_STDERR_LINES 20
#define LOG_STDERR_BYTES 4096

struct log_options {
    const char *name;
    const char *folder;          /* <data_dir>/logs; NULL: no file, whatever the plan says */
    const struct log_plan *plan; /* read during log_create */
    int64_t first_seq;           /* the supervisor's start in microseconds since 1970 */
    struct redactor *redactor;   /* borrowed for the log's life; NULL: nothing is replaced */
    /* The file cannot be written (text says why), or can be again (NULL): once each. From inside log_write or
     * log_check; may not destroy the log. May be NULL. */
    void (*file_changed)(void *context, const char *name, const char *text);
    void *context;
};

struct log *log_create(const struct log_options *options);

/* Takes NULL. What was not flushed is lost with it. */
void log_destroy(struct log *log);

/* What was read from a stream, however it is cut. stream is a log_stream; now_ms the wall clock's. */
void log_write(struct log *log, int stream, const char *data, size_t length, int64_t now_ms);

/* The stream has ended: what came without a newline is a line. */
void log_flush_partial(struct log *log, int stream, int64_t now_ms);

/* A new child begins: log_stderr_tail starts afresh. */
void log_begin_start(struct log *log);

/* Adds the last stderr lines since log_begin_start, as valid UTF-8: at most LOG_STDERR_LINES and
 * LOG_STDERR_BYTES. */
void log_stderr_tail(const struct log *log, struct strings *lines);

/* Looks after the file: to be called every second or two, so that one that was taken away is made anew. */
void log_check(struct log *log);

/* Bytes that are in no file because it could not be written; grows only. */
uint64_t log_bytes_lost(const struct log *log);

#define LOG_ALL_LINES (-1)

struct log_query {
    int tail; /* the newest so many, or LOG_ALL_LINES; with has_since: the first so many later ones */
    bool has_since;
    int64_t since_seq;
};

/* {lines: [{seq, ts_ms, stream, text}], dropped}, owned by the caller: dropped lines came after since_seq and
 * are not kept any more. */
struct cJSON *log_tail(const struct log *log, const struct log_query *query);

/* 0: no line has come yet. */
int64_t log_last_seq(const struct log *log);

struct log_line {
    int64_t seq;
    int64_t ts_ms;
    int stream;
    const char *text; /* valid UTF-8 without its newline, NUL-terminated */
    size_t length;
};

typedef void (*log_callback)(void *context, const struct log_line *line);

/* callback hears of every later line from inside log_write, line borrowed for the call. It may add and remove
 * listeners, and neither write to this log nor destroy it. */
struct listener *log_listen(struct log *log, log_callback callback, void *context);

/* Takes NULL. From inside a callback too. */
void log_unlisten(struct log *log, struct listener *listener);

#endif
