#include "line_splitter.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"

#define PART_BYTES (LINE_MAX_BYTES - LINE_PART_NOTE_BYTES)

void line_splitter_finish(struct line_splitter *splitter)
{
    free(splitter->partial);
    splitter->partial = NULL;
    splitter->length = 0;
    splitter->capacity = 0;
}

/* How much of one line is held before a part of it must go. */
static size_t limit_of(const struct line_splitter *splitter)
{
    return splitter->part > 0 ? PART_BYTES : LINE_MAX_BYTES;
}

/* Not inside a UTF-8 character, where data looks like UTF-8 at all. */
static size_t character_start(const char *data, size_t wanted)
{
    for (size_t at = wanted; at > 0 && wanted - at < 4; at--) {
        if (((unsigned char)data[at] & 0xC0) != 0x80)
            return at;
    }
    return wanted;
}

static void give_part(struct line_splitter *splitter, line_callback callback, void *context)
{
    size_t cut = character_start(splitter->partial, PART_BYTES);
    if (splitter->cutter)
        cut = splitter->cutter(splitter->cutter_context, splitter->partial, splitter->length, cut);
    splitter->part++;
    const struct line line = {.data = splitter->partial, .length = cut, .ending = "", .part = splitter->part};
    callback(context, &line);
    splitter->length -= cut;
    memmove(splitter->partial, splitter->partial + cut, splitter->length);
}

/* The line in partial is complete; a carriage return before the newline belongs to its ending. */
static void give_rest(struct line_splitter *splitter, const char *ending, line_callback callback,
                      void *context)
{
    if (ending[0] && splitter->length > 0 && splitter->partial[splitter->length - 1] == '\r') {
        splitter->length--;
        ending = "\r\n";
    }
    while (splitter->length > limit_of(splitter))
        give_part(splitter, callback, context);
    const struct line line = {
        .data = splitter->partial ? splitter->partial : "",
        .length = splitter->length,
        .ending = ending,
        .part = splitter->part > 0 ? splitter->part + 1 : 0,
        .last = true,
    };
    splitter->length = 0;
    splitter->part = 0;
    callback(context, &line);
}

static void reserve(struct line_splitter *splitter, size_t needed)
{
    if (needed <= splitter->capacity)
        return;
    size_t capacity = splitter->capacity ? splitter->capacity : 256;
    while (capacity < needed)
        capacity *= 2;
    splitter->partial = memory_resize(splitter->partial, capacity, 1);
    splitter->capacity = capacity;
}

static void hold(struct line_splitter *splitter, const char *data, size_t length, line_callback callback,
                 void *context)
{
    while (length > 0) {
        /* One byte more: it may be the carriage return of the ending. */
        size_t most = limit_of(splitter) + splitter->holdback + 1;
        if (splitter->length >= most) {
            give_part(splitter, callback, context);
            continue;
        }
        size_t room = most - splitter->length;
        size_t taken = length < room ? length : room;
        reserve(splitter, splitter->length + taken);
        memcpy(splitter->partial + splitter->length, data, taken);
        splitter->length += taken;
        data += taken;
        length -= taken;
    }
}

void line_splitter_feed(struct line_splitter *splitter, const char *data, size_t length,
                        line_callback callback, void *context)
{
    const char *end = data + length;
    while (data < end) {
        const char *newline = memchr(data, '\n', (size_t)(end - data));
        if (!newline) {
            hold(splitter, data, (size_t)(end - data), callback, context);
            return;
        }
        size_t got = (size_t)(newline - data);
        if (splitter->length > 0 || splitter->part > 0 || got > LINE_MAX_BYTES) {
            hold(splitter, data, got, callback, context);
            give_rest(splitter, "\n", callback, context);
        } else {
            bool carriage = got > 0 && newline[-1] == '\r';
            const struct line line = {
                .data = data, .length = got - carriage, .ending = carriage ? "\r\n" : "\n", .last = true};
            callback(context, &line);
        }
        data = newline + 1;
    }
}

void line_splitter_flush(struct line_splitter *splitter, line_callback callback, void *context)
{
    if (splitter->length > 0 || splitter->part > 0)
        give_rest(splitter, "", callback, context);
}

void line_part_note(const struct line *line, struct text *text)
{
    if (line->part > 0)
        text_printf(text, " [part %lu of a long line%s]", line->part, line->last ? ", its end" : "");
}
