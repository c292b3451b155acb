/*
 * HTTP requests on a libuv loop: libcurl's multi interface with one timer and one poll handle a socket.
 * Connections are kept and used again. Nothing blocks the loop, resolving a name included.
 *
 * libcurl is initialised with the first client. All of it belongs to the loop's thread.
 *
 * What goes to loopback never uses a proxy, whatever the environment says; other hosts do as it says. Only
 * http and https, no redirect is followed, no SIGPIPE is raised.
 *
 * The functions of a handler are never called from inside http_call_start. Each of them may start calls,
 * cancel any call (its own too) and destroy the client.
 */
#ifndef SIDECARD_PROBE_HTTP_CLIENT_H
#define SIDECARD_PROBE_HTTP_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "base/strings.h"

struct http_client;
struct http_call;

/* Everything is copied, or not needed any more, when http_call_start returns. */
struct http_request {
    const char *method;            /* NULL: GET, or POST where there is a body */
    const char *url;               /* whole */
    const char *unix_socket;       /* NULL: where the URL says */
    const struct strings *headers; /* "Name: value"; NULL: none of our own */
    const char *body;
    size_t body_length;
    int64_t timeout_ms;  /* of the whole call; 0: none */
    size_t answer_limit; /* bytes of headers and body together, then it is cut off; 0: none */
};

struct http_result {
    int status; /* 0: there was no answer */
    bool cut;   /* answer_limit was reached; error is NULL then */
    bool timed_out;
    const char
        *error; /* why there is no whole answer, one line for a person; NULL: it came whole; borrowed */
};

/* What comes in, in this order; all but done may be NULL. */
struct http_handler {
    void (*header)(void *context, const char *line, size_t length);
    void (*head)(void *context, int status); /* the headers are complete */
    void (*data)(void *context, const char *data, size_t length);
    void (*done)(void *context, const struct http_result *result); /* once; the call is gone behind it */
};

/* NULL where libcurl cannot be initialised. */
struct http_client *http_client_create(uv_loop_t *loop);

/* Drops every call without a word. Its memory goes once the loop has closed its handles. */
void http_client_destroy(struct http_client *client);

/* The handler's table must outlive the call. */
struct http_call *http_call_start(struct http_client *client, const struct http_request *request,
                                  const struct http_handler *handler, void *context);

/* No function of the handler is called any more; the connection is closed. */
void http_call_cancel(struct http_call *call);

/*
 * No function of the handler is called any more, but the rest of the answer is still read and thrown away,
 * within the call's timeout and limit (it must have both), so that the connection can be used again.
 */
void http_call_drain(struct http_call *call);

/*
 * Shuts the kept connections to where this URL (or the socket, where one is given) leads, so that a server
 * that waits for its clients before it stops need not wait for us. Calls that are under way there end with an
 * error.
 */
void http_client_forget(struct http_client *client, const char *url, const char *unix_socket);

#endif
