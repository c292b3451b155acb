/*
 * One event: something that happened, for a person (message) and for programs (kind, data). The same object
 * in memory, on disk and on every interface; events.md fixes its fields, and those that exist never change
 * meaning.
 */
#ifndef SIDECARD_FEED_EVENT_H
#define SIDECARD_FEED_EVENT_H

#include <stdbool.h>
#include <stdint.h>

struct cJSON;

/* LEVEL_OF_KIND is for feed_add alone: the kind's own level. */
enum event_level { LEVEL_OF_KIND = -1, LEVEL_DEBUG, LEVEL_INFO, LEVEL_WARN, LEVEL_ERROR };

/* name, wire name, level (events.md, 'Kinds' and 'Levels'). sidecar.exited is info where somebody asked for
 * the end. */
#define EVENT_KIND_LIST(X)                                                                                   \
    X(RUNTIME_STARTING, "runtime.starting", INFO)                                                            \
    X(RUNTIME_READY, "runtime.ready", INFO)                                                                  \
    X(RUNTIME_DEGRADED, "runtime.degraded", WARN)                                                            \
    X(RUNTIME_FAILED, "runtime.failed", ERROR)                                                               \
    X(RUNTIME_STOPPING, "runtime.stopping", INFO)                                                            \
    X(RUNTIME_STOPPED, "runtime.stopped", INFO)                                                              \
    X(RUNTIME_RECOVERED, "runtime.recovered", WARN)                                                          \
    X(RUNTIME_ORPHANS_SWEPT, "runtime.orphans_swept", WARN)                                                  \
    X(RUNTIME_QUIESCED, "runtime.quiesced", INFO)                                                            \
    X(RUNTIME_RESUMED, "runtime.resumed", INFO)                                                              \
    X(RUNTIME_NOTICE, "runtime.notice", INFO)                                                                \
    X(SIDECAR_STARTED, "sidecar.started", INFO)                                                              \
    X(SIDECAR_READY, "sidecar.ready", INFO)                                                                  \
    X(SIDECAR_UNHEALTHY, "sidecar.unhealthy", WARN)                                                          \
    X(SIDECAR_HEALTHY, "sidecar.healthy", INFO)                                                              \
    X(SIDECAR_EXITED, "sidecar.exited", WARN)                                                                \
    X(SIDECAR_RESTARTING, "sidecar.restarting", INFO)                                                        \
    X(SIDECAR_RECOVERED, "sidecar.recovered", WARN)                                                          \
    X(SIDECAR_FAILED, "sidecar.failed", ERROR)                                                               \
    X(SIDECAR_STOPPING, "sidecar.stopping", INFO)                                                            \
    X(SIDECAR_STOPPED, "sidecar.stopped", INFO)                                                              \
    X(SIDECAR_ADOPTED, "sidecar.adopted", INFO)                                                              \
    X(SIDECAR_LOST, "sidecar.lost", WARN)                                                                    \
    X(SIDECAR_LIMIT, "sidecar.limit", WARN)                                                                  \
    X(SIDECAR_SLOW_START, "sidecar.slow_start", WARN)                                                        \
    X(SIDECAR_EXPOSED, "sidecar.exposed", WARN)                                                              \
    X(SIDECAR_WAITING, "sidecar.waiting", INFO)                                                              \
    X(SIDECAR_COMPLETED, "sidecar.completed", INFO)                                                          \
    X(SIDECAR_NOTICE, "sidecar.notice", INFO)                                                                \
    X(MODEL_PULL_STARTED, "model.pull_started", INFO)                                                        \
    X(MODEL_PULL_PROGRESS, "model.pull_progress", INFO)                                                      \
    X(MODEL_PULLED, "model.pulled", INFO)                                                                    \
    X(MODEL_PULL_FAILED, "model.pull_failed", INFO)                                                          \
    X(MODEL_DELETED, "model.deleted", INFO)                                                                  \
    X(MODEL_VERIFIED, "model.verified", INFO)                                                                \
    X(MODEL_CORRUPT, "model.corrupt", ERROR)                                                                 \
    X(MODEL_CHOSEN, "model.chosen", INFO)                                                                    \
    X(FEED_FAILED, "feed.failed", ERROR)                                                                     \
    X(FEED_RESUMED, "feed.resumed", INFO)                                                                    \
    X(PROFILE_LOADED, "profile.loaded", INFO)                                                                \
    X(PROFILE_RELOADED, "profile.reloaded", INFO)                                                            \
    X(PROFILE_REJECTED, "profile.rejected", ERROR)                                                           \
    X(PROFILE_CHANGED, "profile.changed", INFO)                                                              \
    X(CONTROL_DENIED, "control.denied", WARN)                                                                \
    X(CONTROL_REQUEST, "control.request", INFO)

enum event_kind {
#define EVENT_KIND_ENUM(name, wire, level) KIND_##name,
    EVENT_KIND_LIST(EVENT_KIND_ENUM)
#undef EVENT_KIND_ENUM
        EVENT_KIND_COUNT
};

/* Strings and data belong to whoever made the value. kind is text, because a file may hold kinds of a later
 * version. */
struct event {
    int64_t ts_ms; /* milliseconds since 1970 */
    int64_t seq;
    enum event_level level;
    const char *source; /* a sidecar's name, or runtime, watchdog, control, ollama, profile */
    const char *kind;   /* wire name */
    const char *message;
    const struct cJSON *data; /* an object, or NULL: {} on the wire */
};

const char *event_kind_name(enum event_kind kind);
enum event_level event_kind_level(enum event_kind kind);

const char *event_level_name(enum event_level level);

/* False where text names no level. */
bool event_level_from_name(const char *text, enum event_level *level);

/* The event on one line without its newline, valid UTF-8, owned by the caller. */
char *event_to_line(const struct event *event);

/*
 * Fills event with borrowed pointers into object. False where one of the four basic fields is missing or of
 * another type. A seq that is missing is 0, a kind that is missing "runtime.notice": other programs write
 * those files too.
 */
bool event_from_json(const struct cJSON *object, struct event *event);

#endif
