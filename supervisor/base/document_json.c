/* JSON exactly as RFC 8259 has it: no comments, no trailing commas, no NaN, no leading zeros. */
#include "document_reader.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "text.h"

struct reader {
    const char *at;
    const char *end;
    int line;
    int column;
    int depth;
    bool failed; /* the first fault ends the reading; what follows says nothing more */
    const struct document_report *report;
};

static struct document *read_value(struct reader *reader);

static void fail(struct reader *reader, const char *message)
{
    if (!reader->failed)
        document_fault(reader->report, reader->line, reader->column, NULL, "%s", message);
    reader->failed = true;
}

static int peek(const struct reader *reader)
{
    return reader->at < reader->end ? (unsigned char)*reader->at : -1;
}

static void step(struct reader *reader)
{
    unsigned char byte = (unsigned char)*reader->at++;
    if (byte == '\n' || (byte == '\r' && peek(reader) != '\n')) {
        reader->line++;
        reader->column = 1;
    } else if (byte != '\r' && (peek(reader) & 0xC0) != 0x80) {
        reader->column++;
    }
}

static void skip_space(struct reader *reader)
{
    while (peek(reader) == ' ' || peek(reader) == '\t' || peek(reader) == '\n' || peek(reader) == '\r')
        step(reader);
}

static void fail_expecting(struct reader *reader, const char *expected)
{
    struct text message = {0};
    int byte = peek(reader);
    if (byte < 0) {
        text_printf(&message, "not valid JSON: the document ends here, expected %s", expected);
    } else if (byte > 0x20 && byte < 0x7F) {
        text_printf(&message, "not valid JSON: unexpected '%c', expected %s", byte, expected);
    } else {
        text_printf(&message, "not valid JSON: unexpected character, expected %s", expected);
    }
    fail(reader, text_get(&message));
    text_finish(&message);
}

static bool take(struct reader *reader, char wanted)
{
    if (peek(reader) != wanted)
        return false;
    step(reader);
    return true;
}

static int hex_digit(int byte)
{
    if (byte >= '0' && byte <= '9')
        return byte - '0';
    if (byte >= 'a' && byte <= 'f')
        return byte - 'a' + 10;
    if (byte >= 'A' && byte <= 'F')
        return byte - 'A' + 10;
    return -1;
}

/* The four hex digits behind \u. */
static uint32_t read_code_unit(struct reader *reader)
{
    uint32_t unit = 0;
    for (int i = 0; i < 4; i++) {
        int digit = hex_digit(peek(reader));
        if (digit < 0) {
            fail_expecting(reader, "four hexadecimal digits behind \\u");
            return 0;
        }
        unit = unit * 16 + (uint32_t)digit;
        step(reader);
    }
    return unit;
}

static void append_code_point(struct text *text, uint32_t code)
{
    char bytes[4];
    size_t length;
    if (code < 0x80) {
        bytes[0] = (char)code;
        length = 1;
    } else if (code < 0x800) {
        bytes[0] = (char)(0xC0 | code >> 6);
        length = 2;
    } else if (code < 0x10000) {
        bytes[0] = (char)(0xE0 | code >> 12);
        length = 3;
    } else {
        bytes[0] = (char)(0xF0 | code >> 18);
        length = 4;
    }
    for (size_t i = 1; i < length; i++)
        bytes[i] = (char)(0x80 | (code >> 6 * (length - 1 - i) & 0x3F));
    text_append_bytes(text, bytes, length);
}

static void read_unicode_escape(struct reader *reader, struct text *text)
{
    uint32_t unit = read_code_unit(reader);
    if (reader->failed)
        return;
    if (unit == 0) {
        fail(reader, "\\u0000 in a text, expected other characters");
    } else if (unit >= 0xDC00 && unit <= 0xDFFF) {
        fail(reader,
             "the second half of a surrogate pair without the first, expected \\uD800 to \\uDBFF before it");
    } else if (unit >= 0xD800 && unit <= 0xDBFF) {
        uint32_t second = take(reader, '\\') && take(reader, 'u') ? read_code_unit(reader) : 0;
        if (second < 0xDC00 || second > 0xDFFF)
            fail(reader, "half a surrogate pair, expected \\uDC00 to \\uDFFF behind it");
        else
            append_code_point(text, 0x10000 + ((unit - 0xD800) << 10) + (second - 0xDC00));
    } else {
        append_code_point(text, unit);
    }
}

static void read_escape(struct reader *reader, struct text *text)
{
    static const char letters[] = "\"\\/bfnrt";
    static const char meanings[] = "\"\\/\b\f\n\r\t";
    int byte = peek(reader);
    const char *letter = byte > 0 ? strchr(letters, byte) : NULL;
    if (byte == 'u') {
        step(reader);
        read_unicode_escape(reader, text);
    } else if (letter) {
        step(reader);
        text_append_bytes(text, &meanings[letter - letters], 1);
    } else {
        fail_expecting(reader, "one of \" \\ / b f n r t u behind a backslash");
    }
}

