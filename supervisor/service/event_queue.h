/* Inside of `service`: events that wait for their turn. A zeroed struct event_queue is empty. */
#ifndef SIDECARD_SERVICE_EVENT_QUEUE_H
#define SIDECARD_SERVICE_EVENT_QUEUE_H

#include "service.h"

struct queued {
    struct service *service;
    struct service_event event;
    struct error error; /* a copy of what event.error pointed to; owned */
    struct queued *next;
};

struct event_queue {
    struct queued *first;
    struct queued *last;
};

void event_queue_finish(struct event_queue *queue);

void event_queue_add(struct event_queue *queue, struct service *service, const struct service_event *event);

/* Before all others. */
void event_queue_add_first(struct event_queue *queue, struct service *service,
                           const struct service_event *event);

/* The next one, owned by the caller; NULL: none. */
struct queued *event_queue_take(struct event_queue *queue);

/* What ACTION_LOOK_OFF or ACTION_PROBE_OFF called off may have been answered: takes such answers out. */
void event_queue_drop_answers(struct event_queue *queue, const struct service *service,
                              enum service_action called_off);

void queued_destroy(struct queued *entry);

#endif
