#include "log.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "base/listeners.h"
#include "base/memory.h"
#include "base/text.h"
#include "base/utf8.h"
#include "line_ring.h"
#include "line_splitter.h"
#include "log_file.h"
#include "redactor.h"

#define STREAMS 2

struct log {
    char *name;
    struct log_file file;
    bool has_file;
    bool by_line;     /* what goes to the file is put together line by line, in pending... */
    bool as_it_came;  /* ... but not of this part of a write, which is in the file already and has nothing to
                         redact */
    bool text_format; /* with a stamp before each */
    struct redactor *redactor;
    void (*file_changed)(void *context, const char *name, const char *text);
    void *context;
    bool told_of_trouble;
    struct line_splitter splitters[STREAMS];
    struct line_ring ring;
    struct line_ring stderr_ring;
    int64_t first_seq;
    int64_t next_seq;
    struct listeners listeners;
    struct text pending;
    struct text redacted;
    struct text noted; /* a part with its note */
    struct text clean; /* what listeners get */
    /* Of the write that goes on: */
    int stream;
    int64_t now_ms;
    char stamp[LINE_STAMP_BYTES + 1];
};

static struct line_splitter *splitter_of(struct log *log, int stream)
{
    return &log->splitters[stream == LOG_STDERR ? 1 : 0];
}

struct log *log_create(const struct log_options *options)
{
    const struct log_plan *plan = options->plan;
    struct log *log = memory_new(1, sizeof *log);
    log->name = memory_copy_text(options->name);
    log->has_file = plan->file && options->folder;
    log_file_init(&log->file, options->folder ? options->folder : "", options->name, plan->max_bytes,
                  plan->max_files);
    log->text_format = plan->text_format;
    log->redactor = options->redactor;
    log->by_line = log->has_file && (log->text_format || log->redactor);
    log->file_changed = options->file_changed;
    log->context = options->context;
    log->first_seq = options->first_seq;
    log->next_seq = options->first_seq;
    line_ring_init(&log->ring, plan->buffer_lines > 0 ? (size_t)plan->buffer_lines : 1, LOG_RING_BYTES);
    line_ring_init(&log->stderr_ring, LOG_STDERR_LINES, LOG_STDERR_BYTES);
    for (int i = 0; log->redactor && i < STREAMS; i++) {
        log->splitters[i].cutter = redactor_cut;
        log->splitters[i].cutter_context = log->redactor;
        log->splitters[i].holdback = redactor_holdback(log->redactor);
    }
    return log;
}

void log_destroy(struct log *log)
{
    if (!log)
        return;
    for (int i = 0; i < STREAMS; i++)
        line_splitter_finish(&log->splitters[i]);
    line_ring_finish(&log->ring);
    line_ring_finish(&log->stderr_ring);
    listeners_finish(&log->listeners);
    text_finish(&log->pending);
    text_finish(&log->redacted);
    text_finish(&log->noted);
    text_finish(&log->clean);
    log_file_finish(&log->file);
    free(log->name);
    free(log);
}

static void tell_of_trouble(struct log *log)
{
    bool trouble = log->file.trouble;
    if (trouble == log->told_of_trouble)
        return;
    log->told_of_trouble = trouble;
    if (log->file_changed)
        log->file_changed(log->context, log->name, log->file.trouble);
}

static void write_file(struct log *log, const char *data, size_t length)
{
    log_file_write(&log->file, data, length);
    tell_of_trouble(log);
}

static void tell_listeners(struct log *log, int64_t seq, const char *data, size_t length)
{
    text_clear(&log->clean);
    utf8_append_clean(&log->clean, data, length);
    const struct log_line line = {.seq = seq,
                                  .ts_ms = log->now_ms,
                                  .stream = log->stream,
                                  .text = text_get(&log->clean),
                                  .length = log->clean.length};
    for (struct listener *l = listeners_first(&log->listeners); l; l = listeners_next(&log->listeners))
        ((log_callback)l->function)(l->context, &line);
}

static void keep(struct log *log, const char *data, size_t length)
{
    int64_t seq = log->next_seq++;
    line_ring_add(&log->ring, seq, log->now_ms, log->stream, data, length);
    if (log->stream == LOG_STDERR)
        line_ring_add(&log->stderr_ring, seq, log->now_ms, log->stream, data, length);
    if (log->listeners.count > 0)
        tell_listeners(log, seq, data, length);
}

static void add_to_pending(struct log *log, const char *data, size_t length, const char *ending)
{
    if (log->text_format)
        text_append_bytes(&log->pending, log->stamp, LINE_STAMP_BYTES);
    text_append_bytes(&log->pending, data, length);
    /* With stamps a part is a line of its own; without, the bytes stay as they came. */
    text_append(&log->pending, log->text_format && !ending[0] ? "\n" : ending);
}

/* Every line passes here, and is redacted before it gets anywhere else. */
static void take_line(void *context, const struct line *line)
{
    struct log *log = context;
    const char *data = line->data;
    size_t length = line->length;
    if (log->redactor && !log->as_it_came && redactor_apply(log->redactor, data, length, &log->redacted)) {
        data = text_get(&log->redacted);
        length = log->redacted.length;
    }
    if (log->by_line && !log->text_format && !log->as_it_came)
        add_to_pending(log, data, length, line->ending);
    if (line->part > 0) {
        text_clear(&log->noted);
        text_append_bytes(&log->noted, data, length);
        line_part_note(line, &log->noted);
        data = text_get(&log->noted);
        length = log->noted.length;
    }
    if (log->by_line && log->text_format)
        add_to_pending(log, data, length, line->ending);
    keep(log, data, length);
}

