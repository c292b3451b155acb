/*
 * JSON-RPC 2.0 between bytes and values: one line in, its requests out; one answer in, its bytes out. Pure.
 *
 * A request keeps the raw text of its id, so that whatever the client wrote (a 30-digit integer, `1.0`,
 * "\u00e4") comes back as the same bytes.
 */
#ifndef SIDECARD_CONTROL_RPC_CODEC_H
#define SIDECARD_CONTROL_RPC_CODEC_H

#include <stdbool.h>
#include <stddef.h>

#include "target.h"

struct cJSON;
struct text;

/* A line's longest length without its newline (control.md), and the bounds of what one line may ask for. */
#define RPC_LINE_MAX  ((size_t)1024 * 1024)
#define RPC_BATCH_MAX 1000
#define RPC_DEPTH_MAX 64

struct rpc_request {
    char *id;     /* raw JSON text, "null" where it cannot be known; NULL: a notification, nobody waits */
    char *method; /* NULL where fault_code is not 0 */
    struct cJSON *params; /* an object, an array, or NULL */
    int fault_code;       /* 0, or what to answer it with at once (RPC_PARSE_ERROR, RPC_INVALID_REQUEST) */
    char *fault;
};

/* What one line holds: one request, or a batch of at least one. */
struct rpc_message {
    bool batch;
    struct rpc_request *requests;
    size_t count;
};

/* Never fails: what cannot be read is a request with a fault. The caller finishes the message. */
void rpc_parse(const char *line, size_t length, struct rpc_message *message);
void rpc_message_finish(struct rpc_message *message);
void rpc_request_finish(struct rpc_request *request);

/* Append one answer, without a newline. id is raw JSON text; result NULL is null, data NULL is none. */
void rpc_write_result(struct text *out, const char *id, const struct cJSON *result);
void rpc_write_error(struct text *out, const char *id, int code, const char *message,
                     const struct cJSON *data);

/* One request as a client sends it, with its newline. params may be NULL. */
void rpc_write_request(struct text *out, const char *id, const char *method, const struct cJSON *params);

/* The same that nobody answers. */
void rpc_write_notification(struct text *out, const char *method, const struct cJSON *params);

#endif
