#include <cjson/cJSON.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/text.h"
#include "colour.h"
#include "commands.h"
#include "feed/feed.h"
#include "fields.h"
#include "find.h"
#include "humane.h"
#include "platform/clock.h"
#include "print_json.h"

#define ANSWER_MS       10000
#define FOLLOW_EVERY_MS 250
#define PAGE            300 /* what one answer holds at most (control.md) */

struct values {
    struct find_values find;
    int64_t count;
    bool follow;
    bool json;
    const char *level;
    const char *source;
    const char *since;
};

static const struct values defaults = {.count = 80};

static const char *const levels[] = {"debug", "info", "warn", "error", NULL};

static const struct option options[] = {
    {"lines", 'n', OPTION_COUNT, offsetof(struct values, count), "N", "the newest so many (80)", NULL},
    {"follow", 'f', OPTION_FLAG, offsetof(struct values, follow), NULL, "and what comes, until Ctrl-C", NULL},
    {"level", 'l', OPTION_CHOICE, offsetof(struct values, level), "L",
     "debug, info, warn or error, and above", levels},
    {"source", 's', OPTION_TEXT, offsetof(struct values, source), "S",
     "of one sidecar, or runtime, control, ...", NULL},
    {"since", 0, OPTION_TEXT, offsetof(struct values, since), "T", "10m, or \"2026-01-31 12:00\"", NULL},
    {"json", 0, OPTION_FLAG, offsetof(struct values, json), NULL, "one event a line, as it is stored", NULL},
    {0},
};

static const struct option_group groups[] = {
    {"Options", options, 0},
    FIND_GROUP(offsetof(struct values, find)),
    {0},
};

struct printer {
    const struct values *values;
    int64_t since_ms;
    bool colours;
};

static void print_event(const struct printer *printer, const cJSON *event)
{
    int64_t ts_ms = field_integer(event, "ts_ms", 0);
    if (ts_ms < printer->since_ms)
        return;
    if (printer->values->json) {
        print_json_line(event);
        return;
    }
    const char *level = field_text(event, "level", "?");
    const char *colour = printer->colours ? colour_of_level(level) : "";
    char *time = humane_time(ts_ms);
    printf("%s%s  %-5s  %-10s  %s%s\n", colour, time, level, field_text(event, "source", "?"),
           field_text(event, "message", ""), *colour ? COLOUR_NORMAL : "");
    free(time);
}

static cJSON *make_params(const struct values *values, int64_t limit, int64_t since_seq)
{
    cJSON *params = cJSON_CreateObject();
    cJSON_AddNumberToObject(params, "limit", (double)limit);
    if (values->level)
        cJSON_AddStringToObject(params, "level", values->level);
    if (values->source)
        cJSON_AddStringToObject(params, "source", values->source);
    if (since_seq >= 0)
        cJSON_AddNumberToObject(params, "since_seq", (double)since_seq);
    return params;
}

/* The newest `count` of the events that the pages behind this one have, all of them from one array. */
static void print_newest(const struct printer *printer, const cJSON *events, int64_t count)
{
    int64_t skipped = cJSON_GetArraySize(events) - count;
    const cJSON *event;
    cJSON_ArrayForEach(event, events)
    {
        if (skipped-- <= 0)
            print_event(printer, event);
    }
}

/* Moves the events of result to the end of all; *last_seq is where the next page begins. How many there were.
 */
static int take_page(cJSON *result, cJSON *all, int64_t *last_seq)
{
    cJSON *events = cJSON_GetObjectItemCaseSensitive(result, "events");
    int count = 0;
    for (cJSON *event; (event = cJSON_DetachItemFromArray(events, 0)); count++) {
        *last_seq = field_integer(event, "seq", *last_seq);
        cJSON_AddItemToArray(all, event);
    }
    return count;
}

static enum exit_code read_newest(struct client *client, const struct values *values, cJSON *all,
                                  int64_t *last_seq)
{
    /* More than one answer can hold are read from the oldest on, page by page. */
    bool paged = values->count > PAGE;
    int64_t limit = paged ? PAGE : values->count > 0 ? values->count : 1;
    int64_t since_seq = paged ? 0 : -1;
    cJSON *result = NULL;
    enum exit_code code;
    int count;
    do {
        code = find_call(client, "runtime_diagnostics", make_params(values, limit, since_seq), ANSWER_MS,
                         &result);
        count = code == EXIT_FINE ? take_page(result, all, &since_seq) : 0;
        if (code == EXIT_FINE)
            *last_seq = field_integer(result, "last_seq", since_seq);
        cJSON_Delete(result);
    } while (paged && count == PAGE);
    return code;
}

