#include "view_text.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "colour.h"
#include "feed/event.h"
#include "fields.h"
#include "humane.h"
#include "logs/escape.h"
#include "plan/plan.h"

#define OWN_NAME "sidecard"

void view_style_init(struct view_style *style, const struct plan *plan, bool colours)
{
    *style = (struct view_style){.colours = colours,
                                 .name_width = (int)strlen(OWN_NAME),
                                 .count = plan->sidecar_count,
                                 .sidecars = memory_new(plan->sidecar_count, sizeof(*style->sidecars))};
    for (size_t i = 0; i < plan->sidecar_count; i++) {
        const struct sidecar_plan *sidecar = &plan->sidecars[i];
        style->sidecars[i] = (struct view_sidecar){.name = memory_copy_text(sidecar->name),
                                                   .url = memory_copy_text(sidecar->url),
                                                   .front = sidecar->role == ROLE_WEB};
        if ((int)strlen(sidecar->name) > style->name_width)
            style->name_width = (int)strlen(sidecar->name);
    }
}

void view_style_finish(struct view_style *style)
{
    for (size_t i = 0; i < style->count; i++) {
        free(style->sidecars[i].name);
        free(style->sidecars[i].url);
    }
    free(style->sidecars);
    *style = (struct view_style){0};
}

static const struct view_sidecar *find_sidecar(const struct view_style *style, const char *name)
{
    for (size_t i = 0; i < style->count; i++)
        if (strcmp(style->sidecars[i].name, name) == 0)
            return &style->sidecars[i];
    return NULL;
}

static const char *colour_of(const struct view_style *style, const char *name)
{
    const struct view_sidecar *sidecar = style->colours ? find_sidecar(style, name) : NULL;
    return sidecar ? colour_of_index((size_t)(sidecar - style->sidecars)) : "";
}

static const char *end_of(const char *colour)
{
    return *colour ? COLOUR_NORMAL : "";
}

/* Without what would move the cursor: a line of a child stays one line. */
static void append_harmless(const char *line, struct text *out)
{
    struct text plain = {0};
    escape_remove(line, strlen(line), &plain);
    for (size_t i = 0; i < plain.length; i++)
        if ((unsigned char)plain.data[i] < 0x20 && plain.data[i] != '\t')
            plain.data[i] = ' ';
    text_append(out, text_get(&plain));
    text_finish(&plain);
}

void view_text_line(const struct view_style *style, const char *sidecar, const char *line, struct text *out)
{
    const char *colour = colour_of(style, sidecar);
    text_printf(out, "%s%-*s |%s ", colour, style->name_width, sidecar, end_of(colour));
    append_harmless(line, out);
    text_append(out, "\n");
}

/* The name stands before the line already: "backend exited ..." is "exited ..." behind it. */
static const char *without_name(const struct event *event)
{
    size_t length = strlen(event->source);
    if (strncmp(event->message, event->source, length) == 0 && event->message[length] == ' ')
        return event->message + length + 1;
    return event->message;
}

static char *ready_text(const struct view_style *style, const struct event *event)
{
    const struct view_sidecar *sidecar = find_sidecar(style, event->source);
    char *took = humane_duration(field_integer(event->data, "startup_ms", 0));
    char *text = text_format("ready after %s%s%s", took, sidecar && sidecar->url ? "   " : "",
                             sidecar && sidecar->url ? sidecar->url : "");
    free(took);
    return text;
}

static const char *front_door(const struct view_style *style)
{
    for (size_t i = 0; i < style->count; i++)
        if (style->sidecars[i].front && style->sidecars[i].url)
            return style->sidecars[i].url;
    return NULL;
}

static char *all_ready_text(struct view_style *style, const struct event *event)
{
    const char *url = front_door(style);
    if (style->starting_at == 0)
        return text_format("everything is ready again");
    char *took = humane_duration(event->ts_ms - style->starting_at);
    char *text = text_format("everything is ready after %s%s%s   (Ctrl-C stops it all)", took,
                             url ? "   " : "", url ? url : "");
    free(took);
    style->starting_at = 0;
    return text;
}

static char *event_sentence(struct view_style *style, const struct event *event)
{
    if (strcmp(event->kind, event_kind_name(KIND_SIDECAR_READY)) == 0)
        return ready_text(style, event);
    if (strcmp(event->kind, event_kind_name(KIND_RUNTIME_READY)) == 0)
        return all_ready_text(style, event);
    if (strcmp(event->kind, event_kind_name(KIND_RUNTIME_STOPPED)) == 0)
        return text_format("everything is stopped");
    return text_format("%s", without_name(event));
}

static const char *colour_of_event(const struct view_style *style, const struct event *event)
{
    if (!style->colours)
        return "";
    if (event->level >= LEVEL_WARN)
        return colour_of_level(event_level_name(event->level));
    bool good = strcmp(event->kind, event_kind_name(KIND_SIDECAR_READY)) == 0 ||
                strcmp(event->kind, event_kind_name(KIND_RUNTIME_READY)) == 0;
    return good ? COLOUR_GOOD : COLOUR_DIM;
}

static void append_line(const struct view_style *style, const char *name, const char *colour,
                        const char *sentence, struct text *out)
{
    const char *name_colour = colour_of(style, name);
    text_printf(out, "%s%-*s%s   %s", name_colour, style->name_width, name, end_of(name_colour), colour);
    append_harmless(sentence, out);
    text_printf(out, "%s\n", end_of(colour));
}

void view_text_event(struct view_style *style, const struct event *event, struct text *out)
{
    if (strcmp(event->kind, event_kind_name(KIND_RUNTIME_STARTING)) == 0)
        style->starting_at = event->ts_ms;
    char *sentence = event_sentence(style, event);
    append_line(style, find_sidecar(style, event->source) ? event->source : OWN_NAME,
                colour_of_event(style, event), sentence, out);
    free(sentence);
}

void view_text_own(const struct view_style *style, const char *line, struct text *out)
{
    append_line(style, OWN_NAME, "", line, out);
}
