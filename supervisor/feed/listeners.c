#include "listeners.h"

#include <stdlib.h>

#include "base/memory.h"

void listeners_finish(struct listeners *listeners)
{
    for (size_t i = 0; i < listeners->count; i++)
        free(listeners->items[i]);
    free(listeners->items);
    *listeners = (struct listeners){0};
}

struct feed_listener *listeners_add(struct listeners *listeners, feed_callback callback, void *context)
{
    struct feed_listener *listener = memory_new(1, sizeof *listener);
    *listener = (struct feed_listener){.callback = callback, .context = context};
    listeners->items =
        memory_grow(listeners->items, listeners->count, &listeners->capacity, sizeof *listeners->items);
    listeners->items[listeners->count++] = listener;
    return listener;
}

static void sweep(struct listeners *listeners)
{
    size_t kept = 0;
    for (size_t i = 0; i < listeners->count; i++) {
        if (listeners->items[i]->callback)
            listeners->items[kept++] = listeners->items[i];
        else
            free(listeners->items[i]);
    }
    listeners->count = kept;
    listeners->removed = false;
}

void listeners_remove(struct listeners *listeners, struct feed_listener *listener)
{
    listener->callback = NULL;
    if (listeners->telling)
        listeners->removed = true; /* the round still walks over it */
    else
        sweep(listeners);
}

void listeners_tell(struct listeners *listeners, const struct event *event, const char *line)
{
    size_t count = listeners->count;
    listeners->telling = true;
    for (size_t i = 0; i < count; i++) {
        const struct feed_listener *listener = listeners->items[i];
        if (listener->callback)
            listener->callback(listener->context, event, line);
    }
    listeners->telling = false;
    if (listeners->removed)
        sweep(listeners);
}
