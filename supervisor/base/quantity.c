#include "quantity.h"

#include <string.h>

struct unit {
    const char *name;
    int64_t factor;
    size_t most_digits; /* so that no product or sum of them overflows */
};

/* Reads up to 15 digits; 0 where there is none or there are more. */
static size_t read_digits(const char *text, int64_t *value)
{
    size_t count = strspn(text, "0123456789");
    if (count > 15)
        return 0;
    *value = 0;
    for (size_t i = 0; i < count; i++)
        *value = *value * 10 + (text[i] - '0');
    return count;
}

bool quantity_duration(const char *text, int64_t *milliseconds)
{
    /* Tried in this order: the position of the last unit is where the next may be. */
    static const struct unit units[] = {{"h", 3600000, 9}, {"m", 60000, 9}, {"s", 1000, 9}, {"ms", 1, 9}};
    static const size_t unit_count = sizeof(units) / sizeof(units[0]);
    *milliseconds = 0;
    if (strcmp(text, "0") == 0)
        return true;
    if (*text == '\0')
        return false;
    size_t next = 0;
    while (*text) {
        int64_t value;
        size_t digits = read_digits(text, &value);
        text += digits;
        size_t letters = strspn(text, "hms");
        while (next < unit_count &&
               (strlen(units[next].name) != letters || strncmp(text, units[next].name, letters) != 0))
            next++;
        if (digits == 0 || next == unit_count || digits > units[next].most_digits)
            return false;
        *milliseconds += value * units[next++].factor;
        text += letters;
    }
    return true;
}

bool quantity_size(const char *text, int64_t *bytes)
{
    static const struct unit units[] = {
        {"", 1, 15},
        {"B", 1, 15},
        {"KiB", INT64_C(1) << 10, 9},
        {"MiB", INT64_C(1) << 20, 9},
        {"GiB", INT64_C(1) << 30, 9},
        {"TiB", INT64_C(1) << 40, 6},
    };
    int64_t value;
    size_t digits = read_digits(text, &value);
    for (size_t i = 0; digits > 0 && i < sizeof(units) / sizeof(units[0]); i++) {
        if (strcmp(text + digits, units[i].name) != 0 || digits > units[i].most_digits)
            continue;
        *bytes = value * units[i].factor;
        return true;
    }
    return false;
}
