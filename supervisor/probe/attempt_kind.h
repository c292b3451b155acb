/*
 * Inside the room: what a kind of attempt is, and what the kinds' files use.
 */
#ifndef SIDECARD_PROBE_ATTEMPT_KIND_H
#define SIDECARD_PROBE_ATTEMPT_KIND_H

#include "attempt.h"
#include "http_client.h"
#include "mongo_workers.h"

struct probe_context {
    uv_loop_t *loop;
    struct probe_exec_host exec; /* start is NULL where there is none */
    struct attempt *attempts;    /* under way */
    struct http_client *http;    /* NULL until the first http probe */
    struct mongo_workers *mongo; /* NULL until the first mongo probe */
};

/* A kind embeds struct attempt as the first member of its own struct. */
struct attempt_kind {
    size_t size;
    /* Begins; may settle at once. */
    void (*start)(struct attempt *attempt);
    /* The time is up: settles. NULL: it fails with attempt_time_text. */
    void (*expire)(struct attempt *attempt);
    /* It is settled or cancelled: lets go of everything, and settles no more. Called once, whatever start
     * did. */
    void (*stop)(struct attempt *attempt);
    /* Frees the members; the last handle is closed. NULL: nothing to do. */
    void (*finish)(struct attempt *attempt);
};

struct attempt {
    struct probe_context *context;
    const struct attempt_kind *kind;
    const struct probe_plan *plan;
    int64_t timeout_ms;
    attempt_done done;
    void *done_context;
    struct attempt *previous;
    struct attempt *next;
    uint64_t started_ns;
    uv_timer_t timer;
    int holds; /* handles that are not closed yet, and whoever is at work on it */
    bool starting;
    bool over;
    bool looked_again; /* after the loop itself was late */
    bool passed;       /* these three: settled inside start, told from the loop */
    char *message;
    const char *address;
};

extern const struct attempt_kind attempt_kind_tcp;
extern const struct attempt_kind attempt_kind_http;
extern const struct attempt_kind attempt_kind_exec;
extern const struct attempt_kind attempt_kind_mongo;

/* address is a constant or NULL. */
void attempt_pass(struct attempt *attempt, const char *address);

/* Takes the message. */
void attempt_fail(struct attempt *attempt, char *message);

/* Keeps the attempt's memory until the release, as for a handle that is being closed. */
void attempt_hold(struct attempt *attempt);
void attempt_release(struct attempt *attempt);

/* "2 s": the attempt's time as a person reads it; owned by the caller. */
char *attempt_time_text(const struct attempt *attempt);

#endif
