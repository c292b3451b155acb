/*
 * Who hears of each event. A listener may add and remove listeners, itself too, from inside its callback; one that was
 * added there hears from the next event on.
 */
#ifndef SIDECARD_FEED_LISTENERS_H
#define SIDECARD_FEED_LISTENERS_H

#include <stdbool.h>
#include <stddef.h>

struct event;

/* line is the event as one line of JSON, without a newline. Both are borrowed for the call. */
typedef void (*feed_callback)(void *context, const struct event *event, const char *line);

struct feed_listener {
    feed_callback callback; /* NULL: removed during a round */
    void *context;
};

struct listeners {
    struct feed_listener **items;
    size_t count;
    size_t capacity;
    bool telling;
    bool removed; /* during this round */
};

/* A zeroed struct listeners is empty. */
void listeners_finish(struct listeners *listeners);
struct feed_listener *listeners_add(struct listeners *listeners, feed_callback callback, void *context);
void listeners_remove(struct listeners *listeners, struct feed_listener *listener);

/* Not from inside a callback. */
void listeners_tell(struct listeners *listeners, const struct event *event, const char *line);

#endif
