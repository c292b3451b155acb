/*
 * Inside the room: what the files of the HTTP client share. http_client.c binds libcurl to the loop and knows
 * when calls may be handed to it; http_call.c is one call; http_connection.c knows the connections that
 * libcurl keeps.
 */
#ifndef SIDECARD_PROBE_HTTP_STATE_H
#define SIDECARD_PROBE_HTTP_STATE_H

#include "curl_library.h"
#include "http_client.h"

#define HTTP_SPARE_HANDLES 8

enum call_state {
    CALL_WAITING, /* to be handed to libcurl once it is not running */
    CALL_RUNNING,
    CALL_DRAINING,
    CALL_DROPPED, /* to be taken from libcurl once it is not running */
    CALL_OVER
};

struct http_call {
    struct http_client *client;
    struct http_call *previous;
    struct http_call *next;
    enum call_state state;
    CURL *easy;
    struct curl_slist *headers;
    const struct http_handler *handler;
    void *context;
    char *authority;
    int64_t timeout_ms;
    size_t limit;
    size_t received;
    int status;
    bool head_done;
    bool cut;
};

struct http_connection;

struct http_client {
    uv_loop_t *loop;
    uv_timer_t timer;
    const struct curl_library *curl;
    CURLM *multi;
    struct http_call *calls;
    struct http_connection *connections;
    CURL *spare[HTTP_SPARE_HANDLES]; /* without a call: a fresh one costs 5 KiB and its set-up */
    size_t spare_count;
    int handles;  /* of the loop, not closed yet */
    bool running; /* libcurl is on the stack: its handles must not be added or removed */
    bool changed; /* a call was started, drained or cancelled meanwhile */
    bool destroyed;
};

/* Takes the call from libcurl and from the list; only while libcurl is not running. */
void http_call_detach(struct http_call *call);
void http_call_free(struct http_call *call);

/* libcurl is done with it: tells the handler, and frees it. */
void http_call_finish(struct http_call *call, CURLcode code);

/* Hands to libcurl what waits, and takes from it what was dropped; only while it is not running. */
void http_client_settle_changes(struct http_client *client);

/* Sets how sockets are opened and closed. */
void http_connection_set_options(struct http_call *call);

/* After a call: which connection libcurl keeps for the next. */
void http_connection_note(struct http_call *call);
void http_connection_drop_all(struct http_client *client);

/* The authority that a request goes to: "127.0.0.1:8080", or the socket's path; owned by the caller. */
char *http_authority(const char *url, const char *unix_socket);

#endif
