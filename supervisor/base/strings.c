#include "strings.h"

#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "text.h"

void strings_finish(struct strings *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->items[i]);
    free(list->items);
    *list = (struct strings){0};
}

void strings_take(struct strings *list, char *string)
{
    list->items = memory_grow(list->items, list->count + 1, &list->capacity, sizeof(*list->items));
    list->items[list->count++] = string;
    list->items[list->count] = NULL;
}

void strings_add(struct strings *list, const char *string)
{
    strings_take(list, memory_copy_text(string));
}

void strings_add_once(struct strings *list, const char *string)
{
    if (!strings_contain(list, string))
        strings_add(list, string);
}

void strings_copy(struct strings *list, const struct strings *from)
{
    for (size_t i = 0; i < from->count; i++)
        strings_add(list, from->items[i]);
}

bool strings_contain(const struct strings *list, const char *string)
{
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->items[i], string) == 0)
            return true;
    return false;
}

static size_t find_variable(const struct strings *list, const char *name)
{
    size_t length = strlen(name);
    for (size_t i = 0; i < list->count; i++)
        if (strncmp(list->items[i], name, length) == 0 && list->items[i][length] == '=')
            return i;
    return list->count;
}

const char *strings_variable(const struct strings *list, const char *name)
{
    size_t at = find_variable(list, name);
    return at < list->count ? list->items[at] + strlen(name) + 1 : NULL;
}

void strings_set_variable(struct strings *list, const char *name, const char *value)
{
    char *pair = text_format("%s=%s", name, value);
    size_t at = find_variable(list, name);
    if (at == list->count) {
        strings_take(list, pair);
        return;
    }
    free(list->items[at]);
    list->items[at] = pair;
}

char *strings_join(const struct strings *list, const char *separator)
{
    struct text text = {0};
    for (size_t i = 0; i < list->count; i++) {
        if (i > 0)
            text_append(&text, separator);
        text_append(&text, list->items[i]);
    }
    return text_take(&text);
}
