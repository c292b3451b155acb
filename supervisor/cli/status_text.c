#include "status_text.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "fields.h"
#include "humane.h"
#include "table.h"

static const char *const heads[] = {"NAME",      "STATE",   ">PID", ">PORT",     ">UPTIME",
                                    ">RESTARTS", ">MEMORY", ">CPU", "LAST ERROR"};

static char *number_cell(const cJSON *row, const char *name)
{
    int64_t number = field_integer(row, name, -1);
    return number < 0 ? NULL : text_format("%lld", (long long)number);
}

static char *uptime_cell(const cJSON *row, int64_t now_ms)
{
    int64_t started = field_integer(row, "started_at_ms", 0);
    bool runs = field_integer(row, "pid", 0) > 0;
    return started > 0 && runs ? humane_duration(now_ms - started) : NULL;
}

static char *memory_cell(const cJSON *row)
{
    int64_t bytes = field_integer(row, "memory_bytes", -1);
    return bytes < 0 ? NULL : humane_size(bytes);
}

static char *cpu_cell(const cJSON *row)
{
    double percent = field_number(row, "cpu_percent", -1);
    return percent < 0 ? NULL : text_format("%.1f %%", percent);
}

/* One line, whatever the error holds. */
static char *error_cell(const cJSON *row)
{
    const char *error = field_text(row, "last_error", NULL);
    char *cell = text_format("%s", error ? error : "");
    for (char *at = cell; *at; at++)
        if (*at == '\n' || *at == '\t' || *at == '\r')
            *at = ' ';
    return cell;
}

static void add_row(struct table *table, const cJSON *row, int64_t now_ms)
{
    table_add(table, field_text(row, "name", "?"));
    table_add(table, field_text(row, "state", "?"));
    table_take(table, number_cell(row, "pid"));
    table_take(table, number_cell(row, "port"));
    table_take(table, uptime_cell(row, now_ms));
    table_take(table, number_cell(row, "restarts"));
    table_take(table, memory_cell(row));
    table_take(table, cpu_cell(row));
    table_take(table, error_cell(row));
}

static void print_head(const cJSON *status, const cJSON *supervisor, struct text *out)
{
    char *uptime = humane_duration(field_integer(supervisor, "uptime_ms", 0));
    text_printf(out, "%s (%s), supervisor pid %lld, up %s\n", field_text(status, "state", "?"),
                field_text(status, "mode", "?"), (long long)field_integer(supervisor, "pid", 0), uptime);
    free(uptime);
    const cJSON *startup = field_tree(status, "startup");
    if (startup)
        text_printf(out, "%lld %%: %s\n", (long long)field_integer(startup, "percent", 0),
                    field_text(startup, "message", ""));
}

void status_text(const cJSON *status, int64_t now_ms, size_t width, struct text *out)
{
    const cJSON *supervisor = field_tree(status, "supervisor");
    print_head(status, supervisor, out);
    struct table table;
    table_init(&table, heads, sizeof(heads) / sizeof(*heads));
    const cJSON *row;
    cJSON_ArrayForEach(row, field_tree(status, "sidecars"))
    {
        add_row(&table, row, now_ms);
    }
    text_append(out, "\n");
    table_print(&table, width, out);
    table_finish(&table);
    const char *trouble = field_text(status, "diagnostics_error", NULL);
    if (trouble)
        text_printf(out, "\nthe event feed cannot be written: %s\n", trouble);
}
