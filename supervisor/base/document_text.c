/* What a document looks like in a message: values and paths in one line, whatever bytes they hold. */
#include "document.h"

#include <string.h>

#include "memory.h"
#include "text.h"
#include "utf8.h"

/* Longer values are cut: a message is one line for a person. */
static const size_t longest_quote = 60;

static void append_quoted(struct text *text, const char *string)
{
    size_t length = strlen(string);
    size_t shown = length > longest_quote ? utf8_valid_length(string, longest_quote) : length;
    text_append(text, "\"");
    for (size_t i = 0; i < shown; i++) {
        unsigned char byte = (unsigned char)string[i];
        if (byte == '"' || byte == '\\')
            text_printf(text, "\\%c", byte);
        else if (byte == '\n')
            text_append(text, "\\n");
        else if (byte == '\t')
            text_append(text, "\\t");
        else if (byte < 0x20 || byte == 0x7F)
            text_printf(text, "\\u%04x", byte);
        else
            text_append_bytes(text, string + i, 1);
    }
    text_append(text, shown < length ? "...\"" : "\"");
}

char *document_describe(const struct document *node)
{
    struct text text = {0};
    switch (node->kind) {
    case DOCUMENT_NULL:
        text_append(&text, "null");
        break;
    case DOCUMENT_BOOLEAN:
        text_append(&text, node->boolean ? "true" : "false");
        break;
    case DOCUMENT_NUMBER:
        text_append_bytes(&text, node->text, strnlen(node->text, longest_quote));
        break;
    case DOCUMENT_TEXT:
        append_quoted(&text, node->text);
        break;
    case DOCUMENT_LIST:
        text_append(&text, "a list");
        break;
    case DOCUMENT_MAP:
        text_append(&text, "an object");
        break;
    case DOCUMENT_INVALID:
        text_append(&text, "something else");
        break;
    }
    return text_take(&text);
}

static bool is_plain_key(const char *key)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-$";
    size_t length = strlen(key);
    return length > 0 && length <= longest_quote && strspn(key, plain) == length;
}

static void append_path(struct text *text, const struct document_path *path)
{
    if (path->parent)
        append_path(text, path->parent);
    if (!path->key) {
        text_printf(text, "[%zu]", path->index);
    } else if (is_plain_key(path->key)) {
        text_printf(text, "%s%s", text->length > 0 ? "." : "", path->key);
    } else {
        text_append(text, "[");
        append_quoted(text, path->key);
        text_append(text, "]");
    }
}

char *document_path_text(const struct document_path *path)
{
    if (!path)
        return NULL;
    struct text text = {0};
    append_path(&text, path);
    return text_take(&text);
}
