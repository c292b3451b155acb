/*
 * The diagnostics feed: what happened, in order, numbered without gaps across restarts.
 *
 * An event is in the journal before anybody is told of it, then in the ring, then with the listeners; the
 * snapshot (runtime-events.json) follows within 250 ms (events.md, 'On disk'). Where the disk cannot be
 * written, events stay in memory and writing resumes by itself: feed_error says so meanwhile, and the kinds
 * feed.failed and feed.resumed.
 *
 * One feed per process and folder, used from its loop's thread alone. Several feeds on the same files would
 * overwrite one another: whoever opens one holds the lock of data_dir.
 */
#ifndef SIDECARD_FEED_FEED_H
#define SIDECARD_FEED_FEED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "base/error.h"
#include "event.h"
#include "event_ring.h"

struct cJSON;
struct listener;
struct feed;

#define FEED_FILE_NAME  "runtime-events.json"
#define FEED_MAX_EVENTS 200 /* where nothing else is asked for */

struct feed_options {
    const char *folder; /* where FEED_FILE_NAME is; made, and made private */
    const char
        *snapshot_path; /* instead of it: any file; its folder is made where it is missing. NULL: none */
    size_t max_events;  /* 0: FEED_MAX_EVENTS */
    bool sync_always;   /* on the disk before anybody is told */
    /* What text is to be kept instead, owned by the caller; NULL: text itself. Called for every message and
     * every string in data before they are kept anywhere. NULL: nothing is replaced. */
    char *(*redact)(void *context, const char *text);
    void *redact_context;
};

/* Reads what earlier runs left and goes on with it; what could not be read is set aside and told by events.
 * Never fails: see feed_error. */
struct feed *feed_create(uv_loop_t *loop, const struct feed_options *options);

/*
 * Adds an event and returns its seq. level: LEVEL_OF_KIND, or another one. data is taken over; it is an
 * object, or NULL for none. May be called from a listener: listeners hear of it after the event that they are
 * being told of.
 */
int64_t feed_add(struct feed *feed, enum event_level level, enum event_kind kind, const char *source,
                 struct cJSON *data, const char *format, ...) __attribute__((format(printf, 6, 7)));

/* The status's diagnostics_error: what cannot be written, and why; NULL while all is well. */
const char *feed_error(const struct feed *feed);

/* Where the snapshot is: the status's diagnostics_path. */
const char *feed_path(const struct feed *feed);

/* line is the event as one line of JSON, without a newline. Both are borrowed for the call. */
typedef void (*feed_callback)(void *context, const struct event *event, const char *line);

/* callback hears of every later event, on the loop's thread, from inside feed_add. It may do anything with
 * the feed but destroy it. Who wants what is kept as well queries first: nothing comes between. */
struct listener *feed_listen(struct feed *feed, feed_callback callback, void *context);

/* Takes NULL. From inside a callback too. */
void feed_unlisten(struct feed *feed, struct listener *listener);

/* See event_ring_query. */
struct cJSON *feed_query(const struct feed *feed, const struct event_query *query);

/* 0 where there are none. */
int64_t feed_first_seq(const struct feed *feed);
int64_t feed_last_seq(const struct feed *feed);

/* Writes the final snapshot and waits for it. The loop has to run its closing callbacks afterwards. Takes
 * NULL; not from inside a listener. */
void feed_destroy(struct feed *feed);

/*
 * For when no supervisor runs: the events of the files at snapshot_path and beside it, which are not changed.
 * 0 with *events as from event_ring_query, owned by the caller; ERROR_MISSING_PATH where there are no such
 * files.
 */
int feed_read_files(const char *snapshot_path, size_t max_events, const struct event_query *query,
                    struct cJSON **events, struct error *error);

#endif
