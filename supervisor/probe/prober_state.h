/*
 * Inside the room: a prober's state, shared by what asks (prober.c) and what is told (prober_event.c).
 */
#ifndef SIDECARD_PROBE_PROBER_STATE_H
#define SIDECARD_PROBE_PROBER_STATE_H

#include "base/text.h"
#include "pattern.h"
#include "prober.h"

struct prober {
    struct probe_context *probes;
    prober_callback callback;
    void *callback_context;
    uv_timer_t timer;
    int64_t timer_due_ms;
    void (*on_due)(struct prober *prober);

    enum prober_phase phase;
    const struct probe_plan *plan; /* NULL: never started, or stopped */
    uint64_t start_number;
    struct attempt *attempt; /* under way */
    int64_t begun_ms;        /* the phase */
    int64_t asked_ms;        /* the last attempt */
    int64_t distance_ms;     /* ready: between the last two attempts */
    bool late;               /* the loop was, in this interval */
    int failures;

    struct pattern *pattern; /* log */
    struct text line;        /* log: without escape sequences */
    int64_t last_beat_ms;

    struct prober_last last;
    char *last_message;
};

/* Monotonic. */
int64_t prober_now_ms(void);

/* Calls on_due in wait_ms, instead of what it was to call before; sets late where the loop was. */
void prober_arm(struct prober *prober, int64_t wait_ms, void (*on_due)(struct prober *prober));
void prober_disarm(struct prober *prober);

/*
 * Remembers and tells. A ready phase is over with a pass. Counts the failure, or not where the loop was late.
 * The last thing that its caller does: the callback may have destroyed the prober.
 */
void prober_report(struct prober *prober, const struct attempt_result *result);
void prober_pass(struct prober *prober);
void prober_fail(struct prober *prober, const char *message);

/* The kinds that pass by an event: what there is to prepare for the phase that begins. */
void prober_begin_event(struct prober *prober);

#endif
