/*
 * The feed on disk: journal and snapshot, and what to do when they cannot be written. Its trouble never stops
 * the feed: events stay in the ring, and what is in the ring is written once that is possible again.
 *
 * Lives on one loop and is used from its thread. What blocks (syncs, the snapshot) is done on the loop's
 * pool.
 */
#ifndef SIDECARD_FEED_STORAGE_H
#define SIDECARD_FEED_STORAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "event_ring.h"

struct storage;

struct storage_options {
    const char *snapshot_path; /* the journal lies beside it */
    bool folder_is_ours;       /* made private also where it was there before */
    bool sync_always;          /* every event is on the disk when storage_append returns */
    /* From the loop: storage_trouble may have changed, or there are notices. */
    void (*changed)(void *context);
    void *context;
};

/* The file beside a snapshot that has its journal, owned by the caller. */
char *storage_journal_path(const char *snapshot_path);

/*
 * Reads what is there into the ring, which is empty and stays borrowed, sets aside what cannot be read, and
 * opens the journal. Never fails: see storage_trouble.
 */
struct storage *storage_create(uv_loop_t *loop, const struct storage_options *options,
                               struct event_ring *ring);

/* Before the event is in the ring and before anybody is told of it. */
void storage_append(struct storage *storage, int64_t seq, const char *line, size_t length);

/* After it is in the ring: the snapshot has to follow. */
void storage_follow(struct storage *storage);

/* NULL: all is well; else one line that says what cannot be written, and why. */
const char *storage_trouble(const struct storage *storage);

/* Something that the user should know, owned by the caller: a file that was set aside, a folder that was made
 * anew. NULL when there is no more. */
char *storage_take_notice(struct storage *storage);

/* Writes what is still to be written and waits for it. The memory goes once the loop has run its closing
 * callbacks; the ring is not needed any more. Takes NULL. */
void storage_destroy(struct storage *storage);

#endif
