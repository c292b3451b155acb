#include "event.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/utf8.h"

#define LARGEST_EXACT 9007199254740992.0 /* 2^53: what a JSON number carries without loss */
#define USUAL_LINE    512

struct kind_row {
    const char *wire;
    enum event_level level;
};

static const struct kind_row kinds[EVENT_KIND_COUNT] = {
#define EVENT_KIND_ROW(name, wire_name, kind_level)                                                          \
    [KIND_##name] = {.wire = wire_name, .level = LEVEL_##kind_level},
    EVENT_KIND_LIST(EVENT_KIND_ROW)
#undef EVENT_KIND_ROW
};

static const char *const level_names[] = {
    [LEVEL_DEBUG] = "debug",
    [LEVEL_INFO] = "info",
    [LEVEL_WARN] = "warn",
    [LEVEL_ERROR] = "error",
};

const char *event_kind_name(enum event_kind kind)
{
    return kinds[kind].wire;
}

enum event_level event_kind_level(enum event_kind kind)
{
    return kinds[kind].level;
}

const char *event_level_name(enum event_level level)
{
    return level_names[level];
}

bool event_level_from_name(const char *text, enum event_level *level)
{
    for (int i = LEVEL_DEBUG; i <= LEVEL_ERROR; i++) {
        if (strcmp(level_names[i], text) == 0) {
            *level = (enum event_level)i;
            return true;
        }
    }
    return false;
}

static char *cleaned(char *line)
{
    size_t length = strlen(line);
    if (utf8_valid_length(line, length) == length)
        return line;
    struct text text = {0};
    utf8_append_clean(&text, line, length);
    free(line);
    return text_take(&text);
}

char *event_to_line(const struct event *event)
{
    cJSON *object = cJSON_CreateObject();
    cJSON_AddNumberToObject(object, "ts_ms", (double)event->ts_ms);
    cJSON_AddItemToObjectCS(object, "level", cJSON_CreateStringReference(event_level_name(event->level)));
    cJSON_AddItemToObjectCS(object, "source", cJSON_CreateStringReference(event->source));
    cJSON_AddItemToObjectCS(object, "message", cJSON_CreateStringReference(event->message));
    cJSON_AddNumberToObject(object, "seq", (double)event->seq);
    cJSON_AddItemToObjectCS(object, "kind", cJSON_CreateStringReference(event->kind));
    if (event->data)
        cJSON_AddItemToObjectCS(object, "data", cJSON_CreateObjectReference(event->data->child));
    else
        cJSON_AddObjectToObject(object, "data");
    char *line = cJSON_PrintBuffered(object, USUAL_LINE, false);
    cJSON_Delete(object);
    if (!line)
        abort();
    /* What is not UTF-8 can only stand inside a string, so replacing it leaves the document whole. */
    return cleaned(line);
}

static bool whole_number(const cJSON *object, const char *name, int64_t *number)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);
    if (!cJSON_IsNumber(item) || !isfinite(item->valuedouble) || item->valuedouble < 0 ||
        item->valuedouble > LARGEST_EXACT)
        return false;
    *number = (int64_t)item->valuedouble;
    return true;
}

static const char *string_field(const cJSON *object, const char *name)
{
    return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));
}

bool event_from_json(const cJSON *object, struct event *event)
{
    if (!cJSON_IsObject(object))
        return false;
    const char *level = string_field(object, "level");
    const char *kind = string_field(object, "kind");
    const cJSON *data = cJSON_GetObjectItemCaseSensitive(object, "data");
    *event = (struct event){
        .source = string_field(object, "source"),
        .message = string_field(object, "message"),
        .kind = kind ? kind : event_kind_name(KIND_RUNTIME_NOTICE),
        .data = cJSON_IsObject(data) ? data : NULL,
    };
    if (!whole_number(object, "seq", &event->seq))
        event->seq = 0;
    return whole_number(object, "ts_ms", &event->ts_ms) && level &&
           event_level_from_name(level, &event->level) && event->source && event->message;
}
