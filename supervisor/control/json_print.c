#include "json_print.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/utf8.h"

#define EXACT_INTEGERS 9007199254740992.0 /* 2^53: below it every integer is one double */

static void print_integer(struct text *out, int64_t value)
{
    char digits[24];
    char *at = digits + sizeof(digits);
    uint64_t rest = value < 0 ? (uint64_t)-value : (uint64_t)value;
    do {
        *--at = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    if (value < 0)
        *--at = '-';
    text_append_bytes(out, at, (size_t)(digits + sizeof(digits) - at));
}

static void print_number(struct text *out, double value)
{
    if (!isfinite(value)) {
        text_append_bytes(out, "null", 4);
        return;
    }
    if (fabs(value) < EXACT_INTEGERS && (double)(int64_t)value == value) {
        print_integer(out, (int64_t)value);
        return;
    }
    char digits[40];
    snprintf(digits, sizeof(digits), "%.15g", value);
    if (strtod(digits, NULL) != value)
        snprintf(digits, sizeof(digits), "%.17g", value);
    text_append(out, digits);
}

/* What must not stand in a JSON text as it is. */
static bool is_plain(unsigned char byte)
{
    return byte >= 0x20 && byte != '"' && byte != '\\';
}

static void print_escaped(struct text *out, unsigned char byte)
{
    static const char *const short_forms[] = {
        ['"'] = "\\\"", ['\\'] = "\\\\", ['\b'] = "\\b", ['\f'] = "\\f",
        ['\n'] = "\\n", ['\r'] = "\\r",  ['\t'] = "\\t",
    };
    if (short_forms[byte])
        text_append_bytes(out, short_forms[byte], 2);
    else
        text_printf(out, "\\u%04x", byte);
}

static void print_bytes(struct text *out, const char *bytes, size_t length)
{
    size_t from = 0;
    for (size_t i = 0; i < length; i++) {
        if (is_plain((unsigned char)bytes[i]))
            continue;
        text_append_bytes(out, bytes + from, i - from);
        print_escaped(out, (unsigned char)bytes[i]);
        from = i + 1;
    }
    text_append_bytes(out, bytes + from, length - from);
}

/* Most texts: nothing to escape, nothing to clean. */
static bool is_plain_ascii(const char *bytes, size_t length)
{
    bool plain = true;
    for (size_t i = 0; i < length; i++) {
        unsigned char byte = (unsigned char)bytes[i];
        plain &= is_plain(byte) && byte < 0x80;
    }
    return plain;
}

void json_print_text(struct text *out, const char *string)
{
    size_t length = strlen(string);
    text_append_bytes(out, "\"", 1);
    if (is_plain_ascii(string, length)) {
        text_append_bytes(out, string, length);
    } else if (utf8_valid_length(string, length) == length) {
        print_bytes(out, string, length);
    } else {
        struct text clean = {0};
        utf8_append_clean(&clean, string, length);
        print_bytes(out, clean.data, clean.length);
        text_finish(&clean);
    }
    text_append_bytes(out, "\"", 1);
}

#define SHORT_NAME 64

/* `,"name":` in one piece where it is short and plain, as nearly all are. */
static void print_name(struct text *out, const char *name, bool first)
{
    size_t length = strlen(name);
    if (length > SHORT_NAME || !is_plain_ascii(name, length)) {
        text_append_bytes(out, ",", first ? 0 : 1);
        json_print_text(out, name);
        text_append_bytes(out, ":", 1);
        return;
    }
    char piece[SHORT_NAME + 4];
    size_t at = 0;
    if (!first)
        piece[at++] = ',';
    piece[at++] = '"';
    memcpy(piece + at, name, length);
    at += length;
    piece[at++] = '"';
    piece[at++] = ':';
    text_append_bytes(out, piece, at);
}

static void print_items(struct text *out, const cJSON *first, bool with_names)
{
    for (const cJSON *item = first; item; item = item->next) {
        if (with_names)
            print_name(out, item->string, item == first);
        else if (item != first)
            text_append_bytes(out, ",", 1);
        json_print(out, item);
    }
}

void json_print(struct text *out, const cJSON *value)
{
    switch (value ? value->type & 0xFF : cJSON_NULL) {
    case cJSON_False:
        text_append_bytes(out, "false", 5);
        break;
    case cJSON_True:
        text_append_bytes(out, "true", 4);
        break;
    case cJSON_Number:
        print_number(out, value->valuedouble);
        break;
    case cJSON_String:
        json_print_text(out, value->valuestring);
        break;
    case cJSON_Raw:
        text_append(out, value->valuestring);
        break;
    case cJSON_Array:
        text_append_bytes(out, "[", 1);
        print_items(out, value->child, false);
        text_append_bytes(out, "]", 1);
        break;
    case cJSON_Object:
        text_append_bytes(out, "{", 1);
        print_items(out, value->child, true);
        text_append_bytes(out, "}", 1);
        break;
    default:
        text_append_bytes(out, "null", 4);
    }
}
