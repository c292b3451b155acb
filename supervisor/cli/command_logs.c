#include <cjson/cJSON.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/path.h"
#include "base/text.h"
#include "colour.h"
#include "commands.h"
#include "control/json_print.h"
#include "fields.h"
#include "find.h"
#include "humane.h"
#include "log_merge.h"
#include "logs/log_reader.h"
#include "platform/clock.h"

#define ANSWER_MS       10000
#define FOLLOW_EVERY_MS 250
#define FOLLOW_LINES    10000 /* of one sidecar in one look; its ring holds fewer */

struct values {
    struct find_values find;
    int64_t count;
    bool follow;
    bool timestamps;
    bool json;
    const char *stream;
    const char *since;
};

static const struct values defaults = {.count = 100};

static const char *const streams[] = {"out", "err", NULL};

static const struct option options[] = {
    {"lines", 'n', OPTION_COUNT, offsetof(struct values, count), "N",
     "the newest so many of each sidecar (100)", NULL},
    {"follow", 'f', OPTION_FLAG, offsetof(struct values, follow), NULL, "and what comes, until Ctrl-C", NULL},
    {"timestamps", 't', OPTION_FLAG, offsetof(struct values, timestamps), NULL, "the time before each line",
     NULL},
    {"stream", 0, OPTION_CHOICE, offsetof(struct values, stream), "S", "out or err alone", streams},
    {"since", 0, OPTION_TEXT, offsetof(struct values, since), "T", "10m, or \"2026-01-31 12:00\"", NULL},
    {"json", 0, OPTION_FLAG, offsetof(struct values, json), NULL,
     "one object a line: name, seq, ts_ms, stream, text", NULL},
    {0},
};

static const struct option_group groups[] = {
    {"Options", options, 0},
    FIND_GROUP(offsetof(struct values, find)),
    {0},
};

struct printer {
    const struct values *values;
    const struct strings *names;
    int64_t since_ms;
    bool colours;
    int name_width; /* 0: one sidecar alone, which need not be named */
};

static bool is_wanted(const struct printer *printer, const cJSON *line)
{
    const char *stream = field_text(line, "stream", NULL);
    int64_t ts_ms = field_integer(line, "ts_ms", -1);
    if (ts_ms >= 0 && ts_ms < printer->since_ms)
        return false;
    if (!printer->values->stream || !stream)
        return true;
    return strcmp(stream, strcmp(printer->values->stream, "out") == 0 ? "stdout" : "stderr") == 0;
}

static void print_as_json(const char *name, const cJSON *line)
{
    struct text out = {0};
    text_append(&out, "{\"name\":");
    json_print_text(&out, name);
    for (const cJSON *member = line->child; member; member = member->next) {
        text_printf(&out, ",\"%s\":", member->string);
        json_print(&out, member);
    }
    printf("%s}\n", text_get(&out));
    text_finish(&out);
}

static void print_line(const struct printer *printer, size_t name_index, const cJSON *line)
{
    const char *name = printer->names->items[name_index];
    if (!is_wanted(printer, line))
        return;
    if (printer->values->json) {
        print_as_json(name, line);
        return;
    }
    int64_t ts_ms = field_integer(line, "ts_ms", -1);
    if (printer->values->timestamps) {
        char *time = ts_ms >= 0 ? humane_time(ts_ms) : memory_copy_text("-");
        printf("%-23s  ", time);
        free(time);
    }
    if (printer->name_width > 0)
        printf("%s%-*s |%s ", printer->colours ? colour_of_index(name_index) : "", printer->name_width, name,
               printer->colours ? COLOUR_NORMAL : "");
    printf("%s\n", field_text(line, "text", ""));
}

static void print_merged(const struct printer *printer, cJSON *const *results)
{
    struct log_merge merge;
    log_merge_init(&merge, results, printer->names->count);
    size_t from;
    for (const cJSON *line; (line = log_merge_next(&merge, &from));)
        print_line(printer, from, line);
    log_merge_finish(&merge);
}

static void free_results(cJSON **results, size_t count)
{
    for (size_t i = 0; i < count; i++)
        cJSON_Delete(results[i]);
    free(results);
}

static int64_t last_seq_of(const cJSON *result, int64_t before)
{
    const cJSON *lines = field_tree(result, "lines");
    const cJSON *last = cJSON_GetArrayItem(lines, cJSON_GetArraySize(lines) - 1);
    return field_integer(last, "seq", before);
}

/* since_seq[i] < 0: the newest `tail`. */
static enum exit_code look(struct client *client, const struct printer *printer, int64_t *since_seq,
                           int64_t tail)
{
    const struct strings *names = printer->names;
    cJSON **results = memory_new(names->count, sizeof(cJSON *));
    enum exit_code code = EXIT_FINE;
    for (size_t i = 0; i < names->count && code == EXIT_FINE; i++) {
        cJSON *params = cJSON_CreateObject();
        cJSON_AddStringToObject(params, "name", names->items[i]);
        cJSON_AddNumberToObject(params, "tail", (double)tail);
        if (since_seq[i] >= 0)
            cJSON_AddNumberToObject(params, "since_seq", (double)since_seq[i]);
        code = find_call(client, "sidecar_logs", params, ANSWER_MS, &results[i]);
        int64_t dropped = since_seq[i] >= 0 ? field_integer(results[i], "dropped", 0) : 0;
        if (dropped > 0)
            complain("%lld lines of %s came too fast to be shown", (long long)dropped, names->items[i]);
        since_seq[i] = last_seq_of(results[i], since_seq[i] < 0 ? 0 : since_seq[i]);
    }
    if (code == EXIT_FINE)
        print_merged(printer, results);
    free_results(results, names->count);
    return code;
}

