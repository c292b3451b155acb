#include "document.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "document_reader.h"
#include "memory.h"
#include "text.h"
#include "utf8.h"

void document_fault(const struct document_report *report, int line, int column, const char *path,
                    const char *format, ...)
{
    struct text message = {0};
    va_list arguments;
    va_start(arguments, format);
    text_vprintf(&message, format, arguments);
    va_end(arguments);
    report->fault(report->context, line, column, path, text_get(&message));
    text_finish(&message);
}

void document_position(const char *data, size_t offset, int *line, int *column)
{
    *line = 1;
    *column = 1;
    for (size_t i = 0; i < offset; i++) {
        unsigned char byte = (unsigned char)data[i];
        bool line_ends = byte == '\n' ? (i == 0 || data[i - 1] != '\r') : byte == '\r';
        if (line_ends) {
            (*line)++;
            *column = 1;
        } else if (byte != '\n' && (byte & 0xC0) != 0x80) {
            (*column)++;
        }
    }
}

static int compare_keys(const void *a, const void *b)
{
    const struct document_member *one = *(const struct document_member *const *)a;
    const struct document_member *other = *(const struct document_member *const *)b;
    int order = strcmp(one->key, other->key);
    if (order != 0)
        return order;
    return one < other ? -1 : one > other;
}

static void report_duplicate(const struct document_member *first, const struct document_member *again,
                             const struct document_path *parent, const struct document_report *report)
{
    struct document_path path = {.parent = parent, .key = again->key};
    char *where = document_path_text(&path);
    document_fault(report, again->line, again->column, where,
                   "duplicate key, already given at line %d, column %d; expected every key once", first->line,
                   first->column);
    free(where);
}

/* A key that was given again is reported and loses its name, so that it is taken out with the others at
 * fault. Sorted, because a hostile file may have a hundred thousand keys. */
static void mark_duplicates(struct document *map, const struct document_path *path,
                            const struct document_report *report)
{
    if (map->count < 2)
        return;
    struct document_member **sorted = memory_new(map->count, sizeof(struct document_member *));
    size_t count = 0;
    for (size_t i = 0; i < map->count; i++)
        if (map->members[i].key)
            sorted[count++] = &map->members[i];
    qsort(sorted, count, sizeof(struct document_member *), compare_keys);
    struct document_member *first = count > 0 ? sorted[0] : NULL;
    for (size_t i = 1; i < count; i++) {
        if (strcmp(first->key, sorted[i]->key) != 0) {
            first = sorted[i];
            continue;
        }
        report_duplicate(first, sorted[i], path, report);
        free(sorted[i]->key);
        sorted[i]->key = NULL;
    }
    free(sorted);
}

static void remove_faulty_members(struct document *map)
{
    size_t kept = 0;
    for (size_t i = 0; i < map->count; i++) {
        if (map->members[i].key)
            map->members[kept++] = map->members[i];
        else
            document_destroy(map->members[i].value);
    }
    map->count = kept;
}

static void check_keys(struct document *node, const struct document_path *path,
                       const struct document_report *report)
{
    if (node->kind == DOCUMENT_MAP) {
        mark_duplicates(node, path, report);
        remove_faulty_members(node);
    }
    for (size_t i = 0; i < node->count; i++) {
        struct document_path child = {.parent = path, .key = node->members[i].key, .index = i};
        check_keys(node->members[i].value, &child, report);
    }
}

static bool is_blank(const char *data, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (!strchr(" \t\r\n", data[i]) || data[i] == '\0')
            return false;
    return true;
}

static bool is_readable(const char *data, size_t length, const struct document_report *report)
{
    size_t valid = utf8_valid_length(data, length);
    if (valid < length) {
        int line;
        int column;
        document_position(data, valid, &line, &column);
        document_fault(report, line, column, NULL, "the byte 0x%02X is not valid UTF-8, expected UTF-8 text",
                       (unsigned)(unsigned char)data[valid]);
        return false;
    }
    if (is_blank(data, length)) {
        document_fault(report, 1, 1, NULL, "the document is empty, expected an object");
        return false;
    }
    return true;
}

struct document *document_read(enum document_format format, const char *data, size_t length,
                               const struct document_report *report)
{
    if (length > DOCUMENT_MAX_BYTES) {
        document_fault(report, 0, 0, NULL, "the document has %zu bytes, expected at most 1 MiB (%zu bytes)",
                       length, DOCUMENT_MAX_BYTES);
        return NULL;
    }
    if (length >= 3 && memcmp(data, "\xEF\xBB\xBF", 3) == 0) {
        data += 3;
        length -= 3;
    }
    if (!is_readable(data, length, report))
        return NULL;
    struct document *root = format == DOCUMENT_JSON ? document_read_json(data, length, report)
                                                    : document_read_yaml(data, length, report);
    if (root)
        check_keys(root, NULL, report);
    return root;
}
