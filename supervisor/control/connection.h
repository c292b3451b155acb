/*
 * One client: a session carried by a stream both ways (the socket), or by one each way (stdin and stdout).
 * Inside the room `control` only.
 */
#ifndef SIDECARD_CONTROL_CONNECTION_H
#define SIDECARD_CONTROL_CONNECTION_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "session.h"

struct cJSON;
struct connection;

/* What a connection needs of the server that owns it. */
struct connection_owner {
    /* There are lines left, and their time is over: connection_work is to be called in a later turn of the
     * loop. */
    void (*busy)(struct connection *connection);
    /* It is closed and about to be freed. */
    void (*gone)(struct connection *connection);
    /* One buffer for all reads; what is in it is used before the read callback returns. */
    char *buffer;
    size_t buffer_size;
};

struct connection {
    uv_pipe_t input;
    uv_stream_t *output; /* `input` where that carries both ways; else a uv_pipe_t of the connection's own */
    struct session session;
    struct connection_owner *owner;
    struct connection *next, *previous; /* the server's list, oldest first */
    struct connection *next_busy;
    bool lasting; /* never closed to make room for others */
    /* No more requests will come of this client: its input has ended and all that it asked for was taken up,
     * or the connection is closing. Called once, may be NULL; may not close the connection. */
    void (*over)(void *context);
    void *over_context;
    bool is_busy; /* it stands in the server's queue for a later turn */
    bool ended;   /* the client will send no more */
    bool closing;
    bool finishing; /* to be closed once all that was answered is written */
    bool is_over;   /* `over` was told */
};

/* Accepts from the listening stream. NULL where that failed. */
struct connection *connection_accept(uv_stream_t *listening, struct connection_owner *owner,
                                     struct dispatcher *dispatcher);

/* Reads and writes two descriptors, pipes or stream sockets, which are its own from now on. Where the system
 * refuses them, it is closing already. */
struct connection *connection_open(uv_loop_t *loop, int input, int output, struct connection_owner *owner,
                                   struct dispatcher *dispatcher, const struct session_transport *transport);

/* Begins to read. */
void connection_begin(struct connection *connection);

/* The transport's `wake`: the session has something to be written. context is the connection. */
void connection_wake(void *context);

/* A notification, unless the client is so far behind with reading that no more requests of it are taken. */
void connection_notify(struct connection *connection, const char *method, const struct cJSON *params);

/* Bytes that the client has not read yet and the system has no room for. */
size_t connection_unsent(const struct connection *connection);

/* Writes one line and closes. */
void connection_turn_away(struct connection *connection, int code, const char *message);

/* One turn: carries out what was received, while this turn of the loop has time left, and writes the answers.
 */
void connection_work(struct connection *connection);

/* Whether this turn of the loop has spent the time that all clients together may take. */
bool connection_time_is_over(const uv_loop_t *loop);

/* Reads no more, closes once everything is written. */
void connection_finish(struct connection *connection);

void connection_close(struct connection *connection);

#endif
