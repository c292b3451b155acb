#include "event_ring.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"

struct event_entry event_entry_make(const struct event *event, const char *line, size_t length)
{
    size_t source_size = strlen(event->source) + 1;
    struct event_entry entry = {
        .seq = event->seq,
        .level = event->level,
        .length = length,
        .line = memory_resize(NULL, length + 1 + source_size, 1),
    };
    memcpy(entry.line, line, length);
    entry.line[length] = '\0';
    memcpy(entry.line + length + 1, event->source, source_size);
    entry.source = entry.line + length + 1;
    return entry;
}

void event_ring_init(struct event_ring *ring, size_t capacity)
{
    *ring = (struct event_ring){.capacity = capacity > 0 ? capacity : 1};
    ring->entries = memory_new(ring->capacity, sizeof *ring->entries);
}

void event_ring_finish(struct event_ring *ring)
{
    for (size_t i = 0; i < ring->count; i++)
        free(ring->entries[(ring->first + i) % ring->capacity].line);
    free(ring->entries);
    *ring = (struct event_ring){0};
}

void event_ring_add(struct event_ring *ring, struct event_entry entry)
{
    if (ring->count == ring->capacity) {
        free(ring->entries[ring->first].line);
        ring->first = (ring->first + 1) % ring->capacity;
        ring->count--;
    }
    ring->entries[(ring->first + ring->count) % ring->capacity] = entry;
    ring->count++;
}

const struct event_entry *event_ring_at(const struct event_ring *ring, size_t index)
{
    return &ring->entries[(ring->first + index) % ring->capacity];
}

int64_t event_ring_first_seq(const struct event_ring *ring)
{
    return ring->count > 0 ? event_ring_at(ring, 0)->seq : 0;
}

int64_t event_ring_last_seq(const struct event_ring *ring)
{
    return ring->count > 0 ? event_ring_at(ring, ring->count - 1)->seq : 0;
}

size_t event_ring_index_after(const struct event_ring *ring, int64_t seq)
{
    size_t low = 0;
    size_t high = ring->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (event_ring_at(ring, middle)->seq <= seq)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool matches(const struct event_entry *entry, const struct event_query *query)
{
    return entry->level >= query->min_level && (!query->source || strcmp(entry->source, query->source) == 0);
}

/* From where the newest `limit` that match begin. */
static size_t newest_from(const struct event_ring *ring, const struct event_query *query)
{
    size_t found = 0;
    size_t index = ring->count;
    while (index > 0 && found < query->limit) {
        index--;
        if (matches(event_ring_at(ring, index), query))
            found++;
    }
    return index;
}

cJSON *event_ring_query(const struct event_ring *ring, const struct event_query *query)
{
    cJSON *events = cJSON_CreateArray();
    size_t index =
        query->has_since ? event_ring_index_after(ring, query->since_seq) : newest_from(ring, query);
    for (size_t found = 0; index < ring->count && found < query->limit; index++) {
        const struct event_entry *entry = event_ring_at(ring, index);
        if (!matches(entry, query))
            continue;
        cJSON_AddItemToArray(events, cJSON_CreateRaw(entry->line));
        found++;
    }
    return events;
}

void event_ring_print(const struct event_ring *ring, struct text *document)
{
    text_append_bytes(document, "[\n", 2);
    for (size_t i = 0; i < ring->count; i++) {
        const struct event_entry *entry = event_ring_at(ring, i);
        text_append_bytes(document, entry->line, entry->length);
        if (i + 1 < ring->count)
            text_append_bytes(document, ",\n", 2);
    }
    text_append_bytes(document, "\n]\n", 3);
}
