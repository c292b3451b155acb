/*
 * A runtime in this process, from opening to its end: what `run` and `smoke` share. SIGINT and SIGTERM stop
 * it in order, a second one cuts every grace short; SIGHUP does the same as SIGTERM where there is a terminal
 * to lose. A shell or a parent that it is bound to and that has gone ends it in order as well.
 */
#ifndef SIDECARD_CLI_FOREGROUND_H
#define SIDECARD_CLI_FOREGROUND_H

#include <stdbool.h>
#include <uv.h>

#include "exit_code.h"
#include "runtime/runtime.h"
#include "terminal_view.h"

#define FOREGROUND_SIGNALS 3

struct foreground {
    uv_loop_t loop;
    struct runtime *runtime;
    struct terminal_view *view;
    uv_signal_t signals[FOREGROUND_SIGNALS];
    int asked;         /* how often somebody asked by a signal */
    uint64_t asked_at; /* the newest time, on the loop's clock */
    bool has_terminal;
    uv_poll_t parent; /* readable once it has ended */
    bool has_parent;
    void *context;
    /* Every event, after the view has it; may be NULL. */
    void (*event)(void *context, const struct event *event);
};

struct foreground_options {
    struct terminal_view_options view; /* its plan is filled in */
    const struct launch *launch;
    const char *log_level;
    const struct shell_ends *shell; /* NULL: none on stdin and stdout */
    const int *parent; /* a handle (parent.h) for whose death ends it, the caller's; NULL: nobody's */
    void *context;
    void (*event)(void *context, const struct event *event);
};

/* Takes the plan over. EXIT_FINE, or what was said on stderr already; nothing is open then. */
enum exit_code foreground_open(struct foreground *foreground, const struct foreground_options *options,
                               struct plan *plan);

/* Starts everything and returns when the runtime has ended. */
void foreground_run(struct foreground *foreground);

/* Closes what is left; the view shows its last lines. Handles that others have on the loop must be closing.
 */
void foreground_close(struct foreground *foreground);

#endif
