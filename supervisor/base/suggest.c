#include "suggest.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

/* Names longer than that are not typed by hand. */
#define LONGEST 63

static char plain(char letter)
{
    return letter == '-' ? '_' : (char)tolower((unsigned char)letter);
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Restricted Damerau-Levenshtein distance of two names of at most LONGEST characters, by rows. */
static size_t distance_of(const char *a, size_t a_length, const char *b, size_t b_length)
{
    size_t rows[3][LONGEST + 1];
    size_t *before = rows[0];
    size_t *last = rows[1];
    size_t *row = rows[2];
    for (size_t j = 0; j <= b_length; j++)
        last[j] = before[j] = j;
    for (size_t i = 1; i <= a_length; i++) {
        row[0] = i;
        for (size_t j = 1; j <= b_length; j++) {
            bool same = plain(a[i - 1]) == plain(b[j - 1]);
            row[j] = least(least(row[j - 1], last[j]) + 1, last[j - 1] + (same ? 0 : 1));
            if (i > 1 && j > 1 && plain(a[i - 1]) == plain(b[j - 2]) && plain(a[i - 2]) == plain(b[j - 1]))
                row[j] = least(row[j], before[j - 2] + 1);
        }
        size_t *free_row = before;
        before = last;
        last = row;
        row = free_row;
    }
    return last[b_length];
}

const char *suggest_name(const char *name, const char *const *known, size_t count)
{
    size_t length = strnlen(name, LONGEST + 1);
    const char *nearest = NULL;
    size_t nearest_distance = 0;
    for (size_t i = 0; i < count && length <= LONGEST; i++) {
        size_t known_length = strnlen(known[i], LONGEST + 1);
        if (known_length > LONGEST)
            continue;
        size_t allowed = known_length < 3 ? 0 : known_length < 6 ? 1 : known_length / 3;
        if (length > known_length + allowed || known_length > length + allowed)
            continue;
        size_t distance = distance_of(name, length, known[i], known_length);
        if (distance <= allowed && (!nearest || distance < nearest_distance)) {
            nearest = known[i];
            nearest_distance = distance;
        }
    }
    return nearest;
}
