#include "recovery.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include "base/crc32.h"
#include "base/memory.h"
#include "base/text.h"
#include "base/utf8.h"
#include "files/file.h"
#include "journal.h"

#define SNAPSHOT_MAX_BYTES                                                                                   \
    (256 * 1024 * 1024) /* something else's file; a feed of 200 events has some 100 KiB */
#define CHUNK_BYTES     (64 * 1024)
#define CHECKSUM_DIGITS 8

/* Entries as they are found, of which only the newest `keep` are wanted in the end. */
struct collection {
    struct event_entry *entries;
    size_t count;
    size_t capacity;
    size_t keep;
    int64_t last_seq; /* of the entry that was added last */
};

static int by_seq(const void *a, const void *b)
{
    const struct event_entry *left = a;
    const struct event_entry *right = b;
    return (left->seq > right->seq) - (left->seq < right->seq);
}

/* In order, each seq once, and no more than wanted. */
static void tidy(struct collection *found)
{
    if (found->count == 0)
        return;
    qsort(found->entries, found->count, sizeof *found->entries, by_seq);
    size_t kept = 1;
    for (size_t i = 1; i < found->count; i++) {
        if (found->entries[i].seq == found->entries[kept - 1].seq)
            free(found->entries[i].line);
        else
            found->entries[kept++] = found->entries[i];
    }
    size_t surplus = kept > found->keep ? kept - found->keep : 0;
    for (size_t i = 0; i < surplus; i++)
        free(found->entries[i].line);
    memmove(found->entries, found->entries + surplus, (kept - surplus) * sizeof *found->entries);
    found->count = kept - surplus;
}

static void add_entry(struct collection *found, struct event_entry entry)
{
    if (found->count >= 2 * found->keep + 64)
        tidy(found);
    found->last_seq = entry.seq;
    found->entries = memory_grow(found->entries, found->count, &found->capacity, sizeof *found->entries);
    found->entries[found->count++] = entry;
}

/* What other programs wrote without seq is numbered in the order of the file. */
static bool add_object(struct collection *found, const cJSON *object)
{
    struct event event;
    if (!event_from_json(object, &event))
        return false;
    bool numbered = event.seq > 0;
    if (!numbered)
        event.seq = found->last_seq + 1;
    char *line = numbered ? cJSON_PrintUnformatted(object) : event_to_line(&event);
    bool good = line && utf8_valid_length(line, strlen(line)) == strlen(line);
    if (good)
        add_entry(found, event_entry_make(&event, line, strlen(line)));
    free(line);
    return good;
}

static void add_array(struct collection *found, const cJSON *array, struct recovered_file *file)
{
    const cJSON *object;
    cJSON_ArrayForEach(object, array)
    {
        if (add_object(found, object))
            file->events++;
        else
            file->damaged = true;
    }
}

/* Every event in a text that is no JSON document as a whole. */
static void salvage(struct collection *found, const char *text, size_t length, struct recovered_file *file)
{
    size_t at = 0;
    while (at < length) {
        const char *brace = memchr(text + at, '{', length - at);
        if (!brace)
            return;
        const char *end = NULL;
        cJSON *object = cJSON_ParseWithLengthOpts(brace, length - (size_t)(brace - text), &end, false);
        if (object && add_object(found, object))
            file->events++;
        cJSON_Delete(object);
        /* Where reading failed, nothing before that place begins an event. */
        at = end > brace ? (size_t)(end - text) : (size_t)(brace - text) + 1;
    }
}

static bool is_missing(int code)
{
    return code == UV_ENOENT || code == UV_ENOTDIR;
}

static void read_snapshot(const char *path, struct collection *found, struct recovered_file *file)
{
    struct text text = {0};
    int code = file_read_whole(path, SNAPSHOT_MAX_BYTES, &text);
    if (code < 0) {
        file->missing = is_missing(code);
        file->code = file->missing ? 0 : code;
        file->damaged = !file->missing;
        return;
    }
    const char *end = NULL;
    cJSON *document = cJSON_ParseWithLengthOpts(text_get(&text), text.length + 1, &end, true);
    if (cJSON_IsArray(document)) {
        add_array(found, document, file);
    } else {
        file->damaged = true;
        salvage(found, text_get(&text), text.length, file);
    }
    cJSON_Delete(document);
    text_finish(&text);
}

static bool read_checksum(const char *digits, uint32_t *checksum)
{
    *checksum = 0;
    for (int i = 0; i < CHECKSUM_DIGITS; i++) {
        char digit = digits[i];
        uint32_t value;
        if (digit >= '0' && digit <= '9')
            value = (uint32_t)(digit - '0');
        else if (digit >= 'a' && digit <= 'f')
            value = (uint32_t)(digit - 'a') + 10;
        else if (digit >= 'A' && digit <= 'F')
            value = (uint32_t)(digit - 'A') + 10;
        else
            return false;
        *checksum = *checksum << 4 | value;
    }
    return true;
}