static enum exit_code follow(struct client *client, const struct printer *printer, int64_t last_seq)
{
    for (;;) {
        /* A reader that is gone ends it. */
        if (fflush(stdout) != 0)
            return EXIT_FAILED;
        poll(NULL, 0, FOLLOW_EVERY_MS);
        cJSON *result;
        cJSON *events = cJSON_CreateArray();
        enum exit_code code = find_call(client, "runtime_diagnostics",
                                        make_params(printer->values, PAGE, last_seq), ANSWER_MS, &result);
        if (code == EXIT_FINE)
            take_page(result, events, &last_seq);
        print_newest(printer, events, PAGE);
        cJSON_Delete(events);
        cJSON_Delete(result);
        if (code != EXIT_FINE)
            return code;
    }
}

static enum exit_code ask_supervisor(struct client *client, const struct printer *printer)
{
    cJSON *events = cJSON_CreateArray();
    int64_t last_seq = 0;
    enum exit_code code = read_newest(client, printer->values, events, &last_seq);
    print_newest(printer, events, printer->values->count);
    cJSON_Delete(events);
    return code == EXIT_FINE && printer->values->follow ? follow(client, printer, last_seq) : code;
}

static char *snapshot_path(const struct find_place *place)
{
    if (place->diagnostics_path)
        return memory_copy_text(place->diagnostics_path);
    return text_format("%s/runtime/%s", place->data_dir, FEED_FILE_NAME);
}

static int read_snapshot(const struct find_place *place, const struct values *values, cJSON **events,
                         struct error *error)
{
    struct event_query query = {
        .limit = (size_t)values->count, .min_level = LEVEL_DEBUG, .source = values->source};
    if (values->level)
        event_level_from_name(values->level, &query.min_level);
    char *path = snapshot_path(place);
    size_t most = values->count > FEED_MAX_EVENTS ? (size_t)values->count : FEED_MAX_EVENTS;
    int result = feed_read_files(path, most, &query, events, error);
    free(path);
    return result;
}

/* Items of the array may be raw JSON: made for printing, not for looking into. */
static void print_raw_events(const struct printer *printer, const cJSON *events)
{
    const cJSON *raw;
    cJSON_ArrayForEach(raw, events)
    {
        cJSON *event = cJSON_IsRaw(raw) ? cJSON_Parse(raw->valuestring) : cJSON_Duplicate(raw, true);
        print_event(printer, event);
        cJSON_Delete(event);
    }
}

static enum exit_code read_files(const struct printer *printer, const struct error *why_no_supervisor)
{
    struct find_place place;
    cJSON *events = NULL;
    enum exit_code code = EXIT_FINE;
    if (find_place(&printer->values->find, &place, NULL) == 0 &&
        read_snapshot(&place, printer->values, &events, NULL) == 0) {
        print_raw_events(printer, events);
    } else {
        complain_error(why_no_supervisor);
        code = EXIT_NOT_RUNNING;
    }
    cJSON_Delete(events);
    find_place_finish(&place);
    return code;
}

static enum exit_code run(const void *given, const struct strings *names)
{
    const struct values *values = given;
    struct printer printer = {.values = values, .colours = colour_wanted(STDOUT_FILENO)};
    if (values->since)
        printer.since_ms = humane_since(values->since, clock_wall_ms());
    if (printer.since_ms < 0) {
        complain("diagnostics: --since: expected a duration (10m) or a time (2026-01-31 12:00), got \"%s\"",
                 values->since);
        return EXIT_USAGE;
    }
    struct client *client;
    struct error error = {0};
    enum exit_code code;
    int result = find_client(&values->find, &client, &error);
    if (result == 0) {
        code = ask_supervisor(client, &printer);
        client_destroy(client);
    } else if (result == ERROR_NOT_RUNNING && !values->follow) {
        code = read_files(&printer, &error);
    } else {
        complain_error(&error);
        code = result == ERROR_INVALID ? EXIT_USAGE : exit_code_of_error(error.code);
    }
    error_finish(&error);
    return code;
}

const struct command cli_diagnostics = {
    .name = "diagnostics",
    .summary = "what happened: the event feed",
    .names = "",
    .help = "Prints the newest events, oldest first. Where no supervisor runs, they are read from the file "
            "that the last\n"
            "one left (with --data-dir, --profile, or a profile in this folder).\n\n"
            "  sidecard diagnostics -n 20 --level warn\n"
            "  sidecard diagnostics -f --source backend\n"
            "  sidecard diagnostics --since 10m --json",
    .groups = groups,
    .values_size = sizeof(struct values),
    .defaults = &defaults,
    .run = run,
};
