#define PCRE2_CODE_UNIT_WIDTH 8
#include "pattern.h"

#include <pcre2.h>
#include <stdlib.h>

#include "base/text.h"

static pcre2_code *compile(const char *pattern, int *error, PCRE2_SIZE *offset)
{
    return pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED, PCRE2_UTF | PCRE2_DOLLAR_ENDONLY, error,
                         offset, NULL);
}

bool pattern_fits(const char *pattern, const char *text)
{
    int error;
    PCRE2_SIZE offset;
    pcre2_code *code = compile(pattern, &error, &offset);
    pcre2_match_data *match = code ? pcre2_match_data_create_from_pattern(code, NULL) : NULL;
    if (!match)
        abort();
    int found = pcre2_match(code, (PCRE2_SPTR)text, PCRE2_ZERO_TERMINATED, 0, 0, match, NULL);
    pcre2_match_data_free(match);
    pcre2_code_free(code);
    return found >= 0;
}

char *pattern_fault(const char *pattern)
{
    int error;
    PCRE2_SIZE offset;
    pcre2_code *code = compile(pattern, &error, &offset);
    if (code) {
        pcre2_code_free(code);
        return NULL;
    }
    PCRE2_UCHAR message[256] = {0};
    pcre2_get_error_message(error, message, sizeof(message));
    return text_format("%s at offset %zu", (const char *)message, (size_t)offset);
}
