#include "values.h"

#include <string.h>

#include "base/quantity.h"
#include "base/text.h"

const struct document *value_of(const struct document *map, const char *key)
{
    const struct document *value = document_get(map, key);
    return value && value->kind != DOCUMENT_INVALID ? value : NULL;
}

const char *value_text(const struct document *map, const char *key)
{
    const struct document *value = value_of(map, key);
    return value && value->kind == DOCUMENT_TEXT ? value->text : NULL;
}

bool value_flag(const struct document *map, const char *key, bool fallback)
{
    const struct document *value = value_of(map, key);
    return value && value->kind == DOCUMENT_BOOLEAN ? value->boolean : fallback;
}

double value_number(const struct document *map, const char *key, double fallback)
{
    const struct document *value = value_of(map, key);
    return value && value->kind == DOCUMENT_NUMBER ? value->number : fallback;
}

int value_integer(const struct document *map, const char *key, int fallback)
{
    return (int)value_number(map, key, fallback);
}

/* 0 may stand without a unit, and a size as a number of bytes. */
static bool read_quantity(const struct document *map, const char *key,
                          bool (*read)(const char *text, int64_t *amount), int64_t *amount)
{
    const struct document *value = value_of(map, key);
    if (value && value->kind == DOCUMENT_NUMBER) {
        *amount = (int64_t)value->number;
        return true;
    }
    return value && value->kind == DOCUMENT_TEXT && read(value->text, amount);
}

int64_t value_duration(const struct document *map, const char *key, int64_t fallback)
{
    int64_t amount;
    return read_quantity(map, key, quantity_duration, &amount) ? amount : fallback;
}

int64_t value_size(const struct document *map, const char *key, int64_t fallback)
{
    int64_t amount;
    return read_quantity(map, key, quantity_size, &amount) ? amount : fallback;
}

bool value_is(const struct document *map, const char *key, const char *word)
{
    const char *text = value_text(map, key);
    return text && strcmp(text, word) == 0;
}

void value_texts(const struct document *map, const char *key, struct strings *texts)
{
    const struct document *list = value_of(map, key);
    for (size_t i = 0; list && list->kind == DOCUMENT_LIST && i < list->count; i++)
        if (list->members[i].value->kind == DOCUMENT_TEXT)
            strings_add(texts, list->members[i].value->text);
}

void value_pairs(const struct document *map, const char *key, const char *between, struct strings *pairs)
{
    const struct document *values = value_of(map, key);
    for (size_t i = 0; values && values->kind == DOCUMENT_MAP && i < values->count; i++) {
        const struct document_member *member = &values->members[i];
        if (member->value->kind == DOCUMENT_TEXT)
            strings_take(pairs, text_format("%s%s%s", member->key, between, member->value->text));
    }
}
