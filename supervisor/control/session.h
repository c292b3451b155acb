/*
 * One client's conversation, whatever carries it: bytes come in, are cut into lines and carried out in order;
 * answers gather in `out` as they are done. It neither reads nor writes: the transport that owns it does.
 *
 * A line longer than RPC_LINE_MAX is answered with one -32600 and skipped; the conversation goes on behind
 * its newline. Lines of white space alone are passed over.
 */
#ifndef SIDECARD_CONTROL_SESSION_H
#define SIDECARD_CONTROL_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/text.h"

struct batch;
struct dispatcher;

struct session_transport {
    const char *name; /* as events tell it: "socket" */
    /* Something was added to `out` while session_work was not running. May not finish the session. */
    void (*wake)(void *context);
};

struct session {
    struct dispatcher *dispatcher;
    const struct session_transport *transport;
    void *context;
    pid_t client; /* 0 where it is not known */

    struct text in;
    size_t in_at;     /* where the next line begins */
    size_t looked_to; /* no newline before it */
    bool skipping;    /* an overlong line: until its newline */
    bool working;
    bool asked; /* it has sent a whole line */
    struct text out;
    size_t open_count; /* requests that wait for an answer */
    struct batch *batches;
    struct batch *dispatching; /* the one whose requests are being carried out */
};

void session_init(struct session *session, struct dispatcher *dispatcher,
                  const struct session_transport *transport, void *context, pid_t client);
void session_finish(struct session *session);

/* Bytes from the client; they are copied. To be called only while session_has_work says no, which bounds what
 * is held to one line and one read. */
void session_feed(struct session *session, const char *data, size_t length);

/* Nothing more will come: what stands there without a newline is the last line. */
void session_end_input(struct session *session);

/* Carries lines out until there are none, `out` is long enough to be written, or the time is over
 * (uv_hrtime). */
void session_work(struct session *session, uint64_t until);

/* There are lines that session_work has not got to yet. */
bool session_has_work(const struct session *session);

/* For the dispatcher: a request of this session opens; its answer goes here; it was answered. */
void session_asked(struct session *session, struct batch *batch);
struct text *session_answer_begin(struct session *session, struct batch *batch);
void session_answered(struct session *session, struct batch *batch);
bool session_batch_is_full(const struct batch *batch);

#endif
