#include "literals.h"

#include <string.h>

/* After Wu and Manber: a window as long as the shortest text slides over the data, and the two bytes at its
 * end say how far it may go on at least. */

static size_t slot_of(const char *pair)
{
    return (((size_t)(unsigned char)pair[0] << 4) ^ (unsigned char)pair[1]) % LITERAL_TABLE;
}

static void fill_steps(struct literals *literals)
{
    size_t window = literals->shortest;
    size_t widest = window - 1 < UINT8_MAX ? window - 1 : UINT8_MAX;
    memset(literals->step, (int)widest, sizeof literals->step);
    for (size_t i = 0; i < literals->texts.count; i++) {
        for (size_t end = 2; end <= window; end++) {
            size_t slot = slot_of(literals->texts.items[i] + end - 2);
            if (window - end < literals->step[slot])
                literals->step[slot] = (uint8_t)(window - end);
        }
    }
}

void literals_init(struct literals *literals, const struct strings *texts)
{
    *literals = (struct literals){.shortest = SIZE_MAX};
    for (size_t i = 0; i < texts->count; i++) {
        size_t length = strlen(texts->items[i]);
        if (length < LITERAL_MIN_BYTES || strings_contain(&literals->texts, texts->items[i]))
            continue;
        strings_add(&literals->texts, texts->items[i]);
        literals->shortest = length < literals->shortest ? length : literals->shortest;
        literals->longest = length > literals->longest ? length : literals->longest;
    }
    if (literals->texts.count > 0)
        fill_steps(literals);
}

void literals_finish(struct literals *literals)
{
    strings_finish(&literals->texts);
}

static size_t longest_at(const struct literals *literals, const char *data, size_t length)
{
    size_t longest = 0;
    for (size_t i = 0; i < literals->texts.count; i++) {
        const char *text = literals->texts.items[i];
        if (text[0] != data[0])
            continue;
        size_t size = strlen(text);
        if (size > longest && size <= length && memcmp(text, data, size) == 0)
            longest = size;
    }
    return longest;
}

bool literals_find(const struct literals *literals, const char *data, size_t length, size_t from,
                   size_t *start, size_t *end)
{
    if (literals->texts.count == 0)
        return false;
    size_t window = literals->shortest;
    for (size_t at = from + window; at <= length;) {
        size_t step = literals->step[slot_of(data + at - 2)];
        if (step > 0) {
            at += step;
            continue;
        }
        size_t found = longest_at(literals, data + at - window, length - at + window);
        if (found > 0) {
            *start = at - window;
            *end = *start + found;
            return true;
        }
        at++;
    }
    return false;
}
