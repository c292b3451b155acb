#include "attempt.h"

#include <stdlib.h>

#include "attempt_kind.h"
#include "base/memory.h"
#include "base/text.h"
#include "duration_text.h"

/* When the loop itself was that late, what has come in meanwhile is looked at first: libuv runs timers before
 * sockets. */
#define STALL_MS       20
#define STALL_GRACE_MS 5

static const struct attempt_kind *const kinds[PROBE_KIND_COUNT] = {
    [PROBE_TCP] = &attempt_kind_tcp,
    [PROBE_HTTP] = &attempt_kind_http,
    [PROBE_EXEC] = &attempt_kind_exec,
    [PROBE_MONGO] = &attempt_kind_mongo,
};

bool attempt_is_possible(enum probe_kind kind)
{
    return kinds[kind] != NULL;
}

struct probe_context *probe_context_create(uv_loop_t *loop, const struct probe_exec_host *exec)
{
    struct probe_context *context = memory_new(1, sizeof(*context));
    context->loop = loop;
    if (exec)
        context->exec = *exec;
    return context;
}

void probe_context_destroy(struct probe_context *context)
{
    if (!context)
        return;
    while (context->attempts)
        attempt_cancel(context->attempts);
    http_client_destroy(context->http);
    mongo_workers_destroy(context->mongo);
    free(context);
}

void probe_context_init_timer(struct probe_context *context, uv_timer_t *timer)
{
    uv_timer_init(context->loop, timer);
}

void attempt_hold(struct attempt *attempt)
{
    attempt->holds++;
}

void attempt_release(struct attempt *attempt)
{
    if (--attempt->holds > 0)
        return;
    if (attempt->kind->finish)
        attempt->kind->finish(attempt);
    free(attempt->message);
    free(attempt);
}

static void on_timer_closed(uv_handle_t *handle)
{
    attempt_release(handle->data);
}

/* Ends the work on it; the memory stays while anybody holds it. */
static void put_down(struct attempt *attempt)
{
    attempt->over = true;
    if (attempt->previous)
        attempt->previous->next = attempt->next;
    else
        attempt->context->attempts = attempt->next;
    if (attempt->next)
        attempt->next->previous = attempt->previous;
    attempt->kind->stop(attempt);
    uv_close((uv_handle_t *)&attempt->timer, on_timer_closed);
}

static double elapsed_ms(const struct attempt *attempt)
{
    return (double)(uv_hrtime() - attempt->started_ns) / 1e6;
}

static void tell(struct attempt *attempt)
{
    double latency_ms = elapsed_ms(attempt);
    int64_t over_ms = (int64_t)latency_ms - attempt->timeout_ms;
    struct attempt_result result = {.passed = attempt->passed,
                                    .latency_ms = latency_ms,
                                    .late_ms = over_ms > 0 ? over_ms : 0,
                                    .message = attempt->message,
                                    .address = attempt->address};
    attempt_hold(attempt);
    put_down(attempt);
    attempt->done(attempt->done_context, &result);
    attempt_release(attempt);
}

static void on_told_later(uv_timer_t *timer)
{
    tell(timer->data);
}

static void settle(struct attempt *attempt, bool passed, char *message, const char *address)
{
    if (attempt->over) {
        free(message);
        return;
    }
    free(attempt->message);
    attempt->passed = passed;
    attempt->message = message;
    attempt->address = address;
    if (attempt->starting)
        uv_timer_start(&attempt->timer, on_told_later, 0, 0);
    else
        tell(attempt);
}

void attempt_pass(struct attempt *attempt, const char *address)
{
    settle(attempt, true, NULL, address);
}

void attempt_fail(struct attempt *attempt, char *message)
{
    settle(attempt, false, message, NULL);
}

char *attempt_time_text(const struct attempt *attempt)
{
    return duration_text(attempt->timeout_ms);
}

static void on_time_up(uv_timer_t *timer)
{
    struct attempt *attempt = timer->data;
    bool stalled = elapsed_ms(attempt) - (double)attempt->timeout_ms >= STALL_MS;
    if (stalled && !attempt->looked_again) {
        attempt->looked_again = true;
        uv_timer_start(timer, on_time_up, STALL_GRACE_MS, 0);
        return;
    }
    if (attempt->kind->expire) {
        attempt->kind->expire(attempt);
        return;
    }
    char *time = attempt_time_text(attempt);
    attempt_fail(attempt, text_format("no answer in %s", time));
    free(time);
}

struct attempt *attempt_start(struct probe_context *context, const struct probe_plan *plan,
                              int64_t timeout_ms, attempt_done done, void *done_context)
{
    const struct attempt_kind *kind = kinds[plan->kind];
    struct attempt *attempt = memory_new(1, kind->size);
    attempt->context = context;
    attempt->kind = kind;
    attempt->plan = plan;
    attempt->timeout_ms = timeout_ms;
    attempt->done = done;
    attempt->done_context = done_context;
    attempt->started_ns = uv_hrtime();
    attempt->holds = 1;
    attempt->next = context->attempts;
    if (attempt->next)
        attempt->next->previous = attempt;
    context->attempts = attempt;

    uv_timer_init(context->loop, &attempt->timer);
    attempt->timer.data = attempt;
    /* The loop's idea of the time is as old as its turn. */
    uv_update_time(context->loop);
    uv_timer_start(&attempt->timer, on_time_up, (uint64_t)timeout_ms, 0);
    attempt->starting = true;
    kind->start(attempt);
    attempt->starting = false;
    return attempt;
}

void attempt_cancel(struct attempt *attempt)
{
    if (attempt && !attempt->over)
        put_down(attempt);
}
