/*
 * The foreground's output: children's lines on stdout, what sidecard itself has to say on stderr, as text for
 * a person or as JSON, an object a line. It never holds its caller up (outlet.h).
 */
#ifndef SIDECARD_CLI_TERMINAL_VIEW_H
#define SIDECARD_CLI_TERMINAL_VIEW_H

#include <stdbool.h>
#include <stdint.h>

#include "feed/event.h"

struct plan;
struct terminal_view;

struct terminal_view_options {
    const struct plan *plan; /* its names and URLs; read during terminal_view_create alone */
    int lines_fd;            /* where children's lines go */
    int events_fd;
    bool json;
    enum event_level level; /* this one and above */
};

struct terminal_view *terminal_view_create(const struct terminal_view_options *options);
void terminal_view_destroy(struct terminal_view *view);

void terminal_view_event(struct terminal_view *view, const struct event *event);
void terminal_view_line(struct terminal_view *view, const char *sidecar, int stream, int64_t ts_ms,
                        const char *text);

/* Something of the program itself, in one line. */
void terminal_view_say(struct terminal_view *view, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The level that --log-level or SIDECARD_LOG asks for; info where neither names one. */
enum event_level terminal_view_level(const char *option);

#endif
