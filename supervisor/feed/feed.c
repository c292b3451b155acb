#include "feed.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "base/listeners.h"
#include "base/memory.h"
#include "base/text.h"
#include "recovery.h"
#include "storage.h"

#define MAX_LINE    (256 * 1024) /* an event that is longer loses its data and most of its message */
#define MAX_MESSAGE (16 * 1024)

/* An event that was added while listeners were being told of an earlier one. */
struct waiting_event {
    struct waiting_event *next;
    struct event event;
    char *source;
    char *message;
    cJSON *data;
    char *line;
};

struct feed {
    char *path;
    char *(*redact)(void *context, const char *text);
    void *redact_context;
    struct event_ring ring;
    int64_t next_seq;
    struct listeners listeners;
    struct waiting_event *waiting;
    struct waiting_event **waiting_end;
    struct storage *storage;
    bool told_of_trouble;
};

static int64_t wall_clock_ms(void)
{
    uv_timeval64_t now;
    uv_gettimeofday(&now);
    return now.tv_sec * 1000 + now.tv_usec / 1000;
}

/* Redaction: everything that people or programs put into an event passes here, once, before it is kept. */

static void redact_data(const struct feed *feed, cJSON *item)
{
    for (; item; item = item->next) {
        if (item->child)
            redact_data(feed, item->child);
        if (!cJSON_IsString(item))
            continue;
        char *clean = feed->redact(feed->redact_context, item->valuestring);
        if (clean)
            cJSON_SetValuestring(item, clean);
        free(clean);
    }
}

static char *redacted(const struct feed *feed, char *message, cJSON *data)
{
    if (!feed->redact)
        return message;
    if (data)
        redact_data(feed, data->child);
    char *clean = feed->redact(feed->redact_context, message);
    if (!clean)
        return message;
    free(message);
    return clean;
}

/* Telling */

static void queue_event(struct feed *feed, const struct event *event, char *message, cJSON *data, char *line)
{
    struct waiting_event *waiting = memory_new(1, sizeof *waiting);
    waiting->event = *event;
    waiting->source = memory_copy_text(event->source);
    waiting->event.source = waiting->source;
    waiting->message = message;
    waiting->data = data;
    waiting->line = line;
    *feed->waiting_end = waiting;
    feed->waiting_end = &waiting->next;
}

static void tell(struct feed *feed, const struct event *event, const char *line)
{
    for (struct listener *l = listeners_first(&feed->listeners); l; l = listeners_next(&feed->listeners))
        ((feed_callback)l->function)(l->context, event, line);
}

static void tell_waiting(struct feed *feed)
{
    while (feed->waiting) {
        struct waiting_event *waiting = feed->waiting;
        tell(feed, &waiting->event, waiting->line);
        feed->waiting = waiting->next;
        if (!feed->waiting)
            feed->waiting_end = &feed->waiting;
        free(waiting->source);
        free(waiting->message);
        cJSON_Delete(waiting->data);
        free(waiting->line);
        free(waiting);
    }
}

static void report_storage(void *context);

/* Takes message and data over; message is clean by now. */
static void publish(struct feed *feed, struct event *event, char *message, cJSON *data)
{
    event->message = message;
    event->data = data;
    char *line = event_to_line(event);
    size_t length = strlen(line);
    if (length > MAX_LINE) {
        free(line);
        message[strlen(message) > MAX_MESSAGE ? MAX_MESSAGE : strlen(message)] = '\0';
        event->data = NULL;
        line = event_to_line(event);
        length = strlen(line);
    }
    storage_append(feed->storage, event->seq, line, length);
    event_ring_add(&feed->ring, event_entry_make(event, line, length));
    storage_follow(feed->storage);
    if (feed->listeners.telling) {
        queue_event(feed, event, message, data, line);
        return;
    }
    tell(feed, event, line);
    free(message);
    cJSON_Delete(data);
    free(line);
    tell_waiting(feed);
    report_storage(feed);
}

int64_t feed_add(struct feed *feed, enum event_level level, enum event_kind kind, const char *source,
                 cJSON *data, const char *format, ...)
{
    struct text message = {0};
    va_list arguments;
    va_start(arguments, format);
    text_vprintf(&message, format, arguments);
    va_end(arguments);
    struct event event = {
        .ts_ms = wall_clock_ms(),
        .seq = feed->next_seq++,
        .level = level == LEVEL_OF_KIND ? event_kind_level(kind) : level,
        .source = source,
        .kind = event_kind_name(kind),
    };
    int64_t seq = event.seq;
    publish(feed, &event, redacted(feed, text_take(&message), data), data);
    return seq;
}

