#include <cjson/cJSON.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "commands.h"
#include "find.h"
#include "platform/clock.h"
#include "print_json.h"
#include "status_text.h"
#include "table.h"

#define ANSWER_MS      10000
#define WATCH_EVERY_MS 1000

struct values {
    struct find_values find;
    bool json;
    bool watch;
};

static const struct option options[] = {
    {"json", 0, OPTION_FLAG, offsetof(struct values, json), NULL, "the whole status object", NULL},
    {"watch", 'w', OPTION_FLAG, offsetof(struct values, watch), NULL, "anew every second, until Ctrl-C",
     NULL},
    {0},
};

static const struct option_group groups[] = {
    {"Options", options, 0},
    FIND_GROUP(offsetof(struct values, find)),
    {0},
};

static void print_status(const cJSON *status, const struct values *values)
{
    if (values->json && values->watch) {
        print_json_line(status);
        return;
    }
    if (values->json) {
        print_json_document(status);
        return;
    }
    struct text out = {0};
    if (values->watch && isatty(STDOUT_FILENO))
        text_append(&out, "\033[H\033[2J");
    status_text(status, clock_wall_ms(), table_terminal_width(STDOUT_FILENO), &out);
    fputs(text_get(&out), stdout);
    text_finish(&out);
}

static enum exit_code run(const void *given, const struct strings *names)
{
    const struct values *values = given;
    struct client *client;
    enum exit_code code = find_client_or_complain(&values->find, &client);
    if (code != EXIT_FINE)
        return code;
    for (;;) {
        cJSON *status;
        code = find_call(client, "runtime_status", NULL, ANSWER_MS, &status);
        if (code == EXIT_FINE)
            print_status(status, values);
        cJSON_Delete(status);
        /* A reader that is gone ends the watch. */
        if (code != EXIT_FINE || !values->watch || fflush(stdout) != 0)
            break;
        poll(NULL, 0, WATCH_EVERY_MS);
    }
    client_destroy(client);
    return code;
}

const struct command cli_status = {
    .name = "status",
    .summary = "how everything stands, as one table",
    .names = "",
    .help = "Prints each sidecar's state, pid, port, uptime, restarts, memory, CPU and last error. The exit "
            "code is 0\n"
            "whenever the supervisor answered, and 4 when none runs.\n\n"
            "  sidecard status\n"
            "  sidecard status --json | jq .state",
    .groups = groups,
    .values_size = sizeof(struct values),
    .run = run,
};
