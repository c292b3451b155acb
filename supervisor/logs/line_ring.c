#include "line_ring.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"

#define FIRST_CAPACITY 1024

void line_ring_init(struct line_ring *ring, size_t max_lines, size_t max_bytes)
{
    *ring = (struct line_ring){.max_lines = max_lines > 0 ? max_lines : 1, .max_bytes = max_bytes};
    ring->records = memory_new(ring->max_lines, sizeof *ring->records);
}

void line_ring_finish(struct line_ring *ring)
{
    free(ring->records);
    free(ring->bytes);
    *ring = (struct line_ring){0};
}

void line_ring_clear(struct line_ring *ring)
{
    ring->first = 0;
    ring->count = 0;
    ring->used = 0;
    ring->end = 0;
}

const struct line_record *line_ring_at(const struct line_ring *ring, size_t index)
{
    size_t at = ring->first + index;
    return &ring->records[at < ring->max_lines ? at : at - ring->max_lines];
}

static void drop_oldest(struct line_ring *ring)
{
    ring->used -= ring->records[ring->first].length;
    ring->first = ring->first + 1 < ring->max_lines ? ring->first + 1 : 0;
    ring->count--;
}

/* A circle cannot be resized in place: what it holds is laid out anew from its start. */
static void grow(struct line_ring *ring, size_t needed)
{
    size_t capacity = ring->capacity ? ring->capacity : FIRST_CAPACITY;
    while (capacity < needed && capacity < ring->max_bytes)
        capacity *= 2;
    if (capacity > ring->max_bytes)
        capacity = ring->max_bytes;
    char *bytes = memory_resize(NULL, capacity, 1);
    size_t oldest = ring->count > 0 ? ring->records[ring->first].start : 0;
    size_t tail = ring->capacity - oldest < ring->used ? ring->capacity - oldest : ring->used;
    if (ring->used > 0) {
        memcpy(bytes, ring->bytes + oldest, tail);
        memcpy(bytes + tail, ring->bytes, ring->used - tail);
    }
    for (size_t i = 0, at = 0; i < ring->count; i++) {
        struct line_record *record = &ring->records[(ring->first + i) % ring->max_lines];
        record->start = (uint32_t)at;
        at += record->length;
    }
    free(ring->bytes);
    ring->bytes = bytes;
    ring->capacity = capacity;
    ring->end = ring->used;
}

static void make_room(struct line_ring *ring, size_t length)
{
    if (ring->count == ring->max_lines)
        drop_oldest(ring);
    if (ring->used + length > ring->capacity && ring->capacity < ring->max_bytes)
        grow(ring, ring->used + length);
    while (ring->used + length > ring->capacity)
        drop_oldest(ring);
}

void line_ring_add(struct line_ring *ring, int64_t seq, int64_t ts_ms, int stream, const char *data,
                   size_t length)
{
    if (length > ring->max_bytes) {
        data += length - ring->max_bytes;
        length = ring->max_bytes;
    }
    make_room(ring, length);
    size_t at = ring->first + ring->count;
    ring->records[at < ring->max_lines ? at : at - ring->max_lines] =
        (struct line_record){.seq = seq,
                             .ts_ms = ts_ms,
                             .start = (uint32_t)ring->end,
                             .length = (uint32_t)length,
                             .stream = stream};
    ring->count++;
    ring->used += length;
    size_t to_end = ring->capacity - ring->end;
    if (length < to_end) {
        memcpy(ring->bytes + ring->end, data, length);
        ring->end += length;
    } else if (length > 0) {
        memcpy(ring->bytes + ring->end, data, to_end);
        memcpy(ring->bytes, data + to_end, length - to_end);
        ring->end = length - to_end;
    }
}

void line_ring_read(const struct line_ring *ring, const struct line_record *record, struct text *text)
{
    size_t to_end = ring->capacity - record->start;
    if (record->length <= to_end) {
        text_append_bytes(text, ring->bytes + record->start, record->length);
    } else {
        text_append_bytes(text, ring->bytes + record->start, to_end);
        text_append_bytes(text, ring->bytes, record->length - to_end);
    }
}