/* What the storage has to say, as events. */
static void report_storage(void *context)
{
    struct feed *feed = context;
    char *notice;
    while ((notice = storage_take_notice(feed->storage))) {
        feed_add(feed, LEVEL_WARN, KIND_RUNTIME_NOTICE, "runtime", NULL, "%s", notice);
        free(notice);
    }
    const char *trouble = storage_trouble(feed->storage);
    if (feed->told_of_trouble == (trouble != NULL))
        return;
    feed->told_of_trouble = trouble != NULL;
    if (trouble) {
        cJSON *data = cJSON_CreateObject();
        cJSON_AddStringToObject(data, "error", trouble);
        feed_add(feed, LEVEL_OF_KIND, KIND_FEED_FAILED, "runtime", data,
                 "events are kept in memory only for now: %s", trouble);
    } else {
        feed_add(feed, LEVEL_OF_KIND, KIND_FEED_RESUMED, "runtime", NULL, "events are written to %s again",
                 feed->path);
    }
}

/* Life */

struct feed *feed_create(uv_loop_t *loop, const struct feed_options *options)
{
    struct feed *feed = memory_new(1, sizeof *feed);
    feed->path = options->snapshot_path ? memory_copy_text(options->snapshot_path)
                                        : text_format("%s/%s", options->folder, FEED_FILE_NAME);
    feed->redact = options->redact;
    feed->redact_context = options->redact_context;
    feed->waiting_end = &feed->waiting;
    event_ring_init(&feed->ring, options->max_events ? options->max_events : FEED_MAX_EVENTS);
    const struct storage_options storage = {
        .snapshot_path = feed->path,
        .folder_is_ours = !options->snapshot_path,
        .sync_always = options->sync_always,
        .changed = report_storage,
        .context = feed,
    };
    feed->storage = storage_create(loop, &storage, &feed->ring);
    feed->next_seq = event_ring_last_seq(&feed->ring) + 1;
    report_storage(feed);
    return feed;
}

void feed_destroy(struct feed *feed)
{
    if (!feed)
        return;
    storage_destroy(feed->storage);
    event_ring_finish(&feed->ring);
    listeners_finish(&feed->listeners);
    free(feed->path);
    free(feed);
}

const char *feed_error(const struct feed *feed)
{
    return storage_trouble(feed->storage);
}

const char *feed_path(const struct feed *feed)
{
    return feed->path;
}

struct listener *feed_listen(struct feed *feed, feed_callback callback, void *context)
{
    return listeners_add(&feed->listeners, (void (*)(void))callback, context);
}

void feed_unlisten(struct feed *feed, struct listener *listener)
{
    if (listener)
        listeners_remove(&feed->listeners, listener);
}

cJSON *feed_query(const struct feed *feed, const struct event_query *query)
{
    return event_ring_query(&feed->ring, query);
}

int64_t feed_first_seq(const struct feed *feed)
{
    return event_ring_first_seq(&feed->ring);
}

int64_t feed_last_seq(const struct feed *feed)
{
    return event_ring_last_seq(&feed->ring);
}

int feed_read_files(const char *snapshot_path, size_t max_events, const struct event_query *query,
                    cJSON **events, struct error *error)
{
    struct event_ring ring;
    event_ring_init(&ring, max_events ? max_events : FEED_MAX_EVENTS);
    char *journal_path = storage_journal_path(snapshot_path);
    struct recovery recovery;
    recovery_read(snapshot_path, journal_path, &ring, &recovery);
    free(journal_path);
    *events = NULL;
    int code = 0;
    if (recovery.snapshot.missing && recovery.journal.missing)
        code = error_set(error, ERROR_MISSING_PATH, "there is no %s", snapshot_path);
    else if (ring.count == 0 && recovery.snapshot.code < 0)
        code = error_set(error, ERROR_SYSTEM, "%s cannot be read: %s", snapshot_path,
                         uv_strerror(recovery.snapshot.code));
    else
        *events = event_ring_query(&ring, query);
    event_ring_finish(&ring);
    return code;
}
