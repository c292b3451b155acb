/*
 * The newest events, oldest first, each with its line as it goes to files and clients. Plain memory: no file,
 * no loop.
 */
#ifndef SIDECARD_FEED_EVENT_RING_H
#define SIDECARD_FEED_EVENT_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "event.h"

struct cJSON;
struct text;

struct event_entry {
    int64_t seq;
    enum event_level level;
    size_t length;      /* of line */
    char *line;         /* without newline; one allocation with source behind it */
    const char *source; /* inside that allocation */
};

struct event_ring {
    struct event_entry *entries;
    size_t capacity;
    size_t first;
    size_t count;
};

/* What a reader asks for; a zeroed one but for limit means the newest `limit` of all. */
struct event_query {
    size_t limit;
    bool has_since;
    int64_t since_seq;          /* later ones, oldest first, the first `limit` */
    enum event_level min_level; /* this one and above */
    const char *source;         /* NULL: any */
};

/* Copies what it is given; free line to drop an entry. */
struct event_entry event_entry_make(const struct event *event, const char *line, size_t length);

void event_ring_init(struct event_ring *ring, size_t capacity);
void event_ring_finish(struct event_ring *ring);

/* Takes the entry over; the oldest goes where the ring is full. Entries come with growing seq. */
void event_ring_add(struct event_ring *ring, struct event_entry entry);

/* The index-th oldest. */
const struct event_entry *event_ring_at(const struct event_ring *ring, size_t index);

/* 0 where it is empty. */
int64_t event_ring_first_seq(const struct event_ring *ring);
int64_t event_ring_last_seq(const struct event_ring *ring);

/* How many of the oldest have a seq up to this one: the index of the first later one. */
size_t event_ring_index_after(const struct event_ring *ring, int64_t seq);

/* An array of the events asked for, oldest first, owned by the caller. Its items are raw JSON (cJSON_IsRaw):
 * made for printing, not for looking into. */
struct cJSON *event_ring_query(const struct event_ring *ring, const struct event_query *query);

/* Appends all of it as one JSON document, an event a line. */
void event_ring_print(const struct event_ring *ring, struct text *document);

#endif
