#include "error.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "text.h"

void error_finish(struct error *error)
{
    free(error->message);
    free(error->remedy);
    strings_finish(&error->searched);
    *error = (struct error){0};
}

static void set_message(struct error *error, enum error_code code, const char *format, va_list arguments)
{
    struct text text = {0};
    text_vprintf(&text, format, arguments);
    error_finish(error);
    error->code = code;
    error->message = text_take(&text);
}

int error_set(struct error *error, enum error_code code, const char *format, ...)
{
    if (!error)
        return code;
    va_list arguments;
    va_start(arguments, format);
    set_message(error, code, format, arguments);
    va_end(arguments);
    return code;
}

int error_set_errno(struct error *error, enum error_code code, int errno_value, const char *format, ...)
{
    if (!error)
        return code;
    va_list arguments;
    va_start(arguments, format);
    set_message(error, code, format, arguments);
    va_end(arguments);
    char *whole = text_format("%s: %s", error->message, strerror(errno_value));
    free(error->message);
    error->message = whole;
    return code;
}

void error_remedy(struct error *error, const char *format, ...)
{
    if (!error)
        return;
    struct text text = {0};
    va_list arguments;
    va_start(arguments, format);
    text_vprintf(&text, format, arguments);
    va_end(arguments);
    free(error->remedy);
    error->remedy = text_take(&text);
}

void error_copy(struct error *to, const struct error *from)
{
    struct error copy = {.code = from->code,
                         .message = memory_copy_text(from->message),
                         .remedy = memory_copy_text(from->remedy)};
    strings_copy(&copy.searched, &from->searched);
    error_finish(to);
    *to = copy;
}

void error_move(struct error *to, struct error *from)
{
    error_finish(to);
    *to = *from;
    *from = (struct error){0};
}

char *error_line(const struct error *error)
{
    const char *message = error->message ? error->message : error_wire_name(error->code);
    return error->remedy ? text_format("%s; %s", message, error->remedy) : memory_copy_text(message);
}

const char *error_wire_name(enum error_code code)
{
    switch (code) {
    case ERROR_NONE:
        return "none";
#define ERROR_CASE(name, value, wire, meaning)                                                              \
    case ERROR_##name:                                                                                      \
        return wire;
        ERROR_LIST(ERROR_CASE)
#undef ERROR_CASE
    }
    return "unknown";
}

static const char *meaning_of(enum error_code code)
{
    switch (code) {
    case ERROR_NONE:
        return "nothing is wrong";
#define ERROR_CASE(name, value, wire, meaning)                                                              \
    case ERROR_##name:                                                                                      \
        return meaning;
        ERROR_LIST(ERROR_CASE)
#undef ERROR_CASE
    }
    return "unknown error";
}

cJSON *error_to_json(const struct error *error)
{
    cJSON *object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "code", error_wire_name(error->code));
    cJSON_AddStringToObject(object, "message", error->message ? error->message : meaning_of(error->code));
    if (error->remedy)
        cJSON_AddStringToObject(object, "remedy", error->remedy);
    else
        cJSON_AddNullToObject(object, "remedy");
    cJSON *searched = cJSON_AddArrayToObject(object, "searched");
    for (size_t i = 0; i < error->searched.count; i++)
        cJSON_AddItemToArray(searched, cJSON_CreateString(error->searched.items[i]));
    return object;
}
