#include "session.h"

#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include "base/memory.h"
#include "dispatcher.h"
#include "json_scan.h"
#include "rpc_codec.h"

/* So much is gathered before it is written, and so much memory a quiet session keeps for the next time. */
#define OUT_ENOUGH ((size_t)64 * 1024)
#define KEPT_MAX   ((size_t)64 * 1024)

/* Answers to one batch beyond this are refused: a batch has to be held until its last answer is there. */
#define BATCH_ANSWERS_MAX ((size_t)8 * 1024 * 1024)

struct batch {
    struct rpc_message message;
    size_t next;    /* request to carry out */
    size_t waiting; /* for an answer */
    struct text answers;
    struct batch *following;
};

void session_init(struct session *session, struct dispatcher *dispatcher,
                  const struct session_transport *transport, void *context, pid_t client)
{
    *session = (struct session){
        .dispatcher = dispatcher, .transport = transport, .context = context, .client = client};
}

static void destroy_batch(struct batch *batch)
{
    rpc_message_finish(&batch->message);
    text_finish(&batch->answers);
    free(batch);
}

void session_finish(struct session *session)
{
    dispatcher_forget(session->dispatcher, session);
    while (session->batches) {
        struct batch *batch = session->batches;
        session->batches = batch->following;
        destroy_batch(batch);
    }
    text_finish(&session->in);
    text_finish(&session->out);
}

/* The rest of an overlong line is not kept; returns how much of data belongs to it. */
static size_t skip_overlong(struct session *session, const char *data, size_t length)
{
    if (!session->skipping)
        return 0;
    const char *newline = memchr(data, '\n', length);
    if (!newline)
        return length;
    session->skipping = false;
    return (size_t)(newline - data) + 1;
}

void session_feed(struct session *session, const char *data, size_t length)
{
    size_t skipped = skip_overlong(session, data, length);
    if (length > skipped)
        text_append_bytes(&session->in, data + skipped, length - skipped);
}

void session_end_input(struct session *session)
{
    if (session->in.length > session->in_at)
        text_append(&session->in, "\n");
}

/* Gives back memory of a burst, and starts at the front again. */
static void compact(struct session *session)
{
    size_t left = session->in.length - session->in_at;
    if (left == 0) {
        if (session->in.capacity > KEPT_MAX)
            text_finish(&session->in);
        else
            text_clear(&session->in);
    } else if (session->in_at <= left) {
        return;
    } else {
        memmove(session->in.data, session->in.data + session->in_at, left + 1);
        session->in.length = left;
    }
    session->looked_to -= session->looked_to > session->in_at ? session->in_at : session->looked_to;
    session->in_at = 0;
}

static void refuse_overlong(struct session *session)
{
    struct rpc_request request = {.id = memory_copy_text("null"),
                                  .fault_code = RPC_INVALID_REQUEST,
                                  .fault = memory_copy_text("Invalid Request: a line longer than 1 MiB")};
    dispatcher_take(session->dispatcher, session, NULL, &request);
    rpc_request_finish(&request);
}

/* The newline that ends the next line; NULL where it has not come yet. */
static const char *peek_newline(const struct session *session)
{
    size_t from = session->looked_to > session->in_at ? session->looked_to : session->in_at;
    return from < session->in.length ? memchr(session->in.data + from, '\n', session->in.length - from)
                                     : NULL;
}

static const char *find_newline(struct session *session)
{
    const char *newline = peek_newline(session);
    session->looked_to = newline ? (size_t)(newline - session->in.data) : session->in.length;
    return newline;
}

/* The next line, without its newline; data NULL where there is no whole one. */
static struct json_span take_line(struct session *session)
{
    const char *newline = find_newline(session);
    const char *start = text_get(&session->in) + session->in_at;
    size_t length = newline ? (size_t)(newline - start) : session->in.length - session->in_at;
    if (length > RPC_LINE_MAX) {
        session->in_at = newline ? session->in_at + length + 1 : session->in.length;
        session->skipping = !newline;
        refuse_overlong(session);
        return (struct json_span){.data = "", .length = 0};
    }
    if (!newline)
        return (struct json_span){0};
    session->in_at += length + 1;
    return json_trimmed(start, length);
}

static void settle_batch(struct session *session, struct batch *batch)
{
    if (batch == session->dispatching || batch->waiting > 0)
        return;
    struct batch **link = &session->batches;
    while (*link != batch)
        link = &(*link)->following;
    *link = batch->following;
    if (batch->answers.length > 0) {
        text_append(&session->out, "[");
        text_append_bytes(&session->out, batch->answers.data, batch->answers.length);
        text_append(&session->out, "]\n");
    }
    destroy_batch(batch);
}

static void take_message(struct session *session, struct rpc_message *message)
{
    if (!message->batch) {
        dispatcher_take(session->dispatcher, session, NULL, &message->requests[0]);
        rpc_message_finish(message);
        return;
    }
    struct batch *batch = memory_new(1, sizeof(*batch));
    batch->message = *message;
    batch->following = session->batches;
    session->batches = batch;
    session->dispatching = batch;
}

static void step_batch(struct session *session)
{
    struct batch *batch = session->dispatching;
    struct rpc_request *request = &batch->message.requests[batch->next++];
    dispatcher_take(session->dispatcher, session, batch, request);
    rpc_request_finish(request);
    if (batch->next == batch->message.count) {
        session->dispatching = NULL;
        settle_batch(session, batch);
    }
}

/* One request of a batch, or one line. False: there is none. */
static bool step(struct session *session)
{
    if (session->dispatching) {
        step_batch(session);
        return true;
    }
    struct json_span line = take_line(session);
    if (!line.data)
        return false;
    session->asked = true;
    if (line.length > 0) {
        struct rpc_message message;
        rpc_parse(line.data, line.length, &message);
        take_message(session, &message);
    }
    return true;
}

void session_work(struct session *session, uint64_t until)
{
    session->working = true;
    while (session->out.length < OUT_ENOUGH && step(session) && uv_hrtime() < until)
        ;
    session->working = false;
    compact(session);
}

bool session_has_work(const struct session *session)
{
    return session->dispatching || session->in.length - session->in_at > RPC_LINE_MAX ||
           peek_newline(session);
}

void session_asked(struct session *session, struct batch *batch)
{
    session->open_count++;
    if (batch)
        batch->waiting++;
}

struct text *session_answer_begin(struct session *session, struct batch *batch)
{
    if (!batch)
        return &session->out;
    if (batch->answers.length > 0)
        text_append(&batch->answers, ",");
    return &batch->answers;
}

void session_answered(struct session *session, struct batch *batch)
{
    session->open_count--;
    if (batch) {
        batch->waiting--;
        settle_batch(session, batch);
    } else {
        text_append(&session->out, "\n");
    }
    if (!session->working)
        session->transport->wake(session->context);
}

bool session_batch_is_full(const struct batch *batch)
{
    return batch && batch->answers.length > BATCH_ANSWERS_MAX;
}
