/*
 * Bytes in, lines out: pure, and without a copy of what arrives whole. One splitter a stream.
 *
 * A line longer than LINE_MAX_BYTES is given in parts as it comes, so that memory stays flat however long it
 * gets. Parts are a little shorter than that: with the words that say so (line_part_note) they are no longer
 * than any other line.
 */
#ifndef SIDECARD_LOGS_LINE_SPLITTER_H
#define SIDECARD_LOGS_LINE_SPLITTER_H

#include <stdbool.h>
#include <stddef.h>

#define LINE_MAX_BYTES       (64 * 1024)
#define LINE_PART_NOTE_BYTES 48

struct text;

/* Borrowed for the call that gives it. */
struct line {
    const char *data; /* without its ending */
    size_t length;
    const char
        *ending; /* "\n", "\r\n", or "" for what has none: the end of the stream, or a part that goes on */
    unsigned long part; /* 0: whole; else the number of this part, from 1 */
    bool last;          /* of its parts */
};

typedef void (*line_callback)(void *context, const struct line *line);

/* Where a part may end, at most `wanted` and more than 0, so that nothing is torn that has to be seen as a
 * whole. */
typedef size_t (*line_cutter)(void *context, const char *data, size_t length, size_t wanted);

struct line_splitter {
    char *partial;
    size_t length;
    size_t capacity;
    unsigned long part; /* parts of the present line so far */
    line_cutter cutter; /* NULL: anywhere */
    void *cutter_context;
    size_t holdback; /* so many bytes behind a cut must be known to the cutter */
};

/* A zeroed splitter is ready; cutter and holdback may be set before the first byte. */
void line_splitter_finish(struct line_splitter *splitter);

void line_splitter_feed(struct line_splitter *splitter, const char *data, size_t length,
                        line_callback callback, void *context);

/* The stream is over, or starts anew: what is left is a line without ending. */
void line_splitter_flush(struct line_splitter *splitter, line_callback callback, void *context);

/* Appends what says that this is a part, " [part 2 of a long line, which ends here]"; nothing for a whole
 * line. */
void line_part_note(const struct line *line, struct text *text);

#endif