/* The event's JSON inside a whole and sound line of a journal, or NULL. */
static const char *sound_json(const char *line, size_t length)
{
    uint32_t checksum;
    if (length < CHECKSUM_DIGITS + 2 || line[CHECKSUM_DIGITS] != ' ' || !read_checksum(line, &checksum))
        return NULL;
    const char *json = line + CHECKSUM_DIGITS + 1;
    return crc32_of(json, length - CHECKSUM_DIGITS - 1) == checksum ? json : NULL;
}

static bool add_json(struct collection *found, const char *json)
{
    const char *end = NULL;
    cJSON *object = cJSON_ParseWithOpts(json, &end, true);
    size_t length = strlen(json);
    struct event event;
    bool good = event_from_json(object, &event) && event.seq > 0 && utf8_valid_length(json, length) == length;
    if (good)
        add_entry(found, event_entry_make(&event, json, length));
    cJSON_Delete(object);
    return good;
}

/* A journal so far. Only the newest lines are looked into, once all are there: a start must not take the time
 * to parse four megabytes. */
struct journal_reader {
    struct recovered_file *file;
    char **newest; /* a circle of `keep` */
    size_t keep;
    size_t sound; /* lines so far */
    struct text partial;
    bool skipping; /* inside a line that is too long to be ours */
};

static void take_line(struct journal_reader *reader, const char *line, size_t length)
{
    const char *json = reader->skipping ? NULL : sound_json(line, length);
    if (json) {
        char **slot = &reader->newest[reader->sound++ % reader->keep];
        free(*slot);
        *slot = memory_copy_bytes(json, length - (size_t)(json - line));
    } else {
        reader->file->damaged = true;
    }
    reader->skipping = false;
}

static void take_newest(struct journal_reader *reader, struct collection *found)
{
    size_t first = reader->sound > reader->keep ? reader->sound - reader->keep : 0;
    reader->file->events = first;
    for (size_t i = first; i < reader->sound; i++) {
        char *json = reader->newest[i % reader->keep];
        if (add_json(found, json))
            reader->file->events++;
        else
            reader->file->damaged = true;
        free(json);
    }
    free(reader->newest);
}

static void keep_partial(struct journal_reader *reader, const char *data, size_t length)
{
    if (!reader->skipping)
        text_append_bytes(&reader->partial, data, length);
    if (reader->partial.length > JOURNAL_MAX_LINE) {
        reader->skipping = true;
        reader->file->damaged = true;
        text_clear(&reader->partial);
    }
}

static void take_chunk(struct journal_reader *reader, const char *data, size_t length)
{
    const char *end = data + length;
    for (const char *newline; data < end && (newline = memchr(data, '\n', (size_t)(end - data)));
         data = newline + 1) {
        if (reader->partial.length > 0) {
            text_append_bytes(&reader->partial, data, (size_t)(newline - data));
            take_line(reader, reader->partial.data, reader->partial.length);
            text_clear(&reader->partial);
        } else {
            take_line(reader, data, (size_t)(newline - data));
        }
    }
    keep_partial(reader, data, (size_t)(end - data));
}

static void read_journal(const char *path, struct collection *found, struct recovered_file *file)
{
    int fd;
    int64_t size;
    int code = file_open_read(path, &fd, &size);
    if (code < 0) {
        file->missing = is_missing(code);
        file->code = file->missing ? 0 : code;
        file->damaged = !file->missing;
        return;
    }
    struct journal_reader reader = {.file = file, .keep = found->keep};
    reader.newest = memory_new(reader.keep, sizeof *reader.newest);
    char *chunk = memory_new(CHUNK_BYTES, 1);
    size_t got;
    int64_t offset = 0;
    while ((code = file_read_at(fd, offset, chunk, CHUNK_BYTES, &got)) == 0 && got > 0) {
        take_chunk(&reader, chunk, got);
        offset += (int64_t)got;
    }
    if (reader.partial.length > 0 || reader.skipping) {
        /* Torn, or whole but for its newline: either way nothing can be appended behind it. */
        take_line(&reader, text_get(&reader.partial), reader.partial.length);
        file->damaged = true;
    }
    if (code < 0) {
        file->code = code;
        file->damaged = true;
    }
    take_newest(&reader, found);
    text_finish(&reader.partial);
    free(chunk);
    file_close(fd);
}

void recovery_read(const char *snapshot_path, const char *journal_path, struct event_ring *ring,
                   struct recovery *recovery)
{
    *recovery = (struct recovery){0};
    struct collection found = {.keep = ring->capacity};
    read_snapshot(snapshot_path, &found, &recovery->snapshot);
    read_journal(journal_path, &found, &recovery->journal);
    tidy(&found);
    for (size_t i = 0; i < found.count; i++)
        event_ring_add(ring, found.entries[i]);
    free(found.entries);
}
