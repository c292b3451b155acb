#include "listeners.h"

#include <stdlib.h>

#include "memory.h"

void listeners_finish(struct listeners *listeners)
{
    for (size_t i = 0; i < listeners->count; i++)
        free(listeners->items[i]);
    free(listeners->items);
    *listeners = (struct listeners){0};
}

struct listener *listeners_add(struct listeners *listeners, void (*function)(void), void *context)
{
    struct listener *listener = memory_new(1, sizeof *listener);
    *listener = (struct listener){.function = function, .context = context};
    listeners->items =
        memory_grow(listeners->items, listeners->count, &listeners->capacity, sizeof(struct listener *));
    listeners->items[listeners->count++] = listener;
    return listener;
}

static void sweep(struct listeners *listeners)
{
    size_t kept = 0;
    for (size_t i = 0; i < listeners->count; i++) {
        if (listeners->items[i]->function)
            listeners->items[kept++] = listeners->items[i];
        else
            free(listeners->items[i]);
    }
    listeners->count = kept;
    listeners->removed = false;
}

void listeners_remove(struct listeners *listeners, struct listener *listener)
{
    listener->function = NULL;
    if (listeners->telling)
        listeners->removed = true; /* the round still walks over it */
    else
        sweep(listeners);
}

struct listener *listeners_first(struct listeners *listeners)
{
    listeners->at = 0;
    listeners->end = listeners->count;
    listeners->telling = true;
    return listeners_next(listeners);
}

struct listener *listeners_next(struct listeners *listeners)
{
    while (listeners->at < listeners->end) {
        struct listener *listener = listeners->items[listeners->at++];
        if (listener->function)
            return listener;
    }
    listeners->telling = false;
    if (listeners->removed)
        sweep(listeners);
    return NULL;
}