static enum exit_code ask_supervisor(struct client *client, const struct printer *printer)
{
    int64_t *since_seq = memory_new(printer->names->count, sizeof(*since_seq));
    for (size_t i = 0; i < printer->names->count; i++)
        since_seq[i] = -1;
    enum exit_code code = look(client, printer, since_seq, printer->values->count);
    while (code == EXIT_FINE && printer->values->follow && fflush(stdout) == 0) {
        poll(NULL, 0, FOLLOW_EVERY_MS);
        code = look(client, printer, since_seq, FOLLOW_LINES);
    }
    free(since_seq);
    return code;
}

static enum exit_code add_all_names(struct client *client, struct strings *names)
{
    cJSON *status;
    enum exit_code code = find_call(client, "runtime_status", NULL, ANSWER_MS, &status);
    const cJSON *row;
    cJSON_ArrayForEach(row, field_tree(status, "sidecars"))
    {
        if (strcmp(field_text(row, "state", ""), "remote") != 0)
            strings_add(names, field_text(row, "name", "?"));
    }
    cJSON_Delete(status);
    return code;
}

static void set_names(struct printer *printer, const struct strings *names)
{
    printer->names = names;
    for (size_t i = 0; names->count > 1 && i < names->count; i++)
        if ((int)strlen(names->items[i]) > printer->name_width)
            printer->name_width = (int)strlen(names->items[i]);
}

static enum exit_code read_folder(struct printer *printer, const char *folder, struct strings *names)
{
    if (names->count == 0)
        logs_list(folder, names);
    if (names->count == 0) {
        complain("no supervisor is running, and there are no logs in %s", folder);
        return EXIT_NOT_RUNNING;
    }
    set_names(printer, names);
    cJSON **results = memory_new(names->count, sizeof(cJSON *));
    enum exit_code code = EXIT_FINE;
    for (size_t i = 0; i < names->count; i++) {
        struct error error = {0};
        if (logs_read_tail(folder, names->items[i], (int)printer->values->count, &results[i], &error) != 0) {
            complain_error(&error);
            code = EXIT_FAILED;
        }
        error_finish(&error);
    }
    print_merged(printer, results);
    free_results(results, names->count);
    return code;
}

static enum exit_code read_files(struct printer *printer, struct strings *names,
                                 const struct error *why_no_supervisor)
{
    struct find_place place;
    enum exit_code code = EXIT_NOT_RUNNING;
    if (find_place(&printer->values->find, &place, NULL) == 0) {
        char *folder = path_join(place.data_dir, "logs");
        code = read_folder(printer, folder, names);
        free(folder);
    } else {
        complain_error(why_no_supervisor);
    }
    find_place_finish(&place);
    return code;
}

static enum exit_code print_logs(struct printer *printer, struct strings *names)
{
    struct client *client;
    struct error error = {0};
    enum exit_code code = EXIT_FINE;
    int result = find_client(&printer->values->find, &client, &error);
    if (result == 0) {
        if (names->count == 0)
            code = add_all_names(client, names);
        set_names(printer, names);
        if (code == EXIT_FINE)
            code = ask_supervisor(client, printer);
        client_destroy(client);
    } else if (result == ERROR_NOT_RUNNING && !printer->values->follow) {
        code = read_files(printer, names, &error);
    } else {
        complain_error(&error);
        code = result == ERROR_INVALID ? EXIT_USAGE : exit_code_of_error(error.code);
    }
    error_finish(&error);
    return code;
}

static enum exit_code run(const void *given, const struct strings *names)
{
    const struct values *values = given;
    struct printer printer = {.values = values, .colours = colour_wanted(STDOUT_FILENO)};
    if (values->since)
        printer.since_ms = humane_since(values->since, clock_wall_ms());
    if (printer.since_ms < 0) {
        complain("logs: --since: expected a duration (10m) or a time (2026-01-31 12:00), got \"%s\"",
                 values->since);
        return EXIT_USAGE;
    }
    struct strings wanted = {0};
    strings_copy(&wanted, names);
    enum exit_code code = print_logs(&printer, &wanted);
    strings_finish(&wanted);
    return code;
}

const struct command cli_logs = {
    .name = "logs",
    .summary = "what the sidecars printed",
    .names = "[NAME...]",
    .names_max = NAMES_ANY,
    .help = "Prints the newest lines that were captured, of all sidecars or of these; 'sidecard' is the "
            "supervisor's own\n"
            "log. Where no supervisor runs, they are read from the files in <data_dir>/logs.\n\n"
            "  sidecard logs backend -n 50\n"
            "  sidecard logs -f -t\n"
            "  sidecard logs web --stream err --since 10m",
    .groups = groups,
    .values_size = sizeof(struct values),
    .defaults = &defaults,
    .run = run,
};
