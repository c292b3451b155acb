/*
 * A client of the control socket that waits: for commands, which have nothing else to do. Not for the
 * supervisor's loop.
 */
#ifndef SIDECARD_CONTROL_CLIENT_H
#define SIDECARD_CONTROL_CLIENT_H

#include <stdint.h>

#include "base/error.h"

struct cJSON;
struct client;

/* What came back: a result, or an error with its code. */
struct reply {
    struct cJSON *result; /* NULL where there is an error */
    int code;             /* 0, or the error's */
    char *message;
    struct cJSON *data; /* the error's; may be NULL */
};

void reply_finish(struct reply *reply);

/* ERROR_NOT_RUNNING where nobody listens there, ERROR_REFUSED where we may not. */
int client_connect(const char *socket_path, struct client **client, struct error *error);
void client_destroy(struct client *client);

/*
 * Asks and waits; params are taken over and may be NULL. timeout_ms bounds the wait, -1 does not. 0 where an
 * answer came, also one that is an error; ERROR_NOT_RUNNING where the supervisor went away before,
 * ERROR_TIMED_OUT. The caller finishes reply in every case.
 */
int client_call(struct client *client, const char *method, struct cJSON *params, int64_t timeout_ms,
                struct reply *reply, struct error *error);

/* The two halves of client_call: the answer to the newest request. */
int client_send(struct client *client, const char *method, struct cJSON *params, int64_t timeout_ms,
                struct error *error);
int client_receive(struct client *client, int64_t timeout_ms, struct reply *reply, struct error *error);

#endif
