#include "journal.h"

#include <stdlib.h>
#include <uv.h>

#include "base/crc32.h"
#include "base/memory.h"
#include "files/file.h"

#define CHECKSUM_DIGITS 8

static void add_line(struct text *buffer, const char *line, size_t length)
{
    static const char digits[] = "0123456789abcdef";
    uint32_t checksum = crc32_of(line, length);
    char head[CHECKSUM_DIGITS + 1];
    for (int i = 0; i < CHECKSUM_DIGITS; i++)
        head[i] = digits[(checksum >> (28 - 4 * i)) & 15];
    head[CHECKSUM_DIGITS] = ' ';
    text_append_bytes(buffer, head, sizeof head);
    text_append_bytes(buffer, line, length);
    text_append_bytes(buffer, "\n", 1);
}

static void add_ring(struct text *buffer, const struct event_ring *ring, size_t from)
{
    for (size_t i = from; i < ring->count; i++) {
        const struct event_entry *entry = event_ring_at(ring, i);
        add_line(buffer, entry->line, entry->length);
    }
}

void journal_init(struct journal *journal, const char *path)
{
    *journal = (struct journal){.path = memory_copy_text(path), .fd = -1};
}

void journal_finish(struct journal *journal)
{
    journal_close(journal);
    free(journal->path);
    text_finish(&journal->buffer);
    *journal = (struct journal){.fd = -1};
}

void journal_close(struct journal *journal)
{
    file_close(journal->fd);
    journal->fd = -1;
}

/* A ring that alone fills the journal must not have it begun anew with every event. */
static void set_full_at(struct journal *journal, int64_t base)
{
    journal->full_at = base * 2 > JOURNAL_MAX_BYTES ? base * 2 : JOURNAL_MAX_BYTES;
}

int journal_open(struct journal *journal, int64_t last_seq)
{
    journal_close(journal);
    int code = file_open_append(journal->path, &journal->fd, &journal->size);
    if (code < 0)
        return code;
    journal->last_seq = last_seq;
    set_full_at(journal, 0);
    return 0;
}

static int write_buffer(struct journal *journal)
{
    if (journal->fd < 0)
        return UV_EBADF;
    size_t written;
    int code = file_write_all(journal->fd, journal->buffer.data, journal->buffer.length, &written);
    if (code == 0) {
        journal->size += (int64_t)written;
        return 0;
    }
    /* Half a line would make the next one unreadable with it. */
    if (written > 0 && file_truncate(journal->fd, journal->size) < 0)
        journal_close(journal);
    return code;
}

int journal_append(struct journal *journal, int64_t seq, const char *line, size_t length)
{
    text_clear(&journal->buffer);
    add_line(&journal->buffer, line, length);
    int code = write_buffer(journal);
    if (code == 0)
        journal->last_seq = seq;
    return code;
}

int journal_append_later(struct journal *journal, const struct event_ring *ring)
{
    size_t from = event_ring_index_after(ring, journal->last_seq);
    if (from == ring->count)
        return journal->fd < 0 ? UV_EBADF : 0;
    struct text one_event = journal->buffer;
    journal->buffer = (struct text){0};
    add_ring(&journal->buffer, ring, from);
    int code = write_buffer(journal);
    if (code == 0)
        journal->last_seq = event_ring_last_seq(ring);
    text_finish(&journal->buffer);
    journal->buffer = one_event;
    return code;
}

int journal_begin_anew(struct journal *journal, const struct event_ring *ring, bool durable)
{
    struct text content = {0};
    add_ring(&content, ring, 0);
    int code = file_replace(journal->path, text_get(&content), content.length, durable);
    text_finish(&content);
    if (code < 0) {
        /* The old one is still there, and takes a megabyte more before the next attempt. */
        journal->full_at = journal->size + JOURNAL_MAX_BYTES / 4;
        if (journal_is_gone(journal)) /* renamed, and then the folder could not be synced */
            journal_close(journal);
        return code;
    }
    code = journal_open(journal, event_ring_last_seq(ring));
    if (code == 0)
        set_full_at(journal, journal->size);
    return code;
}

bool journal_is_gone(const struct journal *journal)
{
    return journal->fd >= 0 && !file_is_at(journal->fd, journal->path);
}

bool journal_is_full(const struct journal *journal)
{
    return journal->size > journal->full_at;
}
