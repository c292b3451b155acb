/*
 * The append-only journal: eight hex digits of the CRC-32 of the event's line, a space, the line, a newline.
 * One event is one write, so that what was written outlives the process at once. Functions return 0 or a
 * negative libuv code.
 */
#ifndef SIDECARD_FEED_JOURNAL_H
#define SIDECARD_FEED_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "event_ring.h"

#define JOURNAL_MAX_BYTES (4 * 1024 * 1024) /* past it, it is begun anew (events.md) */
#define JOURNAL_MAX_LINE  (1024 * 1024)     /* a reader takes nothing longer for a line of ours */

struct journal {
    char *path;
    int fd; /* -1: not open, and journal_begin_anew is the way on */
    int64_t size;
    int64_t full_at;
    int64_t last_seq;   /* the newest event in it */
    struct text buffer; /* what one write needs, kept for the next */
};

void journal_init(struct journal *journal, const char *path);
void journal_finish(struct journal *journal);

/* Goes on behind what is there. */
int journal_open(struct journal *journal, int64_t last_seq);

/* All events of the ring that are later than last_seq, in one write. After an error nothing of them is in the
 * file; where that could not be had, the journal is closed. */
int journal_append_later(struct journal *journal, const struct event_ring *ring);

/* One event, which follows last_seq. */
int journal_append(struct journal *journal, int64_t seq, const char *line, size_t length);

/* Replaces the file by one that holds the ring's events and no others. */
int journal_begin_anew(struct journal *journal, const struct event_ring *ring, bool durable);

/* The folder or the file was taken away from under it. */
bool journal_is_gone(const struct journal *journal);

bool journal_is_full(const struct journal *journal);

/* After this, only journal_begin_anew helps. */
void journal_close(struct journal *journal);

#endif
