/*
 * The probe of one sidecar over time: when to ask, how often it failed in a row, what came of it last.
 *
 *      prober_start_ready   at once, then by the rhythm of rhythm.h, until it passes
 *      prober_start_live    every interval, the first time one interval from now
 *      prober_start_watch   every interval, at once: for what somebody else runs (remote and adopted rows)
 *      prober_stop          no result any more
 *
 * Each of them ends what was under way. There are never two attempts at once. `tcp`, `http`, `exec` and
 * `mongo` ask by attempts; the others pass by what happens and is told here: a line of output, a heartbeat, a
 * notification, an answer. That the ready phase as a whole takes too long is not the prober's business: it
 * goes on until it is stopped.
 *
 * As a live probe a kind that cannot fail (`uptime`, `log`, `notify`, `rpc`, none) gives no results.
 */
#ifndef SIDECARD_PROBE_PROBER_H
#define SIDECARD_PROBE_PROBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "attempt.h"
#include "plan/probe_plan.h"

enum prober_phase { PROBER_IDLE, PROBER_READY, PROBER_LIVE };

enum prober_verdict {
    PROBER_PASSED,
    PROBER_FAILED,
    PROBER_NOT_COUNTED /* it failed, but the loop was over 1 s late in that interval, so it may be our own
                          fault */
};

struct prober_result {
    uint64_t start_number; /* as given to prober_start_... */
    enum prober_phase phase;
    enum prober_verdict verdict;
    double latency_ms;   /* 0 where nothing was asked */
    int failures;        /* in a row, this one included */
    const char *message; /* why not, one line for a person; NULL where it passed */
    const char *address; /* tcp, http: the loopback that answered; NULL where that is not known */
};

/* For a status row. */
struct prober_last {
    enum probe_kind kind;
    bool known; /* something came of it since the start */
    bool ok;
    double latency_ms;
    int failures;
    const char *message; /* why not; NULL where it is ok; valid until the next result */
};

struct prober;

/*
 * After every attempt and every event that decides. result and its texts are valid during the call, which may
 * start, stop and destroy the prober and anything else. Never from inside prober_start_... or prober_stop.
 */
typedef void (*prober_callback)(void *context, const struct prober_result *result);

struct prober *prober_create(struct probe_context *probes, prober_callback callback, void *context);

/* Ends what is under way; its memory goes once the loop has closed its timer. */
void prober_destroy(struct prober *prober);

/* The child starts now. plan is borrowed until the prober is stopped, started with another, or destroyed. */
void prober_start_ready(struct prober *prober, const struct probe_plan *plan, uint64_t start_number);
void prober_start_live(struct prober *prober, const struct probe_plan *plan, uint64_t start_number);
void prober_start_watch(struct prober *prober, const struct probe_plan *plan, uint64_t start_number);

/* Also lets go of kept connections, so that a server that is about to be stopped need not wait for us. */
void prober_stop(struct prober *prober);

/*
 * What the child did. Each is harmless where the probe is of another kind, so that whoever reads the child's
 * output need not know; each may call the callback before it returns, and so end with the prober destroyed.
 */

/* A line without its end. */
void prober_feed_line(struct prober *prober, const char *line, size_t length);
/* Whether a line makes a difference now; spares the caller the feeding. */
bool prober_wants_lines(const struct prober *prober);
void prober_beat(struct prober *prober);
void prober_notify_ready(struct prober *prober);
/* The `rpc` probe's method was answered: by a result (message NULL), or by an error. */
void prober_rpc_answered(struct prober *prober, const char *message);

struct prober_last prober_last(const struct prober *prober);

#endif
