/*
 * Who hears of something. A listener may add and remove listeners, itself too, from inside its callback; one
 * that was added there hears from the next round on.
 *
 * The callback's type is its owner's: it is stored as a plain function pointer and called by the owner, who
 * walks a round:
 *
 *     for (struct listener *l = listeners_first(&list); l; l = listeners_next(&list))
 *         ((my_callback)l->function)(l->context, ...);
 *
 * A round goes to its end, and there is one at a time.
 */
#ifndef SIDECARD_BASE_LISTENERS_H
#define SIDECARD_BASE_LISTENERS_H

#include <stdbool.h>
#include <stddef.h>

struct listener {
    void (*function)(void); /* NULL: removed during a round */
    void *context;
};

struct listeners {
    struct listener **items;
    size_t count; /* those that were removed during this round included */
    size_t capacity;
    size_t at, end; /* of the round */
    bool telling;   /* a round goes on */
    bool removed;   /* during it */
};

/* A zeroed struct listeners is empty. */
void listeners_finish(struct listeners *listeners);

struct listener *listeners_add(struct listeners *listeners, void (*function)(void), void *context);
void listeners_remove(struct listeners *listeners, struct listener *listener);

/* NULL ends the round. */
struct listener *listeners_first(struct listeners *listeners);
struct listener *listeners_next(struct listeners *listeners);

#endif
