#include "utf8.h"

#include "text.h"

/* Length of the well-formed sequence at data, or 0; Unicode 15, table 3-7. *wrong is how many bytes of an ill-formed
 * one belong together. */
static size_t sequence_length(const unsigned char *data, size_t length, size_t *wrong)
{
    unsigned char lead = data[0];
    *wrong = 1;
    if (lead < 0x80)
        return 1;
    size_t wanted = lead >= 0xC2 && lead <= 0xDF ? 2 : (lead & 0xF0) == 0xE0 ? 3 : lead >= 0xF0 && lead <= 0xF4 ? 4 : 0;
    if (wanted == 0)
        return 0;
    unsigned char low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    unsigned char high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    for (size_t i = 1; i < wanted; i++) {
        if (i >= length || data[i] < low || data[i] > high)
            return 0;
        low = 0x80;
        high = 0xBF;
        *wrong = i + 1;
    }
    return wanted;
}

size_t utf8_valid_length(const char *data, size_t length)
{
    size_t at = 0;
    while (at < length) {
        size_t wrong;
        size_t step = sequence_length((const unsigned char *)data + at, length - at, &wrong);
        if (step == 0)
            return at;
        at += step;
    }
    return at;
}

void utf8_append_clean(struct text *text, const char *data, size_t length)
{
    size_t at = 0;
    while (at < length) {
        size_t valid = utf8_valid_length(data + at, length - at);
        text_append_bytes(text, data + at, valid);
        at += valid;
        if (at < length) {
            size_t wrong;
            sequence_length((const unsigned char *)data + at, length - at, &wrong);
            text_append(text, "\xEF\xBF\xBD");
            at += wrong;
        }
    }
}
