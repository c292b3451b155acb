#include "deferred.h"

#include <stdlib.h>

#include "base/memory.h"

struct deferred {
    uv_timer_t timer;
    uv_work_t work;
    uint64_t delay_ms;
    const struct deferred_operations *operations;
    void *context;
    void *payload;
    int code;
    bool asked;      /* the timer runs, or will once the work in flight is done */
    uint64_t due_at; /* asked: the loop's time */
    bool in_flight;  /* from uv_queue_work until its callback on the loop */
    bool closing;
    bool timer_closed;
    uv_mutex_t mutex; /* guards finished */
    uv_cond_t ended;
    bool finished; /* the work's thread is done with payload and code */
};

static void arm(struct deferred *deferred);

static void free_when_idle(struct deferred *deferred)
{
    if (!deferred->timer_closed || deferred->in_flight)
        return;
    uv_mutex_destroy(&deferred->mutex);
    uv_cond_destroy(&deferred->ended);
    free(deferred);
}

static void on_timer_closed(uv_handle_t *handle)
{
    struct deferred *deferred = handle->data;
    deferred->timer_closed = true;
    free_when_idle(deferred);
}

static void on_pool(uv_work_t *work)
{
    struct deferred *deferred = work->data;
    int code = deferred->operations->work(deferred->payload);
    uv_mutex_lock(&deferred->mutex);
    deferred->code = code;
    deferred->finished = true;
    uv_cond_signal(&deferred->ended);
    uv_mutex_unlock(&deferred->mutex);
}

static void on_done(uv_work_t *work, int status)
{
    struct deferred *deferred = work->data;
    void *payload = deferred->payload;
    deferred->payload = NULL;
    deferred->in_flight = false;
    if (deferred->closing) {
        deferred->operations->discard(payload);
        free_when_idle(deferred);
        return;
    }
    if (deferred->asked)
        arm(deferred);
    deferred->operations->done(deferred->context, payload, status < 0 ? status : deferred->code);
    deferred->operations->discard(payload);
}

static void on_timer(uv_timer_t *timer)
{
    struct deferred *deferred = timer->data;
    deferred->asked = false;
    deferred->in_flight = true;
    deferred->finished = false;
    deferred->payload = deferred->operations->prepare(deferred->context);
    uv_queue_work(timer->loop, &deferred->work, on_pool, on_done);
}

static void arm(struct deferred *deferred)
{
    uint64_t now = uv_now(deferred->timer.loop);
    uv_timer_start(&deferred->timer, on_timer, deferred->due_at > now ? deferred->due_at - now : 0, 0);
}

struct deferred *deferred_create(uv_loop_t *loop, uint64_t delay_ms,
                                 const struct deferred_operations *operations, void *context)
{
    struct deferred *deferred = memory_new(1, sizeof *deferred);
    deferred->delay_ms = delay_ms;
    deferred->operations = operations;
    deferred->context = context;
    deferred->work.data = deferred;
    if (uv_mutex_init(&deferred->mutex) < 0 || uv_cond_init(&deferred->ended) < 0)
        abort();
    uv_timer_init(loop, &deferred->timer);
    deferred->timer.data = deferred;
    return deferred;
}

void deferred_ask(struct deferred *deferred)
{
    if (deferred->asked || deferred->closing)
        return;
    deferred->asked = true;
    deferred->due_at = uv_now(deferred->timer.loop) + deferred->delay_ms;
    if (!deferred->in_flight)
        arm(deferred);
}

static bool wait_out(struct deferred *deferred)
{
    uint64_t until = uv_hrtime() + DEFERRED_PATIENCE_MS * UINT64_C(1000000);
    uv_mutex_lock(&deferred->mutex);
    while (!deferred->finished) {
        uint64_t now = uv_hrtime();
        if (now >= until || uv_cond_timedwait(&deferred->ended, &deferred->mutex, until - now) < 0)
            break;
    }
    bool finished = deferred->finished;
    uv_mutex_unlock(&deferred->mutex);
    return finished;
}

bool deferred_destroy(struct deferred *deferred)
{
    if (!deferred)
        return true;
    bool idle = true;
    deferred->closing = true;
    if (deferred->in_flight && uv_cancel((uv_req_t *)&deferred->work) < 0)
        idle = wait_out(deferred);
    uv_close((uv_handle_t *)&deferred->timer, on_timer_closed);
    return idle;
}
