/*
 * What a probe asks and when it counts as passed, as plain values: made by `profile`, carried out by `probe`.
 */
#ifndef SIDECARD_PLAN_PROBE_PLAN_H
#define SIDECARD_PLAN_PROBE_PLAN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/strings.h"

/* name, wire name (the key in a profile and `probe.kind` in a status row) */
#define PROBE_KIND_LIST(X)                                                                                  \
    X(NONE, "none")                                                                                         \
    X(UPTIME, "uptime") /* passes once the child has run for `timeout_ms`; for a sidecar without a port */  \
    X(TCP, "tcp")                                                                                           \
    X(HTTP, "http")                                                                                         \
    X(EXEC, "exec")                                                                                         \
    X(MONGO, "mongo")                                                                                       \
    X(LOG, "log")                                                                                           \
    X(HEARTBEAT, "heartbeat")                                                                               \
    X(RPC, "rpc")                                                                                           \
    X(NOTIFY, "notify")

enum probe_kind {
#define PROBE_KIND_ENUM(name, wire) PROBE_##name,
    PROBE_KIND_LIST(PROBE_KIND_ENUM)
#undef PROBE_KIND_ENUM
        PROBE_KIND_COUNT
};

struct status_range {
    int from;
    int to; /* included */
};

struct probe_plan {
    enum probe_kind kind;
    int64_t interval_ms; /* ready: the longest distance between attempts; live: the rhythm */
    int64_t timeout_ms;  /* ready: until when it must have passed; live: of one attempt */
    int failures;        /* live: so many in a row end the child */
    bool enforce;        /* false: probes and reports, and ends nothing */

    char *host; /* tcp, http; NULL: 127.0.0.1 and ::1, passes on either */
    int port;

    char *url;            /* http: whole URL, else http://host:port + path */
    char *path;           /* http */
    char *unix_socket;    /* http */
    struct strings headers; /* http: "Name: value" */
    struct status_range *statuses;
    size_t status_count;
    char *body;                  /* http: PCRE2 pattern that the body must match, or NULL */
    struct strings expect_header; /* http: "Name=value" */
    struct strings expect_json;   /* http: "field=value" where value is compact JSON; field may be dotted */

    struct strings command; /* exec */
    char *cwd;              /* exec */

    char *mongo_uri; /* mongo; NULL: mongodb://127.0.0.1:port */
    bool mongo_primary;

    char *pattern; /* log: PCRE2 */

    char *method; /* rpc */
    char *params; /* rpc: JSON text */
    int notify_fd; /* notify; -1: NOTIFY_SOCKET */
};

const char *probe_kind_name(enum probe_kind kind);
void probe_plan_finish(struct probe_plan *probe);

#endif
