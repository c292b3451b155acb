#define PCRE2_CODE_UNIT_WIDTH 8
#include "pattern.h"

#include <pcre2.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/text.h"

/* PCRE2's default of ten million steps is seconds; this is some milliseconds. */
#define MATCH_LIMIT    100000
#define HEAP_LIMIT_KIB 1024

struct pattern {
    pcre2_code *code;
    pcre2_match_data *data;
    pcre2_match_context *limits;
};

struct pattern *pattern_create(const char *source, char **reason)
{
    int code = 0;
    PCRE2_SIZE at = 0;
    uint32_t options = PCRE2_UTF | PCRE2_MATCH_INVALID_UTF | PCRE2_NEVER_BACKSLASH_C;
    pcre2_code *compiled =
        pcre2_compile((PCRE2_SPTR)source, PCRE2_ZERO_TERMINATED, options, &code, &at, NULL);
    if (!compiled) {
        PCRE2_UCHAR message[160];
        pcre2_get_error_message(code, message, sizeof(message));
        if (reason)
            *reason = text_format("%s (at offset %zu)", (const char *)message, (size_t)at);
        return NULL;
    }
    struct pattern *pattern = memory_new(1, sizeof(*pattern));
    pattern->code = compiled;
    /* Only whether it matches is asked, so one pair of offsets will do. */
    pattern->data = pcre2_match_data_create(1, NULL);
    pattern->limits = pcre2_match_context_create(NULL);
    if (!pattern->data || !pattern->limits)
        abort();
    pcre2_set_match_limit(pattern->limits, MATCH_LIMIT);
    pcre2_set_heap_limit(pattern->limits, HEAP_LIMIT_KIB);
    return pattern;
}

void pattern_destroy(struct pattern *pattern)
{
    if (!pattern)
        return;
    pcre2_match_context_free(pattern->limits);
    pcre2_match_data_free(pattern->data);
    pcre2_code_free(pattern->code);
    free(pattern);
}

bool pattern_matches(const struct pattern *pattern, const char *data, size_t length)
{
    /* 0 says that it matched with more groups than there is room for. */
    return pcre2_match(pattern->code, (PCRE2_SPTR)data, length, 0, 0, pattern->data, pattern->limits) >= 0;
}
