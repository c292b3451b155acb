/*
 * The newest lines of a sidecar, so many and so many bytes at most, as the bytes that they are. Adding a line
 * allocates nothing once the ring has grown to what its sidecar fills; that matters at five million lines a
 * second.
 */
#ifndef SIDECARD_LOGS_LINE_RING_H
#define SIDECARD_LOGS_LINE_RING_H

#include <stddef.h>
#include <stdint.h>

struct text;

struct line_record {
    int64_t seq;
    int64_t ts_ms;
    uint32_t start; /* in the circle of bytes */
    uint32_t length;
    int stream;
};

struct line_ring {
    struct line_record *records;
    size_t max_lines;
    size_t first;
    size_t count;
    char *bytes;
    size_t capacity; /* of bytes; grows up to max_bytes */
    size_t max_bytes;
    size_t used;
    size_t end; /* where the next line's bytes go */
};

void line_ring_init(struct line_ring *ring, size_t max_lines, size_t max_bytes);
void line_ring_finish(struct line_ring *ring);
void line_ring_clear(struct line_ring *ring);

/* The oldest lines go where there is no room. Of a line that alone is too long, its end is kept. */
void line_ring_add(struct line_ring *ring, int64_t seq, int64_t ts_ms, int stream, const char *data,
                   size_t length);

/* The index-th oldest. */
const struct line_record *line_ring_at(const struct line_ring *ring, size_t index);

/* Appends its bytes to text. */
void line_ring_read(const struct line_ring *ring, const struct line_record *record, struct text *text);

#endif
