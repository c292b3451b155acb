/*
 * What control asks of whoever it serves. The runtime implements this table; control knows nothing else of
 * it.
 *
 * An operation that takes time gets a `struct request` and answers it exactly once, from within the call or
 * later, with request_answer or request_fail. The request stays valid until then, also when the client has
 * gone or its time is over: the answer is dropped in that case. All calls happen on the loop's thread.
 */
#ifndef SIDECARD_CONTROL_TARGET_H
#define SIDECARD_CONTROL_TARGET_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

struct cJSON;
struct request;

/* JSON-RPC 2.0's codes and our own (control.md). */
enum rpc_code {
    RPC_PARSE_ERROR = -32700,
    RPC_INVALID_REQUEST = -32600,
    RPC_METHOD_NOT_FOUND = -32601,
    RPC_INVALID_PARAMS = -32602,
    RPC_INTERNAL_ERROR = -32603,
    RPC_BUSY = -32000,
    RPC_NO_SUCH_SIDECAR = -32001,
    RPC_PROFILE_INVALID = -32002,
    RPC_NOT_PERMITTED = -32003,
    RPC_TIMED_OUT = -32004,
    RPC_NOT_RUNNING = -32005,
    RPC_SIDECAR_ERROR = -32006,
    RPC_STALE_ETAG = -32007,
};

/* Both take what they are given; result may be NULL for null, data for none. */
void request_answer(struct request *request, struct cJSON *result);
void request_fail(struct request *request, enum rpc_code code, struct cJSON *data, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* The error's message as text and the error object as data. */
void request_fail_with(struct request *request, enum rpc_code code, const struct error *error);

/* What runtime_start may name; NULL and false: as it was. Strings are borrowed for the call. */
struct start_params {
    const char *mode;
    const char *profile_path;
    const char *mongo_bin, *python_bin, *ollama_bin;
    bool web_dev;
    bool has_web_dev;
};

/* As in runtime_diagnostics, after clamping; strings are borrowed. */
struct diagnostics_params {
    int limit;
    bool has_since;
    int64_t since_seq;
    const char *level;  /* NULL: any */
    const char *source; /* NULL: any */
};

struct logs_params {
    int tail;
    bool has_since;
    int64_t since_seq;
};

enum runtime_verb { RUNTIME_STOP, RUNTIME_RESTART, RUNTIME_SHUTDOWN };
enum sidecar_verb { SIDECAR_START, SIDECAR_STOP, SIDECAR_RESTART };

struct control_operations {
    struct cJSON *(*status)(void *target, bool detail);
    struct cJSON *(*diagnostics)(void *target, const struct diagnostics_params *params);
    void (*logs)(void *target, const char *name, const struct logs_params *params, struct request *request);
    void (*start)(void *target, const struct start_params *params, struct request *request);
    void (*runtime)(void *target, enum runtime_verb verb, struct request *request);
    void (*sidecar)(void *target, enum sidecar_verb verb, const char *name, struct request *request);
    /* A request that changes something was taken up: for the feed. */
    void (*note_request)(void *target, const char *method, const char *transport, pid_t client);
    /* A client was turned away: for the feed. */
    void (*note_denied)(void *target, const char *why, const char *transport, pid_t client);
};

struct control_target {
    const struct control_operations *operations;
    void *context;
};

#endif
