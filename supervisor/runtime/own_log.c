#include "own_log.h"

#include <stdlib.h>

#include "base/memory.h"
#include "base/text.h"
#include "platform/clock.h"

struct own_log {
    struct log *log;
    enum event_level level;
};

static enum event_level level_of(const char *asked)
{
    enum event_level level;
    const char *variable = getenv("SIDECARD_LOG");
    if (asked && event_level_from_name(asked, &level))
        return level;
    if (variable && event_level_from_name(variable, &level))
        return level;
    return LEVEL_INFO;
}

struct own_log *own_log_create(const char *folder, const char *level, int64_t first_seq)
{
    /* As those of a sidecar that says nothing about its logs. */
    const struct log_plan plan = {.file = true,
                                  .text_format = true,
                                  .max_bytes = 10 * 1024 * 1024,
                                  .max_files = 5,
                                  .buffer_lines = 500};
    struct own_log *own_log = memory_new(1, sizeof(*own_log));
    own_log->level = level_of(level);
    own_log->log = log_create(
        &(struct log_options){.name = OWN_LOG_NAME, .folder = folder, .plan = &plan, .first_seq = first_seq});
    return own_log;
}

static void write_line(struct own_log *own_log, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void write_line(struct own_log *own_log, const char *format, ...)
{
    struct text line = {0};
    va_list arguments;
    va_start(arguments, format);
    text_vprintf(&line, format, arguments);
    va_end(arguments);
    text_append(&line, "\n");
    log_write(own_log->log, LOG_STDERR, line.data, line.length, clock_wall_ms());
    text_finish(&line);
}

void own_log_head(struct own_log *own_log, const struct plan *plan)
{
    write_line(own_log, "sidecard %s, mode %s", SIDECARD_VERSION, mode_name(plan->mode));
    write_line(own_log, "profile %s", plan->profile_path);
    write_line(own_log, "data_dir %s", plan->data_dir);
    for (size_t i = 0; i < plan->sidecar_count; i++) {
        const struct sidecar_plan *sidecar = &plan->sidecars[i];
        if (sidecar->remote)
            write_line(own_log, "%s: remote%s%s", sidecar->name, sidecar->url ? ", " : "",
                       sidecar->url ? sidecar->url : "");
        else if (sidecar->launch_error.code != ERROR_NONE)
            write_line(own_log, "%s: %s", sidecar->name, sidecar->launch_error.message);
        else
            write_line(own_log, "%s: %s", sidecar->name, sidecar->command.items[0]);
    }
}

void own_log_event(struct own_log *own_log, const struct event *event)
{
    if (event->level >= own_log->level)
        write_line(own_log, "%-5s %s: %s", event_level_name(event->level), event->source, event->message);
}

struct log *own_log_lines(struct own_log *own_log)
{
    return own_log->log;
}

void own_log_destroy(struct own_log *own_log)
{
    if (!own_log)
        return;
    log_destroy(own_log->log);
    free(own_log);
}
