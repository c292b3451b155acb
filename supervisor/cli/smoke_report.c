#include "smoke_report.h"

#include <cjson/cJSON.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "control/json_print.h"
#include "fields.h"
#include "humane.h"
#include "readiness.h"

void smoke_report_finish(struct smoke_report *report)
{
    for (size_t i = 0; i < report->count; i++) {
        free(report->checks[i].name);
        free(report->checks[i].detail);
    }
    free(report->checks);
    *report = (struct smoke_report){0};
}

void smoke_report_add(struct smoke_report *report, bool passed, char *detail, const char *format, ...)
{
    struct text name = {0};
    va_list arguments;
    va_start(arguments, format);
    text_vprintf(&name, format, arguments);
    va_end(arguments);
    report->checks = memory_grow(report->checks, report->count, &report->capacity, sizeof(*report->checks));
    report->checks[report->count++] =
        (struct smoke_check){.name = text_take(&name), .passed = passed, .detail = detail};
}

/* Why a row is not what it has to be: its error, and the end of what it printed to stderr. */
static char *row_detail(const cJSON *row)
{
    struct text detail = {0};
    const char *error = field_text(row, "last_error", NULL);
    const char *remedy = field_text(field_tree(row, "error"), "remedy", NULL);
    const char *printed = field_text(field_tree(row, "last_exit"), "stderr", "");
    text_printf(&detail, "%s is %s%s%s", field_text(row, "name", "?"), field_text(row, "state", "?"),
                error ? ": " : "", error ? error : "");
    if (remedy)
        text_printf(&detail, "; %s", remedy);
    if (*printed)
        text_printf(&detail, "\nstderr:\n%s", printed);
    return text_take(&detail);
}

static void add_row(struct smoke_report *report, const cJSON *row)
{
    const cJSON *probe = field_tree(row, "probe");
    const char *name = field_text(row, "name", "?");
    bool ready = readiness_of_row(row) == READINESS_READY;
    bool answers = field_flag(probe, "ok", ready);
    if (!ready || !answers) {
        smoke_report_add(report, false, row_detail(row), "%s is ready", name);
        return;
    }
    int64_t started = field_integer(row, "started_at_ms", 0);
    int64_t ready_at = field_integer(row, "ready_at_ms", 0);
    char *took = started > 0 && ready_at >= started ? humane_duration(ready_at - started) : NULL;
    smoke_report_add(report, true, NULL, "%s is ready (%s probe%s%s)", name, field_text(probe, "kind", "no"),
                     took ? ", after " : "", took ? took : "");
    free(took);
}

void smoke_report_add_rows(struct smoke_report *report, const cJSON *status)
{
    const cJSON *row;
    cJSON_ArrayForEach(row, field_tree(status, "sidecars"))
    {
        if (strcmp(field_text(row, "state", ""), "stopped") != 0)
            add_row(report, row);
    }
}

bool smoke_report_passed(const struct smoke_report *report)
{
    for (size_t i = 0; i < report->count; i++)
        if (!report->checks[i].passed)
            return false;
    return true;
}

/* A JSON text is a YAML text; newlines are escaped in it. '#' would begin a directive in the name. */
static void append_detail(const char *detail, struct text *out)
{
    text_append(out, "  ---\n  message: ");
    json_print_text(out, detail);
    text_append(out, "\n  ...\n");
}

void smoke_report_tap(const struct smoke_report *report, struct text *out)
{
    text_append(out, "TAP version 14\n");
    for (size_t i = 0; i < report->count; i++) {
        const struct smoke_check *check = &report->checks[i];
        text_printf(out, "%s %zu - ", check->passed ? "ok" : "not ok", i + 1);
        for (const char *at = check->name; *at; at++)
            text_printf(out, *at == '#' ? "\\%c" : "%c", *at);
        text_append(out, "\n");
        if (!check->passed && check->detail)
            append_detail(check->detail, out);
    }
    text_printf(out, "1..%zu\n", report->count);
}

static void append_xml(const char *string, struct text *out)
{
    for (const char *at = string; *at; at++) {
        unsigned char byte = (unsigned char)*at;
        if (byte == '<')
            text_append(out, "&lt;");
        else if (byte == '&')
            text_append(out, "&amp;");
        else if (byte == '"')
            text_append(out, "&quot;");
        else if (byte >= 0x20 || byte == '\n' || byte == '\t')
            text_append_bytes(out, at, 1);
    }
}

static size_t count_failed(const struct smoke_report *report)
{
    size_t failed = 0;
    for (size_t i = 0; i < report->count; i++)
        failed += !report->checks[i].passed;
    return failed;
}

void smoke_report_junit(const struct smoke_report *report, double seconds, struct text *out)
{
    text_append(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    text_printf(out, "<testsuite name=\"sidecard smoke\" tests=\"%zu\" failures=\"%zu\" time=\"%.3f\">\n",
                report->count, count_failed(report), seconds);
    for (size_t i = 0; i < report->count; i++) {
        const struct smoke_check *check = &report->checks[i];
        text_append(out, "  <testcase classname=\"sidecard.smoke\" name=\"");
        append_xml(check->name, out);
        if (check->passed) {
            text_append(out, "\"/>\n");
            continue;
        }
        text_append(out, "\">\n    <failure message=\"");
        append_xml(check->detail ? check->detail : check->name, out);
        text_append(out, "\"/>\n  </testcase>\n");
    }
    text_append(out, "</testsuite>\n");
}
