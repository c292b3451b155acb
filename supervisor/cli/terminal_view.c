#include "terminal_view.h"

#include <cjson/cJSON.h>
#include <stdarg.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/text.h"
#include "colour.h"
#include "control/json_print.h"
#include "outlet.h"
#include "view_text.h"

struct terminal_view {
    struct view_style lines_style;
    struct view_style events_style;
    struct outlet *lines;
    struct outlet *events; /* the same where both lead to one place */
    bool json;
    enum event_level level;
    struct text scratch;
};

enum event_level terminal_view_level(const char *option)
{
    const char *name = option ? option : getenv("SIDECARD_LOG");
    enum event_level level;
    return name && event_level_from_name(name, &level) ? level : LEVEL_INFO;
}

struct terminal_view *terminal_view_create(const struct terminal_view_options *options)
{
    struct terminal_view *view = memory_new(1, sizeof(*view));
    view->json = options->json;
    view->level = options->level;
    view_style_init(&view->lines_style, options->plan, colour_wanted(options->lines_fd));
    view_style_init(&view->events_style, options->plan, colour_wanted(options->events_fd));
    view->lines = outlet_create(options->lines_fd);
    bool same = outlet_same_place(options->lines_fd, options->events_fd);
    view->events = same ? view->lines : outlet_create(options->events_fd);
    return view;
}

void terminal_view_destroy(struct terminal_view *view)
{
    if (!view)
        return;
    if (view->events != view->lines)
        outlet_destroy(view->events);
    outlet_destroy(view->lines);
    view_style_finish(&view->lines_style);
    view_style_finish(&view->events_style);
    text_finish(&view->scratch);
    free(view);
}

static void write_scratch(struct terminal_view *view, struct outlet *outlet)
{
    outlet_write(outlet, text_get(&view->scratch), view->scratch.length);
    text_clear(&view->scratch);
}

void terminal_view_event(struct terminal_view *view, const struct event *event)
{
    if (event->level < view->level)
        return;
    if (view->json) {
        char *line = event_to_line(event);
        text_printf(&view->scratch, "%s\n", line);
        free(line);
    } else {
        view_text_event(&view->events_style, event, &view->scratch);
    }
    write_scratch(view, view->events);
}

void terminal_view_line(struct terminal_view *view, const char *sidecar, int stream, int64_t ts_ms,
                        const char *text)
{
    if (view->json) {
        text_printf(&view->scratch, "{\"ts_ms\":%lld,\"name\":", (long long)ts_ms);
        json_print_text(&view->scratch, sidecar);
        text_printf(&view->scratch, ",\"stream\":\"%s\",\"text\":", stream == 2 ? "stderr" : "stdout");
        json_print_text(&view->scratch, text);
        text_append(&view->scratch, "}\n");
    } else {
        view_text_line(&view->lines_style, sidecar, text, &view->scratch);
    }
    write_scratch(view, view->lines);
}

void terminal_view_say(struct terminal_view *view, const char *format, ...)
{
    /* Programs that read the JSON know the events; this is for people. */
    if (view->json)
        return;
    struct text line = {0};
    va_list arguments;
    va_start(arguments, format);
    text_vprintf(&line, format, arguments);
    va_end(arguments);
    view_text_own(&view->events_style, text_get(&line), &view->scratch);
    text_finish(&line);
    write_scratch(view, view->events);
}
