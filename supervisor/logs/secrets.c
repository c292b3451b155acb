#include "secrets.h"

#include <string.h>

#define SHORTEST_VALUE 16

static bool names_a_secret(const char *name, size_t length)
{
    static const char *const endings[] = {"_KEY", "_TOKEN", "_SECRET", "_PASSWORD"};
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        size_t ending = strlen(endings[i]);
        if (length >= ending && memcmp(name + length - ending, endings[i], ending) == 0)
            return true;
    }
    return false;
}

void secrets_of_environment(const struct strings *environment, struct strings *secrets)
{
    for (size_t i = 0; i < environment->count; i++) {
        const char *variable = environment->items[i];
        const char *equals = strchr(variable, '=');
        if (equals && names_a_secret(variable, (size_t)(equals - variable)) &&
            strlen(equals + 1) >= SHORTEST_VALUE && !strings_contain(secrets, equals + 1))
            strings_add(secrets, equals + 1);
    }
}

/* What cannot stand in the authority of a URL ends it. */
static bool ends_authority(char byte)
{
    return (unsigned char)byte <= ' ' || strchr("/?#\"'<>\\`", byte);
}

/* Between the slashes at data and the end of the authority: the password, if there is one. */
static bool find_in_authority(const char *data, size_t length, size_t *start, size_t *end)
{
    size_t stop = 0;
    size_t at_sign = 0;
    size_t colon = 0;
    for (; stop < length && !ends_authority(data[stop]); stop++) {
        if (data[stop] == '@')
            at_sign = stop;
        else if (data[stop] == ':' && colon == 0 && at_sign == 0)
            colon = stop + 1;
    }
    if (colon == 0 || at_sign <= colon)
        return false;
    *start = colon;
    *end = at_sign;
    return true;
}

bool secrets_find_url_password(const char *data, size_t length, size_t from, size_t *start, size_t *end)
{
    while (from + 3 < length) {
        const char *colon = memchr(data + from, ':', length - from - 3);
        if (!colon)
            return false;
        size_t after = (size_t)(colon - data) + 3;
        if (colon[1] == '/' && colon[2] == '/' &&
            find_in_authority(data + after, length - after, start, end)) {
            *start += after;
            *end += after;
            return true;
        }
        from = (size_t)(colon - data) + 1;
    }
    return false;
}
