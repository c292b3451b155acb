/*
 * What the files of an earlier run still tell, read without changing them. A torn last line, a damaged
 * snapshot, a journal that is not ours: what can be read is kept, and the report says of each file whether
 * all of it could be.
 */
#ifndef SIDECARD_FEED_RECOVERY_H
#define SIDECARD_FEED_RECOVERY_H

#include <stdbool.h>
#include <stddef.h>

#include "event_ring.h"

struct recovered_file {
    bool missing;
    bool damaged;  /* some of it, or all, could not be read as ours */
    int code;      /* a negative libuv code: it could not be read at all */
    size_t events; /* that were read from it */
};

struct recovery {
    struct recovered_file snapshot;
    struct recovered_file journal;
};

/* Fills the ring, which is empty, with the newest events of both files in order, each seq once. */
void recovery_read(const char *snapshot_path, const char *journal_path, struct event_ring *ring,
                   struct recovery *recovery);

#endif
