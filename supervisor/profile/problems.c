#include <cjson/cJSON.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "base/utf8.h"
#include "private.h"
#include "profile.h"

void problems_finish(struct problems *problems)
{
    for (size_t i = 0; i < problems->count; i++) {
        free(problems->items[i].file);
        free(problems->items[i].path);
        free(problems->items[i].message);
    }
    free(problems->items);
    *problems = (struct problems){0};
}

/* One line, and UTF-8, whatever bytes a document, a flag or a variable put into it. */
static char *clean_line(const char *message)
{
    struct text valid = {0};
    struct text line = {0};
    utf8_append_clean(&valid, message, strlen(message));
    for (const char *at = text_get(&valid); *at; at++) {
        unsigned char byte = (unsigned char)*at;
        if (byte >= 0x20 && byte != 0x7F)
            text_append_bytes(&line, at, 1);
        else
            text_printf(&line, "\\u%04x", byte);
    }
    text_finish(&valid);
    return text_take(&line);
}

void problems_add(struct problems *problems, const char *file, int line, int column, const char *path,
                  const char *format, ...)
{
    struct text message = {0};
    va_list arguments;
    va_start(arguments, format);
    text_vprintf(&message, format, arguments);
    va_end(arguments);
    problems->items =
        memory_grow(problems->items, problems->count, &problems->capacity, sizeof(*problems->items));
    problems->items[problems->count++] = (struct problem){.file = memory_copy_text(file),
                                                          .line = line,
                                                          .column = column,
                                                          .path = memory_copy_text(path),
                                                          .message = clean_line(text_get(&message))};
    text_finish(&message);
}

/* Merge sort would keep the order of equals by itself; qsort needs to be told. */
struct ranked {
    struct problem problem;
    size_t rank;
};

static int compare(const void *a, const void *b)
{
    const struct ranked *one = a;
    const struct ranked *other = b;
    if (one->problem.line != other->problem.line)
        return one->problem.line < other->problem.line ? -1 : 1;
    if (one->problem.column != other->problem.column)
        return one->problem.column < other->problem.column ? -1 : 1;
    return one->rank < other->rank ? -1 : one->rank > other->rank;
}

void problems_sort(struct problems *problems)
{
    struct ranked *ranked = memory_new(problems->count, sizeof(*ranked));
    for (size_t i = 0; i < problems->count; i++)
        ranked[i] = (struct ranked){.problem = problems->items[i], .rank = i};
    qsort(ranked, problems->count, sizeof(*ranked), compare);
    for (size_t i = 0; i < problems->count; i++)
        problems->items[i] = ranked[i].problem;
    free(ranked);
}

char *problem_line(const struct problem *problem)
{
    struct text line = {0};
    text_append(&line, problem->file);
    if (problem->line > 0)
        text_printf(&line, ":%d:%d", problem->line, problem->column);
    text_append(&line, ": ");
    if (problem->path)
        text_printf(&line, "%s: ", problem->path);
    text_append(&line, problem->message);
    return text_take(&line);
}

cJSON *problems_to_json(const struct problems *problems)
{
    cJSON *list = cJSON_CreateArray();
    for (size_t i = 0; i < problems->count; i++) {
        const struct problem *problem = &problems->items[i];
        cJSON *object = cJSON_CreateObject();
        cJSON_AddStringToObject(object, "file", problem->file);
        cJSON_AddNumberToObject(object, "line", problem->line);
        cJSON_AddNumberToObject(object, "column", problem->column);
        if (problem->path)
            cJSON_AddStringToObject(object, "path", problem->path);
        else
            cJSON_AddNullToObject(object, "path");
        cJSON_AddStringToObject(object, "message", problem->message);
        cJSON_AddItemToArray(list, object);
    }
    return list;
}
