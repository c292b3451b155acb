#include "dispatcher.h"

#include <cjson/cJSON.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/text.h"
#include "methods.h"
#include "rpc_codec.h"
#include "session.h"

static void unlink_request(struct request *request)
{
    struct dispatcher *dispatcher = request->dispatcher;
    if (!dispatcher)
        return;
    if (request->previous)
        request->previous->next = request->next;
    else
        dispatcher->open = request->next;
    if (request->next)
        request->next->previous = request->previous;
    dispatcher->open_count--;
    request->dispatcher = NULL;
}

static struct request *create_request(struct dispatcher *dispatcher, char *id)
{
    struct request *request = memory_new(1, sizeof(*request));
    request->dispatcher = dispatcher;
    request->id = id;
    request->next = dispatcher->open;
    if (request->next)
        request->next->previous = request;
    dispatcher->open = request;
    dispatcher->open_count++;
    return request;
}

static void destroy_request(struct request *request)
{
    unlink_request(request);
    free(request->id);
    free(request);
}

/* The session has its answer, or nobody will ask for it any more. */
static void detach(struct request *request)
{
    struct session *session = request->session;
    struct batch *batch = request->batch;
    request->session = NULL;
    request->batch = NULL;
    request->deadline = 0;
    if (session)
        session_answered(session, batch);
}

void request_answer(struct request *request, cJSON *result)
{
    if (request->session) {
        rpc_write_result(session_answer_begin(request->session, request->batch), request->id, result);
        detach(request);
    }
    cJSON_Delete(result);
    destroy_request(request);
}

static void tell_failure(struct request *request, int code, const char *message, const cJSON *data)
{
    if (!request->session)
        return;
    rpc_write_error(session_answer_begin(request->session, request->batch), request->id, code, message, data);
    detach(request);
}

void request_fail(struct request *request, enum rpc_code code, cJSON *data, const char *format, ...)
{
    struct text message = {0};
    va_list arguments;
    va_start(arguments, format);
    text_vprintf(&message, format, arguments);
    va_end(arguments);
    tell_failure(request, code, text_get(&message), data);
    text_finish(&message);
    cJSON_Delete(data);
    destroy_request(request);
}

void request_fail_with(struct request *request, enum rpc_code code, const struct error *error)
{
    char *line = error_line(error);
    request_fail(request, code, error_to_json(error), "%s", line);
    free(line);
}

static void time_out(struct request *request)
{
    const struct control_target *target = &request->dispatcher->target;
    cJSON *status = target->operations->status(target->context, false);
    char *message = text_format("not done after %lld ms; the work goes on", (long long)request->timeout_ms);
    tell_failure(request, RPC_TIMED_OUT, message, status);
    free(message);
    cJSON_Delete(status);
}

static void on_timer(uv_timer_t *timer);

static void arm(struct dispatcher *dispatcher, uint64_t deadline)
{
    if (uv_is_closing((uv_handle_t *)&dispatcher->timer))
        return;
    if (uv_is_active((uv_handle_t *)&dispatcher->timer) && dispatcher->timer_at <= deadline)
        return;
    uint64_t now = uv_now(dispatcher->loop);
    dispatcher->timer_at = deadline;
    uv_timer_start(&dispatcher->timer, on_timer, deadline > now ? deadline - now : 0, 0);
}

static void on_timer(uv_timer_t *timer)
{
    struct dispatcher *dispatcher = timer->data;
    uint64_t now = uv_now(dispatcher->loop);
    uint64_t next = 0;
    struct request *following;
    for (struct request *request = dispatcher->open; request; request = following) {
        following = request->next;
        if (request->deadline == 0)
            continue;
        if (request->deadline <= now)
            time_out(request);
        else if (next == 0 || request->deadline < next)
            next = request->deadline;
    }
    if (next != 0)
        arm(dispatcher, next);
}

void request_set_timeout(struct request *request, int64_t timeout_ms)
{
    if (timeout_ms == 0 || !request->session)
        return;
    request->timeout_ms = timeout_ms;
    request->deadline = uv_now(request->dispatcher->loop) + (uint64_t)timeout_ms;
    arm(request->dispatcher, request->deadline);
}

void dispatcher_init(struct dispatcher *dispatcher, uv_loop_t *loop, const struct control_target *target)
{
    *dispatcher = (struct dispatcher){.loop = loop, .target = *target};
    uv_timer_init(loop, &dispatcher->timer);
    uv_unref((uv_handle_t *)&dispatcher->timer);
    dispatcher->timer.data = dispatcher;
}

static void on_timer_closed(uv_handle_t *handle)
{
    struct dispatcher *dispatcher = handle->data;
    if (dispatcher->closed)
        dispatcher->closed(dispatcher->closed_context);
}

void dispatcher_close(struct dispatcher *dispatcher, void (*closed)(void *context), void *context)
{
    while (dispatcher->open) {
        dispatcher->open->session = NULL;
        dispatcher->open->batch = NULL;
        unlink_request(dispatcher->open);
    }
    dispatcher->closed = closed;
    dispatcher->closed_context = context;
    uv_close((uv_handle_t *)&dispatcher->timer, on_timer_closed);
}

/* True where one more would be too many, and it was told so. */
static bool refuse_flood(struct request *request, const struct session *session, const struct batch *batch)
{
    const struct dispatcher *dispatcher = request->dispatcher;
    if (session->open_count <= SESSION_OPEN_MAX && dispatcher->open_count <= DISPATCHER_OPEN_MAX &&
        !session_batch_is_full(batch))
        return false;
    request_fail(request, RPC_BUSY, NULL,
                 session_batch_is_full(batch) ? "the answers to this batch are too long; ask in smaller ones"
                                              : "too many open requests; wait for answers first");
    return true;
}

void dispatcher_take(struct dispatcher *dispatcher, struct session *session, struct batch *batch,
                     struct rpc_request *rpc)
{
    struct request *request = create_request(dispatcher, rpc->id);
    rpc->id = NULL;
    if (request->id) {
        request->session = session;
        request->batch = batch;
        session_asked(session, batch);
    }
    if (rpc->fault_code != 0)
        request_fail(request, rpc->fault_code, NULL, "%s", rpc->fault);
    else if (!refuse_flood(request, session, batch))
        methods_dispatch(session, request, rpc->method, rpc->params);
}

void dispatcher_forget(struct dispatcher *dispatcher, const struct session *session)
{
    for (struct request *request = dispatcher->open; request; request = request->next) {
        if (request->session != session)
            continue;
        request->session = NULL;
        request->batch = NULL;
        request->deadline = 0;
    }
}

void dispatcher_refuse_open(struct dispatcher *dispatcher, const struct session *session)
{
    for (struct request *request = dispatcher->open; request; request = request->next)
        if (request->session == session)
            tell_failure(request, RPC_BUSY, "the supervisor is ending", NULL);
}
