#define PCRE2_CODE_UNIT_WIDTH 8
#include "redactor.h"

#include <pcre2.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "literals.h"
#include "secrets.h"

#define MATCH_LIMIT      100000 /* steps; an ordinary pattern takes a few hundred on a line */
#define HEAP_LIMIT_KIB   4096
#define PATTERN_HOLDBACK 1024
#define MAX_HOLDBACK     (32 * 1024)

struct redactor {
    struct literals secrets;
    bool url_passwords;
    pcre2_code **patterns;
    size_t pattern_count;
    pcre2_match_context *limits;
    pcre2_match_data *match;
    struct text passes[2]; /* what one pass leaves to the next */
};

/* One kind of thing to replace: the first from `from` on. FIND_FAILED: it cannot be said. */
enum find { FIND_NOTHING, FIND_SPAN, FIND_FAILED };

typedef enum find (*finder)(struct redactor *redactor, size_t index, const char *data, size_t length,
                            size_t from, size_t *start, size_t *end);

static enum find find_secret(struct redactor *redactor, size_t index, const char *data, size_t length,
                             size_t from, size_t *start, size_t *end)
{
    return literals_find(&redactor->secrets, data, length, from, start, end) ? FIND_SPAN : FIND_NOTHING;
}

static enum find find_password(struct redactor *redactor, size_t index, const char *data, size_t length,
                               size_t from, size_t *start, size_t *end)
{
    return secrets_find_url_password(data, length, from, start, end) ? FIND_SPAN : FIND_NOTHING;
}

static enum find find_pattern(struct redactor *redactor, size_t index, const char *data, size_t length,
                              size_t from, size_t *start, size_t *end)
{
    int found = pcre2_match(redactor->patterns[index], (PCRE2_SPTR)data, length, from, PCRE2_NOTEMPTY,
                            redactor->match, redactor->limits);
    if (found == PCRE2_ERROR_NOMATCH)
        return FIND_NOTHING;
    if (found < 0)
        return FIND_FAILED;
    const PCRE2_SIZE *span = pcre2_get_ovector_pointer(redactor->match);
    if (span[0] < from || span[1] <= span[0]) /* \K in a lookaround can turn it round */
        return FIND_FAILED;
    *start = span[0];
    *end = span[1];
    return FIND_SPAN;
}

/* The passes that a line makes, in order. */
struct pass {
    finder find;
    size_t index;
};

static size_t pass_count(const struct redactor *redactor)
{
    return 2 + redactor->pattern_count;
}

static struct pass pass_at(const struct redactor *redactor, size_t number)
{
    if (number == 0)
        return (struct pass){.find = find_secret};
    if (number == 1)
        return (struct pass){.find = find_password};
    return (struct pass){.find = find_pattern, .index = number - 2};
}

static bool is_idle(const struct redactor *redactor, size_t number)
{
    return number == 0 ? redactor->secrets.texts.count == 0 : number == 1 && !redactor->url_passwords;
}

static bool run_pass(struct redactor *redactor, struct pass pass, const char *data, size_t length,
                     struct text *text)
{
    size_t from = 0;
    size_t start;
    size_t end;
    enum find found = pass.find(redactor, pass.index, data, length, 0, &start, &end);
    if (found == FIND_NOTHING)
        return false;
    text_clear(text);
    while (found == FIND_SPAN) {
        text_append_bytes(text, data + from, start - from);
        text_append(text, REDACTED);
        from = end;
        found = pass.find(redactor, pass.index, data, length, from, &start, &end);
    }
    if (found == FIND_FAILED) {
        text_clear(text);
        text_append(text, REDACTED);
    } else {
        text_append_bytes(text, data + from, length - from);
    }
    return true;
}

bool redactor_apply(struct redactor *redactor, const char *data, size_t length, struct text *text)
{
    bool changed = false;
    int next = 0;
    for (size_t number = 0; number < pass_count(redactor); number++) {
        struct text *to = &redactor->passes[next];
        if (is_idle(redactor, number) || !run_pass(redactor, pass_at(redactor, number), data, length, to))
            continue;
        changed = true;
        data = text_get(to);
        length = to->length;
        next = 1 - next;
    }
    if (changed) {
        text_clear(text);
        text_append_bytes(text, data, length);
    }
    return changed;
}

