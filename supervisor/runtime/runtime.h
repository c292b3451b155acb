/*
 * One supervised runtime: the services of a plan, what carries out their decisions, and who may ask about it.
 *
 * It lives on one uv loop and is used from that loop's thread alone. It owns the feed, the logs, the
 * children, the probes and the control socket, and it puts them together; what a service does next is decided
 * in `service`.
 *
 * Life: runtime_open takes the lock of data_dir, opens feed, logs and socket, and starts nothing.
 * runtime_begin wants everything started. runtime_shutdown stops everything in order and, when the last
 * process is gone and the files are closed, calls `ended`; runtime_destroy may be called from then on.
 */
#ifndef SIDECARD_RUNTIME_RUNTIME_H
#define SIDECARD_RUNTIME_RUNTIME_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "base/error.h"
#include "launch.h"

struct cJSON;
struct runtime;
struct event;
struct shell_ends;

/* What a front end hears; every function may be NULL. None may destroy the runtime. */
struct runtime_listener {
    void *context;
    /* Everything that happened, in order (feed/event.h). */
    void (*event)(void *context, const struct event *event);
    /* One line of a child's output; `text` is valid UTF-8, NUL-terminated, without its newline. stream is 1
     * or 2. */
    void (*line)(void *context, const char *sidecar, int stream, int64_t ts_ms, const char *text);
    /* The runtime's overall state changed; "ready", "failed", ... as in the status. */
    void (*state)(void *context, const char *state);
    /* After runtime_shutdown: nothing is left. */
    void (*ended)(void *context);
};

struct runtime_options {
    struct launch launch; /* kept for starts that name another mode; copied */
    struct plan *plan;    /* taken over and set to NULL, unless it is refused before it is looked at */
    struct runtime_listener listener;
    const char *log_level;          /* NULL: SIDECARD_LOG, else "info" */
    const struct shell_ends *shell; /* its channel (control/shell_ends.h), taken over; NULL: there is none */
};

/* ERROR_REFUSED where another supervisor has the data_dir, with its pid in the message. */
int runtime_open(uv_loop_t *loop, struct runtime_options *options, struct runtime **runtime,
                 struct error *error);

void runtime_begin(struct runtime *runtime);

/* Idempotent. With `now`, every grace is cut short. */
void runtime_shutdown(struct runtime *runtime, bool now);

/* The same in order, for a reason that the feed is told, such as "the shell is gone". */
void runtime_end(struct runtime *runtime, const char *why);

/* The status object of control.md, owned by the caller. */
struct cJSON *runtime_status(struct runtime *runtime, bool detail);

/* "ready", "failed", ...: the overall state's name. */
const char *runtime_state(const struct runtime *runtime);

/* Where its files are: <data_dir>/runtime, or the fallback's. */
const char *runtime_folder(const struct runtime *runtime);

void runtime_destroy(struct runtime *runtime);

#endif
