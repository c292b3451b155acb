#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>
#include <cmocka.h>

#include "base/memory.h"
#include "base/text.h"
#include "document_fixture.h"

struct strings reported;

static void keep(void *context, int line, int column, const char *path, const char *message)
{
    strings_take(context,
                 text_format("%d:%d: %s%s%s", line, column, path ? path : "", path ? ": " : "", message));
}

struct document *read_bytes(enum document_format format, const char *data, size_t length)
{
    /* A copy of exactly that size: the sanitizer sees whoever reads past its end. */
    char *copy = malloc(length ? length : 1);
    memcpy(copy, data, length);
    strings_finish(&reported);
    struct document_report report = {.fault = keep, .context = &reported};
    struct document *root = document_read(format, copy, length, &report);
    free(copy);
    return root;
}

struct document *read_text(enum document_format format, const char *text)
{
    return read_bytes(format, text, strlen(text));
}

void assert_means(enum document_format format, const char *text, const char *json)
{
    struct document *root = read_text(format, text);
    char *faults = strings_join(&reported, "\n");
    assert_string_equal(faults, "");
    assert_non_null(root);
    cJSON *tree = document_to_json(root);
    char *printed = cJSON_PrintUnformatted(tree);
    assert_string_equal(printed, json);
    cJSON_free(printed);
    cJSON_Delete(tree);
    document_destroy(root);
    free(faults);
    strings_finish(&reported);
}

void assert_fault(enum document_format format, const char *text, const char *fault)
{
    struct document *root = read_text(format, text);
    char *faults = strings_join(&reported, "\n");
    assert_string_equal(faults, fault);
    document_destroy(root);
    free(faults);
    strings_finish(&reported);
}