/* Stands on the opening quote. The text, or NULL. */
static char *read_text(struct reader *reader)
{
    struct text text = {0};
    step(reader);
    while (!reader->failed && peek(reader) != '"') {
        int byte = peek(reader);
        if (byte < 0) {
            fail_expecting(reader, "'\"' at the end of a text");
        } else if (byte < 0x20) {
            fail(reader, "not valid JSON: a control character or line break in a text, expected an escape "
                         "such as \\n");
        } else if (byte == '\\') {
            step(reader);
            read_escape(reader, &text);
        } else {
            text_append_bytes(&text, reader->at, 1);
            step(reader);
        }
    }
    if (reader->failed) {
        text_finish(&text);
        return NULL;
    }
    step(reader);
    return text_take(&text);
}

static void skip_digits(struct reader *reader)
{
    if (peek(reader) < '0' || peek(reader) > '9')
        fail_expecting(reader, "a digit");
    while (peek(reader) >= '0' && peek(reader) <= '9')
        step(reader);
}

static void read_number(struct reader *reader, struct document *node)
{
    const char *start = reader->at;
    take(reader, '-');
    if (!take(reader, '0'))
        skip_digits(reader);
    else if (peek(reader) >= '0' && peek(reader) <= '9')
        fail_expecting(reader, "a number without leading zeros");
    if (take(reader, '.'))
        skip_digits(reader);
    if (take(reader, 'e') || take(reader, 'E')) {
        if (!take(reader, '+'))
            take(reader, '-');
        skip_digits(reader);
    }
    node->kind = DOCUMENT_NUMBER;
    node->text = memory_copy_bytes(start, (size_t)(reader->at - start));
    node->number = strtod(node->text, NULL);
    if (!isfinite(node->number))
        fail(reader, "a number that is too large, expected one below 1.8e308");
}

static void read_word(struct reader *reader, struct document *node)
{
    static const struct {
        const char *word;
        enum document_kind kind;
    } words[] = {{"true", DOCUMENT_BOOLEAN}, {"false", DOCUMENT_BOOLEAN}, {"null", DOCUMENT_NULL}};
    size_t left = (size_t)(reader->end - reader->at);
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        size_t length = strlen(words[i].word);
        if (left < length || memcmp(reader->at, words[i].word, length) != 0)
            continue;
        node->kind = words[i].kind;
        node->boolean = i == 0;
        while (length-- > 0)
            step(reader);
        return;
    }
    fail_expecting(reader, "a value");
}

static void read_list(struct reader *reader, struct document *list)
{
    list->kind = DOCUMENT_LIST;
    step(reader);
    skip_space(reader);
    if (take(reader, ']'))
        return;
    while (!reader->failed) {
        struct document *value = read_value(reader);
        if (!value)
            return;
        document_add(list, NULL, value);
        if (take(reader, ']'))
            return;
        if (!take(reader, ','))
            fail_expecting(reader, "',' or ']'");
    }
}

static void read_member(struct reader *reader, struct document *map)
{
    skip_space(reader);
    int line = reader->line;
    int column = reader->column;
    if (peek(reader) != '"') {
        fail_expecting(reader, "a key in double quotes");
        return;
    }
    char *key = read_text(reader);
    skip_space(reader);
    if (!take(reader, ':'))
        fail_expecting(reader, "':' behind a key");
    struct document *value = reader->failed ? NULL : read_value(reader);
    if (value) {
        document_add(map, key, value);
        map->members[map->count - 1].line = line;
        map->members[map->count - 1].column = column;
    }
    free(key);
}

static void read_map(struct reader *reader, struct document *map)
{
    map->kind = DOCUMENT_MAP;
    step(reader);
    skip_space(reader);
    if (take(reader, '}'))
        return;
    while (!reader->failed) {
        read_member(reader, map);
        if (!reader->failed && take(reader, '}'))
            return;
        if (!reader->failed && !take(reader, ','))
            fail_expecting(reader, "',' or '}'");
    }
}

static void read_container(struct reader *reader, struct document *node)
{
    if (reader->depth == DOCUMENT_MAX_DEPTH) {
        fail(reader, "nested deeper than 64 lists and objects, expected at most 64");
        return;
    }
    reader->depth++;
    if (peek(reader) == '{')
        read_map(reader, node);
    else
        read_list(reader, node);
    reader->depth--;
}

/* With the white space around it. NULL where reading failed. */
static struct document *read_value(struct reader *reader)
{
    skip_space(reader);
    struct document *node = document_create(DOCUMENT_NULL);
    node->line = reader->line;
    node->column = reader->column;
    int byte = peek(reader);
    if (byte == '{' || byte == '[') {
        read_container(reader, node);
    } else if (byte == '"') {
        node->kind = DOCUMENT_TEXT;
        node->text = read_text(reader);
    } else if (byte == '-' || (byte >= '0' && byte <= '9')) {
        read_number(reader, node);
    } else {
        read_word(reader, node);
    }
    if (reader->failed) {
        document_destroy(node);
        return NULL;
    }
    skip_space(reader);
    return node;
}

struct document *document_read_json(const char *data, size_t length, const struct document_report *report)
{
    struct reader reader = {.at = data, .end = data + length, .line = 1, .column = 1, .report = report};
    struct document *root = read_value(&reader);
    if (root && reader.at < reader.end) {
        fail_expecting(&reader, "the end of the document");
        document_destroy(root);
        return NULL;
    }
    return root;
}
