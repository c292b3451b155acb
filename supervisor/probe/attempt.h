/*
 * One attempt of one probe: asks once, and passes, fails or is cancelled. It never blocks the loop.
 *
 * Kinds that are attempts: tcp, http, exec, mongo (attempt_is_possible). The others pass by something that
 * happens; see prober.h. Each kind is one file, attempt_KIND.c, behind one row of the table in attempt.c.
 *
 * All of it belongs to the loop's thread.
 */
#ifndef SIDECARD_PROBE_ATTEMPT_H
#define SIDECARD_PROBE_ATTEMPT_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "base/error.h"
#include "plan/probe_plan.h"

/*
 * How `exec` probes run a command: starting children is another room's trade, which the runtime lends.
 *
 * start: runs plan->command in plan->cwd and returns a handle for cancel, or NULL with error filled. done is
 * called once, never from inside start, when the command has ended and nothing of its tree is left; exit_code
 * is -1 where a signal ended it, signal is 0 where none did. The plan is borrowed until then. cancel: kills
 * the command's whole tree; done is not called any more.
 */
typedef void (*probe_exec_done)(void *context, int exit_code, int signal);

struct probe_exec_host {
    void *host;
    void *(*start)(void *host, const struct probe_plan *plan, probe_exec_done done, void *context,
                   struct error *error);
    void (*cancel)(void *host, void *job);
};

/* What attempts on one loop share: HTTP connections, threads for the MongoDB driver. Each is made at its
 * first use. */
struct probe_context;

/* exec is copied; NULL: exec probes fail with a message. */
struct probe_context *probe_context_create(uv_loop_t *loop, const struct probe_exec_host *exec);

/*
 * Cancels every attempt without a word. Takes at most 100 ms, also while database probes hang: their threads
 * free what they hold when the driver lets go of them. The context's memory goes once the loop has closed its
 * handles. Probers of this context must be destroyed before. May be called from within any callback.
 */
void probe_context_destroy(struct probe_context *context);

struct attempt;

struct attempt_result {
    bool passed;
    double latency_ms;
    int64_t late_ms;     /* how far beyond timeout_ms it took: the loop was that late */
    const char *message; /* why not, one line for a person; NULL where it passed */
    const char *address; /* tcp, http: the loopback that answered, "127.0.0.1" or "::1"; NULL where that is
                            not known */
};

/*
 * result and its texts are valid during the call. May start, cancel (the ended one too, to no effect) and
 * destroy anything.
 */
typedef void (*attempt_done)(void *context, const struct attempt_result *result);

bool attempt_is_possible(enum probe_kind kind);

/*
 * Asks now. done is called once, at the latest timeout_ms later, and never from inside attempt_start. plan is
 * borrowed until then. Only for kinds that attempt_is_possible.
 */
struct attempt *attempt_start(struct probe_context *context, const struct probe_plan *plan,
                              int64_t timeout_ms, attempt_done done, void *done_context);

/* Afterwards done is not called. NULL is fine. */
void attempt_cancel(struct attempt *attempt);

/* Lets go of kept connections to where this plan asks, so that a server that waits for its clients before it
 * stops need not wait for us. */
void probe_context_forget(struct probe_context *context, const struct probe_plan *plan);

/* A timer on the context's loop, not started. */
void probe_context_init_timer(struct probe_context *context, uv_timer_t *timer);

#endif