bool redactor_is_clean(const struct redactor *redactor, const char *lines, size_t length)
{
    size_t start;
    size_t end;
    return redactor->pattern_count == 0 &&
           !literals_find(&redactor->secrets, lines, length, 0, &start, &end) &&
           !(redactor->url_passwords && secrets_find_url_password(lines, length, 0, &start, &end));
}

char *redactor_text(void *context, const char *string)
{
    struct text text = {0};
    return redactor_apply(context, string, strlen(string), &text) ? text_take(&text) : NULL;
}

size_t redactor_holdback(const struct redactor *redactor)
{
    size_t longest =
        redactor->secrets.longest > PATTERN_HOLDBACK ? redactor->secrets.longest : PATTERN_HOLDBACK;
    return longest < MAX_HOLDBACK ? longest : MAX_HOLDBACK;
}

/* cut, or the start of what one pass would replace across it. */
static size_t cut_before_span(struct redactor *redactor, struct pass pass, const char *data, size_t length,
                              size_t cut)
{
    size_t start;
    size_t end = 0;
    while (pass.find(redactor, pass.index, data, length, end, &start, &end) == FIND_SPAN && start < cut) {
        if (end > cut)
            return start;
    }
    return cut;
}

size_t redactor_cut(void *context, const char *data, size_t length, size_t wanted)
{
    struct redactor *redactor = context;
    size_t cut = wanted;
    size_t before;
    do {
        before = cut;
        for (size_t number = 0; number < pass_count(redactor); number++) {
            if (!is_idle(redactor, number))
                cut = cut_before_span(redactor, pass_at(redactor, number), data, length, cut);
        }
    } while (cut != before); /* further to the left it may be inside of something else */
    return cut > 0 ? cut : wanted;
}

/* Making one */

static void split_lines(const char *secret, struct strings *lines)
{
    while (*secret) {
        size_t length = strcspn(secret, "\r\n");
        if (length > 0)
            strings_take(lines, memory_copy_bytes(secret, length));
        secret += length + (secret[length] != '\0');
    }
}

static int compile(struct redactor *redactor, const char *pattern, struct error *error)
{
    int code;
    PCRE2_SIZE offset;
    pcre2_code *compiled =
        pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED,
                      PCRE2_UTF | PCRE2_MATCH_INVALID_UTF | PCRE2_NEVER_BACKSLASH_C, &code, &offset, NULL);
    if (!compiled) {
        PCRE2_UCHAR message[256];
        pcre2_get_error_message(code, message, sizeof message);
        return error_set(error, ERROR_INVALID, "the pattern \"%s\" is not valid: %s at character %zu",
                         pattern, (const char *)message, (size_t)offset + 1);
    }
    redactor->patterns[redactor->pattern_count++] = compiled;
    return 0;
}

int redactor_create(const struct redactor_options *options, struct redactor **result, struct error *error)
{
    struct redactor *redactor = memory_new(1, sizeof *redactor);
    struct strings lines = {0};
    for (size_t i = 0; options->secrets && i < options->secrets->count; i++)
        split_lines(options->secrets->items[i], &lines);
    literals_init(&redactor->secrets, &lines);
    strings_finish(&lines);
    redactor->url_passwords = options->url_passwords;
    redactor->limits = pcre2_match_context_create(NULL);
    redactor->match = pcre2_match_data_create(1, NULL);
    if (!redactor->limits || !redactor->match)
        abort();
    pcre2_set_match_limit(redactor->limits, MATCH_LIMIT);
    pcre2_set_heap_limit(redactor->limits, HEAP_LIMIT_KIB);
    size_t count = options->patterns ? options->patterns->count : 0;
    redactor->patterns = memory_new(count, sizeof *redactor->patterns);
    for (size_t i = 0; i < count; i++) {
        int code = compile(redactor, options->patterns->items[i], error);
        if (code < 0) {
            redactor_destroy(redactor);
            return code;
        }
    }
    *result = redactor;
    return 0;
}

void redactor_destroy(struct redactor *redactor)
{
    if (!redactor)
        return;
    literals_finish(&redactor->secrets);
    for (size_t i = 0; i < redactor->pattern_count; i++)
        pcre2_code_free(redactor->patterns[i]);
    free(redactor->patterns);
    pcre2_match_data_free(redactor->match);
    pcre2_match_context_free(redactor->limits);
    text_finish(&redactor->passes[0]);
    text_finish(&redactor->passes[1]);
    free(redactor);
}