static void begin_write(struct log *log, int stream, int64_t now_ms)
{
    if (log->text_format && (now_ms != log->now_ms || stream != log->stream))
        line_stamp_write(now_ms, stream, log->stamp);
    log->stream = stream;
    log->now_ms = now_ms;
}

static void end_write(struct log *log)
{
    if (log->pending.length == 0)
        return;
    write_file(log, log->pending.data, log->pending.length);
    text_clear(&log->pending);
}

/* How much of data is needed to end the line that is held. */
static size_t rest_of_line(const struct line_splitter *splitter, const char *data, size_t length)
{
    if (splitter->length == 0 && splitter->part == 0)
        return 0;
    const char *newline = memchr(data, '\n', length);
    return newline ? (size_t)(newline - data) + 1 : length;
}

static size_t whole_lines(const char *data, size_t length)
{
    while (length > 0 && data[length - 1] != '\n')
        length--;
    return length;
}

/* Most output has no secret in it: whole lines are looked through at once, and then go to the file as they
 * came. */
static void write_lines(struct log *log, struct line_splitter *splitter, const char *data, size_t length)
{
    log->as_it_came = log->redactor && !log->text_format && redactor_is_clean(log->redactor, data, length);
    if (log->as_it_came) {
        end_write(log);
        write_file(log, data, length);
    }
    line_splitter_feed(splitter, data, length, take_line, log);
    log->as_it_came = false;
}

void log_write(struct log *log, int stream, const char *data, size_t length, int64_t now_ms)
{
    struct line_splitter *splitter = splitter_of(log, stream);
    begin_write(log, stream, now_ms);
    if (!log->by_line) {
        if (log->has_file)
            write_file(log, data, length);
        line_splitter_feed(splitter, data, length, take_line, log);
        return;
    }
    size_t head = rest_of_line(splitter, data, length);
    size_t body = whole_lines(data + head, length - head);
    line_splitter_feed(splitter, data, head, take_line, log);
    if (body > 0)
        write_lines(log, splitter, data + head, body);
    line_splitter_feed(splitter, data + head + body, length - head - body, take_line, log);
    end_write(log);
}

void log_flush_partial(struct log *log, int stream, int64_t now_ms)
{
    begin_write(log, stream, now_ms);
    line_splitter_flush(splitter_of(log, stream), take_line, log);
    end_write(log);
}

void log_begin_start(struct log *log)
{
    line_ring_clear(&log->stderr_ring);
    if (!log->has_file)
        return;
    log_file_begin_line(&log->file);
    tell_of_trouble(log);
}

void log_stderr_tail(const struct log *log, struct strings *lines)
{
    for (size_t i = 0; i < log->stderr_ring.count; i++) {
        struct text raw = {0};
        struct text clean = {0};
        line_ring_read(&log->stderr_ring, line_ring_at(&log->stderr_ring, i), &raw);
        utf8_append_clean(&clean, text_get(&raw), raw.length);
        strings_take(lines, text_take(&clean));
        text_finish(&raw);
    }
}

void log_check(struct log *log)
{
    if (!log->has_file)
        return;
    log_file_check(&log->file);
    tell_of_trouble(log);
}

uint64_t log_bytes_lost(const struct log *log)
{
    return log->file.bytes_lost;
}

int64_t log_last_seq(const struct log *log)
{
    return log->next_seq > log->first_seq ? log->next_seq - 1 : 0;
}

static cJSON *line_to_json(const struct log *log, const struct line_record *record)
{
    struct text raw = {0};
    struct text clean = {0};
    line_ring_read(&log->ring, record, &raw);
    utf8_append_clean(&clean, text_get(&raw), raw.length);
    cJSON *line = cJSON_CreateObject();
    cJSON_AddNumberToObject(line, "seq", (double)record->seq);
    cJSON_AddNumberToObject(line, "ts_ms", (double)record->ts_ms);
    cJSON_AddStringToObject(line, "stream", log_stream_name(record->stream));
    cJSON_AddStringToObject(line, "text", text_get(&clean));
    text_finish(&clean);
    text_finish(&raw);
    return line;
}

cJSON *log_tail(const struct log *log, const struct log_query *query)
{
    const struct line_ring *ring = &log->ring;
    int64_t oldest = ring->count > 0 ? line_ring_at(ring, 0)->seq : log->next_seq;
    size_t from = 0;
    int64_t dropped = 0;
    if (query->has_since) {
        /* Seqs have no gaps, and those before first_seq are of an earlier supervisor. */
        int64_t wanted = query->since_seq + 1 > log->first_seq ? query->since_seq + 1 : log->first_seq;
        dropped = oldest > wanted ? oldest - wanted : 0;
        from = wanted > oldest ? (size_t)(wanted - oldest) : 0;
    } else if (query->tail >= 0 && ring->count > (size_t)query->tail) {
        from = ring->count - (size_t)query->tail;
    }
    cJSON *result = cJSON_CreateObject();
    cJSON *lines = cJSON_AddArrayToObject(result, "lines");
    for (size_t i = from; i < ring->count && (query->tail < 0 || i - from < (size_t)query->tail); i++)
        cJSON_AddItemToArray(lines, line_to_json(log, line_ring_at(ring, i)));
    cJSON_AddNumberToObject(result, "dropped", (double)dropped);
    return result;
}

struct listener *log_listen(struct log *log, log_callback callback, void *context)
{
    return listeners_add(&log->listeners, (void (*)(void))callback, context);
}

void log_unlisten(struct log *log, struct listener *listener)
{
    if (listener)
        listeners_remove(&log->listeners, listener);
}
