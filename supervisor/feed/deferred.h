/*
 * Work that may block, asked for often and done seldom: so many milliseconds after it was first asked for, on
 * the loop's pool, never two at a time. Asked for while it runs, it is done once more afterwards.
 */
#ifndef SIDECARD_FEED_DEFERRED_H
#define SIDECARD_FEED_DEFERRED_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

struct deferred;

struct deferred_operations {
    /* On the loop: everything that the work needs, as a copy of its own. */
    void *(*prepare)(void *context);
    /* On a thread of the pool: 0 or a negative libuv code. */
    int (*work)(void *payload);
    /* On the loop, once it is done; never after deferred_destroy. May ask again. */
    void (*done)(void *context, const void *payload, int code);
    void (*discard)(void *payload);
};

struct deferred *deferred_create(uv_loop_t *loop, uint64_t delay_ms,
                                 const struct deferred_operations *operations, void *context);

void deferred_ask(struct deferred *deferred);

/*
 * Calls off what has not begun and waits for what has, at most DEFERRED_PATIENCE_MS: false where it still
 * runs then. The memory goes once the loop has run its closing callbacks. Takes NULL.
 */
#define DEFERRED_PATIENCE_MS 5000
bool deferred_destroy(struct deferred *deferred);

#endif
