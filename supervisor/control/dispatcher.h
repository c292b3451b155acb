/*
 * Requests from the moment that they were read to their answer: which of them are open, who waits for each,
 * and until when. One dispatcher serves all sessions of a server. It is used on the loop's thread alone.
 *
 * A request lives until the target has answered it. Who asked may be gone before that (the session ended, the
 * time was over): the request is then detached, and the answer is dropped when it comes.
 */
#ifndef SIDECARD_CONTROL_DISPATCHER_H
#define SIDECARD_CONTROL_DISPATCHER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "target.h"

struct batch;
struct cJSON;
struct request;
struct rpc_request;
struct session;

/* Open requests of one session, and all that the target still works at; the next ones are answered with
 * -32000. */
#define SESSION_OPEN_MAX    1024
#define DISPATCHER_OPEN_MAX 8192

/* How long a method that changes something may take unless its caller says (control.md). */
#define DEFAULT_TIMEOUT_MS 120000

struct dispatcher {
    uv_loop_t *loop;
    struct control_target target;
    uv_timer_t timer; /* fires when the first open request's time is over */
    uint64_t timer_at;
    struct request *open;
    size_t open_count;
    void (*closed)(void *context);
    void *closed_context;
};

/* One that waits nowhere for an answer has session NULL. */
struct request {
    struct dispatcher *dispatcher;
    struct session *session;
    struct batch *batch; /* NULL: it came alone */
    char *id;            /* raw JSON text; NULL: a notification */
    uint64_t deadline;   /* on the loop's clock, ms; 0: none */
    int64_t timeout_ms;
    struct request *next, *previous;
};

void dispatcher_init(struct dispatcher *dispatcher, uv_loop_t *loop, const struct control_target *target);

/* Detaches what is open, then calls closed, later, when its handle is gone. */
void dispatcher_close(struct dispatcher *dispatcher, void (*closed)(void *context), void *context);

/* Carries one request out: it is answered from within the call or later. `batch` may be NULL. Moves the id
 * out. */
void dispatcher_take(struct dispatcher *dispatcher, struct session *session, struct batch *batch,
                     struct rpc_request *request);

/* Nobody waits for the requests of this session any more. */
void dispatcher_forget(struct dispatcher *dispatcher, const struct session *session);

/* Answers whatever this session still waits for with -32000. */
void dispatcher_refuse_open(struct dispatcher *dispatcher, const struct session *session);

/* From now on until then; 0: without end. */
void request_set_timeout(struct request *request, int64_t timeout_ms);

#endif
