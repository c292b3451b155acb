#include "prober.h"

#include <stdlib.h>

#include "base/memory.h"
#include "prober_state.h"
#include "rhythm.h"

/* A failure is not counted where our own timers were later than that (lifecycle.md, 'Probes'). */
#define LATE_MS 1000

int64_t prober_now_ms(void)
{
    return (int64_t)(uv_hrtime() / 1000000);
}

static void on_timer(uv_timer_t *timer)
{
    struct prober *prober = timer->data;
    prober->late = prober_now_ms() - prober->timer_due_ms > LATE_MS;
    prober->on_due(prober);
}

void prober_arm(struct prober *prober, int64_t wait_ms, void (*on_due)(struct prober *prober))
{
    prober->on_due = on_due;
    prober->timer_due_ms = prober_now_ms() + wait_ms;
    /* The loop's idea of the time is as old as its turn. */
    uv_update_time(prober->timer.loop);
    uv_timer_start(&prober->timer, on_timer, (uint64_t)wait_ms, 0);
}

void prober_disarm(struct prober *prober)
{
    uv_timer_stop(&prober->timer);
}

static void remember(struct prober *prober, const struct prober_result *result)
{
    free(prober->last_message);
    prober->last_message = memory_copy_text(result->message);
    prober->last = (struct prober_last){.kind = prober->plan->kind,
                                        .known = true,
                                        .ok = result->verdict == PROBER_PASSED,
                                        .latency_ms = result->latency_ms,
                                        .failures = result->failures,
                                        .message = prober->last_message};
}

void prober_report(struct prober *prober, const struct attempt_result *attempted)
{
    struct prober_result result = {.start_number = prober->start_number,
                                   .phase = prober->phase,
                                   .verdict = PROBER_PASSED,
                                   .latency_ms = attempted->latency_ms,
                                   .message = attempted->message,
                                   .address = attempted->address};
    if (attempted->passed) {
        prober->failures = 0;
    } else if (prober->phase == PROBER_LIVE && (prober->late || attempted->late_ms > LATE_MS)) {
        result.verdict = PROBER_NOT_COUNTED;
    } else {
        result.verdict = PROBER_FAILED;
        prober->failures++;
    }
    result.failures = prober->failures;
    remember(prober, &result);
    if (attempted->passed && prober->phase == PROBER_READY) {
        prober->phase = PROBER_IDLE;
        prober_disarm(prober);
    }
    prober->callback(prober->callback_context, &result);
}

void prober_pass(struct prober *prober)
{
    prober_report(prober, &(struct attempt_result){.passed = true});
}

void prober_fail(struct prober *prober, const char *message)
{
    prober_report(prober, &(struct attempt_result){.message = message});
}

static void ask(struct prober *prober);

static void on_attempted(void *context, const struct attempt_result *result)
{
    struct prober *prober = context;
    int64_t now = prober_now_ms();
    prober->attempt = NULL;
    if (prober->phase == PROBER_LIVE) {
        prober_arm(prober, rhythm_wait(prober->asked_ms, prober->plan->interval_ms, now), ask);
    } else if (!result->passed) {
        prober->distance_ms =
            rhythm_ready_distance(prober->plan, now - prober->begun_ms, prober->distance_ms);
        prober_arm(prober, rhythm_wait(prober->asked_ms, prober->distance_ms, now), ask);
    }
    prober_report(prober, result);
}

static void ask(struct prober *prober)
{
    int64_t timeout_ms = prober->phase == PROBER_READY ? rhythm_ready_timeout(prober->plan)
                                                       : rhythm_live_timeout(prober->plan);
    prober->asked_ms = prober_now_ms();
    prober->attempt = attempt_start(prober->probes, prober->plan, timeout_ms, on_attempted, prober);
}

struct prober *prober_create(struct probe_context *probes, prober_callback callback, void *context)
{
    struct prober *prober = memory_new(1, sizeof(*prober));
    prober->probes = probes;
    prober->callback = callback;
    prober->callback_context = context;
    probe_context_init_timer(probes, &prober->timer);
    prober->timer.data = prober;
    return prober;
}

static void end_phase(struct prober *prober)
{
    attempt_cancel(prober->attempt);
    prober->attempt = NULL;
    prober_disarm(prober);
    pattern_destroy(prober->pattern);
    prober->pattern = NULL;
    prober->phase = PROBER_IDLE;
}

static void begin_phase(struct prober *prober, enum prober_phase phase, const struct probe_plan *plan,
                        uint64_t start_number)
{
    end_phase(prober);
    prober->phase = phase;
    prober->plan = plan;
    prober->start_number = start_number;
    prober->begun_ms = prober_now_ms();
    prober->distance_ms = 0;
    prober->late = false;
    prober->failures = 0;
}

void prober_start_ready(struct prober *prober, const struct probe_plan *plan, uint64_t start_number)
{
    begin_phase(prober, PROBER_READY, plan, start_number);
    prober->last_beat_ms = 0;
    prober->last = (struct prober_last){.kind = plan->kind};
    if (attempt_is_possible(plan->kind))
        ask(prober);
    else
        prober_begin_event(prober);
}

void prober_start_live(struct prober *prober, const struct probe_plan *plan, uint64_t start_number)
{
    begin_phase(prober, PROBER_LIVE, plan, start_number);
    if (attempt_is_possible(plan->kind))
        prober_arm(prober, plan->interval_ms, ask);
    else
        prober_begin_event(prober);
}

void prober_start_watch(struct prober *prober, const struct probe_plan *plan, uint64_t start_number)
{
    begin_phase(prober, PROBER_LIVE, plan, start_number);
    prober->last = (struct prober_last){.kind = plan->kind};
    if (attempt_is_possible(plan->kind))
        ask(prober);
    else
        prober_begin_event(prober);
}

void prober_stop(struct prober *prober)
{
    end_phase(prober);
    if (prober->plan)
        probe_context_forget(prober->probes, prober->plan);
    prober->plan = NULL;
}

static void on_timer_closed(uv_handle_t *handle)
{
    struct prober *prober = handle->data;
    text_finish(&prober->line);
    free(prober->last_message);
    free(prober);
}

void prober_destroy(struct prober *prober)
{
    if (!prober)
        return;
    prober_stop(prober);
    uv_close((uv_handle_t *)&prober->timer, on_timer_closed);
}

struct prober_last prober_last(const struct prober *prober)
{
    return prober->last;
}
