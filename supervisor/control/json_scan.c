#include "json_scan.h"

#include <string.h>

struct scanner {
    const char *data;
    size_t length;
    size_t at;
    int depth_left;
    const char *what;
};

static bool scan_value(struct scanner *s);

static bool fail(struct scanner *s, const char *what)
{
    if (!s->what)
        s->what = what;
    return false;
}

static int peek(const struct scanner *s)
{
    return s->at < s->length ? (unsigned char)s->data[s->at] : -1;
}

static bool is_space(int byte)
{
    return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r';
}

static bool is_digit(int byte)
{
    return byte >= '0' && byte <= '9';
}

static void skip_space(struct scanner *s)
{
    while (is_space(peek(s)))
        s->at++;
}

static int hex_digit(int byte)
{
    if (is_digit(byte))
        return byte - '0';
    if (byte >= 'a' && byte <= 'f')
        return byte - 'a' + 10;
    if (byte >= 'A' && byte <= 'F')
        return byte - 'A' + 10;
    return -1;
}

static bool scan_unicode_escape(struct scanner *s, int *unit)
{
    *unit = 0;
    for (int i = 0; i < 4; i++) {
        int digit = hex_digit(peek(s));
        if (digit < 0)
            return fail(s, "expected four hex digits after \\u");
        *unit = *unit * 16 + digit;
        s->at++;
    }
    return true;
}

static bool scan_escape(struct scanner *s)
{
    int byte = peek(s);
    if (byte < 0 || !strchr("\"\\/bfnrtu", byte))
        return fail(s, "unknown escape sequence");
    s->at++;
    if (byte != 'u')
        return true;
    int unit;
    if (!scan_unicode_escape(s, &unit))
        return false;
    if (unit == 0)
        return fail(s, "\\u0000 is not accepted");
    if (unit >= 0xDC00 && unit <= 0xDFFF)
        return fail(s, "half a surrogate pair");
    if (unit < 0xD800 || unit > 0xDBFF)
        return true;
    if (s->length - s->at < 2 || s->data[s->at] != '\\' || s->data[s->at + 1] != 'u')
        return fail(s, "half a surrogate pair");
    s->at += 2;
    if (!scan_unicode_escape(s, &unit))
        return false;
    return (unit >= 0xDC00 && unit <= 0xDFFF) || fail(s, "half a surrogate pair");
}

static bool scan_string(struct scanner *s)
{
    if (peek(s) != '"')
        return fail(s, "expected a text in double quotes");
    s->at++;
    for (;;) {
        int byte = peek(s);
        if (byte < 0)
            return fail(s, "the text has no end");
        if (byte < 0x20)
            return fail(s, "a control character in a text");
        s->at++;
        if (byte == '"')
            return true;
        if (byte == '\\' && !scan_escape(s))
            return false;
    }
}

static bool scan_digits(struct scanner *s)
{
    if (!is_digit(peek(s)))
        return fail(s, "expected a digit");
    while (is_digit(peek(s)))
        s->at++;
    return true;
}

static bool scan_number(struct scanner *s)
{
    if (peek(s) == '-')
        s->at++;
    if (peek(s) == '0')
        s->at++;
    else if (!scan_digits(s))
        return false;
    if (peek(s) == '.') {
        s->at++;
        if (!scan_digits(s))
            return false;
    }
    if (peek(s) == 'e' || peek(s) == 'E') {
        s->at++;
        if (peek(s) == '+' || peek(s) == '-')
            s->at++;
        return scan_digits(s);
    }
    return true;
}

static bool scan_word(struct scanner *s, const char *word)
{
    size_t length = strlen(word);
    if (s->length - s->at < length || memcmp(s->data + s->at, word, length) != 0)
        return fail(s, "expected a value");
    s->at += length;
    return true;
}

static bool scan_member(struct scanner *s)
{
    skip_space(s);
    if (!scan_string(s))
        return false;
    skip_space(s);
    if (peek(s) != ':')
        return fail(s, "expected ':'");
    s->at++;
    return scan_value(s);
}

/* An object or an array: `close` is its last byte, `item` reads one of its parts. */
static bool scan_items(struct scanner *s, int close, bool (*item)(struct scanner *))
{
    if (s->depth_left == 0)
        return fail(s, "nested too deeply");
    s->depth_left--;
    s->at++;
    skip_space(s);
    if (peek(s) != close) {
        for (;;) {
            if (!item(s))
                return false;
            skip_space(s);
            if (peek(s) != ',')
                break;
            s->at++;
        }
        if (peek(s) != close)
            return fail(s, close == '}' ? "expected ',' or '}'" : "expected ',' or ']'");
    }
    s->at++;
    s->depth_left++;
    return true;
}

static bool scan_value(struct scanner *s)
{
    skip_space(s);
    switch (peek(s)) {
    case '{':
        return scan_items(s, '}', scan_member);
    case '[':
        return scan_items(s, ']', scan_value);
    case '"':
        return scan_string(s);
    case 't':
        return scan_word(s, "true");
    case 'f':
        return scan_word(s, "false");
    case 'n':
        return scan_word(s, "null");
    default:
        if (peek(s) == '-' || is_digit(peek(s)))
            return scan_number(s);
        return fail(s, "expected a value");
    }
}

bool json_scan(const char *data, size_t length, int max_depth, struct json_fault *fault)
{
    struct scanner s = {.data = data, .length = length, .depth_left = max_depth};
    bool good = scan_value(&s);
    if (good) {
        skip_space(&s);
        good = s.at == length || fail(&s, "expected the end of the text");
    }
    if (!good && fault)
        *fault = (struct json_fault){.at = s.at, .what = s.what};
    return good;
}

/* The rest of the span from `at`, as something to read that is known to be good. */
static struct scanner scanner_from(struct json_span span, size_t at)
{
    return (struct scanner){.data = span.data, .length = span.length, .at = at, .depth_left = 1 << 20};
}

static struct json_span take_value(struct scanner *s)
{
    skip_space(s);
    size_t from = s->at;
    if (!scan_value(s))
        return (struct json_span){0};
    return (struct json_span){.data = s->data + from, .length = s->at - from};
}

struct json_span json_member(struct json_span object, const char *name)
{
    struct scanner s = scanner_from(object, 1);
    size_t name_length = strlen(name);
    for (;;) {
        struct json_span key = take_value(&s);
        skip_space(&s);
        if (!key.data || peek(&s) != ':')
            return (struct json_span){0};
        s.at++;
        struct json_span value = take_value(&s);
        if (!value.data)
            return value;
        if (key.length == name_length + 2 && memcmp(key.data + 1, name, name_length) == 0)
            return value;
        skip_space(&s);
        if (peek(&s) != ',')
            return (struct json_span){0};
        s.at++;
    }
}

struct json_span json_next_element(struct json_span array, struct json_span previous)
{
    size_t at = previous.data ? (size_t)(previous.data + previous.length - array.data) : 0;
    struct scanner s = scanner_from(array, at);
    skip_space(&s);
    if (previous.data && peek(&s) != ',')
        return (struct json_span){0};
    s.at++;
    return take_value(&s);
}

struct json_span json_trimmed(const char *data, size_t length)
{
    while (length > 0 && is_space((unsigned char)data[length - 1]))
        length--;
    while (length > 0 && is_space((unsigned char)data[0])) {
        data++;
        length--;
    }
    return (struct json_span){.data = data, .length = length};
}
