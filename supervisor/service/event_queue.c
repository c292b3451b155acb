#include "event_queue.h"

#include <stdlib.h>

#include "base/memory.h"

void queued_destroy(struct queued *entry)
{
    error_finish(&entry->error);
    free(entry);
}

void event_queue_finish(struct event_queue *queue)
{
    struct queued *entry;
    while ((entry = event_queue_take(queue)) != NULL)
        queued_destroy(entry);
}

static struct queued *queued_create(struct service *service, const struct service_event *event)
{
    struct queued *entry = memory_new(1, sizeof(*entry));
    entry->service = service;
    entry->event = *event;
    if (event->error) {
        error_copy(&entry->error, event->error);
        entry->event.error = &entry->error;
    }
    return entry;
}

void event_queue_add(struct event_queue *queue, struct service *service, const struct service_event *event)
{
    struct queued *entry = queued_create(service, event);
    if (queue->first)
        queue->last->next = entry;
    else
        queue->first = entry;
    queue->last = entry;
}

void event_queue_add_first(struct event_queue *queue, struct service *service,
                           const struct service_event *event)
{
    struct queued *entry = queued_create(service, event);
    entry->next = queue->first;
    if (!queue->first)
        queue->last = entry;
    queue->first = entry;
}

struct queued *event_queue_take(struct event_queue *queue)
{
    struct queued *entry = queue->first;
    if (entry)
        queue->first = entry->next;
    return entry;
}

static bool answers(const struct service_event *event, enum service_action called_off)
{
    switch (event->kind) {
    case EVENT_LOOK_CLEAR:
    case EVENT_LOOK_HEALTHY:
    case EVENT_LOOK_FAILED:
        return called_off == ACTION_LOOK_OFF;
    case EVENT_PROBE_PASSED:
    case EVENT_PROBE_FAILED:
    case EVENT_STRANGER:
        return called_off == ACTION_PROBE_OFF;
    default:
        return false;
    }
}

void event_queue_drop_answers(struct event_queue *queue, const struct service *service,
                              enum service_action called_off)
{
    struct queued **link = &queue->first;
    queue->last = NULL;
    while (*link) {
        struct queued *entry = *link;
        if (entry->service == service && answers(&entry->event, called_off)) {
            *link = entry->next;
            queued_destroy(entry);
        } else {
            queue->last = entry;
            link = &entry->next;
        }
    }
}
