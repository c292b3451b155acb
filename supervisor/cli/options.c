#include "options.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/quantity.h"
#include "base/suggest.h"
#include "base/text.h"

#define OPTIONS_MAX 64 /* of one command, for the suggestion */

/* One argument on its way into its value. */
struct reader {
    const struct option_group *groups;
    char *const *argv;
    size_t count;
    size_t at;
    char *values;
    struct error *error;
};

struct found {
    const struct option *option;
    size_t base;
};

static struct found find_name(const struct reader *reader, const char *name, size_t length)
{
    for (const struct option_group *group = reader->groups; group->options; group++)
        for (const struct option *option = group->options; option->name; option++)
            if (strlen(option->name) == length && memcmp(option->name, name, length) == 0)
                return (struct found){option, group->offset};
    return (struct found){0};
}

static struct found find_letter(const struct reader *reader, char letter)
{
    for (const struct option_group *group = reader->groups; group->options; group++)
        for (const struct option *option = group->options; option->name; option++)
            if (option->letter == letter)
                return (struct found){option, group->offset};
    return (struct found){0};
}

static int complain_unknown(const struct reader *reader, const char *name, size_t length)
{
    const char *known[OPTIONS_MAX];
    size_t count = 0;
    for (const struct option_group *group = reader->groups; group->options; group++)
        for (const struct option *option = group->options; option->name && count < OPTIONS_MAX; option++)
            known[count++] = option->name;
    char *plain = text_format("%.*s", (int)length, name);
    const char *near = suggest_name(plain, known, count);
    error_set(reader->error, ERROR_INVALID, "unknown option '--%s'", plain);
    if (near)
        error_remedy(reader->error, "did you mean '--%s'?", near);
    free(plain);
    return ERROR_INVALID;
}

static int complain_value(const struct reader *reader, const struct option *option, const char *expected,
                          const char *text)
{
    return error_set(reader->error, ERROR_INVALID, "--%s: expected %s, got \"%s\"", option->name, expected,
                     text);
}

static int store_count(const struct reader *reader, const struct option *option, const char *text,
                       int64_t *value)
{
    char *end;
    errno = 0;
    long long number = strtoll(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end || errno != 0)
        return complain_value(reader, option, "a number", text);
    *value = number;
    return 0;
}

static int store_choice(const struct reader *reader, const struct option *option, const char *text,
                        const char **value)
{
    struct text expected = {0};
    for (size_t i = 0; option->choices[i]; i++) {
        if (strcmp(option->choices[i], text) == 0) {
            *value = option->choices[i];
            text_finish(&expected);
            return 0;
        }
        text_printf(&expected, "%s%s", i > 0 ? " or " : "", option->choices[i]);
    }
    int result = complain_value(reader, option, text_get(&expected), text);
    text_finish(&expected);
    return result;
}

/* text is NULL where the value was left out. */
static int store_may_count(const struct reader *reader, const struct option *option, const char *text,
                           struct option_count *count)
{
    *count = (struct option_count){.given = true, .has_value = text != NULL};
    return text ? store_count(reader, option, text, &count->value) : 0;
}

static int store(const struct reader *reader, struct found found, const char *text)
{
    void *value = reader->values + found.base + found.option->offset;
    switch (found.option->kind) {
    case OPTION_FLAG:
        *(bool *)value = true;
        return 0;
    case OPTION_TEXT:
        *(const char **)value = text;
        return *text ? 0 : complain_value(reader, found.option, "a value that is not empty", text);
    case OPTION_COUNT:
        return store_count(reader, found.option, text, value);
    case OPTION_DURATION:
        if (quantity_duration(text, value))
            return 0;
        return complain_value(reader, found.option, "a duration such as 30s or 1m30s", text);
    case OPTION_CHOICE:
        return store_choice(reader, found.option, text, value);
    case OPTION_MAY_COUNT:
        return store_may_count(reader, found.option, text, value);
    }
    return 0;
}

/* Without a value, even where one may be given by '='. */
static bool may_stand_alone(const struct option *option)
{
    return option->kind == OPTION_FLAG || option->kind == OPTION_MAY_COUNT;
}

/* The value that stands in the next argument. */
static const char *take_next(struct reader *reader, const struct option *option)
{
    if (reader->at + 1 < reader->count)
        return reader->argv[++reader->at];
    error_set(reader->error, ERROR_INVALID, "--%s needs a value (%s)", option->name, option->value);
    return NULL;
}

static int read_long(struct reader *reader, const char *name)
{
    const char *equals = strchr(name, '=');
    size_t length = equals ? (size_t)(equals - name) : strlen(name);
    struct found found = find_name(reader, name, length);
    if (!found.option && length == 4 && memcmp(name, "help", 4) == 0)
        return 1;
    if (!found.option)
        return complain_unknown(reader, name, length);
    if (found.option->kind == OPTION_FLAG && equals)
        return error_set(reader->error, ERROR_INVALID, "--%s takes no value", found.option->name);
    if (!equals && may_stand_alone(found.option))
        return store(reader, found, NULL);
    const char *value = equals ? equals + 1 : take_next(reader, found.option);
    return value ? store(reader, found, value) : ERROR_INVALID;
}

static int read_letters(struct reader *reader, const char *letters)
{
    for (; *letters; letters++) {
        struct found found = find_letter(reader, *letters);
        if (!found.option && *letters == 'h')
            return 1;
        if (!found.option)
            return error_set(reader->error, ERROR_INVALID, "unknown option '-%c'", *letters);
        if (may_stand_alone(found.option)) {
            store(reader, found, NULL);
            continue;
        }
        const char *value = letters[1] ? letters + 1 : take_next(reader, found.option);
        return value ? store(reader, found, value) : ERROR_INVALID;
    }
    return 0;
}

int options_read(const struct option_group *groups, char *const *argv, size_t count, void *values,
                 struct strings *names, struct error *error)
{
    struct reader reader = {.groups = groups, .argv = argv, .count = count, .values = values, .error = error};
    bool only_names = false;
    for (; reader.at < count; reader.at++) {
        const char *argument = argv[reader.at];
        int result = 0;
        if (only_names || argument[0] != '-' || argument[1] == '\0')
            strings_add(names, argument);
        else if (strcmp(argument, "--") == 0)
            only_names = true;
        else if (argument[1] == '-')
            result = read_long(&reader, argument + 2);
        else
            result = read_letters(&reader, argument + 1);
        if (result != 0)
            return result;
    }
    return 0;
}
